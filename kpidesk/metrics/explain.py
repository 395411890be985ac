"""A value taken apart: the steps of its formula with their numbers, and the rows behind every aggregate."""

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from kpidesk.domain.explanation import LeftOut, Part, Span, Step, Table
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.result import Point
from kpidesk.domain.unit import DURATION, MONEY, NUMBER, PERCENT, Unit
from kpidesk.formula.nodes import (
    Aggregate,
    All,
    Arithmetic,
    Blank,
    Call,
    Checked,
    Constant,
    ConstantName,
    Conversion,
    KpiRef,
    Negate,
    Node,
    Number,
    Only,
    Proportion,
    Window,
    WindowName,
    WindowUnit,
)
from kpidesk.formula.printer import print_formula
from kpidesk.formula.proportion import shape
from kpidesk.metrics.context import Context
from kpidesk.metrics.conversion import outcomes
from kpidesk.metrics.cube import Bench
from kpidesk.metrics.evaluate import Evaluator
from kpidesk.metrics.grid import Floats, Grid
from kpidesk.metrics.left_out import counted, in_window, select, without
from kpidesk.metrics.series import series
from kpidesk.metrics.sources import Sources

_EPOCH = date(1970, 1, 1)
_FIRST_DAY = (date.min - _EPOCH).days
_NOWHERE = (0, 0)
_MINUTES = 1440
_SIGNIFICANT = 6


class Explainer:
    """Takes one value apart. `steps` and `parts` grow in the order in which they are needed."""

    def __init__(
        self,
        evaluator: Evaluator,
        sources: Sources,
        bench: Bench,
        formulas: Mapping[str, Checked],
        kpis: Mapping[str, Kpi],
    ) -> None:
        self._evaluator, self._sources, self._bench = evaluator, sources, bench
        self._formulas, self._kpis = formulas, kpis
        self._names = {kpi.id: kpi.name for kpi in kpis.values()}
        self._currency = sources.imported.settings.currency
        self._seen: set[object] = set()
        self.steps: list[Step] = []
        self.parts: list[Part] = []

    def kpi(self, kpi_id: str, context: Context) -> Node:
        """Explain a KPI in the one window and slice of a context, and return its number."""
        checked, grid = self._formulas[kpi_id], self._evaluator.kpi(kpi_id, context)
        key = (kpi_id, context.key)
        if key not in self._seen:
            self._seen.add(key)
            filled = self.filled(checked.node, context, kpi_id)
            kpi = self._kpis[kpi_id]
            self.steps.append(
                Step(
                    kpi_id,
                    kpi.name,
                    checked.text,
                    print_formula(_short(filled), self._names, self._currency),
                    self._point(grid, context),
                    _span(context),
                )
            )
        return _number(grid, checked.unit)

    def filled(self, node: Node, context: Context, kpi_id: str) -> Node:
        """Return a formula with a number in place of everything that is looked up, noting the parts these come from."""
        match node:
            case KpiRef():
                return self.kpi(node.kpi, context)
            case Aggregate():
                return self._aggregate(node, context, kpi_id)
            case Proportion():
                one, other = (self._aggregate(part, context, kpi_id) for part in (node.numerator, node.denominator))
                return Arithmetic(node.span, "/", one, other)
            case Conversion():
                return self._conversion(node, context, kpi_id)
            case Window():
                return self.filled(node.operand, context.moved(node.name, node.count, node.unit), kpi_id)
            case All():
                return self.filled(node.operand, context.without_slice(), kpi_id)
            case Only():
                return self.filled(node.operand, context.only(node.where), kpi_id)
            case Constant():
                unit = DURATION if node.name is ConstantName.PERIOD_LENGTH else NUMBER
                return _number(self._evaluator.value(node, context), unit)
            case Call() if node.function == "GROWTH":
                now = self.filled(node.arguments[0], context, kpi_id)
                before = context.moved(WindowName.PREVIOUS, 1, WindowUnit.PERIOD)
                base = self.filled(node.arguments[0], before, kpi_id)
                return Arithmetic(node.span, "/", Arithmetic(node.span, "-", now, base), base)
        return _mapped(node, lambda part: self.filled(part, context, kpi_id))

    def _aggregate(self, node: Aggregate, context: Context, kpi_id: str) -> Node:
        grid = self._evaluator.value(node, context)
        words = print_formula(node, self._names, self._currency)
        table = self._sources.table(node.rows.name, node.rows.anchor)
        key = (node.rows, shape(node), context.key)
        if key not in self._seen:
            found = without(node.rows, self._sources.imported) if table is None else counted(node, table, context)
            self._note(key, kpi_id, words, grid, context, found, stock=table is not None and table.stock)
        return _number(grid, node.unit)

    def _conversion(self, node: Conversion, context: Context, kpi_id: str) -> Node:
        """Note the rows of the period and those of them that were followed; the rate is one over the other."""
        grid = self._evaluator.value(node, context)
        whole = Aggregate(node.span, "COUNT", node.source, None, node.source_where)
        below = self._aggregate(whole, context, kpi_id)
        hits = grid.with_(values=grid.values, numerator=None, denominator=None, proportion=False)
        if grid.numerator is not None:
            hits = hits.with_(values=grid.numerator, reasons=np.zeros_like(grid.reasons), n=grid.numerator, judged=None)
        key = (shape(node), context.key)
        if key not in self._seen:
            words = print_formula(node, self._names, self._currency)
            self._note(key, kpi_id, words, hits, context, self._followed(node, context), stock=False)
        return Arithmetic(node.span, "/", _number(hits, NUMBER), below)

    def _followed(self, node: Conversion, context: Context) -> tuple[Table, ...]:
        table = self._sources.table(node.source.name, node.source.anchor)
        if table is None:
            return without(node.source, self._sources.imported)
        marks = in_window(table, node.source, context)
        tests = context.filters if node.source_where is None else (*context.filters, node.source_where)
        select(marks, node.source, tests)
        found = outcomes(node, self._sources, context, self._bench)
        if found is None:
            marks.leave_all(LeftOut.NO_COLUMN)
        else:
            followed, waiting = found
            marks.leave(LeftOut.WAITING, waiting)
            marks.leave(LeftOut.NOT_FOLLOWED, ~followed)
        return marks.tables(None)

    def _note(
        self,
        key: object,
        kpi_id: str,
        words: str,
        grid: Grid,
        context: Context,
        found: tuple[Table, ...],
        *,
        stock: bool,
    ) -> None:
        self._seen.add(key)
        span = _span(context)
        if stock:
            day = _date(int(context.instants[0]))
            span = Span(day, day)
        self.parts.append(Part(kpi_id, words, self._point(grid, context), span, stock, found))

    def _point(self, grid: Grid, context: Context) -> Point:
        return next(series(next(iter(self._kpis.values())), grid, {0: None}, context)).points[0]


def _date(day: int) -> date:
    """Return a day as a date; a window that looks back further than there are dates starts with the first of them."""
    return _EPOCH + timedelta(days=max(day, _FIRST_DAY))


def _span(context: Context) -> Span:
    return Span(_date(int(context.starts[0])), _date(int(context.ends[0]) - 1))


def _number(grid: Grid, unit: Unit) -> Node:
    """Return the one value of a grid as a literal."""
    return _literal(grid.values, unit) if grid.reasons[0, 0] == 0 else Blank(_NOWHERE)


def _literal(values: Floats, unit: Unit) -> Node:
    value = float(values[0, 0])
    number = Number(_NOWHERE, abs(value), unit)
    return Negate(_NOWHERE, number) if value < 0 else number


def _short(node: Node) -> Node:
    """Return a filled formula with its numbers short enough to read: money to the penny, times below two days to the minute."""
    if isinstance(node, Number):
        return node if node.span != _NOWHERE else replace(node, value=_shortened(node.value, node.unit))
    return _mapped(node, _short)


def _mapped(node: Node, change: Callable[[Node], Node]) -> Node:
    """Return a node with the nodes right below it changed."""
    changed: dict[str, Any] = {}
    for field in fields(node):
        value = getattr(node, field.name)
        if isinstance(value, Node):
            changed[field.name] = change(value)
        elif isinstance(value, tuple) and value and all(isinstance(one, Node) for one in value):
            changed[field.name] = tuple(change(one) for one in value)
    return replace(node, **changed) if changed else node


def _shortened(value: float, unit: Unit) -> float:
    if unit == MONEY:
        return round(value, 2)
    if unit == PERCENT:
        return round(value, 4)
    if unit == DURATION:
        return round(value * _MINUTES) / _MINUTES if value < 2 else round(value, 2)
    return float(f"{value:.{_SIGNIFICANT}g}") if value != round(value) else value
