"""A file read and typed but not saved: what the import wizard and a dry run look at."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from kpidesk.domain.importing import Also, BatchInfo, Choices, ImportReport, Preview, PreviewRow
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Grain, period_name, period_of
from kpidesk.domain.problem import CancelledError, ImportRefusedError, KpideskError, Problem, Severity
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.domain.query import Query
from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.formula.nodes import Checked
from kpidesk.frame import Batch, TextColumn
from kpidesk.ingest.detect import signature
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.parts import with_history
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.readers import read_table
from kpidesk.ingest.snapshot import snapshot_of
from kpidesk.metrics.engine import Engine
from kpidesk.metrics.titles import Titled, by_title
from kpidesk.present import numbers
from kpidesk.present.feeds import FileFeeds
from kpidesk.store import Store
from kpidesk.workspace.prospects import prospects

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

TOTALS = ("open_pipeline", "total_revenue")
_TABLES = frozenset({".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})


@dataclass(frozen=True, slots=True)
class PendingImport:
    """The file as it will be read. `batch` is None while a blocking problem waits for an answer.

    `feeds` says which KPIs the file makes possible. `revision` is that of the workspace when `preview.effect` was worked out;
    `signature` names the layout for remembering; `remembered` says that choices made for it, or for one like it, were taken over.
    `parts` are the further tables that the file feeds.
    """

    preview: Preview
    batch: Batch | None
    signature: str
    revision: int
    interpretation: Interpretation
    feeds: FileFeeds
    remembered: bool
    parts: "tuple[Part, ...]" = ()

    def preview_rows(self, first: int, count: int) -> tuple[PreviewRow, ...]:
        """Return up to `count` rows from the 0-based row `first` on, held ones included, as they will be read."""
        return self.interpretation.preview_rows(first, count)


@dataclass(frozen=True, slots=True)
class Part:
    """A further table that the file feeds. `batch` is None while a blocking problem waits for an answer."""

    read: Interpretation
    batch: Batch | None


class Importer:
    """Reads files for one workspace and saves them. The table read last is kept until it is saved or another is read."""

    def __init__(self, workspace: "Workspace", store: Store) -> None:
        self._workspace = workspace
        self._store = store
        self._raw: tuple[tuple[object, ...], RawTable] | None = None

    def read(self, path: Path, choices: Choices, progress: Progress) -> PendingImport:
        """As `Workspace.read`."""
        raw = self._read_table(path, choices, progress)
        progress.report("Recognising columns")
        first = self._interpret(raw, choices, None, progress)
        sign = signature(raw, first.preview.entity, first.preview.profile)
        remembered = self._store.recall(sign)
        read = self._interpret(raw, choices, remembered, progress) if remembered is not None else first
        read, further = with_history(raw, read, self._workspace.settings, self._store.stage_status())
        parts = () if further is None else (further,)
        possible = prospects(self._workspace, self._store, read, parts)
        pending = PendingImport(
            read.preview, None, sign, self._workspace.revision, read, possible, remembered is not None
        )
        return pending if read.batch is None else self._foreseen(pending, raw, read.batch, parts)

    def _foreseen(
        self, pending: PendingImport, raw: RawTable, batch: Batch, parts: tuple[Interpretation, ...]
    ) -> PendingImport:
        """Add what the import of a readable file will do."""
        seen = self._dated(raw, batch, pending.preview.choices)
        batch = replace(batch, snapshot=seen)
        outcome = replace(self._store.effect(batch), totals=self._workspace.effect_on_totals(batch))
        problems = (*pending.preview.problems, *older(batch, self._store.batches()), *self._titles(batch))
        further = tuple(
            Part(one, None if one.batch is None else replace(one.batch, snapshot=seen, problems=())) for one in parts
        )
        also = tuple(Also(one.read.preview.entity, self._store.effect(one.batch)) for one in further if one.batch)
        preview = replace(pending.preview, effect=outcome, snapshot=seen, problems=problems, also=also)
        return replace(pending, preview=preview, batch=batch, parts=further)

    def _titles(self, batch: Batch) -> tuple[Problem, ...]:
        """Say how rows that name their deal by its title are linked."""
        if batch.frame.entity != "activities":
            return ()
        _, told = by_title(batch.frame, self._workspace.frame("deals"))
        return () if told == Titled() else (_titled(told),)

    def oldest_first(self, paths: Iterable[Path], choices: Choices, progress: Progress) -> tuple[Path, ...]:
        """As `Workspace.oldest_first`."""
        found = tables(paths)

        def day_of(path: Path) -> date:
            progress.report("Looking how old the files are", found.index(path), len(found))
            raw = self._read_table(path, choices, SILENT)
            batch = self._interpret(raw, choices, None, SILENT).batch
            return date.max if batch is None else self._dated(raw, batch, choices).day

        return oldest_first(found, day_of)

    def commit(self, pending: PendingImport, progress: Progress) -> ImportReport:
        """As `Workspace.commit`."""
        preview, batch = pending.preview, pending.batch
        if batch is None:
            sentences = " ".join(problem.message for problem in preview.blocking)
            raise ImportRefusedError(f"{preview.file_name} was not imported. {sentences}", preview.blocking)
        existing = self._store.find_batch(batch)
        wanted = [one for one in pending.parts if one.batch is not None and self._store.find_batch(one.batch) is None]
        if existing is not None and not wanted:
            outcome = replace(self._store.effect(batch), totals=preview.effect.totals)
            return ImportReport(preview, None, outcome, already_imported=True)
        also = [(one.batch, one.read.read_as) for one in wanted if one.batch is not None]
        now, of = self._workspace.now, None if existing is None else existing.id
        if of is None:
            read_as = pending.interpretation.read_as
            info = self._store.write(batch, imported_at=now, choices=read_as, also=also, progress=progress)
            effect = replace(info.effect, totals=preview.effect.totals)
        else:  # its deals are here already, from before the rest of the file was read
            for one, part_as in also:
                info = self._store.write(one, imported_at=now, choices=part_as, part_of=of, progress=progress)
            effect = preview.effect
        self._raw = None  # the cells as they stood in the file take more memory than all the rest
        if preview.choices.remember:
            self._store.remember(pending.signature, preview.choices)
        return ImportReport(preview, info.id, effect)

    # --- inside

    def _read_table(self, path: Path, choices: Choices, progress: Progress) -> RawTable:
        """Read a file, or return the table just read when only the choices about its columns changed."""
        stamp: tuple[object, ...] = (path, choices.sheet, choices.header_line)
        with suppress(OSError):  # a missing file is read_table's to explain
            stat = path.stat()
            stamp = (*stamp, stat.st_mtime_ns, stat.st_size)
        if self._raw is None or self._raw[0] != stamp:
            progress.report(f"Reading {path.name}")
            table = read_table(path, sheet=choices.sheet, header_line=choices.header_line, progress=progress)
            self._raw = (stamp, table)
        return self._raw[1]

    def _interpret(
        self, raw: RawTable, choices: Choices, remembered: Choices | None, progress: Progress
    ) -> Interpretation:
        return interpret(
            raw,
            choices,
            self._workspace.settings,
            known_stages=self._store.stage_status(),
            known_values=self._texts,
            remembered=remembered,
            progress=progress,
        )

    def _dated(self, raw: RawTable, batch: Batch, choices: Choices) -> Snapshot:
        may_be_of = partial(self._store.may_be_of, batch)
        workspace = self._workspace
        return snapshot_of(raw, batch.frame, choices, workspace.settings.timezone, workspace.today, may_be_of)

    def _texts(self, entity: str) -> Mapping[str, tuple[str, ...]]:
        """Return the texts that the rows of an entity have now: field -> values."""
        columns = self._workspace.frame(entity).columns
        return {name: column.values for name, column in columns.items() if isinstance(column, TextColumn)}


def _titled(told: Titled) -> Problem:
    total, apart = told.linked + told.shared + told.unknown, told.shared + told.unknown
    text = f"{numbers.plural(total, 'activity', 'activities')} {'names its deal' if total == 1 else 'name their deals'} by the title. "
    text += f"{told.linked:,} {'is' if told.linked == 1 else 'are'} linked to the one deal that has it"
    text += f", {told.shared:,} not, because several deals share the title" if told.shared else ""
    text += f", {told.unknown:,} not, because no imported deal has it" if told.unknown else ""
    return Problem("deal-titles", Severity.CHECK if apart else Severity.INFO, f"{text}.", total)


def chosen_day(day: date, today: date) -> Snapshot:
    """Return the snapshot of a day that the user chose; ImportRefusedError for one to come."""
    if day > today:
        raise ImportRefusedError(f"{numbers.day(day)} is still to come, so no file can be of it. Nothing was changed.")
    return Snapshot(day, DatedBy.CHOSEN, "The day was chosen by hand.")


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
        try:
            keys[path] = (day_of(path), path.stat().st_mtime, path.name)
        except CancelledError:
            raise
        except (KpideskError, OSError):
            continue  # said when the file is imported
    return tuple(sorted(paths, key=keys.__getitem__))
