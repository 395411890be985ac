"""Whether two KPIs say the same: their weekly changes go together so closely that one tells the other."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FEWEST_WEEKS = 26
_CLOSE = 0.9


@dataclass(frozen=True, slots=True)
class Together:
    """How closely two KPIs move: `r` is the correlation of `n` changes from one week to the next."""

    r: float
    n: int


def moving_together(one: Sequence[float | None], other: Sequence[float | None]) -> Together | None:
    """Return how closely the changes from week to week go together, None below 0.9 in size or 26 changes known of both.

    Changes are taken so that a shared trend does not count. Both have one value a week, None for blank.
    """
    both = np.array([one, other], dtype=np.float64)
    steps = both[:, 1:] - both[:, :-1]
    steps = steps[:, np.isfinite(steps).all(axis=0)]
    if steps.shape[1] < FEWEST_WEEKS or (steps.std(axis=1) == 0).any():
        return None
    r = float(np.asarray(np.corrcoef(steps))[0, 1])
    return Together(r, steps.shape[1]) if abs(r) >= _CLOSE else None
