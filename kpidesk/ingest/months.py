"""Headers that are months: what a crosstab is known by."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from itertools import pairwise

from kpidesk.ingest.cells import Moment, moment, month_number

_FEWEST = 3
_BARE = re.compile(r"[^\W\d_]{3,10}\.?")


def month_of(cell: object) -> tuple[int | None, int] | None:
    """Return (year, month) of a header such as “Mar 2026”, “2026-03” or “March” (year None); None for any other cell."""
    if isinstance(cell, (datetime, date)):
        return (cell.year, cell.month) if cell.day == 1 else None
    if not isinstance(cell, str):
        return None
    text = " ".join(cell.split()).replace("'", " ").replace("’", " ")
    if _BARE.fullmatch(text) and (number := month_number(text.rstrip("."))):
        return None, number
    read = moment(text.removesuffix(" 00:00:00"), None)
    if not isinstance(read, Moment):
        return None
    day = date.fromordinal(read.day + date(1970, 1, 1).toordinal())
    return (day.year, day.month) if read.month_only or day.day == 1 else None


def run_of_months(cells: Sequence[object]) -> dict[int, tuple[int | None, int]]:
    """Return place -> month of the cells of a row that are months, each one after the one before; {} for fewer than three."""
    found = {place: month for place, cell in enumerate(cells) if (month := month_of(cell)) is not None}
    counts = [(year or 0) * 12 + month for year, month in found.values()]
    years = {year is None for year, _ in found.values()}
    steps = {later - one for one, later in pairwise(counts)}
    in_order = steps == {1} or (years == {True} and steps <= {1, -11})  # April to March without years
    return found if len(found) >= _FEWEST and len(years) == 1 and in_order else {}
