"""KPIs: the list of definitions, the form of one, and beside it what it comes to and what is still lacking."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from kpidesk.domain.kpi import Display, Kpi
from kpidesk.domain.problem import KpideskError
from kpidesk.present.editor import KpiList, Offer, Preview
from kpidesk.ui.session import Session
from kpidesk.ui.theme import SIDE_BY_SIDE, scaled, text_size
from kpidesk.ui.view import View
from kpidesk.ui.views.kpi_editor.form import DefinitionForm
from kpidesk.ui.views.kpi_editor.head import EditorHead
from kpidesk.ui.views.kpi_editor.kpi_list import KpiListPanel
from kpidesk.ui.views.kpi_editor.preview_panel import PreviewPanel
from kpidesk.ui.views.kpi_editor.quality_panel import QualityPanel
from kpidesk.ui.views.kpi_editor.saving import Saving

if TYPE_CHECKING:
    from kpidesk.workspace import Workspace
    from kpidesk.workspace.editing import Offers

_SETTLES_MS = 200  # after the last key, so that typing is not followed by a question for every letter
_LIST, _SIDE, _MOST_UNDO = 236, 340, 100


class KpisView(View):
    """Holds the draft of one definition. It saves as it changes; only Save, Add and Retire change numbers."""

    ready = Signal()  # what can be done with the definition that is open may have changed
    drafting = Signal(bool)  # whether the definition that is open has changes that are not saved

    title: ClassVar[str] = "KPIs"
    icon: ClassVar[str] = "target"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.draft: Kpi | None = None
        self.saved: Kpi | None = None
        self.listed: KpiList | None = None
        self.shown: Preview | None = None
        self._wanted = ""
        self._part = ""  # the part of the form that is to have the focus once the KPI is shown
        self._valid = ""  # the last formula of the draft that had a meaning
        self._fresh = False  # a new definition whose format and review follow its formula
        self._unkept = False  # whether the draft has edits that are not in the file yet
        self._past: list[Kpi] = []
        self._settle = QTimer(self, singleShot=True, interval=_SETTLES_MS)
        self._settle.timeout.connect(self.keep)
        self.header = EditorHead()
        self.header.done.connect(self._do)
        self._saving = Saving(session, self)
        self._saving.released.connect(self._on_released)
        self._saving.refused.connect(self._on_refused)
        self._saving.went_back.connect(self._on_went_back)
        self.list = KpiListPanel()
        self.form = DefinitionForm(self._ask_help)
        self.preview, self.quality = PreviewPanel(), QualityPanel()
        self.list.chosen.connect(self.open_kpi)
        self.list.taken.connect(self._take)
        self.quality.taken.connect(self._take)
        self.form.edited.connect(self._on_edited)
        self.quality.chosen.connect(self.form.focus_on)
        self.preview.chart.dragged.connect(lambda to, limit: self.form.targets.bar.move_to(to, limit=limit))
        self.preview.opened.connect(lambda kpi: self.acted.emit("kpi", kpi))
        self.preview.asked.connect(session.show_working)
        self._side = QWidget()
        side = QVBoxLayout(self._side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(12)
        side.addWidget(self.preview)
        side.addWidget(self.quality, 1)
        self._grid = QGridLayout()
        self._grid.setSpacing(12)
        self.body.addWidget(self.header)
        self.body.addLayout(self._grid, 1)
        self._arrange()
        self._dress()
        session.workspace_changed.connect(self._on_workspace)
        session.closing.connect(self._put_away)

    def _do(self, name: str) -> None:
        acts = {
            "discard": self._discard,
            "versions": self.show_versions,
            "retire": self.retire_shown,
            "new": self.new,
            "join": self.join,
        }
        acts.get(name, self.save)()

    def _arrange(self) -> None:
        """Three columns; with large text the preview goes under the form."""
        large = text_size() > SIDE_BY_SIDE
        for part in (self.list, self.form, self._side):
            self._grid.removeWidget(part)
        self.list.setFixedWidth(scaled(_LIST))
        self._side.setMinimumWidth(0)
        self._side.setMaximumWidth(16_777_215 if large else scaled(_SIDE))
        if not large:
            self._side.setMinimumWidth(scaled(_SIDE))
        self._grid.addWidget(self.list, 0, 0, 2 if large else 1, 1)
        self._grid.addWidget(self.form, 0, 1)
        self._grid.addWidget(self._side, 1 if large else 0, 1 if large else 2)
        self._grid.setColumnStretch(1, 1)

    # --- opening

    def open(self, argument: object) -> None:
        """Open the KPI whose id is `argument`, "id/part" at a part of the form, or with "new" begin one."""
        if argument == "new":
            self.new()
        elif isinstance(argument, str) and argument:
            self.open_kpi(*argument.split("/", 1))

    def open_kpi(self, kpi_id: str, part: str = "") -> None:
        """Show the draft of a KPI, or its definition."""
        self.keep()
        self._wanted, self._part = kpi_id, part
        self.make_stale()

    def _take(self, offer: Offer) -> None:
        """Do what an advice offers."""
        match offer.act:
            case "retire":
                self.keep()
                self._saving.retire(offer.kpi)
            case "open":
                self.open_kpi(offer.kpi)
            case part:
                self.open_kpi(offer.kpi, part)

    def try_out(self, kpi: Kpi) -> None:
        """Show what a definition would come to, without keeping it."""
        self.draft = kpi
        self.form.show_kpi(kpi)
        self._dress()
        self._look()

    def new(self) -> None:
        """Begin a definition."""
        if self.session.read_only:
            return
        self.keep()
        self.session.ask(
            self,
            lambda workspace, _: (workspace.editor.blank(), workspace.editor.offers()),
            self._begin,
            topic="kpi start",
        )

    def _begin(self, found: "tuple[Kpi, Offers]") -> None:
        kpi, offers = found
        self._offer(offers)
        self._wanted = kpi.id
        self._show(kpi, None)
        self._unkept = True
        self.keep()
        self.session.ask(self, lambda workspace, _: workspace.editor.listing(), self._show_list, topic="kpi list")
        self.form.focus_on("name")

    def refresh(self) -> None:
        """Ask for the list, what can be chosen from, and the definition that is open."""
        self._arrange()
        wanted = self._wanted

        def work(workspace: "Workspace", _: object) -> "tuple[KpiList, Offers, Kpi | None, Kpi | None]":
            editor = workspace.editor
            listed = editor.listing()
            shown = [one.id for one in (*listed.leading, *listed.lagging, *listed.drafts)]
            chosen = wanted or (shown[0] if shown else "win_rate")
            try:
                draft: Kpi | None = editor.start(chosen)
            except KpideskError:
                draft = None
            return listed, editor.offers(), draft, workspace.catalog.kpis.get(chosen)

        self.session.ask(self, work, self._show_all, topic="kpis")

    def _show_all(self, found: "tuple[KpiList, Offers, Kpi | None, Kpi | None]") -> None:
        listed, offers, draft, saved = found
        self._show_list(listed)
        self._offer(offers)
        if draft is not None and not (self._unkept and self.draft is not None and self.draft.id == draft.id):
            self._show(draft, saved)
        elif draft is None:
            self._wanted = ""

    def _show_list(self, listed: KpiList) -> None:
        self.listed = listed
        self.list.show_list(listed)

    def _offer(self, offers: "Offers") -> None:
        workspace = self.session.workspace
        if workspace is not None:
            self.form.offer(
                workspace.settings.currency,
                offers.owners,
                offers.goals,
                offers.leading,
                offers.lagging,
                workspace.as_of,
            )

    def _show(self, kpi: Kpi, saved: Kpi | None) -> None:
        if self.draft is None or self.draft.id != kpi.id:
            self._past.clear()
            self._valid = kpi.formula
            self._fresh = saved is None and not kpi.formula
        self._wanted, self.draft, self.saved = kpi.id, kpi, saved
        self.list.mark(kpi.id)
        self.form.show_kpi(kpi)
        self.form.refuse("")
        self.form.setEnabled(not self.session.read_only)
        self._dress()
        self._look()
        if self._part:
            self.form.focus_on(self._part)
            self._part = ""

    # --- editing

    def _on_edited(self) -> None:
        before, kpi = self.draft, self.form.kpi
        if before is None or kpi == before:
            return
        self._past = [*self._past[1 - _MOST_UNDO :], before]
        self.draft = kpi
        self.form.refuse("")
        if (before.kind, before.lag_weeks, before.display, before.direction) != (
            kpi.kind,
            kpi.lag_weeks,
            kpi.display,
            kpi.direction,
        ) or ((before.target is None) != (kpi.target is None) or kpi.target != before.target):
            self.form.show_kpi(kpi)
        self._dress()
        self._await()

    def _await(self) -> None:
        """Keep the draft once typing pauses."""
        self._unkept = True
        self._settle.start()

    def keep(self) -> None:
        """Keep the draft now, and look at what it comes to."""
        if self._put_away():
            self._look()

    def _put_away(self) -> bool:
        """Keep the draft now; False when there is nothing to keep."""
        self._settle.stop()
        kpi = self.draft
        if kpi is None or not self._unkept or self.session.read_only:
            return False
        self._unkept = False
        self.list.rename(kpi.id, kpi.name)
        self.session.ask(self, lambda workspace, _: workspace.editor.keep(kpi), lambda _: None)
        return True

    def _look(self) -> None:
        kpi, valid = self.draft, self._valid
        if kpi is not None:
            self.session.ask(
                self, lambda workspace, _: workspace.editor.preview(kpi, valid), self._show_preview, topic="kpi preview"
            )

    def _show_preview(self, found: Preview) -> None:
        kpi, workspace = self.draft, self.session.workspace
        if kpi is None or workspace is None or found.kpi != kpi:
            return
        self.shown = found
        if found.mistake is None:
            self._valid = found.formula
            if self._fresh and found.display is not None and kpi.formula.strip():
                self._follow(kpi)
                return
        self.form.show_preview(found)
        self.preview.show_preview(found, workspace.settings.currency)
        self.quality.show_points(found.points, found.advice)
        self._dress()

    def _follow(self, kpi: Kpi) -> None:
        """Give a new definition the format and the review that suit its formula, once; what is chosen after that stays."""
        self._fresh = False
        if kpi.display is not Display.NUMBER:
            self._look()
            return

        def suit(found: Kpi) -> None:
            if self.draft is not None and self.draft.id == found.id:
                self.draft = replace(self.draft, display=found.display, cadence=found.cadence)
                self.form.show_kpi(self.draft)
                self._await()
                self._look()

        self.session.ask(
            self, lambda workspace, _: workspace.editor.defaults(kpi), suit, lambda _: None, topic="kpi defaults"
        )

    def _ask_help(self, text: str, position: int) -> None:
        own = None if self.draft is None else self.draft.id
        answer = self.form.formula.edit.answer
        self.session.ask(
            self,
            lambda workspace, _: workspace.complete(text, position, own),
            lambda found: answer(text, position, found),
            topic="completion",
        )

    # --- undo

    @property
    def undoable(self) -> str:
        """The last edit of the form, else what was saved last."""
        return "last edit" if self._past and not self.session.read_only else self._saving.undoable

    def undo_edit(self) -> None:
        """Take the last edit back, else what was saved last."""
        if not self._past:
            self._saving.undo()
        else:
            self.draft = self._past.pop()
            self.form.show_kpi(self.draft)
            self._dress()
            self._await()
            self.keep()

    # --- saving

    def save(self) -> None:
        """Save the draft."""
        self.keep()
        if self.draft is not None:
            self._saving.save(self.draft, self.saved)

    def retire_shown(self) -> None:
        """Take the KPI that is open off the dashboard."""
        self.keep()
        if self.saved is not None and self.saved.active:
            self._saving.retire(self.saved.id)

    def show_versions(self) -> None:
        """Show the versions of the KPI that is open."""
        if self.saved is not None:
            self._saving.show_versions(self.saved)

    def not_ready(self) -> str:
        """Why the KPI that is open cannot be put on the dashboard, "" when it can."""
        if self.draft is None:
            return "Open a KPI first"
        if self.saved is not None and self.saved.active:
            return "It is on the dashboard already"
        return ". ".join(self._lacking())

    def join(self) -> None:
        """Put the KPI that is open on the dashboard."""
        self.keep()
        if self.draft is not None:
            suggestion = "" if self.shown is None else self.shown.suggestion
            self._saving.join(self.draft, self.listed, suggestion, ready=not self._lacking())

    def _discard(self) -> None:
        self._settle.stop()
        self._unkept = False
        if self.draft is not None:
            self._saving.discard(self.draft, self.saved)

    def _on_released(self, kpi_id: str) -> None:
        self._past.clear()
        self.form.formula.forget_undo()
        self._fresh = self._unkept = False
        self.draft, self._wanted = None, kpi_id

    def _on_went_back(self, kpi: object) -> None:
        """Open an earlier version as a draft: nothing changes before it is saved."""
        before = self.draft
        if isinstance(kpi, Kpi) and before is not None and before.id == kpi.id and before != kpi:
            self._past.append(before)
            self.draft = kpi
            self.form.show_kpi(kpi)
            self._await()
            self.keep()
            self._dress()

    def _on_refused(self, words: str) -> None:
        self.form.refuse(words)
        self.form.name.setFocus()

    def _lacking(self) -> tuple[str, ...]:
        known = self.shown is not None and self.draft is not None and self.shown.kpi.id == self.draft.id
        return self.shown.lacking if known and self.shown is not None else ()

    def _dress(self) -> None:
        self.header.dress(self.draft, self.saved, self._lacking(), self.session.read_only)
        self.drafting.emit(self.draft is not None and self.draft != self.saved)
        self.ready.emit()

    def _on_workspace(self) -> None:
        self._settle.stop()
        self._unkept = False
        self.draft = self.saved = self.shown = self.listed = None
        self._wanted = self._valid = ""
        self._past.clear()
        self._saving.forget()
        self._dress()

    def hideEvent(self, event: QHideEvent) -> None:
        """Keep the draft when the page is left."""
        super().hideEvent(event)
        if self.session.workspace is not None:
            self.keep()
