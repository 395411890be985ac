"""Imports against a plain model of them: a dictionary per row, laid over each other and taken back in any order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.change import Change
from kpidesk.domain.importing import Choices, Effect
from kpidesk.domain.problem import CancelledError, WorkspaceError
from kpidesk.domain.progress import Progress
from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.frame import Batch
from kpidesk.ingest.profiles import GENERIC, profile
from kpidesk.store import Store
from kpidesk.store.imports import UNRECOGNISED
from tests.store.batches import NOW, batch, cells, deal, held, new, put, told

_FIELDS = {
    "name": st.sampled_from(["A", "B", "ß", None]),
    "owner": st.sampled_from(["Ann", "Bob", None]),
    "amount": st.sampled_from([0.0, 1.0, 2.5, None]),
    "created": st.sampled_from(["2026-01-02", "2026-01-02T00:00:00Z", "2026-01-02T00:00:00", None]),
    "test": st.sampled_from([True, False, None]),
}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new(tmp_path / "w.kpidesk")
    yield made
    made.close()


@st.composite
def _imports(draw: st.DrawFn) -> Batch:
    """One file of some day, with some of the fields, perhaps with an extra column."""
    ids = draw(st.lists(st.integers(1, 5), max_size=5, unique=True))
    fields = draw(st.sets(st.sampled_from(sorted(_FIELDS))))
    rows = [{"deal_id": str(number), **{name: draw(_FIELDS[name]) for name in sorted(fields)}} for number in ids]
    extras = {"Note": [draw(st.sampled_from(["x", "y", None])) for _ in ids]} if draw(st.booleans()) else {}
    seen = draw(st.sampled_from([None, *(Snapshot(date(2026, 9, day), DatedBy.ROWS, "") for day in (1, 8, 10))]))
    return batch(rows, f"{draw(st.integers(0, 10**9))}.csv", extras=extras, snapshot=seen)


def _day(one: Batch) -> date:
    return NOW.date() if one.snapshot is None else one.snapshot.day


def _model(imports: list[Batch]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for one in sorted(imports, key=_day):
        columns = {name: cells(column) for name, column in {**one.frame.columns, **one.extras}.items()}
        for place, key in enumerate(one.keys):
            rows.setdefault(key, {}).update({name: column[place] for name, column in columns.items()})
    return rows


def _filled(rows: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    return [_known(row) for row in rows.values()]


def _known(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}


def _rows(store: Store) -> list[dict[str, Any]]:
    found = told(store)
    columns = {**found["cells"], **found["extras"]}
    return [
        {name: column[place] for name, column in columns.items() if column[place] is not None}
        for place in range(found["rows"])
    ]


@settings(max_examples=30, deadline=None)
@given(imports=st.lists(_imports(), min_size=1, max_size=4), data=st.data())
def test_imports_and_undo_in_any_order_say_what_the_model_says(
    tmp_path_factory: pytest.TempPathFactory, imports: list[Batch], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("undo")
    store = new(folder / "a.kpidesk")
    standing: dict[int, Batch] = {}
    for one in imports:
        before = _model(list(standing.values()))
        expected = store.effect(one)
        number = put(store, one)
        standing[number] = one
        after = _model(list(standing.values()))
        now = _filled(after)
        added = len(after) - len(before)
        updated = sum(_known(before[key]) != _known(after[key]) for key in before)
        assert store.batches()[-1].effect == expected == Effect(added, updated, len(one.keys) - added - updated)
        assert _rows(store) == now
        if data.draw(st.booleans()):
            gone = data.draw(st.sampled_from(sorted(standing)))
            store.undo(gone, undone_at=NOW)
            del standing[gone]
            assert _rows(store) == _filled(_model(list(standing.values())))
    never = new(folder / "b.kpidesk")
    for one in standing.values():
        put(never, one)
    remembered = told(store)
    assert remembered == told(never)
    never.close()
    store.close()
    again = Store.open(folder / "a.kpidesk")
    assert told(again) == remembered
    again.close()


def test_a_file_imported_twice_is_known(store: Store) -> None:
    one = batch([deal(1), deal(2)], held=(held(4, Name="x"),))
    assert store.find_batch(one) is None
    number = put(store, one)
    known = store.find_batch(batch([deal(1), deal(2)]))
    assert known is not None
    assert known.id == number
    assert store.effect(one) == Effect(unchanged=2, held=1)
    assert store.find_batch(batch([deal(1), deal(2, 11.0)])) is None  # the same file read in another way
    assert store.find_batch(batch([deal(1), deal(2)], sheet="Sheet2")) is None
    store.undo(number, undone_at=NOW)
    assert store.find_batch(one) is None


def test_an_older_file_again_does_not_bring_old_cells_back(store: Store) -> None:
    put(store, batch([deal(1, 10.0)]))
    put(store, batch([deal(1, 20.0)], "b.csv"))
    older = batch([deal(1, 10.0)])
    assert store.effect(older) == Effect(unchanged=1)
    assert cells(store.folded(older)[0].columns["amount"]) == [20.0]


def test_a_look_at_an_import_changes_nothing(store: Store) -> None:
    put(store, batch([deal(1)]))
    before = told(store), store.revision()
    folded, _, _ = store.folded(batch([deal(1, 5.0), deal(2, 6.0)], "b.csv"))
    assert cells(folded.columns["amount"]) == [5.0, 6.0]
    assert (told(store), store.revision()) == before


def test_the_same_ids_of_two_entities_or_crms_are_different_rows(store: Store) -> None:
    put(store, batch([deal(1)], source="pipedrive"))
    put(store, batch([deal(1, 99.0)], "b.csv", source="hubspot"))
    put(store, batch([{"lead_id": "1", "created": "2026-01-01"}], "c.csv", entity="leads", key="lead_id"))
    assert cells(store.frame("deals").columns["amount"]) == [10.0, 99.0]
    assert (store.counts()["deals"], store.counts()["leads"]) == (2, 1)


@pytest.mark.parametrize(("first", "second"), [("hubspot", UNRECOGNISED), (UNRECOGNISED, "hubspot")])
def test_a_file_that_was_not_recognised_once_does_not_double_its_deals(store: Store, first: str, second: str) -> None:
    put(store, batch([deal(1), deal(2)], source=first))
    assert store.effect(batch([deal(1, 99.0), deal(5)], "b.csv", source=second)) == Effect(added=1, updated=1)
    put(store, batch([deal(1, 99.0), deal(5)], "b.csv", source=second))
    assert cells(store.frame("deals").columns["deal_id"]) == ["1", "2", "5"]
    put(store, batch([deal(1), deal(6), deal(7)], "c.csv", source=second))  # a third of its ids is too few
    assert store.counts()["deals"] == 6


def test_the_generic_profile_is_the_unrecognised_source() -> None:
    generic = profile(GENERIC)
    assert generic is not None
    assert generic.namespace == UNRECOGNISED


def test_the_list_of_imports_says_what_each_did(store: Store) -> None:
    put(
        store,
        batch(
            [deal(1), deal(2, created="2025-12-24", expected_close="2027-01-01")],
            held=(held(9, Close="soon"), held(4, Close="?")),
        ),
    )
    number = put(store, batch([deal(2, 7.0), deal(3)], "b.xlsx", sheet="Deals"))
    assert store.undo(number, undone_at=NOW) == Change.ROWS | Change.IMPORTS
    first, second = store.batches()
    assert (first.entity, first.file_name, first.sheet, first.profile, first.rows) == (
        "deals",
        "a.csv",
        None,
        "hubspot",
        2,
    )
    assert first.effect == Effect(added=2, held=2)
    assert (first.first_day, first.last_day) == (date(2025, 12, 24), date(2026, 2, 3))
    assert (first.imported_at, first.undone_at) == (NOW, None)
    assert (second.sheet, second.effect, second.undone_at) == ("Deals", Effect(added=1, updated=1), NOW)
    assert [replace(row, id=0) for row in store.held(first.id)] == [held(4, Close="?"), held(9, Close="soon")]
    assert store.held(second.id) == ()


def test_an_import_without_readable_rows_keeps_its_held_ones(store: Store) -> None:
    number = put(store, batch([], held=(held(2, Close="soon"),)))
    assert store.counts()["deals"] == 0
    assert len(store.held(number)) == 1
    assert store.batches()[0].first_day is None


def test_files_without_rows_can_be_imported_and_undone(store: Store) -> None:
    put(store, batch([]))
    number = put(store, batch([deal(1)], "b.csv"))
    put(store, batch([], "c.csv"))
    store.undo(number, undone_at=NOW)
    assert told(store)["rows"] == 0
    path = store.path
    store.close()
    again = Store.open(path)
    assert told(again)["rows"] == 0
    again.close()


def test_a_field_that_only_an_undone_import_had_is_gone_from_rows_that_a_later_one_changed(store: Store) -> None:
    put(store, batch([deal(1)]))
    number = put(store, batch([deal(1, owner="Ann")], "b.csv"))
    put(store, batch([deal(1, 20.0)], "c.csv"))
    store.undo(number, undone_at=NOW)
    assert "owner" not in store.frame("deals")
    assert store._db.rows("SELECT owner, amount FROM deals") == [(None, 20.0)]


def test_an_import_is_undone_once(store: Store) -> None:
    number = put(store, batch([deal(1)]))
    store.undo(number, undone_at=NOW)
    for gone in (number, 99):
        with pytest.raises(WorkspaceError, match="undone already"):
            store.undo(gone, undone_at=NOW)


def test_numbers_of_undone_imports_are_not_given_again(store: Store) -> None:
    first = put(store, batch([deal(1)]))
    store.undo(first, undone_at=NOW)
    assert put(store, batch([deal(1)])) == first + 1


def test_revisions_grow_with_writes_and_per_entity(store: Store) -> None:
    start = store.revision()
    number = put(store, batch([deal(1)]))
    assert store.revision() > start
    assert (store.rows_revision("deals"), store.rows_revision("leads")) == (1, 0)
    store.undo(number, undone_at=NOW)
    assert store.rows_revision("deals") == 2
    store.remember("layout", Choices())
    assert store.revision() == start + 2


def _cancelled_after(reports: int) -> Progress:
    left = iter(range(reports))
    progress = Progress(lambda *_: None if next(left, None) is not None else progress.cancel())
    return progress


@pytest.mark.parametrize("work", ["write", "undo"])
def test_cancelling_at_any_point_leaves_everything_as_it_was(store: Store, work: str) -> None:
    put(store, batch([deal(1)]))
    put(store, batch([deal(1, 15.0)], "older.csv"))
    number = put(store, batch([deal(1, 20.0)], "b.csv"))
    before = told(store), store.revision(), store.batches()
    another = batch([deal(1, 30.0), deal(2)], "c.csv")
    for patience in range(30):
        progress = _cancelled_after(patience)
        try:
            if work == "write":
                store.write(another, imported_at=NOW, choices=Choices(), progress=progress)
            else:
                store.undo(number, undone_at=NOW, progress=progress)
        except CancelledError:
            assert (told(store), store.revision(), store.batches()) == before
        else:
            break
    assert 2 <= patience < 29
    assert store.revision() == before[1] + 1


def test_an_instant_and_its_wall_clock_are_told_apart(store: Store) -> None:
    put(store, batch([deal(1, created="2026-01-02T00:00:00Z")]))
    assert store.effect(batch([deal(1, created="2026-01-02T00:00:00")], "b.csv")).updated == 1
    assert store.effect(batch([deal(1, created="2026-01-02")], "c.csv")).updated == 1


def test_two_windows_that_import_do_not_lose_a_row(store: Store) -> None:
    other = Store.open(store.path)
    assert store.effect(batch([deal(1)])).added == 1  # both have looked at the file before either writes
    assert other.effect(batch([deal(2)], "b.csv")).added == 1
    put(store, batch([deal(1)]))
    put(other, batch([deal(2)], "b.csv"))
    assert cells(store.frame("deals").columns["deal_id"]) == ["1", "2"]
    assert told(store) == told(other)
    other.close()


def test_times_of_imports_are_kept_in_utc(store: Store) -> None:
    from zoneinfo import ZoneInfo

    moment = datetime(2026, 7, 1, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    info = store.write(batch([deal(1)]), imported_at=moment, choices=Choices())
    assert info.imported_at == datetime(2026, 7, 1, 3, tzinfo=UTC)
