"""The README's commands are commands."""

import re
import shlex
from pathlib import Path

import pytest

from kpidesk.cli import _parser

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = [shlex.split(line, comments=True) for line in re.findall(r"^kpidesk (.+)$", README, re.MULTILINE)]


@pytest.mark.parametrize("arguments", COMMANDS, ids=lambda arguments: " ".join(arguments)[:40])
def test_every_example_of_the_command_line_is_accepted(arguments):
    assert callable(_parser().parse_args(arguments).function)


def test_every_command_has_an_example():
    subcommands = next(action for action in _parser()._actions if action.choices)
    assert {arguments[0] for arguments in COMMANDS} == set(subcommands.choices)


def test_paths_named_in_the_readme_exist():
    named = re.findall(r"`((?:packaging|resources|tests|\.ci)/[\w./-]*|LICENSE)`", README)
    assert len(named) > 6
    assert all((ROOT / path).exists() for path in named), named
