"""What is marked in the history of a KPI: where its definition changed, and what people noted."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Period
from kpidesk.present.history import Mark
from kpidesk.present.numbers import day

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_MEANING = (("formula", "formula"), ("direction", "direction"), ("display", "format"), ("target", "target"))


def marks(workspace: "Workspace", kpi_id: str, periods: Sequence[Period], *, to_now: bool = False) -> tuple[Mark, ...]:
    """Return the marks of a KPI in periods, in their order; in one period changes of the definition come first.

    With `to_now` the last period carries what changed in the definition after it as well: its number is by that one.
    """
    found = [*_changes(workspace, kpi_id), *_notes(workspace, kpi_id)]
    return tuple(
        Mark(place, label, words, definition)
        for place, period in enumerate(periods)
        for on, label, words, definition in found
        if period.start <= on < period.end or (to_now and definition and place == len(periods) - 1 and on >= period.end)
    )


def version(workspace: "Workspace", kpi: Kpi) -> str:
    """Return which definition a KPI has and from when."""
    since = workspace.in_force_since()[kpi.id].astimezone(ZoneInfo(workspace.settings.timezone)).date()
    return f"Version {kpi.revision}, in force since {day(since)}"


def of_definition(workspace: "Workspace", kpi_id: str, periods: Sequence[Period]) -> dict[int, str]:
    """Return the places of the periods in which the definition changed, and what is to be said there."""
    found: dict[int, str] = {}
    for one in marks(workspace, kpi_id, periods, to_now=True):
        if one.definition:
            found[one.place] = f"{found[one.place]}. {one.words}" if one.place in found else one.words
    return found


_Told = tuple[date, str, str, bool]


def _changes(workspace: "Workspace", kpi_id: str) -> list[_Told]:
    """Return the changes of a definition's meaning, and of the formulas that it is made of, oldest first."""
    zone = ZoneInfo(workspace.settings.timezone)
    found: list[_Told] = []
    for one in _needed(workspace, kpi_id):
        for before, after in pairwise(workspace.revisions(one)):
            changed = _meaning(before.kpi, after.kpi)
            if one != kpi_id:
                changed = [name for name in changed if name == "formula"]
            if changed:
                since = after.since.astimezone(zone).date()
                version = f"Version {after.number}"
                named = version if one == kpi_id else f"{workspace.catalog[one].name}, version {after.number}"
                words = f"{named}, {' and '.join(changed)} changed {day(since, year=False)}"
                found.append((since, version if one == kpi_id else workspace.catalog[one].name, words, True))
    return sorted(found)


def _meaning(before: Kpi | None, after: Kpi | None) -> list[str]:
    """Return what changed of that by which a number is read. A first target is no change: there was none to read it by."""
    if before is None or after is None:
        return []
    return [
        words
        for name, words in _MEANING
        if getattr(before, name) != getattr(after, name) and (name != "target" or before.target is not None)
    ]


def _needed(workspace: "Workspace", kpi_id: str) -> list[str]:
    """Return a KPI and all that its formula refers to; nothing for one that was never saved."""
    found = [kpi_id] if kpi_id in workspace.catalog else []
    for one in found:
        found.extend(other for other in workspace.checked(one).references if other not in found)
    return found


def _notes(workspace: "Workspace", kpi_id: str) -> list[_Told]:
    return [
        (one.day, one.text, f"Note of {day(one.day, year=False)}: {one.text}", False)
        for one in workspace.notes.of(kpi_id)
    ]
