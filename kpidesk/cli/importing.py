"""Files in, and out again: import, imports, undo."""

import argparse
import json
import sys
from pathlib import Path

from kpidesk.cli.arguments import MENDABLE, Commands, date_of, pair
from kpidesk.domain.entity import ENTITIES, entity
from kpidesk.domain.importing import BatchInfo, Choices, DateOrder, Effect, ImportReport, Preview
from kpidesk.domain.problem import ImportRefusedError, KpideskError, Problem, QueryError, Severity
from kpidesk.domain.snapshot import Snapshot
from kpidesk.present.feeds import FileFeeds
from kpidesk.workspace import PendingImport, Workspace

_STATUSES = ("open", "won", "lost")


def add(commands: Commands) -> None:
    """Add the commands."""
    imported = commands.add_parser("import", help="import CRM exports into a workspace, which is made when absent")
    imported.add_argument("workspace", type=Path, metavar="WORKSPACE")
    imported.add_argument(
        "files",
        type=Path,
        nargs="+",
        metavar="FILE",
        help="exports, or folders of them; the oldest export comes in first",
    )
    imported.add_argument(
        "--as", dest="entity", choices=[one.name for one in ENTITIES], help="what the rows are, when not recognised"
    )
    imported.add_argument(
        "--profile", metavar="NAME", help="which CRM wrote the file: hubspot, salesforce, monday, generic and others"
    )
    imported.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help="feed a field from a column; nothing after = leaves it out",
    )
    imported.add_argument(
        "--value",
        action="append",
        default=[],
        metavar="FIELD:FROM=TO",
        help="read a cell as something else; nothing after = is blank",
    )
    imported.add_argument(
        "--date-order", choices=[one.value for one in DateOrder], help="the order of dates such as 03/07/2026"
    )
    imported.add_argument("--decimal", choices=[".", ","], help="which separator begins the decimals")
    imported.add_argument("--sheet", metavar="NAME", help="the sheet of a spreadsheet")
    imported.add_argument("--header-line", type=int, metavar="N", help="the line of the headers, from 1")
    imported.add_argument(
        "--dated", type=date_of, metavar="DATE", help="the day the file was exported, when it shows another"
    )
    imported.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
    imported.add_argument("--json", action="store_true")
    imported.set_defaults(function=_import)

    imports = commands.add_parser("imports", help="list the imports of a workspace")
    imports.add_argument("workspace", type=Path, metavar="WORKSPACE")
    imports.add_argument("--json", action="store_true")
    imports.set_defaults(function=_imports)

    redate = commands.add_parser("redate", help="say of which day an import is")
    redate.add_argument("workspace", type=Path, metavar="WORKSPACE")
    redate.add_argument("batch", type=int, metavar="NUMBER", help="which import")
    redate.add_argument("day", type=date_of, metavar="DATE", help="the day on which the file was exported")
    redate.set_defaults(function=_redate)

    undo = commands.add_parser("undo", help="take an import back")
    undo.add_argument("workspace", type=Path, metavar="WORKSPACE")
    undo.add_argument("batch", type=int, nargs="?", metavar="NUMBER", help="which one; the newest when absent")
    undo.set_defaults(function=_undo)


def _choices(given: argparse.Namespace) -> Choices:
    values: dict[tuple[str, str], str] = {}
    stages: dict[str, str] = {}
    for text in given.value:
        left, to = pair(text, "FIELD:FROM=TO")
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
        mapping=dict(pair(text, "FIELD=COLUMN") for text in given.map),
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
                told.append({**_report(file, report, dry=given.dry_run), **_feeds(pending.feeds)})
                if not given.json:
                    _print_report(report, dry=given.dry_run)
                    if given.dry_run:
                        _print_feeds(pending.feeds)
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
        **_effect(report.effect),
        "columns": [
            {"column": match.column, "field": match.field, "filled": round(match.filled, 6)}
            for match in preview.matches
        ],
        "unmapped": list(preview.unmapped),
        "stages": [{"stage": stage.stage, "status": stage.status, "rows": stage.rows} for stage in preview.stages],
        "date_order": preview.date_order,
        "date_evidence": preview.date_evidence,
        "snapshot": _snapshot(preview.snapshot),
        "also": [{"entity": one.entity, **_effect(one.effect)} for one in preview.also],
        "problems": [_problem(problem) for problem in preview.problems],
    }


def _effect(effect: Effect) -> dict[str, int]:
    return {
        "added": effect.added,
        "updated": effect.updated,
        "unchanged": effect.unchanged,
        "held": effect.held,
    }


def _snapshot(seen: Snapshot | None) -> dict[str, str] | None:
    return None if seen is None else {"day": seen.day.isoformat(), "by": seen.by.value, "evidence": seen.evidence}


def _print_report(report: ImportReport, *, dry: bool) -> None:
    preview, effect = report.preview, report.effect
    kind = f"{preview.profile_label} {preview.entity.replace('_', ' ')}"
    print(f"{preview.file_name}: {preview.row_count:,} rows, recognised as {kind}")
    print(
        "  Columns: "
        + ", ".join(f"{match.column} → {match.field or match.feeds or 'kept as extra'}" for match in preview.matches)
    )
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
    print(f"  {verb} {_counts(effect)}")
    for one in preview.also:
        print(f"  {entity(one.entity).label}: {_counts(one.effect)}")


def _counts(effect: Effect) -> str:
    return f"{effect.added:,} added, {effect.updated:,} updated, {effect.unchanged:,} unchanged, {effect.held:,} held"


def _feeds(feeds: FileFeeds) -> dict[str, object]:
    missing = [{"mend": one.words, "kpis": list(one.kpis), "in_this_file": one.here} for one in feeds.missing]
    return {"feeds": list(feeds.fed), "feeds_not": missing}


def _print_feeds(feeds: FileFeeds) -> None:
    if feeds.fed:
        print(f"  Feeds: {', '.join(feeds.fed)}")
    for one in feeds.missing:
        print(f"  [missing] {one.words} for {', '.join(one.kpis)}.")


def _print_stages(preview: Preview) -> None:
    if preview.stages:
        print(
            "  Stages: " + ", ".join(f"{stage.stage} ({stage.status}, {stage.rows:,})" for stage in preview.stages[:20])
        )


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
        name = one.file_name if one.repairs is None else f"{one.file_name}, rows repaired from import {one.repairs}"
        name += "" if one.part_of is None else f", part of import {one.part_of}"
        of = f", as of {one.snapshot.day}" if one.snapshot else ""
        print(f"{one.id:4}  {one.imported_at:%Y-%m-%d %H:%M}  {one.entity:14} {name}{of}: {state}")
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
        "waiting": one.waiting,
        "dismissed": one.dismissed,
        "repairs": one.repairs,
        "part_of": one.part_of,
        "undone_at": None if one.undone_at is None else one.undone_at.isoformat(),
    }


def _redate(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace) as workspace:
        workspace.redate(given.batch, given.day)
    print(f"Import {given.batch} is of {given.day} now.")
    return 0


def _undo(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace) as workspace:
        standing = [info for info in workspace.imports() if info.undone_at is None and info.part_of is None]
        number = given.batch
        if number is None:
            if not standing:
                raise QueryError(f"{given.workspace.name} has no import to take back. Nothing was changed.")
            number = standing[0].id
        workspace.undo(number)
    names = [info.file_name for info in standing if info.id == number]
    print(f"Import {number}" + (f" of {names[0]}" if names else "") + " was undone.")
    return 0
