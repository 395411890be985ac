"""Explanations made whole with the rows that are in no frame, and each row led back to its file, sheet and line."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from kpidesk.domain.entity import FieldType
from kpidesk.domain.entity import entity as entity_of
from kpidesk.domain.explanation import Explanation, Group, LeftOut, SourceRow, Table
from kpidesk.frame import (
    BLANK_CODE,
    BLANK_DAY,
    BLANK_INSTANT,
    Column,
    FlagColumn,
    Frame,
    NumberColumn,
    TextColumn,
    TimeColumn,
)
from kpidesk.store import Origins

Cell = str | float | None
# What a reader does not tell a row by.
_ASIDE = {"probability", "pipeline", "region", "last_activity", "first_contact"}


def whole(explanation: Explanation, origins: Callable[[str], Origins]) -> Explanation:
    """Return an explanation whose tables have the replaced and the held rows too, so that they are all rows of the imports."""
    parts = tuple(
        replace(part, tables=tuple(_whole(table, origins(table.entity)) for table in part.tables))
        for part in explanation.parts
    )
    return replace(explanation, parts=parts)


def _whole(table: Table, origins: Origins) -> Table:
    more = ((LeftOut.DUPLICATE, origins.replaced), (LeftOut.HELD, origins.held_rows))
    groups = tuple(Group(reason, rows) for reason, rows in more if rows)
    return replace(table, size=origins.size, left_out=(*groups, *table.left_out))


def source_rows(frame: Frame, origins: Origins, rows: Sequence[int]) -> tuple[SourceRow, ...]:
    """Return rows by their numbers in an explanation, each with its cells and where it stands."""
    numbers = np.asarray(rows, dtype=np.int64)
    here = numbers[numbers < origins.current]
    fields = [one for one in entity_of(frame.entity).fields if one.name in frame and one.name not in _ASIDE]
    cells = {one.name: _cells(frame.columns[one.name], here) for one in fields}
    told = iter([dict(zip(cells, row, strict=True)) for row in zip(*cells.values(), strict=True)])
    ids = [one.name for one in fields if one.type is FieldType.ID][:1]
    return tuple(_row(frame, origins, number, told, ids) for number in numbers.tolist())


def _row(
    frame: Frame, origins: Origins, number: int, told: Iterator[Mapping[str, Cell]], ids: Sequence[str]
) -> SourceRow:
    file, sheet = origins.files[int(origins.batches[number])]
    line = int(origins.lines[number])
    if number < origins.current:
        return SourceRow(number, file, sheet, line, next(told, {}))
    if number in origins.replaced:
        by = int(origins.by[number - origins.current])
        key = {name: _cells(frame.columns[name], np.array([by]))[0] for name in ids}
        other, _ = origins.files[int(origins.batches[by])]
        return SourceRow(number, file, sheet, line, key, f"Line {origins.lines[by]} of {other} counts", by)
    held = origins.held[number - origins.held_rows.start]
    return SourceRow(number, file, sheet, line, dict(held.cells), held.reason)


def _cells(column: Column, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[Cell]:
    """Return cells as texts, numbers and ISO dates (with the UTC time where it is known); None for blank."""
    match column:
        case TextColumn():
            return [column.values[code] if code != BLANK_CODE else None for code in column.codes[rows].tolist()]
        case NumberColumn():
            return [None if value != value else value for value in column.values[rows].tolist()]  # noqa: PLR0124 - NaN
        case FlagColumn():
            return [("no", "yes", None)[value] for value in column.values[rows].tolist()]
        case TimeColumn():
            days = column.days[rows]
            found = np.datetime_as_string(np.where(days == BLANK_DAY, 0, days).astype("datetime64[D]")).astype(object)
            timed = (days != BLANK_DAY) & (column.instants[rows] != BLANK_INSTANT)
            instants = column.instants[rows][timed].astype("datetime64[s]")
            found[timed] = np.datetime_as_string(instants, timezone="UTC").astype(object)
            found[days == BLANK_DAY] = None
            return list(found)
