"""Every formula that is accepted has an answer: a number, or a blank with its reason, whatever was imported."""

import math
import time
import warnings
from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings

from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Query
from kpidesk.domain.result import Result
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import Scope, check
from kpidesk.formula.functions import FUNCTIONS
from kpidesk.formula.nodes import Checked
from kpidesk.metrics import evaluate
from kpidesk.metrics.engine import Engine
from tests.formula.strategies import MONEY
from tests.tables import frame

AS_OF = date(2025, 5, 10)
DEALS = [
    {
        "deal_id": f"D{n}",
        "name": f"Deal {n} renewal",
        "status": ("won", "lost", "open")[n % 3],
        "stage": ("Demo", "Proposal")[n % 2],
        "created": f"2025-0{1 + n % 4}-0{1 + n % 9}",
        "closed": None if n % 3 == 2 else f"2025-0{2 + n % 4}-1{n % 9}",
        "expected_close": "2025-06-30",
        "amount": None if n == 6 else 1000.0 * n - 2000 * (n == 9) * n,
        "cost": 300.0 * n if n % 5 else None,
        "owner": (None, "Ann", "Bob")[n % 3 - 1],
        "source": ("Inbound", "Outbound", None)[n % 3],
        "segment": "SMB",
        "industry": "Healthcare",
        "type": "new",
        "customer_id": f"C{n % 5}",
        "lead_id": f"L{n}",
        "first_contact": "2024-12-20",
    }
    for n in range(18)
]
TABLES: Mapping[str, Any] = {
    "deals": DEALS,
    "leads": [
        {
            "lead_id": f"L{n}",
            "created": f"2025-0{1 + n % 4}-01T09:00:00",
            "first_response": f"2025-0{1 + n % 4}-01T{10 + n % 9}:30:00" if n % 4 else None,
            "source": "Inbound",
            "owner": "Ann",
        }
        for n in range(12)
    ],
    "activities": [
        {
            "type": kind,
            "date": "2025-02-10",
            "status": "done",
            "direction": "outbound",
            "owner": "Ann",
            "lead_id": "L1",
            "qualified": 1,
        }
        for kind in ("meeting", "call", "proposal")
    ],
    "stage_history": [
        {
            "deal_id": f"D{n}",
            "stage": stage,
            "entered": f"2025-0{1 + n % 4}-0{day}",
            "exited": f"2025-0{1 + n % 4}-0{day + 3}",
        }
        for n in range(6)
        for stage, day in (("Demo", 1), ("Proposal", 4))
    ],
    "costs": [
        {"date": f"2025-0{month}-03", "amount": 500.0, "category": category, "source": "Inbound"}
        for month in range(1, 6)
        for category in ("sales", "marketing", "cogs", "overhead")
    ],
    "targets": [
        {"start": "2025-01-01", "end": "2025-06-30", "amount": 60000.0, "owner": owner}
        for owner in (None, "Ann", "Bob")
    ],
}
KPIS = {kpi.id: kpi for kpi in load_catalogue()}
SCOPE = Scope(KPIS)
SHIPPED: dict[str, Checked] = {kpi.id: check(kpi.formula, SCOPE, kpi.id) for kpi in KPIS.values()}
ASKED = Kpi("asked", "Asked", "", Display.NUMBER, Direction.UP, Kind.LAGGING, Funnel.MONEY, Grain.MONTH)


def engine(*only: str) -> Engine:
    frames = {name: frame(name, rows) for name, rows in TABLES.items() if not only or name in only}
    return Engine(frames.get, Settings(stages=("Demo", "Proposal"), data_from=date(2025, 1, 1)), AS_OF)


FULL = engine()


def answer(checked: Checked, of: Engine, grain: Grain = Grain.MONTH) -> Result:
    by = min(checked.dimensions, default=None)
    query = Query(("asked",), grain, date(2024, 12, 1), date(2025, 6, 30), by=by)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return of.run(query, {**SHIPPED, "asked": checked}, {**KPIS, "asked": ASKED})


def assert_answered(text: str, of: Engine, grain: Grain = Grain.MONTH) -> None:
    for series in answer(check(text, SCOPE), of, grain):
        for point in series.points:
            assert (point.value is None) is (point.reason is not None), text
            assert point.value is None or math.isfinite(point.value), text


def assert_explained(text: str) -> None:
    """Taken apart, a value is the one that was answered."""
    formulas, kpis = {**SHIPPED, "asked": check(text, SCOPE)}, {**KPIS, "asked": ASKED}
    query = Query(("asked",), Grain.MONTH, date(2025, 3, 1), date(2025, 3, 31))
    (point,) = next(iter(FULL.run(query, formulas, kpis))).points
    assert FULL.explain(query, formulas, kpis).value == point, text


FORMULAS = [kpi.formula for kpi in KPIS.values()] + [function.example for function in FUNCTIONS.values()]


@pytest.mark.parametrize("text", FORMULAS)
def test_with_all_tables_with_one_and_with_none(text: str) -> None:
    for of in (FULL, engine("deals"), engine("nothing")):
        assert_answered(text, of)


@pytest.mark.parametrize("grain", Grain)
def test_at_every_grain(grain: Grain) -> None:
    for text in FORMULAS:
        assert_answered(text, FULL, grain)


@given(MONEY)
@settings(max_examples=100, deadline=None)
def test_typed_formulas(text: str) -> None:
    assert_answered(text, FULL)


@pytest.mark.parametrize(
    "text",
    [
        "COUNT(won_deals WHERE source = owner)",
        'COUNT(won_deals WHERE closed IN ("2025-02-13", DATE(2025, 3, 1)))',
        "COUNT(won_deals WHERE owner_has_quota = TRUE OR owner_has_quota IN (FALSE))",
        'COUNT(won_deals WHERE source BETWEEN "A" AND "J")',
        "COUNT(won_deals WHERE (amount > 5) = (cost > 5))",
        "COUNT(won_deals WHERE (amount > 5) IS BLANK)",
        "COUNT(won_deals WHERE (amount / £1) ^ 0.5 > 2 ^ (amount / £1))",
        "COUNT_DISTINCT(won_deals.cycle_days)",
        "COUNT_DISTINCT(won_deals.amount * 2)",
        "MEDIAN(won_deals.amount * BLANK)",
        "SUM(deals.amount ON expected_close)",
        'SUM(reached("Demo").amount)',
        'CONVERSION(reached("Demo") WHERE amount > 5 TO won_deals WHERE source = "Inbound" WITHIN 2 WEEKS)',
        "CONVERSION(deals ON created TO meetings)",
        "CONVERSION(new_customers TO purchases WITHIN 1 YEAR)",
        "CONVERSION(churned_customers TO won_deals)",
        "CONVERSION(calls TO meetings)",
        "CONVERSION(purchases TO refunds)",
        "CONVERSION(stage_exits TO stage_reached)",
        "ONLY([Open pipeline] WHERE amount > 5 AND closed IS BLANK)",
        'ONLY(CONVERSION(created_leads TO meetings) WHERE source = "Inbound")',
        'ONLY([Quota] WHERE owner = "Ann")',
        'ONLY([Sales velocity] WHERE source = "Nowhere")',
        "ALL(TRAILING(AT_START([Open pipeline]), 9999 YEARS))",
        "PREVIOUS(PREVIOUS(LAST_YEAR(PREVIOUS([Total revenue], 9999 YEARS)), 9999 YEARS), 9999 YEARS)",
        "YEAR_TO_DATE(IN_MONTH(QUARTER_TO_DATE(IN_YEAR([Total revenue]))))",
        "GROWTH(GROWTH(GROWTH(GROWTH(GROWTH([Total revenue])))))",
        "ROUND([Total revenue], -9) / ROUND(1 / 3, 9)",
        "999999999999999 ^ 999999999999999 * [Total revenue]",
        "TRAILING(TRAILING([Total revenue], 9999 YEARS), 9999 YEARS)",
        'SUM(IF(won_deals.source = "Nowhere", won_deals.amount, 0))',
        "COUNT(won_deals WHERE source IN (" + ",".join(['"a"'] * 950) + "))",
        "ALL(ONLY(ALL([Share of revenue]) WHERE owner_has_quota))",
        "POWER(0 - 1, 0.5)",
        "0 ^ (0 - 1)",
        "BLANK",
        "IF(BLANK IS BLANK AND NOT TRUE, 1, ELAPSED_SHARE)",
        "MIN([Win rate], [Leads answered within 1 hour], 2) + MAX(BLANK, [Win rate])",
        "+".join(["[Total revenue]"] * 150),
        f"SUM({'+'.join(['won_deals.amount'] * 148)})",
        f"COUNT(won_deals WHERE {' AND '.join(['amount BETWEEN 1 AND 2'] * 145)})",
        "IF(1>0," * 55 + "1" + ",0)" * 55,
        "IF(" * 5 + "[Win rate]" + " BETWEEN 0 AND 2,1,0)" * 5,
        "COUNT(won_deals WHERE MONTH(closed) + YEAR(closed) * WEEKDAY(closed) > NETWORKDAYS(created, closed) / 1 DAY)",
    ],
)
def test_odd_ones(text: str) -> None:
    start = time.thread_time()
    for of in (FULL, engine("deals"), engine("nothing")):
        assert_answered(text, of)
    assert time.thread_time() - start < 5
    assert_explained(text)


@pytest.mark.parametrize("text", FORMULAS)
def test_what_is_answered_is_explained(text: str) -> None:
    assert_explained(text)


def test_what_takes_too_long_gets_a_sentence_and_the_next_question_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluate, "_PATIENCE", 0.0)
    of = engine("deals")
    with pytest.raises(QueryError, match=r"takes too long to calculate\. Ask for fewer periods"):
        assert_answered("COUNT(won_deals) + COUNT(lost_deals)", of)
    assert_answered("COUNT(lost_deals)", of)
    # What was calculated before costs nothing.
    monkeypatch.setattr(evaluate, "_PATIENCE", 4.0)
    assert_answered("COUNT(won_deals) + COUNT(lost_deals)", of)
    monkeypatch.setattr(evaluate, "_PATIENCE", -1.0)
    assert_answered("COUNT(won_deals) + COUNT(lost_deals) * 2", of)


def test_conditions_pick_the_rows_they_say() -> None:
    """The mirror image of a comparison, and both spellings of a criterion, count the same deals."""
    for one, other in (
        ('COUNT(won_deals WHERE "Inbound" = source)', 'COUNTIF(won_deals, source = "Inbound")'),
        ("COUNT(won_deals WHERE 4000 < amount)", "COUNT(won_deals WHERE amount > £4000)"),
        ('COUNT(won_deals WHERE "2025-03-01" <= closed)', 'COUNT(won_deals WHERE closed >= "2025-03-01")'),
        ("COUNT(won_deals WHERE 0 < cycle_days)", "COUNT(won_deals WHERE cycle_days > 0 DAYS)"),
        ("COUNT(won_deals.cost)", "COUNT(won_deals WHERE NOT cost IS BLANK)"),
    ):
        first, second = (
            [point.value for point in answer(check(text, SCOPE), FULL).total("asked").points] for text in (one, other)
        )
        assert first == second
        assert any(first)
