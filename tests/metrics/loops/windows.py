"""Windows of time, found by walking day by day (G2, G11, section 3.3)."""

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

from kpidesk.domain.settings import Settings

DAY = timedelta(days=1)
MONTH_DAYS = 365.25 / 12
MONTHS = {"month": 1, "quarter": 3, "year": 12}


@dataclass(frozen=True)
class Window:
    """The days from `start` up to but not including `end`, and which rows count: slice and filters, and tests of ONLY."""

    start: date
    end: date
    grain: str
    where: tuple[tuple[str, str | None], ...] = ()
    only: tuple[Any, ...] = ()
    at_start: bool = False

    def moved(self, start: date, end: date) -> "Window":
        return replace(self, start=start, end=end)


def begins(day: date, grain: str, settings: Settings) -> bool:
    """Whether a period of the grain begins on this day."""
    match grain:
        case "week":
            return day.weekday() == settings.week_start
        case "month":
            return day.day == 1
    return day.day == 1 and (day.month - settings.fiscal_start) % MONTHS[grain] == 0


def start_of(day: date, grain: str, settings: Settings) -> date:
    while not begins(day, grain, settings):
        day -= DAY
    return day


def end_of(day: date, grain: str, settings: Settings) -> date:
    """The first day after the period that contains `day`."""
    day += DAY
    while not begins(day, grain, settings):
        day += DAY
    return day


def periods(first: date, last: date, grain: str, settings: Settings) -> list[tuple[date, date]]:
    found = []
    day = first
    while day <= last or not found:
        found.append((start_of(day, grain, settings), end_of(day, grain, settings)))
        day = found[-1][1]
    return found


def months_later(day: date, months: int) -> date:
    """The same day of another month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def back(day: date, count: int, unit: str) -> date:
    if unit in MONTHS:
        return months_later(day, -count * MONTHS[unit])
    return day - timedelta(days=count * {"week": 7, "day": 1}[unit])


def instant(window: Window, as_of: date) -> date:
    """The day at whose end a stock is measured: the last of the period, or the as-of day while it is in progress."""
    return min(window.start - DAY if window.at_start else window.end - DAY, as_of)


def covered(window: Window, settings: Settings, as_of: date) -> float:
    """Days of the window that the data covers; a whole month is a twelfth of a year (PERIOD_LENGTH)."""
    start = max(window.start, settings.data_from or window.start)
    end = min(window.end, as_of + DAY)
    length = 0.0
    while start < end:
        following = months_later(start, 1)
        whole = start.day == 1 and following <= end
        length += MONTH_DAYS if whole else 1
        start = following if whole else start + DAY
    return length


def elapsed_share(window: Window, as_of: date) -> float:
    passed = min(window.end, as_of + DAY) - window.start
    return max(passed / (window.end - window.start), 0.0)


def shared(first: date, last: date, window: Window) -> float | None:
    """The share of a target from `first` to `last` that falls into a window, None when they do not meet (G12)."""
    stop = last + DAY
    if all(day.day == 1 for day in (first, stop, window.start, window.end)):
        units = _stepped(first, stop, lambda day: months_later(day, 1))
    else:
        units = _stepped(first, stop, lambda day: day + DAY)
    common = [unit for unit in units if window.start <= unit < window.end]
    return len(common) / len(units) if common else None


def _stepped(start: date, end: date, step: Any) -> list[date]:
    found = []
    while start < end:
        found.append(start)
        start = step(start)
    return found
