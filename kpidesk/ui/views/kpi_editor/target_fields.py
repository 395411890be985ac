"""What good is: target and at-risk limit with their bar, why it is this value, bands, and months and owners of their own."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Basis, Display, Kpi, Target
from kpidesk.domain.period import Grain
from kpidesk.present.editor import Preview, Worked
from kpidesk.ui.controls import Button
from kpidesk.ui.views.kpi_editor.band_rows import BandRows
from kpidesk.ui.views.kpi_editor.target_grid import TargetGrid
from kpidesk.ui.views.kpi_editor.thresholds import Scale, ThresholdBar
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.fields import Field, Note, TextEdit, ValueEdit, row

_BASES = (
    (Basis.PLAIN.value, "A plain decision"),
    (Basis.BASELINE.value, "Better than our own past"),
    (Basis.GOAL.value, "Worked back from the goal"),
    (Basis.BENCHMARK.value, "Benchmark"),
)
_SPANS = (
    ("", "Every period alike"),
    (Grain.MONTH.value, "A month"),
    (Grain.QUARTER.value, "A quarter"),
    (Grain.YEAR.value, "A year"),
)
_ADDING = (Display.MONEY, Display.COUNT, Display.NUMBER)


class TargetFields(QWidget):
    """The target of one definition. `edited` tells of every change."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._kpi: Kpi | None = None
        self._currency, self._first = "GBP", date(2000, 1, 1)
        self._people: tuple[str, ...] = ()
        self._maximum = 1.0
        self._value: float | None = None
        self.target, self.limit = ValueEdit(), ValueEdit()
        self.basis, self.span = Choice("Target basis"), Choice("Target is for")
        self.origin, self.bands = TextEdit("Where it is written"), BandRows()
        self.basis.offer(_BASES, "")
        self.span.offer(_SPANS, "")
        self.bar = ThresholdBar()
        self.grid = TargetGrid()
        self.target_field = Field("&Target", self.target)
        self.limit_field = Field("At &risk from", self.limit)
        self.origin_field, self.span_field = Field("Origin", self.origin), Field("Target is for", self.span)
        self.grid_note = Note()
        self.use = Button("", "link")
        self.worked = Note(self.use)
        self.use.clicked.connect(self._use)
        self._working: Mapping[str, Worked] = {}
        self.more_bands = Button("Name several bands", "link")
        self.more_months = Button("Set targets by month and owner", "link")
        self._build()
        for edit in (self.target, self.limit, self.origin, self.bands):
            edit.edited.connect(self.edited)
        for choice in (self.basis, self.span):
            choice.activated.connect(self.edited)
        self.basis.activated.connect(self._tell_basis)
        self.bar.target_moved.connect(lambda value: self._moved(self.target, value))
        self.bar.limit_moved.connect(lambda value: self._moved(self.limit, value))
        self.grid.targets.edited.connect(self.edited)
        self.grid.targets.told.connect(lambda words, bad: self.grid_note.say(words, Status.BAD if bad else None))
        self.more_bands.clicked.connect(lambda: self._unfold(self.bands, self.bands.begin))
        self.more_months.clicked.connect(lambda: self._unfold(self.grid, self.grid.setFocus))

    def _build(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addLayout(row((self.target_field, 2), (self.limit_field, 2), (Field("Target &basis", self.basis), 4)))
        body.addWidget(self.worked)
        body.addLayout(row((self.span_field, 3), (self.origin_field, 5)))
        body.addWidget(self.bar)
        links = QHBoxLayout()
        links.setSpacing(20)
        links.addWidget(self.more_months)
        links.addWidget(self.more_bands)
        links.addStretch(1)
        body.addLayout(links)
        for widget in (self.bands, self.grid, self.grid_note):
            widget.hide()
            body.addWidget(widget)

    def offer(self, currency: str, people: tuple[str, ...], first: date) -> None:
        """Know the currency, the people of the grid, and the month it begins with."""
        self._currency, self._people, self._first = currency, people, first

    def show_kpi(self, kpi: Kpi) -> None:
        """Show the target of a definition; what was unfolded stays so only while it has something to show."""
        other = self._kpi is None or self._kpi.id != kpi.id
        self._kpi, target = kpi, kpi.target
        self.target.show_value(None if target is None else target.value, kpi.display, self._currency)
        self.limit.show_value(None if target is None else target.at_risk, kpi.display, self._currency)
        if target is not None or other:  # without a target a basis may be chosen first, to see what follows from it
            self.basis.offer(_BASES, (Basis.PLAIN if target is None else target.basis).value)
        if other:
            self._working = {}
            self._tell_basis()
        span = target.grain.value if target is not None and target.cumulative else ""
        self.span.offer(_SPANS, span)
        self.origin.show_text("" if target is None else target.origin)
        self.grid.targets.show(
            () if target is None else target.monthly, self._people, self._first, kpi.display, self._currency
        )
        self.bands.show_bands(() if target is None else target.bands, kpi.display, self._currency)
        if other:
            self.bands.setVisible(target is not None and bool(target.bands))
            self.grid.setVisible(target is not None and bool(target.monthly))
            self.grid_note.say("")
        self._arrange(kpi)
        self._draw()

    def _arrange(self, kpi: Kpi) -> None:
        basis = Basis(self.basis.key or Basis.PLAIN)
        self.span_field.setVisible(kpi.display in _ADDING and self.target.value is not None)
        told = basis is Basis.BENCHMARK or (basis is Basis.BASELINE and bool(self.origin.text()))
        self.origin_field.setVisible(told and self.target.value is not None)
        self.origin_field.label.setText("Where the benchmark is from" if basis is Basis.BENCHMARK else "Which past")

    def applied(self, kpi: Kpi) -> Kpi:
        """Return a definition with the target of the fields; what cannot be read is said and left as it was."""
        self.target_field.refuse(self.target.wrong)
        self.limit_field.refuse(self.limit.wrong)
        if self.target.value is None:
            # Months and a limit without a target would have no meaning; they come back with it.
            return replace(kpi, target=None)
        before = kpi.target or Target(self.target.value)
        span = self.span.key if kpi.display in _ADDING else ""
        target = Target(
            value=self.target.value,
            at_risk=self.limit.value,
            grain=Grain(span) if span else before.grain,
            cumulative=bool(span),
            basis=Basis(self.basis.key),
            origin=self.origin.text(),
            bands=self.bands.bands,
            monthly=self.grid.targets.targets,
        )
        return replace(kpi, target=target)

    def show_preview(self, found: Preview) -> None:
        """Lay the scale of the bar around the value."""
        self._maximum, self._value = found.maximum, found.value
        self._working = found.worked
        self._tell_basis()
        self._draw()

    def _tell_basis(self) -> None:
        """Show the arithmetic of the chosen basis, and offer what follows from it where the target is another one."""
        worked = self._working.get(self.basis.key)
        self.worked.say(
            "" if worked is None else worked.words, Status.WARN if worked is not None and worked.doubt else None
        )
        value = None if worked is None else worked.value
        self.use.setVisible(value is not None and value != self.target.value)
        self.use.setText("" if worked is None else worked.label)

    def _use(self) -> None:
        worked = self._working.get(self.basis.key)
        if worked is not None and worked.value is not None:
            self._moved(self.target, worked.value)
            self.target.setFocus()

    def _draw(self) -> None:
        kpi = self._kpi
        if kpi is None:
            return
        target = kpi.target
        known = [one for one in (self._value, self.target.value, self.limit.value) if one is not None]
        maximum = max([self._maximum, *(one * 1.05 for one in known)])
        limit = None if target is None else target.at_risk
        bands = () if target is None else target.bands
        value = self._value
        self.bar.show_scale(
            Scale(value, self.target.value, limit, maximum, kpi.direction, kpi.display, self._currency, bands)
        )

    def _moved(self, edit: ValueEdit, value: float) -> None:
        if self._kpi is not None:
            edit.show_value(value, self._kpi.display, self._currency)
            edit.edited.emit()

    def _unfold(self, part: QWidget, begin: Callable[[], None]) -> None:
        part.setVisible(part.isHidden())
        if not part.isHidden():
            begin()
