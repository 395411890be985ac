"""The sheet of goals in the Excel summary: every key result with where it is, where it should be, and where it is to end."""

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from kpidesk.export import cells
from kpidesk.export.cells import put, put_head
from kpidesk.present.summary import Summary

_HEADS = (
    "Goal",
    "Owner",
    "Key result",
    "From",
    "Now",
    "Pace today",
    "Target",
    "Way made",
    "To target",
    "Weight",
    "Status",
    "Note",
)
_WIDTHS = (34, 18, 28, 14, 14, 14, 14, 11, 14, 9, 12, 46)
_NUMERIC = range(_HEADS.index("From"), _HEADS.index("Weight") + 1)


def fill_goals(sheet: Worksheet, summary: Summary) -> None:
    """Write one line for each key result. Numbers are raw; what is not known is an empty cell, with its reason in the note."""
    for place, width in enumerate(_WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    sheet.freeze_panes = "D2"
    put_head(sheet, 1, _HEADS, _NUMERIC)
    for line, row in enumerate(summary.goals, start=2):
        shown = cells.number_format(row.display, summary.currency)
        for column, text in ((1, row.goal), (2, row.owner), (3, row.name), (11, row.status), (12, row.note)):
            cell = put(sheet, line, column, text)
            if column == len(_HEADS) - 1:
                cell.alignment = cells.INDENTED
        if (one := row.figures) is not None:
            numbers = (one.start, one.value, one.expected, one.target, one.share, one.to_go, one.weight)
            formats = (shown, shown, shown, shown, "0%", cells.change_format(row.display, summary.currency), "0.##")
            for column, (value, written) in enumerate(zip(numbers, formats, strict=True), start=4):
                put(sheet, line, column, value, written)
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(_HEADS))}{len(summary.goals) + 1}"
