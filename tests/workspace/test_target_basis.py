"""The arithmetic of a target: from the own past, worked back from a goal, beside a benchmark, or plain."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpidesk.domain.goal import KeyResult
from kpidesk.domain.kpi import Basis, Kpi, Target
from kpidesk.domain.period import Grain, add_months
from kpidesk.present.editor import Worked
from kpidesk.workspace import Workspace

FIRST = date(2025, 9, 1)


def deals(months: int) -> str:
    """Write ten decided deals a month, four of them won at £1,000, each 20 days after it was created."""
    lines = ["Deal ID,Name,Status,Created,Closed,Amount,Deal owner"]
    for step in range(12 - months, 12):
        month = add_months(FIRST, step)
        lines += [
            f"{step * 100 + n},Deal,{'won' if n < 4 else 'lost'},{month:%Y-%m}-08,{month:%Y-%m}-28,1000,Ann"
            for n in range(10)
        ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def workspace(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Workspace]:
    path = tmp_path / "deals.csv"
    path.write_text(deals(getattr(request, "param", 12)), encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", clock=lambda: datetime(2026, 8, 31, 12, tzinfo=UTC)) as made:
        made.commit(made.read(path))
        yield made


def worked(workspace: Workspace, kpi: Kpi, basis: Basis) -> Worked:
    return workspace.editor.preview(kpi).worked[basis.value]


def goal(workspace: Workspace, *results: KeyResult) -> None:
    made = replace(workspace.goals.blank(date(2026, 7, 1)), name="Grow", results=results)
    workspace.goals.define(made)


def test_an_improvement_is_held_against_the_last_twelve_months(workspace: Workspace) -> None:
    kpi = replace(workspace.catalog["win_rate"], target=Target(0.5))
    assert worked(workspace, kpi, Basis.BASELINE) == Worked(
        "Your own past: 40.0% over the last 12\u00a0months. 50% is 10.0\u00a0pp better, 25%.",
        0.44,
        "Use 44%, a tenth better",
    )
    worse = worked(workspace, replace(kpi, target=Target(0.3)), Basis.BASELINE)
    assert worse.words.endswith("30% is 10.0\u00a0pp worse, 25%. That is no improvement.")
    assert worse.doubt
    assert worked(workspace, replace(kpi, target=Target(0.4)), Basis.BASELINE).words.endswith(
        "40% is the same. That is no improvement."
    )


def test_where_lower_is_better_a_tenth_less_is_the_improvement(workspace: Workspace) -> None:
    kpi = replace(workspace.catalog["sales_cycle_won"], target=Target(25.0))
    found = worked(workspace, kpi, Basis.BASELINE)
    assert (
        found.words
        == "Your own past: 20\u00a0days over the last 12\u00a0months. 25\u00a0days is 5\u00a0days worse, 25%. That is no improvement."
    )
    assert found.value == 18.0


def test_what_adds_up_is_compared_for_the_period_of_its_target(workspace: Workspace) -> None:
    revenue = workspace.catalog["total_revenue"]
    monthly = replace(revenue, target=Target(5_000, grain=Grain.MONTH, cumulative=True))
    assert worked(workspace, monthly, Basis.BASELINE).words.startswith(
        "Your own past: £4.0k a month over the last 12\u00a0months. £5k is £1.0k better, 25%."
    )
    yearly = replace(revenue, target=Target(60_000, grain=Grain.YEAR, cumulative=True))
    assert "£48.0k a year" in worked(workspace, yearly, Basis.BASELINE).words


def test_a_key_result_gives_its_own_target(workspace: Workspace) -> None:
    goal(workspace, KeyResult("total_revenue", 15_000.0), KeyResult("win_rate", 0.55, 0.4))
    kpi = replace(workspace.catalog["win_rate"], goal="Grow", target=Target(0.5))
    assert worked(workspace, kpi, Basis.GOAL) == Worked(
        "It is a key result of “Grow”: from 40% to 55%.", 0.55, "Use 55%"
    )


def test_a_driver_is_worked_back_from_the_result_of_its_goal(workspace: Workspace) -> None:
    goal(workspace, KeyResult("total_revenue", 15_000.0))
    kpi = replace(workspace.catalog["win_rate"], goal="Grow", target=None)
    assert worked(workspace, kpi, Basis.GOAL) == Worked(
        "“Grow” asks for £15k of total revenue, 1.25 times the £12k of your past quarters."
        " All else as it was, 40.0% × 1.25 = 50.0%.",
        0.5,
        "Use 50%",
    )
    cycle = replace(workspace.catalog["sales_cycle_won"], goal="Grow")
    assert worked(workspace, cycle, Basis.GOAL).words.endswith("20\u00a0days ÷ 1.25 = 16\u00a0days.")


def test_a_share_cannot_be_more_than_all(workspace: Workspace) -> None:
    goal(workspace, KeyResult("total_revenue", 36_000.0))
    found = worked(workspace, replace(workspace.catalog["win_rate"], goal="Grow"), Basis.GOAL)
    assert found.words.endswith("= 120.0%. No share is above 100%, so this alone cannot reach it.")
    assert found.value is None


def test_without_a_goal_or_without_a_past_it_says_what_is_lacking(workspace: Workspace) -> None:
    kpi = workspace.catalog["win_rate"]
    assert worked(workspace, kpi, Basis.GOAL).words.startswith("Name a goal of this quarter that has a key result")
    leads = replace(
        kpi, formula='COUNT(created_deals WHERE source = "Nowhere") / COUNT(lost_deals WHERE amount > 9999)'
    )
    for basis in (Basis.PLAIN, Basis.BASELINE, Basis.BENCHMARK):
        assert worked(workspace, leads, basis).words == "There is too little of a past yet to compare with."


@pytest.mark.parametrize("workspace", [4], indirect=True)
def test_a_shorter_past_is_called_that(workspace: Workspace) -> None:
    assert "40.0% over the last 4\u00a0months." in worked(workspace, workspace.catalog["win_rate"], Basis.PLAIN).words


def test_a_benchmark_and_a_plain_target_stand_beside_the_own_past(workspace: Workspace) -> None:
    kpi = replace(workspace.catalog["win_rate"], target=Target(0.45, basis=Basis.BENCHMARK, origin="Article B"))
    told = "Your own past: 40.0% over the last 12\u00a0months. 45% is 5.0\u00a0pp better, 12%."
    assert worked(workspace, kpi, Basis.BENCHMARK) == worked(workspace, kpi, Basis.PLAIN) == Worked(told)


def test_a_stock_is_averaged_and_a_comment_in_a_formula_does_no_harm(workspace: Workspace) -> None:
    commented = replace(workspace.catalog["win_rate"], formula="COUNT(won_deals) / COUNT(closed_deals) // ours")
    assert "40.0%" in worked(workspace, commented, Basis.PLAIN).words
    stock = replace(workspace.catalog["open_pipeline"], target=None)
    assert worked(workspace, stock, Basis.PLAIN).words
