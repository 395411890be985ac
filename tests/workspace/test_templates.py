"""Template files: every header is known, every example is read, and what was filled in is never written over."""

from pathlib import Path

import pytest

from kpidesk.cli import run
from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.importing import Choices
from kpidesk.domain.problem import WorkspaceError
from kpidesk.domain.settings import Settings
from kpidesk.ingest.interpret import interpret
from kpidesk.ingest.readers import read_table
from kpidesk.workspace import write_templates


def test_each_kind_of_rows_has_a_template_that_reads_as_itself(tmp_path: Path) -> None:
    read = {}
    for path in write_templates(tmp_path):
        found = interpret(read_table(path), Choices(), Settings())
        assert not found.preview.unmapped
        assert not [problem.code for problem in found.preview.problems if problem.code != "no-lost"]
        assert found.batch is not None
        read[found.preview.entity] = found.batch.frame
    assert set(read) == {kind.name for kind in ENTITIES}
    for kind in ENTITIES:
        assert set(read[kind.name].columns) == set(kind.field_names)
        assert read[kind.name].rows == 2


def test_a_template_that_was_filled_in_is_left_as_it_is(tmp_path: Path) -> None:
    first = write_templates(tmp_path)[0]
    first.write_text("mine", encoding="utf-8")
    assert first in write_templates(tmp_path)
    assert first.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(WorkspaceError, match="cannot be written"):
        write_templates(tmp_path / "file" / "folder")


def test_the_command_prints_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["template", str(tmp_path / "new")]) == 0
    printed = capsys.readouterr().out.split("\n")[:-1]
    assert [Path(line).is_file() for line in printed] == [True] * len(ENTITIES)
