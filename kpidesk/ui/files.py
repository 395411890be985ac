"""What the File menu does: workspaces, imports, copies and exports, each with its dialog."""

from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from kpidesk.domain.finding import Status
from kpidesk.ui.banners import BannerBar, Standing
from kpidesk.ui.drop_overlay import Dropped, sort_dropped
from kpidesk.ui.notices import Notice, NoticeBar
from kpidesk.ui.pages import Pages
from kpidesk.ui.reveal import reveal
from kpidesk.ui.session import Session
from kpidesk.ui.views.imports import ImportsView

SPREADSHEETS = "Spreadsheets (*.csv *.tsv *.txt *.xlsx *.xlsm *.xlsb *.xls *.ods);;All files (*)"
_WORKSPACES = "KPIDesk workspaces (*.kpidesk)"


class Files(QObject):
    """Asks for files and does what was asked with them."""

    def __init__(self, session: Session, pages: Pages, notices: NoticeBar, banners: BannerBar, window: QWidget) -> None:
        super().__init__(window)
        self._session = session
        self._pages = pages
        self._notices = notices
        self._banners = banners
        self._window = window
        session.written.connect(self._told)
        self._waiting: list[Path] = []  # files chosen before there was a workspace to put them in

    @property
    def _folder(self) -> Path:
        """Where a dialog opens: beside the workspace, else at home."""
        workspace = self._session.workspace
        return Path.home() if workspace is None or workspace.settings.sample else workspace.path.parent

    # --- workspaces

    def new(self) -> None:
        """Ask where a new workspace is to be kept."""
        self._new_in(self._folder)

    def _new_in(self, folder: Path) -> None:
        where = str(folder / "Sales.kpidesk")
        path, _ = QFileDialog.getSaveFileName(self._window, "New workspace", where, _WORKSPACES)
        if path:
            self._session.create_workspace(Path(path).with_suffix(".kpidesk"))
        else:
            self._waiting = []

    def open(self) -> None:
        """Ask for a workspace and open it."""
        if path := self._ask_workspace("Open workspace"):
            self._session.open_workspace(path)

    def open_to_read(self) -> None:
        """Ask for a workspace and open it so that nothing in it can be changed."""
        if path := self._ask_workspace("Open for reading only"):
            self._session.open_workspace(path, read_only=True)

    def _ask_workspace(self, title: str) -> Path | None:
        wanted = f"{_WORKSPACES};;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, title, str(self._folder), wanted)
        return Path(path) if path else None

    def close(self) -> None:
        """Close the workspace and show the welcome."""
        self._session.close_workspace()
        self._session.workspace_changed.emit()

    def save_copy(self) -> None:
        """Ask for a name and write a copy of the workspace there."""
        workspace = self._session.workspace
        if workspace is None:
            return
        where = str(self._folder / f"{workspace.path.stem} copy.kpidesk")
        path, _ = QFileDialog.getSaveFileName(self._window, "Save a copy", where, _WORKSPACES)
        if path:
            copy = Path(path).with_suffix(".kpidesk")
            # Not through the session: while the file is gone from its folder, what is open can still be rescued.
            self._session.jobs.run(
                self,
                lambda _: workspace.save_copy(copy),
                done=lambda _: self._told("A copy was saved to", copy),
                title="Saving a copy",
            )

    def export(self) -> None:
        """Ask for a name and write the Excel summary there."""
        where = str(self._folder / "KPI summary.xlsx")
        path, _ = QFileDialog.getSaveFileName(self._window, "Export Excel summary", where, "Excel workbooks (*.xlsx)")
        if path:
            self.export_to(Path(path).with_suffix(".xlsx"))

    def export_to(self, path: Path) -> None:
        """Write the Excel summary in the background and say where it is."""
        self._session.ask(
            self,
            lambda workspace, progress: workspace.export_summary(path, progress),
            lambda written: self._told("The Excel summary was written to", written),
            title="Writing the Excel summary",
        )

    def _told(self, words: str, path: Path) -> None:
        self._notices.show_notice(Notice(f"{words} {path}", "Show in folder", lambda: reveal(path)))

    # --- imports

    def import_data(self) -> None:
        """Ask for files and show them in the import wizard."""
        if self.refused():
            return
        paths, _ = QFileDialog.getOpenFileNames(self._window, "Import data", str(Path.home()), SPREADSHEETS)
        if paths:
            self.import_files([Path(path) for path in paths])

    def import_folder(self) -> None:
        """Ask for a folder and show the spreadsheets in it in the import wizard."""
        if self.refused():
            return
        if folder := QFileDialog.getExistingDirectory(self._window, "Import a folder", str(Path.home())):
            self.drop([Path(folder)])

    def import_files(self, paths: list[Path]) -> None:
        """Show what files hold in the import wizard; without a workspace ask where to keep one first."""
        if self.refused():
            return
        if self._session.workspace is None:
            self._waiting = paths
            self._new_in(paths[0].parent)
            return
        self._pages.open("imports")
        self._pages.view(ImportsView).read_files(paths)

    def take_waiting(self) -> bool:
        """Import the files that were waiting for a workspace; False when there were none."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.import_files(waiting)
        return bool(waiting)

    def get_templates(self) -> None:
        """Ask for a folder and put the template files there."""
        folder = QFileDialog.getExistingDirectory(self._window, "Folder for the template files", str(self._folder))
        if folder:
            self._session.jobs.run(
                self,
                lambda _: _templates(Path(folder)),
                done=lambda written: self._told(f"{len(written)} template files are in", written[0].parent),
                title="Writing the template files",
            )

    def drop(self, paths: list[Path]) -> None:
        """Open or import what was dropped, after a look into folders."""
        self._session.jobs.run(
            self, lambda progress: sort_dropped(paths, progress), done=self._have_dropped, topic="drop"
        )

    def _have_dropped(self, dropped: Dropped) -> None:
        if dropped.workspace is not None:
            self._session.open_workspace(dropped.workspace)
        elif dropped.files:
            self.import_files(list(dropped.files))
        else:
            title, text = dropped.trouble.split(". ", 1)
            self._banners.show_banner(Standing(Status.WARN, f"{title}.", text))

    def refused(self) -> bool:
        """Say why nothing can be imported into a workspace that is open for reading only; False when it can."""
        if not (words := self._session.read_only):
            return False
        title, text = words.split(". ", 1)
        self._banners.show_banner(Standing(Status.WARN, f"{title}.", text, "Save a copy", self.save_copy))
        return True


def _templates(folder: Path) -> tuple[Path, ...]:
    from kpidesk.workspace import write_templates  # noqa: PLC0415 - loads the data libraries, which the window must not

    return write_templates(folder)
