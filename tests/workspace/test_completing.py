"""Completion with what the workspace knows of its rows."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from kpidesk.domain.importing import Choices
from kpidesk.domain.settings import Settings
from kpidesk.formula.completion import Completion, Kind
from kpidesk.workspace import Workspace, open_sample

DEALS = (
    "Deal ID,Deal name,Outcome,Stage,Created on,Closed on,Value,Lead source,Reason lost\n"
    "1,Aldgate,won,Won,2026-01-05,2026-02-10,1000,Inbound,\n"
    "2,Orwell,lost,Lost,2026-01-06,2026-02-20,500,outbound,Price\n"
    "3,Tideway,open,Demo,2026-02-01,,,Outbound,\n"
    "4,Penhale,won,Won,2026-02-01,2026-03-03,3000,Outbound,\n"
    '5,Kerr,lost,Lost,2026-02-01,2026-03-03,,"The ""big"" fair",\n'
)
MAPPED = Choices(
    entity="deals",
    mapping={
        "deal_id": "Deal ID",
        "name": "Deal name",
        "status": "Outcome",
        "stage": "Stage",
        "created": "Created on",
        "closed": "Closed on",
        "amount": "Value",
        "source": "Lead source",
        "lost_reason": "Reason lost",
    },
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    file = tmp_path / "deals.csv"
    file.write_text(DEALS, encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", Settings(as_of=date(2026, 4, 1), stages=("Demo", "Offer"))) as one:
        one.commit(one.read(file, MAPPED))
        yield one


def offered(workspace: Workspace, marked: str, own: str | None = None) -> dict[str, Completion]:
    position = marked.index("|")
    found = workspace.complete(marked.replace("|", "", 1), position, own).completions
    return {one.label: one for one in found}


def test_values_the_most_frequent_first_each_spelled_once(workspace: Workspace) -> None:
    assert list(offered(workspace, 'COUNT(created_deals WHERE source = "|')) == [
        "Outbound",
        "Inbound",
        'The "big" fair',
    ]
    assert list(offered(workspace, 'COUNT(won_deals WHERE source = "|')) == ["Inbound", "Outbound"]
    assert list(offered(workspace, 'COUNT(created_leads WHERE source = "|')) == []


def test_stages_from_the_settings_where_there_is_no_history(workspace: Workspace) -> None:
    assert list(offered(workspace, 'COUNT(reached("|')) == ["Demo", "Offer"]


def test_columns_say_their_header_and_how_full_they_are(workspace: Workspace) -> None:
    found = offered(workspace, "COUNT(closed_deals WHERE |")
    assert (found["lost_reason"].source, found["lost_reason"].filled) == ("Reason lost", 0.25)
    assert (found["amount"].source, found["amount"].filled) == ("Value", 0.75)
    assert (found["closed"].source, found["closed"].filled) == ("Closed on", 1.0)
    # What no import has brought is empty; what was never imported has no share at all.
    assert (found["region"].source, found["region"].filled) == ("", 0.0)
    assert offered(workspace, "COUNT(created_leads WHERE |")["owner"].filled is None
    # Rows made of deals say where these had it from.
    assert offered(workspace, "COUNT(new_customers WHERE |")["source"].source == "Lead source"
    # What is worked out from other columns has no header of its own.
    assert (found["cycle_days"].source, found["cycle_days"].filled) == ("", 1.0)


def test_headers_are_those_of_the_imports_that_stand(workspace: Workspace, tmp_path: Path) -> None:
    file = tmp_path / "more.csv"
    file.write_text("Deal ID,Outcome,Sum\n9,open,5\n", encoding="utf-8")
    report = workspace.commit(
        workspace.read(
            file, Choices(entity="deals", mapping={"deal_id": "Deal ID", "status": "Outcome", "amount": "Sum"})
        )
    )
    assert offered(workspace, "SUM(won_deals.|")["amount"].source == "Sum"
    assert offered(workspace, "SUM(won_deals.|")["closed"].source == "Closed on"
    assert report.batch is not None
    workspace.undo(report.batch)
    assert offered(workspace, "SUM(won_deals.|")["amount"].source == "Value"


def test_headers_recognised_without_a_choice_are_noted_too(tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("deal_id,status,created,amount\n1,open,2026-01-05,5\n", encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk") as workspace:
        workspace.commit(workspace.read(file))
        assert offered(workspace, "SUM(open_deals.|")["amount"].source == "amount"


def test_kpis_of_the_workspace_without_the_one_in_the_making(workspace: Workspace) -> None:
    found = offered(workspace, "win|", own="win_rate_value")
    assert "Win rate" in found
    assert "Win rate by value" not in found
    assert "Coverage needed" not in offered(workspace, "|", own="win_rate_value")


def test_every_column_of_every_row_set_of_the_sample(tmp_path: Path) -> None:
    with open_sample(tmp_path, date(2026, 9, 11)) as workspace:
        for rows in offered(workspace, "COUNT(|").values():
            if rows.label == "reached":
                continue
            for column in offered(workspace, f"COUNT({rows.label}.|").values():
                assert column.kind is Kind.COLUMN
                assert column.filled is None or 0 <= column.filled <= 1
                if column.type == "text" and column.label != "deal_stage":  # a pair of two others, made to be counted
                    values = offered(workspace, f'COUNT({rows.label} WHERE {column.label} = "|')
                    assert bool(values) is bool(column.filled), (rows.label, column.label)
        assert offered(workspace, "COUNT(won_deals WHERE |")["closed"].source
