"""Composition root: with a command the command line, without one the window."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path

from kpidesk.ingest.apart import CHILD
from kpidesk.ingest.apart import main as read_workbook


def main(arguments: list[str] | None = None) -> int:
    """Run KPIDesk; returns the exit status. Standard streams may be absent in a windowed program on Windows."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given == [CHILD]:
        return read_workbook()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115, PTH123 - lives as long as the program
        # An argument may hold what no encoding can write, such as half a character: it is shown escaped.
        stream = getattr(sys, name)
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    window = not given or given == ["--sample"] or (len(given) == 1 and given[0].endswith(".kpidesk"))
    if window:
        from kpidesk.ui.app import run_window  # noqa: PLC0415 - the command line needs no Qt

        path = Path(given[0]) if given and given[0] != "--sample" else None
        return run_window(path, sample=given == ["--sample"])
    from kpidesk.cli import run  # noqa: PLC0415 - argument errors first, libraries when needed

    return run(given, _paint)


def _paint(workspace: Path, folder: Path) -> list[Path]:
    from kpidesk.ui.pictures import save_pictures  # noqa: PLC0415 - most commands need no Qt

    return save_pictures(workspace, folder)


if __name__ == "__main__":
    raise SystemExit(main())
