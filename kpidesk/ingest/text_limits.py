"""Texts that would take minutes and gigabytes to be read as rows are refused before: told from a look at their bytes."""

from kpidesk.domain.problem import FileUnreadableError
from kpidesk.ingest.text import find_delimiter

MOST_CELLS, MOST_LINES, MOST_LINE_BYTES = 16_000_000, 3_000_000, 20_000_000
_HEAD = 200_000  # bytes that tell the delimiter


def refuse_hostile(name: str, data: bytes) -> None:
    """Raise FileUnreadableError when a text has more lines, more cells or a longer line than rows in memory can be."""
    if len(data) < MOST_LINES:
        return
    lines = data.count(b"\n") or data.count(b"\r")
    delimiter = find_delimiter(data[:_HEAD].replace(b"\0", b"").decode("latin-1"))
    cells = lines + data.count(delimiter.encode())
    if _has_long_line(data):
        what, mend = f"has a line of more than {MOST_LINE_BYTES // 1_000_000} MB", "Export it again as CSV"
    elif lines > MOST_LINES:
        what, mend = f"has {lines:,} lines, too many to be read", "Export a shorter time"
    elif cells > MOST_CELLS:
        what, mend = f"has about {cells:,} cells, too many to be read", "Export fewer columns, or a shorter time"
    else:
        return
    raise FileUnreadableError(f"{name} {what}. Nothing was changed. {mend}.")


def _has_long_line(data: bytes) -> bool:
    """Whether a stretch of bytes has no end of a line in it: each line of twice its length has one, and none below it."""
    return any(
        data.find(b"\n", start, start + MOST_LINE_BYTES) < 0 and data.find(b"\r", start, start + MOST_LINE_BYTES) < 0
        for start in range(0, len(data) - MOST_LINE_BYTES, MOST_LINE_BYTES)
    )
