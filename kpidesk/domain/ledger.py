"""The ledger: what changed between the snapshots of a workspace."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Kind(StrEnum):
    """What happened to a deal."""

    CREATED = "created"
    FORWARD = "stage forward"
    BACK = "stage back"
    STAGE = "stage"  # between stages whose order is not known
    INCREASED = "amount up"
    DECREASED = "amount down"
    AMOUNT = "amount"  # became known or unknown
    PUSHED = "close date pushed"
    PULLED = "close date pulled"
    CLOSE_DATE = "close date"  # became known or unknown
    OWNER = "owner"
    WON = "won"
    LOST = "lost"
    REOPENED = "reopened"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change: it happened from `earliest` (None: nothing bounds it) to `latest`, the first day that shows it.

    Both days are the same where the CRM dates the change itself. `before` and `after` are texts, ISO days or amounts in the deal's
    own currency. `batch` is the import that showed it.
    """

    kind: Kind
    deal_id: str
    name: str
    before: str | float | None
    after: str | float | None
    earliest: date | None
    latest: date
    batch: int

    @property
    def exact(self) -> bool:
        """Whether the day is known."""
        return self.earliest == self.latest
