"""What is kept of a column small is the column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.frame import BLANK_DAY, BLANK_INSTANT, NumberColumn, TextColumn, TimeColumn
from kpidesk.store import codec
from kpidesk.store.codec import Numbers

_NUMBERS = st.one_of(
    st.just(float("nan")),
    st.integers(-(2**33), 2**33).map(lambda pence: pence / 100),
    st.floats(allow_infinity=True),
)


@given(st.lists(_NUMBERS, max_size=8))
def test_numbers(values: list[float]) -> None:
    kind, body = codec.put(NumberColumn(np.array(values, dtype=np.float64)))
    rows, found = codec.unpack(kind, body)
    assert rows == len(values)
    assert isinstance(found, NumberColumn)
    np.testing.assert_array_equal(found.values, values)
    assert not found.values.flags.writeable


@pytest.mark.parametrize(
    ("texts", "kind"), [(0, "codes |i1"), (127, "codes |i1"), (128, "codes <i2"), (40_000, "codes <i4")]
)
def test_texts(texts: int, kind: str) -> None:
    codes = np.array([-1, *range(texts)], dtype=np.int32)
    found_kind, body = codec.put(TextColumn(codes, tuple(map(str, range(texts)))))
    assert found_kind == kind
    _, found = codec.unpack(kind, body)
    assert isinstance(found, TextColumn)
    assert found.codes.dtype == np.int32
    np.testing.assert_array_equal(found.codes, codes)


@given(st.lists(st.text(max_size=5), unique=True, max_size=5))
def test_any_texts(texts: list[str]) -> None:
    column = TextColumn(np.arange(len(texts), dtype=np.int32), tuple(texts))
    _, found = codec.unpack(*codec.put(column))
    assert isinstance(found, TextColumn)
    assert found.values == column.values


@pytest.mark.parametrize(
    ("lines", "kind"), [([], "run"), ([3, 4, 5], "run"), ([3, 5, 4], "numbers"), ([3, 4, 6], "numbers")]
)
def test_lines(lines: list[int], kind: str) -> None:
    found_kind, body = codec.put(Numbers(np.array(lines, dtype=np.int32)))
    assert found_kind == kind
    rows, found = codec.unpack(kind, body)
    assert rows == len(lines)
    assert isinstance(found, Numbers)
    assert found.values.tolist() == lines


@pytest.mark.parametrize(
    ("instant", "local", "kind"),
    [
        (BLANK_INSTANT, False, "dates"),
        (9 * 86_400 + 5, False, "times"),
        (9 * 86_400 - 43_200, True, "local times"),
        (2**40, False, "any times"),
        (BLANK_INSTANT, True, "times"),
    ],
)
def test_times(instant: int, *, local: bool, kind: str) -> None:
    column = TimeColumn(
        np.array([BLANK_DAY, 9], dtype=np.int32),
        np.array([BLANK_INSTANT, instant], dtype=np.int64),
        np.array([False, local]),
    )
    found_kind, body = codec.put(column)
    assert found_kind == kind
    _, found = codec.unpack(kind, body)
    assert isinstance(found, TimeColumn)
    for one, other in ((found.days, column.days), (found.instants, column.instants), (found.local, column.local)):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
