"""What people type or paste into a field, as the number that is kept: 25%, £1.2k, 3 h 12 min, 3.4x, 1.200,50 €."""

import re
from collections.abc import Iterable

from kpidesk.domain.kpi import Display
from kpidesk.domain.problem import KpideskError
from kpidesk.present.numbers import NBSP, SIGNS, exact_text, symbol, value_text

_GROUPERS = " \u00a0\u202f'’"  # what stands between thousands, beside comma and point
_WHOLE = r"(?:[1-9]\d{{0,2}}(?:[{group}]\d{{3}})+|\d+)"
_NUMBERS = {
    mark: re.compile(rf"[-+]?(?:{_WHOLE.format(group=group)}(?:[{mark}]\d*)?|[{mark}]\d+)\Z")
    for mark, group in ((".", rf",{_GROUPERS}"), (",", rf".{_GROUPERS}"))
}
_BRACKETED = re.compile(r"\((.*)\)\Z")  # how a spreadsheet writes what is below zero
_TIMES = {
    "d": 1.0, "day": 1.0, "days": 1.0, "h": 1 / 24, "hour": 1 / 24, "hours": 1 / 24, "min": 1 / 1440, "mins": 1 / 1440,
    "minutes": 1 / 1440, "m": 1 / 1440, "w": 7.0, "week": 7.0, "weeks": 7.0, "year": 365.25, "years": 365.25,
    "month": 30.436875, "months": 30.436875,
}  # fmt: skip
_TIMED = re.compile(r"([-+]?[\d.,]+)\s*([a-z]*)")
_CODE = re.compile(r"(?:([a-z]{3})\s*)?[\d.,]+\s*([a-z]{3})?\Z")
_DAYS_PER_MONTH = 30.436875
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


def decimal_mark(texts: Iterable[str]) -> str:
    """Return the mark before decimals in texts from one place: a comma where one can be nothing else, else a point.

    One text alone may not tell: 1.200 beside 3,5 is more than a thousand.
    """
    texts = [_bare(text) for text in texts]
    only = {
        mark: any(_NUMBERS[mark].match(text) and not _NUMBERS[other].match(text) for text in texts)
        for mark, other in (",.", ".,")
    }
    return "," if only[","] and not only["."] else "."


def _bare(text: str) -> str:
    return re.sub(r"[^\d.,]", "", text)


def typed_value(text: str, display: Display, currency: str, decimal: str = "") -> float | None:
    """Return the value in base units, None for an empty field; NotANumberError with an example of what fits.

    `decimal` is the mark before decimals in what it was copied from, "" to go by the text alone.
    """
    words = text.replace("−", "-").strip().casefold()
    if bracketed := _BRACKETED.match(words):
        words = f"-{bracketed[1].strip()}"
    if not words:
        return None
    decimal = decimal or decimal_mark([words])
    try:
        match display:
            case Display.DAYS | Display.HOURS:
                return _time(words, 1.0 if display is Display.DAYS else 1 / 24, decimal)
            case Display.PERCENT:
                return _plain(words.removesuffix("%"), decimal) / 100
            case Display.RATIO:
                share = words.endswith("%")
                return _plain(words.rstrip("%" if share else "x×"), decimal) / (100 if share else 1)
            case Display.MONEY | Display.MONEY_PER_DAY:
                return _money(words.removesuffix("a day"), currency, decimal)
            case Display.COUNT_PER_DAY:
                return _plain(words.removesuffix("a month"), decimal) / _DAYS_PER_MONTH
            case _:
                return _money(words, currency, decimal)
    except ValueError:
        if display in (Display.MONEY, Display.MONEY_PER_DAY) and (other := _other_currency(words, currency)):
            raise NotANumberError(f"This workspace counts in {currency}, not in {other}.") from None
        raise NotANumberError(f"Enter a number, for example {_EXAMPLES[display]}.") from None


def typed_text(value: float | None, display: Display, currency: str) -> str:
    """Write a value for a field: short where that reads back as the same value, else in full; "" for None."""
    if value is None:
        return ""
    short = value_text(value, display, currency, trim=True).replace(NBSP, " ")
    try:
        again = typed_value(short, display, currency)
    except NotANumberError:
        again = None
    same = again is not None and abs(again - value) <= 1e-9 * abs(value)
    return short if same else exact_text(value, display, currency).replace(NBSP, " ")


def _plain(text: str, decimal: str) -> float:
    text = text.strip()
    if not _NUMBERS[decimal].match(text):
        raise ValueError(text)
    return float(re.sub(rf"[{'.' if decimal == ',' else ','}{_GROUPERS}]", "", text).replace(decimal, "."))


def _money(text: str, currency: str, decimal: str) -> float:
    for sign in {symbol(currency).strip().casefold(), currency.casefold()}:
        text = text.replace(sign, "", 1).strip()
    scale = {"k": 1e3, "m": 1e6}.get(text[-1:], 1.0)
    return _plain(text[:-1] if scale > 1 else text, decimal) * scale


def _other_currency(text: str, currency: str) -> str:
    """Return the currency that a text names instead of the workspace's, "" when it names none and is no number either."""
    named = next((code for code, sign in SIGNS.items() if code != currency and sign.casefold() in text), "")
    code = _CODE.match(text)
    return named or ("" if code is None else (code[1] or code[2] or "").upper())


def _time(text: str, unit: float, decimal: str) -> float:
    found = _TIMED.findall(text)
    if not found or _TIMED.sub("", text).strip() or any(word and word not in _TIMES for _, word in found):
        raise ValueError(text)
    return sum(_plain(number, decimal) * (_TIMES[word] if word else unit) for number, word in found)
