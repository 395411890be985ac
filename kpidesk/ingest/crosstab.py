"""Crosstabs: one row with an amount for every month, quarter or week, turned into one row per amount."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from kpidesk.domain.period import Calendar
from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.ingest import headers
from kpidesk.ingest.cells import Unreadable, is_null, number, split_number, tidy
from kpidesk.ingest.coded import Coded
from kpidesk.ingest.distinct import distinct
from kpidesk.ingest.headers import fold
from kpidesk.ingest.raw import Cells, RawTable
from kpidesk.ingest.spans import Kind, Span, span_of

AMOUNT, PERIOD_END = "Amount", "Period end"
_LOOKED_AT = 1000
_SPAN_COLUMNS = frozenset({"quarter", "fiscal quarter", "period", "fiscal period", "month", "start", "date", "week"})
_SUMS = re.compile(
    r"^(?:(?:grand |sub ?)?totals?|sum|ytd|year to date|average|avg|mean|fy ?\d*|\d{4}|[qh][1-4]|[1-4]q)\b",
    re.IGNORECASE,
)
_TOTAL = re.compile(r"^(?:(?:grand |sub-?)?totals?|sum)\b", re.IGNORECASE)
_ALONE = re.compile(r"(?:(?:grand |sub-?)?totals?|sum)\s*:?", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
_CUSTOMER = frozenset({"customer", "customer name", "customer id", "client", "client name"})


def crosstab(raw: RawTable, spans: Mapping[int, Span], calendar: Calendar) -> RawTable:
    """Turn one row with an amount for every month, quarter or week into one row per amount. Its line stays.

    Columns and rows that only add up others are left out. An empty cell is no row.
    """
    kind = next(iter(spans.values())).kind
    sums = [place for place, name in enumerate(raw.header) if place not in spans and _SUMS.match(fold(name))]
    labels = [place for place in range(len(raw.header)) if place not in spans and place not in sums]
    problems = list(raw.problems)
    if sums:
        listed = ", ".join(f"“{raw.header[place]}”" for place in sums)
        add = (
            "The column {} adds up others and is left out."
            if len(sums) == 1
            else "The columns {} add up others and are left out."
        )
        text = add.format(listed)
        problems.append(Problem("total-columns", Severity.INFO, text, len(sums)))
    order = sorted(spans)
    grid = np.stack([raw.columns[place] for place in order], axis=1)
    totals, unlike = (
        _totals(texts(raw.columns[labels[0]]), grid) if labels else (np.zeros(raw.rows, dtype=np.bool_),) * 2
    )
    if unlike.any():
        named = texts(raw.columns[labels[0]])[unlike][0]
        text = f"“{named}” sounds like a total but is not the sum of rows above it, so it is kept. Delete it in the file if it is one."
        problems.append(Problem("total-kept", Severity.CHECK, text, int(np.count_nonzero(unlike))))
    if totals.any():
        lines = raw.lines[totals]
        count = len(lines)
        text = f"{count:,} {'row adds' if count == 1 else 'rows add'} up others and {'is' if count == 1 else 'are'} left out."
        problems.append(
            Problem("total-rows", Severity.INFO, text, count, tuple(Place(int(line)) for line in lines[:5]))
        )
    year, said = _year(raw, spans)
    problems += said
    filled = filled_cells(grid) & ~totals[:, None]
    nothing = np.frompyfunc(lambda cell: is_null(tidy(cell), value=True), 1, 1)(grid).astype(np.bool_) & filled
    if count := int(np.count_nonzero(nothing)):
        word = tidy(grid[nothing][0])
        text = f"{count:,} {'cell' if count == 1 else 'cells'} such as “{word}” {'is' if count == 1 else 'are'} read as no amount."
        problems.append(Problem("null-words", Severity.INFO, text, count, values=(word,)))
    rows, places = np.nonzero(filled & ~nothing)
    starts, ends, told = _written([(raw.header[place], spans[place]) for place in order], calendar, year)
    problems += told
    customers = any(fold(raw.header[place]) in _CUSTOMER for place in labels)
    head = kind.value.capitalize()
    text = (
        f"{_PLURAL[kind]} stand side by side: {len(rows):,} amounts in {len(order)} columns are read as one row each."
    )
    problems.append(Problem("crosstab", Severity.INFO, text, len(rows)))
    long = kind is not Kind.MONTH
    return replace(
        raw,
        header=(
            *(raw.header[place] for place in labels),
            "Date" if customers else "Period" if long else head,
            *((PERIOD_END,) if long else ()),
            AMOUNT,
        ),
        columns=(
            *(raw.columns[place][rows] for place in labels),
            starts[places],
            *((ends[places],) if long else ()),
            grid[rows, places],
        ),
        lines=raw.lines[rows],
        problems=tuple(problems),
    )


def spelled_out(raw: RawTable, names: Sequence[str], calendar: Calendar) -> RawTable:
    """Write out a column of quarters, ranges of months or weeks as their first and last days; other tables stay as they are."""
    for place in (place for place, name in enumerate(names) if name in _SPAN_COLUMNS):
        first = next((cell for cell in raw.columns[place][:_LOOKED_AT] if not headers.is_empty(cell)), None)
        if first is None or (one := span_of(first, calendar)) is None or not _is_spelled(one):
            continue  # most columns are of plain dates, which are many
        column = distinct(raw.columns[place])
        spans = [None if headers.is_empty(cell) else span_of(cell, calendar) for cell in column.cells]
        named = [(str(cell), one) for cell, one in zip(column.cells, spans, strict=True) if one is not None]
        filled = sum(not headers.is_empty(cell) for cell in column.cells)
        if not named or len(named) < filled or not all(_is_spelled(one) for _, one in named):
            continue
        starts, ends, told = _written(named, calendar, "")
        number = np.full(len(spans), len(named))
        number[[place for place, one in enumerate(spans) if one is not None]] = np.arange(len(named))
        begin, end = (np.append(days, np.array([None], dtype=object))[number[column.codes]] for days in (starts, ends))
        columns = (*raw.columns[:place], begin, *raw.columns[place + 1 :], end)
        return replace(raw, header=(*raw.header, PERIOD_END), columns=columns, problems=(*raw.problems, *told))
    return raw


def _is_spelled(one: Span) -> bool:
    """Whether a cell says by itself which days it means, in a way that no date does."""
    return one.kind is Kind.WEEK or (one.kind is not Kind.MONTH and one.year is not None)


_PLURAL = {Kind.MONTH: "Months", Kind.QUARTER: "Quarters", Kind.MONTHS: "Ranges of months", Kind.WEEK: "Weeks"}


def _written(
    named: Sequence[tuple[str, Span]], calendar: Calendar, year: str
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_], list[Problem]]:
    """Return the first and last days of spans as text, and what is to be said of how they are read.

    Months stay as they are written, so that they are read as any date is; what has no year and gets none stays too, and is held.
    """
    if (
        not named
        or named[0][1].kind is Kind.MONTH
        or any(one.year is None and not year and one.kind is not Kind.WEEK for _, one in named)
    ):
        spelled = [f"{name.strip()} {year}" if year else name for name, _ in named]
        written = np.array([*(one.removesuffix(" 00:00:00") for one in spelled), None], dtype=object)[:-1]
        return written, written, []
    days = [one.days(calendar, int(year) if year else None) for _, one in named]
    starts, ends = (np.array([*(pair[side].isoformat() for pair in days), None], dtype=object)[:-1] for side in (0, 1))
    (name, one), (first, last) = named[0], days[0]
    moved = one.kind is Kind.QUARTER and calendar.fiscal_start > 1
    text = f"“{name.strip()}” is read as {first.day} {first:%b %Y} to {last.day} {last:%b %Y}"
    text += (
        f", as the business year begins in {first.replace(day=1, month=calendar.fiscal_start):%B}." if moved else "."
    )
    if moved and not one.fiscal:
        text += " Change the first month of the year in the settings if quarters of calendar years are meant."
    severity = Severity.CHECK if moved and not one.fiscal else Severity.INFO
    return starts, ends, [Problem("periods", severity, text, len(named))]


def filled_cells(grid: Cells) -> npt.NDArray[np.bool_]:
    """Return which cells of an array of cells hold something."""
    return np.frompyfunc(lambda cell: not headers.is_empty(cell), 1, 1)(grid).astype(np.bool_)


def _totals(names: npt.NDArray[np.object_], grid: Cells) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which rows are totals, and which only sound like one: a customer may be called Total Energy.

    “Total” alone is one; “Total marketing” is one where it is the sum of the rows since the last total, or of all above.
    """
    alone = np.array([_ALONE.fullmatch(name) is not None for name in names], dtype=np.bool_)
    named = np.array([_TOTAL.match(name) is not None for name in names], dtype=np.bool_)
    totals = alone.copy()
    for decimal in (".", ","):
        amounts = np.frompyfunc(lambda cell, mark=decimal: _amount(cell, mark), 1, 1)(grid).astype(np.float64)
        for row in np.flatnonzero(named & ~alone):
            since = int(np.flatnonzero(totals[:row])[-1]) + 1 if totals[:row].any() else 0
            for above in (np.arange(since, row), np.flatnonzero(~totals[:row])):
                totals[row] |= len(above) > 0 and bool(
                    np.allclose(amounts[above].sum(axis=0), amounts[row], atol=0.011)
                )
    return totals, named & ~totals


def _amount(cell: object, decimal: str) -> float:
    """Read an amount for adding up; 0 for what is none."""
    if isinstance(cell, float):
        return cell
    parts = split_number(tidy(cell))
    read = parts if isinstance(parts, Unreadable) else number(parts, decimal)
    return 0.0 if isinstance(read, Unreadable) else read


def _year(raw: RawTable, spans: Mapping[int, Span]) -> tuple[str, list[Problem]]:
    """Return the year of months or quarters without one, if the name of sheet or file tells a single one and they do not pass into another."""
    if any(one.year is not None or one.kind is Kind.WEEK for one in spans.values()):
        return "", []
    what = _PLURAL[next(iter(spans.values())).kind].lower()
    for where, name in (("sheet", raw.sheet or ""), ("file", PurePath(raw.file_name).stem)):
        years = set(_YEAR.findall(name))
        numbers = [one.number for _, one in sorted(spans.items())]
        if len(years) == 1 and numbers == sorted(numbers):
            year = years.pop()
            text = f"The {what} are read as those of {year}, the year in the name of the {where}."
            return year, [Problem("year-from-name", Severity.CHECK, text, len(spans))]
    text = f"The {what} have no year. Put it into the headers or into the name of the file, such as “Costs 2026”, and read the file again."
    return "", [Problem("months-without-year", Severity.CHECK, text, len(spans))]


def texts(column: Cells | Coded) -> npt.NDArray[np.object_]:
    """Return the cells of a column as tidied texts."""
    return np.array([tidy(cell) for cell in column], dtype=object)
