"""Every kind of table: which columns feed which field, what a workbook keeps, and what an earlier import taught."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from openpyxl import Workbook

from kpidesk.domain.entity import ENTITIES, Entity, FieldType
from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.problem import ImportRefusedError, Severity
from kpidesk.domain.settings import Settings
from kpidesk.frame import TextColumn
from kpidesk.ingest.detect import signature
from kpidesk.ingest.headers import fold
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.readers import read_table

MAVEN = Path(__file__).parents[2] / "../shared/data/maven-crm/sales_pipeline.csv"


def read(tmp_path: Path, text: str, name: str = "table.csv", choices: Choices | None = None) -> Interpretation:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return interpret(read_table(path), choices or Choices(), Settings())


def fields(found: Interpretation) -> dict[str, str]:
    return {match.field: match.column for match in found.preview.matches if match.field}


def texts(found: Interpretation, field: str) -> list[str]:
    assert found.batch is not None, found.preview.blocking
    column = found.batch.frame.text(field)
    return [column.values[code] if code >= 0 else "" for code in column.codes]


def days(found: Interpretation, field: str) -> list[str]:
    assert found.batch is not None, found.preview.blocking
    return found.batch.frame.time(field).days.astype("datetime64[D]").astype(str).tolist()


@pytest.mark.parametrize("kind", ENTITIES, ids=[kind.name for kind in ENTITIES])
def test_canonical_names_always_map(tmp_path: Path, kind: Entity) -> None:
    names = kind.field_names
    found = read(
        tmp_path, ",".join(names) + "\n" + ",".join("1" for _ in names) + "\n", choices=Choices(entity=kind.name)
    )
    dates = {name for name in names if kind.field(name).type is FieldType.DATE}
    assert {name: name for name in names if name not in dates}.items() <= fields(found).items()


@pytest.mark.parametrize(
    ("name", "text", "entity"),
    [
        ("spend.csv", 'Month,Channel,Spend\n2025-03,Google Ads,"1,200.00"\n', "costs"),
        ("quota.csv", "Rep,Month,Quota\nAnn,Mar 2025,5000\n", "targets"),
        (
            "invoices.csv",
            "Invoice Number,Invoice Date,Customer,Net Total\nA1,2026-01-02,Orwell,12.50\n",
            "transactions",
        ),
        ("customers.csv", "Customer ID,Customer,Customer Since,Churn Date\n1,Orwell,2026-01-02,\n", "customers"),
        ("history.csv", "Deal ID,Stage,Entered,Exited\n1,Demo,2026-01-02,2026-01-09\n", "stage_history"),
        ("rates.csv", "Currency,Valid From,Exchange Rate\nEUR,2026-01-01,0.86\n", "fx"),
        ("mql.csv", "Lead ID,Created,Source,First Response\n1,2026-01-02 09:00,Web,2026-01-02 10:00\n", "leads"),
        ("log.csv", "Activity Type,Date,Owner,Deal ID\nCall,2026-01-02,Ann,1\n", "activities"),
    ],
)
def test_the_kind_of_table_is_told_by_its_columns(tmp_path: Path, name: str, text: str, entity: str) -> None:
    found = read(tmp_path, text, name)
    assert found.preview.entity == entity
    assert found.batch is not None, found.preview.blocking
    assert found.batch.frame.rows == 1


def test_a_month_begins_costs_and_spans_targets(tmp_path: Path) -> None:
    costs = read(tmp_path, "Month,Category,Amount\n2025-03,Marketing,100\nApr 2025,SALES,50\n", "costs.csv")
    assert days(costs, "date") == ["2025-03-01", "2025-04-01"]
    assert texts(costs, "category") == ["marketing", "sales"]
    targets = read(tmp_path, "Month,Target\n2025-02,100\nDec 2025,50\n", "targets.csv")
    assert days(targets, "start") == ["2025-02-01", "2025-12-01"]
    assert days(targets, "end") == ["2025-02-28", "2025-12-31"]
    spans = read(tmp_path, "Start,End,Target\n2025-01,2025-03,100\n", "targets.csv")
    assert days(spans, "end") == ["2025-03-31"]


def test_a_table_without_a_needed_column_is_not_imported(tmp_path: Path) -> None:
    found = read(tmp_path, "Owner,Amount\nAnn,5\n", choices=Choices(entity="costs"))
    assert found.batch is None
    assert [(one.code, one.values) for one in found.preview.blocking] == [("missing-field", ("Date",))]


def test_a_table_of_nothing_known_is_asked_about(tmp_path: Path) -> None:
    found = read(tmp_path, "Colour,Shape\nred,round\n")
    assert "not-recognised" in {one.code for one in found.preview.blocking}


def test_no_column_feeds_two_fields_and_no_twin_is_added(tmp_path: Path) -> None:
    head = "Record ID,Deal Name,Deal Stage,Amount in company currency,Weighted amount,Amount,Close Date,Create Date,Deal owner"
    found = read(
        tmp_path,
        head + "\n1,A,Closed won,9,8,7,2026-02-03,2026-01-02,Ann\n2,B,Closed lost,9,8,7,2026-02-03,2026-01-02,Ann\n",
    )
    assert found.batch is not None
    assert found.batch.frame.number("amount").values.tolist() == [7.0, 7.0]
    assert set(found.batch.extras) == {"Amount in company currency", "Weighted amount"}
    columns = list(fields(found).values())
    assert len(set(columns)) == len(columns)


def test_the_users_mapping_comes_before_what_is_recognised(tmp_path: Path) -> None:
    text = "Deal ID,Stage,Amount,ARR,Close Date\n1,Won,5,60,2026-02-03\n"
    found = read(tmp_path, text, choices=Choices(mapping={"amount": "ARR", "closed": ""}))
    assert found.batch is not None
    assert found.batch.frame.number("amount").values.tolist() == [60.0]
    assert "closed" not in fields(found)
    assert set(found.batch.extras) == {"Amount", "Close Date"}
    for wrong in ({"amount": "Nonsense"}, {"nonsense": "ARR"}):
        with pytest.raises(ImportRefusedError, match="Nothing was changed"):
            read(tmp_path, text, choices=Choices(mapping=wrong))
    with pytest.raises(ImportRefusedError, match="no profile"):
        read(tmp_path, text, choices=Choices(profile="nonsense"))


def test_a_layout_is_known_again_whatever_its_file_and_order(tmp_path: Path) -> None:
    raws = []
    for name, text in (
        ("a.csv", "Deal ID,Stage\n1,Won\n"),
        ("b.csv", "stage;DEAL_ID\nLost;2\n"),
        ("c.csv", "Deal ID,Phase\n1,Won\n"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        raws.append(read_table(tmp_path / name))
    first, again, other = (signature(raw, "deals", "generic") for raw in raws)
    assert first == again != other
    assert signature(raws[0], "leads", "generic") != first


def test_remembered_choices_fill_what_is_left_open(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("Deal ID,Stage,Amount,Close Date\n1,Paid,TBC,2026-02-03\n2,Lost,5,2026-02-03\n", encoding="utf-8")
    earlier = Choices(stage_status={"Paid": "won"}, values={("amount", "TBC"): ""}, date_order=DateOrder.MDY)
    found = interpret(read_table(path), Choices(), Settings(), remembered=earlier)
    assert texts(found, "status") == ["won", "lost"]
    assert found.batch is not None
    assert np.isnan(found.batch.frame.number("amount").values[0])
    assert found.preview.choices.date_order is None  # the next file proves its own order


def test_rows_without_an_id_share_a_key_but_are_numbered(tmp_path: Path) -> None:
    rows = "A,Won,5,2026-01-02\nB,Won,6,2026-01-02\nA,Won,7,2026-01-02\n"
    found = read(tmp_path, "Deal Name,Stage,Amount,Created\n" + rows)
    assert found.batch is not None
    assert len(set(found.batch.keys)) == 3
    assert found.batch.keys[2] == found.batch.keys[0] + "1"


def test_ids_stay_text(tmp_path: Path) -> None:
    found = read(tmp_path, "Deal ID,Stage,Amount\n007,Won,5\n10676775052,Lost,5\n1e5,Lost,5\n")
    assert found.batch is not None
    assert found.batch.keys == ("007", "10676775052", "1e5")


def test_a_workbook_with_broken_cells_dates_flags_and_large_ids(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Deal ID", "Stage", "Amount", "Created", "Close Date", "Test", "Note"])
    sheet.append([17_123_456_789_012, "Won", 10.5, datetime(2026, 1, 2, 9, 30), "2026-02-03", True, "x"])
    sheet.append([2, "Won", "#DIV/0!", datetime(2026, 1, 2), "2026-02-03", False, None])
    sheet["C3"].data_type = "e"
    sheet.append([3, "Lost", None, 46_024, "2026-02-03", None, None])
    book.save(tmp_path / "deals.xlsx")
    found = interpret(read_table(tmp_path / "deals.xlsx"), Choices(), Settings())
    assert found.batch is not None, found.preview.blocking
    assert found.batch.keys == ("17123456789012", "3")
    assert [(held.line, held.code) for held in found.batch.held] == [(3, "unreadable-amount")]
    assert days(found, "created") == ["2026-01-02", "2026-01-02"]
    assert found.batch.frame.flag("test").values.tolist() == [1, -1]


def test_the_preview_shows_columns_in_order_and_rows_from_anywhere(tmp_path: Path) -> None:
    rows = "".join(f"{number},Won,{number},2026-01-02,note {number}\n" for number in range(120))
    found = read(tmp_path, "Deal ID,Stage,Amount,Close Date,Remark\n" + rows + "120,Won,TBC,2026-01-02,\n")
    assert [match.column for match in found.preview.matches] == ["Deal ID", "Stage", "Amount", "Close Date", "Remark"]
    notes = {match.column: (match.note, match.severity) for match in found.preview.matches}
    assert notes["Deal ID"] == ("Used as the key", Severity.INFO)
    assert notes["Amount"] == ("1 not numbers", Severity.HELD)
    assert found.preview.unmapped == ("Remark",)
    assert len(found.preview.rows) == 50
    shown = found.preview_rows(119, 10)
    assert [(row.line, row.held) for row in shown] == [(121, None), (122, "amount")]
    assert shown[1].cells["amount"] == "TBC"
    assert found.preview_rows(500, 5) == ()


@pytest.mark.parametrize(
    ("header", "folded"),
    [
        ("Deal - Currency of Value", "currency of value"),
        ("(Do Not Modify) Modified On", "modified on"),
        ("Opportunity_Est. revenue", "est revenue"),
        ("assignedUserName", "assigned user name"),
        ("LEADID", "leadid"),
        ("Stage  ↑", "stage"),
        ("Probability (%)", "probability"),
        ("close_date", "close date"),
        ("\ufeffName", "name"),
        ("Company / Account", "company account"),
    ],
)
def test_headers_fold_to_what_they_say(header: str, folded: str) -> None:
    assert fold(header) == folded


@pytest.mark.skipif(not MAVEN.exists(), reason="the shared Maven export is not beside this checkout")
def test_maven_figures_come_out_of_the_frame() -> None:
    found = interpret(read_table(MAVEN), Choices(), Settings())
    assert found.batch is not None
    assert (found.preview.entity, found.preview.profile, found.preview.problems) == ("deals", "generic", ())
    frame = found.batch.frame
    status, owner = frame.text("status"), frame.text("owner")
    is_won, is_lost, is_open = (status.codes == status.values.index(word) for word in ("won", "lost", "open"))
    amount, opened, closed = frame.number("amount").values, frame.time("created").days, frame.time("closed").days
    assert (is_won.sum(), is_lost.sum(), is_open.sum()) == (4238, 2473, 2089)
    assert np.nansum(amount[is_won]) == 10_005_534
    assert np.mean(amount[is_won]) == pytest.approx(2360.9094, abs=1e-4)
    assert np.median(amount[is_won]) == 1117
    assert np.isnan(amount[is_open]).all()
    cycle = closed.astype(int) - opened
    assert cycle[is_won].mean() == pytest.approx(51.7820, abs=1e-4)
    assert np.median(cycle[is_lost]) == 14
    months = closed.astype("datetime64[D]").astype("datetime64[M]").astype(str)
    quarters = [
        amount[is_won & np.isin(months, [f"2017-{month:02d}" for month in range(q, q + 3)])].sum()
        for q in (1, 4, 7, 10)
    ]
    assert quarters == [1_134_672, 3_086_111, 2_982_255, 2_802_496]
    darcel = owner.codes == owner.values.index("Darcel Schlecht")
    assert (darcel.sum(), amount[darcel & is_won].sum()) == (747, 1_153_214)
    account = frame.columns["account"]
    assert isinstance(account, TextColumn)
    assert (account.codes < 0).sum() == 1425


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("users.csv", "id,created_date,email,first_name\n1,2026-01-05,a@x.example,Ann\n"),
        ("tasks.csv", "id,subject,status,start_date,end_date\n1,Call,Done,2026-01-05,2026-01-09\n"),
        ("log.csv", "user_id,status,created_at\n7,3250,2026-01-05 10:00:00\n"),
        ("rounds.csv", "id,headquarters,date,amount\n1,Leeds,2026-01-05,4000\n"),
        ("cases.csv", "Case Owner,Status,Created Time,Days to Closed\nAnn,Closed,2026-01-05,62\n"),
        ("list.csv", "Invoice Id,Status,Created Time,Contact Id,Id\n7,Sent,2026-01-05,9,7\n"),
        (
            "Accounts_2026.csv",
            "Record Id,Account Name,Created Time,Modified Time,Tag\nzcrm_1,Kestrel,2026-01-05,2026-01-05,\n",
        ),
    ],
)
def test_a_table_of_something_else_is_asked_about(tmp_path: Path, name: str, text: str) -> None:
    """An id, a date and a status are in every table: they make no leads, customers, deals or transactions of it."""
    found = read(tmp_path, text, name)
    assert [problem.code for problem in found.preview.blocking] == ["not-recognised"]


def test_internal_names_of_hubspot_are_its_deals(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "amount,closedate,createdate,dealname,dealstage,hs_object_id,pipeline\n"
        "1200,2026-03-02,2026-01-05T10:00:00.000Z,Kestrel,closedwon,14316276246,default\n"
        ",2026-09-30,2026-02-06,Orwell,qualifiedtobuy,14319737382,default\n",
    )
    assert (found.preview.entity, found.preview.profile) == ("deals", "hubspot")
    assert texts(found, "deal_id") == ["14316276246", "14319737382"]
    assert texts(found, "status") == ["won", "open"]
    assert days(found, "created") == ["2026-01-05", "2026-02-06"]


def test_the_history_object_of_salesforce_is_no_list_of_deals(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Id,OpportunityId,CreatedDate,StageName,Amount,CloseDate,Probability,OpportunityHistoryKey\n"
        "008A,006A,2026-01-05,Qualification,100,2026-03-02,10,k1\n"
        "008B,006A,2026-02-06,Closed Won,100,2026-03-02,100,k2\n",
    )
    assert (found.preview.entity, texts(found, "deal_id")) == ("stage_history", ["006A", "006A"])


def test_an_id_that_would_swallow_most_rows_is_asked_about(tmp_path: Path) -> None:
    rows = [f"{number % 2},Deal {number},Won,100,2026-01-0{number}" for number in range(1, 8)]
    text = "\n".join(["id,name,stage,amount,close date", *rows])
    asked = read(tmp_path, text, "deals.csv")
    assert [problem.code for problem in asked.preview.blocking] == ["duplicate-id"]
    without = read(tmp_path, text, "deals.csv", Choices(mapping={"deal_id": ""}))
    assert len(texts(without, "name")) == 7
    meant = read(tmp_path, text, "deals.csv", Choices(mapping={"deal_id": "id"}))
    assert texts(meant, "name") == ["Deal 6", "Deal 7"]


def test_a_row_without_anything_of_a_deal_is_held(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "product,stage,amount,close date\nGTX,Won,100,2026-01-05\nRelationship,,,\nGTX,Open,100,\n",
        "deals.csv",
    )
    assert found.batch is not None
    assert [(row.line, row.code) for row in found.batch.held] == [(3, "nothing-told")]


def test_lines_of_orders_are_not_taken_for_deals_that_changed(tmp_path: Path) -> None:
    """Updates of a deal keep its name and first day; lines of an order do not, and all but the last would be lost."""
    head = "opportunity id,opportunity name,stage,created date,close date"
    kept = [f"{number},Deal {number},Won,2026-01-05,2026-02-01" for number in range(30)]
    lines = [f"{number},Chair {number},Won,2026-01-05,2026-02-01" for number in range(6)]
    updates = [f"{number},Deal {number},Lost,2026-01-05,2026-03-01" for number in range(6)]
    asked = read(tmp_path, "\n".join([head, *lines, *kept]), "deals.csv")
    assert [problem.code for problem in asked.preview.blocking] == ["duplicate-id"]
    assert len(texts(read(tmp_path, "\n".join([head, *updates, *kept]), "deals.csv"), "name")) == 30


@pytest.mark.parametrize(
    ("ids", "count"), [(("1.06768E+10", "1.06769E+10"), 2), (("106768", "1E2"), 0), (("10676775052", "0E+1"), 0)]
)
def test_ids_that_a_spreadsheet_cut_are_told(tmp_path: Path, ids: tuple[str, str], count: int) -> None:
    rows = [f"{one},Deal {one},Won,5,2026-01-05" for one in ids]
    found = read(tmp_path, "\n".join(["Record ID,Deal Name,Deal Stage,Amount,Close Date", *rows]))
    assert sum(problem.count for problem in found.preview.problems if problem.code == "rounded-ids") == count


def test_a_long_id_in_a_workbook_is_told_too(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Record ID", "Deal Name", "Deal Stage", "Amount", "Close Date"])
    book.active.append([25842000000262376, "A", "Won", 5, "2026-01-05"])
    book.save(tmp_path / "deals.xlsx")
    found = interpret(read_table(tmp_path / "deals.xlsx"), Choices(), Settings())
    assert [problem.count for problem in found.preview.problems if problem.code == "rounded-ids"] == [1]


def test_subscriptions_of_one_customer_do_not_move_its_first_day_without_a_question(tmp_path: Path) -> None:
    rows = [f"{n},{n % 12},2025-0{1 + n % 9}-04,,active" for n in range(24)]
    text = "\n".join(["subscription_id,account_id,start_date,end_date,status", *rows])
    asked = read(tmp_path, text, "subscriptions.csv")
    assert [problem.code for problem in asked.preview.blocking] == ["duplicate-id"]
