"""Checking what stands inside an aggregate: expressions with one value per row."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import cast
from unicodedata import normalize

from lark import Token

from kpidesk.domain.unit import DURATION, MONEY, NUMBER, PERCENT, Unit
from kpidesk.formula import units
from kpidesk.formula.errors import FormulaError, Suggestion, nearest
from kpidesk.formula.functions import FUNCTIONS, Group, stands
from kpidesk.formula.habits import unknown_function
from kpidesk.formula.literals import literal, text_value, whole_number
from kpidesk.formula.nodes import (
    Arithmetic,
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
    Span,
    Text,
)
from kpidesk.formula.pairs import Kind, Typed, between, comparison, paired, word_of
from kpidesk.formula.rowsets import ROW_SETS, ColumnType, identifier
from kpidesk.formula.syntax import SyntaxTree, branches, span_of
from kpidesk.formula.unexpected import looks_like_cell, spreadsheet_cell

_KINDS: Mapping[ColumnType, Kind] = {
    ColumnType.TEXT: "text",
    ColumnType.DATE: "date",
    ColumnType.MONEY: MONEY,
    ColumnType.NUMBER: NUMBER,
    ColumnType.DURATION: DURATION,
    ColumnType.FLAG: "flag",
}
_USUAL_ROWS = ("won_deals", "open_deals", "created_leads", "costs", "stage_exits", "stage_reached", "meetings")
_EPOCH = date(1970, 1, 1)
_DATE_PARTS = ("YEAR", "MONTH", "WEEKDAY")
_DATE_SPANS = ("DAYS", "NETWORKDAYS", "HOURS")


@dataclass(frozen=True, slots=True)
class Inside:
    """The columns one can name: those of a row set, or those common to several, `among`, for ONLY (where `rows` is empty)."""

    rows: str
    columns: Mapping[str, ColumnType]
    currency: str
    stage: str | None = None
    among: frozenset[str] = frozenset()

    def test(self, tree: SyntaxTree) -> Node:
        """Check a condition: something that is true, false or unknown for a row."""
        node, kind = self.value(tree)
        if kind in ("test", "flag"):
            return node
        fix: tuple[Suggestion, ...] = ()
        if kind == "text" and isinstance(node, Column):
            fix = (Suggestion(f'{node.name} = "…"', f'{node.name} = ""', span_of(tree)),)
        hint = 'For example source = "Inbound".'
        raise FormulaError(
            "E11", "Here a condition is one test, not a column and a criterion.", span_of(tree), fix, hint
        )

    def value(self, tree: SyntaxTree) -> Typed:
        """Check an expression and return its node and kind."""
        span = span_of(tree)
        found = literal(tree, self.currency)
        if found is not None:
            if isinstance(found, Number):
                return found, found.unit
            return found, "text" if isinstance(found, Text) else "blank" if isinstance(found, Blank) else "test"
        parts = list(branches(tree))
        match tree.data:
            case "group":
                return self.value(parts[0])
            case "name":
                return self._column(str(tree.children[0]), span)
            case "column" | "call_column":
                return self._qualified(tree, span)
            case "kpi":
                column = found_column(str(tree.children[0])[1:-1].strip(), self.columns)
                raise finished_kpi(str(tree.children[0]), span, meant=column if column in self.columns else None)
            case "signed":
                node, unit = self._number(parts[0])
                return (Negate(span, node) if str(tree.children[0]) == "-" else node), unit
            case "percent":
                node, unit = self._number(parts[0])
                return Arithmetic(span, "/", node, Number(span, 100.0, NUMBER)), PERCENT if unit == NUMBER else unit
            case "arithmetic":
                return self._arithmetic(tree, span)
            case "call":
                return self._call(tree, span)
        return self._test(tree, parts, span), "test"

    def _test(self, tree: SyntaxTree, parts: list[SyntaxTree], span: Span) -> Node:
        negated = tree.data in ("not_in", "is_not_blank")
        match tree.data:
            case "compare":
                sides = (self._side(parts[0], parts[1]), self._side(parts[1], parts[0]))
                return comparison(str(tree.children[1]), *sides, (span_of(parts[0]), span_of(parts[1])), span)
            case "is_in" | "not_in":
                operand = self._operand(parts[0], span)
                choices = tuple(self._choice(operand, choice, parts[0]) for choice in parts[1:])
                return Membership(span, operand[0], choices, negated)
            case "between":
                operand = self._operand(parts[0], span)
                ends = (self._side(parts[1], parts[0]), self._side(parts[2], parts[0]))
                return between(operand, ends, span)
            case "is_blank" | "is_not_blank":
                return IsBlank(span, self.value(parts[0])[0], negated)
            case "contains":
                operand, sought = self.value(parts[0]), self._side(parts[1], parts[0])
                if operand[1] != "text" or not isinstance(operand[0], Column) or not isinstance(sought[0], Text):
                    hint = 'For example name CONTAINS "renewal".'
                    raise FormulaError("E18", "CONTAINS looks for a text in a text column.", span, hint=hint)
                return Contains(span, operand[0], sought[0])
            case "not_of":
                return Not(span, self.test(parts[0]))
            case "any_of" | "all_of":
                operator = "OR" if tree.data == "any_of" else "AND"
                tests: list[Node] = []
                for part in parts:
                    tests.append(self._further(part, tests))
                return Logic(span, operator, tuple(tests))
        raise FormulaError("E13", "This does not belong inside the brackets of a function.", span)

    def _operand(self, tree: SyntaxTree, span: Span) -> Typed:
        operand = self.value(tree)
        if isinstance(operand[0], Text) or operand[1] == "blank":
            raise FormulaError("E18", "The side before IN or BETWEEN has to be a column or a calculation.", span)
        return operand

    def _further(self, tree: SyntaxTree, before: list[Node]) -> Node:
        """Check a test of several joined ones. To a value alone, the comparison before it is offered: source = "A" OR "B"."""
        try:
            return self.test(tree)
        except FormulaError as error:
            compared = before[-1] if before else None
            if error.code != "E11" or tree.data not in ("text", "number", "quantity", "money"):
                raise
            if not isinstance(compared, Comparison) or not isinstance(compared.left, Column):
                raise
            written = " ".join(str(part) for part in tree.children)
            test = f"{compared.left.name} {compared.operator} {written}"
            mend = Suggestion(test, test, span_of(tree))
            raise FormulaError("E11", error.message, span_of(tree), (mend,), error.hint) from None

    def _side(self, tree: SyntaxTree, other: SyntaxTree) -> Typed:
        """Return one side of a comparison. Where it is compared with texts, a name that is no column may be a text without quotes."""
        try:
            return self.value(tree)
        except FormulaError as error:
            if error.code not in ("E02", "E10") or tree.data != "name" or not self._is_text(other):
                raise
            name = str(tree.children[0])
            quoted = Suggestion(f'"{name}" if it is a text', f'"{name}"', span_of(tree))
            message = f"{self.rows or 'This KPI'} has no column “{name}”."
            raise FormulaError("E02", message, span_of(tree), (*error.suggestions, quoted)) from None

    def _is_text(self, tree: SyntaxTree) -> bool:
        try:
            node, kind = self.value(tree)
        except FormulaError:
            return False
        return kind == "text" and isinstance(node, Column)

    def _choice(self, operand: Typed, tree: SyntaxTree, compared: SyntaxTree) -> Node:
        node = paired(operand, self._side(tree, compared), span_of(tree))[1]
        if operand[1] == "text" and not isinstance(node, Text):
            hint = "To compare two columns use = and OR."
            raise FormulaError("E18", "IN takes a list of texts in quotes.", span_of(tree), hint=hint)
        return node

    def _column(self, name: str, span: Span) -> Typed:
        folded = found_column(name, self.columns)
        if folded in self.columns:
            return Column(span, self.rows, folded), _KINDS[self.columns[folded]]
        if folded in ROW_SETS:
            where = f"a column of {self.rows}" if self.rows else "a column"
            raise FormulaError("E15", f"“{name}” is a list of rows, not {where}.", span)
        if looks_like_cell(name):
            raise spreadsheet_cell(name, span)
        where = self.rows or "This KPI"
        without = sorted(rows for rows in self.among if folded not in ROW_SETS[rows].columns)
        hint = f"{' and '.join(without)} have no {folded}." if 0 < len(without) < len(self.among) else ""
        near = nearest(name, sorted(self.columns), span, 1)
        raise FormulaError("E02", f"{where} has no column “{name}”.", span, near, hint)

    def _qualified(self, tree: SyntaxTree, span: Span) -> Typed:
        head, name = tree.children
        rows, stage = str(head), self.stage
        if tree.data == "call_column":
            rows, stage = "stage_reached", reached_stage(cast("SyntaxTree", head))
        if rows.casefold() not in ROW_SETS:
            raise unknown_rows(rows, span_of(head))
        if not self.rows and rows.casefold() not in self.among:
            here = " and ".join(sorted(self.among)) or "no rows"
            raise FormulaError("E15", f"What stands before WHERE looks at {here}, not at {rows}.", span)
        if self.rows and (rows.casefold(), stage) != (self.rows, self.stage):
            hint = "Combine two functions instead: SUM(a.x) - SUM(b.y)."
            one = self.rows if rows.casefold() != self.rows else f"{self.rows} of “{self.stage}”"
            other = rows if rows.casefold() != self.rows else f"{rows} of “{stage}”"
            raise FormulaError(
                "E15", f"One function can use one list of rows; here are {one} and {other}.", span, hint=hint
            )
        wanted = str(name).strip("[]").strip()
        found = found_column(wanted, self.columns)
        if found not in self.columns:
            raise unknown_column(rows, self.columns, cast("Token", name))
        return Column(span, self.rows, found), _KINDS[self.columns[found]]

    def _number(self, tree: SyntaxTree) -> tuple[Node, Unit]:
        node, kind = self.value(tree)
        if kind == "blank":
            return node, NUMBER
        if not isinstance(kind, Unit):
            raise FormulaError("E16", f"You can't calculate with {word_of(kind)}.", span_of(tree))
        return node, kind

    def _arithmetic(self, tree: SyntaxTree, span: Span) -> Typed:
        one, two = branches(tree)
        operator, place = str(tree.children[1]), span_of(cast("Token", tree.children[1]))
        left, right = self.value(one), self.value(two)
        if left[1] == right[1] == "date" and operator == "-":
            return Call(span, "DAYS", (left[0], right[0])), DURATION
        sides: list[units.Measured] = []
        for (node, kind), side in ((left, one), (right, two)):
            if not isinstance(kind, Unit) and kind != "blank":
                hint = "Only a date minus a date gives a number." if kind == "date" else ""
                raise FormulaError("E16", f"You can't calculate with {word_of(kind)}.", span_of(side), hint=hint)
            sides.append((node, kind if isinstance(kind, Unit) else NUMBER))
        return Arithmetic(span, operator, left[0], right[0]), unit_of(operator, sides[0], sides[1], place)

    def _call(self, tree: SyntaxTree, span: Span) -> Typed:
        token = cast("Token", tree.children[0])
        name, trees = str(token).upper(), [cast("SyntaxTree", arg.children[0]) for arg in branches(tree)]
        for arg in branches(tree):
            refuse_clauses(arg)
        if name in ("AND", "OR"):
            return Logic(span, name, tuple(self.test(part) for part in trees)), "test"
        if not stands(name, Group.IN_ROWS):
            raise self._misplaced(tree, str(token), span_of(token))
        FUNCTIONS[name].arity(trees, span)
        name = "IFBLANK" if name == "IFERROR" else name
        if name in (*_DATE_PARTS, *_DATE_SPANS):
            dates = tuple(self._date_of(name, part) for part in trees)
            unit = DURATION if name in _DATE_SPANS else NUMBER
            return Call(span, "DAYS" if name == "HOURS" else name, dates), unit
        if name == "DATE":
            return _day(trees, span), "date"
        if name == "ROUND":
            node, unit = self._number(trees[0])
            return Call(span, name, (node, *digits_of(trees[1:]))), unit
        tests = (self.test(trees[0]),) if name == "IF" else ()
        values = [self._number(part) for part in trees[len(tests) :]]
        return Call(span, name, (*tests, *(node for node, _ in values))), units.common(name, values, span)

    def _misplaced(self, call: SyntaxTree, name: str, place: Span) -> FormulaError:
        if name.upper() == "REACHED" or name.casefold() in ROW_SETS:
            return FormulaError("E15", f"“{name}” is a list of rows, not a value of a row.", place)
        if name.upper() in FUNCTIONS:
            return FormulaError("E13", f"{name.upper()} does not work row by row.", place)
        return unknown_function(call, (name for name in FUNCTIONS if stands(name, Group.IN_ROWS)))

    def _date_of(self, function: str, tree: SyntaxTree) -> Node:
        node, kind = self.value(tree)
        if isinstance(node, Text):
            node, kind = paired((Column(node.span, "", ""), "date"), (node, kind), node.span)[1], "date"
        if kind != "date":
            raise FormulaError("E18", f"{function} needs dates.", span_of(tree))
        return node


def unit_of(operator: str, left: units.Measured, right: units.Measured, place: Span) -> Unit:
    """Return the unit of an operation; E16 or E17 when it has no meaning."""
    match operator:
        case "+" | "-":
            return units.added(left, right, operator, place)
        case "*":
            return units.multiplied(left[1], right[1], place)
        case "/":
            return units.divided(left[1], right[1], place)
    if any(unit.money or unit.days for _, unit in (left, right)):
        raise FormulaError("E17", "Only plain numbers can be raised to a power.", place)
    return NUMBER


def digits_of(trees: list[SyntaxTree]) -> tuple[Node, ...]:
    """Return the digits of ROUND as a literal, if given; E21 when they are not a whole number from -9 to 9."""
    for tree in trees:
        digits = whole_number(tree)
        if digits is None or not -9 <= digits <= 9:
            raise FormulaError("E21", "ROUND takes a whole number of digits, such as 2.", span_of(tree))
        return (Number(span_of(tree), float(digits), NUMBER),)
    return ()


def refuse_clauses(arg: SyntaxTree) -> None:
    """Refuse WHERE, ON, TO and WITHIN on an argument that has no rows of its own."""
    for clause in list(branches(arg))[1:]:
        message = "This belongs inside a function over rows, such as COUNT or SUM."
        raise FormulaError("E11", message, span_of(clause))


def reached_stage(call: SyntaxTree) -> str:
    """Return the stage of reached("Demo"); an error when the call is something else."""
    span = span_of(call)
    token = cast("Token", call.children[0])
    if token.casefold() in ROW_SETS:
        hint = f"Columns follow after a dot, such as {token}.{next(iter(ROW_SETS[token.casefold()].columns))}."
        raise FormulaError("E01", f"“{token}” is a list of rows, not a function.", span_of(token), hint=hint)
    if token.upper() != "REACHED":
        raise unknown_rows(str(token), span_of(token))
    args = list(branches(call))
    inner = cast("SyntaxTree", args[0].children[0]) if len(args) == 1 else None
    if inner is None or inner.data != "text":
        raise FormulaError("E21", 'reached needs one stage in quotes, such as reached("Demo").', span)
    refuse_clauses(args[0])
    return text_value(str(inner.children[0]))


def _day(trees: list[SyntaxTree], span: Span) -> Node:
    numbers = [whole_number(tree) for tree in trees]
    try:
        year, month, day = (int(number) for number in numbers if number is not None)
        return Day(span, (date(year, month, day) - _EPOCH).days)
    except (ValueError, OverflowError):
        raise FormulaError("E18", "DATE needs a year, a month and a day, such as DATE(2025, 3, 31).", span) from None


def finished_kpi(bracket: str, span: Span, function: str | None = None, meant: str | None = None) -> FormulaError:
    """Return the error for a KPI where rows are needed; `meant` is what has its name there."""
    if meant is not None:
        message = f"{bracket} in brackets of its own is a KPI. Here “{meant}” stands without them."
        return FormulaError("E28", message, span, (Suggestion(meant, meant, span),))
    nothing = "there are no rows to work on here" if function is None else f"{function} has no rows to work on"
    hint = "For an average over periods write TRAILING([kpi], 3) or divide by the number of periods."
    return FormulaError("E28", f"{bracket} is a finished KPI: one number per period, so {nothing}.", span, hint=hint)


def found_column(written: str, columns: Container[str]) -> str:
    """Return the column that is meant, without regard to case and, in brackets, as its file spells it: [Partner tier]."""
    folded = normalize("NFC", written).casefold()
    return folded if folded in columns else identifier(written)


def unknown_column(rows: str, columns: Iterable[str], name: Token) -> FormulaError:
    """Return the error for a column that rows do not have, with the nearest one written as the wrong one is."""
    place, wanted = span_of(name), str(name).strip("[]").strip()
    near = nearest(wanted, sorted(columns), place, 1)
    if name.startswith("["):
        near = tuple(Suggestion(fix.label, f"[{fix.label}]", place) for fix in near)
    return FormulaError("E02", f"{rows} has no column “{wanted}”.", place, near)


def unknown_rows(name: str, span: Span) -> FormulaError:
    """Return the error for a list of rows that does not exist; a column without its rows gets some that have it."""
    message = f"I don't know rows called “{name}”."
    having = [f"{rows}.{name.casefold()}" for rows in _USUAL_ROWS if name.casefold() in ROW_SETS[rows].columns]
    mends = tuple(Suggestion(text, text, span) for text in having[:2])
    return FormulaError("E01", message, span, mends or nearest(name, list(ROW_SETS), span))
