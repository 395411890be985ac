"""The window: puts pages, sidebar, menus, bars and banners together. Thin: what they do is theirs."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMainWindow, QMenu, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import Goal
from kpidesk.domain.kpi import MOST_ACTIVE
from kpidesk.ui import commands
from kpidesk.ui.appearance import Appearance
from kpidesk.ui.banners import BannerBar, Standing
from kpidesk.ui.closing import ClosingGuard
from kpidesk.ui.copying import Copying
from kpidesk.ui.dialogs import messages
from kpidesk.ui.drop_overlay import DropOverlay
from kpidesk.ui.files import Files
from kpidesk.ui.geometry import Geometry
from kpidesk.ui.help_menu import HelpMenu
from kpidesk.ui.import_undo import ImportUndo
from kpidesk.ui.menus import Menus
from kpidesk.ui.notices import Notice, NoticeBar
from kpidesk.ui.pages import VIEWS, Pages
from kpidesk.ui.palette import Palette
from kpidesk.ui.pasting import Pasting
from kpidesk.ui.session import Session
from kpidesk.ui.sidebar import Sidebar
from kpidesk.ui.task_bar import TaskBar
from kpidesk.ui.views.dashboard import DashboardView
from kpidesk.ui.views.goals import GoalsView
from kpidesk.ui.views.import_steps.drop_zone import local_files
from kpidesk.ui.views.imports import ImportsView
from kpidesk.ui.views.kpi import KpiView
from kpidesk.ui.views.kpis import KpisView
from kpidesk.ui.watching import FolderWatch
from kpidesk.ui.widgets.drawer import Drawer
from kpidesk.ui.widgets.figures import figures_around

_RAIL_BELOW = 1340


def window_title(workspace: str = "", period: str = "", *, read_only: bool = False, drafting: bool = False) -> str:
    """Return the window's title: the workspace, the period that is shown, and the program.

    While a definition is `drafting` it has the place where the system marks that something is not saved.
    """
    shown = ", ".join(part for part in (workspace, period) if part)
    mark = "[*]" if drafting else ""
    return f"{shown}{' (read only)' if read_only else ''}{mark} - KPIDesk" if shown else "KPIDesk"


class MainWindow(QMainWindow):
    """Shows the welcome page until a workspace is open, then sidebar and pages."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._period = ""
        self._drafting = False  # whether a definition has changes that are not saved
        self._wide: bool | None = None  # what the user chose for the sidebar, None to follow the window's width
        self.setMinimumSize(1180, 700)
        self.resize(1440, 900)
        self.setAcceptDrops(True)
        self._build()
        self._connect()
        self.geometry_ = Geometry(self, session.preferences)
        self._on_workspace()

    def _build(self) -> None:
        session = self.session
        self.pages = Pages(session)
        self.welcome, self.views = self.pages.welcome, self.pages.views
        self.dashboard = self.pages.view(DashboardView)
        self.goals = self.pages.view(GoalsView)
        self.imports = self.pages.view(ImportsView)
        self.kpi = self.pages.view(KpiView)
        self.kpis = self.pages.view(KpisView)
        self.banners = BannerBar()
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self.banners)
        column.addWidget(self.pages, 1)
        self.drawer = Drawer(session, middle)
        self.notices = NoticeBar(middle)
        self.files = Files(session, self.pages, self.notices, self.banners, self)
        self.pasting = Pasting(self.files, self.pages, self)
        self.watching = FolderWatch(session, self.notices, self.imports, self)
        self.imports.show_watch(self.watching)
        self.undo = ImportUndo(session, self.notices, self.imports, self)
        self.appearance = Appearance(session.preferences, self)
        self.copying = Copying(self.pages)
        self.help_menu = HelpMenu(self.pages, lambda: self.actions_, self)
        shown = [(page.name, page.make.title, page.make.icon, page.group) for page in VIEWS]
        self.actions_ = commands.actions(self)
        keys = next(action.shown_keys for action in self.actions_ if action.id == "palette")
        self.sidebar = Sidebar(
            [(name, title, icon, group) for name, title, icon, group in shown if group is not None], keys
        )
        row.addWidget(self.sidebar)
        row.addLayout(column, 1)
        self.setCentralWidget(middle)
        self.menus = Menus(self, session, self.actions_)
        self.setStatusBar(TaskBar(session.jobs))
        self._closing = ClosingGuard(session.jobs, self)
        self._overlay = DropOverlay(self)

    def _connect(self) -> None:
        session = self.session
        self.sidebar.chosen.connect(self.show_page)
        self.sidebar.search.connect(self.open_palette)
        self.sidebar.switch.connect(self._switch)
        self.sidebar.help.connect(self.help_menu.help)
        for view in (self.welcome, *self.views.values()):
            view.acted.connect(self.act)
        self.pages.moved.connect(self._on_moved)
        self.undo.known.connect(self._on_last_import)
        self.kpis.form.edited.connect(self._on_last_import)
        self.kpis.drafting.connect(self._on_drafting)
        self.kpis.ready.connect(self.menus.refresh)
        session.workspace_changed.connect(self._on_workspace)
        session.changed.connect(lambda _: self._freshen())
        session.changed.connect(lambda _: self._on_last_import())
        session.failed.connect(self.tell)
        session.jobs.crashed.connect(self._on_bug)
        session.gone.connect(self._on_gone)
        session.period_shown.connect(self._on_period)
        session.noted.connect(self._on_noted)
        session.show_working.connect(self.drawer.show_figure)

    # --- what views ask for

    def act(self, name: str, argument: object = "") -> None:
        """Do what a view asks for: open a page or a recent workspace, or an action by id."""
        if name == "open" and argument:
            self.session.open_workspace(Path(str(argument)))
        elif name in self.views:
            self.pages.open(name, str(argument))
        else:
            for action in self.actions_:
                if action.id == name and not self.menus.reason(action):
                    action.function()
                elif action.id == name:
                    self.files.refused()

    def show_page(self, name: str) -> None:
        """Show a page; without a workspace the welcome."""
        self.pages.open(name)

    def import_files(self, paths: list[Path]) -> None:
        """Show what the files hold in the import wizard."""
        self.files.import_files(paths)

    def tell(self, words: str) -> None:
        """Show what went wrong and what to do."""
        messages.tell(self, words)

    def edit_kpi(self) -> None:
        """Open the definition of the KPI that is shown."""
        self.pages.open("kpis", self.kpi.kpi)

    def no_kpi_to_edit(self) -> str:
        """Why there is no KPI to edit, "" when there is one."""
        return "" if self.pages.shown == "kpi" else "Open a KPI first"

    def open_palette(self) -> None:
        """Open the command palette over the window."""
        if not any(palette.isVisible() for palette in self.findChildren(Palette)):
            Palette(self, commands.entries(self))

    def show_working(self) -> None:
        """Show how the number came about that has the focus, or else the one that the page is about."""
        found = figures_around(QApplication.focusWidget()) or figures_around(self.pages.currentWidget())
        if found is None:
            self.notices.show_notice(Notice("Choose a card, a row or a point first, then show its working"))
        else:
            found.ask()

    def toggle_sidebar(self) -> None:
        """Make the sidebar a rail, or wide again; from then on the window's width does not matter."""
        self._wide = not self.sidebar.wide
        self.sidebar.set_wide(wide=self._wide)

    def quit(self) -> None:
        """Close the window."""
        self.close()

    def _switch(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for path in map(Path, self.session.recent()):
            menu.addAction(path.stem.replace("&", "&&"), partial(self.session.open_workspace, path))
        menu.addSeparator()
        menu.addActions([self.menus.qt_action(name) for name in ("open", "new", "close")])
        menu.popup(self.sidebar.switch_place())

    # --- news

    def _on_workspace(self) -> None:
        workspace = self.session.workspace
        self.geometry_.turn_to(None if workspace is None else workspace.path)
        self.sidebar.setVisible(workspace is not None)
        self._period = ""
        self._show_title()
        self.banners.show_banner(self._read_only_banner())
        self.pages.start_over()
        if workspace is not None:
            self.sidebar.show_workspace(workspace.settings.name, workspace.path.name)
            self._freshen()
            if not self.files.take_waiting():
                self.show_page("dashboard")
        self.menus.refresh()

    def _read_only_banner(self) -> Standing | None:
        if not self.session.read_only:
            return None
        title = "This workspace is open for reading only"
        text = "Imports and changes are off, because its file or folder cannot be written or you chose so."
        return Standing(Status.WARN, title, text, "Save a copy", self.files.save_copy, lasting=True)

    def _on_gone(self) -> None:
        workspace = self.session.workspace
        if workspace is not None:
            path = workspace.path
            title = f"{path.name} is no longer in {path.parent}"
            text = (
                "What you see is from before. Connect its disk again and look again, or open the file where it is now."
            )
            look = partial(self.session.open_workspace, path)
            self.banners.show_banner(Standing(Status.BAD, title, text, "Look again", look, lasting=True))

    def _on_bug(self, details: str) -> None:
        messages.tell_bug(self, details)

    def _on_period(self, period: str) -> None:
        self._period = period
        self._show_title()

    def _on_noted(self, words: str, take_back: Callable[[], None] | None) -> None:
        self.notices.show_notice(Notice(words) if take_back is None else Notice(words, "Undo", take_back))
        self._on_last_import()

    def _on_moved(self, page: str) -> None:
        self.notices.dismiss()
        self.drawer.shut()
        self.banners.dismiss()
        self.sidebar.mark(page)
        self._on_last_import()

    def _on_last_import(self) -> None:
        last = self.undo.last
        name = self.pages.undoable or ("last import" if last is None else f"import of {last.file_name}")
        self.menus.rename("undo", f"&Undo {name}")
        self.menus.refresh()

    def _on_drafting(self, drafting: bool) -> None:
        if drafting != self._drafting:
            self._drafting = drafting
            self._show_title()

    def _show_title(self) -> None:
        workspace = self.session.workspace
        name = "" if workspace is None else workspace.settings.name
        drafting = self._drafting and bool(name)
        if not drafting:
            self.setWindowModified(False)  # before the place for its mark goes from the title
        read_only = bool(self.session.read_only)
        self.setWindowTitle(window_title(name, self._period, read_only=read_only, drafting=drafting))
        self.setWindowModified(drafting)

    def _freshen(self) -> None:
        workspace = self.session.workspace
        if workspace is not None:
            self.sidebar.show_count("kpis", f"{len(workspace.catalog.active)} of {MOST_ACTIVE}")
        self.session.ask(
            self, lambda workspace, _: workspace.freshness(), self.sidebar.show_freshness, topic="freshness"
        )
        self.session.ask(self, lambda workspace, _: workspace.goals.of_quarter(), self._show_goals, topic="goal count")

    def _show_goals(self, goals: Sequence[Goal]) -> None:
        self.goals.of_quarter = tuple(goals)
        self.sidebar.show_count("goals", str(len(goals)) if goals else "")

    # --- Qt

    def showEvent(self, event: QShowEvent) -> None:
        """Listen to the mouse's back and forward buttons, wherever the pointer is."""
        super().showEvent(event)
        if (handle := self.windowHandle()) is not None:
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the mouse's back and forward buttons before any widget does."""
        if event.type() is QEvent.Type.MouseButtonPress and isinstance(event, QMouseEvent):
            by = {Qt.MouseButton.BackButton: -1, Qt.MouseButton.ForwardButton: 1}.get(event.button())
            if by is not None:
                self.pages.step(by)
                return True
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc that no widget wanted takes the notice away, else the drawer, else goes up one level."""
        if event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self.notices.isVisible():
            self.notices.dismiss()
        elif self.drawer.isVisible():
            self.drawer.shut()
        else:
            self.pages.up()

    def changeEvent(self, event: QEvent) -> None:
        """Look whether the workspace's file is still there when the user comes back."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.ActivationChange and self.isActiveWindow():
            self.session.ask(self, lambda *_: None, lambda _: None, topic="still there")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the sidebar a rail where the page needs the width."""
        super().resizeEvent(event)
        self.sidebar.set_wide(wide=self.width() >= _RAIL_BELOW if self._wide is None else self._wide)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Say what a drop will do."""
        if paths := local_files(event):
            self._overlay.show_for(paths)
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Uncover the window."""
        self._overlay.hide()

    def dropEvent(self, event: QDropEvent) -> None:
        """Import or open what was dropped."""
        self._overlay.hide()
        if paths := local_files(event):
            event.acceptProposedAction()
            self.files.drop(paths)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stop the jobs and close the file before the window goes; an import that runs is not cut off without asking."""
        if not self._closing.may_close():
            event.ignore()
            return
        self.geometry_.save()
        self.session.jobs.wait()
        self.session.close_workspace()
        super().closeEvent(event)
