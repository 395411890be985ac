"""All row sets of one workspace on one as-of day."""

from datetime import date
from functools import cache

from kpidesk.domain.settings import Settings
from tests.metrics.loops.buyers import Buyers
from tests.metrics.loops.deals import Deals
from tests.metrics.loops.events import Events
from tests.metrics.loops.stages import Stages
from tests.metrics.loops.tables import Reader
from tests.metrics.loops.values import Answer, Cells, RowSet, Tables, days_between
from tests.metrics.loops.windows import Window


class World:
    def __init__(self, tables: Tables, settings: Settings, as_of: date) -> None:
        self.settings, self.as_of = settings, as_of
        reader = Reader(tables, settings, as_of)
        self._events, self._deals = Events(reader), Deals(reader)
        self._buyers, self._stages = Buyers(reader, self._deals), Stages(reader, self._deals)
        self.rows, self.targets = cache(self._rows), cache(self._targets)
        self.answers: dict[tuple[str, Window], Answer] = {}

    def _rows(self, name: str) -> RowSet | None:
        match name:
            case "created_deals":
                return self._deals.created()
            case "won_deals":
                return self._timed(self._deals.decided("won"))
            case "closed_deals":
                return self._deals.decided("won", "lost")
            case "open_deals":
                return self._deals.standing()
            case "created_leads":
                return self._events.leads()
            case "meetings" | "calls" | "proposals":
                return self._activities(name)
            case "stage_reached" | "stage_exits":
                return self._stages.exits() if name == "stage_exits" else self._stages.reached()
            case "purchases" | "refunds":
                return self._buyers.refunds() if name == "refunds" else self._buyers.purchases()
            case "costs":
                return self._events.costs()
            case "sales_marketing_costs":
                return self._events.costs("sales", "marketing")
        return self._buyers.customers(name)

    def _targets(self, quotas: bool) -> list[Cells]:
        return self._events.targets(quotas)

    def _timed(self, won: RowSet | None) -> RowSet | None:
        """Won deals with the days since the first contact."""
        if won is not None:
            for row in won.rows:
                row.cells["contact_days"] = days_between(row.cells["closed"], row.cells["first_contact"])
            if {"closed", "first_contact"} <= won.columns:
                won.columns = won.columns | {"contact_days"}
        return won

    def _activities(self, name: str) -> RowSet | None:
        """Activities with the lead of their deal where they have none of their own."""
        found = self._events.activities(name)
        if found is None:
            return None
        lead_of = self._deals.leads()
        for row in found.rows:
            row.cells["lead_id"] = row.cells["lead_id"] or lead_of.get(row.cells["deal_id"])
        return found
