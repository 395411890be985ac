"""The export time machine as a user types it: old exports in, the past of the pipeline out."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from kpidesk.cli import MENDABLE, run

HEADER = "Record ID,Deal Name,Deal Stage,Amount,Create Date,Close Date,Deal owner\n"
SECOND = (
    "1,Alpha,Appointment scheduled,1000,2026-08-01,2026-09-30,Ann\n"
    "2,Beta,Contract sent,2500.50,2026-07-20,2026-08-31,Bob\n"
    "3,Gamma,Qualified to buy,700,2026-07-25,2026-09-15,Ann\n"
    "4,Delta,Closed won,900,2026-06-01,2026-07-15,Bob\n"
    "5,Eps,Qualified to buy,300,2026-07-25,2026-09-15,Ann\n"
)
NINTH = (
    "1,Alpha,Qualified to buy,1200,2026-08-01,2026-10-31,Ann\n"
    "2,Beta,Closed won,2600,2026-07-20,2026-08-07,Bob\n"
    "3,Gamma,Qualified to buy,700,2026-07-25,2026-09-15,Cy\n"
    "4,Delta,Closed won,900,2026-06-01,2026-07-15,Bob\n"
    "6,Zeta,Appointment scheduled,,2026-08-05,2026-11-15,Bob\n"
)
SIXTEENTH = (
    "1,Alpha,Appointment scheduled,1200,2026-08-01,2026-11-30,Ann\n"
    "2,Beta,Qualified to buy,2600,2026-07-20,2026-12-07,Bob\n"
    "3,Gamma,Closed lost,700,2026-07-25,2026-08-12,Cy\n"
    "4,Delta,Closed won,900,2026-06-01,2026-07-15,Bob\n"
    "6,Zeta,Qualified to buy,400,2026-08-05,2026-11-15,Bob\n"
)
EXPORTS = {"2026-08-02": SECOND, "2026-08-09": NINTH, "2026-08-16": SIXTEENTH}


def export(folder: Path, day: str) -> Path:
    path = folder / f"hubspot-crm-exports-all-deals-{day}.csv"
    path.write_text(HEADER + EXPORTS[day], encoding="utf-8")
    return path


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for day in EXPORTS:
        export(folder, day)
    return folder


def fresh(folder: Path) -> str:
    path = str(folder / "w.kpidesk")
    assert run(["set", path, "stages=Appointment scheduled,Qualified to buy,Contract sent"]) == 0
    return path


@pytest.fixture
def workspace(exports: Path, capsys: pytest.CaptureFixture[str]) -> str:
    path = fresh(exports.parent)
    assert run(["import", path, str(exports)]) == 0
    capsys.readouterr()
    return path


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> Any:
    capsys.readouterr()
    assert run([*map(str, arguments), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def point(capsys: pytest.CaptureFixture[str], path: str, kpi: str, day: str, *more: str) -> dict[str, Any]:
    span = ("--grain", "week", "--from", day, "--to", day)
    return told(capsys, "values", path, kpi, *span, *more)[0]


def test_a_folder_comes_in_oldest_first_each_file_with_its_day_and_why(
    exports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (exports / "notes.md").write_text("not a table", encoding="utf-8")
    for age, path in enumerate(sorted(exports.glob("*.csv"))):  # the oldest export was copied last
        os.utime(path, (1_780_000_000 - age * 1000,) * 2)
    report = told(capsys, "import", fresh(exports.parent), exports)
    assert [one["snapshot"]["day"] for one in report] == list(EXPORTS)
    assert report[0]["snapshot"] == {
        "day": "2026-08-02",
        "by": "name",
        "evidence": "The name of the file says 2 Aug 2026.",
    }


def test_an_empty_folder_is_told_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    assert run(["import", str(tmp_path / "w.kpidesk"), str(tmp_path / "empty")]) == MENDABLE
    assert "There is no CSV or spreadsheet" in capsys.readouterr().err


def test_the_order_of_importing_does_not_matter(
    exports: Path, tmp_path: Path, workspace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    path = fresh(other)
    for day in ("2026-08-16", "2026-08-02", "2026-08-09"):
        assert run(["import", path, str(export(exports, day))]) == 0
    assert "older than hubspot-crm-exports-all-deals-2026-08-16.csv" in capsys.readouterr().out
    span = ("--from", "2026-08-01", "--to", "2026-08-16")
    assert told(capsys, "movement", path, *span) == told(capsys, "movement", workspace, *span)
    assert without_numbers(told(capsys, "ledger", path)) == without_numbers(told(capsys, "ledger", workspace))
    assert told(capsys, "check", path)["sound"]


def without_numbers(ledger: dict[str, Any]) -> Any:
    return [{name: cell for name, cell in one.items() if name != "batch"} for one in ledger["changes"]]


def test_a_movement_to_the_penny(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    (found,) = told(capsys, "movement", workspace, "--from", "2026-08-02", "--to", "2026-08-16")
    # Alpha 1000, Beta 2500.50, Gamma 700, Eps 300; then Alpha +200, Beta +99.50 and won, Zeta without an amount, later 400,
    # Gamma lost, Beta reopened.
    assert found["start"] == {"deals": 4, "amount": 4500.5, "hundredths": 450050}
    steps = {name: (one["deals"], one["amount"]) for name, one in found["steps"].items() if one["changes"]}
    assert steps == {
        "created": (1, 0.0),
        "reopened": (1, 2600.0),
        "moved_in": (2 + 1, 1000.0 + 1200.0),
        "moved_out": (-3, -2200.0),
        "increased": (0, 200.0 + 99.5 + 400.0),
        "won": (-1, -2600.0),
        "lost": (-1, -700.0),
    }
    assert found["end"] == {"deals": 4, "amount": 4500.0, "hundredths": 450000}
    assert found["flags"] == []
    assert told(capsys, "movement", workspace, "--from", "2026-08-01", "--to", "2026-08-16")[0]["flags"] == [
        "current_amounts"
    ]


def test_a_movement_needs_days_in_order_and_a_dimension_of_deals(
    workspace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["movement", workspace, "--from", "2026-08-02", "--to", "2026-08-01"]) == MENDABLE
    assert "Swap them" in capsys.readouterr().err
    assert run(["movement", workspace, "--from", "2026-08-02", "--to", "2026-08-09", "--by", "colour"]) == MENDABLE
    assert "Deals have no colour" in capsys.readouterr().err


def test_the_ledger_dates_exactly_what_the_crm_dates_and_the_rest_to_an_interval(
    workspace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = told(capsys, "ledger", workspace, "--deal", "2")
    assert [(one["kind"], one["before"], one["after"], one["earliest"], one["latest"]) for one in found["changes"]] == [
        ("created", None, "Contract sent", "2026-07-20", "2026-07-20"),
        ("won", "open", "won", "2026-08-07", "2026-08-07"),
        ("amount_up", 2500.5, 2600.0, "2026-08-03", "2026-08-09"),
        ("reopened", "won", "open", "2026-08-10", "2026-08-16"),
    ]
    found = told(capsys, "ledger", workspace, "--deal", "1")
    assert [one["kind"] for one in found["changes"]] == [
        "created",
        "stage_forward",
        "amount_up",
        "close_date_pushed",
        "stage_back",
        "close_date_pushed",
    ]
    assert found["pushes"] == [{"deal_id": "1", "name": "Alpha", "pushes": 2}]
    assert run(["ledger", workspace, "--deal", "99"]) == MENDABLE
    assert "no deal with the id “99”" in capsys.readouterr().err


def test_the_pipeline_of_a_past_day_has_the_amounts_known_then(
    workspace: str, exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    known = point(capsys, workspace, "open_pipeline", "2026-08-03")  # the week up to the snapshot of 9 Aug
    assert (known["value"], "current_amounts" in known["flags"]) == (1200.0 + 700.0 + 300.0, False)
    before = point(capsys, workspace, "open_pipeline", "2026-07-20")  # before anything was seen
    assert "current_amounts" in before["flags"]
    alone = str(tmp_path / "alone.kpidesk")
    assert run(["import", alone, str(export(exports, "2026-08-16"))]) == 0
    now = point(capsys, alone, "open_pipeline", "2026-08-03")
    assert (now["value"], "current_amounts" in now["flags"]) == (1200.0 + 2600.0 + 700.0 + 400.0, True)


def test_stages_are_dated_by_exports_and_say_so(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    found = point(capsys, workspace, "stage_conversion_rate", "2026-08-03", "--where", "stage=Appointment scheduled")
    # Of the deals that entered in that week Zeta alone, on 5 Aug; it went on. Alpha entered in the week before.
    assert (found["numerator"], found["denominator"]) == (1, 1)
    assert "inferred_stages" in found["flags"]
    stay = point(capsys, workspace, "average_time_in_stage", "2026-08-03", "--where", "stage=Appointment scheduled")
    assert stay["value"] == 8  # Alpha, from its creation on 1 Aug to the export of 9 Aug
    unknown = point(capsys, workspace, "average_time_in_stage", "2026-08-03", "--where", "stage=Contract sent")
    assert unknown["value"] is None  # Beta was there before the first export, nobody knows since when


def test_exact_stage_history_goes_before_what_exports_show(
    workspace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    history = tmp_path / "history.csv"
    history.write_text(
        "deal_id,stage,entered\n1,Appointment scheduled,2026-08-01\n1,Qualified to buy,2026-08-04\n", encoding="utf-8"
    )
    assert run(["import", workspace, str(history), "--as", "stage_history"]) == 0
    stay = point(capsys, workspace, "average_time_in_stage", "2026-08-03", "--where", "stage=Appointment scheduled")
    assert (stay["value"], "inferred_stages" in stay["flags"]) == (3, False)


def test_a_deal_that_a_full_export_lacks_is_asked_about_and_stays_open(
    workspace: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = told(capsys, "missing", workspace)["missing"]
    assert (found["batch"], [deal["deal_id"] for deal in found["deals"]]) == (2, ["5"])
    assert found["reason"].startswith("3 of the 4 open deals known before are in")
    problems = told(capsys, "check", workspace)["problems"]
    assert [one["title"] for one in problems if one["code"] == "missing-deals"] == [
        "1\u00a0open deal is not in hubspot-crm-exports-all-deals-2026-08-09.csv, £300"
    ]
    assert point(capsys, workspace, "open_pipeline", "2026-08-10")["value"] == 4500.0


@pytest.mark.parametrize("answer", ["open", "deleted", "merged", "filtered"])
def test_an_answer_holds_until_it_is_taken_back(
    workspace: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = told(capsys, "missing", workspace)["missing"]
    span = ("--from", "2026-08-02", "--to", "2026-08-16")
    before = told(capsys, "movement", workspace, *span)
    found = told(capsys, "missing", workspace, "--import", 2, "--answer", answer)
    if answer == "filtered":  # the next export lacks it too, and that one was not said to be filtered
        assert found["missing"] == []
        assert [one["batch"] for one in told(capsys, "missing", workspace)["missing"]] == [3]
    else:
        assert told(capsys, "missing", workspace)["missing"] == []
    (moved,) = told(capsys, "movement", workspace, *span)
    gone = answer in ("deleted", "merged")
    assert moved["steps"]["vanished"] == {
        "deals": -1 if gone else 0,
        "amount": -300.0 if gone else 0.0,
        "hundredths": -30000 if gone else 0,
        "changes": int(gone),
    }
    assert moved["end"]["amount"] == (4200.0 if gone else 4500.0)
    assert point(capsys, workspace, "open_pipeline", "2026-08-10")["value"] == (4200.0 if gone else 4500.0)
    assert point(capsys, workspace, "deals_closed", "2026-08-10")["value"] == 0  # never taken for lost or won
    (said,) = found["answers"]
    assert told(capsys, "missing", workspace, "--undo", said["id"])["missing"] == asked
    assert told(capsys, "movement", workspace, *span) == before
    assert run(["missing", workspace, "--undo", str(said["id"])]) == MENDABLE


def test_a_missing_deal_can_be_said_to_be_lost(
    workspace: str, exports: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    span = ("--from", "2026-08-02", "--to", "2026-08-16")
    (before,) = told(capsys, "movement", workspace, *span)
    (asked,) = told(capsys, "missing", workspace)["missing"]
    assert asked["deals"][0] == {
        "deal_id": "5",
        "name": "Eps",
        "stage": "Qualified to buy",
        "owner": "Ann",
        "amount": 300.0,
        "expected_close": "2026-09-15",
        "last_seen": "2026-08-02",
    }
    said = told(capsys, "missing", workspace, "--import", 2, "--answer", "lost")
    assert said["missing"] == []
    (moved,) = told(capsys, "movement", workspace, *span)
    assert moved["steps"]["lost"]["hundredths"] == before["steps"]["lost"]["hundredths"] - 30000
    assert moved["end"]["amount"] == 4200.0
    # It closed by 9 Aug, the day of the file that lacks it, and counts where lost deals do.
    count = ("--formula", "COUNT(lost_deals)", "--grain", "week", "--from", "2026-08-09", "--to", "2026-08-09")
    assert told(capsys, "values", workspace, *count)[0]["value"] == 1.0
    assert point(capsys, workspace, "open_pipeline", "2026-08-10")["value"] == 4200.0
    (lost,) = [one for one in told(capsys, "ledger", workspace, "--deal", 5)["changes"] if one["kind"] == "lost"]
    assert (lost["earliest"], lost["latest"], lost["exact"]) == ("2026-08-03", "2026-08-09", False)
    assert told(capsys, "check", workspace)["sound"]
    # A later file that shows it again knows better.
    later = exports / "hubspot-crm-exports-all-deals-2026-08-20.csv"
    later.write_text(HEADER + SIXTEENTH + "5,Eps,Contract sent,350,2026-07-25,2026-09-15,Ann\n", encoding="utf-8")
    (report,) = told(capsys, "import", workspace, later)
    assert (report["added"], report["updated"]) == (0, 1)
    kinds = [one["kind"] for one in told(capsys, "ledger", workspace, "--deal", 5)["changes"]]
    assert "reopened" in kinds
    assert point(capsys, workspace, "open_pipeline", "2026-08-20")["value"] == 4200.0 + 350.0
    told(capsys, "missing", workspace, "--undo", said["answers"][0]["id"])
    assert "lost" not in [one["kind"] for one in told(capsys, "ledger", workspace, "--deal", 5)["changes"]]


def test_an_import_is_given_another_day(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    span = ("--from", "2026-08-01", "--to", "2026-08-20")
    before = told(capsys, "movement", workspace, *span)
    assert run(["redate", workspace, "3", "2026-08-05"]) == 0  # it now lies beneath the export of the ninth
    assert told(capsys, "imports", workspace)[0]["snapshot"]["day"] == "2026-08-05"
    assert point(capsys, workspace, "open_pipeline", "2026-08-10")["value"] != 4500.0
    assert told(capsys, "check", workspace)["sound"]
    assert run(["redate", workspace, "3", "2026-08-16"]) == 0
    assert told(capsys, "movement", workspace, *span) == before
    assert run(["redate", workspace, "3", "2126-08-16"]) == MENDABLE
    assert "is still to come" in capsys.readouterr().err
    assert run(["undo", workspace, "3"]) == 0
    assert run(["redate", workspace, "3", "2026-08-05"]) == MENDABLE


def test_answers_need_a_question(workspace: str, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, words in (
        (["--answer", "open"], "Say with --import"),
        (["--answer", "open", "--import", "1"], "Nothing is asked about import 1"),
        (["--answer", "open", "--import", "2", "--deal", "1"], "not asked about deal 1"),
    ):
        assert run(["missing", workspace, *arguments]) == MENDABLE
        assert words in capsys.readouterr().err


def test_a_partial_export_asks_nothing_and_undoing_an_import_takes_its_question_away(
    workspace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    partial = tmp_path / "hubspot-crm-exports-mine-2026-08-20.csv"
    partial.write_text(HEADER + SIXTEENTH.splitlines()[0] + "\n", encoding="utf-8")
    assert run(["import", workspace, str(partial)]) == 0
    assert [one["batch"] for one in told(capsys, "missing", workspace)["missing"]] == [2]
    assert run(["undo", workspace, "2"]) == 0
    assert [one["batch"] for one in told(capsys, "missing", workspace)["missing"]] == [3]
    assert run(["undo", workspace, "3"]) == 0
    assert told(capsys, "missing", workspace)["missing"] == []


def test_the_user_dates_a_file_that_says_nothing_of_its_age(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("deal_id,status,amount\n1,open,5\n", encoding="utf-8")
    os.utime(file, (datetime(2026, 3, 4, 12, tzinfo=UTC).timestamp(),) * 2)
    path = tmp_path / "w.kpidesk"
    (report,) = told(capsys, "import", path, file, "--as", "deals", "--dry-run")
    assert (report["snapshot"]["day"], report["snapshot"]["by"]) == ("2026-03-04", "file")
    (report,) = told(capsys, "import", path, file, "--as", "deals", "--dated", "2026-02-03")
    assert (report["snapshot"]["day"], report["snapshot"]["by"]) == ("2026-02-03", "chosen")
    assert told(capsys, "imports", path)[0]["snapshot"]["day"] == "2026-02-03"


def test_a_few_corrected_deals_count_though_nothing_in_them_is_new(
    workspace: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fix = tmp_path / "fix.csv"
    fix.write_text(HEADER + "3,Gamma,Closed won,750,2026-07-25,2026-08-12,Cy\n", encoding="utf-8")
    (report,) = told(capsys, "import", workspace, fix)
    assert (report["updated"], report["snapshot"]["by"]) == (1, "file")
    assert point(capsys, workspace, "total_revenue", "2026-08-12")["value"] == 750
    old = tmp_path / "old.csv"  # all deals of then, so an older export
    old.write_text(HEADER + SECOND.replace("Contract sent,2500.50", "Contract sent,9999"), encoding="utf-8")
    (report,) = told(capsys, "import", workspace, old)
    assert (report["updated"], report["snapshot"]["day"]) == (0, "2026-08-01")


def test_a_current_export_with_an_earlier_close_date_is_not_taken_for_an_old_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    head = "deal_id,status,created,closed,amount\n1,won,2026-07-02,{},100\n2,won,2026-07-03,2026-07-05,50\n"
    path, file = tmp_path / "w.kpidesk", tmp_path / "deals.csv"
    for closed in ("2026-07-20", "2026-07-10"):
        file.write_text(head.format(closed), encoding="utf-8")
        (report,) = told(capsys, "import", path, file, "--as", "deals")
    assert (report["updated"], report["unchanged"]) == (1, 1)
    span = ("--grain", "week", "--from", "2026-07-10", "--to", "2026-07-10")
    assert told(capsys, "values", path, "total_revenue", *span)[0]["value"] == 100
