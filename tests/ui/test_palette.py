"""The command palette is worked by keyboard, and finds by name and by alias."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.ui.palette import Entry, Palette, find


@pytest.fixture(autouse=True)
def _nothing_used_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Palette, "_recent", [])


def _entries(ran: list[str]) -> list[Entry]:
    return [
        Entry("Go to", "Win rate", "KPI", lambda: ran.append("win"), ("closing rate",)),
        Entry("Do", "Import data", "Ctrl+I", lambda: ran.append("import")),
        Entry("Do", "Quit", "Ctrl+Q", lambda: ran.append("quit")),
    ]


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    made.resize(1200, 800)
    qtbot.addWidget(made)
    QLineEdit(made)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_typing_and_enter_run_the_best_entry(qtbot: QtBot, window: QWidget) -> None:
    ran: list[str] = []
    palette = Palette(window, _entries(ran))
    field = palette.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "imp")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert ran == ["import"]


def test_down_moves_and_wraps_around(qtbot: QtBot, window: QWidget) -> None:
    ran: list[str] = []
    field = Palette(window, _entries(ran)).findChild(QLineEdit)
    assert field is not None
    for _ in range(4):
        qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert ran == ["import"]


def test_escape_runs_nothing_and_gives_the_focus_back(qtbot: QtBot, window: QWidget) -> None:
    ran: list[str] = []
    before = window.findChild(QLineEdit)
    assert before is not None
    window.activateWindow()
    before.setFocus()
    qtbot.waitUntil(before.hasFocus)
    palette = Palette(window, _entries(ran))
    field = palette.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert ran == []
    assert QApplication.focusWidget() is before


def test_nothing_found_runs_nothing(qtbot: QtBot, window: QWidget) -> None:
    ran: list[str] = []
    palette = Palette(window, _entries(ran))
    field = palette.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "zzz")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert palette.hits == ()
    assert ran == []
    assert not palette.grab().isNull()


def test_an_alias_finds_its_entry() -> None:
    assert [hit.entry.text for hit in find("closing", _entries([]))] == ["Win rate"]


def test_the_last_used_comes_first_when_nothing_is_typed() -> None:
    assert [hit.entry.text for hit in find("", _entries([]), ["Quit"])] == ["Win rate", "Quit", "Import data"]
