"""Large texts: their records are found in the bytes and coded chunk by chunk, so that memory does not grow with their cells.

Whatever needs a closer look goes the way of small files, as rows: the first and last records of the file, and those between that
have another number of cells than the header or begin as a total, a notice or the header itself does. If these are many, or the
text is not such as every program reads in one way, the whole file goes that way (UnevenError).
"""

import codecs
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from kpidesk.domain.progress import Progress
from kpidesk.ingest.coded import Coded, in_order
from kpidesk.ingest.coding import CodedChunk, CollisionError, code, code_texts, joined, texts
from kpidesk.ingest.headers import TELLING
from kpidesk.ingest.records import Chunk, UnevenError, chunks
from kpidesk.ingest.text import dialect, encoding_of

LARGE = 1_000_000  # bytes from which on a text is read in this way
_PIECE = 4 << 20
_LOOKED = 1 << 20  # bytes that tell how the text is written
_HEAD, _TAIL = 400, 64  # records at both ends that are looked at as rows: preambles and footers stand there
_MOST_ODD = 0.1
_FEW_ODD = 5_000
_Lines = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Look:
    """What one pass over the bytes of a text tells: their SHA-256 as hex, and the encoding."""

    digest: str
    encoding: str


def look(stream: BinaryIO, progress: Progress, name: str) -> Look:
    """Read a text once from its beginning."""
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    encoding, waiting = "", b""
    while piece := stream.read(_PIECE):
        progress.report(f"Reading {name}")
        digest.update(piece)
        encoding = encoding or encoding_of(piece) or "utf-8"
        if encoding == "utf-8" and (waiting or not piece.isascii()):
            try:
                decoder.decode(piece)
            except UnicodeDecodeError:
                encoding = "cp1252"
            waiting = decoder.getstate()[0]
    return Look(digest.hexdigest(), "cp1252" if waiting and encoding == "utf-8" else encoding)


def _pieces(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """Give a text as UTF-8, without a mark at its beginning."""
    if encoding == "utf-8":
        while piece := stream.read(_PIECE):
            yield piece
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    while piece := stream.read(_PIECE):
        yield decoder.decode(piece).encode()
    if rest := decoder.decode(b"", final=True):
        yield rest.encode()


@dataclass(frozen=True, slots=True)
class Body:
    """Records that fit the header, by column and chunk, with the lines on which they begin."""

    columns: Sequence[list[CodedChunk]]
    lines: _Lines

    def joined(self, rows: Sequence[Sequence[str | None]], numbers: Sequence[int]) -> tuple[list[Coded], _Lines]:
        """Return the columns and lines of these records and of some rows, all in the order of their lines. May be called once."""
        others = np.array(numbers, dtype=np.int32)
        before = np.searchsorted(others, self.lines[0]) if len(self.lines) else len(others)
        lines = np.concatenate((others[:before], self.lines, others[before:]))
        sorted_already = bool((np.diff(lines) > 0).all())
        order = None if sorted_already else np.argsort(lines, kind="stable")
        found = []
        for place, column in enumerate(self.columns):
            cells = [row[place] if place < len(row) else None for row in rows]
            ends = [code_texts([cell or "" for cell in some]) for some in (cells[:before], cells[before:])]
            whole = joined([ends[0], *column, ends[1]])
            column.clear()
            found.append(whole if order is None else in_order(whole.codes[order], whole.values))
        return found, lines if order is None else lines[order]


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says of the records under it: how many cells they have, and how the header itself begins, folded."""

    width: int
    first: str


@dataclass(frozen=True, slots=True)
class LargeText:
    """A text whose records are mostly even: those are in `body`, the others are `rows` that begin on `lines`."""

    delimiter: str
    rows: list[list[str]]
    lines: list[int]
    body: Body


FindHeader = Callable[[list[list[str]], list[int], str], Header | None]
"""Rows from the beginning, their lines and the delimiter -> the header, None where the records under it do not stand by themselves."""
IsRecord = Callable[[str, str, str], bool]
"""First cell of a row as wide as the header, the header's own, the delimiter -> whether the row is a record for certain."""


def large_text(
    stream: BinaryIO,
    size: int,
    encoding: str,
    name: str,
    find_header: FindHeader,
    is_record: IsRecord,
    progress: Progress,
) -> LargeText:
    """Read a text of `size` bytes from its beginning; UnevenError when it has to be read as rows."""
    try:
        return _read(stream, size, encoding, name, find_header, is_record, progress)
    except (UnicodeDecodeError, CollisionError):
        raise UnevenError from None


def _read(
    stream: BinaryIO,
    size: int,
    encoding: str,
    name: str,
    find_header: FindHeader,
    is_record: IsRecord,
    progress: Progress,
) -> LargeText:
    pieces = _pieces(stream, encoding)
    start = b""
    while len(start) < _LOOKED and (piece := next(pieces, b"")):
        start += piece
    told = dialect(start[:_LOOKED].decode(errors="replace"))
    if not told.delimiter.isascii():
        raise UnevenError
    start = start[len(told.line.encode()) :]
    header: Header | None = None
    columns: list[list[CodedChunk]] = []
    rows: list[list[str]] = []
    lines: list[int] = []
    body_lines = [np.zeros(0, dtype=np.int32)]
    records = done = 0
    for chunk in chunks(_with(start, pieces), told.delimiter, 1 + bool(told.line)):
        progress.report(f"Reading {name}", min(done, size), size)
        done += len(chunk.buffer)
        even = np.ones(len(chunk.lasts), dtype=np.bool_)
        if header is None:
            even[:_HEAD] = False
            head = np.arange(min(_HEAD, len(even)))
            header = find_header(chunk.rows(head, told.delimiter), chunk.lines[head].tolist(), told.delimiter)
            if header is None:
                raise UnevenError
            columns = [[] for _ in range(header.width)]
        if chunk.last:
            even[-_TAIL:] = False
        even &= chunk.sizes == header.width
        even &= _records(chunk, even, header, told.delimiter, is_record)
        odd = np.flatnonzero(~even)
        records += len(even)
        if len(rows) + len(odd) > _FEW_ODD + _MOST_ODD * records:
            raise UnevenError
        rows += chunk.rows(odd, told.delimiter)
        lines += chunk.lines[odd].tolist()
        body_lines.append(chunk.lines[even].astype(np.int32))
        starts, lengths = chunk.cells(even, header.width)
        for column, begins, sizes in zip(columns, starts, lengths, strict=True):
            column.append(code(chunk.buffer, begins, sizes, quoted=chunk.quoted))
    body_numbers = np.concatenate(body_lines)
    if not len(body_numbers):
        raise UnevenError
    return LargeText(told.delimiter, rows, lines, Body(columns, body_numbers))


def _with(start: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    for place in range(0, len(start), _PIECE):
        yield start[place : place + _PIECE]
    yield from pieces


def _records(
    chunk: Chunk, even: npt.NDArray[np.bool_], header: Header, delimiter: str, is_record: IsRecord
) -> npt.NDArray[np.bool_]:
    """Return which rows are records by their first cells; of those that are not `even` nothing is said."""
    # Bytes that begin a cell which may be something else: nothing, space, letters of totals and of the header, other alphabets.
    telling = np.zeros(256, dtype=np.bool_)
    telling[: ord(" ") + 1] = telling[128:] = True
    initials = f'{delimiter}"{TELLING}{header.first[:1]}{header.first[:1].upper()}'
    telling[[ord(char) for char in initials if char.isascii()]] = True
    looked = np.flatnonzero(telling[chunk.initials()] & even)
    found = np.ones(len(even), dtype=np.bool_)
    if looked.size:
        only = np.zeros(len(even), dtype=np.bool_)
        only[looked] = True
        starts, lengths = chunk.cells(only, header.width)
        cells = texts(chunk.buffer, starts[0], lengths[0], quoted=chunk.quoted)
        found[looked] = [is_record(cell, header.first, delimiter) for cell in cells]
    return found
