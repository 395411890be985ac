"""Sums per day and slice, from which the sums of any window follow without looking at the rows again.

A month, a week and a trailing year of the same rows are read from one cube. Stocks are kept as running totals: what stands at the
end of each day.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from kpidesk.formula.nodes import Rows
from kpidesk.frame import BLANK_DAY
from kpidesk.metrics.context import Context, DayArray
from kpidesk.metrics.memory import Memory
from kpidesk.metrics.selection import Selection, Tests, key_of
from kpidesk.metrics.table import NEVER, Days, Floats, Mask, RowTable

Cells = npt.NDArray[np.integer[Any]]
Weights = Floats | Mask | None  # of shape (selected rows,); None for one each, truths to count where they hold
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

        def steps() -> Cells:
            # Step 0 is for what lies before the first border; the last row stays empty so that a window may end there.
            days = self.selection.take(self._table.days)
            return days - np.int32(axis[0] - 1) if self._daily else np.searchsorted(axis, days, side="right")

        sums = _summed(self._cells("days", steps), weights, (len(axis) + 1) * many).reshape(-1, many)
        return Cube(axis, np.concatenate((sums[1:], np.zeros((1, many)))))

    def _stock(self, weights: Weights) -> Cube:
        selection, axis, many = self.selection, self._axis, self.context.slices
        opened = selection.take(self._table.opened)
        unknown = np.flatnonzero(opened == BLANK_DAY)
        base = weights
        if unknown.size:
            base = np.ones(selection.size, dtype=np.bool_) if weights is None else weights.copy()
            base[unknown] = 0
        change = np.zeros((len(axis) + 1) * many)

        def steps(days: Days) -> Cells:
            return np.clip(days, axis[0], axis[0] + len(axis)) - axis[0] if self._daily else np.searchsorted(axis, days)

        def left() -> Cells:  # closed before it opened: it never stood
            return steps(np.maximum(selection.take(self._table.closed), opened))

        change += _summed(self._cells("opened", lambda: steps(opened)), base, len(change))
        change -= _summed(self._cells("closed", left), base, len(change))
        running = np.cumsum(change.reshape(-1, many)[:-1], axis=0)
        if not unknown.size:
            return Cube(axis, running)
        of_unknown = None if weights is None else weights[unknown]
        return Cube(axis, running, _summed(selection.slices(self.context)[unknown], of_unknown, many))

    def _cells(self, name: str, steps: Callable[[], Cells]) -> Cells:
        """Return the cell of the cube that each selected row falls into, by its step and slice."""
        context, many = self.context, self.context.slices

        def make() -> Cells:
            step = steps()
            if many == 1:
                return step
            wide = (len(self._axis) + 1) * many > np.iinfo(np.int32).max
            cells = np.multiply(step, many, dtype=np.int64 if wide else np.int32, casting="same_kind")
            cells += self.selection.slices(context)
            return cells

        key = (name, context.by, context.values, self._daily or self._axis.tobytes())
        return self.selection.once(key, make)


def _summed(cells: Cells, weights: Weights, size: int) -> Floats:
    """Add up weights by cell; of truths, count those that hold."""
    if weights is not None and weights.dtype == np.bool_:
        cells, weights = cells[weights], None
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
    borders: npt.NDArray[np.intp] = np.column_stack((starts, ends)).reshape(-1)
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
