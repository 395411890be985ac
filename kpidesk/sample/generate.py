"""Writes the sample company as files."""

import csv
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from kpidesk.domain.period import Grain, add_months, period_of
from kpidesk.sample import company
from kpidesk.sample.dice import Dice
from kpidesk.sample.story import Story, Teller
from kpidesk.sample.tables import Cell, Table, tables

_TELLINGS = 6
_YOUNG_DAYS = 30
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
    story = typical_story(end, seed)
    written = []
    for table in tables(story, Dice(seed + 1)):
        path = folder / _FILES[table.entity].format(end=end.isoformat())
        if path.suffix == ".csv":
            _write_csv(path, table)
        else:
            _write_xlsx(path, table)
        written.append(SampleFile(path, table.entity))
    return tuple(written)


def typical_story(end: date, seed: int) -> Story:
    """Tell the story a few times and return the one that comes nearest to the figures the sample is meant to show.

    A small company's quarter can go anywhere; someone who opens the sample should see the usual one.
    """
    first = add_months(end, -company.MONTHS)
    stories = (Teller(first, end, Dice(seed * _TELLINGS + number)).tell() for number in range(_TELLINGS))
    return min(stories, key=_oddness)


def _oddness(story: Story) -> float:
    """Return how far a story is from the usual figures in the quarter so far, or in the last quarter's time when it is young."""
    quarter = period_of(story.end, Grain.QUARTER)
    elapsed = (story.end - quarter.start).days + 1
    days = elapsed if elapsed >= _YOUNG_DAYS else quarter.days
    first = story.end - timedelta(days=days - 1)
    decided = [(deal, closed) for deal in story.deals if (closed := deal.closed) is not None and closed.date() >= first]
    won = [deal.amount for deal, _ in decided if deal.stage == company.WON]
    share = sum(won) / (company.QUARTER_TARGET * days / quarter.days)
    rate = len(won) / max(len(decided), 1)
    cycle = sum((closed - deal.created).days for deal, closed in decided) / max(len(decided), 1)
    size = sum(won) / max(len(won), 1)
    usual = (company.USUAL_PACE, company.USUAL_WIN_RATE, company.USUAL_CYCLE_DAYS, company.USUAL_DEAL)
    return sum(abs(1 - found / wanted) for found, wanted in zip((share, rate, cycle, size), usual, strict=True))


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
    """Write real dates and numbers with their formats, a bold frozen head, and Yes or No for flags, as CRMs do."""
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(table.entity.replace("_", " ").capitalize())
    sheet.append(table.columns)
    for row in table.rows:
        sheet.append([_text(cell) if isinstance(cell, bool) else cell for cell in row])
    for head in sheet[1]:
        head.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(head.column)].width = max(12, len(str(head.value)) + 4)
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            if isinstance(cell.value, date):
                cell.number_format = "yyyy-mm-dd hh:mm" if isinstance(cell.value, datetime) else "yyyy-mm-dd"
    sheet.freeze_panes = "A2"
    book.save(path)
    book.close()
