"""Checking expressions with one value per period: arithmetic over results, references and time functions."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol, cast

from lark import Token

from kpidesk.domain.unit import DURATION, NUMBER, PERCENT, Unit
from kpidesk.formula import units
from kpidesk.formula.errors import FormulaError, Suggestion, nearest
from kpidesk.formula.functions import FUNCTIONS, WINDOWS, Group, stands
from kpidesk.formula.habits import unknown_function
from kpidesk.formula.inside import (
    Inside,
    digits_of,
    finished_kpi,
    found_column,
    reached_stage,
    refuse_clauses,
    unit_of,
    unknown_column,
    unknown_rows,
)
from kpidesk.formula.literals import literal, unit_word
from kpidesk.formula.nodes import (
    All,
    Arithmetic,
    Blank,
    Call,
    Comparison,
    Constant,
    ConstantName,
    IsBlank,
    KpiRef,
    Logic,
    Negate,
    Node,
    Not,
    Number,
    Only,
    Proportion,
    Span,
    Text,
    Window,
    WindowUnit,
)
from kpidesk.formula.pairs import compared_with_blank
from kpidesk.formula.proportion import is_part
from kpidesk.formula.rows import Measured, clauses_of, condition, over_rows
from kpidesk.formula.rowsets import ROW_SETS, ColumnType, Ground, RowSets
from kpidesk.formula.syntax import SyntaxTree, branches, span_of
from kpidesk.formula.unexpected import looks_like_cell, spreadsheet_cell


class Names(Protocol):
    """What names mean: KPIs by name, and what is known of each."""

    currency: str
    row_sets: RowSets

    @property
    def ground(self) -> Ground:
        """What formulas over rows need to know of the workspace."""

    def find(self, name: str) -> str | None:
        """Return the id of the KPI called `name`."""

    def names(self) -> Iterable[str]:
        """Return the names of all KPIs."""

    def unit(self, kpi_id: str) -> Unit:
        """Return the unit of a KPI."""

    def columns(self, node: Node) -> Mapping[str, ColumnType]:
        """Return the columns common to all row sets below a node, through references too."""

    def rowsets(self, node: Node) -> frozenset[str]:
        """Return the names of the row sets below a node, through references too."""


@dataclass(frozen=True, slots=True)
class Results:
    """Walks one formula outside aggregates."""

    scope: Names

    def number(self, tree: SyntaxTree) -> Measured:
        """Check an expression that has a number; E14 or E16 for a test, a text or a list of rows."""
        span = span_of(tree)
        found = literal(tree, self.scope.currency)
        if isinstance(found, Number):
            return found, found.unit
        if isinstance(found, Blank):
            return found, NUMBER
        if isinstance(found, Text):
            raise FormulaError("E16", "You can't calculate with a text.", span)
        parts = list(branches(tree))
        match tree.data:
            case "group":
                return self.number(parts[0])
            case "kpi":
                return self._reference(str(tree.children[0])[1:-1], span)
            case "name":
                return self._name(str(tree.children[0]), span)
            case "column" | "call_column":
                raise self._loose_column(tree, span)
            case "signed":
                node, unit = self.number(parts[0])
                return (Negate(span, node) if str(tree.children[0]) == "-" else node), unit
            case "percent":
                node, unit = self.number(parts[0])
                return Arithmetic(span, "/", node, Number(span, 100.0, NUMBER)), PERCENT if unit == NUMBER else unit
            case "arithmetic":
                return self._arithmetic(tree, span)
            case "call":
                return self._call(tree, span)
        raise FormulaError("E14", "This is a yes or no, not a number.", span, hint="For example IF(test, 1, 0).")

    def test(self, tree: SyntaxTree) -> Node:
        """Check a condition over results; E11 for anything else."""
        span = span_of(tree)
        parts = list(branches(tree))
        match tree.data:
            case "group":
                return self.test(parts[0])
            case "true" | "false":
                return cast("Node", literal(tree, self.scope.currency))
            case "compare":
                return self._comparison(str(tree.children[1]), parts, span)
            case "is_blank" | "is_not_blank":
                return IsBlank(span, self.number(parts[0])[0], tree.data == "is_not_blank")
            case "between":
                low = self._comparison(">=", parts[:2], span)
                high = self._comparison("<=", [parts[0], parts[2]], span)
                return Logic(span, "AND", (low, high))
            case "any_of" | "all_of":
                operator = "OR" if tree.data == "any_of" else "AND"
                return Logic(span, operator, tuple(self.test(part) for part in parts))
            case "not_of":
                return Not(span, self.test(parts[0]))
            case "call":
                name = str(tree.children[0]).upper()
                if name in ("AND", "OR"):
                    return Logic(span, name, tuple(self.test(_bare(arg)) for arg in parts))
                self.number(tree)  # what is wrong with it comes first
            case "name" | "kpi" | "column" | "call_column":
                self.number(tree)
            case "is_in" | "not_in" | "contains":
                raise FormulaError("E13", "This works only inside the brackets of a function, row by row.", span)
        raise FormulaError("E11", "Here belongs a test, such as [Win rate] > 20%.", span)

    def _comparison(self, operator: str, parts: list[SyntaxTree], span: Span) -> Node:
        left, right = self.number(parts[0]), self.number(parts[1])
        if isinstance(left[0], Blank) or isinstance(right[0], Blank):
            places = (span_of(parts[0]), span_of(parts[1]))
            raise compared_with_blank(operator, isinstance(right[0], Blank), places)
        units.compared(left, right, span)
        return Comparison(span, operator, left[0], right[0])

    # --- names

    def _name(self, name: str, span: Span) -> Measured:
        upper = name.upper()
        if upper in ("PERIOD_LENGTH", "ELAPSED_SHARE"):
            return Constant(span, ConstantName(upper)), DURATION if upper == "PERIOD_LENGTH" else NUMBER
        if self.scope.find(name) is not None:
            return self._reference(name, span)
        if name.casefold() in ROW_SETS:
            text = f"COUNT({name})"
            if ROW_SETS[name.casefold()].entity == "targets":
                text = f"SUM({name}.amount)"
            fixes = (Suggestion(text, text, span),)
            raise FormulaError("E13", f"“{name}” is a list of rows. Say how to combine the rows.", span, fixes)
        if looks_like_cell(name):
            raise spreadsheet_cell(name, span)
        if upper in FUNCTIONS:
            hint = f"For example {FUNCTIONS[upper].example}."
            raise FormulaError("E01", f"“{name}” is a function; what it works on follows in brackets.", span, hint=hint)
        raise FormulaError("E01", f"I don't know “{name}”.", span, self._near(name.replace("_", " "), span))

    def _reference(self, name: str, span: Span) -> Measured:
        kpi_id = self.scope.find(name)
        if kpi_id is None:
            raise FormulaError("E01", f"There is no KPI called “{name.strip()}”.", span, self._near(name, span))
        return KpiRef(span, kpi_id), self.scope.unit(kpi_id)

    def _near(self, name: str, span: Span) -> tuple[Suggestion, ...]:
        near = nearest(name, list(self.scope.names()), span)
        return tuple(replace(fix, replacement=f"[{fix.replacement}]") for fix in near)

    def _loose_column(self, tree: SyntaxTree, span: Span) -> FormulaError:
        head, column = tree.children
        if tree.data == "call_column":
            stage = reached_stage(cast("SyntaxTree", head)).replace('"', '""')
            text = f'reached("{stage}")'
        elif str(head).casefold() not in ROW_SETS:
            found = self.scope.find(str(head))
            return finished_kpi(str(head), span_of(head)) if found else unknown_rows(str(head), span_of(head))
        else:
            text = str(head)
        rows = "stage_reached" if tree.data == "call_column" else str(head)
        known = self.scope.row_sets[rows.casefold()].columns
        found_name = found_column(str(column).strip("[]").strip(), known)
        kind = known.get(found_name)
        if kind is None:
            return unknown_column(rows, known, cast("Token", column))
        text = f"{text}.{found_name}"
        if self.scope.row_sets[rows.casefold()].entity == "targets":
            only = f"SUM({head}.amount)"
            message = f"“{text}” has one value per row. Say how to combine the rows."
            return FormulaError("E13", message, span, (Suggestion(only, only, span),))
        ways = {ColumnType.TEXT: ("COUNT_DISTINCT", "COUNT"), ColumnType.DATE: ("COUNT",), ColumnType.FLAG: ("COUNT",)}
        fixes = tuple(
            Suggestion(f"{how}({text})", f"{how}({text})", span) for how in ways.get(kind, ("SUM", "AVERAGE"))
        )
        return FormulaError("E13", f"“{text}” has one value per row. Say how to combine the rows.", span, fixes)

    # --- operations

    def _arithmetic(self, tree: SyntaxTree, span: Span) -> Measured:
        one, two = branches(tree)
        operator, place = str(tree.children[1]), span_of(cast("Token", tree.children[1]))
        left, right = self.number(one), self.number(two)
        if operator == "/" and is_part(left[0], right[0]):
            return Proportion(span, left[0], right[0]), PERCENT  # type: ignore[arg-type]  # is_part says both are aggregates
        return Arithmetic(span, operator, left[0], right[0]), unit_of(operator, left, right, place)

    def _call(self, tree: SyntaxTree, span: Span) -> Measured:
        token = cast("Token", tree.children[0])
        name, arguments = str(token).upper(), list(branches(tree))
        single = name in ("MIN", "MAX") and len(arguments) < 2
        if stands(name, Group.OVER_ROWS) and (single or not stands(name, Group.OVER_RESULTS)):
            try:
                return over_rows(name, arguments, self.scope.ground, span)
            except FormulaError as error:
                raise self._kpi_in_rows(error, tree, arguments, name) from None
        check = self._checks().get(name)
        if check is None:
            raise self._unknown(tree, name, span)
        return check(name, FUNCTIONS[name].arity(arguments, span), span)

    def _kpi_in_rows(
        self, error: FormulaError, tree: SyntaxTree, arguments: list[SyntaxTree], function: str
    ) -> FormulaError:
        """Say of a KPI's id in the place of rows or a column that it is a KPI, rather than something nobody knows."""
        if error.code not in ("E01", "E02", "E28"):
            return error
        waiting = [tree]
        while waiting:
            part = waiting.pop()
            waiting.extend(branches(part))
            place = span_of(part)
            if part.data == "kpi" and place == (error.start, error.end) and not error.suggestions:
                return self._unknown_kpi_in_rows(str(part.children[0]), error, function)
            if part.data == "name" and error.start <= place[0] and place[1] <= error.end:
                name = str(part.children[0])
                if name.casefold() not in ROW_SETS and self.scope.find(name) is not None:
                    first = place[1] <= span_of(arguments[0].children[0])[1]
                    return finished_kpi(name, place, function if first else None)
        return error

    def _unknown_kpi_in_rows(self, bracket: str, error: FormulaError, function: str) -> FormulaError:
        """Leave a finished KPI as it is; of one that does not exist say so, too."""
        if self.scope.find(bracket[1:-1]) is not None:
            return error
        message = f"There is no KPI called “{bracket[1:-1].strip()}”, and a KPI has no rows for {function} to work on."
        return FormulaError("E28", message, (error.start, error.end), hint="Rows and columns stand without brackets.")

    def _checks(self) -> dict[str, Callable[[str, list[SyntaxTree], Span], Measured]]:
        own = {"IF": self._if, "ROUND": self._round, "ALL": self._all, "ONLY": self._only}
        values = ("IFBLANK", "IFERROR", "ABS", "MIN", "MAX", "GROWTH", "POWER")
        return {**own, **dict.fromkeys(values, self._values), **dict.fromkeys(WINDOWS, self._window)}

    def _unknown(self, tree: SyntaxTree, name: str, span: Span) -> FormulaError:
        token = cast("Token", tree.children[0])
        place = span_of(token)
        if name in ("AND", "OR"):
            return FormulaError("E14", "This is a yes or no, not a number.", span, hint="For example IF(test, 1, 0).")
        if name == "REACHED" or name.casefold() in ROW_SETS:
            return FormulaError("E13", f"“{token}” is a list of rows. Say how to combine the rows.", span)
        if stands(name, Group.IN_ROWS):
            hint = f"For example {FUNCTIONS[name].example}."
            return FormulaError("E13", f"{name} works row by row, inside a function over rows.", place, hint=hint)
        return unknown_function(tree, (one for one, it in FUNCTIONS.items() if it.groups != (Group.IN_ROWS,)))

    def _if(self, name: str, arguments: list[SyntaxTree], span: Span) -> Measured:
        test = self.test(_bare(arguments[0]))
        values = [self.number(_bare(arg)) for arg in arguments[1:]]
        return Call(span, name, (test, *(node for node, _ in values))), units.common(name, values, span)

    def _round(self, name: str, arguments: list[SyntaxTree], span: Span) -> Measured:
        node, unit = self.number(_bare(arguments[0]))
        return Call(span, name, (node, *digits_of([_bare(arg) for arg in arguments[1:]]))), unit

    def _values(self, name: str, arguments: list[SyntaxTree], span: Span) -> Measured:
        name = "IFBLANK" if name == "IFERROR" else name
        values = [self.number(_bare(arg)) for arg in arguments]
        nodes = tuple(node for node, _ in values)
        if name == "GROWTH":
            return Call(span, name, nodes), PERCENT
        if name == "POWER":
            return Call(span, name, nodes), unit_of("^", values[0], values[1], span)
        return Call(span, name, nodes), units.common(name, values, span)

    def _all(self, _name: str, arguments: list[SyntaxTree], span: Span) -> Measured:
        node, unit = self.number(_bare(arguments[0]))
        return All(span, node), unit

    def _only(self, _name: str, arguments: list[SyntaxTree], span: Span) -> Measured:
        clauses = clauses_of(arguments[0])
        where = clauses.pop("where", None)
        if where is None or clauses:
            hint = 'For example ONLY([Total revenue] WHERE source = "Inbound").'
            place = span_of(next(iter(clauses.values()))) if clauses else span
            raise FormulaError("E11", "ONLY takes a KPI, WHERE and a test.", place, hint=hint)
        node, unit = self.number(next(branches(arguments[0])))
        inside = Inside("", self.scope.columns(node), self.scope.currency, among=self.scope.rowsets(node))
        test = condition(where, inside)
        return Only(span, node, cast("Node", test)), unit

    def _window(self, name: str, arguments: list[SyntaxTree], span: Span) -> Measured:
        node, unit = self.number(_bare(arguments[0]))
        count, step = 1, WindowUnit.PERIOD
        if len(arguments) == 2:
            count, step = _length(_bare(arguments[1]))
        return Window(span, WINDOWS[name], node, count, step), unit


def _bare(arg: SyntaxTree) -> SyntaxTree:
    """Return the expression of an argument that may carry no WHERE, ON, TO or WITHIN."""
    refuse_clauses(arg)
    return cast("SyntaxTree", arg.children[0])


def _length(tree: SyntaxTree) -> tuple[int, WindowUnit]:
    """Return how many of what a time function looks back."""
    text = str(tree.children[0]) if tree.data in ("number", "quantity") else ""
    if not text.isdecimal() or len(text) > 4 or int(text) < 1:
        raise FormulaError("E21", "Say how many periods, such as 3, or how long, such as 12 MONTHS.", span_of(tree))
    if tree.data == "number":
        return int(text), WindowUnit.PERIOD
    word = unit_word(str(tree.children[1]))
    if word in ("MINUTE", "HOUR"):
        raise FormulaError("E21", "Windows are counted in days or longer.", span_of(tree))
    return int(text), WindowUnit(word.lower())
