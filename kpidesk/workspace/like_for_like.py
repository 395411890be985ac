"""A period held against earlier ones, like for like: the same number of days of each while it is in progress (semantics G11)."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Grain, Period, period_name
from kpidesk.domain.query import Figure, Query
from kpidesk.domain.result import Point
from kpidesk.insight.bands import too_few
from kpidesk.insight.variation import Limits
from kpidesk.present.cards import few_text, told_change
from kpidesk.present.history import Comparison
from kpidesk.present.numbers import count, range_text, value_text
from kpidesk.present.reasons import reason_sentence
from kpidesk.workspace import board

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


def comparisons(
    workspace: "Workspace", kpi: Kpi, moment: board.Moment, bounds: Limits | None, target: str = ""
) -> tuple[Comparison, ...]:
    """Return the period, then the one before and the same one a year earlier, each with as many days, and the change from them.

    `bounds` are the limits of whole periods, `target` says what is asked of the period so far.
    """
    currency, period = workspace.settings.currency, moment.period
    days = f", day 1 to {moment.elapsed_days}" if moment.in_progress else ""
    now = _point(workspace, kpi.id, period, moment.anchor)
    found = [_line(workspace, kpi, Figure(kpi.id, period, moment.anchor), now, days, target)]
    # The year before a year is the one before.
    for compare in ("previous", "year")[: 1 if period.grain is Grain.YEAR else 2]:
        other = moment.earlier(compare)
        known = moment.known_by(other)
        then = _point(workspace, kpi.id, other, known)
        line = _line(workspace, kpi, Figure(kpi.id, other, known), then, days)
        delta = board.compared(workspace, kpi, moment, now, then, bounds)
        told = None
        if delta is not None:
            told = told_change(delta.size, delta.better, delta.normal, "", kpi.display, currency)
        whole = _point(workspace, kpi.id, other, moment.anchor) if moment.in_progress else then
        text = ""
        if moment.in_progress and whole.value is not None and not too_few(whole):
            text = f"{value_text(whole.value, kpi.display, currency)} in the whole {other.grain.value}"
        found.append(replace(line, change=told, whole=text))
    return tuple(found)


def _point(workspace: "Workspace", kpi_id: str, period: Period, as_of: date) -> Point:
    return workspace.query(Query((kpi_id,), period.grain, period.start, period.start, as_of)).total(kpi_id).points[0]


def _line(workspace: "Workspace", kpi: Kpi, figure: Figure, point: Point, days: str, whole: str = "") -> Comparison:
    few = too_few(point)
    text = few_text(point) if few else value_text(point.value, kpi.display, workspace.settings.currency)
    missing = board.missing_entities(workspace, kpi.id)
    return Comparison(
        label=f"{period_name(figure.period, workspace.settings.calendar)}{days}",
        value=None if few else point.value,
        text=text,
        n="" if point.n is None else count(point.n),
        interval_text="" if point.interval is None else range_text(point.interval),
        reason="" if point.reason is None else reason_sentence(point.reason, missing),
        few=few,
        figure=figure,
        whole=whole,
    )
