"""The shipped KPIs: every formula has the unit, the slices and the shape it should have."""

import re
from pathlib import Path

import pytest

from kpidesk.domain.kpi import Display, Kind
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import check
from kpidesk.formula.nodes import Conversion, Proportion, walk
from kpidesk.formula.rowsets import ROW_SETS
from tests.formula.scopes import read, shipped

GOLDEN = [
    [cell.strip() for cell in line.split("|")]
    for line in Path(__file__).with_name("golden.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
SEMANTICS = Path(__file__).parents[2] / "../shared/semantics.md"
KPIS = {kpi.id: kpi for kpi in load_catalogue()}
# Where the product says more than the table: coverage falls back to the company's target when there are no quotas.
EXTENDED = {"pipeline_coverage", "coverage_at_start"}
# Variants that the semantics name outside the table: the working-hours median of the response time.
ADDED = {"work_response"}
SHOWN = {
    "money": {Display.MONEY},
    "count": {Display.COUNT},
    "percent": {Display.PERCENT},
    "ratio": {Display.PERCENT, Display.RATIO},
    "duration": {Display.DAYS, Display.HOURS},
    "money per day": {Display.MONEY_PER_DAY},
    "count per day": {Display.COUNT_PER_DAY},
}


def test_the_golden_list_names_every_kpi_once() -> None:
    assert [row[0] for row in GOLDEN] == list(KPIS)


@pytest.mark.parametrize(("kpi", "unit", "slices"), GOLDEN)
def test_unit_and_slices(kpi: str, unit: str, slices: str) -> None:
    checked = check(KPIS[kpi].formula, shipped(), kpi)
    assert checked.unit.name == unit
    assert set(slices.split()) <= checked.dimensions
    assert checked.warnings == ()


@pytest.mark.parametrize("kpi", KPIS)
def test_a_kpi_is_shown_as_what_it_measures(kpi: str) -> None:
    assert KPIS[kpi].display in SHOWN[check(KPIS[kpi].formula, shipped()).unit.name]


@pytest.mark.parametrize("kpi", KPIS)
def test_slices_are_text_columns_of_all_row_sets(kpi: str) -> None:
    scope = shipped()
    checked = check(KPIS[kpi].formula, scope)
    columns = scope.columns(checked.node)
    assert checked.dimensions <= {name for name, kind in columns.items() if kind == "text"}


@pytest.mark.skipif(not SEMANTICS.exists(), reason="the shared semantics are not beside this checkout")
def test_formulas_are_those_of_the_semantics() -> None:
    table = SEMANTICS.read_text(encoding="utf-8").split("### 3.10")[1].split("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| `(.+)` \| ([a-z ]+) \| ([a-z, -]+) \|$", table, re.MULTILINE)
    golden = [row for row in GOLDEN if row[0] not in ADDED]
    assert len(rows) == len(golden)
    for (kpi, name, formula, unit, slices), (known, golden_unit, golden_slices) in zip(rows, golden, strict=True):
        assert (kpi, unit, set(re.findall(r"\w+", slices))) == (known, golden_unit, set(golden_slices.split()))
        assert KPIS[kpi].name == name
        assert kpi in EXTENDED or KPIS[kpi].formula == formula


def test_true_proportions_are_recognised() -> None:
    found = {
        kpi
        for kpi, definition in KPIS.items()
        if any(isinstance(node, (Proportion, Conversion)) for node in walk(check(definition.formula, shipped()).node))
    }
    assert found == {
        "answered_within_1h",
        "lead_to_meeting_rate",
        "lead_to_opportunity_rate",
        "stage_conversion_rate",
        "demo_to_proposal",
        "win_rate",
        "win_rate_cohort",
        "large_deal_share",
    }


def test_tables_a_formula_needs() -> None:
    assert read("[Pipeline coverage]").entities == {"deals", "targets"}
    assert read("CONVERSION(created_leads TO created_deals WITHIN 90 DAYS)").entities == {"leads", "deals"}
    assert read("[CAC]").entities == {"costs", "deals"}
    assert read("[Customer lifespan]").entities == frozenset()


def test_references_are_ids_in_the_order_of_the_text() -> None:
    checked = read("[Average deal size] * win_rate / [CAC] + [Coverage needed] * [Win rate]")
    assert checked.references == ("average_deal_size", "win_rate", "cac", "required_coverage")


def test_the_default_dashboard_balances_both_kinds() -> None:
    active = sorted((kpi for kpi in KPIS.values() if kpi.active), key=lambda kpi: kpi.position)
    assert 5 <= len(active) <= 7
    assert [kpi.position for kpi in active] == list(range(1, len(active) + 1))
    assert {kpi.kind for kpi in active} == {Kind.LEADING, Kind.LAGGING}
    for kpi in active:
        assert check(kpi.formula, shipped()).entities <= {"deals", "targets"}


@pytest.mark.parametrize("kpi", KPIS)
def test_every_kpi_says_what_it_is_for(kpi: str) -> None:
    definition = KPIS[kpi]
    assert definition.question.endswith("?")
    assert definition.action
    assert definition.source
    assert definition.article in {"A", "B", "A and B", "ours"}
    for other in (definition.pair, definition.target_from):
        assert other is None or other in KPIS
    if definition.pair is not None:
        assert definition.kind is Kind.LEADING
        assert KPIS[definition.pair].kind is Kind.LAGGING
        assert (definition.lag_weeks or 0) > 0


# What a founder has to be told of each shipped KPI (its unit comes from its formula and is held against its display above).
FIELDS = [
    "name",
    "formula",
    "display",
    "direction",
    "kind",
    "funnel",
    "cadence",
    "question",
    "action",
    "article",
    "source",
]


@pytest.mark.parametrize("kpi", KPIS)
def test_every_field_is_filled(kpi: str) -> None:
    for field in FIELDS:
        assert str(getattr(KPIS[kpi], field)).strip(), field
    assert KPIS[kpi].name == KPIS[kpi].name.strip()


def test_no_two_kpis_share_a_name_or_a_question() -> None:
    for field in ("name", "formula", "question"):
        values = [getattr(kpi, field).casefold() for kpi in KPIS.values()]
        assert len(set(values)) == len(values), field


def test_variants_answer_the_same_question_in_another_way() -> None:
    told = {kpi.id: set(kpi.variants) for kpi in KPIS.values() if kpi.variants}
    assert told["sales_cycle_length"] == {"sales_cycle_won", "sales_cycle_first_contact"}
    assert told["win_rate"] >= {"win_rate_cohort", "win_rate_value"}
    assert "coverage_at_start" in told["pipeline_coverage"]
    assert told["clv"] >= {"clv_margin", "clv_churn"}
    for kpi, variants in told.items():
        assert variants <= set(KPIS) - {kpi}
        assert len(variants) == len(KPIS[kpi].variants)


def test_an_override_replaces_a_shipped_formula() -> None:
    scope = shipped()
    scope.overrides = {"customer_lifespan": "£5"}
    checked = check("[Customer lifespan]", scope)
    assert checked.unit.name == "money"


def test_a_link_needs_a_column_of_the_id() -> None:
    """A row set that a conversion may follow has the id it is followed by."""
    ids = {"deal_id", "lead_id", "customer_id"}
    for name, rows in ROW_SETS.items():
        if rows.entity in ("leads", "activities", "stage_history", "transactions"):
            assert ids & set(rows.columns), name
