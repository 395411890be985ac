"""Files dragged over the window and dropped on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QWidget

from kpidesk.domain.problem import CancelledError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.ui.drop_overlay import sort_dropped
from kpidesk.ui.main_window import MainWindow

pytestmark = pytest.mark.qt_log_ignore("does not support")
BUTTONS = (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)


@pytest.fixture
def opened(window: MainWindow, workspace: Path) -> Iterator[MainWindow]:
    window.session.open_workspace(workspace)
    yield window
    window.imports.wizard.start_over()


def carry(*paths: Path) -> QMimeData:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def drag(window: QWidget, data: QMimeData) -> QDragEnterEvent:
    event = QDragEnterEvent(QPoint(300, 300), Qt.DropAction.CopyAction, data, *BUTTONS)
    QApplication.sendEvent(window, event)
    return event


def drop(window: MainWindow, *paths: Path) -> None:
    data = carry(*paths)
    drag(window, data)
    QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), Qt.DropAction.CopyAction, data, *BUTTONS))


def test_the_overlay_says_what_a_drop_will_do_and_goes_with_the_files(opened: MainWindow, deals: Path) -> None:
    data = carry(deals, deals.with_name("more.csv"))
    assert drag(opened, data).isAccepted()
    overlay = opened._overlay
    assert overlay.isVisible()
    assert overlay.geometry() == opened.rect()
    assert (overlay.title, overlay.line) == ("Drop to import", "deals.csv and 1 more")
    QApplication.sendEvent(opened, QDragLeaveEvent())
    assert not overlay.isVisible()


def test_the_zone_of_the_wizard_takes_spreadsheets_and_leaves_the_rest_to_the_window(
    opened: MainWindow, deals: Path, tmp_path: Path
) -> None:
    opened.imports.read_files([])
    opened.show_page("imports")
    zone = opened.imports.wizard.file_step.zone
    assert drag(zone, carry(deals)).isAccepted()
    assert not opened._overlay.isVisible()
    QApplication.sendEvent(zone, QDragLeaveEvent())
    assert drag(zone, carry(tmp_path / "photo.png")).isAccepted()
    assert (opened._overlay.title, opened._overlay.line) == ("This cannot be imported", "photo.png")


def test_words_that_are_dragged_are_not_for_the_window(opened: MainWindow) -> None:
    data = QMimeData()
    data.setText("hello")
    assert not drag(opened, data).isAccepted()
    assert not opened._overlay.isVisible()


def test_a_dropped_spreadsheet_opens_the_wizard(opened: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("deal_id,status,created,amount\n90,won,2026-08-01,5\n", encoding="utf-8")
    drop(opened, tmp_path / "more.csv")
    assert not opened._overlay.isVisible()
    preview = opened.imports.wizard.preview
    assert preview is not None
    assert preview.file_name == "more.csv"


def test_a_dropped_folder_gives_all_spreadsheets_inside(tmp_path: Path) -> None:
    for name in ("b.csv", "a.xlsx", "notes.txt", "photo.png", "~$a.xlsx", ".hidden.csv", "deep/c.ODS", ".git/d.csv"):
        path = tmp_path / "exports" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = sort_dropped([tmp_path / "exports"], SILENT)
    assert [path.name for path in found.files] == ["a.xlsx", "b.csv", "c.ODS"]
    assert found.trouble == ""


def test_a_dropped_workspace_is_opened(opened: MainWindow, tmp_path: Path) -> None:
    opened.session.create_workspace(tmp_path / "Other.kpidesk")
    drop(opened, tmp_path / "Sales.kpidesk")
    workspace = opened.session.workspace
    assert workspace is not None
    assert workspace.path.name == "Sales.kpidesk"


def test_a_useless_drop_gets_a_sentence_and_changes_nothing(opened: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "photo.png").touch()
    drop(opened, tmp_path / "photo.png")
    assert opened.banners.shown is not None
    assert opened.banners.shown.title == "photo.png cannot be imported."
    assert opened.banners.shown.text == "Drop CSV, TSV, XLSX, XLS or ODS files, a folder of them, or a workspace."
    assert opened.pages.shown == "dashboard"
    opened.banners.dismiss()
    assert not opened.banners.isVisible()


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("w.kpidesk", "deals.csv"), "A workspace is opened by itself."),
        (("empty/readme.md",), "There is no spreadsheet in empty."),
        (tuple(f"empty/{number}.csv" for number in range(51)), "empty holds too many files."),
    ],
)
def test_what_cannot_be_dropped_is_named(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    for name in names:
        path = tmp_path / "drop" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    found = sort_dropped(sorted((tmp_path / "drop").iterdir()), SILENT)
    assert found.trouble.startswith(words)
    assert found.files == ()
    assert found.workspace is None


def test_looking_into_a_folder_can_be_cancelled(tmp_path: Path) -> None:
    progress = Progress()
    progress.cancel()
    with pytest.raises(CancelledError):
        sort_dropped([tmp_path], progress)
