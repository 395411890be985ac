"""Defining KPIs through the window, mostly with the keyboard alone."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import QCoreApplication, QPoint, QSettings, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import Goal, KeyResult
from kpidesk.domain.kpi import Band, Basis, Display, Kind, MonthTarget, Response, Target
from kpidesk.domain.period import Grain
from kpidesk.ui import theme
from kpidesk.ui.controls import Button
from kpidesk.ui.dialogs.help import HelpSheet
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpi_editor.advice_line import AdviceLine
from kpidesk.ui.views.kpi_editor.completer import explained
from kpidesk.ui.views.kpi_editor.quality_panel import _Point
from kpidesk.ui.views.kpi_editor.sheets import HistorySheet, RestatementSheet, RetireSheet, VanitySheet
from kpidesk.ui.views.kpis import KpisView
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("does not support")

DEALS = "Deal ID,Name,Status,Created,Closed,Amount,Deal owner,Source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},{2025 + n % 2}-0{n % 8 + 1}-02,{2025 + n % 2}-0{n % 8 + 1}-20,"
    f"{n * 100},{'Ann' if n % 5 else 'Bob'},{'Inbound' if n % 4 else 'Outbound'}\n"
    for n in range(1, 161)
)
CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A workspace with two years of deals, four KPIs on its dashboard and 25 August 2026 as its day."""
    export, path = tmp_path / "deals.csv", tmp_path / "Sales.kpidesk"
    export.write_text(DEALS, encoding="utf-8")
    with Workspace.create(path, clock=lambda: datetime(2026, 8, 25, 12, tzinfo=UTC)) as made:
        made.commit(made.read(export))
        made.set("as_of", "2026-08-25")
        for kpi in made.catalog.active[4:]:
            made.editor.retire(kpi.id)
    return path


@pytest.fixture
def opened(window: MainWindow, path: Path, qtbot: QtBot) -> MainWindow:
    window.session._clock = lambda: datetime(2026, 8, 25, 12, tzinfo=UTC)
    window.session.open_workspace(path)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def view(opened: MainWindow) -> KpisView:
    press(Qt.Key.Key_3, CTRL)
    assert opened.pages.shown == "kpis"
    return opened.kpis


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(key: Qt.Key, held: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible())
    for _ in range(times):
        QTest.keyClick(QApplication.focusWidget() or window, key, held)


def write(text: str) -> None:
    QTest.keyClicks(focus(), text)


def workspace_of(view: KpisView) -> Workspace:
    workspace = view.session.workspace
    assert workspace is not None
    return workspace


def settle(view: KpisView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not view._unkept)


def sheet(view: KpisView, kind: type[QWidget]) -> QWidget:
    return next(one for one in view.findChildren(kind) if one.isVisible())


def in_dialog(kind: type[QWidget], act: Callable[[], None]) -> None:
    """Do something with the keys in a dialog that blocks until it is closed, as soon as it is open."""

    def look(tries: int = 100) -> None:
        dialog, focused = QApplication.activeModalWidget(), QApplication.focusWidget()
        if isinstance(dialog, kind) and focused is not None and dialog.isAncestorOf(focused):
            act()
        elif tries:
            QTimer.singleShot(50, lambda: look(tries - 1))
        elif dialog is not None:
            dialog.close()

    QTimer.singleShot(50, look)


def come_back(window: MainWindow, qtbot: QtBot) -> None:
    """Do what a desktop does when a dialog closes, and the one without a screen does not."""
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow() and QApplication.focusWidget() is not None)


def test_a_new_user_defines_a_kpi_with_the_keyboard_alone(
    view: KpisView, opened: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    """Every step is a key; between them is only read what the window shows."""
    # Qt's own file dialog remembers where it was, which is not to be in the settings of the machine's user.
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "config"))
    name = "Win rate of inbound deals above £5,000 this quarter"
    form, edit = view.form, view.form.formula.edit
    press(Qt.Key.Key_K, CTRL | SHIFT)
    assert focus() is form.name
    write(name)
    press(Qt.Key.Key_U, ALT)
    assert focus() is edit
    # From scratch with completion: two functions, a KPI, a column, a value.
    write("in_q")
    press(Qt.Key.Key_Tab)
    write("onl")
    press(Qt.Key.Key_Tab)
    assert edit.toPlainText() == "IN_QUARTER(ONLY("
    write("win")
    assert [one.label for one in edit.completions.items][:2] == ["Win rate", "Win rate by value"]
    press(Qt.Key.Key_Return)
    write(" WHERE sou")
    assert (edit.completions.items[0].label, edit.completions.items[0].source) == ("source", "Source")
    press(Qt.Key.Key_Tab)
    write(" = ")
    press(Qt.Key.Key_Space, CTRL)
    assert [one.label for one in edit.completions.items][:2] == ["Inbound", "Outbound"]
    press(Qt.Key.Key_Tab)
    assert edit.toPlainText() == 'IN_QUARTER(ONLY([Win rate] WHERE source = "Inbound"'
    # Two mistakes, each mended by the first fix that is offered.
    write(" AND amonut > £5,000))")
    press(Qt.Key.Key_Escape)
    settle(view, qtbot)
    assert "thousands comma" in form.formula.note.text
    assert len(edit.extraSelections()) == 1
    press(Qt.Key.Key_Return, ALT)
    settle(view, qtbot)
    assert "amonut" in form.formula.note.text
    assert form.formula.fixes[0].text() == "Use amount"
    press(Qt.Key.Key_Return, ALT)
    settle(view, qtbot)
    formula = 'IN_QUARTER(ONLY([Win rate] WHERE source = "Inbound" AND amount > £5000))'
    assert edit.toPlainText() == formula
    assert not edit.extraSelections()
    assert not form.formula.fixes
    assert form.formula.unit.text() == "Gives a percentage"
    assert (form.format.currentText(), form.review.currentText()) == ("Percentage", "Quarterly")
    assert view.preview.card is not None
    # Not yet for the dashboard: owner and target are lacking.
    assert "Owner is missing" in view.header.buttons["join"].toolTip()
    press(Qt.Key.Key_D, CTRL | SHIFT)
    assert not view.header.buttons["join"].isEnabled()
    # Target with its basis, owner, pair and action.
    press(Qt.Key.Key_T, ALT)
    write("70%")
    press(Qt.Key.Key_R, ALT)
    write("60")
    press(Qt.Key.Key_B, ALT)
    press(Qt.Key.Key_Down)
    assert form.targets.basis.currentText() == "Better than our own past"
    press(Qt.Key.Key_L, ALT)
    press(Qt.Key.Key_Down, times=6)
    press(Qt.Key.Key_P, ALT)
    press(Qt.Key.Key_Down, times=2)
    press(Qt.Key.Key_O, ALT)
    write("Ann")
    press(Qt.Key.Key_C, ALT)
    write("Call the five largest open inbound deals, then drop the source that loses most")
    press(Qt.Key.Key_W, ALT)
    write("Below target two weeks running")
    press(Qt.Key.Key_Tab)
    write("Bob")
    press(Qt.Key.Key_Tab)
    write("5")
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Down)
    press(Qt.Key.Key_Tab)
    write("30 Sep")
    settle(view, qtbot)
    assert view.quality.count.text() == "7 of 7"
    assert opened.isWindowModified()
    press(Qt.Key.Key_D, CTRL | SHIFT)
    assert opened.notices.text == f"{name} is on the dashboard"
    assert view.header.answer.text() == "KPIs, lagging, saved"
    # It is on the dashboard and in the Excel file.
    press(Qt.Key.Key_1, CTRL)

    def cards() -> list[str]:
        return [one.accessibleName() for one in opened.dashboard.findChildren(KpiCard) if one.isVisible()]

    qtbot.waitUntil(lambda: any(words.startswith(f"{name}, ") for words in cards()))
    path = tmp_path / "Seen.xlsx"

    def name_it() -> None:
        write(str(path))
        press(Qt.Key.Key_Return)

    in_dialog(QFileDialog, name_it)
    press(Qt.Key.Key_E, CTRL | SHIFT)
    assert opened.notices.text == f"The Excel summary was written to {path}"
    come_back(opened, qtbot)
    book = load_workbook(path)
    rows = {row[0]: row for row in book["Definitions"].iter_rows(values_only=True)}
    exported = dict(zip(rows["KPI"], rows[name], strict=True))
    assert (exported["Formula"], exported["Owner"], exported["Version"]) == (formula, "Ann", "1")
    assert exported["In force since"]
    assert name in {cell for row in book.worksheets[0].iter_rows(values_only=True) for cell in row}
    # Another formula: what does that do to last year?
    press(Qt.Key.Key_3, CTRL)
    press(Qt.Key.Key_U, ALT)
    press(Qt.Key.Key_A, CTRL)
    write('IN_QUARTER(ONLY([Win rate] WHERE source = "Outbound"))')
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_S, CTRL)
    qtbot.waitUntil(lambda: isinstance(focus().window(), RestatementSheet))
    past = focus().window()
    assert isinstance(past, RestatementSheet)

    def told_for(label: str) -> list[str]:
        lines = [[past._model.cell(row, place).text for place in range(4)] for row in range(past._model.rowCount())]
        return next(line for line in lines if line[0] == label)

    assert told_for("2025")[1:] == ["—", "—", "Same"]  # the quarter in which it ended has no deals yet
    press(Qt.Key.Key_Tab)
    while not past.grain.isAncestorOf(focus()):
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Left)
    before, after, change = told_for("Q1 2025")[1:]
    assert before != after
    assert change.endswith("pp")
    assert past.headline.text().startswith("6 of 7\u00a0quarters change.")
    while focus() is not past.save:
        press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Return)
    assert opened.notices.text == f"Saved {name} as version 2"
    come_back(opened, qtbot)
    assert "formula changed" in view.preview.chart.accessibleDescription()
    # And undone.
    press(Qt.Key.Key_Z, CTRL)
    assert opened.notices.text == f"Taken back: saved {name} as version 2"
    workspace = workspace_of(view)
    saved = workspace.catalog.by_name(name)
    assert saved is not None
    assert (saved.formula, saved.revision) == (formula, 3)
    assert "Outbound" in edit.toPlainText()  # what was written is a draft again
    assert view.header.answer.text() == "KPIs, lagging, edited, not saved yet"


def test_ctrl_z_takes_back_one_edit_after_another(view: KpisView, opened: MainWindow, qtbot: QtBot) -> None:
    before = view.draft
    assert before is not None
    view.form.direction.setFocus()
    press(Qt.Key.Key_Down)
    view.form.review.setFocus()
    press(Qt.Key.Key_Up)
    assert view.draft != before
    assert "last edit" in opened.menus.qt_action("undo").text()
    view.header.buttons["new"].setFocus()
    press(Qt.Key.Key_Z, CTRL, 2)
    assert view.draft == before
    assert view.form.direction.key == before.direction.value
    settle(view, qtbot)
    assert workspace_of(view).editor.start(before.id) == before


def test_undo_inside_the_formula_takes_a_completion_back_as_one_step(view: KpisView) -> None:
    edit = view.form.formula.edit
    edit.setFocus()
    press(Qt.Key.Key_End, CTRL)
    write(" + cou")
    press(Qt.Key.Key_Tab)
    assert edit.toPlainText().endswith("+ COUNT(")
    press(Qt.Key.Key_Escape)
    press(Qt.Key.Key_Z, CTRL)
    assert edit.toPlainText().endswith("+ cou")


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


def test_thresholds_move_with_arrows_and_pointer_and_are_mirrored_in_the_fields(view: KpisView, qtbot: QtBot) -> None:
    view.open_kpi("win_rate")
    targets = view.form.targets
    targets.target.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("50%")
    settle(view, qtbot)
    targets.bar.target.setFocus()
    press(Qt.Key.Key_Right)
    assert targets.target.text() == "51%"
    press(Qt.Key.Key_Left, SHIFT)
    assert targets.target.text() == "41%"
    targets.bar.limit.setFocus()
    press(Qt.Key.Key_Right, SHIFT)
    assert targets.limit.text() == "41%"  # never on the better side of the target
    handle = targets.bar.target
    start = handle.rect().center()
    QTest.mousePress(handle, Qt.MouseButton.LeftButton, NONE, start)
    QTest.mouseMove(handle, start + QPoint(40, 0))
    qtbot.wait(1)
    handle.dragged.emit(float(targets.bar.width() // 2))
    QTest.mouseRelease(handle, Qt.MouseButton.LeftButton)
    scale = targets.bar._scale
    assert scale is not None
    assert view.draft is not None
    assert view.draft.target is not None
    assert view.draft.target.value == pytest.approx(scale.maximum / 2, abs=0.02)


def test_thresholds_are_dragged_in_the_chart_of_twelve_months(view: KpisView, qtbot: QtBot) -> None:
    view.open_kpi("win_rate")
    targets, chart = view.form.targets, view.preview.chart
    targets.target.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("60%")
    settle(view, qtbot)
    assert chart.movable
    low, step = chart._range()

    def height(value: float) -> QPoint:
        return QPoint(chart.width() // 2, round(chart._height(value)))

    QTest.mousePress(chart, Qt.MouseButton.LeftButton, NONE, height(0.6))
    QTest.mouseMove(chart, height(0.7))
    assert targets.target.text() == "70%"
    QTest.mouseMove(chart, height(0.66))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, NONE, height(0.66))
    assert view.draft is not None
    assert view.draft.target is not None
    assert view.draft.target.value == pytest.approx(0.66, abs=0.011)
    QTest.mouseMove(chart, height(low + step))  # nothing is held any more
    assert view.draft.target.value == pytest.approx(0.66, abs=0.011)
    settle(view, qtbot)
    # The limit lies a tenth below until it is set; it never gets past the target.
    limit = chart._months[-1].limit
    assert limit is not None
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, NONE, height(limit))
    QTest.mouseMove(chart, height(0.9))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, NONE, height(0.9))
    assert targets.limit.text() == targets.target.text()


def test_a_target_with_months_of_its_own_is_not_dragged_in_the_chart(view: KpisView, qtbot: QtBot) -> None:
    workspace = workspace_of(view)
    own = Target(0.5, monthly=(MonthTarget(date(2026, 8, 1), 0.6),))
    workspace.define(replace(workspace.catalog["win_rate"], target=own))
    view.open_kpi("win_rate")
    chart = view.preview.chart
    assert not chart.movable
    start = QPoint(chart.width() // 2, round(chart._height(0.6)))
    QTest.mousePress(chart, Qt.MouseButton.LeftButton, NONE, start)
    QTest.mouseMove(chart, start - QPoint(0, 20))
    QTest.mouseRelease(chart, Qt.MouseButton.LeftButton, NONE, start)
    assert view.draft is not None
    assert view.draft.target == own


def test_every_key_counts_at_once(view: KpisView) -> None:
    view.open_kpi("deals_closed")
    view.form.targets.target.setFocus()
    write("5")
    assert view.draft is not None
    assert view.draft.target is not None
    assert view.draft.target.value == 5.0


def test_help_with_a_function_does_not_stay_with_another_kpi(view: KpisView) -> None:
    view.form.formula.edit.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("SUM(")
    assert view.form.formula.note.text.startswith("SUM(")
    view.open_kpi("win_rate")
    assert view.form.formula.note.text == ""


def test_a_field_below_the_fold_comes_into_view(view: KpisView, opened: MainWindow) -> None:
    opened.resize(1280, 800)
    press(Qt.Key.Key_C, ALT)
    assert focus() is view.form.response.action
    assert view.form.response.action.visibleRegion().boundingRect().height() == view.form.response.action.height()


def test_what_cannot_be_read_as_a_target_is_said_and_not_taken(view: KpisView) -> None:
    targets, before = view.form.targets, view.draft
    assert before is not None
    targets.target.setFocus()
    press(Qt.Key.Key_A, CTRL)
    write("TBC")
    assert targets.target_field.note.text.startswith("Enter a number, for example")
    assert view.draft == before


def test_a_benchmark_asks_where_it_is_from(view: KpisView, qtbot: QtBot) -> None:
    view.open_kpi("win_rate")
    targets = view.form.targets
    targets.target.setFocus()
    write("30%")
    targets.basis.setFocus()
    press(Qt.Key.Key_End)
    settle(view, qtbot)
    assert targets.basis.key == Basis.BENCHMARK.value
    assert targets.origin.isVisible()
    assert view.shown is not None
    assert "Benchmark has no origin" in [one.title for one in view.shown.points]
    targets.origin.setFocus()
    write("Article B")
    settle(view, qtbot)
    assert "Benchmark has no origin" not in [one.title for one in view.shown.points]


def test_the_arithmetic_of_a_target_is_shown_for_its_basis_and_taken_with_one_press(
    view: KpisView, qtbot: QtBot
) -> None:
    workspace = workspace_of(view)
    made = replace(workspace.goals.blank(date(2026, 7, 1)), name="Grow")
    workspace.goals.define(replace(made, results=(KeyResult("total_revenue", 500_000.0),)))
    view.open_kpi("win_rate")
    targets = view.form.targets
    assert targets.basis.currentText() == "A plain decision"
    assert targets.worked.text.startswith("Your own past: ")
    assert not targets.use.isVisible()
    targets.basis.setFocus()
    press(Qt.Key.Key_Down)  # before there is a target
    assert targets.basis.currentText() == "Better than our own past"
    assert targets.use.text().endswith("a tenth better")
    targets.use.setFocus()
    press(Qt.Key.Key_Return)
    settle(view, qtbot)
    assert view.draft is not None
    target = view.draft.target
    assert target is not None
    assert (target.basis, target.value) == (Basis.BASELINE, targets._working["baseline"].value)
    assert " better, 10%." in targets.worked.text
    assert not targets.use.isVisible()
    targets.basis.setFocus()
    press(Qt.Key.Key_Down)
    settle(view, qtbot)
    assert targets.worked.text.startswith("Name a goal of this quarter")
    view.form.goal.setFocus()
    write("Grow")
    settle(view, qtbot)
    assert targets.worked.text.startswith("“Grow” asks for £500k of total revenue, ")


def test_several_bands_are_named_with_the_keyboard(view: KpisView, qtbot: QtBot) -> None:
    view.open_kpi("win_rate")
    targets = view.form.targets
    targets.target.setFocus()
    write("30%")
    targets.more_bands.setFocus()
    press(Qt.Key.Key_Space)
    rows = targets.bands.rows
    assert focus() is rows[0].name
    write("Ideal")
    assert targets.bands.note.text == "Say where Ideal begins."
    press(Qt.Key.Key_Tab)
    write("30%")
    press(Qt.Key.Key_Return)
    assert focus() is rows[1].name
    write("Poor")
    press(Qt.Key.Key_Tab)
    write("0%")
    assert view.draft is not None
    assert view.draft.target is not None
    assert view.draft.target.bands == (Band("Poor", 0.0), Band("Ideal", 0.3))
    press(Qt.Key.Key_Return)
    press(Qt.Key.Key_Tab)
    write("about a third")
    assert targets.bands.note.text.startswith("Enter a number, for example")
    press(Qt.Key.Key_Tab)
    press(Qt.Key.Key_Space)
    assert targets.bands.note.text == ""
    assert len(targets.bands.rows) == 2
    settle(view, qtbot)
    view.open_kpi("average_deal_size")
    assert not targets.bands.isVisible()
    view.open_kpi("win_rate")
    assert [(row.name.text(), row.start.text()) for row in targets.bands.rows] == [("Poor", "0%"), ("Ideal", "30%")]


def test_targets_by_month_and_owner_are_pasted_from_a_spreadsheet(view: KpisView, qtbot: QtBot) -> None:
    view.open_kpi("win_rate")
    targets = view.form.targets
    targets.target.setFocus()
    write("30%")
    targets.more_months.click()
    grid = targets.grid
    assert grid.targets.owners == ("", "Ann", "Bob")
    first = grid.targets.months[0]
    grid.setCurrentIndex(grid.targets.index(0, 0))
    QGuiApplication.clipboard().setText("35%\t40%\n36%\t41%\n")
    press(Qt.Key.Key_V, CTRL)
    assert view.draft is not None
    assert view.draft.target is not None
    assert view.draft.target.monthly[:2] == (MonthTarget(first, 0.35), MonthTarget(first, 0.4, "Ann"))
    assert len(view.draft.target.monthly) == 4
    QGuiApplication.clipboard().setText("35%\nabout a third")
    press(Qt.Key.Key_V, CTRL)
    assert "“about a third” for" in targets.grid_note.text
    assert len(view.draft.target.monthly) == 4
    grid.clearSelection()
    grid.setCurrentIndex(grid.targets.index(1, 1))
    press(Qt.Key.Key_Delete)
    assert len(view.draft.target.monthly) == 3
    press(Qt.Key.Key_Z, CTRL)
    assert len(view.draft.target.monthly) == 4
    settle(view, qtbot)
    stored = workspace_of(view).editor.start("win_rate").target
    assert stored is not None
    assert stored.monthly == view.draft.target.monthly


def test_a_block_with_months_names_and_decimal_commas_finds_its_places(view: KpisView) -> None:
    view.open_kpi("total_revenue")
    targets = view.form.targets
    targets.target.setFocus()
    write("200000")
    targets.more_months.setFocus()
    press(Qt.Key.Key_Space)
    assert focus() is targets.grid
    QGuiApplication.clipboard().setText("Month\tZoe\tBob\nOct 2026\t£ 12.000,50\t£ 9.000,00\nNov 2026\t12.500\t\n")
    press(Qt.Key.Key_V, CTRL)
    assert view.draft is not None
    assert view.draft.target is not None
    october, november = date(2026, 10, 1), date(2026, 11, 1)
    assert view.draft.target.monthly == (
        MonthTarget(october, 9000.0, "Bob"),
        MonthTarget(october, 12000.5, "Zoe"),
        MonthTarget(november, 12500.0, "Zoe"),
    )
    assert targets.grid_note.text == "New here: Zoe."
    before = view.draft
    QGuiApplication.clipboard().setText("$5\tTBC\n1\t2")
    press(Qt.Key.Key_V, CTRL)
    assert "“$5” for Everybody in" in targets.grid_note.text
    assert "“TBC” for Ann in" in targets.grid_note.text
    assert targets.grid_note.text.endswith("Nothing was changed.")
    assert view.draft == before
    press(Qt.Key.Key_A, CTRL)
    press(Qt.Key.Key_C, CTRL)
    copied = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert copied[2] == ["", "", "£9k", "£12,000.50"]


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


def test_ctrl_z_takes_back_what_was_saved_when_the_form_has_nothing_to_undo(
    view: KpisView, opened: MainWindow, qtbot: QtBot
) -> None:
    workspace = workspace_of(view)
    kpi = view.saved
    assert kpi is not None
    view.form.owner.setFocus()
    write("Zoe")
    press(Qt.Key.Key_S, CTRL)
    assert workspace.catalog[kpi.id].owner == "Zoe"
    assert opened.menus.qt_action("undo").text() == "&Undo saved change"
    opened.notices.dismiss()
    view.form.formula.edit.setFocus()
    press(Qt.Key.Key_Z, CTRL)
    assert workspace.catalog[kpi.id].owner == kpi.owner
    assert view.form.owner.text() == "Zoe"  # and is a draft again


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


def test_near_duplicates_are_pointed_out_beside_the_checklist(view: KpisView, qtbot: QtBot) -> None:
    view.new()
    view.form.formula.edit.setFocus()
    write("COUNT(won_deals) / COUNT(closed_deals)")
    settle(view, qtbot)
    assert view.shown is not None
    assert any(one.words.startswith("Win rate is made of the same inputs") for one in view.shown.advice)


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


def test_format_offers_only_what_suits_the_unit(view: KpisView) -> None:
    view.open_kpi("win_rate")
    offered = {view.form.format.itemData(place) for place in range(view.form.format.count())}
    assert offered == {Display.PERCENT.value, Display.RATIO.value}


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


def test_a_point_of_the_checklist_leads_to_its_field(view: KpisView, qtbot: QtBot) -> None:
    points = {line.value.part: line for line in view.quality.findChildren(_Point) if line.isVisible()}
    assert list(points) == ["formula", "target", "owner", "source", "pair", "cadence", "action"]
    points["formula"].setFocus()
    press(Qt.Key.Key_Down, times=2)
    assert focus() is points["owner"]
    press(Qt.Key.Key_Return)
    assert focus() is view.form.owner


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


def joinable(view: KpisView, qtbot: QtBot, name: str) -> None:
    """Begin a definition that has all but an action."""
    press(Qt.Key.Key_K, CTRL | SHIFT)
    write(name)
    view.form.formula.edit.setFocus()
    write("COUNT(won_deals)")
    press(Qt.Key.Key_Escape)
    view.form.targets.target.setFocus()
    write("5")
    view.form.owner.setFocus()
    write("Ann")
    settle(view, qtbot)


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
