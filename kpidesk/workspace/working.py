"""How one number came about, put together: its explanation in words, its rows by reason, and its slices."""

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

from kpidesk.domain.entity import FieldType, entity
from kpidesk.domain.explanation import Explanation, Part, Span, Step, Table
from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Display, Kpi
from kpidesk.domain.period import Period, period_name
from kpidesk.domain.query import Figure, Filter, Query
from kpidesk.domain.result import Point
from kpidesk.formula.nodes import Aggregate, Conversion, Node, Proportion, Rows, walk
from kpidesk.insight.bands import Goal, goal, judge, too_few
from kpidesk.present.cards import few_text
from kpidesk.present.definition import in_words, phrase, rows_words
from kpidesk.present.numbers import MISSING, apart_text, count, day, exact_text, range_text, value_text
from kpidesk.present.reasons import flag_words, reason_sentence
from kpidesk.present.texts import lower_first
from kpidesk.present.working import (
    Dimension,
    PartLine,
    RowList,
    SliceLine,
    StepLine,
    Working,
    sum_text,
)
from kpidesk.workspace import board, marking, slicing

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


def working(workspace: "Workspace", figure: Figure) -> Working:
    """Return all that is behind a figure; QueryError when its KPI cannot be asked for its slice."""
    kpi, settings = workspace.kpi(figure.kpi), workspace.settings
    period, as_of = figure.period, figure.as_of or workspace.as_of
    found = workspace.explain(kpi.id, period, figure.where, as_of)
    checked = workspace.checked(kpi.id)
    names = {one.id: one.name for one in workspace.catalog.kpis.values()}
    point = _point(workspace, figure)
    name = period_name(period, settings.calendar)
    until = "" if as_of >= period.last_day else f" to {day(as_of, year=False)}"
    about = "".join((f"{name}{until}", *(f", {_slice(one)}" for one in figure.where)))
    against = _goal(workspace, kpi, period, as_of) if not figure.where else None
    missing = board.missing_entities(workspace, kpi.id)
    few = too_few(point)
    notes = tuple(f"{word[:1].upper()}{word[1:]}" for word in flag_words(point))
    if point.reason is not None:
        notes = (reason_sentence(point.reason, missing), *notes)
    status = judge(point, against, kpi.direction)
    shown = few_text(point) if few else _value(kpi, point, against, settings.currency)
    steps = [_step(step, period, workspace) for step in reversed(found.steps)]
    return Working(
        figure=figure,
        title=kpi.name,
        about=about,
        status=status,
        chip=_chip(kpi, point, status),
        value=shown,
        exact="" if point.value is None else exact_text(point.value, kpi.display, settings.currency),
        range_text=_range(point),
        definition=in_words(checked.node, names, settings.currency, f"in {name}"),
        steps=(replace(steps[0], value=shown), *steps[1:]),
        parts=tuple(_part(part, found, workspace, names) for part in found.parts),
        dimensions=tuple(_dimensions(workspace, kpi, figure)),
        notes=notes,
        version=marking.version(workspace, kpi),
        annotations=tuple(one.words for one in marking.marks(workspace, kpi.id, (period,))),
        sentence=_sentence(
            kpi,
            point,
            checked.node,
            shown,
            f"in {about}",
            "" if against is None else value_text(against.full, kpi.display, settings.currency, trim=True),
            missing,
        ),
    )


def _chip(kpi: Kpi, point: Point, status: Status) -> str:
    if status is Status.NONE and point.value is not None:
        return "Too few" if too_few(point) else "Not judged"
    band = "" if kpi.target is None else kpi.target.band(point.value)
    return band if band and status is not Status.NONE else status.word


def _point(workspace: "Workspace", figure: Figure) -> Point:
    period = figure.period
    query = Query((figure.kpi,), period.grain, period.start, period.start, figure.as_of, where=figure.where)
    return workspace.query(query).series[0].points[0]


def _goal(workspace: "Workspace", kpi: Kpi, period: Period, as_of: date) -> Goal | None:
    moment = board.Moment(period, min(as_of, period.last_day), workspace.settings.calendar)
    ids = (kpi.id, *((kpi.target_from,) if kpi.target_from else ()))
    result = workspace.query(Query(ids, period.grain, period.start, period.start, as_of))
    return goal(board.target_of(kpi, result, moment), kpi.direction, period, moment.elapsed_share)


def _value(kpi: Kpi, point: Point, against: Goal | None, currency: str) -> str:
    if point.value is None:
        return MISSING
    return apart_text(point.value, None if against is None else against.now, kpi.display, currency)


def _slice(where: Filter) -> str:
    return f"{where.dimension} {where.value or '(none)'}"


def _range(point: Point) -> str:
    return "" if point.interval is None else range_text(point.interval)


# --- formula and rows


def _step(step: Step, period: Period, workspace: "Workspace") -> StepLine:
    kpi = workspace.catalog[step.kpi]
    value = value_text(step.value.value, kpi.display, workspace.settings.currency)
    return StepLine(f"{step.label}{_during(step.span, period)}", step.formula, step.filled, value)


def _during(span: Span, period: Period) -> str:
    if (span.first, span.last) == (period.start, period.last_day):
        return ""
    return f", {day(span.first)}" + ("" if span.first == span.last else f" to {day(span.last)}")


def _part(part: Part, found: Explanation, workspace: "Workspace", names: dict[str, str]) -> PartLine:
    checked, currency = workspace.read_formula(part.text), workspace.settings.currency
    display = board.described("part", part.text, checked.unit).display
    lists = tuple(one for table in part.tables for one in _lists(table, named=len(part.tables) > 1))
    sums = [sum_text(one.entity, len(one.counted), one.size, one.times) for one in part.tables]
    if isinstance(checked.node, Conversion):
        display = Display.COUNT  # the rows that were followed, not their share
    elif display is Display.DAYS and workspace.catalog[part.kpi].display is Display.HOURS:
        display = Display.HOURS
    return PartLine(
        title=phrase(checked.node, names, currency),
        formula=part.text,
        value=value_text(part.value.value, display, currency),
        span=_during(part.span, found.period).removeprefix(", "),
        anchor=_anchor(checked.node, part.tables),
        lists=lists,
        sum_text=". ".join(sums) or "No rows were imported.",
    )


def _lists(table: Table, *, named: bool) -> list[RowList]:
    of = f" ({entity(table.entity).label.lower()})" if named else ""
    counted = RowList(f"Counted{of}", table.entity, table.counted, table.amounts, table.times, counted=True)
    groups = sorted(table.left_out, key=lambda one: -len(one.rows))
    return [counted, *(RowList(f"{one.reason.words}{of}", table.entity, one.rows) for one in groups)]


def _anchor(node: Node, tables: tuple[Table, ...]) -> str:
    """Return the date by which rows of a part are counted, or the first that they have."""
    wanted = [one.rows.anchor for one in walk(node) if isinstance(one, Aggregate)]
    wanted += [one.source.anchor for one in walk(node) if isinstance(one, Conversion)]
    dates = [one.name for table in tables for one in entity(table.entity).fields if one.type is FieldType.DATE]
    return next((name for name in (*wanted, *dates) if name in dates), "")


# --- slices


def _dimensions(workspace: "Workspace", kpi: Kpi, figure: Figure) -> list[Dimension]:
    period, currency = figure.period, workspace.settings.currency
    taken = {one.dimension for one in figure.where}
    found = []
    for name, label in slicing.dimensions_of(workspace, kpi.id):
        if name in taken:
            continue
        query = Query((kpi.id,), period.grain, period.start, period.start, figure.as_of, name, figure.where)
        series = workspace.query(query).slices(kpi.id)
        if all(one.slice is None or one.slice[1] is None for one in series):
            continue  # no row says anything of it
        places, note = slicing.places(kpi, series)
        lines = tuple(
            SliceLine(slicing.slice_row(kpi, one, currency, period), slicing.sliced(figure, one), place)
            for one, place in zip(series, places, strict=True)
        )
        found.append(Dimension(label, lines, note))
    return found


# --- in a sentence


def _sentence(kpi: Kpi, point: Point, node: Node, value: str, when: str, target: str, missing: tuple[str, ...]) -> str:
    """Say a value with what it is made of: "Win rate was 25.7% in Q3 2026: 19 of 74 deals decided, likely 17% to 37%."."""
    if point.value is None:
        why = "" if point.reason is None else lower_first(reason_sentence(point.reason, missing))
        return f"{kpi.name} has no value {when}: {why}"
    told = []
    whole = _whole(node)
    if point.interval is not None and point.denominator is not None and point.numerator is not None:
        rows = "" if whole is None else f" {rows_words(whole, point.denominator)}"
        told.append(f"{count(point.numerator)} of {count(point.denominator)}{rows}")
    elif point.n is not None and whole is not None and kpi.display is not Display.COUNT:
        told.append(f"from {count(point.n)} {rows_words(whole, point.n)}")
    if too_few(point):
        return f"{kpi.name} {when}: {', '.join([*told, 'too few to judge'])}."
    if point.interval is not None:
        told.append(f"likely {_range(point)}")
    if target:
        told.append(f"target {target}")
    end = f": {', '.join(told)}." if told else "."
    return f"{kpi.name} was {value} {when}{end}"


def _whole(node: Node) -> Rows | None:
    """Return the rows that a rate is of, or the only rows that a formula looks at."""
    match node:
        case Proportion():
            return node.denominator.rows
        case Conversion():
            return node.source
    rows = {one.rows for one in walk(node) if isinstance(one, Aggregate)}
    return next(iter(rows)) if len(rows) == 1 else None
