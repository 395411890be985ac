"""Days and months as people write them."""

import re
from datetime import date

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_APART = re.compile(r"[\s/.,'’\-]+")


def read_day(text: str, today: date) -> date | None:
    """Read 30 Sep, 30 Sep 2026, 2026-09-30 or 30/09/2026; without a year the next such day. None when it is none."""
    words = _words(text)
    try:
        if len(words) == 3 and len(words[0]) == 4:
            return date(int(words[0]), int(words[1]), int(words[2]))
        if len(words) in (2, 3):
            year = _year(words[2]) if len(words) == 3 else today.year
            found = date(year, _month(words[1]), int(words[0]))
            return found.replace(year=found.year + 1) if len(words) == 2 and found < today else found
    except ValueError:
        return None
    return None


def read_month(text: str, first: date) -> date | None:
    """Read Sep, Sep 2026, Sep-26, 2026-09, 09/2026 or the first day of a month; None when it is none.

    Without a year it is the first such month from that of `first` on.
    """
    words = _words(text)
    try:
        if len(words) == 1 and not words[0].isdigit():
            month = _month(words[0])
            return date(first.year + (month < first.month), month, 1)
        if len(words) == 2 and len(words[0]) == 4 and words[0].isdigit():
            return date(int(words[0]), _month(words[1]), 1)
        if len(words) == 2:
            return date(_year(words[1]), _month(words[0]), 1)
    except ValueError:
        return None
    found = read_day(text, first) if len(words) == 3 else None
    return found if found is not None and found.day == 1 else None


def _words(text: str) -> list[str]:
    return [word for word in _APART.split(text.casefold()) if word]


def _month(word: str) -> int:
    """Return the number of a month; ValueError when it is none."""
    return int(word) if word.isdigit() else 1 + _MONTHS.index(word[:3])


def _year(word: str) -> int:
    return int(word) + (2000 if int(word) < 100 else 0)
