"""The engine as a whole: what it refuses, what it remembers, and that neither shows in the numbers."""

import random
import time
from dataclasses import fields, replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.period import Grain
from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Filter, Query
from kpidesk.domain.settings import Settings
from kpidesk.formula.check import Scope, check
from kpidesk.frame import Column, Frame
from kpidesk.metrics.engine import Engine
from kpidesk.metrics.memory import Memory
from tests.metrics.asking import FORMULAS, KPIS, deal, engine, month, points, run
from tests.tables import frame

DEALS = [
    deal(
        f"D{n}",
        ("won", "lost", "open")[n % 3],
        f"2025-0{1 + n % 5}-0{1 + n % 9}",
        f"2025-0{2 + n % 5}-1{n % 9}" if n % 3 < 2 else None,
        100.0 * n,
        owner=("Ann", "Bob", None)[n % 3],
        source=("Inbound", "Outbound")[n % 2],
        stage=("Demo", "Proposal")[n % 2],
    )
    for n in range(40)
]
TABLES = {"deals": DEALS, "targets": [{"start": "2025-01-01", "end": "2025-12-31", "amount": 12000.0, "owner": None}]}


class TestRefusals:
    def test_a_dimension_that_not_all_rows_have(self) -> None:
        of = engine(TABLES)
        with pytest.raises(QueryError, match="Sales target attainment has no source that all its rows share"):
            run(of, "sales_target_attainment", Grain.MONTH, date(2025, 1, 1), by="source")
        with pytest.raises(QueryError, match=r"filtered by owner, segment\."):
            run(of, "sales_target_attainment", Grain.MONTH, date(2025, 1, 1), where={"source": "Inbound"})
        with pytest.raises(QueryError, match="cannot be split or filtered"):
            run(of, "customer_lifespan", Grain.MONTH, date(2025, 1, 1), by="owner")

    def test_days_out_of_reach_and_too_many_periods(self) -> None:
        of = engine(TABLES)
        with pytest.raises(QueryError, match="out of reach"):
            run(of, "win_rate", Grain.MONTH, date(2025, 1, 1), date.max)
        with pytest.raises(QueryError, match="more than 10,000 periods"):
            run(of, "win_rate", Grain.WEEK, date(1900, 1, 1), date(2199, 1, 1))

    def test_no_period_at_all(self) -> None:
        result = run(engine(TABLES), "win_rate", Grain.MONTH, date(2025, 3, 1), date(2025, 1, 1))
        assert (result.periods, result.total("win_rate").points) == ((), ())


ASKED = st.tuples(
    st.sampled_from(["total_revenue", "win_rate", "open_pipeline", "average_deal_size", "MEDIAN(won_deals.amount)"]),
    st.sampled_from(list(Grain)),
    st.sampled_from([None, "owner", "source", "stage"]),
    st.sampled_from([{}, {"owner": "Ann"}, {"owner": None}, {"source": "Inbound", "stage": "Demo"}]),
    st.sampled_from([None, date(2025, 3, 10), date(2025, 4, 30)]),
)


def put(of: Engine, asked: Any) -> Any:
    what, grain, by, where, as_of = asked
    return run(of, what, grain, date(2025, 1, 1), date(2025, 6, 30), by=by, where=dict(where), as_of=as_of)


class TestMemory:
    @given(st.lists(ASKED, min_size=2, max_size=8))
    @settings(max_examples=40, deadline=None)
    def test_an_answer_does_not_depend_on_the_questions_before_it(self, asked: list[Any]) -> None:
        used = engine(TABLES)
        for one in asked:
            assert put(used, one) == put(engine(TABLES), one)

    def test_a_changed_definition_is_another_answer(self) -> None:
        """A formula of the same text may refer to a KPI that was edited."""
        of = engine(TABLES)
        query = Query(("sales_velocity",), Grain.MONTH, date(2025, 3, 1), date(2025, 3, 1))
        before = of.run(query, FORMULAS, KPIS).total("sales_velocity").points[0].value
        scope = Scope(
            {**KPIS, "win_rate": replace(KPIS["win_rate"], formula="COUNT(won_deals) / COUNT(closed_deals) / 2")}
        )
        edited = {**FORMULAS, "win_rate": check(scope.formula("win_rate"), scope)}
        after = of.run(query, edited, KPIS).total("sales_velocity").points[0].value
        assert before
        assert after == pytest.approx(before / 2)

    def test_frames_are_read_once(self) -> None:
        read: list[str] = []

        def frames(name: str) -> Any:
            read.append(name)
            return frame(name, TABLES[name]) if name in TABLES else None

        of = Engine(frames, Settings(), date(2025, 6, 1))
        for as_of in (date(2025, 6, 1), date(2025, 5, 1)):
            for what in ("total_revenue", "pipeline_coverage"):
                month(of, what, "2025-03", as_of=as_of)
        assert len(read) == len(set(read))

    def test_the_longest_unused_is_forgotten_first(self) -> None:
        made: list[str] = []
        memory: Memory[str] = Memory(3, len)

        def ask(key: str) -> str:
            return memory.recall(key, lambda: made.append(key) or key)

        for key in ("a", "b", "c", "a", "d", "a", "b"):
            assert ask(key) == key
        assert made == ["a", "b", "c", "d", "b"]

    def test_one_value_larger_than_the_room_is_kept_for_now(self) -> None:
        memory: Memory[str] = Memory(3, len)
        assert [memory.recall(1, lambda: "long text"), memory.recall(1, lambda: "other")] == ["long text", "long text"]


class TestWideData:
    """Many slices over a long time are cut at the borders of periods; the numbers are the same."""

    def deals(self) -> list[dict[str, Any]]:
        random.seed(5)
        found = []
        for n in range(400):
            year = random.choice([1950, 2024, 2025, 2090])
            created = date(year, random.randint(1, 6), random.randint(1, 28))
            closed = created.replace(month=created.month + random.randint(0, 6))
            status = random.choice(["won", "lost", "open"])
            row = deal(f"D{n}", status, created.isoformat(), closed.isoformat() if status != "open" else None, float(n))
            found.append({**row, "owner": f"Rep {n % 80}", "source": "Inbound" if n % 2 else None})
        return found

    @pytest.mark.parametrize("what", ["total_revenue", "open_pipeline", "win_rate", "TRAILING([Total revenue], 3)"])
    def test_slices_of_the_wide_are_filters_of_the_whole(self, what: str) -> None:
        of = engine({"deals": self.deals()}, Settings(data_from=date(1950, 1, 1)), as_of=date(2095, 1, 1))
        span = (date(2024, 11, 1), date(2025, 12, 1))
        result = run(of, what, Grain.MONTH, *span, by="owner")
        for series in result:
            if series.slice is not None and series.slice[1] in ("Rep 3", "Rep 77"):
                alone = run(of, what, Grain.MONTH, *span, where={"owner": series.slice[1]})
                assert [point.value for point in series.points] == [point.value for point in next(iter(alone)).points]


def test_more_rows_are_hardly_slower() -> None:
    """Repeated and filtered questions over 200,000 deals take a fraction of a second (the limit is for slow machines)."""
    small = frame("deals", DEALS)
    columns = {name: many(column, 5000) for name, column in small.columns.items()}
    of = Engine({"deals": Frame("deals", small.rows * 5000, columns)}.get, Settings(), date(2025, 6, 1))
    kpis = ("total_revenue", "win_rate", "average_deal_size", "sales_cycle_length", "open_pipeline", "pipeline_created")
    query = Query(kpis, Grain.WEEK, date(2025, 1, 1), date(2025, 6, 30))
    of.run(query, FORMULAS, KPIS)
    start = time.thread_time()
    of.run(query, FORMULAS, KPIS)
    of.run(replace(query, where=(Filter("owner", "Ann"),)), FORMULAS, KPIS)
    assert time.thread_time() - start < 1.0
    one = engine({"deals": DEALS}, as_of=date(2025, 6, 1))
    closed = [points(each, "deals_closed", Grain.YEAR, "2025-01-01")[0].value or 0 for each in (of, one)]
    assert closed[0] == 5000 * closed[1] > 0


def many(column: Column, times: int) -> Column:
    """The same rows over and over."""
    parts = [getattr(column, field.name) for field in fields(column)]
    return type(column)(*(np.tile(part, times) if isinstance(part, np.ndarray) else part for part in parts))
