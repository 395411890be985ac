"""A KPI by one dimension: which there are, one period of it, and every slice over time."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Period, period_name, shift
from kpidesk.domain.query import Figure, Filter, Query
from kpidesk.domain.result import Series
from kpidesk.insight.bands import goal, goal_of, too_few
from kpidesk.insight.variation import ranks
from kpidesk.present.cards import point_text
from kpidesk.present.history import NO_RANK, SOME_RANKS, Breakdown, BreakdownRow, Slice
from kpidesk.present.numbers import count, range_text, value_text
from kpidesk.workspace import board

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

PERIODS = 13
_LABELS = {
    "owner": "Owner",
    "source": "Source",
    "stage": "Stage",
    "segment": "Segment",
    "product": "Product",
    "region": "Region",
    "industry": "Industry",
    "type": "Type",
    "pipeline": "Pipeline",
}


def _labels(workspace: "Workspace") -> dict[str, str]:
    """Return what each dimension is called: the known ones, then the columns that feed no field, as their files call them."""
    headers = {
        name: header for entity in ("leads", "deals") for name, header in workspace.source_columns(entity).items()
    }
    return {**_LABELS, **{name: header for name, header in headers.items() if name not in _LABELS}}


def dimensions_of(workspace: "Workspace", kpi_id: str) -> tuple[tuple[str, str], ...]:
    """Return by what a KPI can be broken down: (dimension, label)."""
    dimensions = workspace.checked(kpi_id).dimensions
    return tuple((name, label) for name, label in _labels(workspace).items() if name in dimensions)


def places(kpi: Kpi, slices: Sequence[Series]) -> tuple[tuple[int | None, ...], str]:
    """Return the place of each slice in its last period, and why some or all have none, "" where that needs no word."""
    points = [one.points[-1] for one in slices]
    found = ranks(points, kpi.direction)
    rates = [place for place, point in zip(found, points, strict=True) if point.interval and not too_few(point)]
    if len(rates) < 2 or all(rates):
        return found, ""
    return found, SOME_RANKS if any(rates) else NO_RANK


def sliced(figure: Figure, series: Series) -> Figure:
    """Return the figure of one slice of a series."""
    assert series.slice is not None  # noqa: S101 - only slices get here
    return replace(figure, where=(*figure.where, Filter(*series.slice)))


def slice_row(kpi: Kpi, series: Series, currency: str, period: Period) -> BreakdownRow:
    """Return one slice of the last period of a series, which is `period`."""
    point = series.points[-1]
    assert series.slice is not None  # noqa: S101 - only slices get here
    interval = point.interval
    target = goal_of(series.slice[1] or "", kpi.target, period) if series.slice[0] == "owner" else None
    return BreakdownRow(
        label=series.slice[1] or "(none)",
        value=point.value,
        text=point_text(kpi, point, currency),
        n="" if point.n is None else count(point.n),
        few=too_few(point),
        interval_text="" if interval is None else range_text(interval),
        target=target,
        target_text="" if target is None else value_text(target, kpi.display, currency, trim=True),
    )


def breakdown(workspace: "Workspace", kpi: Kpi, moment: board.Moment, by: str) -> Breakdown | None:
    """Return a KPI by a dimension over the last 13 periods, largest slice first; None when it has no rows in them."""
    calendar, currency, grain = moment.calendar, workspace.settings.currency, moment.period.grain
    first = shift(moment.period, 1 - PERIODS, calendar)
    query = Query((kpi.id,), grain, first.start, moment.period.start, moment.anchor, by)
    found = workspace.query(query)
    series = found.slices(kpi.id)
    if not series:
        return None
    ranked, note = places(kpi, series)
    against = (
        None if kpi.target is None or kpi.target.cumulative else goal(kpi.target, kpi.direction, moment.period, 1.0)
    )
    figures = [Figure(kpi.id, period, moment.anchor) for period in found.periods]
    slices = []
    for one, place in zip(series, ranked, strict=True):
        row = slice_row(kpi, one, currency, moment.period)
        slices.append(
            Slice(
                label=row.label,
                values=tuple(point.value for point in one.points),
                texts=tuple(point_text(kpi, point, currency) for point in one.points),
                few=frozenset(at for at, point in enumerate(one.points) if too_few(point)),
                text=row.text,
                n=row.n,
                interval_text=row.interval_text,
                place=place,
                figures=tuple(sliced(figure, one) for figure in figures),
                target=row.target,
                target_text=row.target_text,
            )
        )
    labels = tuple(period_name(period, calendar) for period in found.periods)
    return Breakdown(labels, tuple(slices), None if against is None else against.full, note)
