"""The door for notes: what people know about a KPI and a day."""

from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

from kpidesk.domain.change import Change
from kpidesk.domain.note import Note
from kpidesk.domain.problem import DefinitionError
from kpidesk.store import Store

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_LONGEST = 240


class Notes:
    """Works on the notes of one workspace."""

    def __init__(self, workspace: "Workspace", store: Store) -> None:
        self._workspace = workspace
        self._store = store

    def of(self, kpi_id: str) -> tuple[Note, ...]:
        """Return the notes on a KPI, by day."""
        return tuple(note for note in self._store.notes() if note.kpi == kpi_id)

    def add(self, kpi_id: str, on: date, text: str) -> Note:
        """Save a note; DefinitionError when it says nothing or too much."""
        words = " ".join(text.split())
        if not words or len(words) > _LONGEST:
            raise DefinitionError(f"A note has from 1 to {_LONGEST} characters. Nothing was changed.")
        note = Note(uuid4().hex[:12], self._workspace.kpi(kpi_id).id, on, words)
        self._store.save_note(note)
        return note

    def remove(self, note: Note) -> Change:
        """Forget a note; `put_back` brings it back."""
        return self._store.remove_note(note.id)

    def put_back(self, note: Note) -> Change:
        """Save a note that was removed as it was."""
        return self._store.save_note(note)
