"""Days, times, texts, and the answer that a formula has for one window."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

Cells = Mapping[str, Any]
Tables = Mapping[str, Sequence[Cells]]


@dataclass(frozen=True)
class Moment:
    """A local day, and the instant where the file had a time of day."""

    day: date
    instant: datetime | None


def moment(text: str | None, zone: str) -> Moment | None:
    """A value with a time is brought to the zone; without a zone it is local; a bare date never shifts (G3)."""
    if not text:
        return None
    if len(text) == 10:
        return Moment(date.fromisoformat(text), None)
    told = datetime.fromisoformat(text)
    local = told.replace(tzinfo=ZoneInfo(zone)) if told.tzinfo is None else told.astimezone(ZoneInfo(zone))
    return Moment(local.date(), local.astimezone(UTC))


def days_between(end: Moment | None, start: Moment | None) -> float | None:
    """Instants when both sides have a time, else calendar days (G3)."""
    if end is None or start is None:
        return None
    if end.instant is not None and start.instant is not None:
        return (end.instant - start.instant).total_seconds() / 86_400
    return float((end.day - start.day).days)


def fold(text: str | None) -> str:
    """Texts are compared without regard to case and spaces."""
    return " ".join((text or "").split()).casefold()


@dataclass
class Row:
    """One row of a row set. `day` is its anchor; a stock stands from `day` up to but not including `until`."""

    id: tuple[str, int]
    day: date | None
    cells: dict[str, Any]
    until: date | None = None
    pending: bool = False


@dataclass
class RowSet:
    """`columns` were imported, or follow from what was; `words` are the texts of each column in any row of the table."""

    rows: list[Row]
    columns: set[str]
    words: dict[str, set[str]]
    first: date | None
    stock: bool = False


@dataclass(frozen=True)
class Answer:
    """What the engine should say of one window: the value or the reason, what is behind it, and its flags."""

    value: float | None
    reason: str | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int | None = None
    pending: int | None = None
    judged: float | None = None
    missing: frozenset[tuple[str, int]] = field(default_factory=frozenset)
    before: bool = False
    current: bool = False
    proportion: bool = False
    counted: bool = False


def blank(reason: str) -> Answer:
    return Answer(None, reason)
