"""Stage history: how far deals came and how long they stayed (section 2, Middle)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from tests.metrics.loops.deals import DIMENSIONS, Deal, Deals
from tests.metrics.loops.tables import Reader, earliest
from tests.metrics.loops.values import Moment, Row, RowSet, days_between, fold


@dataclass
class Stay:
    line: int
    stage: str | None
    entered: Moment
    exited: Moment | None


class Stages:
    def __init__(self, reader: Reader, deals: Deals) -> None:
        self.reader, self.deals = reader, deals
        self.imported = bool(reader.lines("stage_history")) and deals.imported
        self.stays: list[tuple[Deal, list[Stay]]] = []
        for deal in deals.all:
            if not deal.adjustment and deal.cells["deal_id"] is not None:
                self.stays.append((deal, self._stays(deal.cells["deal_id"])))
        self.first = earliest(
            found.day
            for _, row in reader.lines("stage_history")
            if (found := reader.moment(row, "entered")) is not None
        )

    def _stays(self, deal_id: str) -> list[Stay]:
        """The stays of a deal as known on the as-of day, in their order."""
        found = []
        for line, row in self.reader.lines("stage_history"):
            entered = self.reader.known(row, "entered")
            if row.get("deal_id") == deal_id and entered is not None:
                found.append(Stay(line, row.get("stage") or None, entered, self.reader.known(row, "exited")))
        dawn = datetime.min.replace(tzinfo=UTC)
        return sorted(found, key=lambda stay: (stay.entered.day, stay.entered.instant or dawn))

    def _set(self, rows: list[Row], words: set[str]) -> RowSet:
        columns = (self.deals.columns & {*DIMENSIONS, "deal_id", "amount"}) | {"stage"}
        columns |= {"entered", "exited", "days", "deal_stage", "advanced"}
        return RowSet(rows, columns, {**self.reader.words("deals"), "stage": words}, self.first)

    def reached(self) -> RowSet | None:
        """A deal reached a stage that it was in or passed: a later stage passes the earlier ones, winning passes all."""
        stages = self.reader.settings.stages
        if not self.imported or not stages:
            return None
        order = [fold(stage) for stage in stages]
        rows = []
        for deal, stays in self.stays:
            been = [(order.index(fold(stay.stage)), stay.entered.day) for stay in stays if fold(stay.stage) in order]
            if not been:
                continue
            farthest = max(place for place, _ in been)
            for place, stage in enumerate(stages):
                days = [day for other, day in been if other >= place]
                if deal.state == "won":
                    days.append(deal.closed.day)
                if not days:
                    continue
                advanced = deal.state == "won" or farthest > place
                cells = {**deal.cells, "stage": stage, "advanced": advanced}
                waiting = deal.state == "open" and not advanced
                rows.append(Row(("reached", deal.line * 100 + place), min(days), cells, pending=waiting))
        return self._set(rows, set(order))

    def exits(self) -> RowSet | None:
        """A stay ends when the file says so, else with the next stay, else with the decision, which is no stay itself."""
        if not self.imported:
            return None
        rows, order = [], {fold(stage) for stage in self.reader.settings.stages}
        for deal, stays in self.stays:
            for place, stay in enumerate(stays):
                end = stay.exited
                if end is None:
                    end = stays[place + 1].entered if place + 1 < len(stays) else deal.closed
                lasted = days_between(end, stay.entered)
                if lasted is None or lasted < 0 or end.day < stay.entered.day or stay.stage is None:
                    continue
                decided = deal.closed is not None and stay.entered.day >= deal.closed.day
                if order and decided and fold(stay.stage) not in order:
                    continue
                cells = {**deal.cells, "stage": stay.stage, "days": lasted}
                cells["deal_stage"] = (deal.line, fold(stay.stage))
                rows.append(Row(("stage_history", stay.line), _day(end), cells))
        return self._set(rows, self.reader.words("stage_history").get("stage", set()))


def _day(end: Moment) -> date:
    return end.day
