"""Settings of a workspace. They travel with the file; preferences of the machine's user do not."""

from dataclasses import dataclass
from datetime import date

from kpidesk.domain.period import Calendar


@dataclass(frozen=True, slots=True)
class Settings:
    """What the numbers of a workspace are read with (semantics section 1 and acceptance cases).

    `as_of` None means the day of the newest import. `data_from` None means the first day in the data. `stages` is the order
    of the open stages; empty means the order learnt from imports. `customer_lifespan_years` is the assumption of the CLV formula.
    """

    name: str = "Workspace"
    currency: str = "GBP"
    timezone: str = "Europe/London"
    week_start: int = 0
    fiscal_start: int = 1
    as_of: date | None = None
    data_from: date | None = None
    stages: tuple[str, ...] = ()
    excluded_lost_reasons: tuple[str, ...] = ("duplicate", "test", "invalid")
    customer_lifespan_years: float | None = None
    work_hours: str = "Mon-Fri 09:00-17:30"
    holidays: tuple[date, ...] = ()
    revenue_source: str = "deals"  # or "transactions"
    sample: bool = False

    @property
    def calendar(self) -> Calendar:
        """The borders of weeks and fiscal years."""
        return Calendar(self.week_start, self.fiscal_start)
