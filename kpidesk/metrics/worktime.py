"""Working time between two instants: weekdays, hours of the day and holidays in the workspace's zone (semantics G10)."""

import re
from collections.abc import Sequence
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.frame import BLANK_INSTANT
from kpidesk.metrics.table import DayValues, Floats

_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 86_400


class WorkingHours:
    """Hours such as `Mon-Fri 09:00-17:30`, by the wall clock of `zone`. Text that says no hours means no working time at all."""

    def __init__(self, hours: str, holidays: Sequence[date], zone: str) -> None:
        self._zone = zone
        self._holidays = np.array(sorted(holidays), dtype="datetime64[D]")
        found = re.fullmatch(r"\s*(\w{3})-(\w{3})\s+(\d\d?):(\d\d)-(\d\d?):(\d\d)\s*", hours)
        self._week, self._opens, self._length = [False] * 7, 0, 0
        if found is None:
            return
        first, last = (
            _NAMES.index(name.casefold()) if name.casefold() in _NAMES else -1 for name in found.groups()[:2]
        )
        if first < 0 or last < 0:
            return
        for step in range((last - first) % 7 + 1):
            self._week[(first + step) % 7] = True
        opens, closes = (int(found[place]) * 3600 + int(found[place + 1]) * 60 for place in (3, 5))
        self._opens, self._length = opens, max(closes - opens, 0)

    def between(self, start: DayValues, end: DayValues) -> Floats:
        """Return the working time from `start` to `end` in days of 24 hours; NaN where a side has no time of day."""
        result = np.full(len(start.days), np.nan)
        timed = np.flatnonzero((start.instants != BLANK_INSTANT) & (end.instants != BLANK_INSTANT))
        if timed.size and self._length and any(self._week):
            worked = self._worked(end.instants[timed]) - self._worked(start.instants[timed])
            result[timed] = np.where(end.instants[timed] < start.instants[timed], np.nan, worked / _DAY)
        return result

    def _worked(self, instants: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the working seconds from a fixed day to each instant."""
        local = pd.DatetimeIndex(instants.astype("datetime64[s]"), tz="UTC").tz_convert(self._zone).tz_localize(None)
        seconds = local.as_unit("s").asi8
        days = (seconds // _DAY).astype("datetime64[D]")
        whole = np.busday_count(np.datetime64("1970-01-01"), days, weekmask=self._week, holidays=self._holidays)
        open_today = np.is_busday(days, weekmask=self._week, holidays=self._holidays)
        today = np.clip(seconds % _DAY - self._opens, 0, self._length)
        result: npt.NDArray[np.int64] = whole * self._length + np.where(open_today, today, 0)
        return result
