"""The main job as a founder does it: a real CRM export, opened with the keyboard, read on the dashboard, audited in Excel."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from openpyxl import load_workbook
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit
from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session
from kpidesk.ui.widgets.cards import KpiCard

EXPORT = Path(__file__).parents[2] / "../shared/data/maven-crm/sales_pipeline.csv"
pytestmark = [
    pytest.mark.qt_log_ignore("propagateSizeHints"),
    pytest.mark.skipif(not EXPORT.exists(), reason="the shared CRM export is not beside this checkout"),
]


@pytest.fixture
def window(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[MainWindow]:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path / "home"))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    made = MainWindow(Session(Jobs()))
    qtbot.addWidget(made)
    made.show()
    made.activateWindow()
    qtbot.waitExposed(made)
    yield made
    made.close()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is, as the keyboard does."""
    target = QApplication.focusWidget() or QApplication.activeWindow()
    assert target is not None
    QTest.keyClick(target, key, modifier)


def answer(path: Path, *more: Path) -> None:
    """Type a path into the file dialog that the next key opens, and into those that follow it."""

    def type_it() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, QFileDialog):
            QTimer.singleShot(20, type_it)
            return
        field = dialog.findChild(QLineEdit, "fileNameEdit")
        assert isinstance(field, QLineEdit)
        field.setText(
            str(path)
        )  # as pasted: typing would open the dialog's list of guesses, which takes Return for itself
        QTest.keyClick(field, Qt.Key.Key_Return)
        if more:
            answer(*more)

    QTimer.singleShot(20, type_it)


def test_a_real_export_with_the_keyboard_alone(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    control = Qt.KeyboardModifier.ControlModifier
    wizard = window.imports.wizard

    def shown(words: str) -> Callable[[], bool]:
        def look() -> bool:
            window.activateWindow()  # a desktop does it when a dialog closes; the screen of the tests does not
            return wizard.next.hasFocus() and wizard.next.text() == words

        return look

    answer(EXPORT, tmp_path / "Maven.kpidesk")
    press(Qt.Key.Key_I, control)
    for words in ("Match columns", "Check values", "Look it over", "Import 8,800 rows"):
        qtbot.waitUntil(shown(words), timeout=20_000)
        press(Qt.Key.Key_Return)
    qtbot.waitUntil(wizard.import_step.see.hasFocus, timeout=60_000)
    assert "8,800" in wizard.import_step.title.text() + wizard.import_step.text.text()
    press(Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.dashboard.shown is not None and window.dashboard.shown.has_rows, timeout=20_000)

    cards = {card.value.name: card.value for card in window.dashboard.findChildren(KpiCard)}
    assert window.dashboard.shown is not None
    assert window.dashboard.shown.period_label == "Q4 2017"
    assert cards["Win rate"].value == "60.3%"
    assert cards["Total revenue"].value == "£2.80m"

    answer(tmp_path / "summary.xlsx")
    press(Qt.Key.Key_E, control | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil((tmp_path / "summary.xlsx").exists, timeout=60_000)
    book = load_workbook(tmp_path / "summary.xlsx", read_only=True)
    values = {row[0]: row[1] for row in book["Summary"].iter_rows(min_row=8, values_only=True) if row[0]}
    assert values["Total revenue"] == 2_802_496
    assert values["Win rate"] == pytest.approx(0.602519, abs=5e-7)
    head, *rows = book["History"].iter_rows(values_only=True)
    revenue = {f"{row[0]:%Y-%m}": row[head.index("Total revenue")] for row in rows if row[0]}
    assert [revenue[month] for month in ("2017-03", "2017-06", "2017-12")] == [1_134_672, 1_338_466, 1_131_573]
    data = book["Data"]
    assert data.max_row == 8_801
