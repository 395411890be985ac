"""Deals as known on the as-of day: what is won, lost and open then, and with which amount (semantics G1, G4, G6 to G9)."""

from dataclasses import dataclass

import numpy as np

from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_DAY, Frame
from kpidesk.metrics.money import Rates
from kpidesk.metrics.table import (
    NEVER,
    Days,
    FlagValues,
    Mask,
    RowTable,
    TextValues,
    Values,
    columns_of,
    day_values,
    elapsed,
    first_known,
    flags,
    is_one_of,
    numbers,
    take,
    text,
)


@dataclass(frozen=True, slots=True)
class Deals:
    """All deals with masks of what they are. `adjustment` are won deals of a negative amount: never a deal, only less revenue."""

    rows: int
    columns: dict[str, Values]
    created: Days
    closed: Days
    exists: Mask
    won: Mask
    lost: Mask
    open: Mask
    adjustment: Mask
    first_day: int | None

    def table(self, name: str, mask: Mask, days: Days, pending: Mask | None = None) -> RowTable:
        """Return the rows of `mask` anchored at `days`; rows without that date belong to no period."""
        rows = np.flatnonzero(mask & (days != BLANK_DAY))
        columns = {key: take(values, rows) for key, values in self.columns.items()}
        return RowTable(
            name, len(rows), columns, days[rows], self.first_day, pending=None if pending is None else pending[rows]
        )

    def stock(self) -> RowTable:
        """Return the deals that stand open from their creation until their close."""
        rows = np.flatnonzero(
            self.exists & ~self.adjustment & (self.open | ((self.won | self.lost) & (self.created != BLANK_DAY)))
        )
        closed = np.where(self.open, NEVER, self.closed)[rows].astype(np.int32)
        columns = {key: take(values, rows) for key, values in self.columns.items()}
        created = self.created[rows]
        return RowTable(
            "open_deals", len(rows), columns, created, self.first_day, stock=True, opened=created, closed=closed
        )


def deals_as_of(frame: Frame, settings: Settings, rates: Rates, as_of: int) -> Deals:
    """Return the deals as known at the end of day `as_of` (days since 1970-01-01)."""
    rows = frame.rows
    columns = columns_of(frame)
    status = text(columns, "status", rows)
    created, closed_at = day_values(columns, "created", rows), day_values(columns, "closed", rows)
    closed = closed_at.days
    decided = (closed != BLANK_DAY) & (closed <= as_of)
    is_won, is_lost = is_one_of(status, "won"), is_one_of(status, "lost")
    invalid = is_lost & is_one_of(text(columns, "lost_reason", rows), *settings.excluded_lost_reasons)
    exists = (flags(columns, "test", rows) != 1) & ~invalid & ((created.days == BLANK_DAY) | (created.days <= as_of))
    won, lost = exists & is_won & decided, exists & is_lost & decided
    # Decided later than the as-of day: still open on it. Decided without a date: nobody knows when, so in no period.
    later = (is_won | is_lost) & (closed != BLANK_DAY) & (closed > as_of)
    is_open = exists & (~(is_won | is_lost) | later)
    currency = text(columns, "currency", rows)
    rate_day = np.where(won | lost, closed, as_of).astype(np.int32)
    amount = rates.convert(numbers(columns, "amount", rows), currency, rate_day)
    cost = rates.convert(numbers(columns, "cost", rows), currency, rate_day)
    if "amount" in columns:
        columns["amount"] = amount
    if "cost" in columns:
        columns["cost"] = cost
        columns["profit"] = amount - cost
    cycle = elapsed(closed_at, created)
    cycle[(cycle < 0) | (closed < created.days)] = np.nan
    if "created" in columns and "closed" in columns:
        columns["cycle_days"] = cycle
    columns["status"] = _status_as_of(won, lost, rows)
    columns["deal_row"] = np.arange(rows, dtype=np.float64)
    adjustment = won & (amount < 0)
    known_closed = np.where(won | lost, closed, BLANK_DAY).astype(np.int32)
    first = first_known(np.where(exists, created.days, BLANK_DAY).astype(np.int32), known_closed)
    return Deals(rows, columns, created.days, known_closed, exists, won, lost, is_open, adjustment, first)


def _status_as_of(won: Mask, lost: Mask, rows: int) -> TextValues:
    codes = np.zeros(rows, dtype=np.int32)
    codes[won] = 1
    codes[lost] = 2
    return TextValues(codes, ("open", "won", "lost"))


def with_quota_flag(table: RowTable, holders: list[tuple[str, int, int]]) -> RowTable:
    """Add `owner_has_quota`: whether the row's owner carries a quota on the row's day. `holders` are (owner, first, last day)."""
    owner = text(table.columns, "owner", table.rows)
    has = np.zeros(table.rows, dtype=np.int8)
    codes = {name.strip().casefold(): code for code, name in enumerate(owner.values)}
    for name, first, last in holders:
        code = codes.get(name.strip().casefold())
        if code is not None:
            has[(owner.codes == code) & (table.days >= first) & (table.days <= last)] = 1
    return RowTable(
        table.name,
        table.rows,
        {**table.columns, "owner_has_quota": FlagValues(has)},
        table.days,
        table.first_day,
        table.stock,
        table.opened,
        table.closed,
        table.pending,
    )
