"""What several commands read from their arguments."""

import argparse
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Filter
from kpidesk.workspace import Workspace

MENDABLE = 2
"""Exit status for what the user can mend, as argparse gives it for wrong arguments."""
Commands = Any  # what argparse.add_subparsers returns; its type is private


class Painter(Protocol):
    """Writes pictures of a workspace's screens into a folder and returns their paths; only the window's side can paint."""

    def __call__(self, workspace: Path, folder: Path) -> Sequence[Path]:
        """Paint; OSError when the folder cannot be written."""


def date_of(text: str) -> date:
    """Read a date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a date; write it as 2026-09-30") from None


def opened(path: Path) -> Workspace:
    """Open a workspace, or make it where there is none."""
    return Workspace.open(path) if path.exists() else Workspace.create(path)


def pair(text: str, form: str) -> tuple[str, str]:
    """Read LEFT=RIGHT; QueryError when it is not written so."""
    left, sign, right = text.partition("=")
    if not sign or not left.strip():
        raise QueryError(f"“{text}” is not written as {form}. Nothing was changed.")
    return left.strip(), right.strip()


def filters(texts: Sequence[str]) -> Iterator[Filter]:
    """Read DIMENSION=VALUE, where nothing after = means rows without a value."""
    for text in texts:
        dimension, value = pair(text, "DIMENSION=VALUE")
        yield Filter(dimension, value or None)


def add_where(command: argparse.ArgumentParser) -> None:
    """Let a command take filters."""
    command.add_argument(
        "--where",
        action="append",
        default=[],
        metavar="DIMENSION=VALUE",
        help="only these rows; nothing after = means rows without a value",
    )
