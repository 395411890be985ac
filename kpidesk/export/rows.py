"""Many rows into a sheet of Excel, faster than cell by cell.

openpyxl writes the workbook with the data sheets holding only their heads; here the rows are put in between, as XML text. A column
has few distinct values, so most cells are found ready-made.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from io import BytesIO
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl.utils import get_column_letter

from kpidesk.domain.progress import Progress
from kpidesk.export.cells import clean, is_telling
from kpidesk.present.summary import DataColumn

_END = b"</sheetData>"
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
_CHUNK = 2_000
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of Excel


@dataclass(frozen=True, slots=True)
class DataSheet:
    """Rows `start` up to but not including `stop` of the data, for the sheet at `path` in the workbook.

    `styles` are the workbook's numbers of its cell styles: one for each column, and one for text that looks like a formula.
    """

    path: str
    start: int
    stop: int
    styles: tuple[int, ...]
    guard: int


def add_rows(
    book: BytesIO, file: IO[bytes], sheets: Sequence[DataSheet], columns: Sequence[DataColumn], progress: Progress
) -> None:
    """Copy the workbook in `book` to `file` with the rows of its data sheets; CancelledError when asked to stop."""
    by_path = {sheet.path: sheet for sheet in sheets}
    with ZipFile(book) as source, ZipFile(file, "w", ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name not in by_path:
                target.writestr(name, source.read(name))
                continue
            sheet = by_path[name]
            ref = f"A1:{get_column_letter(max(len(columns), 1))}{sheet.stop - sheet.start + 1}"
            head, _, tail = source.read(name).partition(_END)
            with target.open(name, "w", force_zip64=True) as out:
                out.write(_DIMENSION.sub(f'<dimension ref="{ref}"'.encode(), head, count=1))
                for chunk in _chunks(sheet, columns, progress):
                    out.write(chunk.encode())
                out.write(_END + tail)


def _chunks(sheet: DataSheet, columns: Sequence[DataColumn], progress: Progress) -> Iterator[str]:
    total = len(columns[0].cells) if columns else 0
    letters = [get_column_letter(place) for place in range(1, len(columns) + 1)]
    writers = [_writer(style, sheet.guard) for style in sheet.styles]
    for first in range(sheet.start, sheet.stop, _CHUNK):
        progress.report("Writing rows", first, total)
        last = min(first + _CHUNK, sheet.stop)
        made = [
            [write(value) for value in column.cells[first:last]] for write, column in zip(writers, columns, strict=True)
        ]
        lines = []
        for line, cells in enumerate(zip(*made, strict=True), start=first - sheet.start + 2):
            filled = [f'<c r="{letter}{line}"{cell}' for letter, cell in zip(letters, cells, strict=True) if cell]
            lines.append(f'<row r="{line}">{"".join(filled)}</row>')
        yield "".join(lines)


def _writer(style: int, guard: int) -> Callable[[object], str]:
    """Return what turns a value of one column into its cell without the place, "" for an empty one, and remembers the texts."""
    known: dict[str, str] = {}

    def cell(value: object) -> str:
        match value:
            case str():
                made = known.get(value)
                if made is None:
                    made = known[value] = _text(value, style, guard)
                return made
            case bool():
                return f' s="{style}" t="b"><v>{value:d}</v></c>'
            case date():
                return f' s="{style}"><v>{value.toordinal() - _EPOCH}</v></c>'
            case int() | float():
                return f' s="{style}"><v>{value!r}</v></c>' if abs(value) < float("inf") else ""
        return ""

    return cell


def _text(value: str, style: int, guard: int) -> str:
    text = clean(value)
    if not text:
        return ""
    used = guard if is_telling(text) else style
    return f' s="{used}" t="inlineStr"><is><t xml:space="preserve">{escape(text, quote=False)}</t></is></c>'
