"""One column as bytes and back: how the rows of imports are kept."""

import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_INSTANT, Column, FlagColumn, NumberColumn, TextColumn, TimeColumn

_T = TypeVar("_T", bound=np.generic)
_CODES = (("|i1", 127), ("<i2", 32_767), ("<i4", 2**31 - 1))  # type, most texts
_MARK = "\n"  # between texts, where none has one
_DAY = 86_400
_NO_TIME = np.iinfo(np.int32).max
_COUNT = 8  # bytes of the number of rows
_EARLIER = frozenset({"keys", "lines", "text", "text8", "text16", "time", "days", "number", "flag"})
"""The kinds that versions up to 5 of the schema wrote, deflated as a whole."""
_PLAIN = bytes(8)  # stands before those that were not


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
    """Return the kind of a column and its bytes as version 3 of the schema kept them: digests of their imports are made so."""
    texts: Sequence[str] | None = None
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
    return kind, b"".join([rows.to_bytes(_COUNT, "little"), *(array.tobytes() for array in arrays), tail])


def put(part: Part) -> tuple[str, bytes]:
    """Return the kind of a column and its bytes for the file: the number of rows, its arrays, narrow, and its texts deflated.

    Unpacking is most of the reading, so arrays stand there as they are.
    """
    texts: Sequence[str] | None = None
    arrays: tuple[npt.NDArray[np.generic], ...]
    match part:
        case Keys():
            kind, rows, arrays, texts = "key texts", len(part.texts), (), part.texts.tolist()
        case Numbers():
            rows, first = len(part.values), int(part.values[0]) if len(part.values) else 0
            if np.array_equal(part.values, np.arange(first, first + rows, dtype=np.int32)):
                kind, arrays = "run", (np.array([first], dtype="<i4"),)
            else:
                kind, arrays = "numbers", (part.values.astype("<i4", copy=False),)
        case TextColumn():
            width = next(width for width, most in _CODES if len(part.values) <= most)
            kind, rows, arrays, texts = f"codes {width}", len(part.codes), (part.codes.astype(width),), part.values
        case TimeColumn():
            kind, rows, arrays = _put_times(part)
        case NumberColumn():
            kind, rows, arrays = "amounts", len(part.values), (part.values.astype("<f8", copy=False),)
        case FlagColumn():
            kind, rows, arrays = "flags", len(part.values), (part.values.astype("|i1", copy=False),)
    tail = b"" if texts is None else _put_texts(texts)
    return kind, b"".join([rows.to_bytes(_COUNT, "little"), *(array.tobytes() for array in arrays), tail])


def _put_times(part: TimeColumn) -> tuple[str, int, tuple[npt.NDArray[np.generic], ...]]:
    """Keep days, and instants where there are some as seconds since the midnight of the day in UTC."""
    rows, days = len(part.days), part.days.astype("<i4", copy=False)
    timed = part.instants != BLANK_INSTANT
    if not part.local.any() and not timed.any():
        return "dates", rows, (days,)
    since = np.where(timed, part.instants - part.days.astype(np.int64) * _DAY, _NO_TIME)
    if (np.abs(since[timed]) > _NO_TIME // 2).any():  # not made by an import
        return "any times", rows, (part.instants.astype("<i8", copy=False), days, part.local.astype("|b1", copy=False))
    if np.array_equal(part.local, timed):
        return "local times", rows, (days, since.astype("<i4"))
    return "times", rows, (days, since.astype("<i4"), part.local.astype("|b1", copy=False))


def _put_texts(texts: Sequence[str]) -> bytes:
    joined = _MARK.join(texts)
    plain = joined.count(_MARK) == max(len(texts) - 1, 0) and bool(texts)
    body = joined if plain else json.dumps(list(texts), ensure_ascii=False)
    return bytes([plain]) + zlib.compress(body.encode("utf-8", "surrogatepass"), 1)


def rows_of(kind: str, kept: bytes) -> int:
    """Return the number of rows of a column, reading no more than that. ValueError when the bytes make no sense."""
    return _reader(kind, kept, _COUNT).rows


def unpack(kind: str, kept: bytes) -> tuple[int, Part]:
    """Return the number of rows and a column, its arrays read-only. ValueError when the bytes make no sense."""
    reader = _reader(kind, kept)
    try:
        return reader.rows, _earlier_part(kind, reader) if kind in _EARLIER else _part(kind, reader)
    except zlib.error as error:
        raise ValueError("deflate") from error


def _reader(kind: str, kept: bytes, most: int = 0) -> "_Reader":
    """Return a reader of bytes that were kept, or of the first of them."""
    if kind not in _EARLIER:
        return _Reader(kept)
    if kept.startswith(_PLAIN):
        return _Reader(kept, len(_PLAIN))
    try:
        return _Reader(zlib.decompressobj().decompress(kept, most) if most else zlib.decompress(kept))
    except zlib.error as error:
        raise ValueError("deflate") from error


def _part(kind: str, reader: "_Reader") -> Part:
    match kind:
        case "key texts":
            texts = reader.texts()
            if len(texts) != reader.rows:
                raise ValueError("keys")
            return Keys(np.array([*texts, None], dtype=object)[:-1])
        case "run":
            first = int(reader.array(np.int32, 1)[0])
            return Numbers(_locked(np.arange(first, first + reader.rows, dtype=np.int32)))
        case "numbers":
            return Numbers(reader.array(np.int32))
        case "codes |i1":
            return _text(_locked(reader.array(np.int8).astype(np.int32)), reader.texts())
        case "codes <i2":
            return _text(_locked(reader.array(np.int16).astype(np.int32)), reader.texts())
        case "codes <i4":
            return _text(reader.array(np.int32), reader.texts())
        case "dates":
            return _dates(reader.array(np.int32))
        case "times" | "local times":
            days, since = reader.array(np.int32), reader.array(np.int32)
            timed = since != _NO_TIME
            instants = np.where(timed, days.astype(np.int64) * _DAY + since, BLANK_INSTANT)
            return TimeColumn(
                days, _locked(instants), _locked(timed) if kind == "local times" else reader.array(np.bool_)
            )
        case "any times":
            instants = reader.array(np.int64)
            return TimeColumn(reader.array(np.int32), instants, reader.array(np.bool_))
        case "amounts":
            return NumberColumn(reader.array(np.float64))
        case "flags":
            return FlagColumn(reader.array(np.int8))
    raise ValueError("kind")


def _earlier_part(kind: str, reader: "_Reader") -> Part:
    match kind:
        case "keys":
            texts = reader.listed()
            if len(texts) != reader.rows:
                raise ValueError("keys")
            return Keys(np.array([*texts, None], dtype=object)[:-1])
        case "lines":
            return Numbers(reader.array(np.int32))
        case "text8":
            return _text(_locked(reader.array(np.int8).astype(np.int32)), reader.listed())
        case "text16":
            return _text(_locked(reader.array(np.int16).astype(np.int32)), reader.listed())
        case "text":
            return _text(reader.array(np.int32), reader.listed())
        case "time":
            instants = reader.array(np.int64)
            return TimeColumn(reader.array(np.int32), instants, reader.array(np.bool_))
        case "days":
            return _dates(reader.array(np.int32))
        case "number":
            return NumberColumn(reader.array(np.float64))
        case "flag":
            return FlagColumn(reader.array(np.int8))
    raise ValueError("kind")


def _locked(array: npt.NDArray[_T]) -> npt.NDArray[_T]:
    array.flags.writeable = False
    return array


def _dates(days: npt.NDArray[np.int32]) -> TimeColumn:
    return TimeColumn(days, np.full(len(days), BLANK_INSTANT, dtype=np.int64), np.zeros(len(days), dtype=np.bool_))


def _text(codes: npt.NDArray[np.int32], texts: Sequence[str]) -> TextColumn:
    if codes.size and not -1 <= int(codes.min()) <= int(codes.max()) < len(texts):
        raise ValueError("codes")
    return TextColumn(codes, tuple(texts))


class _Reader:
    def __init__(self, body: bytes, start: int = 0) -> None:
        self._body = body
        self._place = start + _COUNT
        if len(body) < self._place:
            raise ValueError("rows")
        self.rows = int.from_bytes(body[start : self._place], "little")

    def array(self, kind: type[_T], rows: int | None = None) -> npt.NDArray[_T]:
        stored = np.dtype(kind).newbyteorder("<")
        found = np.frombuffer(self._body, dtype=stored, count=self.rows if rows is None else rows, offset=self._place)
        self._place += found.nbytes
        return found.astype(kind, copy=False)

    def listed(self) -> list[str]:
        """Return the texts that stand at the end as a JSON list."""
        found: list[str] = json.loads(self._body[self._place :].decode("utf-8", "surrogatepass"))
        return found

    def texts(self) -> list[str]:
        """Return the texts that stand deflated at the end."""
        body = zlib.decompress(self._body[self._place + 1 :]).decode("utf-8", "surrogatepass")
        found: list[str] = body.split(_MARK) if self._body[self._place] else json.loads(body)
        return found
