"""The current rows of an entity: its imports laid over each other in order, later cells over earlier ones."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, Column, FlagColumn, NumberColumn, TextColumn, TimeColumn
from kpidesk.store.codec import Content

_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class State:
    """Current rows: their keys, the batch and line each came from last, and the columns ever filled, shape (rows,)."""

    keys: tuple[str, ...]
    batches: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int32]
    columns: dict[str, Column]
    extras: dict[str, TextColumn]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.keys)


EMPTY = State((), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int32), {}, {})


def blank_like(column: Column, rows: int) -> Column:
    """Return a column of the same kind without a value."""
    match column:
        case TextColumn():
            return TextColumn(np.full(rows, BLANK_CODE, dtype=np.int32), ())
        case TimeColumn():
            return TimeColumn(
                np.full(rows, BLANK_DAY, dtype=np.int32), np.full(rows, BLANK_INSTANT), np.zeros(rows, dtype=np.bool_)
            )
        case NumberColumn():
            return NumberColumn(np.full(rows, np.nan))
    return FlagColumn(np.full(rows, -1, dtype=np.int8))


def put(old: Column, new: Column, rows: int, places: _Rows) -> Column:
    """Return `old`, made `rows` long, with `new` at `places`."""

    def laid(first: npt.NDArray[np.generic], second: npt.NDArray[np.generic], empty: object) -> npt.NDArray[np.generic]:
        result = np.full(rows, empty, dtype=first.dtype)
        result[: len(first)] = first
        result[places] = second
        return result

    if isinstance(old, TextColumn) and isinstance(new, TextColumn):
        position = {value: code for code, value in enumerate(old.values)}
        recode = np.array(
            [position.setdefault(value, len(position)) for value in new.values] + [BLANK_CODE], dtype=np.int32
        )
        return TextColumn(laid(old.codes, recode[new.codes], BLANK_CODE).astype(np.int32), tuple(position))
    if isinstance(old, TimeColumn) and isinstance(new, TimeColumn):
        return TimeColumn(
            laid(old.days, new.days, BLANK_DAY).astype(np.int32),
            laid(old.instants, new.instants, BLANK_INSTANT).astype(np.int64),
            laid(old.local, new.local, False).astype(np.bool_),
        )
    if isinstance(old, NumberColumn) and isinstance(new, NumberColumn):
        return NumberColumn(laid(old.values, new.values, np.nan).astype(np.float64))
    if isinstance(old, FlagColumn) and isinstance(new, FlagColumn):
        return FlagColumn(laid(old.values, new.values, -1).astype(np.int8))
    raise TypeError(type(new).__name__)


def places_of(state: State, keys: tuple[str, ...]) -> tuple[_Rows, npt.NDArray[np.bool_]]:
    """Return where each key stands or will stand, and which are new."""
    found = (
        pd.Index(state.keys, dtype=object).get_indexer(pd.Index(keys, dtype=object))
        if state.rows and keys
        else np.full(len(keys), -1)
    )
    new = found < 0
    places = found.astype(np.int64)
    places[new] = state.rows + np.arange(int(new.sum()))
    return places, new


def lay(state: State, batch: int, content: Content) -> State:
    """Lay one import over the current rows. Fields that it does not have keep their values; blank cells overwrite."""
    places, new = places_of(state, content.keys)
    rows = state.rows + int(new.sum())
    keys = (
        (*state.keys, *(key for key, fresh in zip(content.keys, new.tolist(), strict=True) if fresh))
        if state.rows
        else content.keys
    )
    batches = np.zeros(rows, dtype=np.int64)
    batches[: state.rows] = state.batches
    batches[places] = batch
    lines = np.zeros(rows, dtype=np.int32)
    lines[: state.rows] = state.lines
    lines[places] = content.lines
    nobody = np.zeros(0, dtype=np.int64)
    columns: dict[str, Column] = {}
    for name in {**state.columns, **content.columns}:
        old, fresh = state.columns.get(name), content.columns.get(name)
        if fresh is None:
            assert old is not None  # noqa: S101 - the name comes from one of the two
            columns[name] = put(old, blank_like(old, 0), rows, nobody)
        else:
            columns[name] = put(old if old is not None else blank_like(fresh, state.rows), fresh, rows, places)
    extras: dict[str, TextColumn] = {}
    for name in {**state.extras, **content.extras}:
        before = state.extras.get(name, TextColumn(np.full(state.rows, BLANK_CODE, dtype=np.int32), ()))
        after = content.extras.get(name)
        joined = put(
            before,
            after if after is not None else TextColumn(np.zeros(0, dtype=np.int32), ()),
            rows,
            places if after is not None else nobody,
        )
        if isinstance(joined, TextColumn):
            extras[name] = joined
    return State(keys, batches, lines, columns, extras)


def fold(contents: Iterable[tuple[int, Content]]) -> State:
    """Lay imports over each other in order."""
    state = EMPTY
    for batch, content in contents:
        state = lay(state, batch, content)
    return state


def changed(before: State, after: State) -> npt.NDArray[np.bool_]:
    """Return which rows of `after` are new or differ in any field or extra column from `before`."""
    places, new = places_of(before, after.keys)
    old = np.where(new, 0, places)
    different = new.copy()
    for table, other in ((after.columns, before.columns), (after.extras, before.extras)):
        for name, column in table.items():
            earlier = other.get(name)
            if before.rows == 0:
                continue
            different |= ~_equal(column, earlier if earlier is not None else blank_like(column, before.rows), old)
    return different


def _equal(column: Column, earlier: Column, rows: _Rows) -> npt.NDArray[np.bool_]:
    if isinstance(column, TextColumn) and isinstance(earlier, TextColumn):
        position = {value: code for code, value in enumerate(column.values)}
        recode = np.array([position.get(value, -2) for value in earlier.values] + [BLANK_CODE], dtype=np.int64)
        return np.asarray(column.codes == recode[earlier.codes[rows]])
    if isinstance(column, TimeColumn) and isinstance(earlier, TimeColumn):
        return np.asarray((column.days == earlier.days[rows]) & (column.instants == earlier.instants[rows]))
    if isinstance(column, NumberColumn) and isinstance(earlier, NumberColumn):
        one, two = column.values, earlier.values[rows]
        return np.asarray((one == two) | (np.isnan(one) & np.isnan(two)))
    if isinstance(column, FlagColumn) and isinstance(earlier, FlagColumn):
        return np.asarray(column.values == earlier.values[rows])
    return np.zeros(len(rows), dtype=np.bool_)
