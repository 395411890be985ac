"""Where every row of an entity stands in its file: the current rows, those that a later one replaced, and the held ones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpidesk.domain.importing import HeldRow, HeldState
from kpidesk.store import columns, imports
from kpidesk.store.connection import Database
from kpidesk.store.fold import Places, find

_Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Origins:
    """All rows of the standing imports of an entity, numbered.

    First come the current ones as in the frame, then those that a later row with the same id replaced, then the held ones. `batches`
    and `lines` of shape (rows,) say where each stands; `by`, of shape (replaced,), which current row replaced it; `files` has the
    name and the sheet of each import.
    """

    current: int
    batches: _Numbers
    lines: _Numbers
    by: Places
    held: Sequence[HeldRow]
    files: Mapping[int, tuple[str, str | None]]

    @property
    def size(self) -> int:
        """The number of all rows."""
        return len(self.lines)

    @property
    def replaced(self) -> range:
        """The numbers of the rows that were replaced."""
        return range(self.current, self.current + len(self.by))

    @property
    def held_rows(self) -> range:
        """The numbers of the held rows."""
        return range(self.current + len(self.by), self.size)


def origins(db: Database, entity: str) -> Origins:
    """Return where all rows of an entity stand."""
    batches, lines = columns.origins(db, entity)
    standing = columns.standing(db, entity)
    found = [(batches, lines)]
    by: list[Places] = []
    current = columns.keys(db, entity) if len(standing) > 1 else None
    for number in standing:
        replaced = columns.replaced(db, entity, number)
        if current is None:
            found.append((np.full(len(replaced.lines), number, dtype=np.int32), replaced.lines))
            by.append(replaced.by.astype(np.int64))
            continue
        own, own_lines = columns.keys(db, entity, number), columns.lines(db, entity, number)
        places = find(current, own)
        gone = (batches[places] != number) | (lines[places] != own_lines)
        for some, survivors in ((replaced.lines, places[replaced.by]), (own_lines[gone], places[gone])):
            found.append((np.full(len(some), number, dtype=np.int32), some))
            by.append(survivors)
    held = [
        (number, row)
        for number in standing
        for row in imports.held(db, number)
        if row.state is not HeldState.REPAIRED  # it is among the rows of the import that brought it
    ]
    found.append(
        (
            np.array([number for number, _ in held], dtype=np.int32),
            np.array([row.line for _, row in held], dtype=np.int32),
        )
    )
    return Origins(
        len(lines),
        np.concatenate([one for one, _ in found]),
        np.concatenate([one for _, one in found]),
        np.concatenate(by) if by else np.zeros(0, dtype=np.int64),
        tuple(row for _, row in held),
        {one.id: (one.file_name, one.sheet) for one in imports.batches(db) if one.id in standing},
    )
