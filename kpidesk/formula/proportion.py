"""Which quotients are true proportions: the rows above the line are a part of the rows below it (semantics 3.4)."""

from dataclasses import fields

from kpidesk.formula.nodes import Aggregate, Logic, Node, Text
from kpidesk.formula.rowsets import ROW_SETS


def is_part(one: Node, other: Node) -> bool:
    """Whether both count rows and every row of `one` is a row of `other`, by the same date."""
    if not isinstance(one, Aggregate) or not isinstance(other, Aggregate):
        return False
    if one.function != "COUNT" or other.function != "COUNT":
        return False
    if (one.rows.anchor, one.rows.stage) != (other.rows.anchor, other.rows.stage):
        return False
    if other.rows.name not in (one.rows.name, ROW_SETS[one.rows.name].subset_of):
        return False
    return _conjuncts(other.where) <= _conjuncts(one.where)


def _conjuncts(where: Node | None) -> frozenset[object]:
    if where is None:
        return frozenset()
    if isinstance(where, Logic) and where.operator == "AND":
        return frozenset[object]().union(*(_conjuncts(part) for part in where.operands))
    return frozenset({shape(where)})


def shape(node: object) -> object:
    """Return a node without its places and its row set's name: equal for two tests that say the same."""
    if isinstance(node, Text):
        return ("Text", " ".join(node.value.split()).casefold())
    if isinstance(node, Node):
        parts = (getattr(node, item.name) for item in fields(node) if item.name not in ("span", "rows"))
        return (type(node).__name__, *(shape(part) for part in parts))
    return tuple(shape(part) for part in node) if isinstance(node, tuple) else node
