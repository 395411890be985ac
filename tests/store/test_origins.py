"""Every row of the standing imports has a number and a place, whatever was replaced, held or taken back."""

from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.frame import Replaced
from kpidesk.store import Origins, Store
from tests.store.batches import NOW, batch, deal, held, new, put

files = st.lists(
    st.tuples(
        st.lists(st.tuples(st.integers(1, 6), st.sampled_from([10.0, 20.0])), min_size=1, max_size=6),
        st.integers(0, 2),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


def put_file(store: Store, name: str, rows: list[tuple[int, float]], lost: int) -> int:
    """Import a file whose row of an id replaces those before it, with `lost` held rows behind."""
    last = {number: place for place, (number, _) in enumerate(rows)}
    kept = sorted(last.values())
    gone = [place for place in range(len(rows)) if place not in kept]
    made = batch([deal(*rows[place]) for place in kept], name, held=tuple(held(len(rows) + 2 + n) for n in range(lost)))
    by = np.array([kept.index(last[rows[place][0]]) for place in gone], dtype=np.int32)
    replaced = Replaced(np.array(gone, dtype=np.int32) + 2, by)
    lines = np.array(kept, dtype=np.int32) + 2
    fields = {one: getattr(made, one) for one in made.__dataclass_fields__}
    return put(store, type(made)(**{**fields, "lines": lines, "replaced": replaced}))


def places(found: Origins) -> list[tuple[str, int]]:
    return [
        (found.files[number][0], line)
        for number, line in zip(found.batches.tolist(), found.lines.tolist(), strict=True)
    ]


@given(files)
@settings(max_examples=60, deadline=None)
def test_every_line_of_every_standing_file_has_one_number(tmp_path_factory: Any, told: Any) -> None:
    folder: Path = tmp_path_factory.mktemp("origins")
    store = new(folder / "w.kpidesk")
    numbers = [put_file(store, f"{place}.csv", rows, lost) for place, (rows, lost, _) in enumerate(told)]
    for number, (_, _, undone) in zip(numbers, told, strict=True):
        if undone:
            store.undo(number, undone_at=NOW)
    found = store.origins("deals")
    expected = {
        (f"{place}.csv", line)
        for place, (rows, lost, undone) in enumerate(told)
        for line in range(2, 2 + len(rows) + lost)
        if not undone
    }
    assert len(places(found)) == len(expected)
    assert set(places(found)) == expected
    assert found.current == store.frame("deals").rows
    assert [(file, line) for file, _, _, line in store.provenance("deals")] == places(found)[: found.current]
    ids = store.frame("deals").text("deal_id") if found.current else None
    for number, by in zip(found.replaced, found.by.tolist(), strict=True):
        file, line = places(found)[number]
        rows = told[int(file.removesuffix(".csv"))][0]
        assert ids is not None
        assert ids.values[ids.codes[by]] == str(rows[line - 2][0])
    store.close()


def test_a_file_of_before_knows_of_no_replaced_rows(tmp_path: Path) -> None:
    store = new(tmp_path / "w.kpidesk")
    put(store, batch([deal(1), deal(2)]))
    found = store.origins("deals")
    assert (found.current, found.size, len(found.by)) == (2, 2, 0)
    assert store.origins("leads").size == 0
