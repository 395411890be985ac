"""Why a target is what it is, with the arithmetic: from the own past, worked back from a goal, or beside a benchmark."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpidesk.domain.goal import KeyResult
from kpidesk.domain.kpi import Basis, Direction, Display, Kpi
from kpidesk.domain.period import Grain, period_of, shift
from kpidesk.domain.query import Query
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.nodes import Checked
from kpidesk.present.editor import Worked
from kpidesk.present.numbers import change_text, plural, value_text
from kpidesk.present.texts import lower_first
from kpidesk.workspace import board, goal_page, goals

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_YEAR, _FEWEST = 12, 3  # months
_MONTHS = {Grain.WEEK: 7 / 30.436875, Grain.MONTH: 1.0, Grain.QUARTER: 3.0, Grain.YEAR: 12.0}
_STEP = 0.1  # what is offered as an improvement on the own past
_GRAINS = {Grain.WEEK: "a week", Grain.MONTH: "a month", Grain.QUARTER: "a quarter", Grain.YEAR: "a year"}
_TOO_YOUNG = "There is too little of a past yet to compare with."


@dataclass(frozen=True, slots=True)
class _Past:
    """What a KPI was over the last `months` whole months: `value` for one period of its target where it adds up, else of all."""

    value: float
    months: int
    grain: Grain | None


def arithmetic(workspace: "Workspace", kpi: Kpi, checked: Checked) -> Mapping[str, Worked]:
    """Return for every basis how the target follows from it, or stands against it, and the target that would follow."""
    past = _past(workspace, kpi, adds_up(kpi, checked))
    return {
        Basis.PLAIN.value: Worked(_told(kpi, past, workspace.settings.currency)),
        Basis.BENCHMARK.value: Worked(_told(kpi, past, workspace.settings.currency)),
        Basis.BASELINE.value: _improvement(kpi, past, workspace.settings.currency),
        Basis.GOAL.value: _worked_back(workspace, kpi, past),
    }


def adds_up(kpi: Kpi, checked: Checked) -> bool:
    """Whether a KPI begins every period at nothing, as revenue and meetings do and a rate or an open pipeline does not."""
    if kpi.target is not None or kpi.target_from is not None:
        return kpi.target is None or kpi.target.cumulative
    total = kpi.formula.lstrip().upper().startswith(("COUNT(", "SUM("))
    return checked.unit.name in ("count", "money") and total and "open_" not in kpi.formula


def _past(workspace: "Workspace", kpi: Kpi, adds: bool) -> _Past | None:
    anchor, calendar = board.anchor_day(workspace), workspace.settings.calendar
    if anchor is None:
        return None
    last = period_of(anchor, Grain.MONTH, calendar)
    if anchor < last.last_day:
        last = shift(last, -1, calendar)
    query = Query((kpi.id,), Grain.MONTH, shift(last, 1 - _YEAR, calendar).start, last.start, anchor)
    values = [point.value for point in workspace.evaluate(kpi.formula, query, kpi).series[0].points]
    first = next((place for place, value in enumerate(values) if value is not None), _YEAR)
    known = [value for value in values[first:] if value is not None]
    if len(known) < _FEWEST:
        return None
    mean = sum(known) / len(known)
    if adds:
        grain = Grain.QUARTER if kpi.target is None else kpi.target.grain
        return _Past(mean * _MONTHS[grain], _YEAR - first, grain)
    with suppress(FormulaError):  # what cannot be taken over several months, such as a stock, is averaged
        pooled = workspace.evaluate(f"TRAILING(\n{kpi.formula}\n, {_YEAR - first} MONTHS)", query, kpi)
        mean = pooled.series[0].points[-1].value or mean
    return _Past(mean, _YEAR - first, None)


def _words(kpi: Kpi, past: _Past, currency: str) -> str:
    each = "" if past.grain is None else f" {_GRAINS[past.grain]}"
    return f"{value_text(past.value, kpi.display, currency)}{each} over the last {plural(past.months, 'month')}"


def _told(kpi: Kpi, past: _Past | None, currency: str) -> str:
    """Hold a target against the own past."""
    if past is None:
        return _TOO_YOUNG
    own = f"Your own past: {_words(kpi, past, currency)}."
    return own if kpi.target is None else f"{own} {_compared(kpi, past, currency)}"


def _compared(kpi: Kpi, past: _Past, currency: str) -> str:
    assert kpi.target is not None  # noqa: S101 - asked only with a target
    target = value_text(kpi.target.value, kpi.display, currency, trim=True)
    gap = kpi.target.value - past.value
    size = change_text(gap, kpi.display, currency)
    if not float(f"{gap:.9g}"):
        return f"{target} is the same."
    better = (gap > 0) == (kpi.direction is Direction.UP)
    share = "" if not past.value else f", {abs(gap / past.value):.0%}"
    return f"{target} is {size} {'better' if better else 'worse'}{share}."


def _improvement(kpi: Kpi, past: _Past | None, currency: str) -> Worked:
    if past is None:
        return Worked(_TOO_YOUNG)
    sign = 1 if kpi.direction is Direction.UP else -1
    wanted = _rounded(past.value + sign * _STEP * abs(past.value), kpi.display)
    label = f"Use {value_text(wanted, kpi.display, currency, trim=True)}, a tenth better"
    target = None if kpi.target is None else kpi.target.value
    doubt = target is not None and sign * target <= sign * past.value
    words = _told(kpi, past, currency)
    return Worked(f"{words} That is no improvement." if doubt else words, wanted, label, doubt)


def _rounded(value: float, display: Display) -> float:
    """Round a target to what people set: a tenth of a point, whole things, three digits of money."""
    match display:
        case Display.PERCENT:
            return round(value, 3)
        case Display.COUNT:
            return float(round(value))
        case Display.RATIO | Display.DAYS:
            return round(value, 1)
    return float(f"{value:.3g}")


def _worked_back(workspace: "Workspace", kpi: Kpi, past: _Past | None) -> Worked:
    """Return what a KPI has to be so that its goal is reached while all else stays as it was."""
    currency, found = workspace.settings.currency, _goal(workspace, kpi)
    if found is None:
        return Worked("Name a goal of this quarter that has a key result, and its arithmetic is shown here.")
    name, result = found
    if result.kpi == kpi.id:
        text = value_text(result.target, kpi.display, currency, trim=True)
        start = "" if result.start is None else f"from {value_text(result.start, kpi.display, currency, trim=True)} "
        return Worked(f"It is a key result of “{name}”: {start}to {text}.", result.target, f"Use {text}")
    other = workspace.kpi(result.kpi)
    before = _past(workspace, other, adds_up(other, workspace.checked(other.id)))
    if past is None or before is None or before.value <= 0 or result.target <= 0:
        return Worked(_TOO_YOUNG)
    # A key result is for the quarter, whatever the target of its KPI is for.
    was = before.value if before.grain is None else before.value * _MONTHS[Grain.QUARTER] / _MONTHS[before.grain]
    factor = result.target / was if other.direction is Direction.UP else was / result.target
    up = kpi.direction is Direction.UP
    wanted = past.value * factor if up else past.value / factor
    asked, usual = (value_text(one, other.display, currency, trim=True) for one in (result.target, was))
    own, text = (value_text(one, kpi.display, currency) for one in (past.value, _rounded(wanted, kpi.display)))
    words = (
        f"“{name}” asks for {asked} of {lower_first(other.name)}, {factor:.2f} times the {usual} of your past quarters."
        f" All else as it was, {own} {'×' if up else '÷'} {factor:.2f} = {text}."
    )
    if kpi.display is Display.PERCENT and wanted > 1:
        return Worked(f"{words} No share is above 100%, so this alone cannot reach it.")
    rounded = _rounded(wanted, kpi.display)
    return Worked(words, rounded, f"Use {value_text(rounded, kpi.display, currency, trim=True)}")


def _goal(workspace: "Workspace", kpi: Kpi) -> tuple[str, KeyResult] | None:
    """Return the name of a KPI's goal and its key result: the KPI's own, else the first lagging one, else the first."""
    found = goal_page.goal_of(kpi, workspace.goals.of_quarter())
    if found is not None:
        known = [one for one in found.results if one.kpi in workspace.catalog]
        own = [one for one in known if one.kpi == kpi.id]
        results = [one for one in known if workspace.catalog[one.kpi].kind.value == "lagging"]
        return next(((found.name, one) for one in (*own, *results, *known)), None)
    anchor = board.anchor_day(workspace)
    if anchor is None or not kpi.goal.strip():
        return None
    calendar = workspace.settings.calendar
    strip = goals.goal_strip(workspace, board.Moment(period_of(anchor, Grain.QUARTER, calendar), anchor, calendar))
    if strip is None or strip.headline.casefold() not in kpi.goal.casefold():
        return None
    return kpi.goal.strip(), KeyResult("total_revenue", strip.target, 0.0)
