"""The arithmetic of units: what may be added, multiplied and compared (semantics 3.4)."""

from kpidesk.domain.unit import COUNT, DURATION, MONEY, NUMBER, Tag, Unit
from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.literals import number_text
from kpidesk.formula.nodes import Blank, Node, Number, Span

Measured = tuple[Node, Unit]

_PLAIN = (Tag.PERCENT, Tag.RATIO, Tag.COUNT, Tag.NUMBER)
# The kinds that a result can be shown as; anything else is calculated, with a warning.
_SHOWN = {(0, 0), (1, 0), (0, 1), (1, -1), (0, -1)}


def is_zero(node: Node) -> bool:
    """Whether a node is the literal 0 or BLANK, which fit every unit."""
    return isinstance(node, Blank) or (isinstance(node, Number) and node.value == 0 and node.unit == NUMBER)


def can_be_shown(unit: Unit) -> bool:
    """Whether a unit is one of money, count, percent, ratio, number, duration, money per day and count per day."""
    return (unit.money, unit.days) in _SHOWN


def _plain(unit: Unit) -> bool:
    return unit.money == 0 and unit.days == 0


def _joined(left: Measured, right: Measured) -> Unit | None:
    """Return the unit that two values share, or None when they measure different things."""
    (one, first), (two, second) = left, right
    if is_zero(one):
        return second
    if is_zero(two):
        return first
    if (first.money, first.days) != (second.money, second.days):
        return None
    if not _plain(first):
        return first
    return Unit(tag=min(first.tag, second.tag, key=_PLAIN.index))


def added(left: Measured, right: Measured, operator: str, place: Span) -> Unit:
    """Return the unit of a sum or difference; E16 when the sides measure different things."""
    unit = _joined(left, right)
    if unit is None:
        verb = "add" if operator == "+" else "subtract"
        hint = f"Left of {operator} is {left[1].name}, right is {right[1].name}."
        mends = _as_time(left, right)
        raise FormulaError("E16", f"You can't {verb} {left[1].name} and {right[1].name}.", place, mends, hint)
    return unit


def common(function: str, parts: list[Measured], place: Span) -> Unit:
    """Return the unit of a choice between values, as IF and MAX make it; E16 when they measure different things."""
    joined = parts[0]
    for part in parts[1:]:
        unit = _joined(joined, part)
        if unit is None:
            message = f"{function} gives {joined[1].name} in one case and {part[1].name} in another."
            raise FormulaError("E16", message, place, hint="All its results have to measure the same thing.")
        joined = (part[0] if is_zero(joined[0]) else joined[0], unit)
    return joined[1]


def multiplied(left: Unit, right: Unit, place: Span) -> Unit:
    """Return the unit of a product; E17 for money times money."""
    money, days = left.money + right.money, left.days + right.days
    if money > 1:
        raise FormulaError(
            "E17", "Money times money has no meaning.", place, hint="One side should be a count, a rate or a percent."
        )
    if money or days:
        return Unit(money, days)
    if left.days:  # so much a day, for some days
        return COUNT
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


def compared(left: Measured, right: Measured, place: Span) -> None:
    """Check that two sides can be compared: equal dimensions, or a plain number with money (the workspace's currency)."""
    (one, first), (two, second) = left, right
    if (first.money, first.days) == (second.money, second.days) or is_zero(one) or is_zero(two):
        return
    if {first, second} == {MONEY, NUMBER}:
        return
    raise FormulaError("E18", f"You compare {first.name} with {second.name}.", place, _as_time(left, right))


def _as_time(left: Measured, right: Measured) -> tuple[Suggestion, ...]:
    """Suggest units of time for a plain number that stands beside a duration."""
    for (node, unit), (_, other) in ((right, left), (left, right)):
        if isinstance(node, Number) and unit == NUMBER and other == DURATION:
            return in_time(node)
    return ()


def in_time(number: Number) -> tuple[Suggestion, ...]:
    """Suggest what a plain number may mean beside a duration."""
    texts = [timed(number, word) for word in ("DAY", "HOUR")]
    return tuple(Suggestion(text, text, number.span) for text in texts)


def timed(number: Number, unit: str) -> str:
    """Return a plain number as so much of a unit of time."""
    return f"{number_text(number.value)} {unit}{'' if number.value == 1 else 'S'}"
