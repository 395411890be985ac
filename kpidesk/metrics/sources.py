"""Builds every row set of semantics 1.2 from the frames, as known on the as-of day."""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property, reduce

import numpy as np

from kpidesk.domain.explanation import LeftOut
from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_CODE, Frame
from kpidesk.metrics import buyers
from kpidesk.metrics.deals import Deals, QuotaSpan, Recorded, deals_as_of, recorded, with_quota_flag
from kpidesk.metrics.events import activity_table, cost_table, lead_table
from kpidesk.metrics.links import Links
from kpidesk.metrics.money import Rates
from kpidesk.metrics.observed import Observed, gone_since
from kpidesk.metrics.pipeline import Pipeline, pipeline
from kpidesk.metrics.stages import History, exits, history, reached
from kpidesk.metrics.stays import inferred
from kpidesk.metrics.table import RowTable, columns_of, day_values, text
from kpidesk.metrics.targets import target_table
from kpidesk.metrics.worktime import WorkingHours

_DEAL_SETS = ("created_deals", "closed_deals", "won_deals", "lost_deals", "open_deals", "deals")
TARGET_SETS = ("company_targets", "quotas")


class Imported:
    """What holds on every as-of day: the frames, exchange rates, working hours, and which rows belong together."""

    def __init__(
        self, frames: Callable[[str], Frame | None], settings: Settings, observed: Callable[[], Observed | None]
    ) -> None:
        self._read = frames
        self._observe = observed
        self._frames: dict[str, Frame | None] = {}
        self.settings = settings
        self.links = Links()

    def frame(self, entity: str) -> Frame | None:
        """Return an entity's frame, None without rows."""
        if entity not in self._frames:
            frame = self._read(entity)
            self._frames[entity] = frame if frame is not None and frame.rows else None
        return self._frames[entity]

    @cached_property
    def rates(self) -> Rates:
        """The exchange rates."""
        return Rates(self.settings.currency, self.frame("fx"))

    @cached_property
    def hours(self) -> WorkingHours:
        """The working hours."""
        return WorkingHours(self.settings.work_hours, self.settings.holidays, self.settings.timezone)

    @cached_property
    def deals(self) -> Recorded | None:
        """The deals as the newest imports tell them."""
        frame = self.frame("deals")
        if frame is None:
            return None
        told = recorded(frame, self.settings)
        return told if self.observed is None else replace(told, gone=gone_since(self.observed, told.rows))

    @cached_property
    def observed(self) -> Observed | None:
        """What snapshots show of the deals; None unless a deal was seen twice, so that they tell more than the newest one."""
        found = self._observe()
        return found if found is not None and found.again else None

    @cached_property
    def history(self) -> History | None:
        """The stays of deals in stages."""
        frame = self.frame("stage_history")
        if frame is None or self.deals is None:
            return None
        known = text(self.deals.columns, "deal_id", self.deals.rows)
        return history(frame, self.links.rows_of(known, text(columns_of(frame), "deal_id", frame.rows)))

    @cached_property
    def inferred(self) -> History | None:
        """The stays that snapshots tell of deals without a stage history; None without snapshots."""
        if self.observed is None or self.deals is None or "stage" not in self.deals.columns:
            return None
        return inferred(self.observed, self.settings.stages, self.history, self.deals.rows)

    @cached_property
    def quota_holders(self) -> tuple[QuotaSpan, ...]:
        """Who carries a quota from when to when."""
        frame = self.frame("targets")
        if frame is None:
            return ()
        columns = columns_of(frame)
        owner = text(columns, "owner", frame.rows)
        start, end = (day_values(columns, field, frame.rows).days for field in ("start", "end"))
        named = np.flatnonzero(owner.codes != BLANK_CODE)
        codes, first, last = owner.codes[named].tolist(), start[named].tolist(), end[named].tolist()
        spans = sorted(set(zip(codes, first, last, strict=True)))
        return tuple((owner.values[code], first, last) for code, first, last in spans)


class Sources:
    """The row sets on one as-of day. `table` returns None for what was never imported."""

    def __init__(self, imported: Imported, as_of: int) -> None:
        self.imported = imported
        self.as_of = as_of
        self._tables: dict[tuple[str, str], RowTable | None] = {}

    @cached_property
    def deals(self) -> Deals | None:
        """The deals as known on the as-of day."""
        told = self.imported.deals
        return None if told is None else deals_as_of(told, self.imported.rates, self.as_of)

    @cached_property
    def pipeline(self) -> Pipeline | None:
        """The open pipeline of the past as snapshots show it; None without them."""
        seen = self.imported.observed
        return None if seen is None or self.deals is None else pipeline(seen, self.deals, self.imported.rates)

    def table(self, name: str, anchor: str) -> RowTable | None:
        """Return a row set anchored at one of its dates."""
        key = (name, anchor)
        if key not in self._tables:
            self._tables[key] = self._build(name, anchor)
        return self._tables[key]

    def _build(self, name: str, anchor: str) -> RowTable | None:
        if name in _DEAL_SETS:
            return self._deals(name, anchor)
        if name in ("stage_reached", "stage_exits"):
            return self._stages(name)
        if name in ("new_customers", "churned_customers", "active_customers"):
            return self._customers(name)
        if name == "refunds":
            return self._refunds()
        if name == "purchases":
            return self._purchases()
        return self._events(name)

    def _deals(self, name: str, anchor: str) -> RowTable | None:
        deals = self.deals
        if deals is None or self._undated(anchor):
            return None
        match name:
            case "open_deals":
                table = deals.stock() if self.pipeline is None else self.pipeline.stock()
            case "created_deals":
                table = deals.cohort(name, deals.real, deals.created)
            case "won_deals":
                table = deals.table(name, deals.won)
            case "lost_deals":
                table = deals.table(name, deals.lost)
            case "closed_deals":
                table = deals.table(name, deals.decided)
            case _:
                sieve = deals.real.also(LeftOut.OPEN, ~deals.open) if anchor == "closed" else deals.real
                table = deals.cohort(name, sieve, day_values(deals.columns, anchor, deals.rows).days)
        if "owner" not in table.columns:  # nobody knows whose they are, so not that they are of people without a quota
            return table
        return with_quota_flag(table, self.imported.quota_holders, self.as_of)

    def _undated(self, anchor: str) -> bool:
        """Whether deals that should have a date got none from any import, so that their number is not known."""
        told = self.imported.deals
        if told is None or anchor in told.columns:
            return False
        if anchor == "expected_close":
            return "closed" not in told.columns
        return anchor == "created" or (anchor == "closed" and bool((told.won | told.lost).any()))

    def _refunds(self) -> RowTable | None:
        parts: list[RowTable] = []
        invoiced = self.imported.settings.revenue_source == "transactions"
        if self.deals is not None and not invoiced:
            parts.append(self.deals.table("refunds", self.deals.adjustments))
        frame = self.imported.frame("transactions")
        if frame is not None:
            parts.append(self._transactions(frame, "refunds"))
        if not parts:
            return None
        return with_quota_flag(buyers.refund_table(parts), self.imported.quota_holders, self.as_of)

    def _purchases(self) -> RowTable | None:
        frame = self.imported.frame("transactions")
        if frame is not None and buyers.has_sales(frame):
            return self._transactions(frame, "purchases")
        won = self.table("won_deals", "closed")
        return None if won is None else buyers.deal_purchases(won)

    def _transactions(self, frame: Frame, name: str) -> RowTable:
        links = self.imported.links
        return buyers.transaction_table(frame, name, self.imported.rates, self.as_of, self._customer_list, links)

    def _events(self, name: str) -> RowTable | None:
        match name:
            case "created_leads":
                frame = self.imported.frame("leads")
                return None if frame is None else lead_table(frame, self.imported.hours, self.as_of)
            case "meetings" | "calls" | "proposals":
                frame = self.imported.frame("activities")
                return None if frame is None else activity_table(frame, name, self.as_of)
            case "costs" | "sales_marketing_costs":
                frame = self.imported.frame("costs")
                return None if frame is None else cost_table(frame, name, self.imported.rates, self.as_of)
            case "company_targets" | "quotas":
                frame = self.imported.frame("targets")
                return None if frame is None else target_table(frame, name, self.imported.rates, self.as_of)
        raise KeyError(name)

    @cached_property
    def _customer_list(self) -> buyers.Customers | None:
        won = self.table("won_deals", "closed")
        frame = self.imported.frame("customers")
        if frame is not None:
            return buyers.imported_customers(frame, won, self.imported.links)
        return buyers.derived_customers(won) if won is not None and buyers.names_buyers(won) else None

    def _customers(self, name: str) -> RowTable | None:
        found = self._customer_list
        return None if found is None else buyers.customer_table(name, found, self.as_of)

    def _stages(self, name: str) -> RowTable | None:
        exact, inferred, deals = self.imported.history, self.imported.inferred, self.deals
        if deals is None:
            return None
        stages, found = self.imported.settings.stages, []
        for told in (exact, inferred):
            if told is not None and (told.rows or not told.inferred):
                one = (
                    exits(told, deals, stages, self.as_of)
                    if name == "stage_exits"
                    else reached(told, deals, stages, self.as_of)
                )
                found += [] if one is None else [one]
        return reduce(buyers.stack, found) if found else None
