"""The history of one KPI as a line with its target (design section 8)."""

from collections.abc import Sequence
from math import ceil
from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.history import HistoryRow, KpiPage
from kpidesk.present.numbers import percent
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import color, fix_height, font, scaled

_HEIGHT = 260
_SHAPES = {Status.GOOD: "o", Status.WARN: "t1", Status.BAD: "s", Status.NONE: "o"}


def row_words(row: HistoryRow) -> str:
    """Say one period in a line: its value with its range and sample, or why it is blank."""
    if row.value is None:
        return f"{row.label}: no data. {row.reason}"
    parts = [f"{row.label}: {row.text}"]
    if row.interval_text:
        parts.append(f"95% range {row.interval_text}")
    if row.n:
        parts.append(f"sample {row.n}")
    return ", ".join([*parts, *row.flags, *filter(None, [row.variation])])


def gridlines(page: KpiPage) -> tuple[tuple[float, str], ...]:
    """Return at most three (height, label) for the horizontal lines of the chart.

    A rate gets even steps. Anything else is marked at zero, at its largest period and at the one nearest to half of that, in
    the words the KPI is written with.
    """
    known = [(row.value, row.text) for row in page.history if row.value is not None]
    if not known:
        return ()
    if page.percent:
        low, high = min(known)[0], max(known)[0]
        middle, decimals = (low + high) / 2, 0 if high - low >= 0.04 else 1
        heights = (low, middle, high) if high > low else (low,)
        return tuple((one, percent(one, decimals)) for one in heights)
    top = max(known, key=lambda one: abs(one[0]))
    half = min(known, key=lambda one: abs(one[0] - top[0] / 2))
    if not top[0]:
        return ((0.0, top[1]),)
    inside = 0.15 < half[0] / top[0] < 0.85
    return ((0.0, "0"), half, top) if inside else ((0.0, "0"), top)


class HistoryChart(QWidget):
    """The history as a line with its target. Pointer or arrow keys choose a period, told by `pointed` in words."""

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: KpiPage | None = None
        self._plot: Any = None
        self._cross: Any = None
        self._place: int | None = None
        fix_height(self, _HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(2, 2, 2, 2)

    def show_page(self, page: KpiPage) -> None:
        """Draw the history of a page."""
        self._page = page
        self._place = None
        self.setAccessibleName(f"History of {page.name}, {len(page.history)} periods")
        self.setAccessibleDescription("; ".join(self._words(place) for place in range(len(page.history))))
        self._draw()

    @property
    def place(self) -> int | None:
        """The place of the chosen period, oldest 0; None when none is chosen."""
        return self._place

    def point_at(self, place: int | None) -> None:
        """Choose a period by its place, oldest 0; None chooses none and tells the last one."""
        if self._page is None or not self._page.history:
            return
        self._place = place
        if self._cross is not None:
            self._cross.setVisible(place is not None)
            self._cross.setValue(place or 0)
        self.pointed.emit(self._words(len(self._page.history) - 1 if place is None else place))

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

    def leaveEvent(self, event: QEvent) -> None:
        """Choose no period any more."""
        self.point_at(None)

    def changeEvent(self, event: QEvent) -> None:
        """Draw in the colours of another theme."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.PaletteChange and self._plot is not None:
            self._draw()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the focus ring."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("surface"))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())

    def _make(self, graph: Any) -> None:  # noqa: ANN401 - pyqtgraph has no types
        self._plot = graph.PlotWidget(self)
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._plot.setMenuEnabled(False)
        self._plot.setMouseEnabled(False, False)
        self._plot.hideButtons()
        self._plot.scene().sigMouseMoved.connect(self._on_moved)
        self._body.addWidget(self._plot)

    def _on_moved(self, place: QPointF) -> None:
        if self._page is not None and self._page.history:
            x = self._plot.getPlotItem().vb.mapSceneToView(place).x()
            self.point_at(min(max(round(x), 0), len(self._page.history) - 1))

    def _draw(self) -> None:
        import pyqtgraph as graph  # noqa: PLC0415 - the window shows before this is loaded

        page = self._page
        if page is None:
            return
        if self._plot is None:
            self._make(graph)
        plot, rows = self._plot, page.history
        plot.clear()
        plot.setBackground(color("surface"))
        lines = gridlines(page)
        heights = [*(row.value for row in rows), *(row.target for row in rows), *(line[0] for line in lines)]
        known = [height for height in heights if height is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        span = (high - low) or abs(high) or 1.0
        plot.setYRange(low - span * 0.06, high + span * 0.1, padding=0)
        plot.setXRange(-0.4, max(len(rows) - 1, 1) * 1.13, padding=0)
        self._dress_axes(rows, lines)
        for height, _ in lines:
            plot.addItem(graph.InfiniteLine(height, angle=0, pen=graph.mkPen(color("border"), width=1)))
        dashed = graph.mkPen(color("target"), width=1.25, style=Qt.PenStyle.DashLine)
        self._add_line(graph, [row.target for row in rows], dashed)
        self._add_line(graph, [row.value for row in rows], graph.mkPen(color("data"), width=2))
        self._add_changes(graph, page, high + span * 0.06)
        self._add_marks(graph, page, span)
        self._cross = graph.InfiniteLine(0, angle=90, pen=graph.mkPen(color("text3"), width=1))
        self._cross.setVisible(False)
        plot.addItem(self._cross)
        self.point_at(None)

    def _dress_axes(self, rows: Sequence[HistoryRow], lines: Sequence[tuple[float, str]]) -> None:
        step = max(1, ceil(len(rows) / 7))
        below = [(place, rows[place].label) for place in range(len(rows) - 1, -1, -step)]
        for side, ticks in (("left", list(lines)), ("bottom", below)):
            axis = self._plot.getAxis(side)
            axis.setPen(color("surface"))
            axis.setTextPen(color("text3"))
            axis.setStyle(tickFont=font("cap"), tickLength=0, tickTextOffset=8)
            axis.setTicks([ticks])
        self._plot.getAxis("bottom").setHeight(scaled(26) + 8)

    def _add_line(self, graph: Any, values: Sequence[float | None], pen: QPen) -> None:  # noqa: ANN401 - no types
        heights = [float("nan") if value is None else value for value in values]
        if any(value is not None for value in values):
            self._plot.plot(range(len(heights)), heights, pen=pen, antialias=True, connect="finite")

    def _add_changes(self, graph: Any, page: KpiPage, top: float) -> None:  # noqa: ANN401 - pyqtgraph has no types
        """Draw a thin stem where the definition changed or a note stands; what is told there is read out when its period is chosen."""
        for place, _ in page.changes:
            self._plot.addItem(graph.InfiniteLine(place, angle=90, pen=graph.mkPen(color("accent_text"), width=1)))
        if page.changes:
            brush = graph.mkBrush(color("accent_text"))
            spots = [place for place, _ in page.changes]
            self._plot.plot(
                spots, [top] * len(spots), pen=None, symbol="o", symbolSize=7, symbolBrush=brush, symbolPen=None
            )

    def _words(self, place: int) -> str:
        assert self._page is not None  # noqa: S101 - asked only while a page is shown
        changed = dict(self._page.changes).get(place)
        return row_words(self._page.history[place]) + (f". {changed}" if changed else "")

    def _add_marks(self, graph: Any, page: KpiPage, span: float) -> None:  # noqa: ANN401 - pyqtgraph has no types
        """Mark the last value and every period that stands alone between blanks; label the last value and the target."""
        values = [row.value for row in page.history]
        known = [place for place, value in enumerate(values) if value is not None]
        if not known:
            return
        last = known[-1]
        alone = [one for one in known if not {one - 1, one + 1} & set(known)]
        spots = sorted({*alone, last})
        heights = [values[place] for place in spots]
        ring = graph.mkPen(color("surface"), width=2)
        inks = [graph.mkBrush(color(page.status.value if place == last else "data")) for place in spots]
        self._plot.plot(
            spots,
            heights,
            pen=None,
            symbol=[_SHAPES[page.status] if place == last else "o" for place in spots],
            symbolSize=[12 if place == last else 7 for place in spots],
            symbolBrush=inks,
            symbolPen=ring,
            antialias=True,
        )
        height = values[last] or 0.0
        self._add_label(graph, page.history[last].text, "smalls", "text", (last, height))
        target = page.history[-1].target
        if target is not None:
            # Two labels at one height would cover each other.
            near = abs(target - height) < span * 0.11
            shown = height + span * (0.11 if target >= height else -0.11) if near else target
            words = dict(page.definition).get("Target", "")
            self._add_label(graph, f"Target {words}".strip(), "small", "text2", (len(values) - 1, shown))

    def _add_label(self, graph: Any, words: str, role: str, tone: str, place: tuple[float, float]) -> None:  # noqa: ANN401
        item = graph.TextItem(words, color=color(tone), anchor=(-0.1, 0.5))
        item.setFont(font(role))
        self._plot.addItem(item, ignoreBounds=True)
        item.setPos(*place)
