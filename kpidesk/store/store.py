"""The workspace file behind one object: settings, definitions, imports and current rows."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from kpidesk.domain.absence import Absence, Answer
from kpidesk.domain.change import Change
from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.entity import entity as entity_of
from kpidesk.domain.goal import Goal, GoalRevision
from kpidesk.domain.importing import BatchInfo, Choices, Effect, HeldRow
from kpidesk.domain.kpi import Kpi, Revision
from kpidesk.domain.note import Note
from kpidesk.domain.problem import WorkspaceError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.domain.settings import Settings
from kpidesk.domain.snapshot import Snapshot
from kpidesk.frame import Batch, Frame, Sighting, TextColumn
from kpidesk.store import absences, columns, definitions, fold, goals, imports, learnt, notes, repairs, restated, rows
from kpidesk.store.connection import Database, write_copy
from kpidesk.store.fold import Content, Laid, State
from kpidesk.store.origins import Origins, origins


class Store:
    """One open workspace file. Rows are kept per import and as their fold; every write is one transaction.

    Any method may raise WorkspaceError: the file is locked by another program, its disk is full or gone, it is damaged.
    """

    def __init__(self, db: Database, *, read_only: bool) -> None:
        self.path = db.path
        self.read_only = read_only
        self._db = db
        self._seen: dict[str, int] = {}
        # The state of one entity between looking at an import and making it: (entity, rows revision, state).
        self._kept: tuple[str, int, State] | None = None
        # The rows of the import that was looked at last: (import, revision of the file, (source, rows)).
        self._contents: tuple[Batch, int, tuple[str, Content]] | None = None

    @classmethod
    def create(cls, path: Path, settings: Settings, kpis: Sequence[Kpi]) -> Self:
        """Make a new file with settings and definitions, all of it or nothing."""
        db = Database.create(path)
        try:
            with db.transaction():
                db.build()
                definitions.put_settings(db, settings)
                definitions.put_definitions(db, kpis)
        except BaseException:
            db.close()
            path.unlink(missing_ok=True)
            raise
        return cls(db, read_only=False)

    @classmethod
    def open(cls, path: Path, *, read_only: bool = False) -> Self:
        """Open a file, read only where it cannot be written; WorkspaceError when it is missing, foreign, newer, damaged or locked."""
        read_only = read_only or not Database.may_write(path)
        return cls(Database.open(path, read_only=read_only), read_only=read_only)

    def close(self) -> None:
        """Close the file. Further calls fail."""
        self._db.close()

    # --- revisions

    def revision(self) -> int:
        """Return a number that grows with every write."""
        return self._counter("revision")

    def rows_revision(self, entity: str) -> int:
        """Return a number that grows whenever the rows of an entity may have changed."""
        return self._counter(f"rows:{entity}")

    def _counter(self, name: str) -> int:
        row = self._db.row("SELECT value FROM state WHERE name = ?", (name,))
        return 0 if row is None else int(row[0])

    def _count(self, *names: str) -> None:
        statement = "INSERT INTO state VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = value + 1"
        self._db.run_many(statement, [(name,) for name in names])

    @contextmanager
    def _writing(self, *counters: str, seen: str | None = None) -> Iterator[None]:
        """Write in one transaction and count it; refuse when another program has written what `seen` names since it was read here."""
        if self.read_only:
            raise WorkspaceError(
                f"{self.path.name} is open for reading only. Nothing was changed. Save a copy to work on."
            )
        with self._db.transaction():
            if seen is not None and self._counter(seen) != self._seen.get(seen, self._counter(seen)):
                raise WorkspaceError(
                    f"The {seen} of {self.path.name} were changed by another program after they were read here. "
                    "Nothing was changed. Close the workspace, open it again and repeat the change."
                )
            yield
            self._count(*counters)
        if seen is not None:
            self._seen[seen] = self._counter(seen)

    # --- settings, definitions

    def settings(self) -> Settings:
        """Return the settings."""
        self._seen["settings"] = self._counter("settings")
        return definitions.settings(self._db)

    def save_settings(self, settings: Settings) -> Change:
        """Save all settings."""
        with self._writing("revision", "settings", seen="settings"):
            definitions.put_settings(self._db, settings)
        return Change.SETTINGS

    def definitions(self) -> tuple[Kpi, ...]:
        """Return the newest revision of every definition, in the order they were made."""
        self._seen["definitions"] = self._counter("definitions")
        return definitions.definitions(self._db)

    def save_definition(self, *kpis: Kpi, at: datetime | None = None, finished: str = "") -> Change:
        """Save definitions together, each as its next revision in force from `at`, and forget the draft of the KPI `finished`."""
        with self._writing("revision", "definitions", seen="definitions"):
            definitions.put_definitions(self._db, kpis, at)
            definitions.remove_draft(self._db, finished)
        return Change.DEFINITIONS

    def revisions(self, kpi_id: str) -> tuple[Revision, ...]:
        """Return every saved state of a definition, oldest first."""
        return definitions.revisions(self._db, kpi_id)

    def in_force_since(self) -> dict[str, datetime]:
        """Return for every KPI when its newest revision was saved."""
        return definitions.in_force_since(self._db)

    def drafts(self) -> tuple[Kpi, ...]:
        """Return the definitions that were begun and not yet saved."""
        return definitions.drafts(self._db)

    def save_draft(self, kpi: Kpi) -> None:
        """Keep a definition that is not finished. Numbers do not depend on it."""
        with self._writing():
            definitions.put_draft(self._db, kpi)

    def remove_draft(self, kpi_id: str) -> None:
        """Forget the draft of a definition."""
        with self._writing():
            definitions.remove_draft(self._db, kpi_id)

    def remove_definition(self, kpi_id: str) -> Change:
        """Take a definition out of use; its revisions are kept."""
        with self._writing("revision", "definitions", seen="definitions"):
            definitions.remove_definition(self._db, kpi_id)
        return Change.DEFINITIONS

    def goals(self) -> tuple[Goal, ...]:
        """Return the goals that stand, by quarter and then in the order in which they were made."""
        self._seen["goals"] = self._counter("goals")
        return goals.goals(self._db)

    def save_goal(self, goal_id: str, goal: Goal | None, at: datetime) -> Change:
        """Save a goal as its next state, or with None that there is none any more."""
        with self._writing("revision", "goals", seen="goals"):
            goals.put(self._db, goal_id, goal, at)
        return Change.DEFINITIONS

    def goal_revisions(self, goal_id: str) -> tuple[GoalRevision, ...]:
        """Return every saved state of a goal, oldest first."""
        return goals.revisions(self._db, goal_id)

    def notes(self) -> tuple[Note, ...]:
        """Return all notes, by day."""
        return notes.notes(self._db)

    def save_note(self, note: Note) -> Change:
        """Save a note."""
        with self._writing("revision"):
            notes.put(self._db, note)
        return Change.DEFINITIONS

    def remove_note(self, note_id: str) -> Change:
        """Forget a note."""
        with self._writing("revision"):
            notes.remove(self._db, note_id)
        return Change.DEFINITIONS

    # --- what imports taught

    def remember(self, signature: str, choices: Choices) -> None:
        """Keep the choices made for a layout of columns."""
        with self._writing():
            learnt.remember(self._db, signature, choices)

    def recall(self, signature: str) -> Choices | None:
        """Return the choices made for a layout, or for one that is nearly the same; None when it is new."""
        return learnt.recall(self._db, signature)

    def forget(self, signature: str) -> None:
        """Forget the choices that would be recalled for a layout."""
        with self._writing():
            learnt.forget(self._db, signature)

    def stage_status(self) -> dict[str, str]:
        """Return what the user said of stages: stage -> open, won or lost."""
        return learnt.stage_status(self._db)

    def stage_order(self) -> tuple[str, ...]:
        """Return the open stages in the order learnt from imports."""
        return learnt.stage_order(self._db)

    def source_columns(self, entity: str) -> dict[str, str]:
        """Return the header of the column that last fed each field of an entity, as far as its imports noted it."""
        return learnt.source_columns(self._db, entity)

    # --- imports

    def find_batch(self, batch: Batch) -> BatchInfo | None:
        """Return the standing import of the same file, sheet and entity under the same reading; None when there is none."""
        _, content = self._content(batch)
        number = imports.twin(self._db, batch, content)
        return None if number is None else imports.batches(self._db, number)[0]

    def may_be_of(self, batch: Batch, day: date) -> bool:
        """Whether a file may have been exported on a day, going by the rows of its source that are known to have begun by then.

        It must show more than half of them, and of something that is known at all. To be older than what stands it must also lack
        every row that began later, and there must be one: a current export with a corrected date is else taken for an old one,
        and the correction lost.
        """
        source, content = self._content(batch)
        entity, number = batch.frame.entity, imports.day_number(day)
        state = self._state(entity)
        shown = fold.find(state.keys, content.keys)
        known = imports.begun(self._db, entity, source, state, None)
        begun = imports.begun(self._db, entity, source, state, number)
        if known.size and 2 * int(np.count_nonzero(np.isin(begun, shown))) <= len(begun):
            return False
        if not columns.newer(self._db, entity, number):
            return True
        later = np.setdiff1d(known, begun)
        return bool(later.size) and not np.isin(later, shown).any()

    def effect(self, batch: Batch) -> Effect:
        """Return what an import would do, without doing it. A file that was imported already changes nothing."""
        _, content = self._content(batch)
        if imports.twin(self._db, batch, content) is not None:
            return Effect(unchanged=len(batch.keys), held=len(batch.held))
        return imports.effect_of(self._laid(batch, 0, content), len(batch.held))

    def folded(self, batch: Batch) -> tuple[Frame, npt.NDArray[np.object_], frozenset[str]]:
        """Return the current rows as they would be after an import, their keys, and which of these the import has."""
        _, content = self._content(batch)
        known = imports.twin(self._db, batch, content) is not None
        state = self._state(batch.frame.entity) if known else self._laid(batch, 0, content).state
        return _frame(batch.frame.entity, state), state.keys, frozenset(content.keys.tolist())

    def write(
        self,
        batch: Batch,
        *,
        imported_at: datetime,
        choices: Choices,
        also: Sequence[tuple[Batch, Choices]] = (),
        part_of: int | None = None,
        progress: Progress = SILENT,
    ) -> BatchInfo:
        """Save an import in one transaction; CancelledError or any failure leaves everything as it was.

        `also` are further tables that its file feeds, each with how it was read; `part_of` says that this is such a one.
        """
        name = batch.frame.entity
        with self._writing("revision", f"rows:{name}", *(f"rows:{one.frame.entity}" for one, _ in also)):
            number, state = self._put(batch, imported_at, choices, part_of, progress)
            for one, read_as in also:
                self._put(one, imported_at, read_as, number, progress)
        self._kept = (name, self.rows_revision(name), state)
        self._contents = None
        return imports.batches(self._db, number)[0]

    def _put(
        self, batch: Batch, imported_at: datetime, choices: Choices, part_of: int | None, progress: Progress
    ) -> tuple[int, State]:
        name = batch.frame.entity
        before = self._state(name)
        source, content = self._content(batch)
        last = self._db.row("SELECT coalesce(max(id), 0) FROM batches")
        number = 1 if last is None else int(last[0]) + 1
        dated = replace(batch, snapshot=imports.snapshot(batch, imported_at))
        laid = self._laid(dated, number, content, progress)
        effect = imports.effect_of(laid, len(batch.held))
        reading = columns.put_content(self._db, name, number, content, progress)
        columns.put_replaced(self._db, name, number, batch.replaced)
        imports.record(self._db, number, source, dated, reading, effect, imported_at, choices, part_of)
        columns.put_state(self._db, name, before, laid.state)
        rows.put(self._db, name, laid.state, laid.touched, progress)
        repairs.mark_repaired(self._db, batch.repaired, number)
        if name == "deals":
            restated.put(self._db, restated.days_left(before, laid.state))
        return number, laid.state

    def undo(self, batch_id: int, *, undone_at: datetime, progress: Progress = SILENT) -> Change:
        """Take an import back, with its parts and what was repaired of it: the current rows become the fold of what remains.

        Imports can be undone in any order.
        """
        return self._relay(
            batch_id, partial(imports.mark_undone, undone_at=undone_at), progress, "Taking the import back"
        )

    def redate(self, batch_id: int, seen: Snapshot, *, progress: Progress = SILENT) -> Change:
        """Give an import, its parts and what was repaired of it another day: they then lie where that day puts them."""
        return self._relay(batch_id, partial(imports.redate, seen=seen), progress, "Ordering the imports anew")

    def _relay(
        self, batch_id: int, change: Callable[[Database, Iterable[int]], None], progress: Progress, work: str
    ) -> Change:
        """Change a standing import and all that stands and falls with it, then lay the imports of its tables over each other again."""
        with self._writing("revision"):
            family = imports.family(self._db, batch_id)
            if not family:
                raise WorkspaceError("This import was undone already, or never was. Nothing was changed.")
            before = {name: self._state(name) for name in family.values()}
            change(self._db, family)
            for name, was in before.items():
                after = fold.fold(self._standing(name, progress, work))
                columns.put_state(self._db, name, None, after)
                rows.put(self._db, name, after, fold.differing(was, after), progress)
                if name == "deals":
                    restated.put(self._db, ())
                self._count(f"rows:{name}")
        self._kept = (name, self.rows_revision(name), after)
        return Change.ROWS | Change.IMPORTS

    def batches(self) -> tuple[BatchInfo, ...]:
        """Return all imports, oldest first, undone ones included."""
        return imports.batches(self._db)

    def restated_days(self) -> tuple[int, ...]:
        """Return the days (since 1970-01-01) that lost a won deal with the newest import of deals, as reopened deals do."""
        return restated.days(self._db)

    def held(self, batch_id: int) -> tuple[HeldRow, ...]:
        """Return the rows of an import that could not be read."""
        return imports.held(self._db, batch_id)

    def choices(self, batch_id: int) -> Choices:
        """Return how the file of an import was read."""
        return imports.choices(self._db, batch_id)

    def superseded(self, batch: Batch) -> tuple[bool, ...]:
        """Return which repaired rows a later import, or a later line of the same file, has brought already."""
        assert batch.repairs is not None  # noqa: S101 - only repaired rows can be
        _, content = self._content(batch)
        return tuple(repairs.superseded(self._db, batch.repairs, batch.frame.entity, content).tolist())

    def dismiss(self, held: Sequence[int], *, dismissed: bool) -> Change:
        """Set held rows aside, or bring them back; they are kept either way."""
        with self._writing("revision"):
            repairs.dismiss(self._db, held, dismissed=dismissed)
        return Change.IMPORTS

    # --- deals that a newer import lacks

    def absences(self) -> tuple[Absence, ...]:
        """Return the answers that stand."""
        return absences.standing(self._db)

    def answer_absence(
        self, batch_id: int, keys: Sequence[str] | None, answer: Answer, *, answered_at: datetime
    ) -> tuple[int, ...]:
        """Keep what became of deals that an import of deals lacks, None for all of them; returns the ids of the answers."""
        with self._writing("revision", "rows:deals"):
            return absences.put(self._db, batch_id, keys, answer, answered_at)

    def take_back_answers(self, numbers: Sequence[int], *, undone_at: datetime) -> Change:
        """Take answers back, all or none."""
        with self._writing("revision", "rows:deals"):
            if not all(absences.take_back(self._db, number, undone_at) for number in numbers):
                raise WorkspaceError("This answer was taken back already, or never was. Nothing was changed.")
        return Change.ROWS

    def keys(self, entity: str) -> npt.NDArray[np.object_]:
        """Return the natural keys of the current rows, shape (rows,)."""
        return columns.keys(self._db, entity)

    # --- current rows

    def frame(self, entity: str, fields: Collection[str] | None = None) -> Frame:
        """Return the current rows of an entity; columns only for fields that an import has brought, and of these only `fields`."""
        if self._kept is not None and self._kept[:2] == (entity, self.rows_revision(entity)):
            found = _frame(entity, self._kept[2])
            self._kept = None  # the frame is what stays in memory: keys are needed for imports only
            if fields is None:
                return found
            return Frame(entity, found.rows, {name: one for name, one in found.columns.items() if name in fields})
        return Frame(entity, self.counts()[entity], columns.fields(self._db, entity, fields))

    def sightings(self, entity: str, fields: Collection[str]) -> tuple[Sighting, ...]:
        """Return what every standing import of an entity saw of some fields, oldest snapshot first."""
        return tuple(columns.sightings(self._db, entity, fields))

    def fields(self, entity: str) -> tuple[str, ...]:
        """Return the names of the fields that imports of an entity brought."""
        return columns.names(self._db, entity)

    def extras(self, entity: str) -> tuple[str, ...]:
        """Return the extra columns kept for an entity."""
        return columns.extras(self._db, entity)

    def extra_columns(self, entity: str) -> dict[str, TextColumn]:
        """Return the extra columns of the current rows of an entity, and by way of example those of undone imports."""
        return columns.extra_columns(self._db, entity)

    def counts(self) -> dict[str, int]:
        """Return the number of current rows by entity."""
        return rows.counts(self._db)

    def provenance(self, entity: str) -> tuple[tuple[str, str, str, int], ...]:
        """Return for every current row the file that it got its present cells from, its hash, the sheet and the line."""
        return imports.origins(self._db, entity)

    def origins(self, entity: str) -> Origins:
        """Return where every row of the standing imports of `entity` stands, replaced and held ones included."""
        return origins(self._db, entity)

    def save_copy(self, path: Path) -> None:
        """Write a copy; a file of that name is replaced only when the copy is whole."""
        write_copy(self._db, path)

    def faults(self, progress: Progress = SILENT) -> tuple[str, ...]:
        """Return a sentence for everything in the file that does not fit together; empty when all is well.

        Reads every page, and holds the current rows of each entity against what its imports add up to.
        """
        progress.report("Reading every page")
        pages = [str(row[0]) for row in self._db.rows("PRAGMA integrity_check(5)")]
        found = [f"A page of the file is damaged: {one}." for one in pages if one != "ok"]
        loose = self._db.rows("PRAGMA foreign_key_check")
        if loose:
            found.append(f"Entries that belong to an import which is not in the file: {len(loose):,}.")
        for number, one in enumerate(ENTITIES):
            progress.report(f"Adding up imports of {one.label.lower()}", number, len(ENTITIES))
            kept, told = columns.state(self._db, one.name), fold.fold(self._standing(one.name, SILENT))
            differing = len(fold.differing(kept, told)) + max(kept.rows - told.rows, 0)
            if differing:
                found.append(f"Rows of {one.label.lower()} that are not what their imports add up to: {differing:,}.")
            unlike = rows.differing(self._db, one.name, kept, progress)
            if unlike:
                found.append(f"Rows of the table of {one.label.lower()} that another program changed: {unlike:,}.")
        return tuple(found)

    # --- inside

    def _state(self, entity: str) -> State:
        revision = self.rows_revision(entity)
        if self._kept is None or self._kept[:2] != (entity, revision):
            self._kept = (entity, revision, columns.state(self._db, entity))
        return self._kept[2]

    def _content(self, batch: Batch) -> tuple[str, Content]:
        revision = self.revision()
        if self._contents is None or self._contents[0] is not batch or self._contents[1] != revision:
            if batch.repairs is not None:
                found = repairs.content_of(self._db, batch.repairs, batch)
            else:
                found = imports.content_of(self._db, batch, self._state(batch.frame.entity))
            self._contents = (batch, revision, found)
        return self._contents[2]

    def _laid(self, batch: Batch, number: int, content: Content, progress: Progress = SILENT) -> Laid:
        """Lay an import where the day of its snapshot puts it: over older ones and those of the same day, under newer ones."""
        name, seen = batch.frame.entity, batch.snapshot
        before = self._state(name)
        newer = [] if seen is None else columns.newer(self._db, name, imports.day_number(seen.day))
        if not newer:
            return fold.lay(before, number, content)

        def contents() -> Iterator[tuple[int, Content]]:
            for known, rows_of in self._standing(name, progress, "Laying newer imports over it"):
                if known == newer[0]:
                    yield number, content
                yield known, rows_of

        return fold.beneath(before, fold.fold(contents()), content)

    def _standing(self, entity: str, progress: Progress, work: str = "") -> Iterator[tuple[int, Content]]:
        numbers = columns.standing(self._db, entity)
        for place, number in enumerate(numbers):
            progress.report(work, place, len(numbers))
            yield number, columns.content(self._db, entity, number)


def _frame(entity: str, state: State) -> Frame:
    names = (name for name in entity_of(entity).field_names if name in state.fields)
    return Frame(entity, state.rows, {name: state.fields[name] for name in names})
