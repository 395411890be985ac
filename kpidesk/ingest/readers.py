"""Files into raw tables: text in any encoding and delimiter, and spreadsheets, told apart by content."""

import csv
import gc
import hashlib
import io
import re
import zipfile
from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from kpidesk.domain.problem import CancelledError, FileUnreadableError, Place, Problem, Severity
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.ingest import headers
from kpidesk.ingest.layouts import laid_out
from kpidesk.ingest.profiles import known_headers
from kpidesk.ingest.raw import Cells, RawTable

_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ERROR_CELL = b' t="e"'
_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200
_MAX_UNPACKED = 2_000_000_000
_MAX_COLUMNS = 2_000
_Row = list[Any]


def read_table(
    path: Path, *, sheet: str | None = None, header_line: int | None = None, progress: Progress = SILENT
) -> RawTable:
    """Read one sheet of a file; FileUnreadableError with a sentence when there is no table in it.

    `header_line` counts from 1 as a spreadsheet shows it; None finds the header.
    """
    # Rows are lists by the million without a cycle among them: the collector would take as long as the reading.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(path, sheet, header_line, progress)
    finally:
        if collecting:
            gc.enable()


def _read(path: Path, sheet: str | None, header_line: int | None, progress: Progress) -> RawTable:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileUnreadableError(
            f"{path.name} was not found in {path.parent}. Nothing was changed. Check the name and the folder."
        ) from None
    except (OSError, ValueError):
        raise FileUnreadableError(
            f"{path.name} cannot be opened. Nothing was changed. Close it in other programs and try again."
        ) from None
    if not data.strip(b"\0 \t\r\n\xff\xfe\xef\xbb\xbf"):
        raise FileUnreadableError(f"{path.name} is empty. Nothing was changed. Export it again with at least one row.")
    digest = hashlib.sha256(data).hexdigest()
    progress.report(f"Reading {path.name}")
    if data.startswith((_ZIP, _OLE)):
        names, chosen, rows = _spreadsheet(path, data, sheet)
        lines: Sequence[int] | None = None
        delimiter = encoding = ""
    else:
        text, encoding = decode(data)
        delimiter, rows, lines = _delimited(text, path.name)
        names, chosen = (), None
    return _table(path, digest, names, chosen, rows, lines, header_line, delimiter, encoding, progress)


# --- text


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding: by mark, else UTF-16 by its zeros, else UTF-8, else Windows Latin."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, errors="replace"), name
    head = data[:4096]
    if len(head) > 3 and head[1::2].count(0) * 2 > len(head[1::2]):
        return data.decode("utf-16-le", errors="replace"), "utf-16-le"
    if len(head) > 3 and head[::2].count(0) * 2 > len(head[::2]):
        return data.decode("utf-16-be", errors="replace"), "utf-16-be"
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"


def _delimited(text: str, name: str) -> tuple[str, list[_Row], list[int]]:
    if text[:2000].lstrip().lower().startswith(("<html", "<!doctype html", "<?xml", "<table")):
        raise FileUnreadableError(
            f"{name} is a web page rather than a spreadsheet. Nothing was changed. Export it as CSV or XLSX."
        )
    if text.count("\0") > len(text) // 100:
        raise FileUnreadableError(f"{name} is not a table of text. Nothing was changed. Export it as CSV or XLSX.")
    text = text.replace("\0", "").rstrip("\x1a")
    told = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    if told:
        delimiter, skipped = told.group(1), 1
        text = text[told.end() :]
    else:
        delimiter, skipped = find_delimiter(text), 0
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[_Row] = []
    lines: list[int] = []
    last = skipped
    try:
        # One step a record: the reader alone knows how many lines a quoted cell spans.
        for row in reader:
            rows.append(row)
            lines.append(last + 1)
            last = reader.line_num + skipped
    except csv.Error:
        raise FileUnreadableError(
            f"{name} cannot be read from line {last + 1} on. Nothing was changed. Export it again."
        ) from None
    return delimiter, rows, lines


def find_delimiter(text: str) -> str:
    """Return the delimiter under which the first lines have the most even number of fields above one."""
    head = "\n".join(text[:200_000].splitlines()[:_SAMPLE_LINES])
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, times = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        if width > 1:
            score = times / sum(counts.values()) + min(width, 50) / 1000
            if score > best_score:
                best, best_score = delimiter, score
    return best


# --- spreadsheets


def _check_zip(path: Path, data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(info.file_size for info in archive.infolist())
    except (zipfile.BadZipFile, ValueError, OSError):
        raise FileUnreadableError(
            f"{path.name} is damaged. Nothing was changed. Save it again in your spreadsheet program."
        ) from None
    if unpacked > _MAX_UNPACKED or unpacked > 2000 * len(data) + 50_000_000:
        raise FileUnreadableError(
            f"{path.name} unpacks to {unpacked // 1_000_000:,} MB, which is too large. Nothing was changed."
        )


def _spreadsheet(path: Path, data: bytes, sheet: str | None) -> tuple[tuple[str, ...], str, list[_Row]]:
    if data.startswith(_ZIP):
        _check_zip(path, data)
    try:
        names, tables = _openpyxl(path, data, sheet) if _has_errors(data) else _calamine(data, sheet)
    except (KeyboardInterrupt, SystemExit, CancelledError, FileUnreadableError):
        raise
    except BaseException:  # noqa: BLE001 - a panic of the native reader is a BaseException; openpyxl gets a second try
        names, tables = _openpyxl(path, data, sheet)
    filled = {name: rows for name, rows in tables.items() if any(headers.filled(row) for row in rows)}
    if not filled:
        raise FileUnreadableError(
            f"{path.name} has no rows in {'this sheet' if sheet else 'any sheet'}. Nothing was changed."
        )
    return names, *max(filled.items(), key=lambda item: _sheet_score(item[1]))


def _has_errors(data: bytes) -> bool:
    """Whether a workbook has cells such as #REF!, which calamine would give as empty: a broken amount is not a blank one."""
    if not data.startswith(_ZIP):
        return False
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            if not name.startswith("xl/worksheets/") or not name.endswith(".xml"):
                continue
            with archive.open(name) as part:
                tail = b""
                while piece := part.read(1 << 20):
                    if _ERROR_CELL in tail + piece:
                        return True
                    tail = piece[-len(_ERROR_CELL) :]
    return False


def _sheet_score(rows: list[_Row]) -> tuple[int, int]:
    """Prefer the sheet whose header has most known names, then the longest."""
    place = headers.find_header(rows, known_headers())
    names = {headers.fold(cell) for cell in rows[place] if isinstance(cell, str)} if place is not None else set()
    return len(names & known_headers()), len(rows)


def _missing_sheet(sheet: str, names: Sequence[str]) -> FileUnreadableError:
    return FileUnreadableError(
        f"There is no sheet called “{sheet}”. The file has {', '.join(names)}. Nothing was changed."
    )


def _calamine(data: bytes, sheet: str | None) -> tuple[tuple[str, ...], dict[str, list[_Row]]]:
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - a native reader that only spreadsheets need

    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = tuple(book.sheet_names)
    if sheet is not None and sheet not in names:
        raise _missing_sheet(sheet, names)
    wanted = (sheet,) if sheet is not None else names
    tables = {}
    for name in wanted:
        loaded = book.get_sheet_by_name(name)
        if loaded.width > _MAX_COLUMNS * 8:
            raise FileUnreadableError(f"The sheet “{name}” claims {loaded.width:,} columns. Nothing was changed.")
        tables[name] = [[_typed(cell) for cell in row] for row in loaded.to_python(skip_empty_area=False)]
    return names, tables


def _openpyxl(path: Path, data: bytes, sheet: str | None) -> tuple[tuple[str, ...], dict[str, list[_Row]]]:
    from openpyxl import load_workbook  # noqa: PLC0415 - slow to import, needed for the few files calamine cannot read

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        names = tuple(book.sheetnames)
        if sheet is not None and sheet not in names:
            raise _missing_sheet(sheet, names)  # noqa: TRY301 - the same sentence as for the other reader
        wanted = (sheet,) if sheet is not None else names
        return names, {
            name: [[_typed(cell) for cell in row] for row in book[name].iter_rows(values_only=True)] for name in wanted
        }
    except FileUnreadableError:
        raise
    except Exception:  # noqa: BLE001 - whatever a broken workbook raises, the user gets one sentence
        raise FileUnreadableError(
            f"{path.name} cannot be read as a spreadsheet. Nothing was changed. Open it in your spreadsheet program and save it as XLSX or CSV."
        ) from None


def _typed(cell: object) -> object:
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


# --- rows into columns


def _table(
    path: Path,
    digest: str,
    names: tuple[str, ...],
    sheet: str | None,
    rows: list[_Row],
    lines: Sequence[int] | None,
    header_line: int | None,
    delimiter: str,
    encoding: str,
    progress: Progress,
) -> RawTable:
    numbers = list(lines) if lines is not None else list(range(1, len(rows) + 1))
    guessed = headers.find_header(rows, known_headers()) if header_line is None else None
    place = (
        guessed
        if header_line is None
        else next((index for index, line in enumerate(numbers) if line >= header_line), None)
    )
    if place is None or not headers.filled(rows[place]):
        raise FileUnreadableError(
            f"{path.name} has no header row. Nothing was changed. Add headers in row 1, or choose the header row."
        )
    problems: list[Problem] = []
    above = sum(headers.filled(row) > 0 for row in rows[:place])
    if above:
        problems.append(
            Problem(
                "preamble", Severity.INFO, f"{above} {_lines(above)} above the header {_are(above)} left out.", above
            )
        )
    header_row = _unwrapped(rows[place], delimiter, 2) or rows[place]
    layout = laid_out(rows[:place], header_row, rows[place + 1 :], numbers[place + 1 :])
    header_row, body, numbers = layout.header, layout.body, layout.numbers
    problems += layout.problems
    width = max(index + 1 for index, cell in enumerate(header_row) if not headers.is_empty(cell))
    progress.report(f"Reading {path.name}", 0, len(body))
    kept, kept_lines, ragged, found = _sorted_rows(body, numbers, header_row, width, delimiter)
    problems += found
    # Cells beyond the header, such as a count under a total, belong to a column without a name only if rows fill it.
    width = max([width, *(len(row) for row in kept[:1])]) if not delimiter else width
    columns = _columns(kept, width)
    if any(headers.is_grouped(cell) for cell in header_row) and _has_subtotals(body):
        problems += _fill_groups(columns, header_row)
    header = headers.header_names(header_row, width)
    used = [index for index in range(width) if index < len(header_row) and not headers.is_empty(header_row[index])]
    used += [
        index
        for index in range(width)
        if index not in used and any(not headers.is_empty(cell) for cell in columns[index])
    ]
    used.sort()
    return RawTable(
        path=path,
        file_name=path.name,
        file_hash=digest,
        sheet=sheet,
        sheets=names,
        header=tuple(header[index] for index in used),
        header_line=(lines[place] if lines is not None else place + 1),
        columns=tuple(columns[index] for index in used),
        lines=np.array(kept_lines, dtype=np.int32),
        ragged=tuple(ragged),
        problems=tuple(problems),
        delimiter=delimiter,
        encoding=encoding,
    )


def _has_subtotals(body: list[_Row]) -> bool:
    return any(str(cell).strip().lower() in ("subtotal", "count", "sum") for row in body for cell in row[:6])


def _fill_groups(columns: list[Cells], header: _Row) -> list[Problem]:
    """Fill a grouped report's first columns downwards: they name a group on its first row only."""
    filled = 0
    started = False
    for index, cell in enumerate(header[: len(columns)]):
        if headers.is_empty(cell) and not started:
            continue
        if not headers.is_grouped(cell):
            break
        started = True
        last: object = None
        for row, value in enumerate(columns[index]):
            if not headers.is_empty(value):
                last = value
            elif last is not None:
                columns[index][row] = last
                filled += 1
    if not filled:
        return []
    text = f"This report is grouped: {filled:,} blank cells are filled with the name of their group from above."
    return [Problem("groups-filled", Severity.INFO, text, filled)]


def _lines(count: int) -> str:
    return "line" if count == 1 else "lines"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def _unwrapped(row: _Row, delimiter: str, width: int) -> _Row | None:
    """Return the fields of a record that was wrapped whole into one quoted cell; None when it was not."""
    cells = [cell for cell in row if not headers.is_empty(cell)]
    if not delimiter or len(cells) != 1 or delimiter not in str(cells[0]):
        return None
    fields = next(csv.reader([str(cells[0])], delimiter=delimiter), [])
    return fields if len(fields) >= width else None


def _sorted_rows(
    body: list[_Row], numbers: list[int], header: _Row, width: int, delimiter: str
) -> tuple[list[_Row], list[int], list[tuple[int, tuple[str, ...]]], list[Problem]]:
    """Tell records from blank lines, repeated headers, totals and lines that do not fit. Nothing is dropped without a word."""
    end = len(body)
    # Report names, dates and notices stand under the data, one cell to a line.
    while (
        end
        and headers.filled(body[end - 1]) <= 1
        and width > 2
        and (not headers.filled(body[end - 1]) or _trailing(body, end, width))
        and _unwrapped(body[end - 1], delimiter, width) is None
    ):
        end -= 1
    footers = [number for row, number in zip(body[end:], numbers[end:], strict=True) if headers.filled(row)]
    kept: list[_Row] = []
    lines: list[int] = []
    ragged: list[tuple[int, tuple[str, ...]]] = []
    repeats: list[int] = []
    short: list[int] = []
    unwrapped: list[int] = []
    blanks = 0
    first = str(header[0]).strip().casefold() if header else ""
    for row, number in zip(body[:end], numbers[:end], strict=True):
        size = len(row)
        if (
            size == width
            and row[0]
            and str(row[0])[:1] not in "GgTtSsCcAaRr©"
            and str(row[0]).strip().casefold() != first
        ):
            kept.append(row)  # the common case, decided by its first cell
            lines.append(number)
            continue
        if not headers.filled(row):
            blanks += 1
        elif headers.is_footer(row, width):
            footers.append(number)
        elif headers.is_repeat(row, header):
            repeats.append(number)
        elif (fields := _unwrapped(row, delimiter, width)) is not None and len(fields) == width:
            unwrapped.append(number)
            kept.append(fields)
            lines.append(number)
        elif size > width and any(not headers.is_empty(cell) for cell in row[width:]) and delimiter:
            ragged.append((number, tuple(str(cell) for cell in row)))
        else:
            if size < width and delimiter:
                short.append(number)
            kept.append(row)
            lines.append(number)
    problems = []
    for code, severity, found, words in (
        ("footer-lines", Severity.INFO, footers, "with totals or notices {are} left out."),
        ("repeated-header", Severity.INFO, repeats, "that repeat{s} the header {are} left out."),
        (
            "short-lines",
            Severity.CHECK,
            short,
            "{have} fewer cells than the header. The missing ones are read as blank.",
        ),
        ("wrapped-lines", Severity.INFO, unwrapped, "{were} wrapped whole in quotes and {are} read as separate cells."),
    ):
        if found:
            count = len(found)
            text = words.format(
                are=_are(count),
                s="s" if count == 1 else "",
                have="has" if count == 1 else "have",
                were="was" if count == 1 else "were",
            )
            places = tuple(Place(number) for number in found[:5])
            problems.append(Problem(code, severity, f"{count:,} {_lines(count)} {text}", count, places))
    if blanks:
        problems.append(
            Problem("blank-lines", Severity.INFO, f"{blanks:,} blank {_lines(blanks)} {_are(blanks)} left out.", blanks)
        )
    return kept, lines, ragged, problems


def _trailing(body: list[_Row], end: int, width: int) -> bool:
    """Whether a single cell in a last line is a notice rather than a record of a narrow table: the rows above are wide."""
    cell = next(str(cell) for cell in body[end - 1] if not headers.is_empty(cell))
    above = [headers.filled(row) for row in body[max(0, end - 40) : end - 1]]
    return max(above, default=0) * 2 > width and not cell.strip().isdigit() and "," not in cell[: width * 2]


def _columns(rows: list[_Row], width: int) -> list[Cells]:
    """Turn rows into object arrays, one per column; short rows are padded with None."""
    result: list[Cells] = []
    if not rows:
        return [np.empty(0, dtype=object) for _ in range(width)]
    if all(len(row) == width for row in rows):
        turned = list(zip(*rows, strict=True))
    else:
        turned = list(zip_longest(*[row[:width] for row in rows], fillvalue=None))
        turned += [(None,) * len(rows)] * (width - len(turned))
    for cells in turned:
        column = np.empty(len(rows), dtype=object)
        column[:] = cells
        result.append(column)
    return result
