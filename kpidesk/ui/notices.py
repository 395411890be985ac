"""The bar at the bottom centre that says what was done and offers the way back. Never for errors."""

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QEnterEvent,
    QFontMetrics,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, font, scaled
from kpidesk.ui.widgets import paint

STAYS_MS = 8_000
_HEIGHT, _MARGIN, _RADIUS, _WIDEST = 44, 24, 8, 720


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done, and what can be done next: the word on the link, its shortcut if it has one, and its function."""

    text: str
    action: str = ""
    run: Callable[[], None] | None = None
    keys: str = ""


class _TipButton(QAbstractButton):
    """A link or an icon in the colours of a tooltip."""

    def __init__(self, icon: str = "") -> None:
        super().__init__()
        self._icon = icon
        self.keys = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room for icon or words and keys."""
        if self._icon:
            return QSize(scaled(28), scaled(28))
        width = QFontMetrics(font("strong")).horizontalAdvance(self.text()) + 12
        if self.keys:
            width += QFontMetrics(font("cap")).horizontalAdvance(self.keys) + 8
        return QSize(width, scaled(28))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, and a ring when focused."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.hasFocus():
            painter.setPen(QPen(color("tip_link"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 5, 5)
        if self._icon:
            inset = scaled(6)
            paint_icon(painter, self.rect().adjusted(inset, inset, -inset, -inset), self._icon, "tip_fg")
            return
        top = (self.height() - QFontMetrics(font("strong")).height()) / 2
        width = paint.text(painter, 6, top, self.text(), "strong", "tip_link")
        if self.keys:
            paint.text(painter, 14 + width, top + 2, self.keys, "cap", "tip_fg")


class NoticeBar(QWidget):
    """Shows one notice over the bottom of `over` for 8 seconds, longer while the pointer or the focus is on it."""

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.notice: Notice | None = None
        self._text = Label("", "body", "tip_fg", elide=True)
        self.link = _TipButton()
        self.link.clicked.connect(self._run)
        self.closing = _TipButton("x")
        self.closing.setAccessibleName("Dismiss")
        self.closing.setToolTip("Dismiss")
        self.closing.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(40, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self._text, 1)
        row.addWidget(self.link)
        row.addWidget(self.closing)
        self._timer = QTimer(self, singleShot=True, interval=STAYS_MS)
        self._timer.timeout.connect(self.dismiss)
        for part in (over, self.link, self.closing):
            part.installEventFilter(self)
        self.hide()

    @property
    def text(self) -> str:
        """What the bar says."""
        return "" if self.notice is None else self.notice.text

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of an earlier one, and tell it to those who do not see it."""
        self.notice = notice
        self._text.setText(notice.text)
        self.link.setText(notice.action)
        self.link.keys = notice.keys
        self.link.setVisible(notice.run is not None)
        self.link.updateGeometry()
        self._place()
        self.show()
        self.raise_()
        self._wait()
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, notice.text))

    def dismiss(self) -> None:
        """Take the notice away."""
        self._timer.stop()
        self.notice = None
        self.hide()

    @property
    def paused(self) -> bool:
        """Whether it stays because the pointer or the focus is on it."""
        return not self._timer.isActive() and self.isVisible()

    def _run(self) -> None:
        notice = self.notice
        self.dismiss()
        if notice is not None and notice.run is not None:
            notice.run()

    def _wait(self) -> None:
        if self.underMouse() or self.link.hasFocus() or self.closing.hasFocus():
            self._timer.stop()
        elif self.isVisible():
            self._timer.start()

    def _place(self) -> None:
        width = 40 + QFontMetrics(font("body")).horizontalAdvance(self._text.text()) + 60
        if self.notice is not None and self.notice.run is not None:
            width += self.link.sizeHint().width() + 16
        width = min(width, scaled(_WIDEST), self._over.width() - 2 * _MARGIN)
        left = (self._over.width() - width) // 2
        high = scaled(_HEIGHT)
        self.setGeometry(left, self._over.height() - high - _MARGIN, width, high)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the bottom centre, and stay longer while a part has the focus."""
        kind = event.type()
        if watched is self._over:
            if kind is QEvent.Type.Resize and self.isVisible():
                self._place()
        elif kind in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            # The focus has moved only after the event.
            QTimer.singleShot(0, self, self._wait)
        return False

    def enterEvent(self, event: QEnterEvent) -> None:
        """Stay while the pointer is here."""
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Count from the beginning again."""
        if self.isVisible() and not (self.link.hasFocus() or self.closing.hasFocus()):
            self._timer.start()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dark pill and its tick."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("tip_bg"))
        painter.drawRoundedRect(QRectF(self.rect()), _RADIUS, _RADIUS)
        paint_icon(painter, QRectF(14, (self.height() - 16) / 2, 16, 16), "check", "tip_fg")
