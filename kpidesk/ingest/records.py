"""The records of a text found in its bytes, a chunk at a time: no line of them becomes a Python object.

Only what every program that writes CSV agrees on is read here. Anything else, such as a quote in the middle of a cell, is
UnevenError, and the text is read record by record.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpidesk.ingest.coding import PAD

_Bytes = npt.NDArray[np.uint8]
_Places = npt.NDArray[np.int64]
_Mask = npt.NDArray[np.bool_]
_NEWLINE, _RETURN, _QUOTE = 10, 13, 34
_MOST_OF_A_RECORD = 8  # chunks that one record may go through


class UnevenError(Exception):
    """The text has to be read record by record."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Whole records in `buffer`, with PAD bytes behind them. Separators end cells: `ends` are their places.

    `lasts` are the numbers of the separators that end records, `lines` the lines on which these begin. `quoted` says that there
    are quotes; `last` that no chunk follows.
    """

    buffer: _Bytes
    ends: _Places
    lasts: _Places
    lines: _Places
    quoted: bool
    last: bool

    @property
    def sizes(self) -> _Places:
        """The number of cells of each record."""
        return np.diff(self.lasts, prepend=-1)

    @property
    def begins(self) -> _Places:
        """The places at which the records begin."""
        return np.concatenate((np.zeros(1, dtype=np.int64), self.ends[self.lasts[:-1]] + 1))

    def cells(self, rows: _Mask, width: int) -> tuple[_Places, _Places]:
        """Return starts and lengths, without quotes, of the cells of records that all have `width` cells, shape (width, rows)."""
        ends = self.ends if rows.all() else self.ends[np.repeat(rows, self.sizes)]
        ends = np.ascontiguousarray(ends.reshape(-1, width).T)
        starts = np.empty_like(ends)
        starts[1:] = ends[:-1] + 1
        starts[0] = self.begins[rows]
        ends[-1] -= (self.buffer[ends[-1] - 1] == _RETURN) & (ends[-1] > starts[-1])
        if self.quoted:
            within = self.buffer[starts] == _QUOTE
            starts += within
            ends -= within
        return starts, ends - starts

    def initials(self) -> _Bytes:
        """Return the first byte of each record, that behind its quote where it has one."""
        begins = self.begins
        found = self.buffer[begins]
        if self.quoted:
            found = self.buffer[begins + (found == _QUOTE)]
        return found

    def rows(self, which: _Places, delimiter: str) -> list[list[str]]:
        """Return some records as lists of their cells."""
        begins, ends = self.begins[which], self.ends[self.lasts[which]]
        texts = [
            self.buffer[begin : end + 1].tobytes() for begin, end in zip(begins.tolist(), ends.tolist(), strict=True)
        ]
        found = list(csv.reader(io.StringIO(b"".join(texts).decode(), newline=""), delimiter=delimiter))
        if len(found) != len(texts):
            raise UnevenError
        return found


def chunks(pieces: Iterator[bytes], delimiter: str, first_line: int) -> Iterator[Chunk]:
    """Cut UTF-8 text into chunks of whole records. The last chunk is no smaller than a piece unless there is only one."""
    rest, line, carried = b"", first_line, 0
    ahead, beyond = next(pieces, b""), next(pieces, b"")
    while ahead:
        piece, ahead, beyond = ahead, beyond, next(pieces, b"")
        if not beyond and len(ahead) < len(piece):
            piece, ahead = piece + ahead, b""
        data, last = rest + piece, not ahead
        if last:
            data = data.rstrip(b"\x1a")
            data += b"" if data.endswith(b"\n") else b"\n"
        found, end, newlines = _chunk(data, ord(delimiter), line, last=last)
        if found is None:
            carried += 1
            if last or carried > _MOST_OF_A_RECORD:
                raise UnevenError
        else:
            carried = 0
            line += newlines
            yield found
        rest = data[end:]


def _chunk(data: bytes, delimiter: int, line: int, *, last: bool) -> tuple[Chunk | None, int, int]:
    """Return the whole records of some bytes, where they end, and how many lines they take."""
    half = data.endswith(b"\r") and not last  # its other half begins the next piece
    if b"\0" in data or (b"\r" in data and data.count(b"\r") - half != data.count(b"\r\n")):
        raise UnevenError
    buffer = np.zeros(len(data) + PAD, dtype=np.uint8)
    buffer[: len(data)] = np.frombuffer(data, dtype=np.uint8)
    body = buffer[: len(data)]
    newline = body == _NEWLINE
    quoted = b'"' in data
    separator = body == delimiter
    if quoted:
        quote = body == _QUOTE
        inside = (np.cumsum(quote, dtype=np.uint8) & 1).view(np.bool_)
        separator |= newline
        separator &= ~inside
        ends = np.flatnonzero(separator)
    else:
        separator |= newline
        ends = np.flatnonzero(separator)
    lasts = np.flatnonzero(body[ends] == _NEWLINE)
    if not lasts.size:
        return None, 0, 0
    ends = ends[: lasts[-1] + 1]
    end = int(ends[-1]) + 1
    if last and end < len(data):
        raise UnevenError  # a quote that is never closed
    if quoted:
        _check_quotes(np.flatnonzero(quote[:end]), body, separator)
        breaks = np.flatnonzero(newline[:end])
        begins = np.concatenate((np.zeros(1, dtype=np.int64), ends[lasts[:-1]] + 1))
        lines, newlines = line + np.searchsorted(breaks, begins), len(breaks)
    else:
        lines, newlines = line + np.arange(len(lasts)), len(lasts)
    shorter = buffer[: end + PAD].copy() if end < len(data) else buffer
    shorter[end:] = 0
    return Chunk(shorter, ends, lasts, lines, quoted, last), end, newlines


def _check_quotes(quotes: _Places, body: _Bytes, separator: _Mask) -> None:
    """Make sure that every quote begins or ends a cell, or is one of two together; else programs read the text differently."""
    if not quotes.size:
        return
    opening, closing = quotes[::2], quotes[1::2]
    if len(opening) != len(closing):
        raise UnevenError
    begins = separator[opening - 1] | (opening == 0)
    begins[1:] |= closing[:-1] == opening[1:] - 1
    after = body[closing + 1]
    ends = separator[closing + 1] | ((after == _RETURN) & separator[np.minimum(closing + 2, len(separator) - 1)])
    ends[:-1] |= closing[:-1] == opening[1:] - 1
    if not (begins.all() and ends.all()):
        raise UnevenError
