"""A question to the numbers."""

from dataclasses import dataclass
from datetime import date

from kpidesk.domain.period import Grain, Period


@dataclass(frozen=True, slots=True)
class Filter:
    """Only rows whose `dimension` is `value`; None means the rows without a value."""

    dimension: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Query:
    """Which KPIs, over which periods, as known at the end of which day, sliced and filtered how.

    `first` and `last` are inclusive days; every period that touches them is answered whole. `as_of` None means the workspace's
    own. `by` splits each KPI by one dimension; rows without a value form the slice None.
    """

    kpis: tuple[str, ...]
    grain: Grain
    first: date
    last: date
    as_of: date | None = None
    by: str | None = None
    where: tuple[Filter, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One number as it stands on a screen: a KPI in a period, as known at the end of a day, in one slice or for all."""

    kpi: str
    period: Period
    as_of: date | None = None
    where: tuple[Filter, ...] = ()
