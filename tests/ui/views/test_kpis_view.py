"""Defining KPIs through the window, mostly with the keyboard alone."""

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot

from kpidesk.domain.kpi import Kind
from kpidesk.domain.period import Grain
from kpidesk.ui import theme
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpi_editor.quality_panel import _Point
from kpidesk.ui.views.kpis import KpisView
from tests.ui.keys import ALT, CTRL, focus, press, settle, write

pytestmark = pytest.mark.qt_log_ignore("does not support")


def test_a_field_below_the_fold_comes_into_view(view: KpisView, opened: MainWindow) -> None:
    opened.resize(1280, 800)
    press(Qt.Key.Key_C, ALT)
    assert focus() is view.form.response.action
    assert view.form.response.action.visibleRegion().boundingRect().height() == view.form.response.action.height()


def test_a_vague_action_is_flagged_and_a_better_one_is_one_press_away(view: KpisView, qtbot: QtBot) -> None:
    view.open_kpi("win_rate")
    response = view.form.response
    response.action.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("Look into what changed")
    settle(view, qtbot)
    assert response.action_field.note.text.startswith("Too vague. Try: compare owners and sources")
    response.use.setFocus()
    press(Qt.Key.Key_Return)
    settle(view, qtbot)
    assert response.action_field.note.text == ""
    assert view.draft is not None
    assert view.draft.action.startswith("compare owners")


def test_the_response_has_trigger_owner_days_kpi_and_check_back(view: KpisView) -> None:
    response = view.form.response
    for edit, text in (
        (response.trigger, "Below target twice"),
        (response.owner, "Bob"),
        (response.days, "5"),
        (response.check, "30 Sep 2026"),
    ):
        edit.setFocus()
        write(text)
    response.moves.setFocus()
    press(Qt.Key.Key_Down)
    assert view.draft is not None
    found = view.draft.response
    assert (found.trigger, found.owner, found.days, found.check_back) == (
        "Below target twice",
        "Bob",
        5,
        date(2026, 9, 30),
    )
    assert found.moves is not None
    response.check.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("soon")
    assert response.fields[4].note.text == "Enter a day, for example 30 Sep"
    assert view.draft.response.check_back == date(2026, 9, 30)


def test_the_pair_waits_for_the_lag(view: KpisView) -> None:
    view.open_kpi("average_deal_size")
    form = view.form
    assert not form.pair.isEnabled()
    assert form.pair.toolTip() == "State the lag first"
    form.lag.setFocus()
    press(Qt.Key.Key_Down)
    assert form.pair.isEnabled()
    assert form.pair_field.label.text() == "Leading &pair"
    view.form.kind.segments[Kind.LEADING.value].click()
    assert form.pair_field.label.text() == "Lagging &pair"


def test_the_list_finds_any_definition_and_says_when_there_is_none(view: KpisView, qtbot: QtBot) -> None:
    panel = view.list
    panel.search.setFocus()
    write("payback")
    assert [line.value.name for line in panel.lines] == ["CAC payback"]
    press(Qt.Key.Key_Return)
    assert view.draft is not None
    assert view.draft.id == "cac_payback"
    panel.search.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("zebra")
    assert panel.lines == []
    assert any("Nothing matches “zebra”" in label.text() for label in panel.findChildren(Label))


def test_a_taken_name_is_refused_under_the_name(view: KpisView, qtbot: QtBot) -> None:
    view.form.name.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("CAC")
    settle(view, qtbot)
    view.header.buttons["save" if view.saved is not None and view.saved.active else "store"].click()
    assert view.form.name_field.note.text.startswith("There is a KPI called CAC already")
    assert view.draft is not None
    assert view.draft.name == "CAC"


def test_a_workspace_for_reading_only_locks_the_form(opened: MainWindow, path: Path) -> None:
    opened.session.open_workspace(path, read_only=True)
    opened.act("kpis", "win_rate")
    assert not opened.kpis.form.isEnabled()
    assert not opened.kpis.header.buttons["new"].isEnabled()
    assert "reading only" in opened.kpis.header.buttons["new"].toolTip()


def test_an_empty_workspace_says_what_is_missing(window: MainWindow, tmp_path: Path) -> None:
    window.session.create_workspace(tmp_path / "Empty.kpidesk")
    window.act("kpis", "win_rate")
    assert window.kpis.preview.empty.text() == "The numbers appear here when data is imported."
    assert window.kpis.shown is not None
    assert any("No deals imported yet" in one.detail for one in window.kpis.shown.points)


@pytest.mark.parametrize("percent", [90, 150])
@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_text_size_and_theme_lays_out(view: KpisView, opened: MainWindow, percent: int, mode: str) -> None:
    theme.set_text_size(percent)
    theme.set_theme(mode)
    opened.resize(1440, 900)
    for _ in range(4):  # layouts settle over a few rounds of posted events
        QCoreApplication.sendPostedEvents()
    opened.grab()
    for label in view.form.findChildren(QLineEdit):
        if label.isVisible():
            assert label.height() >= theme.scaled(28)
    for button in view.findChildren(Button):
        if button.isVisible():
            assert button.width() >= button.sizeHint().width()
    right = view.page.width()
    assert all(
        part.mapTo(view.page, QPoint(0, 0)).x() + part.width() <= right for part in (view.list, view.form, view._side)
    )


def test_the_page_of_a_kpi_opens_its_definition(opened: MainWindow) -> None:
    opened.act("kpi", "average_deal_size")
    press(Qt.Key.Key_E, CTRL)
    assert opened.pages.shown == "kpis"
    opened.act("kpi", "average_deal_size")
    opened.kpi.edit.click()
    assert opened.pages.shown == "kpis"
    assert opened.kpis.draft is not None
    assert opened.kpis.draft.id == "average_deal_size"
    assert Grain.MONTH.value == opened.kpis.form.review.key


def test_a_point_of_the_checklist_leads_to_its_field(view: KpisView, qtbot: QtBot) -> None:
    points = {line.value.part: line for line in view.quality.findChildren(_Point) if line.isVisible()}
    assert list(points) == ["formula", "target", "owner", "source", "pair", "cadence", "action"]
    points["formula"].setFocus()
    press(Qt.Key.Key_Down, times=2)
    assert focus() is points["owner"]
    press(Qt.Key.Key_Return)
    assert focus() is view.form.owner
