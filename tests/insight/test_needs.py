"""What a KPI needs, held against what the engine can answer when a field is taken away."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.feeds import Lack
from kpidesk.domain.kpi import Catalog
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Query
from kpidesk.domain.settings import Settings
from kpidesk.formula.check import Scope, check
from kpidesk.formula.nodes import Checked
from kpidesk.frame import Frame
from kpidesk.insight.needs import feeds, needs
from kpidesk.metrics.engine import Engine
from kpidesk.workspace import open_sample

END = date(2026, 9, 11)
# Every import has these, or is held or filled up: what the engine makes of rows without them never shows.
ALWAYS = {
    *("activities.date", "activities.type", "costs.date", "leads.created", "targets.start", "targets.end"),
    *("stage_history.deal_id", "stage_history.stage", "stage_history.entered", "deals.status"),
}
# Without the link nothing follows from anything: the engine counts none, and KPIDesk says that the link is missing.
LINKS = {"deals.lead_id", "leads.lead_id", "activities.lead_id", "activities.deal_id"}


class Sample:
    """The sample company's frames, and which KPIs have a value when a field is missing."""

    def __init__(self, folder: Path) -> None:
        with open_sample(folder, END) as workspace:
            self.catalog: Catalog = workspace.catalog
            self.settings: Settings = replace(workspace.settings, stages=workspace._stages())
            self.frames = {one.name: workspace.frame(one.name) for one in ENTITIES}
            self.formulas: dict[str, Checked] = {kpi.id: workspace.checked(kpi.id) for kpi in self.catalog}
        self.fields = {
            f"{name}.{field}" for name, frame in self.frames.items() for field in frame.columns if frame.rows
        }

    def answered(self, *without: str) -> set[str]:
        frames = dict(self.frames)
        for field in without:
            name, _, column = field.partition(".")
            kept = {one: values for one, values in frames[name].columns.items() if one != column}
            frames[name] = Frame(name, frames[name].rows, kept)
        engine = Engine(lambda name: frames[name] if frames[name].rows else None, self.settings, END)
        query = Query(tuple(self.formulas), Grain.MONTH, date(2025, 10, 1), END)
        result = engine.run(query, self.formulas, self.catalog.kpis)
        return {kpi for kpi in self.formulas if any(point.value is not None for point in result.total(kpi).points)}


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return Sample(tmp_path_factory.mktemp("sample"))


def test_a_kpi_is_fed_exactly_when_the_engine_can_answer_it(sample: Sample) -> None:
    assert sample.answered() == set(sample.formulas)
    for field in sorted(sample.fields - ALWAYS - LINKS):
        answered, known = sample.answered(field), sample.fields - {field}
        # Customers gained and kept are told by deals won, whatever became of transactions.
        for kpi in sample.formulas:
            met = all(not known.isdisjoint(need) for need in needs(kpi, sample.formulas, invoiced=True))
            if field != "transactions.date":
                assert met == (kpi in answered), (field, kpi)


def formulas(**texts: str) -> dict[str, Checked]:
    scope = Scope({}, "GBP")
    return {name: check(text, scope) for name, text in texts.items()}


def test_a_file_feeds_what_it_can_and_says_which_columns_are_missing() -> None:
    asked = formulas(
        won="COUNT(won_deals)",
        cycle="AVERAGE(won_deals.cycle_days)",
        margin="SUM(won_deals.profit)",
        leads="COUNT(created_leads)",
        per_cost="SUM(won_deals.amount) / SUM(costs.amount)",
    )
    here = {"deals.stage", "deals.closed", "deals.amount"}
    found = feeds(asked, tuple(asked), "deals", here, ())
    assert found.fed == ("won",)
    assert found.lacks == (
        Lack((("deals.created",),), ("cycle",)),
        Lack((("deals.cost",),), ("margin",)),
        Lack((("costs.date",), ("costs.amount",)), ("per_cost",)),
    )
    assert [one.mended_by("deals") for one in found.lacks] == [True, True, False]


def test_what_the_workspace_has_counts_and_other_files_are_not_talked_about() -> None:
    asked = formulas(ratio="SUM(won_deals.amount) / SUM(costs.amount)", leads="COUNT(created_leads)")
    here, there = {"costs.date", "costs.amount"}, {"deals.stage", "deals.closed", "deals.amount"}
    assert feeds(asked, tuple(asked), "costs", here, there).fed == ("ratio",)
    assert not feeds(asked, tuple(asked), "costs", here, there).lacks


def test_either_side_of_ifblank_is_enough() -> None:
    asked = formulas(target="IFBLANK(SUM(quotas.amount), SUM(company_targets.amount))")
    assert ("targets.owner", "targets.start") in needs("target", asked)


def test_purchases_come_from_transactions_where_there_are_any() -> None:
    asked = formulas(bought="COUNT(purchases)")
    assert needs("bought", asked) == (("deals.closed", "transactions.date"),)
    assert needs("bought", asked, invoiced=True) == (("transactions.date",),)


def test_only_narrows_every_list_of_rows_inside() -> None:
    scope = Scope({}, "GBP")
    checked = {"one": check('ONLY(COUNT(won_deals) WHERE segment = "SMB")', scope)}
    assert ("deals.segment",) in needs("one", checked)
