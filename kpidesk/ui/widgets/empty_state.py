"""The empty state of a page or list: icon tile, title, one sentence, what to do (design section 12)."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Card
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label


class IconTile(QWidget):
    """An icon on a soft tile, 48 px unless told otherwise."""

    def __init__(self, name: str, width: int = 48, height: int = 48, side: int = 22) -> None:
        super().__init__()
        self._name, self._size, self._side = name, QSize(width, height), side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of the tile."""
        return self._size

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint tile and icon."""
        del event
        painter, side = QPainter(self), self._side
        look.rounded(painter, self.rect(), "accent_soft", "", radius=8)
        place = QRectF((self.width() - side) / 2, (self.height() - side) / 2, side, side)
        paint_icon(painter, place, self._name, "accent_text")


class EmptyState(Card):
    """Says what is missing, in the middle of a card, with the actions that help."""

    def __init__(self, icon: str, title: str, words: str, *actions: QWidget) -> None:
        super().__init__()
        body = QVBoxLayout(self)
        body.setContentsMargins(24, 52, 24, 40)
        body.setSpacing(6)
        centre = Qt.AlignmentFlag.AlignHCenter
        body.addStretch(1)
        body.addWidget(IconTile(icon), 0, centre)
        body.addSpacing(10)
        body.addWidget(Label(title, "h2"), 0, centre)
        body.addWidget(Label(words, "body", "text2"), 0, centre)
        body.addSpacing(12)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        for action in actions:
            row.addWidget(action)
        row.addStretch(1)
        body.addLayout(row)
        body.addStretch(1)
