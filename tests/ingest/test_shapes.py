"""Tables that are not one record a row: crosstabs, boards, grouped lists, histories, and activities of one type."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from kpidesk.domain.importing import Choices
from kpidesk.domain.problem import Severity
from kpidesk.domain.settings import Settings
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.readers import read_table


def read(folder: Path, text: str, name: str, choices: Choices | None = None) -> Interpretation:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return interpret(read_table(path), choices or Choices(), Settings())


def sheet(folder: Path, rows: list[list[object]], name: str = "table.xlsx") -> Interpretation:
    book = Workbook()
    active = book.active
    assert active is not None
    for row in rows:
        active.append(row)
    book.save(folder / name)
    return interpret(read_table(folder / name), Choices(), Settings())


def rows(found: Interpretation) -> list[tuple[int, str, str, float]]:
    """Return line, name, day and amount of every row of a crosstab."""
    assert found.batch is not None, found.preview.blocking
    frame = found.batch.frame
    name = frame.text(next(one for one in ("owner", "category", "customer_id") if one in frame))
    days = frame.time("start" if "start" in frame else "date").days.astype("datetime64[D]").astype(str)
    amounts = frame.number("amount").values
    names = [name.values[code] if code >= 0 else "" for code in name.codes]
    return list(zip(found.batch.lines.tolist(), names, days.tolist(), amounts.tolist(), strict=True))


def codes(found: Interpretation) -> dict[str, int]:
    return {problem.code: problem.count for problem in found.preview.problems}


def test_targets_by_owner_and_month(tmp_path: Path) -> None:
    text = "Rep,Jan 2026,Feb 2026,Mar 2026,Total\nAnn,100,,300,400\nBen,0,20,30,50\nTotal,100,20,330,450\n"
    found = read(tmp_path, text, "quota.csv")
    assert found.preview.entity == "targets"
    assert rows(found) == [
        (2, "Ann", "2026-01-01", 100.0),
        (2, "Ann", "2026-03-01", 300.0),
        (3, "Ben", "2026-01-01", 0.0),
        (3, "Ben", "2026-02-01", 20.0),
        (3, "Ben", "2026-03-01", 30.0),
    ]
    assert found.batch is not None
    ends = found.batch.frame.time("end").days.astype("datetime64[D]").astype(str)
    assert ends.tolist()[:2] == ["2026-01-31", "2026-03-31"]
    left_out = codes(found)
    assert (left_out["total-columns"], left_out.get("total-rows", left_out.get("footer-lines"))) == (1, 1)


def spans(found: Interpretation) -> list[tuple[str, str, float]]:
    """Return the first and last day and the amount of every target."""
    assert found.batch is not None, found.preview.blocking
    frame = found.batch.frame
    days = [frame.time(name).days.astype("datetime64[D]").astype(str).tolist() for name in ("start", "end")]
    return list(zip(*days, frame.number("amount").values.tolist(), strict=True))


APRIL = Settings(fiscal_start=4)


@pytest.mark.parametrize(
    ("head", "settings", "first", "last", "severity"),
    [
        ("Q1 2026,Q2 2026", Settings(), ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), Severity.INFO),
        ("1Q26,2Q26", Settings(), ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), Severity.INFO),
        ("2026-Q1,2026-Q2", Settings(), ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), Severity.INFO),
        ("FY26 Q2,FY26 Q3", APRIL, ("2025-07-01", "2025-09-30"), ("2025-10-01", "2025-12-31"), Severity.INFO),
        ("Q4 FY2026,Q1 FY2027", APRIL, ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), Severity.INFO),
        ("Q1 2026,Q2 2026", APRIL, ("2025-04-01", "2025-06-30"), ("2025-07-01", "2025-09-30"), Severity.CHECK),
        ("Jan-Mar 2026,Apr–Jun 2026", Settings(), ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30"), Severity.INFO),
        ("Nov to Jan 2026,Feb to Apr 2026", APRIL, ("2025-11-01", "2026-01-31"), ("2026-02-01", "2026-04-30"), Severity.INFO),
        ("2026-W01,2026-W02", Settings(), ("2025-12-29", "2026-01-04"), ("2026-01-05", "2026-01-11"), Severity.INFO),
    ],
)  # fmt: skip
@pytest.mark.parametrize("tall", [False, True])
def test_targets_by_quarter_range_or_week(
    tmp_path: Path,
    head: str,
    settings: Settings,
    first: tuple[str, str],
    last: tuple[str, str],
    severity: Severity,
    tall: bool,
) -> None:
    one, other = head.split(",")
    text = f"Rep,Quarter,Target\nAnn,{one},100\nAnn,{other},200\n" if tall else f"Rep,{head}\nAnn,100,200\n"
    path = tmp_path / "quota.csv"
    path.write_text(text, encoding="utf-8")
    found = interpret(read_table(path), Choices(), settings)
    assert found.preview.entity == "targets"
    assert spans(found) == [(*first, 100.0), (*last, 200.0)]
    (said,) = [problem for problem in found.preview.problems if problem.code == "periods"]
    assert said.severity is severity
    assert one in said.message


def test_quarters_of_costs_say_on_which_day_they_count(tmp_path: Path) -> None:
    found = read(tmp_path, "Category,Q1 2026,Q2 2026\nMarketing,100,200\n", "costs.csv")
    assert found.preview.entity == "costs"
    assert rows(found) == [(2, "marketing", "2026-01-01", 100.0), (2, "marketing", "2026-04-01", 200.0)]
    assert codes(found)["long-periods"] == 2
    assert found.batch is not None
    assert not found.batch.extras


def test_quarters_among_months_add_them_up_and_are_left_out(tmp_path: Path) -> None:
    text = "Rep,Jan 2026,Feb 2026,Mar 2026,Q1 2026,Apr 2026,H1\nAnn,1,2,3,6,4,10\n"
    found = read(tmp_path, text, "quota.csv")
    assert [row[3] for row in rows(found)] == [1.0, 2.0, 3.0, 4.0]
    assert codes(found)["total-columns"] == 2


def test_quarters_without_a_year_take_that_of_the_file(tmp_path: Path) -> None:
    found = read(tmp_path, "Rep,Q1,Q2,Q3,Q4\nAnn,1,2,3,4\n", "quota 2026.csv")
    assert [start for start, _, _ in spans(found)] == ["2026-01-01", "2026-04-01", "2026-07-01", "2026-10-01"]
    assert codes(found)["year-from-name"] == 4
    asked = read(tmp_path, "Rep,Q1,Q2,Q3,Q4\nAnn,1,2,3,4\n", "quota.csv")
    assert codes(asked)["months-without-year"] == 4


def test_written_amounts_and_months_in_other_spellings(tmp_path: Path) -> None:
    text = "Kategorie;01/2026;02/2026;03/2026\nMarketing;1.234,50 €;-;99,00 €\n"
    found = read(tmp_path, text, "costs.csv", Choices(entity="costs", mapping={"category": "Kategorie"}))
    assert found.batch is not None
    assert rows(found) == [(2, "marketing", "2026-01-01", 1234.5), (2, "marketing", "2026-03-01", 99.0)]
    assert codes(found)["null-words"] == 1


def test_months_without_a_year_take_that_of_the_file_or_are_held(tmp_path: Path) -> None:
    text = "Category,Jan,Feb,Mar\nSales,1,2,3\n"
    told = read(tmp_path, text, "costs 2025.csv")
    assert [row[2] for row in rows(told)] == ["2025-01-01", "2025-02-01", "2025-03-01"]
    assert codes(told)["year-from-name"] == 3
    untold = read(tmp_path, text, "costs.csv")
    assert codes(untold)["months-without-year"] == 3
    assert untold.batch is None or not untold.batch.frame.rows
    across = read(tmp_path, "Category,Nov,Dec,Jan\nSales,1,2,3\n", "costs 2025-26.csv")
    assert "year-from-name" not in codes(across)


@pytest.mark.parametrize(
    ("last", "kept"),
    [
        ("Total marketing,3,5,7", False),  # the sum of the rows above
        ("Total Energy,9,9,9", True),
        ("Grand total,12,12,12", False),
    ],
)
def test_a_total_is_told_from_a_customer_by_its_sums(last: str, kept: bool, tmp_path: Path) -> None:
    text = f"Customer,2026-01,2026-02,2026-03\nOrwell,1,2,3\nKestrel,2,3,4\n{last}\n"
    found = read(tmp_path, text, "invoices.csv")
    assert found.preview.entity == "transactions"
    assert len(rows(found)) == (9 if kept else 6)
    assert ("total-kept" in codes(found)) == kept


def test_deals_with_a_plan_by_month_stay_deals(tmp_path: Path) -> None:
    text = "Deal ID,Stage,Amount,Close Date,Jan 2026,Feb 2026,Mar 2026\n1,Won,30,2026-01-02,10,10,10\n"
    found = read(tmp_path, text, "deals.csv")
    assert found.preview.entity == "deals"
    assert found.batch is not None
    assert found.batch.frame.number("amount").values.tolist() == [30.0]
    assert set(found.batch.extras) == {"Jan 2026", "Feb 2026", "Mar 2026"}


HEAD = ["Opportunity", "Salesperson", "Stage", "Expected Revenue", "Created on", "Expected Closing"]


def test_groups_are_taken_out_only_where_their_counts_hold(tmp_path: Path) -> None:
    record = ["A", "Ann", "New", 5.0, "2026-01-02", None]
    grouped: list[list[object]] = [HEAD, ["New (2)", None, None, 10.0], [*record], ["B", *record[1:]]]
    found = sheet(tmp_path, grouped)
    assert found.batch is not None
    assert found.batch.frame.number("amount").values.sum() == 10.0
    assert found.batch.extras["Group"].values == ("New",)
    company: list[list[object]] = [HEAD, ["Orwell (2)", *record[1:]], [*record], ["B", *record[1:]]]
    kept = sheet(tmp_path, company)
    assert kept.batch is not None
    assert kept.batch.frame.rows == 3
    wrong: list[list[object]] = [HEAD, ["New (3)", None, None, 10.0], [*record], ["B", *record[1:]]]
    asked = sheet(tmp_path, wrong)
    assert "group-lines" not in codes(asked)


def test_lines_that_go_on_with_linked_records_are_left_out(tmp_path: Path) -> None:
    rows_: list[list[object]] = [
        [*HEAD, "Activities/Summary"],
        ["A", "Ann", "New", 5.0, "2026-01-02", None, "Call"],
        [None, None, None, None, None, None, "Mail"],
        ["B", "Ann", "New", 6.0, "2026-01-02", None, None],
    ]
    found = sheet(tmp_path, rows_)
    assert found.batch is not None
    assert found.batch.lines.tolist() == [2, 4]
    assert codes(found)["continued-lines"] == 1


def test_the_dates_of_stages_become_stays(tmp_path: Path) -> None:
    head = 'Record ID,Deal Name,Deal Stage,Deal owner,Create Date,"Date entered ""Demo""","Date entered ""Closed won"""'
    text = f"{head}\n1,A,Closed won,Ann,2026-01-02,2026-01-03,2026-01-09\n2,B,Demo,Ann,2026-01-02,2026-01-04,\n"
    deals = read(tmp_path, text, "hubspot-crm-exports-all.csv")
    assert deals.preview.entity == "deals"
    found = read(tmp_path, text, "hubspot-crm-exports-all.csv", Choices(entity="stage_history"))
    assert found.batch is not None
    assert found.batch.source == "hubspot"
    stage = found.batch.frame.text("stage")
    assert [stage.values[code] for code in stage.codes] == ["Demo", "Closed won", "Demo"]
    assert found.batch.lines.tolist() == [2, 2, 3]


def test_calls_without_a_type_are_calls(tmp_path: Path) -> None:
    text = "Record ID,Activity date,Call title,Call outcome,Call direction,Activity assigned to\n1,2026-01-02,Hello,Connected,OUTBOUND,Ann\n"
    found = read(tmp_path, text, "hubspot-crm-exports-calls.csv")
    assert found.preview.entity == "activities"
    assert found.batch is not None
    assert found.batch.frame.text("type").values == ("Call",)
