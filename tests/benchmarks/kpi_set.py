"""The KPI set: 21 matrices of months by values of a dimension, days in each stage, 39 pipeline snapshots and the cohort funnel.

Every subject answers with arrays by name. Peers are given what suits them best: integer months made beforehand, dimensions as
enums or categories, whole deal numbers instead of ids; snapshots as running totals of what opened less what closed.
"""

from datetime import date
from typing import Any

import numpy as np

from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Filter, Query
from kpidesk.domain.result import Result, Series
from kpidesk.domain.settings import Settings
from kpidesk.formula.check import Scope, check
from kpidesk.metrics.engine import _CUBES, _GRIDS, Engine
from kpidesk.metrics.memory import Memory
from tests.benchmarks.company import AS_OF, DIMENSIONS, EARLIER, FIRST, MONTHS, STAGES, Company, Numbers

ALL_MONTHS = MONTHS + EARLIER
MATRICES = ("created", "won", "revenue")
FILTERED = "Owner 3"
Grids = dict[str, Numbers]
_FORMULAS = {
    "created": "COUNT(created_deals)",
    "won": "COUNT(won_deals)",
    "revenue": "SUM(won_deals.amount)",
    "stage_days": "AVERAGE(stage_exits.days)",
    "open": "COUNT(open_deals)",
    "pipeline": "SUM(open_deals.amount)",
    **{f"to {stage}": f'CONVERSION(created_deals TO reached("{stage}"))' for stage in STAGES[1:]},
    "to won": "CONVERSION(created_deals TO won_deals)",
}
_CHECKED = {name: check(formula, Scope({})) for name, formula in _FORMULAS.items()}
_KPIS = {
    name: Kpi(name, name, formula, Display.NUMBER, Direction.UP, Kind.LAGGING, Funnel.MONEY, Grain.MONTH)
    for name, formula in _FORMULAS.items()
}
FUNNEL = tuple(name for name in _FORMULAS if name.startswith("to "))


def engine_of(company: Company) -> Engine:
    """Return an engine with its row sets made: asked everything once."""
    engine = Engine(company.frames().get, Settings(stages=STAGES), AS_OF)
    ask(engine)
    return engine


def with_sums(engine: Engine) -> Engine:
    """Take away what the engine remembers of answers; the sums per day and slice stay, as when other months are asked for."""
    engine._grids = Memory(_GRIDS, lambda grid: grid.size)
    return engine


def cold(engine: Engine) -> Engine:
    """Take away what the engine remembers of answers, sums and filters.

    What is made of the rows once after an import stays: row sets in the order of time, the day and slice of each row, which
    rows were followed. It stands beside the prepared tables of the peers.
    """
    for sources in engine._sources.values():
        for table in filter(None, sources._tables.values()):
            gone = [key for key in table.made._held if isinstance(key, tuple) and key[0] == "rows"]
            for key in gone:
                table.made._size -= table.made._size_of(table.made._held.pop(key))
    engine._cubes = Memory(_CUBES, lambda cube: cube.size)
    return with_sums(engine)


def ask(engine: Engine, owner: str | None = None) -> dict[str, Result]:
    """Ask our engine for the whole set."""
    where = () if owner is None else (Filter("owner", owner),)

    def answer(kpis: tuple[str, ...], by: str | None = None, first: date = FIRST) -> Result:
        return engine.run(Query(kpis, Grain.MONTH, first, AS_OF, by=by, where=where), _CHECKED, _KPIS)

    return {
        **{name: answer(MATRICES, name) for name in DIMENSIONS},
        "stage": answer(("stage_days",), "stage"),
        "snapshots": answer(("open", "pipeline"), first=date(2022, 7, 1)),
        "funnel": answer(FUNNEL),
    }


def grids(results: dict[str, Result]) -> Grids:
    """Return what our engine said as arrays: (months, values and the slice without one)."""
    found: Grids = {}
    for name, size in DIMENSIONS.items():
        places = {f"{name.capitalize()} {number}": number - 1 for number in range(1, size + 1)}
        for kpi in MATRICES:
            grid = np.zeros((MONTHS, size + 1))
            for one in _slices(results[name], kpi):
                grid[:, places.get(str(one.slice[1]), size) if one.slice else size] = _values(one)
            found[f"{kpi} by {name}"] = grid
    days = np.zeros((MONTHS, len(STAGES)))
    for one in _slices(results["stage"], "stage_days"):
        days[:, STAGES.index(str(one.slice[1])) if one.slice else 0] = _values(one)
    found["days in stage"] = days
    found["snapshots"] = np.column_stack([_values(results["snapshots"].total(kpi)) for kpi in ("open", "pipeline")])
    steps = [results["funnel"].total(kpi).points for kpi in FUNNEL]
    found["funnel"] = np.array(
        [[point.denominator or 0 for point in steps[0]]] + [[p.numerator or 0 for p in one] for one in steps]
    ).T
    return found


def _slices(result: Result, kpi: str) -> list[Series]:
    return [one for one in result if one.kpi == kpi and one.slice is not None]


def _values(one: Series) -> Numbers:
    return np.array([point.value or 0.0 for point in one.points])


def dense(months: Any, places: Any, values: Any, size: int) -> Numbers:
    """Return a grid of (36 months, size) from groups of a peer; a negative place is the last column."""
    grid = np.zeros((ALL_MONTHS, size))
    months, places = np.asarray(months, dtype=np.int64), np.asarray(places, dtype=np.int64)
    grid[months, places] = np.nan_to_num(np.asarray(values, dtype=np.float64))
    return grid[EARLIER:]


def differing(one: Grids, other: Grids) -> list[str]:
    """Return the names under which two subjects do not say the same."""
    return [
        name
        for name in sorted(one.keys() | other.keys())
        if name not in one or name not in other or not np.allclose(one[name], other[name], rtol=1e-9, atol=1e-6)
    ]
