"""A file read and typed but not saved: what the import wizard and a dry run look at."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from kpidesk.domain.importing import BatchInfo, Preview, PreviewRow
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Grain, period_name, period_of
from kpidesk.domain.problem import KpideskError, Problem, Severity
from kpidesk.domain.query import Query
from kpidesk.formula.nodes import Checked
from kpidesk.frame import Batch
from kpidesk.ingest.interpret import Interpretation
from kpidesk.metrics.engine import Engine
from kpidesk.present import numbers
from kpidesk.present.feeds import FileFeeds

TOTALS = ("open_pipeline", "total_revenue")
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


@dataclass(frozen=True, slots=True)
class PendingImport:
    """The file as it will be read. `batch` is None while a blocking problem waits for an answer.

    `feeds` says which KPIs the file makes possible. `revision` is that of the workspace when `preview.effect` was worked out;
    `signature` names the layout for remembering; `remembered` says that choices made for it, or for one like it, were taken over.
    """

    preview: Preview
    batch: Batch | None
    signature: str
    revision: int
    interpretation: Interpretation
    feeds: FileFeeds
    remembered: bool

    def preview_rows(self, first: int, count: int) -> tuple[PreviewRow, ...]:
        """Return up to `count` rows from the 0-based row `first` on, held ones included, as they will be read."""
        return self.interpretation.preview_rows(first, count)


def older(batch: Batch, known: Iterable[BatchInfo]) -> tuple[Problem, ...]:
    """Say that a file is older than what is imported already, whose cells then stay."""
    seen = batch.snapshot
    newer = [
        (one.snapshot.day, one.file_name)
        for one in known
        if one.undone_at is None and one.entity == batch.frame.entity and one.snapshot is not None and seen is not None
        if one.snapshot.day > seen.day
    ]
    if seen is None or not newer:
        return ()
    last, name = max(newer)
    text = (
        f"This file is of {numbers.day(seen.day)}, older than {name} of {numbers.day(last)}. {seen.evidence} "
        "What newer files say stays; this one adds what they lack, and the past."
    )
    return (Problem("older-file", Severity.INFO, text, len(batch.keys)),)


def totals(
    engines: tuple[Engine, Engine], formulas: Mapping[str, Checked], kpis: Mapping[str, Kpi], day: date
) -> tuple[tuple[str, float | None, float | None], ...]:
    """Return the pipeline and the revenue of the year of a day, before and after an import: label and both values."""
    calendar = engines[0].calendar
    year = period_of(day, Grain.YEAR, calendar)
    query = Query(TOTALS, Grain.YEAR, year.start, year.start, day)
    points = [
        [engine.run(query, formulas, kpis).total(kpi).points[0].value for kpi in query.kpis] for engine in engines
    ]
    return tuple(zip(("Open pipeline", f"Revenue {period_name(year, calendar)}"), *points, strict=True))


def tables(paths: Iterable[Path]) -> tuple[Path, ...]:
    """Return files as they are, and folders as the tables directly inside of them; KpideskError for a folder without any."""
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        inside = [
            one for one in sorted(path.iterdir()) if one.suffix.lower() in _TABLES and not one.name.startswith(".")
        ]
        if not inside:
            raise KpideskError(f"There is no CSV or spreadsheet in {path}. Nothing was changed.")
        found += inside
    return tuple(found)


def oldest_first(paths: tuple[Path, ...], day_of: Callable[[Path], date]) -> tuple[Path, ...]:
    """Return files by day, of one day by when they were last written."""
    if len(paths) < 2:
        return paths
    keys: dict[Path, tuple[date, float, str]] = {}
    for path in paths:
        keys[path] = (date.max, 0.0, "")
        with suppress(KpideskError, OSError):  # said when the file is imported
            keys[path] = (day_of(path), path.stat().st_mtime, path.name)
    return tuple(sorted(paths, key=keys.__getitem__))
