"""Imports: what came in when, what it did, and the way back. The import wizard opens in the same page."""

from collections.abc import Sequence
from datetime import UTC, date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QMessageBox, QVBoxLayout, QWidget

from kpidesk.domain.absence import Missing
from kpidesk.domain.change import Change
from kpidesk.domain.entity import entity
from kpidesk.domain.finding import Status
from kpidesk.domain.importing import BatchInfo, ImportReport
from kpidesk.domain.snapshot import Snapshot
from kpidesk.ingest.profiles import profile
from kpidesk.present.numbers import day as on_day
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.views.held_rows import HeldRowsView
from kpidesk.ui.views.import_details import ImportDetails
from kpidesk.ui.views.import_wizard import ImportWizardView
from kpidesk.ui.views.missing_deals import MissingDealsView
from kpidesk.ui.views.watch_line import WatchLine
from kpidesk.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from kpidesk.domain.progress import Progress
    from kpidesk.ui.watching import FolderWatch
    from kpidesk.workspace import Workspace

_COLUMNS = (
    TableColumn("File", 0, role="bodym", least=250),
    TableColumn("Rows are", 100, drop=2),
    TableColumn("From", 108, drop=4),
    TableColumn("As of", 104, drop=1),
    TableColumn("Imported", 140),
    TableColumn("Rows", 68, numeric=True),
    TableColumn("Added", 68, numeric=True, drop=3),
    TableColumn("Updated", 76, numeric=True, drop=3),
    TableColumn("Held", 60, numeric=True),
    TableColumn("Data", 210, drop=5),
    TableColumn("State", 104),
)


class ImportsView(View):
    """All imports, newest first, and the wizard for new files."""

    title: ClassVar[str] = "Imports"
    icon: ClassVar[str] = "file-spreadsheet"
    redraw_on: ClassVar[Change] = Change.IMPORTS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.batches: tuple[BatchInfo, ...] = ()
        self._wanted: int | None = None
        self._wants = ""
        self.questions: tuple[Missing, ...] = ()
        self.header = PageHeader(self.title)
        self.answer_button = Button("Missing deals", icon="circle-question-mark")
        self.answer_button.setToolTip("Open deals that a newer file lacks: say what became of them")
        self.answer_button.clicked.connect(self.show_missing)
        self.held_button = Button("Repair held rows", icon="table-2")
        self.held_button.clicked.connect(self.show_held)
        self.undo_button = Button("Undo import", "danger", "undo-2")
        self.undo_button.clicked.connect(self.ask_undo)
        self.import_button = Button("Import data", "primary", "upload")
        self.import_button.clicked.connect(self._start)
        for part in (self.answer_button, self.held_button, self.undo_button, self.import_button):
            self.header.add(part)
        self.body.addWidget(self.header)
        self.model = TableModel(_COLUMNS, self)
        self.table = DataTable(self.model, "Imports, newest first")
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(self._show_actions)
        self.card = Card()
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.table, 1)
        self.details = ImportDetails()
        self.details.setContentsMargins(8, 4, 8, 6)
        self.details.day_chosen.connect(self._set_day)
        self.details.answer.connect(self.show_missing)
        inside.addWidget(Divider())
        inside.addWidget(self.details)
        self.body.addWidget(self.card, 1)
        self.watch_line = WatchLine()
        self.body.addWidget(self.watch_line)
        self.empty = self._make_empty()
        self.body.addWidget(self.empty, 1)
        self._add_wizard()
        self.show_batches(())

    def open(self, argument: object) -> None:
        """Show the list with an import selected, given by its id.

        With `held/` before it the rows that it holds are shown, with `missing/` the open deals that it lacks.
        """
        kind, _, number = str(argument).rpartition("/")
        self._wanted = int(number) if number.isdigit() else None
        self._wants = kind
        self.show_list()

    def refresh(self) -> None:
        """Ask for the imports, and what is asked about them."""
        self.session.ask(self, lambda workspace, _progress: workspace.imports(), self.show_batches, topic="imports")
        self.session.ask(
            self, lambda workspace, _: workspace.history.missing(), self._have_questions, topic="questions"
        )

    def _have_questions(self, questions: tuple[Missing, ...]) -> None:
        self.questions = questions
        self._show_actions()

    def show_watch(self, watch: "FolderWatch") -> None:
        """Show which folder is watched and what is new in it."""
        self.watch_line.follow(watch)

    # --- list and wizard

    def _add_wizard(self) -> None:
        layout = self.layout()
        assert layout is not None  # noqa: S101 - made by View
        item = layout.itemAt(0)
        list_page = None if item is None else item.widget()
        assert list_page is not None  # noqa: S101 - made by View
        self._list_page = list_page
        self.wizard = ImportWizardView(self.session)
        self.held, self.missing = HeldRowsView(self.session), MissingDealsView(self.session)
        for part in (self.wizard, self.held, self.missing):
            part.hide()
            layout.addWidget(part)
        self.wizard.acted.connect(self.acted)
        self.wizard.see_dashboard.connect(lambda: self.acted.emit("dashboard", ""))
        self.wizard.left.connect(self.open)
        self.wizard.see_held.connect(lambda batch: self.open(f"held/{batch}"))
        self.wizard.see_missing.connect(lambda batch: self.open(f"missing/{batch}"))
        for page in (self.held, self.missing):
            page.left.connect(lambda _: self.show_list())
        self.session.workspace_changed.connect(self.show_list)
        self.session.imported.connect(self._on_imported)

    @Slot(object, object)
    def _on_imported(self, report: object, path: object) -> None:
        """Select what came in when the list is seen next."""
        del path
        if isinstance(report, ImportReport) and report.batch is not None:
            self._wanted = report.batch

    def read_files(self, paths: Sequence[Path]) -> None:
        """Open the wizard with files, or with its drop zone when there are none."""
        self._show(self.wizard)
        if paths:
            self.wizard.take_files(paths)
        else:
            self.wizard.start_over()

    def _start(self) -> None:
        """Go on with the file that was left in the wizard, else begin anew."""
        if self.wizard.file_at_hand:
            self._show(self.wizard)
        else:
            self.read_files(())

    @property
    def help_topic(self) -> str:
        """The wizard has its own help."""
        return "import" if self.wizard.isVisible() else ""

    def go_up(self) -> bool:
        """Leave the held rows, or turn the wizard back a step and out of it; its file and answers stay for later."""
        if self.held.isVisible() or self.missing.isVisible():
            self.show_list()
            return True
        if not self.wizard.isVisible():
            return False
        if not self.wizard.go_up():
            if not self.wizard.file_at_hand:
                self.wizard.start_over()
            self.show_list()
        return True

    def show_list(self) -> None:
        """Close the wizard and list the imports."""
        self._show(self._list_page)
        self.make_stale()

    def _show(self, shown: QWidget) -> None:
        for part in (self._list_page, self.wizard, self.held, self.missing):
            part.setVisible(part is shown)

    def show_batches(self, batches: tuple[BatchInfo, ...]) -> None:
        """List the imports, keeping the selected one."""
        chosen = self._wanted if self._wanted is not None else getattr(self.selected, "id", None)
        self._wanted = None
        self.batches = batches
        self.model.set_rows([_cells(batch) for batch in batches])
        self.card.setVisible(bool(batches))
        self.empty.setVisible(not batches)
        standing = sum(batch.undone_at is None for batch in batches)
        files = plural(standing, "import")
        self.header.answer.setText(f"{files} in this workspace. Every import can be undone." if batches else "")
        place = next((number for number, batch in enumerate(batches) if batch.id == chosen), 0)
        if batches:
            self.table.select_row(place)
        self._show_actions()
        wants, self._wants = self._wants, ""
        if wants == "held":
            self.show_held()
        elif wants == "missing":
            self.show_missing()

    @property
    def selected(self) -> BatchInfo | None:
        """The import that is selected."""
        rows = self.table.selected_rows()
        return self.batches[rows[0]] if rows and rows[0] < len(self.batches) else None

    def _show_actions(self) -> None:
        batch, locked = self.selected, self.session.read_only
        standing = batch is not None and batch.undone_at is None
        self.undo_button.setEnabled(standing and not locked)
        self.undo_button.setToolTip(locked if standing else "The chosen import is undone already")
        left = self.wizard.file_at_hand
        for button in (self.import_button, self.first_button):
            button.setText("Continue the import" if left else "Import data")
            button.setToolTip((locked or f"Go on with {left}" if left else locked).replace("<", "‹"))
            button.setEnabled(not locked)
            button.updateGeometry()
        held = batch is not None and batch.effect.held > 0
        self.held_button.setEnabled(held and standing)
        why = "The chosen import is undone already" if held else "The chosen import holds no rows"
        self.held_button.setToolTip("" if held and standing else why)
        for button in (self.undo_button, self.held_button, self.import_button):
            button.setVisible(bool(self.batches))
        self._show_details(batch if standing else None, locked)

    def _show_details(self, batch: BatchInfo | None, locked: str) -> None:
        workspace = self.session.workspace
        seen, lacking = (None, 0) if batch is None else (batch.snapshot, self._lacking(batch.id))
        self.details.show_known(seen, lacking, date.max if workspace is None else workspace.today, locked)
        number = sum(len(one.deals) for one in self.questions)
        self.answer_button.setText(plural(number, "missing deal"))
        self.answer_button.updateGeometry()
        self.answer_button.setVisible(number > 0)

    def _lacking(self, batch: int) -> int:
        return sum(len(one.deals) for one in self.questions if one.batch == batch)

    @property
    def undoable(self) -> str:
        """The answer about missing deals that was given last, on their page."""
        return "answer about missing deals" if self.missing.isVisible() and self.missing.last else ""

    def undo_edit(self) -> None:
        """Take that answer back."""
        self.missing.undo_last()

    # --- actions

    def ask_undo(self) -> None:
        """Undo the selected import after a question."""
        if (batch := self.selected) is not None:
            self.ask_undo_of(batch)

    def ask_undo_of(self, batch: BatchInfo) -> None:
        """Undo an import after a question whose safe answer is the default."""
        question = QMessageBox(self)
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.setTextFormat(Qt.TextFormat.PlainText)
        question.setWindowTitle("Undo import")
        question.setText(f"Undo the import of {batch.file_name}?")
        again = "The file can be imported again." if batch.repairs is None else "The rows are held again."
        words = (
            "Its rows and changes go, also those repaired from it."
            if self._repaired(batch)
            else "Its rows and changes go."
        )
        if any(one.part_of == batch.id and one.undone_at is None for one in self.batches):
            words += " So does the stage history that came with it."
        question.setInformativeText(f"{words} Other imports stay. {again}")
        undo = question.addButton("Undo import", QMessageBox.ButtonRole.DestructiveRole)
        keep = question.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(keep)
        question.setEscapeButton(keep)
        undo.clicked.connect(partial(self.undo, batch.id))
        question.open()

    def _repaired(self, batch: BatchInfo) -> bool:
        return any(one.repairs == batch.id and one.undone_at is None for one in self.batches)

    def undo(self, batch_id: int, name: str = "") -> None:
        """Take an import back; `name` is the name of its file where the list does not have it yet."""
        name = name or next((batch.file_name for batch in self.batches if batch.id == batch_id), "the file")

        def work(workspace: "Workspace", progress: "Progress") -> Change:
            return workspace.undo(batch_id, progress)

        self.session.write(
            self, work, lambda _change: self.session.import_undone.emit(batch_id, name), title="Undoing the import"
        )

    def show_missing(self) -> None:
        """Ask what became of the open deals that newer files lack, of those of the selected import first."""
        batch = self.selected
        self._show(self.missing)
        self.missing.open_import(batch.id if batch is not None and self._lacking(batch.id) else None)

    def _set_day(self, day: date) -> None:
        """Give the selected import another day, with the way back."""
        batch = self.selected
        if batch is None or batch.snapshot is None:
            return
        before = batch.snapshot

        def back() -> None:
            self.session.write(
                self, lambda workspace, progress: workspace.redate(batch.id, before, progress), lambda _: None
            )

        self.session.write(
            self,
            lambda workspace, progress: workspace.redate(batch.id, day, progress),
            lambda _: self.session.noted.emit(f"{batch.file_name} counts as of {on_day(day)}", back),
            title="Ordering the imports anew",
        )

    def show_held(self) -> None:
        """Show the held rows of the selected import."""
        if (batch := self.selected) is not None:
            self._open_held(batch)

    def _open_held(self, batch: BatchInfo) -> None:
        self._show(self.held)
        self.held.open_import(batch)

    def _make_empty(self) -> QWidget:
        self.first_button = Button("Import data", "primary", "upload")
        self.first_button.clicked.connect(self._start)
        words = "Export deals from your CRM and import the file. It stays on this computer."
        return EmptyState("file-spreadsheet", "No imports yet", words, self.first_button)


def _of(seen: Snapshot, tone: str) -> Cell:
    return Cell(on_day(seen.day), tone, float(seen.day.toordinal()), seen.day.isoformat())


def _cells(batch: BatchInfo) -> list[Cell]:
    gone = batch.undone_at is not None
    tone = "text3" if gone else "text"
    when = (batch.imported_at if batch.imported_at.tzinfo else batch.imported_at.replace(tzinfo=UTC)).astimezone()
    span = ""
    if batch.first_day is not None and batch.last_day is not None:
        span = f"{on_day(batch.first_day)} to {on_day(batch.last_day)}"
    effect = batch.effect
    origin = known.label if (known := profile(batch.profile)) else batch.profile
    mark = Status.NONE if gone else Status.GOOD

    def number(value: int, *, alarm: bool = False) -> Cell:
        return Cell(f"{value:,}", "bad_fg" if alarm and value and not gone else tone, float(value), str(value))

    return [
        Cell(("" if batch.repairs is None else "Repaired rows of ") + batch.file_name, tone, struck=gone),
        Cell(entity(batch.entity).label, tone),
        Cell(origin[:1].upper() + origin[1:], tone),
        Cell("", tone) if batch.snapshot is None else _of(batch.snapshot, tone),
        Cell(f"{when.day} {when:%b %Y, %H:%M}", tone, when.timestamp(), when.isoformat()),
        number(batch.rows),
        number(effect.added),
        number(effect.updated),
        number(batch.waiting, alarm=True),
        Cell(span, tone, str(batch.first_day or "")),
        Cell("Undone" if gone else "Imported", "text3" if gone else "text2", mark=mark),
    ]
