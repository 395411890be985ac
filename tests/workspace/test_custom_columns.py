"""Columns that feed no field: kept, and used as dimensions and in formulas."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from unicodedata import normalize

import pytest

from kpidesk.domain.period import Grain, Period
from kpidesk.domain.problem import KpideskError
from kpidesk.domain.query import Filter, Query
from kpidesk.workspace import Workspace

DEALS = """Deal ID,Status,Created,Closed,Amount,Partner tier,Seats,Kick-off,Owner,Campaign ID,Postcode code
1,won,2026-01-02,2026-02-01,100,Gold,5,14/03/2026,Ann,1,007
2,won,2026-01-02,2026-02-02,200,Silver,7,15/03/2026,Ann,2,008
3,won,2026-01-02,2026-02-03,300,Gold,,,Bob,3,009
4,lost,2026-01-02,2026-02-04,50,gold,9,16/03/2026,Bob,4,010
5,won,2026-01-02,2026-02-05,-40,Silver,1,17/03/2026,Bob,5,011
"""
YEAR = Query((), Grain.YEAR, date(2026, 1, 1), date(2026, 12, 31), date(2026, 12, 31))


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "Sales.kpidesk") as made:
        bring_in(made, tmp_path, DEALS)
        yield made


def bring_in(workspace: Workspace, folder: Path, text: str, name: str = "deals.csv") -> int:
    (folder / name).write_text(text, encoding="utf-8")
    batch = workspace.commit(workspace.read(folder / name)).batch
    assert batch is not None
    return batch


def value(workspace: Workspace, formula: str) -> float | None:
    (series,) = workspace.evaluate(formula, YEAR)
    return series.points[0].value


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ('SUM(won_deals.amount WHERE partner_tier = "Gold")', 400.0),
        ('SUM(won_deals.amount WHERE Partner_Tier = "gold")', 400.0),
        ("COUNT_DISTINCT(won_deals.partner_tier)", 2.0),
        ("COUNT_DISTINCT(won_deals[Partner tier])", 2.0),
        ("SUM(won_deals.seats)", 12.0),
        ("SUM(won_deals[Seats] WHERE seats > 5)", 7.0),
        ('COUNT(closed_deals WHERE kick_off >= "2026-03-15")', 2.0),
        ("AVERAGE(DAYS(closed_deals.kick_off, closed_deals.closed))", (41 + 41 + 40) / 3),
        ('COUNT(won_deals WHERE campaign_id = "2")', 1.0),
        ('COUNT(won_deals WHERE postcode_code = "008")', 1.0),
        ("COUNT(won_deals WHERE seats IS BLANK)", 1.0),
    ],
)
def test_formulas_use_custom_columns_by_what_they_hold(workspace: Workspace, formula: str, expected: float) -> None:
    assert value(workspace, formula) == pytest.approx(expected)
    year = Period(YEAR.first, date(2027, 1, 1), Grain.YEAR)
    assert workspace.explain(formula, year, (), YEAR.as_of).value.value == pytest.approx(expected)


def test_kpis_are_split_and_filtered_by_custom_columns(workspace: Workspace) -> None:
    for kpi, expected in (
        ("win_rate", {"Gold": 2 / 3, "Silver": 1.0}),
        ("total_revenue", {"Gold": 400.0, "Silver": 160.0}),
    ):
        query = Query((kpi,), YEAR.grain, YEAR.first, YEAR.last, YEAR.as_of, "partner_tier")
        slices = {one.slice[1]: one.points[0].value for one in workspace.query(query) if one.slice is not None}
        assert slices == pytest.approx(expected)
    query = Query(
        ("total_revenue",), YEAR.grain, YEAR.first, YEAR.last, YEAR.as_of, None, (Filter("partner_tier", "silver"),)
    )
    assert workspace.query(query).total("total_revenue").points[0].value == 160.0
    page = workspace.kpi_page("total_revenue", Grain.YEAR, "partner_tier")
    assert ("partner_tier", "Partner tier") in page.dimensions
    assert "seats" not in dict(page.dimensions)


def test_completion_offers_them_with_their_header_and_values(workspace: Workspace) -> None:
    text = "SUM(won_deals.amount WHERE part"
    found = next(one for one in workspace.complete(text, len(text)).completions if one.label == "partner_tier")
    assert found.source == "Partner tier"
    text = 'COUNT(won_deals WHERE partner_tier = "'
    assert {"Gold", "Silver"} <= {one.label for one in workspace.complete(text, len(text)).completions}


def test_a_formula_keeps_its_meaning_when_the_import_is_undone(workspace: Workspace) -> None:
    formula = 'SUM(won_deals.amount WHERE partner_tier = "Gold") / SUM(won_deals.seats)'
    workspace.undo(1)
    assert value(workspace, formula) is None
    assert "partner_tier" in workspace.read_formula("SUM(won_deals.amount)").dimensions


def test_one_stray_cell_takes_no_numbers_away_and_many_make_a_text(workspace: Workspace, tmp_path: Path) -> None:
    rows = "".join(f"{n},won,2026-01-02,2026-03-01,1,{'TBC' if n == 99 else 2}\n" for n in range(60, 100))
    bring_in(workspace, tmp_path, f"Deal ID,Status,Created,Closed,Amount,Licences\n{rows}", "more.csv")
    assert value(workspace, "SUM(won_deals.licences)") == 78.0
    rows = "".join(f"{n},won,2026-01-02,2026-03-01,1,{'TBC' if n > 80 else 2}\n" for n in range(60, 100))
    bring_in(workspace, tmp_path, f"Deal ID,Status,Created,Closed,Amount,Beds\n{rows}", "beds.csv")
    with pytest.raises(KpideskError, match="needs numbers"):
        workspace.read_formula("SUM(won_deals.beds)")


def test_a_header_that_a_field_has_already_gets_a_name_of_its_own(workspace: Workspace, tmp_path: Path) -> None:
    text = "Deal ID,Status,Created,Closed,Amount,Profit,2nd owner\n9,won,2026-01-02,2026-03-01,1,4,Eve\n"
    bring_in(workspace, tmp_path, text, "clash.csv")
    assert value(workspace, "SUM(won_deals.custom_profit)") == 4.0
    assert value(workspace, 'COUNT(won_deals WHERE column_2nd_owner = "Eve")') == 1.0


def test_a_kpi_over_them_follows_new_names_and_formulas_of_what_it_refers_to(workspace: Workspace) -> None:
    win_rate = workspace.catalog["win_rate"]
    gold = 'ONLY([Win rate] WHERE partner_tier = "Gold")'
    workspace.define(replace(win_rate, id="gold_rate", name="Gold rate", formula=gold, active=False))
    workspace.define(replace(win_rate, name="Hit rate"))
    assert workspace.catalog["gold_rate"].formula == 'ONLY([Hit rate] WHERE partner_tier = "Gold")'
    workspace.define(replace(workspace.catalog["win_rate"], formula="COUNT(won_deals) / COUNT(created_deals)"))
    assert workspace.checked("gold_rate").unit.name == "ratio"


def test_names_with_accents_are_the_same_however_they_are_kept(workspace: Workspace, tmp_path: Path) -> None:
    """A Mac keeps é as e with an accent after it; what is typed and what a file has may differ in that."""
    text = "Deal ID,Status,Created,Closed,Amount,Région\n9,won,2026-01-02,2026-03-01,1,Orléans\n"
    bring_in(workspace, tmp_path, normalize("NFD", text), "accents.csv")
    for formula in (
        'COUNT(won_deals WHERE région = "Orléans")',
        'COUNT(won_deals WHERE won_deals[Région] = "ORLÉANS")',
    ):
        assert value(workspace, formula) == 1.0
        assert value(workspace, normalize("NFD", formula)) == 1.0
