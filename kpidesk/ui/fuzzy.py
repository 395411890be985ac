"""Matching of what was typed in the command palette: letters in order, beginnings of words first."""

from dataclasses import dataclass

_START, _NEXT, _GAP = 8, 5, 1


@dataclass(frozen=True, slots=True)
class Match:
    """`score` is greater for a better match; `places` are the indices of the matched letters in the text."""

    score: int
    places: tuple[int, ...]


def match(query: str, text: str) -> Match | None:
    """Match `query` against `text`, ignoring case and blanks of the query; None when a letter is missing.

    Of all ways to match, the one with most letters at word starts and most letters side by side wins; of two texts that match
    alike, the shorter has the greater score. An empty query matches everything with score 0.
    """
    wanted = "".join(query.split()).casefold()
    low = text.casefold()
    if not wanted:
        return Match(0, ())
    if len(low) != len(text):  # a letter that folds into two would shift the places
        low = text.lower() if len(text.lower()) == len(text) else text
    best: dict[int, tuple[int, tuple[int, ...]]] = {}
    for number, letter in enumerate(wanted):
        found: dict[int, tuple[int, tuple[int, ...]]] = {}
        for place, char in enumerate(low):
            if char != letter:
                continue
            own = _START if place == 0 or not low[place - 1].isalnum() else 0
            if number == 0:
                found[place] = (own, (place,))
                continue
            before = [
                (score + own + (_NEXT if last == place - 1 else -_GAP), (*places, place))
                for last, (score, places) in best.items()
                if last < place
            ]
            if before:
                found[place] = max(before)
        best = found
    if not best:
        return None
    score, places = max(best.values(), key=lambda end: (end[0], [-place for place in end[1]]))
    return Match(score * 100 - len(text), places)
