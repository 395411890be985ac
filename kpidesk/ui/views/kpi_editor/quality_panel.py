"""The seven points of a definition, and what else is worth a thought."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.editor import Point7
from kpidesk.ui.controls import Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled
from kpidesk.ui.widgets.panels import Mark


class QualityPanel(Card):
    """A checklist. `chosen` carries the part of the form that a line is about."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        body = QVBoxLayout(self)
        body.setContentsMargins(16, 13, 16, 14)
        body.setSpacing(0)
        head = QHBoxLayout()
        self.count = Label("", "strong")
        head.addWidget(Label("Definition quality", "head"))
        head.addStretch(1)
        head.addWidget(self.count)
        body.addLayout(head)
        body.addSpacing(8)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(3)
        body.addLayout(self._rows)
        body.addStretch(1)

    def show_points(self, points: Sequence[Point7], advice: Sequence[str]) -> None:
        """Show the points, then the advice."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        met = sum(one.status is Status.GOOD for one in points)
        self.count.setText(f"{met} of {len(points)}")
        self.setAccessibleName(f"Definition quality, {met} of {len(points)}")
        self.setAccessibleDescription("; ".join(f"{one.title}, {one.detail}" for one in points))
        for one in points:
            self._rows.addWidget(self._row(one))
        if advice:
            self._rows.addSpacing(6)
            self._rows.addWidget(Divider())
            self._rows.addSpacing(6)
        for words in advice:
            self._rows.addWidget(Label(words, "small", "warn_fg", wrap=True))

    def _row(self, one: Point7) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(scaled(10))
        row.addWidget(Mark(one.status), 0, Qt.AlignmentFlag.AlignTop)
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(Label(one.title, "smallm"))
        texts.addWidget(Label(one.detail, "cap", "text2", elide=True))
        row.addLayout(texts, 1)
        return box
