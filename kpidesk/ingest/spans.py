"""Headers and cells that are months, quarters, ranges of months or weeks: what a crosstab is known by."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from kpidesk.domain.period import Calendar, Grain, add_months, period_of
from kpidesk.ingest.cells import Moment, moment, month_number

_FEWEST, _FEWEST_DATED = 3, 2
_LONGEST, _WIDEST = 32, 1000  # characters of a header, columns of a crosstab
_EPOCH = date(1970, 1, 1).toordinal()
_BARE = re.compile(r"[^\W\d_]{3,10}\.?")
_YEAR = r"(?:(?P<fiscal>fy)\s*)?(?P<year>20\d\d|\d\d)"
_QUARTER = r"(?:q(?:uarter|tr)?\s*(?P<number>[1-4])|(?P<before>[1-4])\s*q)"
_QUARTERS = (
    re.compile(rf"{_QUARTER}(?:[\s/,-]*{_YEAR})?"),
    re.compile(rf"{_YEAR}[\s/,-]*{_QUARTER}"),
)
_RANGE = re.compile(
    r"(?P<first>[^\W\d_]{3,10})\.?\s*(?P<year>20\d\d)?\s*(?:-|to)\s*(?P<last>[^\W\d_]{3,10})\.?\s*(?P<until>20\d\d|\d\d)"
)
_WEEKS = (
    re.compile(r"(?P<year>20\d\d)[\s-]*(?:w|week|wk|cw)\s*(?P<week>\d{1,2})"),
    re.compile(r"(?:w|week|wk|cw)\s*(?P<week>\d{1,2})[\s/,-]+(?P<year>20\d\d)"),
)


class Kind(StrEnum):
    """What a span of time is, finest first where a header has several."""

    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    MONTHS = "range of months"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time as it is written. `year` is None where none is; `fiscal` says that the year is that of the business.

    `number` is the month, the first month of a range of `length` months, the quarter, or the day (since year 1) a week begins on.
    """

    kind: Kind
    year: int | None
    number: int
    length: int = 1
    fiscal: bool = False

    @property
    def place(self) -> int:
        """Where it stands among its kind."""
        per_year = {Kind.QUARTER: 4, Kind.WEEK: 0}.get(self.kind, 12)
        return (self.year or 0) * per_year + self.number

    @property
    def step(self) -> int:
        """How far behind it the next one stands."""
        return 7 if self.kind is Kind.WEEK else self.length

    def days(self, calendar: Calendar, year: int | None = None) -> tuple[date, date]:
        """Return its first and last day; `year` is that of one without its own. Quarters are those of the calendar's year."""
        if self.kind is Kind.WEEK:
            first = date.fromordinal(self.number)
            return first, first + timedelta(days=6)
        of = self.year if self.year is not None else year
        assert of is not None  # noqa: S101 - the caller knows the year
        if self.kind is Kind.QUARTER:
            begins = date(of if calendar.fiscal_start == 1 else of - 1, calendar.fiscal_start, 1)
            return _until(add_months(begins, 3 * (self.number - 1)), 3)
        return _until(date(of, self.number, 1), self.length)


def _until(first: date, months: int) -> tuple[date, date]:
    return first, add_months(first, months) - timedelta(days=1)


_ANY = Calendar()


def span_of(cell: object, calendar: Calendar = _ANY) -> Span | None:
    """Read “Mar 2026”, “2026-03”, “March”, “Q1 2026”, “1Q26”, “FY26 Q2”, “Jan-Mar 2026”, “2026-W37”; None for any other cell."""
    if isinstance(cell, (datetime, date)):
        return Span(Kind.MONTH, cell.year, cell.month) if cell.day == 1 else None
    if not isinstance(cell, str):
        return None
    text = " ".join(cell.split()).replace("'", " ").replace("’", " ").replace("–", "-").replace("—", "-")
    if _BARE.fullmatch(text) and (number := month_number(text.rstrip("."))):
        return Span(Kind.MONTH, None, number)
    if len(text) > _LONGEST or not any(char.isdigit() for char in text):
        return None  # most headers
    low = " ".join(text.casefold().split())
    found = _quarter(low) if "q" in low else None
    return found or _range(low) or (_week(low, calendar) if "w" in low else None) or _month(text)


def _month(text: str) -> Span | None:
    read = moment(text.removesuffix(" 00:00:00"), None)
    if not isinstance(read, Moment):
        return None
    day = date.fromordinal(read.day + _EPOCH)
    return Span(Kind.MONTH, day.year, day.month) if read.month_only or day.day == 1 else None


def _quarter(text: str) -> Span | None:
    found = next((one for pattern in _QUARTERS if (one := pattern.fullmatch(text))), None)
    if found is None:
        return None
    number = int(found["number"] or found["before"])
    year = None if found["year"] is None else int(found["year"])
    full = year + 2000 if year is not None and year < 100 else year
    return Span(Kind.QUARTER, full, number, fiscal=bool(found["fiscal"]))


def _range(text: str) -> Span | None:
    found = _RANGE.fullmatch(text)
    first, last = (None, None) if found is None else (month_number(found["first"]), month_number(found["last"]))
    if found is None or not first or not last:
        return None
    end = int(found["until"])
    end = end + 2000 if end < 100 else end
    begin = int(found["year"]) if found["year"] else end - (last < first)
    length = (end - begin) * 12 + last - first + 1
    return Span(Kind.MONTHS, begin, first, length) if 1 <= length <= 12 else None


def _week(text: str, calendar: Calendar) -> Span | None:
    found = next((one for pattern in _WEEKS if (one := pattern.fullmatch(text))), None)
    if found is None:
        return None
    try:
        day = date.fromisocalendar(int(found["year"]), int(found["week"]), 4)
    except ValueError:
        return None
    return Span(Kind.WEEK, None, period_of(day, Grain.WEEK, calendar).start.toordinal())


def run_of_spans(cells: Sequence[object], calendar: Calendar = _ANY) -> dict[int, Span]:
    """Return place -> span of the cells of a row that are spans of one kind, each one after the one before; {} for too few.

    Where a row has months and their quarters, the months are the run.
    """
    if len(cells) > _WIDEST:
        return {}
    spans = {place: span for place, cell in enumerate(cells) if (span := span_of(cell, calendar)) is not None}
    for kind in Kind:
        found = {place: span for place, span in spans.items() if span.kind is kind}
        if _is_run(found):
            return found
    return {}


def _is_run(found: Mapping[int, Span]) -> bool:
    spans = list(found.values())
    dated = {one.kind is Kind.WEEK or one.year is not None for one in spans}
    enough = _FEWEST_DATED if spans and spans[0].kind is not Kind.MONTH and dated == {True} else _FEWEST
    if len(spans) < enough or len(dated) != 1:
        return False
    around = {Kind.MONTH: -11, Kind.QUARTER: -3}  # April to March without years
    return all(
        later.place - one.place == one.step or (dated == {False} and later.place - one.place == around.get(one.kind))
        for one, later in pairwise(spans)
    )
