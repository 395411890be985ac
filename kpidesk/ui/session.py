"""What the window is about: the open workspace, the jobs on it, and the news between views."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSettings, Signal

from kpidesk.domain.change import Change
from kpidesk.domain.problem import KpideskError, WorkspaceGoneError
from kpidesk.domain.progress import Progress
from kpidesk.paths import data_dir
from kpidesk.ui.jobs import Job, Jobs

if TYPE_CHECKING:
    from kpidesk.workspace import Workspace
    from kpidesk.workspace.workspace import Clock

Failed = Callable[[KpideskError], None] | None
_RECENT = 8


class Session(QObject):
    """Views talk to the workspace and to each other only through this."""

    changed = Signal(object)
    workspace_changed = Signal()
    closing = Signal()  # views keep now what is not in the file yet
    navigate = Signal(str, object)
    failed = Signal(str)
    gone = Signal()  # the file of the workspace is no longer there
    recent_changed = Signal()
    period_shown = Signal(str)
    show_working = Signal(object)  # the Figure whose working the drawer is to show
    imported = Signal(object, object)  # an ImportReport and the path of its file
    noted = Signal(str, object)  # what was done, and a function that takes it back, None where there is none
    import_undone = Signal(int, str)  # the id of an import and the name of its file
    repaired = Signal(object)  # the BatchInfo of the import that brought repaired rows
    written = Signal(str, object)  # words such as "The held rows were written to", and the path of the file

    def __init__(self, jobs: Jobs, parent: QObject | None = None, *, clock: "Clock | None" = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self._clock = clock
        self.workspace: Workspace | None = None
        self.preferences = QSettings(str(data_dir() / "preferences.ini"), QSettings.Format.IniFormat)
        jobs.failed.connect(self.failed)

    def ask(
        self,
        owner: QObject,
        work: Callable[["Workspace", Progress], Any],
        done: Callable[[Any], None],
        failed: Failed = None,
        topic: str = "",
        title: str = "",
    ) -> Job | None:
        """Run `work(workspace, progress)` in the background; nothing happens without an open workspace."""
        return self._run(owner, work, done, failed, topic, title)

    def write(
        self,
        owner: QObject,
        work: Callable[["Workspace", Progress], Any],
        done: Callable[[Any], None],
        failed: Failed = None,
        topic: str = "",
        title: str = "",
        change: Change = Change.ROWS | Change.IMPORTS,
    ) -> Job | None:
        """Ask for a change; when it is made, `changed` tells all views."""

        def after(result: Any) -> None:  # noqa: ANN401 - whatever the work gives
            done(result)
            self.changed.emit(result if isinstance(result, Change) else change)

        return self._run(owner, work, after, failed, topic, title, writes=True)

    def _run(
        self,
        owner: QObject,
        work: Callable[["Workspace", Progress], Any],
        done: Callable[[Any], None],
        failed: Failed,
        topic: str,
        title: str,
        *,
        writes: bool = False,
    ) -> Job | None:
        workspace = self.workspace
        if workspace is None:
            return None

        def checked(progress: Progress) -> Any:  # noqa: ANN401 - whatever the work gives
            # An open file goes on to work after it was deleted or its disk pulled out, and what is written then is lost.
            if not workspace.path.exists():
                raise _gone(workspace.path)
            return work(workspace, progress)

        def could_not(error: KpideskError) -> None:
            if isinstance(error, WorkspaceGoneError):
                self.gone.emit()
            if failed is not None:
                failed(error)
            elif title or not isinstance(error, WorkspaceGoneError):
                # Only what the user started is answered by itself; pages that refresh all find the same.
                self.failed.emit(str(error))

        return self.jobs.run(owner, checked, done=done, failed=could_not, topic=topic, title=title, writes=writes)

    # --- workspaces

    def open_workspace(self, path: Path, *, read_only: bool = False) -> None:
        """Open a workspace file in the background."""

        def work(progress: Progress) -> "Workspace":
            from kpidesk.workspace import Workspace  # noqa: PLC0415 - the window shows before numpy is loaded

            progress.report(f"Opening {path.name}")
            if self._clock is None:
                return Workspace.open(path, read_only=read_only)
            return Workspace.open(path, read_only=read_only, clock=self._clock)

        self._load(work, f"Opening {path.name}")

    def create_workspace(self, path: Path) -> None:
        """Make a new workspace file and open it."""

        def work(progress: Progress) -> "Workspace":
            from kpidesk.workspace import Workspace  # noqa: PLC0415

            progress.report(f"Making {path.name}")
            return Workspace.create(path)

        self._load(work, f"Making {path.name}")

    def open_sample(self) -> None:
        """Make the sample workspace and open it."""

        def work(progress: Progress) -> "Workspace":
            from kpidesk.workspace import open_sample  # noqa: PLC0415

            return open_sample(data_dir() / "sample", progress=progress)

        self._load(work, "Making the sample workspace")

    def _load(self, work: Callable[[Progress], "Workspace"], title: str) -> None:
        self.jobs.run(
            self, work, done=self._loaded, failed=lambda error: self.failed.emit(str(error)), topic="open", title=title
        )

    def _loaded(self, workspace: "Workspace") -> None:
        self.close_workspace()
        self.workspace = workspace
        name = str(workspace.path.absolute())
        recent = [name, *(path for path in self._remembered() if path != name)]
        self.preferences.setValue("recent", recent[:_RECENT])
        self.workspace_changed.emit()

    @property
    def read_only(self) -> str:
        """Why the open workspace cannot be changed, in a sentence; "" when it can."""
        workspace = self.workspace
        if workspace is None or not workspace.read_only:
            return ""
        return f"{workspace.path.name} is open for reading only. Save a copy to work on."

    def close_workspace(self) -> None:
        """Close the workspace, if one is open, once all jobs on it have ended."""
        if self.workspace is not None:
            self.closing.emit()
            self.jobs.wait()
            self.workspace.close()
            self.workspace = None

    @property
    def has_recent(self) -> bool:
        """Whether any workspace was opened lately, there or not."""
        return bool(self._remembered())

    def recent(self) -> list[str]:
        """Return the paths of workspaces opened lately that are still there."""
        return [path for path in self._remembered() if Path(path).exists()]

    def _remembered(self) -> list[str]:
        stored = self.preferences.value("recent", [])
        if isinstance(stored, str):
            return [stored]
        return [str(path) for path in stored] if isinstance(stored, list) else []

    def forget_recent(self) -> None:
        """Forget the workspaces opened lately; the files stay."""
        self.preferences.remove("recent")
        self.recent_changed.emit()


def _gone(path: Path) -> WorkspaceGoneError:
    return WorkspaceGoneError(
        f"{path.name} is no longer in {path.parent}. Nothing was changed. Connect its disk again, or open it where it is now."
    )
