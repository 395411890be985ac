"""The import wizard, through what a user presses and reads, into a real workspace file."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Event

import pytest
from openpyxl import Workbook

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.domain.importing import Choices, ColumnMatch, DateOrder, Effect, Preview, PreviewRow
from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.domain.settings import Settings
from kpidesk.ui import theme
from kpidesk.ui.controls import Button
from kpidesk.ui.jobs import Jobs
from kpidesk.ui.session import Session
from kpidesk.ui.views.import_steps import choosing
from kpidesk.ui.views.import_steps.choosing import Step
from kpidesk.ui.views.import_steps.marks import FilledBar, ValueChip
from kpidesk.ui.views.import_wizard import ImportWizardView
from kpidesk.ui.widgets.choice import Choice
from kpidesk.workspace import Workspace

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")
HEAD = "Deal Name,Record ID,Deal Stage,Amount,Create Date,Close Date,Deal owner,Shoe size"


def deals(amounts: dict[int, str] | None = None, dates: Callable[[int], str] = lambda n: f"{n + 12}/07/2026") -> str:
    """Return twelve HubSpot-like deals: six won, three lost, three in “Contract out”."""
    lines = [HEAD]
    for number in range(12):
        stage = "Closed won" if number < 6 else "Closed lost" if number < 9 else "Contract out"
        closed = dates(number + 1) if number < 9 else ""
        amount = (amounts or {}).get(number, str(1000 + number))
        lines.append(f"Deal {number},{900 + number},{stage},{amount},{dates(number)},{closed},Ann,{40 + number}")
    return "\n".join(lines)


@dataclass
class Bench:
    view: ImportWizardView
    workspace: Workspace
    folder: Path

    def file(self, text: str, name: str = "hubspot-deals.csv") -> Path:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path / "home"))
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme.install(app)
    session = Session(Jobs(inline=True))
    workspace = Workspace.create(tmp_path / "Sales.kpidesk", Settings(name="Sales", currency="GBP"))
    session.workspace = workspace
    view = ImportWizardView(session)
    qtbot.addWidget(view)
    view.resize(1220, 870)
    view.show()
    yield Bench(view, workspace, tmp_path)
    session.close_workspace()


def texts(widget: QWidget) -> list[str]:
    QCoreApplication.sendPostedEvents()
    return [label.text() for label in widget.findChildren(QLabel) if label.isVisible()]


def button(widget: QWidget, text: str) -> Button:
    QCoreApplication.sendPostedEvents()  # what was put into a layout is shown then
    found = [one for one in widget.findChildren(Button) if one.text() == text and one.isVisible()]
    assert found, f"no button {text}; there are {[one.text() for one in widget.findChildren(Button)]}"
    return found[0]


def choice(widget: QWidget, name: str) -> Choice:
    return next(one for one in widget.findChildren(Choice) if one.accessibleName() == name)


def pick(box: Choice, key: str) -> None:
    box.setCurrentIndex(box.findData(key))
    box.activated.emit(box.currentIndex())


def test_a_csv_goes_through_all_steps_into_the_workspace(bench: Bench, qtbot: QtBot) -> None:
    view = bench.view
    view.open(str(bench.file(deals())))
    assert view.header.title.text() == "Import deals"
    assert view.file_step.recognised.text() == "As a HubSpot export"
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert view.step is Step.COLUMNS
    assert view.columns.row("Amount").field.currentText() == "Value, £"
    assert view.columns.row("Shoe size").field.currentText() == "Keep as a column"
    assert "12" in texts(view.effect)
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert view.step is Step.VALUES
    assert view.values_step.rows["Closed won"].status.value == "won"
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert view.next.text() == "Import 12 rows"
    qtbot.mouseClick(view.next, Qt.MouseButton.LeftButton)
    assert view.import_step.title.text() == "Imported hubspot-deals.csv"
    assert bench.workspace.counts()["deals"] == 12
    qtbot.mouseClick(button(view, "Undo this import"), Qt.MouseButton.LeftButton)
    assert view.import_step.title.text() == "Import undone"
    assert not bench.workspace.counts().get("deals")


def test_nothing_is_saved_before_the_last_step(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    for step in Step:
        view.open_step(step)
    left = []
    view.left.connect(left.append)
    view.cancel.click()
    assert left == [None]
    assert view.pending is None
    assert bench.workspace.imports() == ()


def test_the_same_file_twice_is_said_plainly(bench: Bench) -> None:
    view = bench.view
    path = bench.file(deals())
    for _ in range(2):
        view.open(path)
        view.open_step(Step.IMPORT)
        view.next.click()
    assert view.import_step.title.text() == "Already imported"
    assert "Nothing was changed" in view.import_step.text.text()
    assert not view.import_step.take_back.isVisible()
    assert len(bench.workspace.imports()) == 1


def test_unreadable_amounts_are_treated_as_blank(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals({3: "TBC", 10: "see notes"})))
    view.open_step(Step.COLUMNS)
    assert view.preview is not None
    assert view.preview.effect.held == 2
    assert {chip.accessibleName() for chip in view.problems.findChildren(ValueChip)} >= {"TBC", "see notes"}
    assert view.columns.row("Amount").note.text() == "2 not numbers"
    button(view.problems, "Treat as blank").click()
    assert view.preview.effect.held == 0
    assert view.preview.effect.added == 12


def test_unreadable_amounts_are_typed_anew(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals({3: "9.8k?"})))
    view.open_step(Step.COLUMNS)
    button(view.problems, "Edit values").click()
    box = next(one for one in view.problems.findChildren(QLineEdit) if one.accessibleName() == "Read 9.8k? as")
    assert box.isVisible()
    box.setText("9800")
    button(view.problems, "Use these values").click()
    view.open_step(Step.IMPORT)
    view.next.click()
    frame = bench.workspace.frame("deals")
    assert 9800.0 in list(frame.columns["amount"].values)


def test_dates_of_two_readings_block_until_one_is_chosen(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals(dates=lambda n: f"0{n % 9 + 1}/0{(n + 3) % 9 + 1}/2026")))
    view.open_step(Step.IMPORT)
    assert not view.next.isEnabled()
    assert "Choose the order" in view.next.toolTip()
    assert view.import_step.title.text() == "Not ready yet"
    view.open_step(Step.COLUMNS)
    answer = next(one for one in view.problems.findChildren(Button) if one.text().startswith("Day first: "))
    answer.click()
    assert view.choices.date_order is DateOrder.DMY
    view.open_step(Step.IMPORT)
    assert view.next.isEnabled()
    assert view.next.toolTip() == ""


ALIKE = """Deal ID,Stage,Amount,Close Date,Product
1,Won,5,2026-02-03,GTX Pro
2,Won,5,2026-02-03,GTX Pro
3,Lost,5,2026-02-03,GTXPro
4,Lost,-1,2026-02-03,GTX Basic
5,Lost,-1,2026-02-03,GTX Basic
"""


def test_names_that_look_alike_are_merged_or_kept_apart_in_place(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(ALIKE, "deals.csv"))
    view.open_step(Step.COLUMNS)
    button(view.problems, "Merge into “GTX Pro”").click()
    assert view.preview is not None
    assert [row.cells["product"] for row in view.preview.rows][:3] == ["GTX Pro"] * 3
    assert "near-equal-product" not in {problem.code for problem in view.preview.problems}
    view.open(bench.file(ALIKE, "deals.csv"))
    view.open_step(Step.COLUMNS)
    button(view.problems, "Keep apart").click()
    assert view.preview.rows[2].cells["product"] == "GTXPro"
    assert "near-equal-product" not in {problem.code for problem in view.preview.problems}


def test_minus_one_is_treated_as_blank_or_kept(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(ALIKE, "deals.csv"))
    view.open_step(Step.COLUMNS)
    button(view.problems, "Keep them").click()
    assert view.preview is not None
    assert view.preview.rows[3].cells["amount"] == "-1"
    assert "placeholder-amount" not in {problem.code for problem in view.preview.problems}
    view.open(bench.file(ALIKE, "deals.csv"))
    view.open_step(Step.COLUMNS)
    button(view.problems, "Treat as blank").click()
    assert view.preview.rows[3].cells["amount"] == ""


def test_amounts_of_different_periods_wait_until_one_reading_is_chosen(bench: Bench) -> None:
    text = "id,status_type,value,value_period,lead_name,date_won\n1,won,100,monthly,A,2026-02-03\n2,won,50,one_time,B,2026-02-03\n"
    view = bench.view
    view.open(bench.file(text, "lead-opps.csv"))
    view.open_step(Step.COLUMNS)
    assert view.preview is not None
    assert [problem.code for problem in view.preview.blocking] == ["value-units", "value-periods"]
    button(view.problems, "Whole amounts: 100 is 100").click()
    assert [problem.code for problem in view.preview.blocking] == ["value-periods"]
    button(view.problems, "Count a year of each").click()
    assert not view.preview.blocking
    assert [row.cells["amount"] for row in view.preview.rows] == ["1,200", "50"]


@pytest.mark.parametrize(("words", "rows"), [("Keep every row", 6), ("Keep the last of each id", 1)])
def test_an_id_that_many_rows_share_is_answered_in_place(bench: Bench, words: str, rows: int) -> None:
    lines = ["Deal ID,Deal name,Stage,Amount,Close date", *(f"7,Deal {n},Won,5,2026-01-0{n}" for n in range(1, 7))]
    view = bench.view
    view.open(bench.file("\n".join(lines), "deals.csv"))
    view.open_step(Step.COLUMNS)
    assert view.preview is not None
    assert [problem.code for problem in view.preview.blocking] == ["duplicate-id"]
    button(view.problems, words).click()
    assert not view.preview.blocking
    assert view.preview.effect.added == rows


def test_each_separator_may_keep_its_own_order(bench: Bench) -> None:
    ends = ["1/25/2026", "25-1-26", "2/3/2026"]
    lines = ["Deal ID,Stage,Amount,Close Date", *(f"{n},Won,5,{end}" for n, end in enumerate(ends))]
    view = bench.view
    view.open(bench.file("\n".join(lines), "deals.csv"))
    view.open_step(Step.COLUMNS)
    button(view.problems, "Each separator in its own order").click()
    assert view.preview is not None
    assert [row.cells["closed"] for row in view.preview.rows] == ["25 Jan 2026", "25 Jan 2026", "3 Feb 2026"]


def test_a_new_stage_is_answered_in_place(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    view.open_step(Step.COLUMNS)
    assert "“Contract out” is a new stage" in texts(view.problems)
    pick(choice(view.problems, "What Contract out means"), "lost")
    button(view.problems, "Apply").click()
    assert "“Contract out” is a new stage" not in texts(view.problems)
    assert view.preview is not None
    assert {stage.stage: stage.status for stage in view.preview.stages}["Contract out"] == "lost"
    view.open_step(Step.VALUES)
    assert view.values_step.rows["Contract out"].status.value == "lost"


def test_a_stage_is_set_on_the_values_step(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    view.open_step(Step.VALUES)
    view.values_step.rows["Contract out"].status.choose("won")
    assert view.preview is not None
    assert {stage.stage: stage.status for stage in view.preview.stages}["Contract out"] == "won"


def test_a_column_is_given_another_field_and_keeps_its_row(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    view.open_step(Step.COLUMNS)
    row = view.columns.row("Shoe size")
    pick(row.field, "segment")
    assert view.preview is not None
    assert {match.column: match.field for match in view.preview.matches}["Shoe size"] == "segment"
    assert view.columns.row("Shoe size") is row
    pick(row.field, "")
    assert "Shoe size" in view.preview.unmapped


def test_a_field_moves_from_one_column_to_another(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    view.open_step(Step.COLUMNS)
    pick(view.columns.row("Shoe size").field, "amount")
    assert view.preview is not None
    matched = {match.column: match.field for match in view.preview.matches}
    assert matched["Shoe size"] == "amount"
    assert matched["Amount"] is None


def test_rows_are_read_as_another_kind(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    pick(view.file_step.entity, "leads")
    assert view.preview is not None
    assert view.preview.entity == "leads"
    assert view.header.title.text() == "Import leads"


def test_a_workbook_offers_its_sheets(bench: Bench) -> None:
    book = Workbook()
    for name, text in (("Deals", deals()), ("Leads", "Lead ID,Create Date,Lead Source\n1,2026-07-01,Web")):
        sheet = book.create_sheet(name)
        for line in text.split("\n"):
            sheet.append(line.split(","))
    del book["Sheet"]
    path = bench.folder / "crm.xlsx"
    book.save(path)
    view = bench.view
    view.open(path)
    assert view.file_step.sheet.isVisible()
    pick(view.file_step.sheet, "Leads")
    assert view.preview is not None
    assert (view.preview.entity, view.preview.row_count) == ("leads", 1)


def test_another_header_row_is_read_again(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file("Exported by Ann\n\n" + deals()))
    assert view.file_step.header.value() == 3
    view.file_step.header.setValue(4)
    view.file_step.header.editingFinished.emit()
    assert view.preview is not None
    assert view.preview.header_line == 4
    assert view.preview.row_count == 11


def test_the_last_look_sums_up(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    view.open_step(Step.IMPORT)
    facts = {name: label.text() for name, label in view.import_step.facts.items()}
    assert facts["Columns"] == "7 matched, 1 kept as columns of their own: Shoe size"
    assert facts["Stages"] == "Open: Contract out\nWon: Closed won\nLost: Closed lost"


def test_cancelling_an_import_changes_nothing(qtbot: QtBot, bench: Bench) -> None:
    view = ImportWizardView(Session(Jobs()))
    qtbot.addWidget(view)
    view.session.workspace = bench.workspace
    view.open(bench.file(deals()))
    qtbot.waitUntil(lambda: view.pending is not None, timeout=5000)
    holding = Event()
    view.session.ask(view, lambda _workspace, _progress: holding.wait(5), lambda _: None)
    view.open_step(Step.IMPORT)
    view.next.click()
    assert not view.next.isEnabled()
    qtbot.waitUntil(lambda: view.task.isVisibleTo(view), timeout=2000)
    view.task.cancel.click()
    holding.set()
    view.session.jobs.wait()
    qtbot.wait(20)
    assert bench.workspace.imports() == ()
    assert view.report is None
    assert view.next.isEnabled()


def test_the_preview_turns_pages_to_the_last_row(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals()))
    view.open_step(Step.COLUMNS)
    panel = view.preview_panel
    assert panel.range.text() == "Rows 2 to 6 as KPIDesk will read them"
    panel.forward.click()
    panel.forward.click()
    assert panel.range.text() == "Rows 12 to 13 as KPIDesk will read them"
    assert not panel.forward.isEnabled()


def test_the_preview_opens_at_the_first_held_row(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals({9: "TBC"})))
    view.open_step(Step.COLUMNS)
    cells = [view.preview_panel.model.cell(row, column) for row in range(5) for column in range(5)]
    assert [cell.text for cell in cells if cell.tinted] == ["TBC"]


def test_a_file_that_cannot_be_read_says_so_and_the_next_goes_on(bench: Bench, qtbot: QtBot) -> None:
    view = bench.view
    view.take_files([bench.folder / "gone-leads.csv", bench.file(deals())])
    assert view.file_step.failure_title.text() == "gone-leads.csv could not be read"
    assert "Nothing was changed" in view.file_step.failure_text.text()
    assert not view.file_step.use_header.isVisible()
    button(view, "Skip to the next file").click()
    assert view.preview is not None
    assert view.preview.file_name == "hubspot-deals.csv"
    qtbot.waitUntil(lambda: "Could not be read" in texts(view.file_step))


def test_several_files_come_one_after_the_other(bench: Bench) -> None:
    view = bench.view
    leads = "Lead ID,Create Date,Lead Source\n" + "\n".join(f"{n},{n + 12}/07/2026,Web" for n in range(5))
    view.open([bench.file(deals()), bench.file(leads, "leads.csv")])
    assert "Waiting" in texts(view.file_step)
    view.open_step(Step.IMPORT)
    view.next.click()
    button(view, "Continue with the next file (1 left)").click()
    assert view.preview is not None
    assert view.preview.file_name == "hubspot-deals.csv"
    view.open_step(Step.IMPORT)
    view.next.click()
    counts = bench.workspace.counts()
    assert (counts["deals"], counts["leads"]) == (12, 5)


def test_markup_in_a_file_stays_text(bench: Bench) -> None:
    view = bench.view
    bold = "<b>Ann</b>"
    view.open(bench.file(deals().replace("Ann", bold).replace("Shoe size", "<img src=x>")))
    view.open_step(Step.COLUMNS)
    row = view.columns.row("<img src=x>")
    assert row.title.text() == "<img src=x>"
    assert {label.textFormat() for label in view.findChildren(QLabel)} == {Qt.TextFormat.PlainText}
    assert view.columns.row("Deal owner").first.text() == bold


def test_every_control_has_a_name_and_takes_the_focus(bench: Bench) -> None:
    view = bench.view
    view.open(bench.file(deals({3: "TBC"})))
    for step in Step:
        view.open_step(step)
        controls = [*view.findChildren(Button), *view.findChildren(Choice)]
        shown = [one for one in controls if one.isVisible()]
        assert shown
        assert [one for one in shown if not (one.accessibleName() or one.text())] == []
        assert [one.text() for one in shown if isinstance(one, Button) and not one.focusPolicy()] == []


def test_a_read_that_was_let_go_does_not_come_back(qtbot: QtBot, bench: Bench) -> None:
    slow = ImportWizardView(Session(Jobs()))
    qtbot.addWidget(slow)
    slow.session.workspace = bench.workspace
    slow.open(bench.file(deals()))
    slow.start_over()
    slow.session.jobs.wait()
    qtbot.wait(20)
    assert slow.pending is None
    assert slow.file_step.zone.isVisibleTo(slow)


def test_reading_in_the_background_arrives(qtbot: QtBot, bench: Bench) -> None:
    view = ImportWizardView(Session(Jobs()))
    qtbot.addWidget(view)
    view.session.workspace = bench.workspace
    view.open(bench.file(deals()))
    qtbot.waitUntil(lambda: view.pending is not None, timeout=5000)
    assert view.task.isHidden()


def test_a_long_task_shows_counts(bench: Bench) -> None:
    task = bench.view.task
    task.report("Reading deals.csv", 41_200, 68_000)
    assert (task.title.text(), task.counts.text()) == ("Reading deals.csv", "41,200 of 68,000")
    task.report("Recognising columns", 0, 0)
    assert task.counts.text() == ""


# --- words and choices without a window


def preview_of(*matches: ColumnMatch) -> Preview:
    return Preview(
        file_name="deals.csv",
        file_hash="0",
        sheet=None,
        sheets=(),
        header_line=1,
        entity="deals",
        profile="hubspot",
        profile_label="HubSpot",
        row_count=1,
        matches=matches,
        stages=(),
        problems=(),
        rows=(PreviewRow(2, {}),),
        choices=Choices(),
        effect=Effect(),
    )


def test_a_field_that_its_column_leaves_is_left_out() -> None:
    known = preview_of(ColumnMatch("Sum", "amount", 1.0, 1.0, "5"), ColumnMatch("Cost", None, 0.0, 1.0, "2"))
    assert choosing.with_field(known, Choices(), "Sum", "cost").mapping == {"amount": "", "cost": "Sum"}
    assert choosing.with_field(known, Choices(), "Sum", "amount").mapping == {"amount": "Sum"}
    assert choosing.with_field(known, Choices(), "Cost", None).mapping == {}


def test_a_stage_may_stand_for_another() -> None:
    assert choosing.with_stage(Choices(), "Contract out", "Negotiation").values == {
        ("stage", "Contract out"): "Negotiation"
    }
    assert choosing.with_stage(Choices(), "Signed", "won").stage_status == {"Signed": "won"}


@pytest.mark.parametrize(
    ("lines", "count", "words"),
    [
        ((44,), 1, "Row 44 in column Amount"),
        ((44, 101, 187), 3, "Rows 44, 101 and 187 in column Amount"),
        ((4, 5), 9, "Rows 4, 5 and 7 more in column Amount"),
        ((), 3, "Column Amount"),
    ],
)
def test_places_in_words(lines: tuple[int, ...], count: int, words: str) -> None:
    spots = tuple(Place(line, "Amount") for line in lines) or (Place(None, "Amount"),)
    assert choosing.places(Problem("unreadable-amount", Severity.HELD, "", count, spots)) == words


def test_examples_of_both_readings() -> None:
    assert choosing.date_example("03/07/2026 09:14", DateOrder.DMY) == "3 July 2026"
    assert choosing.date_example("03/07/2026", DateOrder.MDY) == "7 March 2026"
    assert choosing.date_example("31/07/2026", DateOrder.MDY) == ""
    assert choosing.number_example("£1.234", ".") == "1.234"
    assert choosing.number_example("£1.234", ",") == "1,234"


def test_a_share_never_rounds_to_all_or_nothing(qtbot: QtBot) -> None:
    bar = FilledBar()
    qtbot.addWidget(bar)
    for share, text in ((1.0, "100%"), (0.999, "99%"), (0.001, "1%"), (0.0, "0%")):
        bar.set_share(share, used=True)
        assert bar.text == text


def test_nouns() -> None:
    assert [choosing.one_of("activities", number) for number in (1, 2)] == ["activity", "activities"]
    assert [choosing.one_of("deals", number) for number in (1, 0)] == ["deal", "deals"]
    assert choosing.tally(()) == "Nothing to fix"


def test_the_last_step_says_which_kpis_the_file_feeds_and_what_the_others_wait_for(bench: Bench) -> None:
    bench.view.take_files([bench.file(deals())])
    for _ in range(3):
        bench.view.next.click()
    panel = bench.view.import_step.feeds
    assert panel.title.text().startswith("Feeds ")
    said = texts(panel)
    assert any("Win rate" in text for text in said[:3])
    assert "Add “Associated company IDs” to the export" in said
    # What the workspace holds already counts: with costs imported only the customers are missing for CAC.
    costs = bench.file("Date,Category,Amount\n2026-07-01,marketing,10\n", "costs.csv")
    bench.workspace.commit(bench.workspace.read(costs))
    feeds = bench.workspace.read(bench.file(deals())).feeds
    assert "CAC" in next(one.kpis for one in feeds.missing if one.words == "Add “Associated company IDs” to the export")


def test_the_panel_follows_the_columns_that_are_matched(bench: Bench) -> None:
    bench.view.take_files([bench.file(deals())])
    assert bench.view.pending is not None
    assert "Sales cycle length" in bench.view.pending.feeds.fed
    bench.view._match("Create Date", "")
    feeds = bench.view.pending.feeds
    assert "Sales cycle length" not in feeds.fed
    assert "Sales cycle length" in next(
        one.kpis for one in feeds.missing if one.words == "Add “Create date” to the export"
    )


def test_remembered_choices_are_named_and_can_be_forgotten(bench: Bench) -> None:
    view = bench.view
    view.take_files([bench.file(deals())])
    assert not view.header.forget.isVisible()
    view._match("Deal Name", "")
    bench.workspace.commit(bench.workspace.read(bench.file(deals()), view.choices))
    # The same source under another name, with its columns turned around.
    lines = [",".join(reversed(line.split(","))) for line in deals().split("\n")]
    view.take_files([bench.file("\n".join(lines), "all deals.csv")])
    assert view.header.answer.text().endswith("; read as before")
    assert view.preview is not None
    assert {one.column: one.field for one in view.preview.matches}["Deal Name"] is None
    view.header.forget.click()
    assert not view.header.forget.isVisible()
    assert {one.column: one.field for one in view.preview.matches}["Deal Name"] == "name"
