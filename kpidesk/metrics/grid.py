"""Dense grids of values with a reason per blank: what every node of a formula evaluates to."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from kpidesk.domain.result import Reason

Floats = npt.NDArray[np.float64]
REASONS: tuple[Reason, ...] = tuple(Reason)
_CODES = {reason: code for code, reason in enumerate(REASONS, start=1)}


def code(reason: Reason) -> int:
    """Return the number that stands for a reason; 0 means there is a value."""
    return _CODES[reason]


@dataclass(frozen=True, slots=True)
class Grid:
    """Values of shape (periods, slices), NaN exactly where `reasons` is not 0.

    Beside them, of the same shape and None where it has no meaning: the two sides of a quotient, the number of rows `n`, rows
    `pending`, rows with a `missing` amount, `judged` the sample of a rate or average (for the small sample rule), and whether
    the data is `partial`.
    `proportion` says that numerator and denominator are k and n of a true proportion; `current` that amounts are today's.
    """

    values: Floats
    reasons: npt.NDArray[np.int8]
    numerator: Floats | None = None
    denominator: Floats | None = None
    n: Floats | None = None
    pending: Floats | None = None
    missing: Floats | None = None
    judged: Floats | None = None
    partial: npt.NDArray[np.bool_] | None = None
    proportion: bool = False
    current: bool = False

    def spread(self, slices: int) -> "Grid":
        """Return the grid with its one slice repeated, for ALL(x) beside a sliced expression."""
        if self.values.shape[1] == slices:
            return self

        def wide(array: np.ndarray | None) -> np.ndarray | None:
            return None if array is None else np.repeat(array, slices, axis=1)

        return replace(
            self,
            values=np.repeat(self.values, slices, axis=1),
            reasons=np.repeat(self.reasons, slices, axis=1),
            numerator=wide(self.numerator),
            denominator=wide(self.denominator),
            n=wide(self.n),
            pending=wide(self.pending),
            missing=wide(self.missing),
            judged=wide(self.judged),
            partial=wide(self.partial),
        )


def blank(shape: tuple[int, int], reason: Reason) -> Grid:
    """Return a grid without any value."""
    return Grid(np.full(shape, np.nan), np.full(shape, code(reason), dtype=np.int8))


def constant(shape: tuple[int, int], value: float) -> Grid:
    """Return a grid of one value."""
    return Grid(np.full(shape, value), np.zeros(shape, dtype=np.int8))


def largest(one: Floats | None, other: Floats | None) -> Floats | None:
    """Return the larger of two optional arrays."""
    if one is None or other is None:
        return one if other is None else other
    return np.maximum(one, other)


def smallest(one: Floats | None, other: Floats | None) -> Floats | None:
    """Return the smaller of two optional arrays."""
    if one is None or other is None:
        return one if other is None else other
    return np.minimum(one, other)
