"""The window: menus, sidebar, pages. Thin: everything it does is an action or a view."""

from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QUrl
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QMessageBox,
    QProgressBar,
    QStackedWidget,
    QWidget,
)

from kpidesk import __version__
from kpidesk.paths import data_dir
from kpidesk.ui.actions import Action
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.palette import Entry, Palette
from kpidesk.ui.session import Session
from kpidesk.ui.sidebar import Sidebar
from kpidesk.ui.theme import current_theme, set_theme
from kpidesk.ui.view import View
from kpidesk.ui.views.dashboard import DashboardView
from kpidesk.ui.views.imports import ImportsView
from kpidesk.ui.views.kpi import KpiView
from kpidesk.ui.views.welcome import WelcomeView

_FILES = "Spreadsheets (*.csv *.tsv *.txt *.xlsx *.xlsm *.xlsb *.xls *.ods);;All files (*)"
_RAIL_BELOW = 1340


class MainWindow(QMainWindow):
    """Shows the welcome page until a workspace is open, then sidebar and pages."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.setWindowTitle("KPIDesk")
        self.setMinimumSize(1180, 700)
        self.resize(1440, 900)
        geometry = session.preferences.value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)
        self.setAcceptDrops(True)
        self.welcome = WelcomeView(session)
        self.dashboard = DashboardView(session)
        self.imports = ImportsView(session)
        self.kpi = KpiView(session)
        self.views: dict[str, View] = {"dashboard": self.dashboard, "imports": self.imports, "kpi": self.kpi}
        self.sidebar = Sidebar(
            [(name, view.title, view.icon, view.group) for name, view in self.views.items() if view is not self.kpi]
        )
        self.pages = QStackedWidget()
        for view in (self.welcome, *self.views.values()):
            self.pages.addWidget(view)
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.sidebar)
        row.addWidget(self.pages, 1)
        self.setCentralWidget(middle)
        self._wide: bool | None = None
        self._waiting: list[Path] = []  # files chosen before there was a workspace to put them in
        self.actions_ = self._actions()
        self._menus()
        self._status()
        self.sidebar.chosen.connect(self.show_page)
        self.sidebar.search.connect(self.open_palette)
        self.sidebar.switch.connect(self._switch)
        self.welcome.acted.connect(self.act)
        self.dashboard.acted.connect(self.act)
        self.imports.acted.connect(self.act)
        self.kpi.acted.connect(self.act)
        session.workspace_changed.connect(self._on_workspace)
        session.changed.connect(lambda _: self._freshen())
        session.failed.connect(self.tell)
        self._on_workspace()

    # --- actions

    def _actions(self) -> tuple[Action, ...]:
        return (
            Action("new", "New workspace…", "File", self._new, "Ctrl+N", aliases=("create", "empty")),
            Action("open", "Open workspace…", "File", self._open, "Ctrl+O"),
            Action(
                "sample", "Open the sample workspace", "File", self.session.open_sample, aliases=("demo", "Fernhill")
            ),
            Action("import", "Import data…", "File", self._import, "Ctrl+I", aliases=("upload", "CSV", "Excel file")),
            Action(
                "copy",
                "Save a copy…",
                "File",
                self._save_copy,
                "Ctrl+Shift+S",
                needs_workspace=True,
                aliases=("backup",),
            ),
            Action(
                "export",
                "Export Excel summary…",
                "File",
                self._export,
                "Ctrl+Shift+E",
                needs_workspace=True,
                aliases=("XLSX", "report"),
            ),
            Action("close", "Close workspace", "File", self._close, "Ctrl+W", needs_workspace=True),
            Action("quit", "Quit", "File", self._quit, "Ctrl+Q"),
            Action(
                "dashboard", "Dashboard", "View", partial(self.show_page, "dashboard"), "Ctrl+1", needs_workspace=True
            ),
            Action(
                "imports",
                "Imports",
                "View",
                partial(self.show_page, "imports"),
                "Ctrl+8",
                needs_workspace=True,
                aliases=("undo an import", "held rows"),
            ),
            Action("palette", "Search or run…", "View", self.open_palette, "Ctrl+K"),
            Action("sidebar", "Sidebar", "View", self._toggle_sidebar, "F9", needs_workspace=True),
            Action("light", "Light theme", "View", partial(self._theme, "light")),
            Action("dark", "Dark theme", "View", partial(self._theme, "dark")),
            Action("system", "Theme of the system", "View", partial(self._theme, "system")),
            Action("log", "Open log folder", "Help", self._log_folder),
            Action("about", "About KPIDesk", "Help", self._about),
        )

    def _menus(self) -> None:
        self._qt_actions: dict[str, QAction] = {}
        menus: dict[str, QMenu] = {}
        for action in self.actions_:
            menu = menus.get(action.menu) or self.menuBar().addMenu(action.menu)
            menus[action.menu] = menu
            made = QAction(action.text, self)
            if action.shortcut:
                made.setShortcut(QKeySequence(action.shortcut))
            made.triggered.connect(lambda _=False, run=action.function: run())
            menu.addAction(made)
            self._qt_actions[action.id] = made

    def act(self, name: str, argument: object = "") -> None:
        """Do what a view asks for: an action by id, a recent workspace, or a KPI."""
        if name == "open" and argument:
            self.session.open_workspace(Path(str(argument)))
            return
        if name == "kpi":
            self._show_kpi(str(argument))
            return
        if name in self.views:
            self.views[name].open(argument)
        for action in self.actions_:
            if action.id == name:
                action.function()

    # --- pages

    def show_page(self, name: str) -> None:
        """Show a page; without a workspace the welcome."""
        if self.session.workspace is None:
            self.pages.setCurrentWidget(self.welcome)
            return
        self.pages.setCurrentWidget(self.views[name])
        self.sidebar.mark(name)

    def _on_workspace(self) -> None:
        workspace = self.session.workspace
        self.sidebar.setVisible(workspace is not None)
        for action in self.actions_:
            self._qt_actions[action.id].setEnabled(workspace is not None or not action.needs_workspace)
        if workspace is None:
            self.setWindowTitle("KPIDesk")
            self.pages.setCurrentWidget(self.welcome)
            return
        self.setWindowTitle(f"{workspace.settings.name} - KPIDesk")
        self.sidebar.show_workspace(workspace.settings.name, workspace.path.name)
        self._freshen()
        waiting, self._waiting = self._waiting, []
        if waiting:
            self.import_files(waiting)
        else:
            self.show_page("dashboard")

    def _freshen(self) -> None:
        self.session.ask(
            self, lambda workspace, _: workspace.freshness(), self.sidebar.show_freshness, topic="freshness"
        )

    def _show_kpi(self, kpi: str) -> None:
        """Open a KPI's page."""
        self.kpi.open(kpi)
        self.show_page("kpi")

    def open_palette(self) -> None:
        """Open the command palette over the window."""
        entries = [
            Entry(
                "Go to" if action.menu == "View" and action.id in self.views else "Do",
                action.text.rstrip("…"),
                action.shortcut,
                action.function,
                action.aliases,
            )
            for action in self.actions_
            if self._qt_actions[action.id].isEnabled() and action.id != "palette"
        ]
        workspace = self.session.workspace
        if workspace is not None:
            entries += [
                Entry("Go to", kpi.name, "KPI", partial(self._show_kpi, kpi.id), (kpi.id.replace("_", " "),))
                for kpi in workspace.catalog.active
            ]
        Palette(self, entries)

    # --- what actions do

    def _new(self, folder: Path | None = None) -> None:
        where = str((folder or Path.home()) / "Sales.kpidesk")
        path, _ = QFileDialog.getSaveFileName(self, "New workspace", where, "KPIDesk workspaces (*.kpidesk)")
        if path:
            self.session.create_workspace(Path(path).with_suffix(".kpidesk"))
        else:
            self._waiting = []

    def _open(self) -> None:
        path, _ = QFileDialog.getOpenFileName(
            self, "Open workspace", str(Path.home()), "KPIDesk workspaces (*.kpidesk);;All files (*)"
        )
        if path:
            self.session.open_workspace(Path(path))

    def _import(self) -> None:
        paths, _ = QFileDialog.getOpenFileNames(self, "Import data", str(Path.home()), _FILES)
        if paths:
            self.import_files([Path(path) for path in paths])

    def import_files(self, paths: list[Path]) -> None:
        """Show what the files hold in the import wizard; without a workspace ask where to keep one first."""
        if self.session.workspace is None:
            self._waiting = paths
            self._new(paths[0].parent)
            return
        self.show_page("imports")
        self.imports.read_files(paths)

    def _save_copy(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Save a copy", str(Path.home() / "Copy.kpidesk"), "KPIDesk workspaces (*.kpidesk)"
        )
        if path:
            self.session.ask(
                self,
                lambda workspace, _: workspace.save_copy(Path(path)),
                lambda _: self.tell(f"A copy was saved to {path}."),
                title="Saving a copy",
            )

    def _export(self) -> None:
        path, _ = QFileDialog.getSaveFileName(
            self, "Export Excel summary", str(Path.home() / "KPI summary.xlsx"), "Excel workbooks (*.xlsx)"
        )
        if path:
            self.export_to(Path(path).with_suffix(".xlsx"))

    def export_to(self, path: Path) -> None:
        """Write the Excel summary in the background and say where it is."""
        self.session.ask(
            self,
            lambda workspace, progress: workspace.export_summary(path, progress),
            lambda written: self.tell(f"The Excel summary was written to {written}."),
            title="Writing the Excel summary",
        )

    def _close(self) -> None:
        self.session.close_workspace()
        self.session.workspace_changed.emit()

    def _quit(self) -> None:
        self.close()

    def _switch(self) -> None:
        menu = QMenu(self)
        for path in self.session.recent():
            menu.addAction(Path(path).stem, partial(self.session.open_workspace, Path(path)))
        menu.addSeparator()
        menu.addAction("Open workspace…", self._open)
        menu.addAction("New workspace…", self._new)
        menu.exec(self.sidebar.mapToGlobal(self.sidebar.rect().topLeft()))

    def _toggle_sidebar(self) -> None:
        self._wide = not (self._wide if self._wide is not None else self.width() >= _RAIL_BELOW)
        self.sidebar.set_wide(wide=self._wide)

    def _theme(self, name: str) -> None:
        set_theme(name)
        self.session.preferences.setValue("theme", name)

    def _log_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(data_dir())))

    def _about(self) -> None:
        self.tell(f"Version {__version__}. Nothing leaves this computer. Theme: {current_theme()}.", "KPIDesk")

    def tell(self, words: str, title: str = "KPIDesk") -> None:
        """Show a sentence; data in it is never read as markup."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setWindowTitle(title)
        box.setText(title)
        box.setInformativeText(words.replace("<", "‹"))
        box.open()

    # --- long tasks

    def _status(self) -> None:
        bar = self.statusBar()
        bar.setSizeGripEnabled(False)
        self._task = Label("", "small", "text2")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(220)
        self._bar.setTextVisible(False)
        cancel = Button("Cancel", "ghost")
        cancel.clicked.connect(self._cancel)
        for widget in (self._task, self._bar, cancel):
            bar.addWidget(widget)
        bar.hide()
        self._job: object | None = None
        self.session.jobs.progressed.connect(self._on_progress)
        self.session.jobs.busy.connect(self._on_busy)

    def _on_busy(self, title: str) -> None:
        self.statusBar().setVisible(bool(title))
        self._task.setText(title)
        self._bar.setRange(0, 0)

    def _on_progress(self, job: object, message: str, done: int, total: int) -> None:
        self._job = job
        if self.statusBar().isVisible():
            self._task.setText(f"{message}, {done:,} of {total:,}" if total else message)
            self._bar.setRange(0, total)
            self._bar.setValue(done)

    def _cancel(self) -> None:
        job = self._job
        if job is not None:
            job.progress.cancel()  # type: ignore[attr-defined]  # a Job

    # --- Qt

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the sidebar a rail where the page needs the width."""
        super().resizeEvent(event)
        self.sidebar.set_wide(wide=self.width() >= _RAIL_BELOW if self._wide is None else self._wide)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Accept files."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import what was dropped, or open a dropped workspace."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        workspaces = [path for path in paths if path.suffix == ".kpidesk"]
        if workspaces:
            self.session.open_workspace(workspaces[0])
        elif paths:
            self.import_files(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the jobs and close the file before the window goes."""
        self.session.preferences.setValue("geometry", self.saveGeometry())
        self.session.jobs.wait()
        self.session.close_workspace()
        super().closeEvent(event)
