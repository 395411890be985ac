"""The history of one KPI: its line over normal variation, its target, the year before, and what is marked (design section 8)."""

import math
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.history import HistoryRow, KpiPage
from kpidesk.present.numbers import percent
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.spread import spread

_HEIGHT, _TICKS, _LINE = 288, 26, 17
_EARLIER = "A year earlier"
_STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)  # between the lines of a rate
_DUST = 1e-9
_WIDEST = 2.5  # limits farther apart than this many times the history would press it flat, and run out of the chart


def row_words(row: HistoryRow) -> str:
    """Say one period in a line: its value with its range and sample, or why it is blank."""
    if row.value is None:
        return f"{row.label}: no data. {row.reason}"
    parts = [f"{row.label}: {row.text}"]
    if row.interval_text:
        parts.append(f"95% range {row.interval_text}")
    if row.n:
        parts.append(f"sample {row.n}")
    if row.target_text:
        parts.append(f"target {row.target_text}")
    if row.earlier_text:
        parts.append(f"a year earlier {row.earlier_text}")
    return ", ".join([*parts, *row.flags, *filter(None, [row.variation])])


def gridlines(page: KpiPage) -> tuple[tuple[float, str], ...]:
    """Return at most four (height, label) for the horizontal lines of the chart.

    A rate gets even steps of round numbers. Anything else is marked at zero, at its largest period and at the one nearest to half
    of that, in the words the KPI is written with.
    """
    known = [(row.value, row.text) for row in page.history if row.value is not None]
    if not known:
        return ()
    if page.percent:
        return _even(min(known)[0], max(known)[0])
    top = max(known, key=lambda one: abs(one[0]))
    half = min(known, key=lambda one: abs(one[0] - top[0] / 2))
    if not top[0]:
        return ((0.0, top[1]),)
    inside = 0.15 < half[0] / top[0] < 0.85
    return ((0.0, "0"), half, top) if inside else ((0.0, "0"), top)


def _even(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Return lines at round shares from near `low` to at or below `high`, at most four."""
    step = next((step for step in _STEPS if (high - low) / step <= 3), max(high - low, _STEPS[-1]))
    first, last = math.ceil(low / step - 0.5), math.floor(high / step + _DUST)
    return tuple(
        (place * step, percent(place * step, 0 if step >= 0.01 else 1)) for place in range(first, last + 1)[-4:]
    )


class HistoryChart(QWidget):
    """The history as a line. Pointer or arrow keys choose a period, told by `pointed` in words."""

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: KpiPage | None = None
        self._place: int | None = None
        fix_height(self, _HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)

    def show_page(self, page: KpiPage) -> None:
        """Draw the history of a page."""
        self._page = page
        self.setAccessibleName(f"History of {page.name}, {len(page.history)} periods")
        told = [self._words(place) for place in range(len(page.history))]
        self.setAccessibleDescription("; ".join([page.variation, *told]))
        self.point_at(None)

    @property
    def place(self) -> int | None:
        """The place of the chosen period, oldest 0; None when none is chosen."""
        return self._place

    def point_at(self, place: int | None) -> None:
        """Choose a period by its place, oldest 0; None chooses none and tells the last one."""
        self._place = place
        if self._page is not None and self._page.history:
            self.pointed.emit(self._words(len(self._page.history) - 1 if place is None else place))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the periods with the arrows, Home and End; Esc chooses none."""
        last = len(self._page.history) - 1 if self._page is not None else -1
        here = last if self._place is None else self._place
        places = {Qt.Key.Key_Left: here - 1, Qt.Key.Key_Right: here + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if event.key() in places and last >= 0:
            self.point_at(min(max(places[Qt.Key(event.key())], 0), last))
        elif event.key() == Qt.Key.Key_Escape and self._place is not None:
            self.point_at(None)
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose the period under the pointer."""
        if self._page is not None and self._page.history:
            drawing = _Drawing(self._page, QRectF(self.rect()))
            self.point_at(drawing.place_at(event.position().x()))

    def leaveEvent(self, event: QEvent) -> None:
        """Choose no period any more."""
        del event
        self.point_at(None)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the chart and the focus ring."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("surface"))
        if self._page is not None and self._page.history:
            _Drawing(self._page, QRectF(self.rect())).draw(painter, self._place)
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())

    def _words(self, place: int) -> str:
        assert self._page is not None  # noqa: S101 - asked only while a page is shown
        told = [one.words for one in self._page.marks if one.place == place]
        return ". ".join([row_words(self._page.history[place]), *told])


class _Drawing:
    """One page drawn into one box: the scales, then a layer on the other."""

    def __init__(self, page: KpiPage, box: QRectF) -> None:
        self._page, self._rows = page, page.history
        self._lines = gridlines(page)
        self._labels = self._named()
        left = max((paint.text_width(words, "cap") for _, words in self._lines), default=0) + 12
        right = max((paint.text_width(words, role) for _, words, role, _ in self._labels), default=0) + 18
        top = scaled(_LINE + 8) if page.marks else 10
        # The last period is named below its point, with half of the name to either side.
        right = max(right, paint.text_width(self._rows[-1].tick, "cap") / 2 + 2)
        self._box = QRectF(left, top, max(box.width() - left - right, 40), box.height() - top - scaled(_TICKS))
        self._step = self._box.width() / max(len(self._rows) - 1, 1)
        heights = [height for row in self._rows for height in (row.value, row.target, row.earlier)]
        known = [height for height in (*heights, *(line[0] for line in self._lines)) if height is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        if page.limits is not None and page.limits[2] - page.limits[0] < _WIDEST * (high - low):
            low, high = min(low, page.limits[0]), max(high, page.limits[2])
        room = ((high - low) or abs(high) or 1.0) * 0.08
        # The zero line of an amount stays at the foot.
        self._low, self._high = low if low == 0 else low - room, high + room

    def place_at(self, x: float) -> int:
        """Return the place of the period nearest to x."""
        return min(max(round((x - self._box.x()) / self._step), 0), len(self._rows) - 1)

    def draw(self, painter: QPainter, chosen: int | None) -> None:
        """Paint everything, with a hair line at the chosen period."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._draw_ground(painter)
        self._draw_ticks(painter)
        self._draw_marks(painter)
        self._draw_target(painter)
        earlier = [row.earlier for row in self._rows]
        paint.series(painter, self._points(earlier), "data_prev", 1.5)
        self._draw_values(painter)
        self._draw_labels(painter)
        if all(row.value is None for row in self._rows):
            words = self._rows[-1].reason
            x = self._box.center().x() - paint.text_width(words, "body") / 2
            paint.text(painter, x, self._box.center().y() - scaled(10), words, "body", "text2")
        if chosen is not None:
            x = round(self._x(chosen)) + 0.5
            painter.setPen(QPen(color("text3"), 1))
            painter.drawLine(QPointF(x, self._box.y()), QPointF(x, self._box.bottom()))

    # --- scales

    def _x(self, place: int) -> float:
        return self._box.x() + place * self._step if len(self._rows) > 1 else self._box.center().x()

    def _y(self, height: float) -> float:
        share = (height - self._low) / (self._high - self._low)
        return self._box.bottom() - min(max(share, 0.0), 1.0) * self._box.height()

    def _points(self, heights: Sequence[float | None]) -> list[QPointF | None]:
        return [None if one is None else QPointF(self._x(place), self._y(one)) for place, one in enumerate(heights)]

    def _named(self) -> list[tuple[float, str, str, str]]:
        """Return what is named at the right edge: (height, words, role, tone)."""
        rows, found = self._rows, []
        known = [row for row in rows if row.value is not None]
        if known:
            found.append((known[-1].value or 0.0, known[-1].text, "smalls", "text"))
        if rows[-1].target is not None:
            found.append((rows[-1].target, f"Target {rows[-1].target_text}", "small", "text2"))
        earlier = next((row.earlier for row in reversed(rows) if row.earlier is not None), None)
        if earlier is not None:
            found.append((earlier, _EARLIER, "small", "text3"))
        return found

    # --- layers, from the back

    def _draw_ground(self, painter: QPainter) -> None:
        """Draw normal variation, the grid, and where bands begin."""
        box = self._box
        if self._page.limits is not None:
            low, middle, high = self._page.limits
            band = QRectF(box.x(), self._y(high), box.width(), self._y(low) - self._y(high))
            painter.fillRect(band, color("subtle"))
            for height in (low, middle, high):
                if self._low < height < self._high:
                    painter.fillRect(QRectF(box.x(), round(self._y(height)), box.width(), 1), color("border2"))
        for height, words in self._lines:
            y = self._y(height)
            painter.fillRect(QRectF(box.x(), round(y), box.width(), 1), color("border"))
            edge = QRectF(0, y - scaled(10), box.x() - 12, scaled(20))
            paint.line(painter, edge, words, "cap", "text3", right=True)
        for start, name in self._page.bands:
            if self._low < start < self._high:
                pen = QPen(color("control"), 1)
                pen.setDashPattern([1, 3])
                painter.setPen(pen)
                painter.drawLine(QPointF(box.x(), self._y(start)), QPointF(box.right(), self._y(start)))
                paint.text(painter, box.x() + 4, self._y(start) - scaled(16), name, "cap", "text3")

    def _draw_ticks(self, painter: QPainter) -> None:
        """Name as many periods as there is room for, the last one always."""
        wide = max(paint.text_width(row.tick, "cap") for row in self._rows) + scaled(20)
        every = max(1, -int(-wide // self._step))
        for place in range(len(self._rows) - 1, -1, -every):
            words = self._rows[place].tick
            x = max(self._x(place) - paint.text_width(words, "cap") / 2, 0.0)
            paint.text(painter, x, self._box.bottom() + scaled(10), words, "cap", "text3")

    def _draw_marks(self, painter: QPainter) -> None:
        """Draw a stem where a note stands or the definition changed, named where the names have room."""
        end = -float(scaled(12))
        for place in sorted({one.place for one in self._page.marks}):
            here = [one for one in self._page.marks if one.place == place]
            tone = "accent_text" if any(one.definition for one in here) else "control"
            x = self._x(place)
            painter.fillRect(QRectF(round(x), self._box.y() - 3, 1, self._box.height() + 3), color(tone))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color(tone))
            painter.drawEllipse(QPointF(round(x) + 0.5, self._box.y() - 3), 3, 3)
            words = here[0].label if len(here) == 1 else f"{here[0].label} and {len(here) - 1} more"
            width = min(paint.text_width(words, "small"), scaled(220))
            left = min(max(x - width / 2, 0.0), self._box.right() - width)
            if left > end + scaled(12):
                ink = "accent_text" if tone == "accent_text" else "text2"
                paint.text(painter, left, self._box.y() - scaled(_LINE + 6), words, "small", ink, width + 1)
                end = left + width

    def _draw_target(self, painter: QPainter) -> None:
        """Draw the target as steps: a month with a target of its own has it from end to end."""
        pen = QPen(color("target"), 1.25)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        before: QPointF | None = None
        for place, row in enumerate(self._rows):
            if row.target is None:
                before = None
                continue
            y = self._y(row.target)
            start = max(self._x(place) - self._step / 2, self._box.x())
            end = QPointF(min(self._x(place) + self._step / 2, self._box.right()), y)
            if before is not None and before.y() != y:
                painter.drawLine(before, QPointF(start, y))
            painter.drawLine(QPointF(start, y), end)
            before = end

    def _draw_values(self, painter: QPainter) -> None:
        """Draw the line, hollow where few stand behind it, dashed into a period in progress, ringed where a value stands out."""
        points = self._points([row.value for row in self._rows])
        last = max((place for place, point in enumerate(points) if point is not None), default=-1)
        whole = [None if self._rows[place].open else point for place, point in enumerate(points)]
        paint.series(painter, whole, "data_prev", 1)
        judged = [None if self._rows[place].few else point for place, point in enumerate(whole)]
        paint.series(painter, judged, "data", 2)
        if last > 0 and self._rows[last].open and (before := points[last - 1]) is not None:
            pen = QPen(color("data"), 2)
            pen.setDashPattern([1.5, 2])
            painter.setPen(pen)
            painter.drawLine(before, points[last] or before)
        for place, (point, row) in enumerate(zip(points, self._rows, strict=True)):
            if point is None:
                continue
            neighbours = points[max(place - 1, 0) : place] + points[place + 1 : place + 2]
            if place == last:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color("surface"))
                painter.drawEllipse(point, 8, 8)
                status = Status.NONE if row.few else self._page.status
                paint.status_mark(painter, QRectF(point.x() - 5, point.y() - 5, 10, 10), status)
            elif row.few or abs(row.signal) == 1:
                painter.setPen(QPen(color("none" if row.few else "data"), 1.5))
                painter.setBrush(color("surface"))
                painter.drawEllipse(point, 4, 4)
                if not row.few:
                    painter.setBrush(color("data"))
                    painter.drawEllipse(point, 1.5, 1.5)
            elif row.signal or not any(neighbours):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color("data"))
                painter.drawEllipse(point, 3, 3)

    def _draw_labels(self, painter: QPainter) -> None:
        """Name the lines at the right edge, none over another."""
        high = scaled(_LINE)
        tops = spread([self._y(height) for height, *_ in self._labels], high, self._box.y(), self._box.bottom())
        for (_, words, role, tone), middle in zip(self._labels, tops, strict=True):
            paint.text(painter, self._box.right() + 12, middle - high / 2, words, role, tone)
