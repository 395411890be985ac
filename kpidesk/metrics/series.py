"""Grids read into series of points: a value or a reason, what is behind it, and what to beware of."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.result import Point, Points, Series
from kpidesk.metrics.context import Context
from kpidesk.metrics.grid import REASONS, Floats, Grid
from kpidesk.metrics.intervals import wilson
from kpidesk.metrics.lacking import total

_Kind = TypeVar("_Kind", bound=np.generic)
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
_COMBINATIONS: tuple[tuple[str, ...], ...] = tuple(
    tuple(flag for place, flag in enumerate(_FLAGS) if combination >> place & 1)
    for combination in range(1 << len(_FLAGS))
)
_REASONS = (None, *REASONS)


def series(
    kpi: Kpi, grid: Grid, slices: Mapping[int, tuple[str, str | None] | None], context: Context
) -> Iterator[Series]:
    """Yield the series of slices: by column of the grid, what the slice is (None for the total)."""
    read = _Columns(grid, list(slices), context)
    for place, which in enumerate(slices.values()):
        yield Series(kpi.id, kpi.name, kpi.display, which, Points(partial(read.points, place)))


class _Columns:
    """Some columns of a grid, read as lists of what stands in each when the first point is asked for."""

    def __init__(self, grid: Grid, places: list[int], context: Context) -> None:
        self._grid, self._places, self._periods, self._context = grid, places, context.periods, context

    def points(self, place: int) -> tuple[Point, ...]:
        """Return the points of one of the columns."""
        values, reasons, *behind = (part[place] for part in self._parts)
        return tuple(map(Point, values, map(_REASONS.__getitem__, reasons), *behind))

    @cached_property
    def _parts(self) -> tuple[Sequence[Sequence[Any]], ...]:
        grid = self._grid
        return (
            self.floats(np.where(grid.reasons == 0, grid.values, np.nan)),
            self.of(grid.reasons),
            self.floats(grid.numerator),
            self.floats(grid.denominator),
            self.wholes(grid.n),
            self.wholes(grid.pending if grid.proportion else None),
            self.intervals(),
            self.flags(self._context),
        )

    def of(self, array: npt.NDArray[np.generic]) -> list[list[Any]]:
        """Return columns as they are."""
        return self._lists(self._some(array))

    def _lists(self, some: npt.NDArray[np.generic]) -> list[list[Any]]:
        columns: list[list[Any]] = some.T.tolist()
        return columns

    def _some(self, array: npt.NDArray[_Kind]) -> npt.NDArray[_Kind]:
        return array[:, self._places]

    def _nothing(self) -> list[list[None]]:
        return [[None] * self._periods] * len(self._places)

    def floats(self, array: Floats | None) -> Sequence[Sequence[float | None]]:
        """Return numbers, None for NaN."""
        if array is None:
            return self._nothing()
        columns = self.of(array)
        if not np.isnan(array).any():
            return columns
        return [[None if value != value else value for value in column] for column in columns]  # noqa: PLR0124 - NaN is not itself

    def wholes(self, array: Floats | None) -> Sequence[Sequence[int | None]]:
        """Return numbers of rows, None for NaN."""
        if array is None:
            return self._nothing()
        unknown = np.isnan(array)
        if not unknown.any():
            return self.of(np.rint(array).astype(np.int64))
        columns = self.of(np.where(unknown, -1.0, np.rint(array)).astype(np.int64))
        return [[None if value < 0 else value for value in column] for column in columns]

    def intervals(self) -> Sequence[Sequence[tuple[float, float] | None]]:
        """Return the 95 % range of a true proportion."""
        grid = self._grid
        if not grid.proportion or grid.numerator is None or grid.denominator is None:
            return self._nothing()
        low, high = wilson(self._some(grid.numerator), self._some(grid.denominator))
        known = (self._some(grid.reasons) == 0).T.tolist()
        return [
            [pair if there else None for there, pair in zip(one, zip(lows, highs, strict=True), strict=True)]
            for one, lows, highs in zip(known, low.T.tolist(), high.T.tolist(), strict=True)
        ]

    def flags(self, context: Context) -> Sequence[Sequence[tuple[str, ...]]]:
        """Return the flags of every point."""
        grid = self._grid
        judged = self._filled(grid.judged, np.inf)
        judged = np.where(self._some(grid.reasons) == 0, judged, np.inf)
        marks = (
            np.broadcast_to(context.partial[:, None], judged.shape),
            self._filled(grid.partial, 0) > 0,
            self._filled(grid.pending if grid.proportion else None, 0.0) > 0,
            judged < TOO_FEW,
            (judged >= TOO_FEW) & (judged < SMALL),
            self._filled(grid.current, 0) > 0,
            self._filled(grid.inferred, 0) > 0,
            self._filled(grid.restated, 0) > 0,
        )
        bits = np.zeros(judged.shape, dtype=np.int64)
        for place, mark in enumerate(marks):
            bits |= mark.astype(np.int64) << place
        common = [[_COMBINATIONS[bit] for bit in column] for column in self._lists(bits)]
        missing = self._filled(total(grid.missing), 0.0)
        if not missing.any():
            return common
        return [
            [
                (*flags, f"missing_amount:{count:.0f}") if count else flags
                for flags, count in zip(column, counts, strict=True)
            ]
            for column, counts in zip(common, self._lists(missing), strict=True)
        ]

    def _filled(self, array: npt.NDArray[np.generic] | None, unknown: float) -> Floats:
        if array is None:
            return np.full((self._periods, len(self._places)), float(unknown))
        some = self._some(array).astype(np.float64)
        return np.where(np.isnan(some), unknown, some)
