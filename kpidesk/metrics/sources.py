"""Builds every row set of semantics 1.2 from the frames, as known on the as-of day."""

from collections.abc import Callable
from functools import cached_property

import numpy as np
import pandas as pd

from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics.deals import Deals, deals_as_of, with_quota_flag
from kpidesk.metrics.money import Rates
from kpidesk.metrics.stages import exits, reached
from kpidesk.metrics.table import (
    NEVER,
    DayValues,
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
    up_to,
)

_NOT_DONE = (
    "planned",
    "scheduled",
    "cancelled",
    "canceled",
    "open",
    "to do",
    "todo",
    "undone",
    "not started",
    "deferred",
)
_DEAL_SETS = ("created_deals", "closed_deals", "won_deals", "lost_deals", "open_deals", "deals")


class Sources:
    """The row sets of one workspace revision on one as-of day. `table` returns None for what was never imported."""

    def __init__(self, frames: Callable[[str], Frame | None], settings: Settings, as_of: int) -> None:
        self._frames = frames
        self._settings = settings
        self.as_of = as_of
        self._tables: dict[tuple[str, str], RowTable | None] = {}

    def frame(self, entity: str) -> Frame | None:
        """Return an entity's frame, None without rows."""
        frame = self._frames(entity)
        return frame if frame is not None and frame.rows else None

    @cached_property
    def rates(self) -> Rates:
        """The exchange rates."""
        return Rates(self._settings.currency, self.frame("fx"))

    @cached_property
    def deals(self) -> Deals | None:
        """The deals as known on the as-of day."""
        frame = self.frame("deals")
        return None if frame is None else deals_as_of(frame, self._settings, self.rates, self.as_of)

    @cached_property
    def quota_holders(self) -> list[tuple[str, int, int]]:
        """Who carries a quota from when to when."""
        frame = self.frame("targets")
        if frame is None:
            return []
        columns = columns_of(frame)
        owner = text(columns, "owner", frame.rows)
        start, end = (day_values(columns, name, frame.rows).days for name in ("start", "end"))
        named = np.flatnonzero(owner.codes != BLANK_CODE)
        spans = {(int(owner.codes[row]), int(start[row]), int(end[row])) for row in named}  # targets are few
        return [(owner.values[code], first, last) for code, first, last in sorted(spans)]

    def table(self, name: str, anchor: str) -> RowTable | None:
        """Return a row set anchored at one of its dates."""
        key = (name, anchor)
        if key not in self._tables:
            self._tables[key] = self._build(name, anchor)
        return self._tables[key]

    def _build(self, name: str, anchor: str) -> RowTable | None:
        if name in _DEAL_SETS:
            return self._deals(name, anchor)
        match name:
            case "refunds":
                return self._refunds()
            case "purchases":
                return self._purchases()
            case "created_leads":
                return self._leads()
            case "meetings" | "calls" | "proposals":
                return self._activities(name)
            case "costs" | "sales_marketing_costs":
                return self._costs(name)
            case "new_customers" | "churned_customers" | "active_customers":
                return self._customers(name)
            case "stage_reached" | "stage_exits":
                return self._stages(name)
        raise KeyError(name)

    def _deals(self, name: str, anchor: str) -> RowTable | None:
        deals = self.deals
        if deals is None:
            return None
        real = ~deals.adjustment
        match name:
            case "created_deals":
                table = deals.table(name, deals.exists & real, deals.created, deals.open)
            case "won_deals":
                table = deals.table(name, deals.won & real, deals.closed)
            case "lost_deals":
                table = deals.table(name, deals.lost, deals.closed)
            case "closed_deals":
                table = deals.table(name, (deals.won | deals.lost) & real, deals.closed)
            case "open_deals":
                table = deals.stock()
            case _:
                days = {"created": deals.created, "closed": deals.closed}.get(anchor)
                if days is None:
                    days = day_values(deals.columns, anchor, deals.rows).days
                table = deals.table(name, deals.exists & real, days)
        return with_quota_flag(table, self.quota_holders)

    def _refunds(self) -> RowTable | None:
        parts: list[RowTable] = []
        if self.deals is not None:
            parts.append(self.deals.table("refunds", self.deals.adjustment, self.deals.closed))
        sales = self._transactions(refunds=True)
        if sales is not None:
            parts.append(sales)
        if not parts:
            return None
        positive = [
            RowTable(
                "refunds",
                part.rows,
                {**part.columns, "amount": np.abs(numbers(part.columns, "amount", part.rows))},
                part.days,
                part.first_day,
            )
            for part in parts
        ]
        joined = positive[0] if len(positive) == 1 else _stack(*positive)
        return with_quota_flag(joined, self.quota_holders)

    def _transactions(self, *, refunds: bool) -> RowTable | None:
        frame = self.frame("transactions")
        if frame is None:
            return None
        columns = columns_of(frame)
        rows = frame.rows
        date = day_values(columns, "date", rows)
        amount = self.rates.convert(numbers(columns, "amount", rows), text(columns, "currency", rows), date.days)
        refund = is_one_of(text(columns, "kind", rows), "refund", "refunded", "credit note") | (amount < 0)
        mask = (date.days != BLANK_DAY) & (date.days <= self.as_of) & (refund if refunds else ~refund)
        columns["amount"] = amount
        return _chosen("purchases", columns, mask, date, first_known(date.days))

    def _purchases(self) -> RowTable | None:
        sales = self._transactions(refunds=False)
        if sales is not None and sales.rows:
            return sales
        won = self.table("won_deals", "closed")
        if won is None:
            return sales
        return RowTable("purchases", won.rows, {**won.columns, "customer_id": _customer(won)}, won.days, won.first_day)

    def _leads(self) -> RowTable | None:
        frame = self.frame("leads")
        if frame is None:
            return None
        columns = columns_of(frame)
        rows = frame.rows
        created = day_values(columns, "created", rows)
        if "first_response" in columns:
            response = up_to(day_values(columns, "first_response", rows), self.as_of)
            wait = elapsed(response, created)
            timed = (response.instants != np.iinfo(np.int64).min) & (created.instants != np.iinfo(np.int64).min)
            wait[~timed | (wait < 0)] = np.nan  # a date without a time of day says nothing about hours
            columns["first_response"], columns["response_time"] = response, wait
        mask = (created.days != BLANK_DAY) & (created.days <= self.as_of) & (flags(columns, "test", rows) != 1)
        return _chosen("created_leads", columns, mask, created, first_known(created.days))

    def _activities(self, name: str) -> RowTable | None:
        frame = self.frame("activities")
        if frame is None:
            return None
        columns = columns_of(frame)
        rows = frame.rows
        date = day_values(columns, "date", rows)
        kind, status = text(columns, "type", rows), text(columns, "status", rows)
        match name:
            case "meetings":
                mask = is_one_of(kind, "meeting", "meetings") & ~is_one_of(status, "cancelled", "canceled")
            case "calls":
                mask = is_one_of(kind, "call", "calls", "phone call") & ~is_one_of(status, *_NOT_DONE)
                mask &= ~is_one_of(text(columns, "direction", rows), "inbound", "incoming")
            case _:
                mask = is_one_of(kind, "proposal", "proposals", "quote") & ~is_one_of(status, "draft", *_NOT_DONE)
        mask &= (date.days != BLANK_DAY) & (date.days <= self.as_of)
        return _chosen(name, columns, mask, date, first_known(date.days))

    def _costs(self, name: str) -> RowTable | None:
        frame = self.frame("costs")
        if frame is None:
            return None
        columns = columns_of(frame)
        date = day_values(columns, "date", frame.rows)
        currency = text(columns, "currency", frame.rows)
        columns["amount"] = self.rates.convert(numbers(columns, "amount", frame.rows), currency, date.days)
        mask = (date.days != BLANK_DAY) & (date.days <= self.as_of)
        if name == "sales_marketing_costs":
            mask &= is_one_of(text(columns, "category", frame.rows), "sales", "marketing")
        return _chosen(name, columns, mask, date, first_known(date.days))

    def _customers(self, name: str) -> RowTable | None:
        frame = self.frame("customers")
        if frame is not None:
            columns, rows = columns_of(frame), frame.rows
        else:
            won = self.table("won_deals", "closed")
            if won is None or name == "churned_customers":
                return None
            who = _customer(won)
            columns, rows = _first_of_each(won, who)
        acquired = up_to(day_values(columns, "acquired", rows), self.as_of)
        churned = up_to(day_values(columns, "churned", rows), self.as_of)
        first = first_known(acquired.days, churned.days)
        match name:
            case "new_customers":
                return _chosen(name, columns, acquired.days != BLANK_DAY, acquired, first)
            case "churned_customers":
                return (
                    _chosen(name, columns, churned.days != BLANK_DAY, churned, first) if "churned" in columns else None
                )
        kept = np.flatnonzero(acquired.days != BLANK_DAY)
        left = np.where(churned.days == BLANK_DAY, NEVER, churned.days)[kept].astype(np.int32)
        chosen = {key: take(values, kept) for key, values in columns.items()}
        opened = acquired.days[kept]
        return RowTable(name, len(kept), chosen, opened, first, stock=True, opened=opened, closed=left)

    def _stages(self, name: str) -> RowTable | None:
        frame = self.frame("stage_history")
        if frame is None or self.deals is None:
            return None
        ids = text(columns_of(frame), "deal_id", frame.rows)
        known = text(self.deals.columns, "deal_id", self.deals.rows)
        rows = _rows_by_id(known, ids)
        build = reached if name == "stage_reached" else exits
        return build(frame, self.deals, rows, self._settings.stages, self.as_of)


def _rows_by_id(known: TextValues, wanted: TextValues) -> np.ndarray:
    """Return for each row of `wanted` the row of `known` with the same text, -1 without one."""
    row_of = np.full(len(known.values) + 1, -1, dtype=np.int64)
    filled = known.codes != BLANK_CODE
    row_of[known.codes[filled]] = np.flatnonzero(filled)
    if not known.values or not wanted.values:
        return np.full(len(wanted.codes), -1, dtype=np.int64)
    match = pd.Index(known.values).get_indexer(pd.Index(wanted.values))
    return row_of[np.concatenate((match, [-1]))[wanted.codes]]


def _customer(won: RowTable) -> TextValues:
    """Who bought: the customer id, else the account's name."""
    for name in ("customer_id", "account"):
        found = won.columns.get(name)
        if isinstance(found, TextValues) and (found.codes != BLANK_CODE).any():
            return found
    return text(won.columns, "customer_id", won.rows)


def _first_of_each(won: RowTable, who: TextValues) -> tuple[dict[str, Values], int]:
    """Derive customers from won deals: each is acquired with its first one, and has that deal's source and segment."""
    order = np.argsort(won.days, kind="stable")
    order = order[who.codes[order] != BLANK_CODE]
    _, first = np.unique(who.codes[order], return_index=True)
    rows = order[first]
    columns: dict[str, Values] = {"customer_id": take(who, rows)}
    columns["acquired"] = take(day_values(won.columns, "closed", won.rows), rows)
    for name in ("source", "segment", "industry"):
        if name in won.columns:
            columns[name] = take(won.columns[name], rows)
    return columns, len(rows)


def _chosen(name: str, columns: dict[str, Values], mask: np.ndarray, anchor: DayValues, first: int | None) -> RowTable:
    rows = np.flatnonzero(mask)
    return RowTable(
        name, len(rows), {key: take(values, rows) for key, values in columns.items()}, anchor.days[rows], first
    )


def _stack(one: RowTable, other: RowTable) -> RowTable:
    """Put the rows of two tables under each other; a column that one of them lacks is blank there."""
    columns: dict[str, Values] = {}
    for name in {**one.columns, **other.columns}:
        kinds = [table.columns[name] for table in (one, other) if name in table.columns]
        if isinstance(kinds[0], TextValues):
            first, second = text(one.columns, name, one.rows), text(other.columns, name, other.rows)
            values = tuple(dict.fromkeys((*first.values, *second.values)))
            place = {value: code for code, value in enumerate(values)}
            recode = np.array([place[value] for value in second.values] + [BLANK_CODE], dtype=np.int32)
            columns[name] = TextValues(np.concatenate((first.codes, recode[second.codes])), values)
        elif isinstance(kinds[0], np.ndarray):
            columns[name] = np.concatenate([numbers(table.columns, name, table.rows) for table in (one, other)])
        elif isinstance(kinds[0], DayValues):
            pair = [day_values(table.columns, name, table.rows) for table in (one, other)]
            columns[name] = DayValues(
                np.concatenate([v.days for v in pair]), np.concatenate([v.instants for v in pair])
            )
    days = np.concatenate((one.days, other.days))
    firsts = [table.first_day for table in (one, other) if table.first_day is not None]
    return RowTable(one.name, one.rows + other.rows, columns, days, min(firsts, default=None))
