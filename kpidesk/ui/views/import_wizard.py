"""The import wizard: File, Columns, Values, Import. Every answer reads the file again in the background; nothing is saved before the end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt, Signal, SignalInstance, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFileDialog, QWidget

from kpidesk.domain.change import Change
from kpidesk.domain.importing import Choices, ImportReport, Preview
from kpidesk.domain.problem import KpideskError
from kpidesk.ingest.file_names import by_kind, in_order
from kpidesk.present.numbers import plural
from kpidesk.ui.session import Session
from kpidesk.ui.view import View
from kpidesk.ui.views.import_steps import choosing
from kpidesk.ui.views.import_steps.choosing import Step
from kpidesk.ui.views.import_steps.columns_step import ColumnsStep
from kpidesk.ui.views.import_steps.drop_zone import FILTER
from kpidesk.ui.views.import_steps.file_step import FileStep, QueuedFile
from kpidesk.ui.views.import_steps.import_step import ImportStep
from kpidesk.ui.views.import_steps.preview_panel import PAGE
from kpidesk.ui.views.import_steps.problems_panel import unknown_stages
from kpidesk.ui.views.import_steps.stepper import Stepper
from kpidesk.ui.views.import_steps.task_card import TaskCard
from kpidesk.ui.views.import_steps.values_step import ValuesStep
from kpidesk.ui.views.import_steps.wizard_header import WizardHeader

if TYPE_CHECKING:
    from kpidesk.workspace import PendingImport

PREVIEW_TOPIC, ROWS_TOPIC = "import-preview", "import-rows"


class ImportWizardView(View):
    """`open` takes a path or several; without one the user chooses. `left` carries the id of an import to look at, or None."""

    title: ClassVar[str] = "Import data"
    icon: ClassVar[str] = "upload"
    redraw_on: ClassVar[Change] = Change.NONE
    see_dashboard = Signal()
    left = Signal(object)
    see_held = Signal(int)
    see_missing = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.step = Step.FILE
        self.choices = Choices()
        self.pending: PendingImport | None = None
        self.report: ImportReport | None = None
        self._currency = "GBP"
        self._files: list[QueuedFile] = []
        self._build()
        session.workspace_changed.connect(self.start_over)
        session.imported.connect(self._on_imported)
        session.import_undone.connect(self._on_undone)
        self._show()

    # --- from outside

    def open(self, argument: object) -> None:
        """Import the given path or paths one after the other."""
        paths = [argument] if isinstance(argument, (str, Path)) else argument
        if isinstance(paths, Sequence) and paths:
            self.take_files([Path(path) for path in paths])

    def take_files(self, paths: Sequence[Path]) -> None:
        """Queue files by kind and age, and begin with the first."""
        self.start_over()
        found = in_order(map(Path, paths))
        self._files = [QueuedFile(path) for path in found]
        if len(found) < 2:
            self._next_file()
            return
        self._show()
        self.task.run(  # names and file times say little of the age of old exports, the rows do
            lambda workspace, progress: by_kind(workspace.oldest_first(found, progress=progress)),
            self._have_order,
            lambda _: self._have_order(found),
            PREVIEW_TOPIC,
        )

    def _have_order(self, paths: Sequence[Path]) -> None:
        self.task.end()
        self._files = [QueuedFile(path) for path in paths]
        self._next_file()

    def start_over(self) -> None:
        """Forget the file that is being looked at; nothing of it was saved."""
        self.task.stop()
        self._files = []
        self.pending, self.report, self.choices, self.step = None, None, Choices(), Step.FILE
        self.preview_panel.first = 0
        self.file_step.show_nothing()
        self._show()

    @property
    def preview(self) -> Preview | None:
        """What is known of the file."""
        return None if self.pending is None else self.pending.preview

    @property
    def file_at_hand(self) -> str:
        """The name of the file that is being looked at and not yet imported, "" for none."""
        return "" if self._path is None or self.report is not None else self._path.name

    def go_up(self) -> bool:
        """Turn back one step; False on the first one and when the import is done."""
        if self.report is not None or self.step is Step.FILE:
            return False
        self._go(-1)
        return True

    # --- building

    def _build(self) -> None:
        self.header = WizardHeader(self.title)
        self.next, self.back, self.cancel = self.header.next, self.header.back, self.header.cancel
        self.header.remembering.connect(self._set_remember)
        self.header.forget.clicked.connect(self._forget)
        self.cancel.clicked.connect(self._leave)
        self.back.clicked.connect(lambda: self._go(-1))
        self.next.clicked.connect(self._forward)
        self.stepper = Stepper()
        self.stepper.chosen.connect(self.open_step)
        self.task = TaskCard(self.session, self)
        self.task.cancelled.connect(self._cancel_task)
        self.file_step, self.columns_step = FileStep(), ColumnsStep()
        self.values_step, self.import_step = ValuesStep(), ImportStep()
        self.columns, self.problems = self.columns_step.columns, self.columns_step.problems
        self.preview_panel, self.effect = self.columns_step.rows, self.columns_step.effect
        # Not a stack, which is as high as its highest page at a width: one page at a time decides how high the view is.
        self.pages = (self.file_step, self.columns_step, self.values_step, self.import_step)
        self.body.addWidget(self.header)
        self.body.addWidget(self.stepper)
        self.body.addWidget(self.task)
        for page in self.pages:
            self.body.addWidget(page, 1)
        self.file_step.choose.connect(self.choose_files)
        self.file_step.dropped.connect(self.take_files)
        self.file_step.choose_folder.connect(lambda: self.acted.emit("import_folder", ""))
        self.file_step.entity_chosen.connect(lambda name: self._choose(choosing.with_entity(self.choices, name)))
        self.file_step.sheet_chosen.connect(lambda name: self._choose(choosing.with_sheet(self.choices, name)))
        self.file_step.header_chosen.connect(lambda line: self._choose(choosing.with_header(self.choices, line)))
        self.file_step.skipped.connect(self._skip)
        self.columns.chosen.connect(self._match)
        self.problems.chosen.connect(self._choose)
        self.problems.show_values.connect(lambda: self.open_step(Step.VALUES))
        self.values_step.chosen.connect(self._choose)
        self.preview_panel.wanted.connect(self._ask_rows)
        self.import_step.dashboard.connect(self.see_dashboard)
        self.import_step.another.connect(self._another)
        self.import_step.undo.connect(self._undo)
        self.import_step.held.connect(lambda: self._go_to(self.see_held))
        self.import_step.missing.connect(lambda: self._go_to(self.see_missing))
        self.import_step.day_chosen.connect(self._set_day)

    def refresh(self) -> None:
        """Follow the text size; what is shown comes from the file and not from the workspace."""
        self.columns_step.arrange()

    # --- reading

    def choose_files(self) -> None:
        """Ask for files."""
        names, _ = QFileDialog.getOpenFileNames(self, "Choose CRM exports", "", FILTER)
        if names:
            self.take_files([Path(name) for name in names])

    def _next_file(self) -> None:
        place = next((number for number, file in enumerate(self._files) if file.state == "waiting"), None)
        if place is None:
            self.start_over()
            return
        self._files[place] = replace(self._files[place], state="now")
        self.pending, self.report, self.step = None, None, Step.FILE
        self.preview_panel.first = 0
        self._choose(Choices())

    @property
    def _path(self) -> Path | None:
        return next((file.path for file in self._files if file.state == "now"), None)

    def _choose(self, choices: Choices) -> None:
        """Take new choices and read the file again; the newest answer wins."""
        path = self._path
        if path is None:
            return
        self.choices = choices
        self.task.run(
            lambda workspace, progress: (workspace.read(path, choices, progress), workspace.settings.currency),
            partial(self._have_read, path),
            partial(self._could_not_read, path),
            PREVIEW_TOPIC,
        )

    def _have_read(self, path: Path, answer: "tuple[PendingImport, str]") -> None:
        if path != self._path:
            return  # it was let go while it was being read
        self.task.end()
        first = self.pending is None
        self.pending, self._currency = answer
        # What was remembered of this layout is part of the answer, so later changes build on it.
        self.choices = self.pending.preview.choices
        self._show()
        if first:
            self._offer_next()

    def _could_not_read(self, path: Path, error: KpideskError) -> None:
        if path != self._path:
            return
        self.task.end()
        self.pending = None
        self.step = Step.FILE
        self.file_step.show_failure(path, str(error), more_files=self._waiting > 0)
        self._show()

    @property
    def _today(self) -> date:
        workspace = self.session.workspace
        return date.max if workspace is None else workspace.today

    @property
    def _waiting(self) -> int:
        return sum(file.state == "waiting" for file in self._files)

    def _skip(self) -> None:
        """Leave a file that cannot be read and go on with the next."""
        self._mark_file("failed", "Could not be read")
        self._next_file()

    def _match(self, column: str, field: str) -> None:
        if self.preview is not None:
            self._choose(choosing.with_field(self.preview, self.choices, column, field or None))

    def _set_remember(self, checked: bool) -> None:
        if self.choices.remember != checked:
            self._choose(replace(self.choices, remember=checked))

    def _forget(self) -> None:
        """Forget what was remembered of such files, and read this one as if it were the first."""
        if (pending := self.pending) is not None:
            anew = Choices(sheet=self.choices.sheet, header_line=self.choices.header_line)
            self.task.run(
                lambda workspace, _: workspace.forget(pending), lambda _: self._choose(anew), self._not_imported
            )

    def _ask_rows(self, first: int) -> None:
        pending = self.pending
        if pending is None:
            return
        known = pending.preview.rows[first : first + PAGE]
        if len(known) == PAGE or first + len(known) >= pending.preview.row_count:
            self.preview_panel.show_rows(pending.preview, first, known, self._currency)
            return
        self.session.ask(
            self,
            lambda _workspace, _progress: pending.preview_rows(first, PAGE),
            lambda rows: self.preview_panel.show_rows(pending.preview, first, rows, self._currency),
            topic=ROWS_TOPIC,
        )

    # --- writing

    def _forward(self) -> None:
        if self.step is Step.IMPORT:
            self._import()
        else:
            self._go(1)

    def _import(self) -> None:
        pending = self.pending
        if pending is None or pending.preview.blocking:
            return
        self.next.setEnabled(False)
        self.task.run(
            lambda workspace, progress: workspace.commit(pending, progress),
            self._imported,
            self._not_imported,
            write=True,
        )

    def _imported(self, report: ImportReport) -> None:
        self.task.end()
        self.report = report
        self.session.imported.emit(report, self._path)
        self._mark_file("done", "Already imported" if report.already_imported else f"{report.effect.added:,} added")
        self._show()
        if report.batch is not None:
            self._look_again(report.batch)
        self.import_step.see.setFocus(Qt.FocusReason.OtherFocusReason)
        self._announce()

    def _not_imported(self, error: KpideskError) -> None:
        self.task.end()
        self.session.failed.emit(str(error))
        self._show()

    def _undo(self) -> None:
        report = self.report
        if report is None or report.batch is None:
            return
        batch = report.batch
        self.task.run(
            lambda workspace, progress: workspace.undo(batch, progress),
            lambda _change: self._undone(batch, report.preview.file_name),
            self._not_imported,
            write=True,
        )

    def _undone(self, batch: int, name: str) -> None:
        self.task.end()
        self.session.import_undone.emit(batch, name)

    @Slot(object, object)
    def _on_imported(self, report: ImportReport, path: object) -> None:
        """Show the newer report when the file that is shown was imported again elsewhere."""
        del path
        shown = self.report
        if shown is not None and shown is not report and shown.preview.file_hash == report.preview.file_hash:
            self.report = report
            self._show()

    @Slot(int, str)
    def _on_undone(self, batch: int, name: str) -> None:
        """Say so when the import that is shown was taken back, here or elsewhere."""
        del name
        if self.report is not None and self.report.batch == batch:
            self.import_step.show_undone(self.report.preview)
            self._announce()

    def _announce(self) -> None:
        """Tell the outcome to those who do not see it."""
        words = f"{self.import_step.title.text()}. {self.import_step.text.text()}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def _another(self) -> None:
        if self._waiting:
            self._next_file()
        else:
            self.start_over()

    def _mark_file(self, state: str, note: str) -> None:
        self._files = [replace(file, state=state, note=note) if file.state == "now" else file for file in self._files]

    def _go_to(self, page: SignalInstance) -> None:
        """Ask for a page about the import that was made."""
        if self.report is not None and self.report.batch is not None:
            page.emit(self.report.batch)

    def _set_day(self, day: date) -> None:
        """Say of which day the file is, before the import or after it."""
        report = self.report
        if report is None:
            self._choose(replace(self.choices, snapshot=day))
        elif (batch := report.batch) is not None:
            self.task.run(
                lambda workspace, progress: workspace.redate(batch, day, progress),
                lambda _: self._look_again(batch),
                self._not_imported,
                write=True,
            )

    def _look_again(self, batch: int) -> None:
        """Show what is known of the import that was made: of which day it is, and which open deals it lacks."""
        self.task.end()
        self.session.ask(
            self,
            lambda workspace, _: (
                next((one.snapshot for one in workspace.imports() if one.id == batch), None),
                sum(len(one.deals) for one in workspace.history.missing() if one.batch == batch),
            ),
            lambda known: self.import_step.details.show_known(known[0], known[1], self._today, self.session.read_only),
            topic="import details",
        )

    def _leave(self) -> None:
        self.start_over()
        self.left.emit(None)

    # --- tasks

    def _cancel_task(self) -> None:
        """Stop the task. A file that was never read is let go; otherwise the last answer stands."""
        self.task.stop()
        if self.pending is None:
            self.start_over()
        else:
            self.choices = self.pending.preview.choices
            self._show()

    # --- showing

    def _go(self, by: int) -> None:
        steps = list(Step)
        self.open_step(steps[min(max(0, steps.index(self.step) + by), len(steps) - 1)])

    def open_step(self, step: Step) -> None:
        """Turn to a step that can be reached."""
        if step in self._reachable():
            self.step = step
            self._show()
            self._offer_next()

    def _offer_next(self) -> None:
        """Put the focus where Enter goes on: the primary button, or what is to be mended first."""
        if self.next.isEnabled():
            self.next.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.back.setFocus(Qt.FocusReason.OtherFocusReason)

    def _reachable(self) -> set[Step]:
        if self.report is not None:
            return {Step.IMPORT}
        return {Step.FILE} if self.pending is None else set(Step)

    def _show(self) -> None:
        """Show everything that is known, on the page of the current step."""
        preview = self.preview
        self.file_step.show_queue(self._files)
        if self.pending is not None and preview is not None and self.report is None:
            if (path := self._path) is not None:
                self.file_step.show_preview(path, preview)
            self.columns_step.show_preview(preview, self.choices, self._currency)
            self.values_step.show_preview(preview, self.choices)
            self.import_step.show_preview(preview, self.pending.feeds, self._currency)
            self.import_step.details.show_known(preview.snapshot, 0, self._today)
        if self.report is not None:
            self.step = Step.IMPORT
            self.import_step.show_report(self.report, self._currency, more_files=self._waiting)
        for step, page in zip(Step, self.pages, strict=True):
            page.setVisible(step is self.step)
        self.stepper.show_steps(self.step, self._notes(), self._reachable())
        if preview is None:
            self.header.show_nothing()
        else:
            remembered = self.pending is not None and self.pending.remembered
            self.header.show_file(
                preview, self.step, remember=self.choices.remember, remembered=remembered, done=self.report is not None
            )

    def _notes(self) -> dict[Step, str]:
        preview = self.preview
        if preview is None:
            return {Step.FILE: "Choose a file" if self._path is None else self._path.name}
        unknown = len(unknown_stages(preview))
        checks = sum(row.field is not None and bool(row.severity) for row in preview.matches)
        columns = plural(len(preview.matches), "column") + (f", {checks:,} to check" if checks else "")
        stages = choosing.tally(preview.problems, unknown_stages=unknown)
        rows = plural(preview.row_count, "row")
        return {Step.FILE: preview.file_name, Step.COLUMNS: columns, Step.VALUES: stages, Step.IMPORT: rows}
