"""The tests of SUMIFS and its kin. A criterion as Excel writes it is an error that offers the test it stands for."""

import re
from typing import cast

from kpidesk.domain.unit import Unit
from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.inside import Inside, refuse_clauses
from kpidesk.formula.literals import text_value
from kpidesk.formula.nodes import Column, Node
from kpidesk.formula.syntax import SyntaxTree, span_of

_CRITERION = re.compile(r"\s*(<=|>=|<>|=|<|>)?\s*(.*?)\s*\Z", re.DOTALL)
_NUMBER = re.compile(r"-?\d+(\.\d+)?\Z")


def criteria(name: str, arguments: list[SyntaxTree], inside: Inside) -> list[Node]:
    """Check the tests of a function such as SUMIFS; E11 with a mend for a column followed by a criterion."""
    tests: list[Node] = []
    for place, arg in enumerate(arguments[1:], 1):
        refuse_clauses(arg)
        try:
            tests.append(inside.test(_value(arg)))
        except FormulaError as error:
            mend = _mend(name, arguments, place, inside)
            if error.code != "E11" or mend is None:
                raise
            raise FormulaError(error.code, error.message, (error.start, error.end), (mend,), error.hint) from None
    return tests


def refuse_range_first(name: str, arguments: list[SyntaxTree], inside: Inside) -> None:
    """Refuse Excel's order of SUMIF and AVERAGEIF, a range, its criterion and the column to add up, by offering the order here."""
    if name not in ("SUMIF", "AVERAGEIF") or len(arguments) != 3:
        return
    column, criterion, values = (_value(arg) for arg in arguments)
    test = _test(column, criterion, inside)
    value = inside.value(values)[0]
    if test is None or not isinstance(value, Column):
        return
    text = f"{inside.rows}.{value.name}, {test}"
    mend = Suggestion(text, text, (span_of(column)[0], span_of(values)[1]))
    message = "Here a condition is one test, not a column and a criterion."
    hint = f"For example {name}(won_deals.amount, amount >= 500)."
    raise FormulaError("E11", message, span_of(criterion), (mend,), hint)


def _value(arg: SyntaxTree) -> SyntaxTree:
    return cast("SyntaxTree", arg.children[0])


def _mend(name: str, arguments: list[SyntaxTree], place: int, inside: Inside) -> Suggestion | None:
    """Return the test that is meant: by a column and the criterion after it, or by a criterion alone, which is of the first column."""
    tree = _value(arguments[place])
    if tree.data != "text":
        following = arguments[place + 1 : place + 2]
        text = _test(tree, _value(following[0]), inside) if following else None
        return None if text is None else Suggestion(text, text, (span_of(tree)[0], span_of(following[0])[1]))
    first = _value(arguments[0])
    text = _test(first, tree, inside) if place == 1 else None
    if text is None:
        return None
    if name.startswith("COUNT"):
        whole = f"{inside.rows}, {text}"
        return Suggestion(whole, whole, (span_of(first)[0], span_of(tree)[1]))
    return Suggestion(text, text, span_of(tree))


def _test(column: SyntaxTree, criterion: SyntaxTree, inside: Inside) -> str | None:
    """Return a column and a criterion as one test, None when they are something else."""
    if column.data not in ("name", "column", "call_column") or criterion.data not in ("text", "number", "money"):
        return None
    try:
        node, kind = inside.value(column)
    except FormulaError:
        return None
    if not isinstance(node, Column):
        return None
    written = str(criterion.children[0])
    if criterion.data != "text":
        return f"{node.name} = {written}" if isinstance(kind, Unit) else None
    found = _CRITERION.match(text_value(written))
    operator, value = (found.group(1) or "=", found.group(2)) if found else ("=", "")
    if isinstance(kind, Unit) and _NUMBER.match(value):
        return f"{node.name} {operator} {value}"
    if isinstance(kind, Unit) or kind in ("flag", "test"):
        return None
    if kind == "text" and operator == "=" and len(value) > 2 and value[0] == value[-1] == "*":
        operator, value = "CONTAINS", value.strip("*")
    quoted = value.replace('"', '""')
    return f'{node.name} {operator} "{quoted}"'
