"""The Excel summary: one workbook that a co-founder can audit without KPIDesk."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import IO

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from kpidesk.domain.progress import SILENT, Progress
from kpidesk.export import cells
from kpidesk.export.cells import put, put_head
from kpidesk.export.charts import month_line, share_bars
from kpidesk.export.goals import fill_goals
from kpidesk.export.rows import DataSheet, add_rows
from kpidesk.export.whole import write_whole
from kpidesk.present.summary import Summary, SummaryRow

MAX_ROWS = 1_048_576
"""Rows of a sheet of Excel, the head included."""
_SAMPLE, _DEFINITION_WIDTH, _LINE_POINTS = 500, 44, 15
_SUMMARY_HEADS = (
    "KPI",
    "Value",
    "Sample",
    "Likely from",
    "Likely to",
    "Target",
    "Of target",
    "Status",
    "Change",
    "Change is",
    "Owner",
    "Version",
    "In force since",
    "Note",
)
_NUMERIC_HEADS = (
    "Value",
    "Sample",
    "Likely from",
    "Likely to",
    "Target",
    "Of target",
    "Change",
    "Version",
    "In force since",
)
_SUMMARY_WIDTHS = (16, 9, 10, 10, 16, 10, 18, 16, 34, 18, 8, 13, 46)
_MARKS = "Notes and changes"
_LEAST = {"date": 11, "money": 12}
_FORMATS = {"date": cells.DATE_FORMAT, "money": cells.AMOUNT_FORMAT}


def write_summary(path: Path, summary: Summary, progress: Progress = SILENT, *, max_rows: int = MAX_ROWS) -> None:
    """Write the workbook to `path`; a file there is replaced only when the new one is whole.

    The data goes on to a next sheet after `max_rows` rows. ExportError with a sentence when it cannot be written,
    CancelledError when `progress` was cancelled; the folder is then as it was before.
    """
    write_whole(path, lambda file: _write(file, summary, progress, max_rows))


def _write(file: IO[bytes], summary: Summary, progress: Progress, max_rows: int) -> None:
    book = Workbook()
    book.remove(book.worksheets[0])
    book.properties.creator, book.properties.title = "KPIDesk", cells.clean(f"{summary.workspace}: KPI summary")
    _summary_sheet(_sheet(book, "Summary"), summary)
    if summary.goals:
        fill_goals(_sheet(book, "Goals"), summary)
    _history_sheet(_sheet(book, "History"), summary)
    _definitions_sheet(_sheet(book, "Definitions"), summary)
    sheets = _data_sheets(book, summary, max_rows)
    frame = BytesIO()
    book.save(frame)
    add_rows(frame, file, sheets, summary.data, progress)


def _sheet(book: Workbook, name: str) -> Worksheet:
    """Return a new sheet that prints landscape, as wide as a page."""
    sheet: Worksheet = book.create_sheet(name)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def _widths(sheet: Worksheet, widths: Sequence[float]) -> None:
    """Set column widths in characters."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(width + 2, 8), 60)


def _longest(header: str, texts: Sequence[object], least: int) -> int:
    return max([len(header), least, *(len(str(text)) for text in texts[:_SAMPLE] if text is not None)])


def _filter(sheet: Worksheet, columns: int, rows: int) -> None:
    if columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows}"


def _summary_sheet(sheet: Worksheet, summary: Summary) -> None:
    rows = summary.rows
    _widths(sheet, [_longest("KPI", [row.name for row in rows], 16), *_SUMMARY_WIDTHS])
    put(sheet, 1, 1, f"{summary.workspace}: KPI summary").font = cells.TITLE
    facts: tuple[tuple[str, cells.Value], ...] = (
        ("Workspace", summary.workspace),
        ("Period", summary.period),
        ("Data to", summary.data_to),
        ("Currency", summary.currency),
    )
    for line, (name, value) in enumerate(facts, start=2):
        put(sheet, line, 1, name).font = cells.HEAD
        put(sheet, line, 2, value, cells.DATE_FORMAT)
        sheet.cell(line, 2).alignment = cells.LEFT
    first = len(facts) + 4
    sheet.freeze_panes = f"B{first}"
    numeric = [place for place, name in enumerate(_SUMMARY_HEADS) if name in _NUMERIC_HEADS]
    put_head(sheet, first - 1, _SUMMARY_HEADS, numeric)
    for line, row in enumerate(rows, start=first):
        for column, (value, shown) in enumerate(_summary_row(row, summary.currency), start=1):
            cell = put(sheet, line, column, value, shown)
            if column > 1 and column - 2 in numeric and shown is None:
                cell.alignment = cells.INDENTED
        if row.few:
            sheet.cell(line, 2).font = cells.PALE
    if any(_share(row) is not None for row in rows):
        last = first + len(rows) - 1
        sheet.add_chart(share_bars(sheet, _SUMMARY_HEADS.index("Of target") + 1, first, last), f"A{last + 3}")


def _share(row: SummaryRow) -> float | None:
    return row.value / row.target if row.value is not None and row.target else None


def _summary_row(row: SummaryRow, currency: str) -> tuple[tuple[cells.Value, str | None], ...]:
    shown = cells.number_format(row.display, currency)
    return (
        (row.name, None),
        (row.value, shown),
        (row.sample, cells.COUNT_FORMAT),
        (None if row.likely is None else row.likely[0], shown),
        (None if row.likely is None else row.likely[1], shown),
        (row.target, shown),
        (_share(row), "0%"),
        (row.status, None),
        (row.change, cells.change_format(row.display, currency)),
        (row.change_words, None),
        (row.owner, None),
        (row.version, cells.COUNT_FORMAT),
        (row.since, cells.DATE_FORMAT),
        (row.note, None),
    )


def _history_sheet(sheet: Worksheet, summary: Summary) -> None:
    columns = summary.history
    marked = [_MARKS] if any(summary.marks) else []
    _widths(
        sheet,
        [
            10,
            *(max(len(column.name), 13) for column in columns),
            *(_longest(_MARKS, summary.marks, 12) for _ in marked),
        ],
    )
    sheet.freeze_panes = "B2"
    put_head(sheet, 1, ["Month", *(column.name for column in columns), *marked], range(len(columns) + 1))
    for line, words in enumerate(summary.marks if marked else (), start=2):
        put(sheet, line, len(columns) + 2, words).alignment = cells.INDENTED
    for line, month in enumerate(summary.months, start=2):
        put(sheet, line, 1, month, cells.MONTH_FORMAT)
    beside, top = get_column_letter(len(columns) + len(marked) + 3), 1
    for place, column in enumerate(columns, start=2):
        shown = cells.number_format(column.display, summary.currency)
        for line, value in enumerate(column.values, start=2):
            cell = put(sheet, line, place, value, shown)
            if line - 2 in column.few:
                cell.font = cells.PALE
        if any(value is not None for value in column.values):
            chart = month_line(sheet, column.name, place, len(summary.months) + 1, shown)
            sheet.add_chart(chart, f"{beside}{top}")
            top += 15


def _definitions_sheet(sheet: Worksheet, summary: Summary) -> None:
    headers, rows = summary.definition_headers, summary.definitions
    longest = [_longest(header, [row[place] for row in rows], 8) for place, header in enumerate(headers)]
    widths = [min(width, _DEFINITION_WIDTH) for width in longest]
    _widths(sheet, widths)
    sheet.freeze_panes = "B2"
    put_head(sheet, 1, headers)
    for line, row in enumerate(rows, start=2):
        for column, text in enumerate(row, start=1):
            cells.wrap(put(sheet, line, column, text))
        # A row without a height is fitted by Excel when it is edited, by others never.
        lines = max((-(-len(text) // width) for text, width in zip(row, widths, strict=True)), default=1)
        sheet.row_dimensions[line].height = _LINE_POINTS * max(lines, 1)
    _filter(sheet, len(headers), len(rows) + 1)


def _data_sheets(book: Workbook, summary: Summary, max_rows: int) -> tuple[DataSheet, ...]:
    """Make the data sheets with their heads and say which rows belong into each."""
    columns = summary.data
    rows = len(columns[0].cells) if columns else 0
    room = max_rows - 1
    parts = max(1, -(-rows // room))
    found = []
    for part in range(parts):
        sheet = _sheet(book, "Data" if parts == 1 else f"Data {part + 1}")
        start, stop = part * room, min(rows, (part + 1) * room)
        _widths(sheet, [_longest(column.header, column.cells, _LEAST.get(column.kind, 6)) for column in columns])
        sheet.freeze_panes = "A2"
        numeric = [place for place, column in enumerate(columns) if column.kind != "text"]
        put_head(sheet, 1, [column.header for column in columns], numeric)
        _filter(sheet, len(columns), stop - start + 1)
        styles = tuple(_style(sheet, _FORMATS.get(column.kind, "General")) for column in columns)
        path = f"xl/worksheets/sheet{len(book.worksheets)}.xml"
        found.append(DataSheet(path, start, stop, styles, _style(sheet, "General", guard=True)))
    return tuple(found)


def _style(sheet: Worksheet, shown: str, *, guard: bool = False) -> int:
    """Return the workbook's number of a style, which this registers."""
    cell = Cell(sheet, row=1, column=1)
    cell.number_format, cell.quotePrefix = shown, guard
    return int(cell.style_id)
