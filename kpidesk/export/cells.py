"""Cells for Excel: text that stays text, numbers and dates with the format a person expects."""

import re
from datetime import date
from typing import Any

from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill

from kpidesk.domain.kpi import Display
from kpidesk.present.numbers import symbol

Sheet = Any
"""A write-only sheet: the stubs of openpyxl leave out half of what it can do."""

DATE_FORMAT, MONTH_FORMAT, COUNT_FORMAT = "yyyy-mm-dd", "mmm yyyy", "#,##0"
MAX_TEXT = 32_767  # what a cell of Excel holds
HEAD = Font(bold=True, color="FF524F48")
TITLE = Font(bold=True, size=16)
_FILL = PatternFill("solid", fgColor="FFF3F1EC")
_WRAP = Alignment(vertical="top", wrap_text=True)
_NO_PENCE = frozenset({"CLP", "ISK", "JPY", "KRW", "VND"})
# What XML cannot hold, and halves of characters that cannot be encoded.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# A spreadsheet would read these as a formula, or (with #) as an error value.
_TELLING = ("=", "+", "-", "@", "\t", "\r", "\n", "#")


def number_format(display: Display, currency: str) -> str:
    """Return Excel's format for a display: percents are fractions, hours and days are days."""
    sign = symbol(currency).replace('"', "")
    money = f'"{sign}"#,##0' if currency in _NO_PENCE else f'"{sign}"#,##0.00'
    return {
        Display.MONEY: f"{money};-{money}",
        Display.MONEY_PER_DAY: f'{money}" a day";-{money}" a day"',
        Display.PERCENT: "0.0%",
        Display.RATIO: '0.00"x"',
        Display.COUNT: COUNT_FORMAT,
        Display.DAYS: '0.0" days"',
        Display.HOURS: '[h]" h "mm" min"',
        Display.COUNT_PER_DAY: '0.0000" a day"',
        Display.NUMBER: "#,##0.00",
    }[display]


def change_format(display: Display, currency: str) -> str:
    """Return the format of a difference, with its sign. Excel shows no negative clock times, so those are in days."""
    positive = '0.00" days"' if display is Display.HOURS else number_format(display, currency).split(";", maxsplit=1)[0]
    return f"+{positive};-{positive};{positive}"


def clean(text: str) -> str:
    """Return text that a cell can hold."""
    return _ILLEGAL.sub("", text)[:MAX_TEXT]


def is_telling(text: str) -> bool:
    """Whether a spreadsheet might read the text as more than text."""
    return text.startswith(_TELLING)


def text_cell(sheet: Sheet, value: str, font: Font | None = None, *, wrap: bool = False) -> Cell:
    """Return a text cell that no spreadsheet reads as a formula, not even after the cell was edited; empty for no text."""
    text = clean(value)
    cell = WriteOnlyCell(sheet, value=text or None)
    if text:
        cell.data_type = "s"
    if is_telling(text):
        cell.quotePrefix = True
    if font is not None:
        cell.font = font
    if wrap:
        cell.alignment = _WRAP
    return cell


def head(sheet: Sheet, names: tuple[str, ...]) -> list[Cell]:
    """Return the cells of a head row."""
    cells = [text_cell(sheet, name, HEAD) for name in names]
    for cell in cells:
        cell.fill = _FILL
    return cells


def number_cell(sheet: Sheet, value: float | None, shown: str) -> Cell:
    """Return a number with its format; an empty cell for None."""
    cell = WriteOnlyCell(sheet, value=value)
    cell.number_format = shown
    return cell


def date_cell(sheet: Sheet, value: date | None, shown: str = DATE_FORMAT) -> Cell:
    """Return a real date with its format; an empty cell for None."""
    cell: Cell = WriteOnlyCell(sheet, value=value)  # type: ignore[arg-type]  # the stubs know datetime only
    cell.number_format = shown
    return cell
