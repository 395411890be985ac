"""Held rows of one import: mended in a table, imported later, set aside, or taken to Excel."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QAbstractItemView, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.change import Change
from kpidesk.domain.finding import Status
from kpidesk.domain.importing import BatchInfo, HeldRow, HeldState
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button, Card, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, Index, TableColumn, TableModel
from kpidesk.ui.view import PageHeader, View

if TYPE_CHECKING:
    from kpidesk.domain.progress import Progress
    from kpidesk.workspace import Workspace
    from kpidesk.workspace.repairing import Repair

_FIXED = (TableColumn("Line", 64, numeric=True), TableColumn("Why it is held", 330))
_HINT = "Double-click a cell, or press F2, and type what it should say. Nothing is imported before you say so."


class HeldModel(TableModel):
    """Rows of cells of which those after the fixed columns can be edited. `edited` carries a row, a header and the text."""

    edited = Signal(int, str, str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(_FIXED, parent)
        self.editable = False

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let cells of the file be edited."""
        flags = super().flags(index)
        return flags | Qt.ItemFlag.ItemIsEditable if self.editable and index.column() >= len(_FIXED) else flags

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell's text also for its editor."""
        return super().data(index, Qt.ItemDataRole.DisplayRole if role == Qt.ItemDataRole.EditRole else role)

    def setData(self, index: Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tell what was typed; the view shows it with what it means."""
        if role != Qt.ItemDataRole.EditRole or str(value) == self.cell(index.row(), index.column()).text:
            return False
        self.edited.emit(self.source_row(index.row()), self.columns[index.column()].title, str(value))
        return True


class HeldRowsView(View):
    """`open_import` names the import. `left` asks for the list, with the import to select or None for the same."""

    title: ClassVar[str] = "Held rows"
    icon: ClassVar[str] = "table-2"
    redraw_on: ClassVar[Change] = Change.IMPORTS
    left = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.origin: BatchInfo | None = None
        self.rows: tuple[HeldRow, ...] = ()
        self._ready: frozenset[int] = frozenset()
        self._edits: dict[int, dict[int, dict[str, str]]] = {}  # import -> held row -> header -> text
        self._build()
        session.workspace_changed.connect(self._forget)

    def open_import(self, origin: BatchInfo) -> None:
        """Show the held rows of an import."""
        self.origin = origin
        self.rows, self._ready = (), frozenset()
        self.which.choose("waiting")
        self.make_stale()

    def _forget(self) -> None:
        self.origin = None
        self._edits.clear()

    # --- building

    def _build(self) -> None:
        self.header = PageHeader(self.title)
        self.back = Button("All imports", "ghost")
        self.back.clicked.connect(lambda: self.left.emit(None))
        self.export_button = Button("Export to Excel", icon="download")
        self.export_button.clicked.connect(self.ask_export)
        self.dismiss_button = Button("Dismiss")
        self.dismiss_button.clicked.connect(self.dismiss)
        self.import_button = Button("Import repaired rows", "primary", "upload")
        self.import_button.clicked.connect(self.import_repaired)
        for part in (self.back, self.export_button, self.dismiss_button, self.import_button):
            self.header.add(part)
        self.body.addWidget(self.header)
        line = QHBoxLayout()
        self.which = Segmented((("waiting", "To repair"), ("dismissed", "Dismissed")), "waiting")
        self.which.changed.connect(self.make_stale)
        self.hint = Label(_HINT, role="small", tone="text2", wrap=True)
        line.addWidget(self.which)
        line.addWidget(self.hint, 1, Qt.AlignmentFlag.AlignVCenter)
        self.body.addLayout(line)
        self.trouble = Label("", role="small", tone="bad_fg", wrap=True)
        self.trouble.hide()
        self.body.addWidget(self.trouble)
        self.model = HeldModel(self)
        self.model.edited.connect(self._edit)
        self.table = DataTable(self.model, "Held rows")
        triggers = QAbstractItemView.EditTrigger
        self.table.setEditTriggers(triggers.DoubleClicked | triggers.EditKeyPressed | triggers.AnyKeyPressed)
        # Every column of the file can be what has to be mended, so here the table does scroll sideways.
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.table.selectionModel().selectionChanged.connect(self._show_actions)
        card = Card()
        inside = QVBoxLayout(card)
        inside.setContentsMargins(8, 8, 8, 8)
        inside.addWidget(self.table)
        self.body.addWidget(card, 1)

    # --- looking

    def refresh(self) -> None:
        """Ask for the rows, the waiting ones as they read with what was typed."""
        if (origin := self.origin) is None:
            return
        if self.which.value == "waiting":
            edits = self._edits.get(origin.id, {})
            self.session.ask(
                self, lambda workspace, _: workspace.held.repair(origin.id, edits), self._show_repair, topic="held"
            )
        else:
            self.session.ask(
                self, lambda workspace, _: workspace.held_rows(origin.id), self._show_dismissed, topic="held"
            )

    def _show_repair(self, read: "Repair") -> None:
        self.origin, self._ready = read.origin, read.ready
        self.trouble.setText(read.trouble)
        self.trouble.setVisible(bool(read.trouble))
        self._show_rows(read.rows)

    def _show_dismissed(self, rows: tuple[HeldRow, ...]) -> None:
        self._ready = frozenset()
        self.trouble.hide()
        self._show_rows(tuple(row for row in rows if row.state is HeldState.DISMISSED))

    def _show_rows(self, rows: tuple[HeldRow, ...]) -> None:
        current, chosen = self.table.currentIndex(), [self.rows[place].id for place in self.table.selected_rows()]
        headers = _in_order(rows)
        kept = [row.id for row in self.rows] == [row.id for row in rows]
        if not kept or {one.title for one in self.model.columns[len(_FIXED) :]} != set(headers):
            columns = (*_FIXED, *(TableColumn(name, 150, role="mono") for name in headers))
        else:
            columns = self.model.columns  # the columns stay where they are while cells are mended
            headers = [one.title for one in columns[len(_FIXED) :]]
        self.rows = rows
        self.model.editable = self.which.value == "waiting" and not self.session.read_only
        self.model.set_rows([self._cells(row, headers) for row in rows], columns)
        for place, row in enumerate(rows):
            if row.id in chosen:
                self.table.select_row(place)
        if kept and current.isValid():
            self.table.setCurrentIndex(self.model.index(current.row(), current.column()))
        self._show_actions()

    def _cells(self, row: HeldRow, headers: Sequence[str]) -> list[Cell]:
        typed = self._edits.get(self.origin.id, {}).get(row.id, {}) if self.origin is not None else {}
        ready = row.id in self._ready
        why = Cell("Can be imported", mark=Status.GOOD) if ready else Cell(row.reason)
        return [
            Cell(f"{row.line:,}", "text2", float(row.line), str(row.line)),
            why,
            *(
                Cell(
                    row.cells.get(name, ""),
                    "accent_text" if name in typed else "text2",
                    tinted=name == row.column and not ready,
                )
                for name in headers
            ),
        ]

    def _show_actions(self) -> None:
        origin, locked = self.origin, self.session.read_only
        if origin is None:
            return
        waiting = self.which.value == "waiting"
        words = f"{len(self._ready):,} of {plural(len(self.rows), 'row')} can be imported now"
        if not waiting:
            words = f"{plural(len(self.rows), 'row')} set aside"
        elif not self.rows:
            words = "No row waits to be repaired"
        aside = f", {origin.dismissed:,} dismissed" if waiting and origin.dismissed else ""
        self.header.title.setText(f"Held rows of {origin.file_name}")
        self.header.answer.setText(words + aside)
        self.hint.setText(_HINT if waiting else "Dismissed rows are kept and can be brought back.")
        number = len(self._ready)
        self.import_button.setText(f"Import {plural(number, 'repaired row')}" if number else "Import repaired rows")
        self.import_button.updateGeometry()
        self.import_button.setVisible(waiting)
        self.import_button.setEnabled(number > 0 and not locked)
        self.import_button.setToolTip(locked or ("" if number else "No row can be read yet"))
        chosen = bool(self.table.selected_rows())
        self.dismiss_button.setText("Dismiss" if waiting else "Bring back")
        self.dismiss_button.updateGeometry()
        self.dismiss_button.setEnabled(chosen and not locked)
        self.dismiss_button.setToolTip(locked or ("" if chosen else "Choose one or several rows"))

    # --- doing

    def _edit(self, place: int, header: str, text: str) -> None:
        if self.origin is not None:
            typed = self._edits.setdefault(self.origin.id, {}).setdefault(self.rows[place].id, {})
            typed[header] = text
            self.refresh()

    def import_repaired(self) -> None:
        """Import the rows that can be read now; the rest stays held."""
        if (origin := self.origin) is None:
            return
        edits = self._edits.get(origin.id, {})

        def work(workspace: "Workspace", progress: "Progress") -> BatchInfo:
            return workspace.held.import_repaired(origin.id, edits, progress)

        self.session.write(self, work, self._imported, title="Importing repaired rows")

    def _imported(self, made: BatchInfo) -> None:
        self.session.repaired.emit(made)
        words = f"Imported {plural(made.rows, 'repaired row')}."
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def dismiss(self) -> None:
        """Set the chosen rows aside, or bring them back."""
        chosen = [self.rows[place].id for place in self.table.selected_rows()]
        aside = self.which.value == "waiting"

        def work(workspace: "Workspace", _progress: "Progress") -> Change:
            return workspace.held.dismiss(chosen, dismissed=aside)

        self.session.write(self, work, lambda _: None, title="Dismissing rows" if aside else "Bringing rows back")

    def ask_export(self) -> None:
        """Ask for a name and write the held rows there."""
        if (origin := self.origin) is None:
            return
        name = f"Held rows of {Path(origin.file_name).stem}.xlsx"
        path, _ = QFileDialog.getSaveFileName(self, "Export held rows", name, "Excel workbooks (*.xlsx)")
        if path:
            self.export(Path(path).with_suffix(".xlsx"))

    def export(self, path: Path) -> None:
        """Write the held rows of the import with their reasons."""
        if (origin := self.origin) is not None:
            self.session.ask(
                self,
                lambda workspace, _: workspace.held.export(path, origin.id),
                lambda written: self.session.written.emit("The held rows were written to", written),
                title="Writing the held rows",
            )


def _in_order(rows: Sequence[HeldRow]) -> list[str]:
    """Return the headers of the cells, those at fault first."""
    headers = list(dict.fromkeys(header for row in rows for header in row.cells))
    blamed = {row.column for row in rows}
    return [name for name in headers if name in blamed] + [name for name in headers if name not in blamed]
