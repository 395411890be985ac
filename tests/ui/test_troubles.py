"""A workspace that can only be read, one that vanishes, and a window that is closed too early."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from kpidesk.domain.progress import Progress
from kpidesk.store.connection import Database
from kpidesk.ui.controls import Button
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("does not support")


# --- reading only


@pytest.fixture
def locked(window: MainWindow, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> MainWindow:
    monkeypatch.setattr(Database, "may_write", staticmethod(lambda _path: False))
    window.session.open_workspace(workspace)
    return window


def test_a_folder_that_cannot_be_written_is_told_in_a_banner(locked: MainWindow) -> None:
    assert locked.banners.isVisible()
    assert locked.banners.shown is not None
    assert locked.banners.shown.title == "This workspace is open for reading only"
    assert "(read only)" in locked.windowTitle()
    locked.show_page("imports")
    assert locked.banners.isVisible()


def test_what_cannot_work_is_off_and_says_why(locked: MainWindow) -> None:
    why = "Sales.kpidesk is open for reading only. Save a copy to work on."
    for name in ("import", "undo"):
        action = locked.menus.qt_action(name)
        assert not action.isEnabled()
        assert action.toolTip() == why
    assert locked.menus.qt_action("export").isEnabled()
    locked.show_page("imports")
    for button in (locked.imports.import_button, locked.imports.undo_button):
        assert not button.isEnabled()
        assert button.toolTip() == why


def test_a_drop_on_it_is_refused_in_a_sentence(locked: MainWindow, deals: Path) -> None:
    locked.files.drop([deals])
    assert locked.pages.shown == "dashboard"
    assert locked.banners.shown is not None
    assert locked.banners.shown.title == "Sales.kpidesk is open for reading only."
    locked.banners.dismiss()
    assert locked.banners.shown is not None
    assert locked.banners.shown.title == "This workspace is open for reading only"


def test_a_copy_of_it_can_be_worked_on(
    window: MainWindow, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.open_workspace(workspace, read_only=True)
    monkeypatch.setattr("kpidesk.ui.files.QFileDialog.getSaveFileName", lambda *_: (str(tmp_path / "Copy"), ""))
    window.banners.findChild(Button).click()
    assert window.notices.text == f"A copy was saved to {tmp_path / 'Copy.kpidesk'}"
    window.session.open_workspace(tmp_path / "Copy.kpidesk")
    assert not window.banners.isVisible()
    assert window.menus.qt_action("import").isEnabled()


# --- gone


def test_a_workspace_that_vanishes_is_told_once_and_found_again(
    window: MainWindow, workspace: Path, tmp_path: Path
) -> None:
    window.session.open_workspace(workspace)
    away = tmp_path / "pocket"
    workspace.rename(away)
    window.show_page("imports")
    window.show_page("dashboard")
    assert window.banners.shown is not None
    assert window.banners.shown.title == f"Sales.kpidesk is no longer in {tmp_path}"
    assert window.findChild(QMessageBox) is None
    away.rename(workspace)
    window.banners.findChild(Button).click()
    assert window.banners.shown is None
    assert window.dashboard.shown is not None
    assert window.dashboard.shown.has_rows


def test_nothing_is_written_into_a_file_that_is_gone(window: MainWindow, workspace: Path, tmp_path: Path) -> None:
    window.session.open_workspace(workspace)
    workspace.rename(tmp_path / "pocket")
    window.imports.undo(1)
    box = window.findChild(QMessageBox)
    assert box is not None
    assert box.text() == f"Sales.kpidesk is no longer in {tmp_path}."
    assert box.informativeText().startswith("Nothing was changed. Connect its disk again")
    with Workspace.open(tmp_path / "pocket") as there:
        assert there.imports()[0].undone_at is None


def test_what_is_open_can_be_rescued_from_a_file_that_is_gone(
    window: MainWindow, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.session.open_workspace(workspace)
    workspace.unlink()
    monkeypatch.setattr("kpidesk.ui.files.QFileDialog.getSaveFileName", lambda *_: (str(workspace), ""))
    window.files.save_copy()
    with Workspace.open(workspace) as there:
        assert there.counts()["deals"] == 40


def test_looking_for_it_in_vain_says_what_to_do(window: MainWindow, workspace: Path) -> None:
    window.session.open_workspace(workspace)
    workspace.unlink()
    window.show_page("imports")
    window.banners.findChild(Button).click()
    box = window.findChild(QMessageBox)
    assert box is not None
    assert "was not found in" in box.text()
    assert window.banners.isVisible()


# --- bugs


def test_a_bug_in_a_job_is_told_once_without_data_and_with_the_log_beside_it(
    window: MainWindow, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ValueError("Kestrel Foods 9800")

    window.session.open_workspace(workspace)
    monkeypatch.setattr(Workspace, "dashboard", fail)
    window.dashboard.make_stale()
    window.dashboard.make_stale()
    (box,) = window.findChildren(QMessageBox)
    assert box.text() == "Something went wrong. Your data is safe."
    assert {"Copy details", "Open log folder"} <= {button.text() for button in box.buttons()}
    next(button for button in box.buttons() if button.text() == "Copy details").click()
    assert "ValueError" in QGuiApplication.clipboard().text()
    assert "Kestrel" not in QGuiApplication.clipboard().text()
    box.close()


# --- closing


class Import:
    """A change of the workspace that lasts until it is let go."""

    def __init__(self, window: MainWindow) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()
        self.cancelled = False
        window.session.write(window, self._work, lambda _: None)
        assert self.begun.wait(5)

    def _work(self, _workspace: Workspace, progress: Progress) -> None:
        self.begun.set()
        while not self.let_go.wait(0.01):
            self.cancelled = progress.cancelled
            progress.report("Importing")


@pytest.fixture
def busy(qtbot: QtBot, tmp_path: Path, workspace: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path / "home"))
    made = MainWindow(Session(Jobs()))
    qtbot.addWidget(made)
    made.show()
    made.session.open_workspace(workspace)
    qtbot.waitUntil(lambda: made.dashboard.shown is not None)
    yield made
    made.session.jobs.wait()
    made.session.close_workspace()


def answers(window: MainWindow) -> dict[str, QMessageBox]:
    return {
        button.text(): box for box in window.findChildren(QMessageBox) for button in box.buttons() if box.isVisible()
    }


def press(window: MainWindow, text: str) -> None:
    box = answers(window)[text]
    next(button for button in box.buttons() if button.text() == text).click()


def test_closing_during_an_import_can_wait(busy: MainWindow, qtbot: QtBot) -> None:
    running = Import(busy)
    busy.close()
    assert busy.isVisible()
    assert set(answers(busy)) == {"Wait", "Cancel it and close"}
    press(busy, "Wait")
    assert busy.isVisible()
    running.let_go.set()
    qtbot.waitUntil(lambda: not busy.session.jobs.writing)
    assert not running.cancelled
    busy.close()
    assert not busy.isVisible()


def test_closing_during_an_import_can_cancel_it(busy: MainWindow) -> None:
    running = Import(busy)
    busy.close()
    press(busy, "Cancel it and close")
    assert not busy.isVisible()
    assert running.cancelled
    assert busy.session.workspace is None


def test_the_question_goes_when_the_import_ends(busy: MainWindow, qtbot: QtBot) -> None:
    running = Import(busy)
    busy.close()
    assert answers(busy)
    running.let_go.set()
    qtbot.waitUntil(lambda: not answers(busy))
    assert busy.isVisible()


def test_looking_at_numbers_does_not_keep_the_window_open(busy: MainWindow) -> None:
    busy.dashboard.make_stale()
    busy.close()
    assert not busy.isVisible()
