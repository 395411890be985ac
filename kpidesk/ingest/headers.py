"""Finding the header among preambles, and the data between headers, blanks and footers."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import date, datetime

_PREFIXES = re.compile(
    r"^(?:\(do not modify\)|deal - |lead - |activity - |person - |organization - |opportunity[_ ](?=est|status|actual)|properties\.)\s*"
)
_ARROWS = re.compile(r"[↑↓▲▼]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEARCHED_ROWS = 60
_FOOTER = re.compile(
    r"^(?:grand totals?\b|totals?\b|sub-?totals?\b|sum$|count$|average$|avg$|confidential information|copyright\b|©|report generated|generated (?:on|by)\b)",
    re.IGNORECASE,
)


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


def _wordy(cell: object) -> bool:
    """Whether a cell could be a header: text with a letter in it."""
    return isinstance(cell, str) and any(char.isalpha() for char in cell)


def find_header(rows: Sequence[Sequence[object]], known: Collection[str]) -> int | None:
    """Return the index of the header row among the first rows; None when no row looks like one.

    The row with most known headers wins, the first of equals; without any known one, the first row of words as wide as the table.
    """
    head = rows[:_SEARCHED_ROWS]
    best, best_score = None, 1
    for index, row in enumerate(head):
        names = {fold(cell) for cell in row if isinstance(cell, str) and cell.strip()}
        score = len(names & set(known))
        typed = sum(isinstance(cell, (int, float, datetime, date)) and not isinstance(cell, bool) for cell in row)
        if score > best_score and score > typed:
            best, best_score = index, score
    width = max((filled(row) for row in head), default=0)
    first = next((index for index, row in enumerate(head) if filled(row)), None)
    if first is not None and best is not None and best > first and best_score < 3:
        # Two familiar words in a later row may be data; a first row of words across the whole width is a header.
        cells = [cell for cell in head[first] if not is_empty(cell)]
        if len(cells) * 10 >= width * 8 and all(_wordy(cell) for cell in cells):
            return first
    if best is not None:
        return best
    for index, row in enumerate(head):
        count = filled(row)
        if (
            count
            and count >= min(2, width)
            and count * 10 >= width * 6
            and all(_wordy(cell) for cell in row if not is_empty(cell))
        ):
            return index
    return None


def header_names(row: Sequence[object], width: int) -> tuple[str, ...]:
    """Return `width` distinct names: unnamed columns are called by their letter, repeated ones get a number."""
    names: list[str] = []
    seen: dict[str, int] = {}
    for index in range(width):
        cell = row[index] if index < len(row) else None
        name = " ".join(str(cell).lstrip("\ufeff").split()) if not is_empty(cell) else f"Column {_letter(index)}"
        seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        times = seen[name.casefold()]
        names.append(name if times == 1 else f"{name} ({times})")
    return tuple(names)


def _letter(index: int) -> str:
    text = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        text = chr(65 + rest) + text
    return text


def is_footer(row: Sequence[object]) -> bool:
    """Whether a row is a total, a subtotal or a notice under the data rather than a record."""
    cells = [cell for cell in row if not is_empty(cell)]
    return bool(cells) and isinstance(cells[0], str) and _FOOTER.match(cells[0].strip()) is not None


def is_repeat(row: Sequence[object], header: Sequence[object]) -> bool:
    """Whether a row is the header once more."""
    cells = [str(cell).strip().casefold() for cell in row if not is_empty(cell)]
    return len(cells) > 1 and cells == [str(cell).strip().casefold() for cell in header if not is_empty(cell)]
