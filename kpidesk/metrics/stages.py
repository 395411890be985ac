"""Stage history: how far deals came, and how long they stayed (semantics section 2, Middle)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from kpidesk.domain.explanation import LeftOut
from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, Frame
from kpidesk.metrics.deals import Deals
from kpidesk.metrics.sieve import Codes, Origin, Sieve, code, origin_of
from kpidesk.metrics.table import (
    NEVER,
    TOLD,
    Columns,
    DayValues,
    FlagValues,
    Mask,
    Part,
    RowNumbers,
    RowTable,
    TextValues,
    columns_of,
    dated,
    day_values,
    elapsed,
    filled_from,
    first_known,
    folded,
    in_time,
    is_one_of,
    kept,
    take_days,
    take_texts,
    text,
    up_to,
)

_OF_DEALS = ("deal_id", "owner", "source", "segment", "product", "region", "industry", "type", "pipeline", "amount")
_TOLD_OF_DEALS = (*_OF_DEALS, TOLD + "amount")
_Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class History:
    """The stays of deals in stages, whatever the as-of day. `deal` is the row of the deal, -1 when it was not imported.

    What snapshots tell is `inferred`: nothing is known before `first_snapshot`, a stay without `entered` began before it, and of
    the deals in `exact`, shape (deals,), a stage history tells instead.
    """

    entity: str
    rows: int
    deal: _Rows
    stage: TextValues
    entered: DayValues
    exited: DayValues
    inferred: bool = False
    first_snapshot: int = 0
    exact: Mask | None = None

    @property
    def first_day(self) -> int | None:
        """The day from which these stays tell all: snapshots show no deal that ended before the first."""
        days = self.entered.days
        if self.inferred:
            days = np.where(days == BLANK_DAY, days, np.maximum(days, np.int32(self.first_snapshot)))
        return first_known(days)

    def origin(self, deals: Deals, sieve: Sieve, stays: Callable[[], RowNumbers]) -> Origin:
        """Return where rows come from: `stays` are those that tell of them, the others fail the sieve or an earlier one counts.

        No row of a file tells of a stay that snapshots told, so their deals stand for them.
        """
        if not self.inferred:
            return Origin(self.entity, self.rows, stays, lambda: _first_only(sieve, stays()))

        def why() -> Codes:
            codes = deals.real.why()
            told = codes == 0
            codes[told] = code(LeftOut.NO_STAGE)
            if self.exact is not None:
                codes[told & self.exact] = code(LeftOut.EXACT_STAGES)
            failing = np.flatnonzero(~sieve.mask)
            codes[self.deal[failing]] = sieve.why()[failing]
            codes[self.deal[sieve.mask]] = code(LeftOut.NO_DATE)
            codes[self.deal[stays()]] = 0
            return codes

        return Origin("deals", deals.rows, lambda: self.deal[stays()], why)


def history(frame: Frame, deal: _Rows) -> History:
    """Read a frame of stage history."""
    columns, rows = columns_of(frame), frame.rows
    entered, exited = day_values(columns, "entered", rows), day_values(columns, "exited", rows)
    return History(frame.entity, rows, deal, text(columns, "stage", rows), entered, exited)


def _exits(told: History, decided: DayValues, as_of: int) -> DayValues:
    """Return when each stay ended as far as known on the as-of day: as told, else with the next stay, else with the decision."""
    exits = up_to(told.exited, as_of)
    begun = np.flatnonzero((told.deal >= 0) & dated(told.entered.days, as_of))
    # By the day and then by the clock, so that a bare date comes before the times of its day.
    order = begun[np.lexsort((told.entered.instants[begun], told.entered.days[begun], told.deal[begun]))]
    same = told.deal[order][1:] == told.deal[order][:-1]
    following = np.full(told.rows, -1, dtype=np.intp)
    following[order[:-1][same]] = order[1:][same]
    decided = kept(take_days(decided, told.deal), following < 0)
    return filled_from(filled_from(exits, take_days(told.entered, following)), decided)


def reached(told: History, deals: Deals, stages: tuple[str, ...], as_of: int) -> RowTable | None:
    """Return one row per deal and stage that it was in or passed, dated by the first time (won passes all).

    None without an order of stages.
    """
    if not stages:
        return None
    places = {folded(stage): place for place, stage in enumerate(stages)}
    place = np.array([places.get(folded(value), -1) for value in told.stage.values] + [-1], dtype=np.int64)
    at = place[told.stage.codes]
    sieve = _usable(told, deals).also(LeftOut.NO_STAGE, at >= 0).also(LeftOut.NOT_YET, told.entered.days <= as_of)
    usable = np.flatnonzero(sieve.mask)
    earliest = np.full(deals.rows * len(stages), NEVER, dtype=np.int32)
    np.minimum.at(earliest, told.deal[usable] * len(stages) + at[usable], told.entered.days[usable])
    first = earliest.reshape(deals.rows, len(stages))
    been = first < NEVER
    tracked = been.any(axis=1)
    farthest = np.where(tracked, len(stages) - 1 - np.argmax(been[:, ::-1], axis=1), -1)
    # A stage is passed when a later one is reached, or the deal is won: dated by whichever came first.
    passed = np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1]
    won = deals.won.mask
    passed = np.minimum(passed, np.where(won & tracked, deals.closed, NEVER)[:, None])
    if told.inferred:
        passed[np.arange(len(stages)) <= _undated(told, deals, at)[:, None]] = NEVER
    cells = np.flatnonzero(passed.reshape(-1) < NEVER)
    deal, stage = np.divmod(cells, len(stages))
    advanced = won[deal] | (farthest[deal] > stage)
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
    at_stage = np.where(sieve.mask, at, -1)
    origin = told.origin(deals, sieve, partial(_stays, told, at_stage, been, farthest, cells))
    return RowTable(
        "stage_reached",
        len(cells),
        _joined(columns, parts),
        days,
        told.first_day,
        pending=here,
        inferred=np.ones(len(cells), dtype=np.bool_) if told.inferred else None,
        origins=(origin,),
    )


def _undated(told: History, deals: Deals, at: _Rows) -> _Rows:
    """Return for each deal the farthest stage that it was in before the first snapshot, so that its arrival has no date; else -1."""
    rows = np.flatnonzero((told.entered.days == BLANK_DAY) & (at >= 0))
    floor = np.full(deals.rows, -1, dtype=np.int64)
    np.maximum.at(floor, told.deal[rows], at[rows])
    return floor


def _stays(told: History, at: _Rows, been: Mask, farthest: _Rows, cells: _Rows) -> RowNumbers:
    """Return the stay that tells of each deal and stage: the first in that stage, else in the next it was in, else in its last.

    `at` is the stage of every stay, -1 for those not used; `been` of shape (deals, stages) the stages each deal was in.
    """
    stages = been.shape[1]
    used = np.flatnonzero(at >= 0)
    late = used[np.argsort(told.entered.days[used], kind="stable")[::-1]]
    stay = np.full(been.size, -1, dtype=np.int64)
    stay[told.deal[late] * stages + at[late]] = late  # of several the earliest is written last
    number = np.where(been, np.arange(stages), stages)
    following = np.minimum.accumulate(number[:, ::-1], axis=1)[:, ::-1].reshape(-1)[cells]
    deal = cells // stages
    return stay[deal * stages + np.where(following < stages, following, farthest[deal])]


def _first_only(sieve: Sieve, stays: RowNumbers) -> Codes:
    """Return why stays are not among those that tell of a stage: what the sieve says, or an earlier one does."""
    codes = sieve.why()
    again = codes == 0
    again[stays] = False
    codes[again] = code(LeftOut.REPEAT)
    return codes


def exits(told: History, deals: Deals, stages: tuple[str, ...], as_of: int) -> RowTable:
    """Return the stays that ended. A stay outside the open `stages` that began with the decision is the decision itself.

    It is what CRMs write down as a move to "Closed won"; as a stay of no days it would make every average shorter.
    """
    decided = day_values(deals.columns, "closed", deals.rows)
    ends = _exits(told, decided, as_of)
    lasted = elapsed(ends, told.entered)
    closed = take_days(decided, told.deal).days
    began_before = (closed == BLANK_DAY) | (told.entered.days < closed)
    stood = (told.stage.codes != BLANK_CODE) & (began_before | is_one_of(told.stage, *stages) if stages else True)
    sieve = _usable(told, deals).also(LeftOut.NO_STAGE, stood)
    sieve = sieve.also(LeftOut.STILL_THERE, ends.days != BLANK_DAY)
    # A stay that ended before it began is an error of the data and has no length.
    sieve = sieve.also(LeftOut.ENDS_FIRST, (lasted >= 0) & (ends.days >= told.entered.days))
    # Within a day in the order of stages, by which these rows are split most often.
    rows = np.flatnonzero(sieve.mask)
    rows = in_time(in_time(rows, told.stage.codes), ends.days)
    deal, stage = told.deal[rows], take_texts(told.stage, rows)
    parts: dict[str, Part] = {
        "stage": stage,
        "entered": take_days(told.entered, rows),
        "exited": take_days(ends, rows),
        "days": lasted[rows],
        # One number per deal and stage: repeat visits are one stay in all.
        "deal_stage": lambda: (deal * max(len(stage.values), 1) + _spelled_alike(stage)).astype(np.float64),
    }
    origin = told.origin(deals, sieve, lambda: rows) if told.inferred else origin_of(sieve, rows)
    return RowTable(
        "stage_exits",
        len(rows),
        _joined(deals.columns.of(deal), parts),
        ends.days[rows],
        told.first_day,
        inferred=np.ones(len(rows), dtype=np.bool_) if told.inferred else None,
        origins=(origin,),
    )


def _spelled_alike(stage: TextValues) -> npt.NDArray[np.int32]:
    """Return the codes of stages, the same for spellings of one name."""
    first: dict[str, int] = {}
    alike = [first.setdefault(folded(value), code) for code, value in enumerate(stage.values)]
    return np.array([*alike, BLANK_CODE], dtype=np.int32)[stage.codes]


def _usable(told: History, deals: Deals) -> Sieve:
    """Let the stays pass that have a date and a deal that counts."""

    def why() -> Codes:
        return np.append(deals.real.why(), code(LeftOut.NO_DEAL))[told.deal]

    sieve = Sieve(told.entity, told.rows).also(why, np.append(deals.real.mask, False)[told.deal])
    return sieve.also(LeftOut.NO_DATE, told.entered.days != BLANK_DAY)


def _joined(of_deals: Columns, own: dict[str, Part]) -> Columns:
    kept: dict[str, Part] = {name: _later(of_deals, name) for name in _TOLD_OF_DEALS if name in of_deals}
    return Columns({**kept, **own})


def _later(columns: Columns, name: str) -> Part:
    return lambda: columns[name]
