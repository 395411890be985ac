"""Leads, activities and costs: rows that happen on one day (semantics 1.2)."""

from functools import partial

import numpy as np

from kpidesk.frame import BLANK_INSTANT, Frame
from kpidesk.metrics.money import Rates
from kpidesk.metrics.table import (
    Columns,
    DayValues,
    Floats,
    Mask,
    RowTable,
    chosen,
    columns_of,
    dated,
    day_values,
    elapsed,
    first_known,
    flags,
    is_one_of,
    numbers,
    text,
    up_to,
)
from kpidesk.metrics.worktime import WorkingHours

_CANCELLED = ("cancelled", "canceled")
_NOT_DONE = (
    *_CANCELLED,
    "planned",
    "scheduled",
    "open",
    "to do",
    "todo",
    "undone",
    "not started",
    "deferred",
    "pending",
)


def lead_table(frame: Frame, hours: WorkingHours, as_of: int) -> RowTable:
    """Return the leads created; a response after the as-of day is none yet."""
    columns, rows = columns_of(frame), frame.rows
    created = day_values(columns, "created", rows)
    if "first_response" in columns:
        response = up_to(day_values(columns, "first_response", rows), as_of)
        columns = columns.with_(
            {
                "first_response": response,
                "response_time": partial(_response_time, response, created),
                "work_response": partial(hours.between, created, response),
            }
        )
    real = flags(columns, "test", rows) != 1
    return chosen(
        "created_leads", columns, real & dated(created.days, as_of), created.days, first_known(created.days[real])
    )


def _response_time(response: DayValues, created: DayValues) -> Floats:
    """Return how long leads waited: a date without a time of day says nothing, and nobody answers before being asked."""
    wait = elapsed(response, created)
    wait[(response.instants == BLANK_INSTANT) | (created.instants == BLANK_INSTANT) | (wait < 0)] = np.nan
    return wait


def activity_table(frame: Frame, name: str, as_of: int) -> RowTable:
    """Return the meetings booked and not cancelled, the outbound calls done, or the proposals sent."""
    columns, rows = columns_of(frame), frame.rows
    date = day_values(columns, "date", rows).days
    mask = dated(date, as_of) & _counted(columns, rows, name)
    return chosen(name, columns, mask, date, first_known(date))


def _counted(columns: Columns, rows: int, name: str) -> Mask:
    kind, status = text(columns, "type", rows), text(columns, "status", rows)
    match name:
        case "meetings":
            return is_one_of(kind, "meeting", "meetings") & ~is_one_of(status, *_CANCELLED)
        case "calls":
            inbound = is_one_of(text(columns, "direction", rows), "inbound", "incoming")
            return is_one_of(kind, "call", "calls", "phone call") & ~is_one_of(status, *_NOT_DONE) & ~inbound
    return is_one_of(kind, "proposal", "proposals", "quote") & ~is_one_of(status, "draft", *_NOT_DONE)


def cost_table(frame: Frame, name: str, rates: Rates, as_of: int) -> RowTable | None:
    """Return all costs, or those of sales and marketing: None where no row of any day is one, so that they are not taken for 0."""
    columns, rows = columns_of(frame), frame.rows
    date = day_values(columns, "date", rows).days
    if "amount" in columns:
        currency = text(columns, "currency", rows)
        columns = columns.with_({"amount": partial(rates.convert, numbers(columns, "amount", rows), currency, date)})
    mask = dated(date, as_of)
    if name == "sales_marketing_costs":
        spent = is_one_of(text(columns, "category", rows), "sales", "marketing")
        if not spent.any():
            return None
        mask &= spent
    return chosen(name, columns, mask, date, first_known(date))
