"""One typed cell as text for the preview."""

from datetime import date, timedelta

from kpidesk.frame import BLANK_CODE, BLANK_DAY, Column, NumberColumn, TextColumn, TimeColumn

_EPOCH = date(1970, 1, 1)


def display(column: Column, row: int) -> str:
    """Return the value of a row as a person would write it; empty when blank."""
    match column:
        case TextColumn():
            code = int(column.codes[row])
            return "" if code == BLANK_CODE else column.values[code]
        case TimeColumn():
            day = int(column.days[row])
            if day == BLANK_DAY:
                return ""
            when = _EPOCH + timedelta(days=day)
            return f"{when.day} {when:%b} {when.year}"
        case NumberColumn():
            value = float(column.values[row])
            if value != value:  # noqa: PLR0124 - NaN is blank
                return ""
            return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    flag = int(column.values[row])
    return "" if flag < 0 else "Yes" if flag else "No"
