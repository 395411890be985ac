"""What all tables have in common: ids that occur twice, columns that no file had, texts, exchange rates."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from kpidesk.domain.settings import Settings
from tests.metrics.loops.values import Cells, Moment, Tables, fold, moment

KEYS = {"deals": "deal_id", "leads": "lead_id", "activities": "activity_id", "customers": "customer_id"}


class Reader:
    """Reads the tables of a workspace as they stand on one as-of day."""

    def __init__(self, tables: Tables, settings: Settings, as_of: date) -> None:
        self.tables, self.settings, self.as_of = tables, settings, as_of

    def lines(self, table: str) -> list[tuple[int, Cells]]:
        """The rows with their line; of several rows of one id the last wins (G8)."""
        found: dict[object, tuple[int, Cells]] = {}
        for line, row in enumerate(self.tables.get(table, ())):
            told = row.get(KEYS.get(table, ""))
            found[line if told is None else (told,)] = (line, row)
        return list(found.values())

    def columns(self, table: str) -> set[str]:
        return {name for _, row in self.lines(table) for name in row}

    def words(self, table: str) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for _, row in self.lines(table):
            for name, cell in row.items():
                if isinstance(cell, str) and cell:
                    found.setdefault(name, set()).add(fold(cell))
        return found

    def moment(self, row: Cells, name: str) -> Moment | None:
        return moment(row.get(name), self.settings.timezone)

    def known(self, row: Cells, name: str) -> Moment | None:
        """A date that lies after the as-of day is not known yet (G1)."""
        found = self.moment(row, name)
        return None if found is None or found.day > self.as_of else found

    def money(self, amount: float | None, currency: str | None, day: date) -> float | None:
        """In the workspace's currency at the rate of the day; without a rate unknown, never 1:1 (G9)."""
        if amount is None or fold(currency) in ("", fold(self.settings.currency)):
            return amount
        best: tuple[date, float] | None = None
        for _, line in self.lines("fx"):
            start = self.moment(line, "from")
            same = fold(line["currency"]) == fold(currency)
            if same and start is not None and start.day <= day and (best is None or start.day >= best[0]):
                best = (start.day, line["rate"])
        return None if best is None else amount * best[1]


def earliest(days: Iterable[date | None]) -> date | None:
    return min((day for day in days if day is not None), default=None)


def texts(row: Cells, names: Sequence[str]) -> dict[str, Any]:
    return {name: row.get(name) or None for name in names}
