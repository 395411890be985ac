"""Deals as known at the end of the as-of day (G1, G4, G6, G7, G8, G9)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.metrics.loops.tables import Reader, earliest, texts
from tests.metrics.loops.values import Cells, Moment, Row, RowSet, days_between, fold

DIMENSIONS = ("owner", "source", "segment", "region", "industry", "product", "type", "pipeline", "stage")
IDS = ("deal_id", "customer_id", "account", "lead_id")


@dataclass
class Deal:
    """`state` is won, lost, open, or undated: decided, and nobody knows when. An adjustment lowers revenue and is no deal."""

    line: int
    created: Moment | None
    closed: Moment | None
    state: str
    adjustment: bool
    cells: dict[str, Any]


class Deals:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.imported = bool(reader.lines("deals"))
        self.columns = reader.columns("deals") | {"status"}
        if "owner" in self.columns:
            self.columns.add("owner_has_quota")
        if {"amount", "cost"} <= self.columns:
            self.columns.add("profit")
        if {"created", "closed"} <= self.columns:
            self.columns.add("cycle_days")
        valid = [(line, row) for line, row in reader.lines("deals") if self._valid(row)]
        self.any_decided = any(fold(row.get("status")) in ("won", "lost") for _, row in reader.lines("deals"))
        self.first = earliest(
            found.day
            for _, row in valid
            for name in ("created", "closed")
            if (found := reader.moment(row, name)) is not None
            and (name == "created" or fold(row.get("status")) in ("won", "lost"))
        )
        self.all = [deal for line, row in valid if (deal := self._deal(line, row)) is not None]

    def _valid(self, row: Cells) -> bool:
        """Test rows are out; so are lost deals that never were one (G8)."""
        reasons = {fold(reason) for reason in self.reader.settings.excluded_lost_reasons}
        return not row.get("test") and not (
            fold(row.get("status")) == "lost" and fold(row.get("lost_reason")) in reasons
        )

    def _deal(self, line: int, row: Cells) -> Deal | None:
        reader = self.reader
        created, closed = reader.moment(row, "created"), reader.moment(row, "closed")
        if created is not None and created.day > reader.as_of:
            return None
        state = fold(row.get("status"))
        if state not in ("won", "lost"):
            state = "open"
        elif closed is None:
            state = "undated"
        elif closed.day > reader.as_of:
            state = "open"
        adjustment = fold(row.get("status")) == "won" and (row.get("amount") or 0) < 0
        if state not in ("won", "lost"):
            closed = None
        return Deal(line, created, closed, state, adjustment, self._cells(row, created, closed, state))

    def _cells(self, row: Cells, created: Moment | None, closed: Moment | None, state: str) -> dict[str, Any]:
        reader = self.reader
        rate_day = reader.as_of if closed is None else closed.day
        amount, cost = (reader.money(row.get(name), row.get("currency"), rate_day) for name in ("amount", "cost"))
        cycle = days_between(closed, created)
        if cycle is not None and (cycle < 0 or closed.day < created.day):
            cycle = None
        return {
            **texts(row, (*DIMENSIONS, *IDS)),
            "status": None if state == "undated" else state,
            "created": created,
            "closed": closed,
            "first_contact": reader.moment(row, "first_contact"),
            "amount": amount,
            "cost": cost,
            "profit": None if amount is None or cost is None else amount - cost,
            "cycle_days": cycle,
        }

    def leads(self) -> dict[str, str | None]:
        """The lead of each deal that any import told of."""
        rows = [row for _, row in self.reader.lines("deals") if row.get("deal_id")]
        return {row["deal_id"]: row.get("lead_id") or None for row in rows}

    def _row(self, deal: Deal, day: date | None) -> Row:
        on = self.reader.as_of if day is None else day
        cells = {**deal.cells, "owner_has_quota": has_quota(self.reader, deal.cells["owner"], on)}
        return Row(("deals", deal.line), day, cells, pending=deal.state == "open")

    def _set(self, rows: list[Row], stock: bool = False) -> RowSet:
        words = {**self.reader.words("deals"), "status": {"open", "won", "lost"}}
        return RowSet(rows, self.columns, words, self.first, stock)

    def created(self) -> RowSet | None:
        if not self.imported or "created" not in self.columns:
            return None
        return self._set(
            [self._row(deal, deal.created.day) for deal in self.all if deal.created and not deal.adjustment]
        )

    def decided(self, *states: str) -> RowSet | None:
        if not self.imported or ("closed" not in self.columns and self.any_decided):
            return None
        found = [deal for deal in self.all if deal.state in states and not deal.adjustment]
        rows = [self._row(deal, deal.closed.day) for deal in found]
        for row in rows:
            row.pending = False
        return self._set(rows)

    def adjustments(self) -> list[Row]:
        found = [deal for deal in self.all if deal.state == "won" and deal.adjustment]
        rows = [self._row(deal, deal.closed.day) for deal in found]
        for row in rows:
            row.cells["amount"] = None if row.cells["amount"] is None else abs(row.cells["amount"])
        return rows

    def standing(self) -> RowSet | None:
        """Open deals. One without a creation date has no day and stands today only (G7)."""
        if not self.imported:
            return None
        rows = []
        for deal in self.all:
            if deal.adjustment or deal.state == "undated" or (deal.created is None and deal.state != "open"):
                continue
            row = self._row(deal, None)
            row.day = None if deal.created is None else deal.created.day
            row.until = None if deal.closed is None else deal.closed.day
            rows.append(row)
        return self._set(rows, stock=True)


def has_quota(reader: Reader, owner: str | None, day: date) -> bool:
    """Whether somebody carries a quota on a day."""
    for _, line in reader.lines("targets"):
        start, end = reader.moment(line, "start"), reader.moment(line, "end")
        if line.get("owner") and fold(line["owner"]) == fold(owner) and start.day <= day <= end.day:
            return True
    return False
