"""A row set made ready: columns of one shape, (rows,), that aggregates and row expressions read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from unicodedata import normalize

import numpy as np
import numpy.typing as npt

from kpidesk.domain.explanation import LeftOut
from kpidesk.frame import (
    BLANK_CODE,
    BLANK_DAY,
    BLANK_INSTANT,
    Deferred,
    FlagColumn,
    Frame,
    NumberColumn,
    TextColumn,
    TimeColumn,
)
from kpidesk.metrics.memory import Memory
from kpidesk.metrics.sieve import Origin, Sieve, origin_of

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
RowNumbers = npt.NDArray[np.intp]
_Kind = TypeVar("_Kind", bound=np.generic)
NEVER = np.int32(2_000_000)  # far beyond any date: the year 7445
TOLD = "told "
"""Stands before the name of an amount as imported, beside the one in the workspace's currency. No formula can name it."""
_SECONDS = 86_400.0
_FEW = 50_000  # a dictionary of at most so many texts is a dimension, not names or ids
_KEPT = 96 << 20  # bytes remembered beside each row set
_DENSE = 65_535  # days that a 16-bit number can count, with one more for blank
_COMPARED = 8  # codes that are faster compared one by one than looked up together


@dataclass(frozen=True, slots=True)
class TextValues:
    """A text per row: `codes` into `values`, BLANK_CODE for blank."""

    codes: Codes
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DayValues:
    """A day per row (BLANK_DAY for blank), with the UTC second where known (BLANK_INSTANT otherwise)."""

    days: Days
    instants: npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FlagValues:
    """Three-valued truth per row: 1, 0, -1 unknown."""

    values: npt.NDArray[np.int8]


Values = TextValues | DayValues | FlagValues | Floats
Part = Values | Callable[[], Values]


class Columns(Deferred[Values]):
    """The columns of a row set."""

    def with_(self, parts: Mapping[str, Part]) -> "Columns":
        """Return these columns with some added or replaced."""
        return Columns({**self._parts, **parts})

    def of(self, rows: RowNumbers) -> "Columns":
        """Return the columns of some rows. A negative row number gives blank."""
        return Columns({name: partial(self._taken, name, rows) for name in self._parts})

    def _taken(self, name: str, rows: RowNumbers) -> Values:
        return take(self[name], rows)


@dataclass(frozen=True, slots=True)
class RowTable:
    """A row set as known on the as-of day.

    `days` is the anchor date of every row; rows come in that order, unless two tables were put
    under each other. A stock has no anchor: its rows stand from `opened` up to but not including `closed`; an
    `opened` of BLANK_DAY is unknown and counts on the as-of day only. `first_day` is the first day of the entity's data.
    `pending` marks rows whose outcome is still open. `late` marks rows of a stock whose amount or stage was seen only after the
    days they stand for; None where that is not known. `inferred` marks rows whose dates are those of snapshots.
    Won deals that stand for purchases keep their `name`: they are the same rows.
    `origins` say which rows of which frames these are, one frame after the other. `made` remembers what was made of the rows and
    holds for any question, such as the slice of each.
    """

    name: str
    rows: int
    columns: Columns
    days: Days
    first_day: int | None
    stock: bool = False
    opened: Days = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    closed: Days = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    pending: Mask | None = None
    late: Mask | None = None
    inferred: Mask | None = None
    made: Memory[Any] = field(default_factory=lambda: Memory(_KEPT, _bytes), compare=False, repr=False)
    origins: tuple[Origin, ...] = ()


def take(values: Values, rows: RowNumbers) -> Values:
    """Return the values of some rows; a negative row number gives blank."""
    match values:
        case TextValues():
            return take_texts(values, rows)
        case DayValues():
            return take_days(values, rows)
        case FlagValues():
            return FlagValues(_picked(values.values, rows, -1))
    return _picked(values, rows, np.nan)


def take_texts(values: TextValues, rows: RowNumbers) -> TextValues:
    """Return the texts of some rows; a negative row number gives blank."""
    return TextValues(_picked(values.codes, rows, BLANK_CODE), values.values)


def take_days(values: DayValues, rows: RowNumbers) -> DayValues:
    """Return the dates of some rows; a negative row number gives blank."""
    return DayValues(_picked(values.days, rows, BLANK_DAY), _picked(values.instants, rows, BLANK_INSTANT))


def _picked(array: npt.NDArray[_Kind], rows: RowNumbers, blank: float) -> npt.NDArray[_Kind]:
    gone = rows < 0
    if not gone.any():
        return array.take(rows)
    nothing = array.dtype.type(blank)
    # Of a table without rows there is no row -1 either.
    return np.where(gone, nothing, array[rows]) if len(array) else np.full(len(rows), nothing, dtype=array.dtype)


def columns_of(frame: Frame) -> Columns:
    """Return the columns of a frame as values."""
    return Columns({name: partial(_values_of, frame, name) for name in frame.columns})


def _values_of(frame: Frame, name: str) -> Values:
    match frame.columns[name]:
        case TextColumn(codes, values):
            return _used(TextValues(codes, values))
        case TimeColumn(days, instants):
            return DayValues(days, instants)
        case FlagColumn(flags):
            return FlagValues(flags)
        case NumberColumn(numbers):
            return numbers


def _used(text: TextValues) -> TextValues:
    """Leave out texts that no row has any more, so that a formula that names one is told so."""
    if not 0 < len(text.values) <= _FEW:
        return text
    used = np.bincount(text.codes + 1, minlength=len(text.values) + 1)[1:] > 0
    if used.all():
        return text
    recode = np.append(np.cumsum(used) - 1, BLANK_CODE).astype(np.int32)
    return TextValues(recode[text.codes], tuple(value for value, keep in zip(text.values, used, strict=True) if keep))


def chosen(name: str, columns: Columns, sieve: Sieve, days: Days, first_day: int | None) -> RowTable:
    """Return the row set of the rows that pass a sieve, in the order of `days`, which are their anchor."""
    rows = in_time(np.flatnonzero(sieve.mask), days)
    return RowTable(name, len(rows), columns.of(rows), days.take(rows), first_day, origins=(origin_of(sieve, rows),))


def in_time(rows: RowNumbers, days: Days) -> RowNumbers:
    """Return rows in the order of their days, those of one day as they were: the rows of any window then stand together."""
    when = days.take(rows)
    if is_sorted(when):
        return rows
    low = int(when.min(initial=NEVER, where=when != BLANK_DAY))
    if int(when.max()) - low < _DENSE:  # 16-bit numbers are sorted by their digits; blank comes first
        when = np.where(when == BLANK_DAY, 0, when - np.int32(low - 1)).astype(np.uint16)
    return rows.take(np.argsort(when, kind="stable"))


def is_sorted(numbers: npt.NDArray[np.signedinteger[Any]]) -> bool:
    """Whether numbers, such as days, never go back."""
    return not bool((numbers[1:] < numbers[:-1]).any())


def text(columns: Mapping[str, Values], name: str, rows: int) -> TextValues:
    """Return a text column, all blank when there is none."""
    found = columns.get(name)
    return found if isinstance(found, TextValues) else TextValues(np.full(rows, BLANK_CODE, dtype=np.int32), ())


def day_values(columns: Mapping[str, Values], name: str, rows: int) -> DayValues:
    """Return a date column, all blank when there is none."""
    found = columns.get(name)
    if isinstance(found, DayValues):
        return found
    return DayValues(np.full(rows, BLANK_DAY, dtype=np.int32), np.full(rows, BLANK_INSTANT, dtype=np.int64))


def numbers(columns: Mapping[str, Values], name: str, rows: int) -> Floats:
    """Return a number column, all blank when there is none."""
    found = columns.get(name)
    return found if isinstance(found, np.ndarray) else np.full(rows, np.nan)


def flags(columns: Mapping[str, Values], name: str, rows: int) -> npt.NDArray[np.int8]:
    """Return a flag column, all unknown when there is none."""
    found = columns.get(name)
    return found.values if isinstance(found, FlagValues) else np.full(rows, -1, dtype=np.int8)


def folded(word: str) -> str:
    """Return a text as it is compared: without regard to case, to spaces around and between its words and to how accents are kept."""
    spaced = " ".join(word.split())
    return (spaced if spaced.isascii() else normalize("NFC", spaced)).casefold()


def is_one_of(values: TextValues, *wanted: str) -> Mask:
    """Return which rows have one of the texts, without regard to case and spaces. Tests each distinct value once."""
    words = {folded(word) for word in wanted}
    hits = [code for code, value in enumerate(values.values) if folded(value) in words]
    mask = np.zeros(len(values.codes), dtype=np.bool_)
    if len(hits) > _COMPARED:
        hit = np.zeros(len(values.values) + 1, dtype=np.bool_)
        hit[hits] = True
        return hit[values.codes]  # BLANK_CODE is the last
    for code in hits:
        mask |= values.codes == code
    return mask


def _bytes(value: object) -> int:
    return value.nbytes if isinstance(value, np.ndarray) else 64


def elapsed(end: DayValues, start: DayValues) -> Floats:
    """Return the days from `start` to `end`: by instants when both have a time, else by the calendar; NaN when one is blank."""
    result = end.days.astype(np.float64) - start.days
    timed = (end.instants != BLANK_INSTANT) & (start.instants != BLANK_INSTANT)
    if timed.any():
        result[timed] = (end.instants[timed] - start.instants[timed]) / _SECONDS
    result[(end.days == BLANK_DAY) | (start.days == BLANK_DAY)] = np.nan
    return result


def kept(values: DayValues, mask: Mask) -> DayValues:
    """Return the dates with all outside `mask` blanked."""
    if mask.all():
        return values
    return DayValues(
        np.where(mask, values.days, np.int32(BLANK_DAY)), np.where(mask, values.instants, np.int64(BLANK_INSTANT))
    )


def filled_from(values: DayValues, other: DayValues) -> DayValues:
    """Return the dates with gaps filled from another column."""
    gap = values.days == BLANK_DAY
    return DayValues(np.where(gap, other.days, values.days), np.where(gap, other.instants, values.instants))


def up_to(values: DayValues, as_of: int) -> DayValues:
    """Return the dates with all after the as-of day blanked: they are not known yet."""
    return kept(values, values.days <= as_of)


def first_known(*days: Days) -> int | None:
    """Return the earliest day of several columns; None when all are blank."""
    lows = [int(column.min(where=column != BLANK_DAY, initial=NEVER)) for column in days]
    low = min(lows, default=int(NEVER))
    return None if low >= NEVER else low


def dated(days: Days, as_of: int) -> Mask:
    """Return which rows have a date that is not after the as-of day."""
    return (days != BLANK_DAY) & (days <= as_of)


def with_date(sieve: Sieve, days: Days, as_of: int) -> Sieve:
    """Let only rows pass that have a date which is not after the as-of day."""
    return sieve.also(LeftOut.NO_DATE, days != BLANK_DAY).also(LeftOut.NOT_YET, days <= as_of)
