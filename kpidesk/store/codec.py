"""Typed rows as one compressed blob and back: what a batch keeps of its own, so that imports can be undone in any order."""

import json
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpidesk.frame import Column, FlagColumn, NumberColumn, TextColumn, TimeColumn

_KINDS = {TextColumn: "text", NumberColumn: "number", TimeColumn: "time", FlagColumn: "flag"}
_PARTS = {"text": ("<i4",), "number": ("<f8",), "time": ("<i4", "<i8", "|b1"), "flag": ("|i1",)}


@dataclass(frozen=True, slots=True)
class Content:
    """Rows of one import: natural keys, line numbers of shape (rows,), mapped columns and extra text columns."""

    keys: tuple[str, ...]
    lines: npt.NDArray[np.int32]
    columns: dict[str, Column]
    extras: dict[str, TextColumn]


def _arrays(column: Column) -> tuple[npt.NDArray[np.generic], ...]:
    match column:
        case TextColumn():
            return (column.codes,)
        case TimeColumn():
            return (column.days, column.instants, column.local)
    return (column.values,)


def encode(content: Content) -> bytes:
    """Return the blob: a length, a JSON header with texts and layout, and the arrays one behind the other, deflated."""
    columns: dict[str, Column] = {
        **{f"f:{name}": one for name, one in content.columns.items()},
        **{f"x:{name}": one for name, one in content.extras.items()},
    }
    layout = [
        {"name": name, "kind": _KINDS[type(one)], **({"values": one.values} if isinstance(one, TextColumn) else {})}
        for name, one in columns.items()
    ]
    header = json.dumps({"keys": content.keys, "columns": layout}, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    body = [np.ascontiguousarray(content.lines, dtype="<i4").tobytes()]
    for item, one in zip(layout, columns.values(), strict=True):
        body += [
            np.ascontiguousarray(array, dtype=kind).tobytes()
            for array, kind in zip(_arrays(one), _PARTS[str(item["kind"])], strict=True)
        ]
    return zlib.compress(len(header).to_bytes(8, "little") + header + b"".join(body), 1)


def decode(blob: bytes) -> Content:
    """Return the rows of a blob."""
    data = zlib.decompress(blob)
    size = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + size].decode("utf-8", "surrogatepass"))
    keys = tuple(header["keys"])
    place = 8 + size

    def array(kind: str) -> npt.NDArray[np.generic]:
        nonlocal place
        found: npt.NDArray[np.generic] = np.frombuffer(data, dtype=kind, count=len(keys), offset=place)
        place += found.nbytes
        return found

    lines = array("<i4").astype(np.int32)
    columns: dict[str, Column] = {}
    extras: dict[str, TextColumn] = {}
    for item in header["columns"]:
        parts = [array(kind) for kind in _PARTS[item["kind"]]]
        one: Column
        match item["kind"]:
            case "text":
                one = TextColumn(parts[0].astype(np.int32), tuple(item["values"]))
            case "time":
                one = TimeColumn(parts[0].astype(np.int32), parts[1].astype(np.int64), parts[2].astype(np.bool_))
            case "number":
                one = NumberColumn(parts[0].astype(np.float64))
            case _:
                one = FlagColumn(parts[0].astype(np.int8))
        kind, _, name = item["name"].partition(":")
        if kind == "f":
            columns[name] = one
        elif isinstance(one, TextColumn):
            extras[name] = one
    return Content(keys, lines, columns, extras)
