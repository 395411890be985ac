"""Which rows of a row set an aggregate looks at, and the slice and day of each."""

from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.domain.query import Filter
from kpidesk.formula.nodes import Aggregate, Node, Rows
from kpidesk.formula.proportion import shape
from kpidesk.frame import BLANK_CODE, BLANK_DAY
from kpidesk.metrics import rowwise
from kpidesk.metrics.context import Context
from kpidesk.metrics.table import Mask, RowNumbers, RowTable, folded, is_one_of, text

_Kind = TypeVar("_Kind", bound=np.generic)
_Made = TypeVar("_Made")
Slices = npt.NDArray[np.unsignedinteger]
Tests = tuple[Node | Filter, ...]
_DENSE = 65_536  # days that a 16-bit number can count, whose sort is a radix sort


def tests_of(node: Aggregate, context: Context) -> Tests:
    """Return the tests that a row has to pass: the question's filters and the aggregate's own condition."""
    return context.filters if node.where is None else (*context.filters, node.where)


def key_of(rows: Rows, tests: Iterable[Node | Filter]) -> Hashable:
    """Return what tells two selections apart: the same tests written elsewhere are the same selection."""
    stage = None if rows.stage is None else folded(rows.stage)
    return rows.name, rows.anchor, stage, tuple(test if isinstance(test, Filter) else shape(test) for test in tests)


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


def in_stage(table: RowTable, stage: str) -> Mask:
    """Return which rows are of a stage; UnknownValueError when no row is of any day."""
    stages = text(table.columns, "stage", table.rows)
    if folded(stage) not in {folded(value) for value in stages.values}:
        raise rowwise.UnknownValueError
    return is_one_of(stages, stage)


def slice_codes(table: RowTable, context: Context) -> Slices:
    """Return the slice of every row in the narrowest numbers: the place of its value in the context, the last slice for none."""
    by, none = context.by, len(context.values)
    narrow = np.min_scalar_type(none)
    if by is None:
        return np.zeros(table.rows, dtype=narrow)

    def make() -> Slices:
        column = text(table.columns, by, table.rows)
        places = {folded(value): place for place, value in enumerate(context.values)}
        recode = np.array([places.get(folded(value), none) for value in column.values] + [none], dtype=narrow)
        return recode.take(column.codes)

    made: Slices = table.made.recall(("slices", by, context.values), make)
    return made


def _rows(table: RowTable, rows: Rows, tests: Tests) -> RowNumbers:
    mask = passing(table, tests)
    if rows.stage is not None:
        mask &= in_stage(table, rows.stage)
    return np.flatnonzero(mask)


class Selection:
    """The rows of a table that pass tests. What is read of them is read once."""

    def __init__(self, table: RowTable, rows: Rows, tests: Tests) -> None:
        self.table = table
        self._made: dict[Hashable, Any] = {}
        self._rows: RowNumbers | None = None  # all
        if tests or rows.stage is not None:
            self._rows = table.made.recall(("rows", key_of(rows, tests)), lambda: _rows(table, rows, tests))

    @property
    def size(self) -> int:
        """How many rows are selected."""
        return self.table.rows if self._rows is None else len(self._rows)

    def take(self, values: npt.NDArray[_Kind]) -> npt.NDArray[_Kind]:
        """Return an array of the table for the selected rows."""
        return values if self._rows is None else values.take(self._rows)

    def once(self, key: Hashable, make: Callable[[], _Made]) -> _Made:
        """Return what was made of the selected rows before, else make it."""
        if key not in self._made:
            self._made[key] = make()
        made: _Made = self._made[key]
        return made

    def places(self, key: Hashable, mask: Mask) -> RowNumbers:
        """Return which selected rows a mask over the table marks, in rising order."""
        if self._rows is not None:
            return np.flatnonzero(mask.take(self._rows))
        found: RowNumbers = self.table.made.recall(("places", key), lambda: np.flatnonzero(mask))
        return found

    def slices(self, context: Context) -> Slices:
        """Return the slice of every selected row."""
        return self.once((context.by, context.values), lambda: self.take(slice_codes(self.table, context)))

    def made(self, key: Hashable, make: Callable[[], npt.NDArray[_Kind]]) -> npt.NDArray[_Kind]:
        """Return for the selected rows what is made of all rows of the table, once for any question."""
        return self.once(key, lambda: self.take(self.table.made.recall(key, make)))

    def groups(self, context: Context) -> list[RowNumbers]:
        """Return for each window the places (in the selection) of its rows, for kernels that need the rows themselves."""
        if self.table.stock:
            opened, closed = self.take(self.table.opened), self.take(self.table.closed)
            unknown = opened == BLANK_DAY
            return [
                np.flatnonzero(np.where(unknown, instant == context.as_of, opened <= instant) & (closed > instant))
                for instant in context.instants
            ]
        order, days = self._in_time
        starts, ends = np.searchsorted(days, context.starts), np.searchsorted(days, context.ends)
        return [order[start:end] for start, end in zip(starts, ends, strict=True)]

    @cached_property
    def _in_time(self) -> tuple[RowNumbers, npt.NDArray[np.int32]]:
        """The places of the rows in order of their days, and those days."""
        days = self.take(self.table.days)
        if not days.size:
            return np.zeros(0, dtype=np.intp), days
        low = int(days.min())
        narrow = int(days.max()) - low < _DENSE
        order = np.argsort((days - np.int32(low)).astype(np.uint16) if narrow else days, kind="stable")
        return order, days[order]
