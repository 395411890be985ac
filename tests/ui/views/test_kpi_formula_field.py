"""The formula: completion and its keys, help, mistakes, and the preview of what has a meaning."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Display
from kpidesk.ui import theme
from kpidesk.ui.dialogs.help import HelpSheet
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpi_editor.completer import explained
from kpidesk.ui.views.kpis import KpisView
from tests.ui.keys import CTRL, NONE, focus, press, settle, workspace_of, write

pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_the_list_opens_moves_and_closes_with_the_keys_of_the_design(view: KpisView) -> None:
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("s")
    assert not edit.listing
    write("u")
    assert edit.listing
    items = edit.completions.items
    assert len(items) > 2
    press(Qt.Key.Key_Up)
    assert edit.completions.current == len(items) - 1
    press(Qt.Key.Key_Down)
    assert edit.completions.current == 0
    press(Qt.Key.Key_Escape)
    assert not edit.listing
    assert focus() is edit
    press(Qt.Key.Key_Space, CTRL)
    assert edit.listing
    view.form.name.setFocus()
    assert not edit.listing


def test_f1_explains_the_chosen_completion_and_follows_the_choice(view: KpisView, opened: MainWindow) -> None:
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("COUNT(closed_deals WHERE clo")
    listed = edit.completions
    before = listed.height()
    press(Qt.Key.Key_F1)
    assert not [one for one in opened.findChildren(HelpSheet) if one.isVisible()]
    assert listed.helping
    assert listed.height() > before
    about = "The day the deal was won or lost. From the column “Closed”. 100% of rows have a value."
    assert about in listed.accessibleDescription()
    assert [words for words, _ in explained(listed.items[0])] == [about, listed.items[0].example]
    press(Qt.Key.Key_Down)
    assert "expected to close" in listed.accessibleDescription()
    opened.grab()
    press(Qt.Key.Key_F1)
    assert (listed.helping, listed.height()) == (False, before)
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_F1)  # without the list it is the help for the page
    assert [one for one in opened.findChildren(HelpSheet) if one.isVisible()]


def test_the_caret_s_function_is_explained(view: KpisView) -> None:
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("PREVIOUS([Win rate], ")
    press(Qt.Key.Key_Escape)
    assert view.form.formula.note.text.startswith("PREVIOUS(")
    assert "‹" in view.form.formula.note.text


def test_the_preview_stays_with_the_last_valid_formula(view: KpisView, qtbot: QtBot) -> None:
    assert view.shown is not None
    value = view.shown.value
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_End, CTRL)
    write(" / (")
    settle(view, qtbot)
    assert view.shown.mistake is not None
    assert view.shown.value == value
    assert view.preview.empty.text() == "Shown from the last formula that had a meaning."
    assert view.preview.card is not None
    point = next(one for one in view.shown.points if one.part == "formula")
    assert (point.status, point.title) == (Status.WARN, "Formula is not finished")


def test_help_with_a_function_does_not_stay_with_another_kpi(view: KpisView) -> None:
    view.form.formula.edit.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("SUM(")
    assert view.form.formula.note.text.startswith("SUM(")
    view.open_kpi("win_rate")
    assert view.form.formula.note.text == ""


def test_format_offers_only_what_suits_the_unit(view: KpisView) -> None:
    view.open_kpi("win_rate")
    offered = {view.form.format.itemData(place) for place in range(view.form.format.count())}
    assert offered == {Display.PERCENT.value, Display.RATIO.value}


def test_trying_a_definition_out_keeps_nothing(view: KpisView, opened: MainWindow) -> None:
    before = view.draft
    assert before is not None
    view.try_out(replace(before, formula="COUNT(won_dea"))
    assert view.shown is not None
    assert view.shown.mistake is not None
    opened.show_page("dashboard")
    assert workspace_of(view).editor.start(before.id) == before


def test_completions_go_with_the_page(view: KpisView, opened: MainWindow) -> None:
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_Space, CTRL)
    assert edit.listing
    opened.show_page("dashboard")
    assert not edit.listing


def test_the_pointer_inserts_a_completion_and_the_wheel_moves(view: KpisView) -> None:
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("cou")
    listed = edit.completions
    second = listed.items[1]
    QTest.mouseClick(listed, Qt.MouseButton.LeftButton, NONE, QPoint(40, theme.scaled(34) + 12))
    assert edit.toPlainText() == second.text
    assert not listed.isVisible() or listed.items[0] != second
