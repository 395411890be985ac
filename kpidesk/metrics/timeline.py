"""When each deal stood open, with which amount and in which stage, as known on every day: the past of the pipeline.

What the CRM dates exactly (created, closed) is taken at its word. What only snapshots show (amount, stage, reopened, gone) is
dated by the first snapshot that shows it.
"""

from dataclasses import dataclass, fields, replace

import numpy as np

from kpidesk.frame import BLANK_DAY
from kpidesk.metrics.observed import GONE, OPEN, Observed
from kpidesk.metrics.table import NEVER, Days, Mask, RowNumbers


@dataclass(frozen=True, slots=True)
class Segments:
    """Stretches of days [start, end) in which a deal stood open and nothing of it changed; in order of deal, then day.

    All of shape (segments,). `row` is the row of `Observed` that says amount and stage. `late` marks values that were seen after
    the stretch only. `opens` marks the first of a run of days without a gap, `closes` the last; `ended` is the row of `Observed`
    that says how a run ended, -1 while it goes on. `anew` marks runs that are not the deal's first.
    """

    deal: RowNumbers
    row: RowNumbers
    start: Days
    end: Days
    late: Mask
    opens: Mask
    closes: Mask
    ended: RowNumbers
    anew: Mask


@dataclass(frozen=True, slots=True)
class _Runs:
    """Runs of days in which deals stood open: from row `first` to row `last` of `Observed`, empty (-1) when no snapshot shows it."""

    deal: RowNumbers
    first: RowNumbers
    last: RowNumbers
    start: Days
    end: Days
    ended: RowNumbers
    anew: Mask


def segments(seen: Observed) -> Segments:
    """Return the stretches of all deals."""
    runs = _runs(_settled(seen))
    sizes = np.where(runs.first >= 0, runs.last - runs.first + 1, 0)
    run = np.repeat(np.arange(len(sizes)), sizes)
    row = runs.first[run] + np.arange(len(run)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    opens = row == runs.first[run]
    start = np.where(opens, runs.start[run], np.maximum(seen.day[row], runs.start[run]))
    # Before it was first seen a deal has the amount with which it was seen, which nobody knew then.
    early = np.flatnonzero(opens & ~runs.anew[run] & (start < seen.day[row]) & (seen.day[row] < runs.end[run]))
    unseen = np.flatnonzero(runs.first < 0)
    part_run = np.concatenate((run, run[early], unseen))
    part_row = np.concatenate((row, row[early], runs.ended[unseen]))
    part_start = np.concatenate((start, seen.day[row[early]], runs.start[unseen]))
    late = np.concatenate((opens & ~runs.anew[run] & (start < seen.day[row]), np.zeros(len(early), bool), unseen >= 0))
    order = np.lexsort((part_start, part_run))
    part_run, part_row, part_start, late = part_run[order], part_row[order], part_start[order], late[order]
    late |= (seen.amount_late | seen.stage_late)[part_row]
    return _joined(seen, runs, part_run, part_row, np.minimum(part_start, runs.end[part_run]), late)


def _joined(seen: Observed, runs: _Runs, run: RowNumbers, row: RowNumbers, start: Days, late: Mask) -> Segments:
    """Leave out borders at which nothing changes, and stretches without a day between others."""
    other = np.concatenate(([True], run[1:] != run[:-1]))
    same_amount = (seen.amount[row][1:] == seen.amount[row][:-1]) | np.isnan(seen.amount[row][1:]) & np.isnan(
        seen.amount[row][:-1]
    )
    same = (
        same_amount
        & (seen.currency.codes[row][1:] == seen.currency.codes[row][:-1])
        & (seen.stage.codes[row][1:] == seen.stage.codes[row][:-1])
        & (late[1:] == late[:-1])
    )
    kept = other | np.concatenate(([True], ~same))
    run, row, start, late, opens = run[kept], row[kept], start[kept], late[kept], other[kept]
    closes = np.concatenate((opens[1:], [True])) if len(run) else opens
    end = np.where(closes, runs.end[run], np.append(start[1:], NEVER))
    ended = np.where(closes, runs.ended[run], -1)
    return Segments(
        runs.deal[run], row, start, end.astype(np.int32), late, opens, closes, ended, runs.anew[run] & opens
    )


def _phases(seen: Observed) -> tuple[RowNumbers, RowNumbers]:
    """Return the first and last rows of stretches of snapshots that show a deal open, or not open."""
    is_open = seen.status == OPEN
    starts = np.flatnonzero(seen.first | np.concatenate(([True], is_open[1:] != is_open[:-1])))
    return starts, np.append(starts[1:], seen.rows) - 1


def _settled(seen: Observed) -> Observed:
    """Read deals as open that were to close on a day by which they were seen open again: that close never came."""
    first, last = _phases(seen)
    following = np.append(first[1:], 0)
    undone = (seen.status[first] != OPEN) & ~seen.last[last] & (seen.closed[last] > seen.day[following])
    undone &= seen.status[last] != GONE
    if not undone.any():
        return seen
    sizes = last - first + 1
    return replace(seen, status=np.where(np.repeat(undone, sizes), np.int8(OPEN), seen.status))


def _runs(seen: Observed) -> _Runs:
    first, last = _phases(seen)
    shut = seen.status[first] != OPEN
    new = seen.first[first]
    # The day on which each stretch that is not open began: the CRM's own where it gives one.
    told = np.where(seen.status[last] == GONE, BLANK_DAY, seen.closed[last])
    day = np.where(told != BLANK_DAY, told, np.where(new, BLANK_DAY, seen.day[first]))
    opened = np.flatnonzero(~shut)
    over = np.append(shut[1:] & ~new[1:], False)[opened]
    after = np.minimum(opened + 1, len(first) - 1)
    final = np.flatnonzero(seen.last)
    told_created = seen.created[final[np.cumsum(seen.first) - 1]]  # the newest word on it, for every row of the deal
    created = told_created[last[opened]]
    start = np.where(new[opened] & (created != BLANK_DAY), created, seen.day[first[opened]])
    end = np.where(over, day[after], NEVER)
    ended = np.where(over, last[after], -1)
    # Deals that every snapshot shows closed stood open from their creation until then.
    unseen = np.flatnonzero(shut & new & (day != BLANK_DAY) & (told_created[last] != BLANK_DAY))
    nothing = np.full(len(unseen), -1)
    runs = _Runs(
        np.concatenate((seen.deal[first[opened]], seen.deal[first[unseen]])),
        np.concatenate((first[opened], nothing)),
        np.concatenate((last[opened], nothing)),
        np.concatenate((start, told_created[last[unseen]])).astype(np.int32),
        np.concatenate((end, day[unseen])).astype(np.int32),
        np.concatenate((ended, last[unseen])),
        np.concatenate((~new[opened], np.zeros(len(unseen), dtype=np.bool_))),
    )
    order = np.lexsort((runs.anew, runs.deal))
    taken = _Runs(*(getattr(runs, name)[order] for name in ("deal", "first", "last", "start", "end", "ended", "anew")))
    again = np.concatenate(([False], taken.deal[1:] == taken.deal[:-1]))[: len(order)]
    # Closed before it was created, or a close dated back before the deal was open again: it never stood.
    return replace(taken, end=np.maximum(taken.end, taken.start), anew=again)


def taken(of: Segments, rows: RowNumbers) -> Segments:
    """Return some of the stretches; whole runs, or the others no longer meet."""
    return Segments(*(getattr(of, one.name)[rows] for one in fields(of)))
