"""The command line as a user types it."""

import json
import sqlite3
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import load_workbook

from kpidesk.cli import MENDABLE, run
from kpidesk.export.cells import PALE
from kpidesk.ui.pictures import SIZES, THEMES, save_pictures

DEALS = (
    "deal_id,name,status,stage,created,closed,amount,owner,source,segment,product\n"
    "1,=SUM(A1),won,Won,2026-01-05,2026-02-10,1000,Ann,Inbound,SMB,Basic\n"
    "2,Orwell,lost,Lost,2026-01-06,2026-02-20,500,Bob,Outbound,SMB,Pro\n"
    "3,Tideway,open,Demo,2026-02-01,,700,Ann,,Enterprise,Pro\n"
    "4,Penhale,won,Won,2026-02-01,2026-03-03,3000,Ann,Inbound,Enterprise,Pro\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deals.csv").write_text(DEALS, encoding="utf-8")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, object]]:
    capsys.readouterr()
    assert run([str(argument) for argument in arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, list)
    return found


def values(capsys: pytest.CaptureFixture[str], folder: Path, *arguments: str) -> list[dict[str, object]]:
    span = ("--grain", "month", "--from", "2026-02-01", "--to", "2026-03-31", "--as-of", "2026-12-31", "--json")
    return told(capsys, "values", folder / "w.kpidesk", *arguments, *span)


def test_from_a_file_to_values(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = told(capsys, "import", folder / "w.kpidesk", folder / "deals.csv", "--as", "deals", "--json")[0]
    assert (report["added"], report["held"], report["entity"]) == (4, 0, "deals")
    found = values(capsys, folder, "total_revenue", "win_rate")
    assert [(row["kpi"], row["period"]["end"], row["value"]) for row in found] == [  # type: ignore[index]
        ("total_revenue", "2026-02-28", 1000),
        ("total_revenue", "2026-03-31", 3000),
        ("win_rate", "2026-02-28", 0.5),
        ("win_rate", "2026-03-31", 1),
    ]
    rate = found[2]
    assert (rate["numerator"], rate["denominator"], rate["n"], rate["flags"]) == (1, 2, 2, ["too_few"])
    assert set(rate) == {
        "kpi",
        "label",
        "unit",
        "period",
        "slice",
        "value",
        "reason",
        "numerator",
        "denominator",
        "n",
        "pending",
        "interval",
        "flags",
    }


def test_the_same_file_twice_changes_nothing_and_undo_takes_it_back(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv")])
    again = told(capsys, "import", folder / "w.kpidesk", folder / "deals.csv", "--json")[0]
    assert (again["already_imported"], again["added"], again["updated"], again["unchanged"]) == (True, 0, 0, 4)
    assert run(["undo", str(folder / "w.kpidesk"), "1"]) == 0
    assert values(capsys, folder, "deals_closed")[0]["reason"] == "not_imported"


def test_slices_filters_and_formulas(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv")])
    sliced = values(capsys, folder, "pipeline_created", "--by", "source")
    assert {json.dumps(row["slice"]) for row in sliced} >= {'{"source": null}', '{"source": "Inbound"}'}
    nothing = values(capsys, folder, "pipeline_created", "--where", "source=")
    assert [row["value"] for row in nothing] == [700, 0]
    own = values(capsys, folder, "--formula", "COUNT(won_deals WHERE amount >= £2000)", "--where", "owner=Ann")
    assert [row["value"] for row in own] == [0, 1]


def test_a_dry_run_leaves_no_file(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = told(capsys, "import", folder / "w.kpidesk", folder / "deals.csv", "--dry-run", "--json")[0]
    assert (report["added"], report["imported"]) == (4, False)
    assert not (folder / "w.kpidesk").exists()


def test_mistakes_get_a_sentence(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = str(folder / "w.kpidesk")
    assert run(["import", workspace, str(folder / "none.csv")]) == MENDABLE
    assert "was not found" in capsys.readouterr().err
    assert not (folder / "w.kpidesk").exists()
    run(["import", workspace, str(folder / "deals.csv")])
    span = ["--grain", "month", "--from", "2026-02-01", "--to", "2026-03-31"]
    for arguments, words in (
        (["win_rat"], "Did you mean win_rate"),
        (["win_rate", "--by", "colour"], "can be split"),
        (["--formula", "SUM(won_deals.amout)"], "has no column"),
    ):
        assert run(["values", workspace, *arguments, *span]) == MENDABLE
        assert words in capsys.readouterr().err
    assert run(["set", workspace, "currency=pounds"]) == MENDABLE
    assert "three letters" in capsys.readouterr().err


def test_settings_decide_the_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["set", str(folder / "w.kpidesk"), "currency=EUR", "fiscal_start=4"]) == 0
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv")])
    found = told(
        capsys,
        "values",
        folder / "w.kpidesk",
        "total_revenue",
        "--grain",
        "year",
        "--from",
        "2026-01-01",
        "--to",
        "2026-01-01",
        "--json",
    )
    assert found[0]["period"] == {"start": "2025-04-01", "end": "2026-03-31", "grain": "year"}


def test_the_excel_summary_can_be_audited(folder: Path) -> None:
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv")])
    assert run(["export", str(folder / "w.kpidesk"), str(folder / "summary.xlsx")]) == 0
    book = load_workbook(folder / "summary.xlsx")
    assert book.sheetnames == ["Summary", "History", "Definitions", "Data"]
    data = book["Data"]
    header = [cell.value for cell in data[1]]
    first = dict(zip(header, data[2], strict=True))
    assert first["Deal name"].value == "=SUM(A1)"
    assert first["Deal name"].data_type == "s"
    assert first["Value"].value == 1000
    assert isinstance(first["Created"].value, (date, datetime))
    assert (first["File"].value, first["Line"].value) == ("deals.csv", 2)
    assert data.freeze_panes == "A2"
    assert book["Summary"].freeze_panes
    assert book["History"]._charts
    rate = next(row for row in book["Summary"].iter_rows(min_row=8) if row[0].value == "Win rate")
    told = dict(zip([cell.value for cell in book["Summary"][7]], rate, strict=True))
    assert (told["Value"].value, told["Sample"].value, told["Status"].value) == (2 / 3, 3, "Too few")
    assert told["Value"].font.color.rgb == PALE.color.rgb
    months = [row[0].value for row in book["History"].iter_rows(min_row=2) if row[0].value]
    assert f"{months[0]:%Y-%m}" == "2026-01"  # nothing is known before
    formats = {row[0].value: row[1].number_format for row in book["Summary"].iter_rows(min_row=6) if row[0].value}
    assert formats["Win rate"] == "0.0%"
    assert "£" in formats["Total revenue"]


def test_revenue_can_come_from_transactions(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "transaction_id,date,amount,customer_id,kind\n1,2026-02-03,400,c1,sale\n2,2026-02-04,50,c1,refund\n"
    (folder / "invoices.csv").write_text(rows, encoding="utf-8")
    workspace = str(folder / "w.kpidesk")
    run(["import", workspace, str(folder / "deals.csv"), "--as", "deals"])
    run(["import", workspace, str(folder / "invoices.csv"), "--as", "transactions"])
    assert values(capsys, folder, "total_revenue")[0]["value"] == 1000 - 50
    assert run(["set", workspace, "revenue_source=transactions"]) == 0
    assert values(capsys, folder, "total_revenue")[0]["value"] == 400 - 50


def test_undo_without_a_number_takes_back_the_newest_import(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    workspace = str(folder / "w.kpidesk")
    (folder / "more.csv").write_text(
        "deal_id,status,created,closed,amount\n9,won,2026-02-01,2026-02-02,50\n", encoding="utf-8"
    )
    run(["import", workspace, str(folder / "deals.csv")])
    run(["import", workspace, str(folder / "more.csv"), "--as", "deals"])
    assert values(capsys, folder, "deals_closed")[0]["value"] == 2
    assert run(["undo", workspace]) == 0
    assert "Import 2 of more.csv was undone." in capsys.readouterr().out
    assert values(capsys, folder, "deals_closed")[0]["value"] == 1
    assert run(["undo", workspace]) == 0
    assert run(["undo", workspace]) == MENDABLE
    assert "no import to take back" in capsys.readouterr().err


def test_check_says_a_sound_file_is_sound_and_lists_held_rows(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bad = DEALS + "5,Odd,won,Won,2026-02-30,2026-03-03,10,Ann,,,\n"
    (folder / "deals.csv").write_text(bad, encoding="utf-8")
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv"), "--as", "deals"])
    capsys.readouterr()
    assert run(["check", str(folder / "w.kpidesk"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["sound"], found["faults"], found["definitions"]) == (True, [], [])
    assert [(row["file"], row["line"]) for row in found["held"]] == [("deals.csv", 6)]
    assert "2026-02-30" in found["held"][0]["reason"]
    assert run(["check", str(folder / "w.kpidesk")]) == 0
    words = capsys.readouterr().out
    assert "sound" in words
    assert "deals.csv, line 6" in words


@pytest.mark.parametrize(
    "change", ["DELETE FROM deals WHERE deal_id = '2'", "UPDATE deals SET amount = 1 WHERE deal_id = '4'"]
)
def test_check_finds_rows_changed_by_another_program(
    folder: Path, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv")])
    with sqlite3.connect(folder / "w.kpidesk") as db:
        db.execute(change)
    db.close()
    capsys.readouterr()
    assert run(["check", str(folder / "w.kpidesk")]) == MENDABLE
    told = capsys.readouterr()
    assert "Rows of the table of deals that another program changed: 1." in told.out
    assert "damaged" in told.err


def test_pictures_of_every_screen_in_light_and_dark(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(["import", str(folder / "w.kpidesk"), str(folder / "deals.csv")])
    before = (folder / "w.kpidesk").read_bytes()
    assert run(["pictures", str(folder / "w.kpidesk"), str(folder / "seen")], save_pictures) == 0
    names = {path.stem for path in (folder / "seen").glob("*.png")}
    screens = {"-".join(name.split("-")[:-2]) for name in names}
    assert screens >= {"welcome", "dashboard", "kpi", "palette", "imports", "import-start"}
    assert screens >= {f"import-{step}" for step in ("file", "columns", "values", "import", "done")}
    assert names == {f"{screen}-{mode}-{w}x{h}" for screen in screens for mode in THEMES for w, h in SIZES}
    assert (folder / "w.kpidesk").read_bytes() == before
    (folder / "taken").write_text("", encoding="utf-8")
    assert run(["pictures", str(folder / "w.kpidesk"), str(folder / "taken")], save_pictures) == MENDABLE
    assert "cannot be written" in capsys.readouterr().err


def test_held_rows_are_listed_and_exported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text("Deal ID,Stage,Created,Amount\n1,Won,2026-07-14,1\n2,Won,soon,2\n", encoding="utf-8")
    workspace = tmp_path / "w.kpidesk"
    assert run(["import", str(workspace), str(deals)]) == 0
    capsys.readouterr()
    assert run(["held", str(workspace), "--export", str(tmp_path / "held.xlsx")]) == 0
    told = capsys.readouterr().out
    assert "deals.csv: 1 held" in told
    assert "line 3 (waiting): “soon” in “Created” is not a date." in told
    assert load_workbook(tmp_path / "held.xlsx").active["B2"].value == "“soon” in “Created” is not a date."
    assert run(["held", str(workspace), "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["line"], row["state"], row["cells"]["Created"]) == (3, "waiting", "soon")
    assert run(["held", str(workspace), "--export", str(tmp_path / "no" / "held.xlsx")]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_a_dry_run_says_which_kpis_a_file_feeds(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("import", folder / "w.kpidesk", folder / "deals.csv", "--dry-run")
    (report,) = told(capsys, *arguments, "--json")
    assert "Win rate" in report["feeds"]
    missing = report["feeds_not"]
    assert isinstance(missing, list)
    assert {"mend": "Import stage history", "in_this_file": False}.items() <= next(
        one for one in missing if "Stage conversion rate" in one["kpis"]
    ).items()
    assert run([str(one) for one in arguments]) == 0
    out = capsys.readouterr().out
    assert "  Feeds: " in out
    assert "[missing] Add “Cost” to the export for Average profit margin." in out
