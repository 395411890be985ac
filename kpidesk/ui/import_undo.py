"""The way back from an import and back again: after each the notice bar offers the other."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QFileDialog, QWidget

from kpidesk.domain.importing import BatchInfo, Choices, ImportReport
from kpidesk.present.numbers import plural
from kpidesk.ui.actions import Action
from kpidesk.ui.files import SPREADSHEETS
from kpidesk.ui.notices import Notice, NoticeBar
from kpidesk.ui.session import Session
from kpidesk.ui.views.imports import ImportsView

if TYPE_CHECKING:
    from kpidesk.domain.progress import Progress
    from kpidesk.workspace import Workspace


class ImportUndo(QObject):
    """Knows the last import that stands, and for those of this sitting where their files are. `known` tells of a new last one."""

    known = Signal()

    def __init__(self, session: Session, bar: NoticeBar, imports: ImportsView, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._bar = bar
        self._imports = imports
        self._window = window
        self._sources: dict[int, tuple[Path, Choices]] = {}
        self._repairs: set[int] = set()
        self.last: BatchInfo | None = None
        session.imported.connect(self._on_imported)
        session.import_undone.connect(self._on_undone)
        session.repaired.connect(self._on_repaired)
        session.changed.connect(self._look)
        session.workspace_changed.connect(self._on_workspace)

    def undo_last(self) -> None:
        """Take the last import back: at once when its file was imported just now, else after a question."""
        if self.last is None:
            return
        if self.last.id in self._sources:
            self._imports.undo(self.last.id)
        else:
            self._imports.ask_undo_of(self.last)

    def import_again(self, batch: int, name: str) -> None:
        """Import a file once more that was taken back, with the same choices; ask for it when it is not where it was."""
        path, choices = self._sources.get(batch, (Path(name), Choices()))
        if not path.is_absolute() or not path.is_file():
            chosen, _ = QFileDialog.getOpenFileName(
                self._window, f"Import {name} again", str(path.parent), SPREADSHEETS
            )
            if not chosen:
                return
            path = Path(chosen)

        def work(workspace: "Workspace", progress: "Progress") -> ImportReport:
            return workspace.commit(workspace.read(path, choices, progress), progress)

        self._session.write(
            self, work, lambda report: self._session.imported.emit(report, path), title=f"Importing {path.name}"
        )

    # --- news

    @Slot(object, object)
    def _on_imported(self, report: object, path: object) -> None:
        assert isinstance(report, ImportReport)  # noqa: S101 - as the signal says
        name, batch = report.preview.file_name, report.batch
        if batch is None:
            self._bar.show_notice(Notice(f"{name} is in this workspace already. Nothing was changed."))
            return
        if isinstance(path, Path):
            self._sources[batch] = (path.absolute(), report.preview.choices)
        effect = report.effect
        words = f"Imported {name}: {plural(effect.added, 'row')} added, {effect.updated:,} updated"
        if effect.held:
            words += f", {effect.held:,} held"
        keys = Action("", "", "", self.undo_last, "Ctrl+Z").shown_keys
        self._bar.show_notice(Notice(words, "Undo", lambda: self._imports.undo(batch, name), keys))

    @Slot(int, str)
    def _on_undone(self, batch: int, name: str) -> None:
        repaired = {one.id for one in self._imports.batches if one.repairs is not None}
        if batch in self._repairs | repaired:
            self._bar.show_notice(Notice(f"Took back the repaired rows of {name}. They are held again."))
            return
        words = f"Took back the import of {name}"
        self._bar.show_notice(Notice(words, "Import again", lambda: self.import_again(batch, name)))

    @Slot(object)
    def _on_repaired(self, made: object) -> None:
        assert isinstance(made, BatchInfo)  # noqa: S101 - as the signal says
        self._repairs.add(made.id)
        words = f"Imported {plural(made.rows, 'repaired row')} of {made.file_name}"
        self._bar.show_notice(Notice(words, "Undo", lambda: self._imports.undo(made.id, made.file_name)))

    @Slot()
    def _on_workspace(self) -> None:
        self._sources.clear()
        self._repairs.clear()
        self.last = None
        self.known.emit()
        self._look()

    @Slot()
    def _look(self) -> None:
        self._session.ask(
            self, lambda workspace, _: workspace.imports(), self._have_looked, lambda _: None, topic="last import"
        )

    def _have_looked(self, batches: tuple[BatchInfo, ...]) -> None:
        self.last = next((batch for batch in batches if batch.undone_at is None), None)
        self.known.emit()
