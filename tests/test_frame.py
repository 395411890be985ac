"""Columns are read when they are first asked for, and once."""

import numpy as np

from kpidesk.frame import Column, Deferred, NumberColumn


def test_a_column_is_read_once_and_only_when_asked_for() -> None:
    read: list[str] = []

    def column(name: str) -> Column:
        read.append(name)
        return NumberColumn(np.array([1.0]))

    kept = NumberColumn(np.array([2.0]))
    columns: Deferred[Column] = Deferred({"a": lambda: column("a"), "b": lambda: column("b"), "c": kept})
    assert list(columns) == ["a", "b", "c"]
    assert "a" in columns
    assert "z" not in columns
    assert len(columns) == 3
    assert read == []
    assert columns["a"] is columns["a"]
    assert columns["c"] is kept
    assert columns.get("z") is None
    assert read == ["a"]
