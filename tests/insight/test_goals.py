"""How far goals have come: the way from start to target, the pace of the calendar, and what is not known."""

import pytest

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import KeyResult
from kpidesk.domain.kpi import Direction
from kpidesk.domain.result import Point, Reason
from kpidesk.insight.goals import progress, standing

UP, DOWN = Direction.UP, Direction.DOWN


@pytest.mark.parametrize(
    ("result", "value", "direction", "expected", "share", "status"),
    [
        (KeyResult("revenue", 240.0, 0.0), 120.0, UP, 120.0, 0.5, Status.GOOD),
        (KeyResult("revenue", 240.0, 0.0), 119.99, UP, 120.0, 119.99 / 240, Status.WARN),
        (KeyResult("revenue", 240.0, 0.0), 107.99, UP, 120.0, 107.99 / 240, Status.BAD),
        (KeyResult("rate", 0.25, 0.2), 0.225, UP, 0.225, 0.5, Status.GOOD),
        (KeyResult("rate", 0.25, 0.2), 0.19, UP, 0.225, -0.2, Status.BAD),
        (KeyResult("cycle", 42.0, 50.0), 46.0, DOWN, 46.0, 0.5, Status.GOOD),
        (KeyResult("cycle", 42.0, 50.0), 46.1, DOWN, 46.0, 0.4875, Status.WARN),
        (KeyResult("coverage", 3.0), 3.0, UP, 3.0, 1.0, Status.GOOD),
        (KeyResult("coverage", 3.0), 2.7, UP, 3.0, 0.9, Status.WARN),
        (KeyResult("coverage", 3.0), 2.69, UP, 3.0, 2.69 / 3, Status.BAD),
        (KeyResult("response", 2.0), 4.0, DOWN, 2.0, 0.5, Status.BAD),
        (KeyResult("overdue", 0.0), 3.0, DOWN, 0.0, 0.0, Status.BAD),
    ],
)
def test_a_key_result_is_held_against_the_pace_of_half_a_quarter(
    result: KeyResult, value: float, direction: Direction, expected: float, share: float, status: Status
) -> None:
    found = standing(result, Point(value), direction, 0.5)
    assert found.expected == pytest.approx(expected)
    assert found.share == pytest.approx(share)
    assert found.status is status
    sign = 1 if direction is UP else -1
    assert found.to_go == pytest.approx(sign * (result.target - value))
    assert found.behind == pytest.approx(sign * (expected - value))


@pytest.mark.parametrize(
    ("point", "elapsed"),
    [(Point(None, Reason.NO_ROWS), 0.5), (Point(9.0, flags=("too_few",)), 0.5), (Point(9.0), 0.0)],
    ids=["no data", "too few", "not begun"],
)
def test_what_cannot_be_judged_has_no_status_and_no_share(point: Point, elapsed: float) -> None:
    found = standing(KeyResult("revenue", 10.0, 0.0), point, UP, elapsed)
    assert (found.status, found.share, found.to_go, found.behind) == (Status.NONE, None, None, None)


def test_a_goal_is_the_weighted_mean_of_its_results() -> None:
    half = standing(KeyResult("a", 100.0, 0.0), Point(50.0), UP, 0.5)
    full = standing(KeyResult("b", 100.0, 0.0), Point(150.0), UP, 0.5)
    found = progress([(half, 3.0), (full, 1.0)])
    assert found.share == pytest.approx(0.625)  # what is beyond its target does not make up for another
    assert found.expected == pytest.approx(0.5)
    assert found.status is Status.GOOD


def test_a_lost_result_is_not_hidden_by_those_ahead() -> None:
    ahead = standing(KeyResult("a", 100.0, 0.0), Point(100.0), UP, 0.5)
    lost = standing(KeyResult("b", 100.0, 0.0), Point(10.0), UP, 0.5)
    assert progress([(ahead, 1.0), (lost, 1.0)]).status is Status.WARN
    assert progress([(ahead, 1.0), (lost, 9.0)]).status is Status.BAD


def test_what_is_not_known_is_left_out_and_counted() -> None:
    known = standing(KeyResult("a", 100.0, 0.0), Point(50.0), UP, 0.5)
    blank = standing(KeyResult("b", 100.0, 0.0), Point(None, Reason.NO_ROWS), UP, 0.5)
    found = progress([(known, 1.0), (blank, 5.0)])
    assert (found.share, found.status, found.known, found.of) == (0.5, Status.GOOD, 1, 2)
    nothing = progress([(blank, 1.0)])
    assert (nothing.share, nothing.status) == (None, Status.NONE)
    assert progress([]).status is Status.NONE
