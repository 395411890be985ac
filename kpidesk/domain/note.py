"""What somebody knows about a number that the data does not say."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Note:
    """A few words about a KPI and a day, such as the start of a campaign. `id` is stable."""

    id: str
    kpi: str
    day: date
    text: str
