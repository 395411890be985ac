"""The answer: dense series of points, each a value or a reason."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple, overload

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


class Points(Sequence[Point]):
    """Points that are made when one of them is first asked for: an answer has thousands, and most are never looked at."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], tuple[Point, ...]]) -> None:
        self._make: Callable[[], tuple[Point, ...]] | None = make
        self._made: tuple[Point, ...] = ()

    @property
    def _points(self) -> tuple[Point, ...]:
        make = self._make
        if make is not None:
            self._made = make()
            self._make = None
        return self._made

    @overload
    def __getitem__(self, place: int) -> Point: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Point, ...]: ...

    def __getitem__(self, place: int | slice) -> Point | tuple[Point, ...]:
        return self._points[place]

    def __len__(self) -> int:
        return len(self._points)

    def __iter__(self) -> Iterator[Point]:
        return iter(self._points)

    def __eq__(self, other: object) -> bool:
        return self._points == (other._points if isinstance(other, Points) else other)

    def __hash__(self) -> int:
        return hash(self._points)

    def __repr__(self) -> str:
        return repr(self._points)


@dataclass(frozen=True, slots=True)
class Series:
    """One KPI in one slice over all periods of the result. `slice` is (dimension, value) or None for the total."""

    kpi: str
    label: str
    display: Display
    slice: tuple[str, str | None] | None
    points: Sequence[Point]


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
