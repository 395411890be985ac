"""The first screen, worked by keyboard, and what it remembers."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("does not support")


def shown(window: MainWindow) -> list[str]:
    return [label.text() for label in window.welcome.findChildren(Label) if label.isVisible()]


def test_enter_opens_the_sample_workspace(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    focus = QApplication.focusWidget()
    assert focus is window.welcome.sample
    qtbot.keyClick(focus, Qt.Key.Key_Return)
    assert window.windowTitle().startswith("Fernhill Software, Q")


def test_workspaces_opened_lately_are_one_click_away_with_their_folder(
    window: MainWindow, workspace: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    window.session.open_workspace(workspace)
    window.act("close")
    qtbot.waitUntil(lambda: str(tmp_path) in shown(window))
    (link,) = [one for one in window.welcome.findChildren(Button) if one.text() == "Sales" and one.isVisible()]
    link.click()
    assert window.pages.shown == "dashboard"
    window.act("close")
    window.session.forget_recent()
    assert str(tmp_path) not in shown(window)


def test_template_files_are_put_into_the_chosen_folder(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "forms"
    folder.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    (link,) = [one for one in window.welcome.findChildren(Button) if one.text() == "Get template files"]
    link.click()
    assert (folder / "deals template.csv").is_file()
    assert len(list(folder.iterdir())) == 9
