"""Grains and periods: half-open local-calendar intervals that tile time without gap or overlap (semantics G2)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kpidesk.domain.problem import QueryError


class Grain(StrEnum):
    """The length of a period."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Calendar:
    """The two settings that move the borders of periods. `week_start` 0 is Monday; `fiscal_start` is a month, 1 to 12."""

    week_start: int = 0
    fiscal_start: int = 1


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """The days from `start` up to but not including `end`."""

    start: date
    end: date
    grain: Grain

    @property
    def last_day(self) -> date:
        """The last day inside the period."""
        return self.end - timedelta(days=1)

    @property
    def days(self) -> int:
        """How many days the period has."""
        return (self.end - self.start).days


def add_months(day: date, months: int) -> date:
    """Return the first day of the month that lies `months` after the month of `day`."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


_MONTHS = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}


def period_of(day: date, grain: Grain, calendar: Calendar = Calendar()) -> Period:
    """Return the period of `grain` that contains `day`."""
    if grain is Grain.WEEK:
        start = day - timedelta(days=(day.weekday() - calendar.week_start) % 7)
        return Period(start, start + timedelta(days=7), grain)
    months = _MONTHS[grain]
    offset = 0 if grain is Grain.MONTH else (day.month - calendar.fiscal_start) % months
    start = add_months(day, -offset)
    return Period(start, add_months(start, months), grain)


def shift(period: Period, steps: int, calendar: Calendar = Calendar()) -> Period:
    """Return the period `steps` after `period` (before it when negative)."""
    if period.grain is Grain.WEEK:
        start = period.start + timedelta(days=7 * steps)
        return Period(start, start + timedelta(days=7), period.grain)
    return period_of(add_months(period.start, _MONTHS[period.grain] * steps), period.grain, calendar)


def tile(first: date, last: date, grain: Grain, calendar: Calendar = Calendar()) -> Iterator[Period]:
    """Yield the periods of `grain` that cover `first` to `last`, both inclusive, in order. None when last < first."""
    period = period_of(first, grain, calendar)
    while period.start <= last:
        yield period
        period = shift(period, 1, calendar)


_WRITTEN = re.compile(r"(?:FY)?(\d{4})(?:-?Q([1-4])|-(\d{2})|-?W(\d{2}))?", re.IGNORECASE)


def read_period(text: str, calendar: Calendar = Calendar()) -> Period:
    """Read `2026`, `2026-Q3`, `2026-09` or `2026-W37`; QueryError for anything else, a day included.

    Years and quarters are those of the calendar, named as `period_name` names them. A week is the one of the calendar that has
    most days of that ISO week.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise QueryError(_FORMS.format(text))
    year, quarter, month, week = (None if one is None else int(one) for one in found.groups())
    try:
        assert year is not None  # noqa: S101 - it is no option of the pattern
        if month is not None:
            return period_of(date(year, month, 1), Grain.MONTH, calendar)
        if week is not None:
            return period_of(date.fromisocalendar(year, week, 4), Grain.WEEK, calendar)
        first = date(year if calendar.fiscal_start == 1 else year - 1, calendar.fiscal_start, 1)
        if quarter is not None:
            return period_of(add_months(first, 3 * (quarter - 1)), Grain.QUARTER, calendar)
        return period_of(first, Grain.YEAR, calendar)
    except (ValueError, OverflowError):
        raise QueryError(_FORMS.format(text)) from None


_FORMS = "“{}” is not a period. Write a year as 2026, a quarter as 2026-Q3, a month as 2026-09 or a week as 2026-W37."


def period_name(period: Period, calendar: Calendar = Calendar()) -> str:
    """Name a period for a person: `Q3 2026`, `Sep 2026`, `2026`, `7 to 13 Sep 2026`.

    A fiscal year that does not start in January is named after the year in which it ends.
    """
    start, last = period.start, period.last_day
    match period.grain:
        case Grain.MONTH:
            return f"{start:%b} {start.year}"
        case Grain.YEAR:
            return str(last.year) if calendar.fiscal_start == 1 else f"FY{last.year}"
        case Grain.QUARTER:
            number = (start.month - calendar.fiscal_start) % 12 // 3 + 1
            year = period_of(start, Grain.YEAR, calendar).last_day.year
            return f"Q{number} {year}" if calendar.fiscal_start == 1 else f"Q{number} FY{year}"
        case Grain.WEEK:
            head = f"{start.day} {start:%b}" if start.month != last.month else str(start.day)
            return f"{head} to {last.day} {last:%b} {last.year}"
