"""The rows behind a number: a part of the formula, its rows counted and not counted by reason, and the rows a page at a time."""

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.entity import entity
from kpidesk.domain.explanation import SourceRow
from kpidesk.present.numbers import count
from kpidesk.present.working import PartLine, RowLine, RowList, row_lines
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.widgets.chart_menu import TableDialog
from kpidesk.ui.widgets.choice import Choice

PAGE = 10
_LISTS = (TableColumn("Rows", role="small"), TableColumn("Number", 64, numeric=True, role="small"))


class _RowTable(DataTable):
    """Enter or a double click shows all cells of a row."""

    def __init__(self, model: TableModel) -> None:
        super().__init__(model, "Rows with their file and line", sortable=False, compact=True)
        self.lines: Sequence[RowLine] = ()
        self.doubleClicked.connect(lambda _: self.show_cells())

    def show_cells(self) -> None:
        """Show all cells of the selected row."""
        if rows := self.selected_rows():
            TableDialog(self.lines[rows[0]].cells, self.window()).open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Show all cells on Enter."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.show_cells()
            return
        super().keyPressEvent(event)


class WorkingRows(QWidget):
    """Asks for a page of rows at a time."""

    def __init__(self, session: Session, parts: Sequence[PartLine], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._parts = session, tuple(parts)
        self._list: RowList | None = None
        self._first = 0
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(8)
        self.part = Choice("Part of the formula")
        self.part.offer(tuple((str(place), _named(part)) for place, part in enumerate(parts)), "0")
        self.part.currentIndexChanged.connect(self._show_part)
        self.sum = Label("", "small", "text2", wrap=True)
        self._lists_model = TableModel(_LISTS, self)
        self.lists = DataTable(self._lists_model, "Rows counted and not counted", sortable=False, compact=True)
        self.lists.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.lists.selectionModel().selectionChanged.connect(self._show_list)
        self._model = TableModel((), self)
        self.table = _RowTable(self._model)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for widget in (self.part, self.sum, self.lists):
            body.addWidget(widget)
        self.part.setVisible(len(parts) > 1)  # only now that it has a parent: before, it would be a window of its own
        body.addSpacing(4)
        body.addWidget(self.table)
        body.addLayout(self._pager())
        self._show_part()

    def _pager(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        self.place = Label("", "small", "text2", elide=True)
        self.before = Button("", "ghost", "chevron-left", compact=True)
        self.after = Button("", "ghost", "chevron-right", compact=True)
        row.addWidget(self.place, 1)
        for button, words, step in ((self.before, "Earlier rows", -PAGE), (self.after, "More rows", PAGE)):
            button.setAccessibleName(words)
            button.setToolTip(words)
            button.clicked.connect(lambda _=False, step=step: self._ask(self._first + step))
            row.addWidget(button)
        return row

    def _show_part(self) -> None:
        part = self._parts[self.part.currentIndex()]
        self.sum.setText(part.sum_text)
        rows = [(Cell(_title(one)), Cell(count(len(one.rows)), copy=str(len(one.rows)))) for one in part.lists]
        self._lists_model.set_rows(rows)
        self.lists.setVisible(bool(rows))
        self.lists.fix_rows()
        if rows:
            self.lists.selectRow(0)
        else:
            self._list = None
            self._ask(0)

    def _show_list(self) -> None:
        chosen = self.lists.selected_rows()
        if chosen:
            self._list = self._parts[self.part.currentIndex()].lists[chosen[0]]
            self._ask(0)

    def _ask(self, first: int) -> None:
        self._first, rows = first, self._list
        if rows is None or not rows.rows:
            self._show_rows([])
            return
        self._session.ask(
            self,
            lambda workspace, _: workspace.source_rows(rows.entity, rows.rows[first : first + PAGE]),
            self._show_rows,
            topic="working rows",
        )

    def _show_rows(self, found: Sequence[SourceRow]) -> None:
        rows, part = self._list, self._parts[self.part.currentIndex()]
        total = 0 if rows is None else len(rows.rows)
        lines = () if rows is None else row_lines(part, rows, self._first, found)
        self.table.lines = lines
        self._model.set_rows([_cells(line) for line in lines], _columns(part, rows))
        self.table.setVisible(bool(lines))
        # The last page keeps the height of the others, so that the buttons stay where the pointer is.
        self.table.fix_rows(min(total, PAGE))
        last = self._first + len(lines)
        several = f"{count(self._first + 1)} to {count(last)} of {count(total)}. Enter shows all cells of a row."
        self.place.setText(several if lines else "No rows here.")
        for button, usable in ((self.before, self._first > 0), (self.after, last < total)):
            button.setVisible(total > PAGE)
            button.setEnabled(usable)


def _named(part: PartLine) -> str:
    return f"{part.title}: {part.value}" + (f" ({part.span})" if part.span else "")


def _title(rows: RowList) -> str:
    return rows.title if rows.counted else f"Not counted. {rows.title}"


def _columns(part: PartLine, rows: RowList | None) -> tuple[TableColumn, ...]:
    """Return the columns of a page; the date is the one that decides the period."""
    label = "Date"
    if rows is not None and part.anchor in entity(rows.entity).field_names:
        label = entity(rows.entity).field(part.anchor).label
    return (
        TableColumn("Name or ID", role="small"),
        TableColumn(label, 86, role="small"),
        TableColumn(
            "Counts as" if rows is not None and rows.amounts is not None else "Value", 66, numeric=True, role="small"
        ),
        TableColumn("Owner", 96, role="small", drop=1),
        TableColumn("File, sheet", 112, role="small"),
        TableColumn("Line", 46, numeric=True, role="small"),
    )


def _cells(line: RowLine) -> tuple[Cell, ...]:
    return (
        Cell(line.name),
        Cell(line.date),
        Cell(line.amount),
        Cell(line.owner),
        Cell(line.place, "text2"),
        Cell(str(line.line), "text2"),
    )
