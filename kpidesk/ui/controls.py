"""Buttons, cards and small controls, painted from tokens (design section 10)."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QHBoxLayout, QSizePolicy, QWidget

from kpidesk.ui import style_paint as look
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font, scaled

CARD_RADIUS = 10.0
_HEIGHT, _COMPACT, _LEAST = 32, 28, 24


def keyboard_focus(widget: QWidget) -> bool:
    """Tell whether a widget has the focus and shows it: only to those who move with the keyboard."""
    return widget.hasFocus() and widget.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)


class Pressable(QAbstractButton):
    """Acts on Enter as on Space."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Click on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)


class Button(Pressable):
    """A button: primary (one per page), secondary, ghost, danger or link; without text only its icon shows."""

    def __init__(
        self,
        text: str = "",
        kind: str = "secondary",
        icon: str | None = None,
        *,
        compact: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setText(text)
        self._kind = kind
        self._icon = icon
        self._role = "smallm" if compact or kind == "link" else "bodym"
        self._height = _LEAST if kind == "link" else _COMPACT if compact else _HEIGHT
        self._margins = 0 if kind == "link" else 20 if compact and text else 28 if text else self._height - 16
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _content_width(self) -> int:
        width = QFontMetrics(font(self._role)).horizontalAdvance(self.text())
        if self._icon:
            width += scaled(16) + (7 if self.text() else 0)
        return width

    def sizeHint(self) -> QSize:
        """Return the width of icon and text with their margins."""
        return QSize(self._content_width() + self._margins, scaled(self._height))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint by kind and state."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = self._background(painter)
        left, side = (self.width() - self._content_width()) / 2, scaled(16)
        if self._icon:
            paint_icon(painter, QRectF(left, (self.height() - side) / 2, side, side), self._icon, tone)
            left += side + 7
        painter.setFont(font(self._role))
        painter.setPen(color(tone))
        room = QRectF(left, 0, self.width() - left, self.height())
        painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), self.text())
        if keyboard_focus(self):
            if self._kind == "link":
                painter.fillRect(0, self.height() - 3, self.width(), 2, color("focus"))
            else:
                look.focus_ring(painter, self.rect(), look.BUTTON_RADIUS)

    def _background(self, painter: QPainter) -> str:
        """Paint the ground and return the token of the text."""
        over, down, box = self.underMouse(), self.isDown(), self.rect()
        if self._kind == "link":
            return "disabled" if not self.isEnabled() else "accent_hover" if over else "accent_text"
        fill, line, tone = "hover" if over or down else "surface", "border2", "text"
        if not self.isEnabled():
            quiet = self._kind == "ghost"
            fill, line, tone = "" if quiet else "subtle", "" if quiet else "border", "disabled"
        elif self._kind == "primary":
            fill, line = "accent_press" if down else "accent_hover" if over else "accent", ""
            tone = "on_accent"
        elif self._kind == "ghost":
            fill, line, tone = "hover" if over or down else "", "", "text" if over else "text2"
        elif self._kind == "danger":
            line, tone = "bad_bd", "bad_fg"
        look.rounded(painter, box, fill, line, radius=look.BUTTON_RADIUS)
        return tone


class _Segment(Pressable):
    """One option; in its group the arrows move and Tab goes only to the chosen one."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setText(text)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of the words."""
        return QSize(QFontMetrics(font("bodym")).horizontalAdvance(self.text()) + 28, scaled(_HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, on a pill when chosen."""
        del event
        painter = QPainter(self)
        if self.isChecked():
            look.rounded(painter, QRectF(self.rect()).adjusted(0, 3, 0, -3), "surface", "border2")
        if keyboard_focus(self):
            look.focus_ring(painter, QRectF(self.rect()).adjusted(0, 2, 0, -2))
        painter.setFont(font("bodym"))
        painter.setPen(color("text" if self.isChecked() or self.underMouse() else "text2"))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())


class Segmented(QWidget):
    """Two to four short options of which one is chosen."""

    changed = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str]], value: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.setAccessibleName(", ".join(label for _, label in options))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 0, 3, 0)
        row.setSpacing(0)
        group = QButtonGroup(self)
        self.segments: dict[str, QAbstractButton] = {}
        for key, label in options:
            segment = _Segment(label)
            segment.toggled.connect(lambda on, key=key: self.choose(key) if on else None)
            group.addButton(segment)
            row.addWidget(segment)
            self.segments[key] = segment
        self.segments[value].setChecked(True)
        self._make_one_stop()

    def choose(self, value: str) -> None:
        """Choose an option and tell it."""
        if value != self.value:
            self.value = value
            self.segments[value].setChecked(True)
            self._make_one_stop()
            self.changed.emit(value)

    def _make_one_stop(self) -> None:
        """Let Tab go to the chosen option: Qt itself sees to that only once the group has had the focus."""
        for segment in self.segments.values():
            chosen = segment.isChecked()
            segment.setFocusPolicy(Qt.FocusPolicy.StrongFocus if chosen else Qt.FocusPolicy.ClickFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the track."""
        del event
        look.rounded(QPainter(self), self.rect(), "hover", "", radius=7)


class Card(QFrame):
    """A surface with a one pixel border and round corners; a banner takes the tint of a status."""

    def __init__(self, parent: QWidget | None = None, *, tint: str = "") -> None:
        super().__init__(parent)
        self._fill, self._line = (f"{tint}_bg", f"{tint}_bd") if tint else ("surface", "border")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the surface."""
        del event
        look.rounded(QPainter(self), self.rect(), self._fill, self._line, radius=CARD_RADIUS)


class Divider(QWidget):
    """A hairline, across or upright."""

    def __init__(self, *, upright: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if upright:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line."""
        del event
        QPainter(self).fillRect(self.rect(), color("border"))


class Icon(QWidget):
    """An icon that is only looked at."""

    def __init__(self, name: str, tone: str = "text2", side: int = 16) -> None:
        super().__init__()
        self._name, self._tone, self._side = name, tone, side
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the size of the icon."""
        return QSize(scaled(self._side), scaled(self._side))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the icon."""
        del event
        paint_icon(QPainter(self), self.rect(), self._name, self._tone)
