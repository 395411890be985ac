"""Numbers and what they are made with: values, kpis, set."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path

from kpidesk.cli.arguments import Commands, add_where, date_of, filters, opened, pair
from kpidesk.domain.kpi import Display
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Query
from kpidesk.domain.result import Point, Result, Series
from kpidesk.present.numbers import value_text
from kpidesk.present.reasons import flag_words, reason_sentence
from kpidesk.workspace import Workspace

_HOURS_PER_DAY = 24.0


def add(commands: Commands) -> None:
    """Add the commands."""
    values = commands.add_parser("values", help="print the values of KPIs")
    values.add_argument("workspace", type=Path, metavar="WORKSPACE")
    values.add_argument("kpis", nargs="*", metavar="KPI")
    values.add_argument("--formula", metavar="TEXT", help="a formula of your own beside the KPIs")
    values.add_argument("--grain", choices=[one.value for one in Grain], required=True)
    values.add_argument("--from", dest="first", type=date_of, required=True, metavar="DATE")
    values.add_argument("--to", dest="last", type=date_of, required=True, metavar="DATE")
    values.add_argument("--as-of", type=date_of, metavar="DATE", help="the last day whose events are known")
    values.add_argument("--by", metavar="DIMENSION", help="split by owner, source, stage, segment, product and others")
    add_where(values)
    values.add_argument("--json", action="store_true")
    values.set_defaults(function=_values)

    setter = commands.add_parser("set", help="change a setting of a workspace, which is made when absent")
    setter.add_argument("workspace", type=Path, metavar="WORKSPACE")
    setter.add_argument("settings", nargs="+", metavar="NAME=VALUE")
    setter.set_defaults(function=_set)

    kpis = commands.add_parser("kpis", help="list the KPIs of a workspace with their formulas")
    kpis.add_argument("workspace", type=Path, metavar="WORKSPACE")
    kpis.set_defaults(function=_kpis)


def _values(given: argparse.Namespace) -> int:
    if not given.kpis and given.formula is None:
        raise QueryError(
            "Name at least one KPI, or give a formula with --formula. `kpidesk kpis WORKSPACE` lists the KPIs."
        )
    where = tuple(filters(given.where))
    with Workspace.open(given.workspace, read_only=True) as workspace:
        query = Query(tuple(given.kpis), Grain(given.grain), given.first, given.last, given.as_of, given.by, where)
        results: list[Result] = []
        if given.kpis:
            found = [workspace.catalog.by_name(kpi) for kpi in given.kpis]
            ids = tuple(kpi.id if kpi is not None else name for kpi, name in zip(found, given.kpis, strict=True))
            results.append(workspace.query(replace(query, kpis=ids)))
        if given.formula is not None:
            results.append(workspace.evaluate(given.formula, query))
            for caution in workspace.read_formula(given.formula).warnings:
                print(f"kpidesk: {caution.message} ({caution.code}, position {caution.span[0]})", file=sys.stderr)
        rows = [row for result in results for row in _rows(result, query)]
        if given.json:
            print(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            _print_values(results, workspace.settings.currency)
    return 0


def scaled(value: float | None, display: Display) -> float | None:
    """Return a value in the unit that its KPI is displayed in."""
    return value * _HOURS_PER_DAY if value is not None and display is Display.HOURS else value


def _rows(result: Result, query: Query) -> list[dict[str, object]]:
    where = {one.dimension: one.value for one in query.where}
    return [
        _row(
            series,
            point,
            {"start": period.start.isoformat(), "end": period.last_day.isoformat(), "grain": period.grain.value},
            where,
        )
        for series in result
        for period, point in zip(result.periods, series.points, strict=True)
    ]


def _row(series: Series, point: Point, period: dict[str, str], where: dict[str, str | None]) -> dict[str, object]:
    which = dict(where)
    if series.slice is not None:
        which[series.slice[0]] = series.slice[1]
    return {
        "kpi": series.kpi,
        "label": series.label,
        "unit": series.display.value,
        "period": period,
        "slice": which,
        "value": scaled(point.value, series.display),
        "reason": None if point.reason is None else point.reason.value,
        "numerator": point.numerator,
        "denominator": point.denominator,
        "n": point.n,
        "pending": point.pending,
        "interval": None if point.interval is None else list(point.interval),
        "flags": list(point.flags),
    }


def _print_values(results: list[Result], currency: str) -> None:
    for result in results:
        for series in result:
            name = (
                series.label
                if series.slice is None
                else f"{series.label}, {series.slice[0]} {series.slice[1] or '(none)'}"
            )
            print(name)
            for period, point in zip(result.periods, series.points, strict=True):
                text = value_text(point.value, series.display, currency)
                notes = list(flag_words(point))
                if point.reason is not None:
                    notes.insert(0, reason_sentence(point.reason))
                print(f"  {period.start} to {period.last_day}  {text}" + (f"  ({'; '.join(notes)})" if notes else ""))


def _set(given: argparse.Namespace) -> int:
    pairs = [pair(text, "NAME=VALUE") for text in given.settings]
    with opened(given.workspace) as workspace:
        for name, value in pairs:
            workspace.set(name, value)
            print(f"{name} = {value}")
    return 0


def _kpis(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        for kpi in workspace.catalog:
            print(f"{kpi.id:32} {kpi.name}: {kpi.formula}")
    return 0
