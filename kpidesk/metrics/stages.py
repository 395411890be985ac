"""Stage history: how far deals came, and how long they stayed (semantics section 2, Middle)."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, Frame
from kpidesk.metrics.deals import Deals
from kpidesk.metrics.table import (
    NEVER,
    Columns,
    DayValues,
    FlagValues,
    Mask,
    Part,
    RowTable,
    TextValues,
    columns_of,
    day_values,
    elapsed,
    first_known,
    folded,
    text,
)

_OF_DEALS = ("deal_id", "owner", "source", "segment", "product", "region", "industry", "type", "pipeline", "amount")
_Rows = npt.NDArray[np.int64]
_SECONDS = 86_400
_SPAN = np.int64(1) << 36  # more seconds than any calendar day has since 1970


@dataclass(frozen=True)
class History:
    """The stays of deals in stages, whatever the as-of day. `deal` is the row of the deal, -1 when it was not imported.

    `inferred` marks stays that snapshots told, of which `first_snapshot` is the first day; one without `entered` began before it.
    """

    rows: int
    deal: _Rows
    stage: TextValues
    entered: DayValues
    told_exits: DayValues
    inferred: Mask
    first_snapshot: int = int(NEVER)

    def first_day(self, rows: _Rows) -> int | None:
        """Return the day from which the stays in `rows` tell all: snapshots know nothing of deals that ended before the first."""
        days = self.entered.days[rows]
        return first_known(np.where(self.inferred[rows], np.maximum(days, np.int32(self.first_snapshot)), days))

    @cached_property
    def exited(self) -> DayValues:
        """The end that the file gives, else the start of the same deal's next stay."""
        told = self.told_exits
        gap = told.days == BLANK_DAY
        if not gap.any():
            return told
        following = _following(self.deal, self.entered)
        gap &= following >= 0
        days, instants = told.days.copy(), told.instants.copy()
        days[gap], instants[gap] = self.entered.days[following[gap]], self.entered.instants[following[gap]]
        return DayValues(days, instants)


def history(frame: Frame, deal: _Rows) -> History:
    """Read a frame of stage history."""
    columns, rows = columns_of(frame), frame.rows
    entered, exited = day_values(columns, "entered", rows), day_values(columns, "exited", rows)
    told = np.zeros(rows, dtype=np.bool_)
    return History(rows, deal, text(columns, "stage", rows), entered, exited, told)


def _following(deal: _Rows, entered: DayValues) -> _Rows:
    """Return the row of the same deal's next stay, -1 for the last."""
    since = np.where(entered.instants != BLANK_INSTANT, entered.instants, entered.days.astype(np.int64) * _SECONDS)
    order = np.argsort(deal * _SPAN + np.clip(since, 0, _SPAN - 1), kind="stable")
    same = (deal[order][1:] == deal[order][:-1]) & (deal[order][1:] >= 0)
    following = np.full(len(deal), -1, dtype=np.int64)
    following[order[:-1][same]] = order[1:][same]
    return following


def reached(told: History, deals: Deals, stages: tuple[str, ...], as_of: int) -> RowTable | None:
    """Return one row per deal and stage that it was in or passed, dated by the first time (won passes all).

    None without an order of stages.
    """
    if not stages:
        return None
    places = {folded(stage): place for place, stage in enumerate(stages)}
    place = np.array([places.get(folded(value), -1) for value in told.stage.values] + [-1], dtype=np.int64)
    at = place[told.stage.codes]
    usable = np.flatnonzero(_usable(told, deals) & (at >= 0) & (told.entered.days <= as_of))
    earliest = np.full(deals.rows * len(stages), NEVER, dtype=np.int32)
    np.minimum.at(earliest, told.deal[usable] * len(stages) + at[usable], told.entered.days[usable])
    first = earliest.reshape(deals.rows, len(stages))
    been = first < NEVER
    tracked = been.any(axis=1)
    farthest = np.where(tracked, len(stages) - 1 - np.argmax(been[:, ::-1], axis=1), -1)
    # A stage is passed when a later one is reached, or the deal is won: dated by whichever came first.
    passed = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1]
    passed = np.minimum(passed, np.where(deals.won & tracked, deals.closed, NEVER)[:, None])
    passed[np.arange(len(stages)) <= _undated(told, deals, at)[:, None]] = NEVER
    cells = np.flatnonzero(passed.reshape(-1) < NEVER)
    deal, stage = np.divmod(cells, len(stages))
    advanced = deals.won[deal] | (farthest[deal] > stage)
    here = deals.open[deal] & ~advanced
    columns = deals.columns.of(deal)
    parts: dict[str, Part] = {
        "stage": TextValues(stage.astype(np.int32), stages),
        "entered": DayValues(passed.reshape(-1)[cells], np.full(len(cells), BLANK_INSTANT)),
        "advanced": FlagValues(advanced.astype(np.int8)),
        "still_here": FlagValues(here.astype(np.int8)),
        "implied": FlagValues((~been.reshape(-1)[cells]).astype(np.int8)),
    }
    days = passed.reshape(-1)[cells]
    by_snapshots = np.zeros(deals.rows, dtype=np.bool_)
    by_snapshots[told.deal[usable[told.inferred[usable]]]] = True
    low, guessed = told.first_day(usable), by_snapshots[deal]
    return RowTable("stage_reached", len(cells), _joined(columns, parts), days, low, pending=here, inferred=guessed)


def _undated(told: History, deals: Deals, at: _Rows) -> _Rows:
    """Return for each deal the farthest stage that it was in before the first snapshot, so that its arrival has no date; else -1."""
    rows = np.flatnonzero(told.inferred & (told.entered.days == BLANK_DAY) & (at >= 0))
    floor = np.full(deals.rows, -1, dtype=np.int64)
    np.maximum.at(floor, told.deal[rows], at[rows])
    return floor


def exits(told: History, deals: Deals, as_of: int) -> RowTable:
    """Return the stays that ended; the last of a decided deal ends with it."""
    decided = np.append(deals.closed, np.int32(BLANK_DAY))[told.deal]
    last = (told.exited.days == BLANK_DAY) & (decided != BLANK_DAY)
    ends = np.where(last, decided, told.exited.days)
    # A stay that ended before it began is an error of the data and has no length.
    over = (ends <= as_of) & (ends >= told.entered.days) & (told.stage.codes != BLANK_CODE)
    rows = np.flatnonzero(_usable(told, deals) & over)
    deal = told.deal[rows]
    entered = DayValues(told.entered.days[rows], told.entered.instants[rows])
    exited = DayValues(ends[rows], told.exited.instants[rows])
    stage = TextValues(told.stage.codes[rows], told.stage.values)
    parts: dict[str, Part] = {
        "stage": stage,
        "entered": entered,
        "exited": exited,
        "days": lambda: elapsed(exited, entered),
        # One number per deal and stage: repeat visits are one stay in all.
        "deal_stage": lambda: (deal * max(len(stage.values), 1) + stage.codes).astype(np.float64),
    }
    low = told.first_day(np.arange(told.rows))
    columns = _joined(deals.columns.of(deal), parts)
    return RowTable("stage_exits", len(rows), columns, exited.days, low, inferred=told.inferred[rows])


def _usable(told: History, deals: Deals) -> npt.NDArray[np.bool_]:
    return np.append(deals.real, False)[told.deal] & (told.entered.days != BLANK_DAY)


def _joined(of_deals: Columns, own: dict[str, Part]) -> Columns:
    kept: dict[str, Part] = {name: _later(of_deals, name) for name in _OF_DEALS if name in of_deals}
    return Columns({**kept, **own})


def _later(columns: Columns, name: str) -> Part:
    return lambda: columns[name]
