"""Why a value is what it is, as a user asks: every line of the files, counted or not, with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from kpidesk.cli import MENDABLE, run

FIRST = (
    "deal_id,name,status,stage,created,closed,amount,currency,owner,lost reason,test\n"
    "1,Old,won,Won,2026-05-01,2026-06-30,100,GBP,Ann,,\n"  # 2 outside the period
    "2,Counted,won,Won,2026-05-01,2026-07-01,1000,GBP,Ann,,\n"  # 3 counted
    "3,Twice,open,Demo,2026-05-01,,5,GBP,Ann,,\n"  # 4 replaced by line 12
    "4,Open,open,Demo,2026-07-01,,700,GBP,Bob,,\n"  # 5
    "5,Lost,lost,Lost,2026-07-01,2026-08-01,300,GBP,Bob,price,\n"  # 6
    "6,Never,lost,Lost,2026-07-01,2026-08-01,300,GBP,Bob,Duplicate,\n"  # 7 excluded lost reason
    "7,Test,won,Won,2026-07-01,2026-08-01,9999,GBP,Bob,,yes\n"  # 8
    "8,No amount,won,Won,2026-07-01,2026-08-01,,GBP,Bob,,\n"  # 9
    "9,No rate,won,Won,2026-07-01,2026-08-01,50,JPY,Bob,,\n"  # 10
    "10,Odd,won,Won,2026-07-01,2026-02-30,50,GBP,Bob,,\n"  # 11 held
    "3,Twice,won,Won,2026-05-01,2026-09-30,20,GBP,Ann,,\n"  # 12 counted
    "11,Undated,won,Won,2026-07-01,,50,GBP,Bob,,\n"  # 13
)
SECOND = (
    "deal_id,name,status,stage,created,closed,amount,currency,owner,lost reason,test\n"
    "4,Open,won,Won,2026-07-01,2026-08-15,700,GBP,Bob,,\n"  # replaces line 5 of the first
    "2,Counted,won,Won,2026-05-01,2026-07-01,1000,GBP,Ann,,\n"  # says the same again
)


@pytest.fixture
def workspace(tmp_path: Path) -> str:
    path = str(tmp_path / "w.kpidesk")
    for name, text in (("first.csv", FIRST), ("second.csv", SECOND)):
        (tmp_path / name).write_text(text, encoding="utf-8")
        assert run(["import", path, str(tmp_path / name), "--as", "deals"]) == 0
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert run(["why", *arguments, "--as-of", "2026-12-31", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


def lines(part: dict[str, Any]) -> dict[str, set[tuple[str, int]]]:
    """Which lines of which files each reason has."""
    (table,) = part["tables"]
    groups = {"counted": table["counted"], **{one["reason"]: one for one in table["not_counted"]}}
    assert all(one["count"] == len(one["rows"]) for one in groups.values())
    assert sum(one["count"] for one in groups.values()) == table["rows"]
    return {name: {(row["file"], row["line"]) for row in one["rows"]} for name, one in groups.items()}


def of(file: str, *numbers: int) -> set[tuple[str, int]]:
    return {(f"{file}.csv", number) for number in numbers}


def test_every_line_of_the_files_is_counted_or_left_out_for_one_reason(
    workspace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, workspace, "total_revenue", "--period", "2026-Q3")
    assert (found["value"], found["formula"]) == (1720.0, "SUM(won_deals.amount) - SUM(refunds.amount)")
    assert found["filled"] == "£1720 - £0"
    won = found["parts"][0]
    assert (won["formula"], won["value"], won["start"], won["end"]) == (
        "SUM(won_deals.amount)",
        1720.0,
        "2026-07-01",
        "2026-09-30",
    )
    assert lines(won) == {
        "counted": of("first", 3, 12) | of("second", 2),
        "outside_period": of("first", 2),
        "duplicate": of("first", 4, 5) | of("second", 3),
        "lost": of("first", 6),
        "lost_reason": of("first", 7),
        "test": of("first", 8),
        "no_amount": of("first", 9),
        "no_rate": of("first", 10),
        "held": of("first", 11),
        "no_date": of("first", 13),
    }
    rows = won["tables"][0]["counted"]["rows"]
    assert sorted(row["amount"] for row in rows) == [20.0, 700.0, 1000.0]
    assert next(row for row in rows if row["line"] == 12)["cells"]["closed"] == "2026-09-30"
    duplicates = next(one for one in won["tables"][0]["not_counted"] if one["reason"] == "duplicate")["rows"]
    notes = {(row["file"], row["line"]): row["note"] for row in duplicates}
    assert notes["first.csv", 4] == "Line 12 of first.csv counts"
    assert notes["first.csv", 5] == "Line 2 of second.csv counts"


def test_an_import_taken_back_gives_its_lines_back(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["undo", workspace]) == 0
    found = lines(told(capsys, workspace, "deals_closed", "--period", "2026-Q3")["parts"][0])
    assert found["counted"] == of("first", 3, 9, 10, 12)
    assert (found["open"], found["duplicate"]) == (of("first", 5), of("first", 4))


def test_a_slice_leaves_out_the_rest(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(told(capsys, workspace, "deals_closed", "--period", "2026-Q3", "--where", "owner=ann")["parts"][0])
    assert found["counted"] == of("first", 3, 12)
    assert found["outside_slice"] == of("first", 9, 10) | of("second", 2)


def test_functions_of_time_and_stocks_say_which_days_they_look_at(
    workspace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "PREVIOUS(COUNT(won_deals)) + AT_START(COUNT(open_deals))"
    found = told(capsys, workspace, "--formula", text, "--period", "2026-Q3")
    assert [(one["start"], one["end"], one["value"], one["stock"]) for one in found["parts"]] == [
        ("2026-04-01", "2026-06-30", 1, False),
        ("2026-06-30", "2026-06-30", 2, True),
    ]
    assert found["filled"] == "1 + 2"
    assert lines(found["parts"][1])["counted"] == of("first", 3, 12)
    assert lines(found["parts"][1])["later"] == of("first", 6, 9, 10) | of("second", 2)


def test_a_rate_of_rates_is_told_step_by_step(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, workspace, "sales_velocity", "--period", "2026-07")
    assert [step["kpi"] for step in found["steps"]][-1] == "sales_velocity"
    assert {step["kpi"] for step in found["steps"]} == {
        "win_rate",
        "average_deal_size",
        "sales_cycle_length",
        "sales_velocity",
    }
    assert found["filled"] == "5 * 100% * £1000 / 61 DAYS"
    assert "COUNT(won_deals)" in {part["formula"] for part in found["parts"] if part["kpi"] == "win_rate"}


def test_for_people_the_first_rows_with_file_and_line(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert run(["why", workspace, "Win rate", "--period", "2026-Q3", "--as-of", "2026-12-31"]) == 0
    out = capsys.readouterr().out
    assert "Win rate, Q3 2026: 83.3333%" in out
    assert "= 5 / 6" in out
    assert "first.csv, line 12:" in out
    assert "5 of 14\u00a0rows of deals counted" in out
    assert "3 not counted. Duplicate: a later row has the same id" in out


def test_what_was_never_imported_has_no_rows(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = told(capsys, workspace, "lead_volume", "--period", "2026")
    assert (found["value"], found["reason"], found["parts"][0]["tables"]) == (None, "not_imported", [])


@pytest.mark.parametrize(
    ("setting", "text", "days"),
    [
        ("fiscal_start=1", "2026", ("2026-01-01", "2026-12-31")),
        ("fiscal_start=4", "2026", ("2025-04-01", "2026-03-31")),
        ("fiscal_start=4", "fy2026-q3", ("2025-10-01", "2025-12-31")),
        ("fiscal_start=4", "2026-09", ("2026-09-01", "2026-09-30")),
        ("week_start=0", "2026-W37", ("2026-09-07", "2026-09-13")),
        ("week_start=6", "2026-W37", ("2026-09-06", "2026-09-12")),
        ("week_start=0", "2026-W53", ("2026-12-28", "2027-01-03")),
    ],
)
def test_periods_as_they_are_written(
    workspace: str, capsys: pytest.CaptureFixture[str], setting: str, text: str, days: tuple[str, str]
) -> None:
    assert run(["set", workspace, setting]) == 0
    period = told(capsys, workspace, "deals_closed", "--period", text)["period"]
    assert (period["start"], period["end"]) == days


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["win_rate", "--period", "2026-09-11"], "a quarter as 2026-Q3"),
        (["win_rate", "--period", "2026-13"], "a month as 2026-09"),
        (["win_rate", "--period", "2025-W53"], "a week as 2026-W37"),
        (["win_rate", "--period", "0000"], "a year as 2026"),
        (["win_rate", "--period", "1066"], "out of reach"),
        (["win_rat", "--period", "2026"], "Did you mean win_rate"),
        (["--period", "2026"], "Name one KPI"),
        (["win_rate", "--formula", "1", "--period", "2026"], "Name one KPI"),
        (["win_rate", "--period", "2026", "--where", "colour=red"], "can be split"),
        (["--formula", "SUM(won_deals.amout)", "--period", "2026"], "has no column"),
    ],
)
def test_mistakes_get_a_sentence(
    workspace: str, capsys: pytest.CaptureFixture[str], arguments: list[str], words: str
) -> None:
    capsys.readouterr()
    assert run(["why", workspace, *arguments]) == MENDABLE
    assert words in capsys.readouterr().err
