"""Back, forward and up, by keys, menu and mouse."""

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.palette import Palette
from kpidesk.ui.trail import Place, Trail
from kpidesk.ui.views.import_steps.choosing import Step

pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture
def opened(window: MainWindow, workspace: Path, qtbot: QtBot) -> MainWindow:
    window.session.open_workspace(workspace)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def shown(window: MainWindow) -> tuple[str, str]:
    return window.pages.shown, window.kpi.kpi if window.pages.shown == "kpi" else ""


def test_back_and_forward_go_through_pages_and_kpis(opened: MainWindow, qtbot: QtBot) -> None:
    opened.act("kpi", "win_rate")
    opened.act("kpi", "average_deal_size")
    qtbot.keyClick(opened, Qt.Key.Key_8, Qt.KeyboardModifier.ControlModifier)
    assert shown(opened) == ("imports", "")
    seen = []
    for _ in range(4):
        qtbot.keyClick(opened, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        seen.append(shown(opened))
    assert seen == [("kpi", "average_deal_size"), ("kpi", "win_rate"), ("dashboard", ""), ("dashboard", "")]
    qtbot.keyClick(opened, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert shown(opened) == ("kpi", "win_rate")
    assert opened.kpi.shown is not None
    assert opened.kpi.shown.name == "Win rate"


def test_going_somewhere_new_forgets_what_lay_ahead(opened: MainWindow, qtbot: QtBot) -> None:
    opened.act("kpi", "win_rate")
    opened.pages.step(-1)
    opened.show_page("imports")
    assert not opened.menus.qt_action("forward").isEnabled()
    assert opened.menus.qt_action("back").isEnabled()


def test_the_mouse_has_back_and_forward_buttons(opened: MainWindow) -> None:
    opened.show_page("imports")
    handle = opened.windowHandle()
    assert handle is not None
    middle = QPoint(opened.width() // 2, opened.height() // 2)
    QTest.mouseClick(handle, Qt.MouseButton.BackButton, Qt.KeyboardModifier.NoModifier, middle)
    assert opened.pages.shown == "dashboard"
    QTest.mouseClick(handle, Qt.MouseButton.ForwardButton, Qt.KeyboardModifier.NoModifier, middle)
    assert opened.pages.shown == "imports"


def test_escape_leads_from_a_kpi_to_the_dashboard_and_no_further(opened: MainWindow, qtbot: QtBot) -> None:
    opened.act("kpi", "win_rate")
    qtbot.keyClick(opened.kpi.table, Qt.Key.Key_Escape)
    assert opened.pages.shown == "dashboard"
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert opened.pages.shown == "dashboard"


def test_escape_closes_the_palette_first_and_gives_the_focus_back(opened: MainWindow, qtbot: QtBot) -> None:
    opened.act("kpi", "win_rate")
    opened.kpi.table.setFocus()
    qtbot.keyClick(opened, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = opened.findChild(Palette)
    assert palette is not None
    focus = QApplication.focusWidget()
    assert focus is not None
    qtbot.keyClick(focus, Qt.Key.Key_Escape)
    assert not palette.isVisible()
    assert opened.pages.shown == "kpi"
    assert QApplication.focusWidget() is opened.kpi.table


def test_escape_turns_the_wizard_back_and_keeps_its_file(opened: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    more.write_text("deal_id,status,created,amount\n90,won,2026-08-01,5\n", encoding="utf-8")
    opened.import_files([more])
    wizard = opened.imports.wizard
    wizard.open_step(Step.COLUMNS)
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert wizard.step is Step.FILE
    assert wizard.isVisible()
    qtbot.keyClick(opened, Qt.Key.Key_Escape)
    assert not wizard.isVisible()
    assert opened.imports.import_button.text() == "Continue the import"
    opened.imports.import_button.click()
    assert wizard.isVisible()
    assert wizard.preview is not None
    assert wizard.preview.file_name == "more.csv"


def test_another_workspace_begins_a_new_trail(opened: MainWindow, tmp_path: Path) -> None:
    opened.show_page("imports")
    opened.session.create_workspace(tmp_path / "Other.kpidesk")
    assert opened.pages.shown == "dashboard"
    assert not opened.pages.trail.reaches(-1)


def test_a_trail_does_not_note_the_same_place_twice() -> None:
    trail = Trail()
    for page in ("a", "a", "b"):
        trail.go(Place(page))
    assert trail.step(-1) == Place("a")
    assert trail.step(-1) is None
