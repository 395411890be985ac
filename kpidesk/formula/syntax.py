"""From text to a syntax tree, with sentences for what cannot be read."""

import re
from functools import cache
from typing import Any, cast

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedCharacters, UnexpectedEOF, UnexpectedToken

from kpidesk.formula.errors import FormulaError, Suggestion

MAX_LENGTH = 4_000
MAX_DEPTH = 60
SyntaxTree = Tree[Token]

# One character for one, so that positions stay true.
_FOLDED = str.maketrans("“”„‘’‚×÷−–\u00a0\u2009\u202f\ufeff", "\"\"\"'''*/--    ")
_THOUSANDS = re.compile(r"(?<![\w.])\d{1,3}(?:,\d{3})+(?![\d])")
_CELL = re.compile(r"[A-Za-z]{1,3}\d{1,7}\Z")


@cache
def _parser() -> Lark:
    return Lark.open(
        "grammar.lark",
        rel_to=__file__,
        parser="lalr",
        lexer="contextual",
        propagate_positions=True,
        maybe_placeholders=False,
    )


def normalise(text: str) -> str:
    """Fold curly quotes, × ÷ − and odd spaces one to one, and blank out a leading =. The length stays the same."""
    folded = text.translate(_FOLDED)
    lead = re.match(r"\s*=(?!=)", folded)
    return folded if lead is None else " " * lead.end() + folded[lead.end() :]


def span_of(tree: SyntaxTree | Token) -> tuple[int, int]:
    """Return the offsets [start, end) of a part of the tree."""
    if isinstance(tree, Token):
        return cast("int", tree.start_pos), cast("int", tree.end_pos)
    return tree.meta.start_pos, tree.meta.end_pos


def _prescan(text: str) -> None:
    """Find quotes and brackets that do not close before the grammar gets to see them: pointing at them beats "unexpected end"."""
    stack: list[int] = []
    index, deepest = 0, 0
    while index < len(text):
        char = text[index]
        if char in "\"'":
            end = index + 1
            while end < len(text):
                if text[end] == char:
                    if text[end + 1 : end + 2] != char:
                        break
                    end += 1
                end += 1
            if end >= len(text):
                mend = Suggestion(f"add {char} after the text", char, (len(text), len(text)))
                raise FormulaError("E06", f"This text starts with {char} but never ends.", (index, len(text)), (mend,))
            index = end
        elif text.startswith("//", index):
            index = text.find("\n", index)
            if index < 0:
                break
        elif char == "[":
            end = text.find("]", index)
            if end < 0:
                mend = Suggestion("add ] at the end", "]", (len(text), len(text)))
                raise FormulaError("E04", "This [ is never closed.", (index, index + 1), (mend,))
            index = end
        elif char == "(":
            stack.append(index)
            deepest = max(deepest, len(stack))
            if deepest > MAX_DEPTH:
                raise FormulaError("E20", f"This is nested more than {MAX_DEPTH} levels deep.", (index, index + 1))
        elif char == ")":
            if not stack:
                mend = Suggestion("remove this )", "", (index, index + 1))
                raise FormulaError("E05", "This ) closes nothing.", (index, index + 1), (mend,))
            stack.pop()
        elif char == ";":
            mend = Suggestion("replace ; with ,", ",", (index, index + 1))
            raise FormulaError(
                "E09", "Arguments are separated with a comma, not a semicolon.", (index, index + 1), (mend,)
            )
        index += 1
    if stack:
        place = stack[-1]
        mend = Suggestion("add ) at the end", ")" * len(stack), (len(text), len(text)))
        raise FormulaError("E04", "This ( is never closed.", (place, place + 1), (mend,))


def parse(text: str) -> SyntaxTree:
    """Parse a formula; FormulaError with code and place when it cannot be read."""
    if len(text) > MAX_LENGTH:
        raise FormulaError(
            "E20", f"A formula may have {MAX_LENGTH:,} characters; this one has {len(text):,}.", (MAX_LENGTH, len(text))
        )
    if not text.strip(" =\t\r\n"):
        raise FormulaError("E07", "There is no formula yet.", (0, len(text)), hint="For example COUNT(won_deals).")
    folded = normalise(text)
    _prescan(folded)
    _prescan_depth(folded)
    try:
        return cast("SyntaxTree", _parser().parse(folded))
    except UnexpectedCharacters as error:
        place = error.pos_in_stream
        raise FormulaError("E07", f"I can't read “{folded[place]}” here.", (place, place + 1)) from None
    except UnexpectedToken as error:
        raise _unexpected(folded, error) from None
    except UnexpectedEOF:
        raise FormulaError("E07", "The formula ends too early.", (len(folded), len(folded))) from None


def _prescan_depth(text: str) -> None:
    """Refuse runs of prefix operators that would nest without brackets."""
    run = re.search(rf"(?:[-+]\s*){{{MAX_DEPTH},}}|(?:\bNOT\s+){{{MAX_DEPTH},}}", text, re.IGNORECASE)
    if run is not None:
        raise FormulaError("E20", f"This is nested more than {MAX_DEPTH} levels deep.", run.span())


def _unexpected(text: str, error: UnexpectedToken) -> FormulaError:
    token: Any = error.token
    if token.type == "$END":
        return FormulaError(
            "E07", "The formula ends too early.", (len(text), len(text)), hint="Something is missing at the end."
        )
    start, end = int(token.start_pos), int(token.end_pos)
    thousands = next((found for found in _THOUSANDS.finditer(text) if found.start() <= start <= found.end()), None)
    if thousands is not None:
        plain = thousands.group().replace(",", "")
        mend = Suggestion(plain, plain, thousands.span())
        return FormulaError("E08", "Write numbers without a thousands comma.", thousands.span(), (mend,))
    if token.type == "WHERE":
        hint = 'For example COUNT(won_deals WHERE source = "Inbound").'
        return FormulaError("E07", "WHERE belongs inside the brackets of a function.", (start, end), hint=hint)
    words = re.search(r"[^\W\d]\w*(?:[ \t]+[^\W\d]\w*)*[ \t]+\Z", text[:start])
    if token.type == "NAME" and words is not None:
        whole = (words.start(), end)
        phrase = " ".join(text[words.start() : end].split())
        number = {2: "two", 3: "three", 4: "four"}.get(len(phrase.split()), str(len(phrase.split())))
        mends = (
            Suggestion(f"[{phrase}] if this is one KPI name", f"[{phrase}]", whole),
            Suggestion(phrase.replace(" ", "_"), phrase.replace(" ", "_"), whole),
        )
        return FormulaError("E07", f"“{phrase}” are {number} words with nothing between them.", whole, mends)
    return FormulaError(
        "E07",
        f"“{text[start:end]}” does not fit here.",
        (start, end),
        hint="An operator or a comma may be missing before it.",
    )


def looks_like_cell(name: str) -> bool:
    """Whether a name is a spreadsheet address such as B4."""
    return _CELL.match(name) is not None
