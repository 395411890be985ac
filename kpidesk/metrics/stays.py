"""Stays in stages told by snapshots, for deals whose CRM exported no stage history: each entry is known to an interval."""

from dataclasses import dataclass

import numpy as np

from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT
from kpidesk.metrics.observed import GONE, OPEN, Observed
from kpidesk.metrics.stages import History
from kpidesk.metrics.table import Days, DayValues, Mask, RowNumbers, TextValues, folded


@dataclass(frozen=True, slots=True)
class Stays:
    """Stays of open deals in stages, shape (stays,), in order of deal, then time.

    `row` is the row of `Observed` that first shows the stay. It began from `earliest` to `latest`, both included; an `earliest` of
    BLANK_DAY says that nothing bounds it. `entered` is the day it counts from, BLANK_DAY where none would be honest.
    """

    row: RowNumbers
    earliest: Days
    latest: Days
    entered: Days
    left: Days


def stays(seen: Observed, stages: tuple[str, ...]) -> Stays:
    """Return the stays of all deals; `stages` are the open stages in order, as far as it is known.

    A deal is in the first stage from its creation. A deal that was there before the first snapshot, in any later stage, entered it
    nobody knows when.
    """
    is_open = seen.status == OPEN
    before_open = np.concatenate(([False], is_open[:-1])) & ~seen.first
    before = np.concatenate(([BLANK_CODE], seen.stage.codes[:-1]))
    begins = is_open & (~before_open | (seen.stage.codes != before))
    row = np.flatnonzero(begins)
    created, since, day = seen.created[row], seen.since[row], seen.day[row]
    dated = (created != BLANK_DAY) & (created <= day)
    earliest = np.where(since == BLANK_DAY, BLANK_DAY, since + 1)
    earliest = np.where(seen.first[row] & dated, np.maximum(created, earliest), earliest)
    # An earlier file that lacked a deal which existed already was not of all deals, and bounds nothing.
    bounded = ~seen.first[row] | ((since != BLANK_DAY) & (~dated | (created > since)))
    at_start = seen.first[row] & dated & _is_first(seen.stage, stages)[row]
    entered = np.where(at_start, created, np.where(bounded, day, BLANK_DAY))
    return Stays(row, earliest.astype(np.int32), day, entered.astype(np.int32), _left(seen, row, is_open))


def _is_first(stage: TextValues, stages: tuple[str, ...]) -> Mask:
    first = folded(stages[0]) if stages else None
    return np.array([*(folded(value) == first for value in stage.values), False], dtype=np.bool_)[stage.codes]


def _left(seen: Observed, row: RowNumbers, is_open: Mask) -> Days:
    """Return the day on which each stay ended with the deal, BLANK_DAY where it is followed by another stay or goes on."""
    final = np.append(row[1:], seen.rows) - 1  # the last row before the next stay, or of all
    final = np.minimum(final, np.flatnonzero(seen.last)[np.cumsum(seen.first)[row] - 1])
    shut = ~is_open[final]
    # The first row that shows the deal closed, and what the last one says of the day.
    flips = np.where(is_open, seen.rows, np.arange(seen.rows))
    first_shut = np.minimum.accumulate(flips[::-1])[::-1][row]
    told = seen.closed[final]
    gone = (seen.status[final] == GONE) | (told == BLANK_DAY)
    day = np.where(gone, seen.day[np.minimum(first_shut, seen.rows - 1)], told)
    return np.where(shut, day, BLANK_DAY).astype(np.int32)


def inferred(seen: Observed, stages: tuple[str, ...], exact: History | None, deals: int) -> History:
    """Return the stays that snapshots tell of all deals of which no stage history tells."""
    found, told = stays(seen, stages), np.zeros(deals, dtype=np.bool_)
    if exact is not None:
        told[exact.deal[exact.deal >= 0]] = True
    mine = ~told[seen.deal[found.row]]
    row = found.row[mine]
    return History(
        "deals",
        len(row),
        seen.deal[row],
        TextValues(seen.stage.codes[row], seen.stage.values),
        _dates(found.entered[mine]),
        _dates(found.left[mine]),
        inferred=True,
        first_snapshot=seen.first_snapshot,
        exact=told,
    )


def _dates(days: Days) -> DayValues:
    return DayValues(days, np.full(len(days), BLANK_INSTANT))
