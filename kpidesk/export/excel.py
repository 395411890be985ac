"""The Excel summary: one workbook that a co-founder can audit without KPIDesk."""

import errno
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import WorkbookAlreadySaved
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.writer.excel import ExcelWriter

from kpidesk.domain.problem import KpideskError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.export import cells
from kpidesk.export.cells import Sheet
from kpidesk.export.charts import month_line, share_bars
from kpidesk.present.summary import DataColumn, Summary, SummaryRow

MAX_ROWS = 1_048_576
"""Rows of a sheet of Excel, the head included."""
_SAMPLE, _REPORT_EVERY = 500, 2_000
_SUMMARY_HEADS = ("KPI", "Value", "Target", "Of target", "Status", "Change", "Change is", "Owner", "Note")


class ExportError(KpideskError):
    """The workbook could not be written. Nothing was changed."""


def write_summary(path: Path, summary: Summary, progress: Progress = SILENT, *, max_rows: int = MAX_ROWS) -> None:
    """Write the workbook to `path`; a file there is replaced only when the new one is whole.

    The data goes on to a next sheet after `max_rows` rows. ExportError with a sentence when it cannot be written,
    CancelledError when `progress` was cancelled; the folder is then as it was before.
    """
    try:
        _write_whole(path, lambda file: _write(file, summary, progress, max_rows))
    except OSError as error:
        raise ExportError(f"{_reason(path, error)} Nothing was changed.") from None


def _reason(path: Path, error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"There is no room left on the disk for {path.name}. Free some, or choose another disk."
    if not path.parent.is_dir():
        return f"The folder {path.parent} does not exist. Choose another one."
    if path.is_dir():
        return f"{path.name} is a folder. Choose another name for the Excel file."
    return f"{path.name} cannot be written. Close it if it is open in Excel, or choose a folder that you may write to."


def _write_whole(path: Path, write: Callable[[IO[bytes]], None]) -> None:
    """Write beside `path` under another name, force it to the disk, then put it in place; else leave nothing behind."""
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.stem}-", suffix=".part", delete=False) as file:
        partial = Path(file.name)
        try:
            write(file)
            file.flush()
            os.fsync(file.fileno())
            file.close()
            partial.replace(path)
        except BaseException:
            file.close()
            partial.unlink(missing_ok=True)
            raise


def _write(file: IO[bytes], summary: Summary, progress: Progress, max_rows: int) -> None:
    book = Workbook(write_only=True)
    book.properties.creator, book.properties.title = "KPIDesk", cells.clean(f"{summary.workspace}: KPI summary")
    archive = ZipFile(file, "w", ZIP_DEFLATED)
    try:
        _summary_sheet(_sheet(book, "Summary"), summary)
        _history_sheet(_sheet(book, "History"), summary)
        _definitions_sheet(_sheet(book, "Definitions"), summary)
        _data_sheets(book, summary, progress, max_rows)
        progress.report("Writing the file")
        ExcelWriter(book, archive).save()
    except BaseException:
        _abandon(book, archive)
        raise


def _abandon(book: Workbook, archive: ZipFile) -> None:
    """Close what openpyxl left open and delete its temporary files, which hold the user's rows."""
    sheets: list[Any] = list(book.worksheets)
    for sheet in sheets:
        # Each of these may fail once more on a full disk, and is then as closed as it can be.
        with suppress(OSError, ValueError, WorkbookAlreadySaved):
            sheet.close()
        if sheet._writer is not None:  # noqa: SLF001 - openpyxl offers no other way to its temporary file
            with suppress(OSError, ValueError):
                sheet._writer.close()  # noqa: SLF001
            with suppress(OSError, ValueError):
                sheet._writer.cleanup()  # noqa: SLF001
    with suppress(OSError, ValueError):
        archive.close()


def _sheet(book: Workbook, name: str) -> Sheet:
    """Return a new sheet that prints landscape, as wide as a page."""
    sheet: Any = book.create_sheet(name)
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def _widths(sheet: Sheet, widths: Sequence[float]) -> None:
    """Set column widths in characters: they have to stand before the first row is written."""
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(width + 2, 8), 60)


def _summary_sheet(sheet: Sheet, summary: Summary) -> None:
    rows, currency = summary.rows, summary.currency
    _widths(sheet, [_longest("KPI", [row.name for row in rows], 16), 16, 16, 10, 12, 16, 34, 18, 46])
    facts: tuple[tuple[str, Cell], ...] = (
        ("Workspace", cells.text_cell(sheet, summary.workspace)),
        ("Period", cells.text_cell(sheet, summary.period)),
        ("Data to", cells.date_cell(sheet, summary.data_to)),
        ("Currency", cells.text_cell(sheet, currency)),
    )
    first = len(facts) + 4
    sheet.freeze_panes = f"B{first}"
    sheet.append([cells.text_cell(sheet, f"{summary.workspace}: KPI summary", cells.TITLE)])
    for name, cell in facts:
        sheet.append([cells.text_cell(sheet, name, cells.HEAD), cell])
    sheet.append([])
    sheet.append(cells.head(sheet, _SUMMARY_HEADS))
    for row in rows:
        sheet.append(_summary_row(sheet, row, currency))
    if any(_share(row) is not None for row in rows):
        last = first + len(rows) - 1
        sheet.add_chart(share_bars(sheet, _SUMMARY_HEADS.index("Of target") + 1, first, last), f"A{last + 3}")


def _share(row: SummaryRow) -> float | None:
    return row.value / row.target if row.value is not None and row.target else None


def _summary_row(sheet: Sheet, row: SummaryRow, currency: str) -> list[Cell]:
    shown = cells.number_format(row.display, currency)
    return [
        cells.text_cell(sheet, row.name),
        cells.number_cell(sheet, row.value, shown),
        cells.number_cell(sheet, row.target, shown),
        cells.number_cell(sheet, _share(row), "0%"),
        cells.text_cell(sheet, row.status),
        cells.number_cell(sheet, row.change, cells.change_format(row.display, currency)),
        cells.text_cell(sheet, row.change_words),
        cells.text_cell(sheet, row.owner),
        cells.text_cell(sheet, row.note),
    ]


def _history_sheet(sheet: Sheet, summary: Summary) -> None:
    columns = summary.history
    formats = [cells.number_format(column.display, summary.currency) for column in columns]
    _widths(sheet, [10, *(max(len(column.name), 13) for column in columns)])
    sheet.freeze_panes = "B2"
    sheet.append(cells.head(sheet, ("Month", *(column.name for column in columns))))
    for place, month in enumerate(summary.months):
        numbers = [
            cells.number_cell(sheet, column.values[place], shown)
            for column, shown in zip(columns, formats, strict=True)
        ]
        sheet.append([cells.date_cell(sheet, month, cells.MONTH_FORMAT), *numbers])
    beside, line = get_column_letter(len(columns) + 3), 1
    for place, (column, shown) in enumerate(zip(columns, formats, strict=True), start=2):
        if any(value is not None for value in column.values):
            chart = month_line(sheet, column.name, place, len(summary.months) + 1, shown)
            sheet.add_chart(chart, f"{beside}{line}")
            line += 15


def _definitions_sheet(sheet: Sheet, summary: Summary) -> None:
    parts = list(zip(*summary.definitions, strict=True)) or [()] * len(summary.definition_headers)
    texts = zip(summary.definition_headers, parts, strict=True)
    _widths(sheet, [min(_longest(header, column, 8), 44) for header, column in texts])
    sheet.freeze_panes = "B2"
    sheet.append(cells.head(sheet, summary.definition_headers))
    for row in summary.definitions:
        sheet.append([cells.text_cell(sheet, cell, wrap=True) for cell in row])
    _filter(sheet, len(summary.definition_headers), len(summary.definitions) + 1)


def _filter(sheet: Sheet, columns: int, rows: int) -> None:
    if columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(columns)}{rows}"


def _longest(header: str, texts: Sequence[object], least: int) -> int:
    return max([len(header), least, *(len(str(text)) for text in texts[:_SAMPLE] if text is not None)])


def _data_sheets(book: Workbook, summary: Summary, progress: Progress, max_rows: int) -> None:
    columns = summary.data
    rows = len(columns[0].cells) if columns else 0
    room = max_rows - 1
    parts = max(1, -(-rows // room))
    for part in range(parts):
        sheet = _sheet(book, "Data" if parts == 1 else f"Data {part + 1}")
        start, stop = part * room, min(rows, (part + 1) * room)
        _widths(sheet, [_longest(column.header, column.cells, _LEAST.get(column.kind, 6)) for column in columns])
        sheet.freeze_panes = "A2"
        sheet.append(cells.head(sheet, tuple(column.header for column in columns)))
        _filter(sheet, len(columns), stop - start + 1)
        writers = [_writer(sheet, column) for column in columns]
        for row in range(start, stop):
            if row % _REPORT_EVERY == 0:
                progress.report("Writing rows", row, rows)
            sheet.append([write(column.cells[row]) for write, column in zip(writers, columns, strict=True)])


_LEAST = {"date": 11, "money": 12}
_FORMATS = {"date": cells.DATE_FORMAT, "money": "#,##0.00"}


def _writer(sheet: Sheet, column: DataColumn) -> Callable[[object], Cell | None]:
    """Return what turns a value of the column into its cell.

    A written row keeps nothing of its cells, so each column uses one cell over and over: this halves the time of large exports.
    """
    plain, guarded = WriteOnlyCell(sheet), WriteOnlyCell(sheet)
    guarded.quotePrefix = True
    typed = WriteOnlyCell(sheet)
    typed.number_format = _FORMATS.get(column.kind, "General")

    def cell(value: object) -> Cell | None:
        if value is None:
            return None
        if isinstance(value, (int, float, date)):
            typed.value = value
            return typed
        text = cells.clean(str(value))
        if not text:
            return None
        written = guarded if cells.is_telling(text) else plain
        written.value, written.data_type = text, "s"
        return written

    return cell
