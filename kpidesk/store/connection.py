"""Opening a workspace file safely: what it is, whether it is whole, whether it may be written."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from kpidesk.domain.problem import WorkspaceError
from kpidesk.store.schema import APPLICATION_ID, MIGRATIONS, VERSION

_MAGIC = b"SQLite format 3\0"


def create(path: Path) -> sqlite3.Connection:
    """Make a new workspace file, readable by its owner only; WorkspaceError when there is one already."""
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        os.close(handle)
    except FileExistsError:
        raise WorkspaceError(
            f"{path.name} exists already. Nothing was changed. Open it, or choose another name."
        ) from None
    except OSError:
        raise WorkspaceError(
            f"{path.name} cannot be made in {path.parent}. Nothing was changed. Choose a folder you may write to."
        ) from None
    try:
        connection = _connect(path, read_only=False)
        with transaction(connection):
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for migrate in MIGRATIONS:
                migrate(connection)
            connection.execute(f"PRAGMA user_version = {VERSION}")
    except sqlite3.Error:
        path.unlink(missing_ok=True)
        raise WorkspaceError(
            f"{path.name} cannot be written. Nothing was changed. Check the space on the disk."
        ) from None
    return connection


def open_file(path: Path, *, read_only: bool) -> tuple[sqlite3.Connection, bool]:
    """Open a workspace file; returns the connection and whether it is read only. WorkspaceError with a sentence otherwise."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except FileNotFoundError:
        raise WorkspaceError(f"{path.name} was not found in {path.parent}. Check the name and the folder.") from None
    except OSError:
        raise WorkspaceError(f"{path.name} cannot be opened. Check that you may read it.") from None
    if not head.startswith(_MAGIC) or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise WorkspaceError(
            f"{path.name} is not a KPIDesk workspace. Nothing was changed. Choose a file that ends in .kpidesk."
        )
    version = int.from_bytes(head[60:64], "big")
    if version > VERSION:
        raise WorkspaceError(
            f"{path.name} was written by a newer KPIDesk. Nothing was changed. Update KPIDesk to open it."
        )
    read_only = read_only or not os.access(path, os.W_OK)
    try:
        connection = _connect(path, read_only=read_only)
        whole = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise _sentence(path, error) from None
    if whole is None or whole[0] != "ok":
        connection.close()
        raise WorkspaceError(f"{path.name} is damaged. Nothing was changed. Restore a copy of it.")
    if version < VERSION and not read_only:
        _migrate(connection, path, version)
    return connection, read_only


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    uri = f"{path.resolve().as_uri()}?mode={'ro' if read_only else 'rw'}"
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=2.0, check_same_thread=False)
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA foreign_keys = ON")
    if not read_only:
        # Not WAL: a copy of the main file alone must hold every committed import.
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
    return connection


def _migrate(connection: sqlite3.Connection, path: Path, version: int) -> None:
    backup = path.with_name(f"{path.stem}-backup-v{version}-{datetime.now(UTC):%Y%m%d-%H%M%S}{path.suffix}")
    try:
        shutil.copy2(path, backup)
    except OSError:
        raise WorkspaceError(
            f"{path.name} needs an update, but no backup of it could be made. Nothing was changed. Free some space."
        ) from None
    with transaction(connection):
        for migrate in MIGRATIONS[version:]:
            migrate(connection)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def _sentence(path: Path, error: sqlite3.Error) -> WorkspaceError:
    code = getattr(error, "sqlite_errorname", "") or ""
    if code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return WorkspaceError(
            f"{path.name} is being changed by another program. Nothing was changed. Close it there and try again."
        )
    if code.startswith("SQLITE_FULL"):
        return WorkspaceError("The disk is full. Nothing was changed. Free some space and try again.")
    if code.startswith("SQLITE_READONLY"):
        return WorkspaceError(f"{path.name} can only be read. Nothing was changed. Save a copy where you may write.")
    return WorkspaceError(
        f"{path.name} cannot be read or written. Nothing was changed. Restore a copy of it if this happens again."
    )


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path | None = None) -> Iterator[None]:
    """Do everything inside or nothing of it; a database error becomes a WorkspaceError when `path` names the file."""
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.Error as error:
        if path is None:
            raise
        raise _sentence(path, error) from None
    try:
        yield
        connection.execute("COMMIT")
    except BaseException as error:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        if path is not None and isinstance(error, sqlite3.Error):
            raise _sentence(path, error) from None
        raise
