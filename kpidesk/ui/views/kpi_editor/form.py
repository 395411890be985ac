"""The form of one definition, in the order in which one thinks about it."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.present.editor import Preview
from kpidesk.ui.controls import Card, Segmented
from kpidesk.ui.views.kpi_editor.formula_field import Asked, FormulaField
from kpidesk.ui.views.kpi_editor.response_fields import ResponseFields
from kpidesk.ui.views.kpi_editor.target_fields import TargetFields
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.fields import Field, Note, TextEdit, row

_FORMATS = (
    (Display.PERCENT.value, "Percentage"),
    (Display.RATIO.value, "Multiple, 3.4x"),
    (Display.COUNT.value, "Count"),
    (Display.MONEY.value, "Money"),
    (Display.DAYS.value, "Days"),
    (Display.HOURS.value, "Hours and minutes"),
    (Display.MONEY_PER_DAY.value, "Money a day"),
    (Display.COUNT_PER_DAY.value, "Count a month"),
    (Display.NUMBER.value, "Number"),
)
_DIRECTIONS = ((Direction.UP.value, "Higher is better"), (Direction.DOWN.value, "Lower is better"))
_FUNNEL = (
    (Funnel.TOP.value, "Top of funnel"),
    (Funnel.MIDDLE.value, "Middle of funnel"),
    (Funnel.BOTTOM.value, "Bottom of funnel"),
    (Funnel.MONEY.value, "Money"),
)
_REVIEWS = ((Grain.WEEK.value, "Weekly"), (Grain.MONTH.value, "Monthly"), (Grain.QUARTER.value, "Quarterly"))
_SOURCES = 3  # so many are counted instead of named
_LAGS = (("", "State it"), *((str(weeks), f"{weeks} week{'s' if weeks > 1 else ''}") for weeks in range(1, 27)))
# What suits each kind of number; another format would write it wrongly.
_SUITING = {
    "percent": (Display.PERCENT, Display.RATIO),
    "ratio": (Display.RATIO, Display.PERCENT, Display.NUMBER),
    "count": (Display.COUNT, Display.NUMBER),
    "money": (Display.MONEY,),
    "duration": (Display.DAYS, Display.HOURS),
    "money per day": (Display.MONEY_PER_DAY,),
    "count per day": (Display.COUNT_PER_DAY,),
}


class DefinitionForm(Card):
    """Shows a definition and tells with `edited` that `kpi` is another one now."""

    edited = Signal()

    def __init__(self, ask: Asked) -> None:
        super().__init__()
        self._base: Kpi | None = None
        self._showing = False
        self._named: dict[Kind, tuple[tuple[str, str], ...]] = dict.fromkeys(Kind, ())
        self.name, self.question = (
            TextEdit("Win rate of inbound deals", 80),
            TextEdit("Of the deals we closed, how many did we win?"),
        )
        self.kind = Segmented(((Kind.LEADING.value, "Leading"), (Kind.LAGGING.value, "Lagging")), Kind.LAGGING.value)
        self.formula = FormulaField(ask)
        self.format, self.direction, self.funnel = Choice("Format"), Choice("Better when"), Choice("Looks at")
        self.targets = TargetFields()
        self.goal, self.owner, self.source = TextEdit("£240k revenue by 30 Sep"), TextEdit("One person"), TextEdit()
        self.source.setReadOnly(True)
        self.source.setPlaceholderText("Known from the formula")
        self.lag, self.pair, self.review = Choice("Lag"), Choice("Pair"), Choice("Review")
        self.feed = Note()
        self.response = ResponseFields()
        self.pair_field = Field("&Pair", self.pair)
        self._build()
        for edit in (self.name, self.question, self.goal, self.owner, self.targets, self.response):
            edit.edited.connect(self._on_edited)
        self.formula.edited.connect(self._on_edited)
        self.kind.changed.connect(self._on_edited)
        for choice in (self.format, self.direction, self.funnel, self.lag, self.pair, self.review):
            choice.activated.connect(self._on_edited)

    def _build(self) -> None:
        body = QVBoxLayout(self)
        body.setContentsMargins(20, 18, 20, 18)
        body.setSpacing(12)
        kind = Field("T&ype", self.kind)
        self.name_field = Field("&Name", self.name)
        body.addLayout(row((self.name_field, 1), (kind, 0)))
        body.addWidget(Field("&Question it answers", self.question))
        body.addWidget(self.formula)
        body.addLayout(
            row(
                (Field("For&mat", self.format), 1),
                (Field("Better when", self.direction), 1),
                (Field("Looks at", self.funnel), 1),
            )
        )
        body.addWidget(self.targets)
        body.addLayout(
            row((Field("&Goal or key result", self.goal), 5), (Field("&Lag", self.lag), 3), (self.pair_field, 4))
        )
        body.addLayout(
            row((Field("&Owner", self.owner), 1), (Field("&Source", self.source), 1), (Field("Review", self.review), 1))
        )
        body.addWidget(self.feed)
        body.addWidget(self.response)
        body.addStretch(1)

    def offer(
        self,
        currency: str,
        people: tuple[str, ...],
        goals: tuple[str, ...],
        leading: tuple[tuple[str, str], ...],
        lagging: tuple[tuple[str, str], ...],
        today: date,
    ) -> None:
        """Offer what can be chosen from in this workspace."""
        self._named = {Kind.LEADING: leading, Kind.LAGGING: lagging}
        self.owner.suggest(people)
        self.goal.suggest(goals)
        self.targets.offer(currency, people, today)
        self.response.offer(people, (*lagging, *leading), today)

    @property
    def kpi(self) -> Kpi:
        """The definition as it stands in the form."""
        base = self._base
        assert base is not None  # noqa: S101 - asked only while a definition is shown
        kpi = replace(
            base,
            name=self.name.text(),
            question=self.question.text(),
            kind=Kind(self.kind.value),
            formula=self.formula.text,
            display=Display(self.format.key),
            direction=Direction(self.direction.key),
            funnel=Funnel(self.funnel.key),
            cadence=Grain(self.review.key),
            goal=self.goal.text(),
            owner=self.owner.text(),
            lag_weeks=int(self.lag.key) if self.lag.key else None,
            pair=self.pair.key or None,
        )
        return self.response.applied(self.targets.applied(kpi))

    def show_kpi(self, kpi: Kpi) -> None:
        """Show a definition without telling of an edit."""
        self._showing = True
        self._base = kpi
        self.name.show_text(kpi.name)
        self.question.show_text(kpi.question)
        self.kind.choose(kpi.kind.value)
        self.formula.show_text(kpi.formula)
        self._show_formats(kpi)
        self.direction.offer(_DIRECTIONS, kpi.direction.value)
        self.funnel.offer(_FUNNEL, kpi.funnel.value)
        reviews = _REVIEWS if kpi.cadence is not Grain.YEAR else (*_REVIEWS, (Grain.YEAR.value, "Yearly"))
        self.review.offer(reviews, kpi.cadence.value)
        self.targets.show_kpi(kpi)
        self.goal.show_text(kpi.goal)
        self.goal.setToolTip(kpi.goal.replace("<", "‹"))  # it may be longer than its field
        self.owner.show_text(kpi.owner)
        self._show_pair(kpi)
        self.response.show_kpi(kpi)
        self._showing = False

    def _show_formats(self, kpi: Kpi, unit: str = "") -> None:
        suiting = _SUITING.get(unit, tuple(Display(key) for key, _ in _FORMATS))
        offered = tuple(one for one in _FORMATS if Display(one[0]) in suiting or one[0] == kpi.display.value)
        self.format.offer(offered, kpi.display.value)

    def _show_pair(self, kpi: Kpi) -> None:
        """Offer the other kind, once the lag is stated: who looks first finds a lag that fits by chance."""
        other = Kind.LEADING if kpi.kind is Kind.LAGGING else Kind.LAGGING
        self.pair_field.label.setText(f"{other.value.capitalize()} &pair")
        lag = "" if kpi.lag_weeks is None else str(kpi.lag_weeks)
        self.lag.offer(_LAGS, lag)
        named = tuple(one for one in self._named[other] if one[0] != kpi.id)
        if kpi.pair is not None and kpi.pair not in dict(named):
            named = (*named, *(one for names in self._named.values() for one in names if one[0] == kpi.pair))
        self.pair.offer((("", "No pair"), *named), kpi.pair or "")
        stated = bool(lag) or kpi.pair is not None
        self.pair.setEnabled(stated)
        self.pair.setToolTip("" if stated else "State the lag first")

    def show_preview(self, found: Preview) -> None:
        """Show what was found out about the definition: mistakes, unit, source, a better action."""
        self.formula.show_state(found.mistake, found.unit, found.cautions)
        self._show_formats(found.kpi, found.unit if found.mistake is None else "")
        self.targets.show_preview(found)
        titles = tuple(dict.fromkeys(feed.title for feed in found.feeds))
        self.source.show_text(", ".join(titles) if len(titles) < _SOURCES else f"{len(titles)} sources")
        self.source.setToolTip(", ".join(titles).replace("<", "‹"))
        self.source.setCursorPosition(0)
        self.feed.say("\n".join(f"Reads {feed.words}" for feed in found.feeds))
        self.response.show_preview(found)
        named = next((one.detail for one in found.points if one.part == "pair" and one.status is Status.GOOD), "")
        self.pair_field.note.say(f"Named by {named}" if named and found.kpi.pair is None else "")

    def refuse(self, words: str) -> None:
        """Say under the name why the definition could not be saved; "" takes it back."""
        self.name_field.refuse(words)

    def focus_on(self, part: str) -> None:
        """Put the focus on a part of the form."""
        parts: dict[str, QWidget] = {
            "name": self.name,
            "formula": self.formula.edit,
            "goal": self.goal,
            "check": self.response.check,
            "target": self.targets.target,
            "owner": self.owner,
            "source": self.source,
            "pair": self.lag,
            "cadence": self.review,
            "action": self.response.action,
        }
        parts[part].setFocus()

    def _on_edited(self) -> None:
        if not self._showing and self._base is not None:
            self._base = self.kpi  # what cannot be read next falls back to this, not to what was opened
            self.edited.emit()
