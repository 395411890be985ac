"""Twelve months of a definition as a line, with target and at-risk limit that can be dragged."""

from itertools import pairwise
from math import floor

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Display
from kpidesk.present.chart_tables import ChartTable
from kpidesk.present.editor import Preview, YearPoint
from kpidesk.present.numbers import value_text
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu

_CHART, _GRASP = 116, 5  # px


class YearChart(QWidget):
    """Arrows and pointer choose a month, told by `pointed`.

    Target and limit follow the pointer where it takes hold of their lines; `dragged` carries the new value, on the scale of the
    definition's target, and whether it is the limit's. With the keyboard they are moved on the bar of the form.
    """

    pointed = Signal(str)
    dragged = Signal(float, bool)

    def __init__(self) -> None:
        super().__init__()
        self._months: tuple[YearPoint, ...] = ()
        self._status, self._display, self._currency = Status.NONE, Display.NUMBER, "GBP"
        self._place: int | None = None
        self._held: bool | None = None  # which line is dragged: the limit's, or the target's
        self._held_range = (0.0, 1.0)  # the scale stays while a line is dragged
        self._wanted: dict[bool, float] = {}  # where the lines were dragged to, until a preview shows it
        self._target = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fix_height(self, _CHART)
        self.menu = ChartMenu(self, self.table)

    def sizeHint(self) -> QSize:
        """Return the room of a panel."""
        return QSize(scaled(300), scaled(_CHART))

    def show_months(self, name: str, found: Preview, currency: str) -> None:
        """Show the months of a preview."""
        self._months = found.months
        self._status = found.card.status if found.card is not None else Status.NONE
        self._display, self._currency, self._place = found.kpi.display, currency, None
        target = found.kpi.target
        self._target = 0.0 if target is None or target.monthly else target.value
        if self._held is None:
            self._wanted = {}
        self.setAccessibleName(f"{name} over 12 months")
        self.setAccessibleDescription("; ".join(self.words(place) for place in range(len(self._months))))
        self.update()

    @property
    def movable(self) -> bool:
        """Whether the lines can be moved: months with targets of their own are for the grid."""
        return bool(self._target and self._months)

    def table(self) -> ChartTable:
        """Return the months as a table."""
        rows = tuple((one.label, one.text, one.mark) for one in self._months)
        return ChartTable("12 months", ("Month", "Value", "Note"), rows)

    def words(self, place: int) -> str:
        """Say one month."""
        one = self._months[place]
        return f"{one.label} {one.text}" + (f". {one.mark}" if one.mark else "")

    def _point(self, place: int | None) -> None:
        self._place = place
        self.pointed.emit("" if place is None else self.words(place))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the months."""
        last = len(self._months) - 1
        here = last if self._place is None else self._place
        places = {Qt.Key.Key_Left: here - 1, Qt.Key.Key_Right: here + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if event.key() in places and last >= 0:
            self._point(min(max(places[Qt.Key(event.key())], 0), last))
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the line that is held, else choose the month under the pointer."""
        box = self._box()
        if self._held is not None:
            low, step = self._held_range
            share = (box.bottom() - event.position().y()) / max(box.height(), 1)
            self._move(self._held, max(low + min(max(share, 0.0), 1.0) * 2 * step, 0.0))
            return
        near = self._line_at(event.position().y()) is not None
        self.setCursor(Qt.CursorShape.SizeVerCursor if near else Qt.CursorShape.ArrowCursor)
        if self._months and box.width() > 0:
            share = (event.position().x() - box.x()) / box.width()
            self._point(min(max(round(share * (len(self._months) - 1)), 0), len(self._months) - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the target or the limit."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._held_range, self._held = self._range(), self._line_at(event.position().y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go of it."""
        self._held = None

    def _line_at(self, y: float) -> bool | None:
        """Return which line lies at a height: False for the target's, True for the limit's, None for neither."""
        if not self.movable:
            return None
        gaps = {limit: abs(self._height(self._drawn(limit)) - y) for limit in (False, True)}
        nearest = min(gaps, key=lambda limit: gaps[limit])
        return nearest if gaps[nearest] <= _GRASP else None

    def _drawn(self, limit: bool) -> float:
        """Return where a line is drawn in the last month."""
        last = self._months[-1]
        value = self._wanted.get(limit, last.limit if limit else last.target)
        return 0.0 if value is None else value

    def _move(self, limit: bool, value: float) -> None:
        last = self._months[-1]
        if last.target:
            self._wanted[limit] = value
            self.dragged.emit(self._target * value / last.target, limit)
            self.update()

    def _height(self, value: float) -> float:
        """Return how far down a value is drawn."""
        box, (low, step) = self._box(), self._range()
        return box.bottom() - (value - low) / (2 * step) * box.height()

    def leaveEvent(self, event: object) -> None:
        """Choose none any more."""
        self._point(None)

    def _box(self) -> QRectF:
        left = scaled(8) + max((paint.text_width(words, "cap") for _, words in self._lines()), default=0.0)
        return QRectF(left + 4, scaled(8), self.width() - left - scaled(16), self.height() - scaled(30))

    def _range(self) -> tuple[float, float]:
        """Return the lowest value of the scale and its step; there are two steps."""
        if self._held is not None:
            return self._held_range
        known = [one for month in self._months for one in (month.value, month.target, month.limit) if one is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        if self._display not in (Display.PERCENT, Display.RATIO):
            low = min(low, 0.0)
        span = (high - low) or abs(high) or 1.0
        step = _nice(span / 2)
        low = floor(low / step + 1e-9) * step
        while low + 2 * step < high - 1e-9:
            step = _nice(step * 1.01)
            low = floor(min(known, default=0.0) / step + 1e-9) * step if low else low
        return low, step

    def _lines(self) -> list[tuple[float, str]]:
        low, step = self._range()
        return [
            (low + step * place, value_text(low + step * place, self._display, self._currency, trim=True))
            for place in range(3)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint grid, target, marks of changed definitions, line and months."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._months:
            return
        box, lines = self._box(), self._lines()
        low, high = lines[0][0], lines[-1][0]
        step = box.width() / max(len(self._months) - 1, 1)

        def at(place: int, value: float) -> QPointF:
            return QPointF(box.x() + place * step, box.bottom() - (value - low) / (high - low) * box.height())

        for height, words in lines:
            y = at(0, height).y()
            painter.fillRect(QRectF(box.x() - 4, y, box.width() + 12, 1), color("border"))
            paint.line(painter, QRectF(0, y - 8, box.x() - 9, 16), words, "cap", "text3", right=True)
        for place, one in enumerate(self._months):
            if one.mark:
                stem = at(place, low).x()
                painter.fillRect(QRectF(stem - 0.5, box.y() - 4, 1, box.height() + 4), color("accent_text"))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color("accent_text"))
                painter.drawEllipse(QPointF(stem, box.y() - 4), 3, 3)
        for limit, pen in (
            (True, QPen(color("control"), 1, Qt.PenStyle.DotLine)),
            (False, QPen(color("target"), 1.25, Qt.PenStyle.DashLine)),
        ):
            moved = self._wanted.get(limit)
            values = [moved if moved is not None else one.limit if limit else one.target for one in self._months]
            ends = [None if value is None else at(place, value) for place, value in enumerate(values)]
            painter.setPen(pen)
            for one_end, other_end in pairwise(ends):
                if one_end is not None and other_end is not None:
                    painter.drawLine(one_end, other_end)
        paint.series(
            painter,
            [None if one.value is None else at(place, one.value) for place, one in enumerate(self._months)],
            "data",
            2,
        )
        known = [place for place, one in enumerate(self._months) if one.value is not None]
        if known:
            end = at(known[-1], self._months[known[-1]].value or 0.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("surface"))
            painter.drawEllipse(end, 7, 7)
            paint.status_mark(painter, QRectF(end.x() - 5, end.y() - 5, 10, 10), self._status)
        for place in {0, 3, 6, 9, len(self._months) - 1}:
            if place < len(self._months) and (place in (0, len(self._months) - 1) or place < len(self._months) - 2):
                words = self._months[place].label
                width = paint.text_width(words, "cap")
                x = min(max(at(place, low).x() - width / 2, 0), self.width() - width)
                paint.line(painter, QRectF(x, box.bottom() + 5, width + 2, 16), words, "cap", "text3")
        if self._place is not None:
            x = at(self._place, low).x()
            painter.fillRect(QRectF(x, box.y(), 1, box.height()), color("text3"))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())


def _nice(size: float) -> float:
    """Return the round step at or above a size: 1, 2, 2.5 or 5 times a power of ten."""
    if size <= 0:
        return 1.0
    power = 1.0
    while power > size:
        power /= 10
    while power * 10 <= size:
        power *= 10
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= size - 1e-12)
