"""When the day to look back at an action comes, it shows: on the dashboard, in the list, and beside the day itself."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpidesk.domain.kpi import Kpi, Response
from kpidesk.domain.period import Grain
from kpidesk.workspace import Workspace

# Ten deals a month are decided, of which 2 are won up to April 2026 and 8 from May on.
DEALS = "Deal ID,Name,Status,Created,Closed,Amount,Deal owner\n" + "".join(
    f"{month * 100 + n},Deal,{'won' if n < (2 if month < 5 else 8) else 'lost'},2026-{month:02}-01,2026-{month:02}-15,100,Ann\n"
    for month in range(1, 9)
    for n in range(10)
)


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def workspace(tmp_path: Path, clock: Clock) -> Iterator[Workspace]:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", clock=clock) as made:
        made.commit(made.read(path))
        made.set("as_of", "2026-08-31")
        yield made


def agree(workspace: Workspace, **response: object) -> Kpi:
    """Agree on an action on 4 May, to be looked back at on 1 August."""
    agreed = Response(check_back=date(2026, 8, 1), **response)  # type: ignore[arg-type]
    workspace.define(replace(workspace.catalog["win_rate"], cadence=Grain.MONTH, response=agreed))
    return workspace.catalog["win_rate"]


def due(workspace: Workspace) -> list[tuple[str, str, str]]:
    found = workspace.dashboard(Grain.MONTH).attention
    return [(one.title, one.reason, one.argument) for one in found if one.code == "look-back"]


def test_before_its_day_nothing_shows_and_from_then_on_everywhere(workspace: Workspace, clock: Clock) -> None:
    kpi = agree(workspace)
    clock.now = datetime(2026, 7, 31, 12, tzinfo=UTC)
    assert due(workspace) == []
    assert workspace.editor.preview(kpi).look_back == ""
    clock.now = datetime(2026, 8, 1, 12, tzinfo=UTC)
    words = "20.0% in Apr 2026, 80.0% in Jul 2026, better"
    assert due(workspace) == [("Look back at Win rate: did it move?", words, "win_rate/check")]
    clock.now = datetime(2026, 8, 9, 12, tzinfo=UTC)
    assert workspace.editor.preview(kpi).look_back == (
        f"Due since 1 Aug. Win rate: {words}. Set another day, or clear it when the action is done."
    )
    concern = workspace.editor.listing().concerns[0]
    assert concern.words == "Time to look back at what was done about Win rate, due 1 Aug."
    assert [(one.label, one.act, one.kpi) for one in concern.offers] == [("Look back", "check", "win_rate")]


def test_the_kpi_that_should_move_is_held_against_its_own_past(workspace: Workspace, clock: Clock) -> None:
    workspace.define(replace(workspace.catalog["deals_closed"], cadence=Grain.MONTH))
    agree(workspace, moves="deals_closed")
    clock.now = datetime(2026, 8, 2, 12, tzinfo=UTC)
    assert [one[:2] for one in due(workspace)] == [
        ("Look back at Win rate: did deals closed move?", "2 in Apr 2026, 8 in Jul 2026, better")
    ]


def test_a_difference_inside_chance_is_called_that(workspace: Workspace, clock: Clock) -> None:
    clock.now = datetime(2026, 7, 2, 12, tzinfo=UTC)
    agree(workspace)
    clock.now = datetime(2026, 8, 31, 12, tzinfo=UTC)
    assert due(workspace)[0][1] == "80.0% in Jun 2026, 80.0% in Jul 2026, no change"


def test_without_a_whole_period_since_it_is_too_early(workspace: Workspace, clock: Clock) -> None:
    clock.now = datetime(2026, 9, 10, 12, tzinfo=UTC)
    agree(workspace)
    assert due(workspace)[0][1] == "No whole month of data since 10 Sep, too early to tell"


def test_an_action_that_is_cleared_or_moved_on_is_no_longer_due(workspace: Workspace, clock: Clock) -> None:
    kpi = agree(workspace)
    clock.now = datetime(2026, 8, 9, 12, tzinfo=UTC)
    workspace.define(replace(kpi, response=replace(kpi.response, check_back=date(2026, 10, 1))))
    assert due(workspace) == []
    workspace.define(replace(kpi, response=Response()))
    assert due(workspace) == []
    workspace.define(kpi)
    assert len(due(workspace)) == 1
    workspace.editor.retire("win_rate")
    assert due(workspace) == []
