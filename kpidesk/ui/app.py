"""Starts the window: it shows first, the data libraries are loaded behind it."""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from kpidesk.domain.progress import Progress
from kpidesk.ui import theme
from kpidesk.ui.appearance import apply_preferences
from kpidesk.ui.crash import CrashGuard, start_log
from kpidesk.ui.garbage import Collector
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session


def _warm_up(progress: Progress) -> None:
    import kpidesk.workspace  # noqa: F401, PLC0415 - loads numpy and pandas while the user looks at the window

    progress.report("")


def _follow_system(session: Session) -> None:
    if session.preferences.value("theme", "system") == "system":
        theme.set_theme("system")


def run_window(workspace: Path | None = None, *, sample: bool = False) -> int:
    """Show the window until it is closed; returns the exit status."""
    start_log()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101 - the program makes no other kind
    app.setApplicationName("KPIDesk")
    app.setDesktopFileName("kpidesk")
    guard, collector = CrashGuard(app), Collector(app)
    session = Session(Jobs())
    theme.install(app)
    apply_preferences(session.preferences)
    app.styleHints().colorSchemeChanged.connect(lambda _: _follow_system(session))
    window = MainWindow(session)
    window.show()
    QTimer.singleShot(0, lambda: session.jobs.run(window, _warm_up, done=lambda _: None))
    if workspace is not None:
        QTimer.singleShot(0, lambda: session.open_workspace(workspace))
    elif sample:
        QTimer.singleShot(0, session.open_sample)
    status = app.exec()
    collector.stop()
    guard.stop()
    return status
