"""Help, shortcuts and about: read by a user, complete, and true of what ships."""

import re
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from pytestqt.qtbot import QtBot

from kpidesk import __version__
from kpidesk.ui.dialogs.about import AboutSheet, parts, versions_text
from kpidesk.ui.dialogs.help import GENERAL, HelpSheet, help_texts
from kpidesk.ui.dialogs.sheet import Sheet
from kpidesk.ui.dialogs.shortcuts import ShortcutSheet
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.pages import VIEWS, WELCOME

pytestmark = pytest.mark.qt_log_ignore("does not support")
ROOT = Path(__file__).parents[2]
# What sets KPIDesk up or builds it, and is not part of it.
TOOLS = {"hatchling", "packaging", "pathspec", "pluggy", "tomlkit", "trove-classifiers"}


def words(sheet: Sheet) -> str:
    return "\n".join(label.text() for label in sheet.findChildren(Label) if not label.isHidden())


def test_f1_explains_the_page_that_is_shown(window: MainWindow, workspace: Path, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F1)
    sheet = window.findChild(HelpSheet)
    assert sheet is not None
    assert sheet.title.text() == "Getting started"
    window.session.open_workspace(workspace)
    window.help_menu.help()
    assert sheet.title.text() == "Dashboard"
    window.imports.read_files([])
    window.show_page("imports")
    window.help_menu.help()
    assert sheet.title.text() == "Importing a file"
    qtbot.waitUntil(lambda: "Nothing is saved before the end" in words(sheet))
    assert len(window.findChildren(HelpSheet)) == 1
    qtbot.keyClick(sheet, Qt.Key.Key_Escape)
    assert not sheet.isVisible()


@pytest.mark.parametrize("page", [WELCOME, GENERAL, "import", *(page.name for page in VIEWS)])
def test_every_page_has_its_help(page: str) -> None:
    text = help_texts()[page]
    assert text.title
    assert text.lead
    assert all(question.endswith("?") and answer.endswith(".") for question, answer in text.parts)


def test_the_shortcuts_are_those_of_the_actions_and_can_be_searched(window: MainWindow) -> None:
    window.act("keys")
    sheet = window.findChild(ShortcutSheet)
    assert sheet is not None
    listed = dict(sheet.shown())
    assert all(listed[action.label] == action.shown_keys for action in window.actions_ if action.keys)
    assert set(sheet._heads) == {"File", "Edit", "View", "KPI", "Help", "Moving around"}
    sheet.field.setText("ctrl+i")
    assert sheet.shown() == [("Import data", "Ctrl+I")]
    assert "View" not in words(sheet).splitlines()
    sheet.field.setText("zzz")
    assert sheet.shown() == []
    assert sheet.nothing.isVisible()
    sheet.close()


def test_about_names_versions_and_licences(window: MainWindow) -> None:
    window.act("about")
    sheet = window.findChild(AboutSheet)
    assert sheet is not None
    assert f"KPIDesk {__version__}, MIT licence" in words(sheet)
    assert "SIL Open Font License 1.1" in words(sheet)
    sheet.close()
    QGuiApplication.clipboard().setText(versions_text())
    assert "Qt and PySide6 6." in QGuiApplication.clipboard().text()


def test_about_lists_everything_that_is_locked_for_users() -> None:
    locked = set(
        re.findall(r"^([a-z0-9.-]+)==", (ROOT / "packaging" / "requirements.lock").read_text("utf-8"), re.MULTILINE)
    )
    listed = (ROOT / "resources" / "help" / "licences.toml").read_text("utf-8")
    assert {name for name in locked - TOOLS if f'"{name}"' not in listed} == set()
    assert all(licence for _, _, licence in parts())


def test_the_log_folder_is_opened(window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    window.act("log")
    assert [url.toLocalFile() for url in opened] == [str(tmp_path / "home")]
