"""From text to a syntax tree, with sentences for what cannot be read."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.formula.scan import scan

MAX_LENGTH = 4_000
SyntaxTree = Tree[Token]

_CELL = re.compile(r"[A-Za-z]{1,3}\d{1,7}\Z")
_WORDS = re.compile(r"(?:(?<=\W)|\A)[^\W\d]\w*(?:[ \t]+[^\W\d]\w*)*[ \t]+\Z")
_KEYWORDS = (
    "AND",
    "OR",
    "NOT",
    "IN",
    "BETWEEN",
    "IS",
    "CONTAINS",
    "WHERE",
    "ON",
    "TO",
    "WITHIN",
    "TRUE",
    "FALSE",
    "BLANK",
)
_COUNTED = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}


@cache
def parser() -> Lark:
    """Return the parser of the grammar, built once."""
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
    )


def span_of(tree: SyntaxTree | Token) -> tuple[int, int]:
    """Return the offsets [start, end) of a part of the tree."""
    if isinstance(tree, Token):
        return cast("int", tree.start_pos), cast("int", tree.end_pos)
    return tree.meta.start_pos, tree.meta.end_pos


def branches(tree: SyntaxTree) -> Iterator[SyntaxTree]:
    """Yield the rules below a rule, left to right, without its tokens."""
    for child in tree.children:
        if isinstance(child, Tree):
            yield child


def parse(text: str) -> SyntaxTree:
    """Parse a formula; FormulaError with code and place when it cannot be read."""
    if len(text) > MAX_LENGTH:
        message = f"A formula may have {MAX_LENGTH:,} characters; this one has {len(text):,}."
        raise FormulaError("E20", message, (MAX_LENGTH, len(text)))
    folded = scan(text)
    if not folded.strip():
        raise FormulaError("E07", "There is no formula yet.", (0, len(text)), hint="For example COUNT(won_deals).")
    try:
        tree = parser().parse(folded)
    except UnexpectedCharacters as error:
        place = error.pos_in_stream or 0
        raise _unreadable(text[place], (place, place + 1)) from None
    except UnexpectedToken as error:
        raise _unexpected(folded, error) from None
    return cast("SyntaxTree", tree.children[0])


def _unreadable(char: str, place: tuple[int, int]) -> FormulaError:
    if char.isprintable():
        return FormulaError("E07", f"I can't read “{char}” here.", place)
    mend = Suggestion("remove it", "", place)
    return FormulaError("E07", f"There is a character that cannot be seen here (U+{ord(char):04X}).", place, (mend,))


def _unexpected(text: str, error: UnexpectedToken) -> FormulaError:
    """Put into words why a token does not fit."""
    token: Any = error.token
    if token.type == "$END":
        return FormulaError(
            "E07", "The formula ends too early.", (len(text), len(text)), hint="Something is missing at the end."
        )
    place = (int(token.start_pos), int(token.end_pos))
    if token.type == "COMMA":
        decimal = re.compile(r"\d+,\d+").search(text, max(place[0] - 30, 0))
        if decimal is not None and decimal.start() < place[0] < decimal.end():
            plain = decimal.group().replace(",", ".")
            mend = Suggestion(plain, plain, decimal.span())
            return FormulaError("E08", "Write decimals with a point.", decimal.span(), (mend,))
    if token.type == "WHERE" and not _in_brackets(text, place[0]):
        hint = 'For example COUNT(won_deals WHERE source = "Inbound").'
        return FormulaError("E07", "WHERE belongs inside the brackets of a function.", place, hint=hint)
    words = _WORDS.search(text[max(place[0] - 200, 0) : place[0]])
    if token.type == "NAME" and words is not None:
        return _run_of_words(words.group(), str(token), place)
    if "NAME" in (error.accepts or ()):
        return FormulaError(
            "E07",
            f"“{text[slice(*place)]}” does not fit here.",
            place,
            hint="Before it a number, a KPI or a function is missing.",
        )
    return FormulaError(
        "E07",
        f"“{text[slice(*place)]}” does not fit here.",
        place,
        hint="An operator or a comma may be missing before it.",
    )


def _in_brackets(text: str, index: int) -> bool:
    before = re.sub(r'"[^"]*"|\'[^\']*\'|\[[^\]]*\]', "", text[:index])
    return before.count("(") > before.count(")")


def _run_of_words(before: str, last: str, place: tuple[int, int]) -> FormulaError:
    names = [*before.split(), last]
    after = max((at for at, name in enumerate(names) if name.upper() in _KEYWORDS), default=-1) + 1
    before, names = before[_start_of(before, after) :], names[after:]
    if len(names) < 2:
        hint = "An operator or a comma may be missing before it."
        return FormulaError("E07", f"“{last}” does not fit here.", place, hint=hint)
    if names[-2].casefold() in ROW_SETS:
        mend = Suggestion(f"WHERE {last}", "WHERE ", (place[0], place[0]))
        return FormulaError("E07", f"“{last}” does not fit here.", place, (mend,), hint="A condition follows WHERE.")
    whole = (place[0] - len(before), place[1])
    phrase, joined = " ".join(names), "_".join(names)
    mends = (
        Suggestion(f"[{phrase}] if this is one KPI name", f"[{phrase}]", whole),
        Suggestion(joined, joined, whole),
    )
    number = _COUNTED.get(len(names), str(len(names)))
    return FormulaError("E07", f"“{phrase}” are {number} words with nothing between them.", whole, mends)


def _start_of(words: str, number: int) -> int:
    """Return where the word with a number, from 0, starts."""
    starts = [match.start() for match in re.finditer(r"\S+", words)]
    return starts[number] if number < len(starts) else len(words)


def looks_like_cell(name: str) -> bool:
    """Whether a name is a spreadsheet address such as B4."""
    return _CELL.match(name) is not None
