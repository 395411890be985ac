"""Activities that name their deal by its title: linked where one deal alone has it, never by a guess."""

from pathlib import Path

import pytest

from kpidesk.domain.problem import Severity
from kpidesk.workspace import Workspace

DEALS = (
    "Deal - ID,Deal - Title,Deal - Status,Deal - Stage,Deal - Value,Deal - Deal created\n"
    "11,Kestrel rollout,Open,Qualified,100,2026-01-02\n"
    "12,Renewal,Open,Qualified,200,2026-01-02\n"
    "13,renewal ,Open,Qualified,300,2026-01-02\n"
    "14,Marlow,Open,Qualified,400,2026-01-02\n"
)
ACTIVITIES = (
    "Activity - Subject,Activity - Type,Activity - Due date,Activity - Done,Activity - Assigned to user,Activity - Deal\n"
    "A,Call,2026-01-05,Done,Ann,kestrel  Rollout\n"
    "B,Call,2026-01-06,Done,Ann,Renewal\n"
    "C,Call,2026-01-07,Done,Ann,Gone\n"
    "D,Call,2026-01-08,Done,Ann,\n"
    "E,Meeting,2026-01-08,Done,Ann,Marlow\n"
)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w.kpidesk")


def bring(workspace: Workspace, folder: Path, name: str, text: str) -> list[tuple[Severity, str]]:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    report = workspace.commit(workspace.read(path))
    return [(one.severity, one.message) for one in report.preview.problems if one.code == "deal-titles"]


def linked(workspace: Workspace) -> list[str]:
    column = workspace.frame("activities").text("deal_id")
    return [column.values[code] if code >= 0 else "" for code in column.codes]


def test_a_title_links_where_one_deal_has_it_and_the_rest_is_counted(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, tmp_path, "deals-1-1.csv", DEALS)
    (said,) = bring(workspace, tmp_path, "activities-1-2.csv", ACTIVITIES)
    severity, message = said
    assert severity is Severity.CHECK
    assert message.startswith(
        "4\u00a0activities name their deals by the title. 2 are linked to the one deal that has it"
    )
    assert message.endswith("1 not, because several deals share the title, 1 not, because no imported deal has it.")
    assert linked(workspace) == ["11", "", "", "", "14"]
    (finding,) = [one for one in workspace.check().findings if one.code == "deal-titles"]
    assert finding.title == "2 activities are linked to no deal"
    assert finding.reason.startswith("1 name a title that several deals share, 1 name one that no imported deal has")


def test_the_links_follow_the_deals_that_are_imported(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, tmp_path, "activities-1-2.csv", ACTIVITIES)
    assert linked(workspace) == ["", "", "", "", ""]
    bring(workspace, tmp_path, "deals-1-1.csv", DEALS)
    assert linked(workspace) == ["11", "", "", "", "14"]
    workspace.undo(2)
    assert linked(workspace) == ["", "", "", "", ""]


def test_an_id_goes_before_a_title(workspace: Workspace, tmp_path: Path) -> None:
    bring(workspace, tmp_path, "deals-1-1.csv", DEALS)
    text = ACTIVITIES.replace("Activity - Deal\n", "Activity - Deal,Activity - Deal ID\n")
    text = text.replace("Marlow\n", "Marlow,12\n").replace("Renewal\n", "Renewal,\n")
    bring(
        workspace,
        tmp_path,
        "activities-1-2.csv",
        text.replace("Rollout\n", "Rollout,\n").replace("Gone\n", "Gone,\n").replace("Ann,\n", "Ann,,\n"),
    )
    assert linked(workspace) == ["11", "", "", "", "12"]
