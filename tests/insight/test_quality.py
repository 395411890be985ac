"""What makes a definition more than a label, and what an action is too vague to be."""

from dataclasses import replace
from datetime import date

import pytest

from kpidesk.domain.kpi import Basis, Direction, MonthTarget, Target
from kpidesk.domain.period import Grain, period_of
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.insight.alike import moving_together
from kpidesk.insight.bands import goal
from kpidesk.insight.quality import Facts, lacking, quality, vague, vanity

FACTS = Facts(sources="HubSpot deals", pair="Pipeline coverage", review="Monthly", target="Better than before")
WHOLE = replace(load_catalogue()[0], owner="Ann", goal="£240k", target=Target(1.0, basis=Basis.BASELINE))


def test_seven_points_are_met_by_a_whole_definition() -> None:
    assert all(one.met for one in quality(WHOLE, FACTS))
    assert lacking(WHOLE, FACTS) == ()


@pytest.mark.parametrize(
    ("target", "title"),
    [
        (None, "Target is missing"),
        (Target(1.0), "Target has no basis"),
        (Target(1.0, basis=Basis.BENCHMARK), "Benchmark has no origin"),
        (Target(1.0, basis=Basis.BENCHMARK, origin="Article B"), "Target has a basis"),
        (Target(1.0, basis=Basis.GOAL), "Target has a basis"),
    ],
)
def test_a_target_needs_a_basis(target: Target | None, title: str) -> None:
    assert quality(replace(WHOLE, target=target), FACTS)[1].title == title


def test_a_target_worked_back_from_a_goal_needs_the_goal() -> None:
    kpi = replace(WHOLE, goal="", target=Target(1.0, basis=Basis.GOAL))
    assert quality(kpi, FACTS)[1].title == "Target has no goal"


@pytest.mark.parametrize(
    "action",
    [
        "Look into what changed",
        "monitor it closely every week",
        "We will review this",
        "act",
        "Improve the numbers a lot",
        "keep an eye on it",
    ],
)
def test_vague_actions(action: str) -> None:
    assert vague(action)
    assert vanity(replace(WHOLE, action=action))


def test_no_shipped_action_is_vague_and_an_empty_one_is_missing_instead() -> None:
    assert [kpi.action for kpi in load_catalogue() if vague(kpi.action)] == []
    assert not vague("")
    assert vanity(replace(WHOLE, action="")).startswith("No action follows")
    assert vanity(WHOLE) == ""


def test_two_kpis_that_step_together_are_alike_and_a_shared_trend_is_not_enough() -> None:
    steps = [(n * 7919) % 13 for n in range(60)]
    other = [(n * 104729) % 11 for n in range(60)]
    together = moving_together([float(s) for s in steps], [2.0 * s + 1 for s in steps])
    assert together is not None
    assert (together.r, together.n) == (pytest.approx(1.0), 59)
    assert (
        moving_together([n * 10.0 + s for n, s in enumerate(steps)], [n * 10.0 + s for n, s in enumerate(other)])
        is None
    )
    assert moving_together([1.0] * 60, [1.0] * 60) is None
    few: list[float | None] = [float(s) for s in steps[:26]]
    assert moving_together(few, few) is None  # 25 changes
    assert moving_together([*few, 5.0], [*few, 5.0]) is not None
    assert moving_together([*few, 5.0], [*few, None]) is None


def quarter(target: Target) -> float:
    against = goal(target, Direction.UP, period_of(date(2026, 8, 1), Grain.QUARTER), 1.0)
    assert against is not None
    return against.full


def test_months_with_targets_of_their_own_take_the_place_of_the_plain_one() -> None:
    august, july = date(2026, 8, 1), date(2026, 7, 1)
    plain = Target(300.0, 270.0, cumulative=True)
    assert quarter(plain) == pytest.approx(300)
    assert quarter(replace(plain, monthly=(MonthTarget(august, 150.0),))) == pytest.approx(350)
    owners = (MonthTarget(august, 60.0, "Ann"), MonthTarget(august, 70.0, "Bob"), MonthTarget(july, 100.0))
    assert quarter(replace(plain, monthly=owners)) == pytest.approx(100 + 130 + 100)
    against = goal(replace(plain, monthly=owners), Direction.UP, period_of(august, Grain.MONTH), 0.5)
    assert against is not None
    assert (against.full, against.now, against.limit) == pytest.approx((130.0, 65.0, 58.5))


def test_a_rate_takes_the_mean_of_its_months() -> None:
    rate = Target(0.2, monthly=(MonthTarget(date(2026, 8, 1), 0.3),))
    assert quarter(rate) == pytest.approx((0.2 * 31 + 0.3 * 31 + 0.2 * 30) / 92)
