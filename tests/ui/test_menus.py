"""The menus: every entry can be reached by keyboard, none is dead, and what is off says why."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from kpidesk.paths import resource
from kpidesk.ui import theme
from kpidesk.ui.actions import labelled
from kpidesk.ui.app import apply_preferences
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.pages import VIEWS
from kpidesk.ui.palette import Palette
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("does not support")


def menu(window: MainWindow, title: str) -> QMenu:
    found = next(one for one in window.findChildren(QMenu) if one.title() == title)
    found.aboutToShow.emit()
    return found


def entry(window: MainWindow, title: str, text: str) -> QAction:
    return next(one for one in menu(window, title).actions() if one.text().replace("&", "") == text)


def test_every_entry_has_a_mnemonic_or_a_shortcut_and_no_menu_has_one_twice(window: MainWindow) -> None:
    for one in window.findChildren(QMenu):
        letters = []
        for action in one.actions():
            mnemonic = re.search(r"&(\w)", action.text())
            number = re.fullmatch(r"\d+%", action.text())
            assert action.isSeparator() or mnemonic or number or not action.shortcut().isEmpty(), action.text()
            letters += [mnemonic[1].casefold()] if mnemonic else []
        assert [letter for letter, count in Counter(letters).items() if count > 1] == [], one.title()


def test_no_shortcut_is_used_twice_nor_belongs_to_the_system(window: MainWindow) -> None:
    keys = [key for action in window.actions_ for key in action.keys.split()]
    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert not {"Ctrl+Space", "Ctrl+H", "Ctrl+M", "Ctrl+Tab"} & set(keys)


def test_without_a_workspace_what_needs_one_is_off_and_says_so(window: MainWindow) -> None:
    export = entry(window, "&File", "Export Excel summary…")
    assert not export.isEnabled()
    assert export.toolTip() == "Open a workspace first"
    assert entry(window, "&File", "Import data…").isEnabled()


def test_recent_workspaces_are_those_that_exist_and_can_be_forgotten(
    window: MainWindow, tmp_path: Path, workspace: Path
) -> None:
    assert not entry(window, "&File", "Open recent").isEnabled()
    window.session.create_workspace(tmp_path / "Gone & lost.kpidesk")
    window.session.open_workspace(workspace)
    names = [action.text() for action in menu(window, "Open &recent").actions()]
    assert names == [f"Sales  ({tmp_path})", f"Gone && lost  ({tmp_path})", "", "Clear recent"]
    (tmp_path / "Gone & lost.kpidesk").unlink()
    recent = menu(window, "Open &recent")
    assert [action.text() for action in recent.actions()] == [f"Sales  ({tmp_path})", "", "Clear recent"]
    recent.actions()[-1].trigger()
    assert not entry(window, "&File", "Open recent").isEnabled()
    assert workspace.exists()


def test_the_theme_that_is_chosen_is_checked_and_remembered(window: MainWindow) -> None:
    entry(window, "T&heme", "Dark").trigger()
    assert theme.current_theme() == "dark"
    assert [one.isChecked() for one in menu(window, "T&heme").actions()] == [False, False, True]
    theme.set_theme("light")
    apply_preferences(window.session.preferences)
    assert theme.current_theme() == "dark"


def test_text_grows_shrinks_and_is_remembered(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    before = theme.font("body").pixelSize()
    for _ in range(5):
        qtbot.keyClick(window, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
    assert theme.text_size() == 150
    assert theme.font("body").pixelSize() > before
    larger = entry(window, "&Text size", "Larger")
    assert not larger.isEnabled()
    assert larger.toolTip() == "This is the largest text"
    assert entry(window, "&Text size", "150%").isChecked()
    qtbot.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
    assert theme.text_size() == 130
    theme.set_text_size(100)
    apply_preferences(window.session.preferences)
    assert theme.text_size() == 130
    qtbot.keyClick(window, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert theme.text_size() == 100


def test_f11_fills_the_screen_and_gives_it_back(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert window.isFullScreen()
    assert entry(window, "&View", "Full screen").isChecked()
    qtbot.keyClick(window, Qt.Key.Key_F11)
    assert not window.isFullScreen()


def test_copy_takes_the_rows_of_the_focused_table_and_is_off_where_there_is_nothing(
    window: MainWindow, workspace: Path, qtbot: QtBot
) -> None:
    window.session.open_workspace(workspace)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    copy = entry(window, "&Edit", "Copy")
    assert not copy.isEnabled()
    window.act("kpi", "win_rate")
    entry(window, "&Edit", "Copy").trigger()
    assert QGuiApplication.clipboard().text().startswith("Period\tValue\tTarget")
    window.show_page("imports")
    window.imports.table.setFocus()
    entry(window, "&Edit", "Copy").trigger()
    assert QGuiApplication.clipboard().text().startswith("File\tRows are\tFrom")


def test_the_sidebar_has_the_pages_that_exist_and_becomes_a_rail(
    window: MainWindow, workspace: Path, qtbot: QtBot
) -> None:
    window.session.open_workspace(workspace)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    sidebar = window.sidebar
    assert list(sidebar._items) == [page.name for page in VIEWS if page.group is not None]
    sidebar._items["imports"].click()
    assert window.pages.shown == "imports"
    window.resize(1280, 800)
    assert not sidebar.wide
    assert sidebar.width() == 56
    assert sidebar._items["imports"].toolTip() == "Imports"
    qtbot.keyClick(window, Qt.Key.Key_F9)
    assert sidebar.wide
    assert sidebar._items["imports"].toolTip() == ""
    assert entry(window, "&View", "Sidebar").isChecked()


def test_the_palette_has_groups_icons_and_only_what_leads_somewhere(window: MainWindow, workspace: Path) -> None:
    window.open_palette()
    palette = window.findChild(Palette)
    assert palette is not None
    assert "Export Excel summary" not in [hit.entry.text for hit in palette.hits]
    palette.close_palette()
    window.session.open_workspace(workspace)
    window.open_palette()
    palette = next(one for one in window.findChildren(Palette) if one.isVisible())
    found = {hit.entry.text: hit.entry for hit in palette.hits}
    groups = {text: one.group for text, one in found.items()}
    assert groups["Imports"] == groups["Win rate"] == "Go to"
    assert groups["Export Excel summary"] == groups["Theme: dark"] == "Do"
    assert groups["Keyboard shortcuts"] == "Help"
    assert all(resource("icons", f"{one.icon}.svg").exists() for one in found.values())
    palette.close_palette()


def test_the_palette_finds_what_a_person_owns_and_shows_how_it_stands(window: MainWindow, workspace: Path) -> None:
    with Workspace.open(workspace) as made:
        made.define(replace(made.catalog["win_rate"], owner="Priya Shah"))
    window.session.open_workspace(workspace)
    window.open_palette()
    palette = window.findChild(Palette)
    assert palette is not None
    palette._field.setText("priya")
    (hit,) = palette.hits
    card = next(card for card in window.dashboard.shown.cards if card.kpi == "win_rate")
    assert hit.entry.text == "Win rate"
    assert hit.entry.about == f"KPI, {card.value}, {card.chip.lower()}, Priya Shah"
    palette._run()
    assert (window.pages.shown, window.kpi.kpi) == ("kpi", "win_rate")


@pytest.mark.parametrize(
    ("place", "text", "words"),
    [
        ("&File", "&Open workspace…", "Open workspace"),
        ("&View/T&heme", "&Dark", "Theme: dark"),
        ("&Edit", "&Undo import of R&&D.csv", "Undo import of R&D.csv"),
    ],
)
def test_words_of_an_entry_outside_of_its_menu(place: str, text: str, words: str) -> None:
    assert labelled(place, text) == words
