"""Frames from small tables written by hand, for tests."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from kpidesk.domain.entity import FieldType, entity
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

Row = Mapping[str, Any]
_EPOCH = date(1970, 1, 1)


def frame(name: str, rows: Sequence[Row], zone: str = "Europe/London") -> Frame:
    """Build an entity's frame; keys that the entity has not are ignored, fields that no row has are absent."""
    columns: dict[str, Column] = {}
    for field in entity(name).fields:
        if not any(field.name in row for row in rows):
            continue
        cells = [row.get(field.name) for row in rows]
        columns[field.name] = column(field.type, cells, zone)
    return Frame(name, len(rows), columns)


def column(kind: FieldType, cells: Sequence[Any], zone: str) -> Column:
    match kind:
        case FieldType.DATE:
            return _times(cells, zone)
        case FieldType.MONEY | FieldType.NUMBER:
            return NumberColumn(np.array([np.nan if cell is None else float(cell) for cell in cells]))
        case FieldType.FLAG:
            return FlagColumn(np.array([-1 if cell is None else int(cell) for cell in cells], dtype=np.int8))
    values = tuple(dict.fromkeys(str(cell) for cell in cells if cell not in (None, "")))
    place = {value: code for code, value in enumerate(values)}
    codes = [BLANK_CODE if cell in (None, "") else place[str(cell)] for cell in cells]
    return TextColumn(np.array(codes, dtype=np.int32), values)


def _times(cells: Sequence[Any], zone: str) -> TimeColumn:
    days, instants, local = [], [], []
    for cell in cells:
        text = "" if cell is None else str(cell)
        if not text:
            days.append(int(BLANK_DAY))
            instants.append(int(BLANK_INSTANT))
            local.append(False)
        elif len(text) == 10:
            days.append((date.fromisoformat(text) - _EPOCH).days)
            instants.append(int(BLANK_INSTANT))
            local.append(False)
        else:
            moment = datetime.fromisoformat(text)
            naive = moment.tzinfo is None
            moment = moment.replace(tzinfo=ZoneInfo(zone)) if naive else moment
            days.append((moment.astimezone(ZoneInfo(zone)).date() - _EPOCH).days)
            instants.append(int(moment.astimezone(UTC).timestamp()))
            local.append(naive)
    return TimeColumn(
        np.array(days, dtype=np.int32), np.array(instants, dtype=np.int64), np.array(local, dtype=np.bool_)
    )
