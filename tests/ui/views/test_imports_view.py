"""The list of imports, through what a user presses and reads."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from openpyxl import load_workbook
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QMessageBox
from pytestqt.qtbot import QtBot

from kpidesk.domain.settings import Settings
from kpidesk.ui import theme
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.session import Session
from kpidesk.ui.tables import Cell, DataTable, TableColumn, TableModel
from kpidesk.ui.views.held_rows import HeldRowsView
from kpidesk.ui.views.imports import ImportsView
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
DEALS = "Deal ID,Deal name,Status,Created,Amount\n1,Kestrel,won,2026-07-01,100\n2,Marlow,lost,2026-07-02,TBC\n"
LEADS = "Lead ID,Created,Source\n1,2026-07-01,Web\n2,2026-07-05,Web\n3,2026-07-05,Web\n"


@pytest.fixture
def view(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ImportsView]:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path / "home"))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    session = Session(Jobs(inline=True))
    session.workspace = Workspace.create(tmp_path / "Sales.kpidesk", Settings(name="Sales"))
    made = ImportsView(session)
    qtbot.addWidget(made)
    made.resize(1220, 870)
    made.show()
    yield made
    session.close_workspace()


def bring_in(view: ImportsView, folder: Path) -> None:
    workspace = view.session.workspace
    assert workspace is not None
    for name, text in (("deals.csv", DEALS), ("leads.csv", LEADS)):
        (folder / name).write_text(text, encoding="utf-8")
        workspace.commit(workspace.read(folder / name))
    view.refresh()


def column(view: ImportsView, title: str) -> list[str]:
    place = [one.title for one in view.model.columns].index(title)
    return [view.model.cell(row, place).text for row in range(view.model.rowCount())]


def test_without_imports_the_page_offers_the_wizard(view: ImportsView) -> None:
    assert view.empty.isVisible()
    assert not view.card.isVisible()
    view.import_button.click()
    assert view.wizard.isVisible()
    view.wizard.cancel.click()
    assert view.empty.isVisible()


def test_imports_are_listed_newest_first(view: ImportsView, tmp_path: Path) -> None:
    bring_in(view, tmp_path)
    assert column(view, "File") == ["leads.csv", "deals.csv"]
    assert column(view, "Rows are") == ["Leads", "Deals"]
    assert column(view, "Held") == ["0", "1"]
    assert column(view, "State") == ["Imported", "Imported"]
    assert view.selected is not None
    assert view.selected.file_name == "leads.csv"
    assert not view.held_button.isEnabled()
    assert view.held_button.toolTip() == "The chosen import holds no rows"


def test_undo_asks_names_the_file_and_keeps_by_default(view: ImportsView, tmp_path: Path) -> None:
    bring_in(view, tmp_path)
    view.ask_undo()
    box = view.findChild(QMessageBox)
    assert box is not None
    assert box.text() == "Undo the import of leads.csv?"
    assert box.defaultButton().text() == "Keep it"
    box.defaultButton().click()
    assert column(view, "State") == ["Imported", "Imported"]


def test_undo_strikes_the_import(view: ImportsView, tmp_path: Path) -> None:
    bring_in(view, tmp_path)
    view.ask_undo()
    box = view.findChild(QMessageBox)
    assert box is not None
    next(one for one in box.buttons() if one.text() == "Undo import").click()
    assert column(view, "State") == ["Undone", "Imported"]
    assert view.model.cell(0, 0).struck
    assert not view.undo_button.isEnabled()
    workspace = view.session.workspace
    assert workspace is not None
    assert not workspace.counts().get("leads")


def test_an_import_is_opened_by_its_id(view: ImportsView, tmp_path: Path) -> None:
    bring_in(view, tmp_path)
    first = view.batches[-1]
    view.open(str(first.id))
    assert view.selected == first
    assert view.held_button.isEnabled()


def held_page(view: ImportsView, folder: Path) -> HeldRowsView:
    bring_in(view, folder)
    view.open(view.batches[-1].id)
    view.held_button.click()
    assert view.held.isVisible()
    return view.held


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def answer(held: HeldRowsView) -> str:
    return plain(held.header.answer.text())


def type_into(qtbot: QtBot, held: HeldRowsView, row: int, title: str, text: str) -> None:
    """Edit a cell as a user does: F2, type, Enter."""
    place = [one.title for one in held.model.columns].index(title)
    held.table.setCurrentIndex(held.model.index(row, place))
    held.table.edit(held.table.currentIndex())
    (field,) = held.table.findChildren(QLineEdit)
    field.selectAll()
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not held.table.findChildren(QLineEdit))


def test_held_rows_show_line_reason_and_cells(view: ImportsView, tmp_path: Path) -> None:
    held = held_page(view, tmp_path)
    cells = [held.model.cell(0, place) for place in range(held.model.columnCount())]
    assert cells[0].text == "3"
    assert "TBC" in cells[1].text
    assert [cell.text for cell in cells if cell.tinted] == ["TBC"]
    assert answer(held) == "0 of 1 row can be imported now"
    assert not held.import_button.isEnabled()
    held.back.click()
    assert view.card.isVisible()
    assert not held.isVisible()


def test_a_mended_row_is_imported_named_in_the_list_and_undone(qtbot: QtBot, view: ImportsView, tmp_path: Path) -> None:
    held = held_page(view, tmp_path)
    type_into(qtbot, held, 0, "Amount", "250")
    assert held.model.cell(0, 1).text == "Can be imported"
    assert answer(held) == "1 of 1 row can be imported now"
    assert plain(held.import_button.text()) == "Import 1 repaired row"
    held.import_button.click()
    assert answer(held) == "No row waits to be repaired"
    workspace = view.session.workspace
    assert workspace is not None
    assert workspace.frame("deals").number("amount").values.tolist() == [100.0, 250.0]
    assert view.go_up()
    assert column(view, "File") == ["Repaired rows of deals.csv", "leads.csv", "deals.csv"]
    assert column(view, "Held") == ["0", "0", "0"]
    view.ask_undo_of(view.batches[-1])
    box = view.findChild(QMessageBox)
    assert box is not None
    assert "also those repaired from it" in box.informativeText()
    box.close()
    view.undo(view.batches[0].id)
    assert column(view, "Held") == ["0", "0", "1"]
    # What was typed is still there.
    view.open(view.batches[-1].id)
    view.held_button.click()
    assert answer(held) == "1 of 1 row can be imported now"


def test_a_mend_that_does_not_help_says_why(qtbot: QtBot, view: ImportsView, tmp_path: Path) -> None:
    held = held_page(view, tmp_path)
    type_into(qtbot, held, 0, "Amount", "much")
    assert held.model.cell(0, 1).text == "“much” in “Amount” is not a number."
    assert not held.import_button.isEnabled()


def test_dismissed_rows_are_counted_and_brought_back(view: ImportsView, tmp_path: Path) -> None:
    held = held_page(view, tmp_path)
    assert not held.dismiss_button.isEnabled()
    held.table.select_row(0)
    held.dismiss_button.click()
    assert answer(held) == "No row waits to be repaired, 1 dismissed"
    held.which.choose("dismissed")
    assert answer(held) == "1 row set aside"
    held.table.select_row(0)
    assert held.dismiss_button.text() == "Bring back"
    held.dismiss_button.click()
    held.which.choose("waiting")
    assert answer(held) == "0 of 1 row can be imported now"


def test_held_rows_go_to_excel(view: ImportsView, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    held = held_page(view, tmp_path)
    target = tmp_path / "out.xlsx"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    held.export_button.click()
    assert load_workbook(target)["deals.csv"]["A2"].value == 3


def test_the_wizard_returns_to_the_list_with_its_import(view: ImportsView, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    view.read_files([tmp_path / "deals.csv"])
    assert view.wizard.preview is not None
    view.wizard.next.click()
    view.wizard.next.click()
    view.wizard.next.click()
    view.wizard.next.click()
    view.wizard.import_step.show_held.click()
    assert not view.wizard.isVisible()
    assert view.held.isVisible()
    assert view.held.origin is not None
    assert view.held.origin.file_name == "deals.csv"


# --- the table itself


def table(qtbot: QtBot) -> DataTable:
    model = TableModel((TableColumn("Name"), TableColumn("Rows", 60, numeric=True), TableColumn("Note", 90, drop=1)))
    model.set_rows(
        [
            [Cell("b"), Cell("1,000", sort=1000.0, copy="1000"), Cell("x\ty")],
            [Cell(""), Cell("20", sort=20.0, copy="20"), Cell("")],
            [Cell("a"), Cell("300", sort=300.0, copy="300"), Cell("")],
        ]
    )
    made = DataTable(model, "Things")
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    return made


def shown(one: DataTable) -> list[str]:
    model = one.model()
    assert isinstance(model, TableModel)
    return [model.cell(row, 1).text for row in range(model.rowCount())]


def test_numbers_sort_as_numbers_and_rows_keep_their_source(qtbot: QtBot) -> None:
    one = table(qtbot)
    assert shown(one) == ["1,000", "20", "300"]
    one.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    assert shown(one) == ["20", "300", "1,000"]
    one.select_row(0)
    assert one.selected_rows() == [0]
    assert one.currentIndex().row() == 2


def test_a_click_on_the_head_sorts(qtbot: QtBot) -> None:
    one = table(qtbot)
    head = one.horizontalHeader()
    qtbot.mouseClick(head.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(head.sectionViewportPosition(1) + 5, 8))
    assert shown(one) in (["20", "300", "1,000"], ["1,000", "300", "20"])


def test_copy_gives_tab_separated_full_precision(qtbot: QtBot) -> None:
    one = table(qtbot)
    one.select_row(0)
    qtbot.keyClick(one, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Name\tRows\tNote\nb\t1000\tx y"


def test_narrow_tables_drop_columns_instead_of_scrolling(qtbot: QtBot) -> None:
    one = table(qtbot)
    assert not one.isColumnHidden(2)
    one.resize(190, 200)
    assert one.isColumnHidden(2)
    assert sum(one.columnWidth(place) for place in (0, 1)) <= one.viewport().width()


def test_the_table_paints_in_both_themes(qtbot: QtBot) -> None:
    one = table(qtbot)
    pictures = []
    for name in ("light", "dark"):
        theme.set_theme(name)
        pictures.append(one.grab().toImage())
    theme.set_theme("light")
    assert pictures[0] != pictures[1]
