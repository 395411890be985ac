"""The window's title follows what is shown, and each workspace has its own place on the screen."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow, window_title
from kpidesk.ui.session import Session

pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_the_title_names_workspace_and_period(window: MainWindow, workspace: Path) -> None:
    assert window.windowTitle() == "KPIDesk"
    window.session.open_workspace(workspace)
    shown = window.dashboard.shown
    assert shown is not None
    assert window.windowTitle() == f"Sales, {shown.period_label} - KPIDesk"
    window.dashboard.grain.choose("month")
    month = window.dashboard.shown
    assert month is not None
    assert month.period_label != shown.period_label
    assert window.windowTitle() == f"Sales, {month.period_label} - KPIDesk"
    window.act("close")
    assert window.windowTitle() == "KPIDesk"


def test_without_data_the_title_names_no_period(window: MainWindow, tmp_path: Path) -> None:
    window.session.create_workspace(tmp_path / "New.kpidesk")
    assert window.windowTitle() == "New - KPIDesk"


def test_the_title_says_when_nothing_can_be_changed() -> None:
    assert window_title("Fernhill Software", "Q3 2026") == "Fernhill Software, Q3 2026 - KPIDesk"
    assert window_title("Fernhill Software", "", read_only=True) == "Fernhill Software (read only) - KPIDesk"


def test_each_workspace_has_its_own_size(window: MainWindow, tmp_path: Path, workspace: Path) -> None:
    window.session.open_workspace(workspace)
    window.resize(1200, 760)
    window.session.create_workspace(tmp_path / "Other.kpidesk")
    window.resize(1200, 710)
    window.session.open_workspace(workspace)
    assert window.height() == 760
    window.session.open_workspace(tmp_path / "Other.kpidesk")
    assert window.height() == 710


def test_the_size_survives_the_program(window: MainWindow, workspace: Path, qtbot: QtBot) -> None:
    window.session.open_workspace(workspace)
    window.resize(1200, 750)
    window.close()
    again = MainWindow(Session(Jobs(inline=True)))
    qtbot.addWidget(again)
    again.resize(1200, 720)
    again.session.open_workspace(workspace)
    assert again.height() == 750
    again.session.close_workspace()
