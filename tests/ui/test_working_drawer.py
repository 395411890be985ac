"""The drawer that shows how a number came about, opened and read as a user does."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.domain.query import Filter
from kpidesk.ui import theme
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.palette import Palette
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.ui.widgets.chart_menu import TableDialog
from kpidesk.ui.widgets.drawer import Drawer
from kpidesk.ui.widgets.figures import Figures
from kpidesk.ui.widgets.multiples import SliceChart

ALT = Qt.KeyboardModifier.AltModifier
pytestmark = pytest.mark.qt_log_ignore("does not support")


@pytest.fixture
def opened(window: MainWindow, workspace: Path, qtbot: QtBot) -> MainWindow:
    """The window on its dashboard, in front."""
    window.session.open_workspace(workspace)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


def card(window: MainWindow, kpi: str) -> KpiCard:
    return next(one for one in window.dashboard.findChildren(KpiCard) if one.value.kpi == kpi and one.isVisible())


def press(key: Qt.Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focus = QApplication.focusWidget()
    assert focus is not None
    QTest.keyClick(focus, key, held)


def shown(window: MainWindow, kpi: str = "win_rate") -> Drawer:
    """Open the working of a card with the keyboard."""
    card(window, kpi).setFocus()
    press(Qt.Key.Key_Return, ALT)
    assert window.drawer.isVisible()
    return window.drawer


def entries(menu: QMenu) -> list[str]:
    words = [action.text() for action in menu.actions() if action.text()]
    menu.close()
    return words


def test_the_keys_open_it_for_the_focused_card_and_escape_gives_the_focus_back(opened: MainWindow) -> None:
    drawer = shown(opened)
    assert drawer.shown is not None
    assert (drawer.title.text(), drawer.value.text()) == ("Win rate", card(opened, "win_rate").value.value)
    assert drawer.geometry().right() == drawer.parentWidget().rect().right()
    press(Qt.Key.Key_Escape)
    assert not drawer.isVisible()
    assert opened.pages.shown == "dashboard"
    assert QApplication.focusWidget() is card(opened, "win_rate")


def test_without_a_number_in_focus_it_says_what_to_choose(opened: MainWindow) -> None:
    opened.sidebar.setFocus()
    opened.act("working")
    assert not opened.drawer.isVisible()
    assert "Choose a card" in opened.notices.text


def test_a_card_offers_it_in_its_menu_beside_what_it_had(opened: MainWindow) -> None:
    words = entries(card(opened, "win_rate").menu.menu())
    assert words[:2] == ["Open Win rate", "Show the working"]
    assert "Copy data" in words


def test_rows_are_paged_with_file_and_line_and_add_up_to_all(opened: MainWindow) -> None:
    rows = shown(opened).rows
    assert rows is not None
    assert rows.sum.text().endswith("= 40\xa0rows of deals")
    lists = [rows.lists.model().index(row, 1).data() for row in range(rows.lists.model().rowCount())]
    assert sum(int(one) for one in lists) == 40
    rows.lists.selectRow(max(range(len(lists)), key=lambda row: int(lists[row])))
    assert rows.table.model().rowCount() == 10
    seen = {line.line for line in rows.table.lines}
    while rows.after.isEnabled():
        rows.after.click()
        seen |= {line.line for line in rows.table.lines}
    assert len(seen) == max(int(one) for one in lists)
    assert {line.place for line in rows.table.lines} == {"deals.csv"}
    assert seen <= set(range(2, 42))


def test_enter_shows_all_cells_of_a_row(opened: MainWindow) -> None:
    rows = shown(opened).rows
    assert rows is not None
    rows.table.setFocus()
    rows.table.selectRow(0)
    press(Qt.Key.Key_Return)
    dialog = next(one for one in QApplication.topLevelWidgets() if isinstance(one, TableDialog) and one.isVisible())
    model = dialog.table.model()
    cells = {model.index(row, 0).data(): model.index(row, 1).data() for row in range(model.rowCount())}
    assert cells["Line"] == str(rows.table.lines[0].line)
    assert cells["File"] == "deals.csv"
    assert cells["Deal ID"]
    dialog.close()


def test_another_part_shows_its_own_rows(opened: MainWindow) -> None:
    rows = shown(opened).rows
    assert rows is not None
    won = rows.lists.model().index(0, 1).data()
    rows.part.setCurrentIndex(1)
    assert int(rows.lists.model().index(0, 1).data()) > int(won)


def test_a_slice_leads_to_its_own_working_and_back_to_all(opened: MainWindow, qtbot: QtBot) -> None:
    drawer = shown(opened)
    assert drawer.slices is not None
    drawer.slices.setFocus()
    drawer.slices.selectRow(0)
    name = drawer.slices.model().index(0, 0).data()
    press(Qt.Key.Key_Return, ALT)
    qtbot.waitUntil(lambda: drawer.shown is not None and bool(drawer.shown.figure.where))
    assert drawer.shown is not None
    assert drawer.shown.figure.where == (Filter("owner", name),)
    assert f"owner {name}" in drawer.about.text()
    drawer.whole.click()
    assert drawer.shown.figure.where == ()


def test_the_sentence_and_the_data_are_copied(opened: MainWindow) -> None:
    drawer = shown(opened)
    next(one for one in drawer.findChildren(Button) if one.text() == "Copy as sentence").click()
    assert QGuiApplication.clipboard().text().startswith(f"Win rate was {drawer.value.text()} in ")
    drawer.copy_data()
    assert "Formula\tWin rate: COUNT(won_deals) / COUNT(closed_deals)" in QGuiApplication.clipboard().text()


def test_the_palette_opens_it_for_every_kpi_on_the_dashboard(opened: MainWindow) -> None:
    opened.open_palette()
    palette = opened.findChildren(Palette)[-1]
    QTest.keyClicks(QApplication.focusWidget(), "working of total revenue")
    press(Qt.Key.Key_Return)
    assert opened.drawer.title.text() == "Total revenue"
    assert not palette.isVisible()


def test_the_page_of_a_kpi_opens_it_from_link_slice_point_and_period(opened: MainWindow, qtbot: QtBot) -> None:
    opened.act("kpi", "win_rate")
    view, drawer = opened.kpi, opened.drawer
    assert view.shown is not None
    next(one for one in view.findChildren(Button) if one.text() == "Show the working").click()
    assert drawer.about.text().startswith(view.shown.history[-1].label)
    press(Qt.Key.Key_Escape)

    qtbot.waitUntil(lambda: any(one.isVisible() for one in view.findChildren(SliceChart)))
    assert opened.isActiveWindow()  # nothing of the drawer was a window for a moment
    row = next(one for one in view.findChildren(SliceChart) if one.isVisible())
    row.setFocus()
    press(Qt.Key.Key_Return, ALT)
    assert drawer.shown is not None
    assert drawer.shown.figure.where
    press(Qt.Key.Key_Escape)

    view.chart.setFocus()
    press(Qt.Key.Key_Left)
    press(Qt.Key.Key_Left)
    assert view.chart.place is not None
    press(Qt.Key.Key_Return, ALT)
    assert drawer.about.text() == view.shown.history[view.chart.place].label
    press(Qt.Key.Key_Escape)

    view.table.setFocus()
    view.table.selectRow(3)
    press(Qt.Key.Key_Return, ALT)
    assert drawer.about.text() == view.shown.history[-4].label


def test_moving_to_another_page_shuts_it_and_a_write_asks_again(opened: MainWindow) -> None:
    drawer = shown(opened)
    before = drawer.shown
    opened.session.write(opened, lambda workspace, _: workspace.set("name", "Renamed"), lambda _: None)
    assert drawer.isVisible()
    assert drawer.shown is not before
    opened.show_page("imports")
    assert not drawer.isVisible()


def test_every_number_of_the_dashboard_knows_its_working(opened: MainWindow) -> None:
    """Cards, pairs and links about a KPI all lead to a working that can be given."""
    page: QWidget = opened.dashboard
    found = [pair for figures in page.findChildren(Figures) for pair in figures.figures()]
    assert len(found) >= len(opened.dashboard.shown.cards)  # type: ignore[union-attr]
    assert opened.session.workspace is not None
    for _, figure in found:
        assert opened.session.workspace.working(figure).sentence


def test_the_preview_of_a_definition_leads_to_the_working_of_what_is_saved_only(opened: MainWindow) -> None:
    opened.act("kpis", "win_rate")
    preview = opened.kpis.preview
    assert isinstance(preview.card, KpiCard)
    assert preview.card.figures.ask()
    assert opened.drawer.title.text() == "Win rate"
    opened.drawer.shut()
    names = [name for name, _ in preview.parts.figures.figures()]
    assert names == [row[0] for row in preview.parts.parts.rows]
    preview.parts.figures.ask()
    assert opened.drawer.isVisible()
    opened.drawer.shut()
    draft = opened.kpis.draft
    assert draft is not None
    opened.kpis.try_out(replace(draft, formula="COUNT(won_deals)"))
    assert isinstance(preview.card, KpiCard)
    assert not preview.card.figures.ask()
    assert not preview.parts.figures.ask()
    assert "Show the working" not in entries(preview.card.menu.menu())


def test_notes_and_the_version_stand_in_the_drawer_and_in_its_data(opened: MainWindow) -> None:
    workspace = opened.session.workspace
    assert workspace is not None
    figure = card(opened, "win_rate").value.figure
    assert figure is not None
    workspace.notes.add("win_rate", figure.period.start, "New price list")
    drawer = shown(opened)
    words = [label.text() for label in drawer.findChildren(Label)]
    assert any(one.startswith("Version 1, in force since ") for one in words)
    assert any(one.endswith("New price list") for one in words)
    drawer.copy_data()
    assert "New price list" in QGuiApplication.clipboard().text()


@pytest.mark.parametrize("size", [100, 150])
def test_nothing_is_wider_than_the_drawer(opened: MainWindow, qtbot: QtBot, size: int) -> None:
    theme.set_text_size(size)
    qtbot.waitUntil(lambda: any(one.isVisible() for one in opened.dashboard.findChildren(KpiCard)))  # laid out anew
    drawer = shown(opened)
    qtbot.waitUntil(lambda: drawer.width() == min(round(480 * size / 100), drawer.parentWidget().width()))
    assert drawer.rows is not None
    right = drawer.rect().right()
    for part in (drawer.rows.table, drawer.rows.lists, drawer.slices, drawer.rows.part):
        assert part is not None
        assert part.mapTo(drawer, part.rect().topRight()).x() <= right
