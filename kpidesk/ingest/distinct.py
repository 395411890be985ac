"""A column as its distinct cells and a code per row: cells are read once each, however many rows repeat them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.entity import FieldType
from kpidesk.domain.importing import DateOrder
from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, FlagColumn, NumberColumn, TextColumn, TimeColumn
from kpidesk.ingest import cells
from kpidesk.ingest.cells import Moment, Unreadable
from kpidesk.ingest.coded import Coded, Codes
from kpidesk.ingest.raw import Cells

MANY = 1000  # distinct cells from which on a column is looked at as a whole first
_DIGITS = frozenset("0123456789")  # no word for nothing begins with one
_SPARE = 4  # spaces around a word for nothing
_ISO_DAY, _ISO_MINUTE, _ISO_SECOND = 10, 16, 19
_ISO_MARKS = {4: "-", 7: "-", 10: " T", 13: ":", 16: ":"}
_ANY_DIGIT = str.maketrans(dict.fromkeys("0123456789", "1"))


@dataclass(frozen=True, slots=True)
class Distinct:
    """`cells` are the distinct non-empty cells, `codes` of shape (rows,) index them (-1 empty), `counts` their rows."""

    cells: list[Any]
    codes: Codes
    counts: list[int]

    @property
    def filled(self) -> int:
        """Rows with a cell that is not empty."""
        return int(np.count_nonzero(self.codes >= 0))


def distinct(column: Cells | Coded) -> Distinct:
    """Find the distinct cells. Text of nothing but space is empty."""
    if isinstance(column, Coded):
        return Distinct(list(column.values), column.codes, _counts(column.codes, len(column.values)))
    codes, uniques = pd.factorize(column, use_na_sentinel=True)
    values = list(uniques)
    blank = [isinstance(cell, str) and (not cell or cell.isspace()) for cell in values]
    if any(blank):
        kept = ~np.array(blank)
        codes = np.append(np.where(kept, np.cumsum(kept) - 1, -1), -1)[codes]
        values = [cell for cell, gone in zip(values, blank, strict=True) if not gone]
    return Distinct(values, codes.astype(np.int64), _counts(codes, len(values)))


def _counts(codes: Codes, size: int) -> list[int]:
    counts: list[int] = np.bincount(codes.astype(np.int32) + 1, minlength=size + 1)[1:].tolist()
    return counts


def replaced(column: Distinct, replacements: dict[str, str]) -> Distinct:
    """Put the user's replacements in place of cells (matched by tidied text without regard to case); "" makes them empty."""
    if not replacements:
        return column
    values = list(column.cells)
    codes = column.codes
    gone = []
    for index, cell in enumerate(values):
        text = replacements.get(cells.tidy(cell).casefold())
        if text is None:
            continue
        if text:
            values[index] = text
        else:
            gone.append(index)
    if gone:
        codes = np.where(np.isin(codes, gone), -1, codes)
    # What became blank has no rows left, so that it proves nothing about the rest of its column either.
    return Distinct(values, codes, _counts(codes, len(values)))


def cells_of_nothing(column: Distinct, kind: FieldType) -> dict[str, int]:
    """Return the words that stand for nothing in a column of a kind, and in how many rows each does."""
    found: dict[str, int] = {}
    short = cells.LONGEST_NULL + _SPARE
    some = [
        index
        for index, cell in enumerate(column.cells)
        if isinstance(cell, str)
        and cell[:1] not in _DIGITS
        and len(cell) <= short
        and cell.strip(" '\xa0").casefold() in cells.NULLS
    ]
    for index in some:
        text = cells.tidy(column.cells[index])
        if column.counts[index] and cells.means_nothing(text, kind):
            found[text] = found.get(text, 0) + column.counts[index]
    return found


def spread(column: Distinct, per_value: npt.NDArray[Any], empty: float) -> npt.NDArray[Any]:
    """Give every row the value of its cell; `empty` where it has none."""
    table = np.concatenate((per_value, np.array([empty], dtype=per_value.dtype)))
    return table[column.codes]


def text_column(column: Distinct, read: Callable[[object], str]) -> TextColumn:
    """Read a text column; cells that read alike share a value. `read` leaves tidy text as it is."""
    if len(column.cells) >= MANY and cells.all_tidy(column.cells):
        return TextColumn(column.codes.astype(np.int32, copy=False), tuple(column.cells))
    places: dict[str, int] = {}
    codes = np.empty(len(column.cells), dtype=np.int32)
    for index, cell in enumerate(column.cells):
        text = read(cell)
        codes[index] = places.setdefault(text, len(places)) if text else BLANK_CODE
    return TextColumn(spread(column, codes, BLANK_CODE), tuple(places))


@dataclass(frozen=True, slots=True)
class Read:
    """A typed column with the rows whose cell could not be read (shape (rows,)) and how many cells stood for nothing."""

    column: NumberColumn | TimeColumn | FlagColumn
    bad: npt.NDArray[np.bool_]
    nulls: int
    currencies: TextColumn | None = None


def _null_rows(column: Distinct, nulls: Sequence[int]) -> int:
    return sum(column.counts[index] for index in nulls)


def number_column(column: Distinct, decimal: str) -> Read:
    """Read numbers with a known decimal separator, and the currency written beside them."""
    size = len(column.cells)
    values, bad = np.full(size, np.nan), np.zeros(size, dtype=np.bool_)
    money: dict[str, int] = {}
    currency = np.full(size, BLANK_CODE, dtype=np.int32)
    nulls: list[int] = []
    quick = cells.all_numbers(column.cells, decimal) if size >= MANY else None
    if quick is not None:
        values[:] = np.array(quick, dtype=np.float64)
        bad = ~np.isfinite(values)
        return Read(NumberColumn(spread(column, values, np.nan)), spread(column, bad, False), 0)
    for index, cell in enumerate(column.cells):
        if isinstance(cell, float):
            values[index] = cell
            continue
        if isinstance(cell, (datetime, date)):
            bad[index] = True
            continue
        text = cells.tidy(cell)
        if cells.is_null(text, value=True):
            nulls.append(index)
            continue
        parts = cells.split_number(text)
        read = cells.scientific(text) if isinstance(parts, Unreadable) else cells.number(parts, decimal)
        if isinstance(read, Unreadable):
            bad[index] = True
            continue
        values[index] = read
        if not isinstance(parts, Unreadable) and parts.currency:
            currency[index] = money.setdefault(parts.currency, len(money))
    found = TextColumn(spread(column, currency, BLANK_CODE), tuple(money)) if money else None
    return Read(
        NumberColumn(spread(column, values, np.nan)), spread(column, bad, False), _null_rows(column, nulls), found
    )


def flag_column(column: Distinct) -> Read:
    """Read yes and no."""
    values = np.full(len(column.cells), -1, dtype=np.int8)
    bad = np.zeros(len(column.cells), dtype=np.bool_)
    for index, cell in enumerate(column.cells):
        read = cells.flag(cells.tidy(cell))
        if isinstance(read, Unreadable):
            bad[index] = True
        elif read is not None:
            values[index] = int(read)
    return Read(FlagColumn(spread(column, values, -1)), spread(column, bad, False), 0)


def _order_of(cell: object, orders: Mapping[str, DateOrder]) -> DateOrder | None:
    """Return the order of the separator that a date is written with."""
    parts = cells.date_parts(cells.tidy(cell)) if isinstance(cell, str) else None
    return orders.get(parts[2]) if parts else None


def time_column(
    column: Distinct, order: DateOrder | Mapping[str, DateOrder] | None, zone: str, *, month_end: bool = False
) -> Read:
    """Read dates in one order, or each separator in its own. Times with an offset are instants and give the local day of `zone`; times without are local.

    `month_end` reads a month without a day as its last day instead of its first.
    """
    quick = _iso_columns(column, zone)
    if quick is not None:
        return quick
    size = len(column.cells)
    days = np.full(size, BLANK_DAY, dtype=np.int32)
    seconds = np.zeros(size, dtype=np.int64)
    offsets = np.zeros(size, dtype=np.int64)
    timed, zoned, bad, month = (np.zeros(size, dtype=np.bool_) for _ in range(4))
    nulls = []
    for index, cell in enumerate(column.cells):
        if isinstance(cell, str) and cells.is_null(cells.tidy(cell), value=True):
            nulls.append(index)
            continue
        read = cells.moment(cell, _order_of(cell, order) if isinstance(order, Mapping) else order)
        if not isinstance(read, Moment):
            bad[index] = True
            continue
        days[index] = read.day
        month[index] = read.month_only
        if read.seconds is not None:
            timed[index], seconds[index] = True, read.seconds
            if read.offset is not None:
                zoned[index], offsets[index] = True, read.offset
    # A spreadsheet stores plain dates with midnight as their time; so do exports that know no times.
    if timed.any() and not seconds[timed].any() and not zoned.any():
        timed[:] = False
    if month_end and month.any():
        months = days[month].astype("datetime64[D]").astype("datetime64[M]")
        days[month] = ((months + 1).astype("datetime64[D]").astype(np.int64) - 1).astype(np.int32)
    times = _spread_times(column, _with_instants(days, seconds, offsets, timed, zoned, zone))
    return Read(times, spread(column, bad, False), _null_rows(column, nulls))


_Times = tuple[npt.NDArray[np.int32], npt.NDArray[np.int64], npt.NDArray[np.bool_]]


def _spread_times(column: Distinct, times: _Times) -> TimeColumn:
    days, instants, local = times
    return TimeColumn(
        spread(column, days, BLANK_DAY), spread(column, instants, BLANK_INSTANT), spread(column, local, False)
    )


def _with_instants(
    days: npt.NDArray[np.int32],
    seconds: npt.NDArray[np.int64],
    offsets: npt.NDArray[np.int64],
    timed: npt.NDArray[np.bool_],
    zoned: npt.NDArray[np.bool_],
    zone: str,
) -> _Times:
    """Return local days, UTC seconds and which times had no zone."""
    instants = np.full(len(days), BLANK_INSTANT, dtype=np.int64)
    days = days.copy()
    local = timed & ~zoned
    wall = days.astype(np.int64) * 86_400 + seconds
    if local.any():
        instants[local] = to_utc(wall[local], zone)
    if zoned.any():
        instants[zoned] = wall[zoned] - offsets[zoned]
        days[zoned] = local_days(instants[zoned], zone)
    return days, instants, local


def to_utc(wall: npt.NDArray[np.int64], zone: str) -> npt.NDArray[np.int64]:
    """Return the UTC second of each wall clock second in a zone; the earlier one in autumn, moved forward in spring."""
    index = pd.DatetimeIndex(wall.astype("datetime64[s]")).tz_localize(
        zone, ambiguous=np.ones(len(wall), dtype=bool), nonexistent="shift_forward"
    )
    return np.asarray(index.tz_convert("UTC").tz_localize(None).as_unit("s").asi8)


def local_days(instants: npt.NDArray[np.int64], zone: str) -> npt.NDArray[np.int32]:
    """Return the calendar day of each UTC second in a zone."""
    index = pd.DatetimeIndex(instants.astype("datetime64[s]")).tz_localize("UTC").tz_convert(zone).tz_localize(None)
    return np.asarray(index.as_unit("s").asi8 // 86_400).astype(np.int32)


def _iso_columns(column: Distinct, zone: str) -> Read | None:
    """Read a column of nothing but ISO dates, all with or all without a time, in one go; None for any other column."""
    wall = _iso_seconds(column.cells) if len(column.cells) >= MANY else None
    if wall is None:
        return None
    days = (wall // 86_400).astype(np.int32)
    if days.min() < -25_567 or days.max() > 84_371:  # 1900 to 2200, as for single cells
        return None
    nobody = np.zeros(len(days), dtype=np.bool_)
    timed = np.full(len(days), bool((wall % 86_400).any()))
    built = _with_instants(days, wall % 86_400, np.zeros(len(days), dtype=np.int64), timed, nobody, zone)
    return Read(_spread_times(column, built), np.zeros(len(column.codes), dtype=np.bool_), 0)


def _iso_seconds(column: Sequence[Any]) -> npt.NDArray[np.int64] | None:
    """Return the wall clock seconds of texts such as 2026-07-03 14:05, all of one length; None when one is something else."""
    if set(map(type, column)) != {str}:
        return None
    text = "\n".join([*column, ""])
    width = len(column[0])
    if (
        not text.isascii()
        or len(text) != (width + 1) * len(column)
        or width not in (_ISO_DAY, _ISO_MINUTE, _ISO_SECOND)
    ):
        return None
    marks = np.frombuffer(text.encode(), dtype=np.uint8).reshape(-1, width + 1)
    digits = marks.astype(np.int64) - ord("0")
    between = [4, 7, 10, 13, 16][: 2 if width == _ISO_DAY else 4 if width == _ISO_MINUTE else 5]
    numbers = [place for place in range(width) if place not in between]
    if ((digits[:, numbers] < 0) | (digits[:, numbers] > 9)).any() or (marks[:, -1] != ord("\n")).any():
        return None
    if not all(np.isin(marks[:, place], [ord(mark) for mark in _ISO_MARKS[place]]).all() for place in between):
        return None
    year = digits[:, :4] @ [1000, 100, 10, 1]
    month, day, hour, minute, second = (
        digits[:, place] * 10 + digits[:, place + 1] if place < width else np.zeros(len(column), dtype=np.int64)
        for place in (5, 8, 11, 14, 17)
    )
    months = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    first, after = (one.astype("datetime64[D]").astype(np.int64) for one in (months, months + 1))
    if (month < 1).any() or (month > 12).any() or (day < 1).any() or (day > after - first).any():
        return None
    if (hour > 23).any() or (minute > 59).any() or (second > 59).any():
        return None
    return np.asarray((first + day - 1) * 86_400 + hour * 3600 + minute * 60 + second)


def by_shape(column: Distinct) -> list[tuple[Any, int]]:
    """Return of plain numbers the first one of each way of writing, and how many rows are written in that way.

    Two numbers are written in one way when they differ in nothing but their digits, the first one apart if it is 0.
    """
    shapes = "".join(f"\n{cell}" for cell in column.cells).replace("\n0", "\nO").translate(_ANY_DIGIT).split("\n")[1:]
    codes, distinct_shapes = pd.factorize(np.array(shapes, dtype=object))
    rows = np.bincount(codes, weights=column.counts, minlength=len(distinct_shapes))
    firsts = np.full(len(distinct_shapes), len(codes))
    held = np.flatnonzero(np.array(column.counts) > 0)
    np.minimum.at(firsts, codes[held], held)
    order = np.argsort(firsts, kind="stable")[: int(np.count_nonzero(firsts < len(codes)))]
    return [(column.cells[firsts[place]], int(rows[place])) for place in order.tolist()]
