"""Settings from text, as typed on the command line or in a field."""

import re
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kpidesk.domain.problem import KpideskError
from kpidesk.domain.settings import Settings


class SettingError(KpideskError):
    """A setting that does not exist, or a value it cannot take. Nothing was changed."""


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise SettingError(f"“{text}” is not a date. Write it as 2026-09-30. Nothing was changed.") from None


def _currency(text: str) -> str:
    code = text.strip().upper()
    if not re.fullmatch(r"[A-Z]{3}", code):
        raise SettingError(f"“{text}” is not a currency code. Write three letters such as GBP. Nothing was changed.")
    return code


def _timezone(text: str) -> str:
    name = text.strip()
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise SettingError(
            f"“{text}” is not a time zone. Write one such as Europe/London. Nothing was changed."
        ) from None
    return name


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"\s*\d{1,4}\s*", text) or not low <= int(text) <= high:
            raise SettingError(f"“{text}” is not a whole number from {low} to {high}. Nothing was changed.")
        return int(text)

    return read


def _items(text: str) -> tuple[str, ...]:
    """Split at semicolons, or at commas when there is none; a JSON-like list in brackets is accepted."""
    inner = text.strip().removeprefix("[").removesuffix("]")
    parts = inner.split(";") if ";" in inner else inner.split(",")
    return tuple(part.strip().strip("\"'").strip() for part in parts if part.strip().strip("\"'").strip())


def _days(text: str) -> tuple[date, ...]:
    return tuple(day for item in _items(text) if (day := _day(item)) is not None)


def _years(text: str) -> float | None:
    if not text.strip():
        return None
    if not re.fullmatch(r"\s*\d+(\.\d+)?\s*", text) or float(text) <= 0:
        raise SettingError(f"“{text}” is not a number of years above 0. Nothing was changed.")
    return float(text)


def _one_of(*choices: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text.strip() not in choices:
            raise SettingError(f"“{text}” is not one of {', '.join(choices)}. Nothing was changed.")
        return text.strip()

    return read


def _name(text: str) -> str:
    if not text.strip():
        raise SettingError("A workspace needs a name. Nothing was changed.")
    return " ".join(text.split())


_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(
    r"(?:(?P<first>[a-z]{3,9})\s*[-–]\s*(?P<last>[a-z]{3,9})[\s,]+)?"
    r"(?P<opens>\d{1,2})(?::(?P<half>[0-5]\d))?\s*[-–,]\s*(?P<closes>\d{1,2})(?::(?P<end>[0-5]\d))?",
    re.IGNORECASE,
)


def _hours(text: str) -> str:
    """Return `Mon-Fri 09:00-17:30`, however it is written; without days the hours are those of Monday to Friday."""
    found = _HOURS.fullmatch(text.strip())
    if found is not None:
        first, last = ((found[name] or day)[:3].lower() for name, day in (("first", "mon"), ("last", "fri")))
        opens, closes = (
            f"{int(found[hour]):02}:{found[part] or '00'}" for hour, part in (("opens", "half"), ("closes", "end"))
        )
        if first in _WEEKDAYS and last in _WEEKDAYS and opens < closes <= "24:00":
            return f"{first.title()}-{last.title()} {opens}-{closes}"
    raise SettingError(f"“{text}” are not working hours. Write them as Mon-Fri 09:00-17:30. Nothing was changed.")


_READERS: dict[str, Callable[[str], object]] = {
    "name": _name,
    "currency": _currency,
    "timezone": _timezone,
    "week_start": _whole(0, 6),
    "fiscal_start": _whole(1, 12),
    "as_of": _day,
    "data_from": _day,
    "stages": _items,
    "excluded_lost_reasons": _items,
    "customer_lifespan_years": _years,
    "work_hours": _hours,
    "holidays": _days,
    "revenue_source": _one_of("deals", "transactions"),
}

SETTING_NAMES = tuple(field.name for field in fields(Settings) if field.name in _READERS)


def with_setting(settings: Settings, name: str, text: str) -> Settings:
    """Return `settings` with `name` read from `text`; SettingError with a sentence when that cannot be."""
    reader = _READERS.get(name)
    if reader is None:
        raise SettingError(
            f"There is no setting called “{name}”. There are {', '.join(SETTING_NAMES)}. Nothing was changed."
        )
    return replace(settings, **{name: reader(text)})  # type: ignore[arg-type]  # the reader belongs to the field
