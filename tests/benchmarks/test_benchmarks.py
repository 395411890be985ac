"""The benchmarks run, and the peers say what our engine says."""

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("polars")

from tests.benchmarks.__main__ import main


def test_quick(capsys: pytest.CaptureFixture[str]) -> None:
    """Every part runs; it ends with an error where a peer's answers differ from ours."""
    main(["--quick"])
    lines = capsys.readouterr().out.splitlines()
    titles = {line[11:37].strip() for line in lines[1:] if "cancel" not in line}
    assert titles == {
        "KPI set",
        "KPI set, a changed filter",
        "7 columns loaded",
        "Dashboard",
        "CSV to workspace",
        "XLSX read",
    }
