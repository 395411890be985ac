"""Cells merged over several rows: what one says of the rows under it."""

from collections.abc import Iterable
from datetime import date, datetime

from kpidesk.ingest import headers
from kpidesk.ingest.cells import Unreadable, split_number

Range = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell of a merged range, each (row, column) from 0."""


def names_rows(cell: object) -> bool:
    """Whether a cell merged over rows says what they are, as a group does. An amount would be added up once a row."""
    if isinstance(cell, (datetime, date)):
        return True
    return isinstance(cell, str) and isinstance(split_number(cell.strip()), Unreadable)


class Merged:
    """Fills the rows under the first of a merged range. A row without a cell of its own stays blank."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._starts: dict[int, list[tuple[int, int]]] = {}
        self._going: dict[int, tuple[int, object]] = {}
        for (top, left), (bottom, _) in ranges:
            if bottom > top:
                self._starts.setdefault(top, []).append((left, bottom))

    def fill(self, line: int, row: list[object]) -> int:
        """Fill one row and return how many cells were; rows come in order."""
        count = 0
        own = bool(self._going) and headers.filled(row) > 0
        for column, (bottom, value) in list(self._going.items()):
            if line > bottom:
                del self._going[column]
            elif own and (column >= len(row) or row[column] is None):
                row += [None] * (column + 1 - len(row))
                row[column] = value
                count += 1
        for column, bottom in self._starts.get(line, ()):
            if column < len(row) and names_rows(row[column]):
                self._going[column] = (bottom, row[column])
        return count
