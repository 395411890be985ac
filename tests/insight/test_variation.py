"""Normal variation, and when slices can be put in order."""

import pytest

from kpidesk.domain.kpi import Direction
from kpidesk.domain.result import Point, Reason
from kpidesk.insight.variation import Delta, Limits, Signal, change, limits, ranks, signals

# The limits of Wheeler's XmR chart: mean 5.5, mean step 13/9, 5.5 ± 2.66 * 13/9.
KNOWN = (5.0, 6.0, 4.0, 7.0, 5.0, 6.0, 5.0, 6.0, 5.0, 6.0)


def rate(k: int, n: int, low: float, high: float, *flags: str) -> Point:
    return Point(k / n, numerator=k, denominator=n, n=n, interval=(low, high), flags=flags)


def test_limits_are_the_mean_and_266_mean_steps() -> None:
    found = limits([Point(value) for value in KNOWN])
    steps = [1, 2, 3, 2, 1, 1, 1, 1, 1]
    assert found is not None
    reach = 2.66 * sum(steps) / 9
    assert (found.low, found.middle, found.high) == pytest.approx((5.5 - reach, 5.5, 5.5 + reach))


def test_seven_periods_have_no_limits_and_unfinished_or_small_ones_do_not_count() -> None:
    whole = [Point(value) for value in KNOWN[:8]]
    assert limits(whole[:7]) is None
    for flag in ("partial_period", "partial_data", "too_few"):
        assert limits([*whole[:7], Point(5.0, flags=(flag,))]) is None
        assert limits([*whole, Point(1000.0, flags=(flag,))]) == limits(whole)


def test_a_value_beyond_the_limits_is_a_signal_and_an_unfinished_one_is_none() -> None:
    points = [*(Point(value) for value in KNOWN), Point(40.0), Point(-40.0, flags=("partial_period",))]
    found = signals(points, Limits(1.0, 5.5, 10.0))
    assert found == (None,) * 10 + (Signal.ABOVE, None)
    assert signals([Point(0.5)], Limits(1.0, 5.5, 10.0)) == (Signal.BELOW,)
    assert signals(points, None) == (None,) * 12


def test_eight_in_a_row_on_one_side_are_a_run_and_seven_are_not() -> None:
    bounds = Limits(0.0, 5.0, 10.0)
    blank, above, below = Point(None, Reason.NO_ROWS), Point(6.0), Point(4.0)
    assert signals([below, *[above] * 7, below], bounds) == (None,) * 9
    run = [below, *[above] * 4, blank, *[above] * 4, below]
    assert signals(run, bounds) == (None, *[Signal.RUN_ABOVE] * 4, None, *[Signal.RUN_ABOVE] * 4, None)
    assert signals([below] * 8, bounds) == (Signal.RUN_BELOW,) * 8
    # A value on the middle is on neither side.
    assert signals([*[above] * 7, Point(5.0), above], bounds) == (None,) * 9


def test_a_step_between_two_values_inside_the_limits_is_normal_variation() -> None:
    bounds = Limits(60.0, 100.0, 140.0)  # a mean step of 40 / 2.66, and 3.268 of them are 49.1
    assert change(Point(120.0), Point(80.0), Direction.UP, bounds) == Delta(40.0, None, normal=True)
    assert change(Point(139.0), Point(61.0), Direction.UP, bounds) == Delta(78.0, True, normal=False)
    assert change(Point(150.0), Point(110.0), Direction.UP, bounds) == Delta(40.0, True, normal=False)
    # Back from where it stood out is a change as well.
    assert change(Point(100.0), Point(20.0), Direction.DOWN, bounds) == Delta(80.0, False, normal=False)
    assert change(Point(120.0), Point(80.0), Direction.UP) == Delta(40.0, True, normal=False)
    assert change(Point(120.0), Point(80.0, flags=("too_few",)), Direction.UP, bounds) is None


@pytest.mark.parametrize(("adds_up", "widest"), [(True, 24.57), (False, 98.29)])
def test_a_quarter_of_a_period_varies_half_as_much_where_it_adds_up_and_twice_where_not(
    adds_up: bool, widest: float
) -> None:
    bounds = Limits(60.0, 100.0, 140.0)
    for step, normal in ((widest - 0.1, True), (widest + 0.1, False)):
        found = change(Point(1000.0 + step), Point(1000.0), Direction.UP, bounds, 0.25, adds_up=adds_up)
        assert found is not None
        assert found.normal is normal


def test_only_rates_that_differ_from_all_others_get_a_place() -> None:
    clear = rate(90, 100, 0.826, 0.945)
    close, closer = rate(10, 100, 0.055, 0.174), rate(12, 100, 0.070, 0.198)
    assert ranks([close, clear, closer], Direction.UP) == (None, 1, None)
    assert ranks([close, clear, closer], Direction.DOWN) == (None, 3, None)


def test_small_samples_and_values_without_a_range_get_no_place() -> None:
    few = rate(3, 3, 0.44, 1.0, "too_few")
    one, other = rate(90, 100, 0.826, 0.945), rate(10, 100, 0.055, 0.174)
    assert ranks([one, few, other], Direction.UP) == (1, None, 2)
    assert ranks([Point(1.0), Point(9.0)], Direction.UP) == (None, None)
    assert ranks([one, few], Direction.UP) == (None, None)
