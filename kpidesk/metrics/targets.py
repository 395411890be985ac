"""Targets and quotas: intervals spread evenly over whole months, or over days (semantics G12)."""

import numpy as np
import numpy.typing as npt

from kpidesk.domain.explanation import LeftOut
from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import Aggregate
from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics import rowwise
from kpidesk.metrics.context import Context, floor_months
from kpidesk.metrics.grid import Grid, blank, code
from kpidesk.metrics.money import Rates
from kpidesk.metrics.selection import passing, slice_codes, tests_of
from kpidesk.metrics.sieve import Sieve
from kpidesk.metrics.table import TOLD, RowTable, chosen, columns_of, day_values, numbers, text

_Days = npt.NDArray[np.int64]
_DUST = 1e-12  # as a share of the value


def target_table(frame: Frame, name: str, rates: Rates, as_of: int) -> RowTable:
    """Return the company's targets (without an owner) or the quotas (with one), each dated by its first day."""
    columns, rows = columns_of(frame), frame.rows
    owner = text(columns, "owner", rows)
    start, end = (day_values(columns, field, rows).days for field in ("start", "end"))
    owned = owner.codes != BLANK_CODE
    sieve = Sieve(frame.entity, rows)
    sieve = sieve.also(LeftOut.HAS_OWNER, ~owned) if name == "company_targets" else sieve.also(LeftOut.NO_OWNER, owned)
    sieve = sieve.also(LeftOut.NO_DATE, (start != BLANK_DAY) & (end != BLANK_DAY)).also(
        LeftOut.ENDS_FIRST, end >= start
    )
    day = np.minimum(start, np.int32(as_of))
    told = numbers(columns, "amount", rows)
    amount = rates.convert(told, text(columns, "currency", rows), day)
    return chosen(name, columns.with_({"amount": amount, TOLD + "amount": told}), sieve, start, None)


def overlap(first: _Days, last: _Days, starts: _Days, ends: _Days) -> npt.NDArray[np.float64]:
    """Return which share of each interval [first, last] falls into each window [starts, ends): shape (windows, intervals).

    Whole months get equal shares when both interval and window consist of whole months, else every day does.
    """
    stop = last + 1
    days = np.minimum(ends[:, None], stop) - np.maximum(starts[:, None], first)
    by_day = np.maximum(days, 0) / (stop - first)
    whole_interval = (floor_months(first, 1, 1) == first) & (floor_months(stop, 1, 1) == stop)
    whole_window = (floor_months(starts, 1, 1) == starts) & (floor_months(ends, 1, 1) == ends)

    def month(values: _Days) -> _Days:
        result: _Days = values.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        return result

    months = np.minimum(month(ends)[:, None], month(stop)) - np.maximum(month(starts)[:, None], month(first))
    length = np.maximum(month(stop) - month(first), 1)
    by_month = np.maximum(months, 0) / length
    return np.where(whole_window[:, None] & whole_interval, by_month, by_day)


def _without_dust(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return values without float dust (G19). A third of a target is no dust: what is not nearly a round sum stays as it is."""
    rounded = np.round(values, 6)
    return np.where(np.abs(values - rounded) <= _DUST * np.abs(values), rounded, values)


def shares(table: RowTable, context: Context) -> npt.NDArray[np.float64]:
    """Return which share of each target falls into each window: shape (windows, rows)."""
    last = day_values(table.columns, "end", table.rows).days.astype(np.int64)
    return overlap(table.days.astype(np.int64), last, context.starts, context.ends)


def aggregate_targets(node: Aggregate, table: RowTable | None, context: Context) -> Grid:
    """Add up targets over windows; no target in a window and slice is BLANK(no_target), a target of 0 is 0.

    Only SUM(targets.amount) exists: the language refuses anything else over targets.
    """
    shape = (context.periods, context.slices)
    if table is None or not table.rows:
        return blank(shape, Reason.NO_TARGET)
    try:
        rows = passing(table, tests_of(node, context))
    except rowwise.MissingColumnError:
        return blank(shape, Reason.NO_TARGET)
    except rowwise.UnknownValueError:
        return blank(shape, Reason.UNKNOWN_VALUE)
    share = shares(table, context) * rows
    amount = numbers(table.columns, "amount", table.rows)
    known = np.isfinite(amount)
    member = np.zeros((table.rows, context.slices))
    member[np.arange(table.rows), slice_codes(table, context)] = 1.0
    values = _without_dust((share * np.where(known, amount, 0.0)) @ member)
    touched = ((share > 0).astype(np.float64) @ member) > 0
    told = (((share > 0) & known).astype(np.float64) @ member) > 0
    reasons = np.where(told, 0, np.where(touched, code(Reason.BLANK), code(Reason.NO_TARGET))).astype(np.int8)
    values[~told] = np.nan
    return Grid(values, reasons)
