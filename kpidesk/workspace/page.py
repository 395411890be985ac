"""One KPI's page, put together: its history, its definition, its breakdown."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from kpidesk.domain.kpi import Catalog, Direction, Display, Kpi
from kpidesk.domain.period import Grain, Period, period_name, period_of, shift
from kpidesk.domain.query import Figure, Filter, Query
from kpidesk.domain.result import Point, Series
from kpidesk.insight.bands import goal, goal_of, too_few
from kpidesk.insight.variation import FEWEST, judgeable, limits, ranks
from kpidesk.present import texts
from kpidesk.present.history import NO_RANK, SOME_RANKS, BreakdownRow, HistoryRow, KpiPage
from kpidesk.present.numbers import MISSING, count, day, percent, plural, value_text
from kpidesk.present.reasons import flag_words, reason_sentence
from kpidesk.workspace import board, comparing
from kpidesk.workspace.noting import note_marks

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_PERIODS = {Grain.WEEK: 26, Grain.MONTH: 24, Grain.QUARTER: 12, Grain.YEAR: 6}
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


def kpi_page(workspace: "Workspace", kpi_id: str, grain: Grain, dimension: str | None) -> KpiPage:
    """Return the page of one KPI at `grain`, broken down by `dimension` where it has that."""
    kpi = workspace.catalog[kpi_id]
    settings = workspace.settings
    anchor = board.anchor_day(workspace) or workspace.today
    moment = board.Moment(period_of(anchor, grain, settings.calendar), anchor, settings.calendar)
    offered = dimensions_of(workspace, kpi_id)
    by = dimension if dimension in dict(offered) else next((name for name, _ in offered), None)
    first = shift(moment.period, 1 - _PERIODS[grain], settings.calendar)
    ids = (kpi_id, *((kpi.target_from,) if kpi.target_from else ()))
    result = workspace.query(Query(ids, grain, first.start, moment.period.last_day, anchor))
    points = result.total(kpi_id).points
    targets = [
        _target(kpi, result.total(kpi.target_from).points[place] if kpi.target_from else None, period)
        for place, period in enumerate(result.periods)
    ]
    missing = board.missing_entities(workspace, kpi_id)
    notes = workspace.notes.of(kpi_id)
    bounds = limits(points)
    rows = tuple(
        replace(
            _row(kpi, period_name(period, settings.calendar), point, target, missing, settings.currency),
            variation=_variation(point, bounds),
            figure=Figure(kpi_id, period, anchor),
        )
        for period, point, target in zip(result.periods, points, targets, strict=True)
    )
    reading = board.readings(workspace, (kpi,), moment, "previous")[0]
    slices: tuple[Series, ...] = ()
    latest = Figure(kpi_id, moment.period, anchor)
    if by is not None:
        split = workspace.query(Query((kpi_id,), grain, moment.period.start, moment.period.start, anchor, by))
        slices = split.slices(kpi_id)
    return KpiPage(
        kpi=kpi.id,
        name=kpi.name,
        status=reading.status,
        answer=_answer(kpi, moment, rows[-1]),
        value=rows[-1].text,
        formula=kpi.formula,
        definition=_definition(kpi, texts_of_goal(reading.goal, kpi, settings.currency), workspace.catalog),
        grain=grain,
        history=rows,
        dimensions=offered,
        dimension=by,
        breakdown=tuple(
            replace(slice_row(kpi, series, settings.currency, moment.period), figure=sliced(latest, series))
            for series in slices
        ),
        percent=kpi.display is Display.PERCENT,
        changes=_told(comparing.marks(workspace, kpi.id, result.periods), note_marks(notes, result.periods)),
        notes=notes,
        today=day(anchor),
        breakdown_note=places(kpi, slices)[1],
        variation=_limits_text(kpi, bounds, points, settings.currency),
    )


def _told(*marks: dict[int, str]) -> tuple[tuple[int, str], ...]:
    """Put marks of the same place together."""
    places = sorted({place for one in marks for place in one})
    return tuple((place, ". ".join(one[place] for one in marks if place in one)) for place in places)


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


def _variation(point: Point, bounds: tuple[float, float] | None) -> str:
    if bounds is None or point.value is None or not judgeable(point):
        return ""
    return f"{'inside' if bounds[0] <= point.value <= bounds[1] else 'outside'} normal variation"


def _limits_text(kpi: Kpi, bounds: tuple[float, float] | None, points: Sequence[Point], currency: str) -> str:
    """Say between which values a history varies by itself. What cannot be below 0, or above 100%, is not said to be."""
    whole = [point.value for point in points if judgeable(point) and point.value is not None]
    if bounds is None:
        return f"{plural(len(whole), 'whole period')}. Normal variation needs at least {FEWEST}."
    low = max(bounds[0], 0.0) if min(whole) >= 0 else bounds[0]
    high = min(bounds[1], 1.0) if kpi.display is Display.PERCENT and max(whole) <= 1 else bounds[1]
    ends = " to ".join(value_text(end, kpi.display, currency) for end in (low, high))
    return f"Normal variation {ends}, from {plural(len(whole), 'whole period')}"


def texts_of_goal(against: tuple[float, float, float] | None, kpi: Kpi, currency: str) -> str:
    """Return the target of the whole period as text."""
    return "None set" if against is None else value_text(against[0], kpi.display, currency, trim=True)


def _target(kpi: Kpi, other: Point | None, period: Period) -> float | None:
    if kpi.target is None:
        return None if other is None else other.value
    against = goal(kpi.target, kpi.direction, period, 1.0)
    return None if against is None else against.full


def _number(kpi: Kpi, value: float | None, currency: str) -> str:
    if value is None:
        return ""
    if kpi.display in (Display.MONEY, Display.MONEY_PER_DAY):
        return value_text(value, Display.MONEY, currency)
    return count(round(value, 2))


def _row(
    kpi: Kpi, label: str, point: Point, target: float | None, missing: tuple[str, ...], currency: str
) -> HistoryRow:
    interval = point.interval
    return HistoryRow(
        label=label,
        value=point.value,
        text=value_text(point.value, kpi.display, currency),
        target=target,
        numerator=_number(kpi, point.numerator, currency),
        denominator="" if point.denominator is None else count(round(point.denominator, 2)),
        n="" if point.n is None else count(point.n),
        interval=interval,
        interval_text="" if interval is None else f"{percent(interval[0])} to {percent(interval[1])}",
        reason="" if point.reason is None else reason_sentence(point.reason, missing),
        flags=flag_words(point),
    )


def slice_row(kpi: Kpi, series: Series, currency: str, period: Period) -> BreakdownRow:
    """Return one slice of the last period of a series, which is `period`."""
    point = series.points[-1]
    assert series.slice is not None  # noqa: S101 - only slices get here
    interval = point.interval
    target = goal_of(series.slice[1] or "", kpi.target, period) if series.slice[0] == "owner" else None
    return BreakdownRow(
        label=series.slice[1] or "(none)",
        value=point.value,
        text=value_text(point.value, kpi.display, currency),
        n="" if point.n is None else count(point.n),
        few=too_few(point),
        interval_text="" if interval is None else f"{percent(interval[0], 0)} to {percent(interval[1], 0)}",
        target=target,
        target_text="" if target is None else value_text(target, kpi.display, currency, trim=True),
    )


def _answer(kpi: Kpi, moment: board.Moment, row: HistoryRow) -> str:
    name = period_name(moment.period, moment.calendar)
    head = f"{name}, day {moment.elapsed_days} of {moment.period.days}" if moment.in_progress else name
    return f"{head}: {row.text}. {kpi.question}" if row.text != MISSING else f"{head}: {row.reason} {kpi.question}"


def _definition(kpi: Kpi, target: str, catalog: Catalog) -> tuple[tuple[str, str], ...]:
    names = [catalog[variant].name for variant in kpi.variants if variant in catalog]
    variants = (("Other ways to measure it", ", ".join(names)),) if names else ()
    better = "Higher is better" if kpi.direction is Direction.UP else "Lower is better"
    return (
        ("Question", kpi.question),
        ("Formula", kpi.formula),
        ("Target", target),
        ("Direction", better),
        ("Kind", kpi.kind.value.capitalize()),
        ("Owner", kpi.owner or "Nobody yet"),
        ("Source", kpi.source),
        ("Review", f"Every {kpi.cadence.value}"),
        ("If this changes, we will", kpi.action),
        (
            "Definition",
            f"Revision {kpi.revision}, {texts.lower_first(kpi.article)}"
            if kpi.article == "ours"
            else f"Revision {kpi.revision}, article {kpi.article}",
        ),
        *variants,
    )
