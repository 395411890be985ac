"""Rows in the order of their days, and sums over them, are those of rows in any order."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.frame import BLANK_DAY
from kpidesk.metrics.cube import _runs, _summed
from kpidesk.metrics.table import in_time, is_sorted

_DAYS = st.lists(st.one_of(st.just(BLANK_DAY), st.integers(-5, 5), st.integers(-800_000, 2_000_000)), max_size=30)


@given(_DAYS, st.data())
def test_rows_come_in_the_order_of_days_and_then_as_they_were(days: list[int], data: st.DataObject) -> None:
    when = np.array(days, dtype=np.int32)
    rows = np.flatnonzero(
        np.array(data.draw(st.lists(st.booleans(), min_size=len(days), max_size=len(days))), dtype=bool)
    )
    found = in_time(rows, when)
    assert found.tolist() == sorted(rows.tolist(), key=lambda row: (days[row], row))
    assert is_sorted(when[found])


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(-9, 9)), max_size=40), st.sampled_from(["rows", "truths", "sums"])
)
def test_sums_of_what_stands_together_are_sums_by_cell(rows: list[tuple[int, int]], kind: str) -> None:
    cells = np.array(sorted(cell for cell, _ in rows), dtype=np.intp)
    numbers = np.array([number for _, number in rows], dtype=np.float64)
    weights = {"rows": None, "truths": numbers > 0, "sums": numbers}[kind]
    together = _runs(np.searchsorted(cells, np.arange(8)), weights)
    np.testing.assert_array_equal(together, _summed(cells, weights, 7))
