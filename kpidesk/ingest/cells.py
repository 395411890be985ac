"""Reading one distinct cell: numbers, dates, flags, texts. Every function is total: a value, blank, or unreadable."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from math import isfinite
from typing import Final

from kpidesk.domain.entity import FieldType
from kpidesk.domain.importing import DateOrder


class Unreadable:
    """The cell cannot be read as what the field needs."""


UNREADABLE: Final = Unreadable()
_SPACES = re.compile(r"[\s\u00a0\u2007\u2009\u202f]+")
_NULLS = frozenset(
    {"null", "n/a", "#n/a", "na", "nan", "-", "--", "—", "–", "(no value)", "no value", "(blank)", "undefined", "nil"}
)
_VALUE_NULLS = _NULLS | {"none", "tbd", "unknown", "?"}
_LABEL_NULLS = _NULLS | {"select", "(none)"}
NULLS = _VALUE_NULLS | _LABEL_NULLS
"""All words that stand for nothing in some kind of field, folded."""
LONGEST_NULL = max(map(len, NULLS))
_GUARD = re.compile(r"^'(?=[=+\-@])")
_GUID = re.compile(r"\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?", re.IGNORECASE)
_BETWEEN_IDS = re.compile(r"\s*[;,]\s*")
_NULL_LINE = re.compile("\n(?:" + "|".join(map(re.escape, sorted(_NULLS | _LABEL_NULLS))) + ")(?=\n)")
_FORMULA_TEXT = re.compile(r'^="([^"]*)"$')  # how some programs keep Excel from reading digits as a number
_UNTIDY = frozenset(" '=")  # with no-break spaces "\xa0" and the like are not printable
_SIGNS = {
    "£": "GBP",
    "$": "USD",
    "€": "EUR",
    "¥": "JPY",
    "₹": "INR",
    "us$": "USD",
    "a$": "AUD",
    "ca$": "CAD",
    "c$": "CAD",
    "r$": "BRL",
}
_CODES = frozenset(
    [
        "GBP",
        "USD",
        "EUR",
        "JPY",
        "INR",
        "CHF",
        "SEK",
        "NOK",
        "DKK",
        "PLN",
        "CZK",
        "HUF",
        "CAD",
        "AUD",
        "NZD",
        "SGD",
        "HKD",
        "CNY",
        "BRL",
        "MXN",
        "ZAR",
        "ILS",
        "TRY",
        "AED",
        "SAR",
        "RON",
        "BGN",
    ]
)
_NUMBER = re.compile(
    r"""^(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<before>[a-z]{0,2}[£$€¥₹]|[a-z]{3}(?=[\s\d.,+-]))?\s*(?P<sign2>[-+])?\s*
        (?P<digits>\d[\d.,'’\s]*|[.,]\d+)\s*(?P<scale>k|m|mn|mio|bn|thousand|million)?\s*(?P<percent>%)?\s*
        (?P<after>[£$€¥₹]|[a-z]{3})?\s*(?P<sign3>-)?\s*(?P<close>\))?$""",
    re.IGNORECASE | re.VERBOSE,
)
_PLAIN = re.compile(r"\d[\d.,]*", re.ASCII)
_GAPS = re.compile(r"['’\s]")
_GROUPED = re.compile(r"\d{1,3}(?:['’\s]\d{3})+(?:[.,]\d+)?")
_GROUPS = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{2,3}})*{re.escape(mark)}\d{{3}}") for mark in ".,"}
_THOUSANDS = {mark: re.compile(rf"\d{{1,3}}(?:{re.escape(mark)}\d{{3}})+") for mark in ".,"}
_ALL_PLAIN = re.compile(r"(?>\d[\d.,]*\n)*+", re.ASCII)
_ALL_YEAR_FIRST = re.compile(r"(?>\d{4}-[^\n]*+\n)*+")
_ALL_NUMBERS = {
    decimal: re.compile(
        rf"(?>(?>\d{{1,3}}(?:{re.escape(group)}\d{{3}})++|\d++)(?:{re.escape(decimal)}\d*+)?\n)*+", re.ASCII
    )
    for decimal, group in ((".", ","), (",", "."))
}
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9}


_LONGEST_WHOLE = 1e21  # beyond it a number is not an id that a spreadsheet took for one
_ROUNDED = 1e15  # spreadsheets keep fifteen digits
_SCIENTIFIC_ID = re.compile(r"^\d(?:[.,]\d+)?E\+\d{2}$", re.MULTILINE)


def rounded_ids(column: Sequence[object]) -> list[object]:
    """Return ids of which a spreadsheet kept the first digits only: numbers too long for it, and texts such as 1.06768E+10."""
    if _all_texts(column):
        text = "\n".join(column)  # type: ignore[arg-type]
        return list(_SCIENTIFIC_ID.findall(text)) if "E+" in text else []
    return [cell for cell in column if isinstance(cell, float) and abs(cell) >= _ROUNDED]


def tidy(cell: object) -> str:
    """Return a cell as text: spaces trimmed and folded, the guard against formulas taken off; floats without a trailing .0."""
    if isinstance(cell, str):
        # Most cells are tidy already; columns have a million of them.
        if cell.isprintable() and cell[:1] not in _UNTIDY and cell[-1:] != " " and "  " not in cell:
            return cell
        return _FORMULA_TEXT.sub(r"\1", _GUARD.sub("", _SPACES.sub(" ", cell).strip())).strip()
    if cell is None:
        return ""
    if isinstance(cell, float):
        if not isfinite(cell):
            return ""
        return str(int(cell)) if abs(cell) < _LONGEST_WHOLE and cell == int(cell) else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ", timespec="seconds").removesuffix(" 00:00:00")
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell)


def is_null(text: str, *, value: bool = False) -> bool:
    """Whether a tidied text stands for nothing; `value` fields (numbers, dates) know a few more such words."""
    return not text or (len(text) <= LONGEST_NULL and text.casefold() in (_VALUE_NULLS if value else _NULLS))


def free_text(cell: object) -> str:
    """Return the text of a cell, empty where it stands for nothing."""
    text = tidy(cell)
    return "" if is_null(text) else text


def label(cell: object) -> str:
    """Return the text of a dimension, empty where it stands for nothing."""
    text = tidy(cell)
    return "" if len(text) <= LONGEST_NULL and text.casefold() in _LABEL_NULLS else text


def means_nothing(text: str, kind: FieldType) -> bool:
    """Whether a tidied text that is not empty is read as blank in a field of this kind."""
    if kind is FieldType.LABEL:
        return not label(text)
    return is_null(text, value=kind in (FieldType.MONEY, FieldType.NUMBER, FieldType.DATE, FieldType.FLAG))


def ids_are_plain(column: Sequence[object]) -> bool:
    """Whether no cell of a column of ids names several or has a GUID in another writing. One look at all of them together."""
    text = "\n".join(column if _all_texts(column) else map(str, column))  # type: ignore[arg-type]
    if any(mark in text for mark in "{;,["):
        return False
    return not column or _GUID.fullmatch(str(column[0])) is None or text == text.lower()


def _all_texts(column: Sequence[object]) -> bool:
    return set(map(type, column)) <= {str}


def plain_id(cell: object) -> str:
    """Return an id as text, never as a number; GUIDs without braces and in small letters, since exports differ in both."""
    text = tidy(cell)
    if is_null(text):
        return ""
    found = _GUID.fullmatch(text)
    return found[1].lower() if found else text


def ids(cell: object) -> list[str]:
    """Return the ids of linked records in one cell: “1;2”, “1, 2” or `["1","2"]`."""
    text = tidy(cell)
    if text.startswith("[") and text.endswith("]"):
        text = text[1:-1].replace('"', "")
    return [one for part in _BETWEEN_IDS.split(text) if (one := plain_id(part))]


def all_tidy(column: Sequence[object]) -> bool:
    """Whether every cell is text that reads as itself: tidy, and no word for nothing. One look at all of them together."""
    if not _all_texts(column):
        return False
    text = "\n".join(["", *column, ""])  # type: ignore[list-item]
    if text.count("\n") != len(column) + 1 or not text.replace("\n", "").isprintable():
        return False
    if any(untidy in text for untidy in ("  ", "\n ", " \n", "\n'", "\n=", "\n\n")):
        return False
    return _NULL_LINE.search(text.casefold()) is None


# --- numbers


@dataclass(frozen=True, slots=True)
class NumberText:
    """The parts of a number as written: digits with separators, factor (sign, scale, percent), currency code or empty."""

    digits: str
    factor: float
    currency: str


def split_number(text: str) -> NumberText | Unreadable:
    """Take a written number apart without deciding what its separators mean."""
    if _PLAIN.fullmatch(text):
        return NumberText(text.rstrip(".,"), 1.0, "")
    folded = text.replace("−", "-").replace("–", "-")
    found = _NUMBER.match(folded)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return UNREADABLE
    currency = ""
    for part in (found["before"], found["after"]):
        if not part:
            continue
        code = _SIGNS.get(part.casefold()) or (part.upper() if part.upper() in _CODES else None)
        if code is None or (currency and code != currency):
            return UNREADABLE
        currency = code
    minus = sum(found[name] == "-" for name in ("sign", "sign2", "sign3")) + bool(found["open"])
    if minus > 1:
        return UNREADABLE
    factor = (
        (-1.0 if minus else 1.0)
        * _SCALES.get((found["scale"] or "").casefold(), 1.0)
        * (0.01 if found["percent"] else 1.0)
    )
    digits = found["digits"].strip().rstrip(".,")
    if _GAPS.search(digits):
        if not _GROUPED.fullmatch(digits):
            return UNREADABLE  # "12 34" is two numbers, not one
        digits = _GAPS.sub("", digits)
    return NumberText(digits, factor, currency)


def decimal_evidence(digits: str) -> str:
    """Return which decimal separator digits prove: "." or ",", "" when either or neither would do, "?" for a thousands look.

    "?." and "?," are a single separator before exactly three digits, which may group thousands or begin decimals.
    """
    dots, commas = digits.count("."), digits.count(",")
    if dots and commas:
        last = "." if digits.rfind(".") > digits.rfind(",") else ","
        return last if digits.count(last) == 1 else "x"
    for mark, times, other in ((".", dots, ","), (",", commas, ".")):
        if times > 1:
            return other if _THOUSANDS[mark].fullmatch(digits) else "x"
        if times == 1:
            before, after = digits.split(mark)
            if len(after) == 3 and 1 <= len(before) <= 3 and before != "0":
                return "?" + mark
            return mark
    return ""


def number(parts: NumberText, decimal: str) -> float | Unreadable:
    """Read digits with a known decimal separator; grouping that is not in threes (or Indian twos) is unreadable."""
    group = "," if decimal == "." else "."
    whole, _, rest = parts.digits.partition(decimal)
    if group in rest or decimal in rest:
        return UNREADABLE
    if group in whole:
        if not _GROUPS[group].fullmatch(whole):
            return UNREADABLE
        whole = whole.replace(group, "")
    try:
        value = float(f"{whole or '0'}.{rest or '0'}") * parts.factor
    except ValueError:
        return UNREADABLE
    return value if isfinite(value) else UNREADABLE


def all_plain(column: Sequence[object]) -> bool:
    """Whether every cell is text of digits, points and commas only."""
    return _ALL_PLAIN.fullmatch("".join(f"{cell}\n" if isinstance(cell, str) else "x" for cell in column)) is not None


def all_year_first(column: Sequence[object]) -> bool:
    """Whether every cell is text that begins with a year and a hyphen."""
    return _all_texts(column) and _ALL_YEAR_FIRST.fullmatch("".join(f"{cell}\n" for cell in column)) is not None


def all_numbers(column: Sequence[object], decimal: str) -> list[str] | None:
    """Return the cells as `float` reads them when each is a plain number with this decimal separator; None otherwise."""
    text = "".join(f"{cell}\n" if isinstance(cell, str) else "x" for cell in column)
    if _ALL_NUMBERS[decimal].fullmatch(text) is None:
        return None
    return text.replace("," if decimal == "." else ".", "").replace(decimal, ".").split("\n")[:-1]


def flag(text: str) -> bool | Unreadable | None:
    """Read yes or no; None for blank."""
    folded = text.casefold()
    if folded in ("yes", "y", "true", "t", "1", "1.0", "checked", "x", "v", "✓", "ja", "oui", "si", "sí"):
        return True
    if folded in ("no", "n", "false", "f", "0", "0.0", "unchecked", "nein", "non"):
        return False
    return None if is_null(folded, value=True) else UNREADABLE


# --- dates

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero",
            "feb february februar fevrier février febrero",
            "mar march märz maerz mrz mars marzo",
            "apr april avril abril",
            "may mai mayo",
            "jun june juni juin junio",
            "jul july juli juillet julio",
            "aug august aout août agosto",
            "sep sept september septembre septiembre",
            "oct october oktober okt octobre octubre",
            "nov november novembre noviembre",
            "dec december dezember dez décembre decembre diciembre",
        ),
        start=1,
    )
    for name in names.split()
}
_TIME = r"(?:(?:[ T]|,\s*)\s*(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?:[.,]\d+)?)?\s*(?P<ap>[ap]\.?m\.?)?\s*(?P<z>z|utc|gmt|[+-]\d{2}:?\d{2}|[+-]\d{2})?)?"
_ISO = re.compile(rf"^(?P<y>\d{{4}})[-/.](?P<m>\d{{1,2}})[-/.](?P<d>\d{{1,2}}){_TIME}$", re.IGNORECASE)
_PARTS = re.compile(rf"^(?P<a>\d{{1,2}})[-/. ](?P<b>\d{{1,2}})[-/. ](?P<y>\d{{4}}|\d{{2}}){_TIME}$", re.IGNORECASE)
_NAMED = re.compile(
    rf"^(?:[a-z]{{2,9}}\.?,?\s+)?(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[-/. ]+(?P<m>[a-zäéû]{{3,10}})\.?[-/., ]+(?P<y>\d{{4}}|\d{{2}}){_TIME}$",
    re.IGNORECASE,
)
_NAMED_US = re.compile(
    rf"^(?:[a-z]{{2,9}}\.?,?\s+)?(?P<m>[a-zäéû]{{3,10}})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}}){_TIME}$",
    re.IGNORECASE,
)
_MONTH_ONLY = re.compile(
    r"^(?:(?P<y>\d{4})[-/.](?P<m>\d{1,2})|(?P<m2>\d{1,2})[-/.](?P<y3>\d{4})|(?P<n>[a-zäéû]{3,10})\.?[-/. ]+(?P<y2>\d{4}|\d{2}))$",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"^(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})$")
_EPOCH = date(1970, 1, 1)
_SERIAL_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - Excel serials have no zone
_FIRST_YEAR, _LAST_YEAR = 1900, 2200


def month_number(name: str) -> int:
    """Return 1 to 12 for the name of a month or its short form, 0 for any other word."""
    return _MONTHS.get(name.casefold(), 0)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, with the time of day and its UTC offset in seconds where written (None: no zone). `month_only` says no day was."""

    day: int
    seconds: int | None = None
    offset: int | None = None
    month_only: bool = False


def date_parts(text: str) -> tuple[int, int, str] | None:
    """Return the first two numbers of a date such as 03/07/2026 and the separator; None for any other writing."""
    found = _PARTS.match(text)
    return (int(found["a"]), int(found["b"]), text[found.end("a")]) if found else None


def _seconds(found: re.Match[str]) -> tuple[int | None, int | None] | Unreadable:
    if found["h"] is None:
        return None, None
    hour, minute, second = int(found["h"]), int(found["mi"]), int(found["s"] or 0)
    if found["ap"]:
        if not 1 <= hour <= 12:
            # Some exports write a 24-hour time with AM or PM behind it.
            if hour > 23:
                return UNREADABLE
        else:
            hour = hour % 12 + (12 if found["ap"][0].lower() == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return UNREADABLE
    offset = None
    if zone := found["z"]:
        digits = zone.replace(":", "")
        offset = 0 if zone.lower() in ("z", "utc", "gmt") else int(digits[1:3]) * 3600 + int(digits[3:5] or 0) * 60
        if digits.startswith("-"):
            offset = -offset
    return hour * 3600 + minute * 60 + second, offset


def _moment(year: int, month: int, day: int, found: re.Match[str] | None) -> Moment | Unreadable:
    if year < 100:
        year += 2000 if year < 70 else 1900
    if not _FIRST_YEAR <= year <= _LAST_YEAR:
        return UNREADABLE
    try:
        number = (date(year, month, day) - _EPOCH).days
    except ValueError:
        return UNREADABLE
    if found is None:
        return Moment(number)
    clock = _seconds(found)
    return clock if isinstance(clock, Unreadable) else Moment(number, *clock)


def moment(cell: object, order: DateOrder | None) -> Moment | Unreadable:
    """Read a date cell that is not blank; `order` decides dates such as 03/07/2026."""
    if isinstance(cell, datetime):
        offset = None
        if cell.tzinfo is not None:
            offset = int((cell.utcoffset() or timedelta()).total_seconds())
        seconds = cell.hour * 3600 + cell.minute * 60 + cell.second
        read = _moment(cell.year, cell.month, cell.day, None)
        return read if isinstance(read, Unreadable) else Moment(read.day, seconds, offset)
    if isinstance(cell, date):
        return _moment(cell.year, cell.month, cell.day, None)
    if isinstance(cell, float):
        return _serial(cell)
    text = tidy(cell)
    if found := _ISO.match(text):
        return _moment(int(found["y"]), int(found["m"]), int(found["d"]), found)
    if found := _PARTS.match(text):
        first, second = int(found["a"]), int(found["b"])
        if order is None and first != second:
            return UNREADABLE
        if order is DateOrder.YMD:
            # 26/07/03: the year comes first only where the last number is no year of four digits.
            return UNREADABLE if len(found["y"]) == 4 else _moment(first, second, int(found["y"]), found)
        day, month = (second, first) if order is DateOrder.MDY else (first, second)
        return _moment(int(found["y"]), month, day, found)
    for pattern in (_NAMED, _NAMED_US):
        if found := pattern.match(text):
            named = _MONTHS.get(found["m"].casefold())
            return UNREADABLE if named is None else _moment(int(found["y"]), named, int(found["d"]), found)
    if found := _COMPACT.match(text):
        return _moment(int(found["y"]), int(found["m"]), int(found["d"]), None)
    if found := _MONTH_ONLY.match(text):
        digits = found["m"] or found["m2"]
        number = int(digits) if digits else month_number(found["n"])
        year = int(found["y"] or found["y2"] or found["y3"])
        read = _moment(year, number, 1, None) if 1 <= number <= 12 else UNREADABLE
        return read if isinstance(read, Unreadable) else Moment(read.day, month_only=True)
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text):
        return _serial(float(text))
    return UNREADABLE


def _serial(value: float) -> Moment | Unreadable:
    """Read a day number of a spreadsheet: days since 30 December 1899, the time of day behind the point.

    Numbers of fewer than five digits, so days before 1927, are years or counts that stand in the wrong column.
    """
    if not 10_000 <= value < 109_940:  # until 2200
        return UNREADABLE
    when = _SERIAL_EPOCH + timedelta(seconds=round(value * 86_400))
    return Moment((when.date() - _EPOCH).days, None if value == int(value) else _clock(when.time()))


def _clock(when: time) -> int:
    return when.hour * 3600 + when.minute * 60 + when.second


def scientific(text: str) -> float | Unreadable:
    """Read a number that a spreadsheet wrote with an exponent, such as 1.5E+06."""
    return float(text) if re.fullmatch(r"[-+]?\d+(?:\.\d+)?[eE][-+]?\d{1,2}", text) else UNREADABLE
