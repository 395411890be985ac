"""What the language reads, in which unit, and as which nodes."""

import json
from pathlib import Path
from typing import Any

import pytest

from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import Scope, check
from kpidesk.formula.nodes import (
    Aggregate,
    Arithmetic,
    Between,
    Call,
    Column,
    Comparison,
    Contains,
    Conversion,
    Day,
    IsBlank,
    Logic,
    Negate,
    Number,
    Only,
    Proportion,
    Text,
    Window,
    WindowName,
    WindowUnit,
    walk,
)
from kpidesk.formula.printer import print_formula
from tests.formula.scopes import Plain, made, read, refused, shipped

CASES = Path(__file__).parents[2] / "../shared/acceptance/cases.json"


def language_cases() -> list[Any]:
    if not CASES.exists():
        return [
            pytest.param({}, marks=pytest.mark.skip(reason="the shared acceptance cases are not beside this checkout"))
        ]
    return [pytest.param(case, id=case["id"]) for case in json.loads(CASES.read_text(encoding="utf-8"))["language"]]


@pytest.mark.parametrize("case", language_cases())
def test_shared_case(case: dict[str, Any]) -> None:
    expect = case["expect"]
    if expect["ok"]:
        assert read(case["formula"]).unit.name == expect["unit"]
    else:
        error = refused(case["formula"])
        assert (error.code, error.start) == (expect["code"], expect["position"])


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("2", "number"),
        ("12%", "percent"),
        ("£500", "money"),
        ("4 HOURS", "duration"),
        ("SUM(won_deals.amount) / COUNT(won_deals)", "money"),
        ("COUNT(won_deals) / COUNT(new_customers)", "ratio"),
        ("COUNT(won_deals) * 2", "count"),
        ("[Win rate] * 100", "percent"),
        ("1 - [Win rate]", "percent"),
        ("[Total revenue] / [Quota]", "ratio"),
        ("[Total revenue] / PERIOD_LENGTH", "money per day"),
        ("COUNT(won_deals) / PERIOD_LENGTH", "count per day"),
        ("COUNT(won_deals) / PERIOD_LENGTH * 30 DAYS", "count"),
        ("[Purchase frequency] * [Customer lifespan]", "count"),
        ("[Sales velocity] * 30 DAYS", "money"),
        ("[Total revenue] + 0", "money"),
        ("0 - [Total revenue]", "money"),
        ("IF([Win rate] > 20%, 0, [CAC])", "money"),
        ("IFBLANK([Quota], BLANK)", "money"),
        ("MAX(0, [Gap to quota], £5)", "money"),
        ("GROWTH([Sales cycle length])", "percent"),
        ("[Win rate] ^ 2", "number"),
        ("POWER(2, 3)", "number"),
        ("ELAPSED_SHARE", "number"),
        ("AVERAGE(won_deals.closed - won_deals.created)", "duration"),
        ("AVERAGE(won_deals.amount / won_deals.cycle_days)", "money per day"),
        ("AVERAGE(HOURS(created_leads.first_response, created_leads.created))", "duration"),
        ("AVERAGE(YEAR(won_deals.closed))", "number"),
        ('AVERAGE(DAYS(won_deals.closed, "2025-01-01"))', "duration"),
        ('SUM(reached("Demo").amount)', "money"),
        ("PERCENTILE(won_deals.amount, 90%)", "money"),
        ("COUNT_DISTINCT(won_deals.owner)", "count"),
        ("STDEV(won_deals.cycle_days)", "duration"),
    ],
)
def test_units(text: str, unit: str) -> None:
    assert read(text).unit.name == unit


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("=COUNT(won_deals)", "count(Won_Deals)"),
        ("2 × 3 ÷ 4 − 1", "2 * 3 / 4 - 1"),
        ("SUM(won_deals[Amount])", "SUM(won_deals.amount)"),
        ("COUNT(won_deals WHERE source = “Inbound”)", 'COUNT(won_deals WHERE source = "Inbound")'),
        ("COUNT(won_deals WHERE source = 'it''s')", 'COUNT(won_deals WHERE source = "it\'s")'),
        ('COUNTIFS(won_deals, source = "A", amount > 5)', 'COUNT(won_deals WHERE source = "A" AND amount > 5)'),
        ('SUMIF(won_deals.amount, won_deals.source = "A")', 'SUM(won_deals.amount WHERE source = "A")'),
        ("AVERAGEIFS(won_deals.amount)", "AVERAGE(won_deals.amount)"),
        ("COUNT(won_deals.amount)", "COUNT(won_deals WHERE amount IS NOT BLANK)"),
        ("COUNT(deals ON created WHERE amount > 5)", "COUNT(deals WHERE amount > 5 ON created)"),
        ("win_rate + [WIN  RATE]", "[Win rate] + Win_rate"),
        ("IFERROR([Quota], £1)", "IFBLANK([Quota], £1)"),
        ("IF(AND([Win rate] > 1%, [CAC] < £5), 1, 0)", "IF([Win rate] > 1% AND [CAC] < £5, 1, 0)"),
        ('COUNT(won_deals WHERE "B" < source)', 'COUNT(won_deals WHERE source > "B")'),
        ('COUNT(won_deals WHERE created >= "2025-03-31")', "COUNT(won_deals WHERE created >= DATE(2025, 3, 31))"),
        ("COUNT(won_deals) // all of them", "COUNT(won_deals)"),
        ("1 + // one\n2", "1 + 2"),
        ("SUM((won_deals.amount))", "SUM(won_deals.amount)"),
        ("COUNT((won_deals))", "COUNT(won_deals)"),
        ("+[Win rate]", "[Win rate]"),
        ("IF([Win rate] BETWEEN 1% AND 2%, 1, 0)", "IF([Win rate] >= 1% AND [Win rate] <= 2%, 1, 0)"),
    ],
)
def test_two_ways_to_write_the_same(one: str, other: str) -> None:
    assert print_formula(read(one).node) == print_formula(read(other).node)


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("1 - 2 - 3", "(1 - 2) - 3"),
        ("8 / 4 / 2", "(8 / 4) / 2"),
        ("2 ^ 3 ^ 2", "(2 ^ 3) ^ 2"),
        ("-2 ^ 2", "(-2) ^ 2"),
        ("1 + 2 * 3", "1 + (2 * 3)"),
        ("2 * 3 ^ 2", "2 * (3 ^ 2)"),
        ("2 ^ -1", "2 ^ (-1)"),
        ("200 * 5%", "200 * (5%)"),
    ],
)
def test_operators_bind_as_in_excel(text: str, same: str) -> None:
    assert print_formula(read(text).node) == print_formula(read(same).node)


def test_minus_two_squared_negates_first() -> None:
    node = read("-2 ^ 2").node
    assert isinstance(node, Arithmetic)
    assert isinstance(node.left, Negate)


def test_or_binds_looser_than_and_and_not_tightest() -> None:
    node = read("COUNT(won_deals WHERE amount > 1 OR NOT amount > 2 AND amount > 3)").node
    assert isinstance(node, Aggregate)
    assert print_formula(node) == "COUNT(won_deals WHERE amount > 1 OR NOT amount > 2 AND amount > 3)"
    assert isinstance(node.where, Logic)
    assert node.where.operator == "OR"


def test_durations_are_days_and_percents_fractions() -> None:
    for text, value in (
        ("36 HOURS", 1.5),
        ("2 weeks", 14.0),
        ("1 YEAR", 365.25),
        ("1 QUARTER", 91.310625),
        ("12%", 0.12),
    ):
        node = read(text).node
        assert isinstance(node, Number)
        assert node.value == pytest.approx(value, rel=1e-15)


def test_texts_and_names_are_left_as_typed() -> None:
    node = read('COUNT(won_deals WHERE source = "It’s × – ÷ //\u00a0;(")').node
    assert [part.value for part in walk(node) if isinstance(part, Text)] == ["It’s × – ÷ //\u00a0;("]
    scope = Scope({"x": Plain("x", "Founder’s × deals", "COUNT(won_deals)")})
    assert check("[Founder’s × deals]", scope).references == ("x",)
    assert check("[Founder's × deals]", scope).references == ("x",)


def test_spans_point_into_the_text_as_typed() -> None:
    text = "  = “x” "
    error = refused(text)
    assert text[error.start : error.end] == "“x”"
    text = "=£1 + SUM(won_deals.amount WHERE source = “Ünü”) ÷ COUNT(won_deals)"
    places = {type(node).__name__: text[slice(*node.span)] for node in walk(read(text).node)}
    assert places["Text"] == "“Ünü”"
    assert places["Comparison"] == "source = “Ünü”"
    assert places["Aggregate"] == "COUNT(won_deals)"
    assert places["Column"] == "source"


def test_what_stands_inside_an_aggregate() -> None:
    node = read(
        'COUNT(won_deals WHERE closed BETWEEN "2025-01-01" AND "2025-12-31" AND name CONTAINS "renewal" '
        'AND source NOT IN ("A", "B") AND amount IS NOT BLANK)'
    ).node
    kinds = {type(part) for part in walk(node)}
    assert {Between, Day, Contains, IsBlank, Column} <= kinds


def test_row_sets_dates_and_stages() -> None:
    node = read("COUNT(deals ON expected_close)").node
    assert isinstance(node, Aggregate)
    assert (node.rows.name, node.rows.anchor) == ("deals", "expected_close")
    node = read('COUNT(reached("Demo"))').node
    assert isinstance(node, Aggregate)
    assert (node.rows.name, node.rows.stage) == ("stage_reached", "Demo")


def test_conversion_carries_window_and_conditions() -> None:
    node = read('CONVERSION(created_leads WHERE source = "A" TO created_deals WHERE amount > 5 WITHIN 2 WEEKS)').node
    assert isinstance(node, Conversion)
    assert node.within_days == 14
    assert isinstance(node.source_where, Comparison)
    assert isinstance(node.target_where, Comparison)


@pytest.mark.parametrize(
    ("text", "name", "count", "unit"),
    [
        ("PREVIOUS([Win rate])", WindowName.PREVIOUS, 1, WindowUnit.PERIOD),
        ("PREVIOUS([Win rate], 3)", WindowName.PREVIOUS, 3, WindowUnit.PERIOD),
        ("PREVIOUS([Win rate], 3 MONTHS)", WindowName.PREVIOUS, 3, WindowUnit.MONTH),
        ("TRAILING([Win rate], 90 DAYS)", WindowName.TRAILING, 90, WindowUnit.DAY),
        ("LAST_YEAR([Win rate])", WindowName.LAST_YEAR, 1, WindowUnit.PERIOD),
        ("in_quarter([Win rate])", WindowName.IN_QUARTER, 1, WindowUnit.PERIOD),
        ("AT_START([Open pipeline])", WindowName.AT_START, 1, WindowUnit.PERIOD),
    ],
)
def test_time_functions(text: str, name: WindowName, count: int, unit: WindowUnit) -> None:
    node = read(text).node
    assert isinstance(node, Window)
    assert (node.name, node.count, node.unit) == (name, count, unit)


@pytest.mark.parametrize(
    ("text", "is_proportion"),
    [
        ("COUNT(won_deals) / COUNT(closed_deals)", True),
        ("(COUNT(won_deals)) / (COUNT(closed_deals))", True),
        ('COUNT(closed_deals WHERE status = "won") / COUNT(closed_deals)', True),
        ('COUNT(won_deals WHERE SOURCE = "a " AND amount > 5) / COUNT(closed_deals WHERE source = "A")', True),
        ('COUNTIFS(won_deals, source = "a", amount > 5) / COUNTIFS(closed_deals, amount > 5, source = "a")', True),
        ("COUNT(won_deals.amount) / COUNT(won_deals)", True),
        ("COUNT(sales_marketing_costs) / COUNT(costs)", True),
        ('COUNT(reached("A") WHERE advanced) / COUNT(reached("A"))', True),
        ("COUNT(closed_deals) / COUNT(won_deals)", False),
        ('COUNT(won_deals) / COUNT(closed_deals WHERE source = "A")', False),
        ('COUNT(won_deals WHERE source = "A") / COUNT(closed_deals WHERE source = "B")', False),
        ('COUNT(won_deals WHERE source = "A" OR amount > 5) / COUNT(won_deals WHERE source = "A")', False),
        ("COUNT(won_deals) / COUNT(created_deals)", False),
        ('COUNT(reached("A")) / COUNT(reached("B"))', False),
        ("COUNT(deals ON created) / COUNT(deals ON closed)", False),
        ("SUM(won_deals.amount) / SUM(closed_deals.amount)", False),
        ("COUNT_DISTINCT(won_deals.owner) / COUNT(won_deals)", False),
        ("COUNT(won_deals) / 1 / COUNT(closed_deals)", False),
    ],
)
def test_a_proportion_needs_a_part_and_its_whole(text: str, is_proportion: bool) -> None:
    checked = read(text)
    assert isinstance(checked.node, Proportion) is is_proportion
    assert (checked.unit.name == "percent") is is_proportion


def test_slices_are_those_that_all_row_sets_share() -> None:
    assert read("SUM(costs.amount)").dimensions == {"source"}
    assert read("COUNT(won_deals) / COUNT(meetings)").dimensions == {"owner"}
    assert read("COUNT(costs) / COUNT(meetings)").dimensions == frozenset()
    assert "stage" not in read("[Win rate] * [CAC]").dimensions
    # What has no rows restricts nothing.
    assert read("[Win rate] * [Customer lifespan]").dimensions == read("[Win rate]").dimensions
    # A conversion is sliced by its cohort.
    assert "industry" in read("CONVERSION(created_leads TO meetings)").dimensions


def test_a_slice_that_is_not_offered_has_a_reason() -> None:
    assert dict(read("SUM(won_deals.amount) - SUM(costs.amount)").lacking)["owner"] == "costs have no owner"
    assert dict(read("[CAC]").lacking)["segment"] == "sales_marketing_costs have no segment"
    assert dict(read("COUNT(costs) / COUNT(meetings)").lacking) == {
        "owner": "costs have no owner",
        "source": "meetings have no source",
    }
    assert read("[Win rate] * 2").lacking == ()
    for kpi in load_catalogue():
        checked = read(kpi.formula)
        assert not checked.dimensions & dict(checked.lacking).keys()


def test_only_knows_the_columns_common_to_all_rows_inside() -> None:
    node = read('ONLY([Total revenue] - SUM(lost_deals.amount) WHERE owner_has_quota AND source = "A")').node
    assert isinstance(node, Only)
    assert read("ONLY([Pipeline created] WHERE amount > 500)").unit.name == "money"
    assert refused('ONLY([CAC] WHERE owner = "Bob")').code == "E02"
    assert refused('ONLY(SUM(won_deals.amount) - SUM(costs.amount) WHERE owner = "Bob")').code == "E02"
    assert refused('ONLY(COUNT(calls) / COUNT(costs) WHERE owner = "Bob")').code == "E02"
    assert refused('ONLY(COUNT(calls) / COUNT(costs) WHERE category = "cogs")').code == "E02"
    assert refused("ONLY([Customer lifespan] WHERE owner_has_quota)").code == "E02"


def test_a_zero_that_hides_a_blank_is_warned_of() -> None:
    assert "real zero" in read("IFBLANK([Win rate], 0)").warnings[0].message
    text = "1 + IFERROR([CAC], 0) / £1 + IFBLANK([CAC], 0) / £1"
    assert [(one.code, text[slice(*one.span)]) for one in read(text).warnings] == [
        ("W1", "IFERROR([CAC], 0)"),
        ("W1", "IFBLANK([CAC], 0)"),
    ]
    assert read("IFBLANK([Quota], [Sales target])").warnings == ()
    assert read("IFBLANK([Quota], BLANK)").warnings == ()


def test_a_result_that_is_nothing_known_is_warned_of() -> None:
    caution = read("[Sales cycle length] * [Sales cycle length]").warnings[0]
    assert caution.code == "W2"
    assert "days^2" in caution.message


def test_rounding_digits_are_read_from_the_formula() -> None:
    node = read("ROUND([Total revenue], -3)").node
    assert isinstance(node, Call)
    assert isinstance(node.arguments[1], Number)
    assert node.arguments[1].value == -3


def test_kpis_are_found_by_id_or_name_but_columns_come_first_inside() -> None:
    scope = made(source='COUNT(won_deals WHERE source = "x")', amount="SUM(won_deals.amount)")
    assert check("source + amount * 0 / £1", scope).references == ("source", "amount")
    # A KPI may share its id with a column that its own formula uses.
    assert check('COUNT(won_deals WHERE source = "x")', scope, "source").references == ()


def test_a_currency_without_a_sign_takes_plain_numbers() -> None:
    scope = shipped("CHF")
    assert check("COUNT(won_deals WHERE amount > 500)", scope).unit.name == "count"
    error = refused("[CAC] - £5", scope)
    assert error.code == "E26"
    assert "CHF" in error.message
