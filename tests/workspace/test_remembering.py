"""Choices made once are taken over for the next export of the same source, and can be forgotten."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from kpidesk.domain.importing import Choices
from kpidesk.workspace import PendingImport, Workspace

FIRST = "Record ID,Deal Name,Deal Stage,Create Date,Close Date,ACV,TCV\n1,A,Signed off,2026-07-01,2026-07-02,10,30\n"
CHOICES = Choices(mapping={"amount": "ACV", "name": ""}, stage_status={"Signed off": "won"})


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "Sales.kpidesk") as made:
        read_text(made, tmp_path, FIRST, "hubspot.csv", CHOICES, commit=True)
        yield made


def read_text(
    workspace: Workspace, folder: Path, text: str, name: str, choices: Choices | None = None, *, commit: bool = False
) -> PendingImport:
    (folder / name).write_text(text, encoding="utf-8")
    pending = workspace.read(folder / name, choices)
    if commit:
        workspace.commit(pending)
    return pending


def fed(pending: PendingImport) -> dict[str, str]:
    return {one.field: one.column for one in pending.preview.matches if one.field}


@pytest.mark.parametrize(
    "text",
    [
        FIRST.replace("A,Signed", "B,Signed"),
        "TCV,ACV,Close Date,Create Date,Deal Stage,Deal Name,Record ID\n30,11,2026-07-02,2026-07-01,Signed off,A,1\n",
        "Record ID,Deal Name,Deal Stage,Create Date,Close Date,ACV,TCV,Shoe\n1,A,Signed off,2026-07-01,2026-07-02,10,30,4\n",
        "Record ID,Deal Name,Deal Stage,Create Date,Close Date,ACV\n1,A,Signed off,2026-07-01,2026-07-02,10\n",
    ],
    ids=["another name", "another order", "one column more", "one column less"],
)
def test_an_export_of_the_same_source_is_read_as_the_first(workspace: Workspace, tmp_path: Path, text: str) -> None:
    pending = read_text(workspace, tmp_path, text, "all-deals-2026-08.csv")
    assert pending.remembered
    assert fed(pending)["amount"] == "ACV"
    assert "name" not in fed(pending)
    assert not pending.preview.blocking
    assert [stage.status for stage in pending.preview.stages] == ["won"]


def test_another_source_is_recognised_afresh(workspace: Workspace, tmp_path: Path) -> None:
    other = (
        "Record ID,Deal Name,Deal Stage,Create Date,Amount,Deal owner,Shoe,Hat\n1,A,Signed off,2026-07-01,10,Ann,4,5\n"
    )
    assert not read_text(workspace, tmp_path, other, "other.csv").remembered
    leads = "Record ID,Create Date,Lead Status\n1,2026-07-01,New\n"
    assert not read_text(workspace, tmp_path, leads, "leads.csv").remembered


def test_what_is_remembered_of_a_column_that_is_gone_does_not_count(workspace: Workspace, tmp_path: Path) -> None:
    text = "Record ID,Deal Name,Deal Stage,Create Date,Close Date,TCV\n1,A,Signed off,2026-07-01,2026-07-02,30\n"
    pending = read_text(workspace, tmp_path, text, "tcv.csv")
    assert pending.remembered
    assert fed(pending).get("amount") == "TCV"


def test_forgotten_choices_do_not_come_back(workspace: Workspace, tmp_path: Path) -> None:
    pending = read_text(workspace, tmp_path, FIRST.replace("TCV", "TCV,Shoe").replace("30", "30,4"), "more.csv")
    workspace.forget(pending)
    afresh = read_text(workspace, tmp_path, FIRST, "hubspot.csv")
    assert not afresh.remembered
    assert "name" in fed(afresh)
