"""The workspace file: what goes in comes out, undo leaves nothing, foreign and newer files are refused."""

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidesk.domain.importing import Choices
from kpidesk.domain.problem import CancelledError, WorkspaceError
from kpidesk.domain.progress import Progress
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.frame import Batch, Frame, NumberColumn, TextColumn, TimeColumn
from kpidesk.store import Store
from tests.tables import Row, frame

NOW = datetime(2026, 9, 11, 9, tzinfo=UTC)


def batch(rows: list[Row], file: str = "a.csv", source: str = "hubspot") -> Batch:
    made = frame("deals", rows)
    keys = tuple(str(row["deal_id"]) for row in rows)
    lines = np.arange(2, len(rows) + 2, dtype=np.int32)
    return Batch(source, file, f"hash of {file}", None, source, made, keys, lines, {}, (), ())


def deal(number: int, amount: float | None = 10.0, **more: object) -> Row:
    return {
        "deal_id": str(number),
        "status": "won",
        "amount": amount,
        "created": "2026-01-02",
        "closed": "2026-02-03T10:00:00Z",
        **more,
    }


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "w.kpidesk", Settings(name="Test"), load_catalogue())
    yield made
    made.close()


def put(store: Store, one: Batch) -> int:
    return store.write(one, imported_at=NOW, choices=Choices()).id


def dump(store: Store) -> list[str]:
    """Every current row as text, with all its cells."""
    found = store.frame("deals")
    order = store._state("deals").keys
    cells = []
    for name in sorted(found.columns):
        column = found.columns[name]
        if isinstance(column, TextColumn):
            cells.append([f"{name}={column.values[code] if code >= 0 else None}" for code in column.codes])
        elif isinstance(column, TimeColumn):
            cells.append([f"{name}={day},{instant}" for day, instant in zip(column.days, column.instants, strict=True)])
        elif isinstance(column, NumberColumn):
            cells.append([f"{name}={value}" for value in column.values])
    return sorted(f"{key}: {row}" for key, row in zip(order, zip(*cells, strict=True), strict=True)) if order else []


def test_rows_come_back_as_they_went_in(store: Store) -> None:
    put(store, batch([deal(1, name="=x\0“é”🎉"), deal(2, None, owner="Ann")]))
    path = store.path
    store.close()
    again = Store.open(path)
    found = again.frame("deals")
    assert found.rows == 2
    assert found.text("name").values == ("=x\0“é”🎉",)
    assert np.isnan(found.number("amount").values[1])
    assert found.time("closed").instants[0] == int(datetime(2026, 2, 3, 10, tzinfo=UTC).timestamp())
    assert again.provenance("deals")[1] == ("a.csv", "hash of a.csv", "", 3)
    assert again.definitions() == tuple(
        replace(kpi, uuid=one.uuid) for kpi, one in zip(load_catalogue(), again.definitions(), strict=True)
    )
    again.close()


def test_a_field_that_a_file_has_not_keeps_its_value_and_a_blank_cell_overwrites(store: Store) -> None:
    put(store, batch([deal(1, owner="Ann")]))
    put(store, batch([{"deal_id": "1", "amount": None}], "b.csv"))
    found = store.frame("deals")
    assert found.text("owner").values == ("Ann",)
    assert np.isnan(found.number("amount").values[0])


def test_the_same_rows_again_change_nothing(store: Store) -> None:
    one = batch([deal(1), deal(2)])
    put(store, one)
    assert store.find_batch(one) is not None
    outcome = store.effect(batch([deal(1), deal(2, 11.0), deal(3)], "b.csv"))
    assert (outcome.added, outcome.updated, outcome.unchanged) == (1, 1, 1)


def test_a_file_recognised_as_another_crm_does_not_double_its_deals(store: Store) -> None:
    put(store, batch([deal(1), deal(2)], source="hubspot"))
    put(store, batch([deal(1, 99.0), deal(2)], "b.csv", source="file"))
    assert store.counts()["deals"] == 2


_ROWS = st.lists(
    st.builds(
        deal,
        st.integers(1, 6),
        st.one_of(st.none(), st.integers(0, 9).map(float)),
        owner=st.sampled_from(["Ann", "Bob", None]),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row["deal_id"],
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(imports=st.lists(_ROWS, min_size=2, max_size=4), data=st.data())
def test_undo_in_any_order_is_as_if_it_never_happened(
    tmp_path_factory: pytest.TempPathFactory, imports: list[list[Row]], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("undo")
    gone = data.draw(st.sets(st.integers(0, len(imports) - 1), min_size=1))
    both = Store.create(folder / "a.kpidesk", Settings(), ())
    numbers = [put(both, batch(rows, f"{place}.csv")) for place, rows in enumerate(imports)]
    for place in data.draw(st.permutations(sorted(gone))):
        both.undo(numbers[place], undone_at=NOW)
    never = Store.create(folder / "b.kpidesk", Settings(), ())
    for place, rows in enumerate(imports):
        if place not in gone:
            put(never, batch(rows, f"{place}.csv"))
    assert dump(both) == dump(never)
    columns = "key, line, status, amount, owner, created, closed"
    assert (
        both._db.execute(f"SELECT {columns} FROM deals ORDER BY key").fetchall()
        == never._db.execute(f"SELECT {columns} FROM deals ORDER BY key").fetchall()
    )
    both.close()
    never.close()


def test_cancelling_leaves_everything_as_it_was(store: Store) -> None:
    put(store, batch([deal(1)]))
    before = dump(store), store.revision(), len(store.batches())
    progress = Progress()
    progress.cancel()
    with pytest.raises(CancelledError):
        store.write(batch([deal(2)], "b.csv"), imported_at=NOW, choices=Choices(), progress=progress)
    assert (dump(store), store.revision(), len(store.batches())) == before


def test_a_writer_killed_in_the_middle_leaves_the_old_state(store: Store) -> None:
    put(store, batch([deal(1)]))
    path = store.path
    store.close()
    script = textwrap.dedent(
        f"""
        import os
        from pathlib import Path
        from kpidesk.store import Store
        store = Store.open(Path({str(path)!r}))
        store._db.execute("BEGIN IMMEDIATE")
        store._db.execute("DELETE FROM deals")
        store._db.execute("UPDATE batches SET undone_at = 'x'")
        os._exit(9)
        """
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    again = Store.open(path)
    assert again.counts()["deals"] == 1
    assert again.batches()[0].undone_at is None
    again.close()


def test_foreign_newer_and_damaged_files_are_refused_in_a_sentence(store: Store, tmp_path: Path) -> None:
    foreign = tmp_path / "other.kpidesk"
    with sqlite3.connect(foreign) as other:
        other.execute("CREATE TABLE t (x)")
    other.close()
    with pytest.raises(WorkspaceError, match="not a KPIDesk workspace"):
        Store.open(foreign)
    with pytest.raises(WorkspaceError, match="was not found"):
        Store.open(tmp_path / "none.kpidesk")
    store._db.execute("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(WorkspaceError, match="newer KPIDesk"):
        Store.open(store.path)


def test_a_second_writer_gets_a_sentence(store: Store) -> None:
    other = Store.open(store.path)
    other._db.execute("BEGIN IMMEDIATE")
    with pytest.raises(WorkspaceError, match="another program"):
        store.save_settings(Settings(name="x"))
    other._db.execute("ROLLBACK")
    other.close()


def test_a_read_only_file_can_be_looked_at(store: Store) -> None:
    put(store, batch([deal(1)]))
    reader = Store.open(store.path, read_only=True)
    assert reader.counts()["deals"] == 1
    with pytest.raises(WorkspaceError, match="reading only"):
        reader.save_settings(Settings())
    reader.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")
def test_the_file_is_its_owners_alone(store: Store) -> None:
    assert stat.S_IMODE(store.path.stat().st_mode) == 0o600


def test_a_copy_is_whole(store: Store, tmp_path: Path) -> None:
    put(store, batch([deal(1)]))
    store.save_copy(tmp_path / "copy.kpidesk")
    copy = Store.open(tmp_path / "copy.kpidesk")
    assert dump(copy) == dump(store)
    copy.close()


def test_definitions_are_kept_with_their_revisions(store: Store) -> None:
    kpi = store.definitions()[0]
    store.save_definition(replace(kpi, name="Other"))
    assert store.definitions()[0].name == "Other"
    assert (store.definitions()[0].revision, store.definitions()[0].uuid) == (2, kpi.uuid)
    assert store._db.execute("SELECT count(*) FROM definitions WHERE kpi = ?", (kpi.id,)).fetchone()[0] == 2


def test_choices_are_remembered(store: Store) -> None:
    choices = Choices(
        mapping={"amount": "Wert"}, values={("stage", "Out"): "Negotiation"}, stage_status={"Signed": "won"}
    )
    store.remember("layout", choices)
    assert store.recall("layout") == choices
    assert store.recall("other") is None


def test_an_empty_frame_of_what_was_never_imported(store: Store) -> None:
    assert store.frame("leads") == Frame("leads", 0, {})


def test_a_closed_workspace_is_one_file(store: Store) -> None:
    put(store, batch([deal(1)]))
    store.close()
    assert [path.name for path in store.path.parent.iterdir()] == [store.path.name]
