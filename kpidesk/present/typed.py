"""What people type into a field, as the number or day that is kept: 25%, £1.2k, 3 h 12 min, 3.4x, 30 Sep."""

import re
from datetime import date

from kpidesk.domain.kpi import Display
from kpidesk.domain.problem import KpideskError
from kpidesk.present.numbers import symbol

_NUMBER = re.compile(r"[-+]?(?:\d[\d,  \u00a0]*(?:\.\d+)?|\.\d+)\Z")
_TIMES = {
    "d": 1.0, "day": 1.0, "days": 1.0, "h": 1 / 24, "hour": 1 / 24, "hours": 1 / 24, "min": 1 / 1440, "mins": 1 / 1440,
    "minutes": 1 / 1440, "m": 1 / 1440, "w": 7.0, "week": 7.0, "weeks": 7.0, "year": 365.25, "years": 365.25,
    "month": 30.436875, "months": 30.436875,
}  # fmt: skip
_TIMED = re.compile(r"([-+]?[\d.,]+)\s*([a-z]*)")
_DAYS_PER_MONTH = 30.436875
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EXAMPLES = {
    Display.MONEY: "9800 or 9.8k",
    Display.PERCENT: "25%",
    Display.RATIO: "3x",
    Display.COUNT: "12",
    Display.DAYS: "41 days",
    Display.HOURS: "3 h 12 min",
    Display.MONEY_PER_DAY: "500",
    Display.COUNT_PER_DAY: "4",
    Display.NUMBER: "12",
}


class NotANumberError(KpideskError):
    """What was typed is no value of this KPI."""


def typed_value(text: str, display: Display, currency: str) -> float | None:
    """Return the value in base units, None for an empty field; NotANumberError with an example of what fits."""
    words = text.replace("−", "-").strip().casefold()
    if not words:
        return None
    try:
        match display:
            case Display.DAYS | Display.HOURS:
                return _time(words, 1.0 if display is Display.DAYS else 1 / 24)
            case Display.PERCENT:
                return _plain(words.removesuffix("%")) / 100
            case Display.RATIO:
                return _plain(words.removesuffix("%")) / 100 if words.endswith("%") else _plain(words.rstrip("x"))
            case Display.MONEY | Display.MONEY_PER_DAY:
                return _money(words.removesuffix("a day"), currency)
            case Display.COUNT_PER_DAY:
                return _plain(words.removesuffix("a month")) / _DAYS_PER_MONTH
            case _:
                return _money(words, currency)
    except ValueError:
        raise NotANumberError(f"Enter a number, for example {_EXAMPLES[display]}.") from None


def _plain(text: str) -> float:
    text = text.strip()
    if not _NUMBER.match(text):
        raise ValueError(text)
    return float(re.sub(r"[,\s\u00a0]", "", text))


def _money(text: str, currency: str) -> float:
    text = text.replace(symbol(currency).strip().casefold(), "").strip()
    scale = {"k": 1e3, "m": 1e6}.get(text[-1:], 1.0)
    return _plain(text[:-1] if scale > 1 else text) * scale


def _time(text: str, unit: float) -> float:
    found = _TIMED.findall(text)
    if not found or _TIMED.sub("", text).strip() or any(word and word not in _TIMES for _, word in found):
        raise ValueError(text)
    return sum(_plain(number) * (_TIMES[word] if word else unit) for number, word in found)


def typed_day(text: str, today: date) -> date | None:
    """Read a day as people write it: 30 Sep, 30 Sep 2026, 2026-09-30, 30/09/2026. None when it is none."""
    words = text.replace("/", " ").replace(".", " ").replace("-", " ").replace(",", " ").casefold().split()
    try:
        if len(words) == 3 and len(words[0]) == 4:
            return date(int(words[0]), int(words[1]), int(words[2]))
        if len(words) in (2, 3):
            month = int(words[1]) if words[1].isdigit() else 1 + _MONTHS.index(words[1][:3])
            year = int(words[2]) if len(words) == 3 else today.year
            found = date(year + 2000 if year < 100 else year, month, int(words[0]))
            return found.replace(year=found.year + 1) if len(words) == 2 and found < today else found
    except ValueError:
        return None
    return None
