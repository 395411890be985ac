"""Normal variation, and when slices can be put in order."""

import pytest

from kpidesk.domain.kpi import Direction
from kpidesk.domain.result import Point
from kpidesk.insight.variation import limits, ranks

# The limits of Wheeler's XmR chart: mean 5.5, mean step 13/9, 5.5 ± 2.66 * 13/9.
KNOWN = (5.0, 6.0, 4.0, 7.0, 5.0, 6.0, 5.0, 6.0, 5.0, 6.0)


def rate(k: int, n: int, low: float, high: float, *flags: str) -> Point:
    return Point(k / n, numerator=k, denominator=n, n=n, interval=(low, high), flags=flags)


def test_limits_are_the_mean_and_266_mean_steps() -> None:
    found = limits([Point(value) for value in KNOWN])
    steps = [1, 2, 3, 2, 1, 1, 1, 1, 1]
    assert found == pytest.approx((5.5 - 2.66 * sum(steps) / 9, 5.5 + 2.66 * sum(steps) / 9))


def test_seven_periods_have_no_limits_and_unfinished_or_small_ones_do_not_count() -> None:
    whole = [Point(value) for value in KNOWN[:8]]
    assert limits(whole[:7]) is None
    for flag in ("partial_period", "partial_data", "too_few"):
        assert limits([*whole[:7], Point(5.0, flags=(flag,))]) is None
        assert limits([*whole, Point(1000.0, flags=(flag,))]) == limits(whole)


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
