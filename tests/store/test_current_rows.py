"""Rows come back as they went in, in memory, from the file, and as tables that any SQLite tool can read."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.entity import ENTITIES, FieldType
from kpidesk.frame import BLANK_CODE, Frame, TextColumn
from kpidesk.store import Store
from tests.store.batches import batch, cells, deal, new, put, told
from tests.tables import column

_TEXTS = st.one_of(
    st.none(), st.text(min_size=1, max_size=8), st.sampled_from(["=1+1", "a\0b", "“é”🎉", "'; DROP TABLE deals --"])
)
_DAYS = st.dates().map(str)
_INSTANTS = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1)).map(
    lambda moment: moment.isoformat(timespec="seconds")
)
_CELLS: dict[FieldType, st.SearchStrategy[Any]] = {
    FieldType.ID: _TEXTS,
    FieldType.TEXT: _TEXTS,
    FieldType.LABEL: _TEXTS,
    FieldType.DATE: st.one_of(st.none(), _DAYS, _INSTANTS, _INSTANTS.map(lambda text: f"{text}Z")),
    FieldType.MONEY: st.one_of(st.none(), st.floats(allow_nan=False)),
    FieldType.NUMBER: st.one_of(st.none(), st.floats(allow_nan=False)),
    FieldType.FLAG: st.one_of(st.none(), st.booleans()),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "w.kpidesk"


@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_any_frame_comes_back_as_it_went_in(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    entity = data.draw(st.sampled_from(ENTITIES))
    names = data.draw(st.sets(st.sampled_from(entity.field_names), min_size=1))
    rows = data.draw(st.integers(0, 4))
    columns = {
        field.name: column(
            field.type, data.draw(st.lists(_CELLS[field.type], min_size=rows, max_size=rows)), "Europe/London"
        )
        for field in entity.fields
        if field.name in names
    }
    one = batch([], entity=entity.name)
    keys, lines = tuple(map(str, range(rows))), np.arange(rows, dtype=np.int32)
    one = type(one)("file", "f", "h", None, "generic", Frame(entity.name, rows, columns), keys, lines, {}, (), ())
    path = tmp_path_factory.mktemp("frame") / "w.kpidesk"
    store = new(path)
    put(store, one)
    at_once = told(store, entity.name)
    store.close()
    again = Store.open(path)
    assert told(again, entity.name) == at_once
    found = again.frame(entity.name)
    assert list(found.columns) == list(columns)
    assert {name: cells(one) for name, one in found.columns.items()} == {
        name: cells(one) for name, one in columns.items()
    }
    again.close()


def test_a_field_that_a_file_has_not_keeps_its_value_and_a_blank_cell_overwrites(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1, owner="Ann"), deal(2, owner="Bob")]))
    put(store, batch([{"deal_id": "1", "amount": None}], "b.csv"))
    found = store.frame("deals")
    assert cells(found.columns["owner"]) == ["Ann", "Bob"]
    assert cells(found.columns["amount"]) == [None, 10.0]
    store.close()


def test_texts_that_no_row_has_any_more_are_gone(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1, owner="Ann"), deal(2, owner="Bob")]))
    put(store, batch([deal(1, owner="Cleo")], "b.csv"))
    assert sorted(store.frame("deals").text("owner").values) == ["Bob", "Cleo"]
    store.close()


def test_rows_keep_their_places_and_new_ones_follow(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(3), deal(1)]))
    put(store, batch([deal(2), deal(1, 5.0), deal(3)], "b.csv"))
    assert cells(store.frame("deals").columns["deal_id"]) == ["3", "1", "2"]
    store.close()


def test_a_row_names_the_file_that_its_cells_came_from(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1), deal(2)]))
    put(store, batch([deal(9), deal(1), deal(2, 11.0)], "b.xlsx", sheet="Deals"))
    assert store.provenance("deals") == (
        ("a.csv", "hash of a.csv", "", 2),
        ("b.xlsx", "hash of b.xlsx", "Deals", 4),
        ("b.xlsx", "hash of b.xlsx", "Deals", 2),
    )
    assert store.provenance("leads") == ()
    store.close()


def test_only_the_fields_that_are_asked_for_are_read(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1)]))
    store.close()
    again = Store.open(path)
    for _ in range(2):  # from the file, then from what an import left in memory
        found = again.frame("deals", ("amount", "owner"))
        assert (found.rows, list(found.columns)) == (1, ["amount"])
        again.effect(batch([deal(2)], "b.csv"))
    again.close()


def test_an_entity_without_imports_is_an_empty_frame(path: Path) -> None:
    store = new(path)
    assert store.frame("leads") == Frame("leads", 0, {})
    assert store.extras("leads") == ()
    assert set(store.counts().values()) == {0}
    store.close()


def test_columns_without_a_field_are_kept_as_text(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1), deal(2)], extras={"Hobby": ["chess", None], "Färbe": [None, "rot"]}))
    number = put(store, batch([deal(2), deal(3)], "b.csv", extras={"Hobby": ["go", "golf"]}))
    assert store.extras("deals") == ("Hobby", "Färbe")
    assert [info.extra_columns for info in store.batches()] == [("Hobby", "Färbe"), ("Hobby",)]
    assert told(store)["extras"] == {"Hobby": ["chess", "go", "golf"], "Färbe": [None, "rot", None]}
    store.undo(number, undone_at=datetime.now(UTC))
    assert told(store)["extras"] == {"Hobby": ["chess", None], "Färbe": [None, "rot"]}
    store.close()


def test_the_tables_are_readable_without_kpidesk(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1, name="Größe", test=False), deal(2, None, created=None, closed="2026-03-01")]))
    store.close()
    with sqlite3.connect(path) as other:
        found = other.execute("SELECT deal_id, name, amount, created, closed, test, line FROM deals").fetchall()
    other.close()
    assert found == [
        ("1", "Größe", 10.0, "2026-01-02", "2026-02-03T10:00:00Z", 0, 2),
        ("2", None, None, None, "2026-03-01", None, 3),
    ]


def test_half_characters_of_broken_files_are_kept(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1, name="a\ud800b"), deal(2, name="c")]))
    store.close()
    again = Store.open(path)
    assert cells(again.frame("deals").columns["name"]) == ["a\ud800b", "c"]
    assert again._db.rows("SELECT name FROM deals") == [("a?b",), ("c",)]
    again.close()


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_every_field_has_its_column(path: Path, entity: Any) -> None:
    store = new(path)
    found = {name: kind for _, name, kind, *_ in store._db.rows(f"PRAGMA table_info({entity.name})")}
    real, whole = {FieldType.MONEY, FieldType.NUMBER}, {FieldType.FLAG}
    wanted = {
        field.name: "REAL" if field.type in real else "INTEGER" if field.type in whole else "TEXT"
        for field in entity.fields
    }
    assert {name: kind for name, kind in found.items() if name not in ("position", "key", "batch", "line")} == wanted
    store.close()


def test_columns_read_from_a_file_cannot_be_changed_by_accident(path: Path) -> None:
    store = new(path)
    put(store, batch([deal(1)]))
    store.close()
    again = Store.open(path)
    owner = again.frame("deals").columns["status"]
    assert isinstance(owner, TextColumn)
    with pytest.raises(ValueError, match="read-only"):
        owner.codes[0] = BLANK_CODE
    again.close()
