"""The page of a KPI as a user sees it: history, signals, like for like, small multiples, and what is marked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.domain.kpi import Band, MonthTarget, Target
from kpidesk.domain.period import add_months
from kpidesk.ui import theme
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpi import KpiView
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.ui.widgets.multiples import SHOWN
from kpidesk.ui.widgets.roving import scroll_to
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("does not support")
AS_OF = date(2026, 9, 11)
ALT = Qt.KeyboardModifier.AltModifier
Deal = tuple[str, date, float, str, str]  # status, day closed, amount, owner, source


def made(tmp_path: Path, deals: Iterable[Deal], **settings: str) -> Path:
    """Make a workspace of deals, as known on 11 September 2026."""
    lines = [
        f"{number},{status},{day.replace(day=1)},{day},{amount},{owner},{source}"
        for number, (status, day, amount, owner, source) in enumerate(deals, start=1)
    ]
    export = tmp_path / "deals.csv"
    export.write_text("deal_id,status,created,closed,amount,owner,source\n" + "\n".join(lines), encoding="utf-8")
    path = tmp_path / "Sales.kpidesk"
    with Workspace.create(path) as workspace:
        workspace.commit(workspace.read(export))
        for name, value in {"as_of": str(AS_OF), **settings}.items():
            workspace.set(name, value)
    return path


def monthly(won: int = 6, lost: int = 6, months: int = 24) -> list[Deal]:
    """Return as many decided deals in each of the last months; the last one is September 2026 up to its 11th day."""
    found: list[Deal] = []
    for back in range(months):
        first = add_months(date(2026, 9, 1), -back)
        for place in range(won + lost):
            owner = ("Ann Bell", "Bob Cole", "")[place % 3]
            status = "won" if place < won else "lost"
            found.append((status, first.replace(day=place % 10 + 1), 1000.0 + back % 2 * 100, owner, "Inbound"))
    return found


def page(window: MainWindow, path: Path, kpi: str, grain: str = "") -> KpiView:
    window.session.open_workspace(path)
    window.act("kpi", kpi)
    if grain:
        press_grain(window.kpi, grain)
    return window.kpi


def press_grain(view: KpiView, grain: str) -> None:
    next(one for one in view.grain.findChildren(QAbstractButton) if one.text() == grain).click()


def drawn(widget: QWidget, token: str) -> int:
    """Count the points of a widget painted in the colour of a token."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    wanted = theme.color(token).rgb()
    return sum(image.pixel(x, y) == wanted for x in range(image.width()) for y in range(image.height()))


# --- history


@pytest.mark.parametrize(
    ("grain", "first", "last", "shown"),
    [
        ("Week", "15 to 21 Mar 2026", "6 to 12 Sep 2026", 26),
        ("Month", "Oct 2024", "Sep 2026", 24),
        ("Quarter", "Q2 FY2026", "Q2 FY2027", 6),
        ("Year", "FY2025", "FY2027", 3),
    ],
)
def test_every_grain_follows_the_fiscal_year_and_the_start_of_the_week(
    window: MainWindow, tmp_path: Path, grain: str, first: str, last: str, shown: int
) -> None:
    view = page(window, made(tmp_path, monthly(), fiscal_start="4", week_start="6"), "total_revenue", grain)
    assert view.shown is not None
    labels = [row.label for row in view.shown.history]
    known = [row.label for row in view.shown.history if row.value is not None]
    assert labels[-1] == last
    assert len(labels) >= shown
    assert first in known or grain in ("Quarter", "Year")
    assert view.to_date.rows[0].value.label.startswith(f"{last}, day 1 to ")
    assert view.multiples.charts[0].accessibleDescription().split("; ")[-1].startswith(last)
    assert view.header.answer.text().startswith(f"{last}, day ")
    table = view.table.model()
    assert table.index(0, 0).data() == last
    view.copy_data()
    assert QGuiApplication.clipboard().text().splitlines()[-1].startswith(last)


def test_what_lies_before_the_data_takes_no_room(window: MainWindow, tmp_path: Path) -> None:
    view = page(window, made(tmp_path, monthly(months=9)), "total_revenue")
    assert view.shown is not None
    assert view.shown.history[0].label == "Jan 2026"
    (tmp_path / "few").mkdir()
    view = page(window, made(tmp_path / "few", monthly(months=2)), "total_revenue")
    assert len(view.shown.history) == 6  # a course needs some room


def test_months_with_a_target_of_their_own_are_steps_of_the_target_line(window: MainWindow, tmp_path: Path) -> None:
    path = made(tmp_path, monthly())
    with Workspace.open(path) as workspace:
        target = Target(0.5, monthly=(MonthTarget(date(2026, 3, 1), 0.75),))
        workspace.define(replace(workspace.catalog["win_rate"], target=target))
    view = page(window, path, "win_rate")
    assert view.shown is not None
    targets = {row.label: row.target_text for row in view.shown.history}
    assert (targets["Feb 2026"], targets["Mar 2026"], targets["Apr 2026"]) == ("50%", "75%", "50%")
    view.chart.point_at([row.label for row in view.shown.history].index("Mar 2026"))
    assert "target 75%" in view.reading.text()


def test_the_year_before_is_drawn_told_and_in_the_table(window: MainWindow, tmp_path: Path) -> None:
    view = page(window, made(tmp_path, monthly()), "total_revenue")
    assert view.shown is not None
    before = {row.label: row.earlier_text for row in view.shown.history}
    values = {row.label: row.text for row in view.shown.history}
    assert before["Aug 2026"] == values["Aug 2025"] != ""
    assert before["Oct 2024"] == ""
    assert drawn(view.chart, "data_prev") > 0
    view.chart.setFocus()
    QTest.keyClick(view.chart, Qt.Key.Key_Left)
    assert f"a year earlier {before['Aug 2026']}" in view.reading.text()


# --- normal variation and signals


def test_a_month_beyond_its_limits_and_a_long_run_are_told(window: MainWindow, tmp_path: Path) -> None:
    outlier = [("won", date(2026, 5, 20), 90_000.0, "Ann Bell", "Inbound")]
    view = page(window, made(tmp_path, [*monthly(), *outlier]), "total_revenue")
    assert view.shown is not None
    told = {row.label: (row.variation, row.signal) for row in view.shown.history}
    assert told["May 2026"] == ("above normal variation", 1)
    assert told["Sep 2026"] == ("", 0)  # not over yet
    assert "1\u00a0period outside" in view.variation.text()
    table = view.table.model()
    place = next(row for row in range(table.rowCount()) if table.index(row, 0).data() == "May 2026")
    assert "above normal variation" in [table.index(place, column).data() for column in range(table.columnCount())][-1]


def test_eight_months_on_one_side_of_the_middle_are_a_run(window: MainWindow, tmp_path: Path) -> None:
    grown = [
        ("won", day, amount * (3 if day >= date(2026, 1, 1) else 1), owner, source)
        for status, day, amount, owner, source in monthly(won=6, lost=0)
    ]
    view = page(window, made(tmp_path, grown), "average_deal_size")
    assert view.shown is not None
    signals = {row.label: abs(row.signal) for row in view.shown.history}
    assert {signals[label] for label in ("Jan 2026", "Aug 2026", "Dec 2025")} <= {1, 2}
    assert "in a long run on one side" in view.variation.text() or "outside" in view.variation.text()


def test_a_change_inside_normal_variation_is_called_that_on_the_tile(window: MainWindow, tmp_path: Path) -> None:
    window.session.open_workspace(made(tmp_path, monthly()))
    press = [one for one in window.dashboard.grain.findChildren(QAbstractButton) if one.text() == "Month"]
    press[0].click()
    assert window.dashboard.shown is not None
    cards = {one.kpi: one for one in window.dashboard.shown.cards}
    revenue = cards["total_revenue"].change
    assert revenue is not None
    assert "normal variation" in revenue.words
    assert "normal variation" in cards["win_rate"].change.words or cards["win_rate"].change.arrow == 0  # type: ignore[union-attr]


# --- small samples


def test_too_few_are_told_as_k_of_n_without_an_arrow_on_tile_page_and_drawer(
    window: MainWindow, tmp_path: Path
) -> None:
    few: list[Deal] = [
        ("won" if place < 1 else "lost", date(2026, 9, 2 + place), 900.0, "Ann Bell", "Inbound") for place in range(3)
    ]
    window.session.open_workspace(made(tmp_path, few))
    tile = next(one for one in window.dashboard.findChildren(KpiCard) if one.value.kpi == "win_rate")
    assert (tile.value.value, tile.value.chip, tile.value.change, tile.value.spark) == ("1 of 3", "Too few", None, None)
    assert "Win rate needs at least 5" in tile.value.reason
    assert drawn(tile, "good") == drawn(tile, "bad") == drawn(tile, "warn") == 0
    window.act("kpi", "win_rate")
    view = window.kpi
    assert view.value.text() == "1 of 3"
    assert view.table.model().index(0, 1).data() == "1 of 3"
    assert view.to_date.rows[0].value.text == "1 of 3"
    assert view.multiples.charts[0].value.text == "1 of 3"
    view.show_working()
    assert window.drawer.value.text() == "1 of 3"


def test_a_rate_carries_its_range_on_the_tile(window: MainWindow, tmp_path: Path) -> None:
    window.session.open_workspace(made(tmp_path, monthly()))
    tile = next(one for one in window.dashboard.findChildren(KpiCard) if one.value.kpi == "win_rate")
    low, high = (int(end.rstrip("%")) for end in tile.value.range_text.split(" to "))
    assert low < 50 < high
    assert f"likely {tile.value.range_text}" in tile.accessibleName()


# --- like for like


def test_the_same_days_of_earlier_periods_are_set_beside_this_one(window: MainWindow, tmp_path: Path) -> None:
    late: list[Deal] = [("won", date(2026, 8, 25), 50_000.0, "Ann Bell", "Inbound")]  # after day 11 of August
    view = page(window, made(tmp_path, [*monthly(won=6, lost=0), *late]), "total_revenue")
    now, before, year = (row.value for row in view.to_date.rows)
    assert [row.label for row in (now, before, year)] == [
        f"{name}, day 1 to 11" for name in ("Sep 2026", "Aug 2026", "Sep 2025")
    ]
    assert (now.value, before.value, year.value) == (6000.0, 6600.0, 6000.0)
    assert before.whole == "£56.6k in the whole month"
    assert year.change is not None
    assert year.change.words == "Same"


def test_every_line_of_like_for_like_leads_to_its_working_by_keyboard(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    view = page(window, made(tmp_path, monthly()), "win_rate")
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow() and view.to_date.rows[1].isVisible())
    view.to_date.rows[0].setFocus()
    assert view.to_date.rows[0].hasFocus()
    QTest.keyClick(view.to_date.rows[0], Qt.Key.Key_Down)
    assert view.to_date.rows[1].hasFocus()
    QTest.keyClick(view.to_date.rows[1], Qt.Key.Key_Return, ALT)
    assert window.drawer.about.text() == "Aug 2026 to 11 Aug"
    assert window.drawer.value.text() == view.to_date.rows[1].value.text
    view.copy_data()


# --- small multiples


def test_slices_stand_largest_first_with_those_without_a_value_last(window: MainWindow, tmp_path: Path) -> None:
    view = page(
        window, made(tmp_path, [*monthly(), *[("won", date(2026, 9, 2), 1.0, "Cid Dow", "Web")] * 1]), "win_rate"
    )
    assert [one.value.label for one in view.multiples.charts] == ["Ann Bell", "Bob Cole", "Cid Dow", "(none)"]
    cid = view.multiples.charts[2]
    assert "too few to judge" in cid.accessibleName()
    assert "Hollow marks: too few to judge." in view.multiples.note.text()


def test_what_is_not_drawn_is_counted_and_named_and_one_press_draws_it(window: MainWindow, tmp_path: Path) -> None:
    many: list[Deal] = [
        ("won", date(2026, 9, 2), 1000.0 * (20 - place), f"Owner {place:02}", "Inbound") for place in range(15)
    ]
    view = page(window, made(tmp_path, many), "total_revenue")
    assert len(view.multiples.charts) == SHOWN
    assert view.multiples.rest.text().startswith("3 smaller slices are not drawn: Owner 12 £8.0k")
    assert view.multiples.more.text() == "Show all 15"
    view.multiples.more.click()
    assert [one.value.label for one in view.multiples.charts] == [f"Owner {place:02}" for place in range(15)]
    assert view.multiples.rest.isHidden()


def test_one_of_one_does_not_stretch_the_common_scale(window: MainWindow, tmp_path: Path) -> None:
    deals = [*monthly(won=4, lost=14), ("won", date(2026, 9, 2), 1.0, "Cid Dow", "Web")]
    view = page(window, made(tmp_path, deals), "win_rate")
    scales = {one._scale for one in view.multiples.charts}
    assert len(scales) == 1
    assert scales.pop()[1] < 1.0


def test_owners_that_cannot_be_told_apart_have_no_place_and_it_says_so(window: MainWindow, tmp_path: Path) -> None:
    view = page(window, made(tmp_path, monthly(won=12, lost=12, months=3)), "win_rate", "Quarter")
    assert {one.value.place for one in view.multiples.charts} == {None}
    assert view.multiples.note.text().startswith("These cannot be told apart")
    clear: list[Deal] = [
        ("won" if place < 55 or (owner == "Ann Bell" and place < 58) else "lost", date(2026, 8, 3), 1.0, owner, "Web")
        for owner in ("Ann Bell",)
        for place in range(60)
    ] + [("won" if place < 3 else "lost", date(2026, 8, 3), 1.0, "Bob Cole", "Web") for place in range(60)]
    (tmp_path / "clear").mkdir()
    view = page(window, made(tmp_path / "clear", clear), "win_rate", "Quarter")
    assert {one.value.label: one.value.place for one in view.multiples.charts} == {"Ann Bell": 1, "Bob Cole": 2}
    assert "place 1" in next(iter(view.multiples.charts)).accessibleName()


def test_a_slice_leads_to_the_working_of_the_period_pointed_at(
    window: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    view = page(window, made(tmp_path, monthly()), "win_rate")
    chart = view.multiples.charts[0]
    qtbot.waitUntil(lambda: chart.isVisible() and chart.width() > 200)
    scroll_to(chart)
    QTest.mouseMove(chart, chart._box().center().toPoint())
    assert chart.figures.figures()[0][0] == f"Ann Bell, {view.shown.breakdown.labels[6]}"  # type: ignore[union-attr]
    chart.figures.ask()
    assert window.drawer.shown is not None
    assert window.drawer.about.text() == f"{view.shown.breakdown.labels[6]}, owner Ann Bell"  # type: ignore[union-attr]


# --- what is marked


def test_a_changed_formula_is_marked_on_chart_sparkline_table_drawer_and_export(
    window: MainWindow, tmp_path: Path
) -> None:
    path = made(tmp_path, monthly(months=8))
    with Workspace.open(path) as workspace:
        workspace.set("as_of", str(workspace.today))
        workspace.editor.save(
            replace(workspace.catalog["win_rate"], formula='SHARE(closed_deals WHERE status = "won")')
        )
        workspace.notes.add("win_rate", date(2026, 9, 10), "New stages")
    view = page(window, path, "win_rate")
    assert view.shown is not None
    note, changed = sorted(view.shown.marks, key=lambda one: one.definition)
    assert changed.words.startswith("Version 2, formula changed ")
    assert changed.words in view.chart.accessibleDescription()
    assert drawn(view.chart, "accent_text") > 100
    last = [view.table.model().index(0, column).data() for column in range(view.table.model().columnCount())][-1]
    assert changed.words in last
    assert note.words in last
    view.show_working()
    assert window.drawer.shown is not None
    assert window.drawer.shown.annotations == (note.words,)
    assert window.drawer.shown.version.startswith("Version 2, in force since ")


def test_the_band_is_the_status_on_tile_page_and_drawer(window: MainWindow, tmp_path: Path) -> None:
    path = made(tmp_path, monthly(won=9, lost=3))
    bands = (
        Band("Weak", 0.0),
        Band("Steady", 0.3),
        Band("Strong", 0.5),
        Band("Very strong", 0.7),
        Band("Doubtful", 0.9),
    )
    with Workspace.open(path) as workspace:
        workspace.define(replace(workspace.catalog["win_rate"], target=Target(0.5, 0.3, bands=bands)))
    window.session.open_workspace(path)
    tile = next(one for one in window.dashboard.findChildren(KpiCard) if one.value.kpi == "win_rate")
    assert (tile.value.chip, tile.value.status.word) == ("Very strong", "On track")
    assert "very strong" in tile.accessibleName()
    assert tile.value.bullet is not None
    assert tile.value.bullet.borders == (0.0, 0.3, 0.5, 0.7, 0.9)
    view = page(window, path, "win_rate")
    assert view.shown is not None
    assert view.shown.chip == "Very strong"
    assert [name for _, name in view.shown.bands] == [band.name for band in bands]
    view.show_working()
    assert window.drawer.shown is not None
    assert window.drawer.shown.chip == "Very strong"


def test_without_data_the_chart_says_why(window: MainWindow, tmp_path: Path) -> None:
    window.session.create_workspace(tmp_path / "Empty.kpidesk")
    window.act("kpi", "win_rate")
    view = window.kpi
    assert view.value.text() == "—"
    assert "No deals imported yet" in view.reading.text()
    assert view.multiples.rest.text() == "Nothing to break down yet."
    view.chart.grab()
