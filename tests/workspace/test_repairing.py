"""Held rows: repaired and imported later, set aside, exported; undone in any order."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from openpyxl import load_workbook

from kpidesk.domain.importing import HeldState
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import ImportRefusedError, WorkspaceError
from kpidesk.domain.query import Query
from kpidesk.workspace import Workspace

DEALS = """Deal ID,Deal name,Status,Created,Closed,Amount,Partner
1,Kestrel,won,14/07/2026,20/07/2026,100,Gold
2,Marlow,won,02/07/2026,03/07/2026,TBC,=cmd()
3,Orwell,lost,02/07/2026,soon,50,
,Penhale,won,02/07/2026,04/07/2026,70,
5,Birch,won,02/07/2026,05/07/2026,9,Gold,9
"""
COSTS = "Date,Category,Amount\n2026-07-01,tools,10\n2026-07-01,tools,ten\n2026-07-01,tools,eleven\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "Sales.kpidesk") as made:
        yield made


def bring_in(workspace: Workspace, folder: Path, name: str, text: str) -> int:
    (folder / name).write_text(text, encoding="utf-8")
    batch = workspace.commit(workspace.read(folder / name)).batch
    assert batch is not None
    return batch


def amounts(workspace: Workspace, entity: str = "deals") -> list[float]:
    return sorted(workspace.frame(entity).number("amount").values.tolist())


def waiting(workspace: Workspace, batch: int) -> dict[int, int]:
    """Return line -> id of the rows that wait."""
    return {row.line: row.id for row in workspace.held_rows(batch) if row.state is HeldState.WAITING}


def test_rows_that_read_now_come_in_with_their_origin_and_the_rest_stays(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    held = waiting(workspace, batch)
    assert list(held) == [3, 4, 5, 6]
    edits = {held[3]: {"Amount": "250"}, held[4]: {"Closed": "03/07/2026"}, held[5]: {"Amount": "71"}}
    read = workspace.held.repair(batch, edits)
    assert read.ready == {held[3], held[4]}
    assert read.effect.added == 2
    reasons = {row.line: row.reason for row in read.rows}
    assert reasons[3] == reasons[4] == ""
    assert "Deal ID" in reasons[5]
    assert "8 cells" in reasons[6]
    made = workspace.held.import_repaired(batch, edits)
    assert (made.repairs, made.file_name, made.rows, made.effect.added) == (batch, "deals.csv", 2, 2)
    assert amounts(workspace) == [50.0, 100.0, 250.0]
    assert list(waiting(workspace, batch)) == [5, 6]
    # Days are read in the order that the whole file proved, and each row still knows its line.
    closed = {
        str(row.cells["deal_id"]): (row.line, row.cells["closed"]) for row in workspace.source_rows("deals", range(3))
    }
    assert closed == {"1": (2, "2026-07-20"), "2": (3, "2026-07-03"), "3": (4, "2026-07-03")}
    assert [(one.waiting, one.effect.held) for one in workspace.imports()] == [(0, 0), (2, 4)]
    assert workspace.check().held_rows == 2
    assert workspace.check().faults == ()


def test_a_line_with_too_many_cells_comes_in_once_they_have_their_places(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    held = waiting(workspace, batch)
    assert workspace.held.repair(batch, {held[6]: {"Cell 8": ""}}).ready == {held[6]}


def test_undoing_the_repair_holds_the_rows_again(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    edits = {waiting(workspace, batch)[3]: {"Amount": "250"}}
    made = workspace.held.import_repaired(batch, edits)
    workspace.undo(made.id)
    assert amounts(workspace) == [100.0]
    assert list(waiting(workspace, batch)) == [3, 4, 5, 6]
    workspace.held.import_repaired(batch, edits)
    workspace.undo(batch)
    assert workspace.counts()["deals"] == 0
    with pytest.raises(WorkspaceError, match="was undone"):
        workspace.held.repair(batch, edits)


def test_what_a_later_import_says_is_not_overwritten(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    newer = "Deal ID,Deal name,Status,Created,Closed,Amount\n2,Marlow,won,02/07/2026,23/07/2026,300\n"
    bring_in(workspace, tmp_path, "newer.csv", newer)
    held = waiting(workspace, batch)
    edits = {held[3]: {"Amount": "250"}, held[4]: {"Closed": "03/07/2026"}}
    read = workspace.held.repair(batch, edits)
    assert read.ready == {held[4]}
    assert "later import" in next(row.reason for row in read.rows if row.line == 3)
    workspace.held.import_repaired(batch, edits)
    assert amounts(workspace) == [50.0, 100.0, 300.0]


def test_rows_without_an_id_do_not_replace_those_that_look_alike(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "costs.csv", COSTS)
    held = waiting(workspace, batch)
    workspace.held.import_repaired(batch, {held[3]: {"Amount": "20"}})
    workspace.held.import_repaired(batch, {held[4]: {"Amount": "30"}})
    assert amounts(workspace, "costs") == [10.0, 20.0, 30.0]
    # The file exported again with its cells mended is the same three rows.
    bring_in(workspace, tmp_path, "again.csv", COSTS.replace("ten", "20").replace("eleven", "30"))
    assert amounts(workspace, "costs") == [10.0, 20.0, 30.0]


def test_a_repair_does_not_move_the_day_of_the_data(tmp_path: Path) -> None:
    now = datetime(2026, 8, 1, tzinfo=UTC)
    with Workspace.create(tmp_path / "w.kpidesk", clock=lambda: now) as workspace:
        batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
        now += timedelta(days=31)
        workspace.held.import_repaired(batch, {waiting(workspace, batch)[3]: {"Amount": "250"}})
        assert workspace.as_of == date(2026, 8, 1)
        query = Query(("total_revenue",), Grain.YEAR, date(2026, 1, 1), date(2026, 12, 31))
        assert workspace.query(query).total("total_revenue").points[0].value == 350.0


def test_nothing_is_imported_while_nothing_can_be_read(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    with pytest.raises(ImportRefusedError, match=r"No held row of deals\.csv can be read yet"):
        workspace.held.import_repaired(batch, {})
    assert len(workspace.imports()) == 1


def test_a_date_that_reads_in_two_ways_is_asked_and_not_guessed(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "iso.csv", "Deal ID,Stage,Created,Amount\n1,Won,2026-07-14,1\n2,Won,soon,2\n")
    (held,) = waiting(workspace, batch).values()
    read = workspace.held.repair(batch, {held: {"Created": "03/07/2026"}})
    assert not read.ready
    assert "can be read in two ways" in read.trouble
    assert workspace.held.repair(batch, {held: {"Created": "2026-07-03"}}).ready == {held}


def test_dismissed_rows_are_kept_and_can_be_brought_back(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    held = waiting(workspace, batch)
    workspace.held.dismiss([held[3], held[4]])
    (info,) = workspace.imports()
    assert (info.waiting, info.dismissed, info.effect.held) == (2, 2, 4)
    assert not workspace.held.repair(batch, {held[3]: {"Amount": "250"}}).ready
    workspace.held.dismiss([held[3]], dismissed=False)
    assert workspace.held.repair(batch, {held[3]: {"Amount": "250"}}).ready == {held[3]}
    assert sorted(waiting(workspace, batch)) == [3, 5, 6]


def test_the_export_has_line_reason_state_and_dead_cells(workspace: Workspace, tmp_path: Path) -> None:
    batch = bring_in(workspace, tmp_path, "deals.csv", DEALS)
    held = waiting(workspace, batch)
    workspace.held.dismiss([held[5]])
    workspace.held.import_repaired(batch, {held[4]: {"Closed": "03/07/2026"}})
    bring_in(workspace, tmp_path, "costs.csv", COSTS)
    book = load_workbook(workspace.held.export(tmp_path / "held.xlsx"))
    assert book.sheetnames == ["deals.csv", "costs.csv"]
    rows = list(book["deals.csv"].iter_rows(values_only=True))
    assert rows[0][:5] == ("Line", "Reason", "State", "Deal ID", "Deal name")
    assert [(row[0], row[2]) for row in rows[1:]] == [(3, "Held"), (4, "Repaired"), (5, "Dismissed"), (6, "Held")]
    cell = next(cell for cell in book["deals.csv"][2] if cell.value == "=cmd()")
    assert (cell.data_type, cell.quotePrefix) == ("s", True)
