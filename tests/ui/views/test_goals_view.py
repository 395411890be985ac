"""Setting goals through the window, with the keyboard alone, and taking every step back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu
from pytestqt.qtbot import QtBot

from kpidesk.domain.goal import Goal, KeyResult
from kpidesk.domain.query import Figure
from kpidesk.ui.commands import entries
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.goals import GoalsView
from kpidesk.ui.widgets.empty_state import EmptyState
from kpidesk.ui.widgets.goal_strip import GoalStrip
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("does not support|keyboard")

DEALS = "Deal ID,Name,Status,Created,Closed,Amount,Deal owner,Source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},2026-0{n % 8 + 1}-02,2026-0{n % 8 + 1}-20,{n * 100},{'Ann' if n % 5 else 'Bob'},Inbound\n"
    for n in range(1, 161)
)
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def view(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> Iterator[GoalsView]:
    export, path = tmp_path / "deals.csv", tmp_path / "Sales.kpidesk"
    export.write_text(DEALS, encoding="utf-8")
    with Workspace.create(path, clock=lambda: datetime(2026, 8, 25, 12, tzinfo=UTC)) as made:
        made.commit(made.read(export))
        made.set("as_of", "2026-08-25")
        for kpi in made.catalog.active:
            if kpi.id not in ("win_rate", "total_revenue"):
                made.editor.retire(kpi.id)
    window.session.open_workspace(path)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    QTest.keyClick(window, Qt.Key.Key_7, CTRL)
    return window.goals


def goals(window: MainWindow) -> tuple[Goal, ...]:
    workspace = window.session.workspace
    assert workspace is not None
    return workspace.goals.all()


def type_goal(view: GoalsView, name: str, kpi: str, start: str, target: str) -> None:
    """Begin a goal and type it."""
    view.new()
    form = view.form
    assert form is not None
    QTest.keyClicks(form.name, name)
    fields = form.results[0]
    fields.kpi.setFocus()
    QTest.keyClicks(fields.kpi, kpi)
    fields.kpi.activated.emit(fields.kpi.currentIndex())
    for edit, text in ((fields.start, start), (fields.target, target)):
        edit.selectAll()
        QTest.keyClicks(edit, text) if text else QTest.keyClick(edit, Qt.Key.Key_Delete)


def add_goal(
    view: GoalsView, name: str = "Win more", kpi: str = "Win rate", start: str = "60%", target: str = "70%"
) -> None:
    type_goal(view, name, kpi, start, target)
    assert view.form is not None
    QTest.keyClick(view.form.results[0].target, Qt.Key.Key_Return)


def test_without_goals_the_page_says_what_to_do(window: MainWindow, view: GoalsView) -> None:
    empty = next(one for one in view.findChildren(EmptyState) if one.isVisible())
    words = [label.text() for label in empty.findChildren(Label)]
    assert words[0] == "No goals for Q3 2026"
    assert window.sidebar._items["goals"].count == ""
    QTest.keyClick(empty.findChildren(Button)[0], Qt.Key.Key_Return)
    assert view.form is not None
    assert QApplication.focusWidget() is view.form.name
    assert not any(one.isVisible() for one in view.findChildren(EmptyState))


def test_a_goal_is_typed_saved_with_enter_and_shown(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    assert view.form is None
    (goal,) = goals(window)
    assert (goal.name, goal.results) == ("Win more", (KeyResult("win_rate", 0.7, 0.6),))
    panel = view.panels[0]
    assert panel.rows[0].value.target == "60% to 70%"
    assert panel.bar.accessibleName().startswith("Win more, ")
    assert window.sidebar._items["goals"].count == "1"
    assert view.header.answer.text().startswith("Q3 2026, day\u00a056 of 92. 1\u00a0goal: ")


def test_a_chosen_kpi_brings_where_it_was_and_where_it_is_to_go(view: GoalsView) -> None:
    view.new()
    assert view.form is not None
    fields = view.form.results[0]
    fields.kpi.setCurrentIndex(fields.kpi.findData("total_revenue"))
    fields.kpi.activated.emit(fields.kpi.currentIndex())
    assert (fields.start.text(), fields.target.text()) == ("£0", "")
    fields.kpi.setCurrentIndex(fields.kpi.findData("win_rate"))
    fields.kpi.activated.emit(fields.kpi.currentIndex())
    assert fields.start.text().endswith("%")
    assert 0.5 < (fields.start.value or 0) < 0.8


@pytest.mark.parametrize(
    ("name", "start", "target", "sentence"),
    [
        ("", "60%", "70%", "A goal needs a name"),
        ("Win more", "80%", "70%", "Win rate is better when it is higher"),
        ("Win more", "60%", "", "its To is empty"),
        ("Win more", "60%", "many", "Enter a number, for example 25%"),
    ],
)
def test_what_has_no_meaning_is_refused_and_stays_open(
    window: MainWindow, view: GoalsView, name: str, start: str, target: str, sentence: str
) -> None:
    add_goal(view, name, "Win rate", start, target)
    assert view.form is not None
    assert sentence in view.form.trouble.text
    assert goals(window) == ()


def test_escape_leaves_the_form_and_what_was_typed_can_be_had_back(
    window: MainWindow, view: GoalsView, qtbot: QtBot
) -> None:
    type_goal(view, "Win more", "Win rate", "60%", "70%")
    assert view.form is not None
    QTest.keyClick(view.form.name, Qt.Key.Key_Escape)
    assert view.form is None
    assert goals(window) == ()
    assert window.notices.text == "Left “Win more” without saving"
    window.notices.link.click()
    assert view.form is not None
    assert view.form.name.text() == "Win more"
    assert view.form.results[0].result == KeyResult("win_rate", 0.7, 0.6)


def test_editing_stays_in_place_and_ctrl_z_takes_it_back(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    (before,) = goals(window)
    QTest.keyClick(view.panels[0].edit, Qt.Key.Key_Return)
    form = view.form
    assert form is not None
    form.add_result(None, focus=True)
    assert QApplication.focusWidget() is form.results[1].kpi
    form.name.selectAll()
    QTest.keyClicks(form.name, "Win far more")
    QTest.keyClick(form.name, Qt.Key.Key_Return)
    assert [goal.name for goal in goals(window)] == ["Win far more"]
    assert window.menus.qt_action("undo").text() == "&Undo change of goals"
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert goals(window) == (before,)
    QTest.keyClick(window, Qt.Key.Key_Z, CTRL)
    assert goals(window) == ()


def test_a_form_survives_a_refresh(view: GoalsView) -> None:
    type_goal(view, "Win more", "Win rate", "60%", "70%")
    form = view.form
    assert form is not None
    form.results[0].target.setFocus()
    view.make_stale()
    assert view.form is form
    assert form.isVisible()
    assert QApplication.focusWidget() is form.results[0].target


def test_a_kpi_that_serves_no_goal_is_mapped_or_retired_and_both_taken_back(
    window: MainWindow, view: GoalsView, qtbot: QtBot
) -> None:
    add_goal(view)
    workspace = window.session.workspace
    assert workspace is not None
    assert view.loose is not None
    assert list(view.loose.buttons) == ["total_revenue"]
    QTest.keyClick(view.loose.buttons["total_revenue"][0], Qt.Key.Key_Return)
    menu = view.loose.findChildren(QMenu)[-1]
    qtbot.waitUntil(menu.isVisible)
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert workspace.catalog["total_revenue"].goal == "Win more"
    assert view.loose is None
    assert view.panels[0].value.serving == (("total_revenue", "Total revenue"),)
    view.undo_edit()
    assert view.loose is not None
    QTest.keyClick(view.loose.buttons["total_revenue"][1], Qt.Key.Key_Return)
    assert not workspace.catalog["total_revenue"].active
    view.undo_edit()
    assert workspace.catalog["total_revenue"].active


def test_a_goal_is_removed_and_had_back_from_the_notice(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    kept = goals(window)
    QTest.keyClick(view.panels[0].remove, Qt.Key.Key_Return)
    assert goals(window) == ()
    assert window.notices.text == "Removed the goal “Win more”"
    window.notices.link.click()
    assert goals(window) == kept


def test_a_key_result_opens_its_kpi_and_escape_comes_to_the_dashboard(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    QTest.keyClick(view.panels[0].rows[0], Qt.Key.Key_Return)
    assert (window.pages.shown, window.kpi.kpi) == ("kpi", "win_rate")


def test_the_strip_on_the_dashboard_opens_the_goals(window: MainWindow, view: GoalsView, qtbot: QtBot) -> None:
    add_goal(view, "Grow", "Total revenue", "0", "250k")
    window.show_page("dashboard")
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.dashboard.findChildren(GoalStrip)))
    strip = next(one for one in window.dashboard.findChildren(GoalStrip) if one.isVisible())
    assert strip.value.target == 250_000
    QTest.keyClick(strip, Qt.Key.Key_Return)
    assert window.pages.shown == "goals"


def test_another_quarter_has_goals_of_its_own(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    view.quarter.setCurrentIndex(view.quarter.findText("Q4 2026"))
    view.quarter.activated.emit(view.quarter.currentIndex())
    assert view.panels == []
    add_goal(view, "Next", "Win rate", "", "70%")
    assert [goal.quarter.isoformat() for goal in goals(window)] == ["2026-07-01", "2026-10-01"]
    assert view.panels[0].rows[0].value.note == "Begins on 1 Oct."


def test_a_workspace_for_reading_only_shows_and_changes_nothing(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    workspace = window.session.workspace
    assert workspace is not None
    window.session.open_workspace(workspace.path, read_only=True)
    window.show_page("goals")
    assert not view.panels[0].edit.isEnabled()
    assert "reading only" in view.panels[0].edit.toolTip()
    view.new()
    assert view.form is None
    assert view.undoable == ""


def test_an_empty_quarter_takes_over_the_goals_of_the_one_before(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    view.quarter.setCurrentIndex(view.quarter.findText("Q4 2026"))
    view.quarter.activated.emit(view.quarter.currentIndex())
    copy = next(one for one in view._content.findChildren(Button) if one.text() == "Copy the goals of Q3 2026")
    QTest.keyClick(copy, Qt.Key.Key_Return)
    assert [panel.value.goal.name for panel in view.panels] == ["Win more"]
    view.undo_edit()
    assert view.panels == []


def test_the_palette_finds_goals_and_begins_one(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    window.show_page("dashboard")
    found = {entry.text: entry for entry in entries(window)}
    found["Win more"].run()
    assert window.pages.shown == "goals"
    assert view.form is None
    found["New goal"].run()
    assert view.form is not None


def test_a_key_result_shows_its_working(window: MainWindow, view: GoalsView) -> None:
    add_goal(view)
    asked: list[object] = []
    row = view.panels[0].rows[0]
    row.figures.asked.connect(asked.append)
    assert row.figures.ask()
    (figure,) = asked
    assert isinstance(figure, Figure)
    assert (figure.kpi, figure.period.start.isoformat()) == ("win_rate", "2026-07-01")
