"""The window, through what a user presses."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.controls import Button
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.palette import Palette
from kpidesk.ui.session import Session
from kpidesk.ui.views.import_steps.choosing import Step
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
DEALS = "deal_id,name,status,created,closed,amount,owner,source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},2026-0{n % 8 + 1}-02,2026-0{n % 8 + 1}-20,{n * 100},{'Ann' if n % 2 else 'Bob'},Inbound\n"
    for n in range(1, 41)
)


def test_from_welcome_to_dashboard_to_undo(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    assert window.pages.currentWidget() is window.welcome
    window.session.create_workspace(tmp_path / "Sales.kpidesk")
    assert window.pages.currentWidget() is window.dashboard
    assert window.dashboard.shown is not None
    assert not window.dashboard.shown.has_rows
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    window.import_files([tmp_path / "deals.csv"])
    wizard = window.imports.wizard
    wizard.open_step(Step.IMPORT)
    assert wizard.next.text() == "Import 40 rows"
    wizard.next.click()
    window.show_page("dashboard")
    assert window.dashboard.shown.has_rows
    names = [card.accessibleName() for card in window.dashboard.findChildren(KpiCard)]
    assert any(name.startswith("Win rate, ") for name in names)
    workspace = window.session.workspace
    assert workspace is not None
    window.imports.undo(workspace.imports()[0].id)
    window.show_page("dashboard")
    assert not window.dashboard.shown.has_rows


def test_a_question_about_dates_is_answered_in_place(window: MainWindow, tmp_path: Path) -> None:
    window.session.create_workspace(tmp_path / "Sales.kpidesk")
    (tmp_path / "deals.csv").write_text(
        "deal_id,status,created,closed,amount\n1,won,03/07/2026,05/08/2026,5\n", encoding="utf-8"
    )
    window.import_files([tmp_path / "deals.csv"])
    wizard = window.imports.wizard
    wizard.open_step(Step.IMPORT)
    assert not wizard.next.isEnabled()
    day_first = [button for button in wizard.problems.findChildren(Button) if button.text() == "Day first: 3 July 2026"]
    day_first[0].click()
    assert wizard.next.isEnabled()


def test_a_card_opens_the_page_of_its_kpi(window: MainWindow, tmp_path: Path) -> None:
    with Workspace.create(tmp_path / "w.kpidesk") as workspace:
        (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
        workspace.commit(workspace.read(tmp_path / "deals.csv"))
    window.session.open_workspace(tmp_path / "w.kpidesk")
    next(card for card in window.dashboard.findChildren(KpiCard) if card.value.kpi == "win_rate").click()
    assert window.pages.currentWidget() is window.kpi


def test_the_palette_finds_commands_and_kpis(window: MainWindow, tmp_path: Path) -> None:
    window.session.create_workspace(tmp_path / "Sales.kpidesk")
    window.open_palette()
    palette = window.findChild(Palette)
    assert palette is not None
    palette._field.setText("win rate")
    assert palette.hits[0].entry.text == "Win rate"
    palette._field.setText("zzzz")
    assert palette.hits == ()
    palette.close_palette()


def test_the_theme_switches_while_the_window_is_open(window: MainWindow) -> None:
    light = theme.color("canvas")
    theme.set_theme("dark")
    assert theme.color("canvas") != light
    from PySide6.QtWidgets import QApplication

    assert window.isVisible()
    assert QApplication.palette().window().color() == theme.color("canvas")


def test_no_colour_is_written_outside_the_tokens() -> None:
    import re

    for path in (Path(__file__).parents[2] / "kpidesk" / "ui").rglob("*.py"):
        assert not re.search(r"#[0-9a-fA-F]{6}\b", path.read_text(encoding="utf-8")), path.name


def test_the_window_module_loads_no_data_library() -> None:
    code = "import sys, kpidesk.ui.main_window; print([name for name in ('numpy', 'pandas', 'openpyxl') if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_files_chosen_before_a_workspace_wait_for_it(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from PySide6.QtWidgets import QFileDialog

    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "New.kpidesk"), ""))
    window.import_files([tmp_path / "deals.csv"])
    assert window.session.workspace is not None
    assert window.pages.currentWidget() is window.imports
    assert window.imports.wizard.isVisible()


def test_the_window_remembers_its_size(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1250, 750)
    window.close()
    again = MainWindow(Session(Jobs(inline=True)))
    qtbot.addWidget(again)
    assert again.height() == 750  # the width is bounded by the screen of the machine
