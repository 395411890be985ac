"""Days that an import took won deals from: a reopened deal leaves the month it was won in (semantics G6)."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_DAY, Column, TextColumn, TimeColumn
from kpidesk.store.connection import Database
from kpidesk.store.fold import State, find

_NAME = "restated:"  # followed by a day since 1970-01-01; the value counts the deals that left it


def days_left(before: State, after: State) -> tuple[tuple[int, int], ...]:
    """Return the days on which a deal was won in `before` and is no longer won in `after`, each with how many deals it lost."""
    was, now = _won_on(before.fields, before.rows), _won_on(after.fields, after.rows)
    now = (
        now[: before.rows]
        if np.array_equal(after.keys[: before.rows], before.keys)
        else now[find(after.keys, before.keys)]
    )
    days, counts = np.unique(was[(was != BLANK_DAY) & (was != now)], return_counts=True)
    return tuple(zip(days.tolist(), counts.tolist(), strict=True))


def put(db: Database, days: tuple[tuple[int, int], ...]) -> None:
    """Keep what the newest import of deals took from which days, instead of what the one before it took."""
    db.run(f"DELETE FROM state WHERE name GLOB '{_NAME}*'")
    db.run_many("INSERT INTO state VALUES (?, ?)", [(f"{_NAME}{day}", count) for day, count in days])


def days(db: Database) -> tuple[int, ...]:
    """Return the days that lost a won deal with the newest import of deals."""
    names = db.rows(f"SELECT name FROM state WHERE name GLOB '{_NAME}*'")
    with db.parsing():
        return tuple(sorted(int(str(name).removeprefix(_NAME)) for (name,) in names))


def _won_on(fields: Mapping[str, Column], rows: int) -> npt.NDArray[np.int32]:
    """Return the day on which each deal was won, BLANK_DAY where it is not."""
    status, closed = fields.get("status"), fields.get("closed")
    if not isinstance(status, TextColumn) or not isinstance(closed, TimeColumn):
        return np.full(rows, BLANK_DAY, dtype=np.int32)
    won = np.array([value.strip().casefold() == "won" for value in status.values] + [False], dtype=np.bool_)
    return np.where(won[status.codes], closed.days, np.int32(BLANK_DAY))
