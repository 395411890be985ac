"""Files as CRMs write them, through the reader and the interpreter."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.problem import FileUnreadableError, Severity
from kpidesk.domain.settings import Settings
from kpidesk.frame import NumberColumn, TextColumn, TimeColumn
from kpidesk.ingest import cells
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.readers import read_table

DEALS = "Deal ID,Deal Name,Stage,Amount,Create Date,Close Date,Owner\n"
MAVEN = Path(__file__).parents[2] / "../shared/data/maven-crm/sales_pipeline.csv"


def read(path: Path, choices: Choices | None = None) -> Interpretation:
    return interpret(read_table(path), choices or Choices(), Settings())


def written(tmp_path: Path, text: str, name: str = "deals.csv", encoding: str = "utf-8") -> Path:
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return path


def amounts(found: Interpretation) -> list[float]:
    assert found.batch is not None, found.preview.blocking
    column = found.batch.frame.columns["amount"]
    assert isinstance(column, NumberColumn)
    return column.values.tolist()


def codes(found: Interpretation) -> set[str]:
    return {problem.code for problem in found.preview.problems}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_read_from_the_content(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = (DEALS + "1,Café Zoë,Won,1200,2026-01-02,2026-02-03,Ann\n").replace(",", delimiter)
    found = read(written(tmp_path, text, encoding=encoding))
    assert found.batch is not None
    names = found.batch.frame.columns["name"]
    assert isinstance(names, TextColumn)
    assert names.values == ("Café Zoë",)
    assert amounts(found) == [1200.0]


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("1234.50", 1234.5),
        ('"£1,234.50"', 1234.5),
        ('"1.234,50 €"', 1234.5),
        ("(500)", -500.0),
        ("-£500", -500.0),
        ("£4.8k", 4800.0),
        ("1 234.50", 1234.5),
    ],
)
def test_ways_to_write_an_amount(tmp_path: Path, cell: str, value: float) -> None:
    assert amounts(read(written(tmp_path, DEALS + f"1,A,Won,{cell},2026-01-02,2026-02-03,Ann\n"))) == [value]


def test_blank_is_not_zero(tmp_path: Path) -> None:
    found = amounts(
        read(written(tmp_path, DEALS + "1,A,Won,,2026-01-02,2026-02-03,Ann\n2,B,Won,0,2026-01-02,2026-02-03,Ann\n"))
    )
    assert np.isnan(found[0])
    assert found[1] == 0.0


def test_a_currency_beside_the_amount_is_kept(tmp_path: Path) -> None:
    found = read(written(tmp_path, DEALS + '1,A,Won,"$1,200.00",2026-01-02,2026-02-03,Ann\n'))
    assert found.batch is not None
    column = found.batch.frame.columns["currency"]
    assert isinstance(column, TextColumn)
    assert column.values == ("USD",)


def test_day_above_twelve_proves_the_order_of_the_whole_file(tmp_path: Path) -> None:
    rows = "1,A,Won,5,03/07/2026,30/09/2026,Ann\n2,B,Won,5,04/07/2026,01/10/2026,Ann\n"
    found = read(written(tmp_path, DEALS + rows))
    assert found.preview.date_order is DateOrder.DMY
    assert "1 of 2 rows" in found.preview.date_evidence
    assert found.batch is not None
    created = found.batch.frame.columns["created"]
    assert isinstance(created, TimeColumn)
    assert created.days.astype("datetime64[D]").astype(str).tolist() == ["2026-07-03", "2026-07-04"]


def test_an_order_that_nothing_decides_is_asked_and_never_chosen(tmp_path: Path) -> None:
    path = written(tmp_path, DEALS + "1,A,Won,5,03/07/2026,05/08/2026,Ann\n")
    found = read(path)
    assert found.batch is None
    assert {problem.code for problem in found.preview.blocking} == {"date-order-ambiguous"}
    assert found.preview.blocking[0].options == ("dmy", "mdy")
    chosen = read(path, Choices(date_order=DateOrder.MDY))
    assert chosen.batch is not None
    created = chosen.batch.frame.columns["created"]
    assert isinstance(created, TimeColumn)
    assert str(created.days.astype("datetime64[D]")[0]) == "2026-03-07"


def test_a_column_that_mixes_orders_is_asked(tmp_path: Path) -> None:
    found = read(
        written(tmp_path, DEALS + "1,A,Won,5,13/07/2026,2026-08-05,Ann\n2,B,Won,5,07/13/2026,2026-08-05,Ann\n")
    )
    assert "date-order-mixed" in {problem.code for problem in found.preview.blocking}


def test_rows_that_cannot_be_read_are_held_with_line_and_reason(tmp_path: Path) -> None:
    rows = "1,A,Won,TBC,2026-01-02,2026-02-03,Ann\n2,B,Won,10,2026-01-02,2026-02-03,Ann\n,C,Won,10,2026-01-02,2026-02-03,Ann\n"
    found = read(written(tmp_path, DEALS + rows))
    assert found.batch is not None
    assert [(row.line, row.code) for row in found.batch.held] == [(2, "unreadable-amount"), (4, "missing-id")]
    assert "“TBC” in “Amount” is not a number." in found.batch.held[0].reason
    assert found.batch.lines.tolist() == [3]
    repaired = read(tmp_path / "deals.csv", Choices(values={("amount", "TBC"): ""}))
    assert repaired.batch is not None
    assert repaired.batch.lines.tolist() == [2, 3]


def test_the_last_row_of_an_id_counts(tmp_path: Path) -> None:
    rows = "1,A,Won,10,2026-01-02,2026-02-03,Ann\n1,A,Won,20,2026-01-02,2026-02-03,Ann\n"
    found = read(written(tmp_path, DEALS + rows))
    assert amounts(found) == [20.0]
    assert "duplicate-id" in codes(found)


def test_a_close_date_on_an_open_deal_is_an_expected_one(tmp_path: Path) -> None:
    rows = "1,A,Demo,10,2026-01-02,2026-12-03,Ann\n2,B,Closed Won,10,2026-01-02,2026-02-03,Ann\n"
    found = read(written(tmp_path, DEALS + rows))
    assert found.batch is not None
    closed, expected = (found.batch.frame.columns[name] for name in ("closed", "expected_close"))
    assert isinstance(closed, TimeColumn)
    assert isinstance(expected, TimeColumn)
    assert closed.days.astype("datetime64[D]").astype(str).tolist()[1] == "2026-02-03"
    assert expected.days.astype("datetime64[D]").astype(str).tolist()[0] == "2026-12-03"
    status = found.batch.frame.columns["status"]
    assert isinstance(status, TextColumn)
    assert [status.values[code] for code in status.codes] == ["open", "won"]


def test_a_salesforce_banner_and_its_totals_are_no_rows(tmp_path: Path) -> None:
    text = (
        ",,\n,Pipeline report,\n,As of 2026-08-13,\n,,\n,Opportunity ID,Opportunity Owner,Opportunity Name,Stage,Amount,Close Date,Created Date\n"
        ",0061,Ann,Kestrel,Closed Won,100,2026-08-01,2026-07-01\n,0062,Bob,Orwell,Closed Lost,50,2026-08-02,2026-07-01\n"
        ",Grand Totals (2 records),,,,150,,\n,,,,,,,\n,Confidential Information - Do Not Distribute,,,,,,\n"
    )
    found = read(written(tmp_path, text, "report1234567890123.csv"))
    assert found.preview.profile == "salesforce"
    assert amounts(found) == [100.0, 50.0]
    assert {"preamble", "footer-lines"} <= codes(found)


def test_pipedrive_names_its_columns_by_entity(tmp_path: Path) -> None:
    head = "Deal - ID,Deal - Title,Deal - Owner,Deal - Value,Deal - Currency of Value,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Won time,Deal - Lost time,Deal - Expected close date\n"
    rows = (
        "1,A,Ann,100,GBP,Proposal Made,Won,2026-01-01 10:00:00,2026-02-01 09:00:00,,\n"
        "2,B,Ann,100,GBP,Demo,Lost,2026-01-01 10:00:00,,2026-03-01 09:00:00,\n"
        "3,C,Ann,100,GBP,Demo,Open,2026-01-01 10:00:00,,,2026-09-01\n"
    )
    found = read(written(tmp_path, head + rows, "deals-29684860-7.csv"))
    assert found.preview.profile == "pipedrive"
    assert found.batch is not None
    closed = found.batch.frame.columns["closed"]
    assert isinstance(closed, TimeColumn)
    assert closed.days.astype("datetime64[D]").astype(str).tolist()[:2] == ["2026-02-01", "2026-03-01"]


def test_a_workbook_keeps_ids_as_text_and_dates_as_dates(tmp_path: Path) -> None:
    from datetime import datetime

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Record ID", "Deal Name", "Deal Stage", "Amount", "Create Date", "Close Date", "Deal owner"])
    sheet.append([10676775052, "A", "Closed won", 1200.5, datetime(2026, 1, 2), datetime(2026, 2, 3), "Ann"])
    book.save(tmp_path / "deals.xlsx")
    found = read(tmp_path / "deals.xlsx")
    assert found.preview.profile == "hubspot"
    assert found.batch is not None
    assert found.batch.keys == ("10676775052",)
    assert amounts(found) == [1200.5]


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02" * 50, b"PK\x03\x04broken", b"<html><table></table></html>", b"\xd0\xcf\x11\xe0junk"]
)
def test_what_is_no_table_gets_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "odd.xlsx"
    path.write_bytes(data)
    with pytest.raises(FileUnreadableError, match="Nothing was changed"):
        read_table(path)


@given(st.text(max_size=40), st.sampled_from([None, *DateOrder]))
def test_any_cell_is_a_value_or_unreadable(text: str, order: DateOrder | None) -> None:
    assert isinstance(cells.moment(text, order), (cells.Moment, cells.Unreadable))
    parts = cells.split_number(cells.tidy(text))
    if isinstance(parts, cells.NumberText):
        assert isinstance(cells.number(parts, "."), (float, cells.Unreadable))
    assert cells.flag(text) in (True, False, None) or isinstance(cells.flag(text), cells.Unreadable)


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["1", "2", "", "x9"]),
            st.text(st.characters(codec="utf-8", exclude_characters='\r\n",\0'), max_size=12),
        ),
        max_size=8,
    )
)
def test_every_line_ends_in_rows_held_or_reported(rows: list[tuple[str, str]]) -> None:
    import tempfile

    text = "Deal ID,Stage,Amount,Close Date\n" + "".join(f"{key},Won,{amount},2026-01-01\n" for key, amount in rows)
    with tempfile.TemporaryDirectory() as folder:
        found = read(written(Path(folder), text))
    reported = sum(
        p.count
        for p in found.preview.problems
        if p.code in ("duplicate-id", "footer-lines", "repeated-header", "blank-lines")
    )
    if found.batch is not None:
        assert len(found.batch.keys) + len(found.batch.held) + reported == len(rows)
    else:
        assert found.preview.blocking


@pytest.mark.skipif(not MAVEN.exists(), reason="the shared Maven export is not beside this checkout")
@pytest.mark.parametrize("form", ["iso", "dmy", "mdy", "comma", "utf-16", "semicolon"])
def test_maven_gives_the_same_figures_however_it_is_written(tmp_path: Path, form: str) -> None:
    lines = MAVEN.read_text(encoding="utf-8").splitlines()
    rows = [line.split(",") for line in lines]
    for row in rows[1:]:
        for place in (5, 6):
            if row[place] and form in ("dmy", "mdy"):
                year, month, day = row[place].split("-")
                row[place] = f"{day}/{month}/{year}" if form == "dmy" else f"{month}/{day}/{year}"
        if row[7] and form == "comma":
            row[7] = f"{int(row[7]):,}".replace(",", ".") + ",00 €"
    mark = ";" if form in ("semicolon", "comma") else ","
    text = "\n".join(mark.join(row) for row in rows)
    found = read(written(tmp_path, text, encoding="utf-16" if form == "utf-16" else "utf-8"))
    assert found.preview.row_count == 8_800
    assert np.nansum(amounts(found)) == 10_005_534
    assert {stage.stage: stage.rows for stage in found.preview.stages} == {
        "Won": 4238,
        "Lost": 2473,
        "Engaging": 1589,
        "Prospecting": 500,
    }
    assert not [problem for problem in found.preview.problems if problem.severity >= Severity.HELD]
