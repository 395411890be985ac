"""Definitions on their way: drafts, a look before saving, the four gates, seven slots, versions and the way back."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Basis, Display, Kind, Kpi, MonthTarget, Target
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import DefinitionError, KpideskError
from kpidesk.workspace import Workspace
from kpidesk.workspace.editing import Editor, SlotsFullError

NOW = datetime(2026, 8, 25, 12, tzinfo=UTC)
DEALS = "Deal ID,Name,Status,Created,Closed,Amount,Deal owner,Source\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},2026-0{n % 8 + 1}-02,2026-0{n % 8 + 1}-20,{n * 100},{'Ann' if n % 2 else 'Bob'},{'Inbound' if n % 4 else 'Outbound'}\n"
    for n in range(1, 121)
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", clock=lambda: NOW) as one:
        one.commit(one.read(path))
        yield one


@pytest.fixture
def editor(workspace: Workspace) -> Editor:
    return workspace.editor


def whole(
    editor: Editor, name: str = "Inbound win rate", formula: str = 'SHARE(closed_deals WHERE status = "won")'
) -> Kpi:
    """Make a definition that can join the dashboard."""
    return replace(
        editor.blank(),
        name=name,
        formula=formula,
        display=Display.PERCENT,
        owner="Ann",
        target=Target(0.3, basis=Basis.BASELINE),
    )


def only(workspace: Workspace, *kept: str) -> None:
    """Leave only some KPIs on the dashboard."""
    for kpi in workspace.catalog.active:
        if kpi.id not in kept:
            workspace.editor.retire(kpi.id)


def test_a_draft_is_kept_with_all_its_mistakes_and_changes_no_number(workspace: Workspace, editor: Editor) -> None:
    draft = replace(editor.blank(), formula="COUNT(won_dea", name="")
    revision = workspace.revision
    editor.keep(draft)
    assert workspace.revision == revision
    with Workspace.open(workspace.path, read_only=True) as again:
        assert again.editor.start(draft.id) == replace(draft, uuid=again.editor.start(draft.id).uuid)
        assert draft.id not in again.catalog
        assert [one.name for one in again.editor.listing().drafts] == ["New KPI"]
    editor.discard(draft.id)
    assert editor.listing().drafts == ()
    with pytest.raises(DefinitionError, match="no longer there"):
        editor.start(draft.id)


def test_a_draft_that_says_what_is_saved_is_no_draft(workspace: Workspace, editor: Editor) -> None:
    saved = workspace.catalog["win_rate"]
    editor.keep(replace(saved, owner="Ann"))
    assert {one.id for one in editor.listing().lagging if one.drafted} == {"win_rate"}
    editor.keep(saved)
    assert not any(one.drafted for one in editor.listing().lagging)


def test_the_preview_shows_the_numbers_of_a_formula_that_is_not_saved(workspace: Workspace, editor: Editor) -> None:
    shown = editor.preview(whole(editor))
    assert shown.mistake is None
    assert shown.unit == "percent"
    assert shown.display is Display.PERCENT
    assert shown.card is not None
    assert shown.value == pytest.approx(2 / 3, abs=0.05)
    assert shown.card.status is Status.GOOD
    assert len(shown.months) == 12
    assert shown.parts.heads == ("Quarter", "Counted", "Of all", "Inbound win rate")
    assert shown.parts.rows[0][0] == "Q3 to date"
    assert len(shown.parts.rows) == 3
    assert workspace.catalog.by_name("Inbound win rate") is None


def test_the_preview_keeps_the_last_valid_formula_while_typing(editor: Editor) -> None:
    good = "COUNT(won_deals) / COUNT(closed_deals)"
    shown = editor.preview(whole(editor, formula="COUNT(won_deals"), good)
    assert shown.mistake is not None
    assert shown.mistake.unfinished
    assert (shown.mistake.start, shown.mistake.fixes[0][0]) == (5, "add ) at the end")
    assert shown.formula == good
    assert shown.value is not None
    assert shown.parts.heads[1:3] == ("Won", "Closed")
    assert shown.points[0].title == "Formula is not finished"


def test_a_mistake_without_anything_valid_shows_no_number(editor: Editor) -> None:
    shown = editor.preview(whole(editor, formula="nonsense("))
    assert (shown.card, shown.months, shown.value) == (None, (), None)


def test_the_source_is_shown_from_the_imports(editor: Editor) -> None:
    shown = editor.preview(whole(editor))
    assert [(feed.title, feed.file) for feed in shown.feeds] == [("Deals", "deals.csv")]
    assert set(shown.feeds[0].columns) == {"Closed", "Status"}
    missing = editor.preview(whole(editor, formula="COUNT(created_leads)"))
    assert missing.feeds == ()
    assert "Source is missing: no leads imported yet" in missing.lacking


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"formula": "COUNT("}, "Formula is not finished"),
        ({"owner": " "}, "Owner is missing"),
        ({"target": None}, "Target is missing"),
        ({"formula": "COUNT(created_leads)"}, "Source is missing"),
    ],
)
def test_without_formula_owner_source_and_target_it_stays_a_draft(
    workspace: Workspace, editor: Editor, change: dict[str, object], says: str
) -> None:
    only(workspace, "win_rate")
    with pytest.raises(DefinitionError, match=says):
        editor.join(replace(whole(editor), **change))  # type: ignore[arg-type]
    assert [kpi.id for kpi in workspace.catalog.active] == ["win_rate"]


def test_with_the_four_it_joins_and_undo_makes_it_a_draft_again(workspace: Workspace, editor: Editor) -> None:
    only(workspace, "win_rate")
    draft = whole(editor)
    editor.keep(draft)
    saved = editor.join(draft)
    assert saved.kpi == "inbound_win_rate"
    assert [kpi.id for kpi in workspace.catalog.active] == ["win_rate", "inbound_win_rate"]
    assert workspace.catalog["inbound_win_rate"].source == "Deals"
    assert editor.listing().drafts == ()
    editor.take_back(saved)
    assert [kpi.id for kpi in workspace.catalog.active] == ["win_rate"]
    assert "inbound_win_rate" not in workspace.catalog
    assert [one.id for one in editor.listing().drafts] == [draft.id]


def test_a_target_without_a_basis_is_enough_for_the_dashboard_but_not_for_quality(editor: Editor) -> None:
    shown = editor.preview(replace(whole(editor), target=Target(0.3)))
    assert shown.lacking == ()
    assert [one.title for one in shown.points if one.part == "target"] == ["Target has no basis"]


def test_the_eighth_asks_which_one_goes_and_the_retired_one_keeps_its_history(
    workspace: Workspace, editor: Editor
) -> None:
    active = [kpi.id for kpi in workspace.catalog.active]
    for number in range(7 - len(active)):
        editor.join(whole(editor, f"Extra {number}"))
    assert editor.listing().slots == 7
    assert editor.listing().headline == "No slot left"
    with pytest.raises(SlotsFullError, match="Choose which one to retire"):
        editor.join(whole(editor))
    saved = editor.join(whole(editor), instead_of="win_rate")
    listing = editor.listing()
    assert listing.slots == 7
    assert [(one.id, one.note) for one in listing.retired] == [("win_rate", "25 Aug")]
    assert len(workspace.kpi_page("win_rate", Grain.MONTH).history) == 8  # from the first month of the data
    assert editor.history("win_rate")[0].changes == "Changed retired"
    editor.take_back(saved)
    assert workspace.catalog["win_rate"].active
    assert editor.listing().retired == ()


def test_one_kind_alone_is_pointed_out(workspace: Workspace, editor: Editor) -> None:
    lagging = [kpi.id for kpi in workspace.catalog.active if kpi.kind is Kind.LAGGING]
    only(workspace, *lagging)
    assert "Add a leading one" in editor.listing().advice


def test_every_kpi_of_the_dashboard_is_asked_for_its_action(workspace: Workspace, editor: Editor) -> None:
    workspace.define(replace(workspace.catalog["win_rate"], action=""))
    vain = {one.id: one.vain for one in (*editor.listing().leading, *editor.listing().lagging) if one.vain}
    assert vain == {"win_rate": "No action follows when it changes. Name one, or retire it."}


def test_a_changed_formula_is_held_against_every_past_period(workspace: Workspace, editor: Editor) -> None:
    changed = replace(
        workspace.catalog["win_rate"],
        formula='COUNT(won_deals WHERE source = "Outbound") / COUNT(closed_deals WHERE source = "Outbound")',
    )
    told = editor.restatement(changed, Grain.MONTH)
    old = [point.value for point in workspace.kpi_page("win_rate", Grain.MONTH).history[-8:]]
    assert [row.label for row in told.rows] == [
        f"{m} 2026" for m in ("Aug", "Jul", "Jun", "May", "Apr", "Mar", "Feb", "Jan")
    ]
    assert all(f"{value:.1%}" == row.before for value, row in zip(reversed(old), told.rows, strict=True) if value)
    assert told.headline.startswith(f"{sum(bool(row.change) for row in told.rows)} of 8\u00a0months")
    year = editor.restatement(changed, Grain.YEAR)
    assert [row.label for row in year.rows] == ["2026"]
    same = editor.restatement(replace(changed, formula=workspace.catalog["win_rate"].formula), Grain.YEAR)
    assert same.headline == "No year changes"
    assert same.rows[0].change == ""


def test_versions_say_from_when_they_are_in_force_and_charts_mark_them(workspace: Workspace, editor: Editor) -> None:
    kpi = workspace.catalog["win_rate"]
    saved = editor.save(replace(kpi, formula='SHARE(closed_deals WHERE status = "won")', owner="Ann"))
    assert saved.words == "Saved Win rate as version 2"
    assert [(one.number, one.since, one.changes) for one in editor.history("win_rate")] == [
        (2, "25 Aug 2026", "Changed formula, owner"),
        (1, editor.history("win_rate")[1].since, "First version"),
    ]
    months = editor.preview(workspace.catalog["win_rate"]).months
    assert [(one.label, one.mark) for one in months if one.mark] == [("Aug", "Version 2, formula changed 25 Aug")]
    editor.take_back(saved)
    assert workspace.catalog["win_rate"].formula == kpi.formula
    assert workspace.catalog["win_rate"].revision == 3


def test_kpis_made_of_the_same_are_pointed_out(workspace: Workspace, editor: Editor) -> None:
    twin = whole(editor, "Share won", "COUNT(won_deals)/COUNT(closed_deals)")
    told = "Win rate is made of the same inputs. One of the two may be enough."
    assert told in [one.words for one in editor.preview(twin).advice]
    other = whole(editor, "Big", "COUNT(won_deals WHERE amount > 100)")
    assert not any("same inputs" in one.words for one in editor.preview(other).advice)


def test_months_and_owners_with_targets_of_their_own_survive_the_file(workspace: Workspace, editor: Editor) -> None:
    target = Target(
        0.25,
        0.2,
        basis=Basis.BENCHMARK,
        origin="Article B",
        monthly=(MonthTarget(date(2026, 8, 1), 0.3), MonthTarget(date(2026, 8, 1), 0.4, "Ann")),
    )
    editor.save(replace(workspace.catalog["win_rate"], target=target))
    with Workspace.open(workspace.path, read_only=True) as again:
        assert again.catalog["win_rate"].target == target
    assert editor.preview(workspace.catalog["win_rate"]).months[-1].target == pytest.approx(0.3)


def test_a_name_that_is_taken_is_refused_with_a_sentence(editor: Editor) -> None:
    with pytest.raises(KpideskError, match="There is a KPI called Win rate already"):
        editor.save(whole(editor, "Win rate"))


def test_pipeline_weekly_revenue_monthly_performance_quarterly(editor: Editor) -> None:
    found = {
        formula: editor.defaults(whole(editor, formula=formula)).cadence
        for formula in (
            "SUM(open_deals.amount)",
            "COUNT(created_leads)",
            "SUM(won_deals.amount)",
            "[CAC]",
            "[Win rate]",
        )
    }
    assert list(found.values()) == [Grain.WEEK, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.QUARTER]


def test_a_pair_can_be_named_by_the_lagging_one(workspace: Workspace) -> None:
    leading = next(kpi for kpi in workspace.catalog.active if kpi.kind is Kind.LEADING)
    for kpi in workspace.catalog.active:
        workspace.define(replace(kpi, pair=None, lag_weeks=None))
    workspace.define(replace(workspace.catalog["win_rate"], pair=leading.id, lag_weeks=6))
    found = workspace.dashboard(Grain.QUARTER, today=NOW.date()).pairs
    assert [(one.leading.kpi, one.lagging.kpi, one.lag) for one in found] == [(leading.id, "win_rate", "6\u00a0weeks")]


def test_the_page_of_a_kpi_marks_where_its_definition_changed(workspace: Workspace, editor: Editor) -> None:
    def told() -> list[tuple[int, str]]:
        return [(one.place, one.words) for one in workspace.kpi_page("win_rate", Grain.MONTH).marks]

    assert told() == []
    editor.save(replace(workspace.catalog["win_rate"], owner="Ann", target=Target(0.4)))
    assert told() == []  # neither changes what an earlier number meant
    editor.save(replace(workspace.catalog["win_rate"], formula='SHARE(closed_deals WHERE status = "won")'))
    assert told() == [(7, "Version 3, formula changed 25 Aug")]
    editor.save(replace(workspace.catalog["win_rate"], target=Target(0.5)))
    assert told()[1:] == [(7, "Version 4, target changed 25 Aug")]


def test_a_kpi_is_marked_where_the_formula_of_one_that_it_is_made_of_changed(
    workspace: Workspace, editor: Editor
) -> None:
    editor.save(replace(workspace.catalog["win_rate"], formula='SHARE(closed_deals WHERE status = "won")'))
    editor.save(replace(workspace.catalog["win_rate"], target=Target(0.5)))
    (mark,) = workspace.kpi_page("sales_velocity", Grain.MONTH).marks
    assert (mark.words, mark.definition) == ("Win rate, version 2, formula changed 25 Aug", True)
    card = next(one for one in workspace.dashboard(Grain.MONTH, today=NOW.date()).cards if one.kpi == "win_rate")
    assert card.spark is not None
    assert card.spark.changed == {12: "Version 2, formula changed 25 Aug"}


def test_a_draft_made_before_retiring_does_not_bring_the_kpi_back(workspace: Workspace, editor: Editor) -> None:
    draft = replace(workspace.catalog["win_rate"], owner="Ann")
    editor.keep(draft)
    editor.retire("win_rate")
    assert not editor.start("win_rate").active
    editor.save(draft)
    assert (workspace.catalog["win_rate"].active, workspace.catalog["win_rate"].owner) == (False, "Ann")
    assert workspace.catalog["win_rate"].retired is not None


def test_a_draft_is_not_edited_by_what_others_change(workspace: Workspace, editor: Editor) -> None:
    draft = replace(workspace.catalog["win_rate_3"], owner="Ann")
    editor.keep(draft)
    workspace.define(replace(workspace.catalog["win_rate"], name="Hit rate"))
    assert editor.start("win_rate_3").revision == workspace.catalog["win_rate_3"].revision == 2


def test_the_breakdown_by_owner_shows_what_is_asked_of_each(workspace: Workspace) -> None:
    august = date(2026, 8, 1)
    target = Target(0.5, monthly=(MonthTarget(august, 0.6, "Ann"), MonthTarget(date(2026, 7, 1), 0.9, "Bob")))
    workspace.define(replace(workspace.catalog["win_rate"], target=target))
    by_owner = workspace.kpi_page("win_rate", Grain.MONTH, "owner").breakdown
    assert by_owner is not None
    assert {one.label: one.target_text for one in by_owner.slices} == {"Ann": "60%", "Bob": ""}
    by_source = workspace.kpi_page("win_rate", Grain.MONTH, "source").breakdown
    assert by_source is not None
    assert {one.target for one in by_source.slices} == {None}
