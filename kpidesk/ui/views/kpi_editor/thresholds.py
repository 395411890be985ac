"""Target and at-risk limit on a wide bullet: dragged, or moved with the arrow keys, and mirrored by their fields."""

from dataclasses import dataclass
from math import floor, log10

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kpidesk.domain.kpi import Band, Direction, Display
from kpidesk.present.dashboard import Bullet
from kpidesk.present.numbers import value_text
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint

_HANDLE, _BAR_TOP, _BAR, _HEIGHT = 18, 16, 14, 52


@dataclass(frozen=True, slots=True)
class Scale:
    """What the bar shows, in base units: the value now, target and limit, and the end of the scale."""

    value: float | None
    target: float | None
    limit: float | None
    maximum: float
    direction: Direction
    display: Display
    currency: str
    bands: tuple[Band, ...] = ()

    @property
    def step(self) -> float:
        """What one press of an arrow moves: a percentage point, a day, a tenth of a multiple; of money a hundredth of the scale."""
        match self.display:
            case Display.PERCENT:
                return 0.01
            case Display.DAYS | Display.COUNT:
                return 1.0
            case Display.RATIO:
                return 0.1
            case Display.HOURS:
                return 1 / 24 if self.maximum > 1 else 1 / 96
        return float(10 ** floor(log10(self.maximum / 50))) if self.maximum > 0 else 1.0

    def shown_limit(self) -> float | None:
        """Return the limit, or where it lies by default: 10 % away from the target."""
        if self.limit is not None or self.target is None:
            return self.limit
        return self.target - 0.1 * abs(self.target) * (1 if self.direction is Direction.UP else -1)


class _Handle(QWidget):
    """One handle. `moved` carries by how many steps, `dragged` a place on the bar in px."""

    moved = Signal(int)
    dragged = Signal(float)

    def __init__(self, name: str, tone: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._tone = tone
        self.line = 0.0  # where on the handle the value lies; off its middle only at the ends of the bar
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.SizeHorCursor)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by one step, by ten with Shift."""
        ways = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}
        if event.key() in ways:
            large = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.moved.emit(ways[Qt.Key(event.key())] * (10 if large else 1))
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self.dragged.emit(self.mapToParent(event.position()).x())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the grip and the line through the bar."""
        del event
        painter, x = QPainter(self), self.line
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color(self._tone))
        half, shoulder, tip = scaled(5.5), scaled(6), scaled(10)
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(x - half, 1),
                    QPointF(x + half, 1),
                    QPointF(x + half, shoulder),
                    QPointF(x, tip),
                    QPointF(x - half, shoulder),
                ]
            )
        )
        painter.drawRect(QRectF(x - 1, shoulder, 2, self.height() - shoulder))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect(), 4)


class ThresholdBar(QWidget):
    """The wide bullet. `target_moved` and `limit_moved` carry the new value in base units."""

    target_moved = Signal(float)
    limit_moved = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._scale: Scale | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fix_height(self, _HEIGHT)
        self.limit = _Handle("At risk from", "control", self)
        self.target = _Handle("Target", "target", self)
        self.target.moved.connect(lambda steps: self._step(steps, limit=False))
        self.limit.moved.connect(lambda steps: self._step(steps, limit=True))
        self.target.dragged.connect(lambda x: self._drag(x, limit=False))
        self.limit.dragged.connect(lambda x: self._drag(x, limit=True))

    def sizeHint(self) -> QSize:
        """Return a wide bar."""
        return QSize(scaled(300), scaled(_HEIGHT))

    def show_scale(self, scale: Scale) -> None:
        """Show value, target and limit."""
        self._scale = scale
        words = {
            self.target: value_text(scale.target, scale.display, scale.currency),
            self.limit: value_text(scale.shown_limit(), scale.display, scale.currency),
        }
        for handle, text in words.items():
            handle.setAccessibleDescription(text)
            handle.setVisible(scale.target is not None)
        self._place()
        self.update()

    def _at(self, value: float) -> float:
        assert self._scale is not None  # noqa: S101 - asked only while something is shown
        return 1 + max(0.0, min(value / self._scale.maximum, 1.0)) * (self.width() - 2)

    def _place(self) -> None:
        scale = self._scale
        if scale is None:
            return
        for handle, value in ((self.limit, scale.shown_limit()), (self.target, scale.target)):
            if value is not None:
                side, x = scaled(_HANDLE), self._at(value)
                left = min(max(round(x - side / 2), 0), self.width() - side)
                handle.setGeometry(left, 0, side, scaled(_BAR_TOP + _BAR + 3))
                handle.line = x - left
                handle.update()

    def _step(self, steps: int, *, limit: bool) -> None:
        scale = self._scale
        value = None if scale is None else scale.shown_limit() if limit else scale.target
        if scale is not None and value is not None:
            self._tell(round(value / scale.step + steps) * scale.step, limit=limit)

    def _drag(self, x: float, *, limit: bool) -> None:
        scale = self._scale
        if scale is not None:
            share = max(0.0, min((x - 1) / max(self.width() - 2, 1), 1.0))
            self.move_to(share * scale.maximum, limit=limit)

    def move_to(self, value: float, *, limit: bool) -> None:
        """Move the target or the limit to the step next to a value."""
        scale = self._scale
        if scale is not None and scale.target is not None:
            self._tell(round(value / scale.step) * scale.step, limit=limit)

    def _tell(self, value: float, *, limit: bool) -> None:
        """Keep the limit on the worse side of the target, and both on the scale."""
        scale = self._scale
        assert scale is not None  # noqa: S101 - asked by those who know it
        value = round(max(0.0, value), 10)
        if limit and scale.target is not None:
            value = min(value, scale.target) if scale.direction is Direction.UP else max(value, scale.target)
        (self.limit_moved if limit else self.target_moved).emit(value)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the handles in their places."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint ranges, value and words."""
        del event
        scale, painter = self._scale, QPainter(self)
        if scale is None:
            return
        box = QRectF(1, scaled(_BAR_TOP), self.width() - 2, scaled(_BAR))
        limit, lower = scale.shown_limit(), scale.direction is Direction.DOWN
        borders = None
        if scale.target is not None and limit is not None:
            borders = (scale.target, limit) if lower else (limit, scale.target)
        paint.bullet(painter, box, Bullet(scale.value or 0.0, None, borders, scale.maximum, lower))
        for band in scale.bands:
            painter.fillRect(QRectF(self._at(band.start) - 0.5, box.y(), 1, box.height()), color("border2"))
        self._paint_words(painter, box, borders, lower=lower)

    def _paint_words(self, painter: QPainter, box: QRectF, borders: tuple[float, float] | None, *, lower: bool) -> None:
        scale = self._scale
        assert scale is not None  # noqa: S101 - painted only then
        line = QRectF(box.x(), box.bottom() + scaled(3), box.width(), scaled(17))
        zero, end = (value_text(one, scale.display, scale.currency, trim=True) for one in (0.0, scale.maximum))
        paint.line(painter, line, zero, "small", "text2")
        paint.line(painter, line, end, "small", "text2", right=True)
        taken = [
            (line.x(), line.x() + paint.text_width(zero, "small")),
            (line.right() - paint.text_width(end, "small"), line.right()),
        ]
        if borders is None:
            return
        if scale.bands:
            starts = [(band.name, band.start) for band in scale.bands]
            pieces = [
                (name, start, starts[place + 1][1] if place + 1 < len(starts) else scale.maximum)
                for place, (name, start) in enumerate(starts)
            ]
        else:
            words = ("On track", "At risk", "Off track") if lower else ("Off track", "At risk", "On track")
            pieces = list(zip(words, (0.0, *borders), (*borders, scale.maximum), strict=True))
        for name, start, stop in pieces:
            width = paint.text_width(name, "small")
            middle = (self._at(start) + self._at(stop)) / 2
            left = max(min(middle - width / 2, line.right() - width), line.x())
            if all(left > right + 6 or left + width < begin - 6 for begin, right in taken):
                paint.line(painter, QRectF(left, line.y(), width + 2, line.height()), name, "small", "text2")
                taken.append((left, left + width))
