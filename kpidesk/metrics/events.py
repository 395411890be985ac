"""Leads, activities and costs: rows that happen on one day (semantics 1.2)."""

from functools import partial

import numpy as np

from kpidesk.domain.explanation import LeftOut
from kpidesk.frame import BLANK_INSTANT, Frame
from kpidesk.metrics.money import Rates
from kpidesk.metrics.sieve import Sieve
from kpidesk.metrics.table import (
    TOLD,
    Columns,
    DayValues,
    Floats,
    RowTable,
    chosen,
    columns_of,
    day_values,
    elapsed,
    first_known,
    flags,
    folded,
    is_one_of,
    numbers,
    text,
    up_to,
    with_date,
)
from kpidesk.metrics.worktime import WorkingHours

_CANCELLED = "cancel"  # how every such status begins: Canceled, Cancelled by customer
_NOT_DONE = (
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
    sieve = Sieve(frame.entity, rows).also(LeftOut.TEST, flags(columns, "test", rows) != 1)
    first = first_known(created.days[sieve.mask])
    return chosen("created_leads", columns, with_date(sieve, created.days, as_of), created.days, first)


def _response_time(response: DayValues, created: DayValues) -> Floats:
    """Return how long leads waited: a date without a time of day says nothing, and nobody answers before being asked."""
    wait = elapsed(response, created)
    wait[(response.instants == BLANK_INSTANT) | (created.instants == BLANK_INSTANT) | (wait < 0)] = np.nan
    return wait


def activity_table(frame: Frame, name: str, as_of: int) -> RowTable:
    """Return the meetings booked and not cancelled, the outbound calls done, or the proposals sent."""
    columns, rows = columns_of(frame), frame.rows
    date = day_values(columns, "date", rows).days
    sieve = with_date(_counted(columns, Sieve(frame.entity, rows), name), date, as_of)
    return chosen(name, columns, sieve, date, first_known(date))


def _counted(columns: Columns, sieve: Sieve, name: str) -> Sieve:
    rows = sieve.rows
    kind, status = text(columns, "type", rows), text(columns, "status", rows)
    kinds: tuple[str, ...]
    undone: tuple[str, ...]
    inbound = None
    match name:
        case "meetings":
            kinds, undone = ("meeting", "meetings"), ()
        case "calls":
            inbound = is_one_of(text(columns, "direction", rows), "inbound", "incoming")
            kinds, undone = ("call", "calls", "phone call"), _NOT_DONE
        case _:
            kinds, undone = ("proposal", "proposals", "quote"), ("draft", *_NOT_DONE)
    sieve = sieve.also(LeftOut.OTHER_KIND, is_one_of(kind, *kinds))
    called_off = (word for word in status.values if folded(word).startswith(_CANCELLED))
    sieve = sieve.also(LeftOut.CANCELLED, ~is_one_of(status, *undone, *called_off))
    return sieve if inbound is None else sieve.also(LeftOut.INBOUND, ~inbound)


def cost_table(frame: Frame, name: str, rates: Rates, as_of: int) -> RowTable | None:
    """Return all costs, or those of sales and marketing: None where no row of any day is one, so that they are not taken for 0."""
    columns, rows = columns_of(frame), frame.rows
    date = day_values(columns, "date", rows).days
    if "amount" in columns:
        currency = text(columns, "currency", rows)
        told = numbers(columns, "amount", rows)
        columns = columns.with_({"amount": partial(rates.convert, told, currency, date), TOLD + "amount": told})
    sieve = Sieve(frame.entity, rows)
    if name == "sales_marketing_costs":
        spent = is_one_of(text(columns, "category", rows), "sales", "marketing")
        if not spent.any():
            return None
        sieve = sieve.also(LeftOut.OTHER_CATEGORY, spent)
    return chosen(name, columns, with_date(sieve, date, as_of), date, first_known(date))
