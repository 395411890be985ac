"""What comes out: export, check, pictures, templates, demo."""

import argparse
import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

from kpidesk.cli.arguments import Commands, Painter, date_of
from kpidesk.domain.period import Grain
from kpidesk.domain.problem import KpideskError, WorkspaceError
from kpidesk.workspace import Health, Workspace, open_sample, write_templates

_SHOWN_HELD = 20


def add(commands: Commands, paint: Painter | None) -> None:
    """Add the commands."""
    export = commands.add_parser("export", help="write the Excel summary")
    export.add_argument("workspace", type=Path, metavar="WORKSPACE")
    export.add_argument("file", type=Path, metavar="FILE.xlsx")
    export.add_argument("--as-of", type=date_of, metavar="DATE", help="the last day whose events are known")
    export.set_defaults(function=_export)

    check = commands.add_parser("check", help="say whether the file is sound and what wants mending")
    check.add_argument("workspace", type=Path, metavar="WORKSPACE")
    check.add_argument("--json", action="store_true")
    check.set_defaults(function=_check)

    pictures = commands.add_parser("pictures", help="save a picture of every screen, light and dark")
    pictures.add_argument("workspace", type=Path, metavar="WORKSPACE")
    pictures.add_argument("folder", type=Path, metavar="FOLDER")
    pictures.set_defaults(function=partial(_pictures, paint))

    template = commands.add_parser("template", help="write files to fill in where data stands in no CRM")
    template.add_argument("folder", type=Path, metavar="FOLDER")
    template.set_defaults(function=_template)

    demo = commands.add_parser("demo", help="make the sample workspace, compute its KPIs and write its Excel summary")
    demo.add_argument("folder", type=Path, metavar="FOLDER")
    demo.add_argument("--end", type=date_of, metavar="DATE", help="the last day of the sample, today when absent")
    demo.set_defaults(function=partial(_demo, paint))


def _template(given: argparse.Namespace) -> int:
    for path in write_templates(given.folder):
        print(path)
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
