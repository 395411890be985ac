"""The engine gives what plain loops over the rows give: every KPI, at every grain, for every slice and filter, on every day.

HYPOTHESIS_PROFILE=thorough tries ten times as many workspaces, and makes one that differs as small as it can (slow).
"""

import math
import os
from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpidesk.domain.period import Grain
from kpidesk.domain.query import Filter, Query
from kpidesk.domain.result import Point, Series
from kpidesk.domain.settings import Settings
from kpidesk.formula.check import Scope, check
from kpidesk.formula.nodes import Checked
from kpidesk.metrics.engine import Engine
from tests.metrics.asking import KPIS
from tests.metrics.loops import windows
from tests.metrics.loops.catalogue import CATALOGUE, kpi
from tests.metrics.loops.draws import FIRST, LAST, SETTINGS, TABLES
from tests.metrics.loops.tables import KEYS
from tests.metrics.loops.values import Answer, Tables
from tests.metrics.loops.windows import Window
from tests.metrics.loops.world import World
from tests.tables import frame

THOROUGH = os.environ.get("HYPOTHESIS_PROFILE") == "thorough"
PHASES = tuple(Phase) if THOROUGH else (Phase.explicit, Phase.generate)
DIMENSIONS = {"owner": "Ann", "source": "inbound", "segment": "Enterprise", "industry": "Retail", "stage": "Demo"}
SPANS = {Grain.WEEK: 24, Grain.MONTH: 150, Grain.QUARTER: 300, Grain.YEAR: 400}  # days asked for
# Costs of two kinds without an amount: the engine says how many the larger kind has, not how many both have.
AT_LEAST = {"cac_payback"}
# No row is in two slices or in none: the parts add up to the whole.
ADDITIVE = ("lead_volume", "meetings_booked", "deals_closed", "total_revenue", "open_pipeline", "pipeline_created")
SMALL = {"too_few": (0, 5), "small_sample": (5, 30)}


def stored(tables: Tables) -> dict[str, list[Any]]:
    """The rows as the workspace keeps them: of an id that comes twice, the last."""
    kept = {}
    for name, rows in tables.items():
        key = KEYS.get(name, "")
        last = {row.get(key) or f"line {line}": line for line, row in enumerate(rows)}
        kept[name] = [row for line, row in enumerate(rows) if line in last.values()]
    return kept


def formulas(setup: Settings) -> dict[str, Checked]:
    """All formulas as a workspace with these settings has them."""
    years, overrides = setup.customer_lifespan_years, {}
    if years is not None:
        overrides["customer_lifespan"] = f"{years:g} YEARS"
    if setup.revenue_source == "transactions":
        overrides["total_revenue"] = "SUM(purchases.amount) - SUM(refunds.amount)"
    scope = Scope(KPIS, setup.currency, overrides)
    return {name: check(scope.formula(name), scope) for name in KPIS}


def flags_of(answer: Answer, window: Window, as_of: date) -> set[str]:
    found = {
        "partial_period": window.end - windows.DAY > as_of,
        "partial_data": answer.before,
        "immature": answer.proportion and (answer.pending or 0) > 0,
        "current_amounts": answer.current,
    }
    for flag, (low, high) in SMALL.items():
        judged = answer.judged
        found[flag] = answer.reason is None and judged is not None and low <= judged < high
    flags = {flag for flag, there in found.items() if there}
    return flags | ({f"missing_amount:{len(answer.missing)}"} if answer.missing else set())


def close(found: float | None, expected: float | None) -> bool:
    if found is None or expected is None:
        return found is expected
    return math.isclose(found, expected, rel_tol=1e-9, abs_tol=2e-6)


def assert_same(point: Point, answer: Answer, window: Window, as_of: date, place: tuple[Any, ...]) -> None:
    told = (place, window, point, answer)
    assert point.reason == answer.reason, told
    assert close(point.value, answer.value), told
    if answer.numerator is not None and answer.reason in (None, "zero_denominator"):
        assert close(point.numerator, answer.numerator), told
        assert close(point.denominator, answer.denominator), told
    if answer.n is not None and answer.reason is None:
        assert point.n == answer.n, told
    if answer.proportion:
        assert (point.pending or 0) == (answer.pending or 0), told
        assert (point.interval is not None) is (answer.reason is None), told
    found, expected = set(point.flags), flags_of(answer, window, as_of)
    if place[0] in AT_LEAST:
        found, expected = ({flag.split(":")[0] for flag in flags} for flags in (found, expected))
    assert found == expected, told


class Comparison:
    """One workspace on one day, told by both."""

    def __init__(self, tables: Tables, setup: Settings, as_of: date, grain: Grain, first: date) -> None:
        self.setup, self.as_of, self.grain = setup, as_of, grain
        frames = {name: frame(name, rows, setup.timezone) for name, rows in stored(tables).items() if rows}
        self.engine = Engine(frames.get, setup, as_of)
        self.world = World(tables, setup, as_of)
        self.formulas = formulas(setup)
        self.days = first, first + timedelta(days=SPANS[grain])
        self.periods = windows.periods(*self.days, grain.value, setup)

    def compare(self, by: str | None, where: dict[str, str | None]) -> None:
        filters = tuple(Filter(*pair) for pair in where.items())
        dimensions = {*where, by} - {None}
        kpis = tuple(name for name, checked in self.formulas.items() if dimensions <= checked.dimensions)
        if not kpis:
            return
        query = Query(kpis, self.grain, *self.days, by=by, where=filters)
        result = self.engine.run(query, self.formulas, KPIS)
        assert [(period.start, period.end) for period in result.periods] == self.periods
        for series in result:
            self._compare(series, tuple(where.items()))
        for name in ADDITIVE if by is not None else ():
            parts = [series.points for series in result.slices(name)] if name in kpis else []
            for place, point in enumerate(result.total(name).points if parts else ()):
                values = [series[place].value for series in parts]
                if point.value is not None and None not in values:
                    assert close(sum(values), point.value), (name, by, place)

    def _compare(self, series: Series, where: tuple[tuple[str, str | None], ...]) -> None:
        where = where if series.slice is None else (*where, series.slice)
        for (start, end), point in zip(self.periods, series.points, strict=True):
            window = Window(start, end, self.grain.value, where)
            answer = kpi(series.kpi)(self.world, window)
            assert_same(point, answer, window, self.as_of, (series.kpi, series.slice))


def test_the_loops_know_every_shipped_kpi() -> None:
    assert set(CATALOGUE) == set(KPIS)


@given(
    TABLES,
    SETTINGS,
    st.dates(date(2024, 12, 1), LAST),
    st.sampled_from(list(Grain)),
    st.dates(FIRST, date(2025, 4, 30)),
    st.sampled_from(sorted(DIMENSIONS)),
    st.sampled_from(sorted(DIMENSIONS)),
    st.booleans(),
)
@settings(
    max_examples=500 if THOROUGH else 50,
    deadline=None,
    derandomize=not THOROUGH,
    phases=PHASES,
    suppress_health_check=list(HealthCheck),
)
def test_every_kpi(
    tables: Any, setup: Settings, as_of: date, grain: Grain, first: date, by: str, filtered: str, none: bool
) -> None:
    both = Comparison(tables, setup, as_of, grain, first)
    both.compare(None, {})
    both.compare(by, {})
    both.compare(by, {filtered: None if none else DIMENSIONS[filtered]})
