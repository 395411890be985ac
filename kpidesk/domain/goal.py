"""Goals of a quarter: an objective in words, and the key results that show whether it is reached."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class KeyResult:
    """One KPI that has to come from `start` to `target` by the end of the quarter, both in the KPI's base unit.

    Without a start the target is to be held all through the quarter, as a win rate or a coverage may be. `weight` is the share
    of this result in its goal, relative to the others'.
    """

    kpi: str
    target: float
    start: float | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Goal:
    """One objective. `id` is stable; `quarter` is its first day, and means the quarter that contains this day."""

    id: str
    name: str
    quarter: date
    owner: str = ""
    results: tuple[KeyResult, ...] = ()


@dataclass(frozen=True, slots=True)
class GoalRevision:
    """One saved state of a goal and the moment from which it stands; `goal` None says that it was removed."""

    since: datetime
    goal: Goal | None
