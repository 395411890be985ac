"""A function with an Excel name behaves as in Excel, and blanks do not (semantics 3.1 and 3.5)."""

import pytest

from kpidesk.domain.period import Grain
from kpidesk.formula.check import check
from tests.formula.test_evaluates import FULL, SCOPE, answer


def value(text: str) -> tuple[float | None, str]:
    """The value of the last year of the tables, and the reason where there is none."""
    point = answer(check(text, SCOPE), FULL, Grain.YEAR).total("asked").points[-1]
    return point.value, "" if point.reason is None else point.reason.value


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("-2^2", 4),
        ("−2^2", 4),
        ("2^3^2", 64),
        ("2^-1", 0.5),
        ("--2", 2),
        ("10 - 4 - 3", 3),
        ("100 / 10 / 5", 2),
        ("2 + 3 × 4", 14),
        ("50% * 4", 2),
        ("200 * 5%%", 0.1),
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ROUND(1.005, 2)", 1.01),
        ("ROUND(2.675, 2)", 2.68),
        ("ROUND(1250, -2)", 1300),
        ("ROUND(-1250, -2)", -1300),
        ("ABS(-3)", 3),
        ("POWER(2, 10)", 1024),
        ("MIN(3, 1, 2)", 1),
        ("MAX(3, 1, 2)", 3),
        ("MAX(1, BLANK)", 1),
        ("IF(1 > 2, 1, 0)", 0),
        ("IF(AND(1 < 2, NOT(2 < 1)), 1, 0)", 1),
        ("IF(OR(1 > 2, 2 > 3), 1, 0)", 0),
        ("IFERROR(1 / 0, 7)", 7),
        ("IFBLANK(BLANK, 5)", 5),
        # Three deals were won in the year: 0, 12,000 and one without an amount.
        ("COUNT(won_deals)", 3),
        ("COUNT(won_deals.amount)", 2),
        ("SUM(won_deals.amount)", 12000),
        ("AVERAGE(won_deals.amount)", 6000),
        ("PERCENTILE(won_deals.amount, 25%)", 3000),
        ("STDEV(won_deals.amount)", 8485.281374238570),
        ("MAX(MONTH(won_deals.closed))", 4),
        ("MIN(YEAR(won_deals.closed))", 2025),
        ("COUNT(won_deals WHERE source = ' INBOUND ')", 3),
    ],
)
def test_as_in_excel(text: str, result: float) -> None:
    assert value(text)[0] == pytest.approx(result, rel=1e-12)


@pytest.mark.parametrize(
    ("first", "last", "result"),
    [
        ("2025, 3, 3", "2025, 3, 7", 5),  # Monday to Friday, both counted
        ("2025, 3, 8", "2025, 3, 9", 0),  # a weekend
        ("2025, 3, 7", "2025, 3, 10", 2),
        ("2025, 3, 7", "2025, 3, 3", -5),
        ("2025, 3, 3", "2025, 3, 3", 1),
    ],
)
def test_working_days_are_counted_from_the_first_to_the_last(first: str, last: str, result: int) -> None:
    one, other = f"DATE({first})", f"DATE({last})"
    tested = f"COUNT(won_deals WHERE NETWORKDAYS({one}, {other}) = {result} DAYS)"
    assert value(tested)[0] == 3
    forward = f"COUNT(won_deals WHERE DAYS({other}, {one}) = {other} - {one})"
    assert value(forward)[0] == 3


def test_sunday_is_the_first_day_of_the_week() -> None:
    for day, number in ((2, 1), (3, 2), (8, 7)):
        assert value(f"COUNT(won_deals WHERE WEEKDAY(DATE(2025, 3, {day})) = {number})")[0] == 3


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1 / 0", "zero_denominator"),
        ("0 * (1 / 0)", "zero_denominator"),
        ("5 + 1 / 0 - 1", "zero_denominator"),
        ("BLANK + 1", "blank"),
        ("1 - BLANK", "blank"),
        ("ABS(BLANK)", "blank"),
        ("IF(1 > 2, 1)", "blank"),
        ("IF(1 / 0 > 1, 1, 2)", "zero_denominator"),
        ("GROWTH(0)", "zero_denominator"),
        ('COUNT(won_deals WHERE source = "Nowhere")', "unknown_value"),
        ("AVERAGE(won_deals.amount WHERE amount > 999999)", "no_rows"),
        ("POWER(0 - 1, 0.5)", "blank"),
        ("9^9^9^9", "blank"),
    ],
)
def test_no_number_is_no_zero(text: str, reason: str) -> None:
    assert value(text) == (None, reason)
    assert value(f"({text}) * 0") == (None, reason)
