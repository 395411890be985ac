"""Gathers what the Excel summary shows, from the same readings as the dashboard."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from kpidesk.domain.entity import DEALS, FieldType
from kpidesk.domain.kpi import Basis, Catalog, Kpi
from kpidesk.domain.period import Grain, period_name, period_of, shift
from kpidesk.domain.progress import Progress
from kpidesk.domain.query import Query
from kpidesk.domain.result import Result
from kpidesk.frame import BLANK_DAY, Column, NumberColumn, TextColumn, TimeColumn
from kpidesk.insight.bands import too_few
from kpidesk.present.cards import Reading, change_line, chip_word
from kpidesk.present.goals import goal_rows
from kpidesk.present.numbers import exact_text
from kpidesk.present.reasons import reason_sentence
from kpidesk.present.summary import DataColumn, HistoryColumn, Summary, SummaryRow
from kpidesk.present.texts import lower_first
from kpidesk.workspace import board, marking

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_EPOCH = date(1970, 1, 1)
_MONTHS = 24
_HEADERS = (
    "KPI",
    "Formula",
    "Written as",
    "Good direction",
    "Kind",
    "Owner",
    "Source",
    "Target",
    "Off track beyond",
    "Question",
    "If it changes, we will",
    "Review",
    "Goal",
    "Target basis",
    "Version",
    "In force since",
)


def summary(workspace: "Workspace", progress: Progress, as_of: date | None = None) -> Summary:
    """Return the summary of the quarter of `as_of` (where the data ends when None), with 24 months of history and all deals."""
    settings = workspace.settings
    anchor = as_of or board.anchor_day(workspace) or workspace.today
    moment = board.Moment(period_of(anchor, Grain.QUARTER, settings.calendar), anchor, settings.calendar)
    progress.report("Calculating", 0, 3)
    kpis = workspace.catalog.active
    readings = board.readings(workspace, kpis, moment, "previous")
    last = period_of(anchor, Grain.MONTH, settings.calendar)
    first = shift(last, 1 - _MONTHS, settings.calendar)
    ids = tuple(kpi.id for kpi in kpis)
    progress.report("Calculating", 1, 3)
    result = workspace.query(Query(ids, Grain.MONTH, first.start, last.start, anchor)) if ids else None
    progress.report("Collecting rows", 2, 3)
    months, history, marks = _history(workspace, result, kpis)
    since = _since(workspace)
    span = workspace.data_range()
    return Summary(
        workspace=settings.name,
        currency=settings.currency,
        period=period_name(moment.period, settings.calendar),
        data_to=None if span is None else min(span[1], anchor),
        rows=tuple(_row(reading, settings.currency, since[reading.kpi.id]) for reading in readings),
        months=months,
        history=history,
        marks=marks,
        definition_headers=_HEADERS,
        definitions=_definitions(workspace),
        data=_data(workspace),
        goals=goal_rows(workspace.goals.page(moment.period.start, anchor).cards),
    )


def _history(
    workspace: "Workspace", result: Result | None, kpis: Sequence[Kpi]
) -> tuple[tuple[date, ...], tuple[HistoryColumn, ...], tuple[str, ...]]:
    """Return the months from the first in which anything is known, what every KPI was in them, and what is marked there."""
    if result is None:
        return (), (), ()
    points = [result.total(kpi.id).points for kpi in kpis]
    known = (place for place in range(len(result.periods)) if any(one[place].value is not None for one in points))
    first = next(known, len(result.periods))
    columns = tuple(
        HistoryColumn(
            kpi.name,
            kpi.display,
            tuple(point.value for point in one[first:]),
            frozenset(place for place, point in enumerate(one[first:]) if too_few(point)),
        )
        for kpi, one in zip(kpis, points, strict=True)
    )
    periods = result.periods[first:]
    told: list[list[str]] = [[] for _ in periods]
    for kpi in kpis:
        for mark in marking.marks(workspace, kpi.id, periods, to_now=True):
            told[mark.place].append(f"{kpi.name}: {mark.words}")
    return tuple(period.start for period in periods), columns, tuple("; ".join(one) for one in told)


def _since(workspace: "Workspace") -> Mapping[str, date]:
    """Return the day from which the definition of every KPI is in force."""
    zone = ZoneInfo(workspace.settings.timezone)
    return {name: since.astimezone(zone).date() for name, since in workspace.in_force_since().items()}


def _row(reading: Reading, currency: str, since: date) -> SummaryRow:
    point, kpi = reading.point, reading.kpi
    few = too_few(point)
    line = None if few or point.value is None else change_line(reading, currency)
    note = reason_sentence(point.reason, reading.missing) if point.reason else "Too few cases to judge." if few else ""
    status = chip_word(reading)
    if status == reading.band:  # the name of a band does not say whether it is good
        status = f"{status}, {lower_first(reading.status.word)}"
    return SummaryRow(
        name=kpi.name,
        value=point.value,
        target=None if reading.goal is None else reading.goal[1],
        status=status,
        change=None if line is None or reading.change is None else reading.change[0],
        change_words="" if line is None else line.words,
        owner=kpi.owner,
        display=kpi.display,
        note=note,
        sample=point.n,
        likely=point.interval,
        few=few,
        version=kpi.revision,
        since=since,
    )


def _definitions(workspace: "Workspace") -> tuple[tuple[str, ...], ...]:
    since = _since(workspace)
    return tuple(
        _definition(kpi, workspace.settings.currency, workspace.catalog, since[kpi.id]) for kpi in workspace.catalog
    )


def _definition(kpi: Kpi, currency: str, catalog: Catalog, since: date) -> tuple[str, ...]:
    target, limit = _target(kpi, currency, catalog)
    basis = "" if kpi.target is None or kpi.target.basis is Basis.PLAIN else kpi.target.basis.value
    if kpi.target is not None and kpi.target.origin:
        basis = f"{basis}: {kpi.target.origin}" if basis else kpi.target.origin
    return (
        kpi.name,
        kpi.formula,
        kpi.display.value,
        kpi.direction.value,
        kpi.kind.value,
        kpi.owner,
        kpi.source,
        target,
        limit,
        kpi.question,
        kpi.action,
        f"every {kpi.cadence.value}",
        kpi.goal,
        basis,
        str(kpi.revision),
        since.isoformat(),
    )


def _target(kpi: Kpi, currency: str, catalog: Catalog) -> tuple[str, str]:
    """Return what a KPI is held against and where off track begins, in words."""
    target = kpi.target
    if target is None:
        measured = None if kpi.target_from is None else catalog.kpis.get(kpi.target_from)
        return ("" if measured is None else f"As {lower_first(measured.name)} says"), ""
    span = f" a {target.grain.value}" if target.cumulative else ""
    limit = "" if target.at_risk is None else exact_text(target.at_risk, kpi.display, currency) + span
    return exact_text(target.value, kpi.display, currency) + span, limit


def _data(workspace: "Workspace") -> tuple[DataColumn, ...]:
    """Return all deals with the file, sheet and line that each came from."""
    frame = workspace.frame("deals")
    columns = [
        DataColumn(field.label, _KINDS.get(field.type, "text"), _cells(frame.columns[field.name]))
        for field in DEALS.fields
        if field.name in frame
    ]
    origin = workspace.provenance("deals")
    for place, header in ((0, "File"), (2, "Sheet"), (3, "Line")):
        cells = [row[place] for row in origin]
        columns.append(DataColumn(header, "number" if header == "Line" else "text", cells))
    return tuple(columns)


_KINDS = {FieldType.MONEY: "money", FieldType.NUMBER: "number", FieldType.DATE: "date"}


def _cells(column: Column) -> list[object]:
    match column:
        case TextColumn():
            return list(np.array([*column.values, None], dtype=object)[column.codes])
        case TimeColumn():
            days, codes = np.unique(column.days, return_inverse=True)
            dates = [None if day == BLANK_DAY else _EPOCH + timedelta(days=int(day)) for day in days]
            return list(np.array([*dates, None], dtype=object)[codes])
        case NumberColumn():
            cells = column.values.astype(object)
            cells[np.isnan(column.values)] = None
            return list(cells)
    return list(np.array(["No", "Yes", None], dtype=object)[column.values])
