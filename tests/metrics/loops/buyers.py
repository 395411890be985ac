"""Purchases, refunds and customers (1.2, G4, G5)."""

from datetime import date
from typing import Any

from tests.metrics.loops.deals import Deals
from tests.metrics.loops.tables import Reader, earliest, texts
from tests.metrics.loops.values import Cells, Row, RowSet, fold

BORROWED = ("source", "segment", "industry")


class Buyers:
    def __init__(self, reader: Reader, deals: Deals) -> None:
        self.reader, self.deals = reader, deals

    # --- transactions

    def _transactions(self, refunds: bool) -> list[Row]:
        rows, buyers = [], self._by_id()
        for line, row in self.reader.lines("transactions"):
            when = self.reader.known(row, "date")
            if when is None or _gives_back(row) is not refunds:
                continue
            cells = texts(row, (*BORROWED, "customer_id"))
            of = buyers.get(cells["customer_id"], {})
            cells.update({name: cells[name] or of.get(name) for name in BORROWED})
            amount = self.reader.money(row.get("amount"), row.get("currency"), when.day)
            cells["amount"] = None if amount is None else abs(amount)
            rows.append(Row(("transactions", line), when.day, cells))
        return rows

    def _by_id(self) -> dict[str | None, dict[str, Any]]:
        """What is known of each customer by the id that transactions name."""
        customers = self._customers()
        return (
            {}
            if customers is None
            else {cells["customer_id"]: cells for _, cells in customers[0] if cells["customer_id"]}
        )

    def _first_transaction(self) -> date | None:
        return earliest(
            when.day
            for _, row in self.reader.lines("transactions")
            if (when := self.reader.moment(row, "date")) is not None
        )

    def refunds(self) -> RowSet | None:
        """Adjusted deals and refunds among the transactions; of invoiced revenue only the latter."""
        rows: list[Row] = []
        columns, firsts = set(), []
        if self.deals.imported and self.reader.settings.revenue_source == "deals":
            rows += self.deals.adjustments()
            columns |= self.deals.columns
            firsts.append(self.deals.first)
        if self.reader.lines("transactions"):
            rows += self._transactions(refunds=True)
            columns |= self.reader.columns("transactions")
            firsts.append(self._first_transaction())
        if not columns:
            return None
        return RowSet(rows, columns | {"owner_has_quota"}, {}, earliest(firsts))

    def purchases(self) -> RowSet | None:
        """Sales, else won deals."""
        if any(not _gives_back(row) for _, row in self.reader.lines("transactions")):
            columns, words = self.reader.columns("transactions"), self.reader.words("transactions")
            return RowSet(self._transactions(refunds=False), columns, words, self._first_transaction())
        won = self.deals.decided("won")
        if won is None:
            return None
        who = _buyer(won)
        for row in won.rows:
            row.cells["customer_id"] = row.cells[who]
        columns = won.columns - {"customer_id"}
        if who in won.columns:
            columns.add("customer_id")
        return RowSet(won.rows, columns, won.words, won.first)

    # --- customers

    def _customers(self) -> tuple[list[tuple[int, dict[str, Any]]], set[str]] | None:
        """All customers as known on the as-of day, and what is known of them."""
        won = self.deals.decided("won")
        if self.reader.lines("customers"):
            return self._imported(won), self.reader.columns("customers") | ({"acquired"} if won else set())
        if won is None or _buyer(won) not in won.columns:
            return None
        who = _buyer(won)
        names = dict.fromkeys(row.cells[who] for row in won.rows if row.cells[who] is not None)
        found = []
        for line, name in enumerate(names):
            deal = _first_won(won, who, name)
            cells = {"acquired": deal.day, "churned": None, "customer_id": name, **texts(deal.cells, BORROWED)}
            found.append((line, cells))
        return found, {"acquired"}

    def _imported(self, won: RowSet | None) -> list[tuple[int, dict[str, Any]]]:
        found = []
        for line, row in self.reader.lines("customers"):
            deal = None if won is None else _first_won(won, "customer_id", row.get("customer_id") or None)
            told = self.reader.moment(row, "acquired")
            acquired, churned = self.reader.known(row, "acquired"), self.reader.known(row, "churned")
            cells: dict[str, Any] = texts(row, (*BORROWED, "customer_id"))
            cells["acquired"] = None if acquired is None else acquired.day
            cells["churned"] = None if churned is None else churned.day
            if deal is not None:
                cells.update({name: cells[name] or deal.cells[name] for name in BORROWED})
                if told is None:
                    cells["acquired"] = deal.day
            found.append((line, cells))
        return found

    def _first_day(self, found: list[tuple[int, dict[str, Any]]]) -> date | None:
        told = [
            moment.day
            for _, row in self.reader.lines("customers")
            for name in ("acquired", "churned")
            if (moment := self.reader.moment(row, name)) is not None
        ]
        return earliest([*told, *(cells["acquired"] for _, cells in found)])

    def customers(self, name: str) -> RowSet | None:
        everything = self._customers()
        needed = "churned" if name == "churned_customers" else "acquired"
        if everything is None or needed not in everything[1]:
            return None
        found, columns = everything
        rows = []
        for line, cells in found:
            if cells[needed] is not None:
                until = cells["churned"] if name == "active_customers" else None
                rows.append(Row(("customers", line), cells[needed], cells, until))
        return RowSet(rows, columns, {}, self._first_day(found), stock=name == "active_customers")


def _gives_back(row: Cells) -> bool:
    return fold(row.get("kind")) == "refund" or (row.get("amount") or 0) < 0


def _buyer(won: RowSet) -> str:
    """The customer's id says who bought, else the account's name."""
    if any(row.cells["customer_id"] is not None for row in won.rows) or "account" not in won.columns:
        return "customer_id"
    return "account"


def _first_won(won: RowSet, who: str, name: str | None) -> Row | None:
    best: Row | None = None
    for row in won.rows:
        if name is not None and row.cells[who] == name and (best is None or row.day < best.day):
            best = row
    return best
