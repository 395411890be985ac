"""Frames: the one in-memory table of coded columns that imports produce, the store keeps and metrics aggregate.

Text is int32 codes into a tuple of distinct values, days are integers since 1970-01-01, numbers are float64 with NaN for blank.
All arrays of a frame have the shape (rows,) and are treated as read-only.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.domain.entity import entity
from kpidesk.domain.importing import HeldRow
from kpidesk.domain.problem import Problem
from kpidesk.domain.snapshot import Snapshot

_T = TypeVar("_T")
BLANK_CODE = -1
BLANK_DAY = np.iinfo(np.int32).min
BLANK_INSTANT = np.iinfo(np.int64).min


@dataclass(frozen=True, slots=True)
class TextColumn:
    """`codes[i]` indexes `values`; BLANK_CODE is blank. Values are distinct but not sorted."""

    codes: npt.NDArray[np.int32]
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberColumn:
    """Plain numbers or money in major units; NaN is blank."""

    values: npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TimeColumn:
    """Local calendar `days` (BLANK_DAY is blank) and, where the file had a time of day, `instants` in UTC seconds.

    `instants[i]` is BLANK_INSTANT for a date without a time. `local[i]` says that the file gave a time without a zone, which was
    read in the workspace's own zone; such a value keeps its wall clock when that zone is changed.
    """

    days: npt.NDArray[np.int32]
    instants: npt.NDArray[np.int64]
    local: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class FlagColumn:
    """1 true, 0 false, -1 blank."""

    values: npt.NDArray[np.int8]


Column = TextColumn | NumberColumn | TimeColumn | FlagColumn


class Deferred(Mapping[str, _T]):
    """Columns by name. A part that is a function is called when the column is first read, and what it returns is kept."""

    def __init__(self, parts: Mapping[str, _T | Callable[[], _T]]) -> None:
        self._parts = dict(parts)

    def __getitem__(self, name: str) -> _T:
        part = self._parts[name]
        if callable(part):
            part = self._parts[name] = part()
        return part

    def __contains__(self, name: object) -> bool:
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)


@dataclass(frozen=True, slots=True)
class Frame:
    """One entity's rows as columns. A field that no import has ever filled is absent from `columns`."""

    entity: str
    rows: int
    columns: Mapping[str, Column]

    def __contains__(self, field: object) -> bool:
        return field in self.columns

    def text(self, field: str) -> TextColumn:
        """Return a text column; TypeError when the field is of another type."""
        return _checked(self.columns[field], TextColumn)

    def number(self, field: str) -> NumberColumn:
        """Return a number column; TypeError when the field is of another type."""
        return _checked(self.columns[field], NumberColumn)

    def time(self, field: str) -> TimeColumn:
        """Return a time column; TypeError when the field is of another type."""
        return _checked(self.columns[field], TimeColumn)

    def flag(self, field: str) -> FlagColumn:
        """Return a flag column; TypeError when the field is of another type."""
        return _checked(self.columns[field], FlagColumn)


_C = TypeVar("_C", TextColumn, NumberColumn, TimeColumn, FlagColumn)


def _checked(column: Column, kind: type[_C]) -> _C:
    if not isinstance(column, kind):
        raise TypeError(f"{type(column).__name__} is not {kind.__name__}")
    return column


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one standing import saw of an entity, as it stood in the file.

    `day` is the day of its snapshot (since 1970-01-01), `source` whose ids it has, `rows` the places of its rows in the current
    frame, shape (rows of `frame`,).
    """

    batch: int
    source: str
    day: int
    rows: npt.NDArray[np.int64]
    frame: Frame


@dataclass(frozen=True, slots=True)
class Replaced:
    """The rows of a file that a row with the same id further down replaced: their `lines`, and the row of the batch that did."""

    lines: npt.NDArray[np.int32]
    by: npt.NDArray[np.int32]


_NOBODY = Replaced(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32))


@dataclass(frozen=True, slots=True)
class Batch:
    """The typed rows of one import: what ingest hands to the store.

    `frame` has the mapped fields only (a field that the file does not have keeps the value of an earlier import). `keys` are the
    natural keys, unique in the batch (the last row of a duplicate id wins), in the order of the rows; `lines` the line of
    each row in the file. `extras` are the unmapped columns as text. `held` rows are those that cannot be read. Without a `snapshot`
    the day of the import is the snapshot's. `repairs` is the import whose held rows, named by `repaired`, these are; None for the
    rows of a file.
    """

    source: str
    file_name: str
    file_hash: str
    sheet: str | None
    profile: str
    frame: Frame
    keys: tuple[str, ...]
    lines: npt.NDArray[np.int32]
    extras: Mapping[str, TextColumn]
    held: tuple[HeldRow, ...]
    problems: tuple[Problem, ...]
    stage_order: tuple[str, ...] = ()
    snapshot: Snapshot | None = None
    replaced: Replaced = _NOBODY
    repairs: int | None = None
    repaired: tuple[int, ...] = ()

    @property
    def by_id(self) -> bool:
        """Whether the keys are ids of the file, and not made of other fields and an ordinal."""
        key = entity(self.frame.entity).key
        return bool(key) and all(name in self.frame for name in key)
