"""Held rows as a workbook: where each stands, why it is held, and its cells as they are in the file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kpidesk.domain.importing import HeldRow, HeldState
from kpidesk.export import cells
from kpidesk.export.cells import put, put_head
from kpidesk.export.whole import write_whole

_HEADS = ("Line", "Reason", "State")
_WIDTHS, _CELL_WIDTH = (8, 54, 12), 18
_WORDS = {HeldState.WAITING: "Held", HeldState.DISMISSED: "Dismissed", HeldState.REPAIRED: "Repaired"}
_SHEET_NAME = 31
_NOT_IN_NAMES = str.maketrans(dict.fromkeys("[]:*?/\\", " "))


@dataclass(frozen=True, slots=True)
class HeldSheet:
    """The held rows of one import, under the name of its file."""

    title: str
    rows: Sequence[HeldRow]


def write_held(path: Path, sheets: Sequence[HeldSheet]) -> Path:
    """Write a sheet for each import; no cell is live. ExportError when the file cannot be written; it is then as it was."""
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "KPIDesk", "Held rows"
    for number, one in enumerate(sheets, start=1):
        # openpyxl numbers equal names, case aside, but only after they were cut to what Excel takes.
        name = cells.clean(one.title).translate(_NOT_IN_NAMES).strip("' ")[: _SHEET_NAME - 4]
        _fill(book.create_sheet(name or f"Import {number}"), one.rows)
    if not sheets:
        _fill(book.create_sheet("Held rows"), ())
    write_whole(path, book.save)
    return path


def headers(rows: Sequence[HeldRow]) -> list[str]:
    """Return the headers of the cells of rows, in the order of the file."""
    return list(dict.fromkeys(header for row in rows for header in row.cells))


def _fill(sheet: Worksheet, rows: Sequence[HeldRow]) -> None:
    names = headers(rows)
    put_head(sheet, 1, (*_HEADS, *names), numeric={0})
    for line, row in enumerate(rows, start=2):
        put(sheet, line, 1, row.line)
        put(sheet, line, 2, row.reason)
        put(sheet, line, 3, _WORDS[row.state])
        for place, name in enumerate(names, start=len(_HEADS) + 1):
            put(sheet, line, place, row.cells.get(name) or None)
    for place, width in enumerate((*_WIDTHS, *([_CELL_WIDTH] * len(names))), start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "C2"
