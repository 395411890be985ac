"""From text to a syntax tree, with sentences for what cannot be read."""

from collections.abc import Iterator
from functools import cache, lru_cache
from typing import cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from kpidesk.formula.errors import FormulaError
from kpidesk.formula.scan import scan
from kpidesk.formula.unexpected import unexpected, unreadable

MAX_LENGTH = 4_000
SyntaxTree = Tree[Token]


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


@lru_cache(maxsize=256)  # every import and every question reads the formulas of the catalogue; nobody changes a tree
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
        raise unreadable(text, error.pos_in_stream or 0) from None
    except UnexpectedToken as error:
        raise unexpected(folded, error) from None
    return cast("SyntaxTree", tree.children[0])
