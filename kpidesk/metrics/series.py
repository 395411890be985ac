"""Grids read into series of points: a value or a reason, what is behind it, and what to beware of."""

from collections.abc import Iterable
from itertools import repeat

import numpy as np
import numpy.typing as npt

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.result import Point, Series
from kpidesk.metrics.context import Context
from kpidesk.metrics.grid import REASONS, Floats, Grid
from kpidesk.metrics.intervals import wilson
from kpidesk.metrics.lacking import total

TOO_FEW, SMALL = 5, 30  # G14
_FLAGS = (
    "partial_period",
    "partial_data",
    "immature",
    "too_few",
    "small_sample",
    "current_amounts",
    "inferred_stages",
    "restated",
)
_COMBINATIONS = tuple(
    tuple(flag for place, flag in enumerate(_FLAGS) if combination >> place & 1)
    for combination in range(1 << len(_FLAGS))
)
_REASONS = (None, *REASONS)


def series(kpi: Kpi, grid: Grid, place: int, which: tuple[str, str | None] | None, context: Context) -> Series:
    """Return the series of one slice, the column `place` of the grid."""
    one = _Column(grid, place)
    reasons = [_REASONS[reason] for reason in grid.reasons[:, place].tolist()]
    points = tuple(
        map(
            Point,
            one.floats(np.where(grid.reasons == 0, grid.values, np.nan)),
            reasons,
            one.floats(grid.numerator),
            one.floats(grid.denominator),
            one.wholes(grid.n),
            one.wholes(grid.pending if grid.proportion else None),
            one.intervals(),
            one.flags(context),
        )
    )
    return Series(kpi.id, kpi.name, kpi.display, which, points)


class _Column:
    """One slice of a grid."""

    def __init__(self, grid: Grid, place: int) -> None:
        self._grid = grid
        self._place = place

    def floats(self, array: Floats | None) -> Iterable[float | None]:
        """Return numbers, None for NaN."""
        if array is None:
            return repeat(None, len(self._grid.values))
        return [None if value != value else value for value in array[:, self._place].tolist()]  # noqa: PLR0124 - NaN is not itself

    def wholes(self, array: Floats | None) -> Iterable[int | None]:
        """Return numbers of rows, None for NaN."""
        if array is None:
            return repeat(None, len(self._grid.values))
        column = array[:, self._place]
        whole = np.where(np.isnan(column), -1.0, np.rint(column)).astype(np.int64)
        return [None if value < 0 else value for value in whole.tolist()]

    def intervals(self) -> Iterable[tuple[float, float] | None]:
        """Return the 95 % range of a true proportion."""
        grid, place = self._grid, self._place
        if not grid.proportion or grid.numerator is None or grid.denominator is None:
            return repeat(None, len(grid.values))
        low, high = wilson(grid.numerator[:, place], grid.denominator[:, place])
        known = (grid.reasons[:, place] == 0).tolist()
        return [
            pair if there else None
            for there, pair in zip(known, zip(low.tolist(), high.tolist(), strict=True), strict=True)
        ]

    def flags(self, context: Context) -> Iterable[tuple[str, ...]]:
        """Return the flags of every point."""
        grid, place = self._grid, self._place
        judged = self._of(grid.judged, np.inf)
        judged = np.where(grid.reasons[:, place] == 0, judged, np.inf)
        waiting = self._of(grid.pending, 0.0) > 0 if grid.proportion else np.zeros(len(judged), dtype=np.bool_)
        marks = (
            context.partial,
            self._of(grid.partial, 0) > 0,
            waiting,
            judged < TOO_FEW,
            (judged >= TOO_FEW) & (judged < SMALL),
            self._of(grid.current, 0) > 0,
            self._of(grid.inferred, 0) > 0,
            self._of(grid.restated, 0) > 0,
        )
        missing = self._of(total(grid.missing), 0.0)
        bits = np.zeros(len(judged), dtype=np.int64)
        for place_of, mark in enumerate(marks):
            bits |= mark.astype(np.int64) << place_of
        common = [_COMBINATIONS[combination] for combination in bits.tolist()]
        if not missing.any():
            return common
        return [
            (*flags, f"missing_amount:{count:.0f}") if count else flags
            for flags, count in zip(common, missing.tolist(), strict=True)
        ]

    def _of(self, array: npt.NDArray[np.generic] | None, unknown: float) -> Floats:
        if array is None:
            return np.full(len(self._grid.values), float(unknown))
        column = array[:, self._place].astype(np.float64)
        return np.where(np.isnan(column), unknown, column)
