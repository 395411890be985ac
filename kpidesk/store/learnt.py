"""What earlier imports taught: layouts of columns, the meaning of stages and their order."""

import json

import numpy as np

from kpidesk.domain.importing import Choices
from kpidesk.frame import TextColumn, TimeColumn
from kpidesk.store import columns
from kpidesk.store.connection import Database
from kpidesk.store.values import choices_from, choices_text

_STANDING = "FROM batches WHERE undone_at IS NULL AND entity = 'deals' ORDER BY id"
_DECIDED = ("won", "lost")
_SHARE_CHANGED = 5  # one column in five may come, go or be renamed


def remember(db: Database, signature: str, choices: Choices) -> None:
    """Keep the choices made for a layout of columns."""
    db.run("INSERT OR REPLACE INTO layouts VALUES (?, ?)", (signature, choices_text(choices)))


def recall(db: Database, signature: str) -> Choices | None:
    """Return the choices made for a layout or else for the nearest one, None when it is new."""
    row = db.row("SELECT choices FROM layouts WHERE signature = ?", (_nearest(db, signature),))
    with db.parsing():
        return choices_from(row[0]) if row else None


def forget(db: Database, signature: str) -> None:
    """Forget the choices that would be recalled for a layout."""
    db.run("DELETE FROM layouts WHERE signature = ?", (_nearest(db, signature),))


def _nearest(db: Database, signature: str) -> str:
    """Return the remembered layout of the same kind and CRM that differs in the fewest columns, up to a few; itself when it is new."""
    kind, headers = _parted(signature)
    most = max(1, len(headers) // _SHARE_CHANGED)
    layouts = [(one, *_parted(str(one))) for (one,) in db.rows("SELECT signature FROM layouts")]
    near = [(len(headers ^ others), str(one)) for one, same, others in layouts if kind and same == kind]
    distance, found = min(near, default=(0, signature))
    return found if distance <= most else signature


def _parted(signature: str) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return entity and profile, and the headers; of a layout that an earlier version named by a digest, nothing."""
    try:
        entity, profile, *headers = json.loads(signature)
    except ValueError:
        return (), frozenset()
    return (entity, profile), frozenset(headers)


def stage_status(db: Database) -> dict[str, str]:
    """Return what the user said of stages: stage -> open, won or lost."""
    found: dict[str, str] = {}
    texts = db.rows(f"SELECT choices {_STANDING}")
    with db.parsing():
        for (text,) in texts:
            found.update(choices_from(text).stage_status)
    return found


def source_columns(db: Database, entity: str) -> dict[str, str]:
    """Return the header of the column that last fed each field of an entity: field -> header."""
    found: dict[str, str] = {}
    texts = db.rows("SELECT choices FROM batches WHERE undone_at IS NULL AND entity = ? ORDER BY id", (entity,))
    with db.parsing():
        for (text,) in texts:
            found.update((field, header) for field, header in choices_from(text).mapping.items() if header)
    return found


def stage_order(db: Database) -> tuple[str, ...]:
    """Return the open stages, first one first: as deals passed through them, else as the imports of deals met them."""
    met: dict[str, None] = {}
    texts = db.rows(f"SELECT stages {_STANDING}")
    with db.parsing():
        for (text,) in texts:
            met.update(dict.fromkeys(json.loads(text)))
    passed = _passed(db)
    if not passed:
        return tuple(met)
    is_open = {_folded(stage): True for stage in met}
    is_open.update({_folded(stage): status not in _DECIDED for stage, status in stage_status(db).items()})
    return tuple(
        stage for stage in passed if is_open.get(_folded(stage), not any(word in _folded(stage) for word in _DECIDED))
    )


def _passed(db: Database) -> tuple[str, ...]:
    """Return the stages of the stage history by how many stays of a deal come before one in them, on average."""
    history = columns.fields(db, "stage_history", ("deal_id", "stage", "entered"))
    deal, stage, entered = history.get("deal_id"), history.get("stage"), history.get("entered")
    if not (isinstance(deal, TextColumn) and isinstance(stage, TextColumn) and isinstance(entered, TimeColumn)):
        return ()
    if not len(deal.codes):
        return ()
    order = np.lexsort((entered.instants, entered.days, deal.codes))
    codes = deal.codes[order]
    firsts = np.flatnonzero(np.concatenate(([True], codes[1:] != codes[:-1])))
    steps = np.arange(len(order)) - np.repeat(firsts, np.diff(np.append(firsts, len(order))))
    stages = stage.codes[order] + 1
    total = np.bincount(stages, weights=steps, minlength=len(stage.values) + 1)[1:]
    count = np.bincount(stages, minlength=len(stage.values) + 1)[1:]
    mean = np.divide(total, count, out=np.full(len(count), np.inf), where=count > 0)
    return tuple(stage.values[code] for code in np.argsort(mean, kind="stable") if count[code])


def _folded(stage: str) -> str:
    return stage.strip().casefold()
