"""From when to when the data speaks."""

from collections.abc import Callable
from datetime import date, timedelta

from kpidesk.frame import BLANK_DAY, Frame, TimeColumn

EPOCH = date(1970, 1, 1)
# Only what happened: plans such as targets, costs booked ahead and expected close dates do not make data fresh.
_EVENTS = (
    ("deals", ("created", "closed")),
    ("leads", ("created", "first_response")),
    ("activities", ("date",)),
    ("transactions", ("date",)),
    ("customers", ("acquired", "churned")),
)


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """Return the date `number` days after 1970-01-01."""
    return EPOCH + timedelta(days=number)


def data_range(frame: Callable[[str], Frame], as_of: date) -> tuple[date, date] | None:
    """Return the first and last day, not after `as_of`, on which something happened; None without any."""
    limit = day_number(as_of)
    first: int | None = None
    last: int | None = None
    for entity, fields in _EVENTS:
        rows = frame(entity)
        for field in fields:
            column = rows.columns.get(field)
            if not isinstance(column, TimeColumn):
                continue
            known = column.days[(column.days != BLANK_DAY) & (column.days <= limit)]
            if known.size:
                low, high = int(known.min()), int(known.max())
                first = low if first is None else min(first, low)
                last = high if last is None else max(last, high)
    if first is None or last is None:
        return None
    return day_of(first), day_of(last)
