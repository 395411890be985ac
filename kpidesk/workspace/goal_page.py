"""The goals of a quarter, put together: values, pace, and which KPIs of the dashboard serve none."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import Goal, KeyResult
from kpidesk.domain.kpi import Kind, Kpi
from kpidesk.domain.period import Grain, Period, period_name, period_of, shift
from kpidesk.domain.query import Figure, Query
from kpidesk.domain.result import Point, Reason
from kpidesk.insight.bands import too_few
from kpidesk.insight.goals import progress, standing
from kpidesk.present.goals import Figures, GoalCard, GoalsPage, LooseKpi, ResultLine, card_texts, result_line
from kpidesk.present.numbers import NBSP, day, plural, value_text
from kpidesk.present.reasons import reason_sentence
from kpidesk.workspace import board

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class _Moment:
    """A quarter, the day up to which it is known, the share that has passed, and why nothing is known yet ("" when it is)."""

    quarter: Period
    anchor: date | None
    elapsed: float
    waiting: str


def current_quarter(workspace: "Workspace") -> Period:
    """Return the quarter of which the numbers are shown."""
    anchor = board.anchor_day(workspace) or workspace.today
    return period_of(anchor, Grain.QUARTER, workspace.settings.calendar)


def of_quarter(goals: Sequence[Goal], quarter: Period) -> tuple[Goal, ...]:
    """Return the goals of a quarter."""
    return tuple(goal for goal in goals if quarter.start <= goal.quarter < quarter.end)


def goal_of(kpi: Kpi, goals: Sequence[Goal]) -> Goal | None:
    """Return the one goal among `goals` that a KPI serves: the one that its definition names, else one it is a key result of."""
    named = kpi.goal.strip().casefold()
    for goal in goals:
        if named and named == goal.name.casefold():
            return goal
    return next((goal for goal in goals if any(one.kpi == kpi.id for one in goal.results)), None)


def loose(workspace: "Workspace") -> frozenset[str]:
    """Return the ids of the KPIs of the dashboard that map to no goal of the quarter, none while the quarter has no goals."""
    goals = workspace.goals.of_quarter()
    return frozenset(kpi.id for kpi in workspace.catalog.active if goals and goal_of(kpi, goals) is None)


def goals_page(
    workspace: "Workspace", goals: Sequence[Goal], first: date | None = None, as_of: date | None = None
) -> GoalsPage:
    """Return the goals of the quarter that contains `first` as known on `as_of`; by default both are where the data ends."""
    calendar, now = workspace.settings.calendar, current_quarter(workspace)
    quarter = now if first is None else period_of(first, Grain.QUARTER, calendar)
    shown = of_quarter(goals, quarter)
    active = workspace.catalog.active
    asked = [one.kpi for goal in shown for one in goal.results if one.kpi in workspace.catalog]
    anchor = as_of or board.anchor_day(workspace)
    points = _points(workspace, [*asked, *(kpi.id for kpi in active)], quarter, anchor)
    elapsed = _elapsed(quarter, anchor)
    waiting = "No data yet." if anchor is None else f"Begins on {day(quarter.start, year=False)}."
    moment = _Moment(quarter, anchor, elapsed, "" if elapsed else waiting)
    cards = tuple(_card(workspace, goal, shown, points, moment) for goal in shown)
    loose = [kpi for kpi in active if goal_of(kpi, shown) is None] if shown else []
    known = {period_of(goal.quarter, Grain.QUARTER, calendar) for goal in goals} | {
        now,
        shift(now, 1, calendar),
        quarter,
    }
    return GoalsPage(
        answer=_answer(quarter, quarter_name(workspace, quarter), cards, len(loose), anchor),
        quarter=quarter.start,
        label=quarter_name(workspace, quarter),
        quarters=tuple((one.start, quarter_name(workspace, one)) for one in sorted(known)),
        cards=cards,
        loose=tuple(_loose(workspace, kpi, points.get(kpi.id)) for kpi in loose),
        before="" if shown else _before(workspace, goals, quarter),
    )


def last_before(goals: Sequence[Goal], quarter: Period) -> Goal | None:
    """Return a goal of the newest quarter with goals before `quarter`."""
    return max((goal for goal in goals if goal.quarter < quarter.start), key=lambda goal: goal.quarter, default=None)


def _before(workspace: "Workspace", goals: Sequence[Goal], quarter: Period) -> str:
    last = last_before(goals, quarter)
    if last is None:
        return ""
    return quarter_name(workspace, period_of(last.quarter, Grain.QUARTER, workspace.settings.calendar))


def quarter_name(workspace: "Workspace", quarter: Period) -> str:
    """Name a quarter by the workspace's calendar."""
    return period_name(quarter, workspace.settings.calendar)


def _points(workspace: "Workspace", kpis: Sequence[str], quarter: Period, anchor: date | None) -> dict[str, Point]:
    """Return the values of the quarter as known on the anchor; nothing for a quarter that is still to come."""
    if not kpis or anchor is None or anchor < quarter.start:
        return {}
    ids = tuple(dict.fromkeys(kpis))
    result = workspace.query(Query(ids, Grain.QUARTER, quarter.start, quarter.start, anchor))
    return {kpi: result.total(kpi).points[-1] for kpi in ids}


def _elapsed(quarter: Period, anchor: date | None) -> float:
    if anchor is None or anchor < quarter.start:
        return 0.0
    return min(((anchor - quarter.start).days + 1) / quarter.days, 1.0)


def _card(
    workspace: "Workspace",
    goal: Goal,
    goals: Sequence[Goal],
    points: dict[str, Point],
    moment: "_Moment",
) -> GoalCard:
    catalog = workspace.catalog
    lines, standings = [], []
    for result in goal.results:
        kpi = catalog.kpis.get(result.kpi)
        if kpi is None:
            continue
        point = points.get(result.kpi, Point(None, Reason.BEFORE_DATA))
        stands = standing(result, point, kpi.direction, moment.elapsed)
        standings.append((stands, result.weight))
        figures = Figures(
            stands.value, result.start, stands.expected, result.target, stands.share, stands.to_go, stands.behind,
            result.weight,
        )  # fmt: skip
        note = moment.waiting or _note(workspace, result, point)
        shown = None if moment.waiting else Figure(kpi.id, moment.quarter, moment.anchor)
        lines.append(result_line(kpi, figures, stands.status, workspace.settings.currency, note, shown))
    whole = progress(standings)
    own = {one.kpi for one in goal.results}
    serving = tuple((kpi.id, kpi.name) for kpi in catalog.active if kpi.id not in own and goal_of(kpi, goals) == goal)
    told, pace = card_texts(whole.share, whole.expected, whole.known, whole.of)
    kinds = {line.kind for line in lines} | {catalog[kpi].kind.value for kpi, _ in serving}
    return GoalCard(
        goal, whole.status, whole.share, whole.expected, told, pace, tuple(lines), serving, _advice(lines, kinds)
    )


def _note(workspace: "Workspace", result: KeyResult, point: Point) -> str:
    if point.reason is not None:
        return reason_sentence(point.reason, board.missing_entities(workspace, result.kpi))
    return "Too few cases to judge." if too_few(point) else ""


def _advice(lines: Sequence[ResultLine], kinds: set[str]) -> str:
    """Say which kind of KPI a goal lacks: early signals say whether it will be reached, results whether it was."""
    if not lines:
        return "Add a key result, so that everybody can see whether the goal is reached."
    if Kind.LAGGING.value not in kinds:
        return "No result among its KPIs. Add a lagging one that shows whether the goal is reached."
    if Kind.LEADING.value not in kinds:
        return "No early signal among its KPIs. Add a leading one that warns while there is time to act."
    return ""


def _loose(workspace: "Workspace", kpi: Kpi, point: Point | None) -> LooseKpi:
    value = value_text(None if point is None else point.value, kpi.display, workspace.settings.currency)
    note = f"Names “{kpi.goal.strip()}”, which is no goal of this quarter" if kpi.goal.strip() else "Serves no goal"
    return LooseKpi(kpi.id, kpi.name, value, Status.WARN, note)


def _answer(quarter: Period, name: str, cards: Sequence[GoalCard], loose: int, anchor: date | None) -> str:
    head = f"{name}."
    if anchor is not None and quarter.start <= anchor <= quarter.last_day:
        head = f"{name}, day{NBSP}{(anchor - quarter.start).days + 1} of {quarter.days}."
    if not cards:
        return f"{head} No goals yet"
    states = [card.status for card in cards]
    counts = ((states.count(status), status.word.lower()) for status in Status)
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    unmapped = f". {plural(loose, 'KPI')} {'serves' if loose == 1 else 'serve'} none" if loose else ""
    return f"{head} {plural(len(cards), 'goal')}: {told}{unmapped}"
