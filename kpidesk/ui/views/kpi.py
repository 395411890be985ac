"""One KPI: its history as a chart and a table, its breakdown, and how it is defined."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QLayout, QScrollArea, QVBoxLayout, QWidget

from kpidesk.domain.change import Change
from kpidesk.domain.note import Note
from kpidesk.domain.period import Grain
from kpidesk.present.chart_tables import ChartTable, history_table
from kpidesk.present.history import KpiPage
from kpidesk.present.typed_days import read_day
from kpidesk.ui.controls import Button, Card, Divider, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import SIDE_BY_SIDE, scaled, text_size
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.widgets.chart_menu import ChartMenu
from kpidesk.ui.widgets.figures import Figures, Listed
from kpidesk.ui.widgets.history_chart import HistoryChart
from kpidesk.ui.widgets.multiples import Multiples
from kpidesk.ui.widgets.notes_panel import NotesPanel
from kpidesk.ui.widgets.panels import Chip, PanelHead, panel_body
from kpidesk.ui.widgets.to_date import ToDate

if TYPE_CHECKING:
    from kpidesk.workspace import Workspace

_GRAINS = tuple((grain.value, grain.value.capitalize()) for grain in Grain)
_COLUMNS = (
    TableColumn("Period", 150),
    TableColumn("Value", 100, numeric=True),
    TableColumn("Target", 92, numeric=True, drop=5),
    TableColumn("Year earlier", 100, numeric=True, drop=6),
    TableColumn("Numerator", 100, numeric=True, drop=2),
    TableColumn("Denominator", 100, numeric=True, drop=3),
    TableColumn("Sample", 72, numeric=True, drop=1),
    TableColumn("95% range", 130, numeric=True, drop=4),
    TableColumn("Notes", 0, role="small"),
)


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


class KpiView(View):
    """Asks the workspace for one KpiPage and shows it. `acted` asks the window for an action: ("dashboard", "")."""

    title: ClassVar[str] = "KPI"
    icon: ClassVar[str] = "target"
    acted = Signal(str, str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.kpi = ""
        self.shown: KpiPage | None = None
        self.grain = Segmented(_GRAINS, Grain.MONTH.value)
        self.grain.changed.connect(self.make_stale)
        self.header = PageHeader("")
        self.header.add(self.grain)
        self.crumb = Label("", "small", "text2")
        top = QVBoxLayout()
        top.setSpacing(0)
        top.addLayout(self._crumbs())
        top.addWidget(self.header)
        self.body.addLayout(top)
        self.body.addWidget(self._chart_card())
        self._lower = QGridLayout()
        self._lower.setSpacing(16)
        self.notes = NotesPanel()
        self.notes.added.connect(self.add_note)
        self.notes.removed.connect(self.remove_note)
        self._taken: list[tuple[Note, bool]] = []  # notes added (True) or removed (False) since the page was opened
        left = QVBoxLayout()
        left.setSpacing(16)
        left.addWidget(self._to_date_card())
        left.addWidget(self.notes, 1)
        self._panels = (left, self._definition_card())
        self.body.addLayout(self._lower)
        self.body.addWidget(self._breakdown_card())
        self.body.addWidget(self._table_card())
        self.body.addStretch(1)
        self.figures = Figures(self, lambda: self._listed(-1))
        for figures in self.findChildren(Figures):
            figures.asked.connect(session.show_working)
        self._arrange()

    def _arrange(self) -> None:
        """Put breakdown and definition side by side, or one below the other where the text is large."""
        large = text_size() > SIDE_BY_SIDE
        left, right = self._panels
        self._lower.removeItem(left)
        self._lower.addLayout(left, 0, 0)
        self._lower.addWidget(right, int(large), int(not large))
        for place, share in enumerate((677, 0 if large else 479)):
            self._lower.setColumnStretch(place, share)

    def open(self, argument: object) -> None:
        """Show the KPI whose id is `argument`."""
        if isinstance(argument, str) and argument and argument != self.kpi:
            self.kpi = argument
            self.multiples.fold()
            self._taken.clear()
            self.notes.clear()
            self.dimension.clear()
        self.make_stale()

    def refresh(self) -> None:
        """Ask for the page of the chosen KPI, grain and breakdown."""
        self._arrange()
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
        _clear(self.status)
        self.status.addWidget(Chip(page.status, page.chip))
        direction = facts.get("Direction", "")
        target = f"Target {page.target}" if page.history[-1].target is not None else "No target set"
        owner = f"owner {page.owner}" if page.owner else "no owner yet"
        self.facts.setText(f"{target}, {direction[:1].lower() + direction[1:]}, {owner}")
        self.chart.show_page(page)
        self.variation.setText(page.variation)
        self.dimension.clear()
        for key, label in page.dimensions:
            self.dimension.addItem(f"By {label.lower()}", key)
        self.dimension.setCurrentIndex(max(0, self.dimension.findData(page.dimension)))
        self.dimension.setVisible(bool(page.dimensions))
        self.to_date.show_lines(page.to_date)
        nothing = "Nothing to break down yet." if page.dimensions else "This KPI has no breakdown."
        self.multiples.show_breakdown(page.breakdown, dict(page.dimensions).get(page.dimension or "", "Slice"), nothing)
        self._show_definition(page)
        self._show_table(page)
        self.notes.show_notes(page.notes, page.today, self.session.read_only)

    # --- notes

    def begin_note(self) -> None:
        """Let the keyboard write a note."""
        for area in self.findChildren(QScrollArea):
            area.ensureWidgetVisible(self.notes)
        self.notes.text.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def add_note(self, when: str, text: str) -> None:
        """Keep a note on the KPI, of a day as people write it."""
        workspace, kpi = self.session.workspace, self.kpi
        # A day without its year is the last one of that name, not the next.
        on = None if workspace is None else read_day(when, workspace.today - timedelta(days=364))
        if on is None:
            self.notes.refuse("Enter a day, for example 30 Sep.")
            return
        self._note(lambda workspace: workspace.notes.add(kpi, on, text), added=True)

    def remove_note(self, note: Note) -> None:
        """Forget a note; it can be had back."""

        def work(workspace: "Workspace") -> Note:
            workspace.notes.remove(note)
            return note

        self._note(work, added=False)

    def _note(self, work: "Callable[[Workspace], Note]", *, added: bool) -> None:
        def done(note: Note) -> None:
            step = (note, added)
            self._taken.append(step)
            if added:
                self.notes.clear()
            self.session.noted.emit("Added a note" if added else "Removed a note", lambda: self._take_back(step))

        self.session.write(
            self,
            lambda workspace, _: work(workspace),
            done,
            lambda error: self.notes.refuse(str(error)),
            change=Change.DEFINITIONS,
        )

    @property
    def undoable(self) -> str:
        """The last change of notes."""
        return "change of notes" if self._taken and not self.session.read_only else ""

    def undo_edit(self) -> None:
        """Take the last change of notes back."""
        if self._taken:
            self._take_back(self._taken[-1])

    def _take_back(self, step: tuple[Note, bool]) -> None:
        if step not in self._taken:
            return
        self._taken.remove(step)
        note, added = step
        self.session.write(
            self,
            lambda workspace, _: workspace.notes.remove(note) if added else workspace.notes.put_back(note),
            lambda _: None,
        )

    def copy_data(self) -> None:
        """Put the whole history on the clipboard and say so."""
        if self.shown is not None:
            QGuiApplication.clipboard().setText(history_table(self.shown).copied())
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
        row.setContentsMargins(0, 10, 0, 0)
        row.setSpacing(6)
        self.back = Button("Dashboard", "link")
        self.back.clicked.connect(lambda: self.acted.emit("dashboard", ""))
        row.addWidget(self.back)
        row.addWidget(self.crumb)
        row.addStretch(1)
        return row

    def _chart_card(self) -> Card:
        box = Card()
        body = QVBoxLayout(box)
        body.setContentsMargins(16, 12, 16, 12)
        head = QHBoxLayout()
        head.setSpacing(12)
        self.value, self.status = Label("", "value"), QHBoxLayout()
        self.status.setSpacing(6)
        self.facts = Label("", "small", "text2", elide=True)
        head.addWidget(self.value)
        head.addLayout(self.status)
        head.addWidget(self.facts, 1)
        acts = {
            "Show the working": self.show_working,
            "View as table": self.view_as_table,
            "Copy data": self.copy_data,
            "Copy as image": self.copy_image,
        }
        for words, act in acts.items():
            link = Button(words, "link")
            link.clicked.connect(act)
            head.addWidget(link)
        body.addLayout(head)
        self.reading = Label("", "small", "text2", elide=True)
        self.chart = HistoryChart()
        self.chart.pointed.connect(self.reading.setText)
        self.chart_menu = ChartMenu(self.chart, self._history, figures=Figures(self.chart, self._pointed))
        self.variation = Label("", "small", "text2", elide=True)
        body.addWidget(self.reading)
        body.addWidget(self.chart)
        body.addWidget(self.variation)
        return box

    def show_working(self) -> None:
        """Show how the latest value came about."""
        self.figures.ask()

    def _listed(self, *places: int) -> Listed:
        history = () if self.shown is None else self.shown.history
        return [(history[place].label, history[place].figure) for place in places if history]

    def _pointed(self) -> Listed:
        return self._listed(-1 if self.chart.place is None else self.chart.place)

    def _history(self) -> ChartTable:
        return ChartTable("History", (), ()) if self.shown is None else history_table(self.shown)

    def _to_date_card(self) -> Card:
        box = Card()
        body = panel_body(box)
        body.addWidget(PanelHead("Like for like", Label("The same number of days of each", "small", "text2")))
        body.addWidget(Divider())
        self.to_date = ToDate()
        self.to_date.asked.connect(self.session.show_working)
        body.addWidget(self.to_date)
        return box

    def _breakdown_card(self) -> Card:
        box = Card()
        body = panel_body(box)
        self.dimension = QComboBox()
        self.dimension.setMinimumWidth(scaled(132))
        self.dimension.setAccessibleName("Break down by")
        self.dimension.activated.connect(self._break_down)
        body.addWidget(PanelHead("Breakdown, all on one scale", self.dimension))
        body.addWidget(Divider())
        self.multiples = Multiples()
        self.multiples.asked.connect(self.session.show_working)
        body.addWidget(self.multiples)
        return box

    def _break_down(self) -> None:
        self.multiples.fold()
        self.make_stale()

    def _definition_card(self) -> Card:
        box = Card()
        body = panel_body(box)
        self.edit = Button("Edit definition", "link")
        self.edit.clicked.connect(lambda: self.acted.emit("kpis", self.kpi))
        body.addWidget(PanelHead("Definition", self.edit))
        body.addWidget(Divider())
        body.addSpacing(10)
        self._definition = QGridLayout()
        self._definition.setHorizontalSpacing(16)
        self._definition.setVerticalSpacing(8)
        self._definition.setColumnStretch(1, 1)
        body.addLayout(self._definition)
        body.addStretch(1)
        return box

    def _table_card(self) -> Card:
        box = Card()
        body = QVBoxLayout(box)
        body.setContentsMargins(8, 0, 8, 8)
        body.setSpacing(0)
        head = PanelHead("History")
        head.setContentsMargins(8, 0, 8, 0)
        body.addWidget(head)
        self._model = TableModel(_COLUMNS, self)
        self.table = DataTable(self._model, "History by period")
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The table has the newest period first.
        chosen = Figures(self.table, lambda: self._listed(*(-1 - row for row in self.table.selected_rows())), menu=True)
        self.table.doubleClicked.connect(lambda _: chosen.ask())
        body.addWidget(self.table)
        return box

    def _show_definition(self, page: KpiPage) -> None:
        _clear(self._definition)
        told = [(name, words) for name, words in page.definition if words]
        for place, (name, words) in enumerate(told):
            caption = Label(name, "body", "text2", wrap=True)
            caption.setMinimumWidth(scaled(146))
            label = Label(words, "mono" if name == "Formula" else "body", wrap=True)
            if name == "Formula":
                label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._definition.addWidget(caption, place, 0, Qt.AlignmentFlag.AlignTop)
            self._definition.addWidget(label, place, 1)

    def _show_table(self, page: KpiPage) -> None:
        marked = {place: [one.words for one in page.marks if one.place == place] for place in range(len(page.history))}
        rows = []
        for place in range(len(page.history) - 1, -1, -1):
            row = page.history[place]
            notes = ", ".join(
                part for part in (row.reason.rstrip("."), *row.flags, row.variation, *marked[place]) if part
            )
            tone = "text3" if row.few else "text"
            value = Cell(row.text, tone, row.value, "" if row.value is None else repr(row.value))
            target = Cell(row.target_text, "text2", row.target, "" if row.target is None else repr(row.target))
            earlier = Cell(row.earlier_text, "text2", row.earlier, "" if row.earlier is None else repr(row.earlier))
            span = Cell(row.interval_text, "text2", None if row.interval is None else row.interval[0])
            parts = (target, earlier, Cell(row.numerator), Cell(row.denominator), Cell(row.n))
            rows.append((Cell(row.label, sort=float(place)), value, *parts, span, Cell(notes, "text2")))
        self._model.set_rows(rows)
        self.table.fix_rows()
