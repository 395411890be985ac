"""What a definition that is not saved yet comes to: its card, its last twelve months, how the number is made, its quality."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Basis, Display, Funnel, Kpi
from kpidesk.domain.period import Grain, Period, period_name, period_of, shift
from kpidesk.domain.problem import KpideskError
from kpidesk.domain.query import Figure, Query
from kpidesk.domain.result import Point, Result
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.nodes import Aggregate, Arithmetic, Checked, KpiRef, Node, Only, Proportion, Window
from kpidesk.insight.bands import goal
from kpidesk.insight.quality import Facts, lacking, quality, vague
from kpidesk.present.cards import card
from kpidesk.present.editor import Advice, Feed, Mistake, Offer, Parts, Point7, Preview, YearPoint
from kpidesk.present.numbers import MISSING, count, day, plural, value_text
from kpidesk.workspace import board, comparing, feeding, goal_page, looking_back, marking, target_basis

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_MONTHS, _QUARTERS = 12, 3
_UNFINISHED = ("E04", "E06")  # an open bracket or quote: still being typed
_BASES = {
    Basis.PLAIN: "A plain decision",
    Basis.BASELINE: "Better than our own past",
    Basis.GOAL: "Worked back from the goal",
    Basis.BENCHMARK: "Benchmark",
}


class Drafted:
    """A workspace that answers for one definition as if it were saved."""

    def __init__(self, workspace: "Workspace", kpi: Kpi, checked: Checked) -> None:
        self._workspace, self._kpi, self._checked = workspace, kpi, checked

    @property
    def settings(self) -> Settings:
        """The workspace's."""
        return self._workspace.settings

    def query(self, query: Query) -> Result:
        """Answer from the draft and, for every other KPI, from the workspace."""
        own = self._workspace.evaluate(self._kpi.formula, query, self._kpi)
        others = tuple(kpi for kpi in query.kpis if kpi != self._kpi.id)
        rest = self._workspace.query(replace(query, kpis=others)).series if others else ()
        return Result(own.periods, (*own.series, *rest))

    def counts(self) -> dict[str, int]:
        """Return the workspace's."""
        return self._workspace.counts()

    def checked(self, kpi_id: str) -> Checked:
        """Return the draft's formula, or a KPI's."""
        return self._checked if kpi_id == self._kpi.id else self._workspace.checked(kpi_id)


def preview(workspace: "Workspace", kpi: Kpi, valid: str = "") -> Preview:
    """Return what `kpi` comes to. While its formula has no meaning, the numbers are those of the formula `valid`, if that has one."""
    found = stated(workspace, kpi, valid)
    if not found.formula or board.anchor_day(workspace) is None:
        return found
    shown = replace(kpi, formula=found.formula)
    return _with_numbers(workspace, shown, workspace.read_formula(found.formula, kpi.id), found)


def stated(workspace: "Workspace", kpi: Kpi, valid: str = "") -> Preview:
    """Return what can be said of a definition without calculating anything; as `preview` without its numbers."""
    mistake, checked = None, None
    try:
        checked = workspace.read_formula(kpi.formula, kpi.id)
    except FormulaError as error:
        mistake = _mistake(error)
        checked = _last_valid(workspace, kpi, valid)
    shown = kpi if checked is None else replace(kpi, formula=checked.text)
    facts = _facts(workspace, shown, checked, mistake)
    points = tuple(
        Point7(one.part.value, Status.GOOD if one.met else Status.WARN, one.title, one.detail)
        for one in quality(kpi, facts)
    )
    saved = workspace.catalog.kpis.get(kpi.id)
    return Preview(
        kpi=kpi,
        formula="" if checked is None else checked.text,
        mistake=mistake,
        cautions=() if checked is None or mistake else tuple(one.message for one in checked.warnings),
        unit="" if checked is None else checked.unit.name,
        display=None if checked is None else board.described(kpi.id, kpi.formula, checked.unit).display,
        card=None,
        value=None,
        maximum=1.0,
        months=(),
        parts=Parts((), ()),
        feeds=() if checked is None else feeding.feeds(workspace, checked),
        points=points,
        lacking=tuple(f"{one.title}: {one.detail[:1].lower()}{one.detail[1:]}" for one in lacking(kpi, facts)),
        suggestion=_suggestion(workspace, kpi) if vague(kpi.action) or not kpi.action.strip() else "",
        changed=saved is not None and saved.formula != kpi.formula,
    )


def _last_valid(workspace: "Workspace", kpi: Kpi, valid: str) -> Checked | None:
    saved = workspace.catalog.kpis.get(kpi.id)
    for text in (valid, "" if saved is None else saved.formula):
        if text:
            try:
                return workspace.read_formula(text, kpi.id)
            except FormulaError:
                continue
    return None


def _mistake(error: FormulaError) -> Mistake:
    fixes = tuple((one.label, one.replacement, one.span) for one in error.suggestions)
    return Mistake(str(error), error.start, error.end, error.code in _UNFINISHED, fixes)


def _with_numbers(workspace: "Workspace", kpi: Kpi, checked: Checked, found: Preview) -> Preview:
    settings, anchor = workspace.settings, board.anchor_day(workspace)
    assert anchor is not None  # noqa: S101 - asked before
    asked = Drafted(workspace, kpi, checked)
    moment = board.Moment(period_of(anchor, Grain.QUARTER, settings.calendar), anchor, settings.calendar)
    reading = board.readings(asked, (kpi,), moment, "previous")[0]
    last = period_of(anchor, Grain.MONTH, settings.calendar)
    first = shift(last, 1 - _MONTHS, settings.calendar)
    months = asked.query(Query((kpi.id,), Grain.MONTH, first.start, last.start, anchor))
    earlier = shift(moment.period, 1 - _QUARTERS, settings.calendar)
    quarters = asked.query(Query((kpi.id,), Grain.QUARTER, earlier.start, moment.period.start, anchor))
    value = reading.point.value
    parts = _parts(workspace, kpi, checked, quarters, moment, settings.currency)
    saved = workspace.catalog.kpis.get(kpi.id)
    if saved is None or saved.formula != kpi.formula:
        reading = replace(reading, figure=None)  # the working of what is saved would be that of another number
    else:
        figures = [Figure(kpi.id, period, anchor) for period in reversed(quarters.periods)]
        parts = replace(parts, figures=tuple(zip((row[0] for row in parts.rows), figures, strict=True)))
    known = [abs(one) for one in (value, *_limits(kpi)) if one is not None]
    return replace(
        found,
        card=card(reading, settings.currency),
        value=value,
        maximum=_round_up(max(known, default=0.0) * 1.5, kpi.display),
        months=_year(workspace, kpi, months),
        parts=parts,
        worked=target_basis.arithmetic(workspace, kpi, checked),
        look_back=looking_back.told(workspace, kpi) if kpi.active else "",
        advice=(*_serves_none(workspace, kpi), *comparing.advice(workspace, kpi, checked)),
    )


def _serves_none(workspace: "Workspace", kpi: Kpi) -> tuple[Advice, ...]:
    """Offer a KPI of the dashboard that maps to no goal for one, or for retirement."""
    goals = workspace.goals.of_quarter()
    if not goals or not kpi.active or goal_page.goal_of(kpi, goals) is not None:
        return ()
    named = kpi.goal.strip()
    words = f"“{named}” is no goal of this quarter." if named else "It serves no goal of this quarter."
    offers = (Offer("Name a goal", "goal", kpi.id), Offer("Retire it", "retire", kpi.id))
    return (Advice(f"{words} Name the one it helps to reach, or retire it.", offers),)


def _limits(kpi: Kpi) -> tuple[float | None, ...]:
    return () if kpi.target is None else (kpi.target.value, kpi.target.at_risk)


def _round_up(value: float, display: Display) -> float:
    """Return a round end of a scale: 1, 2, 2.5, 4, 5 or 8 times a power of ten; a share ends at 100 % at most."""
    if value <= 0:
        return 1.0
    power = 1.0
    while power > value:
        power /= 10
    while power * 10 <= value:
        power *= 10
    top = next(step * power for step in (1, 2, 2.5, 4, 5, 8, 10) if step * power >= value * 0.999)
    return min(top, 1.0) if display is Display.PERCENT and value <= 1.5 else top


def _year(workspace: "Workspace", kpi: Kpi, result: Result) -> tuple[YearPoint, ...]:
    currency = workspace.settings.currency
    marks = marking.of_definition(workspace, kpi.id, result.periods)

    def asked(period: Period) -> tuple[float | None, float | None]:
        against = goal(kpi.target, kpi.direction, period, 1.0)
        return (None, None) if against is None else (against.full, against.limit)

    return tuple(
        YearPoint(
            f"{period.start:%b}",
            point.value,
            value_text(point.value, kpi.display, currency),
            *asked(period),
            marks.get(place, ""),
        )
        for place, (period, point) in enumerate(zip(result.periods, result.total(kpi.id).points, strict=True))
    )


def _parts(
    workspace: "Workspace", kpi: Kpi, checked: Checked, result: Result, moment: board.Moment, currency: str
) -> Parts:
    points = result.total(kpi.id).points
    divided = any(point.denominator is not None for point in points)
    names = part_names(checked.node, workspace.checked) if divided else ("Sample",)
    rows = []
    for period, point in reversed(list(zip(result.periods, points, strict=True))):
        name = period_name(period, moment.calendar)
        if period == moment.period and moment.in_progress:
            name = f"{name.split(' ')[0]} to date"
        cells = [_amount(point.numerator), _amount(point.denominator)] if divided else [_sample(point)]
        rows.append((name, *cells, value_text(point.value, kpi.display, currency)))
    return Parts(("Quarter", *names, kpi.name or "Value"), tuple(rows))


def _amount(value: float | None) -> str:
    return MISSING if value is None else count(round(value, 0 if abs(value) >= 100 else 2))


def _sample(point: Point) -> str:
    return MISSING if point.n is None else count(point.n)


def part_names(node: Node, meaning: Callable[[str], Checked]) -> tuple[str, str]:
    """Name the two sides of a quotient after the rows they count: Won and Closed of won_deals and closed_deals.

    `meaning` gives the formula of a KPI by its id.
    """
    while isinstance(node, Only | Window | KpiRef):
        node = meaning(node.kpi).node if isinstance(node, KpiRef) else node.operand
    match node:
        case Proportion(numerator=Aggregate() as above, denominator=Aggregate() as below):
            pass
        case Arithmetic(operator="/", left=Aggregate() as above, right=Aggregate() as below):
            pass
        case Aggregate(function="AVERAGE"):
            return "Total", "Number"
        case _:
            return "Above", "Below"
    one, other = (rows.rows.name.split("_") for rows in (above, below))
    if one == other:
        return "Counted", "Of all"
    if len(one) > 1 and len(other) > 1 and one[-1] == other[-1]:
        one, other = one[:-1], other[:-1]
    return " ".join(one).capitalize(), " ".join(other).capitalize()


def _facts(workspace: "Workspace", kpi: Kpi, checked: Checked | None, mistake: Mistake | None) -> Facts:
    sources: tuple[Feed, ...] = () if checked is None else feeding.feeds(workspace, checked)
    lack = () if checked is None else feeding.missing(workspace, checked)
    anchor = workspace.today
    due = period_of(anchor, kpi.cadence, workspace.settings.calendar).last_day
    words = {Grain.WEEK: "Weekly", Grain.MONTH: "Monthly", Grain.QUARTER: "Quarterly", Grain.YEAR: "Yearly"}
    named = ", ".join(f"{one.title}, imported {one.imported}" for one in sources[:2])
    if len(sources) > 2:
        named += f" and {plural(len(sources) - 2, 'more source')}"
    return Facts(
        mistake=mistake.message if mistake is not None else "",
        sources=named,
        missing=f"No {' and no '.join(lack)} imported yet" if lack else "",
        pair=pair_words(workspace, kpi),
        review=f"{words[kpi.cadence]}, next {day(due, year=False)}",
        target=_basis(kpi, workspace),
    )


def _basis(kpi: Kpi, workspace: "Workspace") -> str:
    if kpi.target is None:
        measured = None if kpi.target_from is None else workspace.catalog.kpis.get(kpi.target_from)
        return "" if measured is None else f"As {measured.name} says for the same period"
    match kpi.target.basis:
        case Basis.GOAL:
            return f"Worked back from {kpi.goal.strip() or 'the goal'}"
        case Basis.BENCHMARK:
            return f"Benchmark: {kpi.target.origin.strip()}"
        case basis:
            return kpi.target.origin.strip() or _BASES[basis]


def pair_words(workspace: "Workspace", kpi: Kpi) -> str:
    """Name the KPI that one is paired with from either side, and the lag."""
    other = None if kpi.pair is None else workspace.catalog.kpis.get(kpi.pair)
    lag = kpi.lag_weeks
    if other is None:
        other = next((one for one in workspace.catalog if one.pair == kpi.id and one.id != kpi.id), None)
        lag = None if other is None else other.lag_weeks
    if other is None:
        return ""
    return other.name if lag is None else f"{other.name}, {lag}-week lag"


def _suggestion(workspace: "Workspace", kpi: Kpi) -> str:
    """Return a better action: the one the catalogue has for this KPI, else for one that looks at the same place of the funnel."""
    shipped = load_catalogue()
    own = next((one for one in shipped if one.id == kpi.id), None)
    if own is None:
        try:
            needs = workspace.read_formula(kpi.formula, kpi.id).references
        except KpideskError:
            needs = ()
        near = [one for one in shipped if one.id in needs] + [
            one for one in shipped if one.funnel is (kpi.funnel or Funnel.BOTTOM) and one.active
        ]
        own = near[0] if near else None
    return "" if own is None or own.action == kpi.action else own.action
