"""A row set made ready: plain arrays of one shape, (rows,), that aggregates and row expressions read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, FlagColumn, Frame, NumberColumn, TextColumn, TimeColumn

Floats = npt.NDArray[np.float64]
Days = npt.NDArray[np.int32]
Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
NEVER = np.int32(2_000_000)  # far beyond any date: the year 7445
_SECONDS = 86_400.0


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


@dataclass(frozen=True, slots=True)
class RowTable:
    """A row set as known on the as-of day.

    `days` is the anchor date of every row. A stock has no anchor: its rows stand from `opened` up to but not including `closed`; an
    `opened` of BLANK_DAY is unknown and counts on the as-of day only. `first_day` is the first day of the entity's data.
    `pending` marks rows whose outcome is still open.
    """

    name: str
    rows: int
    columns: Mapping[str, Values]
    days: Days
    first_day: int | None
    stock: bool = False
    opened: Days = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    closed: Days = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    pending: Mask | None = None


def take(values: Values, rows: npt.NDArray[np.intp] | Mask) -> Values:
    """Return the values of some rows; a negative row number gives blank."""
    if rows.dtype == np.bool_:
        rows = np.flatnonzero(rows)
    gone = rows < 0
    if isinstance(values, TextValues):
        return TextValues(np.where(gone, BLANK_CODE, values.codes[rows]).astype(np.int32), values.values)
    if isinstance(values, DayValues):
        days = np.where(gone, BLANK_DAY, values.days[rows]).astype(np.int32)
        return DayValues(days, np.where(gone, BLANK_INSTANT, values.instants[rows]))
    if isinstance(values, FlagValues):
        return FlagValues(np.where(gone, -1, values.values[rows]).astype(np.int8))
    return np.where(gone, np.nan, values[rows])


def columns_of(frame: Frame) -> dict[str, Values]:
    """Return the columns of a frame as values."""
    found: dict[str, Values] = {}
    for name, column in frame.columns.items():
        match column:
            case TextColumn():
                found[name] = TextValues(column.codes, column.values)
            case TimeColumn():
                found[name] = DayValues(column.days, column.instants)
            case FlagColumn():
                found[name] = FlagValues(column.values)
            case NumberColumn():
                found[name] = column.values
    return found


def text(columns: Mapping[str, Values], name: str, rows: int) -> TextValues:
    """Return a text column, all blank when the frame has none."""
    found = columns.get(name)
    return found if isinstance(found, TextValues) else TextValues(np.full(rows, BLANK_CODE, dtype=np.int32), ())


def day_values(columns: Mapping[str, Values], name: str, rows: int) -> DayValues:
    """Return a date column, all blank when the frame has none."""
    found = columns.get(name)
    if isinstance(found, DayValues):
        return found
    return DayValues(np.full(rows, BLANK_DAY, dtype=np.int32), np.full(rows, BLANK_INSTANT, dtype=np.int64))


def numbers(columns: Mapping[str, Values], name: str, rows: int) -> Floats:
    """Return a number column, all blank when the frame has none."""
    found = columns.get(name)
    return found if isinstance(found, np.ndarray) else np.full(rows, np.nan)


def flags(columns: Mapping[str, Values], name: str, rows: int) -> npt.NDArray[np.int8]:
    """Return a flag column, all unknown when the frame has none."""
    found = columns.get(name)
    return found.values if isinstance(found, FlagValues) else np.full(rows, -1, dtype=np.int8)


def is_one_of(values: TextValues, *wanted: str) -> Mask:
    """Return which rows have one of the texts, without regard to case and outer spaces. Tests each distinct value once."""
    folded = {word.casefold() for word in wanted}
    hit = np.array([value.strip().casefold() in folded for value in values.values] + [False], dtype=np.bool_)
    return hit[values.codes]  # BLANK_CODE is the last


def elapsed(end: DayValues, start: DayValues) -> Floats:
    """Return the days from `start` to `end`: by instants when both have a time, else by the calendar; NaN when one is blank."""
    timed = (end.instants != BLANK_INSTANT) & (start.instants != BLANK_INSTANT)
    days = end.days.astype(np.float64) - start.days
    exact = np.where(timed, end.instants, 0) - np.where(timed, start.instants, 0)
    result = np.where(timed, exact / _SECONDS, days)
    result[(end.days == BLANK_DAY) | (start.days == BLANK_DAY)] = np.nan
    return result


def up_to(values: DayValues, as_of: int) -> DayValues:
    """Return the dates with all after the as-of day blanked: they are not known yet."""
    late = values.days > as_of
    if not late.any():
        return values
    return DayValues(
        np.where(late, BLANK_DAY, values.days).astype(np.int32), np.where(late, BLANK_INSTANT, values.instants)
    )


def first_known(*days: Days) -> int | None:
    """Return the earliest day of several columns; None when all are blank."""
    lows = [int(column[column != BLANK_DAY].min()) for column in days if (column != BLANK_DAY).any()]
    return min(lows, default=None)
