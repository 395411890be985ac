"""What the windows of the Help menu share: a heading, a page that scrolls, and a row of buttons."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, scaled


class _Page(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface."""
        QPainter(self).fillRect(event.rect(), color("surface"))


class Sheet(QDialog):
    """A window beside the main one, which goes on working. `head` and `body` take widgets, `buttons` buttons before Close."""

    def __init__(self, title: str, parent: QWidget, width: int = 560, height: int = 620) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.resize(scaled(width), scaled(height))
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(12)
        self.title = Label(title, "h2")
        self.head = QVBoxLayout()
        self.head.setSpacing(8)
        self.head.addWidget(self.title)
        column.addLayout(self.head)
        page = _Page()
        self.body = QVBoxLayout(page)
        self.body.setContentsMargins(16, 12, 16, 16)
        self.body.setSpacing(4)
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setWidget(page)
        column.addWidget(self.area, 1)
        self.buttons = QHBoxLayout()
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        close = Button("Close")
        close.clicked.connect(self.close)
        self.buttons.addWidget(close)
        column.addLayout(self.buttons)

    def clear(self) -> None:
        """Empty the page."""
        while (item := self.body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
