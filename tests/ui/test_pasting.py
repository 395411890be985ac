"""Tables copied in Excel or a browser, folders, and several files at once."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from kpidesk.ingest.file_names import in_order
from kpidesk.ui.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("does not support")
CTRL = Qt.KeyboardModifier.ControlModifier
TABLE = "Deal ID\tStage\tCreated\tAmount\n1\tWon\t2026-07-14\t100\n2\tWon\t2026-07-15\t200\n"


@pytest.fixture
def opened(window: MainWindow, workspace: Path) -> Iterator[MainWindow]:
    window.session.open_workspace(workspace)
    window.show_page("imports")
    yield window
    window.imports.wizard.start_over()
    QGuiApplication.clipboard().clear()


def copied(text: str = "", html: str = "", files: tuple[Path, ...] = ()) -> None:
    data = QMimeData()
    if text:
        data.setText(text)
    if html:
        data.setHtml(html)
    if files:
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in files])
    QGuiApplication.clipboard().setMimeData(data)


def test_a_table_copied_in_excel_opens_the_wizard_and_is_imported(opened: MainWindow, qtbot: QtBot) -> None:
    copied(TABLE)
    qtbot.keyClick(opened, Qt.Key.Key_V, CTRL)
    wizard = opened.imports.wizard
    assert wizard.isVisible()
    assert wizard.preview is not None
    assert (wizard.preview.file_name, wizard.preview.row_count) == ("Pasted table", 2)
    assert [one.field for one in wizard.preview.matches] == ["deal_id", "stage", "created", "amount"]
    for _ in range(4):
        wizard.next.click()
    assert opened.session.workspace is not None
    assert opened.session.workspace.imports()[0].file_name == "Pasted table"


def test_a_table_copied_in_a_browser_without_text_is_read_from_its_markup(opened: MainWindow, qtbot: QtBot) -> None:
    cells = [line.split("\t") for line in TABLE.splitlines()]
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in cells)
    copied(html=f"<html><body><table>{rows}</table></body></html>")
    qtbot.keyClick(opened, Qt.Key.Key_V, CTRL)
    assert opened.imports.wizard.preview is not None
    assert opened.imports.wizard.preview.row_count == 2


def test_words_on_the_clipboard_are_no_table(opened: MainWindow, qtbot: QtBot) -> None:
    copied("See the deal, please.")
    qtbot.keyClick(opened, Qt.Key.Key_V, CTRL)
    assert not opened.imports.wizard.isVisible()
    action = next(one for one in opened.actions_ if one.id == "paste")
    assert opened.menus.reason(action) == "Copy a table in Excel or in a browser first"


def test_copied_files_are_imported(opened: MainWindow, qtbot: QtBot, deals: Path) -> None:
    copied(files=(deals,))
    qtbot.keyClick(opened, Qt.Key.Key_V, CTRL)
    assert opened.imports.wizard.file_at_hand == "deals.csv"


def test_pasting_on_the_welcome_asks_where_to_keep_it(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "New.kpidesk"), ""))
    copied(TABLE)
    qtbot.keyClick(window, Qt.Key.Key_V, CTRL)
    assert window.imports.wizard.file_at_hand == "Pasted table"
    window.imports.wizard.start_over()


def test_a_chosen_folder_is_queued_in_a_sensible_order(
    opened: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "exports"
    folder.mkdir()
    names = ("targets.csv", "deals-2026-09-01.csv", "deals-2026-08-01.csv", "leads.csv", "deal stage history.csv")
    for name in names:
        (folder / name).write_text("Deal ID,Stage,Created,Amount\n1,Won,2026-07-14,100\n", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    opened.imports.read_files([])
    opened.imports.wizard.file_step.zone.folder_button.click()
    queue = [(file.path.name, file.state) for file in opened.imports.wizard._files]
    assert queue == [
        ("leads.csv", "now"),
        ("deals-2026-08-01.csv", "waiting"),
        ("deals-2026-09-01.csv", "waiting"),
        ("deal stage history.csv", "waiting"),
        ("targets.csv", "waiting"),
    ]


def test_without_a_day_in_the_name_the_newer_file_comes_later(tmp_path: Path) -> None:
    older, newer = tmp_path / "deals (2).csv", tmp_path / "deals (1).csv"
    for path, day in ((older, 1_780_000_000), (newer, 1_790_000_000)):
        path.touch()
        os.utime(path, (day, day))
    assert in_order([newer, older]) == [older, newer]
    os.utime(newer, (1_780_000_000, 1_780_000_000))
    third = tmp_path / "deals (10).csv"
    third.touch()
    os.utime(third, (1_780_000_000, 1_780_000_000))
    assert in_order([third, older, newer]) == [newer, older, third]
