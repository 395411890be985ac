"""A column of cells held as its distinct cells and a code per row: of a million rows most repeat theirs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.signedinteger[Any]]
Rows = slice | npt.NDArray[np.integer[Any]] | npt.NDArray[np.bool_]
_NARROW = ((np.int8, 127), (np.int16, 32_767), (np.int32, 2**31 - 1))  # type, most distinct cells


@dataclass(frozen=True, slots=True)
class Coded:
    """`codes` of shape (rows,) index `values`, the distinct cells in the order in which they are met; -1 is an empty cell.

    Texts of nothing but space are empty. It is read like an object array of its cells, with None for the empty ones.
    """

    codes: Codes
    values: Sequence[Any]

    def __len__(self) -> int:
        return len(self.codes)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.__array__())

    @overload
    def __getitem__(self, rows: int | np.integer[Any]) -> Any: ...  # noqa: ANN401 - what a cell holds
    @overload
    def __getitem__(self, rows: Rows) -> "Coded": ...
    def __getitem__(self, rows: int | np.integer[Any] | Rows) -> Any:
        if isinstance(rows, int | np.integer):
            code = int(self.codes[rows])
            return None if code < 0 else self.values[code]
        return Coded(self.codes[rows], self.values)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[np.object_]:  # noqa: ANN401
        """Return the cells as an object array."""
        cells = np.empty(len(self.values) + 1, dtype=object)
        cells[:-1] = self.values
        return cells[self.codes]


def narrowed(codes: npt.NDArray[Any], distinct: int) -> Codes:
    """Return codes of so many distinct cells in the smallest type that holds them."""
    kind = next(kind for kind, most in _NARROW if distinct <= most)
    return codes.astype(kind, copy=False)


def in_order(codes: npt.NDArray[Any], values: Sequence[Any]) -> Coded:
    """Return a column with its values renumbered in the order in which its rows meet them; those of no row are dropped."""
    places = np.full(len(values) + 1, len(codes), dtype=np.int64)
    np.minimum.at(places, codes, np.arange(len(codes)))
    order = np.argsort(places[:-1], kind="stable")
    met = order[: int(np.count_nonzero(places[:-1] < len(codes)))]
    recode = np.full(len(values) + 1, -1, dtype=np.int64)
    recode[met] = np.arange(len(met))
    return Coded(narrowed(recode[codes], len(met)), [values[place] for place in met.tolist()])
