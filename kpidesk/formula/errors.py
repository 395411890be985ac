"""Errors of the language: each says what is wrong, where, and how to mend it with one click."""

import re
from dataclasses import dataclass
from difflib import get_close_matches

from kpidesk.domain.problem import KpideskError

# No name is longer; comparing thousands of characters with every name would take seconds.
_LONGEST = 80


_QUOTED = re.compile(r"“([^”]*)”")


def _readable(quoted: re.Match[str]) -> str:
    """Return what a message quotes of the formula on one line, short, and without characters that turn the text around."""
    text = "".join(char if char.isprintable() else " " for char in quoted.group(1))
    return f"“{text if len(text) <= _LONGEST else text[:_LONGEST] + '…'}”"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A mend: replace the text of `span` by `replacement`; `label` is what the button says."""

    label: str
    replacement: str
    span: tuple[int, int]


class FormulaError(KpideskError):
    """A formula without a meaning. `start` and `end` are offsets into the text; `hint` says more when there is more to say."""

    def __init__(
        self,
        code: str,
        message: str,
        span: tuple[int, int],
        suggestions: tuple[Suggestion, ...] = (),
        hint: str = "",
    ) -> None:
        message = _QUOTED.sub(_readable, message)
        super().__init__(message)
        self.code = code
        self.message = message
        self.start, self.end = span
        self.suggestions = suggestions
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


def nearest(wanted: str, known: list[str], span: tuple[int, int], limit: int = 2) -> tuple[Suggestion, ...]:
    """Suggest the known names nearest to a mistyped one."""
    folded = {name.casefold(): name for name in known}
    sought = wanted.casefold()[:_LONGEST]
    close = get_close_matches(sought, list(folded), n=limit, cutoff=0.6)
    # Then those that the word is a part of: leads for created_leads.
    close += [name for name in folded if sought in re.split(r"[_ ]", name) and name not in close]
    return tuple(Suggestion(folded[name], folded[name], span) for name in close[:limit])
