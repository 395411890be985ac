"""What the name of a file tells: what its rows probably are, and in which order several files come in."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

FILE_WORDS = {
    "deals": ("deal", "opportunit", "pipeline", "potential"),
    "leads": ("lead", "contact", "mql"),
    "activities": ("activit", "call", "meeting", "task", "engagement"),
    "stage_history": ("history", "stage"),
    "customers": ("customer", "account", "client"),
    "transactions": ("transaction", "invoice", "payment", "order"),
    "costs": ("cost", "spend", "expense"),
    "targets": ("target", "quota", "goal"),
    "fx": ("fx", "exchange", "rate"),
}
# Rates first, so that amounts are in the right currency at once; then what others refer to.
_ORDER = ("fx", "leads", "deals", "stage_history", "activities", "customers", "transactions", "costs", "targets")
_DAY = re.compile(r"(20\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


def in_order(paths: Iterable[Path]) -> list[Path]:
    """Return files in the order in which to import them: by kind, and an older export of a kind before a newer one.

    The age is the day in the name, else the day of the last change; a newer export overwrites what an older one said.
    """
    return sorted(paths, key=lambda path: (_place(path.name.lower()), _day(path), _natural(path.name)))


def by_kind(paths: Iterable[Path]) -> list[Path]:
    """Return files by kind, and those of a kind in the order in which they are given."""
    return sorted(paths, key=lambda path: _place(path.name.lower()))


def _place(name: str) -> int:
    kinds = [kind for kind in _ORDER if any(word in name for word in FILE_WORDS[kind])]
    if "stage_history" in kinds:
        kinds = ["stage_history"]
    return _ORDER.index(kinds[0]) if kinds else len(_ORDER)


def _day(path: Path) -> str:
    found = _DAY.search(path.name)
    if found:
        return "-".join(found.groups())
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).date().isoformat()
    except OSError:
        return ""  # reading it will say why


def _natural(name: str) -> list[tuple[int, str]]:
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name.lower()) if part]
