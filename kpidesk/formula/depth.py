"""How deep a formula is, before anything walks down it: a hostile one gets a sentence, not a full stack."""

from dataclasses import dataclass

from kpidesk.formula.errors import FormulaError
from kpidesk.formula.functions import Group, stands
from kpidesk.formula.nodes import Span
from kpidesk.formula.syntax import SyntaxTree, branches, span_of

# Operations below one another, such as 1+1+1+… Every level costs a few frames of Python's stack of 1,000.
MAX_CHAIN = 150
# The same through references.
MAX_TOTAL = 220
# What is calculated twice: each level inside another doubles the work.
_MAX_DOUBLED = 5
_TRANSPARENT = ("arg", "group", "where", "on", "target", "within")


@dataclass(frozen=True, slots=True)
class Reference:
    """A name that may be a KPI, where it stands and below how many operations."""

    name: str
    span: Span
    depth: int


def measure(tree: SyntaxTree) -> tuple[int, list[Reference]]:
    """Return how deep a formula is and the names outside functions over rows; E20 when it is too deep."""
    deepest, references = 0, []
    waiting: list[tuple[SyntaxTree, int, int, bool]] = [(tree, 0, 0, True)]
    while waiting:
        part, depth, doubled, outside = waiting.pop()
        if part.data not in _TRANSPARENT:
            depth += 1
        name = str(part.children[0]).upper() if part.data == "call" else ""
        outside = outside and part.data != "where" and not _over_rows(name, part)
        if outside and (part.data == "between" or name == "GROWTH"):
            doubled += 1
        if depth > MAX_CHAIN:
            raise _too_deep(f"This formula chains more than {MAX_CHAIN} operations.", span_of(part))
        if doubled > _MAX_DOUBLED:
            raise _too_deep("GROWTH and BETWEEN stand inside each other too often.", span_of(part))
        deepest = max(deepest, depth)
        if outside and part.data in ("kpi", "name"):
            token = part.children[0]
            references.append(Reference(str(token).strip("[]"), span_of(part), depth))
        waiting.extend((branch, depth, doubled, outside) for branch in branches(part))
    references.reverse()
    return deepest, references


def _over_rows(name: str, call: SyntaxTree) -> bool:
    if not stands(name, Group.OVER_ROWS):
        return False
    return not stands(name, Group.OVER_RESULTS) or len(call.children) <= 2


def _too_deep(message: str, span: Span) -> FormulaError:
    return FormulaError("E20", message, span, hint="Split it into several KPIs.")
