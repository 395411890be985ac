"""Actions whose day to look back has come, and what the KPI that should move has done since they were agreed."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpidesk.domain.finding import Finding, Status
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Period, period_name, period_of, shift
from kpidesk.domain.query import Query
from kpidesk.insight.variation import Delta, change, limits
from kpidesk.present.numbers import day, value_text
from kpidesk.present.texts import lower_first
from kpidesk.workspace import board

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LookBack:
    """An action that is to be looked back at since `due`: `moved` is the KPI that should have moved, `words` what it did."""

    kpi: Kpi
    due: date
    moved: Kpi
    words: str


def look_back(workspace: "Workspace", kpi: Kpi) -> LookBack | None:
    """Return what became of a KPI's action, None before the day that was set for this."""
    due = kpi.response.check_back
    if due is None or due > workspace.today:
        return None
    moved = workspace.catalog.kpis.get(kpi.response.moves or "", kpi)
    return LookBack(kpi, due, moved, _words(workspace, moved, _agreed(workspace, kpi)))


def findings(workspace: "Workspace") -> list[Finding]:
    """Return the actions of the dashboard's KPIs whose day to look back has come, for its attention list."""
    found = [one for kpi in workspace.catalog.active if (one := look_back(workspace, kpi)) is not None]
    return [
        Finding(
            "look-back",
            Status.WARN,
            f"Look back at {one.kpi.name}: did {_what(one)} move?",
            one.words,
            "Look back",
            "kpis",
            f"{one.kpi.id}/check",
            age_days=(workspace.today - one.due).days,
        )
        for one in found
    ]


def told(workspace: "Workspace", kpi: Kpi) -> str:
    """Return what to say beside the day to look back, "" before it has come."""
    found = look_back(workspace, kpi)
    if found is None:
        return ""
    since = "today" if found.due == workspace.today else f"since {day(found.due, year=False)}"
    return f"Due {since}. {found.moved.name}: {lower_first(found.words)}. Set another day, or clear it when the action is done."


def _what(found: LookBack) -> str:
    return "it" if found.moved is found.kpi else lower_first(found.moved.name)


def _agreed(workspace: "Workspace", kpi: Kpi) -> date:
    """Return from when the action and its day stand as they are: today while they are not saved."""
    zone, since = ZoneInfo(workspace.settings.timezone), None
    for revision in reversed(workspace.revisions(kpi.id)):
        saved = revision.kpi
        if saved is None or (saved.action, saved.response) != (kpi.action, kpi.response):
            break
        since = revision.since
    return workspace.today if since is None else since.astimezone(zone).date()


def _words(workspace: "Workspace", kpi: Kpi, agreed: date) -> str:
    """Hold the last whole period of a KPI's review against the last one before `agreed`."""
    calendar, anchor = workspace.settings.calendar, board.anchor_day(workspace)
    if anchor is None:
        return "No data to compare yet"
    before = shift(period_of(agreed, kpi.cadence, calendar), -1, calendar)
    after = _last_whole(period_of(anchor, kpi.cadence, calendar), anchor, workspace)
    if after <= before:
        return f"No whole {kpi.cadence.value} of data since {day(agreed, year=False)}, too early to tell"
    result = workspace.query(Query((kpi.id,), kpi.cadence, before.start, after.start, anchor))
    points = result.total(kpi.id).points
    old, new = (value_text(one.value, kpi.display, workspace.settings.currency) for one in (points[0], points[-1]))
    names = [period_name(one, calendar) for one in (before, after)]
    delta = change(points[-1], points[0], kpi.direction, limits(points))
    return f"{old} in {names[0]}, {new} in {names[1]}, {_verdict(delta)}"


def _last_whole(period: Period, anchor: date, workspace: "Workspace") -> Period:
    return period if anchor >= period.last_day else shift(period, -1, workspace.settings.calendar)


def _verdict(delta: Delta | None) -> str:
    if delta is None:
        return "too few to compare"
    if delta.better is None:
        return "inside normal variation" if delta.normal else "no change"
    return "better" if delta.better else "worse"
