"""Columns in the file: those that each import brought, and those that all imports of an entity come to."""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from functools import partial

import numpy as np
import numpy.typing as npt

from kpidesk.domain.entity import entity as entity_of
from kpidesk.domain.progress import Progress
from kpidesk.frame import Column, Deferred, Frame, Replaced, Sighting, TextColumn
from kpidesk.store import codec
from kpidesk.store.codec import Keys, Numbers, Part
from kpidesk.store.connection import Database, damaged
from kpidesk.store.fold import EMPTY, Content, State, find

_FOLDED = 0  # stands for a batch where the columns are those of the fold
_PUT = (
    "INSERT INTO columns (entity, batch, part, name, kind, body) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (entity, batch, part, name) DO UPDATE SET kind = excluded.kind, body = excluded.body"
)
# The rows of a file that a row with the same id further down replaced; they are not among the rows of the import.
_REPLACED = "replaced"
_DIGEST = b"6:"  # the version of the schema that this way of taking digests came with
_Found = dict[tuple[str, str], Part]


def standing(db: Database, entity: str) -> list[int]:
    """Return the numbers of the imports of an entity that were not undone: oldest snapshot first, of one day the first imported."""
    return [number for number, _ in dated(db, entity)]


def dated(db: Database, entity: str) -> list[tuple[int, int]]:
    """Return the standing imports of an entity as (number, day of its snapshot), in the order in which they are laid."""
    statement = "SELECT id, snapshot_day FROM batches WHERE entity = ? AND undone_at IS NULL ORDER BY snapshot_day, id"
    return [(int(number), int(day)) for number, day in db.rows(statement, (entity,))]


def newer(db: Database, entity: str, day: int) -> list[int]:
    """Return the numbers of the standing imports whose snapshots are of a later day, in the order in which they are laid."""
    return [number for number, of in dated(db, entity) if of > day]


def reading(content: Content) -> str:
    """Return a digest of typed rows: the same for the same file read in the same way."""
    digest = hashlib.sha256(_DIGEST)
    for name, column in _parts(content):
        _digest(digest, name, *codec.put(column))
    return _DIGEST.decode() + digest.hexdigest()


def earlier_reading(content: Content) -> str:
    """Return the digest of typed rows that versions up to 5 of the schema kept."""
    digest = hashlib.sha256()
    for name, column in _parts(content):
        _digest(digest, name, *codec.pack(column))
    return digest.hexdigest()


def is_earlier(reading: str) -> bool:
    """Whether a digest is one of `earlier_reading`."""
    return not reading.startswith(_DIGEST.decode())


def put_content(db: Database, entity: str, batch: int, content: Content, progress: Progress) -> str:
    """Keep the rows of an import and return their digest."""
    parts = list(_parts(content))
    digest = hashlib.sha256(_DIGEST)
    for place, (name, column) in enumerate(parts):
        progress.report("Saving columns", place, len(parts))
        kind, body = codec.put(column)
        _digest(digest, name, kind, body)
        db.run(_PUT, (entity, batch, *name, kind, body))
    return _DIGEST.decode() + digest.hexdigest()


def _digest(digest: "hashlib._Hash", name: tuple[str, str], kind: str, body: bytes) -> None:
    digest.update(f"{name} {kind} {len(body)} ".encode("utf-8", "surrogatepass"))
    digest.update(body)


def put_replaced(db: Database, entity: str, batch: int, replaced: Replaced) -> None:
    """Keep which rows of an import's file others further down replaced; without any, nothing is kept."""
    if not len(replaced.lines):
        return
    for name, values in (("lines", replaced.lines), ("by", replaced.by)):
        db.run(_PUT, (entity, batch, _REPLACED, name, *codec.put(Numbers(values))))


def replaced(db: Database, entity: str, batch: int) -> Replaced:
    """Return which rows of an import's file others replaced. Imports of a version that did not keep them have none."""
    found = {name: part for (_, name), part in _load(db, entity, batch, _REPLACED).items()}
    lines, by = found.get("lines"), found.get("by")
    if isinstance(lines, Numbers) and isinstance(by, Numbers):
        return Replaced(lines.values, by.values)
    return Replaced(EMPTY.lines, EMPTY.lines)


def keys(db: Database, entity: str, batch: int | None = None) -> npt.NDArray[np.object_]:
    """Return the keys of the rows of an import, or of the current rows."""
    number = _current(db, entity) if batch is None else batch
    return EMPTY.keys if number is None else _keys(db, _load(db, entity, number, "row", ("keys",)))


def lines(db: Database, entity: str, batch: int) -> npt.NDArray[np.int32]:
    """Return the lines of the rows of an import."""
    return _numbers(db, _load(db, entity, batch, "row", ("lines",)), "lines")


def content(db: Database, entity: str, batch: int) -> Content:
    """Return the rows of an import."""
    found = _load(db, entity, batch)
    return Content(_keys(db, found), _numbers(db, found, "lines"), _fields(entity, found), _extras(found))


def sightings(db: Database, entity: str, names: Collection[str]) -> Iterator[Sighting]:
    """Yield what each standing import saw of some fields, oldest snapshot first."""
    known = keys(db, entity)
    statement = "SELECT id, source FROM batches WHERE entity = ?"
    sources: dict[int, str] = {int(number): str(source) for number, source in db.rows(statement, (entity,))}
    for number, day in dated(db, entity):
        found = _load(db, entity, number, None, ("keys", *names))
        own = _keys(db, found)
        frame = Frame(entity, len(own), _fields(entity, found))
        yield Sighting(number, sources[number], day, find(known, own), frame)


def state(db: Database, entity: str) -> State:
    """Return the current rows of an entity with all that is known of them."""
    batch = _current(db, entity)
    if batch is None:
        return EMPTY
    found = _load(db, entity, batch)
    batches, lines = _origins(db, found, batch)
    return State(_keys(db, found), batches, lines, _fields(entity, found), _extras(found))


def fields(db: Database, entity: str, names: Collection[str] | None) -> Mapping[str, Column]:
    """Return current columns of an entity by name, in the entity's order: those of `names` that there are, or all.

    Their bytes are read now, so that all are of one moment; each is unpacked when first asked for, as few are needed at a time.
    """
    batch = _current(db, entity)
    kept = [] if batch is None else list(_bodies(db, entity, batch, "field", names))
    with db.parsing():
        if len({codec.rows_of(kind, body) for _, _, kind, body in kept}) > 1:
            raise damaged(db.path)
    found = {name: partial(_unpacked, db, kind, body) for _, name, kind, body in kept}
    return Deferred({name: found[name] for name in entity_of(entity).field_names if name in found})


def _unpacked(db: Database, kind: str, body: bytes) -> Column:
    with db.parsing():
        _, column = codec.unpack(kind, body)
    if isinstance(column, Keys | Numbers):
        raise damaged(db.path)
    return column


def origins(db: Database, entity: str) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """Return for every current row the number of the import and the line that it came from."""
    batch = _current(db, entity)
    if batch is None:
        return EMPTY.batches, EMPTY.lines
    return _origins(db, _load(db, entity, batch, "row", ("batches", "lines")), batch)


def extras(db: Database, entity: str, batch: int | None = None) -> tuple[str, ...]:
    """Return the names of the extra columns of an import, or of all imports that stand."""
    batch = _current(db, entity) if batch is None else batch
    statement = "SELECT name FROM columns WHERE entity = ? AND batch = ? AND part = 'extra' ORDER BY id"
    return tuple(name for (name,) in db.rows(statement, (entity, batch)))


def names(db: Database, entity: str) -> tuple[str, ...]:
    """Return the names of the fields that the standing imports of an entity brought."""
    statement = "SELECT name FROM columns WHERE entity = ? AND batch = ? AND part = 'field' ORDER BY id"
    return tuple(name for (name,) in db.rows(statement, (entity, _current(db, entity))))


def extra_columns(db: Database, entity: str) -> dict[str, TextColumn]:
    """Return the extra columns of the current rows, and those that only undone imports had with the rows of the newest of these."""
    current = _current(db, entity)
    found = {} if current is None else _extras(_load(db, entity, current, "extra"))
    statement = (
        "SELECT name, max(batch) FROM columns WHERE entity = ? AND part = 'extra' GROUP BY name ORDER BY min(id)"
    )
    gone = [(str(name), int(batch)) for name, batch in db.rows(statement, (entity,)) if name not in found]
    for name, batch in gone:
        found.update(_extras(_load(db, entity, batch, "extra", (name,))))
    return found


def put_state(db: Database, entity: str, before: State | None, after: State) -> None:
    """Keep what the standing imports of an entity come to; a single one is its own fold, so nothing is kept then.

    A column that is the same object in `before`, what is kept so far, and in `after` is not written again.
    """
    names = db.rows("SELECT part, name FROM columns WHERE entity = ? AND batch = ?", (entity, _FOLDED))
    gone = {(part, name) for part, name in names}
    if len(standing(db, entity)) > 1:
        same = dict(_parts(before)) if gone and before is not None else {}
        for name, column in _parts(after):
            if _is_other(column, same.get(name)):
                db.run(_PUT, (entity, _FOLDED, *name, *codec.put(column)))
            gone.discard(name)
    statement = "DELETE FROM columns WHERE entity = ? AND batch = ? AND part = ? AND name = ?"
    db.run_many(statement, [(entity, _FOLDED, *name) for name in gone])


def _is_other(column: Part, earlier: Part | None) -> bool:
    match column, earlier:
        case Keys(), Keys():
            return column.texts is not earlier.texts
        case Numbers(), Numbers():
            return not np.array_equal(column.values, earlier.values)
    return column is not earlier


def _parts(rows: Content | State) -> Iterator[tuple[tuple[str, str], Part]]:
    yield ("row", "keys"), Keys(rows.keys)
    yield ("row", "lines"), Numbers(rows.lines)
    if isinstance(rows, State):
        yield ("row", "batches"), Numbers(rows.batches)
    for name, column in rows.fields.items():
        yield ("field", name), column
    for name, text in rows.extras.items():
        yield ("extra", name), text


def _current(db: Database, entity: str) -> int | None:
    """Return under which number the current columns are kept; None when no import stands."""
    numbers = standing(db, entity)
    if not numbers:
        return None
    return numbers[0] if len(numbers) == 1 else _FOLDED


def _load(
    db: Database, entity: str, batch: int, part: str | None = None, names: Collection[str] | None = None
) -> _Found:
    found: _Found = {}
    sizes = set()
    for one, name, kind, body in _bodies(db, entity, batch, part, names):
        with db.parsing():
            size, found[one, name] = codec.unpack(kind, body)
        sizes.add(size)
    if len(sizes) > 1:
        raise damaged(db.path)
    return found


def _bodies(
    db: Database, entity: str, batch: int, part: str | None, names: Collection[str] | None
) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield (part, name, kind, body) of columns, one body at a time: together they can be large."""
    statement = "SELECT id, part, name FROM columns WHERE entity = ? AND batch = ? ORDER BY id"
    for number, one, name in db.rows(statement, (entity, batch)):
        if one != part and (part is not None or one == _REPLACED):
            continue
        if names is not None and name not in names:
            continue
        for kind, body in db.rows("SELECT kind, body FROM columns WHERE id = ?", (number,)):
            yield one, name, kind, body


def _keys(db: Database, found: _Found) -> npt.NDArray[np.object_]:
    keys = found.get(("row", "keys"))
    if not isinstance(keys, Keys):
        raise damaged(db.path)
    return keys.texts


def _numbers(db: Database, found: _Found, name: str) -> npt.NDArray[np.int32]:
    numbers = found.get(("row", name))
    if not isinstance(numbers, Numbers):
        raise damaged(db.path)
    return numbers.values


def _origins(db: Database, found: _Found, batch: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    lines = _numbers(db, found, "lines")
    if batch == _FOLDED:
        return _numbers(db, found, "batches"), lines
    return np.full(len(lines), batch, dtype=np.int32), lines


def _fields(entity: str, found: _Found) -> dict[str, Column]:
    columns = ((name, found.get(("field", name))) for name in entity_of(entity).field_names)
    return {name: column for name, column in columns if column is not None and not isinstance(column, Keys | Numbers)}


def _extras(found: _Found) -> dict[str, TextColumn]:
    return {name: one for (part, name), one in found.items() if part == "extra" and isinstance(one, TextColumn)}
