"""Dense grids of values with a reason per blank: what every node of a formula evaluates to."""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from kpidesk.domain.result import Reason
from kpidesk.metrics import lacking

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int8]
REASONS: tuple[Reason, ...] = tuple(Reason)
_CODES = {reason: code for code, reason in enumerate(REASONS, start=1)}


def code(reason: Reason) -> int:
    """Return the number that stands for a reason; 0 means there is a value."""
    return _CODES[reason]


@dataclass(frozen=True, slots=True)
class Grid:
    """Values of shape (periods, slices), NaN exactly where `reasons` is not 0.

    Beside them, of the same shape and None where it has no meaning: the two sides of a quotient, the number of rows `n`, rows
    `pending`, rows with a `missing` amount, `judged` the sample of a rate or average (for the small sample rule), whether the
    data is `partial`, whether today's amounts stand for those of a past day (`current`), whether stages are dated by snapshots
    (`inferred`), and whether deals won there have left with the last import (`restated`).
    `proportion` says that numerator and denominator are k and n of a true proportion; `counted` that the values are numbers of rows.
    """

    values: Floats
    reasons: Codes
    numerator: Floats | None = None
    denominator: Floats | None = None
    n: Floats | None = None
    pending: Floats | None = None
    missing: lacking.Parts = ()
    judged: Floats | None = None
    partial: Mask | None = None
    current: Mask | None = None
    inferred: Mask | None = None
    restated: Mask | None = None
    proportion: bool = False
    counted: bool = False

    def with_(self, **changed: Any) -> "Grid":  # noqa: ANN401 - dataclasses.replace takes as much
        """Return the grid with some fields replaced."""
        return replace(self, **changed)

    def alone(self, values: Floats) -> "Grid":
        """Return other values for the same rows, no longer a quotient or a count."""
        return replace(self, values=values, numerator=None, denominator=None, proportion=False, counted=False)

    def spread(self, slices: int) -> "Grid":
        """Return the grid with its one slice repeated, for ALL(x) beside a sliced expression."""
        if self.values.shape[1] == slices:
            return self
        arrays = {one.name: getattr(self, one.name) for one in fields(self)}
        wide = {
            name: np.repeat(array, slices, axis=1) for name, array in arrays.items() if isinstance(array, np.ndarray)
        }
        return self.with_(**wide, missing=lacking.spread(self.missing, slices))

    @property
    def size(self) -> int:
        """Bytes taken."""
        arrays = (getattr(self, one.name) for one in fields(self))
        return sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))


def blank(shape: tuple[int, int], reason: Reason) -> Grid:
    """Return a grid without any value."""
    return Grid(np.full(shape, np.nan), np.full(shape, code(reason), dtype=np.int8))


def constant(shape: tuple[int, int], value: float) -> Grid:
    """Return a grid of one value."""
    return Grid(np.full(shape, value), np.zeros(shape, dtype=np.int8))


def finite(values: Floats, reasons: npt.NDArray[np.integer[Any]]) -> tuple[Floats, Codes]:
    """Return values and reasons that agree: no number where there is a reason, BLANK(blank) where no finite number came out."""
    lost = (reasons == 0) & ~np.isfinite(values)
    settled = np.where(lost, code(Reason.BLANK), reasons).astype(np.int8)
    return np.where(settled == 0, values, np.nan), settled


def joined(left: Grid, right: Grid) -> Grid:
    """Return a grid that carries what two operands have in common: rows, missing amounts, the smaller judged sample."""
    return Grid(
        left.values,
        left.reasons,
        n=left.n if left.n is not None else right.n,
        pending=_both(np.fmax, left.pending, right.pending) if left.proportion or right.proportion else None,
        missing=lacking.joined(left.missing, right.missing),
        judged=_both(np.fmin, left.judged, right.judged),
        partial=_both(np.logical_or, left.partial, right.partial),
        current=_both(np.logical_or, left.current, right.current),
        inferred=_both(np.logical_or, left.inferred, right.inferred),
        restated=_both(np.logical_or, left.restated, right.restated),
    )


def chosen(mask: Mask, one: Grid, other: Grid) -> Grid:
    """Return `one` where `mask`, else `other`, with what is behind each value."""
    parts: dict[str, Any] = {}
    for field in fields(Grid):
        yes, no = getattr(one, field.name), getattr(other, field.name)
        if isinstance(yes, bool):
            parts[field.name] = yes and no
        elif field.name == "missing":
            parts[field.name] = lacking.chosen(mask, yes, no)
        elif yes is None and no is None:
            parts[field.name] = None
        else:
            gap: Any = False if field.name in ("partial", "current", "inferred", "restated") else np.nan
            parts[field.name] = np.where(mask, gap if yes is None else yes, gap if no is None else no)
    return Grid(**parts)


def _both(join: np.ufunc, one: Any, other: Any) -> Any:  # noqa: ANN401 - floats or truths, as the ufunc takes
    """Join two optional arrays; a sample that one side does not know is the other's."""
    if one is None or other is None:
        return one if other is None else other
    return join(one, other)
