"""Less is more, through the window: slots, vanity test, goals, near-duplicates, retiring, versions and drafts."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kpidesk.domain.goal import Goal
from kpidesk.domain.kpi import Response, Target
from kpidesk.ui.controls import Button
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpi_editor.advice_line import AdviceLine
from kpidesk.ui.views.kpi_editor.sheets import HistorySheet, RestatementSheet, RetireSheet, VanitySheet
from kpidesk.ui.views.kpis import KpisView
from kpidesk.workspace import Workspace
from tests.ui.keys import (
    CTRL,
    SHIFT,
    come_back,
    focus,
    joinable,
    press,
    settle,
    sheet,
    workspace_of,
    write,
)

pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_the_eighth_asks_which_one_makes_room(view: KpisView, qtbot: QtBot) -> None:
    workspace = workspace_of(view)
    for kpi in ("deals_closed", "win_rate_value", "average_deal_size"):
        workspace.editor.join(replace(workspace.catalog[kpi], owner="Ann", target=Target(1.0)))
    view.make_stale()
    assert view.listed is not None
    assert view.listed.headline == "No slot left"
    view.open_kpi("sales_cycle_won")
    form = view.form
    form.targets.target.setFocus()
    write("40 days")
    form.owner.setFocus()
    write("Ann")
    settle(view, qtbot)
    view.header.buttons["join"].click()
    asked = sheet(view, RetireSheet)
    assert isinstance(asked, RetireSheet)
    assert len(asked.options) == 7
    assert not asked.retire.isEnabled()
    QTest.keyClick(asked.options["deals_closed"], Qt.Key.Key_Return)
    assert asked.isVisible()  # nothing is chosen yet
    QTest.keyClick(asked.options["deals_closed"], Qt.Key.Key_Space)
    QTest.keyClick(asked.options["deals_closed"], Qt.Key.Key_Return)
    assert workspace.catalog["sales_cycle_won"].active
    assert not workspace.catalog["deals_closed"].active
    assert [one.id for one in view.listed.retired if one.id == "deals_closed"] == ["deals_closed"]


def test_retiring_can_be_undone_and_the_sidebar_counts(view: KpisView, opened: MainWindow) -> None:
    item = opened.sidebar._items["kpis"]
    assert item.count == "4 of 7"
    view.header.buttons["retire"].click()
    assert item.count == "3 of 7"
    assert opened.notices.text.startswith("Retired “")
    opened.notices.link.click()
    assert item.count == "4 of 7"


def test_versions_are_listed(view: KpisView) -> None:
    view.header.buttons["versions"].click()
    found = sheet(view, HistorySheet)
    assert isinstance(found, HistorySheet)
    assert found.table.model().rowCount() == 1
    assert found.table.model().cell(0, 2).text == "First version"  # type: ignore[attr-defined]


def test_one_goes_back_to_an_earlier_version_as_a_draft_and_sees_what_that_does(
    view: KpisView, opened: MainWindow, qtbot: QtBot
) -> None:
    workspace = workspace_of(view)
    first = workspace.catalog["win_rate"]
    workspace.define(replace(first, formula='COUNT(won_deals WHERE source = "Inbound") / COUNT(closed_deals)'))
    view.open_kpi(first.id)
    press(Qt.Key.Key_K, CTRL)
    QTest.keyClicks(focus(), "versions of")
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: isinstance(focus().window(), HistorySheet))
    found = focus().window()
    assert isinstance(found, HistorySheet)
    assert not found.back.isEnabled()  # the newest is in force already
    press(Qt.Key.Key_Down)
    assert found.formula.text() == first.formula
    while focus() is not found.back:
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    come_back(opened, qtbot)
    assert view.form.formula.text == first.formula
    assert workspace.catalog[first.id].revision == 2  # nothing is saved yet
    press(Qt.Key.Key_S, CTRL)
    past = sheet(view, RestatementSheet)
    assert isinstance(past, RestatementSheet)
    assert past.others.text().startswith("Calculated from it, and so changed too: ")
    assert "Sales velocity" in past.others.text()
    past.save.click()
    assert (workspace.catalog[first.id].formula, workspace.catalog[first.id].revision) == (first.formula, 3)


def test_the_list_follows_the_name_of_a_draft(view: KpisView, qtbot: QtBot) -> None:
    press(Qt.Key.Key_K, CTRL | SHIFT)
    write("Deals we won")
    settle(view, qtbot)
    assert "Deals we won" in [line.value.name for line in view.list.lines]
    assert next(line for line in view.list.lines if line.isChecked()).accessibleName().startswith("Deals we won, Draft")


def test_discarding_asks_nothing_and_can_be_undone(view: KpisView, opened: MainWindow, qtbot: QtBot) -> None:
    before = view.draft
    assert before is not None
    view.form.owner.setFocus()
    write("Zoe")
    settle(view, qtbot)
    view.header.buttons["discard"].click()
    assert view.draft == before
    assert view.form.owner.text() == before.owner
    opened.notices.link.click()
    assert view.form.owner.text() == "Zoe"


def test_an_unsaved_draft_is_there_after_reopening(view: KpisView, opened: MainWindow, path: Path) -> None:
    view.form.owner.setFocus()
    write("Zoe")
    opened.show_page("dashboard")  # leaving the page keeps it at once
    assert view.draft is not None
    kpi = view.draft.id
    opened.session.open_workspace(path)
    opened.act("kpis", kpi)
    assert view.form.owner.text() == "Zoe"
    assert view.header.answer.text().endswith("edited, not saved yet")


def test_near_duplicates_are_pointed_out_beside_the_checklist(view: KpisView, qtbot: QtBot) -> None:
    view.new()
    view.form.formula.edit.setFocus()
    write("COUNT(won_deals) / COUNT(closed_deals)")
    settle(view, qtbot)
    assert view.shown is not None
    assert any(one.words.startswith("Win rate is made of the same inputs") for one in view.shown.advice)


def test_a_kpi_without_a_goal_is_marked_in_the_list_and_offered_for_one_or_for_retirement(
    view: KpisView, opened: MainWindow, qtbot: QtBot
) -> None:
    workspace = workspace_of(view)
    kpi = workspace.catalog.active[0]
    for other in workspace.catalog.active[1:]:
        workspace.define(replace(other, goal="Grow"))
    workspace.define(replace(kpi, goal=""))
    workspace.goals.define(Goal("g1", "Grow", date(2026, 7, 1)))
    view.open_kpi(workspace.catalog.active[1].id)
    line = next(one for one in view.list.lines if one.value.id == kpi.id)
    assert line.value.loose == "Serves no goal of this quarter"
    assert "Serves no goal of this quarter" in line.accessibleName()
    assert [one.value.id for one in view.list.lines if one.value.loose] == [kpi.id]
    told = next(one for one in view.list.findChildren(AdviceLine) if "no goal" in one.value.words)
    assert told.value.words == f"{kpi.name} serves no goal of this quarter."
    assert [link.text() for link in told.links] == ["Name a goal", "Retire it"]
    told.links[0].setFocus()
    press(Qt.Key.Key_Return)
    assert view.draft is not None
    assert (view.draft.id, focus()) == (kpi.id, view.form.goal)
    write("Grow")
    settle(view, qtbot)
    assert view.shown is not None
    assert view.shown.advice == ()
    view.header.buttons["discard"].click()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in view.quality.findChildren(AdviceLine)))
    beside = next(one for one in view.quality.findChildren(AdviceLine) if one.isVisible())
    assert beside.value.words.startswith("It serves no goal of this quarter.")
    beside.links[1].setFocus()
    press(Qt.Key.Key_Space)
    assert opened.notices.text == f"Retired “{kpi.name}”"
    assert [one.value.id for one in view.list.lines if one.value.loose] == []
    opened.notices.link.click()
    assert workspace.catalog[kpi.id].active


def test_a_kpi_that_moves_with_another_is_named_with_its_correlation_and_the_weeks(
    view: KpisView, qtbot: QtBot
) -> None:
    view.new()
    view.form.formula.edit.setFocus()
    write("2 * COUNT(closed_deals) + COUNT(won_deals)")
    settle(view, qtbot)
    workspace = workspace_of(view)
    workspace.editor.join(replace(workspace.catalog["deals_closed"], owner="Ann", target=Target(1.0)))
    view._look()
    assert view.shown is not None
    told = next(one for one in view.shown.advice if one.words.startswith("Deals closed"))
    found = re.match(
        r"Deals closed moves together with it: r.([01]\.\d\d) between the changes of (\d+).weeks\.", told.words
    )
    assert found is not None
    assert float(found[1]) >= 0.9
    assert 26 <= int(found[2]) <= 104
    link = next(one for one in view.quality.findChildren(AdviceLine) if one.value == told).links[0]
    assert link.text() == "Open Deals closed"
    link.setFocus()
    press(Qt.Key.Key_Return)
    assert view.draft is not None
    assert view.draft.id == "deals_closed"


def test_the_title_is_marked_only_while_a_definition_is_not_saved(view: KpisView, opened: MainWindow) -> None:
    assert not opened.isWindowModified()
    view.form.owner.setFocus()
    write("Zoe")
    assert opened.isWindowModified()
    assert "[*] - KPIDesk" in opened.windowTitle()
    press(Qt.Key.Key_S, CTRL)
    assert not opened.isWindowModified()
    assert "[*]" not in opened.windowTitle()
    view.form.owner.setFocus()
    write("X")
    press(Qt.Key.Key_1, CTRL)
    assert opened.isWindowModified()
    press(Qt.Key.Key_W, CTRL)
    assert not opened.isWindowModified()


def test_what_was_typed_just_before_closing_is_kept(view: KpisView, opened: MainWindow, path: Path) -> None:
    assert view.draft is not None
    kpi = view.draft.id
    view.form.owner.setFocus()
    write("Zoe")
    assert view._unkept
    press(Qt.Key.Key_W, CTRL)
    with Workspace.open(path, read_only=True) as again:
        assert again.editor.start(kpi).owner == "Zoe"


def test_a_draft_survives_the_end_of_the_program_without_warning(tmp_path: Path, path: Path) -> None:
    """Type into the form in another process, which is killed a moment later."""
    script = tmp_path / "crashes.py"
    script.write_text(
        """
import os, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session

app = QApplication([])
theme.install(app)
window = MainWindow(Session(Jobs()))
window.show()
window.session.open_workspace(Path(sys.argv[1]))
QTimer.singleShot(60_000, lambda: os._exit(3))

def step():
    view = window.kpis
    if window.session.workspace is not None and window.pages.shown != "kpis":
        window.act("kpis", "win_rate")
    elif view.draft is not None and view.draft.owner != "Zoe":
        view.form.owner.setFocus()
        QTest.keyClicks(view.form.owner, "Zoe")
        QTimer.singleShot(1_500, lambda: os.kill(os.getpid(), 9))
        return
    QTimer.singleShot(50, step)

step()
app.exec()
""",
        encoding="utf-8",
    )
    here = {"PYTHONPATH": str(Path(__file__).parents[3]), "QT_QPA_PLATFORM": "offscreen"}
    env = {**os.environ, **here, "KPIDESK_HOME": str(tmp_path / "home")}
    ended = subprocess.run([sys.executable, str(script), str(path)], env=env, timeout=90, check=False)
    assert ended.returncode == -9
    with Workspace.open(path) as again:
        assert again.editor.start("win_rate").owner == "Zoe"
        assert "win_rate" in [one.id for one in again.editor.listing().lagging if one.drafted]


def test_joining_asks_what_will_be_done_and_takes_the_answer_as_the_action(view: KpisView, qtbot: QtBot) -> None:
    joinable(view, qtbot, "Deals we won")
    view.header.buttons["join"].click()
    asked = sheet(view, VanitySheet)
    assert isinstance(asked, VanitySheet)
    assert asked.windowTitle() == "If this number changes, what will you do?"
    assert not asked.add.isEnabled()
    QTest.keyClicks(asked.action, "Look into it")
    assert asked.field.note.text == "Too vague. Say what you will do first, and then."
    QTest.keyClick(asked.action, Qt.Key.Key_Return)
    assert asked.isVisible()
    asked.action.clear()
    QTest.keyClicks(asked.action, "Call the ten oldest open deals first, then drop those without a next step")
    QTest.keyClick(asked.action, Qt.Key.Key_Return)
    saved = workspace_of(view).catalog["deals_we_won"]
    assert (saved.active, saved.action[:8], saved.vanity_asked) == (True, "Call the", workspace_of(view).today)


def test_joining_without_an_answer_is_remembered_and_the_list_goes_on_asking(view: KpisView, qtbot: QtBot) -> None:
    joinable(view, qtbot, "Deals we won")
    view.header.buttons["join"].click()
    asked = sheet(view, VanitySheet)
    QTest.keyClick(asked, Qt.Key.Key_Escape)
    assert "deals_we_won" not in workspace_of(view).catalog
    view.header.buttons["join"].click()
    next(one for one in sheet(view, VanitySheet).findChildren(Button) if one.text() == "Add without an answer").click()
    saved = workspace_of(view).catalog["deals_we_won"]
    assert (saved.active, saved.vanity_asked) == (True, workspace_of(view).today)
    line = next(one for one in view.list.lines if one.value.id == saved.id)
    assert line.value.vain.startswith("No action follows when it changes. Name one, or retire it. Asked on ")
    told = next(one for one in view.list.findChildren(AdviceLine) if "what will you do" in one.value.words)
    assert told.value.words == "If this number changes, what will you do? Deals we won has no clear action yet."
    told.links[0].setFocus()
    press(Qt.Key.Key_Return)
    assert focus() is view.form.response.action


def test_a_look_back_that_is_due_leads_from_the_dashboard_to_its_field(
    view: KpisView, opened: MainWindow, qtbot: QtBot
) -> None:
    workspace = workspace_of(view)
    kpi = workspace.catalog.active[0]
    workspace.define(replace(kpi, response=Response(check_back=date(2026, 8, 1))))
    opened.dashboard.make_stale()
    press(Qt.Key.Key_1, CTRL)
    assert opened.dashboard.shown is not None
    due = next(one for one in opened.dashboard.shown.attention if one.code == "look-back")
    opened.act(due.action, due.argument)
    assert opened.pages.shown == "kpis"
    response = view.form.response
    assert focus() is response.check
    assert response.look_back.text.startswith("Due since 1 Aug")
    press(Qt.Key.Key_A, CTRL)
    press(Qt.Key.Key_Delete)
    settle(view, qtbot)
    assert response.look_back.text == ""
    press(Qt.Key.Key_S, CTRL)
    assert workspace.catalog[kpi.id].response.check_back is None
    press(Qt.Key.Key_1, CTRL)
    assert "look-back" not in [one.code for one in opened.dashboard.shown.attention]


def test_a_retired_kpi_has_its_history_and_can_come_back(view: KpisView, opened: MainWindow, qtbot: QtBot) -> None:
    workspace = workspace_of(view)
    kpi = replace(workspace.catalog["win_rate"], owner="Ann", target=Target(0.5))
    workspace.define(kpi)
    view.open_kpi(kpi.id)
    press(Qt.Key.Key_K, CTRL)
    QTest.keyClicks(focus(), "retire this")
    press(Qt.Key.Key_Return)
    assert opened.notices.text == "Retired “Win rate”"
    assert [one.id for one in view.listed.retired if one.id == kpi.id] if view.listed else False
    assert view.header.answer.text() == "KPIs, lagging, retired"
    assert view.shown is not None
    assert len([month for month in view.shown.months if month.value is not None]) > 3
    line = next(one for one in view.list.lines if one.value.id == kpi.id)
    line.setFocus()
    press(Qt.Key.Key_Return)
    view.header.buttons["join"].setFocus()
    press(Qt.Key.Key_Return)
    back = workspace.catalog[kpi.id]
    assert (back.active, back.retired) == (True, None)
    assert [one.changes for one in workspace.editor.history(kpi.id)][:2] == [
        "Changed put on the dashboard",
        "Changed retired",
    ]
