"""Goals: what the quarter is for, how far each goal has come, and which KPIs serve none."""

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from kpidesk.domain.change import Change
from kpidesk.domain.goal import Goal
from kpidesk.domain.problem import KpideskError
from kpidesk.present.goals import GoalsPage
from kpidesk.ui.controls import Button
from kpidesk.ui.session import Session
from kpidesk.ui.view import PageHeader, View
from kpidesk.ui.views.goal_parts.goal_form import GoalForm
from kpidesk.ui.views.goal_parts.goal_panel import GoalPanel
from kpidesk.ui.views.goal_parts.loose_panel import LoosePanel
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.empty_state import EmptyState
from kpidesk.ui.widgets.figures import Figures

if TYPE_CHECKING:
    from kpidesk.workspace import Workspace
    from kpidesk.workspace.goal_setting import Done, GoalOffers

_MOST_UNDO = 100
_EMPTY = "Say in one line what is to be true at the end of the quarter, and which KPIs will show it."


class GoalsView(View):
    """The goals of one quarter. One of them at a time is open as a form in its place."""

    title: ClassVar[str] = "Goals"
    icon: ClassVar[str] = "flag"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.shown: GoalsPage | None = None
        self.of_quarter: tuple[
            Goal, ...
        ] = ()  # those of the quarter in which the data ends, as the sidebar counts them
        self.form: GoalForm | None = None
        self.panels: list[GoalPanel] = []
        self.loose: LoosePanel | None = None
        self._quarter: date | None = None
        self._left = ""  # the goal whose form was closed last
        self._done: list[Done] = []
        self.header = PageHeader(self.title)
        self.quarter = Choice("Quarter")
        self.quarter.activated.connect(self._on_quarter)
        self.add = Button("New goal", "primary", "plus")
        self.add.clicked.connect(self.new)
        self.header.add(self.quarter)
        self.header.add(self.add)
        self.body.addWidget(self.header)
        self._content = QWidget()
        self.body.addWidget(self._content, 1)
        session.workspace_changed.connect(self._on_workspace)

    def open(self, argument: object) -> None:
        """Show the goals; with "new" begin one."""
        self.make_stale()
        if argument == "new":
            self.new()

    def refresh(self) -> None:
        """Ask for the goals of the quarter that is chosen."""
        first = self._quarter
        self.session.ask(self, lambda workspace, _: workspace.goals.page(first), self.show_page, topic="goals")

    def show_page(self, value: GoalsPage) -> None:
        """Show the goals of a quarter; a goal that is being written stays open."""
        self.shown = value
        locked = self.session.read_only
        self.header.answer.setText(value.answer)
        self.quarter.offer(
            tuple((first.isoformat(), name) for first, name in value.quarters), value.quarter.isoformat()
        )
        self.add.setVisible(bool(value.cards))  # an empty page has its own button, and one primary is enough
        self.add.setEnabled(not (locked or self.form is not None))
        self.add.setToolTip(locked.replace("<", "‹"))
        focused = QApplication.focusWidget()
        inside = focused is not None and self._content.isAncestorOf(focused)
        fresh = QWidget()
        body = QVBoxLayout(fresh)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(16)
        self._fill(body, value, locked)
        body.addStretch(1)
        for figures in fresh.findChildren(Figures):
            figures.asked.connect(self.session.show_working)
        self.body.replaceWidget(self._content, fresh)
        self._content.hide()
        self._content.deleteLater()
        self._content = fresh
        fresh.show()
        if self.form is not None:
            self.form.show()  # moving it to the fresh page hides it, and takes its focus
        if focused is not None and inside:
            self._focus_again(focused)

    def _focus_again(self, focused: QWidget) -> None:
        """Put the focus where it was, or near to what is gone."""
        if self.form is not None and self.form.isAncestorOf(focused):
            focused.setFocus()
            return
        panel = next((one for one in self.panels if one.value.goal.id == self._left), None)
        near = self.quarter if not self.panels else self.add if panel is None else panel.edit
        near.setFocus(Qt.FocusReason.TabFocusReason)

    def _fill(self, body: QVBoxLayout, value: GoalsPage, locked: str) -> None:
        self.panels, self.loose = [], None
        edited = None if self.form is None else self.form.goal.id
        for card in value.cards:
            if self.form is not None and card.goal.id == edited:
                body.addWidget(self.form)
                continue
            panel = GoalPanel(card, locked)
            panel.edited.connect(self.edit)
            panel.removed.connect(self.remove)
            panel.opened.connect(lambda kpi: self.acted.emit("kpi", kpi))
            self.panels.append(panel)
            body.addWidget(panel)
        if self.form is not None and edited not in {card.goal.id for card in value.cards}:
            body.addWidget(self.form)
        elif not value.cards:
            body.addWidget(self._empty(value, locked), 1)
        if value.loose:
            self.loose = LoosePanel(value.loose, [(card.goal.id, card.goal.name) for card in value.cards], locked)
            self.loose.mapped.connect(self.map)
            self.loose.retired.connect(self.retire)
            body.addWidget(self.loose)

    def _empty(self, value: GoalsPage, locked: str) -> QWidget:
        acts = [Button("New goal", "primary", "plus")]
        acts[0].clicked.connect(self.new)
        if value.before:
            acts.append(Button(f"Copy the goals of {value.before}", "secondary", "copy"))
            acts[1].clicked.connect(lambda: self.carry_over(value.quarter))
        for act in acts:
            act.setEnabled(not locked)
            act.setToolTip(locked.replace("<", "‹"))
        return EmptyState("flag", f"No goals for {value.label}", _EMPTY, *acts)

    def _on_quarter(self) -> None:
        self._leave_form()
        self._quarter = date.fromisoformat(self.quarter.key)
        self.make_stale()

    # --- writing a goal

    def new(self) -> None:
        """Begin a goal of the quarter that is shown."""
        chosen = self._quarter

        def work(workspace: "Workspace", _: object) -> "tuple[Goal, GoalOffers]":
            first = chosen or workspace.goals.page().quarter
            return workspace.goals.blank(first), workspace.goals.offers(first)

        self._ask_form(work)

    def edit(self, goal_id: str) -> None:
        """Open a goal as a form in its place."""
        found = next((panel.value.goal for panel in self.panels if panel.value.goal.id == goal_id), None)
        if found is not None:
            self._reopen(found)

    def _reopen(self, goal: Goal) -> None:
        self._ask_form(lambda workspace, _: (goal, workspace.goals.offers(goal.quarter)))

    def _ask_form(self, work: "Callable[[Workspace, object], tuple[Goal, GoalOffers]]") -> None:
        if self.session.read_only or self.form is not None:
            return
        self.session.ask(self, work, self._open_form, topic="goal form")

    def _open_form(self, found: "tuple[Goal, GoalOffers]") -> None:
        workspace = self.session.workspace
        if workspace is None or self.form is not None:
            return
        self.form = GoalForm(*found, workspace.settings.currency)
        self.form.saved.connect(self.save)
        self.form.left.connect(self.leave)
        if self.shown is not None:
            self.show_page(self.shown)
        self.form.name.setFocus(Qt.FocusReason.TabFocusReason)

    def save(self) -> None:
        """Save the goal that is open."""
        form = self.form
        if form is None:
            return
        form.refuse(form.wrong)
        if not form.wrong:
            goal = form.goal
            self._write(lambda workspace: workspace.goals.define(goal), self._close_form)

    def leave(self) -> None:
        """Close the form; what was changed in it can be had back."""
        self._leave_form()
        if self.shown is not None:
            self.show_page(self.shown)

    def _leave_form(self) -> None:
        form = self.form
        if form is None:
            return
        goal, changed = form.goal, form.changed
        self._close_form()
        if changed:
            words = f"Left {f'“{goal.name.strip()}”' if goal.name.strip() else 'the new goal'} without saving"
            self.session.noted.emit(words, lambda: self._reopen(goal))

    def _close_form(self) -> None:
        if self.form is not None:
            self._left = self.form.goal.id
            self.form.deleteLater()
            self.form = None

    def go_up(self) -> bool:
        """Leave the form that is open."""
        if self.form is None:
            return False
        self.leave()
        return True

    # --- changing

    def remove(self, goal_id: str) -> None:
        """Remove a goal; it can be had back."""
        self._write(lambda workspace: workspace.goals.remove(goal_id))

    def carry_over(self, first: date) -> None:
        """Begin a quarter with the goals of the one before."""
        self._write(lambda workspace: workspace.goals.carry_over(first))

    def map(self, kpi_id: str, goal_id: str) -> None:
        """Let a KPI serve a goal."""
        self._write(lambda workspace: workspace.goals.map(kpi_id, goal_id))

    def retire(self, kpi_id: str) -> None:
        """Take a KPI off the dashboard."""
        self._write(lambda workspace: workspace.goals.retire(kpi_id))

    def _write(self, work: "Callable[[Workspace], Done]", after: Callable[[], None] = lambda: None) -> None:
        def done(found: "Done") -> None:
            self._done = [*self._done[1 - _MOST_UNDO :], found]
            after()
            self.session.noted.emit(found.words, lambda: self._take_back(found))

        self.session.write(
            self,
            lambda workspace, _: work(workspace),
            done,
            self._refused,
            topic="goal write",
            change=Change.DEFINITIONS,
        )

    def _refused(self, error: KpideskError) -> None:
        if self.form is not None:
            self.form.refuse(str(error))
        else:
            self.session.failed.emit(str(error))

    @property
    def undoable(self) -> str:
        """The last change of goals or of what serves them."""
        return "change of goals" if self._done and not self.session.read_only else ""

    def undo_edit(self) -> None:
        """Take the last change back."""
        if self._done:
            self._take_back(self._done[-1])

    def _take_back(self, done: "Done") -> None:
        if done not in self._done:
            return
        self._done.remove(done)
        self.session.write(
            self, lambda workspace, _: workspace.goals.take_back(done), lambda _: None, change=Change.DEFINITIONS
        )

    def _on_workspace(self) -> None:
        self._close_form()
        self.shown, self._quarter, self.of_quarter = None, None, ()
        self._done.clear()
