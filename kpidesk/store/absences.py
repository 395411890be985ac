"""Answers about deals that a newer file lacks."""

from collections.abc import Sequence
from datetime import datetime

from kpidesk.domain.absence import Absence, Answer
from kpidesk.store.connection import Database
from kpidesk.store.imports import utc_text


def put(db: Database, batch: int, keys: Sequence[str] | None, answer: Answer, answered_at: datetime) -> tuple[int, ...]:
    """Keep an answer for some deals that an import lacks, or for all of them; returns the ids of the answers."""
    last = db.row("SELECT coalesce(max(id), 0) FROM absences")
    wanted = [None] if keys is None else [key.encode("utf-8", "surrogatepass") for key in keys]
    rows = ((batch, key, answer.value, utc_text(answered_at)) for key in wanted)
    db.run_many("INSERT INTO absences (batch, key, answer, answered_at) VALUES (?, ?, ?, ?)", rows)
    return tuple(int(number) for (number,) in db.rows("SELECT id FROM absences WHERE id > ? ORDER BY id", last or (0,)))


def take_back(db: Database, number: int, undone_at: datetime) -> bool:
    """Take an answer back; False when there is none of that number that stands."""
    if db.row("SELECT 1 FROM absences WHERE id = ? AND undone_at IS NULL", (number,)) is None:
        return False
    db.run("UPDATE absences SET undone_at = ? WHERE id = ?", (utc_text(undone_at), number))
    return True


def standing(db: Database) -> tuple[Absence, ...]:
    """Return the answers that stand, about imports that stand, in the order they were given."""
    found = db.rows(
        "SELECT a.id, a.batch, a.key, a.answer, a.answered_at FROM absences AS a JOIN batches AS b ON b.id = a.batch"
        " WHERE a.undone_at IS NULL AND b.undone_at IS NULL ORDER BY a.id"
    )
    with db.parsing():
        return tuple(
            Absence(
                number,
                batch,
                None if key is None else key.decode("utf-8", "surrogatepass"),
                Answer(answer),
                datetime.fromisoformat(at),
            )
            for number, batch, key, answer, at in found
        )
