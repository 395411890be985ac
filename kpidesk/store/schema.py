"""The schema of a workspace file and the migrations that lead to it. Statements stay at the level of SQLite 3.40."""

import sqlite3
from collections.abc import Callable

APPLICATION_ID = 0x4B504944  # "KPID"

_V1 = (
    "CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "CREATE TABLE state (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    """CREATE TABLE definitions (
        id INTEGER PRIMARY KEY, uuid TEXT NOT NULL, kpi TEXT NOT NULL, revision INTEGER NOT NULL,
        changed_at TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kpi, revision)) STRICT""",
    """CREATE TABLE batches (
        id INTEGER PRIMARY KEY, entity TEXT NOT NULL, source TEXT NOT NULL, file_name TEXT NOT NULL, file_hash TEXT NOT NULL,
        sheet TEXT, profile TEXT NOT NULL, imported_at TEXT NOT NULL, undone_at TEXT, rows INTEGER NOT NULL,
        added INTEGER NOT NULL, updated INTEGER NOT NULL, unchanged INTEGER NOT NULL, held INTEGER NOT NULL,
        first_day INTEGER, last_day INTEGER, reading TEXT NOT NULL, choices TEXT NOT NULL, stages TEXT NOT NULL) STRICT""",
    """CREATE TABLE held_rows (
        batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL,
        "column" TEXT, cells TEXT NOT NULL) STRICT""",
    "CREATE INDEX held_rows_batch ON held_rows (batch)",
    "CREATE TABLE layouts (signature TEXT PRIMARY KEY, choices TEXT NOT NULL) STRICT",
    # The rows that each import brought, by column. Batch 0 is what all of them come to, kept where more than one stands.
    """CREATE TABLE columns (
        id INTEGER PRIMARY KEY, entity TEXT NOT NULL, batch INTEGER NOT NULL, part TEXT NOT NULL, name TEXT NOT NULL,
        kind TEXT NOT NULL, body BLOB NOT NULL, UNIQUE (entity, batch, part, name)) STRICT""",
    # The current rows, readable with any SQLite tool: dates as ISO text (in UTC where the time of day is known), amounts in
    # major units of their currency. `position` counts from 0 in the order of the frame.
    """CREATE TABLE deals (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        deal_id TEXT, name TEXT, status TEXT, stage TEXT, pipeline TEXT, created TEXT, closed TEXT, expected_close TEXT,
        amount REAL, currency TEXT, cost REAL, owner TEXT, source TEXT, segment TEXT, region TEXT, industry TEXT, product TEXT,
        type TEXT, account TEXT, customer_id TEXT, lead_id TEXT, lost_reason TEXT, first_contact TEXT, last_activity TEXT,
        probability REAL, test INTEGER) STRICT""",
    """CREATE TABLE leads (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        lead_id TEXT, name TEXT, created TEXT, first_response TEXT, source TEXT, owner TEXT, segment TEXT, industry TEXT,
        status TEXT, qualified INTEGER, test INTEGER) STRICT""",
    """CREATE TABLE activities (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        activity_id TEXT, type TEXT, date TEXT, status TEXT, direction TEXT, qualified INTEGER, owner TEXT, lead_id TEXT,
        deal_id TEXT) STRICT""",
    """CREATE TABLE stage_history (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        deal_id TEXT, stage TEXT, entered TEXT, exited TEXT) STRICT""",
    """CREATE TABLE customers (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        customer_id TEXT, name TEXT, acquired TEXT, churned TEXT, source TEXT, segment TEXT, industry TEXT) STRICT""",
    """CREATE TABLE transactions (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        transaction_id TEXT, date TEXT, amount REAL, currency TEXT, customer_id TEXT, kind TEXT, source TEXT, segment TEXT)
        STRICT""",
    """CREATE TABLE costs (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        date TEXT, amount REAL, currency TEXT, category TEXT, source TEXT) STRICT""",
    """CREATE TABLE targets (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        start TEXT, "end" TEXT, amount REAL, currency TEXT, owner TEXT, segment TEXT) STRICT""",
    """CREATE TABLE fx (
        position INTEGER PRIMARY KEY, key TEXT NOT NULL, batch INTEGER NOT NULL REFERENCES batches (id), line INTEGER NOT NULL,
        currency TEXT, "from" TEXT, rate REAL) STRICT""",
)


_V2 = (
    "ALTER TABLE batches ADD COLUMN repairs INTEGER REFERENCES batches (id)",
    "ALTER TABLE held_rows ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0",
    "ALTER TABLE held_rows ADD COLUMN repaired_by INTEGER REFERENCES batches (id)",
)

_V3 = (
    "ALTER TABLE batches ADD COLUMN snapshot_day INTEGER",
    "ALTER TABLE batches ADD COLUMN snapshot_by TEXT",
    "ALTER TABLE batches ADD COLUMN snapshot_evidence TEXT",
    # Earlier versions laid imports over each other in the order they came in, and so they stay.
    """UPDATE batches SET snapshot_by = 'import', snapshot_evidence = 'Imported before KPIDesk dated files.',
        snapshot_day = CAST(round(julianday(substr(imported_at, 1, 10)) - julianday('1970-01-01')) AS INTEGER)""",
    # What the user said of deals that a newer file lacks. Without a key the answer is for all deals that the import lacks.
    """CREATE TABLE absences (
        id INTEGER PRIMARY KEY, batch INTEGER NOT NULL REFERENCES batches (id), key BLOB, answer TEXT NOT NULL,
        answered_at TEXT NOT NULL, undone_at TEXT) STRICT""",
)


# One file can feed two tables, such as deals and their stage history: the second import is part of the first.
_V4 = ("ALTER TABLE batches ADD COLUMN part_of INTEGER REFERENCES batches (id)",)

_V5 = ("ALTER TABLE activities ADD COLUMN deal_name TEXT",)

# The columns have the keys. From here on they are kept in kinds that earlier versions cannot read.
_WITH_ROWS = (
    "deals",
    "leads",
    "activities",
    "stage_history",
    "customers",
    "transactions",
    "costs",
    "targets",
    "fx",
)
_V6 = tuple(f"ALTER TABLE {name} DROP COLUMN key" for name in _WITH_ROWS)


def _run(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:  # not executescript: it commits what is open
        connection.execute(statement)


def to_v1(connection: sqlite3.Connection) -> None:
    """Make the first schema."""
    _run(connection, _V1)


def to_v2(connection: sqlite3.Connection) -> None:
    """Let held rows be repaired by a later import, or be dismissed."""
    _run(connection, _V2)


def to_v3(connection: sqlite3.Connection) -> None:
    """Date the imports, and keep answers about missing deals."""
    _run(connection, _V3)


def to_v4(connection: sqlite3.Connection) -> None:
    """Let a file feed more than one table, and columns be kept without making them smaller, which earlier versions cannot read."""
    _run(connection, _V4)


def to_v5(connection: sqlite3.Connection) -> None:
    """Let an activity name its deal by the title."""
    _run(connection, _V5)


def to_v6(connection: sqlite3.Connection) -> None:
    """Leave the keys out of the plain tables."""
    _run(connection, _V6)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (to_v1, to_v2, to_v3, to_v4, to_v5, to_v6)
VERSION = len(MIGRATIONS)


def objects(connection: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Return what a file holds: name -> (table, index, view or trigger; the SQL that made it)."""
    found = connection.execute("SELECT name, type, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return {name: (kind, sql) for name, kind, sql in found}


def expected(version: int) -> dict[str, tuple[str, str]]:
    """Return what a file of a version must hold."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        for migrate in MIGRATIONS[:version]:
            migrate(connection)
        return objects(connection)
    finally:
        connection.close()
