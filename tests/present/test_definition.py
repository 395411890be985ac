"""Formulas in words, as a founder reads them."""

import pytest

from kpidesk.formula.catalogue import catalogue_in
from kpidesk.formula.check import Scope, check
from kpidesk.formula.functions import FUNCTIONS
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.present.definition import NOUNS, in_words, rows_words

KPIS = {kpi.id: kpi for kpi in catalogue_in("GBP")}
NAMES = {kpi.id: kpi.name for kpi in KPIS.values()}
SCOPE = Scope(KPIS, "GBP")


def words(formula: str) -> str:
    return in_words(check(formula, SCOPE).node, NAMES, "GBP", "in Q3 2026")


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        ("COUNT(won_deals) / COUNT(closed_deals)", "Deals won in Q3 2026, divided by deals decided in it."),
        ("SUM(open_deals.amount)", "Value of open deals at the end of Q3 2026."),
        (
            "SHARE(created_leads WHERE response_time <= 1 HOUR)",
            "Share of leads created in Q3 2026 where response time is at most 1 hour.",
        ),
        (
            "CONVERSION(created_leads TO meetings WITHIN 30 DAYS)",
            "Share of leads created in Q3 2026 that led to meetings booked within 30\xa0days.",
        ),
        (
            "COUNT(churned_customers) / AT_START(COUNT(active_customers))",
            "Customers lost in Q3 2026, divided by customers at its start.",
        ),
        ("[CLV] / [CAC]", "CLV, divided by CAC, in Q3 2026."),
        (
            "([Total revenue] - PREVIOUS([Total revenue])) / PREVIOUS([Total revenue])",
            "(Total revenue less total revenue in the period before), divided by total revenue in the period before, in Q3 2026.",
        ),
        (
            'COUNT(won_deals WHERE NOT (source IN ("A", "B") OR amount IS BLANK))',
            "Deals won in Q3 2026 where not: source is one of “A” or “B” or there is no value.",
        ),
        ("[Total revenue] - ([Quota] - [Sales target])", "Total revenue less (quota less sales target), in Q3 2026."),
    ],
)
def test_a_formula_is_said_in_words(formula: str, said: str) -> None:
    assert words(formula) == said


@pytest.mark.parametrize("kpi", KPIS.values(), ids=lambda kpi: kpi.id)
def test_every_shipped_kpi_can_be_said_with_its_period_once(kpi: object) -> None:
    said = words(SCOPE.formula(kpi.id))  # type: ignore[attr-defined]
    assert said.endswith(".")
    assert said.count("Q3 2026") <= 1
    assert "_" not in said


def test_every_row_set_has_a_noun_and_every_function_its_words() -> None:
    assert set(NOUNS) == set(ROW_SETS)
    for function in FUNCTIONS.values() if isinstance(FUNCTIONS, dict) else FUNCTIONS:
        assert "{" not in words(function.example), function.name


def test_one_row_is_said_in_the_singular() -> None:
    rows = check("COUNT(won_deals)", SCOPE).node.rows  # type: ignore[attr-defined]
    assert (rows_words(rows, 1), rows_words(rows, 0)) == ("deal won", "deals won")
