"""Workbooks into rows, one reader for each way of writing them. Runs in a process apart (apart.py): a broken file may end it."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any
from xml.etree import ElementTree as ET

from kpidesk.domain.problem import FileUnreadableError
from kpidesk.ingest import headers, markup
from kpidesk.ingest.profiles import known_headers

Row = list[Any]
Sheets = tuple[tuple[str, ...], dict[str, Callable[[], Iterable[Row]]]]
"""The names of all sheets, and for each that may be read what gives its rows, the first row of the sheet first."""

MOST_CELLS = 60_000_000
_LOOKED_AT = 400  # rows of a sheet that tell whether it is the one with the data
_PADDED = 300  # sheets up to this wide give rows of one width, which are read faster
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(.*?)</(?:\w+:)?c>', re.DOTALL
)
_ERROR_MARK, _PIECE = b't="e"', 1 << 20
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")


def read_book(reader: str, data: bytes, sheet: str | None) -> Iterator[Any]:
    """Give (names of all sheets, the chosen one, its number of rows or 0), then its rows in lists of some thousand.

    FileUnreadableError when there is no such sheet, no row in any, or more cells than can be held.
    """
    names, tables = READERS[reader](data)
    if sheet is not None and sheet not in names:
        raise FileUnreadableError(
            f"There is no sheet called “{sheet}”. The file has {', '.join(names)}. Nothing was changed."
        )
    best: tuple[tuple[int, int], str, list[Row], Iterator[Row]] | None = None
    for name in names if sheet is None else (sheet,):
        rows = iter(tables[name]())
        head = list(islice(rows, _LOOKED_AT))
        while head and not any(headers.filled(row) for row in head):
            head = list(islice(rows, _LOOKED_AT)) if sheet is not None else []
        score = _score(head)
        if head and (best is None or score > best[0]):
            best = score, name, head, rows
    if best is None:
        where = "this sheet" if sheet else "any sheet"
        raise FileUnreadableError(
            f"There are no rows in {where}. Nothing was changed. Check the file in your spreadsheet program."
        )
    _, name, head, rows = best
    yield names, name
    cells = 0
    every = chain(head, rows)
    while chunk := list(islice(every, 5_000)):
        cells += sum(len(row) for row in chunk)
        if cells > MOST_CELLS:
            raise FileUnreadableError(
                f"The sheet “{name}” has more than {MOST_CELLS:,} cells. Nothing was changed. Export fewer columns or rows."
            )
        yield chunk


def _score(head: list[Row]) -> tuple[int, int]:
    """Prefer the sheet whose header has most known names, then the longest."""
    place = headers.find_header(head, known_headers())
    names = {headers.fold(cell) for cell in head[place] if isinstance(cell, str)} if place is not None else set()
    return len(names & known_headers()), len(head)


def typed(cell: object) -> object:
    """Return a cell as text, float, datetime or date; None when empty."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, (int, float)):
        return float(cell)
    if isinstance(cell, (datetime, date, str)):
        return cell
    if isinstance(cell, time):
        return cell.isoformat()
    if isinstance(cell, timedelta):
        return cell.total_seconds() / 86_400
    return str(cell)


# --- calamine: XLSX, XLSM, XLSB, ODS and XLS from Excel 5.0 on


def _calamine(data: bytes) -> Sheets:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - a native reader that only workbooks need

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = tuple(book.sheet_names)
    errors = _error_cells(data)

    def rows(name: str) -> Iterable[Row]:
        loaded = book.get_sheet_by_name(name)
        if loaded.start is None:
            return
        left = loaded.start[1]
        width = left + loaded.width
        broken, merged = errors.get(name, {}), _merged(loaded.merged_cell_ranges)
        # Rows come from the first of the sheet, cells from the first column that is used.
        for line, cells in enumerate(loaded.iter_rows()):
            row = [None] * left + [typed(cell) for cell in cells]
            for column, text in broken.get(line, ()):
                if column < len(row):
                    row[column] = text
            merged.fill(line, row)
            yield row if width <= _PADDED else _stripped(row)

    return names, {name: (lambda name=name: rows(name)) for name in names}  # type: ignore[misc]


def _stripped(row: Row) -> Row:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


class _merged:  # noqa: N801 - used as a function that remembers
    """Fills the rows under the first of a merged range: a merged cell holds its value for all of them."""

    def __init__(self, ranges: Sequence[tuple[tuple[int, int], tuple[int, int]]] | None) -> None:
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._going: dict[int, tuple[int, object]] = {}
        for (top, left), (bottom, _) in ranges or ():
            if bottom > top:
                self._starts.setdefault(top, []).append((left, bottom))

    def fill(self, line: int, row: Row) -> None:
        """Fill one row; rows come in order."""
        for column, (bottom, value) in list(self._going.items()):
            if line > bottom:
                del self._going[column]
            elif column < len(row) and row[column] is None:
                row[column] = value
        for column, bottom in self._starts.get(line, ()):
            if column < len(row) and row[column] is not None:
                self._going[column] = (bottom, row[column])


def _error_cells(data: bytes) -> dict[str, dict[int, list[tuple[int, str]]]]:
    """Return cells such as #REF! by sheet and row, from 0: calamine gives them as empty, and a broken amount is not a blank one."""
    if not data.startswith(b"PK"):
        return {}
    found: dict[str, dict[int, list[tuple[int, str]]]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name, part in _parts(archive).items():
            for column, line, text in _errors_of(archive, part):
                found.setdefault(name, {}).setdefault(line, []).append((column, text))
    return found


def _errors_of(archive: zipfile.ZipFile, part: str) -> Iterator[tuple[int, int, str]]:
    with archive.open(part) as stream:
        rest = b""
        while piece := stream.read(_PIECE):
            rest += piece
            if _ERROR_MARK not in rest:
                rest = rest[-len(_ERROR_MARK) :]
                continue
            end = 0
            for cell in _ERROR.finditer(rest):
                end = cell.end()
                value = _VALUE.search(cell[3])
                yield _column(cell[1]), int(cell[2]) - 1, "#ERROR!" if value is None else value[1].decode()
            # A cell may go on in the next piece; what is behind it is not looked at twice.
            rest = rest[max(end, rest.rfind(b"<c ", end), 0) :][-_PIECE:]


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive that holds each sheet of an XLSX; empty for other workbooks."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    links = {
        one.get("Id"): str(one.get("Target"))
        for one in ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - apart, under limits
    }
    found = {}
    for one in ET.fromstring(archive.read("xl/workbook.xml")).iter():  # noqa: S314
        if one.tag.rpartition("}")[2] == "sheet":
            link = next((value for key, value in one.items() if key.rpartition("}")[2] == "id"), None)
            target = links.get(link, "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            if part in names and part.endswith(".xml"):
                found[str(one.get("name"))] = part
    return found


# --- the others


def _openpyxl(data: bytes) -> Sheets:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, needed for the few files calamine cannot read

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)

    def rows(name: str) -> Iterable[Row]:
        sheet = book[name]
        sheet.reset_dimensions()  # a sheet may claim more columns than it has
        for cells in sheet.iter_rows(values_only=True):
            yield _stripped([typed(cell) for cell in cells])

    names = tuple(sheet.title for sheet in book.worksheets)
    return names, {name: (lambda name=name: rows(name)) for name in names}  # type: ignore[misc]


def _xlrd(data: bytes) -> Sheets:
    import xlrd  # noqa: PLC0415 - for the files of Excel before 5.0, and those whose container is damaged

    book = xlrd.open_workbook(
        file_contents=data, logfile=io.StringIO(), ragged_rows=True, ignore_workbook_corruption=True
    )

    def cell(kind: int, value: Any) -> object:  # noqa: ANN401 - what a cell holds
        if kind == xlrd.XL_CELL_DATE:
            try:
                when = xlrd.xldate_as_datetime(value, book.datemode)
            except (ValueError, OverflowError):
                return float(value)
            return when.date() if when.time() == time() else when
        if kind == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(value, "#ERROR!")
        if kind == xlrd.XL_CELL_BOOLEAN:
            return "true" if value else "false"
        return typed(value)

    def rows(name: str) -> Iterable[Row]:
        sheet = book.sheet_by_name(name)
        for line in range(sheet.nrows):
            yield [cell(kind, value) for kind, value in zip(sheet.row_types(line), sheet.row_values(line), strict=True)]

    names = tuple(book.sheet_names())
    return names, {name: (lambda name=name: rows(name)) for name in names}  # type: ignore[misc]


def _web_page(data: bytes) -> Sheets:
    from kpidesk.ingest.text import decode  # noqa: PLC0415

    return _of(markup.web_page(decode(data)[0]))


def _xml_spreadsheet(data: bytes) -> Sheets:
    return _of(markup.xml_spreadsheet(data))


def _of(tables: markup.Tables) -> Sheets:
    return tuple(tables), {name: (lambda rows=rows: rows) for name, rows in tables.items()}  # type: ignore[misc]


READERS: dict[str, Callable[[bytes], Sheets]] = {
    "calamine": _calamine,
    "openpyxl": _openpyxl,
    "xlrd": _xlrd,
    "web-page": _web_page,
    "xml-spreadsheet": _xml_spreadsheet,
}
