"""What may be compared with what, row by row: units with units, texts with texts, and a text beside a date is read as a date."""

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date

from kpidesk.domain.unit import DURATION, NUMBER, Unit
from kpidesk.formula import units
from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.literals import number_text
from kpidesk.formula.nodes import Arithmetic, Between, Comparison, Day, Node, Number, Span, Text

Kind = Unit | str  # "text", "date", "flag", "test" or "blank" where there is no unit
Typed = tuple[Node, Kind]

_EPOCH = date(1970, 1, 1)
_TRUTHS = ("test", "flag")
_WORDS = {"text": "a text", "date": "a date", "flag": "yes or no", "test": "yes or no", "blank": "blank"}
_TRUTH_WORDS = {**dict.fromkeys(("1", "yes", "true"), "TRUE"), **dict.fromkeys(("0", "no", "false"), "FALSE")}
_NUMBER = re.compile(r"\d+(\.\d+)?\Z")
_DATE = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})\Z")
_FLIPPED = {"=": "=", "<>": "<>", "<": ">", "<=": ">=", ">": "<", ">=": "<="}


def word_of(kind: Kind) -> str:
    """Return what a person calls a kind of value."""
    return kind.name if isinstance(kind, Unit) else _WORDS[kind]


def paired(left: Typed, right: Typed, span: Span) -> tuple[Node, Node]:
    """Return two sides that can be compared, a text beside a date read as a day; E18 when they cannot."""
    (one, first), (two, second) = left, right
    if first == "date" and isinstance(two, Text):
        return one, _day(two)
    if second == "date" and isinstance(one, Text):
        return _day(one), two
    if isinstance(first, Unit) and isinstance(second, Unit):
        units.compared((one, first), (two, second), span)
        return one, two
    if (first == second and first != "blank") or (first in _TRUTHS and second in _TRUTHS):
        return one, two
    meant = _meant(first, two)
    mends = () if meant is None else (Suggestion(meant, meant, two.span),)
    raise FormulaError("E18", f"You compare {word_of(first)} with {word_of(second)}.", span, mends)


def _meant(kind: Kind, node: Node) -> str | None:
    """Return what a value beside one of another kind was meant to be: a number in quotes, a text or a date without them, yes or no."""
    written = (
        node.value.strip() if isinstance(node, Text) else number_text(node.value) if isinstance(node, Number) else ""
    )
    if kind == "date":
        day = _calculated_day(node)
        return None if day is None else f'"{day}"'
    if kind == "text" and isinstance(node, Number):
        return f'"{written}"'
    if isinstance(kind, Unit) and _NUMBER.match(written):
        return written
    return _TRUTH_WORDS.get(written.casefold()) if kind in _TRUTHS else None


def _calculated_day(node: Node) -> date | None:
    """Return the day that was meant by a date without quotes, which reads as a calculation: 2025-03-31 or 31/3/2025."""
    if not isinstance(node, Arithmetic) or not isinstance(node.left, Arithmetic) or node.operator != node.left.operator:
        return None
    numbers = [part.value for part in (node.left.left, node.left.right, node.right) if isinstance(part, Number)]
    if len(numbers) != 3 or node.operator not in ("-", "/"):
        return None
    try:
        year, month, day = (int(number) for number in (numbers if node.operator == "-" else reversed(numbers)))
        return date(year, month, day)
    except (ValueError, OverflowError):
        return None


def between(operand: Typed, ends: tuple[Typed, Typed], span: Span) -> Node:
    """Return the test whether a value lies between two others; E18 when they cannot be compared."""
    (low, _), (high, _) = ends
    if operand[1] == DURATION and all(isinstance(one, Number) and kind == NUMBER for one, kind in ends):
        texts = [" AND ".join(units.timed(one, word) for one in (low, high)) for word in ("DAY", "HOUR")]  # type: ignore[arg-type]
        mends = tuple(Suggestion(text, text, (low.span[0], high.span[1])) for text in texts)
        raise FormulaError("E18", "You compare duration with number.", span, mends)
    one, other = (paired(operand, end, span)[1] for end in ends)
    return Between(span, operand[0], one, other)


def comparison(operator: str, left: Typed, right: Typed, places: tuple[Span, Span], span: Span) -> Node:
    """Return the comparison of two sides, with a literal text on the right; E18 when they cannot be compared."""
    if "blank" in (left[1], right[1]):
        raise compared_with_blank(operator, right[1] == "blank", places)
    one, two = paired(left, right, span)
    if isinstance(one, Text) and isinstance(two, Text):
        raise FormulaError("E18", "You compare two texts; one side has to be a column.", span)
    if operator not in ("=", "<>") and left[1] in _TRUTHS:
        raise FormulaError("E18", "Yes or no can only be compared with = and <>.", span)
    if isinstance(one, Text):
        return Comparison(span, _FLIPPED[operator], two, one)
    return Comparison(span, operator, one, two)


def compared_with_blank(operator: str, at_end: bool, places: tuple[Span, Span]) -> FormulaError:
    """Return the error for `x = BLANK`, which is true for no row. `places` are the spans of the two sides."""
    mends: tuple[Suggestion, ...] = ()
    if at_end and operator in ("=", "<>"):
        test = "IS BLANK" if operator == "=" else "IS NOT BLANK"
        mends = (Suggestion(test, f" {test}", (places[0][1], places[1][1])),)
    return FormulaError("E18", "Nothing is equal to BLANK. Ask with IS BLANK.", (places[0][0], places[1][1]), mends)


def _day(text: Text) -> Node:
    try:
        return Day(text.span, (date.fromisoformat(text.value.strip()) - _EPOCH).days)
    except ValueError:
        hint = 'Write dates as "2025-03-31".'
        mends = tuple(Suggestion(day, day, text.span) for day in dict.fromkeys(_readings(text.value)))
        raise FormulaError("E18", f"“{text.value}” is not a date I can read.", text.span, mends, hint) from None


def _readings(written: str) -> Iterator[str]:
    """Yield the days that a date of another style may mean, in quotes: 2025-3-1, 31/03/2025, and both of 3/4/2025."""
    found = _DATE.match(written.strip())
    first, second, third = (int(part) for part in found.groups()) if found else (0, 0, 0)
    for year, month, day in ((first, second, third), (third, second, first), (third, first, second)):
        with suppress(ValueError):
            if year > 1900:
                yield f'"{date(year, month, day)}"'
