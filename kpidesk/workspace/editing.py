"""The door for whoever writes definitions: drafts that save as they go, a look before saving, and the seven slots."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import uuid4

from kpidesk.domain.change import Change
from kpidesk.domain.kpi import MOST_ACTIVE, Direction, Display, Funnel, Kind, Kpi
from kpidesk.domain.period import Grain, period_of
from kpidesk.domain.problem import DefinitionError
from kpidesk.formula.nodes import Checked
from kpidesk.frame import TextColumn
from kpidesk.present.editor import KpiList, Preview, Restatement, RevisionLine
from kpidesk.store import Store
from kpidesk.workspace import board, comparing, feeding, goals, previewing
from kpidesk.workspace.listing import listing

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_NEW = "draft_"


class SlotsFullError(DefinitionError):
    """There are seven KPIs on the dashboard already; one has to go first."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What was saved, and what has to be put back to undo it: the definitions before (None: there was none) and the draft."""

    kpi: str
    words: str
    before: tuple[tuple[str, Kpi | None], ...]
    draft: Kpi | None = None


@dataclass(frozen=True, slots=True)
class Offers:
    """What the form offers to choose from: people who own deals, goals, and (id, name) of KPIs by kind."""

    owners: tuple[str, ...]
    goals: tuple[str, ...]
    leading: tuple[tuple[str, str], ...]
    lagging: tuple[tuple[str, str], ...]


class Editor:
    """Works on one workspace. Only `save`, `join`, `retire` and `take_back` change a number anywhere."""

    def __init__(self, workspace: "Workspace", store: Store) -> None:
        self._workspace = workspace
        self._store = store

    # --- looking

    def listing(self) -> KpiList:
        """Return all definitions in their groups, those of the dashboard with their value."""
        return listing(self._workspace, {kpi.id: kpi for kpi in self._store.drafts()})

    def start(self, kpi_id: str) -> Kpi:
        """Return the draft of a KPI, else its definition; DefinitionError when there is neither."""
        draft = next((kpi for kpi in self._store.drafts() if kpi.id == kpi_id), None)
        found = draft or self._workspace.catalog.kpis.get(kpi_id)
        if found is None:
            raise DefinitionError("This KPI is no longer there. Choose another one from the list.")
        return self._standing(found)

    def blank(self) -> Kpi:
        """Return a definition with nothing in it yet."""
        return Kpi(
            id=f"{_NEW}{uuid4().hex[:8]}",
            name="",
            formula="",
            display=Display.NUMBER,
            direction=Direction.UP,
            kind=Kind.LAGGING,
            funnel=Funnel.BOTTOM,
            cadence=Grain.QUARTER,
        )

    def offers(self) -> Offers:
        """Return what the form offers to choose from."""
        workspace = self._workspace
        owners = workspace.frame("deals").columns.get("owner")
        people = {kpi.owner for kpi in workspace.catalog if kpi.owner}
        people |= set(owners.values) if isinstance(owners, TextColumn) else set()
        known = [goal.name for goal in workspace.goals.of_quarter()]
        anchor = board.anchor_day(workspace)
        if anchor is not None and not known:  # where there are goals, the strip's is no other one
            calendar = workspace.settings.calendar
            strip = goals.goal_strip(
                workspace, board.Moment(period_of(anchor, Grain.QUARTER, calendar), anchor, calendar)
            )
            known += [f"{strip.headline} {strip.deadline}"] if strip is not None else []
        known += [kpi.goal for kpi in workspace.catalog if kpi.goal]
        named = {kind: tuple((kpi.id, kpi.name) for kpi in workspace.catalog if kpi.kind is kind) for kind in Kind}
        return Offers(tuple(sorted(people)), tuple(dict.fromkeys(known)), named[Kind.LEADING], named[Kind.LAGGING])

    def preview(self, kpi: Kpi, valid: str = "") -> Preview:
        """Return what a definition comes to; while its formula has a mistake, with the numbers of the formula `valid`."""
        return previewing.preview(self._workspace, kpi, valid)

    def restatement(self, kpi: Kpi, grain: Grain) -> Restatement:
        """Return old against new for every past period."""
        return comparing.restatement(self._workspace, kpi, grain)

    def history(self, kpi_id: str) -> tuple[RevisionLine, ...]:
        """Return the versions of a definition, newest first."""
        return comparing.history(self._workspace, kpi_id)

    def earlier(self, kpi_id: str, number: int) -> Kpi:
        """Return a saved version of a definition as a draft of its next one; DefinitionError when there is none."""
        found = next((one.kpi for one in self._workspace.revisions(kpi_id) if one.number == number), None)
        if found is None:
            raise DefinitionError("This version is no longer there. Choose another one.")
        return self._standing(found)

    def defaults(self, kpi: Kpi) -> Kpi:
        """Return a new definition with the review and the place in the funnel that suit its formula, FormulaError without one."""
        checked = self._workspace.read_formula(kpi.formula, kpi.id)
        display = board.described(kpi.id, kpi.formula, checked.unit).display
        return replace(kpi, display=display, cadence=default_cadence(checked))

    # --- drafts

    def keep(self, kpi: Kpi) -> None:
        """Keep a draft, or forget it where it says what is saved already."""
        if self._workspace.catalog.kpis.get(kpi.id) == self._standing(kpi):
            self._store.remove_draft(kpi.id)
        else:
            self._store.save_draft(kpi)

    def discard(self, kpi_id: str) -> None:
        """Forget the draft of a KPI."""
        self._store.remove_draft(kpi_id)

    # --- saving

    def save(self, kpi: Kpi) -> Saved:
        """Save a definition as its next version; FormulaError or DefinitionError when it cannot be."""
        named = replace(self._standing(kpi), id=self._id(kpi), source=self._source(kpi))
        saved = self._workspace.to_save(named)
        before = self._before(saved)
        self._workspace.define_all(saved, finished=kpi.id)
        version = self._workspace.catalog[named.id].revision
        return Saved(named.id, f"Saved {named.name} as version {version}", before, kpi)

    def join(self, kpi: Kpi, instead_of: str = "") -> Saved:
        """Save a definition and put it on the dashboard, where `instead_of` names the KPI that is retired for it.

        DefinitionError while formula, owner, source or target are lacking, SlotsFullError when there are seven already.
        """
        missing = previewing.stated(self._workspace, kpi).lacking
        if missing:
            raise DefinitionError(f"{kpi.name or 'This KPI'} cannot join the dashboard yet. {'. '.join(missing)}.")
        active = [one for one in self._workspace.catalog.active if one.id not in (kpi.id, instead_of)]
        if len(active) >= MOST_ACTIVE:
            raise SlotsFullError(f"{MOST_ACTIVE} KPIs are on the dashboard. Choose which one to retire first.")
        position = 1 + max((one.position for one in active), default=0)
        named = replace(
            kpi,
            id=self._id(kpi),
            source=self._source(kpi),
            active=True,
            retired=None,
            position=position,
            vanity_asked=self._workspace.today,
        )
        saved = self._workspace.to_save(named)
        words = f"{named.name} is on the dashboard"
        if instead_of:
            gone = self._workspace.catalog[instead_of]
            saved = (*(one for one in saved if one.id != gone.id), self._retired(gone))
            words += f", {gone.name} is retired"
        before = self._before(saved)
        self._workspace.define_all(saved, finished=kpi.id)
        return Saved(named.id, words, before, kpi)

    def retire(self, kpi_id: str) -> Saved:
        """Take a KPI off the dashboard; it keeps its definition and its history."""
        kpi = self._workspace.kpi(kpi_id)
        before = self._before((kpi,))
        self._workspace.define_all((self._retired(kpi),))
        return Saved(kpi_id, f"Retired “{kpi.name}”", before)

    def take_back(self, saved: Saved) -> Change:
        """Undo what was saved: the definitions are as they were, and the draft is there again."""
        workspace, change = self._workspace, Change.NONE
        for kpi_id, before in saved.before:
            if before is None:
                change |= workspace.remove(kpi_id)
        standing = tuple(before for _, before in saved.before if before is not None)
        if standing:
            change |= workspace.define_all(standing)
        if saved.draft is not None:
            self.keep(saved.draft)
        return change

    # --- inside

    def _before(self, saved: Iterable[Kpi]) -> tuple[tuple[str, Kpi | None], ...]:
        return tuple((one.id, self._workspace.catalog.kpis.get(one.id)) for one in saved)

    def _standing(self, draft: Kpi) -> Kpi:
        """Return a draft with what only `join` and `retire` decide, and with the version it is to follow."""
        saved = self._workspace.catalog.kpis.get(draft.id)
        if saved is None:
            return replace(draft, active=False, retired=None)
        return replace(
            draft,
            active=saved.active,
            position=saved.position,
            retired=saved.retired,
            uuid=saved.uuid,
            revision=saved.revision,
            vanity_asked=saved.vanity_asked,
        )

    def _retired(self, kpi: Kpi) -> Kpi:
        return replace(kpi, active=False, retired=self._workspace.today)

    def _id(self, kpi: Kpi) -> str:
        """Return the id of a saved KPI, and for a new one its name in small letters, with a number when that is taken."""
        if not kpi.id.startswith(_NEW):
            return kpi.id
        plain = re.sub(r"\W+", "_", kpi.name.casefold()).strip("_")
        plain = plain if plain[:1].isalpha() else f"kpi_{plain}"
        catalog, number, made = self._workspace.catalog, 2, plain
        while made in catalog:
            made, number = f"{plain}_{number}", number + 1
        return made

    def _source(self, kpi: Kpi) -> str:
        checked = self._workspace.read_formula(kpi.formula, kpi.id)
        titles = dict.fromkeys(feed.title for feed in feeding.feeds(self._workspace, checked))
        return ", ".join(titles) or kpi.source


def default_cadence(checked: Checked) -> Grain:
    """Return how often a KPI is best reviewed: what moves the pipeline weekly, revenue monthly, everything broader quarterly."""
    if checked.entities & {"costs", "customers", "targets", "transactions"}:
        return Grain.QUARTER if checked.unit.name != "money" or "costs" in checked.entities else Grain.MONTH
    if checked.entities & {"leads", "activities", "stage_history"} or "open_deals" in checked.text:
        return Grain.WEEK
    return Grain.MONTH if checked.unit.name == "money" else Grain.QUARTER
