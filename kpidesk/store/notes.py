"""Notes in the file, one row of the settings each, for the reasons that goals are (`store/goals.py`)."""

import json
from dataclasses import asdict
from datetime import date

from kpidesk.domain.note import Note
from kpidesk.store.connection import Database
from kpidesk.store.values import dump

_PREFIX = "note:"


def notes(db: Database) -> tuple[Note, ...]:
    """Return all notes, by day and then in the order in which they were made."""
    found = db.rows("SELECT value FROM settings WHERE substr(name, 1, ?) = ? ORDER BY rowid", (len(_PREFIX), _PREFIX))
    with db.parsing():
        bodies = [json.loads(text) for (text,) in found]
        read = [Note(one["id"], one["kpi"], date.fromisoformat(one["day"]), one["text"]) for one in bodies]
    return tuple(sorted(read, key=lambda note: note.day))


def put(db: Database, note: Note) -> None:
    """Save a note."""
    statement = "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    db.run(statement, (_PREFIX + note.id, dump(asdict(note))))


def remove(db: Database, note_id: str) -> None:
    """Forget a note."""
    db.run("DELETE FROM settings WHERE name = ?", (_PREFIX + note_id,))
