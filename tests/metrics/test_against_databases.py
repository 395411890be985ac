"""What pandas, Polars and DuckDB make of the same made-up company."""

import pytest

pytest.importorskip("duckdb")
pytest.importorskip("polars")

from tests.benchmarks import kpi_set
from tests.benchmarks.company import made
from tests.benchmarks.kpi_subjects import as_grids, subjects


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("owner", [None, kpi_set.FILTERED])
def test_agrees(seed: int, owner: str | None) -> None:
    found = subjects(made(1500, seed), owner)
    said = as_grids({one.name: one.work(one.prepare()) for one in found})
    ours = said.pop("KPIDesk")
    assert ours["snapshots"][-1].min() > 0
    assert {name: kpi_set.differing(ours, grids) for name, grids in said.items()} == {name: [] for name in said}
