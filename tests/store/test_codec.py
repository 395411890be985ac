"""What is kept of a column small is the column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.frame import BLANK_DAY, BLANK_INSTANT, NumberColumn, TextColumn, TimeColumn
from kpidesk.store import codec

_NUMBERS = st.one_of(
    st.just(float("nan")),
    st.integers(-(2**33), 2**33).map(lambda pence: pence / 100),
    st.floats(allow_infinity=True),
)


@given(st.lists(_NUMBERS, max_size=8))
def test_numbers(values: list[float]) -> None:
    kind, body = codec.pack_small(NumberColumn(np.array(values, dtype=np.float64)))
    rows, found = codec.unpack(kind, codec.deflate(body))
    assert rows == len(values)
    assert isinstance(found, NumberColumn)
    np.testing.assert_array_equal(found.values, values)
    assert not found.values.flags.writeable


@pytest.mark.parametrize(
    ("values", "smaller"),
    [(np.zeros(5000), True), (np.random.default_rng(1).random(5000), False), (np.zeros(0), False)],
)
def test_what_gains_little_is_kept_as_it_is(values: np.ndarray, *, smaller: bool) -> None:
    kind, body = codec.pack_small(NumberColumn(values))
    kept = codec.deflate(body)
    assert (len(kept) < len(body)) is smaller
    assert codec.rows_of(kept) == len(values)
    _, found = codec.unpack(kind, kept)
    assert isinstance(found, NumberColumn)
    np.testing.assert_array_equal(found.values, values)
    assert found.values.flags.aligned


@pytest.mark.parametrize("kept", [b"", b"\x00", b"x\x01ab"])
def test_bytes_without_a_meaning_are_an_error(kept: bytes) -> None:
    for read in (codec.rows_of, lambda kept: codec.unpack("number", kept)):
        with pytest.raises(ValueError, match="deflate"):
            read(kept)


@pytest.mark.parametrize(("texts", "kind"), [(0, "text8"), (127, "text8"), (128, "text16"), (40_000, "text")])
def test_texts(texts: int, kind: str) -> None:
    codes = np.array([-1, *range(texts)], dtype=np.int32)
    found_kind, body = codec.pack_small(TextColumn(codes, tuple(map(str, range(texts)))))
    assert found_kind == kind
    _, found = codec.unpack(kind, codec.deflate(body))
    assert isinstance(found, TextColumn)
    assert found.codes.dtype == np.int32
    np.testing.assert_array_equal(found.codes, codes)


@pytest.mark.parametrize(
    ("instant", "local", "kind"), [(BLANK_INSTANT, False, "days"), (5, False, "time"), (BLANK_INSTANT, True, "time")]
)
def test_times(instant: int, *, local: bool, kind: str) -> None:
    column = TimeColumn(
        np.array([BLANK_DAY, 9], dtype=np.int32),
        np.array([BLANK_INSTANT, instant], dtype=np.int64),
        np.array([False, local]),
    )
    found_kind, body = codec.pack_small(column)
    assert found_kind == kind
    _, found = codec.unpack(kind, codec.deflate(body))
    assert isinstance(found, TimeColumn)
    for one, other in ((found.days, column.days), (found.instants, column.instants), (found.local, column.local)):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype
