"""The form of a goal: what stands in it, what is wrong with it, and its way around with the keyboard."""

from datetime import date

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kpidesk.domain.goal import Goal, KeyResult
from kpidesk.domain.kpi import Display
from kpidesk.ui import theme
from kpidesk.ui.views.goal_parts.goal_form import GoalForm
from kpidesk.workspace.goal_setting import GoalOffers, OfferedKpi

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise|keyboard")

OFFERS = GoalOffers(
    ("Ann", "Bob"),
    (
        OfferedKpi("win_rate", "Win rate", Display.PERCENT, 0.22, 0.25),
        OfferedKpi("total_revenue", "Total revenue", Display.MONEY, 0.0, 240_000.0),
        OfferedKpi("coverage", "Pipeline coverage", Display.RATIO, 2.9, None),
    ),
)
GOAL = Goal("g1", "Grow", date(2026, 7, 1), "Ann", (KeyResult("win_rate", 0.25, 0.22, 2.5), KeyResult("coverage", 3.0)))


@pytest.fixture
def form(qtbot: QtBot, qapp: QApplication) -> GoalForm:
    theme.install(qapp)
    made = GoalForm(GOAL, OFFERS, "GBP")
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    return made


def choose(form: GoalForm, row: int, name: str) -> None:
    """Choose a KPI as someone does who types its first letters."""
    choice = form.results[row].kpi
    choice.setFocus()
    QTest.keyClicks(choice, name)


def type_over(edit: object, text: str) -> None:
    edit.selectAll()  # type: ignore[attr-defined]
    QTest.keyClicks(edit, text) if text else QTest.keyClick(edit, Qt.Key.Key_Delete)


def test_it_shows_a_goal_and_gives_back_the_same(form: GoalForm) -> None:
    first, second = form.results
    assert (form.name.text(), form.owner.text()) == ("Grow", "Ann")
    assert (first.start.text(), first.target.text(), first.weight.currentText()) == ("22%", "25%", "2.5")
    assert (second.start.text(), second.start.placeholderText(), second.target.text()) == ("", "Held", "3.0x")
    assert form.goal == GOAL
    assert not form.changed
    assert form.wrong == ""


def test_a_chosen_kpi_begins_where_it_was_and_aims_at_its_target(form: GoalForm) -> None:
    QTest.mouseClick(form.more, Qt.MouseButton.LeftButton)
    assert QApplication.focusWidget() is form.results[2].kpi
    assert form.goal == GOAL  # a row without a KPI is none yet
    choose(form, 2, "Total")
    assert form.goal.results[-1] == KeyResult("total_revenue", 240_000.0, 0.0)
    assert form.changed


def test_what_is_lacking_or_cannot_be_read_is_said_with_the_name_of_its_kpi(form: GoalForm) -> None:
    type_over(form.results[0].target, "a lot")
    assert form.wrong.startswith("Win rate: Enter a number, for example")
    type_over(form.results[0].target, "26,5%")
    assert form.wrong == ""
    assert form.goal.results[0].target == pytest.approx(0.265)
    type_over(form.results[1].target, "")
    assert form.wrong == "Say where Pipeline coverage is to end: its To is empty."
    form.refuse(form.wrong)
    assert form.trouble.text == form.wrong
    form.refuse("")
    assert form.trouble.text == ""


def test_a_removed_row_is_gone_and_the_focus_stays_in_the_form(form: GoalForm) -> None:
    form.results[0].remove.setFocus()
    QTest.keyClick(form.results[0].remove, Qt.Key.Key_Return)
    assert form.goal.results == GOAL.results[1:]
    assert QApplication.focusWidget() is form.more


def test_tab_goes_in_reading_order_through_rows_that_were_added_later(form: GoalForm) -> None:
    QTest.mouseClick(form.more, Qt.MouseButton.LeftButton)
    form.results[1].remove.setFocus()
    QTest.keyClick(form.results[1].remove, Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is form.results[2].kpi


def test_enter_saves_and_esc_leaves(form: GoalForm, qtbot: QtBot) -> None:
    with qtbot.waitSignal(form.saved):
        QTest.keyClick(form.results[0].target, Qt.Key.Key_Return)
    with qtbot.waitSignal(form.left):
        QTest.keyClick(form.results[0].target, Qt.Key.Key_Escape)
