"""The list of definitions: what is on the dashboard, what is begun, retired or only in the catalogue, and what the seven slots ask for."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import LEAST_ACTIVE, MOST_ACTIVE, Kind, Kpi
from kpidesk.domain.period import Grain, period_of
from kpidesk.insight.quality import vanity
from kpidesk.present.cards import Reading
from kpidesk.present.editor import Advice, KpiList, ListedKpi, Offer
from kpidesk.present.numbers import apart_text, day, plural
from kpidesk.workspace import board, goal_page

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_NAMED = 3  # more than so many are counted
_COUNTED = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven")


def listing(workspace: "Workspace", drafts: Mapping[str, Kpi]) -> KpiList:
    """Return all definitions in their groups, those of the dashboard with their value. `drafts` are by the id of their KPI."""
    catalog = workspace.catalog
    active = catalog.active
    values, loose = _values(workspace, active), goal_page.loose(workspace)

    def listed(kpi: Kpi, note: str = "", status: Status | None = None) -> ListedKpi:
        name = drafts.get(kpi.id, kpi).name.strip() or "New KPI"
        kind = drafts.get(kpi.id, kpi).kind
        goalless = "Serves no goal of this quarter" if kpi.id in loose else ""
        return ListedKpi(
            kpi.id, name, status, note, kind, kpi.id in drafts, vanity(kpi) if kpi.active else "", goalless
        )

    shown = [listed(kpi, *values.get(kpi.id, ("", None))) for kpi in active]
    begun = [kpi for kpi in drafts.values() if kpi.id not in catalog]
    own = [kpi for kpi in catalog if not kpi.active and kpi.retired is None and (kpi.id in drafts or not kpi.article)]
    days = {kpi: kpi.retired for kpi in catalog if kpi.retired is not None and not kpi.active}
    retired = sorted(days.items(), key=lambda one: one[1], reverse=True)
    rest = [kpi for kpi in catalog if not kpi.active and kpi.retired is None and kpi not in own]
    headline, advice = _counter(active)
    return KpiList(
        leading=tuple(one for one in shown if one.kind is Kind.LEADING),
        lagging=tuple(one for one in shown if one.kind is Kind.LAGGING),
        drafts=tuple(listed(kpi, "Draft") for kpi in (*own, *begun)),
        retired=tuple(listed(kpi, day(since, year=False)) for kpi, since in retired),
        library=tuple(listed(kpi) for kpi in rest),
        slots=len(active),
        headline=headline,
        advice=advice,
        concerns=(*_due(workspace, active), *_vain(shown), *_loose(shown)),
    )


def _values(workspace: "Workspace", active: tuple[Kpi, ...]) -> dict[str, tuple[str, Status | None]]:
    anchor = board.anchor_day(workspace)
    if anchor is None or not active:
        return {}
    settings = workspace.settings
    moment = board.Moment(period_of(anchor, Grain.QUARTER, settings.calendar), anchor, settings.calendar)
    found = board.readings(workspace, active, moment, "previous")
    return {one.kpi.id: (_value(one, settings.currency), one.status) for one in found}


def _value(reading: Reading, currency: str) -> str:
    against = None if reading.goal is None else reading.goal[1]
    return apart_text(reading.point.value, against, reading.kpi.display, currency)


def _counter(active: tuple[Kpi, ...]) -> tuple[str, str]:
    free = MOST_ACTIVE - len(active)
    head = f"{_COUNTED[free]} {'slot' if free == 1 else 'slots'} left" if free > 0 else "No slot left"
    kinds = {kpi.kind for kpi in active}
    advice = "Five to seven KPIs keep a team focused. Retire one before adding an eighth."
    if active and len(kinds) == 1:
        other = Kind.LEADING if Kind.LAGGING in kinds else Kind.LAGGING
        advice = f"All are {active[0].kind.value}. Add a {other.value} one: results need early signals, and signals need results."
    elif len(active) < LEAST_ACTIVE:
        advice = f"{plural(LEAST_ACTIVE - len(active), 'more KPI')} to the least of five that show the whole of sales."
    return head, advice


def _due(workspace: "Workspace", active: Sequence[Kpi]) -> tuple[Advice, ...]:
    """Name the action that has waited longest to be looked back at."""
    days = [(kpi.response.check_back, kpi) for kpi in active if kpi.response.check_back is not None]
    due = [(since, kpi) for since, kpi in days if since <= workspace.today]
    if not due:
        return ()
    since, kpi = min(due, key=lambda one: one[0])
    more = f", and {plural(len(due) - 1, 'other')}" if len(due) > 1 else ""
    words = f"Time to look back at what was done about {kpi.name}, due {day(since, year=False)}{more}."
    return (Advice(words, (Offer("Look back", "check", kpi.id),)),)


def _vain(shown: Sequence[ListedKpi]) -> tuple[Advice, ...]:
    """Ask the vanity test's question of the KPIs that have no answer to it."""
    found = [one for one in shown if one.vain]
    if not found:
        return ()
    verb = "has" if len(found) == 1 else "have"
    words = f"If this number changes, what will you do? {_names(found)} {verb} no clear action yet."
    return (
        Advice(words, (Offer("Answer" if len(found) == 1 else f"Answer for {found[0].name}", "action", found[0].id),)),
    )


def _loose(shown: Sequence[ListedKpi]) -> tuple[Advice, ...]:
    """Offer what serves no goal for one, or for retirement."""
    found = [one for one in shown if one.loose]
    if not found:
        return ()
    words = f"{_names(found)} {'serves' if len(found) == 1 else 'serve'} no goal of this quarter."
    first = found[0]
    return (Advice(words, (Offer("Name a goal", "goal", first.id), Offer("Retire it", "retire", first.id))),)


def _names(found: Sequence[ListedKpi]) -> str:
    more = len(found) - _NAMED
    return ", ".join(one.name for one in found[:_NAMED]) + (f" and {more} more" if more > 0 else "")
