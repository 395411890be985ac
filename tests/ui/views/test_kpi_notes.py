"""Writing notes on a KPI through the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kpidesk.domain.note import Note
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpi import KpiView

pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture
def view(window: MainWindow, workspace: Path) -> KpiView:
    window.session.open_workspace(workspace)
    window.act("kpi", "win_rate")
    return window.kpi


def kept(window: MainWindow) -> list[tuple[str, str]]:
    workspace = window.session.workspace
    assert workspace is not None
    return [(note.day.isoformat(), note.text) for note in workspace.notes.of("win_rate")]


def write(view: KpiView, when: str, text: str) -> None:
    for edit, words in ((view.notes.when, when), (view.notes.text, text)):
        edit.selectAll()
        QTest.keyClicks(edit, words)
    QTest.keyClick(view.notes.text, Qt.Key.Key_Return)


def test_a_note_is_added_told_in_the_chart_removed_and_brought_back(window: MainWindow, view: KpiView) -> None:
    write(view, "2026-07-20", "New price list")
    assert kept(window) == [("2026-07-20", "New price list")]
    assert view.notes.text.text() == ""
    assert view.shown is not None
    assert [one.words for one in view.shown.marks] == ["Note of 20 Jul: New price list"]
    QTest.keyClick(view.notes.buttons[0], Qt.Key.Key_Return)
    assert kept(window) == []
    assert window.menus.qt_action("undo").text() == "&Undo change of notes"
    window.notices.link.click()
    assert kept(window) == [("2026-07-20", "New price list")]
    view.undo_edit()
    assert kept(window) == []
    assert view.undoable == ""


def test_what_is_no_day_or_says_nothing_is_refused_and_stays(window: MainWindow, view: KpiView) -> None:
    write(view, "soon", "New price list")
    assert view.notes.trouble.text() == "Enter a day, for example 30 Sep."
    assert view.notes.text.text() == "New price list"
    write(view, "2026-07-20", " ")
    assert "A note has from 1 to 240 characters" in view.notes.trouble.text()
    assert kept(window) == []


def test_a_day_without_its_year_is_the_last_one(window: MainWindow, view: KpiView) -> None:
    workspace = window.session.workspace
    assert workspace is not None
    write(view, f"{workspace.today.day} {workspace.today:%b}", "Today")
    assert kept(window) == [(workspace.today.isoformat(), "Today")]


def test_the_shortcut_leads_to_the_note(window: MainWindow, view: KpiView, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert view.notes.text.hasFocus()


def test_notes_cannot_be_written_where_nothing_can(window: MainWindow, view: KpiView) -> None:
    workspace = window.session.workspace
    assert workspace is not None
    window.session.open_workspace(workspace.path, read_only=True)
    window.act("kpi", "win_rate")
    view.notes.show_notes((Note("x", "win_rate", workspace.today, "Old"),), "1 Jul", window.session.read_only)
    assert not view.notes.add.isEnabled()
    assert not view.notes.buttons[0].isEnabled()
