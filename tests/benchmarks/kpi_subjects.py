"""Who answers the KPI set: ours, and the peers, all of it or only one owner's."""

from functools import partial

from tests.benchmarks import in_duckdb, in_pandas, in_polars, kpi_set
from tests.benchmarks.company import Company, made
from tests.benchmarks.kpi_set import Grids
from tests.benchmarks.measuring import Answers, Subject

KEPT = "KPIDesk, sums kept"


def subjects(company: Company | int, owner: str | None = None, *, raw: bool = True) -> list[Subject]:
    """Return ours and the peers over a company, or over one of so many deals, made when it is needed."""

    def whole() -> Company:
        return made(company) if isinstance(company, int) else company

    found = [
        Subject("KPIDesk", lambda: kpi_set.engine_of(whole()), lambda engine: kpi_set.ask(kpi_set.cold(engine), owner)),
        Subject("DuckDB", lambda: in_duckdb.prepared(whole()), partial(in_duckdb.ask, owner=owner)),
        Subject("Polars", lambda: in_polars.prepared(whole()), partial(in_polars.ask, owner=owner)),
        Subject("pandas", lambda: in_pandas.prepared(whole()), partial(in_pandas.ask, owner=owner)),
    ]
    if raw:
        found.insert(1, Subject(KEPT, found[0].prepare, lambda engine: kpi_set.ask(kpi_set.with_sums(engine), owner)))
        ask = partial(in_duckdb.ask, owner=owner, is_raw=True)
        found.append(Subject("DuckDB, texts and dates", lambda: in_duckdb.raw(whole()), ask))
    return found


def as_grids(answers: Answers) -> dict[str, Grids]:
    """Return what each subject said as arrays."""
    readers = {"KPIDesk": kpi_set.grids, KEPT: kpi_set.grids, "Polars": in_polars.grids, "pandas": in_pandas.grids}
    return {name: readers.get(name, in_duckdb.grids)(answer) for name, answer in answers.items()}
