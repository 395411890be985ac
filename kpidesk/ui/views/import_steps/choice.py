"""A combo box and a check box in the application's dress, for tables and problem fixes."""

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QSizePolicy, QWidget

from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font, line_height


class Choice(QComboBox):
    """Options as (key, label). `state` outlines it: "" plain, "warn" to check, "bad" to fix."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = ""
        self.setFont(font("body"))
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaxVisibleItems(14)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)

    def offer(self, options: tuple[tuple[str, str], ...], key: str) -> None:
        """Offer options and show one of them, without telling anybody."""
        blocked = self.blockSignals(True)
        if [(self.itemData(place), self.itemText(place)) for place in range(self.count())] != list(options):
            self.clear()
            for value, label in options:
                self.addItem(label, value)
        self.setCurrentIndex(max(0, self.findData(key)))
        self.blockSignals(blocked)
        self.update()

    @property
    def key(self) -> str:
        """The key of the option shown; "" when there is none."""
        return str(self.currentData() or "")

    def set_state(self, state: str) -> None:
        """Outline it as to check or to fix."""
        self._state = state
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of the widest option."""
        return QSize(min(super().sizeHint().width() + 12, 300), line_height("body") + 12)

    def minimumSizeHint(self) -> QSize:
        """Return a narrow width: a long option is elided."""
        return QSize(80, self.sizeHint().height())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the page: turning it must not change an answer."""
        event.ignore()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint field, text and arrow."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        outline = "focus" if focused else self._state or "border2"
        painter.setPen(QPen(color(outline), 2 if focused else 1))
        painter.setBrush(color("surface" if self.isEnabled() else "subtle"))
        inset = 1 if focused else 0.5
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 6, 6)
        face = font("body")
        painter.setFont(face)
        painter.setPen(color("text" if self.isEnabled() else "disabled"))
        inner = self.rect().adjusted(10, 0, -30, 0)
        text = QFontMetrics(face).elidedText(self.currentText(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)
        box = QRectF(self.width() - 25, (self.height() - 14) / 2, 14, 14)
        paint_icon(painter, box, "chevron-down", "text2" if self.isEnabled() else "disabled")


class Check(QCheckBox):
    """A check box in the application's dress."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setFont(font("body"))

    def sizeHint(self) -> QSize:
        """Return the room of box and text."""
        width = QFontMetrics(font("body")).horizontalAdvance(self.text())
        return QSize(16 + 8 + width + 4, line_height("body") + 8)

    def hitButton(self, pos: QPoint) -> bool:
        """Take clicks anywhere on box and text."""
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint box, tick, text and the focus ring."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - 15) / 2, 15, 15)
        checked = self.isChecked()
        painter.setPen(QPen(color("accent" if checked else "control"), 1))
        painter.setBrush(color("accent" if checked else "surface"))
        painter.drawRoundedRect(box, 3.5, 3.5)
        if checked:
            paint_icon(painter, box.adjusted(1.5, 1.5, -1.5, -1.5), "check", "on_accent")
        painter.setFont(font("body"))
        painter.setPen(color("text"))
        left = self.rect().adjusted(24, 0, 0, 0)
        painter.drawText(left, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, self.text())
        if self.hasFocus():
            painter.setPen(QPen(color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 4, 4)
