"""Leads, activities, costs and targets: rows that happen on a day of their own."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kpidesk.domain.settings import Settings
from tests.metrics.loops.tables import Reader, earliest, texts
from tests.metrics.loops.values import Cells, Moment, Row, RowSet, days_between, fold

UNDONE = {"planned", "scheduled", "open", "to do", "todo", "undone", "not started", "deferred", "pending"}
CANCELLED = {"cancelled", "canceled"}


class Events:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def _set(self, table: str, rows: list[Row], day: str, more: set[str] = frozenset()) -> RowSet:
        first = earliest(
            found.day
            for _, row in self.reader.lines(table)
            if not row.get("test") and (found := self.reader.moment(row, day)) is not None
        )
        return RowSet(rows, self.reader.columns(table) | more, self.reader.words(table), first)

    def leads(self) -> RowSet | None:
        reader, rows = self.reader, []
        for line, row in reader.lines("leads"):
            created, response = reader.known(row, "created"), reader.known(row, "first_response")
            if created is None or row.get("test"):
                continue
            cells = texts(row, ("lead_id", "source", "owner", "segment", "industry"))
            cells["first_response"] = response
            cells["response_time"] = wait = _wait(created, response)
            cells["work_response"] = None if wait is None else worked(created, response, reader.settings)
            rows.append(Row(("leads", line), created.day, cells))
        if not reader.lines("leads"):
            return None
        more = {"response_time", "work_response"} if "first_response" in reader.columns("leads") else set()
        return self._set("leads", rows, "created", more)

    def activities(self, name: str) -> RowSet | None:
        reader, rows = self.reader, []
        for line, row in reader.lines("activities"):
            when = reader.known(row, "date")
            if when is not None and _counts(name, row):
                cells = texts(row, ("owner", "lead_id", "deal_id"))
                cells["qualified"] = row.get("qualified")
                rows.append(Row(("activities", line), when.day, cells))
        return self._set("activities", rows, "date") if reader.lines("activities") else None

    def costs(self, *categories: str) -> RowSet | None:
        """Costs of some categories, of all without one. Of categories that no row anywhere has nothing was imported."""
        reader, rows = self.reader, []
        known = reader.words("costs").get("category", set())
        if not reader.lines("costs") or (categories and not known & set(categories)):
            return None
        for line, row in reader.lines("costs"):
            when = reader.known(row, "date")
            if when is None or (categories and fold(row.get("category")) not in categories):
                continue
            cells = texts(row, ("source", "category"))
            cells["amount"] = reader.money(row.get("amount"), row.get("currency"), when.day)
            rows.append(Row(("costs", line), when.day, cells))
        return self._set("costs", rows, "date")

    def targets(self, quotas: bool) -> list[Cells]:
        """Lines of the company's targets or of quotas, with their moments and the amount at the rate of the first day."""
        reader, found = self.reader, []
        for _, row in reader.lines("targets"):
            start, end = reader.moment(row, "start"), reader.moment(row, "end")
            if start is None or end is None or end.day < start.day or bool(row.get("owner")) is not quotas:
                continue
            amount = reader.money(row["amount"], row.get("currency"), min(start.day, reader.as_of))
            cells = texts(row, ("owner", "segment"))
            found.append({**cells, "start": start.day, "end": end.day, "amount": amount})
        return found


def _wait(created: Moment, response: Moment | None) -> float | None:
    """Only two times of day say how long a lead waited; an answer before the question is none."""
    if response is None or created.instant is None or response.instant is None:
        return None
    wait = days_between(response, created)
    return None if wait is None or wait < 0 else wait


def _counts(name: str, row: Cells) -> bool:
    kind, status = fold(row.get("type")), fold(row.get("status"))
    match name:
        case "meetings":
            return kind == "meeting" and status not in CANCELLED
        case "calls":
            return kind == "call" and status not in UNDONE | CANCELLED and fold(row.get("direction")) != "inbound"
    return kind == "proposal" and status not in UNDONE | CANCELLED | {"draft"}


def worked(start: Moment, end: Moment, settings: Settings) -> float:
    """The days of 24 hours between two instants that lie in working hours (G10), Monday to Friday 09:00 to 17:30."""
    zone = ZoneInfo(settings.timezone)
    one, two = (
        instant.astimezone(zone).replace(tzinfo=None) for instant in (start.instant, end.instant) if instant is not None
    )
    total, day = timedelta(0), one.date()
    while day <= two.date():
        if day.weekday() < 5 and day not in settings.holidays:
            opens, closes = datetime.combine(day, time(9)), datetime.combine(day, time(17, 30))
            total += max(min(two, closes) - max(one, opens), timedelta(0))
        day += timedelta(days=1)
    return total.total_seconds() / 86_400
