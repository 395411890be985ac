"""The current rows as plain tables, so that any SQLite tool can read a workspace. What is counted comes from the columns."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.progress import Progress
from kpidesk.frame import BLANK_DAY, BLANK_INSTANT, Column, NumberColumn, TextColumn, TimeColumn
from kpidesk.store.connection import Database
from kpidesk.store.fold import Places, State

_CHUNK = 20_000


def put(db: Database, entity: str, state: State, places: Places, progress: Progress) -> None:
    """Write the rows at `places` of an entity's state, and drop those behind its end."""
    db.run(f"DELETE FROM {entity} WHERE position >= ?", (state.rows,))
    (known,) = db.row(f"SELECT coalesce(max(position) + 1, 0) FROM {entity}") or (0,)
    names = _names(state)
    into = f"INTO {entity} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
    cells = _Cells(state)
    done = 0
    for verb, some in (("INSERT OR REPLACE", places[places < known]), ("INSERT", np.sort(places[places >= known]))):
        for start in range(0, len(some), _CHUNK):
            progress.report("Saving rows", done + start, len(places))
            db.run_many(f"{verb} {into}", cells.records(some[start : start + _CHUNK]))
        done += len(some)


def differing(db: Database, entity: str, state: State, progress: Progress) -> int:
    """Return how many rows of the table are not what `put` writes for the state; rows that lack or are too many count."""
    found = 0
    statement = f"SELECT {', '.join(_names(state))} FROM {entity} WHERE position BETWEEN ? AND ? ORDER BY position"
    cells = _Cells(state)
    for start in range(0, state.rows, _CHUNK):
        progress.report("Comparing rows", start, state.rows)
        places = np.arange(start, min(start + _CHUNK, state.rows))
        kept = {row[0]: row for row in db.rows(statement, (start, start + len(places) - 1))}
        told = (tuple(None if cell != cell else cell for cell in row) for row in cells.records(places))  # noqa: PLR0124 - NaN
        found += sum(kept.get(row[0]) != row for row in told)
    (more,) = db.row(f"SELECT count(*) FROM {entity} WHERE position >= ? OR position < 0", (state.rows,)) or (0,)
    return found + int(more)


def _names(state: State) -> list[str]:
    return ["position", "batch", "line", *(f'"{name}"' for name in state.fields)]


def counts(db: Database) -> dict[str, int]:
    """Return the number of current rows by entity."""
    found = {}
    for one in ENTITIES:
        row = db.row(f"SELECT coalesce(max(position) + 1, 0) FROM {one.name}")
        found[one.name] = 0 if row is None else int(row[0])
    return found


class _Cells:
    """The cells of a state as SQLite keeps them: ISO dates (in UTC where the time is known), text, numbers, None for blank.

    What stands in many rows is made once, when the first of them is asked for.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._columns = [_kept(column) for column in state.fields.values()]

    def records(self, rows: Places) -> Iterator[tuple[object, ...]]:
        """Return some rows with their position, import and line in front."""
        own = (rows.tolist(), self._state.batches[rows].tolist(), self._state.lines[rows].tolist())
        return zip(*own, *(column(rows) for column in self._columns), strict=True)


def _kept(column: Column) -> Callable[[Places], list[object]]:
    match column:
        case TextColumn():
            texts = _objects([*_storable(column.values), None])
            return lambda rows: texts[column.codes[rows]].tolist()
        case TimeColumn():
            return _times(column)
        case NumberColumn():
            return lambda rows: column.values[rows].tolist()  # SQLite keeps NaN as NULL
    flags = _objects([0, 1, None])
    return lambda rows: flags[column.values[rows]].tolist()


def _times(column: TimeColumn) -> Callable[[Places], list[object]]:
    day_codes, days = pd.factorize(column.days)
    dates = _objects([None if day == BLANK_DAY else str(np.datetime64(day, "D")) for day in days.tolist()])
    timed = (column.days != BLANK_DAY) & (column.instants != BLANK_INSTANT)
    if not timed.any():
        return lambda rows: dates[day_codes[rows]].tolist()
    codes, instants = pd.factorize(column.instants)
    moments = np.datetime_as_string(instants.astype("datetime64[s]"), timezone="UTC").astype(object)
    return lambda rows: np.where(timed[rows], moments[codes[rows]], dates[day_codes[rows]]).tolist()


def _storable(texts: Sequence[str]) -> Sequence[str]:
    """Return texts that SQLite can keep: half characters, which broken files hold, become question marks."""
    try:
        "".join(texts).encode()
    except UnicodeEncodeError:
        return [text.encode(errors="replace").decode() for text in texts]
    return texts


def _objects(cells: Sequence[object]) -> npt.NDArray[np.object_]:
    return np.array([*cells, None], dtype=object)[:-1]
