"""Cells of a chunk of text into codes, a column at a time, without making a text of any cell that was met before in the chunk.

A cell is read as words of eight bytes. What these come to is a number of 64 bits by which equal cells are found; that they are
equal is then checked word by word, so nothing rests on chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.ingest.coded import Coded, Codes, narrowed

PAD = 8  # bytes that must follow the last cell of a chunk
_Bytes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]
_Places = npt.NDArray[np.int64]
_WORD = 8
_MASKS = np.array([(1 << (8 * size)) - 1 for size in range(_WORD + 1)], dtype=np.uint64)
_FACTOR, _SHIFT = np.uint64(0x9E3779B97F4A7C15), np.uint64(32)
_FEW = 1000  # distinct cells of a chunk up to which they are read one by one
_ASCII, _SPACE, _QUOTE = 0x80, 0x20, b'"'


class CollisionError(Exception):
    """Two different cells come to the same number. By chance that does not happen; a file can be made so."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """Where the cells of one column begin in a chunk and how long they are, shape (rows,)."""

    buffer: _Bytes
    starts: _Places
    lengths: _Places

    def words(self) -> "_Hashed":
        """Return the words of the cells and what they come to."""
        view = np.ndarray((len(self.buffer) - PAD + 1,), dtype="<u8", buffer=self.buffer, strides=(1,))
        longest = int(self.lengths.max(initial=0))
        first = view[self.starts] & _MASKS[self.lengths if longest <= _WORD else np.minimum(self.lengths, _WORD)]
        numbers = first * _FACTOR
        numbers ^= numbers >> _SHIFT
        more = []
        for place in range(_WORD, longest, _WORD):
            rows = np.flatnonzero(self.lengths > place)
            left = np.minimum(self.lengths[rows] - place, _WORD)
            word = view[self.starts[rows] + place] & _MASKS[left]
            mixed = (numbers[rows] ^ word) * _FACTOR
            mixed ^= mixed >> _SHIFT
            numbers[rows] = mixed
            more.append((rows, word))
        return _Hashed(numbers, first, more)

    def take(self, rows: _Places) -> "_Cells":
        """Return some of the cells."""
        return _Cells(self.buffer, self.starts[rows], self.lengths[rows])

    def texts(self, *, quoted: bool) -> list[str]:
        """Return the cells as texts; `quoted` says that quotes inside of them are doubled."""
        if len(self.starts) <= _FEW:
            pieces = [
                self.buffer[start : start + length].tobytes()
                for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True)
            ]
            blob = b"\0".join(pieces)
        else:
            # A chunk has no zero bytes, so one can stand behind each cell.
            sizes = self.lengths + 1
            ends = np.cumsum(sizes)
            begins = ends - sizes
            places = np.arange(int(ends[-1]))
            places += np.repeat(self.starts - begins, sizes)
            found = self.buffer[places]
            found[ends - 1] = 0
            blob = found[:-1].tobytes()
        if quoted and _QUOTE in blob:
            blob = blob.replace(b'""', b'"')
        return blob.decode().split("\0") if len(self.starts) else []


def texts(buffer: _Bytes, starts: _Places, lengths: _Places, *, quoted: bool) -> list[str]:
    """Return cells of a chunk as texts; the arguments are those of `code`."""
    return _Cells(buffer, starts, lengths).texts(quoted=quoted)


@dataclass(frozen=True, slots=True)
class _Hashed:
    numbers: _Words
    first: _Words
    more: list[tuple[_Places, _Words]]

    def check(self, same: _Places, lengths: _Places) -> None:
        """Make sure that every cell is the very one whose row `same` names; CollisionError when one is not."""
        if not self.more:
            return  # a single word, which its number gives back
        equal = (self.first == self.first[same]).all() and (lengths == lengths[same]).all()
        for rows, word in self.more:
            whole = np.zeros(len(lengths), dtype=np.uint64)
            whole[rows] = word
            equal = equal and (whole == whole[same]).all()
        if not equal:
            raise CollisionError


def _firsts(codes: npt.NDArray[np.intp], distinct: int) -> _Places:
    """Return the row in which each code comes first."""
    rows = np.empty(distinct, dtype=np.int64)
    rows[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)
    return rows


@dataclass(frozen=True, slots=True)
class CodedChunk:
    """The cells of one column in one chunk: `codes` of shape (rows,) index `texts`, whose `numbers` are equal where the texts are.

    `perhaps_blank` are the places of the texts that may be nothing but space.
    """

    codes: Codes
    numbers: _Words
    texts: list[str]
    perhaps_blank: _Places


def code(buffer: _Bytes, starts: _Places, lengths: _Places, *, quoted: bool) -> CodedChunk:
    """Code cells by where they begin in `buffer` and how many bytes they have, shape (rows,).

    `buffer` ends in PAD spare bytes, and no cell holds a zero byte. `quoted` says that quotes inside of cells are doubled.
    """
    cells = _Cells(buffer, starts, lengths)
    hashed = cells.words()
    codes, numbers = pd.factorize(hashed.numbers)
    firsts = _firsts(codes, len(numbers))
    if len(numbers) < len(codes):
        hashed.check(firsts[codes], lengths)
    distinct = cells.take(firsts)
    initials = buffer[distinct.starts]
    odd = np.flatnonzero((distinct.lengths == 0) | (initials <= _SPACE) | (initials >= _ASCII))
    return CodedChunk(narrowed(codes, len(numbers)), numbers, distinct.texts(quoted=quoted), odd)


def code_texts(texts: Sequence[str]) -> CodedChunk:
    """Code cells that are texts already, as `code` does those of a chunk."""
    data = [text.replace('"', '""').encode() for text in texts]
    lengths = np.array([len(one) for one in data], dtype=np.int64)
    buffer = np.frombuffer(b"".join(data) + bytes(PAD), dtype=np.uint8)
    return code(buffer, np.cumsum(lengths) - lengths, lengths, quoted=True)


def joined(chunks: Sequence[CodedChunk]) -> Coded:
    """Return a column from its chunks, cells of nothing but space as empty."""
    texts = [text for chunk in chunks for text in chunk.texts]
    offsets = np.cumsum([0, *(len(chunk.texts) for chunk in chunks)])
    places = np.arange(len(texts))
    perhaps = [
        place
        for chunk, offset in zip(chunks, offsets, strict=False)
        for place in (chunk.perhaps_blank + offset).tolist()
    ]
    blank = [place for place in perhaps if not texts[place].strip()]
    if len(chunks) > 1:
        same, numbers = pd.factorize(np.concatenate([chunk.numbers for chunk in chunks]))
        if len(numbers) < len(texts):
            firsts = _firsts(same, len(numbers))
            _check_texts(texts, firsts[same])
            texts, places = [texts[place] for place in firsts.tolist()], same
    if blank:
        kept = np.ones(len(texts), dtype=np.bool_)
        kept[places[blank]] = False
        texts = [text for text, keep in zip(texts, kept.tolist(), strict=True) if keep]
        places = np.where(kept, np.cumsum(kept) - 1, -1)[places]
    recode = narrowed(places, len(texts))
    codes = [recode[chunk.codes.astype(np.int64) + offset] for chunk, offset in zip(chunks, offsets, strict=False)]
    return Coded(np.concatenate(codes) if codes else np.zeros(0, dtype=np.int8), texts)


def _check_texts(texts: list[str], same: _Places) -> None:
    again = np.flatnonzero(same != np.arange(len(texts)))
    if [texts[place] for place in again.tolist()] != [texts[place] for place in same[again].tolist()]:
        raise CollisionError
