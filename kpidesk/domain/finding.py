"""Judgements: a status, and findings that deserve attention."""

from dataclasses import dataclass
from enum import StrEnum

from kpidesk.domain.query import Figure


class Status(StrEnum):
    """The four states of a KPI; each has a shape, a colour and a word."""

    GOOD = "good"
    WARN = "warn"
    BAD = "bad"
    NONE = "none"

    @property
    def word(self) -> str:
        """The word beside the shape."""
        return {"good": "On track", "warn": "At risk", "bad": "Off track", "none": "No data"}[self.value]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the attention list: what is wrong, why, how much money is at stake, and the one action that starts the fix.

    `figure` is the number it is about, where it is about one. `action` is the id of an
    action of the window, `argument` what it acts on (a KPI id, a batch id, an entity).
    """

    code: str
    status: Status
    title: str
    reason: str
    action_label: str
    action: str
    argument: str = ""
    stake: float = 0.0
    age_days: int = 0
    figure: Figure | None = None
