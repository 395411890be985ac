"""The answer: dense series of points, each a value or a reason."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from kpidesk.domain.kpi import Display
from kpidesk.domain.period import Period


class Reason(StrEnum):
    """Why a value is blank (semantics 1.3). Closed list."""

    ZERO_DENOMINATOR = "zero_denominator"
    NO_ROWS = "no_rows"
    NOT_IMPORTED = "not_imported"
    NO_TARGET = "no_target"
    NEGATIVE_BASE = "negative_base"
    BEFORE_DATA = "before_data"
    UNKNOWN_VALUE = "unknown_value"
    BLANK = "blank"


class Point(NamedTuple):
    """One value of one KPI in one period and slice. A tuple, because one answer has thousands.

    `value` is in base units (major units of money, fractions, days, per day) and None exactly when `reason` is set. `n` is the
    number of rows behind it; `pending` the rows whose outcome is not known yet; `interval` the 95 % range of a true
    proportion; flags as in semantics: partial_period, immature, too_few, small_sample, missing_amount:k, current_amounts,
    inferred_stages, partial_data, restated.
    """

    value: float | None
    reason: Reason | None = None
    numerator: float | None = None
    denominator: float | None = None
    n: int | None = None
    pending: int | None = None
    interval: tuple[float, float] | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Series:
    """One KPI in one slice over all periods of the result. `slice` is (dimension, value) or None for the total."""

    kpi: str
    label: str
    display: Display
    slice: tuple[str, str | None] | None
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """All series of a query over the same dense `periods`."""

    periods: tuple[Period, ...]
    series: tuple[Series, ...] = field(default_factory=tuple)

    def __iter__(self) -> Iterator[Series]:
        return iter(self.series)

    def total(self, kpi: str) -> Series:
        """Return the unsliced series of `kpi`; KeyError when it was not asked for."""
        for series in self.series:
            if series.kpi == kpi and series.slice is None:
                return series
        raise KeyError(kpi)

    def slices(self, kpi: str) -> tuple[Series, ...]:
        """Return the sliced series of `kpi`, largest first as the engine ordered them."""
        return tuple(series for series in self.series if series.kpi == kpi and series.slice is not None)
