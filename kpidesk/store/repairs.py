"""Held rows that are imported later: as if they had stood at the end of the file that they come from."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from kpidesk.domain.problem import WorkspaceError
from kpidesk.frame import Batch
from kpidesk.store import columns
from kpidesk.store.connection import Database
from kpidesk.store.fold import Content, Mask, find
from kpidesk.store.imports import in_source

_ORDINAL = "~"  # in the keys of rows without an id: rows that share a key are told apart by the number behind it


def content_of(db: Database, origin: int, batch: Batch) -> tuple[str, Content]:
    """Return the source of the import that rows were held by, and the rows under keys that its own rows leave free."""
    row = db.row("SELECT source FROM batches WHERE id = ? AND undone_at IS NULL", (origin,))
    if row is None:
        raise WorkspaceError("The import that these rows come from was undone. Nothing was changed.")
    source, entity = str(row[0]), batch.frame.entity
    keys = in_source(source, np.array([*batch.keys, None], dtype=object)[:-1])
    if not batch.by_id and len(keys):
        family = [columns.keys(db, entity, number) for number in (origin, *_repairs(db, origin))]
        keys = _moved(keys, np.concatenate(family))
    return source, Content(keys, batch.lines, batch.frame.columns, batch.extras)


def superseded(db: Database, origin: int, entity: str, content: Content) -> Mask:
    """Return which rows a later import has brought already, or a later line of the same file: what these say is older."""
    gone = np.zeros(len(content.keys), dtype=np.bool_)
    family = {origin, *_repairs(db, origin)}
    standing = columns.standing(db, entity)  # oldest snapshot first
    for number in standing[standing.index(origin) :]:
        places = find(columns.keys(db, entity, number), content.keys)
        there = places >= 0
        if number in family:
            lines = columns.lines(db, entity, number)
            there[there] = lines[places[there]] > content.lines[there]
        gone |= there
    return gone


def mark_repaired(db: Database, held: Iterable[int], number: int) -> None:
    """Note that an import brought held rows."""
    db.run_many("UPDATE held_rows SET repaired_by = ? WHERE rowid = ?", [(number, one) for one in held])


def dismiss(db: Database, held: Iterable[int], *, dismissed: bool) -> None:
    """Set held rows aside, or bring them back."""
    db.run_many("UPDATE held_rows SET dismissed = ? WHERE rowid = ?", [(int(dismissed), one) for one in held])


def _repairs(db: Database, origin: int) -> list[int]:
    found = db.rows("SELECT id FROM batches WHERE repairs = ? AND undone_at IS NULL ORDER BY id", (origin,))
    return [int(number) for (number,) in found]


def _moved(keys: npt.NDArray[np.object_], taken: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return keys with their ordinals counted on from those that are taken."""
    parts = [str(key).rpartition(_ORDINAL) for key in keys]
    bases = np.array([*(base for base, _, _ in parts), None], dtype=object)[:-1] + _ORDINAL
    own = np.array([int(number or 0) for _, _, number in parts], dtype=np.int64)
    first = np.zeros(len(keys), dtype=np.int64)
    while (here := find(taken, bases + _suffix(first)) >= 0).any():
        first[here] += 1
    return np.asarray(bases + _suffix(own + first))


def _suffix(ordinals: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    return np.array([*(str(number) if number else "" for number in ordinals.tolist()), None], dtype=object)[:-1]
