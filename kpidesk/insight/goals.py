"""How far a key result and its goal have come, and how far they should be by now. Nothing here is rounded."""

from collections.abc import Sequence
from dataclasses import dataclass

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import KeyResult
from kpidesk.domain.kpi import Direction
from kpidesk.domain.result import Point
from kpidesk.insight.bands import Goal as Against
from kpidesk.insight.bands import judge, too_few

_MARGIN = 0.1  # as for targets: up to 10 % short of what today asks for is at risk


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one key result stands, in the KPI's base unit.

    `expected` is what today asks for. `share` is how much of the way is made and `expected_share` how much should be: both 1 at
    the target, below 0 behind the start; `share` is None without a value that can be judged. `to_go` is what is missing to
    the target and `behind` what is missing to `expected`; both are negative beyond it.
    """

    value: float | None
    expected: float
    expected_share: float
    share: float | None
    to_go: float | None
    behind: float | None
    status: Status


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a goal stands: the weighted mean of its key results, each between 0 and 1, over the `known` of all `of` results."""

    share: float | None
    expected: float
    status: Status
    known: int
    of: int


def standing(result: KeyResult, point: Point, direction: Direction, elapsed: float) -> Standing:
    """Hold the value of the quarter so far against a key result, of whose quarter the share `elapsed` (0 to 1) has passed."""
    sign = 1 if direction is Direction.UP else -1
    start, target = result.start, result.target
    climbs = start is not None and start != target
    expected_share = elapsed if climbs else 1.0
    expected = start + (target - start) * elapsed if start is not None else target
    value = point.value
    if value is None or too_few(point) or not elapsed:
        return Standing(value, expected, expected_share, None, None, None, Status.NONE)
    share = (value - start) / (target - start) if start is not None and climbs else _held(value, target, sign)
    limit = expected - sign * _MARGIN * abs(expected)
    status = judge(point, Against(target, expected, limit), direction)
    return Standing(value, expected, expected_share, share, sign * (target - value), sign * (expected - value), status)


def _held(value: float, target: float, sign: int) -> float:
    """Return how nearly a target that is to be held is met; 1 once it is."""
    if sign * value >= sign * target:
        return 1.0
    part, whole = (value, target) if sign > 0 else (target, value)
    return part / whole if whole else 0.0


def progress(results: Sequence[tuple[Standing, float]]) -> Progress:
    """Return where a goal stands from its key results and their weights. What is not known is left out, not counted as 0."""
    known = [(one, weight) for one, weight in results if one.share is not None]
    share = _mean([(min(max(one.share or 0.0, 0.0), 1.0), weight) for one, weight in known])
    expected = _mean([(one.expected_share, weight) for one, weight in known or results]) or 0.0
    status = Status.NONE
    if share is not None:
        status = Status.GOOD if share >= expected else Status.WARN
        if share < expected * (1 - _MARGIN):
            status = Status.BAD
        # Others that are ahead must not hide one that is lost.
        if status is Status.GOOD and any(one.status is Status.BAD for one, _ in known):
            status = Status.WARN
    return Progress(share, expected, status, len(known), len(results))


def _mean(parts: Sequence[tuple[float, float]]) -> float | None:
    weight = sum(weight for _, weight in parts)
    return sum(value * weight for value, weight in parts) / weight if weight else None
