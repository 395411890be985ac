"""Why a value is what it is: its formula with the numbers, the rows counted and the rows not counted."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from kpidesk.cli.arguments import Commands, add_where, date_of, filters
from kpidesk.cli.values import scaled
from kpidesk.domain.entity import entity
from kpidesk.domain.explanation import Explanation, Part, SourceRow, Span, Step, Table
from kpidesk.domain.kpi import Display
from kpidesk.domain.period import Period, period_name, read_period
from kpidesk.domain.problem import QueryError
from kpidesk.domain.result import Point
from kpidesk.present.numbers import day, exact_text, plural
from kpidesk.present.reasons import flag_words, reason_sentence
from kpidesk.workspace import Workspace

_SHOWN, _SHOWN_LEFT_OUT = 5, 2
# What a row is told by in a line of text, in this order.
_TELLING = (
    *(
        "deal_id",
        "lead_id",
        "activity_id",
        "transaction_id",
        "customer_id",
        "name",
        "type",
        "kind",
        "category",
        "status",
    ),
    *(
        "stage",
        "created",
        "closed",
        "first_response",
        "date",
        "entered",
        "exited",
        "acquired",
        "churned",
        "start",
        "end",
    ),
    *("amount", "currency", "owner"),
)


def add(commands: Commands) -> None:
    """Add the command."""
    why = commands.add_parser(
        "why", help="show the rows a value counts, and the rows it does not count with the reason"
    )
    why.add_argument("workspace", type=Path, metavar="WORKSPACE")
    why.add_argument("kpi", nargs="?", metavar="KPI")
    why.add_argument("--formula", metavar="TEXT", help="a formula of your own instead of a KPI")
    why.add_argument("--period", required=True, metavar="PERIOD", help="such as 2026, 2026-Q3, 2026-09 or 2026-W37")
    add_where(why)
    why.add_argument("--as-of", type=date_of, metavar="DATE", help="the last day whose events are known")
    why.add_argument("--json", action="store_true", help="all rows, each with file, sheet and line")
    why.set_defaults(function=_why)


def _why(given: argparse.Namespace) -> int:
    if (given.kpi is None) is (given.formula is None):
        raise QueryError("Name one KPI, or give a formula with --formula. `kpidesk kpis WORKSPACE` lists the KPIs.")
    where = tuple(filters(given.where))
    with Workspace.open(given.workspace, read_only=True) as workspace:
        period = read_period(given.period, workspace.settings.calendar)
        asked = given.formula if given.kpi is None else workspace.kpi(given.kpi).id
        found = workspace.explain(asked, period, where, given.as_of)
        if given.json:
            print(json.dumps(_told(found, workspace), ensure_ascii=False, indent=2))
        else:
            _print(found, workspace)
    return 0


# --- as JSON


def _told(found: Explanation, workspace: Workspace) -> dict[str, object]:
    return {
        "kpi": found.kpi,
        "label": found.label,
        "unit": found.display.value,
        "period": {**_span(Span(found.period.start, found.period.last_day)), "grain": found.period.grain.value},
        "as_of": found.as_of.isoformat(),
        "slice": {one.dimension: one.value for one in found.where},
        **_value(found.value, found.display),
        "formula": found.formula,
        "filled": found.filled,
        "steps": [_step(step) for step in found.steps],
        "parts": [_part(part, workspace) for part in found.parts],
    }


def _span(span: Span) -> dict[str, str]:
    return {"start": span.first.isoformat(), "end": span.last.isoformat()}


def _value(point: Point, display: Display = Display.NUMBER) -> dict[str, object]:
    reason = None if point.reason is None else point.reason.value
    return {"value": scaled(point.value, display), "reason": reason, "flags": list(point.flags)}


def _step(step: Step) -> dict[str, object]:
    told = {"kpi": step.kpi, "label": step.label, "formula": step.formula, "filled": step.filled}
    return {**told, **_span(step.span), **_value(step.value)}


def _part(part: Part, workspace: Workspace) -> dict[str, object]:
    return {
        "kpi": part.kpi,
        "formula": part.text,
        **_span(part.span),
        "stock": part.stock,
        **_value(part.value),
        "tables": [_table(table, workspace) for table in part.tables],
    }


def _table(table: Table, workspace: Workspace) -> dict[str, object]:
    counted = _rows(workspace, table, table.counted)
    if table.amounts is not None:
        counted = [{**row, "amount": amount} for row, amount in zip(counted, table.amounts, strict=True)]
    if table.times is not None:
        counted = [{**row, "times": times} for row, times in zip(counted, table.times, strict=True)]
    return {
        "entity": table.entity,
        "rows": table.size,
        "counted": {"count": len(table.counted), "rows": counted},
        "not_counted": [
            {
                "reason": group.reason.value,
                "words": group.reason.words,
                "count": len(group.rows),
                "rows": _rows(workspace, table, group.rows),
            }
            for group in table.left_out
        ],
    }


def _rows(workspace: Workspace, table: Table, rows: Sequence[int]) -> list[dict[str, object]]:
    return [_row(one) for one in workspace.source_rows(table.entity, rows)]


def _row(one: SourceRow) -> dict[str, object]:
    told: dict[str, object] = {"row": one.row, "file": one.file, "sheet": one.sheet, "line": one.line}
    told["cells"] = dict(one.cells)
    return {**told, "note": one.note} if one.note else told


# --- as text


def _print(found: Explanation, workspace: Workspace) -> None:
    settings = workspace.settings
    name = period_name(found.period, settings.calendar)
    where = "".join(f", {one.dimension} {one.value or '(none)'}" for one in found.where)
    print(f"{found.label}, {name}{where}: {exact_text(found.value.value, found.display, settings.currency)}")
    for note in _notes(found.value):
        print(f"  {note}")
    print(f"  as known on {day(found.as_of)}")
    for step in reversed(found.steps):
        print(f"{step.label}{_during(step.span, found.period)}")
        print(f"  {step.formula}")
        print(f"  = {step.filled}")
    for part in found.parts:
        _print_part(part, found.period, workspace)


def _notes(point: Point) -> tuple[str, ...]:
    notes = flag_words(point)
    return notes if point.reason is None else (reason_sentence(point.reason), *notes)


def _during(span: Span, period: Period) -> str:
    if (span.first, span.last) == (period.start, period.last_day):
        return ""
    return f", {day(span.first)}" + ("" if span.first == span.last else f" to {day(span.last)}")


def _print_part(part: Part, period: Period, workspace: Workspace) -> None:
    value = part.value.value
    number = "no value" if value is None else f"{value:,.10g}"
    print(f"\n{part.text}{_during(part.span, period)}: {number}")
    for note in _notes(part.value):
        print(f"  {note}")
    if not part.tables:
        print("  No rows were imported.")
    for table in part.tables:
        label = entity(table.entity).label.lower()
        again = "" if table.times is None else f", together {sum(table.times):,} times: one tells of earlier stages too"
        print(f"  {len(table.counted):,} of {plural(table.size, 'row')} of {label} counted{again}")
        _print_rows(table, table.counted, table.amounts, _SHOWN, workspace)
        for group in sorted(table.left_out, key=lambda one: -len(one.rows)):
            print(f"  {len(group.rows):,} not counted. {group.reason.words}")
            _print_rows(table, group.rows, None, _SHOWN_LEFT_OUT, workspace)


def _print_rows(
    table: Table, rows: Sequence[int], amounts: Sequence[float] | None, shown: int, workspace: Workspace
) -> None:
    for place, one in enumerate(workspace.source_rows(table.entity, rows[:shown])):
        amount = "" if amounts is None else f"  {amounts[place]:,.10g}"
        sheet = "" if one.sheet is None else f", sheet {one.sheet}"
        told = [one.cells[name] for name in _TELLING if name in one.cells] or list(one.cells.values())
        cells = ", ".join(_cell(cell) for cell in told if cell is not None)
        print(f"    {one.file}{sheet}, line {one.line}:{amount}  {cells}" + (f"  ({one.note})" if one.note else ""))
    if len(rows) > shown:
        print(f"    and {len(rows) - shown:,} more; --json lists all")


def _cell(cell: str | float) -> str:
    return f"{cell:,.10g}" if isinstance(cell, float) else cell
