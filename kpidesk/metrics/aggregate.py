"""The kernels: aggregates of a row set over windows and slices, by bincount, cumulative sums and one sort."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kpidesk.domain.query import Filter
from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import Aggregate, Column, Node
from kpidesk.frame import BLANK_CODE, BLANK_DAY
from kpidesk.metrics import rowwise
from kpidesk.metrics.context import Context
from kpidesk.metrics.grid import Floats, Grid, blank, code
from kpidesk.metrics.table import Mask, RowTable, TextValues, is_one_of, text

_MONEY_DIGITS, _OTHER_DIGITS = 6, 10  # G19: sums of money are rounded to 1e-6 to lose float dust


def slice_codes(table: RowTable, context: Context) -> npt.NDArray[np.int64]:
    """Return the slice of every row: the place of its value in the context, the last slice for none."""
    if context.by is None:
        return np.zeros(table.rows, dtype=np.int64)
    column = text(table.columns, context.by, table.rows)
    places = {value: place for place, value in enumerate(context.values)}
    none = len(context.values)
    recode = np.array([places.get(value, none) for value in column.values] + [none], dtype=np.int64)
    return recode[column.codes]


def passing(table: RowTable, tests: Iterable[Node | Filter]) -> Mask:
    """Return which rows pass every test of a formula and every filter of the question.

    A filter on a column that this table never got keeps only the question for rows without a value.
    """
    mask = np.ones(table.rows, dtype=np.bool_)
    for test in tests:
        if isinstance(test, Filter):
            column = text(table.columns, test.dimension, table.rows)
            mask &= is_one_of(column, test.value) if test.value else column.codes == BLANK_CODE
        else:
            mask &= rowwise.test(test, table)
    return mask


class Selection:
    """The rows of a table that pass filters and the aggregate's own test, with slices and values."""

    def __init__(self, table: RowTable, node: Aggregate, context: Context) -> None:
        mask = passing(table, (*context.filters, *((node.where,) if node.where is not None else ())))
        if node.rows.stage is not None:
            wanted = " ".join(node.rows.stage.split()).casefold()
            stage = text(table.columns, "stage", table.rows)
            mask &= np.array([value.casefold() == wanted for value in stage.values] + [False])[stage.codes]
        self.rows = np.flatnonzero(mask)
        self.table = table
        self.context = context
        self.slices = slice_codes(table, context)[self.rows]
        self.days = table.days[self.rows].astype(np.int64)

    def take(self, values: Floats) -> Floats:
        """Return a column for the selected rows."""
        return values[self.rows]

    def sums(self, weights: Floats | None) -> Floats:
        """Return the sum of weights (None: the number of rows) per window and slice, shape (periods, slices)."""
        return self._stock_sums(weights) if self.table.stock else self._flow_sums(weights)

    def _flow_sums(self, weights: Floats | None) -> Floats:
        context = self.context
        shape = (context.periods, context.slices)
        if not self.rows.size:
            return np.zeros(shape)
        low, high = int(self.days.min()), int(self.days.max()) + 1
        key = (self.days - low) * context.slices + self.slices
        total = np.bincount(key, weights, minlength=(high - low) * context.slices).reshape(high - low, context.slices)
        running = np.zeros((high - low + 1, context.slices))
        np.cumsum(total, axis=0, out=running[1:])
        starts = np.clip(context.starts, low, high) - low
        ends = np.clip(np.maximum(context.covered_ends, context.starts), low, high) - low
        return np.asarray(running[ends] - running[starts])

    def _stock_sums(self, weights: Floats | None) -> Floats:
        """Sum what stands at each instant: plus on the day it opens, minus on the day it closes, and a running total."""
        context, table = self.context, self.table
        instants = context.instants
        opened, closed = table.opened[self.rows].astype(np.int64), table.closed[self.rows].astype(np.int64)
        unknown = opened == BLANK_DAY
        base = np.ones(len(self.rows)) if weights is None else weights
        result = np.zeros((context.periods, context.slices))
        known = np.flatnonzero(~unknown)
        if known.size:
            low = int(opened[known].min())
            high = max(int(instants.max()), low) + 1
            start = np.minimum(opened[known], high)
            stop = np.clip(closed[known], start, high)  # closed before it opened: it never stood
            span, many = high - low + 1, context.slices
            change = np.bincount((start - low) * many + self.slices[known], base[known], minlength=span * many)
            change -= np.bincount((stop - low) * many + self.slices[known], base[known], minlength=span * many)
            running = np.cumsum(change.reshape(span, many), axis=0)
            inside = instants >= low
            result[inside] = running[np.clip(instants[inside] - low, 0, span - 1)]
        if unknown.any():  # entered nobody knows when: in today's stock only (G7)
            today = np.bincount(self.slices[unknown], base[unknown], minlength=context.slices)
            result[instants == context.as_of] += today
        return result

    def groups(self) -> list[npt.NDArray[np.intp]]:
        """Return for each window the places (in the selection) of its rows, for kernels that need the rows themselves."""
        context = self.context
        if self.table.stock:
            opened, closed = self.table.opened[self.rows], self.table.closed[self.rows]
            unknown = opened == BLANK_DAY
            return [
                np.flatnonzero(np.where(unknown, instant == context.as_of, opened <= instant) & (closed > instant))
                for instant in context.instants
            ]
        order = np.argsort(self.days, kind="stable")
        days = self.days[order]
        starts = np.searchsorted(days, context.starts)
        ends = np.searchsorted(days, np.maximum(context.covered_ends, context.starts))
        return [order[start:end] for start, end in zip(starts, ends, strict=True)]


def before_data(table: RowTable, context: Context) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which windows lie wholly before the data, and which begin before it."""
    first = context.data_from if context.data_from is not None else table.first_day
    if first is None:
        nothing = np.zeros(context.periods, dtype=np.bool_)
        return nothing, nothing
    if table.stock:
        return context.instants < first, np.zeros(context.periods, dtype=np.bool_)
    wholly = context.ends <= first
    return wholly, ~wholly & (context.starts < first)


def aggregate(node: Aggregate, table: RowTable | None, context: Context) -> Grid:
    """Evaluate an aggregate. A table that was never imported, or a column that no import filled, is BLANK(not_imported)."""
    shape = (context.periods, context.slices)
    if table is None:
        return blank(shape, Reason.NOT_IMPORTED)
    try:
        chosen = Selection(table, node, context)
        values = None if node.value is None else rowwise.value(node.value, table)
    except rowwise.MissingColumnError:
        return blank(shape, Reason.NOT_IMPORTED)
    except rowwise.UnknownValueError:
        return blank(shape, Reason.UNKNOWN_VALUE)
    grid = _counted(node, chosen, values, shape)
    wholly, partly = before_data(table, context)
    values_out, reasons = grid.values.copy(), grid.reasons.copy()
    values_out[wholly] = np.nan
    reasons[wholly] = code(Reason.BEFORE_DATA)
    partial = np.repeat(partly[:, None], context.slices, axis=1)
    return Grid(
        values_out,
        reasons,
        grid.numerator,
        grid.denominator,
        grid.n,
        grid.pending,
        grid.missing,
        grid.judged,
        partial,
        current=table.stock and bool((context.instants < context.as_of).any()),
    )


def _counted(node: Aggregate, chosen: Selection, values: object, shape: tuple[int, int]) -> Grid:
    if node.function == "COUNT":
        counts = chosen.sums(None)
        pending = None
        if chosen.table.pending is not None:
            pending = chosen.sums(chosen.take(chosen.table.pending.astype(np.float64)))
        return Grid(np.rint(counts), np.zeros(shape, dtype=np.int8), n=np.rint(counts), pending=pending)
    if node.function == "COUNT_DISTINCT":
        return _distinct(chosen, values, shape)
    column = chosen.take(np.asarray(values, dtype=np.float64))
    known = np.isfinite(column)
    rows, filled = np.rint(chosen.sums(None)), np.rint(chosen.sums(known.astype(np.float64)))
    money = isinstance(node.value, Column) and node.value.name in ("amount", "profit", "cost")
    missing = rows - filled if money else None
    digits = _MONEY_DIGITS if money else _OTHER_DIGITS
    reasons = np.zeros(shape, dtype=np.int8)
    reasons[(filled == 0) & (rows > 0)] = code(Reason.BLANK)
    if node.function == "SUM":
        sums = np.round(chosen.sums(np.where(known, column, 0.0)), digits)
        sums[reasons != 0] = np.nan
        return Grid(sums + 0.0, reasons, n=filled, missing=missing)
    reasons[rows == 0] = code(Reason.NO_ROWS)
    numerator = None
    match node.function:
        case "AVERAGE":
            numerator = np.round(chosen.sums(np.where(known, column, 0.0)), digits)
            result = np.divide(numerator, filled, out=np.full(shape, np.nan), where=filled > 0)
        case "STDEV":
            result = _spread_of(chosen, column, known, filled, shape)
            reasons[(filled == 1) & (reasons == 0)] = code(Reason.NO_ROWS)
        case _:
            result = _ordered(node, chosen, column, shape)
    return Grid(
        result, reasons, numerator, filled if numerator is not None else None, filled, missing=missing, judged=filled
    )


def _spread_of(
    chosen: Selection, column: Floats, known: npt.NDArray[np.bool_], filled: Floats, shape: tuple[int, int]
) -> Floats:
    """Sample standard deviation, centred first so that large amounts keep their digits."""
    centre = float(column[known].mean()) if known.any() else 0.0
    moved = np.where(known, column - centre, 0.0)
    total, squares = chosen.sums(moved), chosen.sums(moved * moved)
    many = filled > 1
    mean_square = np.divide(total * total, filled, out=np.zeros(shape), where=filled > 0)
    return np.sqrt(np.divide(np.maximum(squares - mean_square, 0), filled - 1, out=np.full(shape, np.nan), where=many))


def _distinct(chosen: Selection, values: object, shape: tuple[int, int]) -> Grid:
    if isinstance(values, TextValues):
        codes = values.codes[chosen.rows].astype(np.int64)
        filled = codes != BLANK_CODE
    else:
        column = chosen.take(np.asarray(values, dtype=np.float64))
        filled = np.isfinite(column)
        codes = np.zeros(len(column), dtype=np.int64)
        codes[filled] = np.unique(column[filled], return_inverse=True)[1]
    many = int(codes.max(initial=0)) + 1
    result = np.zeros(shape)
    for period, places in enumerate(chosen.groups()):
        inside = places[filled[places]]
        seen = np.unique(chosen.slices[inside] * many + codes[inside])
        result[period] = np.bincount(seen // many, minlength=shape[1])
    return Grid(result, np.zeros(shape, dtype=np.int8), n=result)


def _ordered(node: Aggregate, chosen: Selection, column: Floats, shape: tuple[int, int]) -> Floats:
    """Median, percentile, minimum and maximum per window and slice: one sort by slice and value."""
    share = {"MEDIAN": 0.5, "MIN": 0.0, "MAX": 1.0}.get(
        node.function, node.parameter if node.parameter is not None else 0.5
    )
    result = np.full(shape, np.nan)
    for period, places in enumerate(chosen.groups()):
        inside = places[np.isfinite(column[places])]
        if not inside.size:
            continue
        slices, values = chosen.slices[inside], column[inside]
        order = np.lexsort((values, slices))
        slices, values = slices[order], values[order]
        present, starts, counts = np.unique(slices, return_index=True, return_counts=True)
        place = starts + share * (counts - 1)  # Excel's PERCENTILE.INC
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, starts + counts - 1)
        result[period, present] = values[low] + (place - low) * (values[high] - values[low])
    return result
