"""The list of imports: whose ids a file's rows carry, what an import would do, what each did."""

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from kpidesk.domain.importing import BatchInfo, Choices, Effect, HeldRow, HeldState
from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.frame import BLANK_DAY, Batch, Frame, TimeColumn
from kpidesk.store import columns
from kpidesk.store.connection import Database, Row
from kpidesk.store.fold import Content, Laid, Places, State, find
from kpidesk.store.values import choices_from, choices_text, dump

UNRECOGNISED = "file"  # the namespace of the generic profile: a file whose CRM is not known
_EPOCH = date(1970, 1, 1)
_BEGINS = ("created", "date", "entered", "acquired")
_SEPARATOR = "\x1f"
_SELECT = (
    "SELECT id, entity, file_name, file_hash, sheet, profile, imported_at, rows, added, updated, unchanged, held,"
    " first_day, last_day, undone_at, repairs, snapshot_day, snapshot_by, snapshot_evidence, part_of FROM batches"
)
# Held rows with the import that repaired them, as long as that one stands.
_HELD = "held_rows AS row LEFT JOIN batches AS repair ON repair.id = row.repaired_by AND repair.undone_at IS NULL"


def content_of(db: Database, batch: Batch, state: State) -> tuple[str, Content]:
    """Return the source that a batch's ids belong to, and its rows with the source in their keys.

    A file whose CRM was not recognised, or one recognised after such a file, goes on with the source that holds most of its ids
    when that is at least half of them. Two recognised CRMs stay apart: both may count their deals from 1.
    """
    keys = np.array([*batch.keys, None], dtype=object)[:-1]
    known = db.rows(
        "SELECT DISTINCT source FROM batches WHERE entity = ? AND undone_at IS NULL ORDER BY source",
        (batch.frame.entity,),
    )
    others = [name for (name,) in known if name != batch.source and UNRECOGNISED in (name, batch.source)]
    source, most = batch.source, 0
    if others and len(keys):
        for name in (batch.source, *others):
            here = int(np.count_nonzero(find(state.keys, in_source(name, keys)) >= 0))
            if here > most and here * 2 >= len(keys):
                source, most = name, here
    return source, Content(in_source(source, keys), batch.lines, batch.frame.columns, batch.extras)


def in_source(source: str, keys: npt.NDArray[np.object_]) -> npt.NDArray[np.object_]:
    """Return keys with the source in front, which keeps the ids of different CRMs apart."""
    return np.add(source + _SEPARATOR, keys, dtype=object)


def twin(db: Database, batch: Batch, content: Content) -> int | None:
    """Return the number of a standing import of the same file that was read in the same way, None when there is none."""
    found = db.rows(
        "SELECT id, reading FROM batches WHERE file_hash = ? AND entity = ? AND sheet IS ? AND undone_at IS NULL ORDER BY id",
        (batch.file_hash, batch.frame.entity, batch.sheet),
    )
    if not found:
        return None
    known = {columns.reading(content)}
    if any(columns.is_earlier(one) for _, one in found):
        known.add(columns.earlier_reading(content))
    return next((int(number) for number, one in found if one in known), None)


def begun(db: Database, entity: str, source: str, state: State, day: int | None) -> Places:
    """Return the places of the current rows of a source that began by a day, None for all; those without a date count as begun."""
    found = db.rows("SELECT id FROM batches WHERE entity = ? AND source = ?", (entity, source))
    inside = np.isin(state.batches, [int(number) for (number,) in found])
    dates = next((state.fields[name] for name in _BEGINS if name in state.fields), None)
    if day is not None and isinstance(dates, TimeColumn):
        inside &= dates.days <= day
    return np.flatnonzero(inside)


def effect_of(laid: Laid, held: int) -> Effect:
    """Count what laying an import over the rows does to them."""
    added, changed = int(np.count_nonzero(laid.new)), int(np.count_nonzero(laid.changed))
    return Effect(added, changed - added, len(laid.places) - changed, held)


def record(
    db: Database,
    number: int,
    source: str,
    batch: Batch,
    reading: str,
    effect: Effect,
    imported_at: datetime,
    choices: Choices,
    part_of: int | None,
) -> None:
    """Put an import and its held rows on the list."""
    first, last = _span(batch.frame)
    seen = snapshot(batch, imported_at)
    values: Mapping[str, object] = {
        "id": number,
        "entity": batch.frame.entity,
        "source": source,
        "file_name": batch.file_name,
        "file_hash": batch.file_hash,
        "sheet": batch.sheet,
        "profile": batch.profile,
        "imported_at": utc_text(imported_at),
        "rows": len(batch.keys),
        "added": effect.added,
        "updated": effect.updated,
        "unchanged": effect.unchanged,
        "held": effect.held,
        "first_day": first,
        "last_day": last,
        "reading": reading,
        "choices": choices_text(choices),
        "stages": dump(batch.stage_order),
        "repairs": batch.repairs,
        "snapshot_day": day_number(seen.day),
        "snapshot_by": seen.by.value,
        "snapshot_evidence": seen.evidence,
        "part_of": part_of,
    }
    db.run(f"INSERT INTO batches ({', '.join(values)}) VALUES ({', '.join('?' * len(values))})", values.values())
    held = ((number, one.line, one.code, one.reason, one.column, dump(dict(one.cells))) for one in batch.held)
    statement = 'INSERT INTO held_rows (batch, line, code, reason, "column", cells) VALUES (?, ?, ?, ?, ?, ?)'
    db.run_many(statement, held)


def snapshot(batch: Batch, imported_at: datetime) -> Snapshot:
    """Return what dates an import; without a sign in the file, the day it came in."""
    if batch.snapshot is not None:
        return batch.snapshot
    return Snapshot(imported_at.astimezone(UTC).date(), DatedBy.IMPORT, "It counts from the day it was imported.")


def day_number(day: date) -> int:
    """Return the days since 1970-01-01."""
    return (day - _EPOCH).days


def family(db: Database, number: int) -> dict[int, str]:
    """Return what stands and falls with a standing import: number -> entity of it, its parts and what was repaired of them."""
    found = db.rows(
        "WITH RECURSIVE family (id) AS (SELECT id FROM batches WHERE id = ? AND undone_at IS NULL"
        " UNION SELECT b.id FROM batches AS b JOIN family AS f ON b.repairs = f.id OR b.part_of = f.id)"
        " SELECT id, entity FROM batches WHERE undone_at IS NULL AND id IN family ORDER BY id",
        (number,),
    )
    return {int(one): str(entity) for one, entity in found}


def mark_undone(db: Database, numbers: Iterable[int], undone_at: datetime) -> None:
    """Note that imports were taken back."""
    now = utc_text(undone_at)
    db.run_many("UPDATE batches SET undone_at = ? WHERE id = ?", [(now, number) for number in numbers])


def redate(db: Database, numbers: Iterable[int], seen: Snapshot) -> None:
    """Give imports another day."""
    statement = "UPDATE batches SET snapshot_day = ?, snapshot_by = ?, snapshot_evidence = ? WHERE id = ?"
    told = day_number(seen.day), seen.by.value, seen.evidence
    db.run_many(statement, [(*told, number) for number in numbers])


def batches(db: Database, number: int | None = None) -> tuple[BatchInfo, ...]:
    """Return all imports, oldest first, undone ones included; or the one with a number."""
    found = db.rows(f"{_SELECT} ORDER BY id") if number is None else db.rows(f"{_SELECT} WHERE id = ?", (number,))
    with db.parsing():
        return tuple(_info(db, row) for row in found)


def _info(db: Database, row: Row) -> BatchInfo:
    return BatchInfo(
        id=row[0],
        entity=row[1],
        file_name=row[2],
        file_hash=row[3],
        sheet=row[4],
        profile=row[5],
        imported_at=datetime.fromisoformat(row[6]),
        rows=row[7],
        effect=Effect(*row[8:12]),
        extra_columns=columns.extras(db, row[1], row[0]),
        first_day=None if row[12] is None else _EPOCH + timedelta(days=row[12]),
        last_day=None if row[13] is None else _EPOCH + timedelta(days=row[13]),
        undone_at=None if row[14] is None else datetime.fromisoformat(row[14]),
        waiting=_count_held(db, row[0], "row.dismissed = 0 AND repair.id IS NULL") if row[11] else 0,
        dismissed=_count_held(db, row[0], "row.dismissed = 1 AND repair.id IS NULL") if row[11] else 0,
        repairs=row[15],
        snapshot=Snapshot(_EPOCH + timedelta(days=row[16]), DatedBy(row[17]), row[18]),
        part_of=row[19],
    )


def _count_held(db: Database, number: int, which: str) -> int:
    found = db.row(f"SELECT count(*) FROM {_HELD} WHERE row.batch = ? AND {which}", (number,))
    return 0 if found is None else int(found[0])


def choices(db: Database, number: int) -> Choices:
    """Return how the file of an import was read."""
    row = db.row("SELECT choices FROM batches WHERE id = ?", (number,))
    with db.parsing():
        return choices_from(row[0]) if row else Choices()


def held(db: Database, number: int) -> tuple[HeldRow, ...]:
    """Return the rows of an import that could not be read, in the order of the file."""
    statement = (
        'SELECT row.line, row.code, row.reason, row."column", row.cells, row.rowid, row.dismissed, repair.id'
        f" FROM {_HELD} WHERE row.batch = ? ORDER BY row.line, row.rowid"
    )
    found = db.rows(statement, (number,))
    with db.parsing():
        return tuple(
            HeldRow(line, code, reason, column, json.loads(cells), one, _state(dismissed, repair))
            for line, code, reason, column, cells, one, dismissed, repair in found
        )


def _state(dismissed: int, repair: int | None) -> HeldState:
    return HeldState.REPAIRED if repair is not None else HeldState.DISMISSED if dismissed else HeldState.WAITING


def origins(db: Database, entity: str) -> tuple[tuple[str, str, str, int], ...]:
    """Return for every current row its file, the file's hash, the sheet ("" for none) and the line."""
    found = db.rows("SELECT id, file_name, file_hash, coalesce(sheet, '') FROM batches WHERE entity = ?", (entity,))
    files: Mapping[int, tuple[str, str, str]] = {number: (name, digest, sheet) for number, name, digest, sheet in found}
    numbers, lines = columns.origins(db, entity)
    return tuple((*files[number], line) for number, line in zip(numbers.tolist(), lines.tolist(), strict=True))


def utc_text(moment: datetime) -> str:
    """Return an instant as ISO text in UTC, to the second."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def _span(frame: Frame) -> tuple[int | None, int | None]:
    """Return the first and last day on which something happened, None without any; what is only expected does not count."""
    filled = [
        column.days[column.days != BLANK_DAY]
        for name, column in frame.columns.items()
        if isinstance(column, TimeColumn) and name != "expected_close"
    ]
    days = np.concatenate(filled) if filled else np.zeros(0, dtype=np.int32)
    return (int(days.min()), int(days.max())) if days.size else (None, None)
