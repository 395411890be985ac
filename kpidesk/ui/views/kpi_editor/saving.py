"""What changes numbers: saving a definition, putting it on the dashboard, retiring it, and the way back from each."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from kpidesk.domain.change import Change
from kpidesk.domain.kpi import MOST_ACTIVE, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import KpideskError
from kpidesk.insight.quality import vanity
from kpidesk.present.editor import KpiList, Restatement, RevisionLine
from kpidesk.present.texts import lower_first
from kpidesk.ui.session import Session
from kpidesk.ui.views.kpi_editor.sheets import HistorySheet, RestatementSheet, RetireSheet, VanitySheet

if TYPE_CHECKING:
    from kpidesk.workspace import Workspace
    from kpidesk.workspace.editing import Saved


_MOST_UNDO = 100


class Saving(QObject):
    """Asks before it writes where that is due.

    `released` carries the id of the definition to show from the file now, "" for any; `refused` the sentence why nothing was saved.
    """

    released = Signal(str)
    refused = Signal(str)
    went_back = Signal(object)  # an earlier version, as a draft

    def __init__(self, session: Session, over: QWidget) -> None:
        super().__init__(over)
        self._session = session
        self._over = over
        self._done: list[Saved] = []

    def discard(self, draft: Kpi, saved: Kpi | None) -> None:
        """Forget a draft; it can be had back."""
        words = f"Discarded the changes to {draft.name.strip() or 'the new KPI'}"

        def bring_back() -> None:
            self._write(lambda workspace: workspace.editor.keep(draft), lambda _: self.released.emit(draft.id))

        def after(_: object) -> None:
            self.released.emit("" if saved is None else draft.id)
            self._session.noted.emit(words, bring_back)

        self._write(lambda workspace: workspace.editor.discard(draft.id), after)

    def save(self, draft: Kpi, saved: Kpi | None) -> None:
        """Save a draft; where the formula changed, after a look at what that does to the past."""
        if saved is None or saved.formula == draft.formula:
            self._save(draft)
            return

        def open_sheet(found: Restatement) -> None:
            sheet = RestatementSheet(draft.name, self._over)
            sheet.show_restatement(found)
            sheet.asked.connect(lambda grain: self._restate(draft, Grain(grain), sheet.show_restatement))
            sheet.agreed.connect(lambda: self._save(draft))
            sheet.open()

        self._restate(draft, Grain.YEAR, open_sheet)

    def join(self, draft: Kpi, listed: KpiList | None, suggestion: str, *, ready: bool) -> None:
        """Put a draft on the dashboard.

        When it is `ready`, ask first for an action where none is clear, `suggestion` being a better one, and then which KPI makes
        room where seven are there.
        """
        if not ready or not vanity(draft):
            self._find_room(draft, listed, ready=ready)
            return

        def answered(words: str) -> None:
            self._find_room(replace(draft, action=words) if words else draft, listed, ready=True)

        sheet = VanitySheet(draft.name, draft.action, suggestion, self._over)
        sheet.answered.connect(answered)
        sheet.open()

    def _find_room(self, draft: Kpi, listed: KpiList | None, *, ready: bool) -> None:
        if not ready or listed is None or listed.slots < MOST_ACTIVE:
            self._join(draft, "")
            return
        sheet = RetireSheet(draft.name, (*listed.leading, *listed.lagging), self._over)
        sheet.chosen.connect(lambda other: self._join(draft, other))
        sheet.open()

    def retire(self, kpi_id: str) -> None:
        """Take a KPI off the dashboard."""
        self._write(lambda workspace: workspace.editor.retire(kpi_id), self._after)

    def show_versions(self, kpi: Kpi) -> None:
        """Show the versions of a KPI."""
        self._session.ask(
            self,
            lambda workspace, _: workspace.editor.history(kpi.id),
            lambda lines: self._open_versions(kpi, lines),
            topic="kpi versions",
        )

    def _open_versions(self, kpi: Kpi, lines: "tuple[RevisionLine, ...]") -> None:
        sheet = HistorySheet(kpi.name, lines, self._over, self._session.read_only)
        sheet.chosen.connect(lambda number: self._go_back(kpi.id, number))
        sheet.open()

    def _go_back(self, kpi_id: str, number: int) -> None:
        self._session.ask(
            self, lambda workspace, _: workspace.editor.earlier(kpi_id, number), self.went_back.emit, self._refuse
        )

    # --- undo

    @property
    def undoable(self) -> str:
        """What was saved last."""
        return "saved change" if self._done and not self._session.read_only else ""

    def undo(self) -> None:
        """Take back what was saved last."""
        if self._done:
            self._take_back(self._done[-1])

    def forget(self) -> None:
        """Forget what was saved, as when another workspace is opened."""
        self._done.clear()

    # --- inside

    def _save(self, draft: Kpi) -> None:
        self._write(lambda workspace: workspace.editor.save(draft), self._after)

    def _join(self, draft: Kpi, instead_of: str) -> None:
        self._write(lambda workspace: workspace.editor.join(draft, instead_of), self._after)

    def _restate(self, draft: Kpi, grain: Grain, done: Callable[[Restatement], None]) -> None:
        self._session.ask(
            self,
            lambda workspace, _: workspace.editor.restatement(draft, grain),
            done,
            self._refuse,
            topic="kpi past",
        )

    def _after(self, saved: "Saved") -> None:
        self._done = [*self._done[1 - _MOST_UNDO :], saved]
        self.released.emit(saved.kpi)
        self._session.noted.emit(saved.words, lambda: self._take_back(saved))

    def _take_back(self, saved: "Saved") -> None:
        if saved in self._done:
            self._done.remove(saved)
            back = saved.kpi if saved.draft is None else saved.draft.id

            def after(_: object) -> None:
                self.released.emit(back)
                self._session.noted.emit(f"Taken back: {lower_first(saved.words)}", None)

            self._write(lambda workspace: workspace.editor.take_back(saved), after)

    def _write(self, work: "Callable[[Workspace], object]", done: "Callable[..., None]") -> None:
        self._session.write(self, lambda workspace, _: work(workspace), done, self._refuse, change=Change.DEFINITIONS)

    def _refuse(self, error: KpideskError) -> None:
        self.refused.emit(str(error))
