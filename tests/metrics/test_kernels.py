"""Kernels against the standard library: medians, percentiles, spread, distinct counts, intervals, joins."""

import json
import math
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.result import Reason
from kpidesk.metrics.intervals import wilson
from kpidesk.metrics.links import Links
from kpidesk.metrics.rowwise import rounded
from kpidesk.metrics.table import TextValues
from tests.metrics.asking import deal, engine, month, slices

CASES = Path(__file__).parents[2] / "../shared/acceptance/cases.json"
amounts = st.lists(
    st.one_of(st.none(), st.integers(0, 100_000).map(lambda pence: pence / 100)), min_size=1, max_size=20
)


def won(values: list[float | None]) -> list[dict[str, Any]]:
    return [
        deal(str(n), "won", "2025-01-01", f"2025-02-{1 + n % 28:02}", value, owner=("Ann", "Bob")[n % 2])
        for n, value in enumerate(values)
    ]


def percentile(values: list[float], share: float) -> float:
    """PERCENTILE.INC of Excel."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    return ordered[low] + (place - low) * (ordered[min(low + 1, len(ordered) - 1)] - ordered[low])


@given(amounts)
@settings(max_examples=60, deadline=None)
def test_order_and_spread(values: list[float | None]) -> None:
    of = engine({"deals": won(values)})
    known = [value for value in values if value is not None]
    expected: dict[str, float] = {}
    if known:
        expected = {
            "MEDIAN(won_deals.amount)": statistics.median(known),
            "MIN(won_deals.amount)": min(known),
            "MAX(won_deals.amount)": max(known),
            "PERCENTILE(won_deals.amount, 90%)": percentile(known, 0.9),
            "PERCENTILE(won_deals.amount, 0%)": min(known),
        }
    if len(known) > 1:
        expected["STDEV(won_deals.amount)"] = statistics.stdev(known)
    for formula, value in expected.items():
        assert month(of, formula, "2025-02").value == pytest.approx(value), formula
    if not known:
        assert month(of, "MEDIAN(won_deals.amount)", "2025-02").reason is Reason.BLANK
    if len(known) == 1:
        assert month(of, "STDEV(won_deals.amount)", "2025-02").reason is Reason.ZERO_DENOMINATOR


@given(amounts)
@settings(max_examples=40, deadline=None)
def test_slices_of_order_and_distinct(values: list[float | None]) -> None:
    of = engine({"deals": won(values)})
    for name, start in (("Ann", 0), ("Bob", 1)):
        known = [value for value in values[start::2] if value is not None]
        if values[start::2]:
            median = slices(of, "MEDIAN(won_deals.amount)", "owner", "2025-02-01")[name]
            assert median.value == (pytest.approx(statistics.median(known)) if known else None)
            found = slices(of, "COUNT_DISTINCT(won_deals.amount)", "owner", "2025-02-01")[name]
            assert found.value == len(set(known))
    assert month(of, "COUNT_DISTINCT(won_deals.owner)", "2025-02").value == min(len(values), 2)


def test_stocks_have_medians_and_distinct_counts_too() -> None:
    deals = [deal(str(n), "open", f"2025-0{n}-10", None, 10.0 * n, owner=f"Rep {n % 2}") for n in range(1, 6)]
    of = engine({"deals": deals})
    assert [month(of, "MEDIAN(open_deals.amount)", name).value for name in ("2025-02", "2025-03")] == [15, 20]
    assert [month(of, "COUNT_DISTINCT(open_deals.owner)", name).value for name in ("2025-01", "2025-02")] == [1, 2]


def test_wilson_intervals_of_the_shared_cases() -> None:
    if not CASES.exists():
        pytest.skip("the shared acceptance cases are not beside this checkout")
    case = next(one for one in json.loads(CASES.read_text(encoding="utf-8"))["analysis"] if one["kind"] == "wilson")
    successes, trials = np.array(case["inputs"]["pairs"], dtype=float).T
    low, high = wilson(successes, trials)
    assert np.column_stack((low, high)) == pytest.approx(np.array(case["expect"]["intervals"]), abs=1e-6)


@given(st.integers(0, 500), st.integers(1, 500))
def test_an_interval_holds_its_share_and_stays_in_range(successes: int, more: int) -> None:
    trials = successes + more
    low, high = (float(bound[0]) for bound in wilson(np.array([float(successes)]), np.array([float(trials)])))
    assert 0 <= low <= successes / trials <= high <= 1


def test_no_trials_no_interval() -> None:
    assert all(np.isnan(bound).all() for bound in wilson(np.zeros(1), np.zeros(1)))


@pytest.mark.parametrize(
    ("value", "digits", "expected"),
    [(2.5, 0, 3), (-2.5, 0, -3), (2.675, 2, 2.68), (1234.0, -2, 1200), (1e300, 2, 1e300)],
)
def test_halves_are_rounded_away_from_zero(value: float, digits: int, expected: float) -> None:
    assert rounded(np.array([value]), digits)[0] == pytest.approx(expected)


words = st.lists(st.sampled_from("abcdef"), max_size=12)


@given(words, words)
def test_joins_find_the_row_with_the_same_text(known: list[str], wanted: list[str]) -> None:
    known = list(dict.fromkeys(known))
    links = Links()
    rows = links.rows_of(coded(known), coded(wanted))
    assert rows.tolist() == [known.index(word) if word in known else -1 for word in wanted]
    assert links.recoded(coded(wanted), coded(wanted)).tolist() == coded(wanted).codes.tolist()


def coded(column: list[str]) -> TextValues:
    values = tuple(dict.fromkeys(column))
    return TextValues(np.array([values.index(word) for word in column], dtype=np.int32), values)
