"""Chance with a memory: random, repeatable, and close to the rates asked for even in small numbers."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import TypeVar

_K = TypeVar("_K")
_PULL = 0.4  # how strongly a rate that ran away is pulled back


class Dice:
    """All chance of one sample. The same seed and the same calls give the same company."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a sample company needs no secrets
        self._owed: dict[str, float] = {}

    def hit(self, name: str, chance: float) -> bool:
        """Return True in about `chance` of the calls with this `name`; runs of luck are evened out."""
        owed = self._owed.get(name, 0.0)
        yes = self.random.random() < chance + _PULL * owed
        self._owed[name] = owed + chance - yes
        return yes

    def arrivals(self, name: str, rate: float) -> int:
        """Return how many of something arrive in one step; `rate` is the mean."""
        owed = self._owed.get(name, self.random.random()) + rate * self.random.uniform(0.3, 1.7)
        number = int(owed)
        self._owed[name] = owed - number
        return number

    def pick(self, shares: Mapping[_K, float]) -> _K:
        """Return one key, each with its share."""
        return self.random.choices(list(shares), list(shares.values()))[0]

    def spread(self, mean: float, sigma: float) -> float:
        """Return a positive amount with this mean, skewed to the right; `sigma` is the spread of its logarithm."""
        return mean * self.random.lognormvariate(-sigma * sigma / 2, sigma)

    def days(self, mean: float) -> float:
        """Return a length of time in days with this mean, never below half a day."""
        return max(0.5, self.random.gammavariate(3.0, mean / 3.0))

    def at_work(self, day: date) -> datetime:
        """Return a moment of the working day on `day`, or on the Monday after a weekend."""
        if day.weekday() > 4:
            day += timedelta(days=7 - day.weekday())
        return datetime.combine(day, time(self.random.randint(9, 16), self.random.randint(0, 59)))

    def any_time(self, day: date) -> datetime:
        """Return a moment at which people write in: mostly office hours, some in the evening."""
        hour = min(21, max(7, round(self.random.gauss(12.5, 3.0))))
        return datetime.combine(day, time(hour, self.random.randint(0, 59)))
