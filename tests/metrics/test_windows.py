"""Functions of time move the window of what is inside; targets are spread over windows."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.domain.period import Calendar, Grain, period_of, shift
from kpidesk.domain.result import Reason
from kpidesk.domain.settings import Settings
from kpidesk.formula.nodes import WindowName, WindowUnit
from kpidesk.metrics.context import Context, add_months, floor_months
from kpidesk.metrics.targets import overlap
from tests.metrics.asking import deal, engine, month, points

EPOCH = date(1970, 1, 1)
# One deal of 1, 2, 4 ... on the 15th of each month of 2025: a sum says which months it has.
DEALS = [deal(str(n), "won", "2024-12-01", f"2025-{n + 1:02}-15", float(2**n)) for n in range(12)]
REVENUE = "SUM(won_deals.amount)"
OF = engine({"deals": DEALS}, Settings(data_from=date(2024, 1, 1)))
days = st.dates(date(1990, 1, 1), date(2080, 12, 31))


def number(day: date) -> int:
    return (day - EPOCH).days


def months(*names: int) -> float:
    return float(sum(2 ** (name - 1) for name in names))


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        (f"PREVIOUS({REVENUE})", months(4)),
        (f"PREVIOUS({REVENUE}, 3)", months(2)),
        (f"PREVIOUS({REVENUE}, 3 MONTHS)", months(2)),
        (f"PREVIOUS({REVENUE}, 1 QUARTER)", months(2)),
        (f"LAST_YEAR({REVENUE})", 0.0),
        (f"TRAILING({REVENUE}, 3)", months(3, 4, 5)),
        (f"TRAILING({REVENUE}, 3 MONTHS)", months(3, 4, 5)),
        (f"TRAILING({REVENUE}, 17 DAYS)", months(5)),
        (f"TRAILING({REVENUE}, 16 DAYS)", 0.0),
        (f"TRAILING({REVENUE}, 7 WEEKS)", months(4, 5)),
        (f"YEAR_TO_DATE({REVENUE})", months(1, 2, 3, 4, 5)),
        (f"QUARTER_TO_DATE({REVENUE})", months(4, 5)),
        (f"IN_QUARTER({REVENUE})", months(4, 5, 6)),
        (f"IN_YEAR({REVENUE})", months(*range(1, 13))),
        (f"PREVIOUS(TRAILING({REVENUE}, 3))", months(2, 3, 4)),
        (f"TRAILING(PREVIOUS({REVENUE}), 3)", months(2, 3, 4)),
        (f"PREVIOUS(IN_QUARTER({REVENUE}))", months(4, 5, 6)),
        (f"IN_QUARTER(PREVIOUS({REVENUE}))", months(3, 4, 5)),
    ],
)
def test_windows_of_a_month(formula: str, expected: float) -> None:
    assert month(OF, formula, "2025-05").value == expected


def test_the_fiscal_year_moves_quarters_and_years() -> None:
    of = engine({"deals": DEALS}, Settings(data_from=date(2024, 1, 1), fiscal_start=2))
    assert month(of, f"IN_QUARTER({REVENUE})", "2025-05").value == months(5, 6, 7)
    assert month(of, f"YEAR_TO_DATE({REVENUE})", "2025-05").value == months(2, 3, 4, 5)
    quarter = points(of, REVENUE, Grain.QUARTER, "2025-05-20")[0]
    assert quarter.value == months(5, 6, 7)


def test_the_first_month_shown_can_look_back() -> None:
    assert points(OF, "monthly_sales_growth", Grain.MONTH, "2025-02-01")[0].value == 1.0


def test_the_month_before_one_in_progress_is_whole() -> None:
    point = month(OF, f"PREVIOUS({REVENUE})", "2025-05", as_of=date(2025, 5, 3))
    assert (point.value, point.flags) == (months(4), ("partial_period",))
    assert month(OF, f"TRAILING({REVENUE}, 20 DAYS)", "2025-05", as_of=date(2025, 5, 3)).value == months(4)


def test_stocks_at_the_start_and_the_end() -> None:
    assert month(OF, "AT_START(COUNT(open_deals))", "2025-05").value == 8
    assert month(OF, "COUNT(open_deals)", "2025-05").value == 7
    assert month(OF, "AT_START(AT_END(COUNT(open_deals)))", "2025-05").value == 7  # the innermost decides
    assert month(OF, "IN_YEAR(AT_START(COUNT(open_deals)))", "2025-05").value == 12


def test_length_and_share_of_a_period() -> None:
    assert month(OF, "PERIOD_LENGTH", "2025-02").value == pytest.approx(365.25 / 12)
    assert points(OF, "PERIOD_LENGTH", Grain.WEEK, "2025-02-03")[0].value == 7
    half = month(OF, "ELAPSED_SHARE", "2025-04", as_of=date(2025, 4, 15))
    assert half.value == 0.5
    assert month(OF, "PERIOD_LENGTH", "2025-04", as_of=date(2025, 4, 15)).value == 15
    assert month(OF, "ELAPSED_SHARE", "2025-06", as_of=date(2025, 4, 15)).value == 0


def test_a_week_belongs_to_the_quarter_of_its_last_day() -> None:
    targets = [
        {"start": "2025-01-01", "end": "2025-03-31", "amount": 90.0},
        {"start": "2025-04-01", "end": "2025-06-30", "amount": 91.0},
    ]
    of = engine({"deals": DEALS, "targets": targets})
    assert points(of, "IN_QUARTER([Sales target])", Grain.WEEK, "2025-03-31")[0].value == 91
    assert points(of, "IN_QUARTER([Sales target])", Grain.WEEK, "2025-03-24")[0].value == 90
    assert points(of, "pipeline_coverage", Grain.WEEK, "2025-03-24")[0].value == sum(2.0**n for n in range(3, 12)) / 90


class TestTargets:
    def test_months_are_equal_and_weeks_go_by_days(self) -> None:
        of = engine({"deals": DEALS, "targets": [{"start": "2025-01-01", "end": "2025-12-31", "amount": 1200.0}]})
        assert month(of, "sales_target", "2025-02").value == 100
        assert points(of, "sales_target", Grain.QUARTER, "2025-02-01")[0].value == 300
        assert points(of, "sales_target", Grain.WEEK, "2025-02-03")[0].value == pytest.approx(1200 * 7 / 365)
        assert month(of, "sales_target", "2026-01").reason is Reason.NO_TARGET

    def test_a_third_of_a_target_is_not_rounded(self) -> None:
        of = engine({"deals": DEALS, "targets": [{"start": "2025-01-01", "end": "2025-03-31", "amount": 20.0}]})
        assert month(of, "sales_target", "2025-02").value == pytest.approx(20 / 3, rel=1e-15)
        thirds = [{"start": "2025-01-01", "end": "2025-03-31", "amount": amount} for amount in (0.1, 0.2)]
        quarter = points(engine({"deals": DEALS, "targets": thirds}), "sales_target", Grain.QUARTER, "2025-01-01")
        assert quarter[0].value == 0.3  # and not 0.30000000000000004 (G19)

    def test_a_part_of_a_month_goes_by_days(self) -> None:
        of = engine({"deals": DEALS, "targets": [{"start": "2025-02-15", "end": "2025-03-14", "amount": 280.0}]})
        assert [point.value for point in points(of, "sales_target", Grain.MONTH, "2025-02-01", "2025-03-01")] == [
            140,
            140,
        ]

    def test_coverage_needs_quotas_or_else_the_company_target(self) -> None:
        company = {"start": "2025-01-01", "end": "2025-12-31", "amount": 400.0}
        quota = {"start": "2025-01-01", "end": "2025-12-31", "amount": 200.0, "owner": "Ann"}
        deals = [deal("A", "open", "2025-01-01", None, 300.0)]
        assert month(engine({"deals": deals, "targets": [company]}), "pipeline_coverage", "2025-02").value == 3
        assert month(engine({"deals": deals, "targets": [company, quota]}), "pipeline_coverage", "2025-02").value == 6
        assert month(engine({"deals": deals}), "pipeline_coverage", "2025-02").reason is Reason.NO_TARGET

    def test_a_quota_holder_is_one_on_the_day(self) -> None:
        quotas = [
            {"start": "2025-01-01", "end": "2025-01-31", "amount": 10.0, "owner": "Ann"},
            {"start": "2025-03-01", "end": "2025-03-31", "amount": 10.0, "owner": "ann"},
            {"start": "2025-02-01", "end": "2025-02-28", "amount": 10.0, "owner": "Bob"},
        ]
        deals = [deal(str(n), "won", "2024-12-01", f"2025-0{n}-15", 10.0**n, owner="Ann") for n in range(1, 5)]
        of = engine({"deals": deals, "targets": quotas})
        held = "ONLY([Total revenue] WHERE owner_has_quota)"
        assert [point.value for point in points(of, held, Grain.MONTH, "2025-01-01", "2025-04-01")] == [10, 0, 1000, 0]

    def test_without_owners_nobody_knows_whose_revenue_it_is(self) -> None:
        quota = {"start": "2025-01-01", "end": "2025-12-31", "amount": 1200.0, "owner": "Ann"}
        of = engine({"deals": [deal("A", "won", "2025-01-01", "2025-02-15", 50.0)], "targets": [quota]})
        assert month(of, "quota_attainment", "2025-02").reason is Reason.NOT_IMPORTED
        assert month(of, "closed_revenue_vs_quota", "2025-02").value == 0.5

    @given(days, st.integers(1, 800), st.lists(st.integers(1, 200), min_size=1, max_size=8))
    def test_what_is_spread_is_neither_more_nor_less(self, start: date, length: int, cuts: list[int]) -> None:
        """Windows that tile the interval share it out whole, by days as by months."""
        first = number(start)
        borders = np.cumsum([first, *cuts])
        borders = np.append(borders[borders < first + length], first + length)
        share = overlap(np.array([first]), np.array([first + length - 1]), borders[:-1], borders[1:])
        assert share.sum() == pytest.approx(1.0)
        assert (share >= 0).all()

    @given(days, st.integers(1, 30))
    def test_whole_months_share_alike(self, start: date, count: int) -> None:
        first = add_months(np.array([number(start.replace(day=1))]), 0)
        starts = np.concatenate([add_months(first, n) for n in range(count)])
        ends = add_months(starts, 1)
        share = overlap(first, ends[-1:] - 1, starts, ends)
        assert share == pytest.approx(1 / count)


class TestCalendar:
    @given(days, st.sampled_from([1, 3, 12]), st.integers(1, 12))
    def test_floor_agrees_with_the_calendar_of_the_domain(self, day: date, length: int, fiscal: int) -> None:
        grain = {1: Grain.MONTH, 3: Grain.QUARTER, 12: Grain.YEAR}[length]
        expected = period_of(day, grain, Calendar(0, fiscal)).start
        assert floor_months(np.array([number(day)]), length, fiscal)[0] == number(expected)

    @given(days, st.sampled_from(list(Grain)), st.integers(0, 30), st.integers(1, 12))
    def test_periods_back_are_those_of_the_domain(self, day: date, grain: Grain, count: int, fiscal: int) -> None:
        calendar = Calendar(0, fiscal)
        period = period_of(day, grain, calendar)
        context = Context(
            np.array([number(period.start)]), np.array([number(period.end)]), grain, calendar, number(day)
        )
        moved = context.moved(WindowName.PREVIOUS, count, WindowUnit.PERIOD)
        expected = shift(period, -count, calendar)
        assert (moved.starts[0], moved.ends[0]) == (number(expected.start), number(expected.end))

    def test_the_last_of_a_month_stays_the_last(self) -> None:
        assert add_months(np.array([number(date(2025, 3, 31))]), -1)[0] == number(date(2025, 2, 28))
