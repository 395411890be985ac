"""The workspace file behind one object: settings, definitions, imports and current rows."""

import hashlib
import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self
from uuid import uuid4

import numpy as np

from kpidesk.domain.change import Change
from kpidesk.domain.entity import ENTITIES, FieldType, entity
from kpidesk.domain.importing import BatchInfo, Choices, Effect, HeldRow
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.problem import WorkspaceError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_DAY, Batch, Column, Frame, NumberColumn, TextColumn, TimeColumn
from kpidesk.store import connection as files
from kpidesk.store import fold as folds
from kpidesk.store.codec import Content, decode, encode
from kpidesk.store.values import choices_from, choices_text, kpi_from, kpi_text, settings_from, settings_rows

_EPOCH = date(1970, 1, 1)
_SEPARATOR = "\x1f"
_CHUNK = 20_000


class Store:
    """One open workspace file. Rows are kept per import and as their fold; every write is one transaction."""

    def __init__(self, path: Path, connection: sqlite3.Connection, *, read_only: bool) -> None:
        self.path = path
        self.read_only = read_only
        self._db = connection
        self._states: dict[str, tuple[int, folds.State]] = {}

    @classmethod
    def create(cls, path: Path, settings: Settings, kpis: Sequence[Kpi]) -> Self:
        """Make a new file with settings and definitions."""
        store = cls(path, files.create(path), read_only=False)
        with store._write(Change.SETTINGS):
            store._put_settings(settings)
            for kpi in kpis:
                store._put_definition(kpi)
        return store

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open a file; WorkspaceError with a sentence when it is none, newer, damaged or locked."""
        connection, read_only = files.open_file(path, read_only=read_only)
        return cls(path, connection, read_only=read_only)

    def close(self) -> None:
        """Close the file. The journal that SQLite leaves behind empty goes too, so that a workspace is one file."""
        self._db.close()
        journal = self.path.with_name(f"{self.path.name}-journal")
        with suppress(OSError):
            if not self.read_only and journal.stat().st_size == 0:
                journal.unlink()

    # --- revisions

    def _state_value(self, name: str) -> int:
        row = self._db.execute("SELECT value FROM state WHERE name = ?", (name,)).fetchone()
        return int(row[0]) if row else 0

    def revision(self) -> int:
        """Return a number that grows with every write."""
        return self._state_value("revision")

    def rows_revision(self, name: str) -> int:
        """Return a number that grows whenever the rows of an entity change."""
        return self._state_value(f"rows:{name}")

    def _bump(self, name: str) -> None:
        self._db.execute("INSERT INTO state VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1", (name,))

    def _write(self, change: Change) -> "_Write":
        if self.read_only:
            raise WorkspaceError(
                f"{self.path.name} is open for reading only. Nothing was changed. Save a copy to work on."
            )
        return _Write(self, change)

    # --- settings, definitions, layouts

    def settings(self) -> Settings:
        """Return the settings."""
        return settings_from(dict(self._db.execute("SELECT name, value FROM settings")))

    def _put_settings(self, settings: Settings) -> None:
        self._db.executemany("INSERT OR REPLACE INTO settings VALUES (?, ?)", settings_rows(settings))

    def save_settings(self, settings: Settings) -> Change:
        """Save all settings."""
        with self._write(Change.SETTINGS):
            self._put_settings(settings)
        return Change.SETTINGS

    def definitions(self) -> tuple[Kpi, ...]:
        """Return the newest revision of every definition, in the order they were made."""
        rows = self._db.execute(
            "SELECT body FROM definitions AS d WHERE revision = (SELECT max(revision) FROM definitions WHERE kpi = d.kpi)"
            " ORDER BY (SELECT min(rowid) FROM definitions WHERE kpi = d.kpi)"
        )
        return tuple(kpi_from(body) for (body,) in rows)

    def _put_definition(self, kpi: Kpi) -> None:
        row = self._db.execute("SELECT uuid, max(revision) FROM definitions WHERE kpi = ?", (kpi.id,)).fetchone()
        uuid, revision = (row[0], row[1] + 1) if row[1] else (str(uuid4()), 1)
        body = kpi_text(replace(kpi, uuid=uuid, revision=revision))
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._db.execute("INSERT INTO definitions VALUES (?, ?, ?, ?, ?)", (uuid, kpi.id, revision, now, body))

    def save_definition(self, kpi: Kpi) -> Change:
        """Save a definition as its next revision; earlier ones are kept."""
        with self._write(Change.DEFINITIONS):
            self._put_definition(kpi)
        return Change.DEFINITIONS

    def remember(self, signature: str, choices: Choices) -> None:
        """Keep the choices made for a layout of columns."""
        with self._write(Change.NONE):
            self._db.execute("INSERT OR REPLACE INTO layouts VALUES (?, ?)", (signature, choices_text(choices)))

    def recall(self, signature: str) -> Choices | None:
        """Return the choices made for a layout, None when it is new."""
        row = self._db.execute("SELECT choices FROM layouts WHERE signature = ?", (signature,)).fetchone()
        return choices_from(row[0]) if row else None

    def stage_status(self) -> dict[str, str]:
        """Return what the user said of stages: stage -> open, won or lost."""
        found: dict[str, str] = {}
        for (text,) in self._db.execute(
            "SELECT choices FROM batches WHERE undone_at IS NULL AND entity = 'deals' ORDER BY id"
        ):
            found.update(choices_from(text).stage_status)
        return found

    def stage_order(self) -> tuple[str, ...]:
        """Return the open stages in an order learnt from imports: by the stage history, else as the deals show them."""
        history = self._state("stage_history")
        stage, entered = history.columns.get("stage"), history.columns.get("entered")
        deal = history.columns.get("deal_id")
        if (
            isinstance(stage, TextColumn)
            and isinstance(entered, TimeColumn)
            and isinstance(deal, TextColumn)
            and history.rows
        ):
            order = np.lexsort((entered.instants, entered.days, deal.codes))
            codes = deal.codes[order]
            starts = np.concatenate(([True], codes[1:] != codes[:-1]))
            first = np.flatnonzero(starts)
            step = np.arange(len(order)) - np.repeat(first, np.diff(np.concatenate((first, [len(order)]))))
            total = np.bincount(stage.codes[order] + 1, weights=step, minlength=len(stage.values) + 1)[1:]
            count = np.bincount(stage.codes[order] + 1, minlength=len(stage.values) + 1)[1:]
            mean = np.divide(total, count, out=np.full(len(count), np.inf), where=count > 0)
            names = [stage.values[code] for code in np.argsort(mean, kind="stable") if count[code]]
            return tuple(name for name in names if not any(word in name.casefold() for word in ("won", "lost")))
        seen: dict[str, None] = {}
        for (text,) in self._db.execute(
            "SELECT stages FROM batches WHERE undone_at IS NULL AND entity = 'deals' ORDER BY id"
        ):
            seen.update(dict.fromkeys(json.loads(text)))
        return tuple(seen)

    # --- imports

    def _source(self, batch: Batch) -> str:
        """Return the namespace of a batch's ids: that of earlier rows when at least half of the ids are there already."""
        state = self._state(batch.frame.entity)
        by_source: dict[str, set[str]] = {}
        for key in state.keys:
            source, _, rest = key.partition(_SEPARATOR)
            by_source.setdefault(source, set()).add(rest)
        if batch.source in by_source or not batch.keys:
            return batch.source
        for source, known in by_source.items():
            if sum(key in known for key in batch.keys) * 2 >= len(batch.keys):
                return source
        return batch.source

    def _content(self, batch: Batch) -> tuple[str, Content]:
        source = self._source(batch)
        prefix = source + _SEPARATOR
        keys = tuple(prefix + key for key in batch.keys)
        return source, Content(keys, batch.lines, dict(batch.frame.columns), dict(batch.extras))

    def _reading(self, batch: Batch, blob: bytes) -> str:
        return hashlib.sha256(f"{batch.file_hash}{batch.sheet}{batch.frame.entity}".encode() + blob).hexdigest()

    def find_batch(self, batch: Batch) -> BatchInfo | None:
        """Return the import of the same file under the same reading that stands, None when there is none."""
        _, content = self._content(batch)
        reading = self._reading(batch, encode(content))
        row = self._db.execute("SELECT id FROM batches WHERE reading = ? AND undone_at IS NULL", (reading,)).fetchone()
        return None if row is None else next(one for one in self.batches() if one.id == row[0])

    def effect(self, batch: Batch) -> Effect:
        """Return what an import would do, without doing it."""
        _, content = self._content(batch)
        return self._effect(self._state(batch.frame.entity), content, len(batch.held))[0]

    def _effect(self, state: folds.State, content: Content, held: int, batch: int = 0) -> tuple[Effect, folds.State]:
        after = folds.lay(state, batch, content)
        new = after.rows - state.rows
        places, _ = folds.places_of(state, content.keys)
        differ = folds.changed(state, after)
        updated = int(differ[places].sum()) - new
        return Effect(new, updated, len(content.keys) - new - updated, held), after

    def folded(self, batch: Batch) -> Frame:
        """Return the current rows as they would be after an import."""
        _, content = self._content(batch)
        return _frame(batch.frame.entity, folds.lay(self._state(batch.frame.entity), 0, content))

    def write(self, batch: Batch, *, imported_at: datetime, choices: Choices, progress: Progress = SILENT) -> BatchInfo:
        """Save an import in one transaction; CancelledError or any failure leaves everything as it was."""
        name = batch.frame.entity
        source, content = self._content(batch)
        before = self._state(name)
        with self._write(Change.ROWS | Change.IMPORTS):
            number = self._db.execute("SELECT coalesce(max(id), 0) + 1 FROM batches").fetchone()[0]
            outcome, after = self._effect(before, content, len(batch.held), number)
            blob = encode(content)
            first, last = _span(batch.frame)
            self._db.execute(
                "INSERT INTO batches VALUES (?,?,?,?,?,?,?,?,NULL,?,?,?,?,?,?,?,?,?,?,?)",
                (
                    number,
                    name,
                    source,
                    batch.file_name,
                    batch.file_hash,
                    batch.sheet,
                    batch.profile,
                    imported_at.astimezone(UTC).isoformat(timespec="seconds"),
                    len(batch.keys),
                    outcome.added,
                    outcome.updated,
                    outcome.unchanged,
                    outcome.held,
                    first,
                    last,
                    self._reading(batch, blob),
                    choices_text(choices),
                    json.dumps(batch.stage_order, ensure_ascii=False),
                    blob,
                ),
            )
            self._db.executemany(
                "INSERT INTO held_rows VALUES (?,?,?,?,?,?)",
                [
                    (
                        number,
                        row.line,
                        row.code,
                        row.reason,
                        row.column,
                        json.dumps(dict(row.cells), ensure_ascii=False),
                    )
                    for row in batch.held
                ],
            )
            self._save_rows(name, before, after, progress)
        self._states[name] = (self.rows_revision(name), after)
        return next(one for one in self.batches() if one.id == number)

    def undo(self, batch_id: int, *, undone_at: datetime, progress: Progress = SILENT) -> Change:
        """Take an import back: the current rows become the fold of the imports that remain, in any order of undoing."""
        row = self._db.execute("SELECT entity, undone_at FROM batches WHERE id = ?", (batch_id,)).fetchone()
        if row is None or row[1] is not None:
            raise WorkspaceError("This import was undone already, or never was. Nothing was changed.")
        name = str(row[0])
        before = self._state(name)
        with self._write(Change.ROWS | Change.IMPORTS):
            now = undone_at.astimezone(UTC).isoformat(timespec="seconds")
            self._db.execute("UPDATE batches SET undone_at = ? WHERE id = ?", (now, batch_id))
            after = self._folded(name)
            self._save_rows(name, before, after, progress)
        self._states[name] = (self.rows_revision(name), after)
        return Change.ROWS | Change.IMPORTS

    def batches(self) -> tuple[BatchInfo, ...]:
        """Return all imports, oldest first, undone ones included."""
        rows = self._db.execute(
            "SELECT id, entity, file_name, file_hash, sheet, profile, imported_at, rows, added, updated, unchanged, held,"
            " first_day, last_day, undone_at FROM batches ORDER BY id"
        )
        return tuple(
            BatchInfo(
                row[0],
                row[1],
                row[2],
                row[3],
                row[4],
                row[5],
                datetime.fromisoformat(row[6]),
                row[7],
                Effect(*row[8:12]),
                (),
                None if row[12] is None else _EPOCH + timedelta(days=row[12]),
                None if row[13] is None else _EPOCH + timedelta(days=row[13]),
                None if row[14] is None else datetime.fromisoformat(row[14]),
            )
            for row in rows
        )

    def held(self, batch_id: int) -> tuple[HeldRow, ...]:
        """Return the rows of an import that could not be read."""
        rows = self._db.execute(
            'SELECT line, code, reason, "column", cells FROM held_rows WHERE batch = ? ORDER BY line', (batch_id,)
        )
        return tuple(
            HeldRow(line, code, reason, column, json.loads(cells)) for line, code, reason, column, cells in rows
        )

    # --- current rows

    def _folded(self, name: str) -> folds.State:
        rows = self._db.execute(
            "SELECT id, content FROM batches WHERE entity = ? AND undone_at IS NULL ORDER BY id", (name,)
        )
        return folds.fold((number, decode(blob)) for number, blob in rows)

    def _state(self, name: str) -> folds.State:
        revision = self.rows_revision(name)
        cached = self._states.get(name)
        if cached is None or cached[0] != revision:
            cached = (revision, self._folded(name))
            self._states[name] = cached
        return cached[1]

    def frame(self, name: str) -> Frame:
        """Return the current rows of an entity; columns only for fields that an import has filled."""
        return _frame(name, self._state(name))

    def extras(self, name: str) -> tuple[str, ...]:
        """Return the extra columns kept for an entity."""
        return tuple(self._state(name).extras)

    def counts(self) -> dict[str, int]:
        """Return the number of current rows by entity."""
        return {one.name: self._db.execute(f"SELECT count(*) FROM {one.name}").fetchone()[0] for one in ENTITIES}

    def provenance(self, name: str) -> tuple[tuple[str, str, str, int], ...]:
        """Return for every current row its file, file hash, sheet and line."""
        state = self._state(name)
        found = self._db.execute("SELECT id, file_name, file_hash, coalesce(sheet, '') FROM batches")
        origin: Mapping[int, tuple[str, str, str]] = {
            number: (file, digest, sheet) for number, file, digest, sheet in found
        }
        return tuple(
            (*origin[batch], line) for batch, line in zip(state.batches.tolist(), state.lines.tolist(), strict=True)
        )

    def _save_rows(self, name: str, before: folds.State, after: folds.State, progress: Progress) -> None:
        """Bring the row table from one state to another: only rows that differ are written."""
        _, gone = folds.places_of(after, before.keys)
        self._db.executemany(
            f"DELETE FROM {name} WHERE key = ?",
            [(before.keys[place].replace(_SEPARATOR, ":", 1),) for place in np.flatnonzero(gone).tolist()]
            if before.rows
            else [],
        )
        moved = np.flatnonzero(folds.changed(before, after) | _moved(before, after))
        fields = [one for one in entity(name).fields if one.name in after.columns]
        columns = [f'"{one.name}"' for one in fields]
        marks = ",".join("?" * (3 + len(fields)))
        statement = f"INSERT OR REPLACE INTO {name} ({','.join(['key', 'batch', 'line', *columns])}) VALUES ({marks})"
        for start in range(0, len(moved), _CHUNK):
            progress.report("Saving rows", start, len(moved))
            rows = moved[start : start + _CHUNK]
            keys = [after.keys[row].replace(_SEPARATOR, ":", 1) for row in rows.tolist()]
            cells = [_cells(after.columns[one.name], rows, one.type) for one in fields]
            self._db.executemany(
                statement, zip(keys, after.batches[rows].tolist(), after.lines[rows].tolist(), *cells, strict=True)
            )
        self._bump(f"rows:{name}")

    def save_copy(self, path: Path) -> None:
        """Write a copy; a file of that name is replaced only when the copy is whole."""
        partial = path.with_name(f".{path.name}.part")
        try:
            partial.unlink(missing_ok=True)
            target = sqlite3.connect(partial)
            try:
                self._db.backup(target)
            finally:
                target.close()
            partial.chmod(0o600)
            partial.replace(path)
        except (OSError, sqlite3.Error):
            partial.unlink(missing_ok=True)
            raise WorkspaceError(
                f"No copy could be written to {path}. The workspace is unchanged. Choose another folder."
            ) from None


class _Write:
    """A transaction that bumps the revision."""

    def __init__(self, store: Store, change: Change) -> None:
        self._store = store
        self._change = change
        self._inside = files.transaction(store._db, store.path)  # noqa: SLF001 - the store's own half

    def __enter__(self) -> None:
        self._inside.__enter__()

    def __exit__(self, kind: object, error: object, trace: object) -> bool | None:
        if kind is None and self._change:
            self._store._bump("revision")  # noqa: SLF001
        return self._inside.__exit__(kind, error, trace)  # type: ignore[arg-type]


def _frame(name: str, state: folds.State) -> Frame:
    return Frame(name, state.rows, dict(state.columns))


def _moved(before: folds.State, after: folds.State) -> np.ndarray:
    """Return which rows stand as they did but come from another import or line now."""
    places, new = folds.places_of(before, after.keys)
    if not before.rows:
        return new
    old = np.where(new, 0, places)
    return np.asarray(new | (before.batches[old] != after.batches) | (before.lines[old] != after.lines))


def _cells(column: Column, rows: np.ndarray, kind: FieldType) -> list[object]:
    """Return cells as SQLite keeps them: ISO dates (with the UTC time where known), text, numbers, None for blank."""
    match column:
        case TextColumn():
            return np.array([*column.values, None], dtype=object)[column.codes[rows]].tolist()
        case TimeColumn():
            days = column.days[rows]
            known = days != BLANK_DAY
            texts = np.full(len(rows), None, dtype=object)
            texts[known] = np.datetime_as_string(days[known].astype("datetime64[D]")).astype(object)
            timed = known & (column.instants[rows] != np.iinfo(np.int64).min)
            texts[timed] = np.datetime_as_string(
                column.instants[rows][timed].astype("datetime64[s]"), timezone="UTC"
            ).astype(object)
            return texts.tolist()
        case NumberColumn():
            values = column.values[rows].astype(object)
            values[np.isnan(column.values[rows])] = None
            return values.tolist()
    del kind
    flags = column.values[rows]
    return [None if flag < 0 else int(flag) for flag in flags.tolist()]


def _span(frame: Frame) -> tuple[int | None, int | None]:
    days = [
        column.days[column.days != BLANK_DAY]
        for name, column in frame.columns.items()
        if isinstance(column, TimeColumn) and name != "expected_close"
    ]
    days = [one for one in days if one.size]
    return (min(int(one.min()) for one in days), max(int(one.max()) for one in days)) if days else (None, None)
