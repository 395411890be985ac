"""Checking functions over rows: which rows, which column, which condition (semantics 1.2 and 3.3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from lark import Token, Tree

from kpidesk.domain.unit import COUNT, DURATION, NUMBER, PERCENT, Unit
from kpidesk.formula import units
from kpidesk.formula.criteria import criteria, refuse_range_first
from kpidesk.formula.errors import FormulaError, Suggestion, nearest
from kpidesk.formula.functions import CONDITIONAL, FUNCTIONS, Group, stands
from kpidesk.formula.inside import Inside, finished_kpi, reached_stage, refuse_clauses, unknown_rows
from kpidesk.formula.literals import literal
from kpidesk.formula.nodes import Aggregate, Column, Conversion, IsBlank, Logic, Node, Number, Proportion, Rows, Span
from kpidesk.formula.rowsets import ROW_SETS, Ground, RowSet, RowSets
from kpidesk.formula.syntax import SyntaxTree, branches, span_of
from kpidesk.formula.unexpected import looks_like_cell, spreadsheet_cell

Measured = tuple[Node, Unit]

_TESTS = ("compare", "is_in", "not_in", "between", "is_blank", "is_not_blank", "contains", "not_of", "all_of", "any_of")

# What joins the rows of two sets: they need one id in common.
_LINKS: Mapping[str, frozenset[str]] = {
    "deals": frozenset({"deal", "lead", "customer"}),
    "leads": frozenset({"lead"}),
    "activities": frozenset({"deal", "lead"}),
    "stage_history": frozenset({"deal"}),
    "customers": frozenset({"customer"}),
    "transactions": frozenset({"customer"}),
}


@dataclass(frozen=True, slots=True)
class _Source:
    """The rows of an argument, its value per row (None when it names the rows themselves) and its condition."""

    rows: Rows
    rowset: RowSet
    tree: SyntaxTree | None
    inside: Inside
    where: Node | None


def over_rows(name: str, arguments: list[SyntaxTree], ground: Ground, span: Span) -> Measured:
    """Check a call of a function over rows; `arguments` are its `arg` trees."""
    if not arguments:
        raise FormulaError("E21", f"{name} needs rows, such as {FUNCTIONS[name].example}.", span)
    if name == "CONVERSION":
        return _conversion(FUNCTIONS[name].arity(arguments, span)[0], ground, span)
    source = _source(name, arguments[0], ground)
    if name == "SHARE":
        FUNCTIONS[name].arity(arguments, span)
        return _share(source, span)
    return _aggregate(name, source, arguments, span)


def _aggregate(name: str, source: _Source, arguments: list[SyntaxTree], span: Span) -> Measured:
    function, where, parameter, rest = CONDITIONAL.get(name, name), source.where, None, arguments[1:]
    if name in CONDITIONAL:
        refuse_range_first(name, arguments, source.inside)
        FUNCTIONS[name].arity(arguments, span)
        where = _joined([where, *criteria(name, arguments, source.inside)], span)
    elif name == "PERCENTILE":
        parameter = _parameter(FUNCTIONS[name].arity(arguments, span)[1], source.inside.currency)
    elif rest:
        hint = "Put conditions after WHERE."
        raise FormulaError("E21", f"{name} takes one list of rows.", span_of(rest[0]), _as_where(arguments), hint)
    if source.tree is None:
        if function != "COUNT":
            raise _column_needed(name, source, arguments[0], span)
        _refuse_target(source, function, span)
        return Aggregate(span, function, source.rows, None, where), COUNT
    value, kind = source.inside.value(source.tree)
    _refuse_target(source, function, span, value)
    place = span_of(source.tree)
    if kind in ("test", "flag") and not isinstance(value, Column):
        raise FormulaError(
            "E11", "A condition follows WHERE.", place, hint="For example COUNT(won_deals WHERE amount > 0)."
        )
    if function == "COUNT":
        filled = IsBlank(value.span, value, negated=True)
        return Aggregate(span, function, source.rows, None, _joined([where, filled], span)), COUNT
    if function == "COUNT_DISTINCT":
        if not isinstance(kind, Unit) and kind != "text":
            raise FormulaError("E16", "COUNT_DISTINCT counts texts or numbers.", place)
        return Aggregate(span, function, source.rows, value, where), COUNT
    if not isinstance(kind, Unit):
        raise FormulaError("E16", f"{name} needs numbers.", place)
    return Aggregate(span, function, source.rows, value, where, parameter, kind), kind


def _as_where(arguments: list[SyntaxTree]) -> tuple[Suggestion, ...]:
    """Suggest WHERE or AND for the comma before a test that stands as a value of its own."""
    first, second = arguments[:2]
    clauses = clauses_of(first)
    tests = [tree for tree in (second, clauses.get("where")) if tree is not None]
    kinds = [next(branches(tree)).data for tree in tests]
    if len(arguments) > 2 or kinds[0] not in _TESTS or "any_of" in kinds or clauses.keys() - {"where"}:
        return ()
    word = "AND" if "where" in clauses else "WHERE"
    return (Suggestion(word, f" {word} ", (span_of(first)[1], span_of(second)[0])),)


def _column_needed(name: str, source: _Source, arg: SyntaxTree, span: Span) -> FormulaError:
    rows, place = source.rows.name, span_of(arg)
    fixes: tuple[Suggestion, ...] = ()
    if name == "COUNT_DISTINCT":
        if place == span_of(arg.children[0]) and source.rows.stage is None:
            fixes = (Suggestion(f"COUNT({rows})", f"COUNT({rows})", span),)
    elif "amount" in source.rowset.columns:
        end = span_of(arg.children[0])[1]
        fixes = (Suggestion(f"{rows}.amount", ".amount", (end, end)),)
    return FormulaError("E13", f"{name} needs a column of {rows}.", place, fixes)


def _refuse_target(source: _Source, function: str, span: Span, value: Node | None = None) -> None:
    """Targets are amounts spread over time: anything but their sum would have no meaning."""
    if source.rowset.entity != "targets" or (
        function == "SUM" and isinstance(value, Column) and value.name == "amount"
    ):
        return
    text = f"SUM({source.rows.name}.amount)"
    message = f"{source.rows.name} are spread over time, so only their sum has a meaning."
    raise FormulaError("E13", message, span, (Suggestion(text, text, span),))


def _parameter(arg: SyntaxTree, currency: str) -> float:
    refuse_clauses(arg)
    node = literal(cast("SyntaxTree", arg.children[0]), currency)
    if not isinstance(node, Number) or node.unit not in (NUMBER, PERCENT) or not 0 <= node.value <= 1:
        raise FormulaError("E21", "PERCENTILE takes a share from 0% to 100%, such as 90%.", span_of(arg))
    return node.value


def _joined(parts: list[Node | None], span: Span) -> Node | None:
    tests = tuple(part for part in parts if part is not None)
    if len(tests) > 1:
        return Logic(span, "AND", tests)
    return tests[0] if tests else None


def _share(source: _Source, span: Span) -> Measured:
    if source.where is None or source.tree is not None:
        hint = "For example SHARE(won_deals WHERE amount >= 10000)."
        raise FormulaError("E21", "SHARE needs rows, WHERE and a test.", span, hint=hint)
    _refuse_target(source, "SHARE", span)
    part, whole = (Aggregate(span, "COUNT", source.rows, None, where) for where in (source.where, None))
    return Proportion(span, part, whole), PERCENT


def _conversion(arg: SyntaxTree, ground: Ground, span: Span) -> Measured:
    clauses = clauses_of(arg)
    goal = clauses.get("target")
    if goal is None:
        hint = "For example CONVERSION(created_leads TO meetings WITHIN 30 DAYS)."
        raise FormulaError("E21", "CONVERSION needs TO and the rows that should follow.", span, hint=hint)
    first, second = cast("SyntaxTree", arg.children[0]), next(branches(goal))
    rows, rowset = named_rows(first, clauses.get("on"), "CONVERSION", ground.row_sets)
    target, targetset = named_rows(second, None, "CONVERSION", ground.row_sets)
    if not _share_id(rowset, targetset):
        hint = "They need a common id, such as the lead or the deal."
        raise FormulaError("E23", f"Nothing links {rows.name} to {target.name}.", span_of(first), hint=hint)
    for one, place in ((rowset, first), (targetset, second)):
        if one.stock:
            hint = "Use rows that happen on a day, such as created_deals or won_deals."
            raise FormulaError("E12", f"{one.name} have no day of their own.", span_of(place), hint=hint)
    where = condition(clauses.get("where"), Inside(rows.name, rowset.columns, ground.currency, rows.stage))
    inner = next((part for part in branches(goal) if part.data == "where"), None)
    goal_where = condition(inner, Inside(target.name, targetset.columns, ground.currency, target.stage))
    within = _within(clauses["within"], ground.currency) if "within" in clauses else None
    return Conversion(span, rows, where, target, goal_where, within), PERCENT


def linked(source: RowSet, target: RowSet) -> bool:
    """Whether a conversion can lead from one row set to another."""
    return _share_id(source, target) and not target.stock and not target.must_choose


def _share_id(one: RowSet, other: RowSet) -> bool:
    return bool(_LINKS.get(one.entity, frozenset()) & _LINKS.get(other.entity, frozenset()))


def _within(clause: SyntaxTree, currency: str) -> float:
    tree = next(branches(clause))
    node = literal(tree, currency)
    if isinstance(node, Number) and node.unit == DURATION:
        return node.value
    fixes = units.in_time(node) if isinstance(node, Number) and node.unit == NUMBER else ()
    raise FormulaError("E21", "WITHIN takes a length of time, such as 30 DAYS.", span_of(tree), fixes)


def clauses_of(arg: SyntaxTree) -> dict[str, SyntaxTree]:
    """Return the WHERE, ON, TO and WITHIN of an argument by rule name: where, on, target, within."""
    return {str(clause.data): clause for clause in list(branches(arg))[1:]}


def condition(clause: SyntaxTree | None, inside: Inside) -> Node | None:
    """Check the test of a WHERE clause, if there is one."""
    return None if clause is None else inside.test(next(branches(clause)))


def _source(name: str, arg: SyntaxTree, ground: Ground) -> _Source:
    tree, clauses = cast("SyntaxTree", arg.children[0]), clauses_of(arg)
    for kind in ("target", "within"):
        if kind in clauses:
            raise FormulaError("E21", "TO and WITHIN belong to CONVERSION.", span_of(clauses[kind]))
    plain = _ungrouped(tree)
    whole = plain.data in ("name", "kpi") or (plain.data == "call" and str(plain.children[0]).upper() == "REACHED")
    named = plain if whole else _first_rows(tree)
    if named is None:
        kpi = next(iter(tree.find_data("kpi")), None)
        if kpi is not None:
            raise finished_kpi(str(kpi.children[0]), span_of(kpi), name)
        raise _no_rows(tree, name)
    rows, rowset = named_rows(named, clauses.get("on"), name, ground.row_sets)
    inside = Inside(rows.name, rowset.columns, ground.currency, rows.stage)
    return _Source(rows, rowset, None if whole else tree, inside, condition(clauses.get("where"), inside))


def _no_rows(tree: SyntaxTree, function: str) -> FormulaError:
    """Return the error for an expression that names no column: another function over rows, two lists of rows, or neither."""
    inner = [cast("Token", call.children[0]) for call in tree.find_data("call")]
    for token in inner:
        if stands(token.upper(), Group.OVER_ROWS) and not stands(token.upper(), Group.IN_ROWS):
            hint = f"{function} combines the rows of one list; another function inside it has none left."
            return FormulaError("E13", f"{token.upper()} does not work row by row.", span_of(token), hint=hint)
    named = sorted((span_of(part), str(part.children[0])) for part in tree.find_data("name"))
    lists = [(span, name) for span, name in named if name.casefold() in ROW_SETS]
    if len(lists) > 1:
        (_, one), (span, other) = lists[:2]
        hint = "Combine two functions instead: COUNT(a) + COUNT(b)."
        return FormulaError(
            "E15", f"One function can use one list of rows; here are {one} and {other}.", span, hint=hint
        )
    message = "Here belongs a list of rows or a column of one, such as won_deals.amount."
    return FormulaError("E01", message, span_of(tree), hint="Write the rows before the column, with a dot between.")


def _ungrouped(tree: SyntaxTree) -> SyntaxTree:
    while tree.data == "group":
        tree = next(branches(tree))
    return tree


def _first_rows(tree: SyntaxTree) -> SyntaxTree | None:
    """Find the list of rows that an expression such as won_deals.amount * 2 is about: that of its first column."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if part.data == "column":
            return Tree("name", [part.children[0]], part.meta)
        if part.data == "call_column":
            return cast("SyntaxTree", part.children[0])
        waiting.extend(reversed(list(branches(part))))
    return None


def named_rows(tree: SyntaxTree, on: SyntaxTree | None, function: str, row_sets: RowSets) -> tuple[Rows, RowSet]:
    """Resolve a list of rows: a name, or reached("Demo")."""
    tree = _ungrouped(tree)
    span = span_of(tree)
    stage = None
    match tree.data:
        case "name":
            name, span = str(tree.children[0]), span_of(cast("Token", tree.children[0]))
        case "call":
            stage, name = reached_stage(tree), "stage_reached"
        case "kpi":
            bracket = str(tree.children[0])
            meant = bracket[1:-1].strip().casefold()
            raise finished_kpi(bracket, span, function, meant if meant in row_sets else None)
        case _:
            raise FormulaError("E01", "Here belongs a list of rows, such as won_deals.", span)
    rows = row_sets.get(name.casefold())
    if rows is None:
        raise spreadsheet_cell(name, span) if looks_like_cell(name) else unknown_rows(name, span)
    return Rows(rows.name, _anchor(rows, on, name, span), stage), rows


def _anchor(rows: RowSet, on: SyntaxTree | None, name: str, span: Span) -> str:
    if on is not None:
        word = cast("Token", on.children[1])
        dated = () if rows.stock or rows.entity == "targets" else rows.anchors
        if word.casefold() in dated:
            return word.casefold()
        message = f"{rows.name} cannot be placed by “{word}”"
        near = nearest(word, list(dated), span_of(word), 1)
        message = f"{message}, only by {' or '.join(dated)}." if dated else f"{message}."
        raise FormulaError("E12", message, span_of(on), near)
    if rows.must_choose:
        fixes = tuple(Suggestion(word, word, span) for word in ("created_deals", "closed_deals"))
        raise FormulaError("E12", f"“{name}” have several dates. Say which one decides the period.", span, fixes)
    return rows.anchors[0]
