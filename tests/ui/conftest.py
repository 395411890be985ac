"""A window as a user opens it, with its jobs run at once, and a workspace with deals in it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.palette import Palette
from kpidesk.ui.session import Session
from kpidesk.workspace import Workspace

DEALS = "deal_id,name,status,created,closed,amount,owner,source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},2026-0{n % 8 + 1}-02,2026-0{n % 8 + 1}-20,{n * 100},{'Ann' if n % 2 else 'Bob'},Inbound\n"
    for n in range(1, 41)
)


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(Palette, "_recent", [])
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    made = MainWindow(Session(Jobs(inline=True)))
    qtbot.addWidget(made)
    made.show()
    yield made
    made.session.close_workspace()
    theme.set_theme("light")
    theme.set_text_size(100)


@pytest.fixture
def deals(tmp_path: Path) -> Path:
    """An export of 40 deals."""
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    return path


@pytest.fixture
def workspace(tmp_path: Path, deals: Path) -> Path:
    """A workspace into which the export was imported."""
    path = tmp_path / "Sales.kpidesk"
    with Workspace.create(path) as made:
        made.commit(made.read(deals))
    return path
