"""The seven points of a definition, and what else is worth a thought."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout

from kpidesk.domain.finding import Status
from kpidesk.present.editor import Advice, Point7
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Card, Divider, Pressable, keyboard_focus
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import fix_height, scaled
from kpidesk.ui.views.kpi_editor.advice_line import AdviceLine
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.roving import RovingFocus

_ROW = 34


class _Point(Pressable):
    """One point; pressing it goes to its field."""

    def __init__(self, value: Point7) -> None:
        super().__init__()
        self.value = value
        self.setAccessibleName(f"{value.title}. {value.detail}")
        self.setAccessibleDescription("Goes to the field")
        self.setToolTip(value.detail.replace("<", "‹"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        fix_height(self, _ROW)

    def sizeHint(self) -> QSize:
        """Return the height of two lines."""
        return QSize(scaled(200), scaled(_ROW))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint mark, title and detail."""
        del event
        painter, side, left = QPainter(self), scaled(14), scaled(25)
        paint.status_mark(painter, QRectF(1, scaled(3), side, side), self.value.status)
        room = self.width() - left
        paint.line(painter, QRectF(left, 0, room, scaled(18)), self.value.title, "smallm")
        paint.line(painter, QRectF(left, scaled(17), room, scaled(15)), self.value.detail, "cap", "text2")
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect(), 4)


class QualityPanel(Card):
    """A checklist. `chosen` carries the part of the form that a pressed line is about, `taken` the Offer of an advice."""

    chosen = Signal(str)
    taken = Signal(object)

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
        self._rows.setSpacing(0)
        body.addLayout(self._rows)
        body.addStretch(1)

    def show_points(self, points: Sequence[Point7], advice: Sequence[Advice]) -> None:
        """Show the points, then the advice."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        met = sum(one.status is Status.GOOD for one in points)
        self.count.setText(f"{met} of {len(points)}")
        self.setAccessibleName(f"Definition quality, {met} of {len(points)}")
        self.setAccessibleDescription("; ".join(f"{one.title}, {one.detail}" for one in points))
        lines = [_Point(one) for one in points]
        for line in lines:
            line.clicked.connect(lambda _=False, part=line.value.part: self.chosen.emit(part))
            self._rows.addWidget(line)
        if lines:
            RovingFocus(lines[0], lines)
        if advice:
            self._rows.addSpacing(6)
            self._rows.addWidget(Divider())
            self._rows.addSpacing(6)
        for worth in advice:
            told = AdviceLine(worth)
            told.taken.connect(self.taken)
            self._rows.addWidget(told)
