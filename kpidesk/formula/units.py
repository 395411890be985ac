"""The arithmetic of units: what may be added, multiplied and compared (semantics 3.4)."""

from kpidesk.domain.unit import MONEY, NUMBER, Tag, Unit
from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.nodes import Blank, Node, Number, Span

_PLAIN = (Tag.PERCENT, Tag.RATIO, Tag.COUNT, Tag.NUMBER)


def is_zero(node: Node) -> bool:
    """Whether a node is the literal 0 or BLANK, which fit every unit."""
    return isinstance(node, Blank) or (isinstance(node, Number) and node.value == 0)


def _plain(unit: Unit) -> bool:
    return unit.money == 0 and unit.days == 0


def added(left: Unit, right: Unit, nodes: tuple[Node, Node], operator: str, place: Span) -> Unit:
    """Return the unit of a sum or difference; E16 when the sides measure different things."""
    if is_zero(nodes[0]):
        return right
    if is_zero(nodes[1]):
        return left
    if (left.money, left.days) != (right.money, right.days):
        verb = "add" if operator == "+" else "subtract"
        hint = f"Left of {operator} is {left.name}, right is {right.name}."
        raise FormulaError("E16", f"You can't {verb} {left.name} and {right.name}.", place, hint=hint)
    if not _plain(left):
        return left
    return Unit(tag=min(left.tag, right.tag, key=_PLAIN.index))


def multiplied(left: Unit, right: Unit, place: Span) -> Unit:
    """Return the unit of a product; E17 for money times money."""
    money, days = left.money + right.money, left.days + right.days
    if money > 1:
        raise FormulaError(
            "E17", "Money times money has no meaning.", place, hint="One side should be a count, a rate or a percent."
        )
    if money or days:
        return Unit(money, days)
    if NUMBER in (left, right):
        return right if left == NUMBER else left
    if Tag.COUNT in (left.tag, right.tag):
        return Unit(tag=Tag.NUMBER if left.tag == right.tag else Tag.COUNT)
    return left if left.tag == right.tag else Unit(tag=Tag.RATIO)


def divided(left: Unit, right: Unit, place: Span) -> Unit:
    """Return the unit of a quotient; two amounts or two counts give a ratio."""
    money, days = left.money - right.money, left.days - right.days
    if money < 0:
        raise FormulaError("E17", f"{left.name.capitalize()} divided by {right.name} has no meaning here.", place)
    if money or days:
        return Unit(money, days)
    if right == NUMBER and _plain(left):
        return left
    return Unit(tag=Tag.RATIO)


def compared(left: Unit, right: Unit, nodes: tuple[Node, Node], place: Span) -> None:
    """Check that two sides can be compared: equal dimensions, or a plain number with money (the workspace's currency)."""
    if (left.money, left.days) == (right.money, right.days) or is_zero(nodes[0]) or is_zero(nodes[1]):
        return
    if {left, right} == {MONEY, NUMBER}:
        return
    fixes: tuple[Suggestion, ...] = ()
    for unit, node, other in ((right, nodes[1], left), (left, nodes[0], right)):
        if isinstance(node, Number) and unit == NUMBER and other.name == "duration":
            text = f"{node.value:g}"
            fixes = tuple(Suggestion(f"{text} {word}", f"{text} {word}", node.span) for word in ("DAYS", "HOURS"))
    raise FormulaError("E18", f"You compare {left.name} with {right.name}.", place, fixes)
