"""Deals as known on the as-of day: what is won, lost and open then, and with which amount (semantics G1, G4, G6 to G9)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from kpidesk.domain.explanation import LeftOut
from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics.money import Rates
from kpidesk.metrics.sieve import Sieve, origin_of
from kpidesk.metrics.table import (
    NEVER,
    TOLD,
    Columns,
    Days,
    DayValues,
    FlagValues,
    Floats,
    Mask,
    Part,
    RowTable,
    TextValues,
    chosen,
    columns_of,
    dated,
    day_values,
    elapsed,
    first_known,
    flags,
    folded,
    in_time,
    is_one_of,
    kept,
    numbers,
    text,
    with_date,
)

OPEN, WON, LOST = 0, 1, 2
STATUSES = ("open", "won", "lost")
QuotaSpan = tuple[str, int, int]  # an owner, and the first and last day of a quota


@dataclass(frozen=True, slots=True)
class Recorded:
    """All deals as the newest imports tell them, whatever the as-of day.

    `valid` leaves out test records and lost deals that never were deals (duplicates). `adjustment` are valid won deals of a negative
    amount. `gone` is the day from which a deal is deleted in the CRM, if any was. `first_day` is the first day that any of
    them tells of: where the data begins does not depend on the day one looks at it from.
    """

    rows: int
    columns: Columns
    created: DayValues
    closed: DayValues
    won: Mask
    lost: Mask
    valid: Sieve
    adjustment: Mask
    first_day: int | None
    gone: Days | None = None


def recorded(frame: Frame, settings: Settings) -> Recorded:
    """Read a frame of deals."""
    columns, rows = columns_of(frame), frame.rows
    status = text(columns, "status", rows)
    won, lost = is_one_of(status, "won"), is_one_of(status, "lost")
    invalid = lost & is_one_of(text(columns, "lost_reason", rows), *settings.excluded_lost_reasons)
    valid = Sieve(frame.entity, rows).also(LeftOut.TEST, flags(columns, "test", rows) != 1)
    valid = valid.also(LeftOut.LOST_REASON, ~invalid)
    adjustment = valid.mask & won & (numbers(columns, "amount", rows) < 0)
    created, closed = day_values(columns, "created", rows), day_values(columns, "closed", rows)
    first = first_known(created.days[valid.mask], closed.days[valid.mask & (won | lost)])
    return Recorded(rows, columns, created, closed, won, lost, valid, adjustment, first)


@dataclass(frozen=True, slots=True)
class Deals:
    """All deals with what they are on the as-of day.

    `real` are deals; `adjustments` those of a negative amount, which only lower revenue. `stand` are those that are in the pipeline
    on some day, `open` those that are in it on the as-of day. `closed` is blank while not decided.
    """

    rows: int
    columns: Columns
    as_of: int
    created: Days
    closed: Days
    real: Sieve
    decided: Sieve
    won: Sieve
    lost: Sieve
    stand: Sieve
    adjustments: Sieve
    open: Mask
    first_day: int | None

    def table(self, name: str, sieve: Sieve) -> RowTable:
        """Return decided deals anchored at the day they closed."""
        return chosen(name, self.columns, sieve, self.closed, self.first_day)

    def cohort(self, name: str, sieve: Sieve, days: Days) -> RowTable:
        """Return deals anchored at `days`, with those still open pending; deals without that date belong to no period."""
        table = chosen(name, self.columns, sieve.also(LeftOut.NO_DATE, days != BLANK_DAY), days, self.first_day)
        return replace(table, pending=self.open[table.origins[0].places()])

    def stock(self) -> RowTable:
        """Return the deals that stand open from their creation until their close."""
        rows = in_time(np.flatnonzero(self.stand.mask), self.created)
        closed = np.where(self.open, NEVER, self.closed)[rows]
        columns, created = self.columns.of(rows), self.created[rows]
        return RowTable(
            "open_deals",
            len(rows),
            columns,
            created,
            self.first_day,
            stock=True,
            opened=created,
            closed=closed,
            origins=(origin_of(self.stand, rows),),
        )


def deals_as_of(told: Recorded, rates: Rates, as_of: int) -> Deals:
    """Return the deals as known at the end of day `as_of` (days since 1970-01-01)."""
    blank = told.created.days == BLANK_DAY
    exists = told.valid.also(LeftOut.NOT_YET, blank | (told.created.days <= as_of))
    real = exists.also(LeftOut.ADJUSTMENT, ~told.adjustment)
    over = told.won | told.lost
    past = told.closed.days <= as_of
    known = dated(told.closed.days, as_of)
    won, lost = exists.mask & told.won & known, exists.mask & told.lost & known
    # Decided later than the as-of day: still open on it. Decided without a date: nobody knows when, so in no period.
    undecided = ~over | ~past
    if told.gone is not None:
        undecided &= told.gone > as_of
    closed = kept(told.closed, won | lost)
    rate_day = np.where(won | lost, told.closed.days, np.int32(as_of))
    columns = told.columns.with_(_as_of_columns(told, rates, rate_day, closed, (won, lost, exists.mask & undecided)))
    ended = real.also(LeftOut.OPEN, over)
    return Deals(
        told.rows,
        columns,
        as_of,
        told.created.days,
        closed.days,
        real,
        with_date(ended, told.closed.days, as_of),
        with_date(ended.also(LeftOut.LOST, told.won), told.closed.days, as_of),
        with_date(ended.also(LeftOut.WON, told.lost), told.closed.days, as_of),
        real.also(LeftOut.NO_DATE, undecided | (known & ~blank)),
        with_date(exists.also(LeftOut.NOT_REFUND, told.adjustment), told.closed.days, as_of),
        undecided & real.mask,
        told.first_day,
    )


def _as_of_columns(
    told: Recorded, rates: Rates, rate_day: Days, closed: DayValues, outcome: tuple[Mask, Mask, Mask]
) -> dict[str, Part]:
    """Return the columns that depend on the as-of day. Only what an import has filled, and what follows from it, is there."""
    won, lost, is_open = outcome
    currency = text(told.columns, "currency", told.rows)
    parts: dict[str, Part] = {"status": partial(_status, won, lost, is_open)}
    money: dict[str, Part] = {
        name: partial(rates.convert, numbers(told.columns, name, told.rows), currency, rate_day)
        for name in ("amount", "cost")
        if name in told.columns
    }
    parts.update(money)
    parts.update({TOLD + name: numbers(told.columns, name, told.rows) for name in money})
    if len(money) == 2:
        shared = Columns(money)
        parts.update({"amount": partial(shared.__getitem__, "amount"), "cost": partial(shared.__getitem__, "cost")})
        parts["profit"] = lambda: numbers(shared, "amount", told.rows) - numbers(shared, "cost", told.rows)
    if "closed" in told.columns:
        parts["closed"] = closed
        parts["expected_close"] = partial(_expected, told, is_open)
    if "closed" in told.columns and "created" in told.columns:
        parts["cycle_days"] = partial(_cycle, closed, told.created)
    return parts


def _status(won: Mask, lost: Mask, is_open: Mask) -> TextValues:
    codes = np.full(len(won), BLANK_CODE, dtype=np.int32)
    for code, mask in ((OPEN, is_open), (WON, won), (LOST, lost)):
        codes[mask] = code
    return TextValues(codes, STATUSES)


def _expected(told: Recorded, is_open: Mask) -> DayValues:
    """Return the expected close dates; the close date of an open deal is one, whatever its column is called (G6)."""
    own = day_values(told.columns, "expected_close", told.rows)
    gap = is_open & (own.days == BLANK_DAY)
    return DayValues(
        np.where(gap, told.closed.days, own.days),
        np.where(gap, told.closed.instants, own.instants),
    )


def _cycle(closed: DayValues, created: DayValues) -> Floats:
    cycle = elapsed(closed, created)
    cycle[(cycle < 0) | (closed.days < created.days)] = np.nan
    return cycle


def with_quota_flag(table: RowTable, holders: Sequence[QuotaSpan], as_of: int) -> RowTable:
    """Add `owner_has_quota`: whether the owner carries a quota on the row's day, of a stock on the as-of day."""
    days = np.full(table.rows, as_of, dtype=np.int32) if table.stock else table.days
    columns = table.columns.with_({"owner_has_quota": partial(_has_quota, table, days, holders)})
    return replace(table, columns=columns)


def _has_quota(table: RowTable, days: Days, holders: Sequence[QuotaSpan]) -> FlagValues:
    owner = text(table.columns, "owner", table.rows)
    names = {name: place for place, name in enumerate(dict.fromkeys(folded(span[0]) for span in holders))}
    ordered = sorted((names[folded(name)], first, last) for name, first, last in holders)
    spans: list[tuple[int, int, int]] = []
    for place, first, last in ordered:  # spans of one owner that touch become one
        if spans and spans[-1][0] == place and first <= spans[-1][2] + 1:
            spans[-1] = (place, spans[-1][1], max(last, spans[-1][2]))
        else:
            spans.append((place, first, last))
    if not spans:
        return FlagValues(np.zeros(table.rows, dtype=np.int8))
    span = np.int64(1) << 33
    holder = np.array([names.get(folded(value), -1) for value in owner.values] + [-1], dtype=np.int64)[owner.codes]
    starts = np.array([place * span + first for place, first, _ in spans])
    ends = np.array([place * span + last for place, _, last in spans])
    key = holder * span + days
    at = np.searchsorted(starts, key, side="right") - 1
    return FlagValues(((holder >= 0) & (at >= 0) & (key <= ends[np.maximum(at, 0)])).astype(np.int8))
