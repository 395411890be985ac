"""Writes the sample company as files."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from kpidesk.domain.period import add_months
from kpidesk.sample import company
from kpidesk.sample.dice import Dice
from kpidesk.sample.story import Teller
from kpidesk.sample.tables import Cell, Table, tables

_FILES = {
    "deals": "hubspot-crm-exports-all-deals-{end}.csv",
    "leads": "hubspot-crm-exports-all-leads-{end}.csv",
    "stage_history": "deal-stage-history-{end}.csv",
    "activities": "sales-activities-{end}.xlsx",
    "customers": "customers-{end}.csv",
    "transactions": "invoices-{end}.csv",
    "costs": "costs-{end}.xlsx",
    "targets": "targets-{end}.xlsx",
}


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One written file and the entity it feeds."""

    path: Path
    entity: str


def generate(folder: Path, *, end: date, seed: int = 2026) -> tuple[SampleFile, ...]:
    """Write the files of the sample company into `folder` and return them in the order to import them.

    The story begins on the first day of the month 24 months before `end` and ends on `end`. The same `end` and `seed` give the
    same bytes of CSV and the same cells of XLSX. OSError when the folder cannot be made or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    story = Teller(add_months(end, -company.MONTHS), end, Dice(seed)).tell()
    written = []
    for table in tables(story, Dice(seed + 1)):
        path = folder / _FILES[table.entity].format(end=end.isoformat())
        if path.suffix == ".csv":
            _write_csv(path, table)
        else:
            _write_xlsx(path, table)
        written.append(SampleFile(path, table.entity))
    return tuple(written)


def _write_csv(path: Path, table: Table) -> None:
    """Write as HubSpot does: every cell quoted, a line feed after each row, no byte order mark."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(table.columns)
        writer.writerows([_text(cell) for cell in row] for row in table.rows)


def _text(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "Yes" if cell else "No"
        case datetime():
            return f"{cell:%Y-%m-%d %H:%M}"
        case date():
            return cell.isoformat()
        case float():
            return f"{cell:.2f}".removesuffix("0").removesuffix(".0") if cell != int(cell) else f"{cell:.1f}"
        case _:
            return cell


def _write_xlsx(path: Path, table: Table) -> None:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(table.entity.replace("_", " ").capitalize())
    sheet.freeze_panes = "A2"
    for number, column in enumerate(table.columns):
        sheet.column_dimensions[chr(65 + number)].width = max(12, len(column) + 4)
    sheet.append([_bold(sheet, column) for column in table.columns])
    for row in table.rows:
        sheet.append(_cells(sheet, row))
    book.save(path)


def _bold(sheet: object, text: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.font = Font(bold=True)
    return cell


def _cells(sheet: object, row: Sequence[Cell]) -> list[object]:
    """Return a row with the formats that Excel needs to show dates as dates."""
    cells: list[object] = []
    for value in row:
        if isinstance(value, bool):
            cells.append("Yes" if value else "No")
        elif isinstance(value, date):
            cell = WriteOnlyCell(sheet, value=value)
            cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(value, datetime) else "yyyy-mm-dd"
            cells.append(cell)
        else:
            cells.append(value)
    return cells
