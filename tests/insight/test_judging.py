"""What is on track, what changed beyond chance, whether one KPI moves before another, what deserves attention."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.domain.finding import Finding, Status
from kpidesk.domain.kpi import Band, Direction, Target
from kpidesk.domain.period import Grain, period_of
from kpidesk.domain.result import Point, Reason
from kpidesk.insight.association import associate, prewhiten
from kpidesk.insight.attention import pair_reading, rank
from kpidesk.insight.bands import differs, goal, judge
from kpidesk.insight.data_issues import deal_issues
from kpidesk.insight.variation import change
from tests.tables import frame

QUARTER = period_of(date(2026, 8, 1), Grain.QUARTER)
MONTH = period_of(date(2026, 8, 1), Grain.MONTH)


def share(k: int, n: int) -> Point:
    from kpidesk.metrics.intervals import wilson

    low, high = wilson(np.array([float(k)]), np.array([float(n)]))
    return Point(k / n, None, k, n, n, None, (float(low[0]), float(high[0])))


@pytest.mark.parametrize(
    ("value", "direction", "status"),
    [
        (0.25, Direction.UP, Status.GOOD),
        (0.2499, Direction.UP, Status.WARN),
        (0.2, Direction.UP, Status.WARN),
        (0.1999, Direction.UP, Status.BAD),
        (0.25, Direction.DOWN, Status.GOOD),
    ],
)
def test_the_unrounded_value_decides_the_status(value: float, direction: Direction, status: Status) -> None:
    assert judge(Point(value), goal(Target(0.25, 0.2), direction, QUARTER, 0.5), direction) is status


def test_no_status_without_value_target_or_sample() -> None:
    against = goal(Target(1.0), Direction.UP, QUARTER, 1.0)
    assert judge(Point(None, Reason.NO_ROWS), against, Direction.UP) is Status.NONE
    assert judge(Point(2.0), None, Direction.UP) is Status.NONE
    assert judge(Point(2.0, flags=("too_few",)), against, Direction.UP) is Status.NONE


def test_a_cumulative_target_is_spread_over_time_and_another_is_not() -> None:
    revenue = goal(Target(240_000.0, grain=Grain.QUARTER, cumulative=True), Direction.UP, MONTH, 0.5)
    assert revenue is not None
    assert (revenue.full, revenue.now) == (80_000.0, 40_000.0)
    rate = goal(Target(0.25), Direction.UP, MONTH, 0.5)
    assert rate is not None
    assert (rate.full, rate.now) == (0.25, 0.25)


def test_a_value_is_in_the_last_band_that_begins_below_it() -> None:
    target = Target(3.0, bands=(Band("Breaking even", 1.0), Band("Ideal", 3.0), Band("Room to grow faster", 5.0)))
    found = [target.band(value) for value in (0.99, 1.0, 2.999, 3.0, 5.0, 80.0)]
    assert found == ["", "Breaking even", "Breaking even", "Ideal", "Room to grow faster", "Room to grow faster"]
    assert target.band(None) == Target(3.0).band(3.0) == ""


def test_two_rates_differ_only_beyond_chance() -> None:
    assert not differs(share(4, 11), share(3, 10))
    assert differs(share(80, 100), share(40, 100))
    small = change(share(4, 11), share(3, 10), Direction.UP)
    assert small is not None
    assert (small.better, small.normal) == (None, True)
    large = change(share(40, 100), share(80, 100), Direction.DOWN)
    assert large is not None
    assert (large.better, large.normal) == (True, False)


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_difference_does_not_depend_on_the_order(n: int, m: int, data: st.DataObject) -> None:
    one, other = share(data.draw(st.integers(0, n)), n), share(data.draw(st.integers(0, m)), m)
    assert differs(one, other) == differs(other, one)


def test_two_growing_series_prove_nothing() -> None:
    random = np.random.default_rng(4)
    x, y = np.arange(60) * 0.5 + random.normal(size=60), np.arange(60) * 0.7 + random.normal(size=60)
    assert np.corrcoef(x, y)[0, 1] > 0.9
    assert not associate(x.tolist(), y.tolist(), 2).proven


def test_a_real_lead_is_found_at_its_lag() -> None:
    random = np.random.default_rng(5)
    x = random.normal(size=60)
    y = np.concatenate((random.normal(size=2), 0.8 * x[:-2])) + 0.5 * random.normal(size=60)
    link = associate(x.tolist(), y.tolist(), 2)
    assert link.proven
    assert link.rho is not None
    assert link.rho > 0.5
    assert not associate(x.tolist(), y.tolist(), 5).proven


def test_too_short_a_history_gets_no_verdict() -> None:
    random = np.random.default_rng(6)
    x, y = random.normal(size=40).tolist(), random.normal(size=40).tolist()
    assert associate(x[:12], y[:12], 2).rho is None
    middle = associate(x[:20], y[:20], 2)
    assert middle.rho is not None
    assert middle.p is None
    gap = [*x[:10], None, *x[11:40]]
    assert associate(gap, y, 1).periods == 28  # only the longest stretch without a gap counts


def test_prewhitening_takes_out_trend_and_memory() -> None:
    random = np.random.default_rng(7)
    walk = np.zeros(400)
    for step in range(1, 400):
        walk[step] = 0.7 * walk[step - 1] + random.normal()
    white = prewhiten(walk + np.arange(400) * 0.3)
    assert abs(np.corrcoef(white[1:], white[:-1])[0, 1]) < 0.12
    assert abs(np.polyfit(np.arange(399), white, 1)[0]) < 0.005


def test_attention_is_worst_first_then_money_then_age() -> None:
    def one(code: str, status: Status, stake: float = 0.0, age: int = 0) -> Finding:
        return Finding(code, status, "", "", "", "", stake=stake, age_days=age)

    found = [
        one("old", Status.WARN, 5, 9),
        one("rich", Status.WARN, 50),
        one("bad", Status.BAD),
        one("young", Status.WARN, 5, 1),
        one("none", Status.NONE, 999),
    ]
    assert [finding.code for finding in rank(found)] == ["bad", "rich", "old", "young", "none"]
    assert len(rank(found * 3)) == 5


def test_the_four_readings_of_a_pair() -> None:
    sides = (Status.GOOD, Status.BAD)
    assert len({pair_reading(one, other) for one in sides for other in sides}) == 4
    assert pair_reading(Status.NONE, Status.GOOD) == ""


def test_data_issues_name_number_and_money() -> None:
    deals = frame(
        "deals",
        [
            {
                "deal_id": "1",
                "status": "open",
                "created": "2026-01-01",
                "expected_close": "2026-02-01",
                "amount": 500.0,
            },
            {"deal_id": "2", "status": "open", "created": "2026-01-01", "amount": 70.0},
            {"deal_id": "3", "status": "won", "created": "2026-01-01", "closed": "2026-02-01"},
            {"deal_id": "4", "status": "won", "created": "2026-01-01", "amount": 9.0},
            {"deal_id": "5", "status": "lost", "created": "2026-03-01", "closed": "2026-02-01", "amount": 9.0},
        ],
    )
    as_of = (date(2026, 3, 3) - date(1970, 1, 1)).days
    found = {finding.code: finding for finding in deal_issues(deals, as_of, lambda amount: f"£{amount:.0f}")}
    assert set(found) == {"overdue", "undated", "unpriced", "unclosed", "backwards"}
    assert found["overdue"].title == "1 open deal is overdue, £500"
    assert (found["overdue"].stake, found["overdue"].age_days) == (500.0, 30)
    assert found["undated"].stake == 70.0
