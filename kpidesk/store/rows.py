"""The current rows as plain tables, so that any SQLite tool can read a workspace. What is counted comes from the columns."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.progress import Progress
from kpidesk.frame import BLANK_DAY, BLANK_INSTANT, Column, FlagColumn, NumberColumn, TextColumn, TimeColumn
from kpidesk.store.connection import Database
from kpidesk.store.fold import Places, State

_CHUNK = 20_000


def put(db: Database, entity: str, state: State, places: Places, progress: Progress) -> None:
    """Write the rows at `places` of an entity's state, and drop those behind its end."""
    db.run(f"DELETE FROM {entity} WHERE position >= ?", (state.rows,))
    names = _names(state)
    statement = f"INSERT OR REPLACE INTO {entity} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    for start in range(0, len(places), _CHUNK):
        progress.report("Saving rows", start, len(places))
        db.run_many(statement, _records(state, places[start : start + _CHUNK]))


def differing(db: Database, entity: str, state: State, progress: Progress) -> int:
    """Return how many rows of the table are not what `put` writes for the state; rows that lack or are too many count."""
    found = 0
    statement = f"SELECT {', '.join(_names(state))} FROM {entity} WHERE position BETWEEN ? AND ? ORDER BY position"
    for start in range(0, state.rows, _CHUNK):
        progress.report("Comparing rows", start, state.rows)
        places = np.arange(start, min(start + _CHUNK, state.rows))
        kept = {row[0]: row for row in db.rows(statement, (start, start + len(places) - 1))}
        told = (tuple(None if cell != cell else cell for cell in row) for row in _records(state, places))  # noqa: PLR0124 - NaN
        found += sum(kept.get(row[0]) != row for row in told)
    (more,) = db.row(f"SELECT count(*) FROM {entity} WHERE position >= ? OR position < 0", (state.rows,)) or (0,)
    return found + int(more)


def _names(state: State) -> list[str]:
    return ["position", "key", "batch", "line", *(f'"{name}"' for name in state.fields)]


def _records(state: State, rows: Places) -> Iterator[tuple[object, ...]]:
    cells = [_cells(column, rows) for column in state.fields.values()]
    keys = _storable(state.keys[rows].tolist())
    own = (rows.tolist(), keys, state.batches[rows].tolist(), state.lines[rows].tolist())
    return zip(*own, *cells, strict=True)


def counts(db: Database) -> dict[str, int]:
    """Return the number of current rows by entity."""
    found = {}
    for one in ENTITIES:
        row = db.row(f"SELECT coalesce(max(position) + 1, 0) FROM {one.name}")
        found[one.name] = 0 if row is None else int(row[0])
    return found


def _cells(column: Column, rows: Places) -> list[object]:
    """Return cells as SQLite keeps them: ISO dates (in UTC where the time is known), text, numbers, None for blank."""
    match column:
        case TextColumn():
            used, codes = np.unique(column.codes[rows], return_inverse=True)
            texts = [column.values[code] if code >= 0 else None for code in used.tolist()]
            return _objects(_storable(texts))[codes].tolist()
        case TimeColumn():
            days, instants = column.days[rows], column.instants[rows]
            distinct, places = np.unique(days, return_inverse=True)
            dates = [None if day == BLANK_DAY else str(np.datetime64(day, "D")) for day in distinct.tolist()]
            found = _objects(dates)[places]
            timed = (days != BLANK_DAY) & (instants != BLANK_INSTANT)
            found[timed] = np.datetime_as_string(instants[timed].astype("datetime64[s]"), timezone="UTC").astype(object)
            return found.tolist()
        case NumberColumn():
            return column.values[rows].tolist()  # SQLite keeps NaN as NULL
        case FlagColumn():
            return _objects([0, 1, None])[column.values[rows]].tolist()


def _storable(texts: Sequence[str | None]) -> Sequence[str | None]:
    """Return texts that SQLite can keep: half characters, which broken files hold, become question marks."""
    try:
        "".join(filter(None, texts)).encode()
    except UnicodeEncodeError:
        return [text and text.encode(errors="replace").decode() for text in texts]
    return texts


def _objects(cells: Sequence[object]) -> npt.NDArray[np.object_]:
    return np.array([*cells, None], dtype=object)[:-1]
