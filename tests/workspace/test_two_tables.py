"""Deal exports with a date for every stage: one import brings the deals and their stage history."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import ImportRefusedError, Severity
from kpidesk.domain.query import Query
from kpidesk.workspace import Workspace

LABELS = (
    'Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,"Date entered ""Demo (Sales Pipeline)""",'
    '"Date exited ""Demo (Sales Pipeline)""","Date entered ""Contract sent (Sales Pipeline)""",Date entered current stage\n'
)
NAMES = "Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,hs_v2_date_entered_demo,hs_v2_date_exited_demo,hs_date_entered_contractsent,hs_v2_date_entered_current_stage\n"
ROWS = (
    "1,Alpha,Demo,1000,2026-08-01,2026-09-30,2026-08-01 09:00,,,2026-08-01\n"
    "2,Beta,Contract sent,2500,2026-07-20,2026-09-07,2026-07-20 10:00,2026-07-28 10:00,2026-07-28 10:00,2026-07-28\n"
    "3,Gamma,Contract sent,700,2026-07-25,2026-09-15,2026-07-25 10:00,{left},2026-08-02 11:00,2026-08-02\n"
)
NOW = datetime(2026, 8, 10, 9, tzinfo=UTC)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w.kpidesk", clock=lambda: NOW)


def export(folder: Path, header: str = LABELS, left: str = "2026-08-02 11:00", day: str = "2026-08-09") -> Path:
    path = folder / f"hubspot-crm-exports-all-deals-{day}.csv"
    path.write_text(header + ROWS.format(left=left), encoding="utf-8")
    return path


def stays(workspace: Workspace) -> list[tuple[str, str, str]]:
    frame = workspace.frame("stage_history")
    if not frame.rows:
        return []
    ids, stages = frame.text("deal_id"), frame.text("stage")
    days = frame.time("entered").days.astype("datetime64[D]").astype(str)
    return sorted(
        (ids.values[one], stages.values[other], day)
        for one, other, day in zip(ids.codes, stages.codes, days.tolist(), strict=True)
    )


EXPECTED = [
    ("1", "Demo", "2026-08-01"),
    ("2", "Contract sent", "2026-07-28"),
    ("2", "Demo", "2026-07-20"),
    ("3", "Contract sent", "2026-08-02"),
    ("3", "Demo", "2026-07-25"),
]


@pytest.mark.parametrize("header", [LABELS, NAMES])
def test_one_import_brings_both_and_one_undo_takes_both_back(workspace: Workspace, tmp_path: Path, header: str) -> None:
    pending = workspace.read(export(tmp_path, header))
    assert [(one.entity, one.effect.added) for one in pending.preview.also] == [("stage_history", 5)]
    fed = {one.column for one in pending.preview.matches if one.feeds}
    assert len(fed) == 3
    assert not any("current" in name for name in fed)
    assert set(pending.preview.unmapped).isdisjoint(fed)
    report = workspace.commit(pending)
    assert (workspace.counts()["deals"], stays(workspace)) == (3, EXPECTED)
    # Each row says the line that it stands in.
    assert [line for *_, line in workspace.provenance("stage_history")] == [2, 3, 3, 4, 4]
    history, deals = workspace.imports()
    assert (history.part_of, deals.part_of, report.batch) == (deals.id, None, deals.id)
    assert workspace.commit(workspace.read(export(tmp_path, header))).already_imported
    workspace.undo(deals.id)
    assert (workspace.counts()["deals"], stays(workspace)) == (0, [])
    assert all(one.undone_at for one in workspace.imports())


def test_the_exact_dates_go_before_what_two_exports_show(workspace: Workspace, tmp_path: Path) -> None:
    for day in ("2026-08-03", "2026-08-09"):
        workspace.commit(workspace.read(export(tmp_path, day=day)))
    july = datetime(2026, 7, 1, tzinfo=UTC).date()
    (point,) = (
        workspace.query(Query(("average_time_in_stage",), Grain.MONTH, july, july))
        .total("average_time_in_stage")
        .points
    )
    # Beta left Demo after 8 days. Without the dates of its stages its stay would begin with the first export.
    assert point.value is not None
    assert "inferred_stages" not in point.flags


def test_deals_that_came_in_before_get_their_history_from_the_same_file(workspace: Workspace, tmp_path: Path) -> None:
    path = export(tmp_path)
    workspace.commit(workspace.read(path))
    history, deals = workspace.imports()
    workspace.undo(history.id)
    assert (workspace.counts()["deals"], stays(workspace)) == (3, [])
    report = workspace.commit(workspace.read(path))
    assert not report.already_imported
    assert stays(workspace) == EXPECTED
    assert workspace.imports()[0].part_of == deals.id
    workspace.undo(deals.id)
    assert stays(workspace) == []


def test_a_date_that_cannot_be_read_holds_the_stay_and_not_the_deal(workspace: Workspace, tmp_path: Path) -> None:
    pending = workspace.read(export(tmp_path, left="soon"))
    held = [one for one in pending.preview.problems if one.severity is Severity.HELD]
    assert [one.values for one in held] == [("soon",)]
    assert (pending.preview.effect.held, pending.preview.also[0].effect.held) == (0, 1)
    workspace.commit(pending)
    history, _ = workspace.imports()
    (row,) = workspace.held_rows(history.id)
    assert (row.line, row.cells["Stage"]) == (4, "Demo")
    workspace.held.import_repaired(history.id, {row.id: {"Exited": "2026-08-02"}})
    assert stays(workspace) == EXPECTED
    mended = workspace.read(export(tmp_path, left="soon"), Choices(values={("exited", "soon"): ""}))
    assert not any(one.severity is Severity.HELD for one in mended.preview.problems)


def test_the_order_of_dates_is_that_of_the_other_dates_of_the_file(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "hubspot-crm-exports-all-deals-2026-08-09.csv"
    head = 'Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,"Date entered ""Demo"""\n'
    path.write_text(head + "1,Alpha,Demo,1000,25/07/2026,30/09/2026,02/08/2026\n", encoding="utf-8")
    workspace.commit(workspace.read(path))
    assert stays(workspace) == [("1", "Demo", "2026-08-02")]


def test_what_nothing_decides_is_asked_before_either_comes_in(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "hubspot-crm-exports-all-deals-2026-08-09.csv"
    head = 'Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,"Date entered ""Demo"""\n'
    path.write_text(head + "1,Alpha,Demo,1000,2026-07-25,2026-09-30,02/08/2026\n", encoding="utf-8")
    pending = workspace.read(path)
    assert pending.batch is None
    with pytest.raises(ImportRefusedError):
        workspace.commit(pending)
    workspace.commit(workspace.read(path, Choices(date_order=DateOrder.DMY)))
    assert stays(workspace) == [("1", "Demo", "2026-08-02")]


def test_deals_without_ids_say_what_the_export_lacks(workspace: Workspace, tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(
        'Deal Name,Deal Stage,Amount,Create Date,"Date entered ""Demo"""\nAlpha,Demo,1,2026-07-25,2026-07-26\n'
    )
    pending = workspace.read(path)
    (said,) = [one for one in pending.preview.problems if one.code == "stage-dates"]
    assert "Add the id of the deals" in said.message
    assert 'Date entered "Demo"' in pending.preview.unmapped
