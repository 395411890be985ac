"""Deals that a newer file lacks: never taken for lost, but asked about."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Answer(StrEnum):
    """What became of a deal that a newer file lacks."""

    OPEN = "open"  # still open: ask again only when it was seen and is missing once more
    LOST = "lost"  # lost, with the day of the file that lacks it as the day it closed
    DELETED = "deleted"  # deleted in the CRM: kept with its past, left out from that day on
    MERGED = "merged"  # now part of another deal: as if it were deleted
    FILTERED = "filtered"  # the export left it out: says nothing, so the next file that lacks it asks again

    @property
    def ends(self) -> bool:
        """Whether the deal is no longer open."""
        return self in (Answer.LOST, Answer.DELETED, Answer.MERGED)


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
    """An open deal that a newer file lacks, as it was last `seen`. `value` is in its own currency, `currency` "" for the workspace's."""

    row: int
    deal_id: str
    name: str
    stage: str
    owner: str
    value: float | None
    currency: str
    expected: date | None
    seen: date


@dataclass(frozen=True, slots=True)
class Answered:
    """Answers given together about one import: their `ids`, the deals by name (none: all that it lacks), and when."""

    ids: tuple[int, ...]
    batch: int
    file_name: str
    answer: Answer
    deals: tuple[str, ...]
    at: datetime


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
