"""Defining, renaming and removing KPIs, as the window does it."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kpidesk.domain.change import Change
from kpidesk.domain.kpi import Kpi, Target
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import DefinitionError
from kpidesk.domain.settings import Settings
from kpidesk.formula.errors import FormulaError
from kpidesk.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.create(tmp_path / "w.kpidesk") as one:
        yield one


def put(workspace: Workspace, kpi_id: str, formula: str, name: str = "") -> Kpi:
    """Define a KPI made after a shipped one."""
    known = workspace.catalog.kpis.get(kpi_id)
    base = known or replace(workspace.catalog["win_rate"], id=kpi_id, name=kpi_id.replace("_", " "), active=False)
    kpi = replace(base, formula=formula, name=name or base.name)
    assert workspace.define(kpi) == Change.DEFINITIONS
    return workspace.catalog[kpi_id]


def rename(workspace: Workspace, kpi_id: str, name: str) -> None:
    workspace.define(replace(workspace.catalog[kpi_id], name=name))


def test_a_new_name_is_written_into_the_formulas_that_use_it(workspace: Workspace) -> None:
    put(workspace, "mine", "= 2 × [Win  rate] // [Win rate]\n + win_rate")
    rename(workspace, "win_rate", "Hit rate")
    assert workspace.catalog["mine"].formula == "= 2 × [Hit rate] // [Win rate]\n + [Hit rate]"
    assert workspace.catalog["sales_velocity"].formula == (
        "COUNT(open_deals) * [Hit rate] * [Average deal size] / [Sales cycle length]"
    )
    assert workspace.catalog["win_rate_3"].formula == "TRAILING([Hit rate], 3)"
    assert workspace.checked("mine").references == ("win_rate",)
    # What names another KPI is left alone, and keeps its revision.
    assert workspace.catalog["required_coverage"].formula == "1 / [Win rate by value]"
    assert workspace.catalog["required_coverage"].revision == 1
    assert workspace.catalog["mine"].revision == 2
    with Workspace.open(workspace.path, read_only=True) as again:
        assert again.catalog["win_rate_3"].formula == "TRAILING([Hit rate], 3)"


def test_shipped_kpis_can_be_renamed_and_back(workspace: Workspace) -> None:
    before = {kpi.id: (kpi.name, kpi.formula) for kpi in workspace.catalog}
    units = {kpi.id: workspace.checked(kpi.id).unit for kpi in workspace.catalog}
    changed = list(before)[::4]
    for kpi_id in changed:
        rename(workspace, kpi_id, f"The “{kpi_id}” × [odd] name")
    assert {kpi.id: workspace.checked(kpi.id).unit for kpi in workspace.catalog} == units
    for kpi_id in changed:
        rename(workspace, kpi_id, before[kpi_id][0])
    assert {kpi.id: (kpi.name, kpi.formula) for kpi in workspace.catalog} == before


def test_a_name_with_brackets_is_referred_to_by_its_id(workspace: Workspace) -> None:
    rename(workspace, "win_rate", "Wins [all]")
    assert workspace.catalog["win_rate_3"].formula == "TRAILING([win_rate], 3)"
    rename(workspace, "win_rate", "Win rate")
    assert workspace.catalog["win_rate_3"].formula == "TRAILING([Win rate], 3)"


def test_names_may_change_places_but_an_id_stays_its_own(workspace: Workspace) -> None:
    for kpi_id, name in (("k1", "One"), ("k2", "Two")):
        put(workspace, kpi_id, "1", name)
    put(workspace, "sum", "[One] * 2 - [Two]")
    for kpi_id, name in (("k1", "Spare"), ("k2", "One"), ("k1", "Two")):
        rename(workspace, kpi_id, name)
    assert workspace.catalog["sum"].formula == "[Two] * 2 - [One]"
    assert workspace.checked("sum").references == ("k1", "k2")
    with pytest.raises(DefinitionError, match="In formulas “K2” or “k1” means One already"):
        rename(workspace, "k1", "K2")


@pytest.mark.parametrize("name", ["CAC", " cac ", "Win_Rate", "win rate", "Win  Rate", "win_rate"])
def test_a_name_is_taken_once(workspace: Workspace, name: str) -> None:
    with pytest.raises(DefinitionError, match=r"already\. Nothing was changed"):
        put(workspace, "mine", "1", name)
    assert "mine" not in workspace.catalog


@pytest.mark.parametrize(
    ("kpi_id", "name", "says"),
    [
        ("mine", "  ", "needs a name"),
        ("mine", "x" * 81, "at most 80 characters"),
        ("mine", "two\nlines", "on one line"),
        ("9 lives", "Nine lives", "id of a KPI"),
        ("Mine", "Mine", "id of a KPI"),
        ("", "Mine", "id of a KPI"),
    ],
)
def test_what_is_no_name(workspace: Workspace, kpi_id: str, name: str, says: str) -> None:
    kpi = replace(workspace.catalog["cac"], id=kpi_id, name=name)
    with pytest.raises(DefinitionError, match=says):
        workspace.define(kpi)


def test_a_formula_without_a_meaning_is_not_saved(workspace: Workspace) -> None:
    with pytest.raises(FormulaError) as caught:
        put(workspace, "win_rate", "COUNT(won_deal)")
    assert (caught.value.code, caught.value.start) == ("E01", 6)
    assert workspace.catalog["win_rate"].revision == 1


def test_half_a_character_is_not_saved(workspace: Workspace) -> None:
    with pytest.raises(FormulaError, match="half a character"):
        put(workspace, "mine", 'COUNT(won_deals WHERE source = "\ud800")')
    with pytest.raises(DefinitionError):
        put(workspace, "mine", "1", "Mine \ud800")


def test_a_circle_is_refused_with_its_path(workspace: Workspace) -> None:
    put(workspace, "one", "1")
    put(workspace, "two", "[one] * 2")
    put(workspace, "three", "[two] * 2")
    with pytest.raises(FormulaError) as caught:
        put(workspace, "one", "1 + [three]")
    assert caught.value.code == "E19"
    assert caught.value.message == "These KPIs refer to each other in a circle: one → three → two → one."
    with pytest.raises(FormulaError, match="circle: one → one"):
        put(workspace, "one", "[one]")
    assert workspace.catalog["one"].formula == "1"


def test_a_change_that_breaks_others_is_refused_and_names_them(workspace: Workspace) -> None:
    with pytest.raises(DefinitionError) as caught:
        put(workspace, "total_revenue", "COUNT(won_deals)")
    assert str(caught.value) == (
        "With this formula of Total revenue, Sales target attainment, Quota attainment, Closed revenue vs quota and 7 more"
        " could not be calculated. Count divided by money has no meaning here. Nothing was changed."
    )
    assert workspace.catalog["total_revenue"].revision == 1
    # A change of what it measures that others can live with is fine.
    put(workspace, "average_deal_size", "MEDIAN(won_deals.amount)")
    assert workspace.checked("sales_velocity").unit.name == "money per day"


def test_many_broken_kpis_are_counted(workspace: Workspace) -> None:
    for number in range(6):
        put(workspace, f"k{number}", "[Quota] + £1")
    with pytest.raises(
        DefinitionError, match=r"Pipeline coverage, Coverage at quarter start, Gap to quota and 6 more could not"
    ):
        put(workspace, "quota", "COUNT(won_deals)")


def test_breaking_shows_through_other_kpis(workspace: Workspace) -> None:
    put(workspace, "one", "SUM(won_deals.amount)")
    put(workspace, "two", "[one] * 2")
    put(workspace, "three", "[two] + £1")
    with pytest.raises(DefinitionError, match="three could not be calculated"):
        put(workspace, "one", "COUNT(won_deals)")


def test_only_reaching_for_columns_is_held_too(workspace: Workspace) -> None:
    put(workspace, "mine", 'ONLY([Total revenue] WHERE owner = "Ann")')
    with pytest.raises(DefinitionError, match="mine"):
        put(workspace, "total_revenue", "SUM(costs.amount)")


def test_what_was_broken_before_hinders_nobody(workspace: Workspace) -> None:
    put(workspace, "mine", "[CAC] - £5")
    workspace.set("currency", "EUR")
    with pytest.raises(FormulaError):
        workspace.checked("mine")
    put(workspace, "cac", "SUM(costs.amount) / COUNT(new_customers)")
    # It can be given a target, and be mended.
    workspace.set_target("mine", Target(5.0))
    put(workspace, "mine", "[CAC] - €5")
    assert workspace.checked("mine").unit.name == "money"


@pytest.mark.parametrize(("currency", "sign"), [("EUR", "€"), ("CHF", ""), ("GBP", "£")])
def test_shipped_amounts_are_in_the_currency_of_the_workspace(tmp_path: Path, currency: str, sign: str) -> None:
    formula = f"SHARE(won_deals WHERE amount >= {sign}10000)"
    with Workspace.create(tmp_path / "made.kpidesk", Settings(currency=currency)) as one:
        assert one.catalog["large_deal_share"].formula == formula
        assert one.check().definitions == ()
    with Workspace.create(tmp_path / "changed.kpidesk", Settings(currency="USD")) as one:
        one.set("currency", currency)
        assert one.catalog["large_deal_share"].formula == formula
        assert one.check().definitions == ()
        put(one, "large_deal_share", "SHARE(won_deals WHERE amount >= 500)")
        one.set("currency", "USD")
        assert one.catalog["large_deal_share"].formula == "SHARE(won_deals WHERE amount >= 500)"


# --- removing


def test_what_others_are_calculated_from_cannot_be_removed(workspace: Workspace) -> None:
    with pytest.raises(DefinitionError) as caught:
        workspace.remove("sales_cycle_length")
    assert str(caught.value) == (
        "Sales cycle length is used in the formula of Sales velocity. Nothing was changed. Change that first."
    )
    assert "sales_cycle_length" in workspace.catalog


def test_nor_what_others_are_held_against_or_paired_with(workspace: Workspace) -> None:
    for kpi_id, words in (("goal", "is the target of CAC"), ("partner", "is paired with CLV")):
        put(workspace, kpi_id, "COUNT(won_deals)")
        other = workspace.catalog["cac" if kpi_id == "goal" else "clv"]
        workspace.define(replace(other, target_from="goal") if kpi_id == "goal" else replace(other, pair="partner"))
        with pytest.raises(DefinitionError, match=words):
            workspace.remove(kpi_id)


def test_a_removed_kpi_is_gone_and_its_past_stays(workspace: Workspace) -> None:
    put(workspace, "mine", "[Win rate] * 2")
    put(workspace, "mine", "[Win rate] * 3")
    assert workspace.remove("mine") == Change.DEFINITIONS
    assert "mine" not in workspace.catalog
    with pytest.raises(DefinitionError, match="no KPI called “mine”"):
        workspace.remove("mine")
    with sqlite3.connect(workspace.path) as db:
        kept = db.execute("SELECT revision, body FROM definitions WHERE kpi = 'mine' ORDER BY revision").fetchall()
    db.close()
    assert [revision for revision, _ in kept] == [1, 2, 3]
    assert "[Win rate] * 3" in kept[1][1]
    with Workspace.open(workspace.path) as again:
        assert "mine" not in again.catalog
        assert again.check().faults == ()
        # The name is free, and a KPI made anew goes on with the history.
        rename(again, "cac", "Mine now")
        put(again, "mine", "1", "Mine again")
        assert again.catalog["mine"].revision == 4


def test_the_screens_do_without_any_kpi_that_can_be_removed_and_under_any_name(tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("deal_id,status,created,closed,amount\n1,won,2026-08-05,2026-09-01,5\n", encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", Settings(as_of=date(2026, 9, 11))) as one:
        one.commit(one.read(file))
        removed = True
        while removed:
            removed = False
            for kpi_id in list(one.catalog.kpis):
                try:
                    one.remove(kpi_id)
                except DefinitionError:
                    continue
                removed = True
        left = list(one.catalog.kpis)
        assert left == ["open_pipeline", "win_rate", "average_deal_size", "total_revenue", "sales_target"]
        with pytest.raises(DefinitionError, match=r"Win rate stays: .* Take it off the dashboard instead"):
            one.remove("win_rate")
        for kpi_id in left:
            rename(one, kpi_id, f"Another {kpi_id}")
        assert one.dashboard(Grain.MONTH)
        assert one.kpi_page("win_rate", Grain.MONTH).kpi == "win_rate"
        assert one.read(file).preview.effect.totals
        assert one.export_summary(tmp_path / "out.xlsx").exists()
        assert one.check().definitions == ()
