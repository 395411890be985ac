"""Step 1: which file, and what is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from kpidesk.domain.entity import ENTITIES, FieldType, entity
from kpidesk.domain.importing import Preview
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.labels import Label
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.theme import scaled
from kpidesk.ui.views.import_steps.choosing import size_text
from kpidesk.ui.views.import_steps.drop_zone import DropZone
from kpidesk.ui.views.import_steps.marks import Mark
from kpidesk.ui.widgets.choice import Choice

_FIRST_ROWS = 8


@dataclass(frozen=True, slots=True)
class QueuedFile:
    """One of the files to import, and how far it has come: waiting, now, done or failed."""

    path: Path
    state: str = "waiting"
    note: str = ""


class FileStep(QWidget):
    """A drop zone while no file is chosen, then the file's name, kind, sheet, header and first rows."""

    choose = Signal()
    choose_folder = Signal()
    dropped = Signal(list)
    entity_chosen = Signal(str)
    sheet_chosen = Signal(str)
    header_chosen = Signal(int)
    skipped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._header_line = 0
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(16)
        self.zone = DropZone(
            "Drop a CRM export here", "CSV, XLSX, XLS or ODS. Nothing is saved until the last step.", "primary"
        )
        self.zone.choose.connect(self.choose)
        self.zone.choose_folder.connect(self.choose_folder)
        self.zone.dropped.connect(self.dropped)
        page.addWidget(self.zone)
        page.addWidget(self._make_failure())
        page.addWidget(self._make_facts())
        page.addWidget(self._make_queue())
        page.addWidget(self._make_first_rows())
        page.addStretch(1)
        self.show_nothing()

    # --- what is shown

    def show_nothing(self) -> None:
        """Ask for a file."""
        self.zone.show()
        for part in (self.failure, self.facts, self.first_rows):
            part.hide()

    def show_failure(self, path: Path, message: str, *, more_files: bool) -> None:
        """Say that a file could not be read, that nothing changed, and offer another header or file."""
        self.zone.hide()
        self.facts.hide()
        self.first_rows.hide()
        self.failure_title.setText(f"{path.name} could not be read")
        self.failure_text.setText(message)
        # Another header row can only help where there is a file to read.
        for part in (self.header_label, self.header_line, self.use_header):
            part.setVisible(path.exists())
        self.skip.setVisible(more_files)
        self.failure.show()

    def show_preview(self, path: Path, preview: Preview) -> None:
        """Show what was recognised."""
        self.zone.hide()
        self.failure.hide()
        self.name.setText(preview.file_name)
        size = size_text(path.stat().st_size) if path.exists() else ""
        columns = len(preview.matches)
        facts = (size, plural(preview.row_count, "row"), plural(columns, "column"))
        self.extent.setText(", ".join(filter(None, facts)))
        generic = preview.profile in ("", "generic")
        self.recognised.setText("As a table without a known CRM" if generic else f"As a {preview.profile_label} export")
        self.entity.offer(tuple((one.name, one.label) for one in ENTITIES), preview.entity)
        self.sheet.offer(tuple((name, name) for name in preview.sheets), preview.sheet or "")
        for part in (self.sheet, self.sheet_label):
            part.setVisible(len(preview.sheets) > 1)
        blocked = self.header.blockSignals(True)
        self._header_line = preview.header_line
        self.header.setValue(preview.header_line)
        self.header.blockSignals(blocked)
        self._show_first_rows(preview)
        self.facts.show()
        self.first_rows.show()

    def show_queue(self, files: Sequence[QueuedFile]) -> None:
        """List the files when there are several, with how far each has come."""
        layout = self.queue.layout()
        assert isinstance(layout, QVBoxLayout)  # noqa: S101 - made by _make_queue
        while (item := layout.takeAt(1)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for file in files:
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 2, 0, 2)
            line.setSpacing(8)
            mark = {"done": "good", "failed": "bad"}.get(file.state, "none")
            line.addWidget(Mark(mark))
            now = file.state == "now"
            line.addWidget(Label(file.path.name, role="strong" if now else "body"))
            words = {"done": "Imported", "failed": "Not imported", "now": "Being checked", "waiting": "Waiting"}
            line.addWidget(Label(file.note or words[file.state], role="small", tone="text2"))
            line.addStretch(1)
            layout.addWidget(row)
        self.queue.setVisible(len(files) > 1)

    def _show_first_rows(self, preview: Preview) -> None:
        matches = preview.matches
        by_field = {match.field: match.column for match in matches if match.field}
        columns = [TableColumn("Line", 56, numeric=True)]
        kind = entity(preview.entity)
        numeric = {
            match.column
            for match in matches
            if match.field and kind.field(match.field).type in (FieldType.MONEY, FieldType.NUMBER)
        }
        columns += [
            TableColumn(match.column, 130, numeric=match.column in numeric, drop=place)
            for place, match in enumerate(matches)
        ]
        rows = []
        for row in preview.rows[:_FIRST_ROWS]:
            shown = {by_field[name]: text for name, text in row.cells.items() if name in by_field}
            cells = [Cell(f"{row.line:,}", "text3", float(row.line))]
            cells += [Cell(shown.get(match.column, ""), "text" if match.field else "text3") for match in matches]
            rows.append(cells)
        self.rows_model.set_rows(rows, columns)
        self.rows_table.fix_rows()
        self.no_rows.setVisible(not rows)

    # --- parts

    def _make_failure(self) -> QWidget:
        self.failure = QWidget()
        column = QVBoxLayout(self.failure)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        banner = Card(tint="bad")
        line = QHBoxLayout(banner)
        line.setContentsMargins(14, 12, 14, 12)
        line.setSpacing(12)
        line.addWidget(Mark("bad", 16), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.failure_title = Label("", role="strong")
        self.failure_text = Label("", role="body", tone="text2", wrap=True)
        words.addWidget(self.failure_title)
        words.addWidget(self.failure_text)
        line.addLayout(words, 1)
        column.addWidget(banner)
        actions = QHBoxLayout()
        actions.setSpacing(8)
        self.header_line = _line_box("Header row of the file")
        self.use_header = Button("Use this header row", icon="table-2")
        self.use_header.clicked.connect(lambda: self.header_chosen.emit(self.header_line.value()))
        another = Button("Try another file")
        another.clicked.connect(self.choose)
        self.header_label = Label("Header in row", role="bodym")
        self.skip = Button("Skip to the next file", icon="arrow-right")
        self.skip.clicked.connect(self.skipped)
        actions.addWidget(self.header_label)
        actions.addWidget(self.header_line)
        actions.addWidget(self.use_header)
        actions.addWidget(another)
        actions.addWidget(self.skip)
        actions.addStretch(1)
        column.addLayout(actions)
        return self.failure

    def _make_facts(self) -> QWidget:
        self.facts = Card()
        grid = QGridLayout(self.facts)
        grid.setContentsMargins(16, 13, 16, 16)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        self.name = Label("", role="head")
        self.extent = Label("", role="small", tone="text2")
        title = QVBoxLayout()
        title.setSpacing(2)
        title.addWidget(self.name)
        title.addWidget(self.extent)
        grid.addLayout(title, 0, 0, 1, 4)
        title.addStretch(1)
        grid.setRowMinimumHeight(0, scaled(52))
        another = Button("Choose another file", icon="folder-open")
        another.clicked.connect(self.choose)
        grid.addWidget(another, 0, 4, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop)
        self.recognised = Label("", role="body")
        self.entity = Choice("What the rows are")
        self.entity.activated.connect(lambda _: self.entity_chosen.emit(self.entity.key))
        self.sheet_label = Label("Sheet", role="smallm", tone="text2")
        self.sheet = Choice("Sheet")
        self.sheet.activated.connect(lambda _: self.sheet_chosen.emit(self.sheet.key))
        self.header = _line_box("Header row of the file")
        self.header.editingFinished.connect(self._tell_header)
        parts = (
            (Label("Recognised", role="smallm", tone="text2"), self.recognised),
            (Label("Rows are", role="smallm", tone="text2"), self.entity),
            (self.sheet_label, self.sheet),
            (Label("Header in row", role="smallm", tone="text2"), self.header),
        )
        for place, (label, part) in enumerate(parts):
            grid.addWidget(label, 1, place)
            grid.addWidget(part, 2, place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        grid.setColumnStretch(4, 1)
        return self.facts

    def _tell_header(self) -> None:
        """Tell a changed header row: the box also finishes when it only loses focus."""
        if self.header.value() != self._header_line:
            self._header_line = self.header.value()
            self.header_chosen.emit(self._header_line)

    def _make_queue(self) -> QWidget:
        self.queue = Card()
        column = QVBoxLayout(self.queue)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(4)
        column.addWidget(Label("Files, one after the other", role="head"))
        self.queue.hide()
        return self.queue

    def _make_first_rows(self) -> QWidget:
        self.first_rows = Card()
        column = QVBoxLayout(self.first_rows)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(6)
        column.addWidget(Label("First rows as KPIDesk will read them", role="head"))
        self.rows_model = TableModel((), self)
        self.rows_table = DataTable(self.rows_model, "First rows of the file", sortable=False)
        column.addWidget(self.rows_table)
        self.no_rows = Label("There are no rows below the header row.", role="small", tone="text2")
        column.addWidget(self.no_rows)
        column.addStretch(1)
        return self.first_rows


def _line_box(name: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(1, 1000)
    box.setAccessibleName(name)
    box.setMinimumWidth(scaled(84))
    return box
