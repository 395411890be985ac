"""Pictures of the screens without a display, light and dark, at the two sizes that the design names."""

import os
import shutil
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QApplication

from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session

SIZES = ((1440, 900), (1280, 800))


def save_pictures(workspace: Path, folder: Path) -> list[Path]:
    """Write PNGs of welcome, dashboard, imports and one KPI's page into `folder`; returns their paths."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)  # noqa: S101 - the program makes no other kind
    theme.install(app)
    # The pictures must not depend on, nor leave anything in, the preferences of the machine's user.
    os.environ["KPIDESK_HOME"] = str(folder / ".home")
    window = MainWindow(Session(Jobs(inline=True)))
    folder.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for page in ("welcome", "dashboard", "imports", "kpi"):
        if page == "dashboard":
            window.session.open_workspace(workspace)
        if page == "kpi":
            window.act("kpi", "win_rate")
        elif page != "welcome":
            window.show_page(page)
        for name in ("light", "dark"):
            theme.set_theme(name)
            for width, height in SIZES:
                window.resize(width, height)
                window.show()
                for _ in range(3):  # layouts settle over a few rounds of posted events
                    QCoreApplication.sendPostedEvents()
                path = folder / f"{page}-{name}-{width}x{height}.png"
                window.grab().save(str(path))
                written.append(path)
    window.session.close_workspace()
    window.deleteLater()
    shutil.rmtree(folder / ".home", ignore_errors=True)
    return written
