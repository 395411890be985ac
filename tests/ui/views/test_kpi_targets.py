"""Targets through the window: thresholds, basis, bands, and the grid of months and owners."""

from dataclasses import replace
from datetime import date

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kpidesk.domain.goal import KeyResult
from kpidesk.domain.kpi import Band, Basis, MonthTarget, Target
from kpidesk.ui.views.kpis import KpisView
from tests.ui.keys import CTRL, NONE, SHIFT, focus, press, settle, workspace_of, write

pytestmark = pytest.mark.qt_log_ignore("does not support")


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
