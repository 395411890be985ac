"""The past of the pipeline against loops over days: any snapshots, imported in any order, some undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.importing import Choices
from kpidesk.domain.movement import Movement, Step
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Query
from kpidesk.domain.settings import Settings
from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.store import Store
from kpidesk.workspace import Workspace
from tests.store.batches import NOW, batch

START = date(2026, 6, 1)
DAYS = 40
STAGES = ("Demo", "Proposal")
AS_OF = START + timedelta(days=DAYS)


def day(number: int) -> date:
    return START + timedelta(days=number)


@dataclass(frozen=True)
class File:
    """One export: the day of it, and for each deal that it has what it says."""

    number: int
    rows: dict[int, dict[str, Any]]


@st.composite
def files(draw: st.DrawFn) -> list[File]:
    created = {deal: draw(st.integers(0, 25)) for deal in range(1, 5)}
    found = []
    for number in draw(st.lists(st.integers(1, DAYS), min_size=1, max_size=5)):
        rows = {}
        for deal in draw(st.sets(st.integers(1, 4))):
            if created[deal] > number:
                continue
            status = draw(st.sampled_from(["open", "open", "won", "lost"]))
            closed = None if status == "open" else draw(st.integers(created[deal], number))
            rows[deal] = {
                "status": status,
                "created": created[deal],
                "closed": closed,
                "amount": draw(st.sampled_from([None, 0.0, 10.01, 250.5, 99.99])),
                "stage": draw(st.sampled_from(STAGES)),
                "owner": draw(st.sampled_from(["Ann", "Bob", None])),
            }
        found.append(File(number, rows))
    return found


def put(store: Store, number: int, one: File) -> None:
    rows = [
        {
            **row,
            "deal_id": str(deal),
            "created": day(row["created"]).isoformat(),
            "closed": None if row["closed"] is None else day(row["closed"]).isoformat(),
        }
        for deal, row in sorted(one.rows.items())
    ]
    seen = Snapshot(day(one.number), DatedBy.NAME, "")
    store.write(batch(rows, f"{number}.csv", snapshot=seen), imported_at=NOW, choices=Choices())


def pipeline_on(imported: Sequence[File], at: int) -> dict[int, tuple[float | None, str]]:
    """What each open deal was worth, and its stage, on a day: a loop over what was seen of it, in order of time."""
    found: dict[int, tuple[float | None, str]] = {}
    for deal in range(1, 5):
        told: dict[int, dict[str, Any]] = {}
        for one in sorted(imported, key=lambda one: one.number):
            if deal in one.rows:
                told[one.number] = one.rows[deal]
        if not told:
            continue
        row = standing_on(told, at)
        if row is not None:
            found[deal] = (row["amount"], row["stage"])
    return found


def standing_on(told: dict[int, dict[str, Any]], at: int) -> dict[str, Any] | None:
    """What is known of a deal that is open on a day: from its creation, or from when it was seen open again, until it was closed.

    A deal that was never seen open is what it was when it closed; one that was not seen yet is what it was when first seen.
    """
    earlier = [row for number, row in told.items() if number <= at]
    known = earlier[-1] if earlier else next(iter(told.values()))
    since: int | None = next(iter(told.values()))["created"]
    seen = list(told.items())
    place = 0
    while place < len(seen):
        number, row = seen[place]
        if row["status"] == "open":
            since = number if since is None else since
            place += 1
            continue
        end = place  # the last word of those that call it closed, one after the other
        while end + 1 < len(seen) and seen[end + 1][1]["status"] != "open":
            end += 1
        closed = seen[end][1]["closed"]
        if since is not None and since <= at < max(closed, since):
            return seen[end][1] if place == 0 else known
        since = None
        place = end + 1
    return known if since is not None and since <= at else None


def hundredths(found: dict[int, tuple[float | None, str]], stage: str | None = None) -> int:
    return sum(round((amount or 0.0) * 100) for amount, own in found.values() if stage in (None, own))


def balanced(one: Movement) -> None:
    assert one.start.hundredths + sum(step.hundredths for step in one.steps.values()) == one.end.hundredths
    assert one.start.deals + sum(step.deals for step in one.steps.values()) == one.end.deals


@settings(max_examples=60, deadline=None)
@given(exports=files(), data=st.data())
def test_start_and_changes_come_to_the_end_of_any_two_days_whatever_was_imported_and_undone(
    tmp_path_factory: pytest.TempPathFactory, exports: list[File], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("movement") / "w.kpidesk"
    store = Store.create(path, Settings(stages=STAGES, as_of=AS_OF), ())
    store._db.run("PRAGMA synchronous = OFF")
    standing = dict(enumerate(exports, start=1))
    for number, one in standing.items():
        put(store, number, one)
    for number in data.draw(st.sets(st.sampled_from(sorted(standing)))):
        store.undo(number, undone_at=NOW)
        del standing[number]
    imported = list(standing.values())
    first = data.draw(st.integers(0, DAYS))
    last = data.draw(st.integers(first, DAYS))
    middle = data.draw(st.integers(first, last))
    with Workspace(store) as workspace:
        whole = workspace.movement(day(first), day(last))
        if not any(one.rows for one in imported):
            assert whole == ()
            return
        total, *by_stage = workspace.movement(day(first), day(last), "stage")
        assert whole == (total,)
        balanced(total)
        assert total.start.hundredths == hundredths(pipeline_on(imported, first))
        assert total.end.hundredths == hundredths(pipeline_on(imported, last))
        assert total.end.deals == len(pipeline_on(imported, last))
        for one in by_stage:
            balanced(one)
            stage = None if one.slice is None else one.slice[1]
            assert one.end.hundredths == hundredths(pipeline_on(imported, last), stage)
        _, *by_owner = workspace.movement(day(first), day(last), "owner")
        for slices in (by_stage, by_owner):
            assert sum(one.end.hundredths for one in slices) == total.end.hundredths
            for step in set(Step) - {Step.MOVED_IN, Step.MOVED_OUT}:
                assert sum(one.steps[step].hundredths for one in slices) == total.steps[step].hundredths
        (one,), (two,) = workspace.movement(day(first), day(middle)), workspace.movement(day(middle), day(last))
        assert one.end == two.start
        for step in Step:
            assert one.steps[step].hundredths + two.steps[step].hundredths == total.steps[step].hundredths
        if workspace.history.observed().again:  # a single look at each deal knows no more than today's amounts
            told = workspace.evaluate("SUM(open_deals.amount)", _on(day(last)))
            point = next(iter(told)).points[0]
            if point.reason is None:
                assert round(point.value * 100) == total.end.hundredths


def _on(at: date) -> Query:
    return Query((), Grain.YEAR, at, at, at)
