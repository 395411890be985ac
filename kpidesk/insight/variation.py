"""What a history does by itself: the limits of an XmR chart, and whether values can be put in order at all."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from kpidesk.domain.kpi import Direction
from kpidesk.domain.result import Point
from kpidesk.insight.bands import differs, too_few

FEWEST = 8  # periods; with fewer the limits say more about chance than about the business
_SCALE = 2.66  # three standard deviations, told by the mean step between neighbours (Wheeler, XmR chart)
_UNFINISHED = {"partial_period", "partial_data"}


def judgeable(point: Point) -> bool:
    """Whether a point can be held against others: it has a value, of enough rows, and its period is whole."""
    return point.value is not None and not too_few(point) and not _UNFINISHED & set(point.flags)


def limits(points: Sequence[Point]) -> tuple[float, float] | None:
    """Return between which values a history varies by itself; None with fewer than 8 whole periods.

    Steps are taken between neighbours that have a value, as the chart does.
    """
    values = [point.value for point in points if judgeable(point) and point.value is not None]
    if len(values) < FEWEST:
        return None
    middle = fmean(values)
    reach = _SCALE * fmean(abs(after - before) for before, after in pairwise(values))
    return middle - reach, middle + reach


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
