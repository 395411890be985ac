"""Workbooks into rows, one reader for each way of writing them. Runs in a process apart (apart.py): a broken file may end it."""

import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, islice, repeat
from typing import Any

from kpidesk.domain.problem import FileUnreadableError
from kpidesk.ingest import headers, markup
from kpidesk.ingest.error_cells import error_cells
from kpidesk.ingest.merged import Merged
from kpidesk.ingest.profiles import known_headers

Row = list[Any]
Sheets = tuple[tuple[str, ...], dict[str, Callable[[], Iterable[Row]]], Counter[str]]
"""The names of all sheets; for each what gives its rows, the first row of the sheet first; cells filled from merged ones."""

MOST_CELLS = 60_000_000
PROTECTED = "This file is protected with a password. Nothing was changed. Save it without one and try again."
_LOOKED_AT = 400  # rows of a sheet that tell whether it is the one with the data
_PADDED = 300  # sheets up to this wide give rows of one width, which are read faster


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sheet whose first rows were looked at: `above` blank ones, then `head`, then the rest."""

    name: str
    known: frozenset[str]
    above: int
    head: list[Row]
    rest: Iterator[Row]


def read_book(reader: str, data: bytes, sheet: str | None) -> Iterator[Any]:
    """Give (names of all sheets, the chosen one, those like it), its rows in lists of some thousand, and how many cells were merged.

    FileUnreadableError when there is no such sheet, no row in any, or more cells than can be held.
    """
    names, tables, merged = READERS[reader](data)
    if sheet is not None and sheet not in names:
        raise FileUnreadableError(
            f"There is no sheet called “{sheet}”. The file has {', '.join(names)}. Nothing was changed."
        )
    found = [one for name in (names if sheet is None else (sheet,)) if (one := _begun(name, tables[name]()))]
    if not found:
        where = "this sheet" if sheet else "any sheet"
        raise FileUnreadableError(
            f"There are no rows in {where}. Nothing was changed. Check the file in your spreadsheet program."
        )
    # The header with most known names tells the sheet, then the number of rows.
    best = max(found, key=lambda one: (len(one.known), len(one.head)))
    yield (
        names,
        best.name,
        tuple(one.name for one in found if one is not best and best.known and one.known == best.known),
    )
    cells = 0
    every = chain(repeat([], best.above), best.head, best.rest)
    while chunk := list(islice(every, 5_000)):
        cells += sum(len(row) for row in chunk)
        if cells > MOST_CELLS:
            raise FileUnreadableError(
                f"The sheet “{best.name}” has more than {MOST_CELLS:,} cells. Nothing was changed. Export fewer columns or rows."
            )
        yield chunk
    yield merged[best.name]


def _begun(name: str, rows: Iterable[Row]) -> _Candidate | None:
    """Read the first rows of a sheet; None when no row of it has anything in it."""
    going = iter(rows)
    for above, row in enumerate(going):
        if headers.filled(row):
            head = [row, *islice(going, _LOOKED_AT)]
            place = headers.find_header(head, known_headers())
            cells = head[place] if place is not None else ()
            known = frozenset(headers.fold(cell) for cell in cells if isinstance(cell, str)) & known_headers()
            return _Candidate(name, known, above, head, going)
    return None


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


# --- calamine: XLSX, XLSM, XLSB, ODS, and XLS that xlrd cannot read


def _calamine(data: bytes) -> Sheets:
    from python_calamine import CalamineWorkbook, PasswordError  # noqa: PLC0415 - a native reader for workbooks only

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        raise FileUnreadableError(PROTECTED) from None
    names = tuple(book.sheet_names)
    errors = error_cells(data, names)
    filled: Counter[str] = Counter()

    def rows(name: str) -> Iterable[Row]:
        loaded = book.get_sheet_by_name(name)
        if loaded.start is None:
            return
        left = loaded.start[1]
        width = left + loaded.width
        broken, merged = errors(name), Merged(loaded.merged_cell_ranges or ())
        # Rows come from the first of the sheet, cells from the first column that is used.
        for line, cells in enumerate(loaded.iter_rows()):
            row = [None] * left + [typed(cell) for cell in cells]
            for column, text in broken.get(line, ()):
                row += [None] * (column + 1 - len(row))
                row[column] = text
            filled[name] += merged.fill(line, row)
            yield row if width <= _PADDED else _stripped(row)

    return names, {name: (lambda name=name: rows(name)) for name in names}, filled  # type: ignore[misc]


def _stripped(row: Row) -> Row:
    end = len(row)
    while end and row[end - 1] is None:
        end -= 1
    return row[:end]


# --- openpyxl: XLSX that calamine cannot read


def _openpyxl(data: bytes) -> Sheets:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, needed for the few files calamine cannot read

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)

    def rows(name: str) -> Iterable[Row]:
        sheet = book[name]
        sheet.reset_dimensions()  # a sheet may claim more columns than it has
        for cells in sheet.iter_rows(values_only=True):
            yield _stripped([typed(cell) for cell in cells])

    names = tuple(sheet.title for sheet in book.worksheets)
    return names, {name: (lambda name=name: rows(name)) for name in names}, Counter()  # type: ignore[misc]


# --- xlrd: XLS of all times. It reads what calamine misses: records of older kinds, and formats of dates.

_DURATION = re.compile(r"\[[hms]+\]", re.IGNORECASE)


def _xlrd(data: bytes) -> Sheets:
    import xlrd  # noqa: PLC0415 - for XLS only

    book = _opened(data)
    formats = [book.format_map.get(one.format_key) for one in book.xf_list] if book.formatting_info else []
    lasting = {place for place, one in enumerate(formats) if one is not None and _DURATION.search(one.format_str)}
    filled: Counter[str] = Counter()

    def when(value: float, style: int | None) -> object:
        if style in lasting:
            return value
        try:
            found: datetime = xlrd.xldate_as_datetime(value, book.datemode)
        except (ValueError, OverflowError):
            return value
        if 0 <= value < 1:
            return found.time().isoformat()
        return found.date() if found.time() == time() else found

    def plain(kind: int, value: Any) -> object:  # noqa: ANN401 - what a cell holds
        if kind == xlrd.XL_CELL_ERROR:
            return xlrd.error_text_from_code.get(value, "#ERROR!")
        return typed(bool(value) if kind == xlrd.XL_CELL_BOOLEAN else value)

    def rows(name: str) -> Iterable[Row]:
        sheet = book.sheet_by_name(name)
        ranges = [((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in sheet.merged_cells]
        merged = Merged(ranges)
        for line in range(sheet.nrows):
            row = [
                when(value, sheet.cell_xf_index(line, column) if lasting else None)
                if kind == xlrd.XL_CELL_DATE
                else plain(kind, value)
                for column, (kind, value) in enumerate(zip(sheet.row_types(line), sheet.row_values(line), strict=True))
            ]
            filled[name] += merged.fill(line, row)
            yield row

    names = tuple(book.sheet_names())
    return names, {name: (lambda name=name: rows(name)) for name in names}, filled  # type: ignore[misc]


def _opened(data: bytes) -> Any:  # noqa: ANN401 - xlrd has no types
    """Open a book with its formats, which tell merged cells; without them where they are damaged."""
    import xlrd  # noqa: PLC0415 - for XLS only

    for formats in (True, False):
        try:
            return xlrd.open_workbook(
                file_contents=data,
                logfile=io.StringIO(),
                formatting_info=formats,
                ragged_rows=True,
                ignore_workbook_corruption=True,
            )
        except Exception as error:
            if "encrypted" in str(error):
                raise FileUnreadableError(PROTECTED) from None
            if not formats:
                raise
    return None


# --- markup


def _web_page(data: bytes) -> Sheets:
    from kpidesk.ingest.text import decode  # noqa: PLC0415

    return _of(markup.web_page(decode(data)[0]))


def _xml_spreadsheet(data: bytes) -> Sheets:
    return _of(markup.xml_spreadsheet(data))


def _of(tables: markup.Tables) -> Sheets:
    return tuple(tables), {name: (lambda rows=rows: rows) for name, rows in tables.items()}, Counter()  # type: ignore[misc]


READERS: dict[str, Callable[[bytes], Sheets]] = {
    "calamine": _calamine,
    "openpyxl": _openpyxl,
    "xlrd": _xlrd,
    "web-page": _web_page,
    "xml-spreadsheet": _xml_spreadsheet,
}
