"""Which rows an aggregate counts, and why it does not count the others: by the engine's own masks, one after the other."""

from collections.abc import Sequence

import numpy as np

from kpidesk.domain.explanation import Group, LeftOut, Table
from kpidesk.domain.query import Filter
from kpidesk.formula.nodes import Aggregate, Column, Node, Rows, walk
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT
from kpidesk.metrics import rowwise
from kpidesk.metrics.context import Context
from kpidesk.metrics.deals import LOST, WON
from kpidesk.metrics.selection import Selection, in_stage, passing, tests_of
from kpidesk.metrics.sieve import REASONS, Codes, Mask, RowNumbers, code
from kpidesk.metrics.sources import TARGET_SETS, Imported
from kpidesk.metrics.table import (
    TOLD,
    DayValues,
    FlagValues,
    Floats,
    RowTable,
    TextValues,
    Values,
    day_values,
    numbers,
    text,
)
from kpidesk.metrics.targets import shares

_MONEY = {"amount": ("amount",), "cost": ("cost",), "profit": ("amount", "cost")}
_WAITS = ("response_time", "work_response")
_BLANK_SET = {"sales_marketing_costs": LeftOut.OTHER_CATEGORY, "stage_reached": LeftOut.NO_STAGE}
_OF_DEALS = {"new_customers": LeftOut.NO_CUSTOMER, "active_customers": LeftOut.NO_CUSTOMER}


class Marks:
    """Why each row of a row set is not counted, shape (rows,); 0 while it is. A row keeps the first reason it got."""

    def __init__(self, table: RowTable) -> None:
        self.table = table
        self.codes: Codes = np.zeros(table.rows, dtype=np.int8)

    def leave(self, reason: LeftOut, failing: Mask) -> None:
        """Leave rows out that are counted so far."""
        self.codes[(self.codes == 0) & failing] = code(reason)

    def leave_all(self, reason: LeftOut) -> None:
        """Leave out every row that is counted so far."""
        self.codes[self.codes == 0] = code(reason)

    def tables(self, amounts: Floats | None) -> tuple[Table, ...]:
        """Return the rows by entity. `amounts` is what each row of the row set brings, None for one each."""
        found, first = [], 0
        for origin in self.table.origins:
            places = origin.places()
            own = slice(first, first + len(places))
            first = own.stop
            here = self.codes[own] == 0
            codes = origin.why().copy()
            codes[places] = self.codes[own]
            codes[places[here]] = 0  # a stay may tell of several stages; it counts when it does for one of them
            rows, brought, times = places[here], None if amounts is None else amounts[own][here], None
            once, which = np.unique(rows, return_inverse=True)
            if len(once) < len(rows):
                times = _numbers(np.bincount(which))
                brought = None if brought is None else np.bincount(which, brought)
                rows = once
            told = None if brought is None else _floats(brought)
            found.append(Table(origin.entity, origin.size, _numbers(rows), told, times, _groups(codes)))
        return tuple(found)


def counted(node: Aggregate, table: RowTable, context: Context) -> tuple[Table, ...]:
    """Return the rows of an aggregate in the one window and slice of a context."""
    if node.rows.name in TARGET_SETS:
        return _targets(node, table, context)
    marks = in_window(table, node.rows, context)
    select(marks, node.rows, tests_of(node, context))
    if node.value is None:
        return marks.tables(None)
    try:
        values = rowwise.value(node.value, table)
    except rowwise.MissingColumnError:
        marks.leave_all(LeftOut.NO_COLUMN)
        return marks.tables(None)
    except rowwise.UnknownValueError:
        marks.leave_all(LeftOut.FILTERED)
        return marks.tables(None)
    if node.function == "COUNT_DISTINCT":
        _distinct(marks, node.value, values)
        return marks.tables(None)
    amounts: Floats = np.asarray(values, dtype=np.float64)
    _valueless(marks, node.value, ~np.isfinite(amounts))
    return marks.tables(amounts)


def without(rows: Rows, imported: Imported) -> tuple[Table, ...]:
    """Return the rows of an entity that make no row set: what it needs was not imported. Nothing where the entity was not."""
    frame = imported.frame(ROW_SETS[rows.name].entity)
    reason = _BLANK_SET.get(rows.name, LeftOut.NO_COLUMN)
    if imported.deals is None and ROW_SETS[rows.name].entity == "stage_history":
        reason = LeftOut.NO_DEAL
    if frame is None and rows.name in _OF_DEALS:
        frame, reason = imported.frame("deals"), _OF_DEALS[rows.name]
    if frame is None:
        return ()
    return (
        Table(frame.entity, frame.rows, _numbers(()), None, None, (Group(reason, _numbers(np.arange(frame.rows))),)),
    )


def in_window(table: RowTable, rows: Rows, context: Context) -> Marks:
    """Leave out the rows that are not in the window, or do not stand on its day."""
    marks = Marks(table)
    inside = np.zeros(table.rows, dtype=np.bool_)
    inside[Selection(table, Rows(rows.name, rows.anchor), ()).groups(context)[0]] = True
    if table.stock:
        opened, instant = table.opened, context.instants[0]
        marks.leave(LeftOut.NO_DATE, ~inside & (opened == BLANK_DAY))
        marks.leave(LeftOut.LATER, ~inside & (opened > instant))
        status = text(table.columns, "status", table.rows)
        if table.name == "open_deals":
            marks.leave(LeftOut.WON, ~inside & (status.codes == WON))
            marks.leave(LeftOut.LOST, ~inside & (status.codes == LOST))
            marks.leave(LeftOut.GONE, ~inside)
        marks.leave(LeftOut.CHURNED, ~inside)
    marks.leave(LeftOut.OUTSIDE_PERIOD, ~inside)
    return marks


def select(marks: Marks, rows: Rows, tests: Sequence[Node | Filter]) -> None:
    """Leave out the rows that do not pass the tests of the question and of the formula, or are in another stage."""
    for one in tests:
        reason = LeftOut.OUTSIDE_SLICE if isinstance(one, Filter) else LeftOut.FILTERED
        try:
            marks.leave(reason, ~passing(marks.table, (one,)))
        except rowwise.MissingColumnError:
            marks.leave_all(LeftOut.NO_COLUMN)
        except rowwise.UnknownValueError:
            marks.leave_all(reason)
    if rows.stage is not None:
        try:
            marks.leave(LeftOut.OTHER_STAGE, ~in_stage(marks.table, rows.stage))
        except rowwise.UnknownValueError:
            marks.leave_all(LeftOut.OTHER_STAGE)


def _targets(node: Aggregate, table: RowTable, context: Context) -> tuple[Table, ...]:
    marks = Marks(table)
    share = shares(table, context)[0]
    marks.leave(LeftOut.OUTSIDE_PERIOD, share == 0)
    select(marks, node.rows, tests_of(node, context))
    amounts = share * numbers(table.columns, "amount", table.rows)
    _valueless(marks, Column((0, 0), node.rows.name, "amount"), np.isnan(amounts))
    return marks.tables(amounts)


def _distinct(marks: Marks, node: Node, values: object) -> None:
    """Leave only the first row of each value."""
    if isinstance(values, TextValues):
        keys = values.codes.astype(np.float64)
        blank = values.codes == BLANK_CODE
    else:
        keys = np.asarray(values, dtype=np.float64)
        blank = np.isnan(keys)
    _valueless(marks, node, blank)
    left = np.flatnonzero(marks.codes == 0)
    _, first = np.unique(keys[left], return_index=True)
    again = np.zeros(marks.table.rows, dtype=np.bool_)
    again[left] = True
    again[left[first]] = False
    marks.leave(LeftOut.SAME_VALUE, again)


def _valueless(marks: Marks, node: Node, gap: Mask) -> None:
    """Leave rows out that have no value, each for the first column of an expression that has none."""
    if not gap.any():
        return
    table = marks.table
    for part in walk(node):
        if not isinstance(part, Column):
            continue
        lacks = gap & _blank(table.columns[part.name])
        for name in _MONEY.get(part.name, ()):
            told = np.isnan(numbers(table.columns, TOLD + name, table.rows))
            marks.leave(LeftOut.NO_AMOUNT, lacks & told)
            marks.leave(LeftOut.NO_RATE, lacks & np.isnan(numbers(table.columns, name, table.rows)))
        if part.name == "cycle_days":
            marks.leave(LeftOut.NO_DATE, lacks & _undated(table, "created", "closed"))
            marks.leave(LeftOut.CLOSED_FIRST, lacks)
        if part.name in _WAITS:
            marks.leave(LeftOut.NO_RESPONSE, lacks & _undated(table, "first_response"))
            marks.leave(LeftOut.NO_TIME, lacks & _untimed(table, "created", "first_response"))
            marks.leave(LeftOut.ANSWERED_FIRST, lacks)
        if isinstance(table.columns[part.name], DayValues):
            marks.leave(LeftOut.NO_DATE, lacks)
    marks.leave(LeftOut.NO_VALUE, gap)


def _blank(values: Values) -> Mask:
    match values:
        case TextValues():
            return np.asarray(values.codes == BLANK_CODE)
        case DayValues():
            return np.asarray(values.days == BLANK_DAY)
        case FlagValues():
            return np.asarray(values.values == -1)
    return np.asarray(np.isnan(values))


def _undated(table: RowTable, *names: str) -> Mask:
    return np.logical_or.reduce([day_values(table.columns, name, table.rows).days == BLANK_DAY for name in names])


def _untimed(table: RowTable, *names: str) -> Mask:
    dates = [day_values(table.columns, name, table.rows) for name in names]
    return np.logical_or.reduce([one.instants == BLANK_INSTANT for one in dates])


def _groups(codes: Codes) -> tuple[Group, ...]:
    present = np.flatnonzero(np.bincount(codes, minlength=len(REASONS) + 1)[1:])
    return tuple(Group(REASONS[place], _numbers(np.flatnonzero(codes == place + 1))) for place in present)


def _numbers(rows: RowNumbers | Sequence[int]) -> Sequence[int]:
    """Return row numbers as a read-only sequence of Python's numbers, without copying them out."""
    return np.ascontiguousarray(rows, dtype=np.int64).data.toreadonly()


def _floats(values: Floats) -> Sequence[float]:
    return np.ascontiguousarray(values, dtype=np.float64).data.toreadonly()
