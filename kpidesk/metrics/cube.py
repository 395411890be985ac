"""Sums per day and slice, from which the sums of any window follow without looking at the rows again.

A month, a week and a trailing year of the same rows are read from one cube. Stocks are kept as running totals: what stands at the
end of each day.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kpidesk.formula.nodes import Rows
from kpidesk.frame import BLANK_DAY
from kpidesk.metrics.context import Context, DayArray
from kpidesk.metrics.memory import Memory
from kpidesk.metrics.selection import Selection, Tests, key_of
from kpidesk.metrics.table import NEVER, Floats, RowTable

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
        made = self._bench.selections
        if self._key not in made:
            made[self._key] = Selection(self._table, self._rows, self._tests)
        return made[self._key]

    def count(self) -> Floats:
        """Count rows."""
        return np.rint(self.of("rows", lambda: None))

    def of(self, name: Hashable, weights: Callable[[], Floats | None]) -> Floats:
        """Sum weights, of shape (selected rows,), None for one each. `name` tells them apart from others of these rows."""
        context = self.context
        make = self._stock if self._table.stock else self._flow
        if self._daily:
            key = (self._bench.as_of, self._key, context.by, context.values, name)
            cube = self._bench.cubes.recall(key, lambda: make(weights()))
        else:
            cube = make(weights())
        return _standing(cube, context) if self._table.stock else _within(cube, context)

    def _flow(self, weights: Floats | None) -> Cube:
        selection, axis, many = self.selection, self._axis, self.context.slices
        days = selection.take(self._table.days)
        # Step 0 is for what lies before the first border; the last row stays empty so that a window may end there.
        step = days - axis[0] + 1 if self._daily else np.searchsorted(axis, days, side="right")
        key = step if many == 1 else step * many + selection.slices(self.context)
        sums = np.bincount(key, weights, minlength=(len(axis) + 1) * many).astype(np.float64).reshape(-1, many)
        return Cube(axis, np.concatenate((sums[1:], np.zeros((1, many)))))

    def _stock(self, weights: Floats | None) -> Cube:
        selection, axis, many = self.selection, self._axis, self.context.slices
        opened = selection.take(self._table.opened)
        closed = np.maximum(selection.take(self._table.closed), opened)  # closed before it opened: it never stood
        slices = selection.slices(self.context)
        base: Floats = np.ones(selection.size) if weights is None else weights
        unknown = opened == BLANK_DAY
        change = np.zeros((len(axis) + 1) * many)
        for days, sign in ((opened, 1.0), (closed, -1.0)):
            step = np.clip(days - axis[0], 0, len(axis)) if self._daily else np.searchsorted(axis, days)
            key = step * many + slices
            change += sign * np.bincount(key, np.where(unknown, 0.0, base), minlength=len(change))
        running = np.cumsum(change.reshape(-1, many)[:-1], axis=0)
        if not unknown.any():
            return Cube(axis, running)
        today: Floats = np.bincount(slices[unknown], base[unknown], minlength=many).astype(np.float64)
        return Cube(axis, running, today)


def _axis(table: RowTable, context: Context) -> tuple[DayArray, bool]:
    """Return the days at which sums are cut, and whether these are all days, so that other windows can use them too."""
    if table.stock:
        known = table.opened[table.opened != BLANK_DAY]
        over = table.closed[table.closed < NEVER]
        low = int(known.min(initial=context.as_of))
        high = max(int(known.max(initial=low)), int(over.max(initial=low))) + 1
        borders = context.instants
    else:
        low = int(table.days.min(initial=context.as_of))
        high = max(int(table.days.max(initial=low)), low) + 1
        borders = np.concatenate((context.starts, context.ends))
    if (high - low) * context.slices <= _CELLS:
        return np.arange(low, high, dtype=np.int64), True
    return np.unique(borders), False


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
