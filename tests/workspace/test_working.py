"""How a number came about: the same value as on the screen, and every row of the files once."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kpidesk.domain.kpi import Target
from kpidesk.domain.period import Grain, read_period
from kpidesk.domain.query import Figure, Filter
from kpidesk.present.history import NO_RANK
from kpidesk.present.working import row_lines, working_table
from kpidesk.workspace import Workspace

HEAD = "deal_id,name,status,created,closed,amount,owner,source\n"
DEALS = HEAD + "".join(
    f"{n},Deal {n},{'won' if n % 3 == 0 else 'lost'},2026-06-02,2026-{7 if n <= 40 else 4:02}-{n % 20 + 1:02},{n * 100},"
    f"{('Ann', 'Bob', 'Cy')[n % 10 // 4]},Inbound\n"
    for n in range(1, 61)
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """60 deals, 40 of them decided in July, and one line that could not be read."""
    export = tmp_path / "deals.csv"
    export.write_text(DEALS + "61,Deal 61,won,2026-06-02,2026-02-30,5,Ann,Inbound\n", encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", clock=lambda: datetime(2026, 8, 25, 12, tzinfo=UTC)) as made:
        made.commit(made.read(export))
        made.set("as_of", "2026-08-25")
        yield made


def test_every_card_leads_to_a_working_with_its_own_value(workspace: Workspace) -> None:
    cards = workspace.dashboard(Grain.QUARTER).cards
    shown = {card.kpi: card for card in cards if not card.reason and card.figure is not None}
    assert "win_rate" in shown
    for card in shown.values():
        assert card.figure is not None
        working = workspace.working(card.figure)
        assert (working.value, working.status) == (card.value, card.status), card.kpi


def test_counted_and_not_counted_rows_are_all_and_lie_in_the_file(workspace: Workspace) -> None:
    working = workspace.working(Figure("win_rate", read_period("2026-Q3")))
    for part in working.parts:
        rows = [row for one in part.lists for row in one.rows]
        assert sorted(rows) == list(range(61))
        lines = {
            line
            for one in part.lists
            for line in (shown.line for shown in row_lines(part, one, 0, workspace.source_rows(one.entity, one.rows)))
        }
        assert lines == set(range(2, 63))
    won, decided = working.parts
    assert [(part.title, len(part.lists[0].rows)) for part in (won, decided)] == [
        ("Deals won", 13),
        ("Deals decided", 40),
    ]
    assert decided.sum_text == "40 counted + 21 not counted = 61\xa0rows of deals"


def test_the_sentence_says_value_rows_range_and_target(workspace: Workspace) -> None:
    workspace.set_target("win_rate", Target(0.25))
    working = workspace.working(Figure("win_rate", read_period("2026-Q3")))
    assert working.sentence == (
        "Win rate was 32.5% in Q3 2026 to 25 Aug: 13 of 40 deals decided, likely 20% to 48%, target 25%."
    )
    assert working.definition == "Deals won in Q3 2026, divided by deals decided in it."
    assert (working.steps[0].filled, working.steps[0].value) == ("13 / 40", "32.5%")


def test_a_slice_below_the_minimum_says_how_many_of_how_many(workspace: Workspace) -> None:
    # Of Cy's deals only 19 (lost) and 39 (won) were decided in this week.
    working = workspace.working(Figure("win_rate", read_period("2026-W30"), where=(Filter("owner", "Cy"),)))
    assert (working.value, working.chip) == ("1 of 2", "Too few")
    assert working.about == "20 to 26 Jul 2026, owner Cy"
    assert working.sentence == "Win rate in 20 to 26 Jul 2026, owner Cy: 1 of 2 deals decided, too few to judge."


def test_owners_that_cannot_be_told_apart_are_not_ranked(workspace: Workspace) -> None:
    working = workspace.working(Figure("win_rate", read_period("2026-Q3")))
    owner = next(one for one in working.dimensions if one.label == "Owner")
    assert {line.row.label for line in owner.slices} == {"Ann", "Bob", "Cy"}
    assert [line.place for line in owner.slices] == [None] * 3
    assert owner.note == NO_RANK
    for line in owner.slices:
        assert workspace.working(line.figure).value == line.row.text
        assert not any(one.label == "Owner" for one in workspace.working(line.figure).dimensions)


def test_a_blank_says_why(workspace: Workspace) -> None:
    working = workspace.working(Figure("win_rate", read_period("2026-05")))
    assert working.value == "—"
    assert working.sentence == "Win rate has no value in May 2026: there is nothing to divide by in this period."


def test_the_table_has_definition_rows_and_slices(workspace: Workspace) -> None:
    table = working_table(workspace.working(Figure("win_rate", read_period("2026-Q3"))))
    assert {row[0] for row in table.rows} >= {"Value", "Definition", "Formula", "Deals won", "By owner"}
    assert table.copied().count("\n") == len(table.rows)


def test_history_tells_normal_variation_only_of_enough_whole_periods(workspace: Workspace) -> None:
    page = workspace.kpi_page("win_rate", Grain.MONTH)
    assert page.variation == "1\xa0whole period. Normal variation needs at least 8."
    assert all(not row.variation for row in page.history)
