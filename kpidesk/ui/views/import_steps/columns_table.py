"""The table that matches columns to fields."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.entity import FieldType, entity
from kpidesk.domain.importing import ColumnMatch, Preview
from kpidesk.domain.problem import Severity
from kpidesk.present.numbers import symbol
from kpidesk.ui.controls import Card, Icon
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, scaled
from kpidesk.ui.views.import_steps.marks import FilledBar, Mark
from kpidesk.ui.widgets.choice import Choice

NOT_IMPORTED = ""
_TITLES = ("Column in your file", "First value", "", "KPIDesk field", "Filled", "Check")
_STRETCH = (138, 118, 0, 178, 0, 122)
_TONES = {"good": "text2", "none": "text2", "warn": "warn_fg", "bad": "bad_fg"}


def match_mark(match: ColumnMatch) -> str:
    """Return the status mark of a column: fine, to check, to fix, or left out."""
    if match.severity >= Severity.HELD:
        return "bad"
    if match.severity is Severity.CHECK:
        return "warn"
    return "good" if match.field or match.feeds else "none"


def match_words(match: ColumnMatch) -> str:
    """Return the words for the Check column, with how sure a match is that is not certain."""
    if match.field is None:
        return match.note or "Kept"
    sure = "" if match.confidence >= 1 else f", {match.confidence:.0%} sure"
    return f"{match.note or 'Matched'}{sure if match.note in ('', 'Matched') else ''}"


class ColumnRow(QWidget):
    """One column of the file and the field it feeds."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.column = ""
        self.title = Label("", role="bodym", elide=True)
        self.first = Label("", role="mono", tone="text2", elide=True)
        self.field = Choice("")
        self.field.activated.connect(lambda _: self.chosen.emit(self.column, self.field.key))
        self.filled = FilledBar()
        self.mark = Mark()
        self.note = Label("", role="small", tone="text2", elide=True)
        check = QWidget()
        line = QHBoxLayout(check)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        line.addWidget(self.mark)
        line.addWidget(self.note, 1)
        self.grid = grid = _grid(self, (0, 4, 0, 4))
        # Widths come from the grid's shares alone, so that all rows and the head line up.
        for part in (self.field, check):
            part.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        for place, part in enumerate(
            (self.title, self.first, Icon("arrow-right", side=14), self.field, self.filled, check)
        ):
            grid.addWidget(part, 0, place)

    def show_match(self, match: ColumnMatch, options: tuple[tuple[str, str], ...]) -> None:
        """Show what was recognised in the column."""
        self.column = match.column
        self.title.setText(match.column)
        self.title.set_tone("text" if match.field or match.feeds else "text2")
        self.first.setText(match.first_value)
        self.field.setAccessibleName(f"Field for column {match.column}")
        self.field.offer(options, match.field or NOT_IMPORTED)
        mark = match_mark(match)
        self.field.set_state(mark if mark in ("warn", "bad") else "")
        self.filled.set_share(match.filled, used=match.field is not None)
        self.mark.set_mark(mark)
        self.note.setText(match_words(match))
        sure = f"KPIDesk is {match.confidence:.0%} sure of this match" if match.field else ""
        for part in (self.note, self.mark):
            part.setToolTip(sure)
        self.field.setAccessibleDescription(", ".join(part for part in (match_words(match), sure) if part))
        self.note.set_tone(_TONES[mark])

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line under the row."""
        del event
        QPainter(self).fillRect(0, self.height() - 1, self.width(), 1, color("border"))


class ColumnsTable(Card):
    """All columns of the file; `chosen` carries a column and the field the user gave it ("" for none)."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        page = QVBoxLayout(self)
        page.setContentsMargins(16, 13, 4, 4)
        page.setSpacing(0)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(Label("Match your columns", role="head"))
        head.addWidget(Label("Nothing is saved until the last step", role="small", tone="text2"))
        head.addStretch(1)
        page.addLayout(head)
        page.addSpacing(8)
        titles = _Head()
        self._head_grid = _grid(titles, (0, 0, 12, 6))
        for place, title in enumerate(_TITLES):
            label = Label(title, role="capm", tone="text3")
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self._head_grid.addWidget(label, 0, place)
        page.addWidget(titles)
        self._body = QWidget()
        self._body.setAutoFillBackground(False)
        self._list = QVBoxLayout(self._body)
        self._list.setContentsMargins(0, 0, 12, 0)
        self._list.setSpacing(0)
        self._list.addStretch(1)
        self.area = QScrollArea()
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.viewport().setAutoFillBackground(False)
        self.area.setWidget(self._body)
        self._body.setAutoFillBackground(False)
        self.area.verticalScrollBar().rangeChanged.connect(self._line_up)
        page.addWidget(self.area, 1)
        self.rows: list[ColumnRow] = []

    def changeEvent(self, event: QEvent) -> None:
        """Line the columns up at another text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            for grid in (self._head_grid, *(row.grid for row in self.rows)):
                _fix_columns(grid)

    def _line_up(self) -> None:
        """Keep the head over the rows when the scroll bar takes its room."""
        bar = self.area.verticalScrollBar()
        taken = bar.sizeHint().width() if bar.maximum() > 0 else 0
        self._head_grid.setContentsMargins(0, 0, 12 + taken, 6)

    def show_preview(self, preview: Preview, currency: str) -> None:
        """Show all columns. Rows are reused, so scroll and focus stay where they are."""
        kind = entity(preview.entity)
        sign = symbol(currency).strip()
        options = (
            (NOT_IMPORTED, "Keep as a column"),
            *(
                (field.name, f"{field.label}, {sign}" if field.type is FieldType.MONEY else field.label)
                for field in kind.fields
            ),
        )
        while len(self.rows) < len(preview.matches):
            row = ColumnRow()
            row.chosen.connect(self.chosen)
            self._list.insertWidget(len(self.rows), row)
            self.rows.append(row)
        while len(self.rows) > len(preview.matches):
            row = self.rows.pop()
            row.hide()
            row.deleteLater()
        for row, match in zip(self.rows, preview.matches, strict=True):
            row.show_match(match, options)

    def row(self, column: str) -> ColumnRow:
        """Return the row of a column; KeyError when the file has none."""
        for row in self.rows:
            if row.column == column:
                return row
        raise KeyError(column)


class _Head(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the line under the heads."""
        del event
        QPainter(self).fillRect(0, self.height() - 1, self.width() - 12, 1, color("border2"))


def _fix_columns(grid: QGridLayout) -> None:
    """Give arrow and share the room that they need at the text size, in the head as in the rows."""
    grid.setColumnMinimumWidth(2, scaled(16))
    grid.setColumnMinimumWidth(4, scaled(86))


def _grid(parent: QWidget, margins: tuple[int, int, int, int]) -> QGridLayout:
    """Return the grid that the heads and all rows share."""
    grid = QGridLayout(parent)
    grid.setContentsMargins(*margins)
    grid.setHorizontalSpacing(10)
    for place, stretch in enumerate(_STRETCH):
        grid.setColumnStretch(place, stretch)
    _fix_columns(grid)
    for place in (0, 1, 3, 5):
        grid.setColumnMinimumWidth(place, _STRETCH[place] * 2 // 3)
    return grid
