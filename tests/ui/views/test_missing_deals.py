"""Deals that a newer file lacks, and the day of an import, through what a user presses and reads."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kpidesk.domain.absence import Answer
from kpidesk.domain.snapshot import DatedBy
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.session import Session
from kpidesk.ui.views.import_steps.choosing import Step
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
HEAD = "Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Deal owner\n"
ROWS = [f"{n},Deal {n},Qualified to buy,{n * 100},2026-07-{n:02},2026-09-{n:02},Ann\n" for n in range(1, 7)]
NOW = datetime(2026, 8, 20, 9, tzinfo=UTC)


def export(folder: Path, day: str, rows: list[str]) -> Path:
    path = folder / f"hubspot-crm-exports-all-deals-{day}.csv"
    path.write_text(HEAD + "".join(rows), encoding="utf-8")
    return path


@pytest.fixture
def opened(window: MainWindow, tmp_path: Path) -> MainWindow:
    """A window whose workspace has an export of six deals."""
    path = tmp_path / "Sales.kpidesk"
    with Workspace.create(path, clock=lambda: NOW) as made:
        made.commit(made.read(export(tmp_path, "2026-08-02", ROWS)))
    window.session._clock = lambda: NOW
    window.session.open_workspace(path)
    return window


def bring_in_the_newer(opened: MainWindow, folder: Path) -> None:
    opened.import_files([export(folder, "2026-08-09", ROWS[:4])])
    opened.imports.wizard.open_step(Step.IMPORT)
    opened.imports.wizard.next.click()


def pipeline(session: Session) -> float:
    assert session.workspace is not None
    (point,) = session.workspace.movement(date(2026, 8, 9), date(2026, 8, 9))
    return point.end.value


def shown(opened: MainWindow) -> list[str]:
    model = opened.imports.missing.model
    return [model.cell(row, 0).text for row in range(model.rowCount())]


def test_the_import_that_lacks_deals_leads_to_the_question(opened: MainWindow, tmp_path: Path) -> None:
    bring_in_the_newer(opened, tmp_path)
    details = opened.imports.wizard.import_step.details
    assert details.words.text().startswith("2\u00a0open deals known before are not in this file")
    details.ask.setFocus()
    QTest.keyClick(details.ask, Qt.Key.Key_Return)
    page = opened.imports.missing
    assert page.isVisible()
    assert shown(opened) == ["Deal 5", "Deal 6"]
    assert len(page.table.selected_rows()) == 2  # those of this import are chosen already
    assert "4 of the 6 open deals known before" in page.panel.reason.text()
    titles = [one.title for one in page.model.columns]
    first = dict(zip(titles, (page.model.cell(0, place).text for place in range(len(titles))), strict=True))
    assert first["Stage"] == "Qualified to buy"
    assert (first["Value"], first["Owner"]) == ("£500", "Ann")
    assert (first["Expected close"], first["Last seen"], first["Missing on"]) == (
        "5 Sep 2026",
        "2 Aug 2026",
        "9 Aug 2026",
    )


@pytest.mark.parametrize("answer", list(Answer))
def test_each_answer_settles_the_question_and_can_be_undone(opened: MainWindow, tmp_path: Path, answer: Answer) -> None:
    bring_in_the_newer(opened, tmp_path)
    opened.imports.wizard.import_step.details.ask.click()
    page = opened.imports.missing
    page.table.clearSelection()
    assert not page.panel.buttons[answer].isEnabled()
    page.table.select_row(0)
    page.panel.buttons[answer].click()
    assert shown(opened) == ["Deal 6"]
    assert pipeline(opened.session) == (1600.0 if answer.ends else 2100.0)
    assert opened.notices.text.startswith("1\u00a0deal: ")
    page.which.choose("said")
    assert shown(opened) == ["Deal 5"]
    page.which.choose("asked")
    assert opened.pages.undoable == "answer about missing deals"
    opened.act("undo")
    assert shown(opened) == ["Deal 5", "Deal 6"]
    assert pipeline(opened.session) == 2100.0
    assert opened.pages.undoable == ""


def test_an_answer_is_taken_back_from_the_list_of_answers(opened: MainWindow, tmp_path: Path) -> None:
    bring_in_the_newer(opened, tmp_path)
    opened.imports.wizard.import_step.details.ask.click()
    page = opened.imports.missing
    page.panel.buttons[Answer.LOST].click()
    assert shown(opened) == []
    assert page.header.answer.text().startswith("Nothing is asked")
    page.which.choose("said")
    page.table.select_row(0)
    page.take_back.click()
    page.which.choose("asked")
    assert shown(opened) == ["Deal 5", "Deal 6"]


def test_the_list_of_imports_and_the_dashboard_lead_to_the_question(opened: MainWindow, tmp_path: Path) -> None:
    bring_in_the_newer(opened, tmp_path)
    opened.show_page("dashboard")
    shown_board = opened.dashboard.shown
    assert shown_board is not None
    (line,) = [one for one in shown_board.attention if one.code == "missing-deals"]
    opened.act(line.action, line.argument)
    assert shown(opened) == ["Deal 5", "Deal 6"]
    opened.imports.missing.back.click()
    assert opened.imports.answer_button.text() == "2\u00a0missing deals"
    assert not opened.imports.details.missing.isHidden()  # the newest import is selected
    opened.imports.answer_button.click()
    assert opened.imports.missing.isVisible()
    opened.pages.up()
    assert opened.imports.table.isVisible()


def test_old_exports_come_in_by_the_newest_dates_in_their_rows(opened: MainWindow, tmp_path: Path) -> None:
    paths = []
    for age, (name, month) in enumerate((("b", 3), ("c", 4), ("a", 5))):
        path = tmp_path / f"{name}.csv"
        rows = [f"{n},Deal {n},Qualified to buy,5,2026-{month:02}-{n:02},,Ann\n" for n in range(1, 4)]
        path.write_text(HEAD + "".join(rows), encoding="utf-8")
        os.utime(path, (1_780_000_000 - age * 90_000,) * 2)  # the oldest export was copied last
        paths.append(path)
    Workspace.create(tmp_path / "New.kpidesk", clock=lambda: NOW).close()
    opened.session.open_workspace(tmp_path / "New.kpidesk")
    opened.import_files(list(reversed(paths)))
    wizard = opened.imports.wizard
    assert [file.path.name for file in wizard._files] == ["b.csv", "c.csv", "a.csv"]
    assert wizard.file_at_hand == "b.csv"


def test_the_day_of_a_file_can_be_said_before_it_comes_in(opened: MainWindow, tmp_path: Path) -> None:
    opened.import_files([export(tmp_path, "2026-08-09", ROWS[:4])])
    wizard = opened.imports.wizard
    wizard.open_step(Step.IMPORT)
    line = wizard.import_step.details.day
    assert line.words.text() == "As of 9 Aug 2026. The name of the file says 9 Aug 2026."
    line.change.click()
    line.edit.setText("soon")
    line.set_day.click()
    assert line.trouble.text() == "Write a day such as 9 Aug 2026."
    line.edit.setText("21 Aug 2026")
    line.set_day.click()
    assert "still to come" in line.trouble.text()
    line.edit.setText("7 Aug")
    QTest.keyClick(line.edit, Qt.Key.Key_Return)
    assert line.words.text() == "As of 7 Aug 2026, as you chose."
    wizard.next.click()
    assert opened.imports.wizard.report is not None
    opened.imports.show_list()
    assert opened.imports.batches[0].snapshot is not None
    assert (opened.imports.batches[0].snapshot.day, opened.imports.batches[0].snapshot.by) == (
        date(2026, 8, 7),
        DatedBy.CHOSEN,
    )


def test_the_day_of_an_import_is_changed_with_its_evidence_shown_and_a_way_back(
    opened: MainWindow, tmp_path: Path
) -> None:
    bring_in_the_newer(opened, tmp_path)
    page = opened.imports
    page.show_list()
    line = page.details.day
    assert line.words.text() == "As of 9 Aug 2026. The name of the file says 9 Aug 2026."
    line.change.click()
    assert line.edit.text() == "9 Aug 2026"
    QTest.keyClick(line.edit, Qt.Key.Key_Escape)
    assert not line.edit.isVisible()
    line.change.click()
    line.edit.setText("1 Aug 2026")
    line.set_day.click()
    # The file is now the older one: it lacks nothing that was known before it.
    assert page.batches[0].snapshot is not None
    assert page.batches[0].snapshot.day == date(2026, 8, 1)
    assert page.questions == ()
    assert opened.notices.text.endswith("counts as of 1 Aug 2026")
    opened.notices.link.click()
    assert line.words.text() == "As of 9 Aug 2026. The name of the file says 9 Aug 2026."
    assert len(page.questions) == 1


def test_stage_dates_are_seen_to_come_in_with_the_deals(opened: MainWindow, tmp_path: Path) -> None:
    path = tmp_path / "hubspot-crm-exports-all-deals-2026-08-15.csv"
    head = HEAD.strip() + ',"Date entered ""Demo (Sales Pipeline)"""\n'
    path.write_text(head + ROWS[0].strip() + ",2026-07-02\n" + ROWS[1].strip() + ",soon\n", encoding="utf-8")
    opened.import_files([path])
    wizard = opened.imports.wizard
    wizard.open_step(Step.COLUMNS)
    words = [label.text() for label in wizard.effect.findChildren(Label)]
    assert words[words.index("Stage history") + 1] == "1 added, 1 held"
    titles = [label.text() for label in wizard.problems.findChildren(Label)]
    assert "1 cell in the columns of the stages is not a date" in titles
    blank = next(one for one in wizard.problems.findChildren(Button) if one.text() == "Treat as blank")
    blank.click()
    assert wizard.preview is not None
    assert (wizard.preview.also[0].effect.added, wizard.preview.also[0].effect.held) == (1, 0)
    wizard.open_step(Step.IMPORT)
    wizard.next.click()
    opened.imports.show_list()
    kinds = [opened.imports.model.cell(row, 1).text for row in range(3)]
    assert kinds[:2] == ["Stage history", "Deals"]
    opened.imports.undo(opened.imports.batches[1].id)
    assert [one.undone_at is not None for one in opened.imports.batches] == [True, True, False]


def test_a_deal_whose_row_is_held_is_in_the_file(opened: MainWindow, tmp_path: Path) -> None:
    opened.import_files([export(tmp_path, "2026-08-09", [*ROWS[:4], ROWS[4].replace("500", "TBC")])])
    opened.imports.wizard.open_step(Step.IMPORT)
    opened.imports.wizard.next.click()
    assert opened.session.workspace is not None
    (asked,) = opened.session.workspace.history.missing()
    assert [deal.deal_id for deal in asked.deals] == ["6"]
    assert (asked.known, asked.shown) == (6, 5)
