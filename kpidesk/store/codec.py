"""One column as bytes and back: how the rows of imports are kept."""

import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_INSTANT, Column, FlagColumn, NumberColumn, TextColumn, TimeColumn

_T = TypeVar("_T", bound=np.generic)
_COUNT = 8  # bytes of the number of rows
_PLAIN = bytes(8)  # stands before bytes that were not made smaller, as wide as what follows so that arrays stay aligned
_WORTH = 0.3
_CODES = (("text8", "|i1", 127), ("text16", "<i2", 32_767))  # kind, type, most texts


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
    return kind, _joined(rows, arrays, texts)


def pack_small(part: Part) -> tuple[str, bytes]:
    """Return kind and bytes for the file: narrow codes, and dates without a time as days alone.

    Unpacking is most of the reading. What `pack` gives stays the same, as digests of earlier imports were made of it.
    """
    match part:
        case TextColumn() if len(part.values) <= _CODES[-1][2]:
            kind, narrow = next((kind, narrow) for kind, narrow, most in _CODES if len(part.values) <= most)
            return kind, _joined(len(part.codes), (part.codes.astype(narrow),), part.values)
        case TimeColumn() if not part.local.any() and (part.instants == BLANK_INSTANT).all():
            return "days", _joined(len(part.days), (part.days.astype("<i4", copy=False),), None)
    return pack(part)


def _joined(rows: int, arrays: Iterable[npt.NDArray[np.generic]], texts: tuple[str, ...] | list[str] | None) -> bytes:
    tail = b"" if texts is None else json.dumps(texts, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return b"".join([rows.to_bytes(_COUNT, "little"), *(array.tobytes() for array in arrays), tail])


def deflate(body: bytes) -> bytes:
    """Return bytes as the file keeps them: made smaller, fast rather than well, or as they are where that would gain little.

    Unpacking is most of the reading, and amounts shrink by half at best.
    """
    smaller = zlib.compress(body, 1)
    return smaller if len(smaller) < len(body) * _WORTH else _PLAIN + body


def rows_of(kept: bytes) -> int:
    """Return the number of rows of a column, reading no more than that. ValueError when the bytes make no sense."""
    return _read(kept, _COUNT).rows


def unpack(kind: str, kept: bytes) -> tuple[int, Part]:
    """Return the number of rows and a column, its arrays read-only. ValueError when the bytes make no sense."""
    reader = _read(kept)
    return reader.rows, _part(kind, reader)


def _read(kept: bytes, most: int = 0) -> "_Reader":
    """Return a reader of bytes that were kept, or of the first of them."""
    if kept.startswith(_PLAIN):
        return _Reader(kept, len(_PLAIN))
    try:
        return _Reader(zlib.decompressobj().decompress(kept, most) if most else zlib.decompress(kept))
    except zlib.error as error:
        raise ValueError("deflate") from error


def _part(kind: str, reader: "_Reader") -> Part:
    match kind:
        case "keys":
            return Keys(np.array([*reader.texts(unique=True), None], dtype=object)[:-1])
        case "lines":
            return Numbers(reader.array(np.int32))
        case "text8":
            return _text(_locked(reader.array(np.int8).astype(np.int32)), reader)
        case "text16":
            return _text(_locked(reader.array(np.int16).astype(np.int32)), reader)
        case "text":
            return _text(reader.array(np.int32), reader)
        case "time":
            instants = reader.array(np.int64)
            return TimeColumn(reader.array(np.int32), instants, reader.array(np.bool_))
        case "days":
            days = reader.array(np.int32)
            return TimeColumn(
                days, np.full(len(days), BLANK_INSTANT, dtype=np.int64), np.zeros(len(days), dtype=np.bool_)
            )
        case "number":
            return NumberColumn(reader.array(np.float64))
        case "flag":
            return FlagColumn(reader.array(np.int8))
    raise ValueError("kind")


def _locked(array: npt.NDArray[_T]) -> npt.NDArray[_T]:
    array.flags.writeable = False
    return array


def _text(codes: npt.NDArray[np.int32], reader: "_Reader") -> TextColumn:
    values = tuple(reader.texts())
    if codes.size and not -1 <= int(codes.min()) <= int(codes.max()) < len(values):
        raise ValueError("codes")
    return TextColumn(codes, values)


class _Reader:
    def __init__(self, body: bytes, start: int = 0) -> None:
        self._body = body
        self._place = start + _COUNT
        self.rows = int.from_bytes(body[start : self._place], "little")

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
