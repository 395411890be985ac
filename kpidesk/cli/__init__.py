"""The same workspace without a screen, for automation and for checking."""

import argparse
import json
import sys
from collections.abc import Sequence

from kpidesk import __version__
from kpidesk.cli import goals, held, history, importing, outputs, values, why
from kpidesk.cli.arguments import MENDABLE, Painter
from kpidesk.domain.problem import KpideskError
from kpidesk.formula.errors import FormulaError

__all__ = ["MENDABLE", "Painter", "run"]


def run(arguments: Sequence[str], paint: Painter | None = None) -> int:
    """Run one command; 0 when it worked, 2 with a sentence for what the user can mend."""
    parser = _parser(paint)
    given = parser.parse_args(_attached(arguments))
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


def _attached(arguments: Sequence[str]) -> list[str]:
    """Return arguments with the text of --formula in one piece with it: one such as -2^2 would else pass for an option."""
    joined: list[str] = []
    for one in arguments:
        if joined and joined[-1] == "--formula":
            joined[-1] = f"--formula={one}"
        else:
            joined.append(one)
    return joined


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
    importing.add(commands)
    held.add(commands)
    values.add(commands)
    why.add(commands)
    goals.add(commands)
    history.add(commands)
    outputs.add(commands, paint)
    return parser
