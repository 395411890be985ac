"""Held rows mended by hand: read again as part of the file that they come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from kpidesk.domain.entity import entity
from kpidesk.domain.importing import BatchInfo, Choices, Effect, HeldRow, HeldState
from kpidesk.domain.settings import Settings
from kpidesk.frame import Batch
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.raw import Cells, RawTable
from kpidesk.store import Store

Edits = Mapping[int, Mapping[str, str]]
"""Held row -> column header -> the text to read instead of the one in the file."""
_RAGGED, _SUPERSEDED = "ragged-lines", "superseded"


@dataclass(frozen=True, slots=True)
class Repair:
    """The waiting rows of an import as they read with their edits.

    `rows` have the edited cells and why each is still held; those that can be imported are `ready`, and their `effect` is what
    that would do. `trouble` says what has to be answered before any of them can be, "" when nothing has.
    """

    origin: BatchInfo
    rows: tuple[HeldRow, ...]
    ready: frozenset[int]
    effect: Effect
    trouble: str
    batch: Batch | None


def repair(store: Store, settings: Settings, origin: BatchInfo, edits: Edits) -> Repair:
    """Read the waiting rows of an import again, with edits in place; nothing is saved."""
    waiting = [_edited(row, edits) for row in store.held(origin.id) if row.state is HeldState.WAITING]
    stuck = {row.id: row for row in waiting if _overflows(row)}
    choices = _choices(store.choices(origin.id), origin.entity)
    offered = [row for row in waiting if row.id not in stuck]
    while offered:
        read = _read(store, settings, origin, offered, choices)
        stuck.update(_still_held(offered, read))
        trouble = " ".join(problem.message for problem in read.preview.blocking)
        ready = [row for row in offered if row.id not in stuck]
        if read.batch is None:
            return Repair(origin, _told(waiting, stuck), frozenset(), Effect(), trouble, None)
        # The rows are as old as the file they come from, and lie where it lies.
        mended = tuple(row.id for row in ready)
        batch = replace(read.batch, held=(), repairs=origin.id, repaired=mended, snapshot=origin.snapshot)
        older = set(batch.lines[np.array(store.superseded(batch), dtype=np.bool_)].tolist())
        if not older and len(ready) == len(offered):
            told = _told(waiting, stuck)
            return Repair(origin, told, frozenset(batch.repaired), store.effect(batch), "", batch)
        # What is held proves nothing about the rest, so the rest is read by itself.
        stuck.update((row.id, _outdated(row)) for row in ready if row.line in older)
        offered = [row for row in ready if row.id not in stuck]
    return Repair(origin, _told(waiting, stuck), frozenset(), Effect(), "", None)


def _edited(row: HeldRow, edits: Edits) -> HeldRow:
    return replace(row, cells={**row.cells, **edits.get(row.id, {})}) if row.id in edits else row


def _overflows(row: HeldRow) -> bool:
    """Whether a line still has more cells than the header: nobody has said what they belong to."""
    if row.code != _RAGGED:
        return False
    return any(text.strip() for place, (name, text) in enumerate(row.cells.items()) if name == f"Cell {place + 1}")


def _choices(choices: Choices, name: str) -> Choices:
    """Leave out every field that the file did not feed: a few rows are no ground to recognise columns by."""
    left_out = dict.fromkeys(entity(name).field_names, "")
    return replace(choices, mapping={**left_out, **choices.mapping}, sheet=None, header_line=None)


def _read(
    store: Store, settings: Settings, origin: BatchInfo, rows: Sequence[HeldRow], choices: Choices
) -> Interpretation:
    return interpret(_table(origin, rows), choices, settings, known_stages=store.stage_status(), part=True)


def _table(origin: BatchInfo, rows: Sequence[HeldRow]) -> RawTable:
    header = tuple(
        dict.fromkeys(
            name for row in rows for place, name in enumerate(row.cells) if not _is_overflow(row, place, name)
        )
    )
    return RawTable(
        path=Path(origin.file_name),
        file_name=origin.file_name,
        file_hash=origin.file_hash,
        sheet=origin.sheet,
        sheets=(),
        header=header,
        header_line=1,
        columns=tuple(_column(rows, name) for name in header),
        lines=np.array([row.line for row in rows], dtype=np.int32),
        ragged=(),
        problems=(),
    )


def _is_overflow(row: HeldRow, place: int, name: str) -> bool:
    return row.code == _RAGGED and name == f"Cell {place + 1}"


def _column(rows: Sequence[HeldRow], name: str) -> Cells:
    return np.array([*(row.cells.get(name) or None for row in rows), None], dtype=object)[:-1]


def _still_held(offered: Sequence[HeldRow], read: Interpretation) -> dict[int, HeldRow]:
    """Return the rows that are held again, with the reason of now."""
    return {
        offered[place].id: replace(offered[place], code=row.code, reason=row.reason, column=row.column)
        for place, row in read.held
    }


def _outdated(row: HeldRow) -> HeldRow:
    reason = "A later import has this row already, and what stands here is older."
    return replace(row, code=_SUPERSEDED, reason=reason, column=None)


def _told(waiting: Sequence[HeldRow], stuck: Mapping[int, HeldRow]) -> tuple[HeldRow, ...]:
    return tuple(stuck.get(row.id, replace(row, code="", reason="", column=None)) for row in waiting)
