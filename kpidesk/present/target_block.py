"""Cells copied from a spreadsheet, as targets of months and owners."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpidesk.domain.kpi import Display
from kpidesk.domain.period import add_months
from kpidesk.domain.problem import KpideskError
from kpidesk.present.numbers import plural
from kpidesk.present.typed import decimal_mark, typed_value
from kpidesk.present.typed_days import read_month

EVERYBODY = "Everybody"
_EVERYBODY = {EVERYBODY.casefold(), "all", "total", "team", "company", "everyone"}
_NAMED, _LONGEST = 3, 24  # so many cells are named, and so much of each
_FURTHEST = 60  # months from the first one of the grid on, and before it


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the cells go: the months and owners ("" for everybody) of the grid, and what its values are."""

    months: Sequence[date]
    owners: Sequence[str]
    display: Display
    currency: str


@dataclass(frozen=True, slots=True)
class Block:
    """What was read: the value of each month and owner, None to clear it; and what there is to say of it.

    With `wrong` nothing is taken.
    """

    values: dict[tuple[date, str], float | None]
    wrong: str = ""
    told: str = ""


def cells_of(text: str) -> list[list[str]]:
    """Split what a spreadsheet copied into rows of cells; a cell in quotes may hold line ends."""
    lines = text.rstrip("\r\n").splitlines(keepends=True)
    try:
        found = list(csv.reader(lines, delimiter="\t"))
    except csv.Error:  # a quote that is never closed
        found = [line.split("\t") for line in lines]
    return [[cell.strip() for cell in line] for line in found]


def read_block(cells: Sequence[Sequence[str]], grid: Grid, row: int, column: int) -> Block:
    """Read cells whose upper left one lies at `row` and `column` of the grid; months and names beside them go before that.

    Names that the grid does not have are new owners.
    """
    months, owners, inner = _headed(cells, grid)
    decimal = decimal_mark(text for line in inner for text in line)
    months = months if months is not None else list(grid.months[row:])
    names = owners if owners is not None else list(grid.owners[column:])
    found: dict[tuple[date, str], float | None] = {}
    wrong: list[str] = []
    outside = 0
    for down, line in enumerate(inner):
        for across, text in enumerate(line):
            if down >= len(months) or across >= len(names):
                outside += bool(text)
                continue
            try:
                found[months[down], names[across]] = typed_value(text, grid.display, grid.currency, decimal)
            except KpideskError as error:
                wrong.append(f"“{_short(text)}” for {_place(months[down], names[across])}")
                why = str(error)
    if wrong:
        return Block({}, f"{_listed(wrong)} cannot be read. {why} Nothing was changed.")
    new = [name for name in dict.fromkeys(names[: max(map(len, inner), default=0)]) if name not in grid.owners]
    told = [f"New here: {', '.join(new)}."] if new else []
    told += [f"{plural(outside, 'cell')} outside the grid {'was' if outside == 1 else 'were'} left."] if outside else []
    return Block(found, told=" ".join(told))


def _headed(
    cells: Sequence[Sequence[str]], grid: Grid
) -> tuple[list[date] | None, list[str] | None, list[Sequence[str]]]:
    """Return the months of the first column and the names of the first row, each None where there are none, and the rest."""
    lines: list[Sequence[str]] = list(cells)
    start = grid.months[0]
    body = lines[1:] if len(lines) > 1 else lines
    dated = [read_month(line[0], start) if line and not _is_value(line[0], grid) else None for line in body]
    months = None
    if all(dated) and all(abs(_steps(start, month)) < _FURTHEST for month in dated if month is not None):
        months = [month for month in dated if month is not None]
    beside = 0 if months is None else 1
    head = list(lines[0][beside:]) if len(lines) > 1 else []
    named = bool(head) and all(text and not _is_value(text, grid) for text in head)
    # One row above the months that is no month itself is a head; without months it has to name people that are known.
    known = {name.casefold(): name for name in grid.owners} | dict.fromkeys(_EVERYBODY, "")
    if named and (read_month(lines[0][0], start) is None if months else all(t.casefold() in known for t in head)):
        owners = [known.get(text.casefold(), text) for text in head]
        return months, owners, [line[beside:] for line in lines[1:]]
    if months is not None and len(lines) > 1:
        first = read_month(lines[0][0], start)
        if first is None:
            return None, None, lines
        months = [first, *months]
    return months, None, [line[beside:] for line in lines]


def _is_value(text: str, grid: Grid) -> bool:
    try:
        return typed_value(text, grid.display, grid.currency) is not None
    except KpideskError:
        return False


def _steps(first: date, month: date) -> int:
    return (month.year - first.year) * 12 + month.month - first.month


def _place(month: date, owner: str) -> str:
    return f"{owner or EVERYBODY} in {month:%b %Y}"


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _listed(wrong: Sequence[str]) -> str:
    more = len(wrong) - _NAMED
    return ", ".join(wrong[:_NAMED]) + (f" and {plural(more, 'more cell')}" if more > 0 else "")


def months_between(first: date, last: date) -> tuple[date, ...]:
    """Return the first days of the months from one to another, both included."""
    return tuple(add_months(first, step) for step in range(_steps(first, last) + 1))
