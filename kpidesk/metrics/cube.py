"""Sums per day and slice, from which the sums of any window follow without looking at the rows again.

A month, a week and a trailing year of the same rows are read from one cube. Stocks are kept as running totals: what stands at the
end of each day.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeGuard, cast

import numpy as np
import numpy.typing as npt

from kpidesk.formula.nodes import Rows
from kpidesk.frame import BLANK_DAY
from kpidesk.metrics.context import Context, DayArray
from kpidesk.metrics.memory import Memory
from kpidesk.metrics.selection import Selection, Tests, key_of, slice_codes
from kpidesk.metrics.table import NEVER, Days, Floats, Mask, RowNumbers, RowTable, is_sorted

Cells = npt.NDArray[np.integer[Any]]
Weights = Floats | Mask | RowNumbers | None
"""Of shape (selected rows,): numbers to add, truths to count where they hold; or places of rows in rising order to count; None for all."""
_CELLS = 1 << 21  # a cube with more cells is cut at the borders of the windows instead of at every day


@dataclass(frozen=True, slots=True)
class Cube:
    """`sums` of shape (steps, slices); step i begins on day `axis[i]`. `today` is what stands on the as-of day only."""

    axis: DayArray
    sums: Floats
    today: Floats | None = None

    @property
    def size(self) -> int:
        """Bytes taken."""
        return self.axis.nbytes + self.sums.nbytes


@dataclass(slots=True)
class Bench:
    """Where one question is worked on: the cubes remembered on the as-of day, and the selections made for it so far."""

    as_of: int
    cubes: Memory[Cube]
    selections: dict[Hashable, Selection] = field(default_factory=dict)

    def selection(self, table: RowTable, rows: Rows, tests: Tests) -> Selection:
        """Return the rows of a table that pass tests; an error of a condition shows here."""
        key = key_of(rows, tests)
        if key not in self.selections:
            self.selections[key] = Selection(table, rows, tests)
        return self.selections[key]


class Sums:
    """Sums over the selected rows of a table in the windows and slices of a context, shape (periods, slices)."""

    def __init__(self, table: RowTable, rows: Rows, tests: Tests, context: Context, bench: Bench) -> None:
        self._table, self._rows, self._tests = table, rows, tests
        self.context = context
        self._bench = bench
        self._key = key_of(rows, tests)
        self._axis, self._daily = _axis(table, context)

    @property
    def selection(self) -> Selection:
        """The selected rows; an error of the condition shows here."""
        return self._bench.selection(self._table, self._rows, self._tests)

    def count(self) -> Floats:
        """Count rows."""
        return np.rint(self.of("rows", lambda: None))

    def of(self, name: Hashable, weights: Callable[[], Weights]) -> Floats:
        """Sum weights. `name` tells them apart from others of these rows."""
        context = self.context
        make = self._stock if self._table.stock else self._flow
        if self._daily:
            key = (self._bench.as_of, self._key, context.by, context.values, name)
            cube = self._bench.cubes.recall(key, lambda: make(weights()))
        else:
            cube = make(weights())
        return _standing(cube, context) if self._table.stock else _within(cube, context)

    def _flow(self, weights: Weights) -> Cube:
        axis, many = self._axis, self.context.slices
        # Step 0 is for what lies before the first border; the last row stays empty so that a window may end there.
        sums = self._per_cell("days", self._table.days, weights).reshape(-1, many)
        return Cube(axis, np.concatenate((sums[1:], np.zeros((1, many)))))

    def _stock(self, weights: Weights) -> Cube:
        selection, axis, many = self.selection, self._axis, self.context.slices
        unknown = np.flatnonzero(selection.take(self._table.opened) == BLANK_DAY)
        base, of_unknown = weights, weights
        if unknown.size and _are_places(weights):
            here = np.isin(weights, unknown)
            base, of_unknown = weights[~here], np.searchsorted(unknown, weights[here])
        elif unknown.size:
            base = np.ones(selection.size, dtype=np.bool_) if weights is None else weights.copy()
            base[unknown] = 0
            of_unknown = None if weights is None else weights[unknown]
        change = self._per_cell("opened", self._table.opened, base)
        # What closed before it opened never stood.
        change -= self._per_cell("closed", np.maximum(self._table.closed, self._table.opened), base)
        running = np.cumsum(change.reshape(-1, many)[:-1], axis=0)
        if not unknown.size:
            return Cube(axis, running)
        return Cube(axis, running, _summed(selection.slices(self.context)[unknown], of_unknown, many))

    def _per_cell(self, name: str, days: Days, weights: Weights) -> Floats:
        """Add up weights by step of the axis and slice, shape ((steps + 1) * slices,). Step 0 of a flow lies before the axis."""
        selection, many = self.selection, self.context.slices
        key = (name, self._axis[0], len(self._axis)) if self._daily else (name, self._axis.tobytes())
        if many == 1 and self._table.made.recall(("sorted", name), lambda: is_sorted(days)):
            return _runs(selection.once(("runs", *key), lambda: self._runs(selection.take(days))), weights)

        def cells() -> Cells:
            # As wide as bincount takes them, so that it need not copy them every time.
            found = self._steps(days).astype(np.intp)
            if many > 1:
                found *= many
                found += slice_codes(self._table, self.context)
            return found

        key, size = ("cells", *key, self.context.by, self.context.values), (len(self._axis) + 1) * many
        found = selection.made(key, cells)
        if self._table.made.recall(("sorted", key), lambda: is_sorted(self._table.made.recall(key, cells))):
            return _runs(selection.once(("runs", key), lambda: np.searchsorted(found, np.arange(size + 1))), weights)
        return _summed(found, weights, size)

    def _steps(self, days: Days) -> Cells:
        """Return the step of each day."""
        axis = self._axis
        if not self._daily:
            return np.searchsorted(axis.astype(days.dtype), days, side="left" if self._table.stock else "right")
        first = np.int32(axis[0] if self._table.stock else axis[0] - 1)
        return np.clip(days, first, first + np.int32(len(axis))) - first

    def _runs(self, days: Days) -> npt.NDArray[np.intp]:
        """Return where in sorted days each step begins, and their end, shape (steps + 2,)."""
        side: Literal["left", "right"] = "right" if self._table.stock else "left"
        inner = np.searchsorted(days, self._axis.astype(days.dtype), side=side)
        return np.concatenate(([0], inner, [len(days)]))


def _are_places(weights: Weights) -> TypeGuard[RowNumbers]:
    return weights is not None and weights.dtype == np.intp


def _runs(borders: npt.NDArray[np.intp], weights: Weights) -> Floats:
    """Add up weights between borders."""
    if weights is None:
        return np.diff(borders).astype(np.float64)
    if _are_places(weights):
        return np.diff(np.searchsorted(weights, borders)).astype(np.float64)
    sums = np.zeros(len(borders) - 1)
    filled = borders[1:] > borders[:-1]
    if filled.any():
        kind = np.intp if weights.dtype == np.bool_ else np.float64
        sums[filled] = np.add.reduceat(weights, borders[:-1][filled], dtype=kind)
    return sums


def _summed(cells: Cells, weights: Weights, size: int) -> Floats:
    """Add up weights by cell; of truths, count those that hold."""
    if weights is not None and weights.dtype == np.bool_:
        # Many times faster than an index of truths that come at random.
        cells, weights = cells.compress(cast("Mask", weights)), None
    elif _are_places(weights):
        cells, weights = cells.take(weights), None
    return np.bincount(cells, weights, minlength=size).astype(np.float64)


def _axis(table: RowTable, context: Context) -> tuple[DayArray, bool]:
    """Return the days at which sums are cut, and whether these are all days, so that other windows can use them too."""
    low, high = table.made.recall(("span", context.as_of), lambda: _span(table, context.as_of))
    borders = context.instants if table.stock else np.concatenate((context.starts, context.ends))
    if (high - low) * context.slices <= _CELLS:
        return np.arange(low, high, dtype=np.int64), True
    return np.unique(borders), False


def _span(table: RowTable, as_of: int) -> tuple[int, int]:
    """Return the first day on which rows come, no later than `as_of`, and the day after the last on which they come or go."""
    if not table.stock:
        low = int(table.days.min(initial=as_of))
        return low, max(int(table.days.max(initial=low)), low) + 1
    known = table.opened[table.opened != BLANK_DAY]
    over = table.closed[table.closed < NEVER]
    low = int(known.min(initial=as_of))
    return low, max(int(known.max(initial=low)), int(over.max(initial=low))) + 1


def _within(cube: Cube, context: Context) -> Floats:
    """Sum the steps of each window."""
    starts, ends = np.searchsorted(cube.axis, context.starts), np.searchsorted(cube.axis, context.ends)
    borders = np.empty(2 * len(starts), dtype=np.intp)
    borders[::2], borders[1::2] = starts, ends
    sums: Floats = np.add.reduceat(cube.sums, borders, axis=0)[::2]
    sums[starts >= ends] = 0.0
    return sums


def _standing(cube: Cube, context: Context) -> Floats:
    """Read the running total at each instant."""
    step = np.searchsorted(cube.axis, context.instants, side="right") - 1
    result = np.where(step[:, None] >= 0, cube.sums[np.maximum(step, 0)], 0.0)
    if cube.today is not None:  # entered nobody knows when: in today's stock only (G7)
        result[context.instants == context.as_of] += cube.today
    return result
