"""What changed between snapshots: differences of neighbouring rows of what was observed, found for all deals at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from kpidesk.domain.ledger import Entry, Kind
from kpidesk.frame import BLANK_CODE, BLANK_DAY
from kpidesk.metrics.observed import GONE, LOST, OPEN, WON, Observed
from kpidesk.metrics.table import Days, Mask, RowNumbers, TextValues, folded

_Objects = npt.NDArray[np.object_]
_KINDS = tuple(Kind)
_CODE = {kind: code for code, kind in enumerate(_KINDS)}


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes, shape (changes,), by day, then deal: codes of `Kind`, rows of deals, cells, and days that bound each (BLANK_DAY: none)."""

    kind: npt.NDArray[np.int64]
    deal: RowNumbers
    before: _Objects
    after: _Objects
    earliest: Days
    latest: Days
    batch: npt.NDArray[np.int32]

    @property
    def rows(self) -> int:
        """How many changes there are."""
        return len(self.kind)

    def of(self, mask: Mask | RowNumbers) -> "Changes":
        """Return some of them."""
        return Changes(*(getattr(self, one.name)[mask] for one in fields(self)))

    def entries(self, ids: Sequence[str], names: Sequence[str]) -> list[Entry]:
        """Return them as values to show, with the ids and names of their deals."""
        days = [_with_blanks(one.astype("datetime64[D]"), one == BLANK_DAY) for one in (self.earliest, self.latest)]
        kinds = np.array(_KINDS, dtype=object)[self.kind]
        parts = (self.before, self.after, *days, self.batch)
        shown = zip(kinds.tolist(), ids, names, *(one.tolist() for one in parts), strict=True)
        return [Entry(*cells) for cells in shown]


def changes(seen: Observed, stages: tuple[str, ...]) -> Changes:
    """Return every change. `stages` are the open stages in order, as far as it is known."""
    parts = [_created(seen), *_outcomes(seen), _stages(seen, stages), _amounts(seen), _close_dates(seen), _owners(seen)]
    joined = Changes(*(np.concatenate([getattr(part, one.name) for part in parts]) for one in fields(Changes)))
    return joined.of(np.lexsort((joined.kind, joined.deal, joined.latest)))


def pushes(seen: Observed, deals: int) -> npt.NDArray[np.int64]:
    """Return how often the close date of each deal was moved to a later day while it stayed open. Shape (deals,)."""
    found = _close_dates(seen)
    return np.bincount(found.deal[found.kind == _CODE[Kind.PUSHED]], minlength=deals)


def _pairs(seen: Observed) -> RowNumbers:
    """Return the rows that show a deal again, open as it was the time before."""
    again = np.flatnonzero(~seen.first)
    return again[(seen.status[again] == OPEN) & (seen.status[again - 1] == OPEN)]


def _made(
    seen: Observed,
    rows: RowNumbers,
    kind: npt.NDArray[np.int64],
    before: _Objects,
    after: _Objects,
    told: Days | None = None,
) -> Changes:
    """Return changes that `rows` show: on the day `told` where the CRM gives one, else since the deal was seen before."""
    since = np.where(seen.since[rows] == BLANK_DAY, BLANK_DAY, seen.since[rows] + 1).astype(np.int32)
    latest = seen.day[rows]
    if told is not None:
        exact = told != BLANK_DAY
        since, latest = np.where(exact, told, since), np.where(exact, told, latest)
    return Changes(kind, seen.deal[rows], before, after, since, latest, seen.batch[rows])


def _nothing(rows: RowNumbers) -> _Objects:
    return np.full(len(rows), None, dtype=object)


def _texts(column: TextValues, rows: RowNumbers) -> _Objects:
    return np.array([*column.values, None], dtype=object)[column.codes[rows]]


def _numbers(values: npt.NDArray[np.float64]) -> _Objects:
    return _with_blanks(values, np.isnan(values))


def _iso(days: Days) -> _Objects:
    return _with_blanks(np.datetime_as_string(days.astype("datetime64[D]")), days == BLANK_DAY)


def _with_blanks(values: npt.NDArray[np.generic], blank: Mask) -> _Objects:
    found = values.astype(object)
    found[blank] = None
    return found


def _code(kind: Kind, rows: RowNumbers) -> npt.NDArray[np.int64]:
    return np.full(len(rows), _CODE[kind])


def _created(seen: Observed) -> Changes:
    rows = np.flatnonzero(seen.first)
    final = np.flatnonzero(seen.last)
    found = _made(seen, rows, _code(Kind.CREATED, rows), _nothing(rows), _texts(seen.stage, rows), seen.created[final])
    return found.of((found.earliest != BLANK_DAY) & (found.earliest <= found.latest))


def _outcomes(seen: Observed) -> list[Changes]:
    """Return what was won, lost, reopened or vanished. A deal that was decided before the first snapshot is dated by its CRM alone."""
    before = np.concatenate(([OPEN], seen.status[:-1]))
    before[seen.first] = OPEN
    words = np.array(["open", "won", "lost", "vanished"], dtype=object)
    found = []
    for status, kind in ((WON, Kind.WON), (LOST, Kind.LOST), (OPEN, Kind.REOPENED), (GONE, Kind.VANISHED)):
        rows = np.flatnonzero((seen.status == status) & (before != status))
        told = seen.closed[rows] if status in (WON, LOST) else None
        made = _made(seen, rows, _code(kind, rows), words[before[rows]], words[seen.status[rows]], told)
        found.append(made.of(~seen.first[rows] | (made.earliest == made.latest)))
    return found


def _stages(seen: Observed, stages: tuple[str, ...]) -> Changes:
    rows = _pairs(seen)
    rows = rows[seen.stage.codes[rows] != seen.stage.codes[rows - 1]]
    places = {folded(stage): place for place, stage in enumerate(stages)}
    place = np.array([*(places.get(folded(value), BLANK_CODE) for value in seen.stage.values), BLANK_CODE])
    now, was = place[seen.stage.codes[rows]], place[seen.stage.codes[rows - 1]]
    ordered = (now >= 0) & (was >= 0)
    kind = np.select(
        [ordered & (now > was), ordered & (now < was)], [_CODE[Kind.FORWARD], _CODE[Kind.BACK]], _CODE[Kind.STAGE]
    )
    return _made(seen, rows, kind, _texts(seen.stage, rows - 1), _texts(seen.stage, rows))


def _amounts(seen: Observed) -> Changes:
    rows = np.flatnonzero(~seen.first)
    now, was = seen.amount[rows], seen.amount[rows - 1]
    differ = (now != was) & ~(np.isnan(now) & np.isnan(was))
    rows, now, was = rows[differ], now[differ], was[differ]
    kind = np.select([now > was, now < was], [_CODE[Kind.INCREASED], _CODE[Kind.DECREASED]], _CODE[Kind.AMOUNT])
    return _made(seen, rows, kind, _numbers(was), _numbers(now))


def _close_dates(seen: Observed) -> Changes:
    rows = _pairs(seen)
    rows = rows[seen.expected[rows] != seen.expected[rows - 1]]
    now, was = seen.expected[rows], seen.expected[rows - 1]
    both = (now != BLANK_DAY) & (was != BLANK_DAY)
    kind = np.select(
        [both & (now > was), both & (now < was)], [_CODE[Kind.PUSHED], _CODE[Kind.PULLED]], _CODE[Kind.CLOSE_DATE]
    )
    return _made(seen, rows, kind, _iso(was), _iso(now))


def _owners(seen: Observed) -> Changes:
    rows = np.flatnonzero(~seen.first)
    rows = rows[seen.owner.codes[rows] != seen.owner.codes[rows - 1]]
    return _made(seen, rows, _code(Kind.OWNER, rows), _texts(seen.owner, rows - 1), _texts(seen.owner, rows))
