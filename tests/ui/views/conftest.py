"""The page of definitions over two years of deals."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpis import KpisView
from kpidesk.workspace import Workspace
from tests.ui.keys import CTRL, press

DEALS = "Deal ID,Name,Status,Created,Closed,Amount,Deal owner,Source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},{2025 + n % 2}-0{n % 8 + 1}-02,{2025 + n % 2}-0{n % 8 + 1}-20,"
    f"{n * 100},{'Ann' if n % 5 else 'Bob'},{'Inbound' if n % 4 else 'Outbound'}\n"
    for n in range(1, 161)
)


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
