"""What explains a value is what the engine counted: every row once, counted or left out, and the numbers add up to the value."""

import math
from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidesk.domain.explanation import Explanation, Part, rows_in
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Filter, Query
from kpidesk.domain.result import Reason
from kpidesk.domain.settings import Settings
from kpidesk.formula.check import check
from kpidesk.formula.nodes import Aggregate, Conversion
from kpidesk.metrics.cube import Bench
from kpidesk.metrics.engine import Engine, _day
from kpidesk.metrics.explain import Explainer
from tests.metrics.asking import KPIS, SCOPE
from tests.metrics.loops.draws import FIRST, LAST, SETTINGS, TABLES
from tests.metrics.test_against_loops import DIMENSIONS, PHASES, formulas, stored
from tests.tables import frame

NOTHING_COUNTS = {Reason.NOT_IMPORTED, Reason.UNKNOWN_VALUE, Reason.NO_ROWS, Reason.NO_TARGET}


def close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=2e-6)


def of_rows(part: Part) -> float | None:
    """The value of a part from its rows alone."""
    node = check(part.text, SCOPE).node
    rows = sum(sum(table.times or [1] * len(table.counted)) for table in part.tables)
    if isinstance(node, Conversion):
        return rows
    assert isinstance(node, Aggregate)
    if node.function in ("COUNT", "COUNT_DISTINCT"):
        return rows
    amounts = np.array([amount for table in part.tables for amount in table.amounts or ()])
    if node.function == "SUM":
        return float(amounts.sum())
    if any(table.times is not None for table in part.tables):
        times = np.array([one for table in part.tables for one in table.times or [1] * len(table.counted)])
        amounts = np.repeat(amounts / times, times)
    if not amounts.size:
        return None
    share = {"MEDIAN": 50.0, "MIN": 0.0, "MAX": 100.0}
    return float(amounts.mean() if node.function == "AVERAGE" else np.percentile(amounts, share[node.function]))


def assert_whole(part: Part, rows: dict[str, int]) -> None:
    for table in part.tables:
        assert table.size == rows[table.entity], part.text
        found = np.concatenate([np.asarray(one) for one in rows_in(table)])
        assert sorted(found.tolist()) == list(range(table.size)), part.text
        assert table.amounts is None or len(table.amounts) == len(table.counted), part.text
    value, told = part.value, of_rows(part)
    if value.reason in NOTHING_COUNTS or value.reason is Reason.BLANK:
        assert not any(len(table.counted) for table in part.tables), (part.text, value)
    elif value.reason is not Reason.BEFORE_DATA:
        assert close(told, value.value), (part.text, value, told)


class Asked:
    """Every KPI of one random workspace, asked in one period."""

    def __init__(self, tables: Any, setup: Settings, as_of: date) -> None:
        self.frames = {name: frame(name, rows, setup.timezone) for name, rows in stored(tables).items() if rows}
        self.engine = Engine(self.frames.get, setup, as_of)
        self.formulas = formulas(setup)

    def explain(self, query: Query) -> None:
        rows = {name: one.rows for name, one in self.frames.items()}
        told = self.engine.explain(query, self.formulas, KPIS)
        assert told.value == self.engine.run(query, self.formulas, KPIS).total(query.kpis[0]).points[0]
        for part in told.parts:
            assert_whole(part, rows)
        self.recompute(query, told)

    def recompute(self, query: Query, told: Explanation) -> None:
        """The formula with numbers in it comes to the value."""
        sources = self.engine._sources_on(_day(told.as_of))
        evaluator, bench = self.engine._evaluator(query, self.formulas), Bench(_day(told.as_of), self.engine._cubes)
        context = self.engine._context(query, (told.period,))
        explainer = Explainer(evaluator, sources, bench, self.formulas, KPIS)
        filled = explainer.filled(self.formulas[told.kpi].node, context, told.kpi)
        grid = evaluator.value(filled, context)
        value = None if grid.reasons[0, 0] else float(grid.values[0, 0])
        if told.value.reason in (Reason.NEGATIVE_BASE, Reason.BEFORE_DATA):
            return
        assert close(value, told.value.value), (told.kpi, filled, told.value)


@given(
    TABLES,
    SETTINGS,
    st.dates(date(2024, 12, 1), LAST),
    st.sampled_from(list(Grain)),
    st.dates(FIRST, LAST),
    st.sampled_from(sorted(DIMENSIONS)),
    st.booleans(),
)
@settings(max_examples=40, deadline=None, derandomize=True, phases=PHASES, suppress_health_check=list(HealthCheck))
def test_rows_of_every_kpi_come_to_its_value(
    tables: Any, setup: Settings, as_of: date, grain: Grain, day: date, dimension: str, none: bool
) -> None:
    asked = Asked(tables, setup, as_of)
    where = (Filter(dimension, None if none else DIMENSIONS[dimension]),)
    for name, checked in asked.formulas.items():
        asked.explain(Query((name,), grain, day, day))
        if dimension in checked.dimensions:
            asked.explain(Query((name,), grain, day, day, where=where))
