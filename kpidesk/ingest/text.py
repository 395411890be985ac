"""Text into rows: any encoding, any delimiter, cells that span lines."""

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass
from itertools import islice
from typing import Any

from kpidesk.domain.problem import FileUnreadableError

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_LINES = 200
_LONGEST_CELL = 10_000_000  # characters; a quote that is never closed would swallow the rest of the file
_CHUNK = 20_000  # rows looked at together
_Row = list[Any]


def encoding_of(data: bytes) -> str | None:
    """Return the encoding that the first bytes of a text tell, by mark or by the zeros of UTF-16; None when they do not."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return name
    head = data[:4096]
    if len(head) > 3 and head[1::2].count(0) * 2 > len(head[1::2]):
        return "utf-16-le"
    if len(head) > 3 and head[::2].count(0) * 2 > len(head[::2]):
        return "utf-16-be"
    return None


def decode(data: bytes) -> tuple[str, str]:
    """Return the text of a file and its encoding: as its first bytes tell, else UTF-8, else Windows Latin."""
    told = encoding_of(data)
    if told is not None:
        return data.decode(told, errors="replace"), told
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), "cp1252"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text is written: its delimiter, and the first line where that says it for the sake of Excel, else ""."""

    delimiter: str
    line: str


def dialect(text: str) -> Dialect:
    """Return how a text is written, from its beginning."""
    told = re.match(r"sep=(.)\r?\n", text, re.IGNORECASE)
    return Dialect(told[1], told[0]) if told else Dialect(find_delimiter(text), "")


def delimited(text: str, name: str) -> tuple[str, list[_Row], list[int]]:
    """Return the delimiter of a text, its rows, and the line that each begins on, from 1; `name` is for the sentences."""
    if text.count("\0") > len(text) // 100:
        raise FileUnreadableError(f"{name} is not a table of text. Nothing was changed. Export it as CSV or XLSX.")
    text = text.replace("\0", "").rstrip("\x1a")
    told = dialect(text)
    delimiter, skipped = told.delimiter, int(bool(told.line))
    text = text[len(told.line) :]
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[_Row] = []
    lines: list[int] = []
    last = skipped
    shared = _Shared()
    plain = '"' not in text  # then every record is one line
    try:
        while plain and (chunk := list(islice(reader, _CHUNK))):
            rows += shared.rows(chunk)
        # One step a record: the reader alone knows how many lines a quoted cell spans.
        for row in reader:
            rows.append(row)
            lines.append(last + 1)
            last = reader.line_num + skipped
            if len(rows) % _CHUNK == 0:
                rows[-_CHUNK:] = shared.rows(rows[-_CHUNK:])
    except csv.Error:
        last = reader.line_num + skipped - 1 if plain else last
        raise FileUnreadableError(
            f"{name} cannot be read from line {last + 1} on. Nothing was changed. Export it again."
        ) from None
    return delimiter, rows, list(range(skipped + 1, skipped + len(rows) + 1)) if plain else lines


class _Shared:
    """Lets equal cells of a column be one text, for the columns that repeat theirs: of a million rows most do."""

    def __init__(self) -> None:
        self._known: list[dict[str, str] | None] = []
        self._seen = 0

    def rows(self, rows: list[_Row]) -> list[_Row]:
        """Return rows of the same cells; rows of different lengths as they are."""
        width = len(rows[0])
        if not width or any(len(row) != width for row in rows):
            return rows
        self._seen += len(rows)
        self._known += [{} for _ in range(width - len(self._known))]
        columns = list(zip(*rows, strict=True))
        for place, (known, column) in enumerate(zip(self._known, columns, strict=False)):
            if known is None:
                continue
            columns[place] = tuple(map(known.setdefault, column, column))
            if len(known) * 2 > self._seen:
                self._known[place] = None  # ids and names
        return list(map(list, zip(*columns, strict=True)))


def find_delimiter(text: str) -> str:
    """Return the delimiter under which the first lines have the most even number of fields above one."""
    head = "\n".join(text[:200_000].splitlines()[:_SAMPLE_LINES])
    best, best_score = ",", 0.0
    for delimiter in _DELIMITERS:
        try:
            counts = Counter(len(row) for row in csv.reader(io.StringIO(head, newline=""), delimiter=delimiter) if row)
        except csv.Error:
            continue
        width, times = max(counts.items(), key=lambda item: (item[1] * (item[0] > 1), item[0]), default=(1, 0))
        if width > 1:
            score = times / sum(counts.values()) + min(width, 50) / 1000
            if score > best_score:
                best, best_score = delimiter, score
    return best
