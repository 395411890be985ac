"""The open pipeline of every day as it was known then: the stock that formulas read, and its movement between two days."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpidesk.domain.explanation import LeftOut
from kpidesk.domain.movement import Amount, Movement, Step
from kpidesk.domain.query import Filter
from kpidesk.frame import BLANK_CODE, BLANK_DAY
from kpidesk.metrics.deals import Deals
from kpidesk.metrics.money import Rates
from kpidesk.metrics.observed import LOST, WON, Observed
from kpidesk.metrics.sieve import Codes, Origin, code
from kpidesk.metrics.table import (
    TOLD,
    Days,
    Floats,
    Mask,
    Part,
    RowNumbers,
    RowTable,
    TextValues,
    folded,
    numbers,
    text,
)
from kpidesk.metrics.timeline import Segments, segments, taken

_Hundredths = npt.NDArray[np.int64]
_STEPS = tuple(Step)
_MOST = 1e15  # no more than this is an amount, and hundredths of it are whole numbers
_CODE = {step: code for code, step in enumerate(_STEPS)}


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stretches in which real deals stood open, each with the amount known then in the workspace's currency, NaN for unknown.

    `closing` is the amount with which a deal left, on the last stretch of a run; NaN elsewhere.
    """

    deals: Deals
    seen: Observed
    stretches: Segments
    amount: Floats
    closing: Floats

    def stock(self) -> RowTable:
        """Return the row set of open deals: a row per stretch, of which a deal has one at most on any day."""
        rows = self.stretches
        columns = self.deals.columns.of(rows.deal)
        own: dict[str, Part] = {}
        if "amount" in self.deals.columns:
            own["amount"] = self.amount
            own[TOLD + "amount"] = self.seen.amount[rows.row]
        if "profit" in self.deals.columns:
            own["profit"] = lambda: self.amount - numbers(columns, "cost", len(self.amount))
        if "stage" in self.deals.columns:
            own["stage"] = self.stage
        return RowTable(
            "open_deals",
            len(self.amount),
            columns.with_(own),
            rows.start,
            self.deals.first_day,
            stock=True,
            opened=rows.start,
            closed=rows.end,
            late=rows.late,
            origins=(Origin("deals", self.deals.rows, lambda: rows.deal, self._why),),
        )

    def _why(self) -> Codes:
        """Return why deals have no stretch."""
        codes = self.deals.stand.why()
        codes[codes == 0] = code(LeftOut.NO_DATE)
        codes[self.stretches.deal] = 0
        return codes

    @property
    def stage(self) -> TextValues:
        """The stage of each stretch."""
        return TextValues(self.seen.stage.codes[self.stretches.row], self.seen.stage.values)

    def dimension(self, name: str) -> TextValues:
        """Return a text of each stretch: the stage as it was then, all else as it is now."""
        if name == "stage":
            return self.stage
        column = text(self.deals.columns, name, self.deals.rows)
        return TextValues(column.codes[self.stretches.deal], column.values)


def pipeline(seen: Observed, deals: Deals, rates: Rates) -> Pipeline:
    """Return the pipeline of deals as known on their as-of day; foreign amounts at the rate at which the deal counts then (G9)."""
    rows = segments(seen)
    rows = taken(rows, np.flatnonzero(deals.real.mask[rows.deal]))
    day = np.where(deals.closed == BLANK_DAY, np.int32(deals.as_of), deals.closed)[rows.deal]

    def amounts(at: RowNumbers) -> Floats:
        return rates.convert(seen.amount[at], TextValues(seen.currency.codes[at], seen.currency.values), day)

    closing = np.where(rows.ended >= 0, amounts(np.maximum(rows.ended, 0)), np.nan)
    return Pipeline(deals, seen, rows, amounts(rows.row), closing)


@dataclass(frozen=True, slots=True)
class _Events:
    """What moved the pipeline: the stretch in whose slice it counts, its day, step, deals and hundredths, signed."""

    stretch: RowNumbers
    day: Days
    step: npt.NDArray[np.int64]
    deals: npt.NDArray[np.int64]
    amount: _Hundredths

    def of(self, mask: Mask) -> "_Events":
        return _Events(*(getattr(self, name)[mask] for name in ("stretch", "day", "step", "deals", "amount")))


def movements(of: Pipeline, first: int, last: int, by: str | None) -> tuple[Movement, ...]:
    """Return the movement from the end of day `first` to the end of day `last`, no later than the as-of day: total, then slices."""
    last = min(last, of.deals.as_of)
    hundredths = _hundredths(of.amount)
    codes, values = _slices(of, by)
    events = _events(of, hundredths, _hundredths(of.closing))
    events = events.of((events.day > first) & (events.day <= last))
    found = [_movement(of, hundredths, events, (first, last), None)]
    for number, value in enumerate(values):
        inside = codes == number
        if inside.any():
            which = _Slice(Filter(by or "", value), inside)
            found.append(_movement(of, hundredths, events, (first, last), which))
    head, *rest = found
    return head, *sorted(rest, key=lambda one: (-one.end.hundredths, -one.start.hundredths, str(one.slice)))


@dataclass(frozen=True, slots=True)
class _Slice:
    which: Filter
    inside: Mask


def _movement(
    of: Pipeline, hundredths: _Hundredths, events: _Events, days: tuple[int, int], part: _Slice | None
) -> Movement:
    rows = of.stretches
    inside = np.ones(len(hundredths), dtype=np.bool_) if part is None else part.inside
    events = events.of(inside[events.stretch])
    stands = [inside & (rows.start <= day) & (rows.end > day) for day in days]
    start, end = (Amount(int(np.count_nonzero(mask)), int(hundredths[mask].sum())) for mask in stands)
    steps, changed = {}, {}
    for step, number in _CODE.items():
        mask = events.step == number
        steps[step] = Amount(int(events.deals[mask].sum()), int(events.amount[mask].sum()))
        changed[step] = int(np.count_nonzero(mask))
    unpriced = int(np.count_nonzero(np.isnan(of.amount[stands[1]])))
    first, last = (np.datetime64(day, "D").astype(object) for day in days)
    which = None if part is None else (part.which.dimension, part.which.value)
    return Movement(first, last, which, start, steps, changed, end, unpriced, bool(rows.late[stands[0]].any()))


def _hundredths(amounts: Floats) -> _Hundredths:
    return np.rint(np.clip(np.nan_to_num(amounts), -_MOST, _MOST) * 100).astype(np.int64)


def _slices(of: Pipeline, by: str | None) -> tuple[RowNumbers, tuple[str | None, ...]]:
    """Return the slice of every stretch and the values of the slices, the last for none."""
    if by is None:
        return np.zeros(len(of.amount), dtype=np.int64), ()
    column = of.dimension(by)
    places: dict[str, tuple[int, str]] = {}
    for value in column.values:
        places.setdefault(folded(value), (len(places), value))
    recode = np.array([*(places[folded(value)][0] for value in column.values), len(places)], dtype=np.int64)
    return np.where(column.codes == BLANK_CODE, len(places), recode[column.codes]), (
        *(value for _, value in places.values()),
        None,
    )


def _events(of: Pipeline, amount: _Hundredths, closing: _Hundredths) -> _Events:
    rows = of.stretches
    opens, inner = np.flatnonzero(rows.opens), np.flatnonzero(~rows.opens)
    outs = np.flatnonzero(rows.closes & (rows.ended >= 0))
    status = of.seen.status[rows.ended[outs]]
    left = np.select([status == WON, status == LOST], [_CODE[Step.WON], _CODE[Step.LOST]], _CODE[Step.VANISHED])
    entered = np.where(rows.anew[opens], _CODE[Step.REOPENED], _CODE[Step.CREATED])
    moved = inner[of.stage.codes[inner] != of.stage.codes[inner - 1]]
    grown, last = amount[inner] - amount[inner - 1], closing[outs] - amount[outs]
    parts = (
        (opens, rows.start[opens], entered, 1, amount[opens]),
        (moved - 1, rows.start[moved], _CODE[Step.MOVED_OUT], -1, -amount[moved - 1]),
        (moved, rows.start[moved], _CODE[Step.MOVED_IN], 1, amount[moved - 1]),
        (inner, rows.start[inner], _direction(grown), 0, grown),
        (outs, rows.end[outs], _direction(last), 0, last),
        (outs, rows.end[outs], left, -1, -closing[outs]),
    )
    made = _Events(
        np.concatenate([stretch for stretch, *_ in parts]),
        np.concatenate([day for _, day, *_ in parts]),
        np.concatenate([np.broadcast_to(step, len(stretch)) for stretch, _, step, *_ in parts]),
        np.concatenate([np.full(len(stretch), deals) for stretch, _, _, deals, _ in parts]),
        np.concatenate([worth for *_, worth in parts]),
    )
    return made.of((made.deals != 0) | (made.amount != 0))


def _direction(change: _Hundredths) -> npt.NDArray[np.int64]:
    return np.where(change > 0, _CODE[Step.INCREASED], _CODE[Step.DECREASED])
