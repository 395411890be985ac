"""Literals: numbers, durations, money, texts."""

from lark import Token

from kpidesk.domain.unit import DURATION, MONEY, NUMBER
from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.nodes import Blank, Node, Number, Text, Truth
from kpidesk.formula.syntax import SyntaxTree, span_of

_SIGNS = {"£": "GBP", "$": "USD", "€": "EUR"}
_DAYS = {
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


def unit_word(token: Token | str) -> str:
    """Return the singular of a unit of time, in capitals."""
    return token.upper().removesuffix("S")


def literal(tree: SyntaxTree, currency: str) -> Node | None:
    """Return the node of a literal, or None when `tree` is something else; E26 for a foreign currency sign."""
    span = span_of(tree)
    match tree.data:
        case "number":
            return Number(span, float(str(tree.children[0])), NUMBER)
        case "quantity":
            amount, unit = (str(child) for child in tree.children)
            return Number(span, float(amount) * _DAYS[unit_word(unit)], DURATION)
        case "money":
            text = str(tree.children[0])
            if _SIGNS[text[0]] != currency:
                sign = next((sign for sign, code in _SIGNS.items() if code == currency), "")
                name = sign or currency
                plain = sign + text[1:].strip()
                message = f"This workspace reports in {name}; the formula says {text[0]}."
                raise FormulaError("E26", message, span, (Suggestion(plain, plain, span),))
            return Number(span, float(text[1:]), MONEY)
        case "text":
            return Text(span, text_value(str(tree.children[0])))
        case "true" | "false":
            return Truth(span, tree.data == "true")
        case "blank":
            return Blank(span)
    return None
