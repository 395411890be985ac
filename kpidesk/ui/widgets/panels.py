"""What the panels of a page share, and the attention list of the dashboard."""

from collections.abc import Sequence
from math import ceil

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.finding import Finding, Status
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.figures import Figures
from kpidesk.ui.widgets.roving import RovingFocus


class Mark(QWidget):
    """A status shape with its word for assistive technology."""

    def __init__(self, status: Status, size: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status, self._size = status, size
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(status.word)

    def sizeHint(self) -> QSize:
        """Return the room of the shape."""
        return QSize(scaled(self._size) + 2, scaled(self._size) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shape."""
        del event
        side = scaled(self._size)
        paint.status_mark(QPainter(self), QRectF(1, 1, side, side), self.status)


class Chip(QWidget):
    """A status chip."""

    def __init__(self, status: Status, words: str) -> None:
        super().__init__()
        self._status, self._words = status, words
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        """Return the room of the chip."""
        return QSize(ceil(paint.chip_width(self._words)), scaled(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chip."""
        del event
        paint.chip(QPainter(self), self.width(), 0, self._status, self._words)


class PanelHead(QWidget):
    """The head of a panel: its title, and what stands at the right."""

    def __init__(self, title: str, *right: QWidget) -> None:
        super().__init__()
        fix_height(self, 44)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 2, 0, 0)
        row.setSpacing(12)
        row.addWidget(Label(title, "head"))
        row.addStretch(1)
        for widget in right:
            row.addWidget(widget)


def panel_body(card: Card) -> QVBoxLayout:
    """Return the layout of a panel whose head and rows touch."""
    body = QVBoxLayout(card)
    body.setContentsMargins(16, 0, 16, 12)
    body.setSpacing(0)
    return body


class AttentionPanel(Card):
    """What deserves attention, each with the one action that starts the fix."""

    acted = Signal(str, str)

    def __init__(self, findings: Sequence[Finding], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        body = panel_body(self)
        number = f"{len(findings)} {'item' if len(findings) == 1 else 'items'}"
        body.addWidget(PanelHead("Needs attention", *([Label(number, "small", "text2")] if findings else [])))
        links = []
        for finding in findings:
            body.addWidget(Divider())
            row, link = self._row(finding)
            body.addWidget(row)
            links.append(link)
        if not findings:
            body.addWidget(Divider())
            body.addSpacing(12)
            body.addWidget(Label("Nothing needs attention.", "small", "text2"))
        body.addStretch(1)
        RovingFocus(self, links)

    def _row(self, finding: Finding) -> tuple[QWidget, Button]:
        box = QWidget()
        fix_height(box, 56)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10)
        row.addWidget(Mark(finding.status))
        texts = QVBoxLayout()
        texts.setSpacing(2)
        texts.addStretch(1)
        texts.addWidget(Label(finding.title, "bodym", elide=True))
        texts.addWidget(Label(finding.reason, "small", "text2", elide=True))
        texts.addStretch(1)
        row.addLayout(texts, 1)
        link = Button(finding.action_label, "link")
        link.setAccessibleName(f"{finding.action_label}: {finding.title}")
        link.setAccessibleDescription(f"{finding.status.word}. {finding.reason}")
        link.clicked.connect(lambda: self.acted.emit(finding.action, finding.argument))
        Figures(link, lambda: [(finding.title, finding.figure)], menu=True)
        row.addWidget(link, 0, Qt.AlignmentFlag.AlignVCenter)
        return box, link
