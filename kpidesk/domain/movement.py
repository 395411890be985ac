"""How the open pipeline came from one day to another."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Step(StrEnum):
    """What moved the pipeline, in the order of a movement table. Moves between stages cancel out unless it is split by stage."""

    CREATED = "created"
    REOPENED = "reopened"
    MOVED_IN = "moved in"
    INCREASED = "increased"
    DECREASED = "decreased"
    MOVED_OUT = "moved out"
    WON = "won"
    LOST = "lost"
    VANISHED = "vanished"


@dataclass(frozen=True, slots=True)
class Amount:
    """A number of deals and what they are worth, in hundredths of the workspace's currency: sums are exact."""

    deals: int
    hundredths: int

    @property
    def value(self) -> float:
        """The amount in major units."""
        return self.hundredths / 100


@dataclass(frozen=True, slots=True)
class Movement:
    """Start plus steps equals end, in deals and to the penny.

    Both days are meant at their end. Amounts of steps carry their sign; a step that only changes amounts moves no deal, and
    `changed` says how many times it happened. `slice` is (dimension, value) or None for the total. `unpriced` deals at the end
    have no amount. `late` says that the start has amounts which were first seen after that day.
    """

    first: date
    last: date
    slice: tuple[str, str | None] | None
    start: Amount
    steps: dict[Step, Amount]
    changed: dict[Step, int]
    end: Amount
    unpriced: int
    late: bool
