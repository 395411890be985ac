"""The context a formula is evaluated in: windows of time, an as-of day, a slice, filters. Time functions map contexts."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.domain.period import Calendar, Grain
from kpidesk.domain.query import Filter
from kpidesk.formula.nodes import Node, WindowName, WindowUnit
from kpidesk.formula.proportion import shape

_Kind = TypeVar("_Kind", bound=np.generic)
DayArray = npt.NDArray[np.int64]
_MONTHS_OF = {WindowUnit.MONTH: 1, WindowUnit.QUARTER: 3, WindowUnit.YEAR: 12}
_MONTHS_OF_GRAIN = {Grain.MONTH: 1, Grain.QUARTER: 3, Grain.YEAR: 12}
MONTH_DAYS = 365.25 / 12


def add_months(days: DayArray, months: int) -> DayArray:
    """Move days by whole months; the day of the month is kept, or the last one where the month is shorter."""
    dates = days.astype("datetime64[D]")
    month = dates.astype("datetime64[M]")
    offset = (dates - month.astype("datetime64[D]")).astype(np.int64)
    moved = month + months
    last = ((moved + 1).astype("datetime64[D]") - moved.astype("datetime64[D]")).astype(np.int64) - 1
    result: DayArray = moved.astype("datetime64[D]").astype(np.int64) + np.minimum(offset, last)
    return result


def floor_months(days: DayArray, months: int, fiscal_start: int) -> DayArray:
    """Return the first day of the month, fiscal quarter or fiscal year (`months` 1, 3, 12) that contains each day."""
    index = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)  # months since January 1970
    phase = 0 if months == 1 else fiscal_start - 1
    floored = (index - phase) // months * months + phase
    result: DayArray = floored.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return result


@dataclass(frozen=True)
class Context:
    """Windows [starts, ends) in days since 1970-01-01, shape (periods,), all known up to `as_of`.

    `by` is the dimension of the slices and `values` its values; the slice after the last value is "(none)". Without `by` there
    is one slice. `filters` are tests on the rows of every row set; `at_start` measures stocks at the start of the window.
    `restated` are days that lost won deals with the last import.
    """

    starts: DayArray
    ends: DayArray
    grain: Grain
    calendar: Calendar
    as_of: int
    data_from: int | None = None
    by: str | None = None
    values: tuple[str, ...] = ()
    filters: tuple[Node | Filter, ...] = ()
    at_start: bool = False
    restated: tuple[int, ...] = ()

    @property
    def periods(self) -> int:
        """How many windows there are."""
        return len(self.starts)

    @property
    def slices(self) -> int:
        """How many slices each window has."""
        return 1 if self.by is None else len(self.values) + 1

    @cached_property
    def key(self) -> tuple[object, ...]:
        """Identify the context for caching."""
        return (
            self.starts.tobytes(),
            self.ends.tobytes(),
            self.by,
            self.values,
            tuple(test if isinstance(test, Filter) else shape(test) for test in self.filters),
            self.at_start,
            self.grain,
        )

    @cached_property
    def instants(self) -> DayArray:
        """The day at whose end stocks are measured: the last of the window or the day before it, never after the as-of day."""
        return np.minimum((self.starts if self.at_start else self.ends) - 1, self.as_of)

    @cached_property
    def covered_ends(self) -> DayArray:
        """The ends of the windows, no later than the day after the as-of day."""
        return np.clip(self.ends, None, self.as_of + 1)

    def wide(self, per_window: npt.NDArray[_Kind]) -> npt.NDArray[_Kind]:
        """Repeat what holds for each window for its slices."""
        return np.repeat(per_window[:, None], self.slices, axis=1)

    @cached_property
    def partial(self) -> npt.NDArray[np.bool_]:
        """Which windows are not over on the as-of day."""
        return self.ends > self.as_of + 1

    @cached_property
    def elapsed_share(self) -> npt.NDArray[np.float64]:
        """Which share of each window has passed."""
        share = (self.covered_ends - self.starts) / (self.ends - self.starts)
        return np.clip(share, 0.0, 1.0)

    @cached_property
    def length(self) -> npt.NDArray[np.float64]:
        """Covered days of each window; whole months count as 1/12 of a year of 365.25 days."""
        starts = self.starts if self.data_from is None else np.maximum(self.starts, self.data_from)
        ends = np.maximum(self.covered_ends, starts)
        first = np.where(floor_months(starts, 1, 1) == starts, starts, add_months(floor_months(starts, 1, 1), 1))
        last = floor_months(ends, 1, 1)
        month = first.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        until = last.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        whole = np.maximum(until - month, 0)
        rest = np.where(whole > 0, (first - starts) + (ends - last), ends - starts)
        return whole * MONTH_DAYS + rest

    def sliced(self, by: str, values: tuple[str, ...]) -> "Context":
        """Return the context split by a dimension."""
        return replace(self, by=by, values=values)

    def without_slice(self) -> "Context":
        """Return the context of ALL(x): no slice, be it one of many or the one that the question's filters pick.

        The tests of ONLY stay: they are what the formula is about, not where it is looked at.
        """
        tests = tuple(test for test in self.filters if isinstance(test, Node))
        return replace(self, by=None, values=(), filters=tests)

    def only(self, test: Node) -> "Context":
        """Return the context of ONLY(x WHERE test)."""
        return replace(self, filters=(*self.filters, test))

    def moved(self, name: WindowName, count: int, unit: WindowUnit) -> "Context":
        """Return the context that a time function evaluates its operand in."""
        match name:
            case WindowName.AT_START:
                return replace(self, at_start=True)
            case WindowName.AT_END:
                return replace(self, at_start=False)
            case WindowName.PREVIOUS:
                return replace(
                    self, starts=self._back(self.starts, count, unit), ends=self._back(self.ends, count, unit)
                )
            case WindowName.LAST_YEAR:
                if self.grain is Grain.WEEK:
                    return replace(self, starts=self.starts - 364, ends=self.ends - 364)
                return replace(self, starts=add_months(self.starts, -12), ends=add_months(self.ends, -12))
            case WindowName.TRAILING:
                # Days and weeks end where the data ends; months are those of the calendar.
                ends = self.covered_ends if unit in (WindowUnit.DAY, WindowUnit.WEEK) else self.ends
                return replace(self, starts=self._back(ends, count, unit), ends=ends)
        months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[name.value.removesuffix("_TO_DATE").removeprefix("IN_")]
        inside = np.maximum(np.minimum(self.ends - 1, self.as_of), self.starts)
        starts = floor_months(inside, months, self.calendar.fiscal_start)
        if name.value.startswith("IN_"):
            return replace(self, starts=starts, ends=add_months(starts, months))
        return replace(self, starts=starts)

    def _back(self, days: DayArray, count: int, unit: WindowUnit) -> DayArray:
        if unit is WindowUnit.PERIOD:
            if self.grain is Grain.WEEK:
                return days - 7 * count
            return add_months(days, -count * _MONTHS_OF_GRAIN[self.grain])
        if unit in _MONTHS_OF:
            return add_months(days, -count * _MONTHS_OF[unit])
        return days - count * (7 if unit is WindowUnit.WEEK else 1)
