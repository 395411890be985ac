"""Where a text or a name that is never closed was meant to end."""

import re

from kpidesk.formula.errors import Suggestion

_WORD_BEFORE = re.compile(r"[\w'’-]*\w\Z")
_WORD_AFTER = re.compile(r"[\w'’-]*\w")
_QUOTES = "\"'“”„‘’‚«»"
_AFTER_NAME = "*/+^=<>;\n"


def text_mends(text: str, index: int, quote: str, brackets: int) -> tuple[Suggestion, ...]:
    """Suggest where the text that starts at `index` ends; `brackets` are open around it."""
    before = _WORD_BEFORE.search(text, max(index - 80, 0), index)
    if before is None:
        end = _before_brackets(text, index + 1, brackets)
        return (Suggestion(f"add {quote} after the text", quote, (end, end)),)
    after = _WORD_AFTER.match(text, index + 1)
    if quote == "'" and (after is not None or before.group()[0] in _QUOTES):  # O'Brien or 'O'Brien'
        span = (before.start(), index + 1 if after is None else after.end())
        whole = text[slice(*span)].strip("'’‘")
        return (Suggestion(f'"{whole}" if it is a text', f'"{whole}"', span),)
    if text[max(before.start() - 1, 0)] in _QUOTES or text[index + 1 :].strip(" )\n\t"):
        return ()  # one of the texts before it lacks its end, there is no telling which
    return (Suggestion(f"add {quote} before {before.group()}", quote, (before.start(), before.start())),)


def _before_brackets(text: str, start: int, brackets: int) -> int:
    """Return the end of a text: before the bracket that closes what is around it, else at the end of the formula."""
    depth = 0
    for place in range(start, len(text) if brackets else start):
        depth += (text[place] == "(") - (text[place] == ")")
        if depth < 0:
            return place
    return len(text)


def name_mends(text: str, index: int, brackets: int) -> tuple[Suggestion, ...]:
    """Suggest where the name that [ starts at `index` ends: before a comma inside brackets, before what no name has, at the end."""
    ends: list[int] = []
    depth, end = 0, index + 1
    while end < len(text):
        char = text[end]
        depth += (char == "(") - (char == ")")
        if depth < 0 or char in _AFTER_NAME or text.startswith(" - ", end):
            break
        if char == "," and brackets and not ends:
            ends.append(end)
        end += 1
    if end < len(text):
        ends.append(end)
    mends = [_named(text, index, one) for one in ends if text[index + 1 : one].strip()]
    if depth >= 0:
        mends.append(Suggestion("add ] at the end", "]", (len(text), len(text))))
    return tuple(mends)


def _named(text: str, index: int, end: int) -> Suggestion:
    end = len(text[:end].rstrip())
    return Suggestion(f"add ] after “{text[index + 1 : end].strip()}”", "]", (end, end))
