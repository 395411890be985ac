"""Reasons by hand: why rows of each kind are not counted."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from kpidesk.domain.period import Grain
from kpidesk.domain.query import Query
from kpidesk.domain.settings import Settings
from kpidesk.formula.check import check
from tests.metrics.asking import ASKED, FORMULAS, KPIS, SCOPE, deal, engine


def reasons(tables: Mapping[str, Any], formula: str, part: int = 0, as_of: date = date(2025, 12, 31)) -> dict[str, Any]:
    """Which rows of the first table of a part are counted in March 2025, and which have which reason."""
    of = engine(tables, Settings(stages=("New", "Demo", "Offer")), as_of)
    day = date(2025, 3, 1)
    formulas, kpis = {**FORMULAS, "asked": check(formula, SCOPE)}, {**KPIS, "asked": ASKED}
    found = of.explain(Query(("asked",), Grain.MONTH, day, day), formulas, kpis).parts[part].tables[0]
    times = {} if found.times is None else {"times": list(found.times)}
    return {"counted": list(found.counted), **times, **{str(one.reason): list(one.rows) for one in found.left_out}}


LEADS = [
    {"lead_id": "a", "created": "2025-03-01T09:00", "first_response": "2025-03-01T11:00"},
    {"lead_id": "b", "created": "2025-03-01T09:00", "first_response": None},
    {"lead_id": "c", "created": "2025-03-01", "first_response": "2025-03-02"},
    {"lead_id": "d", "created": "2025-03-02T09:00", "first_response": "2025-03-01T11:00"},
    {"lead_id": "e", "created": "2025-04-02T09:00", "first_response": None},
    {"lead_id": "f", "created": "2025-03-30", "first_response": None, "test": 1},
    {"lead_id": "g", "created": None, "first_response": None},
]
ACTIVITIES = [
    {"activity_id": "1", "type": "meeting", "date": "2025-03-04", "lead_id": "a"},
    {"activity_id": "2", "type": "meeting", "date": "2025-03-04", "lead_id": "b", "status": "cancelled"},
    {"activity_id": "3", "type": "call", "date": "2025-03-04", "direction": "inbound"},
    {"activity_id": "4", "type": "call", "date": "2025-03-04", "direction": "outbound"},
    {"activity_id": "5", "type": "meeting", "date": "2026-03-04"},
]
DEALS = [
    deal("1", "won", "2025-02-01", "2025-03-05", 10.0, account="X"),
    deal("2", "won", "2025-03-09", "2025-03-06", 10.0, account="X"),
    deal("3", "lost", None, "2025-03-06", 10.0),
    deal("4", "won", "2025-02-01", "2025-03-07", -5.0, account="X"),
    deal("5", "open", "2025-02-01"),
    deal("6", "won", "2026-02-01", "2026-02-02"),
]
STAYS = [
    {"deal_id": "1", "stage": "New", "entered": "2025-03-01", "exited": "2025-03-03"},
    {"deal_id": "1", "stage": "Demo", "entered": "2025-03-03", "exited": "2025-03-05"},
    {"deal_id": "1", "stage": "New", "entered": "2025-03-05", "exited": "2025-03-04"},
    {"deal_id": "5", "stage": "Demo", "entered": "2025-03-09", "exited": None},
    {"deal_id": "9", "stage": "Demo", "entered": "2025-03-09", "exited": None},
    {"deal_id": "5", "stage": "Parked", "entered": "2025-03-08", "exited": None},
]
TARGETS = [
    {"start": "2025-03-01", "end": "2025-03-31", "amount": 100.0},
    {"start": "2025-04-01", "end": "2025-04-30", "amount": 100.0},
    {"start": "2025-03-01", "end": "2025-03-31", "amount": 100.0, "owner": "Ann"},
    {"start": "2025-03-31", "end": "2025-03-01", "amount": 100.0},
]
CUSTOMERS = [
    {"customer_id": "a", "acquired": "2025-01-01", "churned": "2025-03-15"},
    {"customer_id": "b", "acquired": "2025-01-01", "churned": "2025-04-15"},
    {"customer_id": "c", "acquired": "2025-04-01", "churned": None},
    {"customer_id": "d", "acquired": None, "churned": None},
]


@pytest.mark.parametrize(
    ("tables", "formula", "expected"),
    [
        (
            {"leads": LEADS},
            "MEDIAN(created_leads.response_time)",
            {"counted": [0], "no_response": [1], "no_time": [2], "answered_first": [3]}
            | {"outside_period": [4], "test": [5], "no_date": [6]},
        ),
        (
            {"leads": LEADS},
            "COUNT(created_leads WHERE first_response IS BLANK)",
            {"counted": [1], "filtered": [0, 2, 3], "outside_period": [4], "test": [5], "no_date": [6]},
        ),
        (
            {"activities": ACTIVITIES},
            "COUNT(meetings)",
            {"counted": [0], "cancelled": [1], "other_kind": [2, 3], "not_yet": [4]},
        ),
        (
            {"activities": ACTIVITIES},
            "COUNT(calls)",
            {"counted": [3], "other_kind": [0, 1, 4], "inbound": [2]},
        ),
        (
            {"deals": DEALS},
            "AVERAGE(closed_deals.cycle_days)",
            {"counted": [0], "closed_first": [1], "no_date": [2], "adjustment": [3], "open": [4], "not_yet": [5]},
        ),
        (
            {"deals": DEALS},
            "SUM(refunds.amount)",
            {"counted": [3], "not_refund": [0, 1, 2, 4], "not_yet": [5]},
        ),
        (
            {"deals": DEALS},
            "COUNT(new_customers)",
            {"counted": [0], "repeat": [1], "lost": [2], "adjustment": [3], "open": [4], "not_yet": [5]},
        ),
        (
            {"deals": DEALS},
            "COUNT_DISTINCT(won_deals.account)",
            {"counted": [0], "same_value": [1], "lost": [2], "adjustment": [3], "open": [4], "not_yet": [5]},
        ),
        (
            {"deals": DEALS, "stage_history": STAYS},
            "SUM(stage_exits.days)",
            {"counted": [0, 1, 5], "ends_first": [2], "still_there": [3], "no_deal": [4]},
        ),
        (
            {"deals": DEALS, "stage_history": STAYS},
            "COUNT(stage_reached)",
            # Won with the second stay: it tells of the last stage too, and the fourth of the first stage that it skipped.
            {"counted": [0, 1, 3], "times": [1, 2, 2], "repeat": [2], "no_deal": [4], "no_stage": [5]},
        ),
        (
            {"deals": DEALS, "stage_history": STAYS},
            'COUNT(reached("New"))',
            {"counted": [0, 3], "other_stage": [1], "repeat": [2], "no_deal": [4], "no_stage": [5]},
        ),
        (
            {"targets": TARGETS},
            "SUM(company_targets.amount)",
            {"counted": [0], "outside_period": [1], "has_owner": [2], "ends_first": [3]},
        ),
        (
            {"customers": CUSTOMERS},
            "COUNT(active_customers)",
            {"counted": [1], "churned": [0], "later": [2], "no_date": [3]},
        ),
        (
            {"costs": [{"date": "2025-03-01", "amount": 5.0, "category": "rent"}]},
            "SUM(sales_marketing_costs.amount)",
            {"counted": [], "other_category": [0]},
        ),
        ({"deals": [{"deal_id": "1"}]}, 'COUNT(won_deals WHERE source = "x")', {"counted": [], "open": [0]}),
    ],
)  # fmt: skip
def test_each_row_has_its_reason(tables: Mapping[str, Any], formula: str, expected: dict[str, list[int]]) -> None:
    found = reasons(tables, formula)
    assert {name: sorted(rows) for name, rows in found.items()} == expected


def test_rows_not_followed_in_time_or_not_yet() -> None:
    tables = {"leads": LEADS, "activities": ACTIVITIES}
    formula = "CONVERSION(created_leads TO meetings WITHIN 30 DAYS)"
    early = reasons(tables, formula, 1, date(2025, 3, 20))
    assert (early["counted"], early["waiting"]) == ([0], [1, 2, 3])
    late = reasons(tables, formula, 1)
    assert (late["counted"], late["not_followed"]) == ([0], [1, 2, 3])
