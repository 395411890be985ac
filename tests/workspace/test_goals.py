"""Goals of a quarter: kept with their past, each KPI mapped to one, and everything can be taken back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpidesk.cli import run
from kpidesk.domain.finding import Status
from kpidesk.domain.goal import Goal, KeyResult
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.problem import DefinitionError, KpideskError
from kpidesk.store import Store
from kpidesk.workspace import Workspace

NOW = datetime(2026, 8, 25, 12, tzinfo=UTC)
QUARTER = date(2026, 7, 1)
DEALS = "Deal ID,Name,Status,Created,Closed,Amount,Deal owner,Source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},2026-0{n % 8 + 1}-02,2026-0{n % 8 + 1}-20,{n * 100},{'Ann' if n % 2 else 'Bob'},Inbound\n"
    for n in range(1, 121)
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", clock=lambda: NOW) as one:
        one.commit(one.read(path))
        yield one


def goal(workspace: Workspace, name: str = "Grow", *results: KeyResult, quarter: date = QUARTER) -> Goal:
    made = replace(workspace.goals.blank(quarter), name=name, owner="Ann", results=results)
    workspace.goals.define(made)
    return made


def test_a_goal_is_kept_with_all_its_states(workspace: Workspace) -> None:
    made = goal(workspace, "Grow", KeyResult("win_rate", 0.7, 0.6, 2.0))
    workspace.goals.define(replace(made, owner="Bob"))
    workspace.goals.remove(made.id)
    assert workspace.goals.all() == ()
    assert [one.goal for one in workspace.goals.revisions(made.id)] == [made, replace(made, owner="Bob"), None]
    assert {one.since for one in workspace.goals.revisions(made.id)} == {NOW}


def test_goals_and_settings_do_not_touch_each_other(workspace: Workspace) -> None:
    made = goal(workspace)
    workspace.set("currency", "EUR")
    with Workspace.open(workspace.path, read_only=True) as again:
        assert again.goals.all() == (made,)
        assert again.settings.currency == "EUR"


def test_goals_come_by_quarter_and_then_as_they_were_made(workspace: Workspace) -> None:
    names = [("Late", date(2026, 10, 1)), ("One", QUARTER), ("Two", QUARTER)]
    late, one, two = (goal(workspace, name, quarter=quarter) for name, quarter in names)
    workspace.goals.define(replace(one, owner="Bob"))
    assert [each.id for each in workspace.goals.all()] == [one.id, two.id, late.id]
    assert [each.id for each in workspace.goals.of_quarter()] == [one.id, two.id]


def test_a_damaged_goal_is_told_in_a_sentence(workspace: Workspace) -> None:
    made = goal(workspace)
    workspace._store._db.run("UPDATE settings SET value = '[]' WHERE name = ?", (f"goal:{made.id}",))
    with pytest.raises(KpideskError, match="damaged"):
        workspace.goals.all()


def test_another_program_that_wrote_goals_is_noticed(workspace: Workspace) -> None:
    goal(workspace)
    other = Store.open(workspace.path)
    other.save_goal("x", Goal("x", "Other", QUARTER), NOW)
    other.close()
    with pytest.raises(KpideskError, match=r"The goals of .* were changed by another program"):
        workspace._store.save_goal("y", None, NOW)


@pytest.mark.parametrize(
    ("name", "results", "sentence"),
    [
        ("  ", (), "needs a name"),
        ("x" * 81, (), "at most 80"),
        ("GROW", (), "called “Grow” already"),
        ("Other", (KeyResult("win_rate", 0.2, 0.3),), "Win rate is better when it is higher"),
        ("Other", (KeyResult("sales_cycle_length", 50.0, 40.0),), "better when it is lower"),
        ("Other", (KeyResult("win_rate", 0.7), KeyResult("win_rate", 0.8)), "in this goal twice"),
        ("Other", (KeyResult("win_rate", 0.7, weight=0.0),), "weight of Win rate"),
        ("Other", (KeyResult("nothing", 0.7),), "no KPI called"),
        ("Other", tuple(KeyResult(f"k{n}", 1.0) for n in range(9)), "at most 8 key results"),
    ],
)
def test_a_goal_without_a_meaning_is_refused(
    workspace: Workspace, name: str, results: tuple[KeyResult, ...], sentence: str
) -> None:
    kept = goal(workspace)
    with pytest.raises(KpideskError, match=sentence):
        goal(workspace, name, *results)
    assert workspace.goals.all() == (kept,)


def test_the_page_holds_values_against_the_pace(workspace: Workspace) -> None:
    goal(workspace, "Grow", KeyResult("total_revenue", 250_000.0), KeyResult("win_rate", 0.6))
    page = workspace.goals.page()
    assert page.label == "Q3 2026"
    revenue, rate = page.cards[0].results
    elapsed = 56 / 92  # 25 August
    # Revenue adds up from nothing though no start was given; a rate is held.
    assert (revenue.figures.start, rate.figures.start) == (0.0, None)
    assert revenue.figures.expected == pytest.approx(250_000 * elapsed)
    won = sum(n * 100 for n in range(1, 121) if n % 3 and n % 8 + 1 in (7, 8))
    assert revenue.figures.value == won
    assert revenue.figures.share == pytest.approx(won / 250_000)
    assert revenue.figures.to_go == 250_000 - won
    assert revenue.status is Status.BAD
    assert rate.target == "Hold 60%"
    assert rate.against.endswith(" above")
    assert page.answer.startswith("Q3 2026, day\u00a056 of 92. 1\u00a0goal: 1 at risk. ")


def test_a_quarter_that_has_not_begun_judges_nothing(workspace: Workspace) -> None:
    goal(workspace, "Next", KeyResult("total_revenue", 100_000.0), quarter=date(2026, 10, 1))
    card = workspace.goals.page(date(2026, 11, 5)).cards[0]
    assert card.status is Status.NONE
    assert card.share is None
    assert card.results[0].note == "Begins on 1 Oct."
    assert workspace.goals.page().cards == ()


def test_quarters_follow_the_fiscal_year(workspace: Workspace) -> None:
    workspace.set("fiscal_start", "2")  # quarters begin in February, May, August, November
    goal(workspace, "Grow", KeyResult("total_revenue", 100.0), quarter=date(2026, 8, 1))
    page = workspace.goals.page()
    assert (page.quarter, page.label) == (date(2026, 8, 1), "Q3 FY2027")
    assert page.cards[0].results[0].figures.expected == pytest.approx(100 * 25 / 92)


def test_a_kpi_serves_the_goal_it_names_else_the_one_it_is_a_result_of(workspace: Workspace) -> None:
    first = goal(workspace, "Grow", KeyResult("win_rate", 0.6))
    second = goal(workspace, "Retain")
    active = [kpi.id for kpi in workspace.catalog.active]
    assert {one.kpi for one in workspace.goals.page().loose} == set(active) - {"win_rate"}
    other = next(kpi for kpi in active if kpi != "win_rate")
    done = workspace.goals.map(other, second.id)
    assert other not in {one.kpi for one in workspace.goals.page().loose}
    assert workspace.goals.page().cards[1].serving == ((other, workspace.catalog[other].name),)
    workspace.goals.take_back(done)
    assert other in {one.kpi for one in workspace.goals.page().loose}
    workspace.goals.map(other, first.id)
    workspace.goals.map(other, None)
    assert workspace.catalog[other].goal == ""


def test_without_goals_no_kpi_is_marked(workspace: Workspace) -> None:
    assert workspace.goals.page().loose == ()


def test_a_kpi_that_names_what_is_no_goal_is_marked(workspace: Workspace) -> None:
    goal(workspace)
    workspace.define(replace(workspace.catalog["win_rate"], goal="Old plan"))
    loose = {one.kpi: one for one in workspace.goals.page().loose}
    assert loose["win_rate"].note == "Names “Old plan”, which is no goal of this quarter"


def test_a_renamed_goal_keeps_its_kpis_and_so_does_undo(workspace: Workspace) -> None:
    made = goal(workspace)
    workspace.goals.map("win_rate", made.id)
    done = workspace.goals.define(replace(made, name="Grow faster"))
    assert workspace.catalog["win_rate"].goal == "Grow faster"
    workspace.goals.take_back(done)
    assert workspace.catalog["win_rate"].goal == "Grow"
    assert workspace.goals.all() == (made,)


def test_retiring_and_removing_can_be_taken_back(workspace: Workspace) -> None:
    made = goal(workspace)
    kpi = workspace.catalog.active[0]
    for done in (workspace.goals.retire(kpi.id), workspace.goals.remove(made.id)):
        workspace.goals.take_back(done)
    assert workspace.catalog[kpi.id].active
    assert workspace.catalog[kpi.id].retired is None
    assert workspace.goals.all() == (made,)
    with pytest.raises(DefinitionError, match="no longer there"):
        workspace.goals.remove("other")


def test_a_kpi_that_is_a_key_result_stays(workspace: Workspace) -> None:
    goal(workspace, "Grow", KeyResult("calls_made", 100.0))
    with pytest.raises(DefinitionError, match="is a key result of “Grow”"):
        workspace.remove("calls_made")


def test_offers_start_where_the_last_quarter_ended(workspace: Workspace) -> None:
    offered = {one.id: one for one in workspace.goals.offers(QUARTER).kpis}
    assert offered["total_revenue"].start == 0.0
    rate = offered["win_rate"].start
    assert rate is not None
    assert 0.5 < rate < 0.8
    assert "Ann" in workspace.goals.offers(QUARTER).owners


def test_the_strip_of_the_dashboard_takes_a_revenue_goal_where_no_target_was_imported(workspace: Workspace) -> None:
    from kpidesk.domain.period import Grain

    assert workspace.dashboard(Grain.QUARTER).goal is None
    goal(workspace, "Grow", KeyResult("total_revenue", 250_000.0))
    strip = workspace.dashboard(Grain.QUARTER).goal
    assert strip is not None
    assert (strip.target, strip.pace) == (250_000.0, pytest.approx(250_000 * 56 / 92))


def test_the_command_lists_goals_and_what_serves_none(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    goal(workspace, "Grow", KeyResult("win_rate", 0.6), KeyResult("lead_volume", 10.0))
    path = str(workspace.path)
    assert run(["goals", path]) == 0
    told = capsys.readouterr().out
    assert "Grow, Ann: " in told
    assert "1\u00a0key result not known" in told
    assert "No leads imported yet" in told
    assert run(["goals", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    rate = found["goals"][0]["key_results"][0]
    assert (rate["kpi"], rate["target"], rate["start"], rate["status"]) == ("win_rate", 0.6, None, "good")
    assert "win_rate" not in found["serve_no_goal"]
    assert run(["goals", path, "--quarter", "soon"]) == 2


def test_a_new_quarter_begins_with_the_goals_of_the_one_before(workspace: Workspace) -> None:
    results = (
        KeyResult("total_revenue", 200_000.0),
        KeyResult("win_rate", 0.9, 0.1),
        KeyResult("pipeline_coverage", 3.0),
    )
    goal(workspace, "Grow", *results)
    goal(workspace, "Retain")
    rate = workspace.goals.page().cards[0].results[1].figures.value
    first = date(2026, 10, 1)
    assert workspace.goals.page(first).before == "Q3 2026"
    done = workspace.goals.carry_over(first)
    assert done.words == "Copied 2\u00a0goals from Q3 2026"
    copied = workspace.goals.page(first).cards
    assert [card.goal.name for card in copied] == ["Grow", "Retain"]
    assert copied[0].goal.results == (
        KeyResult("total_revenue", 200_000.0, 0.0),
        KeyResult("win_rate", 0.9, rate),
        KeyResult("pipeline_coverage", 3.0),
    )
    assert len({one.id for one in workspace.goals.all()}) == 4
    workspace.goals.take_back(done)
    assert workspace.goals.page(first).cards == ()
    with pytest.raises(DefinitionError, match="No earlier quarter"):
        workspace.goals.carry_over(date(2026, 4, 1))


def test_the_editor_says_that_a_kpi_serves_no_goal_and_offers_those_there_are(workspace: Workspace) -> None:
    kpi = workspace.catalog["win_rate"]
    told = "It serves no goal of this quarter. Name the one it helps to reach, or retire it."

    def advice(one: Kpi) -> list[str]:
        return [found.words for found in workspace.editor.preview(one).advice]

    assert told not in advice(kpi)
    made = goal(workspace)
    assert told in advice(kpi)
    assert told not in advice(replace(kpi, goal=made.name))
    assert "“Grow the team” is no goal of this quarter. Name the one it helps to reach, or retire it." in advice(
        replace(kpi, goal="Grow the team")
    )
    listing = workspace.editor.listing()
    loose = [one.name for one in (*listing.leading, *listing.lagging) if one.loose]
    assert "Win rate" in loose
    concern = listing.concerns[-1]
    assert concern.words == f"{', '.join(loose[:3])} and {len(loose) - 3} more serve no goal of this quarter."
    assert [offer.act for offer in concern.offers] == ["goal", "retire"]
    assert workspace.editor.offers().goals[0] == made.name
