"""The columns that feed no field, as formulas and slices know them."""

from collections.abc import Mapping
from functools import partial

from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.entity import entity as entity_of
from kpidesk.formula.rowsets import ROW_SETS, ColumnType, Custom, CustomColumn, identifier
from kpidesk.frame import Column, Deferred, Frame, NumberColumn, TimeColumn
from kpidesk.ingest.custom import few_texts, typed
from kpidesk.store import Store

_MOST_SLICES = 200


class CustomColumns:
    """Reads the custom columns of a workspace, typed; those of undone imports keep their names, so that formulas keep a meaning."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, tuple[tuple[int, str], Mapping[str, tuple[str, Column]]]] = {}

    def described(self, zone: str) -> Custom:
        """Return what each column is, by table and name."""
        return {
            one.name: {
                name: _described(header, column) for name, (header, column) in self._columns(one.name, zone).items()
            }
            for one in ENTITIES
        }

    def added(self, frame: Frame, zone: str) -> Frame:
        """Return a frame with the custom columns of its rows."""
        columns = self._columns(frame.entity, zone)
        here = set(self._store.extras(frame.entity))
        own = {name: column for name, (header, column) in columns.items() if header in here}
        rest = {name: partial(frame.columns.__getitem__, name) for name in frame.columns}
        return Frame(frame.entity, frame.rows, Deferred({**own, **rest})) if own else frame

    def headers(self, entity: str, zone: str) -> dict[str, str]:
        """Return the header of each column by its name."""
        return {name: header for name, (header, _) in self._columns(entity, zone).items()}

    def _columns(self, entity: str, zone: str) -> Mapping[str, tuple[str, Column]]:
        key = (self._store.rows_revision(entity), zone)
        if entity not in self._kept or self._kept[entity][0] != key:
            found = self._store.extra_columns(entity)
            names = _names(entity, tuple(found))
            self._kept[entity] = (key, {names[one]: (one, typed(one, text, zone)) for one, text in found.items()})
        return self._kept[entity][1]


def _names(entity: str, headers: tuple[str, ...]) -> dict[str, str]:
    """Give every header a name of its own that no field or derived column has."""
    taken = set(entity_of(entity).field_names)
    taken.update(name for rows in ROW_SETS.values() for name in (rows.name, *rows.columns))
    names = {}
    for header in headers:
        name = identifier(header)
        name = f"custom_{name}" if name in taken else name
        number = 2
        while name in taken:
            name, number = f"{identifier(header)}_{number}", number + 1
        taken.add(name)
        names[header] = name
    return names


def _described(header: str, column: Column) -> CustomColumn:
    kind = {NumberColumn: ColumnType.NUMBER, TimeColumn: ColumnType.DATE}.get(type(column), ColumnType.TEXT)
    return CustomColumn(header, kind, dimension=few_texts(column, _MOST_SLICES))
