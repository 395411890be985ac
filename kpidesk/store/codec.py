"""One column as bytes and back: how the rows of imports are kept."""

import json
import zlib
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.frame import Column, FlagColumn, NumberColumn, TextColumn, TimeColumn

_T = TypeVar("_T", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Keys:
    """The natural keys of rows, shape (rows,), each with the source in front. No two are equal."""

    texts: npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Numbers:
    """Whole numbers, shape (rows,): the line or the import that a row comes from."""

    values: npt.NDArray[np.int32]


Part = Column | Keys | Numbers


def pack(part: Part) -> tuple[str, bytes]:
    """Return the kind of a column and its bytes: the number of rows, the arrays, widest first, and the texts as JSON."""
    texts: tuple[str, ...] | list[str] | None = None
    arrays: tuple[npt.NDArray[np.generic], ...]
    match part:
        case Keys():
            kind, rows, arrays, texts = "keys", len(part.texts), (), part.texts.tolist()
        case Numbers():
            kind, rows, arrays = "lines", len(part.values), (part.values.astype("<i4", copy=False),)
        case TextColumn():
            kind, rows, arrays, texts = "text", len(part.codes), (part.codes.astype("<i4", copy=False),), part.values
        case TimeColumn():
            kind, rows = "time", len(part.days)
            arrays = (
                part.instants.astype("<i8", copy=False),
                part.days.astype("<i4", copy=False),
                part.local.astype("|b1", copy=False),
            )
        case NumberColumn():
            kind, rows, arrays = "number", len(part.values), (part.values.astype("<f8", copy=False),)
        case FlagColumn():
            kind, rows, arrays = "flag", len(part.values), (part.values.astype("|i1", copy=False),)
    tail = b"" if texts is None else json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return kind, b"".join([rows.to_bytes(8, "little"), *(array.tobytes() for array in arrays), tail])


def deflate(body: bytes) -> bytes:
    """Return bytes made smaller, fast rather than well."""
    return zlib.compress(body, 1)


def unpack(kind: str, deflated: bytes) -> tuple[int, Part]:
    """Return the number of rows and a column, its arrays read-only. ValueError when the bytes make no sense."""
    try:
        reader = _Reader(zlib.decompress(deflated))
    except zlib.error as error:
        raise ValueError("deflate") from error
    return reader.rows, _part(kind, reader)


def _part(kind: str, reader: "_Reader") -> Part:
    match kind:
        case "keys":
            return Keys(np.array([*reader.texts(unique=True), None], dtype=object)[:-1])
        case "lines":
            return Numbers(reader.array(np.int32))
        case "text":
            codes = reader.array(np.int32)
            values = tuple(reader.texts())
            if codes.size and not -1 <= int(codes.min()) <= int(codes.max()) < len(values):
                raise ValueError("codes")
            return TextColumn(codes, values)
        case "time":
            instants = reader.array(np.int64)
            return TimeColumn(reader.array(np.int32), instants, reader.array(np.bool_))
        case "number":
            return NumberColumn(reader.array(np.float64))
        case "flag":
            return FlagColumn(reader.array(np.int8))
    raise ValueError("kind")


class _Reader:
    def __init__(self, body: bytes) -> None:
        self._body = body
        self.rows = int.from_bytes(body[:8], "little")
        self._place = 8

    def array(self, kind: type[_T]) -> npt.NDArray[_T]:
        stored = np.dtype(kind).newbyteorder("<")
        found = np.frombuffer(self._body, dtype=stored, count=self.rows, offset=self._place)
        self._place += found.nbytes
        return found.astype(kind, copy=False)

    def texts(self, *, unique: bool = False) -> list[str]:
        found: list[str] = json.loads(self._body[self._place :].decode("utf-8", "surrogatepass"))
        if unique and len(found) != self.rows:
            raise ValueError("keys")
        return found
