"""The current rows of an entity: its imports laid over each other by the days of their snapshots, newer cells over older ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, Column, FlagColumn, NumberColumn, TextColumn, TimeColumn

Places = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Content:
    """The rows of one import: keys with the source in front and line numbers of shape (rows,), fields and extra columns."""

    keys: npt.NDArray[np.object_]
    lines: npt.NDArray[np.int32]
    fields: Mapping[str, Column]
    extras: Mapping[str, TextColumn]


@dataclass(frozen=True, slots=True)
class State:
    """Current rows: keys, the batch and line that each got its present cells from, and the columns of its imports, shape (rows,)."""

    keys: npt.NDArray[np.object_]
    batches: npt.NDArray[np.int32]
    lines: npt.NDArray[np.int32]
    fields: Mapping[str, Column]
    extras: Mapping[str, TextColumn]

    @property
    def rows(self) -> int:
        """The number of rows."""
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Laid:
    """What laying an import over the rows gives: `places` of its rows in `state`, which of them are new, which were changed.

    `touched` are the places in `state` that do not hold what they held before.
    """

    state: State
    places: Places
    new: Mask
    changed: Mask
    touched: Places


_NO_ROWS = np.zeros(0, dtype=np.int32)
EMPTY = State(np.zeros(0, dtype=object), _NO_ROWS, _NO_ROWS, {}, {})


def fold(contents: Iterable[tuple[int, Content]]) -> State:
    """Lay imports, given as (number, rows) in order, over each other."""
    state = EMPTY
    for batch, content in contents:
        state = lay(state, batch, content).state
    return state


def find(known: npt.NDArray[np.object_], keys: npt.NDArray[np.object_]) -> Places:
    """Return where each of `keys` stands in `known`, -1 where it does not."""
    if not len(known) or not len(keys):
        return np.full(len(keys), -1, dtype=np.int64)
    return pd.Index(known, dtype=object).get_indexer(pd.Index(keys, dtype=object)).astype(np.int64)


def lay(state: State, batch: int, content: Content) -> Laid:
    """Lay an import over the current rows. Fields that it does not have keep their values; its blank cells overwrite.

    A row with the same cells as before still belongs to the import that it came from.
    """
    places = find(state.keys, content.keys)
    new = places < 0
    changed = new.copy()
    old = np.flatnonzero(~new)
    for mine, theirs in ((content.fields, state.fields), (content.extras, state.extras)):
        for name, column in mine.items() if len(old) else ():
            earlier = theirs.get(name)
            before = blank_like(column, len(old)) if earlier is None else take(earlier, places[old])
            changed[old] |= ~equal(before, take(column, old))
    rows = state.rows + int(np.count_nonzero(new))
    places[new] = np.arange(state.rows, rows)
    keys = np.concatenate((state.keys, content.keys[new])) if state.rows else content.keys
    batches, lines = (
        np.concatenate((one, np.zeros(rows - state.rows, np.int32))) for one in (state.batches, state.lines)
    )
    batches[places[changed]] = batch
    lines[places[changed]] = content.lines[changed]
    fields = {
        name: _laid(state.fields.get(name), content.fields.get(name), rows, places)
        for name in (*state.fields, *(name for name in content.fields if name not in state.fields))
    }
    extras = {
        name: _laid(state.extras.get(name), content.extras.get(name), rows, places)
        for name in (*state.extras, *(name for name in content.extras if name not in state.extras))
    }
    texts = {name: column for name, column in extras.items() if isinstance(column, TextColumn)}
    return Laid(State(keys, batches, lines, fields, texts), places, new, changed, places[changed])


def beneath(before: State, after: State, content: Content) -> Laid:
    """Return what an import did that newer ones lie over: `before` is the fold without it, `after` the fold with it."""
    places, known = find(after.keys, content.keys), find(before.keys, content.keys)
    new = known < 0
    changed = new.copy()
    old = np.flatnonzero(~new)
    for mine, theirs in ((after.fields, before.fields), (after.extras, before.extras)):
        for name, column in mine.items() if len(old) else ():
            earlier = theirs.get(name)
            was = blank_like(column, len(old)) if earlier is None else take(earlier, known[old])
            changed[old] |= ~equal(was, take(column, places[old]))
    return Laid(after, places, new, changed, differing(before, after))


def differing(before: State, after: State) -> Places:
    """Return the positions in `after` at which `before` has not the very same row."""
    shared = min(before.rows, after.rows)
    differ = np.ones(after.rows, dtype=np.bool_)
    first = np.arange(shared)
    # A key and an import determine the line.
    differ[:shared] = (before.keys[:shared] != after.keys[:shared]) | (
        before.batches[:shared] != after.batches[:shared]
    )
    for name in {**before.fields, **after.fields}:
        one, two = before.fields.get(name), after.fields.get(name)
        some = one if one is not None else two
        assert some is not None  # noqa: S101 - the name comes from one of the two
        differ[:shared] |= ~equal(
            take(two, first) if two is not None else blank_like(some, shared),
            take(one, first) if one is not None else blank_like(some, shared),
        )
    return np.flatnonzero(differ)


def blank_like(column: Column, rows: int) -> Column:
    """Return a column of the same kind without a value."""
    match column:
        case TextColumn():
            return TextColumn(np.full(rows, BLANK_CODE, dtype=np.int32), ())
        case TimeColumn():
            return TimeColumn(
                np.full(rows, BLANK_DAY, dtype=np.int32),
                np.full(rows, BLANK_INSTANT, dtype=np.int64),
                np.zeros(rows, dtype=np.bool_),
            )
        case NumberColumn():
            return NumberColumn(np.full(rows, np.nan))
    return FlagColumn(np.full(rows, -1, dtype=np.int8))


def take(column: Column, rows: Places) -> Column:
    """Return some rows of a column, its texts as they are."""
    match column:
        case TextColumn():
            return TextColumn(column.codes[rows], column.values)
        case TimeColumn():
            return TimeColumn(column.days[rows], column.instants[rows], column.local[rows])
        case NumberColumn():
            return NumberColumn(column.values[rows])
    return FlagColumn(column.values[rows])


def equal(one: Column, two: Column) -> Mask:
    """Return which rows of two columns of the same kind and length say the same."""
    match one, two:
        case TextColumn(), TextColumn():
            _, recoded = _joined(one.values, two)
            return np.asarray(one.codes == recoded)
        case TimeColumn(), TimeColumn():
            return np.asarray((one.days == two.days) & (one.instants == two.instants) & (one.local == two.local))
        case NumberColumn(), NumberColumn():
            return np.asarray((one.values == two.values) | (np.isnan(one.values) & np.isnan(two.values)))
        case FlagColumn(), FlagColumn():
            return np.asarray(one.values == two.values)
    raise TypeError(type(two).__name__)


def _laid(old: Column | None, new: Column | None, rows: int, places: Places) -> Column:
    """Return a column of `rows` rows: `old` at the front, then `new` at `places`. The same object when nothing is to do."""
    if old is None:
        assert new is not None  # noqa: S101 - the name comes from one of the two
        old = blank_like(new, 0)
        if len(places) == rows and np.array_equal(places, np.arange(rows)):
            return new
    size = (
        len(old.codes)
        if isinstance(old, TextColumn)
        else len(old.days)
        if isinstance(old, TimeColumn)
        else len(old.values)
    )
    result = old
    if size < rows:
        result = _appended(old, blank_like(old, rows - size))
    if new is None or bool(equal(take(result, places), new).all()):
        return result
    return _overwritten(result, new, places)


def _appended(column: Column, tail: Column) -> Column:
    match column, tail:
        case TextColumn(), TextColumn():
            return TextColumn(np.concatenate((column.codes, tail.codes)), column.values)
        case TimeColumn(), TimeColumn():
            return TimeColumn(
                np.concatenate((column.days, tail.days)),
                np.concatenate((column.instants, tail.instants)),
                np.concatenate((column.local, tail.local)),
            )
        case NumberColumn(), NumberColumn():
            return NumberColumn(np.concatenate((column.values, tail.values)))
        case FlagColumn(), FlagColumn():
            return FlagColumn(np.concatenate((column.values, tail.values)))
    raise TypeError(type(tail).__name__)


def _overwritten(column: Column, new: Column, places: Places) -> Column:
    match column, new:
        case TextColumn(), TextColumn():
            values, recoded = _joined(column.values, new)
            codes = column.codes.copy()
            codes[places] = recoded
            return _used(codes, values)
        case TimeColumn(), TimeColumn():
            days, instants, local = column.days.copy(), column.instants.copy(), column.local.copy()
            days[places], instants[places], local[places] = new.days, new.instants, new.local
            return TimeColumn(days, instants, local)
        case NumberColumn(), NumberColumn():
            numbers = column.values.copy()
            numbers[places] = new.values
            return NumberColumn(numbers)
        case FlagColumn(), FlagColumn():
            flags = column.values.copy()
            flags[places] = new.values
            return FlagColumn(flags)
    raise TypeError(type(new).__name__)


def _joined(values: tuple[str, ...], column: TextColumn) -> tuple[tuple[str, ...], npt.NDArray[np.int32]]:
    """Return `values` with the other texts of `column` behind them, and the codes of `column` in these."""
    if values == column.values:
        return values, column.codes
    position = {value: code for code, value in enumerate(values)}
    recode = np.array([position.setdefault(value, len(position)) for value in column.values] + [BLANK_CODE], np.int32)
    return tuple(position), recode[column.codes]


def _used(codes: npt.NDArray[np.int32], values: tuple[str, ...]) -> TextColumn:
    """Return a text column without the texts that no row has any more."""
    held = np.bincount(codes + 1, minlength=len(values) + 1)[1:] > 0
    if held.all():
        return TextColumn(codes, values)
    recode = np.append(np.cumsum(held) - 1, BLANK_CODE).astype(np.int32)
    return TextColumn(recode[codes], tuple(np.array([*values, None], dtype=object)[:-1][held].tolist()))
