"""Targets and quotas: intervals spread evenly over whole months, or over days (semantics G12)."""

import numpy as np
import numpy.typing as npt

from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import Aggregate
from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics import rowwise
from kpidesk.metrics.aggregate import passing, slice_codes
from kpidesk.metrics.context import Context, floor_months
from kpidesk.metrics.grid import Grid, blank, code
from kpidesk.metrics.money import Rates
from kpidesk.metrics.table import RowTable, columns_of, day_values, numbers, take, text

_Days = npt.NDArray[np.int64]


def target_table(frame: Frame | None, name: str, rates: Rates, as_of: int) -> RowTable | None:
    """Return the company's targets (without an owner) or the quotas (with one)."""
    if frame is None:
        return None
    columns = columns_of(frame)
    owner = text(columns, "owner", frame.rows)
    start, end = (day_values(columns, field, frame.rows).days for field in ("start", "end"))
    mask = (start != BLANK_DAY) & (end != BLANK_DAY) & (end >= start)
    mask &= (owner.codes == BLANK_CODE) if name == "company_targets" else (owner.codes != BLANK_CODE)
    currency = text(columns, "currency", frame.rows)
    day = np.minimum(start, as_of).astype(np.int32)
    columns["amount"] = rates.convert(numbers(columns, "amount", frame.rows), currency, day)
    rows = np.flatnonzero(mask)
    return RowTable(name, len(rows), {key: take(values, rows) for key, values in columns.items()}, start[rows], None)


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


def aggregate_targets(node: Aggregate, table: RowTable | None, context: Context) -> Grid:
    """Evaluate SUM or COUNT over targets; no target in a window and slice is BLANK(no_target), a target of 0 is 0."""
    shape = (context.periods, context.slices)
    if table is None or not table.rows:
        return blank(shape, Reason.NO_TARGET)
    try:
        mask = passing(table, (*context.filters, *((node.where,) if node.where is not None else ())))
    except rowwise.MissingColumnError:
        return blank(shape, Reason.NO_TARGET)
    except rowwise.UnknownValueError:
        return blank(shape, Reason.UNKNOWN_VALUE)
    first = table.days.astype(np.int64)
    last = day_values(table.columns, "end", table.rows).days.astype(np.int64)
    share = overlap(first, last, context.starts, context.ends) * mask
    amount = (
        np.nan_to_num(numbers(table.columns, "amount", table.rows)) if node.function == "SUM" else np.ones(table.rows)
    )
    member = np.zeros((table.rows, context.slices))
    member[np.arange(table.rows), slice_codes(table, context)] = 1.0
    values = np.round((share * amount) @ member, 6)
    touched = ((share > 0).astype(np.float64) @ member) > 0
    values[~touched] = np.nan
    return Grid(values, np.where(touched, 0, code(Reason.NO_TARGET)).astype(np.int8))
