"""The Excel summary: one workbook that a co-founder can audit without KPIDesk."""

import re
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from kpidesk.domain.kpi import Display
from kpidesk.domain.problem import KpideskError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.present.numbers import symbol
from kpidesk.present.summary import DataColumn, HistoryColumn, Summary

_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEAD = Font(bold=True, color="FF524F48")
_TITLE = Font(bold=True, size=16)
_FILL = PatternFill("solid", fgColor="FFF3F1EC")
_WRAP = Alignment(vertical="top", wrap_text=True)
_MAX_ROWS = 1_048_000
_MAX_TEXT = 32_767


class ExportError(KpideskError):
    """The workbook could not be written. Nothing was changed."""


def write_summary(path: Path, summary: Summary, progress: Progress = SILENT) -> None:
    """Write the workbook to `path`; a file there is replaced only when the new one is whole. ExportError when it cannot be."""
    book = Workbook(write_only=True)
    _summary_sheet(book.create_sheet("Summary"), summary)
    _history_sheet(book.create_sheet("History"), summary)
    _definitions_sheet(book.create_sheet("Definitions"), summary)
    _data_sheets(book, summary, progress)
    partial = path.with_name(f".{path.name}.part")
    try:
        book.save(partial)
        with partial.open("rb+") as file:
            file.flush()
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise ExportError(
            f"{path.name} could not be written to {path.parent}. Nothing was changed. Close it if it is open, or choose another folder."
        ) from None


def number_format(display: Display, currency: str) -> str:
    """Return Excel's format for a display. Percents are fractions, hours are shown from days as elapsed time."""
    sign = symbol(currency).strip().replace('"', "")
    money = f'"{sign}"#,##0.00;[Red]-"{sign}"#,##0.00'
    return {
        Display.MONEY: money,
        Display.MONEY_PER_DAY: f'"{sign}"#,##0.00" a day"',
        Display.PERCENT: "0.0%",
        Display.RATIO: '0.00"x"',
        Display.COUNT: "#,##0",
        Display.DAYS: '0.0" days"',
        Display.HOURS: '[h]"h "mm"min"',
        Display.COUNT_PER_DAY: '0.0000" a day"',
        Display.NUMBER: "#,##0.00",
    }[display]


def _text(sheet: WriteOnlyWorksheet, value: object, font: Font | None = None, *, wrap: bool = False) -> WriteOnlyCell:
    """Return a text cell that no spreadsheet reads as a formula, with characters that XML forbids taken out."""
    text = _ILLEGAL.sub("", str(value))[:_MAX_TEXT]
    cell = WriteOnlyCell(sheet, value=text)
    if text.startswith(_FORMULA):
        cell.data_type = "s"
        cell.quotePrefix = True
    if font is not None:
        cell.font = font
    if wrap:
        cell.alignment = _WRAP
    return cell


def _head(sheet: WriteOnlyWorksheet, names: tuple[str, ...]) -> list[WriteOnlyCell]:
    cells = [_text(sheet, name, _HEAD) for name in names]
    for cell in cells:
        cell.fill = _FILL
    return cells


def _number(sheet: WriteOnlyWorksheet, value: float | None, shown: str) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = shown
    return cell


def _date(sheet: WriteOnlyWorksheet, value: date | None, shown: str = "yyyy-mm-dd") -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = shown
    return cell


def _widths(sheet: WriteOnlyWorksheet, widths: list[float]) -> None:
    for place, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = min(max(width + 2, 8), 60)


def _summary_sheet(sheet: WriteOnlyWorksheet, summary: Summary) -> None:
    rows = summary.rows
    names = [len(row.name) for row in rows]
    _widths(sheet, [max([*names, 24]), 16, 16, 12, 16, 34, 18, 46])
    sheet.freeze_panes = "A6"
    sheet.append([_text(sheet, f"{summary.workspace}: KPI summary", _TITLE)])
    sheet.append([_text(sheet, f"Period {summary.period}, amounts in {summary.currency}")])
    sheet.append([_text(sheet, "Data to"), _date(sheet, summary.data_to)])
    sheet.append([])
    sheet.append(_head(sheet, ("KPI", "Value", "Target", "Status", "Change", "Change is", "Owner", "Note")))
    for row in rows:
        shown = number_format(row.display, summary.currency)
        sheet.append(
            [
                _text(sheet, row.name),
                _number(sheet, row.value, shown),
                _number(sheet, row.target, shown),
                _text(sheet, row.status),
                _number(
                    sheet,
                    row.change,
                    shown.split(";", maxsplit=1)[0] if row.display is not Display.HOURS else '0.00" days"',
                ),
                _text(sheet, row.change_words),
                _text(sheet, row.owner),
                _text(sheet, row.note),
            ]
        )
    money = [place for place, row in enumerate(rows) if row.display is Display.MONEY and row.value is not None]
    if money:
        chart = BarChart()
        chart.type, chart.title, chart.height, chart.width = "bar", "Value and target", 7.5, 18
        # Amounts only: a chart of percents, days and pounds on one axis would say nothing.
        first, last = 6 + money[0], 6 + money[-1]
        if last - first == len(money) - 1:
            chart.add_data(Reference(sheet, min_col=2, max_col=3, min_row=first, max_row=last), titles_from_data=False)
            chart.set_categories(Reference(sheet, min_col=1, min_row=first, max_row=last))
            sheet.add_chart(chart, f"A{len(rows) + 8}")


def _history_sheet(sheet: WriteOnlyWorksheet, summary: Summary) -> None:
    _widths(sheet, [10, *(max(len(column.name), 13) for column in summary.history)])
    sheet.freeze_panes = "B2"
    sheet.append(_head(sheet, ("Month", *(column.name for column in summary.history))))
    for place, month in enumerate(summary.months):
        cells = [_date(sheet, month, "mmm yyyy")]
        cells += [
            _number(sheet, column.values[place], number_format(column.display, summary.currency))
            for column in summary.history
        ]
        sheet.append(cells)
    if not summary.months:
        return
    row = len(summary.months) + 3
    for column in summary.history[-4:] + summary.history[:-4]:
        if any(value is not None for value in column.values):
            sheet.add_chart(_line(sheet, summary, column), f"A{row}")
            row += 16


def _line(sheet: WriteOnlyWorksheet, summary: Summary, column: HistoryColumn) -> LineChart:
    place = summary.history.index(column) + 2
    chart = LineChart()
    chart.title, chart.height, chart.width, chart.legend = f"{column.name} by month", 7, 20, None
    chart.add_data(Reference(sheet, min_col=place, min_row=1, max_row=len(summary.months) + 1), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=len(summary.months) + 1))
    chart.x_axis.number_format, chart.x_axis.delete, chart.y_axis.delete = "mmm yy", False, False
    return chart


def _definitions_sheet(sheet: WriteOnlyWorksheet, summary: Summary) -> None:
    _widths(sheet, [28, 58, 13, 14, 10, 16, 30, 44, 44, 14, 9])
    sheet.freeze_panes = "B2"
    sheet.append(_head(sheet, summary.definition_headers))
    for row in summary.definitions:
        sheet.append([_text(sheet, cell, wrap=True) for cell in row])


def _data_sheets(book: Workbook, summary: Summary, progress: Progress) -> None:
    rows = len(summary.data[0].cells) if summary.data else 0
    parts = max(1, -(-rows // _MAX_ROWS))
    for part in range(parts):
        sheet = book.create_sheet("Data" if parts == 1 else f"Data {part + 1}")
        start, stop = part * _MAX_ROWS, min(rows, (part + 1) * _MAX_ROWS)
        _data_sheet(sheet, summary, start, stop, progress)


def _data_sheet(sheet: WriteOnlyWorksheet, summary: Summary, start: int, stop: int, progress: Progress) -> None:
    columns = summary.data
    _widths(sheet, [_width(column) for column in columns])
    sheet.freeze_panes = "A2"
    sheet.append(_head(sheet, tuple(column.header for column in columns)))
    if columns:
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{stop - start + 1}"
    money = (
        number_format(Display.MONEY, summary.currency)
        .split(";")[0]
        .replace(f'"{symbol(summary.currency).strip()}"', "")
    )
    for row in range(start, stop):
        if row % 5_000 == 0:
            progress.report("Writing rows", row, stop)
        sheet.append([_data_cell(sheet, column, column.cells[row], money) for column in columns])


def _data_cell(sheet: WriteOnlyWorksheet, column: DataColumn, value: object, money: str) -> object:
    if value is None:
        return None
    if isinstance(value, date):
        return _date(sheet, value)
    if isinstance(value, (int, float)):
        return _number(sheet, float(value), money) if column.kind == "money" else value
    text = str(value)
    return _text(sheet, text) if text.startswith(_FORMULA) or _ILLEGAL.search(text) or len(text) > _MAX_TEXT else text


def _width(column: DataColumn) -> float:
    sample = [len(str(cell)) for cell in column.cells[:500] if cell is not None]
    return max([len(column.header), 11 if column.kind in ("date", "money") else 6, *sample])
