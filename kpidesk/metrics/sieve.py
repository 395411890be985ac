"""How a row set is made from a frame: the rows that pass every step, and for the others the first step that they fail.

What is counted and why a row is not come from the same masks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from kpidesk.domain.explanation import LeftOut

Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
RowNumbers = npt.NDArray[np.intp]
REASONS = tuple(LeftOut)
_CODES = {reason: code for code, reason in enumerate(REASONS, start=1)}


def code(reason: LeftOut) -> np.int8:
    """Return the number that stands for a reason; 0 means that the row is there."""
    return np.int8(_CODES[reason])


@dataclass(frozen=True)
class Sieve:
    """Steps over the rows of an entity's frame: why a row fails, and which rows pass, shape (rows,).

    A step whose rows fail for different reasons has a function that returns a code per row.
    """

    entity: str
    rows: int
    steps: tuple[tuple[LeftOut | Callable[[], Codes], Mask], ...] = ()

    def also(self, why: LeftOut | Callable[[], Codes], kept: Mask) -> "Sieve":
        """Return the sieve with one step more."""
        return Sieve(self.entity, self.rows, (*self.steps, (why, kept)))

    @cached_property
    def mask(self) -> Mask:
        """Which rows pass every step."""
        kept = np.ones(self.rows, dtype=np.bool_)
        for _, passing in self.steps:
            kept &= passing
        return kept

    def why(self) -> Codes:
        """Return for each row why it fails, by the first step that it does; 0 for those that pass."""
        codes = np.zeros(self.rows, dtype=np.int8)
        for why, passing in self.steps:
            failing = (codes == 0) & ~passing
            codes[failing] = why()[failing] if callable(why) else code(why)
        return codes


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows of a row set come from.

    `places` are their rows in the frame of `entity`, which has `size` rows; `why` gives for each row of the frame why it is not
    among them, 0 where it is. Both are worked out when asked for only.
    """

    entity: str
    size: int
    places: Callable[[], RowNumbers]
    why: Callable[[], Codes]


def origin_of(sieve: Sieve, rows: RowNumbers) -> Origin:
    """Return where `rows`, which pass a sieve, come from."""
    return Origin(sieve.entity, sieve.rows, lambda: rows, sieve.why)


def narrowed(origin: Origin, sieve: Sieve, rows: RowNumbers) -> Origin:
    """Return where those `rows` of a row set come from that pass a further sieve."""

    def why() -> Codes:
        codes = origin.why().copy()
        codes[origin.places()] = sieve.why()
        return codes

    return Origin(origin.entity, origin.size, lambda: origin.places()[rows], why)
