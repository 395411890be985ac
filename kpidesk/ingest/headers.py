"""Finding the header among preambles, and the data between headers, blanks and footers."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date, datetime
from functools import lru_cache

from kpidesk.ingest.spans import run_of_spans

_PREFIXES = re.compile(
    r"^(?:\(do not modify\)|deal - |lead - |activity - |person - |organization - |opportunity[_ ](?=est|status|actual)|properties\.)\s*"
)
_ARROWS = re.compile(r"[↑↓▲▼]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
SEARCHED_ROWS = 60
_TOTAL = re.compile(
    r"^(?:(?:grand |sub-?)?totals?|sum|count|average|avg)\s*(?:\(.*\)|:.*)?$|^(?:grand |sub-?)totals?\b", re.IGNORECASE
)
# Words that begin notices and totals, but names of companies too: a line of them alone is no record.
_NOTICE = re.compile(
    r"^(?:totals?\b|confidential information|copyright\b|©|report generated|generated (?:on|by)\b)", re.IGNORECASE
)
# “Total origination” above its sums is one too, but “Total Energies” with a stage and an owner is not.
_TOTAL_OF = re.compile(r"^totals?\b", re.IGNORECASE)
_NOTICE_CELLS = 2
TELLING = "GgTtSsCcAaRr©"
"""Initials of totals and notices: grand total, subtotal, sum, count, average, rows, copyright."""
_WIDE = 5


@lru_cache(10_000)
def fold(header: str) -> str:
    """Fold a header for comparing: case, accents of width, punctuation, CRM prefixes and camelCase do not matter."""
    text = unicodedata.normalize("NFKC", _ARROWS.sub(" ", header)).strip().lstrip("\ufeff").strip()
    text = _PREFIXES.sub("", text.lower() if not _CAMEL.search(text) or " " in text else _CAMEL.sub(" ", text).lower())
    text = re.sub(r"\(%\)|#", " ", text)
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split())


def is_empty(cell: object) -> bool:
    """Whether a cell holds nothing but space."""
    return cell is None or (isinstance(cell, str) and not cell.strip())


def filled(row: Sequence[object]) -> int:
    """Count the cells of a row that hold something."""
    return sum(not is_empty(cell) for cell in row)


def _has_letter(cell: object) -> bool:
    """Whether a cell is text with a letter in it, as a header is."""
    return isinstance(cell, str) and any(char.isalpha() for char in cell)


def find_header(rows: Sequence[Sequence[object]], known: Collection[str]) -> int | None:
    """Return the index of the header row among the first rows; None when no row looks like one.

    The row with most known headers (months or quarters in a row are known) wins, the first of equals; without any known one, the first row of words as wide as the table.
    """
    above = next((index for index, row in enumerate(rows) if filled(row)), 0)
    place = _header_in(rows[above : above + SEARCHED_ROWS], known)
    return None if place is None else above + place


def _header_in(head: Sequence[Sequence[object]], known: Collection[str]) -> int | None:
    best, best_score = None, 1
    for index, row in enumerate(head):
        names = {fold(cell) for cell in row if isinstance(cell, str) and cell.strip()}
        score = len(names & set(known))
        spans = run_of_spans(row)
        score += len(spans)
        typed = sum(
            isinstance(cell, (int, float, datetime, date)) and not isinstance(cell, bool) and place not in spans
            for place, cell in enumerate(row)
        )
        if score > best_score and score > typed:
            best, best_score = index, score
    width = max((filled(row) for row in head), default=0)
    first = next((index for index, row in enumerate(head) if filled(row)), None)
    if first is not None and best is not None and best > first and best_score < 3:
        # Two familiar words in a later row may be data; a first row of words across the whole width is a header.
        cells = [cell for cell in head[first] if not is_empty(cell)]
        if len(cells) * 10 >= width * 8 and all(_has_letter(cell) for cell in cells):
            return first
    if best is not None:
        return best
    for index, row in enumerate(head):
        count = filled(row)
        if (
            count
            and count >= min(2, width)
            and count * 10 >= width * 6
            and all(_has_letter(cell) for cell in row if not is_empty(cell))
        ):
            return index
    return None


def header_names(row: Sequence[object], width: int) -> tuple[str, ...]:
    """Return `width` distinct names: unnamed columns are called by their letter, repeated ones get a number."""
    names: list[str] = []
    taken: set[str] = set()
    times: dict[str, int] = {}
    for index in range(width):
        cell = row[index] if index < len(row) else None
        name = " ".join(str(cell).lstrip("\ufeff").split()) if not is_empty(cell) else f"Column {_letter(index)}"
        free, folded = name, name.casefold()
        while free.casefold() in taken:
            times[folded] = times.get(folded, 1) + 1
            free = f"{name} ({times[folded]})"
        taken.add(free.casefold())
        names.append(free)
    return tuple(names)


def _letter(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def is_footer(row: Sequence[object], width: int) -> bool:
    """Whether a row under a header of `width` columns is a total, a subtotal or a notice rather than a record.

    A company may be called Total, or Copyright Clearance: a wide row with every cell filled is a record, whatever it begins with.
    """
    cells = [cell for cell in row if not is_empty(cell)]
    if not cells or not isinstance(cells[0], str):
        return False
    text = cells[0].strip()
    if _TOTAL.match(text):
        return width < _WIDE or len(cells) < width
    if _TOTAL_OF.match(text) and width >= _WIDE and 1 < len(cells) <= width // 2:
        return not any(isinstance(cell, (datetime, date)) or _has_letter(cell) for cell in cells[1:])
    return len(cells) <= _NOTICE_CELLS < width and _NOTICE.match(text) is not None


def is_record(first_cell: str, first_header: str, delimiter: str) -> bool:
    """Whether a row with as many cells as the header is a record for certain, by its first cell.

    `first_header` is the first cell of the header, folded: no row that repeats the header is a record.
    """
    text = first_cell.strip()
    if not first_cell or text.casefold() == first_header:
        return False
    return first_cell[:1] not in TELLING or not (_TOTAL.match(text) or _NOTICE.match(text) or delimiter in text)


def is_grouped(cell: object) -> bool:
    """Whether a header bears the arrow of a sorted or grouped column."""
    return isinstance(cell, str) and _ARROWS.search(cell) is not None


def is_repeat(row: Sequence[object], header: Sequence[object]) -> bool:
    """Whether a row is the header once more."""
    cells = [str(cell).strip().casefold() for cell in row if not is_empty(cell)]
    return len(cells) > 1 and cells == [str(cell).strip().casefold() for cell in header if not is_empty(cell)]
