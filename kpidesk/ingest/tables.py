"""Rows into a table: the header found, records told from blank lines, repeated headers, totals and notices."""

import csv
import io
from bisect import bisect
from collections.abc import Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

import numpy as np

from kpidesk.domain.problem import FileUnreadableError, Place, Problem, Severity
from kpidesk.domain.progress import Progress
from kpidesk.ingest import headers
from kpidesk.ingest.coded import Coded
from kpidesk.ingest.large_text import Body, Header
from kpidesk.ingest.layouts import laid_out, stand_alone
from kpidesk.ingest.profiles import known_headers
from kpidesk.ingest.raw import Cells, RawTable
from kpidesk.ingest.records import UnevenError

MOST_COLUMNS = 5_000
_Row = list[Any]


def table(
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
    records: Body | None = None,
) -> RawTable:
    """Return the table in the rows of a sheet; FileUnreadableError when there is no header.

    `lines` are the line numbers of the rows where they are not those of a spreadsheet; `header_line` is the line of the header,
    None to find it; `delimiter` and `encoding` are those of a text, empty for spreadsheets. `records` are further rows, under the
    header that `plain_header` found.
    """
    for row in rows[: headers.SEARCHED_ROWS]:
        _refuse_wide(path, headers.filled(row))
    numbers = list(lines) if lines is not None else list(range(1, len(rows) + 1))
    place = _header_place(rows, numbers, header_line)
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
    _refuse_wide(path, width)
    progress.report(f"Reading {path.name}", 0, len(body))
    over = None if records is None else bisect(numbers, int(records.lines[-1]))
    kept, kept_lines, ragged, found = _sorted_rows(body, numbers, header_row, width, delimiter, over)
    problems += found
    # Cells of a sheet beyond its header belong to columns without a name.
    beyond = {} if delimiter else _beyond(kept, width)
    columns: Sequence[Cells | Coded]
    if records is not None:
        columns, numbered = records.joined(kept, kept_lines)
    else:
        columns, numbered = whole = _columns(kept, width), np.array(kept_lines, dtype=np.int32)
        if any(headers.is_grouped(cell) for cell in header_row) and _has_subtotals(body):
            problems += _fill_groups(whole[0], header_row)
    header = headers.header_names(header_row, max(beyond, default=width - 1) + 1)
    used = [
        index
        for index, cell in enumerate(header_row[:width])
        if not headers.is_empty(cell) or any(not headers.is_empty(cell) for cell in columns[index])
    ]
    return RawTable(
        path=path,
        file_name=path.name,
        file_hash=digest,
        sheet=sheet,
        sheets=names,
        header=tuple(header[index] for index in (*used, *beyond)),
        header_line=(lines[place] if lines is not None else place + 1),
        columns=(*(columns[index] for index in used), *beyond.values()),
        lines=numbered,
        ragged=tuple(ragged),
        problems=tuple(problems),
        delimiter=delimiter,
        encoding=encoding,
    )


def _refuse_wide(path: Path, columns: int) -> None:
    if columns > MOST_COLUMNS:
        raise FileUnreadableError(
            f"{path.name} has {columns:,} columns. Nothing was changed. KPIDesk reads up to {MOST_COLUMNS:,}: export fewer."
        )


def _header_place(rows: list[_Row], numbers: list[int], header_line: int | None) -> int | None:
    """Return which row is the header: the one on a line, or the one that looks like it; None when there is none."""
    if header_line is None:
        return headers.find_header(rows, known_headers())
    return next((index for index, line in enumerate(numbers) if line >= header_line), None)


def plain_header(rows: list[list[str]], numbers: list[int], header_line: int | None, delimiter: str) -> Header | None:
    """Return the header among the first rows of a text; None unless every row under it is a record of its own or nothing."""
    if any(len(row) > MOST_COLUMNS for row in rows):
        return None
    place = _header_place(rows, numbers, header_line)
    if place is None or place + 1 >= len(rows):
        return None
    row = rows[place]
    cut = headers.is_empty(row[-1]) if row else True  # cells beyond the last name are looked at one by one
    if (
        cut
        or _unwrapped(row, delimiter, 2)
        or any(map(headers.is_grouped, row))
        or not stand_alone(row, rows[place + 1 :])
    ):
        return None
    return Header(len(row), row[0].strip().casefold())


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
    try:
        rows = list(csv.reader(io.StringIO(str(cells[0]), newline=""), delimiter=delimiter))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 and len(rows[0]) >= width else None


def _sorted_rows(
    body: list[_Row], numbers: list[int], header: _Row, width: int, delimiter: str, over: int | None
) -> tuple[list[_Row], list[int], list[tuple[int, tuple[str, ...]]], list[Problem]]:
    """Tell records from blank lines, repeated headers, totals and lines that do not fit. Nothing is dropped without a word.

    `over` of the rows stand over records that are not among them; UnevenError when it depends on these where the table ends.
    """
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
        if end == over:
            raise UnevenError
    footers = [number for row, number in zip(body[end:], numbers[end:], strict=True) if headers.filled(row)]
    kept: list[_Row] = []
    lines: list[int] = []
    ragged: list[tuple[int, tuple[str, ...]]] = []
    repeats: list[int] = []
    short: list[int] = []
    unwrapped: list[int] = []
    blanks = 0
    first = str(header[0]).strip().casefold() if header else ""
    inside = body[:end]
    if _are_records(inside, width, first):
        kept, lines, inside = inside, numbers[:end], []
    for row, number in zip(inside, numbers[: len(inside)], strict=True):
        size = len(row)
        if size == width and row[0] and headers.is_record(str(row[0]), first, delimiter):
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


def _are_records(rows: list[_Row], width: int, first: str) -> bool:
    """Whether all rows fit the header and none begins as a total, a notice or the header itself does."""
    if any(len(row) != width for row in rows) or not all(row[0] for row in rows):
        return False
    initials = {str(row[0])[:1] for row in rows}
    return not any(one in headers.TELLING or one.isspace() or one.casefold()[:1] == first[:1] for one in initials)


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


def _beyond(rows: list[_Row], width: int) -> dict[int, Cells]:
    """Return the columns right of a header of `width` columns that any row fills, by their place."""
    places = {
        place
        for row in rows
        if len(row) > width
        for place in range(width, len(row))
        if not headers.is_empty(row[place])
    }
    found = {place: np.full(len(rows), None, dtype=object) for place in sorted(places)}
    for line, row in enumerate(rows if places else ()):
        for place in places.intersection(range(width, len(row))):
            found[place][line] = row[place]
    return found
