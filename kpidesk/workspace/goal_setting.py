"""The door for goals: define and remove them, map KPIs to them, retire those that serve none, and take each of it back."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

from kpidesk.domain.change import Change
from kpidesk.domain.goal import Goal, GoalRevision, KeyResult
from kpidesk.domain.kpi import Direction, Display, Kpi
from kpidesk.domain.period import Grain, Period, period_of, shift
from kpidesk.domain.problem import DefinitionError
from kpidesk.domain.query import Query
from kpidesk.frame import TextColumn
from kpidesk.insight import bands
from kpidesk.present.goals import GoalsPage
from kpidesk.present.numbers import plural
from kpidesk.store import Store
from kpidesk.workspace import board, goal_page, target_basis

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_LONGEST_NAME, _MOST_RESULTS, _HEAVIEST = 80, 8, 100


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, in words, and what has to be put back to undo it: goals (None: there was none) and definitions."""

    words: str
    goals: tuple[tuple[str, Goal | None], ...] = ()
    kpis: tuple[Kpi, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferedKpi:
    """A KPI that can be a key result. `start` is where it comes from: 0 when it adds up over the quarter, else its last quarter."""

    id: str
    name: str
    display: Display
    start: float | None
    target: float | None


@dataclass(frozen=True, slots=True)
class GoalOffers:
    """What the form of a goal offers: people, and KPIs, those of the dashboard first."""

    owners: tuple[str, ...]
    kpis: tuple[OfferedKpi, ...]


class Goals:
    """Works on the goals of one workspace."""

    def __init__(self, workspace: "Workspace", store: Store) -> None:
        self._workspace = workspace
        self._store = store

    # --- looking

    def all(self) -> tuple[Goal, ...]:
        """Return all goals, by quarter."""
        return self._store.goals()

    def of_quarter(self, quarter: Period | None = None) -> tuple[Goal, ...]:
        """Return the goals of a quarter, by default of the one in which the data ends."""
        return goal_page.of_quarter(self.all(), quarter or goal_page.current_quarter(self._workspace))

    def revisions(self, goal_id: str) -> tuple[GoalRevision, ...]:
        """Return every saved state of a goal, oldest first."""
        return self._store.goal_revisions(goal_id)

    def page(self, first: date | None = None, as_of: date | None = None) -> GoalsPage:
        """Return the goals of the quarter that contains `first` as known on `as_of`; by default both are where the data ends."""
        return goal_page.goals_page(self._workspace, self.all(), first, as_of)

    def blank(self, first: date) -> Goal:
        """Return a goal with nothing in it yet."""
        return Goal(uuid4().hex[:12], "", first)

    def offers(self, first: date) -> GoalOffers:
        """Return what can be chosen from for a goal of the quarter that contains `first`."""
        workspace = self._workspace
        calendar = workspace.settings.calendar
        quarter = period_of(first, Grain.QUARTER, calendar)
        anchor = board.anchor_day(workspace) or workspace.today
        before = shift(min(quarter, shift(goal_page.current_quarter(workspace), 1, calendar)), -1, calendar)
        ordered = (*workspace.catalog.active, *(kpi for kpi in workspace.catalog if not kpi.active))
        ids = tuple(kpi.id for kpi in ordered)
        last = workspace.query(Query(ids, Grain.QUARTER, before.start, before.start, anchor))
        wanted = self._measured_targets(ordered, quarter, anchor)

        def offered(kpi: Kpi) -> OfferedKpi:
            against = bands.goal(kpi.target, kpi.direction, quarter, 1.0)
            target = wanted.get(kpi.target_from or "") if against is None else against.full
            start = 0.0 if self.adds_up(kpi) else last.total(kpi.id).points[-1].value
            return OfferedKpi(kpi.id, kpi.name, kpi.display, start, target)

        owners = workspace.frame("deals").columns.get("owner")
        people = {kpi.owner for kpi in ordered if kpi.owner} | {goal.owner for goal in self.all() if goal.owner}
        people |= set(owners.values) if isinstance(owners, TextColumn) else set()
        return GoalOffers(tuple(sorted(people)), tuple(map(offered, ordered)))

    def adds_up(self, kpi: Kpi) -> bool:
        """Whether a KPI begins every quarter at nothing, as revenue and meetings do and a rate or an open pipeline does not."""
        return target_basis.adds_up(kpi, self._workspace.checked(kpi.id))

    # --- changing

    def define(self, goal: Goal) -> Done:
        """Save a goal, new or changed, and where it is renamed the KPIs that name it; DefinitionError when it has no meaning."""
        before = self._find(goal.id)
        goal = replace(goal, name=" ".join(goal.name.split()), owner=goal.owner.strip())
        self._check(goal)
        goal = replace(goal, results=tuple(map(self._checked_result, goal.results)))
        renamed = before is not None and before.name != goal.name
        kpis = self._naming(before) if renamed and before is not None else ()
        self._store.save_goal(goal.id, goal, self._workspace.now)
        if kpis:
            self._workspace.define_all([replace(kpi, goal=goal.name) for kpi in kpis])
        words = f"{'Added' if before is None else 'Saved'} the goal “{goal.name}”"
        return Done(words, ((goal.id, before),), kpis)

    def remove(self, goal_id: str) -> Done:
        """Take a goal away; its earlier states stay in the file, and KPIs that name it serve none until they are mapped again."""
        before = self._standing(goal_id)
        self._store.save_goal(goal_id, None, self._workspace.now)
        return Done(f"Removed the goal “{before.name}”", ((goal_id, before),))

    def carry_over(self, first: date) -> Done:
        """Begin a quarter with the goals of the newest one before it; each key result starts where its KPI is now.

        A start beyond the target is left as it was. DefinitionError when no earlier quarter has goals.
        """
        quarter = period_of(first, Grain.QUARTER, self._workspace.settings.calendar)
        last = goal_page.last_before(self.all(), quarter)
        if last is None:
            raise DefinitionError("No earlier quarter has goals to copy. Nothing was changed.")
        before = period_of(last.quarter, Grain.QUARTER, self._workspace.settings.calendar)
        starts = {one.id: one.start for one in self.offers(first).kpis}
        copied = []
        for goal in self.of_quarter(before):
            results = tuple(self._from_here(one, starts.get(one.kpi)) for one in goal.results)
            copied.append(replace(goal, id=self.blank(first).id, quarter=quarter.start, results=results))
        for goal in copied:
            self._check(goal)
            self._store.save_goal(goal.id, goal, self._workspace.now)
        name = goal_page.quarter_name(self._workspace, before)
        return Done(f"Copied {plural(len(copied), 'goal')} from {name}", tuple((goal.id, None) for goal in copied))

    def _from_here(self, result: KeyResult, start: float | None) -> KeyResult:
        sign = 1 if self._workspace.kpi(result.kpi).direction is Direction.UP else -1
        if result.start is None or start is None or sign * start >= sign * result.target:
            return result
        return replace(result, start=start)

    def map(self, kpi_id: str, goal_id: str | None) -> Done:
        """Let a KPI serve one goal, None for no goal."""
        kpi = self._workspace.kpi(kpi_id)
        goal = None if goal_id is None else self._standing(goal_id)
        self._workspace.define_all((replace(kpi, goal="" if goal is None else goal.name),))
        words = f"{kpi.name} serves no goal now" if goal is None else f"{kpi.name} serves “{goal.name}”"
        return Done(words, kpis=(kpi,))

    def retire(self, kpi_id: str) -> Done:
        """Take a KPI off the dashboard; it keeps its definition and its history."""
        kpi = self._workspace.kpi(kpi_id)
        self._workspace.editor.retire(kpi_id)
        return Done(f"Retired “{kpi.name}”", kpis=(kpi,))

    def take_back(self, done: Done) -> Change:
        """Undo what was done."""
        for goal_id, before in done.goals:
            self._store.save_goal(goal_id, before, self._workspace.now)
        if done.kpis:
            self._workspace.define_all(done.kpis)
        return Change.DEFINITIONS

    def refuse_removal(self, kpi_id: str) -> None:
        """Raise DefinitionError for a KPI that is a key result."""
        goal = next((goal for goal in self.all() if any(one.kpi == kpi_id for one in goal.results)), None)
        if goal is not None:
            name = self._workspace.kpi(kpi_id).name
            raise DefinitionError(
                f"{name} is a key result of “{goal.name}”. Nothing was changed. Take it out of that goal first."
            )

    # --- inside

    def _measured_targets(self, kpis: Sequence[Kpi], quarter: Period, anchor: date) -> dict[str, float | None]:
        """Return what the KPIs say in the quarter whose value is the target of others, such as the sales target."""
        ids = tuple(dict.fromkeys(kpi.target_from for kpi in kpis if kpi.target_from))
        if not ids:
            return {}
        day = max(anchor, quarter.start)
        result = self._workspace.query(Query(ids, Grain.QUARTER, quarter.start, quarter.start, day))
        return {kpi: result.total(kpi).points[-1].value for kpi in ids}

    def _find(self, goal_id: str) -> Goal | None:
        return next((goal for goal in self.all() if goal.id == goal_id), None)

    def _standing(self, goal_id: str) -> Goal:
        found = self._find(goal_id)
        if found is None:
            raise DefinitionError("This goal is no longer there. Nothing was changed. Choose another one.")
        return found

    def _naming(self, goal: Goal) -> tuple[Kpi, ...]:
        """Return the KPIs that name a goal, unless another one has the same name in another quarter."""
        if any(one.name == goal.name and one.id != goal.id for one in self.all()):
            return ()
        return tuple(kpi for kpi in self._workspace.catalog if kpi.goal.strip().casefold() == goal.name.casefold())

    def _check(self, goal: Goal) -> None:
        if not goal.name:
            raise DefinitionError("A goal needs a name. Say what will be true at the end of the quarter.")
        if len(goal.name) > _LONGEST_NAME or not goal.name.isprintable():
            raise DefinitionError(f"The name of a goal has at most {_LONGEST_NAME} characters. Shorten it.")
        calendar = self._workspace.settings.calendar
        quarter = period_of(goal.quarter, Grain.QUARTER, calendar)
        for one in goal_page.of_quarter(self.all(), quarter):
            if one.id != goal.id and one.name.casefold() == goal.name.casefold():
                raise DefinitionError(f"This quarter has a goal called “{one.name}” already. Choose another name.")
        if len(goal.results) > _MOST_RESULTS:
            raise DefinitionError(f"A goal has at most {_MOST_RESULTS} key results. Make two goals of it.")
        ids = [one.kpi for one in goal.results]
        twice = next((kpi for kpi in ids if ids.count(kpi) > 1), None)
        if twice is not None:
            raise DefinitionError(f"{self._workspace.kpi(twice).name} is in this goal twice. Remove one of them.")

    def _checked_result(self, result: KeyResult) -> KeyResult:
        kpi = self._workspace.kpi(result.kpi)
        if not 0 < result.weight <= _HEAVIEST:
            raise DefinitionError(f"The weight of {kpi.name} has to lie above 0, and at most at {_HEAVIEST}.")
        start = 0.0 if result.start is None and self.adds_up(kpi) else result.start
        sign = 1 if kpi.direction is Direction.UP else -1
        if start is not None and sign * result.target < sign * start:
            better = "higher" if sign > 0 else "lower"
            raise DefinitionError(
                f"{kpi.name} is better when it is {better}. Set a target beyond its start, or leave the start empty."
            )
        return replace(result, start=None if start == result.target else start)
