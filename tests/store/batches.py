"""Small imports written by hand, and what a workspace says about itself, for the tests of the store."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from kpidesk.domain.entity import FieldType
from kpidesk.domain.entity import entity as entity_of
from kpidesk.domain.importing import Choices, HeldRow
from kpidesk.domain.settings import Settings
from kpidesk.frame import Batch, Column, FlagColumn, NumberColumn, TextColumn, TimeColumn
from kpidesk.store import Store
from tests.tables import Row, column, frame

NOW = datetime(2026, 9, 11, 9, tzinfo=UTC)


def batch(
    rows: Sequence[Row],
    file: str = "a.csv",
    *,
    entity: str = "deals",
    key: str = "deal_id",
    source: str = "hubspot",
    extras: Mapping[str, Sequence[Any]] | None = None,
    **more: Any,
) -> Batch:
    """Return the import of a file whose first row stands in line 2."""
    return Batch(
        source=source,
        file_name=file,
        file_hash=f"hash of {file}",
        sheet=more.pop("sheet", None),
        profile=source,
        frame=frame(entity, rows),
        keys=tuple(str(row[key]) for row in rows),
        lines=np.arange(2, len(rows) + 2, dtype=np.int32),
        extras={name: _text(cells) for name, cells in (extras or {}).items()},
        held=more.pop("held", ()),
        problems=(),
        **more,
    )


def _text(cells: Sequence[Any]) -> TextColumn:
    made = column(FieldType.TEXT, cells, "UTC")
    assert isinstance(made, TextColumn)
    return made


def deal(number: int, amount: float | None = 10.0, **more: Any) -> Row:
    known = {"deal_id": str(number), "status": "won", "amount": amount}
    return {**known, "created": "2026-01-02", "closed": "2026-02-03T10:00:00Z", **more}


def held(line: int, **cells: str) -> HeldRow:
    return HeldRow(line, "unreadable-date", "“soon” in “Close” is not a date.", "Close", cells)


def new(path: Path) -> Store:
    """Make a workspace without definitions that does not wait for the disk."""
    store = Store.create(path, Settings(), ())
    store._db.run("PRAGMA synchronous = OFF")
    return store


def put(store: Store, one: Batch, choices: Choices | None = None) -> int:
    return store.write(one, imported_at=NOW, choices=choices or Choices()).id


def cells(one: Column) -> list[Any]:
    """Return a column as plain values: None for blank, times as (day, instant or None, local)."""
    match one:
        case TextColumn():
            return [None if code < 0 else one.values[code] for code in one.codes.tolist()]
        case NumberColumn():
            return [None if np.isnan(value) else value for value in one.values.tolist()]
        case FlagColumn():
            return [None if flag < 0 else bool(flag) for flag in one.values.tolist()]
        case TimeColumn():
            blank, without = np.iinfo(np.int32).min, np.iinfo(np.int64).min
            return [
                None if day == blank else (day, None if instant == without else instant, local)
                for day, instant, local in zip(
                    one.days.tolist(), one.instants.tolist(), one.local.tolist(), strict=True
                )
            ]


def told(store: Store, entity: str = "deals") -> dict[str, Any]:
    """Return all that a workspace says of an entity's rows, down to the texts that stand for no row."""
    found = store.frame(entity)
    state = store._state(entity)
    columns = ", ".join(f'"{field.name}"' for field in entity_of(entity).fields)
    return {
        "rows": found.rows,
        "count": store.counts()[entity],
        "cells": {name: cells(one) for name, one in found.columns.items()},
        "texts": {name: one.values for name, one in found.columns.items() if isinstance(one, TextColumn)},
        "extras": {name: cells(one) for name, one in state.extras.items()},
        "extra names": store.extras(entity),
        "origin": store.provenance(entity),
        "table": store._db.rows(f"SELECT position, line, {columns} FROM {entity} ORDER BY position"),
    }


def everything(path: Path) -> list[str]:
    """Return the whole content of a closed workspace as statements."""
    import sqlite3

    connection = sqlite3.connect(path)
    try:
        return list(connection.iterdump())
    finally:
        connection.close()
