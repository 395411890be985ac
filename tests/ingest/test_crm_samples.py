"""Small exports in the true shape of each CRM: what each is recognised as, and what its rows become.

Beside every sample stands `<sample>.expected.txt`, one fact a line. KPIDESK_REWRITE=1 writes them anew; read the difference.
"""

import os
from pathlib import Path

import pytest

from kpidesk.domain.importing import UNIT, Choices
from kpidesk.domain.settings import Settings
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.profiles import profiles
from kpidesk.ingest.readers import read_table
from tests.ingest.workbooks import WORKBOOKS, write

DATA = Path(__file__).parents[1] / "data/crm"
SAMPLES = sorted(DATA.glob("*.csv"))
NAMES = [*(path.name for path in SAMPLES), *WORKBOOKS]
CHOSEN = {
    "hubspot-crm-exports-won-deals-2026-08-09.csv": Choices(entity="stage_history"),
    "lead-opps.csv": Choices(values={UNIT: "whole"}),
}


def sample(name: str, folder: Path) -> Path:
    return write(name, folder) if name in WORKBOOKS else DATA / name


def golden(name: str) -> Path:
    return (DATA / name).with_suffix(".expected.txt")


def facts(found: Interpretation) -> list[str]:
    """Write an interpretation down, one fact a line, in the order of the file."""
    preview = found.preview
    lines = [f"profile {preview.profile}", f"entity {preview.entity}"]
    lines += [f"column {match.column} -> {match.field or '(extra)'}" for match in preview.matches]
    lines += [f"problem {problem.severity.name} {problem.code} {problem.count}" for problem in preview.problems]
    for row in preview.rows:
        lines += [f"line {row.line} {name}: {text}" for name, text in sorted(row.cells.items()) if text]
    if found.batch is not None:
        lines.append(f"source {found.batch.source}")
        lines += [f"key {key!r}" for key in found.batch.keys]
    return lines


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_reads_as_expected(name: str, tmp_path: Path) -> None:
    found = facts(interpret(read_table(sample(name, tmp_path)), CHOSEN.get(name, Choices()), Settings()))
    if os.environ.get("KPIDESK_REWRITE"):
        golden(name).write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == golden(name).read_text(encoding="utf-8").splitlines()


def test_every_profile_has_a_sample_that_it_recognises() -> None:
    known = {golden(name).read_text(encoding="utf-8").splitlines()[0] for name in NAMES}
    assert known >= {f"profile {one.id}" for one in profiles() if one.id != "generic"}


def test_no_expected_result_is_left_without_its_sample() -> None:
    assert {path.name for path in DATA.glob("*.expected.txt")} == {golden(name).name for name in NAMES}


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_the_order_of_the_columns_does_not_matter(path: Path, tmp_path: Path) -> None:
    raw = read_table(path)
    backwards = tmp_path / path.name
    rows = [raw.header, *zip(*raw.columns, strict=True)]
    lines = [",".join('"' + str(cell or "").replace('"', '""') + '"' for cell in reversed(row)) for row in rows]
    backwards.write_text("\n".join(lines), encoding="utf-8")
    first, second = (interpret(read_table(one), Choices(), Settings()).preview for one in (path, backwards))
    assert (second.profile, second.entity) == (first.profile, first.entity)
    assert {match.column: match.field for match in second.matches} == {
        match.column: match.field for match in first.matches
    }
