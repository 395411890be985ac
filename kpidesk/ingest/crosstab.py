"""Crosstabs: one row with an amount for every month, turned into one row per amount."""

import re
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import numpy.typing as npt

from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.ingest import headers
from kpidesk.ingest.cells import Unreadable, is_null, number, split_number, tidy
from kpidesk.ingest.coded import Coded
from kpidesk.ingest.headers import fold
from kpidesk.ingest.raw import Cells, RawTable

MONTH, AMOUNT = "Month", "Amount"
_SUMS = re.compile(
    r"^(?:(?:grand |sub ?)?totals?|sum|ytd|year to date|average|avg|mean|fy ?\d*|\d{4})\b", re.IGNORECASE
)
_TOTAL = re.compile(r"^(?:(?:grand |sub-?)?totals?|sum)\b", re.IGNORECASE)
_ALONE = re.compile(r"(?:(?:grand |sub-?)?totals?|sum)\s*:?", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
_CUSTOMER = frozenset({"customer", "customer name", "customer id", "client", "client name"})


def crosstab(raw: RawTable, months: dict[int, tuple[int | None, int]]) -> RawTable:
    """Turn one row with an amount for every month into one row per amount. Its line stays; the month names its column.

    Columns and rows that only add up others are left out. An empty cell is no row.
    """
    sums = [place for place, name in enumerate(raw.header) if place not in months and _SUMS.match(fold(name))]
    labels = [place for place in range(len(raw.header)) if place not in months and place not in sums]
    problems = list(raw.problems)
    if sums:
        listed = ", ".join(f"“{raw.header[place]}”" for place in sums)
        add = (
            "The column {} adds up months and is left out."
            if len(sums) == 1
            else "The columns {} add up months and are left out."
        )
        text = add.format(listed)
        problems.append(Problem("total-columns", Severity.INFO, text, len(sums)))
    order = sorted(months)
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
    year, said = _year(raw, months)
    problems += said
    filled = filled_cells(grid) & ~totals[:, None]
    nothing = np.frompyfunc(lambda cell: is_null(tidy(cell), value=True), 1, 1)(grid).astype(np.bool_) & filled
    if count := int(np.count_nonzero(nothing)):
        word = tidy(grid[nothing][0])
        text = f"{count:,} {'cell' if count == 1 else 'cells'} such as “{word}” {'is' if count == 1 else 'are'} read as no amount."
        problems.append(Problem("null-words", Severity.INFO, text, count, values=(word,)))
    rows, places = np.nonzero(filled & ~nothing)
    spelled = [f"{raw.header[place].strip()} {year}" if year else raw.header[place] for place in order]
    written = np.array([name.removesuffix(" 00:00:00") for name in spelled], dtype=object)
    customers = any(fold(raw.header[place]) in _CUSTOMER for place in labels)
    text = f"Months stand side by side: {len(rows):,} amounts in {len(order)} columns are read as one row each."
    problems.append(Problem("crosstab", Severity.INFO, text, len(rows)))
    return replace(
        raw,
        header=(*(raw.header[place] for place in labels), "Date" if customers else MONTH, AMOUNT),
        columns=(*(raw.columns[place][rows] for place in labels), written[places], grid[rows, places]),
        lines=raw.lines[rows],
        problems=tuple(problems),
    )


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


def _year(raw: RawTable, months: dict[int, tuple[int | None, int]]) -> tuple[str, list[Problem]]:
    """Return the year of months without one, if the name of sheet or file tells a single one and the months do not pass into another."""
    if any(year is not None for year, _ in months.values()):
        return "", []
    for where, name in (("sheet", raw.sheet or ""), ("file", PurePath(raw.file_name).stem)):
        years = set(_YEAR.findall(name))
        numbers = [number for _, (_, number) in sorted(months.items())]
        if len(years) == 1 and numbers == sorted(numbers):
            year = years.pop()
            text = f"The months are read as those of {year}, the year in the name of the {where}."
            return year, [Problem("year-from-name", Severity.CHECK, text, len(months))]
    text = "The months have no year. Put it into the headers or into the name of the file, such as “Costs 2026”, and read the file again."
    return "", [Problem("months-without-year", Severity.CHECK, text, len(months))]


def texts(column: Cells | Coded) -> npt.NDArray[np.object_]:
    """Return the cells of a column as tidied texts."""
    return np.array([tidy(cell) for cell in column], dtype=object)
