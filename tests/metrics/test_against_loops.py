"""The engine gives what plain loops over the rows give, at every grain, for every slice and filter, on every as-of day."""

import math
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.period import Grain
from kpidesk.domain.settings import Settings
from tests.metrics.asking import engine, run
from tests.metrics.plain import Plain

FIRST, LAST = date(2024, 9, 1), date(2025, 8, 31)
OF_DEALS = (
    "total_revenue",
    "deals_closed",
    "win_rate",
    "average_deal_size",
    "sales_cycle_length",
    "open_pipeline",
    "pipeline_created",
    "monthly_sales_growth",
    "sales_velocity",
)
OF_TARGETS = ("sales_target", "quota", "sales_target_attainment", "pipeline_coverage", "coverage_at_start")
ADDITIVE = ("total_revenue", "deals_closed", "open_pipeline", "pipeline_created")

days = st.dates(date(2024, 10, 1), date(2025, 7, 15))
iso = days.map(date.isoformat)
rows = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["won", "won", "lost", "open"]),
        "created": st.one_of(iso, iso, iso, st.none()),
        "closed": st.one_of(iso, iso, iso, st.none()),
        "amount": st.one_of(st.none(), st.integers(-20_000, 900_000).map(lambda pence: pence / 100)),
        "currency": st.sampled_from([None, "GBP", "GBP", "USD", "JPY"]),
        "owner": st.sampled_from([None, "Ann", "ann ", "Bob"]),
        "source": st.sampled_from([None, "Inbound", "Outbound"]),
        "lost_reason": st.sampled_from([None, "price", "Duplicate"]),
        "test": st.sampled_from([None, 0, 0, 0, 1]),
    }
)
fx = st.just(
    [
        {"currency": "USD", "from": "2024-11-15", "rate": 0.8},
        {"currency": "USD", "from": "2025-03-01", "rate": 0.75},
    ]
)


@st.composite
def target_lines(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(days)
    whole = draw(st.booleans())
    length = draw(st.integers(1, 200))
    end = start + timedelta(days=length)
    if whole:
        start, end = start.replace(day=1), end.replace(day=1) + timedelta(days=31)
        end = end.replace(day=1) - timedelta(days=1)
    return {
        "start": start.isoformat(),
        "end": end.isoformat(),
        "amount": float(draw(st.integers(0, 90_000))),
        "owner": draw(st.sampled_from([None, "Ann"])),
    }


tables = st.fixed_dictionaries(
    {
        "deals": st.lists(rows, max_size=25).map(
            lambda found: [{"deal_id": f"D{n}", **row} for n, row in enumerate(found)]
        ),
        "targets": st.lists(target_lines(), max_size=3),
        "fx": fx,
    }
)
setups = st.builds(
    Settings,
    week_start=st.integers(0, 6),
    fiscal_start=st.integers(1, 12),
    data_from=st.one_of(st.none(), st.none(), days),
)


def assert_same(found: Any, expected: tuple[float | None, str | None], place: object) -> None:
    value, reason = expected
    assert found.reason == reason, (place, found, expected)
    if value is None:
        assert found.value is None, place
    else:
        assert math.isclose(found.value, value, rel_tol=1e-9, abs_tol=2e-6), (place, found, expected)


@given(tables, setups, days, st.sampled_from(list(Grain)))
@settings(max_examples=60, deadline=None)
def test_totals_and_filters(given_tables: Any, setup: Settings, as_of: date, grain: Grain) -> None:
    of, plain = engine(given_tables, setup, as_of), Plain(given_tables, setup, as_of)
    for kpi in (*OF_DEALS, *OF_TARGETS):
        result = run(of, kpi, grain, FIRST, LAST)
        for period, point in zip(result.periods, result.total(kpi).points, strict=True):
            assert_same(point, getattr(plain, kpi)(period, ()), (kpi, period))
            assert ("partial_period" in point.flags) is (period.last_day > as_of)
    for kpi in OF_DEALS:
        for where in ({"owner": "Ann"}, {"source": None}, {"owner": "Bob", "source": "Inbound"}):
            result = run(of, kpi, grain, FIRST, LAST, where=where)
            for period, point in zip(result.periods, result.total(kpi).points, strict=True):
                assert_same(point, getattr(plain, kpi)(period, tuple(where.items())), (kpi, period, where))


@given(tables, days, st.sampled_from(list(Grain)), st.sampled_from(["owner", "source"]))
@settings(max_examples=40, deadline=None)
def test_slices(given_tables: Any, as_of: date, grain: Grain, by: str) -> None:
    of, plain = engine(given_tables, as_of=as_of), Plain(given_tables, Settings(), as_of)
    for kpi in OF_DEALS:
        result = run(of, kpi, grain, FIRST, LAST, by=by)
        for series in result.slices(kpi):
            assert series.slice is not None
            for period, point in zip(result.periods, series.points, strict=True):
                assert_same(point, getattr(plain, kpi)(period, (series.slice,)), (kpi, series.slice, period))
    for kpi in ADDITIVE:
        result = run(of, kpi, grain, FIRST, LAST, by=by)
        parts = [series.points for series in result.slices(kpi)]
        for place, point in enumerate(result.total(kpi).points):
            values = [series[place].value for series in parts]
            if point.value is not None and None not in values:
                assert math.isclose(sum(values), point.value, rel_tol=1e-9, abs_tol=1e-5), (kpi, place)


@given(tables, days)
@settings(max_examples=40, deadline=None)
def test_months_tile_quarters_and_years(given_tables: Any, as_of: date) -> None:
    """What happened in a year is what happened in its months; a rate is made from the rows, not from rates."""
    of = engine(given_tables, as_of=as_of)
    for formula in (
        "COUNT(won_deals)",
        "COUNT(created_deals)",
        "COUNT(closed_deals)",
        "SUM(IFBLANK(won_deals.amount, 0))",
    ):
        sums = []
        for grain in (Grain.MONTH, Grain.QUARTER, Grain.YEAR):
            result = run(of, formula, grain, date(2024, 1, 1), date(2025, 12, 31))
            sums.append(sum(point.value or 0.0 for point in result.total("asked").points))
        assert all(math.isclose(one, sums[0], abs_tol=1e-5) for one in sums), formula
    months = run(of, "win_rate", Grain.MONTH, date(2025, 1, 1), date(2025, 12, 31)).total("win_rate").points
    year = run(of, "win_rate", Grain.YEAR, date(2025, 1, 1)).total("win_rate").points[0]
    assert sum(point.numerator or 0 for point in months) == (year.numerator or 0)
    assert sum(point.denominator or 0 for point in months) == (year.denominator or 0)
