"""The watched folder: off until chosen, quiet, and never twice about the same file."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from kpidesk.ui.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("does not support")
LEADS = "Lead ID,Created,Source\n1,2026-07-01,Web\n"


@pytest.fixture
def opened(window: MainWindow, workspace: Path) -> Iterator[MainWindow]:
    window.session.open_workspace(workspace)
    window.show_page("imports")
    yield window
    window.imports.wizard.start_over()


@pytest.fixture
def folder(opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an older file in it, chosen on the imports page."""
    made = tmp_path / "Downloads"
    made.mkdir()
    (made / "older.csv").write_text(LEADS, encoding="utf-8")
    time.sleep(0.05)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(made))
    opened.imports.watch_line.choose.click()
    time.sleep(0.05)
    return made


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def test_it_is_off_until_a_folder_is_chosen(opened: MainWindow) -> None:
    assert opened.watching.folder is None
    assert not opened.watching._watcher.directories()
    assert not opened.imports.watch_line.stop.isVisible()


def test_new_exports_are_told_quietly_and_looked_at_in_the_wizard(
    opened: MainWindow, folder: Path, qtbot: QtBot
) -> None:
    line = opened.imports.watch_line
    assert line.words.text() == "Watching Downloads: nothing new"
    (folder / "leads.csv").write_text(LEADS, encoding="utf-8")
    (folder / "notes.txt").write_text("a, b", encoding="utf-8")
    qtbot.waitUntil(lambda: bool(opened.watching.found))
    assert plain(line.words.text()) == "Watching Downloads: 1 new export"
    assert opened.notices.isVisible()
    line.look.click()
    assert opened.imports.wizard.file_at_hand == "leads.csv"
    opened.watching.look()
    assert opened.watching.found == ()


def test_what_is_imported_already_is_not_new(opened: MainWindow, folder: Path, deals: Path) -> None:
    (folder / "same.csv").write_bytes(deals.read_bytes())
    opened.watching.look()
    assert opened.watching.found == ()


def test_the_folder_is_remembered_for_the_workspace_and_can_be_left(
    opened: MainWindow, folder: Path, workspace: Path
) -> None:
    opened.session.open_workspace(workspace)
    (folder / "leads.csv").write_text(LEADS, encoding="utf-8")
    opened.session.open_workspace(workspace)  # a look at the start finds what came meanwhile
    assert [path.name for path in opened.watching.found] == ["leads.csv"]
    opened.imports.watch_line.stop.click()
    assert opened.watching.folder is None
    assert opened.watching.found == ()
    assert not opened.watching._watcher.directories()


def test_a_folder_that_is_gone_says_nothing(opened: MainWindow, folder: Path) -> None:
    for path in folder.iterdir():
        os.remove(path)
    folder.rmdir()
    opened.watching.look()
    assert opened.watching.found == ()
