"""Targets of single months and owners, typed into a grid or pasted from a spreadsheet."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from kpidesk.domain.kpi import Display, MonthTarget
from kpidesk.domain.period import add_months
from kpidesk.present.target_block import EVERYBODY, Grid, cells_of, months_between, read_block
from kpidesk.present.typed import typed_text
from kpidesk.ui.style import SCROLL_BAR
from kpidesk.ui.theme import scaled

_MONTHS, _ROW, _HEAD, _SIDE, _COLUMN = 12, 30, 28, 76, 84
_Index = QModelIndex | QPersistentModelIndex


class TargetModel(QAbstractTableModel):
    """Months down, everybody and the owners across.

    `edited` tells of a change, `told` what there is to say of it, and whether that is why nothing was taken.
    """

    edited = Signal()
    told = Signal(str, bool)

    def __init__(self) -> None:
        super().__init__()
        self._values: dict[tuple[date, str], float] = {}
        self._grid = Grid((), ("",), Display.NUMBER, "GBP")

    @property
    def owners(self) -> Sequence[str]:
        """The owners across, "" for everybody."""
        return self._grid.owners

    @property
    def months(self) -> Sequence[date]:
        """The months down, as their first days."""
        return self._grid.months

    @property
    def targets(self) -> tuple[MonthTarget, ...]:
        """What stands in the grid, by month and then owner."""
        return tuple(MonthTarget(month, value, owner) for (month, owner), value in sorted(self._values.items()))

    def show(
        self, found: Sequence[MonthTarget], owners: Sequence[str], first: date, display: Display, currency: str
    ) -> None:
        """Show targets from the month of `first` on, or from the earliest that has one."""
        values = {(one.month, one.owner): one.value for one in found}
        start = min([first.replace(day=1), *(month for month, _ in values)])
        last = max([add_months(first, _MONTHS - 1), *(month for month, _ in values)])
        names = ("", *dict.fromkeys([*owners, *sorted({owner for _, owner in values if owner})]))
        self._turn_to(Grid(months_between(start, last), names, display, currency), values)

    def _turn_to(self, grid: Grid, values: dict[tuple[date, str], float]) -> None:
        if (values, grid) == (self._values, self._grid):
            return
        if grid == self._grid:
            self._values = values
            self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
        else:
            self.beginResetModel()
            self._values, self._grid = values, grid
            self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return the number of months."""
        return 0 if parent.isValid() else len(self.months)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        """Return everybody and the owners."""
        return 0 if parent.isValid() else len(self.owners)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Let every cell be edited."""
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a target as text."""
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        value = self._values.get((self.months[index.row()], self.owners[index.column()]))
        return typed_text(value, self._grid.display, self._grid.currency)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a month or an owner."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self.owners[section] or EVERYBODY
        return f"{self.months[section]:%b %Y}"

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, or say why it cannot be taken."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        return self.paste([[str(value)]], index.row(), index.column())

    def paste(self, cells: Sequence[Sequence[str]], row: int, column: int) -> bool:
        """Take a block of cells whose upper left one lies at `row` and `column`, all of it or nothing."""
        read = read_block(cells, self._grid, row, column)
        self.told.emit(read.wrong or read.told, bool(read.wrong))
        if read.wrong:
            return False
        kept = {place: value for place, value in self._values.items() if place not in read.values}
        values = kept | {place: value for place, value in read.values.items() if value is not None}
        months = [*self.months, *(month for month, _ in values)]
        owners = tuple(dict.fromkeys([*self.owners, *(owner for _, owner in values)]))
        self._turn_to(replace(self._grid, months=months_between(min(months), max(months)), owners=owners), values)
        self.edited.emit()
        return True

    def clear(self, places: Sequence[tuple[int, int]]) -> None:
        """Empty cells."""
        gone = {(self.months[row], self.owners[column]) for row, column in places}
        if gone & self._values.keys():
            self._turn_to(self._grid, {place: value for place, value in self._values.items() if place not in gone})
            self.told.emit("", False)
            self.edited.emit()


class TargetGrid(QTableView):
    """The grid. Ctrl+V takes what a spreadsheet copied, Ctrl+C copies for one, Delete clears."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.targets = TargetModel()
        self.setModel(self.targets)
        self.setAccessibleName("Targets by month and owner")
        self.setTabKeyNavigation(False)
        self.setShowGrid(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.setEditTriggers(
            QAbstractItemView.EditTrigger.AnyKeyPressed
            | QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.targets.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        """Share the width among the columns; many owners are scrolled through."""
        self.verticalHeader().setDefaultSectionSize(scaled(_ROW))
        self.verticalHeader().setFixedWidth(scaled(_SIDE))
        head, count = self.horizontalHeader(), max(self.targets.columnCount(), 1)
        head.setFixedHeight(scaled(_HEAD))
        scrolls = scaled(_COLUMN) * count > self.width() - scaled(_SIDE)
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed if scrolls else QHeaderView.ResizeMode.Stretch)
        head.setDefaultSectionSize(scaled(_COLUMN))
        bar = SCROLL_BAR if scrolls else 0
        self.setFixedHeight(scaled(_HEAD) + scaled(_ROW) * self.targets.rowCount() + 4 + bar)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share another width."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and self.model() is not None:
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste, copy and clear."""
        index, chosen = self.currentIndex(), self.selectedIndexes()
        if event.matches(QKeySequence.StandardKey.Paste) and index.isValid():
            first = min(chosen, key=lambda one: (one.row(), one.column()), default=index)
            row, column = first.row(), first.column()
            self.targets.paste(cells_of(QGuiApplication.clipboard().text()), row, column)
            self.setCurrentIndex(self.targets.index(row, column))  # a larger grid has forgotten where that was
        elif event.matches(QKeySequence.StandardKey.Copy):
            QGuiApplication.clipboard().setText(self._copied())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.targets.clear([(one.row(), one.column()) for one in chosen])
        else:
            super().keyPressEvent(event)

    def _copied(self) -> str:
        """Return the chosen cells with tabs between."""
        chosen = {(one.row(), one.column()): str(one.data()) for one in self.selectedIndexes()}
        rows, columns = sorted({row for row, _ in chosen}), sorted({column for _, column in chosen})
        return "\n".join("\t".join(chosen.get((row, column), "") for column in columns) for row in rows)
