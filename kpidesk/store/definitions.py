"""Settings and definitions in the file. Revision 0 of a KPI is the draft of its next one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

from kpidesk.domain.kpi import Kpi, Revision
from kpidesk.domain.settings import Settings
from kpidesk.store.connection import Database
from kpidesk.store.imports import utc_text
from kpidesk.store.values import kpi_from, kpi_text, settings_from, settings_rows

_DRAFT = 0
_REMOVED = "null"  # the body of a revision that says there is no definition any more


def settings(db: Database) -> Settings:
    """Return the settings; those that the file lacks have their defaults."""
    found: list[tuple[str, str]] = db.rows("SELECT name, value FROM settings")
    with db.parsing():
        return settings_from(dict(found))


def put_settings(db: Database, new: Settings) -> None:
    """Save all settings."""
    db.run_many("INSERT OR REPLACE INTO settings VALUES (?, ?)", settings_rows(new))


def definitions(db: Database) -> tuple[Kpi, ...]:
    """Return the newest revision of every definition that was not removed, in the order they were made."""
    found = db.rows(
        "SELECT body FROM definitions AS d WHERE revision = (SELECT max(revision) FROM definitions WHERE kpi = d.kpi)"
        f" AND revision > {_DRAFT} AND body <> '{_REMOVED}' ORDER BY (SELECT min(id) FROM definitions WHERE kpi = d.kpi)"
    )
    with db.parsing():
        return tuple(kpi_from(body) for (body,) in found)


def put_definitions(db: Database, kpis: Sequence[Kpi], at: datetime | None = None) -> None:
    """Save definitions, each as the next revision of its KPI, in force from `at` (None: now); earlier ones are kept."""
    for kpi in kpis:
        uuid, revision = _next(db, kpi.id)
        _put(db, kpi.id, uuid, revision, kpi_text(replace(kpi, uuid=uuid, revision=revision)), at)


def revisions(db: Database, kpi_id: str) -> tuple[Revision, ...]:
    """Return every saved state of a definition, oldest first."""
    found = db.rows(
        "SELECT revision, changed_at, body FROM definitions WHERE kpi = ? AND revision > ? ORDER BY revision",
        (kpi_id, _DRAFT),
    )
    with db.parsing():
        return tuple(
            Revision(number, datetime.fromisoformat(since), None if body == _REMOVED else kpi_from(body))
            for number, since, body in found
        )


def in_force_since(db: Database) -> dict[str, datetime]:
    """Return for every KPI when its newest revision was saved, in UTC."""
    found = db.rows("SELECT kpi, max(changed_at) FROM definitions WHERE revision > ? GROUP BY kpi", (_DRAFT,))
    with db.parsing():
        return {kpi: datetime.fromisoformat(since) for kpi, since in found}


def drafts(db: Database) -> tuple[Kpi, ...]:
    """Return the definitions that were begun and not yet saved, the newest last."""
    found = db.rows("SELECT body FROM definitions WHERE revision = ? ORDER BY id", (_DRAFT,))
    with db.parsing():
        return tuple(kpi_from(body) for (body,) in found)


def put_draft(db: Database, kpi: Kpi) -> None:
    """Keep a definition that is not finished in place of an earlier draft of it."""
    uuid, _ = _next(db, kpi.id)
    remove_draft(db, kpi.id)
    _put(db, kpi.id, uuid, _DRAFT, kpi_text(kpi))


def remove_draft(db: Database, kpi_id: str) -> None:
    """Forget the draft of a KPI."""
    db.run("DELETE FROM definitions WHERE kpi = ? AND revision = ?", (kpi_id, _DRAFT))


def remove_definition(db: Database, kpi_id: str) -> None:
    """Save as the next revision of a KPI that there is none any more; the earlier ones are kept."""
    _put(db, kpi_id, *_next(db, kpi_id), _REMOVED)


def _next(db: Database, kpi_id: str) -> tuple[str, int]:
    newest = db.row("SELECT uuid, revision FROM definitions WHERE kpi = ? ORDER BY revision DESC LIMIT 1", (kpi_id,))
    return (str(uuid4()), 1) if newest is None else (newest[0], newest[1] + 1)


def _put(db: Database, kpi_id: str, uuid: str, revision: int, body: str, at: datetime | None = None) -> None:
    db.run(
        "INSERT INTO definitions (uuid, kpi, revision, changed_at, body) VALUES (?, ?, ?, ?, ?)",
        (uuid, kpi_id, revision, utc_text(at or datetime.now(UTC)), body),
    )
