"""From text to a checked formula: names resolved, units inferred, references followed (semantics 3.3 to 3.5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Protocol, cast

from lark import Token, Tree

from kpidesk.domain.unit import COUNT, DURATION, NUMBER, PERCENT, Unit
from kpidesk.formula import units
from kpidesk.formula.errors import FormulaError, Suggestion, nearest
from kpidesk.formula.inside import Inside, unknown_rows
from kpidesk.formula.literals import literal, text_value, unit_word
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
    Span,
    Text,
    Window,
    WindowName,
    WindowUnit,
)
from kpidesk.formula.rowsets import ROW_SETS, ColumnType, RowSet
from kpidesk.formula.syntax import SyntaxTree, looks_like_cell, parse, span_of

_AGGREGATES = ("COUNT", "SUM", "AVERAGE", "MEDIAN", "MIN", "MAX", "STDEV", "PERCENTILE", "COUNT_DISTINCT")
_CONDITIONAL = {"COUNTIFS": "COUNT", "SUMIFS": "SUM", "AVERAGEIFS": "AVERAGE"}
_VALUES = {
    "IF": (2, 3),
    "IFBLANK": (2, 2),
    "ROUND": (1, 2),
    "ABS": (1, 1),
    "POWER": (2, 2),
    "MIN": (2, 9),
    "MAX": (2, 9),
    "GROWTH": (1, 1),
}
_WINDOWS = {name.value: name for name in WindowName}
FUNCTIONS = (*_AGGREGATES, *_CONDITIONAL, "SHARE", "CONVERSION", *_VALUES, "ALL", "ONLY", *_WINDOWS)
# What joins the rows of two sets: they need one id in common.
_LINKS: Mapping[str, frozenset[str]] = {
    "deals": frozenset({"deal", "lead", "customer"}),
    "leads": frozenset({"lead"}),
    "activities": frozenset({"deal", "lead"}),
    "stage_history": frozenset({"deal"}),
    "customers": frozenset({"customer"}),
    "transactions": frozenset({"customer"}),
}
_MAX_REFERENCES = 40


class Named(Protocol):
    """What a scope needs of a KPI."""

    @property
    def id(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def formula(self) -> str: ...  # noqa: D102


@dataclass(slots=True)
class Scope:
    """What names mean: the KPIs by id, the workspace's currency, and formulas that settings put in place of shipped ones."""

    kpis: Mapping[str, Named]
    currency: str = "GBP"
    overrides: Mapping[str, str] = field(default_factory=dict)
    _done: dict[str, Checked] = field(default_factory=dict)
    _path: list[str] = field(default_factory=list)

    def formula(self, kpi_id: str) -> str:
        """Return the text of a KPI's formula as this workspace uses it."""
        return self.overrides.get(kpi_id) or self.kpis[kpi_id].formula

    def find(self, name: str) -> str | None:
        """Return the id of the KPI called `name`, by id or by name without regard to case."""
        folded = " ".join(name.split()).casefold()
        for kpi in self.kpis.values():
            if folded in (kpi.id, kpi.name.casefold()):
                return kpi.id
        return None

    def checked(self, kpi_id: str, span: Span) -> Checked:
        """Return a referred KPI checked; E19 when the path of references closes a circle."""
        if kpi_id in self._path:
            path = " → ".join([*self._path[self._path.index(kpi_id) :], kpi_id])
            hint = "A KPI can't be calculated from itself. Remove one of the links."
            raise FormulaError("E19", f"These KPIs refer to each other in a circle: {path}.", span, hint=hint)
        if kpi_id not in self._done:
            if len(self._path) >= _MAX_REFERENCES:
                raise FormulaError("E20", f"KPIs refer to each other more than {_MAX_REFERENCES} levels deep.", span)
            self._path.append(kpi_id)
            try:
                self._done[kpi_id] = _check(self.formula(kpi_id), self)
            except FormulaError as error:
                if error.code in ("E19", "E20"):
                    raise
                raise FormulaError(
                    error.code, f"[{self.kpis[kpi_id].name}] has a mistake: {error.message}", span
                ) from None
            finally:
                self._path.pop()
        return self._done[kpi_id]


def check(text: str, scope: Scope) -> Checked:
    """Check a formula; FormulaError with code, place and mends when it has no meaning."""
    return _check(text, scope)


def _check(text: str, scope: Scope) -> Checked:
    tree = parse(text)
    checker = _Checker(scope)
    node, unit = checker.value(cast("SyntaxTree", tree.children[0]))
    if unit is None:
        raise FormulaError("E14", "This is a yes or no, not a number.", node.span, hint="For example IF(test, 1, 0).")
    dims = checker.dimensions
    return Checked(
        text, node, unit, frozenset() if dims is None else dims, tuple(checker.references), frozenset(checker.entities)
    )


class _Checker:
    """Walks one formula outside aggregates. A value is (node, unit); the unit of a test is None."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.dimensions: frozenset[str] | None = None
        self.references: dict[str, None] = {}
        self.entities: set[str] = set()
        self._columns: dict[str, ColumnType] = {}

    def value(self, tree: SyntaxTree) -> tuple[Node, Unit | None]:
        """Check an expression."""
        span = span_of(tree)
        found = literal(tree, self.scope.currency)
        children = tree.children
        if found is not None:
            if isinstance(found, Number):
                return found, found.unit
            if isinstance(found, Text):
                raise FormulaError("E16", "You can't calculate with a text.", span)
            return found, NUMBER if isinstance(found, Blank) else None
        match tree.data:
            case "group":
                return self.value(cast("SyntaxTree", children[0]))
            case "kpi":
                return self._reference(str(children[0])[1:-1], span)
            case "name":
                return self._name(str(children[0]), span)
            case "column" | "call_column":
                return self._loose_column(tree, span)
            case "signed":
                node, unit = self._number(children[1])
                return (Negate(span, node) if str(children[0]) == "-" else node), unit
            case "percent":
                node, unit = self._number(children[0])
                if isinstance(node, Number):
                    return Number(span, node.value / 100, PERCENT), PERCENT
                return Arithmetic(span, "/", node, Number(span, 100.0, NUMBER)), unit
            case "arithmetic":
                return self._arithmetic(tree, span)
            case "compare":
                left, first = self._number(children[0])
                right, second = self._number(children[2])
                units.compared(first, second, (left, right), span)
                return Comparison(span, str(children[1]), left, right), None
            case "is_blank" | "is_not_blank":
                return IsBlank(span, self._number(children[0])[0], tree.data == "is_not_blank"), None
            case "between":
                (node, unit), (low, one), (high, two) = (self._number(children[index]) for index in (0, 2, 4))
                units.compared(unit, one, (node, low), span)
                units.compared(unit, two, (node, high), span)
                return Logic(span, "AND", (Comparison(span, ">=", node, low), Comparison(span, "<=", node, high))), None
            case "any_of" | "all_of":
                parts = tuple(self._test(child) for child in children if isinstance(child, Tree))
                return Logic(span, "OR" if tree.data == "any_of" else "AND", parts), None
            case "not_of":
                return Not(span, self._test(children[1])), None
            case "call":
                return self._call(tree, span)
        raise FormulaError("E13", "This works only inside the brackets of a function, row by row.", span)

    def _number(self, tree: object) -> tuple[Node, Unit]:
        node, unit = self.value(cast("SyntaxTree", tree))
        if unit is None:
            raise FormulaError("E16", "You can't calculate with a yes or no.", node.span)
        return node, unit

    def _test(self, tree: object) -> Node:
        node, unit = self.value(cast("SyntaxTree", tree))
        if unit is not None:
            raise FormulaError("E11", "Here belongs a test, such as [Win rate] > 20%.", node.span)
        return node

    def _name(self, name: str, span: Span) -> tuple[Node, Unit | None]:
        upper = name.upper()
        if upper in ("PERIOD_LENGTH", "ELAPSED_SHARE"):
            return Constant(span, ConstantName(upper)), DURATION if upper == "PERIOD_LENGTH" else NUMBER
        if self.scope.find(name.replace("_", " ")) or self.scope.find(name):
            return self._reference(name, span)
        if name.casefold() in ROW_SETS:
            fixes = (Suggestion(f"COUNT({name})", f"COUNT({name})", span),)
            raise FormulaError("E13", f"“{name}” is a list of rows. Say how to combine the rows.", span, fixes)
        if looks_like_cell(name):
            hint = "Refer to a KPI by name, such as [Win rate], or to data, such as SUM(won_deals.amount)."
            raise FormulaError(
                "E10", f"“{name}” looks like a spreadsheet cell. There are no cells here.", span, hint=hint
            )
        names = [kpi.name for kpi in self.scope.kpis.values()]
        fixes = tuple(
            replace(fix, replacement=f"[{fix.replacement}]") for fix in nearest(name.replace("_", " "), names, span)
        )
        raise FormulaError("E01", f"I don't know “{name}”.", span, fixes)

    def _reference(self, name: str, span: Span) -> tuple[Node, Unit | None]:
        kpi_id = self.scope.find(name) or self.scope.find(name.replace("_", " "))
        if kpi_id is None:
            names = [kpi.name for kpi in self.scope.kpis.values()]
            fixes = tuple(replace(fix, replacement=f"[{fix.replacement}]") for fix in nearest(name, names, span))
            raise FormulaError("E01", f"There is no KPI called “{name.strip()}”.", span, fixes)
        checked = self.scope.checked(kpi_id, span)
        self.references[kpi_id] = None
        if checked.entities:
            self._narrow(checked.dimensions)
            self.entities |= checked.entities
        self._columns.update(dict.fromkeys(checked.dimensions, ColumnType.TEXT))
        return KpiRef(span, kpi_id), checked.unit

    def _narrow(self, dimensions: frozenset[str]) -> None:
        self.dimensions = dimensions if self.dimensions is None else self.dimensions & dimensions

    def _loose_column(self, tree: SyntaxTree, span: Span) -> tuple[Node, Unit | None]:
        rows = str(tree.children[0]) if tree.data == "column" else "reached"
        if tree.data == "column" and rows.casefold() not in ROW_SETS:
            raise unknown_rows(rows, span_of(cast("Token", tree.children[0])))
        column = str(tree.children[1]).strip("[]")
        text = f"{rows}.{column}"
        fixes = tuple(Suggestion(f"{how}({text})", f"{how}({text})", span) for how in ("SUM", "AVERAGE"))
        raise FormulaError("E13", f"“{text}” has one value per row. Say how to combine the rows.", span, fixes)

    def _arithmetic(self, tree: SyntaxTree, span: Span) -> tuple[Node, Unit]:
        operator = str(tree.children[1])
        place = span_of(cast("Token", tree.children[1]))
        left, first = self._number(tree.children[0])
        right, second = self._number(tree.children[2])
        node = Arithmetic(span, operator, left, right)
        match operator:
            case "+" | "-":
                return node, units.added(first, second, (left, right), operator, place)
            case "*":
                return node, units.multiplied(first, second, place)
            case "/":
                if isinstance(left, Aggregate) and isinstance(right, Aggregate) and _inside(left, right):
                    return Proportion(span, left, right), PERCENT
                return node, units.divided(first, second, place)
        if (first.money, first.days, second.money, second.days) != (0, 0, 0, 0):
            raise FormulaError("E17", "Only plain numbers can be raised to a power.", place)
        return node, NUMBER

    # --- calls

    def _call(self, tree: SyntaxTree, span: Span) -> tuple[Node, Unit | None]:
        token = cast("Token", tree.children[0])
        name = str(token).upper()
        name = "IFBLANK" if name == "IFERROR" else name
        arguments = [cast("SyntaxTree", child) for child in tree.children[1:]]
        place = span_of(token)
        if name in ("AND", "OR"):
            return Logic(span, name, tuple(self._test(self._bare(arg)) for arg in arguments)), None
        if name in ("MIN", "MAX") and len(arguments) > 1:
            return self._values(name, arguments, span)
        if name in _AGGREGATES or name in _CONDITIONAL:
            return self._aggregate(name, arguments, span, place)
        if name == "SHARE":
            return self._share(arguments, span)
        if name == "CONVERSION":
            return self._conversion(arguments, span)
        if name in _VALUES:
            return self._values(name, arguments, span)
        if name in _WINDOWS:
            return self._window(_WINDOWS[name], arguments, span)
        if name == "ALL":
            node, unit = self._number(self._bare(self._arity(name, arguments, 1, 1, span)[0]))
            return All(span, node), unit
        if name == "ONLY":
            return self._only(arguments, span)
        if name == "REACHED" or name.casefold() in ROW_SETS:
            raise FormulaError("E13", f"“{token}” is a list of rows. Say how to combine the rows.", span)
        if name in ("VLOOKUP", "XLOOKUP", "HLOOKUP", "INDEX", "MATCH", "LOOKUP"):
            hint = "Tables are linked already: write the column, for example won_deals.source."
            raise FormulaError("E03", f"{token} doesn't exist here.", place, hint=hint)
        raise FormulaError(
            "E03", f"I don't know a function called “{token}”.", place, nearest(name, list(FUNCTIONS), place)
        )

    def _arity(self, name: str, arguments: list[SyntaxTree], low: int, high: int, span: Span) -> list[SyntaxTree]:
        if not low <= len(arguments) <= high:
            wanted = str(low) if low == high else f"{low} to {high}"
            raise FormulaError(
                "E21", f"{name} takes {wanted} {'value' if wanted == '1' else 'values'}, not {len(arguments)}.", span
            )
        return arguments

    def _bare(self, arg: SyntaxTree) -> SyntaxTree:
        """Return the expression of an argument that may carry no WHERE, ON, TO or WITHIN."""
        for extra in arg.children[1:]:
            raise FormulaError(
                "E11",
                "This belongs inside a function over rows, such as COUNT or SUM.",
                span_of(cast("SyntaxTree", extra)),
            )
        return cast("SyntaxTree", arg.children[0])

    def _values(self, name: str, arguments: list[SyntaxTree], span: Span) -> tuple[Node, Unit]:
        self._arity(name, arguments, *_VALUES[name], span)
        if name == "IF":
            test = self._test(self._bare(arguments[0]))
            parts = [self._number(self._bare(arg)) for arg in arguments[1:]]
            unit = parts[0][1]
            if len(parts) == 2:
                unit = units.added(unit, parts[1][1], (parts[0][0], parts[1][0]), "+", span)
            return Call(span, name, (test, *(part[0] for part in parts))), unit
        parts = [self._number(self._bare(arg)) for arg in arguments]
        nodes, unit = tuple(part[0] for part in parts), parts[0][1]
        if name in ("IFBLANK", "MIN", "MAX"):
            for node, other in parts[1:]:
                unit = units.added(unit, other, (nodes[0], node), "+", span)
        if name in ("GROWTH", "POWER"):
            unit = PERCENT if name == "GROWTH" else NUMBER
        return Call(span, name, nodes), unit

    def _only(self, arguments: list[SyntaxTree], span: Span) -> tuple[Node, Unit]:
        arg = self._arity("ONLY", arguments, 1, 1, span)[0]
        where = next(
            (cast("SyntaxTree", extra) for extra in arg.children[1:] if cast("SyntaxTree", extra).data == "where"), None
        )
        if where is None:
            hint = 'For example ONLY([Total revenue] WHERE source = "Inbound").'
            raise FormulaError("E11", "ONLY needs WHERE and a test.", span, hint=hint)
        inner = _Checker(self.scope)
        node, unit = inner._number(arg.children[0])
        self.references.update(inner.references)
        self.entities |= inner.entities
        if inner.dimensions is not None:
            self._narrow(inner.dimensions)
        columns = dict(inner._columns)
        columns["owner_has_quota"] = ColumnType.FLAG
        test = Inside("", columns, self.scope.currency).test(cast("SyntaxTree", where.children[1]))
        return Only(span, node, test), unit

    def _window(self, name: WindowName, arguments: list[SyntaxTree], span: Span) -> tuple[Node, Unit]:
        counted = name in (WindowName.PREVIOUS, WindowName.TRAILING)
        self._arity(name.value, arguments, 2 if name is WindowName.TRAILING else 1, 2 if counted else 1, span)
        node, unit = self._number(self._bare(arguments[0]))
        count, step = 1, WindowUnit.PERIOD
        if len(arguments) == 2:
            tree = self._bare(arguments[1])
            text = str(tree.children[0]) if tree.data in ("number", "quantity") else ""
            if not text.isdigit() or not 1 <= int(text) <= 10_000:
                raise FormulaError(
                    "E21", "Say how many periods, such as 3, or how long, such as 12 MONTHS.", span_of(tree)
                )
            count = int(text)
            if tree.data == "quantity":
                word = unit_word(str(tree.children[1]))
                if word in ("MINUTE", "HOUR"):
                    raise FormulaError("E21", "Windows are counted in days or longer.", span_of(tree))
                step = WindowUnit(word.lower())
        return Window(span, name, node, count, step), unit

    # --- rows

    def _rows(self, tree: SyntaxTree, on: SyntaxTree | None) -> tuple[Rows, RowSet]:
        """Resolve a list of rows: a name, or reached("Demo")."""
        span = span_of(tree)
        stage = None
        if tree.data == "group":
            return self._rows(cast("SyntaxTree", tree.children[0]), on)
        if tree.data == "name":
            name = str(tree.children[0]).casefold()
        elif tree.data == "call" and str(tree.children[0]).upper() == "REACHED":
            arg = cast("SyntaxTree", tree.children[1]) if len(tree.children) == 2 else None
            inner = cast("SyntaxTree", arg.children[0]) if arg is not None else None
            if inner is None or inner.data != "text":
                raise FormulaError("E21", 'reached needs one stage in quotes, such as reached("Demo").', span)
            name, stage = "stage_reached", text_value(str(inner.children[0]))
        elif tree.data == "kpi":
            message = (
                f"{tree.children[0]} is a finished KPI: one number per period, so this function has no rows to work on."
            )
            hint = "For an average over periods write TRAILING([kpi], 3) or divide by the number of periods."
            raise FormulaError("E28", message, span, hint=hint)
        else:
            raise FormulaError("E01", "Here belongs a list of rows, such as won_deals.", span)
        rows = ROW_SETS.get(name)
        if rows is None:
            raise unknown_rows(str(tree.children[0]), span)
        anchor = rows.anchors[0]
        if on is not None:
            wanted = str(on.children[1]).casefold()
            if wanted not in rows.anchors:
                raise FormulaError(
                    "E12", f"{name} cannot be placed by “{wanted}”, only by {' or '.join(rows.anchors)}.", span_of(on)
                )
            anchor = wanted
        elif rows.must_choose:
            fixes = tuple(Suggestion(word, word, span) for word in ("created_deals", "closed_deals"))
            raise FormulaError("E12", f"“{name}” have several dates. Say which one decides the period.", span, fixes)
        self._narrow(rows.dimensions)
        self.entities.add(
            "deals" if name in ("refunds", "purchases", "active_customers", "new_customers") else rows.entity
        )
        self._columns.update(rows.columns)
        return Rows(name, anchor, stage), rows

    def _first_rows(self, tree: SyntaxTree) -> SyntaxTree | None:
        """Find the list of rows that an expression such as won_deals.amount * 2 is about."""
        if tree.data == "column":
            token = cast("Token", tree.children[0])
            name = Tree("name", [token], tree.meta)
            if str(token).casefold() not in ROW_SETS:
                raise unknown_rows(str(token), span_of(token))
            return name
        if tree.data == "call_column":
            return cast("SyntaxTree", tree.children[0])
        for child in tree.children:
            if isinstance(child, Tree):
                found = self._first_rows(child)
                if found is not None:
                    return found
        return None

    def _extras(self, arg: SyntaxTree) -> dict[str, SyntaxTree]:
        return {cast("SyntaxTree", extra).data: cast("SyntaxTree", extra) for extra in arg.children[1:]}

    def _source(self, arg: SyntaxTree) -> tuple[Rows, RowSet, SyntaxTree | None, Inside]:
        """Resolve the rows of an argument, and the tree of its value per row (None when it names the rows themselves)."""
        tree = cast("SyntaxTree", arg.children[0])
        extras = self._extras(arg)
        for kind in ("target", "within"):
            if kind in extras:
                raise FormulaError("E21", "TO and WITHIN belong to CONVERSION.", span_of(extras[kind]))
        whole = tree.data in ("name", "kpi") or (tree.data == "call" and str(tree.children[0]).upper() == "REACHED")
        named = tree if whole else self._first_rows(tree)
        if named is None:
            kpi = next(iter(tree.find_data("kpi")), None)
            if kpi is not None:
                self._rows(kpi, None)
            raise FormulaError(
                "E01", "Here belongs a list of rows or a column of one, such as won_deals.amount.", span_of(tree)
            )
        rows, rowset = self._rows(named, extras.get("on"))
        return rows, rowset, None if whole else tree, Inside(rows.name, rowset.columns, self.scope.currency)

    def _where(self, arg: SyntaxTree, inside: Inside) -> Node | None:
        where = self._extras(arg).get("where")
        return None if where is None else inside.test(where.children[1])  # type: ignore[arg-type]  # after the keyword stands a rule

    def _aggregate(self, name: str, arguments: list[SyntaxTree], span: Span, place: Span) -> tuple[Node, Unit]:
        if not arguments:
            raise FormulaError(
                "E21", f"{name} needs rows, such as {name}(won_deals{'' if name == 'COUNT' else '.amount'}).", span
            )
        function = _CONDITIONAL.get(name, name)
        rows, rowset, tree, inside = self._source(arguments[0])
        where = self._where(arguments[0], inside)
        rest = arguments[1:]
        parameter = None
        if name in _CONDITIONAL:
            tests = [inside.test(self._bare(arg)) for arg in rest]
            parts = ([where] if where is not None else []) + tests
            where = parts[0] if len(parts) == 1 else Logic(span, "AND", tuple(parts)) if parts else None
        elif function == "PERCENTILE":
            if len(rest) != 1:
                raise FormulaError("E21", "PERCENTILE takes rows and a share, such as 90%.", span)
            node, _ = self._number(self._bare(rest[0]))
            if not isinstance(node, Number) or not 0 <= node.value <= 1:
                raise FormulaError("E21", "The share lies between 0% and 100%.", span_of(rest[0]))
            parameter = node.value
        elif rest:
            hint = "Put conditions after WHERE."
            raise FormulaError("E21", f"{name} takes one list of rows.", span_of(rest[0]), hint=hint)
        if function == "COUNT":
            value = None
            if tree is not None:
                node, _ = inside.value(tree)
                filled = IsBlank(node.span, node, negated=True)
                where = filled if where is None else Logic(span, "AND", (where, filled))
            return Aggregate(span, function, rows, value, where), COUNT
        if tree is None:
            fixes = ()
            if "amount" in rowset.columns:
                text = f"{function}({rows.name}.amount)"
                fixes = (Suggestion(text, text, span),)
            raise FormulaError("E13", f"{name} needs a column of {rows.name}.", span_of(arguments[0]), fixes)
        value, kind = inside.value(tree)
        if function == "COUNT_DISTINCT":
            return Aggregate(span, function, rows, value, where), COUNT
        if not isinstance(kind, Unit):
            raise FormulaError("E16", f"{name} needs numbers.", span_of(tree))
        return Aggregate(span, function, rows, value, where, parameter), kind

    def _share(self, arguments: list[SyntaxTree], span: Span) -> tuple[Node, Unit]:
        arg = self._arity("SHARE", arguments, 1, 1, span)[0]
        rows, _, tree, inside = self._source(arg)
        where = self._where(arg, inside)
        if where is None or tree is not None:
            hint = "For example SHARE(won_deals WHERE amount >= 10000)."
            raise FormulaError("E21", "SHARE needs rows, WHERE and a test.", span, hint=hint)
        return Proportion(
            span, Aggregate(span, "COUNT", rows, None, where), Aggregate(span, "COUNT", rows, None, None)
        ), PERCENT

    def _conversion(self, arguments: list[SyntaxTree], span: Span) -> tuple[Node, Unit]:
        arg = self._arity("CONVERSION", arguments, 1, 1, span)[0]
        extras = self._extras(arg)
        target = extras.get("target")
        if target is None:
            hint = "For example CONVERSION(created_leads TO meetings WITHIN 30 DAYS)."
            raise FormulaError("E21", "CONVERSION needs TO and the rows that should follow.", span, hint=hint)
        first = cast("SyntaxTree", arg.children[0])
        rows, rowset = self._rows(first, extras.get("on"))
        where = self._where(arg, Inside(rows.name, rowset.columns, self.scope.currency))
        own = self.dimensions
        goal, goalset = self._rows(cast("SyntaxTree", target.children[1]), None)
        self.dimensions = own  # the columns of the cohort decide the slices
        inner = next((cast("SyntaxTree", child) for child in target.children[2:]), None)
        goal_where = None
        if inner is not None:
            goal_where = Inside(goal.name, goalset.columns, self.scope.currency).test(
                cast("SyntaxTree", inner.children[1])
            )
        if not _LINKS.get(rowset.entity, frozenset()) & _LINKS.get(goalset.entity, frozenset()):
            hint = "They need a common id, such as the lead or the deal."
            raise FormulaError("E23", f"Nothing links {rows.name} to {goal.name}.", span_of(first), hint=hint)
        within = None
        if "within" in extras:
            node, unit = self._number(extras["within"].children[1])
            if not isinstance(node, Number) or unit not in (DURATION, NUMBER):
                raise FormulaError("E21", "WITHIN takes a length of time, such as 30 DAYS.", span_of(extras["within"]))
            within = node.value
        return Conversion(span, rows, where, goal, goal_where, within), PERCENT


def _inside(one: Aggregate, other: Aggregate) -> bool:
    """Whether both count rows and every row of `one` is a row of `other`, by the same date."""
    if (
        (one.function, other.function) != ("COUNT", "COUNT")
        or one.rows.anchor != other.rows.anchor
        or one.rows.stage != other.rows.stage
    ):
        return False
    if one.rows.name != other.rows.name and ROW_SETS[one.rows.name].subset_of != other.rows.name:
        return False
    return _conjuncts(other.where) <= _conjuncts(one.where)


def _conjuncts(where: Node | None) -> frozenset[object]:
    if where is None:
        return frozenset()
    parts = where.operands if isinstance(where, Logic) and where.operator == "AND" else (where,)
    return frozenset(shape(part) for part in parts)


def shape(node: object) -> object:
    """Return a node without its places and its row sets' names: equal for two tests that say the same."""
    if isinstance(node, Node):
        parts: Any = [getattr(node, item.name) for item in fields(node) if item.name not in ("span", "rows")]
        return (type(node).__name__, *(shape(part) for part in parts))
    return tuple(shape(part) for part in node) if isinstance(node, tuple) else node
