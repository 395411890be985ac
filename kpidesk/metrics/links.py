"""Joins by id: the deal, the lead or the customer that rows of two tables have in common."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.frame import BLANK_CODE
from kpidesk.metrics.table import TextValues

_REMEMBERED = 24
Keys = npt.NDArray[np.int32]
Places = npt.NDArray[np.int64]


class Links:
    """Matches the texts of two columns; each pair of dictionaries is compared once, however often its rows are asked for."""

    def __init__(self) -> None:
        self._matched: dict[tuple[int, int], tuple[tuple[str, ...], tuple[str, ...], Keys]] = {}

    def recoded(self, known: TextValues, other: TextValues) -> Keys:
        """Return the codes of `other` in the numbering of `known`, -1 for texts that it has not."""
        if known.values is other.values:
            return other.codes
        if not known.values or not other.values:
            return np.full(len(other.codes), -1, dtype=np.int32)
        pair = (id(known.values), id(other.values))
        if pair not in self._matched:
            place = pd.Index(known.values, dtype=object).get_indexer(pd.Index(other.values, dtype=object))
            # The dictionaries are kept so that their ids stay theirs.
            self._matched[pair] = (known.values, other.values, np.append(place, -1).astype(np.int32))
            if len(self._matched) > _REMEMBERED:
                del self._matched[next(iter(self._matched))]
        return self._matched[pair][2][other.codes]

    def rows_of(self, known: TextValues, wanted: TextValues) -> Places:
        """Return for each row of `wanted` the row of `known` with the same text, -1 without one."""
        row_of = np.full(len(known.values) + 1, -1, dtype=np.int64)
        filled = np.flatnonzero(known.codes != BLANK_CODE)
        row_of[known.codes[filled]] = filled
        return row_of[self.recoded(known, wanted)]
