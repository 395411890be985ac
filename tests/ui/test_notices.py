"""The bar after an import and after its undoing, and how long it stays."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QDesktopServices, QEnterEvent
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.ui import notices
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.notices import Notice, NoticeBar
from kpidesk.ui.views.import_steps.choosing import Step

pytestmark = pytest.mark.qt_log_ignore("does not support")


def import_through_the_wizard(window: MainWindow, path: Path) -> None:
    window.import_files([path])
    window.imports.wizard.open_step(Step.IMPORT)
    window.imports.wizard.next.click()


def rows(window: MainWindow) -> int:
    workspace = window.session.workspace
    assert workspace is not None
    return workspace.counts().get("deals", 0)


def test_after_an_import_undo_and_import_again(window: MainWindow, tmp_path: Path, deals: Path) -> None:
    window.session.create_workspace(tmp_path / "New.kpidesk")
    import_through_the_wizard(window, deals)
    assert window.notices.text == "Imported deals.csv: 40\N{NO-BREAK SPACE}rows added, 0 updated"
    assert window.notices.link.text() == "Undo"
    window.notices.link.click()
    assert rows(window) == 0
    assert window.imports.wizard.import_step.title.text() == "Import undone"
    assert window.notices.text == "Took back the import of deals.csv"
    window.notices.link.click()
    assert rows(window) == 40
    assert window.imports.wizard.import_step.title.text() == "Imported deals.csv"
    assert window.notices.link.text() == "Undo"


def test_ctrl_z_undoes_the_import_that_the_menu_names(
    window: MainWindow, tmp_path: Path, deals: Path, qtbot: QtBot
) -> None:
    window.session.create_workspace(tmp_path / "New.kpidesk")
    assert not window.menus.qt_action("undo").isEnabled()
    import_through_the_wizard(window, deals)
    assert window.menus.qt_action("undo").text() == "&Undo import of deals.csv"
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert rows(window) == 0
    assert not window.menus.qt_action("undo").isEnabled()


def test_an_import_of_another_day_is_not_undone_without_a_question(window: MainWindow, workspace: Path) -> None:
    window.session.open_workspace(workspace)
    window.menus.qt_action("undo").trigger()
    question = window.findChild(QMessageBox)
    assert question is not None
    assert question.text() == "Undo the import of deals.csv?"
    question.defaultButton().click()
    assert rows(window) == 40


def test_the_export_is_told_in_the_bar_and_shown_in_its_folder(
    window: MainWindow, workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[str] = []
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: shown.append(url.toLocalFile()))
    window.session.open_workspace(workspace)
    window.files.export_to(tmp_path / "out.xlsx")
    assert window.notices.text == f"The Excel summary was written to {tmp_path / 'out.xlsx'}"
    assert window.findChild(QMessageBox) is None
    window.notices.link.click()
    assert shown == [str(tmp_path)]


def test_an_export_that_fails_is_told_in_a_dialog(window: MainWindow, workspace: Path, tmp_path: Path) -> None:
    window.session.open_workspace(workspace)
    window.files.export_to(tmp_path / "no such folder" / "out.xlsx")
    box = window.findChild(QMessageBox)
    assert box is not None
    assert box.text().endswith("no such folder does not exist.")
    assert box.informativeText()
    assert not window.notices.isVisible()


def test_moving_to_another_page_takes_the_bar_away(window: MainWindow, workspace: Path) -> None:
    window.session.open_workspace(workspace)
    window.notices.show_notice(Notice("Done"))
    window.show_page("imports")
    assert not window.notices.isVisible()


@pytest.fixture
def bar(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> NoticeBar:
    monkeypatch.setattr(notices, "STAYS_MS", 60)
    over = QWidget()
    over.resize(900, 500)
    qtbot.addWidget(over)
    over.show()
    over.activateWindow()
    qtbot.waitUntil(over.isActiveWindow)
    bar = NoticeBar(over)
    bar._keep = over  # the bar lives as long as what it lies over
    return bar


def test_the_bar_goes_by_itself(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("Done"))
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_the_bar_stays_while_the_pointer_is_on_it(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("Done"))
    QApplication.sendEvent(bar, QEnterEvent(QPointF(5, 5), QPointF(5, 5), QPointF(5, 5)))
    qtbot.wait(150)
    assert bar.isVisible()
    QApplication.sendEvent(bar, QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_the_bar_stays_while_its_link_has_the_focus(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("Done", "Undo", lambda: None))
    bar.link.setFocus()
    qtbot.waitUntil(lambda: bar.paused)
    qtbot.wait(150)
    assert bar.isVisible()
    bar.link.clearFocus()
    qtbot.waitUntil(lambda: not bar.isVisible())


def test_the_bar_lies_at_the_bottom_centre(bar: NoticeBar) -> None:
    bar.show_notice(Notice("Done", "Undo", lambda: None, "Ctrl+Z"))
    over = bar.parentWidget()
    over.resize(1200, 700)
    assert abs(bar.geometry().center().x() - 600) <= 1
    assert bar.geometry().bottom() < 700
    assert bar.geometry().top() > 600
