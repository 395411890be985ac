"""One KPI's page, put together: its history, its comparison to date, its definition, its breakdown."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from kpidesk.domain.kpi import Direction, Display, Kpi
from kpidesk.domain.period import Grain, Period, period_name, period_of, shift
from kpidesk.domain.query import Figure, Query
from kpidesk.domain.result import Point, Result
from kpidesk.insight.bands import goal, too_few
from kpidesk.insight.variation import FEWEST, RUN, Limits, Signal, judgeable, limits, signals
from kpidesk.present import texts
from kpidesk.present.cards import chip_word, point_text, target_text
from kpidesk.present.history import HistoryRow, KpiPage
from kpidesk.present.numbers import MISSING, count, day, percent, plural, value_text
from kpidesk.present.reasons import flag_words, reason_sentence
from kpidesk.workspace import board, like_for_like, marking, slicing

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_FEWEST_ROWS = 6
_PERIODS = {Grain.WEEK: 26, Grain.MONTH: 24, Grain.QUARTER: 12, Grain.YEAR: 6}


def kpi_page(workspace: "Workspace", kpi_id: str, grain: Grain, dimension: str | None) -> KpiPage:
    """Return the page of one KPI at `grain`, broken down by `dimension` where it has that."""
    kpi = workspace.catalog[kpi_id]
    settings = workspace.settings
    anchor = board.anchor_day(workspace) or workspace.today
    moment = board.Moment(period_of(anchor, grain, settings.calendar), anchor, settings.calendar)
    offered = slicing.dimensions_of(workspace, kpi_id)
    by = dimension if dimension in dict(offered) else next((name for name, _ in offered), None)
    result = _history(workspace, kpi, moment)
    rows, bounds = _rows(workspace, kpi, moment, result)
    reading = board.readings(workspace, (kpi,), moment, "previous")[0]
    points = result.total(kpi_id).points[-_PERIODS[grain] :]
    return KpiPage(
        kpi=kpi.id,
        name=kpi.name,
        status=reading.status,
        chip=chip_word(reading),
        answer=_answer(kpi, moment, rows[-1]),
        value=rows[-1].text,
        target=texts_of_goal(reading.goal, kpi, settings.currency),
        owner=kpi.owner,
        definition=_definition(kpi, texts_of_goal(reading.goal, kpi, settings.currency), workspace),
        grain=grain,
        history=rows,
        to_date=like_for_like.comparisons(
            workspace,
            kpi,
            moment,
            bounds,
            "" if reading.goal is None else target_text(kpi, reading.goal, settings.currency),
        ),
        dimensions=offered,
        dimension=by,
        breakdown=None if by is None else slicing.breakdown(workspace, kpi, moment, by),
        percent=kpi.display is Display.PERCENT,
        marks=marking.marks(workspace, kpi.id, result.periods[-len(rows) :], to_now=True),
        limits=None if bounds is None else _shown(bounds, kpi, points),
        variation=_limits_text(kpi, bounds, points, rows, settings.currency),
        bands=() if kpi.target is None else tuple((one.start, one.name) for one in kpi.target.bands),
        notes=workspace.notes.of(kpi_id),
        today=day(anchor),
    )


def _history(workspace: "Workspace", kpi: Kpi, moment: board.Moment) -> Result:
    """Return the periods that are shown and, before them, those a year earlier."""
    grain = moment.period.grain
    first = shift(moment.period, 1 - _PERIODS[grain] - board.YEAR_STEPS[grain], moment.calendar)
    ids = (kpi.id, *((kpi.target_from,) if kpi.target_from else ()))
    return workspace.query(Query(ids, grain, first.start, moment.period.last_day, moment.anchor))


def _rows(
    workspace: "Workspace", kpi: Kpi, moment: board.Moment, result: Result
) -> tuple[tuple[HistoryRow, ...], Limits | None]:
    """Return the rows of the history, and the limits of its normal variation."""
    currency, grain = workspace.settings.currency, moment.period.grain
    points, shown = result.total(kpi.id).points, _PERIODS[grain]
    bounds = limits(points[-shown:])
    told = signals(points[-shown:], bounds)
    missing = board.missing_entities(workspace, kpi.id)
    rows = []
    for place, signal in enumerate(told, start=len(points) - shown):
        point, period, earlier = points[place], result.periods[place], points[place - board.YEAR_STEPS[grain]]
        target = _target(kpi, result.total(kpi.target_from).points[place] if kpi.target_from else None, period)
        rows.append(
            HistoryRow(
                label=period_name(period, moment.calendar),
                tick=day(period.start, year=False) if grain is Grain.WEEK else period_name(period, moment.calendar),
                value=point.value,
                text=point_text(kpi, point, currency),
                target=target,
                target_text="" if target is None else value_text(target, kpi.display, currency, trim=True),
                numerator=_number(kpi, point.numerator, currency),
                denominator="" if point.denominator is None else count(round(point.denominator, 2)),
                n="" if point.n is None else count(point.n),
                interval=point.interval,
                interval_text="" if point.interval is None else " to ".join(map(percent, point.interval)),
                reason="" if point.reason is None else reason_sentence(point.reason, missing),
                flags=flag_words(point),
                # Few cases, or a period that the data does not cover, would only look like a course.
                earlier=None if too_few(earlier) or "partial_data" in earlier.flags else earlier.value,
                earlier_text="" if earlier.value is None else point_text(kpi, earlier, currency),
                variation=_variation(point, bounds, signal),
                signal=0 if signal is None else signal.way * (2 if signal.run else 1),
                few=too_few(point),
                open="partial_period" in point.flags,
                figure=Figure(kpi.id, period, moment.anchor),
            )
        )
    # What lies before the data takes no room, as long as enough is left to see a course.
    first = next((place for place, row in enumerate(rows) if row.value is not None), len(rows))
    return tuple(rows[min(first, max(len(rows) - _FEWEST_ROWS, 0)) :]), bounds


_SIGNALS = {
    Signal.ABOVE: "above normal variation",
    Signal.BELOW: "below normal variation",
    Signal.RUN_ABOVE: f"one of {RUN} or more in a row above the middle",
    Signal.RUN_BELOW: f"one of {RUN} or more in a row below the middle",
}


def _variation(point: Point, bounds: Limits | None, signal: Signal | None) -> str:
    if bounds is None or not judgeable(point):
        return ""
    return "inside normal variation" if signal is None else _SIGNALS[signal]


def _shown(bounds: Limits, kpi: Kpi, points: Sequence[Point]) -> tuple[float, float, float]:
    """Return limits as they are shown: what cannot be below 0, or above 100%, is not said to be."""
    whole = [point.value for point in points if judgeable(point) and point.value is not None]
    low = max(bounds.low, 0.0) if min(whole) >= 0 else bounds.low
    high = min(bounds.high, 1.0) if kpi.display is Display.PERCENT and max(whole) <= 1 else bounds.high
    return low, bounds.middle, high


def _limits_text(
    kpi: Kpi, bounds: Limits | None, points: Sequence[Point], rows: Sequence[HistoryRow], currency: str
) -> str:
    """Say between which values a history varies by itself, and what stands out."""
    whole = sum(judgeable(point) for point in points)
    if bounds is None:
        return f"{plural(whole, 'whole period')}. Normal variation needs at least {FEWEST}."
    low, _, high = _shown(bounds, kpi, points)
    ends = " to ".join(value_text(end, kpi.display, currency) for end in (low, high))
    outside, runs = (sum(abs(row.signal) == kind for row in rows) for kind in (1, 2))
    told = [plural(outside, "period") + " outside"] if outside else []
    told += [f"{plural(runs, 'period')} in a long run on one side of the middle"] if runs else []
    return f"Normal variation {ends}, from {plural(whole, 'whole period')}. {' and '.join(told) or 'None stands out'}."


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


def _answer(kpi: Kpi, moment: board.Moment, row: HistoryRow) -> str:
    name = period_name(moment.period, moment.calendar)
    head = f"{name}, day {moment.elapsed_days} of {moment.period.days}" if moment.in_progress else name
    return f"{head}: {row.text}. {kpi.question}" if row.text != MISSING else f"{head}: {row.reason} {kpi.question}"


def _definition(kpi: Kpi, target: str, workspace: "Workspace") -> tuple[tuple[str, str], ...]:
    catalog = workspace.catalog
    names = [catalog[variant].name for variant in kpi.variants if variant in catalog]
    variants = (("Other ways to measure it", ", ".join(names)),) if names else ()
    version = marking.version(workspace, kpi)
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
            f"{version}, {texts.lower_first(kpi.article) if kpi.article == 'ours' else f'article {kpi.article}'}",
        ),
        *variants,
    )
