"""Small exports in the true shape of each CRM: what each is recognised as, and what its rows become.

Beside every sample stands `<sample>.expected.txt`, one fact a line. KPIDESK_REWRITE=1 writes them anew; read the difference.
"""

import os
from pathlib import Path

import pytest

from kpidesk.domain.importing import Choices
from kpidesk.domain.settings import Settings
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.profiles import profiles
from kpidesk.ingest.readers import read_table

SAMPLES = sorted((Path(__file__).parents[1] / "data/crm").glob("*.csv"))


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


@pytest.mark.parametrize("path", SAMPLES, ids=[path.stem for path in SAMPLES])
def test_a_sample_reads_as_expected(path: Path) -> None:
    golden = path.with_suffix(".expected.txt")
    found = facts(interpret(read_table(path), Choices(), Settings()))
    if os.environ.get("KPIDESK_REWRITE"):
        golden.write_text("\n".join(found) + "\n", encoding="utf-8")
    assert found == golden.read_text(encoding="utf-8").splitlines()


def test_every_profile_has_a_sample_that_it_recognises() -> None:
    known = {path.with_suffix(".expected.txt").read_text(encoding="utf-8").splitlines()[0] for path in SAMPLES}
    assert known >= {f"profile {one.id}" for one in profiles() if one.id != "generic"}


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
