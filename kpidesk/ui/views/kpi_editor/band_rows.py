"""Several named bands of a KPI, each with where it begins: Unsustainable 0x, Breaking even 1x, Ideal 3x."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.kpi import Band, Display
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled
from kpidesk.ui.widgets.fields import Note, TextEdit, ValueEdit

_LONGEST, _MOST = 40, 6


class _Row(QWidget):
    """One band."""

    def __init__(self, place: int) -> None:
        super().__init__()
        self.name, self.start = TextEdit("Ideal", _LONGEST), ValueEdit()
        self.remove = Button("", "ghost", "x", compact=True)
        self.name.setAccessibleName(f"Name of band {place}")
        self.start.setAccessibleName(f"Band {place} begins at")
        self.remove.setAccessibleName(f"Remove band {place}")
        self.remove.setToolTip("Remove this band")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(scaled(8))
        row.addWidget(self.name, 5)
        row.addWidget(self.start, 3)
        row.addWidget(self.remove)

    @property
    def band(self) -> Band | None:
        """The band, None while name or beginning are lacking."""
        name, value = self.name.text().strip(), self.start.value
        return None if not name or value is None or self.start.wrong else Band(name, value)

    @property
    def wrong(self) -> str:
        """What is lacking, in a sentence; "" for a whole band and for an empty row."""
        if self.start.wrong:
            return self.start.wrong
        name, value = self.name.text().strip(), self.start.value
        if name and value is None:
            return f"Say where {name} begins."
        return "Name the band that begins there." if value is not None and not name else ""


class BandRows(QWidget):
    """`edited` tells of every change; `bands` are those that are whole, in their order."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[_Row] = []
        self._display, self._currency = Display.NUMBER, "GBP"
        self.more = Button("Add band", "ghost", "plus", compact=True)
        self.more.clicked.connect(lambda: self._add(None).name.setFocus(Qt.FocusReason.TabFocusReason))
        self.note = Note()
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        body.addWidget(Label("Bands, each with where it begins", "smallm"))
        self._rows = QVBoxLayout()
        self._rows.setSpacing(6)
        body.addLayout(self._rows)
        body.addWidget(self.note)
        body.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)

    @property
    def bands(self) -> tuple[Band, ...]:
        """What stands in the rows, ordered by where the bands begin."""
        found = [band for row in self.rows if (band := row.band) is not None]
        return tuple(sorted(found, key=lambda band: band.start))

    def show_bands(self, bands: tuple[Band, ...], display: Display, currency: str) -> None:
        """Show bands; rows that mean the same are left as they were typed."""
        same = (bands, display, currency) == (self.bands, self._display, self._currency)
        self._display, self._currency = display, currency
        if same and self.rows:
            return
        while self.rows:
            self._drop(self.rows[-1])
        for band in bands:
            self._add(band)
        self._tell()

    def begin(self) -> None:
        """Put the focus where the first band is typed."""
        row = self.rows[0] if self.rows else self._add(None)
        row.name.setFocus(Qt.FocusReason.TabFocusReason)

    def _add(self, band: Band | None) -> _Row:
        row = _Row(len(self.rows) + 1)
        row.name.show_text("" if band is None else band.name)
        row.start.show_value(None if band is None else band.start, self._display, self._currency)
        row.name.edited.connect(self._on_edited)
        row.start.edited.connect(self._on_edited)
        row.start.returnPressed.connect(self._next)
        row.remove.clicked.connect(lambda: self._removed(row))
        self.rows.append(row)
        self._rows.addWidget(row)
        row.show()
        self.more.setVisible(len(self.rows) < _MOST)
        return row

    def _next(self) -> None:
        """Go on with another band after Enter."""
        if len(self.rows) < _MOST and self.rows[-1].band is not None:
            self._add(None).name.setFocus(Qt.FocusReason.TabFocusReason)

    def _removed(self, row: _Row) -> None:
        self._drop(row)
        self.more.setFocus(Qt.FocusReason.TabFocusReason)
        self._on_edited()

    def _drop(self, row: _Row) -> None:
        self.rows.remove(row)
        self._rows.removeWidget(row)
        row.hide()
        row.deleteLater()
        self.more.setVisible(True)

    def _on_edited(self) -> None:
        self._tell()
        self.edited.emit()

    def _tell(self) -> None:
        wrong = next((row.wrong for row in self.rows if row.wrong), "")
        starts = [band.start for band in self.bands]
        if not wrong and len(set(starts)) < len(starts):
            wrong = "Two bands begin at the same value."
        self.note.say(wrong)
