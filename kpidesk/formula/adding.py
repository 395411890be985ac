"""Whether a formula adds up over time: twice the days bring about twice the value, as of revenue but not of a rate or a stock."""

from collections.abc import Callable

from kpidesk.formula.nodes import Aggregate, Arithmetic, KpiRef, Negate, Node, Number, Only
from kpidesk.formula.rowsets import ROW_SETS

_ADDING = frozenset({"COUNT", "SUM", "COUNT_DISTINCT"})


def adds_up(node: Node, formula_of: Callable[[str], Node]) -> bool:
    """Return whether a formula counts or sums events, alone or added to others. `formula_of` gives the node of a KPI by id."""
    match node:
        case Aggregate():
            rows = ROW_SETS.get(node.rows.name)
            return node.function in _ADDING and (rows is None or not rows.stock)
        case KpiRef():
            return adds_up(formula_of(node.kpi), formula_of)
        case Negate() | Only():
            return adds_up(node.operand, formula_of)
        case Arithmetic(operator="+" | "-"):
            return adds_up(node.left, formula_of) and adds_up(node.right, formula_of)
        case Arithmetic(operator="*" | "/", right=Number()):
            return adds_up(node.left, formula_of)
        case Arithmetic(operator="*", left=Number()):
            return adds_up(node.right, formula_of)
    return False
