"""Imports: what came in when, what it did, and the way back. The import wizard opens in the same page."""

import csv
from collections.abc import Sequence
from datetime import UTC
from functools import partial
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QSaveFile, Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QMessageBox, QVBoxLayout, QWidget

from kpidesk.domain.change import Change
from kpidesk.domain.entity import entity
from kpidesk.domain.finding import Status
from kpidesk.domain.importing import BatchInfo, HeldRow
from kpidesk.ingest.profiles import profile
from kpidesk.present.numbers import day, plural
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.views.import_wizard import ImportWizardView
from kpidesk.ui.widgets.empty_state import EmptyState

if TYPE_CHECKING:
    from kpidesk.domain.progress import Progress
    from kpidesk.workspace import Workspace

_COLUMNS = (
    TableColumn("File", 0, role="bodym"),
    TableColumn("Rows are", 100, drop=2),
    TableColumn("From", 108, drop=4),
    TableColumn("Imported", 140),
    TableColumn("Rows", 68, numeric=True),
    TableColumn("Added", 68, numeric=True, drop=1),
    TableColumn("Updated", 76, numeric=True, drop=1),
    TableColumn("Held", 60, numeric=True),
    TableColumn("Data", 210, drop=3),
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
        self.header = PageHeader(self.title)
        self.held_button = Button("Show held rows", icon="table-2")
        self.held_button.clicked.connect(self.show_held)
        self.undo_button = Button("Undo import", "danger", "undo-2")
        self.undo_button.clicked.connect(self.ask_undo)
        self.import_button = Button("Import data", "primary", "upload")
        self.import_button.clicked.connect(self._start)
        for part in (self.held_button, self.undo_button, self.import_button):
            self.header.add(part)
        self.body.addWidget(self.header)
        self.model = TableModel(_COLUMNS, self)
        self.table = DataTable(self.model, "Imports, newest first")
        self.table.setSelectionMode(DataTable.SelectionMode.SingleSelection)
        self.table.selectionModel().selectionChanged.connect(self._show_actions)
        self.card = Card()
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.table)
        self.body.addWidget(self.card, 1)
        self.empty = self._make_empty()
        self.body.addWidget(self.empty, 1)
        self._add_wizard()
        self.show_batches(())

    def open(self, argument: object) -> None:
        """Show the list with an import selected, given by its id."""
        self._wanted = int(str(argument)) if str(argument).isdigit() else None
        self.show_list()

    def refresh(self) -> None:
        """Ask for the imports."""
        self.session.ask(self, lambda workspace, _progress: workspace.imports(), self.show_batches, topic="imports")

    # --- list and wizard

    def _add_wizard(self) -> None:
        layout = self.layout()
        assert layout is not None  # noqa: S101 - made by View
        item = layout.itemAt(0)
        list_page = None if item is None else item.widget()
        assert list_page is not None  # noqa: S101 - made by View
        self._list_page = list_page
        self.wizard = ImportWizardView(self.session)
        self.wizard.hide()
        layout.addWidget(self.wizard)
        self.wizard.see_dashboard.connect(lambda: self.acted.emit("dashboard", ""))
        self.wizard.left.connect(self.open)
        self.session.workspace_changed.connect(self.show_list)

    def read_files(self, paths: Sequence[Path]) -> None:
        """Open the wizard with files, or with its drop zone when there are none."""
        self._list_page.hide()
        self.wizard.show()
        if paths:
            self.wizard.take_files(paths)
        else:
            self.wizard.start_over()

    def _start(self) -> None:
        """Go on with the file that was left in the wizard, else begin anew."""
        if self.wizard.file_at_hand:
            self._list_page.hide()
            self.wizard.show()
        else:
            self.read_files(())

    @property
    def help_topic(self) -> str:
        """The wizard has its own help."""
        return "import" if self.wizard.isVisible() else ""

    def go_up(self) -> bool:
        """Turn the wizard back a step and out of it; its file and answers stay for later."""
        if not self.wizard.isVisible():
            return False
        if not self.wizard.go_up():
            if not self.wizard.file_at_hand:
                self.wizard.start_over()
            self.show_list()
        return True

    def show_list(self) -> None:
        """Close the wizard and list the imports."""
        self.wizard.hide()
        self._list_page.show()
        self.make_stale()

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
        self.held_button.setEnabled(held)
        self.held_button.setToolTip("" if held else "The chosen import holds no rows")
        for button in (self.undo_button, self.held_button, self.import_button):
            button.setVisible(bool(self.batches))

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
        question.setInformativeText("Its rows and changes go. Other imports stay. The file can be imported again.")
        undo = question.addButton("Undo import", QMessageBox.ButtonRole.DestructiveRole)
        keep = question.addButton("Keep it", QMessageBox.ButtonRole.RejectRole)
        question.setDefaultButton(keep)
        question.setEscapeButton(keep)
        undo.clicked.connect(partial(self.undo, batch.id))
        question.open()

    def undo(self, batch_id: int, name: str = "") -> None:
        """Take an import back; `name` is the name of its file where the list does not have it yet."""
        name = name or next((batch.file_name for batch in self.batches if batch.id == batch_id), "the file")

        def work(workspace: "Workspace", progress: "Progress") -> Change:
            return workspace.undo(batch_id, progress)

        self.session.write(
            self, work, lambda _change: self.session.import_undone.emit(batch_id, name), title="Undoing the import"
        )

    def show_held(self) -> None:
        """Ask for the held rows of the selected import and show them."""
        batch = self.selected
        if batch is not None:
            self.session.ask(
                self,
                lambda workspace, _progress: workspace.held_rows(batch.id),
                lambda rows: HeldRowsDialog(batch, rows, self).open(),
                topic="held-rows",
            )

    def _make_empty(self) -> QWidget:
        self.first_button = Button("Import data", "primary", "upload")
        self.first_button.clicked.connect(self._start)
        words = "Export deals from your CRM and import the file. It stays on this computer."
        return EmptyState("file-spreadsheet", "No imports yet", words, self.first_button)


class HeldRowsDialog(QDialog):
    """The rows of one import that could not be read: where, why, and their cells as they stand in the file."""

    def __init__(self, batch: BatchInfo, rows: tuple[HeldRow, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle("Held rows")
        self.resize(1040, 560)
        self.rows = rows
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(10)
        column.addWidget(Label(f"Held rows of {batch.file_name}", role="h2", elide=True))
        them = "it" if len(rows) == 1 else "them"
        words = f"could not be read. Repair {them} in your CRM or in the file, then import the file again."
        column.addWidget(Label(f"{plural(len(rows), 'row')} {words}", tone="text2", wrap=True))
        card = Card()
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 8, 8, 8)
        self.table = DataTable(_held_model(rows, self), "Held rows")
        inside.addWidget(self.table)
        column.addWidget(card, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        save = Button("Save as CSV", icon="download")
        save.clicked.connect(self._save)
        close = Button("Close")
        close.clicked.connect(self.close)
        self.status = Label("", role="small", tone="text2")
        buttons.addWidget(self.status)
        buttons.addStretch(1)
        buttons.addWidget(save)
        buttons.addWidget(close)
        column.addLayout(buttons)

    def _save(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "Save held rows", "held-rows.csv", "CSV (*.csv)")
        if name:
            words = f"Saved {Path(name).name}."
            if not save_held(Path(name), self.rows):
                words = f"{Path(name).name} could not be written. Nothing was changed. Choose another folder."
            self.status.setText(words)


def _held_model(rows: Sequence[HeldRow], parent: QWidget) -> TableModel:
    headers = _headers(rows)
    blamed = {row.column for row in rows}
    # The columns that are at fault stay longest when the dialog is narrow.
    order = [name for name in headers if name in blamed] + [name for name in headers if name not in blamed]
    columns = [TableColumn("Line", 56, numeric=True), TableColumn("Reason", 320)]
    columns += [TableColumn(name, 130, role="mono", drop=place + 1) for place, name in enumerate(order)]
    model = TableModel(columns, parent)
    model.set_rows(
        [
            [
                Cell(f"{row.line:,}", "text2", float(row.line), str(row.line)),
                Cell(row.reason),
                *(Cell(row.cells.get(name, ""), "text2", tinted=name == row.column) for name in order),
            ]
            for row in rows
        ]
    )
    return model


def _headers(rows: Sequence[HeldRow]) -> list[str]:
    return list(dict.fromkeys(header for row in rows for header in row.cells))


def save_held(path: Path, rows: Sequence[HeldRow]) -> bool:
    """Write held rows as CSV with line and reason; False when the file cannot be written, and then it is as it was."""
    file = QSaveFile(str(path))
    if not file.open(QSaveFile.OpenModeFlag.WriteOnly):
        return False
    headers = _headers(rows)
    lines = [["Line", "Reason", *headers]]
    lines += [[str(row.line), row.reason, *(row.cells.get(header, "") for header in headers)] for row in rows]
    text = StringIO()
    csv.writer(text).writerows([[_inert(cell) for cell in line] for line in lines])
    file.write(("\ufeff" + text.getvalue()).encode())
    return file.commit()


def _inert(cell: str) -> str:
    """Keep a spreadsheet from running a cell as a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "@", "\t", "\r") else cell


def _cells(batch: BatchInfo) -> list[Cell]:
    gone = batch.undone_at is not None
    tone = "text3" if gone else "text"
    when = (batch.imported_at if batch.imported_at.tzinfo else batch.imported_at.replace(tzinfo=UTC)).astimezone()
    span = ""
    if batch.first_day is not None and batch.last_day is not None:
        span = f"{day(batch.first_day, year=True)} to {day(batch.last_day, year=True)}"
    effect = batch.effect
    origin = known.label if (known := profile(batch.profile)) else batch.profile
    mark = Status.NONE if gone else Status.GOOD

    def number(value: int, *, alarm: bool = False) -> Cell:
        return Cell(f"{value:,}", "bad_fg" if alarm and value and not gone else tone, float(value), str(value))

    return [
        Cell(batch.file_name, tone, struck=gone),
        Cell(entity(batch.entity).label, tone),
        Cell(origin[:1].upper() + origin[1:], tone),
        Cell(f"{when.day} {when:%b %Y, %H:%M}", tone, when.timestamp(), when.isoformat()),
        number(batch.rows),
        number(effect.added),
        number(effect.updated),
        number(effect.held, alarm=True),
        Cell(span, tone, str(batch.first_day or "")),
        Cell("Undone" if gone else "Imported", "text3" if gone else "text2", mark=mark),
    ]
