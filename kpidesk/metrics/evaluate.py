"""Formulas over contexts: every node gives a dense grid; time functions map the context of what is inside them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

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
    Truth,
    Window,
    WindowName,
    WindowUnit,
)
from kpidesk.metrics import rowwise
from kpidesk.metrics.aggregate import aggregate
from kpidesk.metrics.context import Context
from kpidesk.metrics.conversion import convert
from kpidesk.metrics.grid import Floats, Grid, blank, code, constant, largest, smallest
from kpidesk.metrics.sources import Sources
from kpidesk.metrics.table import RowTable
from kpidesk.metrics.targets import aggregate_targets, target_table

_TARGETS = ("company_targets", "quotas")


class Evaluator:
    """Evaluates checked formulas over one set of sources, remembering every aggregate by its context."""

    def __init__(self, sources: Sources, formulas: Mapping[str, Checked], cache: dict[object, Grid]) -> None:
        self._sources = sources
        self._formulas = formulas
        self._cache = cache

    def value(self, node: Node, context: Context) -> Grid:
        """Evaluate a node that has a number."""
        shape = (context.periods, context.slices)
        match node:
            case Number():
                return constant(shape, node.value)
            case Blank():
                return blank(shape, Reason.BLANK)
            case KpiRef():
                return self._remembered(
                    ("kpi", self._formulas[node.kpi].text, node.kpi), context, self._formulas[node.kpi].node
                )
            case Aggregate():
                return self._aggregate(node, context)
            case Proportion():
                return self._proportion(node, context)
            case Conversion():
                return convert(node, self._sources, context)
            case Window():
                return self.value(node.operand, context.moved(node.name, node.count, node.unit))
            case All():
                return self.value(node.operand, context.without_slice()).spread(context.slices)
            case Only():
                return self.value(node.operand, context.only(node.where))
            case Constant():
                values = context.length if node.name is ConstantName.PERIOD_LENGTH else context.elapsed_share
                wide = np.repeat(values[:, None], context.slices, axis=1)
                return Grid(wide, np.zeros(shape, dtype=np.int8))
            case Negate():
                inner = self.value(node.operand, context)
                return replace(inner, values=-inner.values, numerator=None, denominator=None, proportion=False)
            case Arithmetic():
                return self._arithmetic(node, context)
            case Call():
                return self._call(node, context)
        raise TypeError(type(node).__name__)

    def _remembered(self, key: object, context: Context, node: Node) -> Grid:
        whole = (key, self._sources.as_of, context.key)
        if whole not in self._cache:
            self._cache[whole] = self.value(node, context)
        return self._cache[whole]

    def table(self, name: str, anchor: str) -> RowTable | None:
        """Return a row set, targets included."""
        if name in _TARGETS:
            return target_table(self._sources.frame("targets"), name, self._sources.rates, self._sources.as_of)
        return self._sources.table(name, anchor)

    def _aggregate(self, node: Aggregate, context: Context) -> Grid:
        key = (replace(node, span=(0, 0)), self._sources.as_of, context.key)
        if key not in self._cache:
            table = self.table(node.rows.name, node.rows.anchor)
            kernel = aggregate_targets if node.rows.name in _TARGETS else aggregate
            self._cache[key] = kernel(node, table, context)
        return self._cache[key]

    def _proportion(self, node: Proportion, context: Context) -> Grid:
        part, whole = self._aggregate(node.numerator, context), self._aggregate(node.denominator, context)
        values, reasons = _quotient(part, whole)
        return Grid(
            values,
            reasons,
            part.values,
            whole.values,
            whole.n,
            whole.pending,
            None,
            whole.n,
            whole.partial,
            proportion=True,
            current=part.current,
        )

    def _arithmetic(self, node: Arithmetic, context: Context) -> Grid:
        left, right = self.value(node.left, context), self.value(node.right, context)
        joined = _joined(left, right)
        if node.operator == "/":
            values, reasons = _quotient(left, right)
            n = right.n if right.n is not None else left.n
            return replace(joined, values=values, reasons=reasons, numerator=left.values, denominator=right.values, n=n)
        values = rowwise.arithmetic(node.operator, left.values, right.values)
        reasons = np.where(left.reasons != 0, left.reasons, right.reasons)
        if node.operator in ("+", "-"):
            dust = 1e-12 * np.maximum(np.abs(left.values), np.abs(right.values))
            values = np.where(np.abs(values) < dust, 0.0, values)
        if node.operator == "^":
            reasons = np.where((reasons == 0) & np.isnan(values), code(Reason.BLANK), reasons).astype(np.int8)
        return replace(joined, values=values, reasons=reasons)

    def _call(self, node: Call, context: Context) -> Grid:
        if node.function == "IF":
            return self._if(node, context)
        parts = [self.value(argument, context) for argument in node.arguments]
        first = parts[0]
        match node.function:
            case "GROWTH":
                return self._growth(
                    first, self.value(node.arguments[0], context.moved(WindowName.PREVIOUS, 1, WindowUnit.PERIOD))
                )
            case "IFBLANK":
                return _filled(first, parts[1])
            case "ABS":
                return replace(first, values=np.abs(first.values), numerator=None, denominator=None, proportion=False)
            case "ROUND":
                digits = 0
                if len(node.arguments) > 1 and isinstance(node.arguments[1], Number):
                    digits = int(node.arguments[1].value)
                return replace(first, values=rowwise.rounded(first.values, digits), proportion=False)
            case "POWER":
                values = rowwise.arithmetic("^", first.values, parts[1].values)
                reasons = np.where(first.reasons != 0, first.reasons, parts[1].reasons)
                reasons = np.where((reasons == 0) & np.isnan(values), code(Reason.BLANK), reasons).astype(np.int8)
                return replace(_joined(first, parts[1]), values=values, reasons=reasons)
        # MIN and MAX over results skip blanks, as Excel does; all blank is blank.
        join = np.fmin if node.function == "MIN" else np.fmax
        result = first
        for part in parts[1:]:
            values = join(result.values, part.values)
            reasons = np.where(np.isnan(values), result.reasons, 0).astype(np.int8)
            result = replace(_joined(result, part), values=values, reasons=reasons)
        return result

    def _growth(self, now: Grid, before: Grid) -> Grid:
        base = before.values
        reasons = np.where(now.reasons != 0, now.reasons, before.reasons)
        reasons = np.where((reasons == 0) & (base == 0), code(Reason.ZERO_DENOMINATOR), reasons)
        reasons = np.where((reasons == 0) & (base < 0), code(Reason.NEGATIVE_BASE), reasons).astype(np.int8)
        change = now.values - base
        values = np.divide(change, base, out=np.full(base.shape, np.nan), where=reasons == 0)
        return replace(
            _joined(now, before), values=values, reasons=reasons, numerator=change, denominator=base, n=now.n
        )

    def _if(self, node: Call, context: Context) -> Grid:
        shape = (context.periods, context.slices)
        verdict, why = self._truth(node.arguments[0], context)
        yes = self.value(node.arguments[1], context)
        no = self.value(node.arguments[2], context) if len(node.arguments) > 2 else blank(shape, Reason.BLANK)
        values = np.where(verdict == 1, yes.values, np.where(verdict == 0, no.values, np.nan))
        reasons = np.where(verdict == 1, yes.reasons, np.where(verdict == 0, no.reasons, why)).astype(np.int8)
        return replace(_joined(yes, no), values=values, reasons=reasons)

    def _truth(self, node: Node, context: Context) -> tuple[np.ndarray, np.ndarray]:
        """Return three-valued truth (1, 0, -1) and why it is unknown."""
        shape = (context.periods, context.slices)
        match node:
            case Truth():
                return np.full(shape, int(node.value)), np.zeros(shape, dtype=np.int8)
            case Not():
                verdict, why = self._truth(node.operand, context)
                return np.where(verdict == -1, -1, 1 - verdict), why
            case IsBlank():
                empty = self.value(node.operand, context).reasons != 0
                return (empty != node.negated).astype(int), np.zeros(shape, dtype=np.int8)
            case Comparison():
                left, right = self.value(node.left, context), self.value(node.right, context)
                verdict = rowwise.compare_numbers(node.operator, left.values, right.values)
                return verdict, np.where(left.reasons != 0, left.reasons, right.reasons)
            case Logic():
                parts = [self._truth(part, context) for part in node.operands]
                scaled = [np.where(verdict == -1, 1, verdict * 2) for verdict, _ in parts]
                joined = np.minimum.reduce(scaled) if node.operator == "AND" else np.maximum.reduce(scaled)
                why = np.maximum.reduce([reason for _, reason in parts])
                return np.where(joined == 1, -1, joined // 2), why
        raise TypeError(type(node).__name__)


def _pick(where: np.ndarray, one: Floats | None, other: Floats | None) -> Floats | None:
    if one is None and other is None:
        return None
    gap = np.full(where.shape, np.nan)
    return np.where(where, gap if one is None else one, gap if other is None else other)


def _filled(first: Grid, second: Grid) -> Grid:
    """Return `first` with its blanks taken from `second`, the parts behind each value included."""
    empty = first.reasons != 0
    return Grid(
        np.where(empty, second.values, first.values),
        np.where(empty, second.reasons, first.reasons).astype(np.int8),
        _pick(empty, second.numerator, first.numerator),
        _pick(empty, second.denominator, first.denominator),
        _pick(empty, second.n, first.n),
        _pick(empty, second.pending, first.pending),
        _pick(empty, second.missing, first.missing),
        _pick(empty, second.judged, first.judged),
        first.partial,
        proportion=first.proportion and second.proportion,
        current=first.current,
    )


def _joined(left: Grid, right: Grid) -> Grid:
    """Return a grid that carries what two operands have in common: rows, missing amounts, the smaller judged sample."""
    partial = (
        left.partial
        if right.partial is None
        else right.partial
        if left.partial is None
        else left.partial | right.partial
    )
    return Grid(
        left.values,
        left.reasons,
        n=left.n if left.n is not None else right.n,
        pending=largest(left.pending, right.pending) if left.proportion or right.proportion else None,
        missing=largest(left.missing, right.missing),
        judged=smallest(left.judged, right.judged),
        partial=partial,
        current=left.current or right.current,
    )


def _quotient(left: Grid, right: Grid) -> tuple[Floats, np.ndarray]:
    """Divide; the first blank side gives the reason, and a zero below the line is BLANK(zero_denominator)."""
    reasons = np.where(left.reasons != 0, left.reasons, right.reasons)
    reasons = np.where((reasons == 0) & (right.values == 0), code(Reason.ZERO_DENOMINATOR), reasons).astype(np.int8)
    values = np.divide(left.values, right.values, out=np.full(left.values.shape, np.nan), where=reasons == 0)
    return values, reasons
