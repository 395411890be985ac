"""Starts the window: it shows first, the data libraries are loaded behind it."""

import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from kpidesk.domain.progress import Progress
from kpidesk.paths import log_file
from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session


def _warm_up(progress: Progress) -> None:
    import kpidesk.workspace  # noqa: F401, PLC0415 - loads numpy and pandas while the user looks at the window

    progress.report("")


def run_window(workspace: Path | None = None, *, sample: bool = False) -> int:
    """Show the window until it is closed; returns the exit status."""
    handler = RotatingFileHandler(log_file(), maxBytes=500_000, backupCount=2, encoding="utf-8")
    logging.getLogger("kpidesk").addHandler(handler)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)  # noqa: S101 - the program makes no other kind
    app.setApplicationName("KPIDesk")
    app.setDesktopFileName("kpidesk")
    session = Session(Jobs())
    theme.install(app)
    theme.set_theme(str(session.preferences.value("theme", "system")))
    window = MainWindow(session)
    window.show()
    QTimer.singleShot(0, lambda: session.jobs.run(window, _warm_up, done=lambda _: None))
    if workspace is not None:
        QTimer.singleShot(0, lambda: session.open_workspace(workspace))
    elif sample:
        QTimer.singleShot(0, session.open_sample)
    return app.exec()
