"""Every screen at the smallest and the largest text: nothing is cut off, nothing reaches over the edge, nothing scrolls sideways."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.controls import Button
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session
from kpidesk.ui.views.import_steps.choosing import Step
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.ui.widgets.chart_menu import TableDialog
from kpidesk.ui.widgets.goal_bar import GoalBar
from kpidesk.ui.widgets.goal_strip import GoalStrip
from kpidesk.ui.widgets.history_chart import HistoryChart
from kpidesk.ui.widgets.pairs import PairRow
from kpidesk.workspace import open_sample

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise|keyboard")
DEALS = "Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Deal owner\n" + "".join(
    f"{n},Deal with a long name {n},{('Won', 'Lost', 'Contract out')[n % 3]},{'TBC' if n == 7 else n * 100},{n + 12}/07/2026,,Ann Lee\n"
    for n in range(1, 19)
)
SCREENS = (
    "dashboard",
    "kpi",
    "goals",
    "goals-edit",
    "imports",
    "import-start",
    *(f"import-{step.name.lower()}" for step in Step),
)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("sample")
    export = folder / "hubspot-deals.csv"
    export.write_text(DEALS, encoding="utf-8")
    with open_sample(folder, date(2026, 9, 11)) as workspace:
        return workspace.path, export


@pytest.fixture
def window(
    qapp: QApplication, qtbot: QtBot, files: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[MainWindow]:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path / "home"))
    theme.install(qapp)
    made = MainWindow(Session(Jobs(inline=True), clock=lambda: datetime(2026, 9, 11, 16, tzinfo=UTC)))
    qtbot.addWidget(made)
    made.resize(1440, 900)
    made.show()
    made.session.open_workspace(files[0])
    yield made
    made.imports.wizard.start_over()
    made.session.close_workspace()
    theme.set_text_size(100)


def turn(window: MainWindow, screen: str, export: Path) -> None:
    if screen == "kpi":
        window.act("kpi", "win_rate")
    elif screen in ("dashboard", "goals", "imports"):
        window.show_page(screen)
    elif screen == "goals-edit":
        window.show_page("goals")
        window.goals.edit(window.goals.panels[0].value.goal.id)
    elif screen == "import-start":
        window.imports.read_files([])
    else:
        window.import_files([export])
        window.imports.wizard.open_step(Step[screen.removeprefix("import-").upper()])


def settle() -> None:
    for _ in range(4):  # layouts settle over a few rounds of posted events
        QApplication.sendPostedEvents()


def cut_off(page: QWidget) -> list[str]:
    """Name what has less room than it needs, or stands outside of the page."""
    found = []
    for widget in page.findChildren(QWidget):
        if not widget.isVisible() or not isinstance(widget, (Label, Button)):
            continue
        wraps = isinstance(widget, Label) and (widget.wordWrap() or widget.minimumSizeHint().width() == 20)
        need = widget.sizeHint()
        if not wraps and (widget.width() < need.width() or widget.height() < need.height()):
            found.append(f"{widget.text()!r} has {widget.size()}, needs {need}")
        if isinstance(widget, Label) and widget.wordWrap() and widget.height() < widget.heightForWidth(widget.width()):
            found.append(f"{widget.text()!r} is too low")
        right = widget.mapTo(page, QPoint(widget.width(), 0)).x()
        if right > page.width():
            found.append(f"{widget.text()!r} ends at {right} of {page.width()}")
    return found


@pytest.mark.parametrize("size", [90, 150])
def test_no_text_is_cut_off_after_the_size_has_changed(window: MainWindow, files: tuple[Path, Path], size: int) -> None:
    found = {}
    for screen in SCREENS:
        theme.set_text_size(100)
        turn(window, screen, files[1])
        settle()
        theme.set_text_size(size)
        settle()
        page = window.pages.currentWidget()
        assert page is not None
        areas = [area for area in page.findChildren(QScrollArea) if area.isVisible()]
        sideways = ["scrolls sideways" for area in areas if area.horizontalScrollBar().maximum()]
        found[screen] = cut_off(page) + sideways
    assert {screen: told for screen, told in found.items() if told} == {}


def test_cards_are_one_tab_stop_in_a_grid(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    cards = window.dashboard.findChildren(KpiCard)
    assert len(cards) == 7
    cards[0].setFocus()
    for card, key, place in ((0, Qt.Key.Key_Right, 1), (1, Qt.Key.Key_Down, 4), (4, Qt.Key.Key_End, 6)):
        qtbot.keyClick(cards[card], key)
        assert QApplication.focusWidget() is cards[place]
    qtbot.keyClick(cards[6], Qt.Key.Key_Tab)
    assert not isinstance(QApplication.focusWidget(), KpiCard)


def test_areas_that_scroll_take_no_focus(window: MainWindow) -> None:
    for view in window.views.values():
        areas = [area for area in view.findChildren(QScrollArea) if type(area) is QScrollArea]
        assert areas
        assert all(area.focusPolicy() is Qt.FocusPolicy.NoFocus for area in areas)


def test_every_chart_has_a_name_and_can_be_copied_and_read_as_a_table(window: MainWindow) -> None:
    window.show_page("goals")
    window.act("kpi", "win_rate")
    charts = [
        *window.dashboard.findChildren(GoalStrip),
        *window.dashboard.findChildren(KpiCard),
        *window.dashboard.findChildren(PairRow),
        *window.goals.findChildren(GoalBar),
        *window.kpi.findChildren(HistoryChart),
    ]
    assert {type(chart) for chart in charts} == {GoalStrip, GoalBar, KpiCard, PairRow, HistoryChart}
    for chart in charts:
        assert chart.accessibleName()
        assert chart.accessibleDescription()
        menu = window.kpi.chart_menu if isinstance(chart, HistoryChart) else chart.menu  # type: ignore[attr-defined]
        words = [action.text() for action in menu.menu().actions() if action.text()]
        assert words[-3:] == ["View as table", "Copy as image", "Copy data"]
        menu.copy_data()
        copied = QGuiApplication.clipboard().text().splitlines()
        menu.view_as_table()
        dialog = window.findChildren(TableDialog)[-1]
        assert dialog.table.model().rowCount() == len(copied) - 1 > 0
        assert copied[0].split("\t")[0] == dialog.table.model().headerData(0, Qt.Orientation.Horizontal)
        dialog.close()
        menu.copy_image()
        assert not QGuiApplication.clipboard().pixmap().isNull()


def test_copied_data_of_a_card_is_in_full_precision(window: MainWindow) -> None:
    card = next(one for one in window.dashboard.findChildren(KpiCard) if one.value.kpi == "win_rate")
    card.menu.copy_data()
    last = QGuiApplication.clipboard().text().splitlines()[-1].split("\t")[-1]
    assert card.value.spark is not None
    assert float(last) == card.value.spark.values[-1]
    assert len(last) > len(card.value.value)


def test_large_text_has_panels_one_below_the_other(window: MainWindow) -> None:
    cards = window.dashboard.findChildren(KpiCard)
    assert len({card.mapTo(window, QPoint()).y() for card in cards}) == 2
    theme.set_text_size(150)
    settle()
    cards = [card for card in window.dashboard.findChildren(KpiCard) if card.isVisible()]
    assert len({card.mapTo(window, QPoint()).y() for card in cards}) == 4
    strip = next(one for one in window.dashboard.findChildren(GoalStrip) if one.isVisible())
    assert strip.height() == theme.scaled(160)
