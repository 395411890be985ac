"""Files of older versions: saved beside themselves, then brought up to date or left alone."""

import sqlite3
from pathlib import Path

import pytest

from kpidesk.domain.problem import WorkspaceError
from kpidesk.domain.settings import Settings
from kpidesk.store import Store, connection, schema
from tests.store.batches import NOW, batch, deal, everything, new, put, told
from tests.store.saved_workspace import first_file


@pytest.fixture
def next_version(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the program another version of the schema, made by the returned statements."""
    current = schema.MIGRATIONS
    statements = ["CREATE TABLE more (x TEXT) STRICT", "INSERT INTO more SELECT name FROM settings"]

    def to_next(database: sqlite3.Connection) -> None:
        for statement in statements:
            database.execute(statement)

    for module in (schema, connection):
        monkeypatch.setattr(module, "MIGRATIONS", (*current, to_next))
        monkeypatch.setattr(module, "VERSION", len(current) + 1)
    return statements


def _made_before(folder: Path) -> tuple[Path, list[str]]:
    path = folder / "w.kpidesk"
    made = new(path)
    put(made, batch([deal(1)]))
    made.close()
    return path, everything(path)


def test_an_older_file_is_saved_beside_itself_and_brought_up_to_date(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    path, before = _made_before(tmp_path)
    request.getfixturevalue("next_version")
    with pytest.raises(WorkspaceError, match="older KPIDesk"):
        Store.open(path, read_only=True)
    assert everything(path) == before
    store = Store.open(path)
    assert store._db.row("SELECT count(*) > 0 FROM more") == (1,)
    assert told(store)["rows"] == 1
    store.close()
    (backup,) = tmp_path.glob(f"w-backup-v{schema.VERSION - 1}-*.kpidesk")
    assert everything(backup) == before
    Store.open(path).close()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_migration_that_fails_changes_nothing(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path, before = _made_before(tmp_path)
    request.getfixturevalue("next_version").append("INSERT INTO nowhere VALUES (1)")
    monkeypatch = request.getfixturevalue("monkeypatch")
    monkeypatch.setattr(connection, "expected", lambda _: {})  # a schema that cannot be made cannot be expected either
    with pytest.raises(sqlite3.OperationalError):
        Store.open(path)
    assert everything(path) == before
    assert _version(path) == schema.VERSION - 1


def test_without_a_backup_nothing_is_migrated(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    path, before = _made_before(tmp_path)
    request.getfixturevalue("next_version")
    monkeypatch = request.getfixturevalue("monkeypatch")

    def full(_: int) -> None:
        raise OSError

    monkeypatch.setattr(connection.os, "fsync", full)
    with pytest.raises(WorkspaceError, match="no backup of it could be made"):
        Store.open(path)
    assert everything(path) == before
    assert [one.name for one in tmp_path.iterdir()] == ["w.kpidesk"]


def _version(path: Path) -> int:
    other = sqlite3.connect(path)
    try:
        return int(other.execute("PRAGMA user_version").fetchone()[0])
    finally:
        other.close()


_SAVED = Path(__file__).parents[1] / "data" / "workspaces"


@pytest.mark.parametrize("saved", sorted(_SAVED.glob("*.kpidesk")), ids=lambda path: path.stem)
def test_workspaces_of_every_version_open(tmp_path: Path, saved: Path) -> None:
    """The files were saved by the versions in their names, each with the imports of `saved_workspace.py`."""
    path = tmp_path / saved.name
    path.write_bytes(saved.read_bytes())
    store = Store.open(path)
    assert store.settings() == Settings(name="Saved", currency="EUR")
    assert {kpi.id for kpi in store.definitions()} >= {"win_rate", "total_revenue"}
    assert [(info.file_name, info.undone_at is None) for info in store.batches()] == [
        ("deals.csv", True),
        ("newer.csv", True),
        ("wrong.csv", False),
        ("history.csv", True),
    ]
    found = told(store)
    assert found["cells"]["deal_id"] == ["1", "2", "3"]
    assert found["cells"]["amount"] == [10.0, 25.5, None]
    assert found["extras"] == {"Hobby": ["chess", None, None]}
    assert store.stage_order() == ("Demo", "Proposal")
    assert store.stage_status() == {"Signed": "won"}
    assert len(store.held(1)) == 1
    known = store.find_batch(first_file())
    assert known is not None
    assert known.id == 1
    store.undo(2, undone_at=NOW)
    assert told(store)["cells"]["amount"] == [10.0, 20.0]
    store.close()


def test_there_is_a_saved_workspace_of_every_version() -> None:
    assert {path.stem for path in _SAVED.glob("*.kpidesk")} == {f"v{number}" for number in range(1, schema.VERSION + 1)}
