"""Checking what stands inside an aggregate: expressions with one value per row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast

from lark import Token, Tree

from kpidesk.domain.unit import DURATION, MONEY, NUMBER, Unit
from kpidesk.formula import units
from kpidesk.formula.errors import FormulaError, Suggestion, nearest
from kpidesk.formula.literals import literal
from kpidesk.formula.nodes import (
    Arithmetic,
    Between,
    Blank,
    Call,
    Column,
    Comparison,
    Contains,
    Day,
    IsBlank,
    Logic,
    Membership,
    Negate,
    Node,
    Not,
    Number,
    Text,
)
from kpidesk.formula.rowsets import ROW_SETS, ColumnType
from kpidesk.formula.syntax import SyntaxTree, span_of

EPOCH = date(1970, 1, 1)
Kind = Unit | str  # "text", "date", "flag", "test" or "blank" where there is no unit
_KINDS: Mapping[ColumnType, Kind] = {
    ColumnType.TEXT: "text",
    ColumnType.DATE: "date",
    ColumnType.MONEY: MONEY,
    ColumnType.NUMBER: NUMBER,
    ColumnType.DURATION: DURATION,
    ColumnType.FLAG: "flag",
}
ROW_FUNCTIONS: Mapping[str, tuple[int, int]] = {
    "DAYS": (2, 2),
    "NETWORKDAYS": (2, 2),
    "HOURS": (2, 2),
    "YEAR": (1, 1),
    "MONTH": (1, 1),
    "WEEKDAY": (1, 1),
    "DATE": (3, 3),
    "IF": (2, 3),
    "IFBLANK": (2, 2),
    "ABS": (1, 1),
    "ROUND": (1, 2),
    "MIN": (1, 9),
    "MAX": (1, 9),
}


@dataclass(frozen=True, slots=True)
class Inside:
    """The columns one can name: those of a row set, or of several for ONLY (where `rows` is empty)."""

    rows: str
    columns: Mapping[str, ColumnType]
    currency: str

    def test(self, tree: SyntaxTree | Token) -> Node:
        """Check a condition: something that is true, false or unknown for a row."""
        node, kind = self.value(tree)
        if kind not in ("test", "flag"):
            hint = 'For example source = "Inbound".'
            fix = ()
            if kind == "text" and isinstance(node, Column):
                fix = (Suggestion(f'{node.name} = "…"', f'{node.name} = ""', node.span),)
            raise FormulaError(
                "E11", "Here a condition is one test, not a column and a criterion.", span_of(tree), fix, hint
            )
        return node

    def value(self, tree: SyntaxTree | Token) -> tuple[Node, Kind]:
        """Check an expression and return its node and kind."""
        assert isinstance(tree, Tree)  # noqa: S101 - the grammar gives every expression a rule
        span = span_of(tree)
        found = literal(tree, self.currency)
        if found is not None:
            if isinstance(found, Number):
                return found, found.unit
            return found, "text" if isinstance(found, Text) else "blank" if isinstance(found, Blank) else "test"
        children = tree.children
        match tree.data:
            case "group":
                return self.value(cast("SyntaxTree", children[0]))
            case "name":
                return self._column(str(children[0]), span)
            case "column":
                return self._qualified(str(children[0]), str(children[1]).strip("[]"), span, cast("Token", children[0]))
            case "kpi":
                raise _finished(str(children[0]), span)
            case "signed":
                node, kind = self._number(children[1])
                return (Negate(span, node) if str(children[0]) == "-" else node), kind
            case "arithmetic":
                return self._arithmetic(tree, span)
            case "percent":
                node, kind = self._number(children[0])
                return Arithmetic(span, "/", node, Number(span, 100.0, NUMBER)), kind
            case "compare":
                return self._compare(tree, span), "test"
            case "is_in" | "not_in":
                operand, kind = self.value(cast("SyntaxTree", children[0]))
                given = [cast("SyntaxTree", child) for child in children[1:] if isinstance(child, Tree)]
                choices = tuple(self._matching(choice, kind, span) for choice in given)
                return Membership(span, operand, choices, tree.data == "not_in"), "test"
            case "between":
                operand, kind = self.value(cast("SyntaxTree", children[0]))
                low, high = (
                    self._matching(cast("SyntaxTree", child), kind, span) for child in (children[2], children[4])
                )
                return Between(span, operand, low, high), "test"
            case "is_blank" | "is_not_blank":
                return IsBlank(
                    span, self.value(cast("SyntaxTree", children[0]))[0], tree.data == "is_not_blank"
                ), "test"
            case "contains":
                operand, kind = self.value(cast("SyntaxTree", children[0]))
                text, other = self.value(cast("SyntaxTree", children[2]))
                if kind != "text" or other != "text":
                    raise FormulaError("E18", "CONTAINS looks for a text in a text column.", span)
                return Contains(span, operand, text), "test"
            case "any_of" | "all_of":
                parts = tuple(self.test(child) for child in children if isinstance(child, Tree))
                return Logic(span, "OR" if tree.data == "any_of" else "AND", parts), "test"
            case "not_of":
                return Not(span, self.test(cast("SyntaxTree", children[1]))), "test"
            case "call":
                return self._call(tree, span)
        raise FormulaError("E13", "This does not belong inside the brackets of a function.", span)

    def _column(self, name: str, span: tuple[int, int]) -> tuple[Node, Kind]:
        folded = name.casefold()
        if folded in self.columns:
            return Column(span, self.rows, folded), _KINDS[self.columns[folded]]
        if folded in ROW_SETS:
            raise FormulaError("E15", f"“{name}” is a list of rows, not a column of {self.rows}.", span)
        where = self.rows or "This KPI"
        fixes = (*nearest(name, sorted(self.columns), span), Suggestion(f'"{name}" if it is a text', f'"{name}"', span))
        raise FormulaError("E02", f"{where} has no column “{name}”.", span, fixes)

    def _qualified(self, rows: str, name: str, span: tuple[int, int], token: Token) -> tuple[Node, Kind]:
        if self.rows and rows.casefold() != self.rows:
            if rows.casefold() not in ROW_SETS:
                raise unknown_rows(rows, span_of(token))
            hint = "Combine two functions instead: SUM(a.x) - SUM(b.y)."
            message = f"One function can use one list of rows; here are {self.rows} and {rows}."
            raise FormulaError("E15", message, span, hint=hint)
        if name.casefold() not in self.columns:
            place = (span[1] - len(name), span[1])
            fixes = nearest(name, sorted(self.columns), place)
            raise FormulaError("E02", f"{rows} has no column “{name}”.", place, fixes)
        return self._column(name, span)

    def _number(self, tree: object) -> tuple[Node, Unit]:
        node, kind = self.value(cast("SyntaxTree", tree))
        if not isinstance(kind, Unit):
            word = (
                "a text" if kind == "text" else "a date" if kind == "date" else "a test" if kind != "blank" else "blank"
            )
            if kind == "blank":
                return node, NUMBER
            raise FormulaError("E16", f"You can't calculate with {word}.", node.span)
        return node, kind

    def _arithmetic(self, tree: SyntaxTree, span: tuple[int, int]) -> tuple[Node, Kind]:
        operator = str(tree.children[1])
        place = span_of(cast("Token", tree.children[1]))
        left, first = self.value(cast("SyntaxTree", tree.children[0]))
        right, second = self.value(cast("SyntaxTree", tree.children[2]))
        if first == "date" and second == "date" and operator == "-":
            return Call(span, "DAYS", (left, right)), DURATION
        left, first = self._number(tree.children[0])
        right, second = self._number(tree.children[2])
        node = Arithmetic(span, operator, left, right)
        match operator:
            case "+" | "-":
                return node, units.added(first, second, (left, right), operator, place)
            case "*":
                return node, units.multiplied(first, second, place)
            case "/":
                return node, units.divided(first, second, place)
        return node, first if first == NUMBER else NUMBER

    def _compare(self, tree: SyntaxTree, span: tuple[int, int]) -> Node:
        left, first = self.value(cast("SyntaxTree", tree.children[0]))
        right = self._matching(cast("SyntaxTree", tree.children[2]), first, span)
        if isinstance(left, Text) and not isinstance(right, Text):  # "x" = source reads as source = "x"
            _, other = self.value(cast("SyntaxTree", tree.children[2]))
            left = self._matching(cast("SyntaxTree", tree.children[0]), other, span)
        return Comparison(span, str(tree.children[1]), left, right)

    def _matching(self, tree: SyntaxTree, kind: Kind, span: tuple[int, int]) -> Node:
        """Check the other side of a comparison against `kind`; a text beside a date is read as a date."""
        node, other = self.value(tree)
        if kind == "date" and isinstance(node, Text):
            try:
                return Day(node.span, (date.fromisoformat(node.value.strip()) - EPOCH).days)
            except ValueError:
                hint = 'Write dates as "2025-03-31".'
                raise FormulaError("E18", f"“{node.value}” is not a date I can read.", node.span, hint=hint) from None
        if isinstance(kind, Unit) and isinstance(other, Unit):
            units.compared(kind, other, (Blank(span) if kind == other else Column(span, "", ""), node), span)
            return node
        same = {"test": "flag"}
        if "blank" in (kind, other) or same.get(str(kind), kind) == same.get(str(other), other) or kind == "text":
            if kind == "text" and other not in ("text", "blank"):
                raise FormulaError("E18", "You compare a text with something else.", span)
            return node
        if isinstance(node, Text) and kind != "text":
            name = kind.name if isinstance(kind, Unit) else {"flag": "yes or no"}.get(str(kind), str(kind))
            raise FormulaError("E18", f"You compare {name} with a text.", span)
        if other == "date" and kind == "text":
            return node
        if isinstance(node, Column) or kind == "date":
            raise FormulaError("E18", "These two sides cannot be compared.", span)
        return node

    def _call(self, tree: SyntaxTree, span: tuple[int, int]) -> tuple[Node, Kind]:
        token = cast("Token", tree.children[0])
        function = str(token).upper()
        trees = [cast("SyntaxTree", child) for child in tree.children[1:]]
        if function in ("AND", "OR"):
            return Logic(span, function, tuple(self.test(arg.children[0]) for arg in trees)), "test"
        function = "IFBLANK" if function == "IFERROR" else function
        if function not in ROW_FUNCTIONS:
            raise FormulaError("E13", f"{function} does not work row by row.", span_of(token))
        low, high = ROW_FUNCTIONS[function]
        if not low <= len(trees) <= high:
            raise FormulaError("E21", f"{function} takes {low if low == high else f'{low} to {high}'} values.", span)
        if function == "IF":
            test = self.test(trees[0].children[0])
            parts = [self.value(cast("SyntaxTree", arg.children[0])) for arg in trees[1:]]
            return Call(span, "IF", (test, *(part[0] for part in parts))), parts[0][1]
        parts = [self.value(cast("SyntaxTree", arg.children[0])) for arg in trees]
        nodes = tuple(part[0] for part in parts)
        if function in ("DAYS", "NETWORKDAYS", "HOURS", "YEAR", "MONTH", "WEEKDAY"):
            for part in parts:
                if part[1] != "date":
                    raise FormulaError("E18", f"{function} needs dates.", part[0].span)
            unit = DURATION if function in ("DAYS", "NETWORKDAYS", "HOURS") else NUMBER
            return Call(span, "DAYS" if function == "HOURS" else function, nodes), unit
        if function == "DATE":
            return _date(nodes, span), "date"
        return Call(span, function, nodes), parts[0][1]


def _date(nodes: tuple[Node, ...], span: tuple[int, int]) -> Node:
    numbers = [node.value for node in nodes if isinstance(node, Number)]
    try:
        year, month, day = (int(number) for number in numbers)
        return Day(span, (date(year, month, day) - EPOCH).days)
    except (ValueError, OverflowError):
        raise FormulaError("E18", "DATE needs a year, a month and a day, such as DATE(2025, 3, 31).", span) from None


def _finished(bracket: str, span: tuple[int, int]) -> FormulaError:
    message = f"{bracket} is a finished KPI: one number per period, so there are no rows to work on here."
    return FormulaError(
        "E28",
        message,
        span,
        hint="For an average over periods write TRAILING([kpi], 3) or divide by the number of periods.",
    )


def unknown_rows(name: str, span: tuple[int, int]) -> FormulaError:
    """Return the error for a list of rows that does not exist."""
    return FormulaError("E01", f"I don't know rows called “{name}”.", span, nearest(name, list(ROW_SETS), span))
