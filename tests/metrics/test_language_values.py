"""What formulas are worth: each function and operator with a number found by hand (semantics section 3)."""

import math
from datetime import date

import pytest

from kpidesk.domain.result import Reason
from tests.metrics.asking import deal, engine, month, slices

DEALS = [
    deal("A", "won", "2025-02-03", "2025-02-07", 100.0, cost=40.0, source="Inbound", owner="Ann", name="Renewal 2025"),
    deal("B", "won", "2025-02-07", "2025-02-10", 200.0, cost=150.0, source="INBOUND ", owner="Bob", name="Pilot"),
    deal("C", "won", "2025-01-27", "2025-02-12", None, cost=10.0, source=None, owner="Ann", name="renewal"),
    deal("D", "won", "2025-02-02T08:00:00", "2025-02-14T20:00:00", 600.0, cost=None, source="Event", owner=None),
    deal("E", "lost", "2025-01-06", "2025-02-20", 50.0, cost=None, source="Event", owner="Bob"),
    deal("F", "won", "2024-12-02", "2025-01-15", 250.0, cost=100.0, source="Event", owner="Bob"),
]
LEADS = [{"lead_id": "L", "created": "2025-02-03T09:00:00", "first_response": "2025-02-03T10:30:00"}]
OF = engine({"deals": DEALS, "leads": LEADS})


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        # Arithmetic as Excel does it: the sign binds before the power, powers from the left.
        ("-2^2", 4),
        ("2^3^2", 64),
        ("0 - 2^2", -4),
        ("2 + 3 * 4 − 6 ÷ 2", 11),
        ("=(1 + 2) × 3 // a comment", 9),
        ("50%", 0.5),
        ("200% * 3", 6),
        ("2 WEEKS / 1 DAY", 14),
        ("90 MINUTES / 1 HOUR", 1.5),
        # Over rows; blanks are left out of everything but COUNT.
        ("COUNT(won_deals)", 4),
        ("COUNT(won_deals.amount)", 3),
        ("SUM(won_deals.amount)", 900),
        ("AVERAGE(won_deals.amount)", 300),
        ("MEDIAN(won_deals.amount)", 200),
        ("MIN(won_deals.amount)", 100),
        ("MAX(won_deals.amount)", 600),
        ("PERCENTILE(won_deals.amount, 90%)", 520),  # 0.9 * 2 = 1.8: 200 + 0.8 * 400
        ("PERCENTILE(won_deals.amount, 25%)", 150),
        ("STDEV(won_deals.amount)", math.sqrt((200**2 + 100**2 + 300**2) / 2)),
        ("COUNT_DISTINCT(won_deals.owner)", 2),
        ("SUM(won_deals.profit)", 60 + 50),
        ("SUM(won_deals.amount - won_deals.cost)", 60 + 50),
        ("SUMIFS(won_deals.amount, source = “inbound”, amount >= £150)", 200),
        ('COUNTIFS(won_deals, source = "Inbound", owner = "Ann")', 1),
        ("AVERAGEIFS(won_deals.amount, amount < 500)", 150),
        ('SHARE(won_deals WHERE source = "Event")', 0.25),
        ("COUNT(deals ON created)", 3),
        ("COUNT(deals ON closed)", 5),
        # In rows.
        ('SUM(DAYS(won_deals.closed, won_deals.created) WHERE owner = "Ann") / 1 DAY', 4 + 16),
        ('AVERAGE(won_deals.closed - won_deals.created WHERE source = "Event") / 1 DAY', 12.5),  # both have a time
        ('SUM(NETWORKDAYS(won_deals.created, won_deals.closed) WHERE name = "renewal 2025") / 1 DAY', 5),
        ('SUM(NETWORKDAYS(won_deals.created, won_deals.closed) WHERE name = "Pilot") / 1 DAY', 2),  # Friday and Monday
        ("SUM(HOURS(created_leads.first_response, created_leads.created)) / 1 HOUR", 1.5),
        ("COUNT(won_deals WHERE YEAR(created) = 2025 AND MONTH(created) = 1)", 1),
        ("COUNT(won_deals WHERE WEEKDAY(closed) = 6)", 2),  # Fridays: the 7th and the 14th
        ("COUNT(won_deals WHERE closed >= DATE(2025, 2, 10))", 3),
        ('COUNT(won_deals WHERE closed BETWEEN "2025-02-07" AND "2025-02-12")', 3),
        ("COUNT(won_deals WHERE amount BETWEEN 100 AND 200)", 2),
        ('COUNT(won_deals WHERE name CONTAINS "RENEW")', 2),
        ("SUM(IF(won_deals.amount > 150, 1, 0))", 2),
        ("SUM(IFBLANK(won_deals.amount, £5))", 905),
        ("SUM(MAX(won_deals.amount, won_deals.cost))", 100 + 200 + 10 + 600),
        ("SUM(ABS(won_deals.cost - won_deals.amount))", 60 + 50),
        ("SUM(ROUND(won_deals.amount / 3))", 33 + 67 + 200),
        # A comparison with a blank is not true, and neither is its opposite.
        ('COUNT(won_deals WHERE source <> "Inbound")', 1),
        ('COUNT(won_deals WHERE NOT source = "Inbound")', 1),
        ('COUNT(won_deals WHERE source NOT IN ("Inbound", "Partner"))', 1),
        ('COUNT(won_deals WHERE source IN ("Inbound", "Partner"))', 2),
        ('COUNT(won_deals WHERE source = "Event" OR owner = "Ann")', 3),
        ("COUNT(won_deals WHERE source IS BLANK)", 1),
        ("COUNT(won_deals WHERE amount IS NOT BLANK AND amount <> 100)", 2),
        ("COUNT(won_deals WHERE owner_has_quota)", 0),
        # Over results.
        ("ROUND(2.5)", 3),
        ("ROUND(-2.5)", -3),
        ("ROUND(2.345, 2)", 2.35),
        ("ROUND(1234, -2)", 1200),
        ("ABS([Gap to quota]) + 0", None),
        ("POWER(2, 10)", 1024),
        ("MIN([Win rate], 50%)", 0.5),
        ("MAX([Win rate], 50%)", 0.8),
        ("IF([Win rate] > 50%, 1, 0)", 1),
        ("IF([Quota] IS BLANK, 7, 8)", 7),
        ("IF([Quota] > 3, 7, 8)", None),
        ("IFBLANK([Quota], £3)", 3),
        ("IFERROR([Quota] / 2, £4)", 4),
        ("IF([Win rate] BETWEEN 70% AND 80% AND NOT [Quota] > 3, 1, 2)", None),
        ("IF([Win rate] > 90% AND [Quota] > 3, 1, 2)", 2),  # false and unknown is false
        ("GROWTH(SUM(won_deals.amount))", (900 - 250) / 250),
        ("1 - SUM(won_deals.amount) / SUM(refunds.amount)", None),  # never 100 % of nothing
        ('ONLY([Win rate] WHERE source = "Event")', 0.5),
        ('ONLY([Total revenue] WHERE source = "Event" OR source = "Inbound")', 900),
        ('ONLY([Total revenue] WHERE source = "Event") / ALL([Total revenue])', 600 / 900),
        ('ONLY(ALL([Total revenue]) WHERE source = "Event")', 600),
        ('ONLY([Total revenue] / ALL([Total revenue]) WHERE source = "Event")', 1),
        ('ALL(ONLY([Total revenue] WHERE source = "Event"))', 600),
        # Time: rows are pooled, rates are never averaged.
        ("TRAILING([Average deal size], 2)", (900 + 250) / 4),
        ("TRAILING([Win rate], 2 MONTHS)", 5 / 6),
        ("TRAILING(COUNT(won_deals), 45 DAYS)", 5),  # from 15 January
        ("TRAILING(COUNT(won_deals), 44 DAYS)", 4),
        ("PREVIOUS([Total revenue])", 250),
        ("[Total revenue] / YEAR_TO_DATE([Total revenue])", 900 / 1150),
    ],
)
def test_worth(formula: str, value: float | None) -> None:
    found = month(OF, formula, "2025-02").value
    assert found == (None if value is None else pytest.approx(value, rel=1e-12)), formula


def test_all_leaves_the_slice_and_only_goes_with_the_formula() -> None:
    """One slice is the same number whether it is one of many or the one that the question asks for."""
    for formula, expected in (
        ("[Total revenue] / ALL([Total revenue])", {"Event": 600 / 900, "Inbound": 300 / 900}),
        ("ONLY([Total revenue] / ALL([Total revenue]) WHERE amount > 150)", {"Event": 600 / 800, "Inbound": 200 / 800}),
    ):
        by_source = slices(OF, formula, "source", "2025-02-01")
        for source, value in expected.items():
            assert by_source[source].value == pytest.approx(value)
            assert month(OF, formula, "2025-02", where={"source": source}).value == pytest.approx(value)


def test_the_month_before_one_in_progress_is_whole_and_flagged() -> None:
    point = month(OF, "PREVIOUS([Total revenue])", "2025-02", as_of=date(2025, 2, 8))
    assert point.value == 250
    assert "partial_period" in point.flags


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("COUNT(won_deals) / 0", Reason.ZERO_DENOMINATOR),
        ("SUM(won_deals.amount) / SUM(refunds.amount)", Reason.ZERO_DENOMINATOR),
        ("AVERAGE(won_deals.amount WHERE amount > 10000)", Reason.NO_ROWS),
        ('AVERAGE(won_deals.amount WHERE name = "renewal")', Reason.BLANK),
        ('SUM(won_deals.amount WHERE name = "renewal")', Reason.BLANK),
        ("[Quota] + £1", Reason.NO_TARGET),
        ("COUNT(meetings)", Reason.NOT_IMPORTED),
        ("COUNT(created_leads WHERE qualified)", Reason.NOT_IMPORTED),
        ('COUNT(won_deals WHERE source = "Fair")', Reason.UNKNOWN_VALUE),
        ("PREVIOUS([Total revenue], 3)", Reason.BEFORE_DATA),
        ("GROWTH(0 - [Total revenue])", Reason.NEGATIVE_BASE),
        ("BLANK * 0", Reason.BLANK),
    ],
)
def test_a_blank_says_why(formula: str, reason: Reason) -> None:
    assert month(OF, formula, "2025-02").reason is reason, formula


@pytest.mark.parametrize(
    ("formula", "parts"),
    [
        ("COUNT(won_deals) / COUNT(closed_deals)", (4, 5)),
        ('COUNT(won_deals WHERE source = "Event") / COUNT(closed_deals WHERE source = "event")', (1, 2)),
        ('COUNT(won_deals WHERE owner = "Ann" AND amount > 5) / COUNT(won_deals WHERE owner = "Ann")', (1, 2)),
        ("SHARE(closed_deals WHERE amount >= 100)", (3, 5)),
        ("TRAILING([Win rate], 2)", (5, 6)),
    ],
)
def test_a_part_of_a_whole_has_its_range(formula: str, parts: tuple[int, int]) -> None:
    point = month(OF, formula, "2025-02")
    assert (point.numerator, point.denominator, point.n) == (*parts, parts[1])
    assert point.interval is not None
    assert point.interval[0] < (point.value or 0) < point.interval[1] or point.value in (0, 1)


@pytest.mark.parametrize(
    "formula",
    [
        "COUNT(won_deals) / COUNT(created_deals)",  # by another date
        "COUNT(closed_deals) / COUNT(won_deals)",  # the whole over its part
        'COUNT(won_deals) / COUNT(closed_deals WHERE source = "Event")',
        "SUM(won_deals.amount) / SUM(closed_deals.amount)",
        "COUNT(won_deals) / COUNT(created_leads)",
    ],
)
def test_other_quotients_have_none(formula: str) -> None:
    point = month(OF, formula, "2025-02")
    assert point.value is not None
    assert point.interval is None


def test_slices_are_made_anew_and_never_averaged() -> None:
    """By owner 2 of 2, 1 of 2 and 1 of 1 are won; together 4 of 5, not the mean of the three."""
    found = slices(OF, "win_rate", "owner", "2025-02-01")
    assert {name: point.value for name, point in found.items()} == {"Ann": 1.0, "Bob": 0.5, None: 1.0}
    assert month(OF, "win_rate", "2025-02").value == 0.8
