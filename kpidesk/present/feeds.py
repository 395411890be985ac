"""Which KPIs a file feeds, in words: what it feeds, and which column to add to the export for the rest."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from kpidesk.domain.entity import entity
from kpidesk.domain.feeds import Feeds, Lack, Need


@dataclass(frozen=True, slots=True)
class Missing:
    """What to do for some KPIs, such as `Add “Close date” to the export`, and their names. `here`: a column of this file does it."""

    words: str
    kpis: tuple[str, ...]
    here: bool


@dataclass(frozen=True, slots=True)
class FileFeeds:
    """The names of the KPIs that a file feeds, those of the dashboard first, and what the others wait for."""

    fed: tuple[str, ...] = ()
    missing: tuple[Missing, ...] = ()

    @property
    def waiting(self) -> int:
        """The number of KPIs that cannot be fed yet."""
        return sum(len(one.kpis) for one in self.missing)


def file_feeds(
    found: Feeds, names: Mapping[str, str], kind: str, header: Callable[[str], str], imported: frozenset[str]
) -> FileFeeds:
    """Put it in words.

    `header` gives the CRM's own name for a field of `kind`; `imported` are the tables that have rows, `names`
    KPI id -> name in the order in which they are listed.
    """
    lines: dict[tuple[bool, str], list[str]] = {}
    for lack in found.lacks:
        lines.setdefault((lack.mended_by(kind), _words(lack, kind, header, imported)), []).extend(lack.kpis)
    order = {kpi: place for place, kpi in enumerate(names)}
    missing = [
        Missing(words, tuple(names[kpi] for kpi in sorted(kpis, key=order.__getitem__)), here)
        for (here, words), kpis in lines.items()
    ]
    missing.sort(key=lambda one: (not one.here, -len(one.kpis)))
    return FileFeeds(tuple(names[kpi] for kpi in found.fed), tuple(missing))


def _words(lack: Lack, kind: str, header: Callable[[str], str], imported: frozenset[str]) -> str:
    columns = [f"“{header(field)}”" for need in lack.needs if (field := _of(need, kind)) is not None]
    others: dict[str, list[str]] = {}
    for need in lack.needs:
        if _of(need, kind) is None:
            table, _, field = _usual(need, imported).partition(".")
            others.setdefault(table, []).append(f"“{entity(table).field(field).label}”")
    parts = [f"add {_listed(columns)} to the export"] if columns else []
    for table, fields in others.items():
        what = entity(table).label.lower()
        parts.append(f"add {_listed(fields)} to {what}" if table in imported else f"import {what}")
    words = " and ".join(parts)
    return words[:1].upper() + words[1:]


def _of(need: Need, kind: str) -> str | None:
    """Return the field of this kind of rows that meets a need."""
    return next((one.partition(".")[2] for one in need if one.startswith(f"{kind}.")), None)


def _usual(need: Need, imported: frozenset[str]) -> str:
    """Return the field to ask for: one of a table that is there, else the most usual."""
    return next((one for one in need if one.partition(".")[0] in imported), need[0])


def _listed(words: Iterable[str]) -> str:
    *first, last = dict.fromkeys(words)
    return f"{', '.join(first)} and {last}" if first else last
