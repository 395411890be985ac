"""The goal strip: the revenue target of the quarter, what is won, what today's pace asks for, what the pipeline may add."""

from datetime import date
from math import ceil
from typing import TYPE_CHECKING

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Target
from kpidesk.domain.period import Grain, Period, period_name, period_of
from kpidesk.domain.query import Figure, Query
from kpidesk.domain.result import Result
from kpidesk.insight.bands import goal, judge, too_few
from kpidesk.present.dashboard import GoalStrip
from kpidesk.present.numbers import day, money, percent, plural

if TYPE_CHECKING:
    from kpidesk.workspace.board import Moment
    from kpidesk.workspace.workspace import Workspace

_YEAR_RATE = "TRAILING(win_rate, 12 MONTHS)"
_YEAR_SIZE = "TRAILING(average_deal_size, 12 MONTHS)"


def goal_strip(workspace: "Workspace", moment: "Moment") -> GoalStrip | None:
    """Return the goal of the quarter that contains the moment; None without a sales target or a revenue goal for it."""
    calendar, anchor = moment.calendar, moment.anchor
    quarter = period_of(anchor, Grain.QUARTER, calendar)
    query = Query(
        ("total_revenue", "sales_target", "open_pipeline"), Grain.QUARTER, quarter.start, quarter.start, anchor
    )
    result = workspace.query(query)
    won, imported, pipeline = (result.total(kpi).points[-1] for kpi in query.kpis)
    wanted = _promised(workspace, quarter) if imported.value is None else imported.value
    if wanted is None or wanted <= 0 or won.value is None:
        return None
    elapsed = ((anchor - quarter.start).days + 1) / quarter.days
    against = goal(Target(wanted, None, Grain.QUARTER, cumulative=True), Direction.UP, quarter, elapsed)
    pace = wanted * elapsed
    rate, size = (_latest(workspace.evaluate(text, query)) for text in (_YEAR_RATE, _YEAR_SIZE))
    weighted = None if rate is None or pipeline.value is None else pipeline.value * rate
    currency = workspace.settings.currency

    def text(amount: float, *, trim: bool = False) -> str:
        return money(amount, currency, trim=trim)

    name = period_name(quarter, calendar).split(" ")[0]
    target_text, won_text = text(wanted, trim=True), f"{text(won.value)} won"
    gap = wanted - won.value
    left = (quarter.last_day - anchor).days
    stats = [(text(gap), "still to win") if gap > 0 else (text(-gap), "above the goal")]
    if gap > 0 and size:
        stats.append((plural(ceil(gap / size), "deal"), f"at {text(size)} average"))
    stats.append((plural(left, "day"), "left in the quarter"))
    weighted_text = ""
    if weighted is not None and rate is not None:
        reach = text(won.value + weighted)
        weighted_text = f"+ {text(weighted)} pipeline at a {percent(rate, 0)} win rate = {reach}"
    shown = [("won", "total_revenue"), ("goal", "sales_target"), ("pipeline", "open_pipeline")]
    if imported.value is None:
        shown.pop(1)
    status = judge(won, against, Direction.UP)
    share = f"{percent(won.value / wanted, 0)} of goal, {percent(elapsed, 0)} of the quarter gone"
    deadline = _deadline(quarter.last_day)
    return GoalStrip(
        caption=f"{name} goal",
        headline=f"{target_text} revenue",
        deadline=deadline,
        status=status if status is not Status.NONE else Status.WARN,
        won=won.value,
        weighted=weighted,
        pace=pace,
        target=wanted,
        won_text=won_text,
        pace_text=f"Pace today {text(pace)}",
        target_text=target_text,
        share_text=share,
        weighted_text=weighted_text,
        stats=tuple(stats),
        accessible=f"{name} goal {target_text} revenue {deadline}, {status.word.lower()}, {won_text}, {share}",
        figures=tuple((words, Figure(kpi, quarter, anchor)) for words, kpi in shown),
    )


def _promised(workspace: "Workspace", quarter: Period) -> float | None:
    """Return what the goals of a quarter promise in revenue, where no sales target was imported."""
    results = (one for goal in workspace.goals.of_quarter(quarter) for one in goal.results)
    return next((one.target for one in results if one.kpi == "total_revenue"), None)


def _deadline(last: date) -> str:
    return f"by {day(last, year=False).replace(f'{last:%b}', f'{last:%B}')}"


def _latest(result: Result) -> float | None:
    point = result.series[0].points[-1]
    return None if too_few(point) else point.value
