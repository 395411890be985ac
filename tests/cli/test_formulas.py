"""Formulas typed on the command line: whatever they are, a sentence or numbers."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from kpidesk.cli import run
from kpidesk.workspace import Workspace

ODD: tuple[bytes, ...] = (
    b"\xff\xfe",
    b'COUNT(won_deals WHERE source = "\xff")',
    b"[\xed\xa0\x80]",
    "СOUNT(won_deals) \u202e".encode(),
    b"(" * 3000,
    b"9" * 100_000,
    b"TRAILING([Win rate], 1000000000 MONTHS)",
)


def test_a_zero_in_place_of_no_number_is_pointed_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "w.kpidesk"
    Workspace.create(file).close()
    span = ["--grain", "year", "--from", "2026-01-01", "--to", "2026-12-31"]
    assert run(["values", str(file), *span, "--formula", "1 + IFBLANK([Win rate], 0)"]) == 0
    assert "looks like a real zero. (W1, position 4)" in capsys.readouterr().err
    assert run(["values", str(file), *span, "--formula", "1"]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("formula", ["-2^2", "-[Customer lifespan]", "--2", "-1"])
def test_a_formula_may_begin_with_a_minus(formula: str, tmp_path: Path) -> None:
    file = tmp_path / "w.kpidesk"
    Workspace.create(file).close()
    span = ["--grain", "month", "--from", "2026-01-01", "--to", "2026-01-31"]
    for more in (["--formula", formula], [f"--formula={formula}"]):
        assert run(["values", str(file), *more, *span]) == 0


def test_no_formula_is_a_mistake_of_the_formula(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "w.kpidesk"
    Workspace.create(file).close()
    span = ["--grain", "month", "--from", "2026-01-01", "--to", "2026-01-31"]
    assert run(["values", str(file), "--formula", "", *span]) == 2
    assert "There is no formula yet." in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="arguments are text there")
@pytest.mark.parametrize("formula", ODD, ids=lambda text: repr(text[:12]))
@pytest.mark.parametrize("json", [(), ("--json",)], ids=["text", "json"])
def test_no_formula_ends_in_a_traceback(tmp_path: Path, formula: bytes, json: tuple[str, ...]) -> None:
    file = tmp_path / "w.kpidesk"
    Workspace.create(file).close()
    span = ("--grain", "month", "--from", "2026-01-01", "--to", "2026-03-31")
    told = subprocess.run(
        [sys.executable, "-m", "kpidesk", "values", str(file), *span, *json, "--formula", formula],
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
        capture_output=True,
        check=False,
    )
    assert told.returncode == 2
    assert told.stderr.startswith(b"kpidesk: ")
    assert b"Traceback" not in told.stderr + told.stdout
    assert told.stderr.rstrip().endswith(b")")
