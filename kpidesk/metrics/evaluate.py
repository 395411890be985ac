"""Formulas over contexts: every node gives a dense grid; time functions map the context of what is inside them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from time import thread_time

import numpy as np
import numpy.typing as npt

from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Filter
from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import (
    Aggregate,
    All,
    Arithmetic,
    Blank,
    Call,
    Checked,
    Comparison,
    Constant,
    ConstantName,
    Conversion,
    IsBlank,
    KpiRef,
    Logic,
    Negate,
    Node,
    Not,
    Number,
    Only,
    Proportion,
    Rows,
    Truth,
    Window,
    WindowName,
    WindowUnit,
)
from kpidesk.formula.proportion import shape
from kpidesk.metrics import rowwise
from kpidesk.metrics.aggregate import aggregate, pending
from kpidesk.metrics.arithmetic import calculated, decided, extreme, filled, growth, proportion
from kpidesk.metrics.context import Context
from kpidesk.metrics.conversion import convert
from kpidesk.metrics.cube import Bench
from kpidesk.metrics.grid import Codes, Grid, blank, code, constant
from kpidesk.metrics.memory import Memory
from kpidesk.metrics.sources import TARGET_SETS, Sources
from kpidesk.metrics.table import RowTable, TextValues, text
from kpidesk.metrics.targets import aggregate_targets

# Seconds of computing for one KPI, whatever else the computer does. A heavy one over a quarter of a million deals takes half.
_PATIENCE = 4.0


class Evaluator:
    """Evaluates checked formulas for one question. Aggregates are remembered beyond it; KPIs, whose formulas may change, are not."""

    def __init__(self, sources: Sources, formulas: Mapping[str, Checked], grids: Memory[Grid], bench: Bench) -> None:
        self._sources = sources
        self._formulas = formulas
        self._grids = grids
        self._bench = bench
        self._kpis: dict[object, Grid] = {}
        self._occurring: dict[object, tuple[list[tuple[str, int]], int]] = {}
        self._spent = 0.0

    def asked(self, kpi_id: str, context: Context) -> Grid:
        """Evaluate a KPI that was asked for; QueryError when that takes too long."""
        self._spent = 0.0
        return self.kpi(kpi_id, context)

    def kpi(self, kpi_id: str, context: Context) -> Grid:
        """Evaluate a KPI."""
        key = (kpi_id, context.key)
        if key not in self._kpis:
            self._kpis[key] = self.value(self._formulas[kpi_id].node, context)
        return self._kpis[key]

    def occurring(self, rows: Rows, dimension: str, where: tuple[Filter, ...]) -> tuple[list[tuple[str, int]], int]:
        """Return the values of a dimension among the rows that pass filters, with how many rows each has, and how many have none."""
        key = (rows, dimension)
        if key not in self._occurring:
            self._occurring[key] = self._count_values(rows, dimension, where)
        return self._occurring[key]

    def _count_values(self, rows: Rows, dimension: str, where: tuple[Filter, ...]) -> tuple[list[tuple[str, int]], int]:
        table = self._table(rows)
        if table is None:
            return [], 0
        column = text(table.columns, dimension, table.rows)
        if where:
            selection = self._bench.selection(table, replace(rows, stage=None), where)
            used = _occurrences(column, selection.take(column.codes))
        else:
            used = table.made.recall(("occurrences", dimension), lambda: _occurrences(column, column.codes))
        return [(value, count) for value, count in zip(column.values, used[1:], strict=True) if count], used[0]

    def _table(self, rows: Rows) -> RowTable | None:
        return self._sources.table(rows.name, rows.anchor)

    def value(self, node: Node, context: Context) -> Grid:
        """Evaluate a node that has a number."""
        nothing = (context.periods, context.slices)
        match node:
            case Number():
                return constant(nothing, node.value)
            case Blank():
                return blank(nothing, Reason.BLANK)
            case KpiRef():
                return self.kpi(node.kpi, context)
            case Aggregate():
                return self._aggregate(node, context)
            case Proportion():
                part, whole = self._aggregate(node.numerator, context), self._aggregate(node.denominator, context)
                rows = node.denominator.rows
                return proportion(part, whole, pending(node.denominator, self._table(rows), context, self._bench))
            case Conversion():
                return self._remembered(
                    shape(node), context, lambda: convert(node, self._sources, context, self._bench)
                )
            case Window():
                return self.value(node.operand, context.moved(node.name, node.count, node.unit))
            case All():
                return self.value(node.operand, context.without_slice()).spread(context.slices)
            case Only():
                return self.value(node.operand, context.only(node.where))
            case Constant():
                length = node.name is ConstantName.PERIOD_LENGTH
                values = context.wide(context.length if length else context.elapsed_share)
                return Grid(values, np.zeros(nothing, dtype=np.int8))
            case Negate():
                inner = self.value(node.operand, context)
                return inner.alone(-inner.values)
            case Arithmetic():
                return calculated(node.operator, self.value(node.left, context), self.value(node.right, context))
            case Call():
                return self._call(node, context)
        raise TypeError(type(node).__name__)

    def _remembered(self, key: object, context: Context, make: Callable[[], Grid]) -> Grid:
        def timed() -> Grid:
            if self._spent > _PATIENCE:
                raise QueryError(
                    "This formula takes too long to calculate. Ask for fewer periods, or split it into several KPIs."
                )
            begun = thread_time()
            grid = make()
            self._spent += thread_time() - begun
            return grid

        return self._grids.recall((key, self._sources.as_of, context.key), timed)

    def _aggregate(self, node: Aggregate, context: Context) -> Grid:
        def make() -> Grid:
            table = self._table(node.rows)
            if node.rows.name in TARGET_SETS:
                return aggregate_targets(node, table, context)
            return aggregate(node, table, context, self._bench)

        return self._remembered((node.rows, shape(node)), context, make)

    def _call(self, node: Call, context: Context) -> Grid:
        if node.function == "IF":
            return self._if(node, context)
        parts = [self.value(argument, context) for argument in node.arguments]
        first = parts[0]
        match node.function:
            case "GROWTH":
                before = context.moved(WindowName.PREVIOUS, 1, WindowUnit.PERIOD)
                return growth(first, self.value(node.arguments[0], before))
            case "IFBLANK":
                return filled(first, parts[1])
            case "ABS":
                return first.alone(np.abs(first.values))
            case "ROUND":
                digits = node.arguments[1] if len(node.arguments) > 1 else None
                return first.alone(
                    rowwise.rounded(first.values, int(digits.value) if isinstance(digits, Number) else 0)
                )
            case "POWER":
                return calculated("^", first, parts[1])
        return extreme(node.function, parts)

    def _if(self, node: Call, context: Context) -> Grid:
        verdict, why = self._truth(node.arguments[0], context)
        yes = self.value(node.arguments[1], context)
        nothing = blank((context.periods, context.slices), Reason.BLANK)
        no = self.value(node.arguments[2], context) if len(node.arguments) > 2 else nothing
        return decided(verdict, why, yes, no)

    def _truth(self, node: Node, context: Context) -> tuple[Codes, Codes]:
        """Return three-valued truth (1, 0, -1) and why it is unknown."""
        nothing = (context.periods, context.slices)
        match node:
            case Truth():
                return np.full(nothing, int(node.value), dtype=np.int8), np.zeros(nothing, dtype=np.int8)
            case Not():
                verdict, why = self._truth(node.operand, context)
                return rowwise.negated(verdict), why
            case IsBlank():
                empty = self.value(node.operand, context).reasons != 0
                return (empty != node.negated).astype(np.int8), np.zeros(nothing, dtype=np.int8)
            case Comparison():
                left, right = self.value(node.left, context), self.value(node.right, context)
                verdict = rowwise.compare_numbers(node.operator, left.values, right.values)
                return verdict, np.where(left.reasons != 0, left.reasons, right.reasons)
            case Logic():
                parts = [self._truth(part, context) for part in node.operands]
                why = np.full(nothing, code(Reason.BLANK), dtype=np.int8)
                for verdict, reasons in reversed(parts):  # the first part that is unknown says why
                    why = np.where(verdict == -1, reasons, why)
                return rowwise.combined(node.operator, [verdict for verdict, _ in parts]), why
        raise TypeError(type(node).__name__)


def _occurrences(column: TextValues, codes: npt.NDArray[np.int32]) -> list[int]:
    """Return how often each value of a column is among `codes`, behind how often none is."""
    counts: list[int] = np.bincount(codes + 1, minlength=len(column.values) + 1).tolist()
    return counts
