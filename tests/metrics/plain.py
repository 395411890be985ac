"""The KPIs of the sales dashboard once more, in plain loops over rows: slow, and written without a look at the engine."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from kpidesk.domain.period import Grain, Period, add_months, period_of, shift
from kpidesk.domain.settings import Settings

Row = Mapping[str, Any]
Answer = tuple[float | None, str | None]
Dimension = tuple[str, str | None]


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _same(one: str | None, other: str | None) -> bool:
    return (one or "").strip().casefold() == (other or "").strip().casefold()


@dataclass
class Deal:
    row: Row
    created: date | None
    closed: date | None
    state: str
    amount: float | None
    negative: bool


class Plain:
    """Answers for one as-of day."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], settings: Settings, as_of: date) -> None:
        self.settings, self.as_of = settings, as_of
        self.fx = tables.get("fx", ())
        self.targets = tables.get("targets", ())
        self.imported = bool(tables.get("deals"))
        self.deals = [deal for row in tables.get("deals", ()) if (deal := self._read(row)) is not None]
        days = [
            day for deal in self.deals for day in (deal.created, deal.closed if deal.state in ("won", "lost") else None)
        ]
        self.first = min((day for day in days if day is not None), default=None)
        if settings.data_from is not None:
            self.first = settings.data_from

    def _read(self, row: Row) -> Deal | None:
        created, closed = _day(row["created"]), _day(row["closed"])
        excluded = {reason.casefold() for reason in self.settings.excluded_lost_reasons}
        if row.get("test") or (row["status"] == "lost" and (row.get("lost_reason") or "").casefold() in excluded):
            return None
        if created is not None and created > self.as_of:
            return None
        state = row["status"]
        if state != "open" and closed is None:
            state = "undated"
        elif state != "open" and closed is not None and closed > self.as_of:
            state = "open"
        rate_day = closed if state in ("won", "lost") and closed is not None else self.as_of
        rate = self._rate(row.get("currency"), rate_day)
        amount = None if row["amount"] is None or rate is None else row["amount"] * rate
        negative = row["status"] == "won" and row["amount"] is not None and row["amount"] < 0
        return Deal(row, created, closed, state, amount, negative)

    def _rate(self, currency: str | None, day: date) -> float | None:
        if currency in (None, self.settings.currency):
            return 1.0
        known = [
            (line["from"], line["rate"])
            for line in self.fx
            if line["currency"] == currency and _day(line["from"]) <= day
        ]
        return max(known)[1] if known else None

    # --- rows

    def _passing(self, where: Iterable[Dimension]) -> list[Deal]:
        return [deal for deal in self.deals if all(_same(deal.row.get(name), value) for name, value in where)]

    def closed(self, period: Period, where: Iterable[Dimension], *states: str) -> list[Deal]:
        return [
            deal
            for deal in self._passing(where)
            if deal.state in states and not deal.negative and period.start <= deal.closed < period.end
        ]

    def created(self, period: Period, where: Iterable[Dimension]) -> list[Deal]:
        return [
            deal
            for deal in self._passing(where)
            if not deal.negative and deal.created is not None and period.start <= deal.created < period.end
        ]

    def standing(self, at: date, where: Iterable[Dimension]) -> list[Deal]:
        found = []
        for deal in self._passing(where):
            if deal.negative or deal.state == "undated":
                continue
            gone = deal.state in ("won", "lost") and deal.closed <= at
            here = deal.created is not None and deal.created <= at and not gone
            if deal.created is None:
                here = deal.state == "open" and at == self.as_of
            if here:
                found.append(deal)
        return found

    def instant(self, period: Period) -> date:
        return min(period.last_day, self.as_of)

    # --- answers

    def _flow(self, period: Period, answer: Callable[[], Answer]) -> Answer:
        if not self.imported:
            return None, "not_imported"
        if self.first is not None and period.end <= self.first:
            return None, "before_data"
        return answer()

    def _stock(self, at: date, answer: Callable[[], Answer]) -> Answer:
        if not self.imported:
            return None, "not_imported"
        if self.first is not None and at < self.first:
            return None, "before_data"
        return answer()

    def total_revenue(self, period: Period, where: Iterable[Dimension]) -> Answer:
        def answer() -> Answer:
            value, reason = _sum(self.closed(period, where, "won"))
            back = [
                deal
                for deal in self._passing(where)
                if deal.state == "won" and deal.negative and period.start <= deal.closed < period.end
            ]
            lost, why = _sum(back)
            return (None, reason or why) if reason or why else (value + lost, None)

        return self._flow(period, answer)

    def deals_closed(self, period: Period, where: Iterable[Dimension]) -> Answer:
        return self._flow(period, lambda: (len(self.closed(period, where, "won")), None))

    def win_rate(self, period: Period, where: Iterable[Dimension]) -> Answer:
        return self._flow(
            period,
            lambda: _over(
                (len(self.closed(period, where, "won")), None), (len(self.closed(period, where, "won", "lost")), None)
            ),
        )

    def average_deal_size(self, period: Period, where: Iterable[Dimension]) -> Answer:
        return self._flow(period, lambda: _mean([deal.amount for deal in self.closed(period, where, "won")]))

    def sales_cycle_length(self, period: Period, where: Iterable[Dimension]) -> Answer:
        def days(deal: Deal) -> float | None:
            if deal.created is None or deal.closed < deal.created:
                return None
            return float((deal.closed - deal.created).days)

        return self._flow(period, lambda: _mean([days(deal) for deal in self.closed(period, where, "won", "lost")]))

    def open_pipeline(self, period: Period, where: Iterable[Dimension]) -> Answer:
        at = self.instant(period)
        return self._stock(at, lambda: _sum(self.standing(at, where)))

    def pipeline_created(self, period: Period, where: Iterable[Dimension]) -> Answer:
        return self._flow(period, lambda: _sum(self.created(period, where)))

    def monthly_sales_growth(self, period: Period, where: Iterable[Dimension]) -> Answer:
        now, why = self.total_revenue(period, where)
        base, other = self.total_revenue(shift(period, -1, self.settings.calendar), where)
        if why or other:
            return None, why or other
        if abs(base) < 1e-9:
            return None, "zero_denominator"
        return (None, "negative_base") if base < 0 else ((now - base) / base, None)

    def sales_velocity(self, period: Period, where: Iterable[Dimension]) -> Answer:
        at = self.instant(period)
        count = self._stock(at, lambda: (len(self.standing(at, where)), None))
        product = count
        for factor in (self.win_rate(period, where), self.average_deal_size(period, where)):
            product = (None, product[1] or factor[1]) if product[1] or factor[1] else (product[0] * factor[0], None)
        return _over(product, self.sales_cycle_length(period, where))

    # --- targets

    def target(self, period: Period, owners: bool) -> Answer:
        lines = [line for line in self.targets if (line.get("owner") is not None) is owners]
        parts = [part for line in lines if (part := _part(line, period)) is not None]
        return (sum(parts), None) if parts else (None, "no_target")

    def sales_target(self, period: Period, where: Iterable[Dimension]) -> Answer:
        assert not where
        return self.target(period, owners=False)

    def quota(self, period: Period, where: Iterable[Dimension]) -> Answer:
        assert not where
        return self.target(period, owners=True)

    def sales_target_attainment(self, period: Period, where: Iterable[Dimension]) -> Answer:
        return _over(self.total_revenue(period, where), self.sales_target(period, where))

    def _quarter(self, period: Period) -> Period:
        return period_of(max(self.instant(period), period.start), Grain.QUARTER, self.settings.calendar)

    def _needed(self, quarter: Period) -> Answer:
        quota = self.quota(quarter, ())
        return quota if quota[1] is None else self.sales_target(quarter, ())

    def pipeline_coverage(self, period: Period, where: Iterable[Dimension]) -> Answer:
        return _over(self.open_pipeline(period, where), self._needed(self._quarter(period)))

    def coverage_at_start(self, period: Period, where: Iterable[Dimension]) -> Answer:
        quarter = self._quarter(period)
        at = quarter.start - timedelta(days=1)
        return _over(self._stock(at, lambda: _sum(self.standing(at, where))), self._needed(quarter))


def _sum(deals: list[Deal]) -> Answer:
    known = [deal.amount for deal in deals if deal.amount is not None]
    return (None, "blank") if deals and not known else (sum(known), None)


def _mean(values: list[float | None]) -> Answer:
    known = [value for value in values if value is not None]
    if not values:
        return None, "no_rows"
    return (sum(known) / len(known), None) if known else (None, "blank")


def _over(top: Answer, bottom: Answer) -> Answer:
    if top[1] or bottom[1]:
        return None, top[1] or bottom[1]
    return (None, "zero_denominator") if bottom[0] == 0 else (top[0] / bottom[0], None)


def _months(start: date, end: date) -> list[date] | None:
    """The months from start up to end, None when these are not borders of months."""
    if start.day != 1 or end.day != 1:
        return None
    found = []
    while start < end:
        found.append(start)
        start = add_months(start, 1)
    return found


def _part(line: Row, period: Period) -> float | None:
    start, end = _day(line["start"]), _day(line["end"]) + timedelta(days=1)
    own, asked = _months(start, end), _months(period.start, period.end)
    if own is not None and asked is not None:
        common = [one for one in own if one in asked]
        return line["amount"] / len(own) * len(common) if common else None
    days = [start + timedelta(days=n) for n in range((end - start).days)]
    common = [day for day in days if period.start <= day < period.end]
    return line["amount"] / len(days) * len(common) if common else None
