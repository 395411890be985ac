"""Holding a value against its target, and a change against chance (semantics G11, G14, G20; design section 7)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from math import hypot

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Target
from kpidesk.domain.period import Grain, Period, add_months, period_of
from kpidesk.domain.result import Point

MINIMUM_SAMPLE = 5
_DEFAULT_MARGIN = 0.1
_MONTHS = {Grain.MONTH: 1.0, Grain.QUARTER: 3.0, Grain.YEAR: 12.0}
_DAYS_PER_MONTH = 30.436875


@dataclass(frozen=True, slots=True)
class Goal:
    """What good is in one period, in the KPI's base unit.

    `full` is the target of the whole period, `now` what today's pace asks for (equal to `full` unless the KPI adds up over a
    period in progress), `limit` the border between at risk and off track, on the scale of `now`.
    """

    full: float
    now: float
    limit: float


def _months(period: Period) -> float:
    return _MONTHS.get(period.grain, period.days / _DAYS_PER_MONTH)


def goal(target: Target | None, direction: Direction, period: Period, elapsed_share: float) -> Goal | None:
    """Return the target of `period`, of which `elapsed_share` (0 to 1) has passed; None without a target.

    A cumulative target is spread evenly over time: a third of a quarter's for a month, and only the elapsed share so far. Months
    with a target of their own take its place, and move the limit along in proportion.
    """
    if target is None:
        return None
    margin = _DEFAULT_MARGIN * abs(target.value)
    limit = target.at_risk
    if limit is None:
        limit = target.value - margin if direction is Direction.UP else target.value + margin
    if not target.cumulative:
        elapsed_share = scale = 1.0
    else:
        scale = _months(period) / _MONTHS.get(target.grain, 7 / _DAYS_PER_MONTH)
    full, limit = target.value * scale, limit * scale
    if target.monthly:
        own = by_month(target, period)
        limit = limit * own / full if full else own + limit
        full = own
    return Goal(full, full * elapsed_share, limit * elapsed_share)


def by_month(target: Target, period: Period) -> float:
    """Return what the months of a period ask for: added up when the target is cumulative, else their mean by days.

    A month without a target of its own has the plain one. Owners' targets of a month add up to everybody's where that is not set.
    """
    plain = target.value / _MONTHS.get(target.grain, 7 / _DAYS_PER_MONTH) if target.cumulative else target.value
    whole = {one.month: one.value for one in target.monthly if not one.owner}
    asked = {}
    for month, _ in _months_inside(period):
        owned = [one.value for one in target.monthly if one.owner and one.month == month.start]
        asked[month.start] = whole.get(month.start, sum(owned) if owned and target.cumulative else plain)
    total = _spread(target, period, asked)
    assert total is not None  # noqa: S101 - every month is asked for something
    return total


def goal_of(owner: str, target: Target | None, period: Period) -> float | None:
    """Return what the months of a period ask of one owner; None when they ask nothing of that one."""
    if target is None or not owner:
        return None
    return _spread(target, period, {one.month: one.value for one in target.monthly if one.owner == owner})


def _months_inside(period: Period) -> Iterator[tuple[Period, int]]:
    """Yield the months that touch a period, each with how many of its days lie in it."""
    month = period_of(period.start, Grain.MONTH)
    while month.start < period.end:
        yield month, (min(month.end, period.end) - max(month.start, period.start)).days
        month = period_of(add_months(month.start, 1), Grain.MONTH)


def _spread(target: Target, period: Period, asked: Mapping[date, float]) -> float | None:
    """Add up what is asked of months by the share of their days in a period, or take the mean; None when nothing is asked."""
    known = [
        (asked[month.start], inside, month.days) for month, inside in _months_inside(period) if month.start in asked
    ]
    if not known:
        return None
    if target.cumulative:
        return sum(value * inside / days for value, inside, days in known)
    return sum(value * inside for value, inside, _ in known) / sum(inside for _, inside, _ in known)


def too_few(point: Point) -> bool:
    """Whether the sample is too small to judge."""
    return "too_few" in point.flags


def judge(point: Point, against: Goal | None, direction: Direction) -> Status:
    """Return the status of a value, unrounded: NONE when it is blank, too small a sample, or without a target."""
    if point.value is None or against is None or too_few(point):
        return Status.NONE
    sign = 1 if direction is Direction.UP else -1
    if sign * point.value >= sign * against.now:
        return Status.GOOD
    return Status.WARN if sign * point.value >= sign * against.limit else Status.BAD


def differs(now: Point, before: Point) -> bool:
    """Whether two proportions differ beyond chance: Newcombe's 95 % interval of the difference excludes 0 (semantics G14).

    True for values without an interval, about which nothing can be said this way.
    """
    if now.value is None or before.value is None or now.interval is None or before.interval is None:
        return True
    difference = now.value - before.value
    low = difference - hypot(now.value - now.interval[0], before.interval[1] - before.value)
    high = difference + hypot(now.interval[1] - now.value, before.value - before.interval[0])
    return low > 0 or high < 0
