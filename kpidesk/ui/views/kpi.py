"""One KPI: its history as a chart and a table, its breakdown, and how it is defined."""

from collections.abc import Sequence
from math import ceil
from typing import Any, ClassVar

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.period import Grain
from kpidesk.present.history import BreakdownRow, HistoryRow, KpiPage
from kpidesk.present.numbers import percent
from kpidesk.ui.controls import Button, Card, Divider, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import color, font
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.panels import Mark

_GRAINS = tuple((grain.value, grain.value.capitalize()) for grain in Grain)
_COLUMNS = (
    TableColumn("Period", 150),
    TableColumn("Value", 100, numeric=True),
    TableColumn("Numerator", 100, numeric=True, drop=2),
    TableColumn("Denominator", 100, numeric=True, drop=3),
    TableColumn("Sample", 72, numeric=True, drop=1),
    TableColumn("95% range", 130, numeric=True, drop=4),
    TableColumn("Notes", 0, role="small"),
)
_CHART_HEIGHT = 260
_SLICES_SHOWN = 12
_ROW = 34


def row_words(row: HistoryRow) -> str:
    """Say one period in a line: its value with its range and sample, or why it is blank."""
    if row.value is None:
        return f"{row.label}: no data. {row.reason}"
    parts = [f"{row.label}: {row.text}"]
    if row.interval_text:
        parts.append(f"95% range {row.interval_text}")
    if row.n:
        parts.append(f"sample {row.n}")
    return ", ".join([*parts, *row.flags])


def copied_history(page: KpiPage) -> str:
    """Return the whole history as tab-separated text in full precision, oldest period first; a blank is an empty cell."""
    lines = ["Period\tValue\tTarget\tNumerator\tDenominator\tSample\tLow\tHigh\tNotes"]
    for row in page.history:
        low, high = row.interval or (None, None)
        numbers = ("" if one is None else repr(one) for one in (row.value, row.target))
        ends = ("" if one is None else repr(one) for one in (low, high))
        notes = "; ".join(part for part in (row.reason, *row.flags) if part)
        lines.append("\t".join((row.label, *numbers, row.numerator, row.denominator, row.n, *ends, notes)))
    return "\n".join(lines)


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
        self.setFixedHeight(_CHART_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(2, 2, 2, 2)

    def show_page(self, page: KpiPage) -> None:
        """Draw the history of a page."""
        self._page = page
        self._place = None
        self.setAccessibleName(f"History of {page.name}, {len(page.history)} periods")
        self.setAccessibleDescription("; ".join(row_words(row) for row in page.history))
        self._draw()

    def point_at(self, place: int | None) -> None:
        """Choose a period by its place, oldest 0; None chooses none and tells the last one."""
        if self._page is None or not self._page.history:
            return
        self._place = place
        if self._cross is not None:
            self._cross.setVisible(place is not None)
            self._cross.setValue(place or 0)
        self.pointed.emit(row_words(self._page.history[-1 if place is None else place]))

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
        if self.hasFocus():
            painter.setPen(QPen(color("focus"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

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

    def _add_line(self, graph: Any, values: Sequence[float | None], pen: QPen) -> None:  # noqa: ANN401 - no types
        heights = [float("nan") if value is None else value for value in values]
        if any(value is not None for value in values):
            self._plot.plot(range(len(heights)), heights, pen=pen, antialias=True, connect="finite")

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
        ink, ring = graph.mkBrush(color("data")), graph.mkPen(color("surface"), width=1.5)
        self._plot.plot(
            spots, heights, pen=None, symbol="o", symbolSize=7, symbolBrush=ink, symbolPen=ring, antialias=True
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
        item = graph.TextItem(words, color=color(tone), anchor=(-0.08, 0.5))
        item.setFont(font(role))
        self._plot.addItem(item, ignoreBounds=True)
        item.setPos(*place)


class SliceRow(QWidget):
    """One slice of the breakdown: name, bar on the scale of the whole list, value, sample; hollow when there are few."""

    def __init__(self, value: BreakdownRow, top: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value, self._top = value, top
        self.setFixedHeight(_ROW)
        shown = "no data" if value.value is None else value.text
        sample, few = f", sample {value.n}" if value.n else "", ", too few to judge" if value.few else ""
        self.setAccessibleName(f"{value.label}: {shown}{sample}{few}")
        if value.interval_text:
            self.setAccessibleDescription(f"95% range {value.interval_text}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        value, painter, width = self._value, QPainter(self), float(self.width())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        tone = "text3" if value.few else "text"
        start, end = width * 0.3, width - 190
        paint.text(painter, 0, 8, value.label, "body", "text", start - 12)
        track = QRectF(start, 12, max(end - start, 20), 10)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("band3"))
        painter.drawRoundedRect(track, 2, 2)
        if value.value is not None and value.value > 0:
            bar = QRectF(track.x(), track.y(), min(value.value / self._top, 1.0) * track.width(), track.height())
            if value.few:
                bar.adjust(0.5, 0.5, -0.5, -0.5)
                painter.setPen(QPen(color("data_prev"), 1))
                painter.setBrush(Qt.BrushStyle.NoBrush)
            else:
                painter.setBrush(color("data_fill"))
            painter.drawRoundedRect(bar, 2, 2)
        reach = paint.text_width(value.text, "bodym")
        paint.text(painter, width - 80 - reach, 8, value.text, "bodym", tone)
        if value.few:
            painter.setPen(QPen(color("none"), 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(width - 64, 17.0), 4, 4)
        paint.text(painter, width - paint.text_width(value.n, "small"), 9, value.n, "small", "text3")


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def _card() -> tuple[Card, QVBoxLayout]:
    box = Card()
    body = QVBoxLayout(box)
    body.setContentsMargins(16, 12, 16, 12)
    return box, body


class KpiView(View):
    """Asks the workspace for one KpiPage and shows it. `acted` asks the window for an action: ("dashboard", "")."""

    title: ClassVar[str] = "KPI"
    icon: ClassVar[str] = "target"
    acted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.kpi = ""
        self.shown: KpiPage | None = None
        self._all_slices = False
        self.grain = Segmented(_GRAINS, Grain.MONTH.value)
        self.grain.changed.connect(self.make_stale)
        self.header = PageHeader("")
        self.header.add(self.grain)
        self.crumb = Label("", "small", "text2")
        self.body.addLayout(self._crumbs())
        self.body.addWidget(self.header)
        self.body.addWidget(self._chart_card())
        lower = QGridLayout()
        lower.setHorizontalSpacing(16)
        lower.addWidget(self._breakdown_card(), 0, 0)
        lower.addWidget(self._definition_card(), 0, 1)
        lower.setColumnStretch(0, 677)
        lower.setColumnStretch(1, 479)
        self.body.addLayout(lower)
        self.body.addWidget(self._table_card())
        self.body.addStretch(1)

    def open(self, argument: object) -> None:
        """Show the KPI whose id is `argument`."""
        if isinstance(argument, str) and argument and argument != self.kpi:
            self.kpi = argument
            self._all_slices = False
            self.dimension.clear()
        self.make_stale()

    def refresh(self) -> None:
        """Ask for the page of the chosen KPI, grain and breakdown."""
        if not self.kpi:
            return
        kpi, grain, dimension = self.kpi, Grain(self.grain.value), self.dimension.currentData()
        self.session.ask(
            self, lambda workspace, _: workspace.kpi_page(kpi, grain, dimension), self.show_page, topic="kpi page"
        )

    def show_page(self, page: KpiPage) -> None:
        """Show a page value."""
        self.shown = page
        facts = dict(page.definition)
        self.crumb.setText(f"/  {page.name}")
        self.header.title.setText(page.name)
        self.header.answer.setText(page.answer)
        self.value.setText(page.value)
        judged = page.status is not Status.NONE or not page.history or page.history[-1].value is None
        _clear(self.status)
        word = page.status.word if judged else "Not judged"
        self.status.addWidget(Mark(page.status))
        self.status.addWidget(Label(word, "smallm", f"{page.status.value}_fg"))
        direction = facts.get("Direction", "")
        goal, owner = facts.get("Target", ""), facts.get("Owner", "")
        self.facts.setText(f"Target {goal}, {direction[:1].lower() + direction[1:]}, owner {owner}")
        self.chart.show_page(page)
        self.dimension.clear()
        for key, label in page.dimensions:
            self.dimension.addItem(f"By {label.lower()}", key)
        self.dimension.setCurrentIndex(max(0, self.dimension.findData(page.dimension)))
        self.dimension.setVisible(bool(page.dimensions))
        self._show_slices(page)
        self._show_definition(page)
        self._show_table(page)

    def copy_data(self) -> None:
        """Put the whole history on the clipboard and say so."""
        if self.shown is not None:
            QGuiApplication.clipboard().setText(copied_history(self.shown))
            self.reading.setText(f"Copied {len(self.shown.history)} periods")

    def copy_image(self) -> None:
        """Put a picture of the chart on the clipboard and say so."""
        QGuiApplication.clipboard().setPixmap(self.chart.grab())
        self.reading.setText("Copied the chart as an image")

    def view_as_table(self) -> None:
        """Bring the table into view and let the keyboard move in it."""
        for area in self.findChildren(QScrollArea):
            area.ensureWidgetVisible(self.table)
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- the parts of the page

    def _crumbs(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 0)
        row.setSpacing(4)
        self.back = Button("Dashboard", "link")
        self.back.clicked.connect(lambda: self.acted.emit("dashboard", ""))
        row.addWidget(self.back)
        row.addWidget(self.crumb)
        row.addStretch(1)
        return row

    def _chart_card(self) -> Card:
        box, body = _card()
        head = QHBoxLayout()
        head.setSpacing(12)
        self.value, self.status = Label("", "value"), QHBoxLayout()
        self.status.setSpacing(6)
        self.facts = Label("", "small", "text2", elide=True)
        head.addWidget(self.value)
        head.addLayout(self.status)
        head.addWidget(self.facts, 1)
        acts = {"View as table": self.view_as_table, "Copy data": self.copy_data, "Copy as image": self.copy_image}
        for words, act in acts.items():
            link = Button(words, "link")
            link.clicked.connect(act)
            head.addWidget(link)
        body.addLayout(head)
        self.reading = Label("", "small", "text2", elide=True)
        self.chart = HistoryChart()
        self.chart.pointed.connect(self.reading.setText)
        body.addWidget(self.reading)
        body.addWidget(self.chart)
        return box

    def _breakdown_card(self) -> Card:
        box, body = _card()
        head = QHBoxLayout()
        head.addWidget(Label("Breakdown of the latest period", "head"))
        head.addStretch(1)
        self.dimension = QComboBox()
        self.dimension.setFixedHeight(28)
        self.dimension.setMinimumWidth(120)
        self.dimension.setAccessibleName("Break down by")
        self.dimension.activated.connect(self.make_stale)
        head.addWidget(self.dimension)
        body.addLayout(head)
        body.addWidget(Divider())
        self._slices = QVBoxLayout()
        self._slices.setSpacing(0)
        body.addLayout(self._slices)
        body.addStretch(1)
        return box

    def _definition_card(self) -> Card:
        box, body = _card()
        body.addWidget(Label("Definition", "head"))
        body.addWidget(Divider())
        self._definition = QVBoxLayout()
        self._definition.setSpacing(2)
        body.addLayout(self._definition)
        body.addStretch(1)
        return box

    def _table_card(self) -> Card:
        box, body = _card()
        body.addWidget(Label("History", "head"))
        self._model = TableModel(_COLUMNS, self)
        self.table = DataTable(self._model, "History by period")
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body.addWidget(self.table)
        return box

    def _show_slices(self, page: KpiPage) -> None:
        _clear(self._slices)
        if not page.breakdown:
            words = "Nothing to break down in this period." if page.dimensions else "This KPI has no breakdown."
            self._slices.addWidget(Label(words, "small", "text2"))
            return
        top = max((row.value for row in page.breakdown if row.value is not None), default=0.0) or 1.0
        count = len(page.breakdown) if self._all_slices else _SLICES_SHOWN
        for row in page.breakdown[:count]:
            self._slices.addWidget(SliceRow(row, top))
        if len(page.breakdown) > count:
            more = Button(f"Show all {len(page.breakdown)}", "link")
            more.clicked.connect(self._show_all)
            self._slices.addWidget(more)

    def _show_all(self) -> None:
        self._all_slices = True
        if self.shown is not None:
            self._show_slices(self.shown)

    def _show_definition(self, page: KpiPage) -> None:
        _clear(self._definition)
        for name, words in page.definition:
            if words:
                self._definition.addWidget(Label(name, "cap", "text3"))
                label = Label(words, "mono" if name == "Formula" else "body", wrap=True)
                if name == "Formula":
                    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
                self._definition.addWidget(label)
                self._definition.addSpacing(6)

    def _show_table(self, page: KpiPage) -> None:
        rows = []
        for place in range(len(page.history) - 1, -1, -1):
            row = page.history[place]
            notes = ", ".join(part for part in (row.reason, *row.flags) if part)
            value = Cell(row.text, sort=row.value, copy="" if row.value is None else repr(row.value))
            span = Cell(row.interval_text, "text2", None if row.interval is None else row.interval[0])
            parts = (Cell(row.numerator), Cell(row.denominator), Cell(row.n))
            rows.append((Cell(row.label, sort=float(place)), value, *parts, span, Cell(notes, "text2")))
        self._model.set_rows(rows)
        self.table.setFixedHeight(self.table.full_height() + 2)
