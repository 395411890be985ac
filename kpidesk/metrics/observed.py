"""What the snapshots show of each deal: one row per deal and snapshot, in order of deal and time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.frame import (
    BLANK_CODE,
    BLANK_DAY,
    BLANK_INSTANT,
    Column,
    Frame,
    NumberColumn,
    Sighting,
    TextColumn,
    TimeColumn,
)
from kpidesk.metrics.table import NEVER, Days, Floats, Mask, RowNumbers, TextValues, folded

OPEN, WON, LOST, GONE = 0, 1, 2, 3
FIELDS = ("status", "stage", "amount", "currency", "owner", "created", "closed", "expected_close")
_STATUS = {"open": OPEN, "won": WON, "lost": LOST}
_Kind = TypeVar("_Kind", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Removal:
    """A deal that the user says is no longer open: from the snapshot of import `batch` on, the deal in `row` is LOST or GONE."""

    row: int
    batch: int
    status: int = GONE


@dataclass(frozen=True, slots=True)
class Observed:
    """One row per deal and day of a snapshot that shows it, all of shape (rows,), sorted by deal, then day.

    `deal` is the row of the deal in the current frame. `since` is the day of the snapshot in which the deal was last seen
    before, or for its first row the last earlier snapshot of the same source, which lacked it; BLANK_DAY where there is none.
    A field that a file lacks is as it was before; where nothing was known before it is taken from a later snapshot (`*_late`).
    """

    deal: RowNumbers
    batch: npt.NDArray[np.int32]
    day: Days
    since: Days
    first: Mask
    last: Mask
    status: npt.NDArray[np.int8]
    amount: Floats
    amount_late: Mask
    currency: TextValues
    stage: TextValues
    stage_late: Mask
    owner: TextValues
    created: Days
    closed: Days
    expected: Days
    first_snapshot: int

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.deal)

    @property
    def again(self) -> bool:
        """Whether any deal was seen on two days, so that its changes can be known."""
        return bool((~self.first).any())


def observe(sightings: Sequence[Sighting], removals: Sequence[Removal] = ()) -> Observed | None:
    """Put snapshots of deals, oldest first, and removals into one table. None without any row."""
    sightings = [one for one in sightings if one.frame.rows]
    if not sightings:
        return None
    gone = [(one.row, place, one.status) for one in removals for place, seen in _places(sightings) if seen == one.batch]
    told = np.array(gone, dtype=np.int64).reshape(-1, 3)
    deal = np.concatenate([*(one.rows for one in sightings), told[:, 0]])
    place = np.concatenate([np.repeat(np.arange(len(sightings)), [len(one.rows) for one in sightings]), told[:, 1]])
    days = np.array([one.day for one in sightings], dtype=np.int32)
    order = np.lexsort((place, deal))
    deal, place, day = deal[order], place[order], days[place[order]]
    first = np.concatenate(([True], deal[1:] != deal[:-1]))
    read = _Reader(sightings, order, first, len(gone))
    # Of two snapshots of one day the later import says how the day ended.
    kept = np.concatenate((first[1:] | (day[1:] != day[:-1]), [True]))
    status, _ = read.take("status", _statuses, np.int8(OPEN))
    removed = order >= len(order) - len(gone)
    status[removed] = told[order[removed] - (len(order) - len(gone)), 2]
    amount, amount_late = read.take("amount", _numbers, np.float64(np.nan))
    stage, stage_late, stages = read.texts("stage")
    owner, _, owners = read.texts("owner")
    currency, _, currencies = read.texts("currency")
    created, closed, expected = (
        read.take(name, _days, np.int32(BLANK_DAY))[0] for name in ("created", "closed", "expected_close")
    )
    closed[removed] = BLANK_DAY  # nobody knows the day, only by which one
    deal, place, day = deal[kept], place[kept], day[kept]
    first = np.concatenate(([True], deal[1:] != deal[:-1]))
    earlier = np.concatenate(([BLANK_DAY], day[:-1])).astype(np.int32)
    return Observed(
        deal,
        np.array([one.batch for one in sightings], dtype=np.int32)[place],
        day,
        np.where(first, _lacking(sightings, days)[place], earlier).astype(np.int32),
        first,
        np.concatenate((first[1:], [True])),
        status[kept],
        amount[kept],
        amount_late[kept],
        TextValues(currency[kept], currencies),
        TextValues(stage[kept], stages),
        stage_late[kept],
        TextValues(owner[kept], owners),
        created[kept],
        closed[kept],
        expected[kept],
        int(days[0]),
    )


def _places(sightings: Sequence[Sighting]) -> list[tuple[int, int]]:
    return [(place, one.batch) for place, one in enumerate(sightings)]


def _lacking(sightings: Sequence[Sighting], days: Days) -> Days:
    """Return for each snapshot the day of the last earlier one of the same source, BLANK_DAY for none."""
    found = []
    for place, one in enumerate(sightings):
        before = [other.day for other in sightings[:place] if other.source == one.source and other.day < days[place]]
        found.append(max(before, default=int(BLANK_DAY)))
    return np.array(found, dtype=np.int32)


class _Reader:
    """Reads one field of all snapshots into the order of the table, filling what a file lacks."""

    def __init__(self, sightings: Sequence[Sighting], order: RowNumbers, first: Mask, gone: int) -> None:
        self._sightings, self._order, self._gone = sightings, order, gone
        starts = np.flatnonzero(first)
        sizes = np.diff(np.append(starts, len(order)))
        self._start, self._end = np.repeat(starts, sizes), np.repeat(starts + sizes, sizes)

    def take(
        self, name: str, read: Callable[[object, int], npt.NDArray[_Kind]], blank: _Kind
    ) -> tuple[npt.NDArray[_Kind], Mask]:
        """Return a field, and which of its cells come from a later snapshot."""
        columns = [one.frame.columns.get(name) for one in self._sightings]
        sizes = [one.frame.rows for one in self._sightings]
        parts = [
            np.full(size, blank) if column is None else read(column, size)
            for column, size in zip(columns, sizes, strict=True)
        ]
        told = np.repeat([*(column is not None for column in columns), False], [*sizes, self._gone])[self._order]
        values = np.concatenate([*parts, np.full(self._gone, blank)])[self._order]
        at = np.arange(len(values))
        before = np.maximum.accumulate(np.where(told, at, -1))
        after = np.minimum.accumulate(np.where(told, at, len(values))[::-1])[::-1]
        late = (before < self._start) & (after < self._end)
        known = (before >= self._start) | late
        source = np.where(late, after, before)
        return np.where(known, values[np.where(known, source, 0)], blank), late

    def texts(self, name: str) -> tuple[npt.NDArray[np.int32], Mask, tuple[str, ...]]:
        """Return codes of a text field, which of them come from a later snapshot, and the texts; case and spaces are one text."""
        spelled: dict[str, int] = {}
        shown: dict[int, str] = {}

        def codes(column: object, rows: int) -> npt.NDArray[np.int32]:
            if not isinstance(column, TextColumn):
                return np.full(rows, BLANK_CODE, dtype=np.int32)
            recode = [spelled.setdefault(folded(value), len(spelled)) for value in column.values]
            shown.update(zip(recode, column.values, strict=True))  # as the newest file spells it
            return np.array([*recode, BLANK_CODE], dtype=np.int32)[column.codes]

        found, late = self.take(name, codes, np.int32(BLANK_CODE))
        return found, late, tuple(shown[code] for code in range(len(spelled)))


def _statuses(column: object, rows: int) -> npt.NDArray[np.int8]:
    if not isinstance(column, TextColumn):
        return np.full(rows, OPEN, dtype=np.int8)
    return np.array([*(_STATUS.get(folded(value), OPEN) for value in column.values), OPEN], dtype=np.int8)[column.codes]


def _numbers(column: object, rows: int) -> Floats:
    return column.values if isinstance(column, NumberColumn) else np.full(rows, np.nan)


def _days(column: object, rows: int) -> Days:
    return column.days if isinstance(column, TimeColumn) else np.full(rows, BLANK_DAY, dtype=np.int32)


def gone_since(seen: Observed, deals: int) -> Days:
    """Return for each deal the day from which it is deleted in the CRM, NEVER while it is not. Shape (deals,)."""
    found = np.full(deals, NEVER, dtype=np.int32)
    last = np.flatnonzero(seen.last & (seen.status == GONE))
    found[seen.deal[last]] = seen.day[last]
    return found


def lost_since(seen: Observed, removals: Sequence[Removal]) -> tuple[RowNumbers, Days]:
    """Return the rows of deals that are lost because the user said so and no later snapshot shows, and from which day."""
    said = np.array([(one.row, one.batch) for one in removals if one.status == LOST], dtype=np.int64).reshape(-1, 2)
    final = np.flatnonzero(seen.last)
    at = final[np.searchsorted(seen.deal[final], said[:, 0])]
    standing = (seen.status[at] == LOST) & (seen.batch[at] == said[:, 1])
    return said[standing, 0], seen.day[at[standing]]


def with_lost(deals: Frame, rows: RowNumbers, days: Days) -> Frame:
    """Return deals of which those in `rows` are lost, closed on `days`."""
    status, closed = deals.columns.get("status"), deals.columns.get("closed")
    if not isinstance(status, TextColumn):
        status = TextColumn(np.full(deals.rows, BLANK_CODE, dtype=np.int32), ())
    if not isinstance(closed, TimeColumn):
        blank = np.full(deals.rows, BLANK_DAY, dtype=np.int32), np.full(deals.rows, BLANK_INSTANT)
        closed = TimeColumn(*blank, np.zeros(deals.rows, dtype=np.bool_))
    values = status.values if "lost" in status.values else (*status.values, "lost")
    codes, day, instant, local = (
        status.codes.astype(np.int32),
        closed.days.copy(),
        closed.instants.copy(),
        closed.local.copy(),
    )
    codes[rows], day[rows], instant[rows], local[rows] = values.index("lost"), days, BLANK_INSTANT, False
    told: dict[str, Column] = {"status": TextColumn(codes, values), "closed": TimeColumn(day, instant, local)}
    return Frame(deals.entity, deals.rows, {**deals.columns, **told})
