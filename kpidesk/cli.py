"""The same workspace without a screen, for automation and for checking."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Protocol

from kpidesk import __version__, cli_history
from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.importing import BatchInfo, Choices, DateOrder, ImportReport, Preview
from kpidesk.domain.kpi import Display
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import ImportRefusedError, KpideskError, Problem, QueryError, Severity, WorkspaceError
from kpidesk.domain.query import Filter, Query
from kpidesk.domain.result import Point, Result, Series
from kpidesk.domain.snapshot import Snapshot
from kpidesk.formula.errors import FormulaError
from kpidesk.present.numbers import value_text
from kpidesk.present.reasons import flag_words, reason_sentence
from kpidesk.workspace import Health, PendingImport, Workspace, open_sample

MENDABLE = 2
"""Exit status for what the user can mend, as argparse gives it for wrong arguments."""
_HOURS_PER_DAY = 24.0
_SHOWN_HELD = 20
_STATUSES = ("open", "won", "lost")


class Painter(Protocol):
    """Writes pictures of a workspace's screens into a folder and returns their paths; only the window's side can paint."""

    def __call__(self, workspace: Path, folder: Path) -> Sequence[Path]:
        """Paint; OSError when the folder cannot be written."""


def run(arguments: Sequence[str], paint: Painter | None = None) -> int:
    """Run one command; 0 when it worked, 2 with a sentence for what the user can mend."""
    parser = _parser(paint)
    given = parser.parse_args(list(arguments))
    try:
        return int(given.function(given))
    except FormulaError as error:
        print(f"kpidesk: {_formula_sentence(error)}", file=sys.stderr)
        if getattr(given, "json", False):
            print(json.dumps({"error": _formula_error(error)}, ensure_ascii=False, indent=2))
        return MENDABLE
    except KpideskError as error:
        print(f"kpidesk: {error}", file=sys.stderr)
        return MENDABLE
    except KeyboardInterrupt:
        print("kpidesk: Cancelled. Nothing was changed.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        return 0


def _formula_sentence(error: FormulaError) -> str:
    """Say what is wrong, where, and the mends; a code alone would send the reader to a manual."""
    mends = " or ".join(one.label for one in error.suggestions)
    tried = f" Try {mends}." if mends else ""
    return f"{error}{tried} ({error.code}, position {error.start})"


def _formula_error(error: FormulaError) -> dict[str, object]:
    return {
        "code": error.code,
        "message": error.message,
        "position": error.start,
        "end": error.end,
        "hint": error.hint,
        "mends": [
            {"label": one.label, "replacement": one.replacement, "position": one.span[0], "end": one.span[1]}
            for one in error.suggestions
        ],
    }


def _parser(paint: Painter | None = None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kpidesk", description="The truth about sales from CRM exports, offline.")
    parser.add_argument("--version", action="version", version=f"kpidesk {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    add = commands.add_parser("import", help="import CRM exports into a workspace, which is made when absent")
    add.add_argument("workspace", type=Path, metavar="WORKSPACE")
    add.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="exports, or folders of them; the oldest export comes in first",
    )
    add.add_argument(
        "--as", dest="entity", choices=[one.name for one in ENTITIES], help="what the rows are, when not recognised"
    )
    add.add_argument(
        "--profile", metavar="NAME", help="which CRM wrote the file: hubspot, salesforce, pipedrive, generic"
    )
    add.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="feed a field from a column; nothing after = leaves it out",
    )
    add.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="FIELD:FROM=TO",
        help="read a cell as something else; nothing after = is blank",
    )
    add.add_argument(
        "--date-order", choices=[one.value for one in DateOrder], help="the order of dates such as 03/07/2026"
    )
    add.add_argument("--decimal", choices=[".", ","], help="which separator begins the decimals")
    add.add_argument("--sheet", metavar="NAME", help="the sheet of a spreadsheet")
    add.add_argument("--header-line", type=int, metavar="N", help="the line of the headers, from 1")
    add.add_argument("--dated", type=_date, metavar="DATE", help="the day the file was exported, when it shows another")
    add.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
    add.add_argument("--json", action="store_true")
    add.set_defaults(function=_import)

    values = commands.add_parser("values", help="print the values of KPIs")
    values.add_argument("workspace", type=Path, metavar="WORKSPACE")
    values.add_argument("kpis", nargs="*", metavar="KPI")
    values.add_argument("--formula", metavar="TEXT", help="a formula of your own beside the KPIs")
    values.add_argument("--grain", choices=[one.value for one in Grain], required=True)
    values.add_argument("--from", dest="first", type=_date, required=True, metavar="DATE")
    values.add_argument("--to", dest="last", type=_date, required=True, metavar="DATE")
    values.add_argument("--as-of", type=_date, metavar="DATE", help="the last day whose events are known")
    values.add_argument("--by", metavar="DIMENSION", help="split by owner, source, stage, segment, product and others")
    values.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="DIMENSION=VALUE",
        help="only these rows; nothing after = means rows without a value",
    )
    values.add_argument("--json", action="store_true")
    values.set_defaults(function=_values)

    setter = commands.add_parser("set", help="change a setting of a workspace, which is made when absent")
    setter.add_argument("workspace", type=Path, metavar="WORKSPACE")
    setter.add_argument("settings", nargs="+", metavar="NAME=VALUE")
    setter.set_defaults(function=_set)

    kpis = commands.add_parser("kpis", help="list the KPIs of a workspace with their formulas")
    kpis.add_argument("workspace", type=Path, metavar="WORKSPACE")
    kpis.set_defaults(function=_kpis)

    imports = commands.add_parser("imports", help="list the imports of a workspace")
    imports.add_argument("workspace", type=Path, metavar="WORKSPACE")
    imports.add_argument("--json", action="store_true")
    imports.set_defaults(function=_imports)

    undo = commands.add_parser("undo", help="take an import back")
    undo.add_argument("workspace", type=Path, metavar="WORKSPACE")
    undo.add_argument("batch", type=int, nargs="?", metavar="NUMBER", help="which one; the newest when absent")
    undo.set_defaults(function=_undo)

    export = commands.add_parser("export", help="write the Excel summary")
    export.add_argument("workspace", type=Path, metavar="WORKSPACE")
    export.add_argument("file", type=Path, metavar="FILE.xlsx")
    export.add_argument("--as-of", type=_date, metavar="DATE", help="the last day whose events are known")
    export.set_defaults(function=_export)

    check = commands.add_parser("check", help="say whether the file is sound and what wants mending")
    check.add_argument("workspace", type=Path, metavar="WORKSPACE")
    check.add_argument("--json", action="store_true")
    check.set_defaults(function=_check)

    cli_history.add_commands(commands, _date)

    pictures = commands.add_parser("pictures", help="save a picture of every screen, light and dark")
    pictures.add_argument("workspace", type=Path, metavar="WORKSPACE")
    pictures.add_argument("folder", type=Path, metavar="FOLDER")
    pictures.set_defaults(function=partial(_pictures, paint))

    demo = commands.add_parser("demo", help="make the sample workspace, compute its KPIs and write its Excel summary")
    demo.add_argument("folder", type=Path, metavar="FOLDER")
    demo.add_argument("--end", type=_date, metavar="DATE", help="the last day of the sample, today when absent")
    demo.set_defaults(function=partial(_demo, paint))
    return parser


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a date; write it as 2026-09-30") from None


def _opened(path: Path) -> Workspace:
    return Workspace.open(path) if path.exists() else Workspace.create(path)


def _pair(text: str, form: str) -> tuple[str, str]:
    left, sign, right = text.partition("=")
    if not sign or not left.strip():
        raise QueryError(f"“{text}” is not written as {form}. Nothing was changed.")
    return left.strip(), right.strip()


# --- import


def _choices(given: argparse.Namespace) -> Choices:
    values: dict[tuple[str, str], str] = {}
    stages: dict[str, str] = {}
    for text in given.value:
        left, to = _pair(text, "FIELD:FROM=TO")
        name, sign, cell = left.partition(":")
        if not sign:
            raise QueryError(f"“{text}” is not written as FIELD:FROM=TO. Nothing was changed.")
        if name in ("stage", "status") and to.casefold() in _STATUSES:
            stages[cell.strip()] = to.casefold()
        else:
            values[name.strip(), cell.strip()] = to
    return Choices(
        entity=given.entity,
        profile=given.profile,
        sheet=given.sheet,
        header_line=given.header_line,
        mapping=dict(_pair(text, "FIELD=COLUMN") for text in given.map),
        values=values,
        stage_status=stages,
        date_order=DateOrder(given.date_order) if given.date_order else None,
        decimal=given.decimal,
        snapshot=given.dated,
    )


def _import(given: argparse.Namespace) -> int:
    choices = _choices(given)
    fresh = not given.workspace.exists()
    told: list[dict[str, object]] = []
    failed = False
    workspace = Workspace.create(given.workspace) if fresh else Workspace.open(given.workspace)
    kept = not fresh
    try:
        with workspace:
            for file in workspace.oldest_first(given.files, choices):
                try:
                    pending = workspace.read(file, choices)
                    report = _dry(pending) if given.dry_run else workspace.commit(pending)
                except ImportRefusedError as error:
                    failed = True
                    told.append(
                        {
                            "file": str(file),
                            "imported": False,
                            "error": str(error),
                            "problems": [_problem(one) for one in error.problems],
                        }
                    )
                    if not given.json:
                        print(f"kpidesk: {error}", file=sys.stderr)
                    continue
                except KpideskError as error:
                    failed = True
                    told.append({"file": str(file), "imported": False, "error": str(error), "problems": []})
                    if not given.json:
                        print(f"kpidesk: {error}", file=sys.stderr)
                    continue
                kept |= not given.dry_run
                told.append(_report(file, report, dry=given.dry_run))
                if not given.json:
                    _print_report(report, dry=given.dry_run)
    finally:
        if not kept:
            given.workspace.unlink(missing_ok=True)  # made for nothing
    if given.json:
        print(json.dumps(told, ensure_ascii=False, indent=2))
    return MENDABLE if failed else 0


def _dry(pending: PendingImport) -> ImportReport:
    preview = pending.preview
    if pending.batch is None:
        sentences = " ".join(problem.message for problem in preview.blocking)
        raise ImportRefusedError(f"{preview.file_name} would not be imported. {sentences}", preview.blocking)
    return ImportReport(preview, None, preview.effect)


def _problem(problem: Problem) -> dict[str, object]:
    return {
        "code": problem.code,
        "severity": problem.severity.name.lower(),
        "message": problem.message,
        "count": problem.count,
        "lines": [place.line for place in problem.places if place.line is not None],
        "values": list(problem.values),
        "options": list(problem.options),
    }


def _report(file: Path, report: ImportReport, *, dry: bool) -> dict[str, object]:
    preview = report.preview
    return {
        "file": str(file),
        "imported": not dry and not report.already_imported,
        "already_imported": report.already_imported,
        "batch": report.batch,
        "entity": preview.entity,
        "profile": preview.profile,
        "sheet": preview.sheet,
        "header_line": preview.header_line,
        "rows": preview.row_count,
        "added": report.effect.added,
        "updated": report.effect.updated,
        "unchanged": report.effect.unchanged,
        "held": report.effect.held,
        "columns": [
            {"column": match.column, "field": match.field, "filled": round(match.filled, 6)}
            for match in preview.matches
        ],
        "unmapped": list(preview.unmapped),
        "stages": [{"stage": stage.stage, "status": stage.status, "rows": stage.rows} for stage in preview.stages],
        "date_order": preview.date_order,
        "date_evidence": preview.date_evidence,
        "snapshot": _snapshot(preview.snapshot),
        "problems": [_problem(problem) for problem in preview.problems],
    }


def _snapshot(seen: Snapshot | None) -> dict[str, str] | None:
    return None if seen is None else {"day": seen.day.isoformat(), "by": seen.by.value, "evidence": seen.evidence}


def _print_report(report: ImportReport, *, dry: bool) -> None:
    preview, effect = report.preview, report.effect
    kind = f"{preview.profile_label} {preview.entity.replace('_', ' ')}"
    print(f"{preview.file_name}: {preview.row_count:,} rows, recognised as {kind}")
    print("  Columns: " + ", ".join(f"{match.column} → {match.field or 'kept as extra'}" for match in preview.matches))
    _print_stages(preview)
    if preview.date_evidence:
        print(f"  Dates: {preview.date_evidence}")
    if preview.snapshot is not None:
        print(f"  Snapshot of {preview.snapshot.day}: {preview.snapshot.evidence}")
    for problem in preview.problems:
        mark = {Severity.INFO: "note", Severity.CHECK: "check", Severity.HELD: "held", Severity.BLOCKING: "answer"}[
            problem.severity
        ]
        lines = ", ".join(str(place.line) for place in problem.places if place.line is not None)
        print(f"  [{mark}] {problem.message}" + (f" Lines {lines}" if lines else ""))
    if report.already_imported:
        print("  This file is in the workspace already. Nothing was changed.")
        return
    verb = "Would be" if dry else "Done:"
    print(
        f"  {verb} {effect.added:,} added, {effect.updated:,} updated, {effect.unchanged:,} unchanged, {effect.held:,} held"
    )


def _print_stages(preview: Preview) -> None:
    if preview.stages:
        print(
            "  Stages: " + ", ".join(f"{stage.stage} ({stage.status}, {stage.rows:,})" for stage in preview.stages[:20])
        )


# --- values


def _values(given: argparse.Namespace) -> int:
    if not given.kpis and not given.formula:
        raise QueryError(
            "Name at least one KPI, or give a formula with --formula. `kpidesk kpis WORKSPACE` lists the KPIs."
        )
    where = []
    for text in given.where:
        dimension, value = _pair(text, "DIMENSION=VALUE")
        where.append(Filter(dimension, value or None))
    with Workspace.open(given.workspace, read_only=True) as workspace:
        query = Query(
            tuple(given.kpis), Grain(given.grain), given.first, given.last, given.as_of, given.by, tuple(where)
        )
        results: list[Result] = []
        if given.kpis:
            found = [workspace.catalog.by_name(kpi) for kpi in given.kpis]
            ids = tuple(kpi.id if kpi is not None else name for kpi, name in zip(found, given.kpis, strict=True))
            results.append(workspace.query(replace(query, kpis=ids)))
        if given.formula:
            results.append(workspace.evaluate(given.formula, query))
            for caution in workspace.read_formula(given.formula).warnings:
                print(f"kpidesk: {caution.message} ({caution.code}, position {caution.span[0]})", file=sys.stderr)
        rows = [row for result in results for row in _rows(result, query)]
        if given.json:
            print(json.dumps(rows, ensure_ascii=False, indent=2))
        else:
            _print_values(results, workspace.settings.currency)
    return 0


def _scaled(value: float | None, display: Display) -> float | None:
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
        "value": _scaled(point.value, series.display),
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


# --- the rest


def _set(given: argparse.Namespace) -> int:
    pairs = [_pair(text, "NAME=VALUE") for text in given.settings]
    with _opened(given.workspace) as workspace:
        for name, value in pairs:
            workspace.set(name, value)
            print(f"{name} = {value}")
    return 0


def _kpis(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        for kpi in workspace.catalog:
            print(f"{kpi.id:32} {kpi.name}: {kpi.formula}")
    return 0


def _imports(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        found = workspace.imports()
    if given.json:
        print(json.dumps([_batch(one) for one in found], ensure_ascii=False, indent=2))
        return 0
    for one in found:
        state = (
            "undone"
            if one.undone_at
            else f"{one.effect.added} added, {one.effect.updated} updated, {one.effect.held} held"
        )
        of = f", as of {one.snapshot.day}" if one.snapshot else ""
        print(f"{one.id:4}  {one.imported_at:%Y-%m-%d %H:%M}  {one.entity:14} {one.file_name}{of}: {state}")
    return 0


def _batch(one: BatchInfo) -> dict[str, object]:
    return {
        "id": one.id,
        "entity": one.entity,
        "file": one.file_name,
        "hash": one.file_hash,
        "sheet": one.sheet,
        "profile": one.profile,
        "imported_at": one.imported_at.isoformat(),
        "snapshot": _snapshot(one.snapshot),
        "rows": one.rows,
        "added": one.effect.added,
        "updated": one.effect.updated,
        "unchanged": one.effect.unchanged,
        "held": one.effect.held,
        "undone_at": None if one.undone_at is None else one.undone_at.isoformat(),
    }


def _undo(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace) as workspace:
        standing = [info for info in workspace.imports() if info.undone_at is None]
        number = given.batch
        if number is None:
            if not standing:
                raise QueryError(f"{given.workspace.name} has no import to take back. Nothing was changed.")
            number = standing[0].id
        workspace.undo(number)
    names = [info.file_name for info in standing if info.id == number]
    print(f"Import {number}" + (f" of {names[0]}" if names else "") + " was undone.")
    return 0


def _export(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        print(f"Wrote {workspace.export_summary(given.file, as_of=given.as_of)}")
    return 0


def _check(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        health, counts = workspace.check(), workspace.counts()
    if given.json:
        told = {
            "sound": not health.faults,
            "faults": list(health.faults),
            "rows": {name: number for name, number in counts.items() if number},
            "definitions": list(health.definitions),
            "problems": [{"code": one.code, "title": one.title, "reason": one.reason} for one in health.findings],
            "held": [
                {"batch": info.id, "file": info.file_name, "sheet": info.sheet, "line": row.line, "reason": row.reason}
                for info, rows in health.held
                for row in rows
            ],
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        _print_health(health, counts)
    if health.faults:
        raise WorkspaceError(f"{given.workspace.name} is damaged. Nothing was changed. Go back to a backup or a copy.")
    return 0


def _print_health(health: Health, counts: Mapping[str, int]) -> None:
    rows = ", ".join(f"{number:,} {name.replace('_', ' ')}" for name, number in counts.items() if number)
    print(f"Rows: {rows or 'none'}")
    print("File: " + (" ".join(health.faults) or "sound. Rows are what the imports add up to."))
    print("Definitions: " + ("; ".join(health.definitions) or "all have a meaning."))
    for finding in health.findings:
        print(f"  [check] {finding.title}. {finding.reason}")
    print(f"Held rows: {health.held_rows:,}")
    for info, held in health.held:
        for row in held[:_SHOWN_HELD]:
            print(f"  [held] {info.file_name}, line {row.line}: {row.reason}")
        if len(held) > _SHOWN_HELD:
            print(f"  and {len(held) - _SHOWN_HELD:,} more of {info.file_name}; --json lists all")


def _pictures(paint: Painter | None, given: argparse.Namespace) -> int:
    if paint is None:
        raise KpideskError("Pictures need the window's part of KPIDesk, which this program was started without.")
    with Workspace.open(given.workspace, read_only=True):  # a wrong file gets its sentence before anything is painted
        pass
    try:
        given.folder.mkdir(parents=True, exist_ok=True)
        for path in paint(given.workspace, given.folder):
            print(f"Picture: {path}")
    except OSError:
        raise KpideskError(f"{given.folder} cannot be written. Choose a folder that you may write to.") from None
    return 0


def _demo(paint: Painter | None, given: argparse.Namespace) -> int:
    with open_sample(given.folder, given.end) as workspace:
        for info in reversed(workspace.imports()):
            print(f"Imported {info.rows:,} {info.entity.replace('_', ' ')} from {info.file_name}")
        shown = workspace.dashboard(Grain.QUARTER, today=workspace.as_of)
        print(shown.answer)
        for card in shown.cards:
            print(
                f"  {card.name}: {card.value} ({card.target}, {card.chip.lower()})"
                + (f" {card.reason}" if card.reason else "")
            )
        for finding in shown.attention:
            print(f"  Needs attention: {finding.title}. {finding.reason}")
        print(f"Workspace: {workspace.path}")
        print(f"Excel summary: {workspace.export_summary(given.folder / 'Fernhill Software summary.xlsx')}")
        path = workspace.path
    if paint is not None:
        for picture in paint(path, given.folder / "screens"):
            print(f"Picture: {picture}")
    return 0
