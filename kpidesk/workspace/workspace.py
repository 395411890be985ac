"""The workspace object: thin, it delegates."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import TracebackType
from typing import Self
from zoneinfo import ZoneInfo

from kpidesk.domain.change import Change
from kpidesk.domain.explanation import Explanation, SourceRow
from kpidesk.domain.importing import BatchInfo, Choices, HeldRow, ImportReport
from kpidesk.domain.kpi import Catalog, Kpi, Revision, Target
from kpidesk.domain.ledger import Entry
from kpidesk.domain.movement import Movement
from kpidesk.domain.period import Grain, Period
from kpidesk.domain.problem import QueryError, WorkspaceError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.domain.query import Figure, Filter, Query
from kpidesk.domain.result import Result
from kpidesk.domain.settings import Settings
from kpidesk.domain.snapshot import Snapshot
from kpidesk.export.excel import write_summary
from kpidesk.formula.catalogue import catalogue_in
from kpidesk.formula.check import Scope, check
from kpidesk.formula.complete import complete
from kpidesk.formula.completion import Help
from kpidesk.formula.nodes import Checked
from kpidesk.formula.rowsets import with_custom
from kpidesk.frame import Batch, Frame
from kpidesk.metrics.engine import Engine
from kpidesk.metrics.titles import Titled, by_title
from kpidesk.present.dashboard import Dashboard, Freshness
from kpidesk.present.history import KpiPage
from kpidesk.present.working import Working
from kpidesk.store import Origins, Store
from kpidesk.workspace import board, completing, definitions, explain, importing, page, span, summary, working
from kpidesk.workspace.custom import CustomColumns
from kpidesk.workspace.editing import Editor
from kpidesk.workspace.goal_setting import Goals
from kpidesk.workspace.health import Health, health
from kpidesk.workspace.held import Held
from kpidesk.workspace.history import History, check_movement
from kpidesk.workspace.importing import Importer, PendingImport, chosen_day
from kpidesk.workspace.noting import Notes
from kpidesk.workspace.settings_text import with_setting

Clock = Callable[[], datetime]
AD_HOC = "formula"


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Workspace:
    """One workspace file. Calls may be slow and are not thread-safe: the window makes them on one worker lane.

    Every failure that a user can meet is a KpideskError whose text is a sentence.
    """

    def __init__(self, store: Store, clock: Clock = _utc_now) -> None:
        self._store = store
        self._clock = clock
        self._custom = CustomColumns(store)
        self._frames: dict[str, tuple[int, Frame]] = {}
        self._origins: dict[str, tuple[int, Origins]] = {}
        self._engine: tuple[tuple[object, ...], Engine] | None = None
        self._checked: dict[str, Checked] = {}
        self._importer = Importer(self, store)
        self.history = History(store, lambda: self.frame("deals"), clock)
        self._load_definitions()

    @classmethod
    def create(cls, path: Path, settings: Settings | None = None, clock: Clock = _utc_now) -> Self:
        """Make a new workspace file with the shipped KPIs; WorkspaceError when the file exists or cannot be written."""
        settings = settings or Settings(name=path.stem)
        return cls(Store.create(path, settings, catalogue_in(settings.currency)), clock)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False, clock: Clock = _utc_now) -> Self:
        """Open a workspace file; WorkspaceError when it is none, damaged, newer than this program or locked."""
        return cls(Store.open(path, read_only=read_only), clock)

    def close(self) -> None:
        """Close the file. Further calls fail."""
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- what it is

    @property
    def path(self) -> Path:
        """Where the file is."""
        return self._store.path

    @property
    def read_only(self) -> bool:
        """Whether nothing can be changed."""
        return self._store.read_only

    @property
    def revision(self) -> int:
        """Grows with every write."""
        return self._store.revision()

    @property
    def settings(self) -> Settings:
        """The settings that travel with the file."""
        return self._settings

    @property
    def catalog(self) -> Catalog:
        """All KPI definitions."""
        return self._catalog

    @property
    def now(self) -> datetime:
        """What the clock says."""
        return self._clock()

    @property
    def today(self) -> date:
        """The day of the clock in the workspace's time zone."""
        return self._clock().astimezone(ZoneInfo(self._settings.timezone)).date()

    @property
    def as_of(self) -> date:
        """The last day whose events are known: the setting, else the day of the newest import, else today."""
        if self._settings.as_of is not None:
            return self._settings.as_of
        zone = ZoneInfo(self._settings.timezone)
        # Repaired rows are as old as the file that they come from.
        standing = (one for one in self._store.batches() if one.undone_at is None and one.repairs is None)
        days = [batch.imported_at.astimezone(zone).date() for batch in standing]
        return max(days, default=self.today)

    def set(self, name: str, value: str) -> Change:
        """Change one setting from text, such as ("currency", "EUR"); a KpideskError says what a bad value should be."""
        changed = with_setting(self._settings, name, value)
        if changed.timezone != self._settings.timezone and any(self.counts().values()):
            raise WorkspaceError(
                f"The imported times were read in {self._settings.timezone}, so the time zone cannot change now. "
                "Nothing was changed. Make a new workspace with the other time zone and import the files again."
            )
        return self.save_settings(changed)

    def save_settings(self, settings: Settings) -> Change:
        """Save all settings at once."""
        kpis = definitions.in_currency(self._catalog, self._settings.currency, settings.currency)
        change = self._store.save_settings(settings)
        if kpis:
            change |= self._store.save_definition(*kpis)
        self._load_definitions()
        return change

    def save_copy(self, path: Path) -> None:
        """Write a copy of the workspace to `path`, replacing a file there only when the copy is whole."""
        self._store.save_copy(path)

    # --- import

    def read(self, path: Path, choices: Choices | None = None, progress: Progress = SILENT) -> PendingImport:
        """Read and type a file without saving anything; FileUnreadableError when it is no table."""
        return self._importer.read(path, choices or Choices(), progress)

    def oldest_first(
        self, paths: Iterable[Path], choices: Choices | None = None, progress: Progress = SILENT
    ) -> tuple[Path, ...]:
        """Return files, and the tables inside of folders, by the days of their snapshots; those that cannot be read come last."""
        return self._importer.oldest_first(paths, choices or Choices(), progress)

    def forget(self, pending: PendingImport) -> None:
        """Forget the choices that were remembered for files like this one."""
        self._store.forget(pending.signature)

    def commit(self, pending: PendingImport, progress: Progress = SILENT) -> ImportReport:
        """Save a file that was read, in one transaction that can be undone; ImportRefusedError while it needs an answer."""
        report = self._importer.commit(pending, progress)
        self._load_definitions()  # what columns there are may have changed
        return report

    def undo(self, batch_id: int, progress: Progress = SILENT) -> Change:
        """Take an import back: the workspace is then as if it had never happened."""
        change = self._store.undo(batch_id, undone_at=self._clock(), progress=progress)
        self._load_definitions()
        return change

    def redate(self, batch_id: int, day: date | Snapshot, progress: Progress = SILENT) -> Change:
        """Say of which day an import is, or give it back the snapshot that it was; ImportRefusedError for a day to come."""
        seen = day if isinstance(day, Snapshot) else chosen_day(day, self.today)
        return self._store.redate(batch_id, seen, progress=progress)

    def imports(self) -> tuple[BatchInfo, ...]:
        """Return all imports, newest first."""
        return tuple(sorted(self._store.batches(), key=lambda batch: batch.id, reverse=True))

    def held_rows(self, batch_id: int) -> tuple[HeldRow, ...]:
        """Return the rows of an import that could not be read, repaired and dismissed ones included."""
        return self._store.held(batch_id)

    @property
    def held(self) -> Held:
        """What can be done about the rows that could not be read."""
        return Held(self, self._store)

    # --- numbers

    def frame(self, entity: str) -> Frame:
        """Return the current rows of an entity as coded columns; with 0 rows when nothing was imported."""
        revision = self._store.rows_revision(entity)
        if entity == "activities":
            revision += self._store.rows_revision("deals")  # both only grow
        cached = self._frames.get(entity)
        if cached is None or cached[0] != revision:
            frame = self._custom.added(self._store.frame(entity), self._settings.timezone)
            if entity == "deals":
                frame = self.history.as_answered(frame)
            elif entity == "activities" and "deal_name" in frame:
                frame, _ = by_title(frame, self.frame("deals"))
            cached = (revision, frame)
            self._frames[entity] = cached
        return cached[1]

    def titled(self) -> Titled:
        """Return how the activities that name their deals by title are linked."""
        return by_title(self._store.frame("activities", ("deal_id", "deal_name")), self.frame("deals"))[1]

    def counts(self) -> dict[str, int]:
        """Return the number of current rows by entity."""
        return self._store.counts()

    def data_range(self) -> tuple[date, date] | None:
        """Return the first and last day, not after the as-of day, on which something happened; None without rows."""
        return span.data_range(self.frame, self.as_of)

    def query(self, query: Query) -> Result:
        """Answer a question; QueryError when it has no meaning."""
        query = replace(query, kpis=tuple(self.kpi(kpi).id for kpi in query.kpis))
        return self._run(query, self._formulas(query.kpis), self._catalog.kpis)

    def evaluate(self, formula: str, query: Query, kpi: Kpi | None = None) -> Result:
        """Answer a question for a formula that is not in the catalogue; a FormulaError says where it is wrong.

        `kpi` gives the label and display of the answer; without it the formula is its own label. `query.kpis` is ignored.
        """
        described, formulas = self._ad_hoc(formula, kpi)
        return self._run(
            replace(query, kpis=(described.id,)), formulas, {**self._catalog.kpis, described.id: described}
        )

    def read_formula(self, text: str, own: str | None = None) -> Checked:
        """Return what a formula means: unit, slices, references, warnings; FormulaError when it means nothing.

        `own` is the id of the KPI that it is to define.
        """
        return check(text, self._scope, own)

    def explain(
        self, kpi_or_formula: str, period: Period, where: tuple[Filter, ...] = (), as_of: date | None = None
    ) -> Explanation:
        """Return why a KPI (by id or name) or a formula has its value in a period: all rows, counted or not.

        QueryError or FormulaError when the question has no meaning.
        """
        kpi = self._catalog.by_name(kpi_or_formula)
        if kpi is None:
            kpi, formulas = self._ad_hoc(kpi_or_formula, None)
        else:
            formulas = dict(self._formulas((kpi.id,)))
        query = Query((kpi.id,), period.grain, period.start, period.start, as_of, where=where)
        found = self._current_engine().explain(query, formulas, {**self._catalog.kpis, kpi.id: kpi})
        return explain.whole(found, self.origins)

    def source_rows(self, entity: str, rows: Sequence[int]) -> tuple[SourceRow, ...]:
        """Return rows of an explanation with their cells, file, sheet and line. A slice of its rows makes a page."""
        return explain.source_rows(self.frame(entity), self.origins(entity), rows)

    def kpi(self, name: str) -> Kpi:
        """Return a KPI by id or by name; QueryError when there is none."""
        found = self._catalog.by_name(name)
        if found is None:
            raise QueryError(f"There is no KPI called “{name}”. {definitions.nearest(name, self._catalog.kpis)}")
        return found

    def define(self, kpi: Kpi) -> Change:
        """Save a definition as a new revision, and where it is renamed the formulas that name it.

        FormulaError when its formula has no meaning, DefinitionError when its name is taken or other KPIs would lose theirs.
        """
        return self.define_all(self.to_save(kpi), finished=kpi.id)

    def to_save(self, kpi: Kpi) -> tuple[Kpi, ...]:
        """Return what saving a definition takes: its own and, when it is renamed, those whose formula names it. Errors as `define`."""
        return definitions.to_save(kpi, self._catalog, self._scope)

    def define_all(self, kpis: Sequence[Kpi], finished: str = "") -> Change:
        """Save definitions that were checked together, in force from now, and forget the draft `finished`."""
        change = self._store.save_definition(*kpis, at=self._clock(), finished=finished)
        self._load_definitions()
        return change

    def remove(self, kpi_id: str) -> Change:
        """Take a KPI out of the catalogue; DefinitionError while others need it. Its earlier definitions stay in the file."""
        definitions.refuse_removal(kpi_id, self._catalog, self._scope)
        self.goals.refuse_removal(kpi_id)
        change = self._store.remove_definition(kpi_id)
        self._load_definitions()
        return change

    def complete(self, text: str, position: int, own: str | None = None) -> Help:
        """Return what can be typed at `position` of a formula. `own` is the id of the KPI that it defines."""
        data = completing.ImportedData(self._current_engine(), self.source_columns, self._stages())
        return complete(text, position, self._scope, data, own)

    def source_columns(self, entity: str) -> Mapping[str, str]:
        """Return the header of the file's column that feeds each field of an entity."""
        own = self._custom.headers(entity, self._settings.timezone)
        return {**own, **self._store.source_columns(entity)}

    def revisions(self, kpi_id: str) -> tuple[Revision, ...]:
        """Return every saved state of a definition, oldest first."""
        return self._store.revisions(kpi_id)

    def in_force_since(self) -> Mapping[str, datetime]:
        """Return for every KPI from when its definition is in force."""
        return self._store.in_force_since()

    @property
    def editor(self) -> Editor:
        """Where definitions are drafted, looked at before they are saved, and put on the dashboard or off it."""
        return Editor(self, self._store)

    @property
    def goals(self) -> Goals:
        """What the quarter is for: goals, their key results, and which KPI serves which."""
        return Goals(self, self._store)

    @property
    def notes(self) -> Notes:
        """What people know about a KPI and a day."""
        return Notes(self, self._store)

    def set_target(self, kpi_id: str, target: Target | None) -> Change:
        """Give a KPI another target."""
        return self.define(replace(self._catalog[kpi_id], target=target))

    def checked(self, kpi_id: str) -> Checked:
        """Return a KPI's checked formula."""
        return self._formulas((kpi_id,))[kpi_id]

    def ledger(self, deal: str | None = None) -> tuple[Entry, ...]:
        """Return what changed between imports, oldest first, of one deal when its id is given; QueryError when no deal has it."""
        return self.history.entries(self._stages(), deal)

    def movement(self, first: date, last: date, by: str | None = None) -> tuple[Movement, ...]:
        """Return how the open pipeline came from the end of `first` to the end of `last`, no later than the as-of day.

        The total, then its slices by a dimension of deals. QueryError when the days are swapped or deals have no such dimension.
        """
        check_movement(first, last, by)
        return self._current_engine().movements(self.history.observed(), first, last, by)

    # --- shown

    def dashboard(self, grain: Grain, *, compare: str = "previous", today: date | None = None) -> Dashboard:
        """Return the dashboard of the period in which the data ends, held against the period `compare` (previous or year)."""
        return board.dashboard(self, grain, compare, today or self.today)

    def kpi_page(self, kpi_id: str, grain: Grain, dimension: str | None = None) -> KpiPage:
        """Return one KPI's history at `grain` and its breakdown by `dimension`."""
        return page.kpi_page(self, kpi_id, grain, dimension)

    def working(self, figure: Figure) -> Working:
        """Return how a number on the screen came about."""
        return working.working(self, figure)

    def freshness(self, today: date | None = None) -> Freshness:
        """Return how old the data is."""
        return board.freshness(self, today or self.today)

    def export_summary(self, path: Path, progress: Progress = SILENT, *, as_of: date | None = None) -> Path:
        """Write the Excel summary as known on `as_of` to `path` and return it; a KpideskError when it cannot be written."""
        write_summary(path, summary.summary(self, progress, as_of), progress)
        return path

    def check(self, progress: Progress = SILENT) -> Health:
        """Return whether the file is sound, which definitions or deals want mending, and which rows are held."""
        return health(self, self._store.faults(progress), progress)

    def provenance(self, entity: str) -> tuple[tuple[str, str, str, int], ...]:
        """Return for every current row of `entity` the file, its hash, the sheet and the line it came from."""
        return self._store.provenance(entity)

    def origins(self, entity: str) -> Origins:
        """Return where every row of `entity` stands, those included that others replaced and those held."""
        revision = self._store.rows_revision(entity)
        cached = self._origins.get(entity)
        if cached is None or cached[0] != revision:
            cached = (revision, self._store.origins(entity))
            self._origins[entity] = cached
        return cached[1]

    # --- inside

    def _ad_hoc(self, formula: str, kpi: Kpi | None) -> tuple[Kpi, dict[str, Checked]]:
        """Return a definition for a formula that is not in the catalogue, and all formulas it needs."""
        checked = check(formula, self._scope, None if kpi is None else kpi.id)
        described = kpi or board.described(AD_HOC, formula, checked.unit)
        return described, {**self._formulas(checked.references), described.id: checked}

    def _load_definitions(self) -> None:
        self._settings = self._store.settings()
        self._catalog = Catalog({kpi.id: kpi for kpi in self._store.definitions()})
        years = self._settings.customer_lifespan_years
        overrides = {} if years is None else {"customer_lifespan": f"{years:g} YEARS"}
        if self._settings.revenue_source == "transactions":
            overrides["total_revenue"] = "SUM(purchases.amount) - SUM(refunds.amount)"
        row_sets = with_custom(self._custom.described(self._settings.timezone))
        self._scope = Scope(self._catalog.kpis, self._settings.currency, overrides, row_sets)
        self._checked.clear()
        self._engine = None

    def _formulas(self, kpi_ids: Iterable[str]) -> Mapping[str, Checked]:
        """Return the checked formulas of KPIs and of all they refer to."""
        waiting = list(kpi_ids)
        found: dict[str, Checked] = {}
        while waiting:
            kpi_id = waiting.pop()
            if kpi_id in found:
                continue
            if kpi_id not in self._checked:
                self._checked[kpi_id] = check(self._scope.formula(kpi_id), self._scope)
            found[kpi_id] = self._checked[kpi_id]
            waiting.extend(found[kpi_id].references)
        return found

    def effect_on_totals(self, batch: Batch) -> tuple[tuple[str, float | None, float | None], ...]:
        """Return what an import of deals does to the pipeline and to all revenue won so far: label, before, after."""
        if batch.frame.entity != "deals":
            return ()
        day = max(self.as_of, self.today)
        frame = self.history.as_answered(*self._store.folded(batch))
        after = Engine(lambda name: frame if name == "deals" else self.frame(name), self._settings, day)
        formulas = self._formulas(importing.TOTALS)
        return importing.totals((Engine(self.frame, self._settings, day), after), formulas, self._catalog.kpis, day)

    def _run(self, query: Query, formulas: Mapping[str, Checked], kpis: Mapping[str, Kpi]) -> Result:
        if query.last < query.first:
            raise QueryError(f"The last day {query.last} lies before the first day {query.first}. Swap them.")
        return self._current_engine().run(query, formulas, kpis)

    def _current_engine(self) -> Engine:
        key = (self.revision, self.as_of)
        if self._engine is None or self._engine[0] != key:
            settings = replace(self._settings, stages=self._stages())
            restated = self._store.restated_days()
            self._engine = (
                key,
                Engine(self.frame, settings, self.as_of, self.revision, restated, self.history.repeated),
            )
        return self._engine[1]

    def _stages(self) -> tuple[str, ...]:
        return self._settings.stages or self.history.stage_order(self._store.stage_order())
