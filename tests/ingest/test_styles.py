"""Date orders and decimal signs: proven, shared between columns, or asked. A wrong guess would be off by months or a thousandfold."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.problem import Problem, Severity
from kpidesk.domain.settings import Settings
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.readers import read_table

_DAYS = st.dates(date(2020, 1, 1), date(2029, 12, 31))
HEAD = "Deal ID,Stage,Amount,Create Date,Close Date"


def read(
    tmp_path: Path, rows: list[str], choices: Choices | None = None, mark: str = ",", head: str = HEAD
) -> Interpretation:
    path = tmp_path / "deals.csv"
    path.write_text("\n".join([head.replace(",", mark), *rows]) + "\n", encoding="utf-8")
    return interpret(read_table(path), choices or Choices(), Settings())


def problem(found: Interpretation, code: str) -> Problem:
    return next(one for one in found.preview.problems if one.code == code)


def days(found: Interpretation, field: str) -> list[str]:
    assert found.batch is not None, found.preview.blocking
    return found.batch.frame.time(field).days.astype("datetime64[D]").astype(str).tolist()


def amounts(found: Interpretation) -> list[float]:
    assert found.batch is not None, found.preview.blocking
    return found.batch.frame.number("amount").values.tolist()


def test_another_date_column_proves_the_order(tmp_path: Path) -> None:
    found = read(tmp_path, ["1,Won,5,03/07/2026,05/08/2026", "2,Won,5,04/07/2026,25/08/2026"])
    assert days(found, "created") == ["2026-07-03", "2026-07-04"]
    assert found.preview.date_order is DateOrder.DMY
    assert found.preview.date_evidence == "1 of 2 rows have a day above 12 in first place"


def test_two_columns_may_have_two_orders_when_each_proves_its_own(tmp_path: Path) -> None:
    found = read(tmp_path, ["1,Won,5,13/07/2026,07/20/2026"])
    assert days(found, "created") == ["2026-07-13"]
    assert days(found, "closed") == ["2026-07-20"]


def test_a_column_between_two_orders_is_asked(tmp_path: Path) -> None:
    head = "Deal ID,Stage,Amount,Create Date,Close Date,Last Activity Date"
    found = read(tmp_path, ["1,Won,5,13/07/2026,07/20/2026,01/02/2026"], head=head)
    assert problem(found, "date-order-ambiguous").values == ("01/02/2026",)
    assert found.batch is None


def test_the_order_without_deals_that_close_before_they_open_is_offered_first(tmp_path: Path) -> None:
    rows = ["1,Won,5,05/06/2026,03/07/2026", "2,Lost,5,02/03/2026,01/04/2026"]
    asked = problem(read(tmp_path, rows), "date-order-ambiguous")
    assert asked.options == ("dmy", "mdy")
    assert "Month first, 2 deals close before the day of creation; day first, none." in asked.message
    swapped = problem(read(tmp_path, ["1,Won,5,06/05/2026,07/03/2026"]), "date-order-ambiguous")
    assert swapped.options == ("mdy", "dmy")
    assert read(tmp_path, rows).batch is None


def test_dates_that_read_alike_in_both_orders_are_not_asked(tmp_path: Path) -> None:
    found = read(tmp_path, ["1,Won,5,07/07/2026,08/08/2026"])
    assert days(found, "closed") == ["2026-08-08"]


def test_mixed_dates_hold_the_rows_that_do_not_fit_the_chosen_order(tmp_path: Path) -> None:
    rows = ["1,Won,5,2026-01-01,13/07/2026", "2,Won,5,2026-01-01,07/20/2026", "3,Won,5,2026-01-01,01/08/2026"]
    assert "mixes two orders" in problem(read(tmp_path, rows), "date-order-mixed").message
    found = read(tmp_path, rows, Choices(date_order=DateOrder.DMY))
    assert days(found, "closed") == ["2026-07-13", "2026-08-01"]
    assert found.batch is not None
    assert [held.line for held in found.batch.held] == [3]


def test_a_cell_that_the_user_blanked_proves_nothing(tmp_path: Path) -> None:
    rows = ["1,Won,5,2026-01-01,13/07/2026", "2,Won,5,2026-01-01,07/20/2026"]
    found = read(tmp_path, rows, Choices(values={("closed", "07/20/2026"): ""}))
    assert found.preview.date_order is DateOrder.DMY
    assert not found.preview.blocking


@pytest.mark.parametrize(
    ("cells", "mark", "expected"),
    [
        (["1.234,50 €", "99,00 €"], ";", [1234.5, 99.0]),
        (["1,234.50", "1,234"], ";", [1234.5, 1234.0]),
        (["1.234.567", "1.234"], ";", [1_234_567.0, 1234.0]),
        (["12,5", "1,234"], ";", [12.5, 1.234]),
        (["1234", "99"], ",", [1234.0, 99.0]),
        (["1 234,50", "5"], ";", [1234.5, 5.0]),
    ],
)
def test_one_clear_amount_decides_its_column(
    tmp_path: Path, cells: list[str], mark: str, expected: list[float]
) -> None:
    rows = [mark.join([str(number), "Won", cell, "2026-01-01", "2026-02-01"]) for number, cell in enumerate(cells)]
    found = read(tmp_path, rows, mark=mark)
    assert amounts(found) == pytest.approx(expected)
    assert not [one for one in found.preview.problems if one.code.startswith(("number", "thousands"))]


def test_commas_before_three_digits_are_thousands_and_said(tmp_path: Path) -> None:
    found = read(tmp_path, ['1,Won,"1,234",2026-01-01,2026-02-01', '2,Won,"12,000",2026-01-01,2026-02-01'])
    assert amounts(found) == [1234.0, 12_000.0]
    assert problem(found, "thousands").severity is Severity.CHECK
    other = read(tmp_path, ['1,Won,"1,234",2026-01-01,2026-02-01'], Choices(decimal=","))
    assert amounts(other) == [1.234]


def test_points_before_three_digits_are_asked(tmp_path: Path) -> None:
    rows = ["1,Won,1.234,2026-01-01,2026-02-01"]
    found = read(tmp_path, rows)
    assert found.batch is None
    assert problem(found, "number-style-ambiguous").options == (".", ",")
    assert amounts(read(tmp_path, rows, Choices(decimal="."))) == [1.234]
    assert amounts(read(tmp_path, rows, Choices(decimal=","))) == [1234.0]


def test_decimal_points_and_commas_in_one_column_are_asked(tmp_path: Path) -> None:
    rows = ["1;Won;1234,50;2026-01-01;2026-02-01", "2;Won;1234.50;2026-01-01;2026-02-01"]
    assert problem(read(tmp_path, rows, mark=";"), "number-style-mixed").severity is Severity.BLOCKING
    found = read(tmp_path, rows, Choices(decimal=","), mark=";")
    assert amounts(found) == [1234.5]
    assert found.batch is not None
    assert [held.line for held in found.batch.held] == [3]


def test_two_currencies_in_one_column_fill_the_currency(tmp_path: Path) -> None:
    found = read(
        tmp_path, ["1,Won,£5,2026-01-01,2026-02-01", "2,Won,€6,2026-01-01,2026-02-01", "3,Won,7,2026-01-01,2026-02-01"]
    )
    assert found.batch is not None
    column = found.batch.frame.text("currency")
    assert [column.values[code] if code >= 0 else "" for code in column.codes] == ["GBP", "EUR", ""]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    pairs=st.lists(st.tuples(_DAYS, _DAYS), min_size=1, max_size=8),
    order=st.sampled_from([DateOrder.DMY, DateOrder.MDY]),
)
def test_dates_are_read_as_written_or_asked_never_otherwise(
    tmp_path: Path, pairs: list[tuple[date, date]], order: DateOrder
) -> None:
    form = "%d/%m/%Y" if order is DateOrder.DMY else "%m/%d/%Y"
    rows = [f"{n},Won,5,{first.strftime(form)},{last.strftime(form)}" for n, (first, last) in enumerate(pairs)]
    found = read(tmp_path, rows)
    if found.batch is None:
        assert {one.code for one in found.preview.blocking} == {"date-order-ambiguous"}
        found = read(tmp_path, rows, Choices(date_order=order))
    assert days(found, "created") == [str(first) for first, _ in pairs]
    assert days(found, "closed") == [str(last) for _, last in pairs]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.integers(0, 10**9), min_size=1, max_size=8), comma=st.booleans())
def test_amounts_are_read_as_written_or_asked_never_otherwise(tmp_path: Path, values: list[int], comma: bool) -> None:
    texts = [f"{value / 100:,.2f}" for value in values]
    if comma:
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    found = read(tmp_path, [f"{n};Won;{text};2026-01-01;2026-02-01" for n, text in enumerate(texts)], mark=";")
    assert np.allclose(amounts(found), [value / 100 for value in values])
