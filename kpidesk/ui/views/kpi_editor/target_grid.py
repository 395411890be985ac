"""Targets of single months and owners, typed into a grid or pasted from a spreadsheet."""

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QAbstractTableModel, QEvent, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from kpidesk.domain.kpi import Display, MonthTarget
from kpidesk.domain.period import add_months
from kpidesk.domain.problem import KpideskError
from kpidesk.present.numbers import value_text
from kpidesk.present.typed import typed_value
from kpidesk.ui.theme import scaled

_MONTHS, _ROW, _HEAD, _SIDE = 12, 30, 28, 76
_EVERYBODY = "Everybody"
_Index = QModelIndex | QPersistentModelIndex


class TargetModel(QAbstractTableModel):
    """Months down, everybody and the owners across. `edited` tells of a change, `refused` why a text was not taken."""

    edited = Signal()
    refused = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.owners: tuple[str, ...] = ("",)
        self.months: tuple[date, ...] = ()
        self._values: dict[tuple[date, str], float] = {}
        self._display, self._currency = Display.NUMBER, "GBP"

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
        last = max([add_months(start, _MONTHS - 1), *(month for month, _ in values)])
        count = (last.year - start.year) * 12 + last.month - start.month + 1
        months = tuple(add_months(start, step) for step in range(count))
        names = ("", *dict.fromkeys([*owners, *sorted({owner for _, owner in values if owner})]))
        if (values, months, names, display) != (self._values, self.months, self.owners, self._display):
            self.beginResetModel()
            self._values, self.months, self.owners = values, months, names
            self._display, self._currency = display, currency
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
        return "" if value is None else value_text(value, self._display, self._currency, trim=True)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a month or an owner."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation is Qt.Orientation.Horizontal:
            return self.owners[section] or _EVERYBODY
        return f"{self.months[section]:%b %Y}"

    def setData(self, index: _Index, value: object, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Take what was typed, or say why it cannot be taken."""
        if role != Qt.ItemDataRole.EditRole:
            return False
        return self.paste([[str(value)]], index.row(), index.column())

    def paste(self, cells: Sequence[Sequence[str]], row: int, column: int) -> bool:
        """Take a block of cells whose upper left one lies at `row` and `column`, all of it or nothing. What lies outside is left."""
        taken: dict[tuple[date, str], float | None] = {}
        for down, line in enumerate(cells):
            for across, text in enumerate(line):
                if row + down >= len(self.months) or column + across >= len(self.owners):
                    continue
                place = (self.months[row + down], self.owners[column + across])
                try:
                    taken[place] = typed_value(text, self._display, self._currency)
                except KpideskError as error:
                    self.refused.emit(
                        f"“{text[:30]}” for {place[0]:%b %Y} cannot be read. {error} Nothing was changed."
                    )
                    return False
        for place, value in taken.items():
            if value is None:
                self._values.pop(place, None)
            else:
                self._values[place] = value
        self.dataChanged.emit(self.index(0, 0), self.index(self.rowCount() - 1, self.columnCount() - 1))
        self.refused.emit("")
        self.edited.emit()
        return True


class TargetGrid(QTableView):
    """The grid. Ctrl+V takes what a spreadsheet copied, Delete clears."""

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
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setMinimumSectionSize(scaled(64))
        self.targets.modelReset.connect(self._fit)
        self._fit()

    def _fit(self) -> None:
        self.verticalHeader().setDefaultSectionSize(scaled(_ROW))
        self.verticalHeader().setFixedWidth(scaled(_SIDE))
        self.horizontalHeader().setFixedHeight(scaled(_HEAD))
        self.setFixedHeight(scaled(_HEAD) + scaled(_ROW) * self.targets.rowCount() + 4)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange and self.model() is not None:
            self._fit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paste and clear."""
        index = self.currentIndex()
        if event.matches(QKeySequence.StandardKey.Paste) and index.isValid():
            lines = QGuiApplication.clipboard().text().rstrip("\r\n").splitlines()
            self.targets.paste([line.split("\t") for line in lines], index.row(), index.column())
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            for chosen in self.selectedIndexes():
                self.targets.paste([[""]], chosen.row(), chosen.column())
        else:
            super().keyPressEvent(event)
