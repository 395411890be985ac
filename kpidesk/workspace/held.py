"""The door for held rows: read them with mended cells, import them, set them aside, export them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kpidesk.domain.change import Change
from kpidesk.domain.importing import BatchInfo
from kpidesk.domain.problem import ImportRefusedError, WorkspaceError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.export.held import HeldSheet, write_held
from kpidesk.store import Store
from kpidesk.workspace.repairing import Edits, Repair, repair

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


class Held:
    """Works on the held rows of one workspace."""

    def __init__(self, workspace: "Workspace", store: Store) -> None:
        self._workspace = workspace
        self._store = store

    def repair(self, batch_id: int, edits: Edits) -> Repair:
        """Read the waiting rows of an import with edited cells, without saving anything."""
        return repair(self._store, self._workspace.settings, self._origin(batch_id), edits)

    def import_repaired(self, batch_id: int, edits: Edits, progress: Progress = SILENT) -> BatchInfo:
        """Import the rows that now can be read, as an import of its own; ImportRefusedError when none can."""
        read = self.repair(batch_id, edits)
        if read.batch is None:
            raise ImportRefusedError(f"No held row of {read.origin.file_name} can be read yet. {read.trouble}".rstrip())
        choices = self._store.choices(batch_id)
        return self._store.write(read.batch, imported_at=self._workspace.now, choices=choices, progress=progress)

    def dismiss(self, rows: Sequence[int], *, dismissed: bool = True) -> Change:
        """Set rows aside, or bring them back. They are kept either way."""
        return self._store.dismiss(rows, dismissed=dismissed)

    def export(self, path: Path, batch_id: int | None = None) -> Path:
        """Write the rows of an import, or of all that stand, as an Excel workbook with their reasons; return its path."""
        infos = [self._origin(batch_id)] if batch_id is not None else self._standing()
        tables = [HeldSheet(info.file_name, self._store.held(info.id)) for info in infos if info.effect.held]
        return write_held(path, tables)

    def _standing(self) -> list[BatchInfo]:
        return [one for one in self._store.batches() if one.undone_at is None]

    def _origin(self, batch_id: int) -> BatchInfo:
        found = next((one for one in self._standing() if one.id == batch_id), None)
        if found is None:
            raise WorkspaceError(f"There is no import {batch_id}, or it was undone. Nothing was changed.")
        return found
