"""Cells for Excel: text that stays text, numbers and dates with the format a person expects."""

import re
from collections.abc import Collection, Sequence
from datetime import date

from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from kpidesk.domain.kpi import Display
from kpidesk.present.numbers import symbol

Value = str | float | date | None
DATE_FORMAT, MONTH_FORMAT, COUNT_FORMAT, AMOUNT_FORMAT = "yyyy-mm-dd", "mmm yyyy", "#,##0", "#,##0.00"
MAX_TEXT = 32_767  # what a cell of Excel holds
HEAD = Font(name="Calibri", bold=True, color="FF524F48")
PALE = Font(name="Calibri", color="FF85807A")  # a value of too few cases to judge
TITLE = Font(name="Calibri", bold=True, size=16)
_FILL = PatternFill("solid", fgColor="FFF3F1EC")
LEFT, RIGHT, INDENTED = (
    Alignment(horizontal="left"),
    Alignment(horizontal="right"),
    Alignment(horizontal="left", indent=1),
)
_WRAP = Alignment(vertical="top", wrap_text=True)
_NO_PENCE = frozenset({"CLP", "ISK", "JPY", "KRW", "VND"})
# What XML cannot hold, and halves of characters that cannot be encoded.
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE_END = re.compile(r"\r\n?")
# Excel takes such a text for one character written by its number.
_CODED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
# A spreadsheet would read these as a formula, or (with #) as an error value.
_TELLING = ("=", "+", "-", "@", "\t", "\n", "#")


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
    """Return text that a cell can hold, which Excel shows as it is: line ends as Excel has them, no character that XML forbids."""
    kept = _ILLEGAL.sub("", _LINE_END.sub("\n", text))[:MAX_TEXT]
    return _CODED.sub("_x005F_", kept) if "_x" in kept else kept


def is_telling(text: str) -> bool:
    """Whether a spreadsheet might read the text as more than text."""
    return text.startswith(_TELLING)


def put(sheet: Worksheet, line: int, column: int, value: Value, shown: str | None = None) -> Cell:
    """Write a value and return its cell. Text is never read as a formula, not even after the cell was edited; None is empty."""
    cell = sheet.cell(line, column)
    assert isinstance(cell, Cell)  # noqa: S101 - no cells are merged here
    if isinstance(value, str):
        text = clean(value)
        if text:
            cell.value, cell.data_type = text, "s"
            cell.quotePrefix = is_telling(text)
        return cell
    cell.value = value
    if shown is not None:
        cell.number_format = shown
    return cell


def put_head(sheet: Worksheet, line: int, names: Sequence[str], numeric: Collection[int] = ()) -> None:
    """Write a head row. `numeric` are the places, from 0, of columns of numbers or dates: their heads stand above them."""
    for place, name in enumerate(names):
        cell = put(sheet, line, place + 1, name)
        cell.font, cell.fill = HEAD, _FILL
        if place:
            cell.alignment = RIGHT if place in numeric else INDENTED if place - 1 in numeric else LEFT


def wrap(cell: Cell) -> None:
    """Let a long text go on in the next line of its cell."""
    cell.alignment = _WRAP
