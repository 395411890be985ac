"""Buttons, cards and small controls, painted from tokens (design section 10)."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QSizePolicy, QWidget

from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font

_HEIGHT = 32
_RADIUS = 6.5


class Button(QAbstractButton):
    """A button: primary (one per page), secondary, ghost, danger or link; without text only its icon shows."""

    def __init__(
        self, text: str = "", kind: str = "secondary", icon: str | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self._kind = kind
        self._icon = icon
        self.setFont(font("bodym"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return the text's width and its margins."""
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        if self._icon:
            width += 16 + (7 if self.text() else 0)
        margins = 4 if self._kind == "link" else 28 if self.text() else 16
        return QSize(width + margins, 24 if self._kind == "link" else _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Press with Enter too: which keys press a button differs by desktop, and Space alone surprises."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.isAutoRepeat():
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint by kind and state."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        tone = self._background(painter, box)
        if self.hasFocus():
            painter.setPen(QPen(color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), _RADIUS, _RADIUS)
        width = QFontMetrics(self.font()).horizontalAdvance(self.text())
        total = width + ((16 + (7 if self.text() else 0)) if self._icon else 0)
        left = (self.width() - total) / 2
        if self._icon:
            paint_icon(painter, QRectF(left, (self.height() - 16) / 2, 16, 16), self._icon, tone)
            left += 23
        painter.setFont(self.font())
        painter.setPen(color(tone))
        painter.drawText(QRectF(left, 0, width + 2, self.height()), int(Qt.AlignmentFlag.AlignVCenter), self.text())

    def _background(self, painter: QPainter, box: QRectF) -> str:
        """Paint the ground and return the token of the text."""
        if self._kind == "link":
            return "accent_text" if self.isEnabled() else "disabled"
        if not self.isEnabled():
            painter.setPen(color("border"))
            painter.setBrush(color("subtle"))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
            return "disabled"
        if self._kind == "primary":
            state = "accent_press" if self.isDown() else "accent_hover" if self.underMouse() else "accent"
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(state))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
            return "on_accent"
        if self._kind != "ghost" or self.underMouse():
            painter.setPen(color("bad_bd" if self._kind == "danger" else "border2"))
            painter.setBrush(color("hover" if self.isDown() or self.underMouse() else "surface"))
            painter.drawRoundedRect(box, _RADIUS, _RADIUS)
        return "bad_fg" if self._kind == "danger" else "text"


class Segmented(QWidget):
    """Two to four short options of which one is chosen; arrows move."""

    changed = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], value: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._options = tuple(options)
        self.value = value
        self.setFont(font("bodym"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(", ".join(label for _, label in options))
        metrics = QFontMetrics(self.font())
        self._widths = [metrics.horizontalAdvance(label) + 28 for _, label in self._options]
        self.setFixedSize(sum(self._widths) + 6, _HEIGHT)

    def choose(self, value: str) -> None:
        """Choose an option and tell it."""
        if value != self.value:
            self.value = value
            self.update()
            self.changed.emit(value)

    def mousePressEvent(self, event: object) -> None:
        """Choose what is under the pointer."""
        left = 3.0
        place = event.position().x()  # type: ignore[attr-defined]  # a QMouseEvent
        for (key, _), width in zip(self._options, self._widths, strict=True):
            if left <= place < left + width:
                self.choose(key)
            left += width

    def keyPressEvent(self, event: object) -> None:
        """Move with the arrows."""
        keys = [key for key, _ in self._options]
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(event.key())  # type: ignore[attr-defined]
        if step is None:
            super().keyPressEvent(event)  # type: ignore[arg-type]
            return
        self.choose(keys[(keys.index(self.value) + step) % len(keys)])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the track and the chosen segment."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("focus"), 2) if self.hasFocus() else Qt.PenStyle.NoPen)
        painter.setBrush(color("hover"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 7, 7)
        painter.setFont(self.font())
        left = 3.0
        for (key, label), width in zip(self._options, self._widths, strict=True):
            box = QRectF(left, 3.5, width, _HEIGHT - 7)
            if key == self.value:
                painter.setPen(color("border2"))
                painter.setBrush(color("surface"))
                painter.drawRoundedRect(box, 5.5, 5.5)
            painter.setPen(color("text" if key == self.value else "text2"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), label)
            left += width


class Card(QFrame):
    """A surface with a one pixel border and round corners."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("border"))
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)


class Divider(QWidget):
    """A hairline."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        del event
        QPainter(self).fillRect(self.rect(), color("border"))
