"""The kernels: aggregates of a row set over windows and slices."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.query import Filter
from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import Aggregate, Column, Node, walk
from kpidesk.formula.proportion import shape
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.frame import BLANK_CODE
from kpidesk.metrics import rowwise
from kpidesk.metrics.context import Context
from kpidesk.metrics.cube import Bench, Sums
from kpidesk.metrics.grid import Floats, Grid, blank, code, finite
from kpidesk.metrics.lacking import Missing, Parts
from kpidesk.metrics.selection import Selection, tests_of
from kpidesk.metrics.table import Mask, RowTable, TextValues

_MONEY = ("amount", "profit", "cost")
_MONEY_DIGITS, _OTHER_DIGITS = 6, 10  # G19: sums of money are rounded to 1e-6 to lose float dust
_ROUNDABLE = 1e15  # a sum whose last digit stands above the decimals has no dust to lose
_WHOLE = 1 << 40
_DECIDED = ("won_deals", "closed_deals")


def aggregate(node: Aggregate, table: RowTable | None, context: Context, bench: Bench) -> Grid:
    """Evaluate an aggregate. A table that was never imported, or a column that no import filled, is BLANK(not_imported)."""
    if table is None:
        return blank((context.periods, context.slices), Reason.NOT_IMPORTED)
    try:
        grid = _Kernel(node, table, context, bench).grid()
    except rowwise.MissingColumnError:
        return blank((context.periods, context.slices), Reason.NOT_IMPORTED)
    except rowwise.UnknownValueError:
        return blank((context.periods, context.slices), Reason.UNKNOWN_VALUE)
    return covered(grid, table, context)


def pending(node: Aggregate, table: RowTable | None, context: Context, bench: Bench) -> Floats | None:
    """Count the rows of an aggregate whose outcome is not known yet; None where that has no meaning."""
    if table is None or table.pending is None:
        return None
    sums, waiting = Sums(table, node.rows, tests_of(node, context), context, bench), table.pending
    try:
        return np.rint(sums.of("pending", lambda: sums.selection.take(waiting)))
    except (rowwise.MissingColumnError, rowwise.UnknownValueError):
        return None


def covered(grid: Grid, table: RowTable, context: Context) -> Grid:
    """Blank the windows before the first day of the data, mark those that begin before it (G15) or lost won deals (G6)."""
    first = context.data_from if context.data_from is not None else table.first_day
    wholly = partly = np.zeros(context.periods, dtype=np.bool_)
    if first is not None and table.stock:
        wholly = context.instants < first
    elif first is not None:
        wholly = context.ends <= first
        partly = ~wholly & (context.starts < first)
    if wholly.any():
        values, reasons = grid.values.copy(), grid.reasons.copy()
        values[wholly] = np.nan
        reasons[wholly] = code(Reason.BEFORE_DATA)
        grid = grid.with_(values=values, reasons=reasons)
    lost = _restated(context) if context.restated and table.name in _DECIDED else None
    if lost is None and not partly.any():
        return grid
    return grid.with_(partial=context.wide(partly) if partly.any() else None, restated=lost)


def _restated(context: Context) -> npt.NDArray[np.bool_]:
    """Return which windows have a day that lost won deals."""
    days = np.sort(np.array([day for day in context.restated if day <= context.as_of], dtype=np.int64))
    return context.wide(np.searchsorted(days, context.ends) > np.searchsorted(days, context.starts))


def marked(name: str, mask: Mask | None, sums: Sums) -> Mask | None:
    """Return where rows of a mask are among those that count; None when there are none at all."""
    if mask is None or not mask.any():
        return None
    return np.rint(sums.of(name, lambda: sums.selection.take(mask).astype(np.float64))) > 0


class _Kernel:
    """One aggregate at work."""

    def __init__(self, node: Aggregate, table: RowTable, context: Context, bench: Bench) -> None:
        self._node, self._table, self._context = node, table, context
        self._sums = Sums(table, node.rows, tests_of(node, context), context, bench)
        self._shape = (context.periods, context.slices)
        self._key = shape(node.value)
        self._money = node.value is not None and any(
            isinstance(part, Column) and part.name in _MONEY for part in walk(node.value)
        )

    def grid(self) -> Grid:
        """Return values, reasons and what is behind them."""
        match self._node.function:
            case "COUNT":
                grid = self._count()
            case "COUNT_DISTINCT":
                grid = self._distinct()
            case "SUM":
                grid = self._sum()
            case _:
                grid = self._of_values()
        # Without snapshots of the past it is made of today's amounts and stages (G18).
        if self._table.stock and (self._money or self._stages()):
            grid = grid.with_(current=self._current())
        return grid.with_(inferred=marked("inferred", self._table.inferred, self._sums))

    def _current(self) -> npt.NDArray[np.bool_]:
        if self._table.late is None:
            return self._context.wide(self._context.instants < self._context.as_of)
        late = marked("late", self._table.late, self._sums)
        return np.zeros(self._shape, dtype=np.bool_) if late is None else late

    def _stages(self) -> bool:
        """Whether the stage of a row decides where it counts."""
        tests = tests_of(self._node, self._context)
        named = {test.dimension for test in tests if isinstance(test, Filter)} | {self._context.by}
        for test in tests:
            if isinstance(test, Node):
                named |= {part.name for part in walk(test) if isinstance(part, Column)}
        return "stage" in named

    @property
    def _selection(self) -> Selection:
        return self._sums.selection

    def _values(self) -> Floats:
        """Return the value of every row of the table, NaN where it has none."""
        node = self._node.value
        assert node is not None  # noqa: S101 - only COUNT goes without
        values: Floats = self._table.made.recall(
            ("value", self._key), lambda: np.asarray(rowwise.value(node, self._table), dtype=np.float64)
        )
        return values

    def _column(self) -> Floats:
        """Return the value of every selected row, NaN where it has none."""
        return self._selection.made(("value", self._key), self._values)

    def _missing_rows(self) -> Mask | None:
        """Return which rows of the table have no value; None when all have one."""

        def make() -> Mask | None:
            missing = ~np.isfinite(self._values())
            return missing if missing.any() else None

        found: Mask | None = self._table.made.recall(("missing", self._key), make)
        return found

    def _filled(self) -> Floats:
        """Return the value of every selected row, 0 where it has none."""
        missing = self._missing_rows()
        if missing is None:
            return self._column()
        return self._selection.made(("filled", self._key), lambda: np.where(missing, 0.0, self._values()))

    def _count(self) -> Grid:
        counts = self._sums.count()
        return Grid(counts, self._no_reasons(), n=counts, counted=True)

    def _known(self) -> tuple[Floats, Floats]:
        """Return the number of rows, and of those that have a value."""
        # Of an expression that cannot be and a condition that cannot be, the expression is told first.
        missing = self._missing_rows()
        rows = self._sums.count()
        if missing is None:
            return rows, rows
        # Few rows have none: they are counted faster than the others.
        without = self._sums.of(("missing", self._key), lambda: self._selection.places(("missing", self._key), missing))
        return rows, rows - np.rint(without)

    def _total(self, filled: Floats) -> Floats:
        total = self._sums.of(("sum", self._key), self._filled)
        digits = _MONEY_DIGITS if self._money else _OTHER_DIGITS
        small = np.abs(total) < _ROUNDABLE / 10.0**digits
        return np.where(filled > 0, np.where(small, np.round(np.where(small, total, 0.0), digits), total), 0.0) + 0.0

    def _sum(self) -> Grid:
        rows, filled = self._known()
        reasons = self._no_reasons()
        reasons[(filled == 0) & (rows > 0)] = code(Reason.BLANK)  # G4: of unknown amounts the sum is unknown
        values, reasons = finite(self._total(filled), reasons)
        return Grid(values, reasons, n=filled, missing=self._missing(rows - filled))

    def _of_values(self) -> Grid:
        rows, filled = self._known()
        reasons = self._no_reasons()
        reasons[filled == 0] = code(Reason.BLANK)
        reasons[rows == 0] = code(Reason.NO_ROWS)
        numerator = None
        match self._node.function:
            case "AVERAGE":
                numerator = self._total(filled)
                values = np.divide(numerator, filled, out=np.full(self._shape, np.nan), where=filled > 0)
            case "STDEV":
                reasons[(filled == 1) & (reasons == 0)] = code(Reason.ZERO_DENOMINATOR)
                values = self._per_group(_spread)
            case _:
                values = self._per_group(self._ordered)
        values, reasons = finite(values, reasons)
        denominator = None if numerator is None else filled
        missing = self._missing(rows - filled)
        return Grid(values, reasons, numerator, denominator, filled, missing=missing, judged=filled)

    def _missing(self, counts: Floats) -> Parts:
        if not self._money or not counts.any():
            return ()
        starts, ends = self._context.starts, self._context.ends
        if self._table.stock:
            starts, ends = self._context.instants, self._context.instants + 1
        name = self._table.name
        return (Missing(ROW_SETS[name].subset_of or name, starts, ends, counts),)

    def _per_group(self, kernel: Callable[[Floats, npt.NDArray[np.intp]], Floats]) -> Floats:
        """Fill each window and slice with the kernel's answer to its values.

        The kernel gets the values of one window sorted within slices, and how many each present slice has.
        """
        column, result = self._column(), np.full(self._shape, np.nan)
        many = self._context.slices
        slices = self._selection.slices(self._context)
        finite = np.isfinite(column)
        for period, places in enumerate(self._selection.groups(self._context)):
            inside = places[finite[places]]
            if not inside.size:
                continue
            values, of = column[inside], slices[inside]
            order = np.argsort(values) if many == 1 else np.lexsort((values, of))
            counts = np.bincount(of, minlength=many)
            present = np.flatnonzero(counts)
            result[period, present] = kernel(values[order], counts[present])
        return result

    def _ordered(self, values: Floats, counts: npt.NDArray[np.intp]) -> Floats:
        """Median, percentile, minimum and maximum, as Excel's PERCENTILE.INC."""
        share = {"MEDIAN": 0.5, "MIN": 0.0, "MAX": 1.0}.get(self._node.function, self._node.parameter or 0.0)
        starts = np.cumsum(counts) - counts
        place = starts + share * (counts - 1)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, starts + counts - 1)
        between: Floats = values[low] + (place - low) * (values[high] - values[low])
        return between

    def _distinct(self) -> Grid:
        codes = self._codes()
        slices = self._selection.slices(self._context)
        many = int(codes.max(initial=0)) + 1
        result = np.zeros(self._shape)
        for period, places in enumerate(self._selection.groups(self._context)):
            inside = places[codes[places] >= 0]
            seen = pd.unique(slices[inside].astype(np.int64) * many + codes[inside])
            result[period] = np.bincount(seen // many, minlength=self._shape[1])
        return Grid(result, self._no_reasons(), n=result, counted=True)

    def _codes(self) -> npt.NDArray[np.int64]:
        """Return a number for each different value of the selected rows, -1 for blank. Ids that differ in case are two."""
        assert self._node.value is not None  # noqa: S101 - COUNT_DISTINCT has a column
        values = rowwise.value(self._node.value, self._table)
        if isinstance(values, TextValues):
            return self._selection.take(values.codes).astype(np.int64)
        column = self._column()
        known = np.isfinite(column)
        codes = np.full(len(column), BLANK_CODE, dtype=np.int64)
        found = column[known]
        if found.size and (found == np.floor(found)).all() and (np.abs(found) < _WHOLE).all():
            codes[known] = (found - found.min()).astype(np.int64)
        elif found.size:
            codes[known] = pd.factorize(found)[0]
        return codes

    def _no_reasons(self) -> npt.NDArray[np.int8]:
        return np.zeros(self._shape, dtype=np.int8)


def _spread(values: Floats, counts: npt.NDArray[np.intp]) -> Floats:
    """Sample standard deviation of each slice; NaN for a single value."""
    starts = np.cumsum(counts) - counts
    mean = np.add.reduceat(values, starts) / counts
    moved = values - np.repeat(mean, counts)
    squares = np.add.reduceat(moved * moved, starts)
    result: Floats = np.sqrt(np.divide(squares, counts - 1, out=np.full(len(counts), np.nan), where=counts > 1))
    return result
