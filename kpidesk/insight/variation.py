"""What a history does by itself: the limits and signals of an XmR chart, and whether values can be put in order at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, pairwise
from math import sqrt
from statistics import fmean

from kpidesk.domain.kpi import Direction
from kpidesk.domain.result import Point
from kpidesk.insight.bands import differs, too_few

FEWEST = 8  # periods; with fewer the limits say more about chance than about the business
RUN = 8  # periods in a row on one side of the middle that chance does not explain
_SCALE = 2.66  # three standard deviations, told by the mean step between neighbours (Wheeler, XmR chart)
_STEP = 3.268  # the largest step that chance explains, as a multiple of the mean one (the upper limit of its mR chart)
_UNFINISHED = {"partial_period", "partial_data"}


@dataclass(frozen=True, slots=True)
class Limits:
    """A history varies by itself between `low` and `high`, around `middle`."""

    low: float
    middle: float
    high: float

    def hold(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high

    def explain(self, now: float, before: float, share: float = 1.0, *, adds_up: bool = False) -> bool:
        """Whether normal variation explains the step from one value to another.

        Of whole periods both lie inside, and the step is no larger than steps are. Of the first `share` (above 0, up to 1) of two
        periods only the step says something, since days of a period are not alike: what adds up over time varies with the root
        of the days, what is averaged with the root of one over them.
        """
        widest = (self.high - self.middle) / _SCALE * _STEP
        if share < 1:
            return abs(now - before) <= widest * (sqrt(share) if adds_up else 1 / sqrt(share))
        return self.hold(now) and self.hold(before) and abs(now - before) <= widest


class Signal(Enum):
    """What chance does not explain. `way` is 1 above the middle, -1 below it."""

    ABOVE = 1, False
    BELOW = -1, False
    RUN_ABOVE = 1, True
    RUN_BELOW = -1, True

    @property
    def way(self) -> int:
        """On which side of the middle."""
        return self.value[0]

    @property
    def run(self) -> bool:
        """Whether it takes a run of periods to see it."""
        return self.value[1]


def judgeable(point: Point) -> bool:
    """Whether a point can be held against others: it has a value, of enough rows, and its period is whole."""
    return point.value is not None and not too_few(point) and not _UNFINISHED & set(point.flags)


def limits(points: Sequence[Point]) -> Limits | None:
    """Return between which values a history varies by itself; None with fewer than 8 whole periods.

    Steps are taken between neighbours that have a value, as the chart does.
    """
    values = [point.value for point in points if judgeable(point) and point.value is not None]
    if len(values) < FEWEST:
        return None
    middle = fmean(values)
    reach = _SCALE * fmean(abs(after - before) for before, after in pairwise(values))
    return Limits(middle - reach, middle, middle + reach)


def signals(points: Sequence[Point], bounds: Limits | None) -> tuple[Signal | None, ...]:
    """Return for every point what chance does not explain about it, None where nothing stands out or can be judged.

    A value outside the limits comes first, then a run of 8 on one side of the middle. Blank and unfinished periods are passed over.
    """
    found: list[Signal | None] = [None] * len(points)
    if bounds is None:
        return tuple(found)
    sides = [
        (place, (point.value > bounds.middle) - (point.value < bounds.middle))
        for place, point in enumerate(points)
        if judgeable(point) and point.value is not None
    ]
    for side, group in groupby(sides, key=lambda one: one[1]):
        run = [place for place, _ in group]
        if side and len(run) >= RUN:
            for place in run:
                found[place] = Signal.RUN_ABOVE if side > 0 else Signal.RUN_BELOW
    for place, side in sides:
        value = points[place].value
        if value is not None and not bounds.hold(value):
            found[place] = Signal.ABOVE if side > 0 else Signal.BELOW
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Delta:
    """A change between two periods: its signed `size`, and whether it is `better`.

    None for that: both are equal, or the change is `normal`, which means that chance or normal variation explains it.
    """

    size: float
    better: bool | None
    normal: bool


def change(
    now: Point,
    before: Point,
    direction: Direction,
    bounds: Limits | None = None,
    share: float = 1.0,
    *,
    adds_up: bool = False,
) -> Delta | None:
    """Compare two periods; None when either side is blank or too small a sample.

    A change is normal when the ranges of two rates overlap, or when `bounds` explain it. `share` is how much of each period has
    passed, and `adds_up` whether the value grows with it.
    """
    if now.value is None or before.value is None or too_few(now) or too_few(before):
        return None
    size = now.value - before.value
    if size == 0:
        return Delta(0.0, None, normal=False)
    explained = bounds is not None and bounds.explain(now.value, before.value, share, adds_up=adds_up)
    if explained or not differs(now, before):
        return Delta(size, None, normal=True)
    return Delta(size, (size > 0) == (direction is Direction.UP), normal=False)


def ranks(points: Sequence[Point], direction: Direction) -> tuple[int | None, ...]:
    """Return the place of every rate among others, 1 the best; None where it cannot be told apart from some other.

    Only rates have a range, so only they get a place.
    """
    judged = [one for one in points if one.value is not None and one.interval is not None and not too_few(one)]
    if len(judged) < 2:
        return (None,) * len(points)
    sign = 1 if direction is Direction.UP else -1

    def place(point: Point) -> int | None:
        others = [one for one in judged if one is not point]
        if point.value is None or len(others) == len(judged) or not all(differs(point, one) for one in others):
            return None
        return 1 + sum(sign * (one.value or 0.0) > sign * point.value for one in others)

    return tuple(place(point) for point in points)
