"""Held rows: which there are, why, and out to Excel."""

import argparse
import json
from pathlib import Path

from kpidesk.cli.arguments import Commands
from kpidesk.domain.importing import BatchInfo, HeldRow
from kpidesk.present.numbers import plural
from kpidesk.workspace import Workspace


def add(commands: Commands) -> None:
    """Add the command."""
    held = commands.add_parser("held", help="list the rows that could not be read, or write them to Excel with reasons")
    held.add_argument("workspace", type=Path, metavar="WORKSPACE")
    held.add_argument("--export", type=Path, metavar="FILE.xlsx", help="write all of them, with all their cells")
    held.add_argument("--json", action="store_true")
    held.set_defaults(function=_held)


def _held(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        infos = [one for one in reversed(workspace.imports()) if one.undone_at is None and one.effect.held]
        found = [(info, workspace.held_rows(info.id)) for info in infos]
        if given.export is not None:
            workspace.held.export(given.export)
    if given.json:
        print(json.dumps([_told(info, row) for info, rows in found for row in rows], ensure_ascii=False, indent=2))
        return 0
    for info, rows in found:
        aside = f", {info.dismissed:,} dismissed" if info.dismissed else ""
        mended = len(rows) - info.waiting - info.dismissed
        print(f"{info.file_name}: {info.waiting:,} held{aside}" + (f", {mended:,} repaired" if mended else ""))
        for row in rows:
            print(f"  line {row.line} ({row.state}): {row.reason}")
    if given.export is not None:
        print(f"Wrote {plural(sum(len(rows) for _, rows in found), 'row')} to {given.export}")
    elif not found:
        print("No row is held.")
    return 0


def _told(info: BatchInfo, row: HeldRow) -> dict[str, object]:
    return {
        "batch": info.id,
        "file": info.file_name,
        "sheet": info.sheet,
        "line": row.line,
        "state": row.state,
        "column": row.column,
        "reason": row.reason,
        "cells": dict(row.cells),
    }
