"""Deals that a newer file lacks: never taken for lost, but asked about."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Answer(StrEnum):
    """What became of a deal that a newer file lacks."""

    OPEN = "open"  # still open: ask again only when it was seen and is missing once more
    DELETED = "deleted"  # deleted in the CRM: kept with its past, left out from that day on
    FILTERED = "filtered"  # the export left it out: says nothing


@dataclass(frozen=True, slots=True)
class Absence:
    """One answer: about the deal with `key` that import `batch` lacks, or about all that it lacks when `key` is None."""

    id: int
    batch: int
    key: str | None
    answer: Answer
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class MissingDeal:
    """An open deal that a newer file lacks. `value` is its last known amount in its own currency."""

    row: int
    deal_id: str
    name: str
    stage: str
    owner: str
    value: float | None


@dataclass(frozen=True, slots=True)
class Missing:
    """The question about one import: which known open deals it lacks, and why it should have them.

    `known` open deals were known before it, of which it shows `shown`.
    """

    batch: int
    file_name: str
    day: date
    known: int
    shown: int
    deals: tuple[MissingDeal, ...]

    @property
    def reason(self) -> str:
        """Why it is asked."""
        return (
            f"{self.shown:,} of the {self.known:,} open deals known before are in {self.file_name}, "
            "so it looks like a full export"
        )
