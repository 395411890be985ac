"""The workspace file as a database: opened safely, written whole or not at all, its troubles told in sentences."""

import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from kpidesk.domain.problem import WorkspaceError
from kpidesk.store.schema import APPLICATION_ID, MIGRATIONS, VERSION, expected, objects

Row = tuple[Any, ...]
_OWNER_ONLY = 0o600
_CACHE_KIB = 32 * 1024
_PATIENCE = 2.0  # seconds to wait for another program's write


class Database:
    """One connection. Every trouble of the disk or of another program is a WorkspaceError; a wrong statement is a bug and loud."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make an empty file that its owner alone may read; WorkspaceError when there is one already."""
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY)
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
            return cls(path, _prepared(_connect(path, read_only=False)))
        except sqlite3.Error as error:
            path.unlink(missing_ok=True)
            raise _sentence(path, error) from None

    @classmethod
    def open(cls, path: Path, *, read_only: bool) -> Self:
        """Open a workspace file after a look at what it is; a file of an older version is saved beside itself and migrated."""
        if not path.is_file():
            raise WorkspaceError(f"{path.name} was not found in {path.parent}. Check the name and the folder.")
        if not os.access(path, os.R_OK):
            raise WorkspaceError(f"{path.name} cannot be opened. Nothing was changed. Ask for the right to read it.")
        try:
            return cls._opened(path, read_only=read_only)
        except sqlite3.Error as error:
            raise _sentence(path, error) from None

    @classmethod
    def _opened(cls, path: Path, *, read_only: bool) -> Self:
        if read_only and cls.may_write(path):
            # A write that was interrupted is taken back by the next opener, which has to be allowed to write.
            _connect(path, read_only=False).close()
        connection = _connect(path, read_only=read_only)
        try:
            version = _checked(path, connection, read_only=read_only)
            if not read_only:
                _prepared(connection)
            if version < VERSION:
                _migrate(cls(path, connection), version)
        except BaseException:
            connection.close()
            raise
        return cls(path, connection)

    def close(self) -> None:
        """Close the file. The journal that SQLite leaves behind empty goes too, so that a workspace is one file."""
        with suppress(sqlite3.Error):  # SQLite deletes it under a lock, so never one that another program needs
            self._connection.execute("PRAGMA journal_mode = DELETE")
        self._connection.close()

    def rows(self, statement: str, values: Iterable[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        try:
            return self._connection.execute(statement, tuple(values)).fetchall()
        except sqlite3.Error as error:
            raise _sentence(self.path, error) from None

    def row(self, statement: str, values: Iterable[object] = ()) -> Row | None:
        """Return the first row of a query, None when there is none."""
        found = self.rows(statement, values)
        return found[0] if found else None

    def run(self, statement: str, values: Iterable[object] = ()) -> None:
        """Run a statement."""
        self.rows(statement, values)

    def run_many(self, statement: str, rows: Iterable[Iterable[object]]) -> None:
        """Run a statement once for each of `rows`, which may be an iterator."""
        try:
            self._connection.executemany(statement, rows)  # type: ignore[arg-type]
        except sqlite3.Error as error:
            raise _sentence(self.path, error) from None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Do everything inside or nothing of it."""
        self.run("BEGIN IMMEDIATE")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):  # SQLite has rolled back by itself after some errors
                self._connection.execute("ROLLBACK")
            raise

    @contextmanager
    def parsing(self) -> Iterator[None]:
        """Read text or bytes that the file keeps; what makes no sense there means that the file is damaged."""
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError):
            raise damaged(self.path) from None

    def build(self) -> None:
        """Make the tables of the newest version; to be called inside a transaction."""
        try:
            self._connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            for migrate in MIGRATIONS:
                migrate(self._connection)
            self._connection.execute(f"PRAGMA user_version = {VERSION}")
        except sqlite3.Error as error:
            raise _sentence(self.path, error) from None

    def migrate(self, version: int) -> None:
        """Run the migrations that a file of `version` lacks, in one transaction."""
        with self.transaction():
            for step in MIGRATIONS[version:]:
                step(self._connection)
            self.run(f"PRAGMA user_version = {VERSION}")

    def backup(self, path: Path) -> None:
        """Write a copy under a temporary name in the same folder, then let it take the place of `path`; OSError or sqlite3.Error."""
        partial = path.with_name(f".{path.name}.part")
        partial.unlink(missing_ok=True)
        try:
            os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, _OWNER_ONLY))
            target = sqlite3.connect(partial)
            try:
                self._connection.backup(target)
            finally:
                target.close()
            _sync(partial)
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)

    @staticmethod
    def may_write(path: Path) -> bool:
        """Whether a file can be changed: its folder too, where SQLite keeps what it needs to take a write back."""
        return os.access(path, os.W_OK) and os.access(path.absolute().parent, os.W_OK)


def write_copy(db: Database, path: Path) -> None:
    """Write a copy of an open file; a file of that name is replaced only when the copy is whole."""
    if path.exists() and db.path.exists() and path.samefile(db.path):
        raise WorkspaceError(f"{path.name} is the workspace that is open. Nothing was changed. Choose another name.")
    try:
        db.backup(path)
    except (OSError, sqlite3.Error):
        raise WorkspaceError(
            f"No copy could be written to {path}. The workspace is unchanged. Choose another folder, or free some space."
        ) from None


def _sync(path: Path) -> None:
    """Wait until a closed file is on the disk."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def damaged(path: Path) -> WorkspaceError:
    """Return the error for a file whose contents make no sense."""
    return WorkspaceError(f"{path.name} is damaged. Nothing was changed. Open a copy or a backup of it instead.")


def _connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    name = quote(os.fsencode(path.absolute().as_posix()), safe="/:")
    uri = f"file://{'' if name.startswith('/') else '/'}{name}?mode={'ro' if read_only else 'rw'}"
    # The window makes all its calls on one lane, but not always from the same thread.
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _prepared(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Make a connection ready to write. Not before it is known that the file is ours: this may change a file."""
    # Not WAL: a copy of the main file alone must hold every committed import.
    connection.execute("PRAGMA journal_mode = TRUNCATE")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return connection


def _checked(path: Path, connection: sqlite3.Connection, *, read_only: bool) -> int:
    """Return the version of a file that is ours, whole, and holds nothing that would run by itself."""
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise _foreign(path)
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > VERSION:
        raise WorkspaceError(
            f"{path.name} was written by a newer KPIDesk. Nothing was changed. Update KPIDesk to open it."
        )
    if version < VERSION and read_only:
        raise WorkspaceError(
            f"{path.name} was written by an older KPIDesk and must be brought up to date first. "
            "Nothing was changed. Open it where you may write."
        )
    found = objects(connection)
    ours = expected(version)
    if any(found.get(name) != one for name, one in ours.items()) or any(
        kind == "trigger" for kind, _ in found.values()
    ):
        raise damaged(path)
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise damaged(path)
    return version


def _migrate(database: Database, version: int) -> None:
    path = database.path
    backup = path.with_name(f"{path.stem}-backup-v{version}-{datetime.now(UTC):%Y%m%d-%H%M%S}{path.suffix}")
    try:
        database.backup(backup)
    except (OSError, sqlite3.Error):
        raise WorkspaceError(
            f"{path.name} must be brought up to date, but no backup of it could be made. Nothing was changed. "
            "Free some space on the disk and try again."
        ) from None
    database.migrate(version)


def _foreign(path: Path) -> WorkspaceError:
    return WorkspaceError(
        f"{path.name} is not a KPIDesk workspace. Nothing was changed. Choose a file that ends in .kpidesk."
    )


def _sentence(path: Path, error: sqlite3.Error) -> Exception:
    """Return the sentence for a trouble of the disk, of rights or of another program; any other error is a bug and comes back as it is."""
    code = getattr(error, "sqlite_errorname", None) or ""
    told = {
        "SQLITE_BUSY": f"{path.name} is being changed by another program. Nothing was changed. Close it there and try again.",
        "SQLITE_LOCKED": f"{path.name} is being changed by another program. Nothing was changed. Close it there and try again.",
        "SQLITE_FULL": "The disk is full. Nothing was changed. Free some space and try again.",
        "SQLITE_READONLY": f"{path.name} can only be read. Nothing was changed. Save a copy where you may write.",
        "SQLITE_PERM": f"{path.name} can only be read. Nothing was changed. Save a copy where you may write.",
        "SQLITE_CANTOPEN": f"{path.name} cannot be opened. Nothing was changed. Check that you may read and write its folder.",
        "SQLITE_IOERR": f"The disk of {path.name} does not answer. Nothing was changed. Check that it is connected and has space.",
    }
    if code.startswith("SQLITE_NOTADB"):
        return _foreign(path)
    if code.startswith("SQLITE_CORRUPT"):
        return damaged(path)
    if code == "SQLITE_READONLY_ROLLBACK":
        return WorkspaceError(
            f"The last change of {path.name} was interrupted and must be taken back first. Nothing was changed. "
            "Open it where you may write."
        )
    for prefix, sentence in told.items():
        if code.startswith(prefix):
            return WorkspaceError(sentence)
    return error
