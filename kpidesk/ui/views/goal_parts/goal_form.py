"""A goal being written, in the place of its panel: name, owner, and its key results from where to where."""

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import Goal, KeyResult
from kpidesk.domain.kpi import Display
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.fields import Field, Note, TextEdit, ValueEdit, row

if TYPE_CHECKING:
    from kpidesk.workspace.goal_setting import GoalOffers, OfferedKpi

_WEIGHTS = tuple((f"{weight:g}", f"{weight:g}") for weight in (1, 2, 3, 4, 5))
_HEADS = ("KPI", "From", "To", "Weight")
_HINT = "Without From the target is held all quarter. Enter saves, Esc leaves."


class _ResultFields:
    """The controls of one key result."""

    def __init__(self, offers: "GoalOffers", currency: str) -> None:
        self._offered = {one.id: one for one in offers.kpis}
        self._currency = currency
        self.kpi, self.start, self.target = Choice("KPI of the key result"), ValueEdit(), ValueEdit()
        self.weight = Choice("Weight")
        self.remove = Button("", "ghost", "x", compact=True)
        self.remove.setToolTip("Remove this key result")
        self.remove.setAccessibleName("Remove this key result")
        self.start.setAccessibleName("From")
        self.target.setAccessibleName("To")
        self.start.setPlaceholderText("Held")
        self.kpi.activated.connect(self._on_kpi)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """The controls from left to right."""
        return (self.kpi, self.start, self.target, self.weight, self.remove)

    def show(self, result: KeyResult | None) -> None:
        """Show a key result, None for one that is not chosen yet."""
        self.kpi.offer(
            (("", "Choose a KPI"), *((one.id, one.name) for one in self._offered.values())),
            "" if result is None else result.kpi,
        )
        weight = "1" if result is None else f"{result.weight:g}"
        known = dict(_WEIGHTS)
        self.weight.offer(_WEIGHTS if weight in known else (*_WEIGHTS, (weight, weight)), weight)
        display = self._display
        self.start.show_value(None if result is None else result.start, display, self._currency)
        self.target.show_value(None if result is None else result.target, display, self._currency)

    @property
    def offered(self) -> "OfferedKpi | None":
        """The KPI that is chosen."""
        return self._offered.get(self.kpi.key)

    @property
    def _display(self) -> Display:
        return Display.NUMBER if self.offered is None else self.offered.display

    def _on_kpi(self) -> None:
        """Begin where the KPI was in the quarter before, and aim at its target."""
        one = self.offered
        self.start.show_value(None if one is None else one.start, self._display, self._currency)
        self.target.show_value(None if one is None else one.target, self._display, self._currency)

    @property
    def wrong(self) -> str:
        """Why it cannot be saved, in a sentence; "" when it can."""
        one = self.offered
        if one is None:
            return ""
        unread = self.start.wrong or self.target.wrong
        if unread:
            return f"{one.name}: {unread}"
        return "" if self.target.value is not None else f"Say where {one.name} is to end: its To is empty."

    @property
    def result(self) -> KeyResult | None:
        """The key result, None while no KPI is chosen or it has no target."""
        if self.offered is None or self.target.value is None:
            return None
        return KeyResult(self.offered.id, self.target.value, self.start.value, float(self.weight.key))


class GoalForm(Card):
    """Shows a goal to be changed. `saved` and `left` tell what its user wants; `goal` is what stands in it."""

    saved = Signal()
    left = Signal()

    def __init__(self, goal: Goal, offers: "GoalOffers", currency: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._base, self._offers, self._currency = goal, offers, currency
        self.name, self.owner = TextEdit("Grow revenue to plan", 80), TextEdit("One person", 80)
        self.owner.suggest(offers.owners)
        self.name_field = Field("&Name of the goal", self.name)
        self.results: list[_ResultFields] = []
        self.trouble = Note()
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(scaled(12))
        self._grid.setVerticalSpacing(8)
        for place, (stretch, words) in enumerate(zip((5, 2, 2, 1), _HEADS, strict=True)):
            self._grid.addWidget(Label(words, "smallm"), 0, place)
            self._grid.setColumnStretch(place, stretch)
        self.more = Button("Add key result", "ghost", "plus", compact=True)
        self.more.clicked.connect(lambda: self.add_result(None, focus=True))
        self.cancel, self.save = Button("Cancel", "ghost"), Button("Save goal", "primary")
        self.cancel.clicked.connect(self.left)
        self.save.clicked.connect(self.saved)
        self._build()
        self.name.show_text(goal.name)
        self.owner.show_text(goal.owner)
        for result in goal.results or (None,):
            self.add_result(result)
        for edit in (self.name, self.owner):
            edit.returnPressed.connect(self.saved)

    def _build(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(16, 14, 16, 14)
        body.setSpacing(12)
        body.addLayout(row((self.name_field, 2), (Field("&Owner", self.owner), 1)))
        body.addLayout(self._grid)
        body.addWidget(self.trouble)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.more)
        foot.addWidget(Label(_HINT, "small", "text2", elide=True), 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.save)
        body.addLayout(foot)

    def add_result(self, result: KeyResult | None, *, focus: bool = False) -> None:
        """Add the fields of a key result."""
        fields = _ResultFields(self._offers, self._currency)
        fields.show(result)
        line = self._grid.rowCount()
        for place, widget in enumerate(fields.widgets):
            self._grid.addWidget(widget, line, place)
            widget.show()
        for edit in (fields.start, fields.target):
            edit.returnPressed.connect(self.saved)
        fields.remove.clicked.connect(lambda: self.drop_result(fields))
        self.results.append(fields)
        self._order_tabs()
        if focus:
            fields.kpi.setFocus(Qt.FocusReason.TabFocusReason)

    def drop_result(self, fields: _ResultFields) -> None:
        """Take the fields of a key result away."""
        self.results.remove(fields)
        for widget in fields.widgets:
            self._grid.removeWidget(widget)
            widget.hide()
            widget.deleteLater()
        self.more.setFocus(Qt.FocusReason.TabFocusReason)

    def _order_tabs(self) -> None:
        """Let Tab go in reading order though rows are added later."""
        chain = [self.name, self.owner, *(one for fields in self.results for one in fields.widgets)]
        for before, after in zip(chain, [*chain[1:], self.more], strict=True):
            QWidget.setTabOrder(before, after)

    @property
    def goal(self) -> Goal:
        """The goal as it stands in the form."""
        results = tuple(found for fields in self.results if (found := fields.result) is not None)
        return replace(self._base, name=self.name.text(), owner=self.owner.text(), results=results)

    @property
    def changed(self) -> bool:
        """Whether it differs from what was shown at first."""
        return self.goal != self._base

    @property
    def wrong(self) -> str:
        """Why it cannot be saved, "" when it can."""
        return next((fields.wrong for fields in self.results if fields.wrong), "")

    def refuse(self, words: str) -> None:
        """Say why the goal is not saved; "" takes it back."""
        self.trouble.say(words, Status.BAD if words else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Leave on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
