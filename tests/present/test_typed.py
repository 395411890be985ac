"""What people type into the fields of a KPI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.domain.kpi import Display
from kpidesk.present.numbers import exact_text
from kpidesk.present.typed import NotANumberError, decimal_mark, typed_value


@pytest.mark.parametrize(
    ("text", "display", "value"),
    [
        ("25%", Display.PERCENT, 0.25),
        ("25", Display.PERCENT, 0.25),
        ("£1.2k", Display.MONEY, 1200),
        ("9,800", Display.MONEY, 9800),
        ("−£470", Display.MONEY, -470),
        ("1.24m", Display.MONEY, 1_240_000),
        ("3 h 12 min", Display.HOURS, 3.2 / 24),
        ("2", Display.HOURS, 2 / 24),
        ("41 days", Display.DAYS, 41),
        ("2 weeks", Display.DAYS, 14),
        ("3.4x", Display.RATIO, 3.4),
        ("120%", Display.RATIO, 1.2),
        ("12", Display.COUNT, 12),
        ("12,5%", Display.PERCENT, 0.125),
        ("0,250", Display.RATIO, 0.25),
        ("1.200,50", Display.MONEY, 1200.5),
        ("1.200.000", Display.COUNT, 1_200_000),
        ("1'200.50", Display.MONEY, 1200.5),
        ("£ 1\u202f200", Display.MONEY, 1200),
        ("1,200 GBP", Display.MONEY, 1200),
        ("(£470)", Display.MONEY, -470),
        ("£-470", Display.MONEY, -470),
        ("1,5 h", Display.HOURS, 1.5 / 24),
        ("25\u00a0%", Display.PERCENT, 0.25),
        ("", Display.COUNT, None),
        ("  ", Display.DAYS, None),
    ],
)
def test_what_is_understood(text: str, display: Display, value: float | None) -> None:
    assert typed_value(text, display, "GBP") == pytest.approx(value)


@pytest.mark.parametrize("display", Display)
@pytest.mark.parametrize("text", ["TBC", "1.2.3", "nan", "inf", "5 apples", "--3", "%"])
def test_what_is_not(text: str, display: Display) -> None:
    with pytest.raises(NotANumberError, match="Enter a number, for example"):
        typed_value(text, display, "GBP")


@given(st.floats(0.01, 1e6), st.sampled_from([Display.MONEY, Display.PERCENT, Display.DAYS, Display.HOURS]))
def test_what_is_written_in_full_is_read_back(value: float, display: Display) -> None:
    assert typed_value(exact_text(value, display, "GBP"), display, "GBP") == pytest.approx(value, abs=0.01)


@pytest.mark.parametrize("text", ["$12", "12 €", "EUR 12", "12 CHF"])
def test_an_amount_in_another_currency_is_not_taken_as_one_of_ours(text: str) -> None:
    with pytest.raises(NotANumberError, match="counts in GBP, not in"):
        typed_value(text, Display.MONEY, "GBP")


@pytest.mark.parametrize(
    ("texts", "mark"),
    [
        (["1.200", "3,5"], ","),
        (["1.200", "3"], "."),
        (["1.200.000", "1.200"], ","),
        (["1,200", "9,800"], "."),
        (["1.5", "3,5"], "."),
        ([], "."),
    ],
)
def test_cells_of_one_block_tell_together_which_mark_stands_before_decimals(texts: list[str], mark: str) -> None:
    assert decimal_mark(texts) == mark


def test_a_thousand_in_a_block_with_decimal_commas_is_no_fraction() -> None:
    assert typed_value("1.200", Display.MONEY, "GBP", ",") == 1200
