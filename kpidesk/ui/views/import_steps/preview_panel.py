"""Rows as KPIDesk will read them, a page at a time."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.entity import FieldType, entity
from kpidesk.domain.importing import Preview, PreviewRow
from kpidesk.present.numbers import symbol
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.labels import Label
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel

PAGE = 5
_FIRST_FIELDS = ("name", "stage", "status", "amount", "created", "date", "closed", "owner", "source")


class PreviewPanel(Card):
    """Shows rows; `wanted` carries the first row of another page (0-based)."""

    wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 4)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setContentsMargins(8, 0, 8, 0)
        head.setSpacing(6)
        head.addWidget(Label("Preview", role="head"))
        self.range = Label("", role="small", tone="text2")
        head.addWidget(self.range)
        head.addStretch(1)
        self.back = Button("", "ghost", "chevron-left", compact=True)
        self.forward = Button("", "ghost", "chevron-right", compact=True)
        for button, words, step in ((self.back, "Rows before", -PAGE), (self.forward, "Rows after", PAGE)):
            button.setAccessibleName(words)
            button.setToolTip(words)
            button.clicked.connect(lambda _=False, step=step: self._turn(step))
            head.addWidget(button)
        column.addLayout(head)
        self.model = TableModel((), self)
        self.table = DataTable(self.model, "Rows as they will be read", sortable=False, compact=True)
        self.table.fix_rows(PAGE)
        column.addWidget(self.table, 1)
        self.first, self._count = 0, 0

    def start(self, preview: Preview) -> None:
        """Show a file from its first held row on, or from the page being looked at."""
        self._count = preview.row_count
        held = next((place for place, row in enumerate(preview.rows) if row.held), None)
        if self.first >= self._count or (self.first == 0 and held is not None):
            self.first = 0 if held is None else max(0, held - PAGE + 2)
        self.wanted.emit(self.first)

    def show_rows(self, preview: Preview, first: int, rows: tuple[PreviewRow, ...], currency: str) -> None:
        """Show the rows of one page."""
        self.first = first
        kind = entity(preview.entity)
        used = [match.field for match in preview.matches if match.field]
        order = [name for name in _FIRST_FIELDS if name in used] + [name for name in used if name not in _FIRST_FIELDS]
        sign = symbol(currency).strip()
        columns = [TableColumn("Row", 48)]
        for place, name in enumerate(dict.fromkeys(order)):
            field = kind.field(name)
            numeric = field.type in (FieldType.MONEY, FieldType.NUMBER)
            title = f"{field.label}, {sign}" if field.type is FieldType.MONEY else field.label
            width = 0 if place == 0 else 92
            columns.append(TableColumn(title, width, numeric=numeric, role="small" if place else "bodym", drop=place))
        shown = tuple(dict.fromkeys(order))
        cells = [
            [Cell(f"{row.line:,}", "text2"), *(_cell(row, name, first=not place) for place, name in enumerate(shown))]
            for row in rows
        ]
        self.model.set_rows(cells, columns)
        if rows:
            self.range.setText(f"Rows {rows[0].line:,} to {rows[-1].line:,} as KPIDesk will read them")
        else:
            self.range.setText("No rows")
        self.back.setEnabled(first > 0)
        self.forward.setEnabled(first + PAGE < self._count)

    def _turn(self, step: int) -> None:
        self.wanted.emit(min(max(0, self.first + step), max(0, self._count - 1)))


def _cell(row: PreviewRow, name: str, *, first: bool) -> Cell:
    text = row.cells.get(name, "")
    if name == "closed" and not text and row.cells.get("status") == "open":
        return Cell("Open", "text3")  # not a gap in the file: the deal is not closed yet
    return Cell(text, "text" if first else "text2", tinted=row.held == name)
