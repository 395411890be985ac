"""The file itself: what it refuses, what survives a crash, a full disk, a second window and a place that cannot be written."""

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from kpidesk.domain.importing import Choices
from kpidesk.domain.problem import WorkspaceError
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.frame import TextColumn
from kpidesk.store import Store, codec, connection
from tests.store.batches import NOW, batch, deal, everything, held, put, told

_POSIX = pytest.mark.skipif(os.name != "posix", reason="file modes are those of POSIX")


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setattr(connection, "_PATIENCE", 0.05)
    made = Store.create(tmp_path / "w.kpidesk", Settings(name="Test"), load_catalogue())
    yield made
    made.close()


def _child(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])


# --- what is refused


def test_a_name_that_is_taken_is_refused_and_the_file_left_alone(store: Store) -> None:
    before = everything(store.path)
    with pytest.raises(WorkspaceError, match="exists already"):
        Store.create(store.path, Settings(), ())
    assert everything(store.path) == before


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="cannot be made"):
        Store.create(tmp_path / "none" / "w.kpidesk", Settings(), ())
    with pytest.raises(WorkspaceError, match="was not found"):
        Store.open(tmp_path / "none.kpidesk")
    with pytest.raises(WorkspaceError, match="was not found"):
        Store.open(tmp_path)


def test_nothing_is_left_of_a_workspace_that_could_not_be_made(tmp_path: Path) -> None:
    kpi = load_catalogue()[0]
    with pytest.raises(AttributeError):
        Store.create(tmp_path / "w.kpidesk", Settings(), (kpi, None))  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"name,amount\nA,1\n" * 500, b"SQLite format 3\0" + bytes(500)])
def test_files_of_another_kind_are_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "w.kpidesk"
    path.write_bytes(content)
    with pytest.raises(WorkspaceError, match="is not a KPIDesk workspace"):
        Store.open(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "w.kpidesk"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode = WAL")
    other.execute("CREATE TABLE t (x)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(WorkspaceError, match="is not a KPIDesk workspace"):
        Store.open(path)
    assert path.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == [path.name]


def test_a_newer_workspace_is_refused(store: Store) -> None:
    store._db.run("PRAGMA user_version = 99")
    store.close()
    with pytest.raises(WorkspaceError, match="newer KPIDesk"):
        Store.open(store.path)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER t AFTER INSERT ON deals BEGIN DELETE FROM batches; END",
        "DROP TABLE fx",
        "ALTER TABLE leads ADD COLUMN more TEXT",
        "DROP INDEX held_rows_batch",
    ],
)
def test_a_file_whose_schema_was_changed_is_refused(store: Store, statement: str) -> None:
    store._db.run(statement)
    store.close()
    with pytest.raises(WorkspaceError, match="is damaged"):
        Store.open(store.path)


def test_tables_that_a_user_added_do_no_harm(store: Store) -> None:
    store._db.run("CREATE VIEW mine AS SELECT owner, sum(amount) FROM deals GROUP BY 1")
    store.close()
    Store.open(store.path).close()


def test_damaged_pages_are_refused(store: Store) -> None:
    put(store, batch([deal(number) for number in range(400)]))
    store.close()
    content = bytearray(store.path.read_bytes())
    content[8192:] = os.urandom(len(content) - 8192)
    store.path.write_bytes(content)
    with pytest.raises(WorkspaceError, match="is damaged"):
        Store.open(store.path)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE columns SET body = x'00'",
        "UPDATE columns SET kind = 'other' WHERE name = 'amount'",
        "UPDATE columns SET body = (SELECT body FROM columns WHERE entity = 'leads' AND name = 'keys') WHERE name = 'keys'",
        "UPDATE columns SET kind = 'keys' WHERE name = 'lines'",
    ],
)
def test_columns_that_make_no_sense_are_told_as_damage(store: Store, statement: str) -> None:
    put(store, batch([deal(1), deal(2)]))
    put(store, batch([{"lead_id": "1"}], entity="leads", key="lead_id"))
    store._db.run(statement)
    store.close()
    again = Store.open(store.path)
    with pytest.raises(WorkspaceError, match="is damaged"):
        again.effect(batch([deal(1)], "b.csv"))
    again.close()


def test_codes_that_stand_for_no_text_are_told_as_damage(store: Store) -> None:
    put(store, batch([deal(1), deal(2)]))
    for codes in ([0, 1], [-2, 0]):
        _, body = codec.put(TextColumn(np.array(codes, dtype=np.int32), ("won",)))
        store._db.run("UPDATE columns SET body = ? WHERE name = 'status'", (body,))
        with pytest.raises(WorkspaceError, match="is damaged"):
            Store.open(store.path).frame("deals").text("status")


@pytest.mark.parametrize(
    ("place", "ask"),
    [
        ("settings SET value", Store.settings),
        ("definitions SET body", Store.definitions),
        ("batches SET imported_at", Store.batches),
        ("batches SET choices", Store.stage_status),
        ("batches SET stages", Store.stage_order),
        ("held_rows SET cells", lambda store: store.held(1)),
        ("layouts SET choices", lambda store: store.recall("layout")),
    ],
)
def test_texts_that_make_no_sense_are_told_as_damage(store: Store, place: str, ask: Callable[[Store], object]) -> None:
    put(store, batch([deal(1)], held=(held(3, Name="A"),)))
    store.remember("layout", Choices())
    for text in ("7", "{}", "[[]]"):
        store._db.run(f"UPDATE {place} = ?", (text,))
        with suppress(WorkspaceError):  # some have a meaning in some places; none may be taken for a bug
            ask(store)
    store._db.run(f"UPDATE {place} = 'x'")
    with pytest.raises(WorkspaceError, match="is damaged"):
        ask(store)


# --- what survives


_KILLED = """
    import os, sys
    from pathlib import Path
    from kpidesk.domain.importing import Choices
    from kpidesk.domain.progress import Progress
    from kpidesk.store import Store
    from tests.store.batches import NOW, batch, deal

    store = Store.open(Path(sys.argv[1]))
    store._db.run("PRAGMA cache_size = 5")  # so that changed pages are on the disk when the process dies

    def listen(message, done, total):
        if message == sys.argv[2] and done >= int(sys.argv[3]):
            os._exit(9)

    if sys.argv[4] == "write":
        many = batch([deal(number, 1.0, name=f"Deal {number}") for number in range(25_000)], "b.csv")
        store.write(many, imported_at=NOW, choices=Choices(), progress=Progress(listen))
    else:
        store.undo(2, undone_at=NOW, progress=Progress(listen))
"""


@pytest.mark.parametrize(
    ("message", "done", "work"),
    [("Saving columns", 3, "write"), ("Saving rows", 20_000, "write"), ("Saving rows", 0, "undo")],
)
@pytest.mark.parametrize("read_only", [False, True])
def test_a_writer_killed_in_the_middle_leaves_the_old_state(
    store: Store, message: str, done: int, work: str, read_only: bool
) -> None:
    put(store, batch([deal(number) for number in range(1000)]))
    put(store, batch([deal(number, 12.0) for number in range(500)], "c.csv"))
    before = told(store), everything(store.path)
    path = store.path
    store.close()
    killed = _child(_KILLED, path, message, done, work)
    assert killed.returncode == 9, killed.stderr
    journal = path.with_name(f"{path.name}-journal")
    assert journal.stat().st_size > 0  # there is something to take back
    again = Store.open(path, read_only=read_only)
    assert (told(again), everything(path)) == before
    again.close()


def test_a_full_disk_leaves_the_old_state(store: Store) -> None:
    number = put(store, batch([deal(number) for number in range(100)]))
    before = told(store), everything(store.path)
    pages = store._db.row("PRAGMA page_count")
    assert pages is not None
    store._db.run(f"PRAGMA max_page_count = {pages[0] + 3}")
    with pytest.raises(WorkspaceError, match="The disk is full"):
        put(store, batch([deal(number, 1.0, name=f"Deal {number}") for number in range(5000)], "b.csv"))
    assert (told(store), everything(store.path)) == before
    store.undo(number, undone_at=NOW)  # and the store goes on working


@pytest.mark.parametrize("opened", [False, True])
def test_writes_are_safe_rather_than_fast(store: Store, opened: bool) -> None:
    one = Store.open(store.path) if opened else store
    wanted = {"journal_mode": "truncate", "synchronous": 2, "secure_delete": 1, "trusted_schema": 0, "temp_store": 2}
    assert {name: one._db.row(f"PRAGMA {name}") for name in wanted} == {
        name: (value,) for name, value in wanted.items()
    }
    one.close()


def test_a_closed_workspace_is_one_file(store: Store) -> None:
    put(store, batch([deal(1)]))
    store.close()
    assert [path.name for path in store.path.parent.iterdir()] == [store.path.name]


def test_what_was_taken_back_is_not_left_in_the_free_pages(store: Store) -> None:
    store.remember("Verysecretname", Choices())
    store._db.run("DELETE FROM layouts")
    store.close()
    assert b"Verysecretname" not in store.path.read_bytes()


# --- two windows


def test_a_second_writer_gets_a_sentence(store: Store) -> None:
    other = Store.open(store.path)
    with other._db.transaction(), pytest.raises(WorkspaceError, match="being changed by another program"):
        store.save_settings(Settings(name="x"))
    store.save_settings(Settings(name="x"))
    assert other.settings().name == "x"
    other.close()


def test_a_reader_beside_a_writer_sees_the_last_whole_state(store: Store) -> None:
    reader = Store.open(store.path, read_only=True)
    with store._db.transaction():
        store._db.run("UPDATE settings SET value = '\"y\"' WHERE name = 'name'")
        assert reader.settings().name == "Test"
    assert reader.settings().name == "y"
    reader.close()


@pytest.mark.parametrize("what", ["settings", "definitions"])
def test_what_another_window_changed_is_not_overwritten_unseen(store: Store, what: str) -> None:
    def save(one: Store) -> None:
        if what == "settings":
            one.save_settings(Settings(name="mine"))
        else:
            one.save_definition(load_catalogue()[0])

    other = Store.open(store.path)
    for one in (store, other):
        one.settings()
        one.definitions()
    save(other)
    save(other)
    before = everything(store.path)
    with pytest.raises(WorkspaceError, match=f"The {what} of w.kpidesk were changed by another program"):
        save(store)
    assert everything(store.path) == before
    store.settings()
    store.definitions()
    save(store)
    other.close()


# --- places that cannot be written


def test_a_file_opened_for_reading_only_stays_as_it_is(store: Store) -> None:
    number = put(store, batch([deal(1)]))
    before = everything(store.path)
    reader = Store.open(store.path, read_only=True)
    assert reader.read_only
    assert reader.counts()["deals"] == 1
    for write in (
        lambda: reader.save_settings(Settings()),
        lambda: reader.save_definition(load_catalogue()[0]),
        lambda: put(reader, batch([deal(2)])),
        lambda: reader.undo(number, undone_at=NOW),
        lambda: reader.remember("x", Choices()),
    ):
        with pytest.raises(WorkspaceError, match="open for reading only"):
            write()
    reader.close()
    assert everything(store.path) == before


_STRANGER = """
    import os, sys
    from pathlib import Path
    from kpidesk.domain.problem import WorkspaceError
    from kpidesk.domain.settings import Settings
    from kpidesk.store import Store
    from tests.store.batches import batch, deal

    Store.open(Path(sys.argv[1])).close()  # all modules are loaded before rights are given up
    if os.geteuid() == 0:
        os.setgid(65534)
        os.setuid(65534)
    for path in map(Path, sys.argv[2:]):
        try:
            store = Store.open(path)
        except WorkspaceError as error:
            print(error)
        else:
            print(store.read_only, store.counts()["deals"])
            store.close()
    try:
        Store.create(Path(sys.argv[2]).with_name("new.kpidesk"), Settings(), ())
    except WorkspaceError as error:
        print(error)
"""


@_POSIX
def test_a_place_that_cannot_be_written_is_opened_for_reading_and_one_that_cannot_be_read_is_refused(
    store: Store,
) -> None:
    put(store, batch([deal(1)]))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sealed, open_file, interrupted, secret = (
            folder / f"{one}.kpidesk" for one in ("sealed", "open", "interrupted", "secret")
        )
        for path, mode in ((sealed, 0o444), (open_file, 0o666), (interrupted, 0o444), (secret, 0o000)):
            store.save_copy(path)
            if path is interrupted:
                assert _child(_KILLED, path, "Saving rows", 20_000, "write").returncode == 9
                path.with_name(f"{path.name}-journal").chmod(0o444)
            path.chmod(mode)
        folder.chmod(0o555)
        told_by = _child(_STRANGER, store.path, sealed, open_file, interrupted, secret)
        folder.chmod(0o755)
    assert told_by.returncode == 0, told_by.stderr
    lines = told_by.stdout.splitlines()
    assert lines[:2] == ["True 1", "True 1"]  # a file in a folder that cannot be written has no place for its journal
    assert lines[2].startswith("The last change of interrupted.kpidesk was interrupted and must be taken back first.")
    assert lines[3].startswith("secret.kpidesk cannot be opened.")
    assert lines[4].startswith("new.kpidesk cannot be made in")


@_POSIX
def test_the_file_and_its_copies_are_their_owners_alone(store: Store) -> None:
    store.save_copy(store.path.with_name("copy.kpidesk"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in store.path.parent.glob("*.kpidesk")} == {0o600}


@pytest.mark.parametrize(
    "name",
    ["100% #1 & more.kpidesk", "ünïcödé ☃.kpidesk", "a'b;c.kpidesk", pytest.param("what?.kpidesk", marks=_POSIX)],
)
def test_any_name_will_do(tmp_path: Path, name: str) -> None:
    made = Store.create(tmp_path / name, Settings(), ())
    made.close()
    assert [path.name for path in tmp_path.iterdir()] == [name]
    Store.open(tmp_path / name).close()


# --- copies


def test_a_copy_is_whole_and_replaces_what_was_there(store: Store, tmp_path: Path) -> None:
    put(store, batch([deal(1)]))
    path = tmp_path / "copy.kpidesk"
    path.write_text("older")
    store.save_copy(path)
    copy = Store.open(path)
    assert told(copy) == told(store)
    assert everything(path) == everything(store.path)
    copy.close()
    assert sorted(one.name for one in tmp_path.glob("*.kpidesk")) == ["copy.kpidesk", "w.kpidesk"]


def test_a_copy_never_takes_the_place_of_the_workspace_itself(store: Store, tmp_path: Path) -> None:
    put(store, batch([deal(1)]))
    with pytest.raises(WorkspaceError, match="is the workspace that is open"):
        store.save_copy(tmp_path / ".." / tmp_path.name / store.path.name)
    assert told(store)["rows"] == 1


def test_a_copy_that_cannot_be_written_leaves_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "inside").touch()
    for path in (tmp_path / "none" / "copy.kpidesk", tmp_path / "taken"):
        with pytest.raises(WorkspaceError, match="No copy could be written"):
            store.save_copy(path)
    assert not list(tmp_path.glob(".*"))
