"""The line above the page: a state of the workspace that lasts, or a trouble with one thing to do about it. One at a time."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QRectF
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.ui.controls import CARD_RADIUS, Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color
from kpidesk.ui.widgets.panels import Mark


@dataclass(frozen=True, slots=True)
class Standing:
    """What a banner says, and its one action. A lasting one is there for as long as what it says is true."""

    status: Status
    title: str
    text: str
    action: str = ""
    run: Callable[[], None] | None = None
    lasting: bool = False


class BannerBar(QWidget):
    """Shows the newest banner; when one that does not last is dismissed, the lasting one is seen again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shown: Standing | None = None
        self._lasting: Standing | None = None
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(38, 17, 36, 9)
        self._row.setSpacing(12)
        self.hide()

    def show_banner(self, banner: Standing | None) -> None:
        """Show a banner; None takes away the one that is shown and the lasting one."""
        if banner is None or banner.lasting:
            self._lasting = banner
        self._show(banner)

    def dismiss(self) -> None:
        """Take a banner away that does not last."""
        if self.shown is not None and not self.shown.lasting:
            self._show(self._lasting)

    def _show(self, banner: Standing | None) -> None:
        self.shown = banner
        while (item := self._row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.setVisible(banner is not None)
        if banner is None:
            return
        self._row.addWidget(Mark(banner.status, 16))
        words = QWidget()
        column = QVBoxLayout(words)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Label(banner.title, "strong", elide=True))
        column.addWidget(Label(banner.text, "small", "text2", elide=True))
        self._row.addWidget(words, 1)
        if banner.run is not None:
            act = Button(banner.action)
            act.clicked.connect(lambda _=False, run=banner.run: run())
            self._row.addWidget(act)
        if not banner.lasting:
            close = Button("Dismiss", "ghost")
            close.clicked.connect(self.dismiss)
            self._row.addWidget(close)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, f"{banner.title}. {banner.text}"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tint of the status and a line to the page."""
        if self.shown is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), color("canvas"))
        painter.setPen(color(f"{self.shown.status.value}_bd"))
        painter.setBrush(color(f"{self.shown.status.value}_bg"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(24.5, 8.5, -24.5, -0.5), CARD_RADIUS, CARD_RADIUS)
