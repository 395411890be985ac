"""Literals: numbers, durations, money, texts."""

from decimal import Decimal
from typing import cast

from lark import Token

from kpidesk.domain.unit import DURATION, MONEY, NUMBER, PERCENT
from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.nodes import Blank, Node, Number, Span, Text, Truth
from kpidesk.formula.syntax import SyntaxTree, span_of

# More than this cannot be told apart from its neighbours, let alone be a sales figure.
_LARGEST = 1e15
SIGNS = {"£": "GBP", "$": "USD", "€": "EUR"}
UNIT_DAYS = {
    "MINUTE": 1 / 1440,
    "HOUR": 1 / 24,
    "DAY": 1.0,
    "WEEK": 7.0,
    "MONTH": 30.436875,
    "QUARTER": 91.310625,
    "YEAR": 365.25,
}


def text_value(token: Token | str) -> str:
    """Return the text between the quotes, doubled quotes made single."""
    quote = token[0]
    return token[1:-1].replace(quote * 2, quote)


def number_text(value: float) -> str:
    """Write a number without an exponent, which the language does not read."""
    return format(Decimal(repr(value)), "f").removesuffix(".0")


def unit_word(token: Token | str) -> str:
    """Return the singular of a unit of time, in capitals."""
    return token.casefold().upper().removesuffix("S")


def literal(tree: SyntaxTree, currency: str) -> Node | None:
    """Return the node of a literal, or None when `tree` is something else.

    FormulaError E26 for a foreign currency sign, E20 for a number too large to mean anything.
    """
    span = span_of(tree)
    match tree.data:
        case "number":
            return Number(span, _amount(str(tree.children[0]), span), NUMBER)
        case "quantity":
            amount, unit = (str(child) for child in tree.children)
            return Number(span, _amount(amount, span) * UNIT_DAYS[unit_word(unit)], DURATION)
        case "money":
            return _money(str(tree.children[0]), span, currency)
        case "percent":
            inner = literal(cast("SyntaxTree", tree.children[0]), currency)
            if isinstance(inner, Number) and inner.unit in (NUMBER, PERCENT):
                return Number(span, inner.value / 100, PERCENT)
        case "text":
            return Text(span, text_value(str(tree.children[0])))
        case "true" | "false":
            return Truth(span, tree.data == "true")
        case "blank":
            return Blank(span)
    return None


def whole_number(tree: SyntaxTree) -> int | None:
    """Return the value of a literal such as 3 or -2, or None when `tree` is anything else."""
    if tree.data == "signed":
        inner = whole_number(cast("SyntaxTree", tree.children[1]))
        return None if inner is None else -inner if str(tree.children[0]) == "-" else inner
    text = str(tree.children[0]) if tree.data == "number" else ""
    return int(text) if text.isdecimal() and len(text) < 16 else None


def _amount(text: str, span: Span) -> float:
    value = float(text)
    if value > _LARGEST:
        raise FormulaError("E20", "This number is too large.", span)
    return value


def _money(text: str, span: Span, currency: str) -> Node:
    sign, amount = text[0], text[1:].strip()
    if SIGNS[sign] != currency:
        own = next((sign for sign, code in SIGNS.items() if code == currency), "")
        message = f"This workspace reports in {own or currency}; the formula says {sign}."
        raise FormulaError("E26", message, span, (Suggestion(own + amount, own + amount, span),))
    return Number(span, _amount(amount, span), MONEY)
