"""In words, why the grammar cannot go on: what stands where, what belongs there instead, and the likely mend."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from lark.exceptions import UnexpectedToken

from kpidesk.formula.errors import FormulaError, Suggestion
from kpidesk.formula.functions import FUNCTIONS, Group, stands
from kpidesk.formula.nodes import Span
from kpidesk.formula.rowsets import ROW_SETS

_CELL = re.compile(r"[A-Za-z]{1,3}\d{1,7}\Z")
_CELLS = re.compile(r"(?:[^\W\d]\w*!)?\$?[A-Za-z]{1,3}\$?\d{1,7}(?::\$?[A-Za-z]{1,3}\$?\d{1,7})?(?!\w)")
_WORDS = re.compile(r"(?:(?<=\W)|\A)[^\W\d]\w*(?:[ \t]+[^\W\d]\w*)*[ \t]+\Z")
_WORDS_BEFORE = re.compile(r"(?<![\w.])[^\W\d]\w*(?:[ \t]+\w+)*\Z")
_MORE_WORDS = re.compile(r"(?:[ \t]+[^\W\d]\w*)*")
_LAST_WORD = re.compile(r"([^\W\d]\w*)\s*\Z")
_COMPARED = re.compile(r"(?:[=<>]|\bCONTAINS)\s*\Z", re.IGNORECASE)
_TESTED = re.compile(r"[=<>]|(?:IS|IN|NOT|BETWEEN|CONTAINS)\b", re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"|\'[^\']*\'|\[[^\]]*\]')
_BRACKETS = re.compile(r"(?:(?<!\w)([^\W\d]\w*))?\s*([()])")
_SHORT = re.compile(r"(\d+(?:\.\d+)?)\s?([km])\Z", re.IGNORECASE)
_AMOUNT = re.compile(r"\d+(?:\.\d+)?\s*\Z")
_NOT = re.compile(r"\bNOT\b", re.IGNORECASE)
_DOTTED = re.compile(r"([^\W\d]\w*)\s*\.\s*([^\W\d]\w*)\s*\Z")
_KEYWORDS = frozenset(
    ["AND", "OR", "NOT", "IN", "BETWEEN", "IS", "CONTAINS", "WHERE", "ON", "TO", "WITHIN", "TRUE", "FALSE", "BLANK"]
)
_COUNTED = {2: "two", 3: "three", 4: "four", 5: "five", 6: "six"}
_MISSING_BEFORE = "Before it a number, a KPI or a function is missing."
_MISSING_OPERATOR = "An operator or a comma may be missing before it."
# By what alone the grammar would take.
_BELONGS = {
    frozenset({"LPAR"}): "Here belongs an opening bracket.",
    frozenset({"BLANK", "NOT"}): "After IS belongs BLANK or NOT BLANK.",
    frozenset({"IN"}): "Write NOT before the whole test, such as NOT amount BETWEEN 5 AND 10.",
}


def looks_like_cell(name: str) -> bool:
    """Whether a name is a spreadsheet address such as B4."""
    return _CELL.match(name) is not None


def spreadsheet_cell(name: str, span: Span) -> FormulaError:
    """Return the error for an address such as B4 or A1:B10."""
    hint = "Refer to a KPI by name, such as [Win rate], or to data, such as SUM(won_deals.amount)."
    return FormulaError("E10", f"“{name}” looks like a spreadsheet cell. There are no cells here.", span, hint=hint)


def _cells_around(text: str, place: int) -> FormulaError | None:
    for found in _CELLS.finditer(text, max(place - 40, 0), place + 40):
        if found.start() <= place < found.end():
            return spreadsheet_cell(found.group(), found.span())
    return None


def unreadable(text: str, place: int) -> FormulaError:
    """Return the error for a character that is part of no formula."""
    char, span = text[place], (place, place + 1)
    if not char.isprintable():
        message = f"There is a character that cannot be seen here (U+{ord(char):04X})."
        return FormulaError("E07", message, span, (Suggestion("remove it", "", span),))
    if char == "]":
        before = _WORDS_BEFORE.search(text, max(place - 100, 0), place)
        mend = Suggestion("remove this ]", "", span)
        if before is not None:
            mend = Suggestion(f"add [ before “{before.group()}”", "[", (before.start(), before.start()))
        return FormulaError("E07", "This ] closes nothing.", span, (mend,))
    amount = _AMOUNT.search(text, max(place - 20, 0), place) if char in "£$€" else None
    if amount is not None:
        whole = char + amount.group().strip()
        mend = Suggestion(whole, whole, (amount.start(), place + 1))
        return FormulaError("E07", f"“{char}” stands before the amount.", span, (mend,))
    plain = unicodedata.normalize("NFKC", char)
    mends = (Suggestion(plain, plain, span),) if plain.isascii() and plain != char else ()
    return _cells_around(text, place) or FormulaError("E07", f"I can't read “{char}” here.", span, mends)


def unexpected(text: str, error: UnexpectedToken) -> FormulaError:
    """Return the error for a token that does not fit."""
    token: Any = error.token
    if token.type == "$END":
        hint = "Something is missing at the end."
        return FormulaError("E07", "The formula ends too early.", (len(text), len(text)), hint=hint)
    place, accepts = (int(token.start_pos), int(token.end_pos)), frozenset(error.accepts or ())
    found = (
        _misplaced_keyword(text, place, accepts)
        or _known_habit(text, token.type, place, accepts)
        or (_run_of_words(text, place) if token.type == "NAME" else None)
    )
    if found is not None:
        return found
    hint = _MISSING_BEFORE if "NAME" in accepts else _BELONGS.get(accepts, _MISSING_OPERATOR)
    return _unfit(text, place, hint=hint)


def _unfit(text: str, place: Span, *mends: Suggestion, hint: str = "") -> FormulaError:
    return FormulaError("E07", f"“{text[slice(*place)]}” does not fit here.", place, mends, hint)


def _misplaced_keyword(text: str, place: Span, accepts: frozenset[str]) -> FormulaError | None:
    """Report a keyword that stands where a value begins: the grammar took it for a name, and minds only what follows."""
    before = _LAST_WORD.search(text, max(place[0] - 40, 0), place[0])
    if before is None or before.group(1).upper() not in _KEYWORDS:
        return None
    if "DOT" in accepts or (accepts == {"LPAR"} and before.group(1).upper() in ("AND", "OR")):
        return _unfit(text, before.span(1), hint="Before it rows, a value or a test is missing.")
    return None


def _known_habit(text: str, kind: str, place: Span, accepts: frozenset[str]) -> FormulaError | None:
    """Recognise what spreadsheets, other languages and hurried typing bring."""
    written = text[slice(*place)]
    match kind:
        case "COMMA":
            return _decimal_comma(text, place)
        case "WHERE" if not enclosing(text, place[0]):
            hint = 'For example COUNT(won_deals WHERE source = "Inbound").'
            return FormulaError("E07", "WHERE belongs inside the brackets of a function.", place, hint=hint)
        case "LPAR":
            return _dotted_function(text, place)
        case "MONEY":
            return _cells_around(text, place[0])
        case "BRACKET" if accepts == {"NAME"} and written[1:-1].strip().isidentifier():
            name = written[1:-1].strip()
            return _unfit(text, place, Suggestion(name, name, place))
        case "NAME" if written.upper() in ("NULL", "EMPTY", "NONE", "NOTHING") and accepts == {"BLANK", "NOT"}:
            return _unfit(text, place, Suggestion("BLANK", "BLANK", place), hint=_BELONGS[accepts])
        case "NAME" | "BLANK" if written.upper() == "BLANK" and accepts == {"IN"}:
            start = [found.start() for found in _NOT.finditer(text, 0, place[0])][-1]
            return _unfit(text, place, Suggestion("IS NOT BLANK", "IS NOT BLANK", (start, place[1])))
        case "NAME" if written.upper() == "LIKE" and "CONTAINS" in accepts:
            return _unfit(text, place, Suggestion("CONTAINS", "CONTAINS", place))
        case "NAME":
            short = _SHORT.search(text, max(place[0] - 20, 0), place[1])
            if short is not None and short.end(1) <= place[0]:
                times = 1_000 if short.group(2) in "kK" else 1_000_000
                plain = f"{(Decimal(short.group(1)) * times).normalize():f}"
                return _unfit(text, place, Suggestion(plain, plain, short.span()))
    return None


def _decimal_comma(text: str, place: Span) -> FormulaError | None:
    decimal = re.compile(r"\d+,\d+").search(text, max(place[0] - 30, 0))
    if decimal is None or not decimal.start() < place[0] < decimal.end():
        return None
    plain = decimal.group().replace(",", ".")
    mend = Suggestion(plain, plain, decimal.span())
    return FormulaError("E08", "Write decimals with a point.", decimal.span(), (mend,))


def _dotted_function(text: str, place: Span) -> FormulaError | None:
    """Know PERCENTILE.INC and STDEV.S, which are what is called PERCENTILE and STDEV here."""
    found = _DOTTED.search(text, max(place[0] - 80, 0), place[0])
    if found is None:
        return None
    name, kind, span = found.group(1).upper(), found.group(2).upper(), (found.start(), found.end(2))
    same = name in FUNCTIONS and kind in ("INC", "S")
    mends = (Suggestion(name, name, span),) if same else ()
    return FormulaError("E03", f"I don't know a function called “{text[slice(*span)]}”.", span, mends)


def enclosing(text: str, index: int) -> str | None:
    """Return what stands before the innermost bracket that is open at `index`, in capitals; "" for nothing, None for no bracket."""
    plain = _QUOTED.sub(lambda quoted: " " * len(quoted.group()), text[:index])
    open_: list[str] = []
    for found in _BRACKETS.finditer(plain):
        if found.group(2) == "(":
            open_.append((found.group(1) or "").upper())
        elif open_:
            open_.pop()
    return open_[-1] if open_ else None


def _run_of_words(text: str, place: Span) -> FormulaError | None:
    """Take words with nothing between them for one name that lacks its brackets, or one text that lacks its quotes."""
    words = _WORDS.search(text, max(place[0] - 200, 0), place[0])
    if words is None:
        return None
    last = text[slice(*place)]
    rest = text[place[1] :].lstrip()
    if rest.startswith("("):
        return None
    starts = list(re.finditer(r"\S+", words.group()))
    names = [found.group() for found in starts]
    after = max((at for at, name in enumerate(names) if name.upper() in _KEYWORDS), default=-1) + 1
    if after == len(names):
        return None
    function = enclosing(text, place[0]) or ""
    of_column = len(names) == after + 1 and text[: words.start() + starts[after].start()].rstrip().endswith(".")
    tested = names[-1].casefold() in ROW_SETS or (of_column and _TESTED.match(rest) is not None)
    if tested and stands(function, Group.OVER_ROWS):
        mend = Suggestion(f"WHERE {last}", "WHERE ", (place[0], place[0]))
        return _unfit(text, place, mend, hint="A condition follows WHERE.")
    start = words.start() + starts[after].start()
    phrase = text[start : place[1]] + _following(text, place[1])
    if text.startswith("]", start + len(phrase)):
        return unreadable(text, start + len(phrase))
    names = phrase.split()
    number = _COUNTED.get(len(names), str(len(names)))
    message = f"“{' '.join(names)}” are {number} words with nothing between them."
    whole = (start, start + len(phrase))
    return FormulaError("E07", message, whole, _as_one(names, whole, text, function))


def _following(text: str, end: int) -> str:
    """Return the words that go on after `end`, up to a keyword or something that is more than a word."""
    found = _MORE_WORDS.match(text, end)
    more = re.findall(r"[ \t]+\w+", found.group()) if found else []
    taken: list[str] = []
    for word in more[:10]:
        if word.strip().upper() in _KEYWORDS:
            return "".join(taken)
        taken.append(word)
    if taken and text[end + len("".join(taken)) :].lstrip().startswith(("(", ".", "[")):
        taken.pop()
    return "".join(taken)


def _as_one(names: list[str], whole: Span, text: str, function: str) -> tuple[Suggestion, ...]:
    phrase, joined = " ".join(names), "_".join(names)
    one = Suggestion(joined, joined, whole)
    # In a function over rows stand rows and columns, and after a dot columns; only elsewhere KPIs.
    among_rows = stands(function, Group.OVER_ROWS) and not stands(function, Group.OVER_RESULTS)
    if not among_rows and function not in ("ONLY", "IN") and not text[: whole[0]].rstrip().endswith("."):
        return Suggestion(f"[{phrase}] if this is one KPI name", f"[{phrase}]", whole), one
    if function == "IN" or _COMPARED.search(text, max(whole[0] - 20, 0), whole[0]):
        return (Suggestion(f'"{phrase}" if it is a text', f'"{phrase}"', whole),)
    return (one,)
