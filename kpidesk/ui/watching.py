"""A folder in which new exports are looked for, by the wish of the user: never without it, and never on a network of our own."""

import hashlib
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QFileSystemWatcher, QObject, Signal, Slot

from kpidesk.domain.progress import Progress
from kpidesk.present.numbers import plural
from kpidesk.ui.notices import Notice, NoticeBar
from kpidesk.ui.session import Session
from kpidesk.ui.views.import_steps.drop_zone import SUFFIXES
from kpidesk.ui.views.imports import ImportsView

if TYPE_CHECKING:
    from kpidesk.workspace import Workspace

_TOPIC = "watched folder"
_MOST, _LARGEST = 50, 200_000_000  # files looked at, bytes of one


class FolderWatch(QObject):
    """Knows the watched folder of the open workspace and the files in it that came after the last look and are not imported.

    The folder belongs to this computer, so it is a preference and does not travel with the workspace. `changed` tells of another
    folder or other files.
    """

    changed = Signal()

    def __init__(self, session: Session, notices: NoticeBar, imports: ImportsView, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._notices = notices
        self._imports = imports
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(self.look)
        self._told: frozenset[Path] = frozenset()
        self.found: tuple[Path, ...] = ()
        session.workspace_changed.connect(self._follow)
        session.imported.connect(self.look)
        session.import_undone.connect(self.look)

    @property
    def folder(self) -> Path | None:
        """The folder that is watched, None for none."""
        name = str(self._session.preferences.value(self._key("folder"), "")) if self._session.workspace else ""
        return Path(name) if name else None

    def watch(self, folder: Path) -> None:
        """Look for exports that come into a folder from now on."""
        self._session.preferences.setValue(self._key("folder"), str(folder))
        self._see_all()
        self._follow()

    def stop(self) -> None:
        """Watch no folder any more."""
        self._session.preferences.remove(self._key("folder"))
        self._follow()

    def open_found(self) -> None:
        """Show the new files in the import wizard; they are then no longer new."""
        found = self.found
        if found:
            self._see_all()
            self.found = ()
            self.changed.emit()
            self._imports.acted.emit("imports", "")
            self._imports.read_files(found)

    @Slot()
    def look(self) -> None:
        """Look into the folder, in the background."""
        folder = self.folder
        if folder is None:
            return
        since = float(str(self._session.preferences.value(self._key("since"), 0)))

        def work(workspace: "Workspace", progress: Progress) -> tuple[Path, ...]:
            imported = {one.file_hash for one in workspace.imports() if one.undone_at is None}
            return new_files(folder, since, imported, progress)

        self._session.ask(self, work, self._have_looked, lambda _: None, topic=_TOPIC)

    def _have_looked(self, found: tuple[Path, ...]) -> None:
        folder = self.folder
        self.found = found if folder is not None else ()
        self.changed.emit()
        if folder is not None and set(found) - self._told:
            words = f"{plural(len(found), 'new export')} in {folder.name}"
            self._notices.show_notice(Notice(words, "Look", self.open_found))
        self._told = frozenset(found)

    @Slot()
    def _follow(self) -> None:
        """Watch the folder of the workspace that is open now."""
        if watched := self._watcher.directories():
            self._watcher.removePaths(watched)
        self.found, self._told = (), frozenset()
        folder = self.folder
        if folder is not None and folder.is_dir():
            self._watcher.addPath(str(folder))
        self.changed.emit()
        self.look()

    def _see_all(self) -> None:
        self._session.preferences.setValue(self._key("since"), str(time.time()))

    def _key(self, name: str) -> str:
        workspace = self._session.workspace
        path = "" if workspace is None else str(workspace.path.absolute())
        return f"watched/{hashlib.sha256(path.encode()).hexdigest()[:16]}/{name}"


def new_files(folder: Path, since: float, imported: set[str], progress: Progress) -> tuple[Path, ...]:
    """Return the spreadsheets that came into a folder after a second of the clock and are not among imported files, by name."""
    found = []
    try:
        for path in sorted(folder.iterdir()):
            progress.report(f"Looking into {folder.name}")
            if path.suffix.lower() not in SUFFIXES or path.suffix.lower() == ".txt" or path.name[0] in "~.":
                continue
            told = path.stat()
            came = max(told.st_mtime, told.st_ctime) > since and 0 < told.st_size <= _LARGEST and path.is_file()
            if came and hashlib.sha256(path.read_bytes()).hexdigest() not in imported:
                found.append(path)
    except OSError:
        return ()  # the folder went, or a file while it was looked at: the next change brings another look
    return tuple(found[:_MOST])
