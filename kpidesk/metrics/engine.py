"""The engine: a question and checked formulas in, a dense result out."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice

import numpy as np

from kpidesk.domain.explanation import Explanation
from kpidesk.domain.kpi import Kpi
from kpidesk.domain.movement import Movement
from kpidesk.domain.period import Calendar, Grain, Period, tile
from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Query
from kpidesk.domain.result import Result, Series
from kpidesk.domain.settings import Settings
from kpidesk.formula.nodes import Aggregate, All, Checked, Conversion, KpiRef, Node, Rows
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.frame import Frame
from kpidesk.metrics.context import Context
from kpidesk.metrics.cube import Bench, Cube
from kpidesk.metrics.evaluate import Evaluator
from kpidesk.metrics.explain import Explainer
from kpidesk.metrics.grid import Grid
from kpidesk.metrics.memory import Memory
from kpidesk.metrics.observed import Observed
from kpidesk.metrics.pipeline import movements, pipeline
from kpidesk.metrics.series import series
from kpidesk.metrics.sources import Imported, Sources
from kpidesk.metrics.table import RowTable, folded

_EPOCH = date(1970, 1, 1)
_FIRST, _LAST = date(1900, 1, 1), date(2199, 12, 31)
_MAX_PERIODS = 10_000
_CUBES, _GRIDS = 128 << 20, 64 << 20  # bytes
_KIN = {"deals": ("created_deals", "closed_deals"), "activities": ("meetings", "calls", "proposals")}
_DAYS_REMEMBERED = 4  # as-of days whose row sets are kept


@lru_cache(maxsize=16)
def _tiled(first: date, last: date, grain: Grain, calendar: Calendar) -> tuple[Period, ...]:
    """Return the periods between two days, one more than the most at most."""
    return tuple(islice(tile(first, last, grain, calendar), _MAX_PERIODS + 1))


def _day(day: date) -> int:
    return (day - _EPOCH).days


class Engine:
    """Answers queries over the frames of one workspace revision. Prepared row sets and sums are kept as long as it lives.

    `restated` are days (since 1970-01-01) that lost won deals with the last import: what was decided there is marked (G6).
    """

    def __init__(
        self,
        frames: Callable[[str], Frame | None],
        settings: Settings,
        default_as_of: date,
        revision: int = 0,
        restated: tuple[int, ...] = (),
        observed: Callable[[], Observed | None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._default_as_of = default_as_of
        self.revision = revision
        self._restated = restated
        self._imported = Imported(frames, settings, observed)
        self._sources: dict[int, Sources] = {}
        self._cubes: Memory[Cube] = Memory(_CUBES, lambda cube: cube.size)
        self._grids: Memory[Grid] = Memory(_GRIDS, lambda grid: grid.size)

    @property
    def calendar(self) -> Calendar:
        """The borders of weeks and fiscal years."""
        return self._settings.calendar

    def run(self, query: Query, formulas: Mapping[str, Checked], kpis: Mapping[str, Kpi]) -> Result:
        """Answer a query. `formulas` has every KPI asked for and all they refer to.

        Raises QueryError for a dimension that a KPI does not have, for periods out of reach or too many of them.
        """
        periods = self._periods(query)
        for kpi in query.kpis:
            _check_dimensions(kpis[kpi].name, formulas[kpi], query)
        question = _Question(query, formulas, kpis, self._evaluator(query, formulas), self._context(query, periods))
        return Result(periods, tuple(one for kpi in query.kpis for one in question.answer(kpi)))

    def explain(self, query: Query, formulas: Mapping[str, Checked], kpis: Mapping[str, Kpi]) -> Explanation:
        """Take the value of one KPI apart in the one period of a query, whose `where` may narrow it and whose `by` is ignored."""
        (kpi_id,), (period, *_) = query.kpis, self._periods(query)
        query = replace(query, by=None)
        _check_dimensions(kpis[kpi_id].name, formulas[kpi_id], query)
        as_of = query.as_of or self._default_as_of
        bench = Bench(_day(as_of), self._cubes)
        sources = self._sources_on(_day(as_of))
        evaluator = Evaluator(sources, formulas, self._grids, bench)
        found = Explainer(evaluator, sources, bench, formulas, kpis)
        found.kpi(kpi_id, self._context(query, (period,)))
        steps, parts = tuple(found.steps), tuple(found.parts)
        return Explanation(
            kpi_id, kpis[kpi_id].name, kpis[kpi_id].display, period, as_of, query.where, steps[-1].value, steps, parts
        )

    def rows(self, name: str, anchor: str) -> RowTable | None:
        """Return a row set as known on the default as-of day, None when it was never imported."""
        return self._sources_on(_day(self._default_as_of)).table(name, anchor)

    def movements(self, seen: Observed | None, first: date, last: date, by: str | None = None) -> tuple[Movement, ...]:
        """Return how the open pipeline came from the end of one day to the end of another: the total, then slices.

        `seen` is what snapshots show of the deals, be it a single one. Empty without deals.
        """
        deals = self._sources_on(_day(self._default_as_of)).deals
        if deals is None or seen is None:
            return ()
        return movements(pipeline(seen, deals, self._imported.rates), _day(first), _day(last), by)

    def _periods(self, query: Query) -> tuple[Period, ...]:
        for day in (query.first, query.last):
            if not _FIRST <= day <= _LAST:
                raise QueryError(f"{day} is out of reach. Ask for days from {_FIRST} to {_LAST}.")
        periods = _tiled(query.first, query.last, query.grain, self._settings.calendar)
        if len(periods) > _MAX_PERIODS:
            raise QueryError(f"That is more than {_MAX_PERIODS:,} periods. Ask for a later start or a longer grain.")
        return periods

    def _as_of(self, query: Query) -> int:
        return _day(query.as_of or self._default_as_of)

    def _context(self, query: Query, periods: tuple[Period, ...]) -> Context:
        return Context(
            np.array([_day(period.start) for period in periods], dtype=np.int64),
            np.array([_day(period.end) for period in periods], dtype=np.int64),
            query.grain,
            self._settings.calendar,
            self._as_of(query),
            None if self._settings.data_from is None else _day(self._settings.data_from),
            filters=query.where,
            restated=self._restated,
        )

    def _evaluator(self, query: Query, formulas: Mapping[str, Checked]) -> Evaluator:
        as_of = self._as_of(query)
        return Evaluator(self._sources_on(as_of), formulas, self._grids, Bench(as_of, self._cubes))

    def _sources_on(self, as_of: int) -> Sources:
        sources = self._sources.pop(as_of, None) or Sources(self._imported, as_of)
        self._sources[as_of] = sources
        while len(self._sources) > _DAYS_REMEMBERED:
            del self._sources[next(iter(self._sources))]
        return sources


@dataclass(frozen=True, slots=True)
class _Question:
    """One query at work."""

    query: Query
    formulas: Mapping[str, Checked]
    kpis: Mapping[str, Kpi]
    evaluator: Evaluator
    total: Context

    def answer(self, kpi: str) -> Iterator[Series]:
        """Yield the total of a KPI, then its slices, largest first and those without a value last."""
        if not self.total.periods:
            yield Series(kpi, self.kpis[kpi].name, self.kpis[kpi].display, None, ())
            return
        yield from series(self.kpis[kpi], self.evaluator.asked(kpi, self.total), {0: None}, self.total)
        if self.query.by is None:
            return
        values, has_none = self._values(kpi, self.query.by)
        context = self.total.sliced(self.query.by, values)
        grid = self.evaluator.asked(kpi, context)
        sizes = _sizes(grid)
        order = sorted(range(len(values)), key=lambda place: (*sizes[place], values[place].casefold()))
        slices: dict[int, tuple[str, str | None] | None] = {place: (self.query.by, values[place]) for place in order}
        if has_none:
            slices[len(values)] = (self.query.by, None)
        yield from series(self.kpis[kpi], grid, slices, context)

    def _values(self, kpi: str, dimension: str) -> tuple[tuple[str, ...], bool]:
        """Return the values of a dimension among the rows a KPI looks at and their kin, as most rows spell them.

        Second, whether some of the rows it looks at have none.
        """
        found: dict[str, tuple[int, str]] = {}
        has_none = False
        looked_at = _row_sets(self.formulas[kpi].node, self.formulas)
        for rows in sorted(looked_at | _kin(looked_at), key=str):
            values, without = self.evaluator.occurring(rows, dimension, self.query.where)
            has_none |= without > 0 and rows in looked_at
            for value, count in values:
                found[folded(value)] = max(found.get(folded(value), (0, value)), (count, value))
        return tuple(value for _, value in found.values()), has_none


def _check_dimensions(name: str, checked: Checked, query: Query) -> None:
    wanted = [one.dimension for one in query.where] + ([query.by] if query.by is not None else [])
    for dimension in wanted:
        if dimension not in checked.dimensions:
            have = ", ".join(sorted(checked.dimensions))
            ways = f"It can be split and filtered by {have}." if have else "It cannot be split or filtered."
            why = dict(checked.lacking).get(dimension)
            lack = f": {why}" if why else ""
            raise QueryError(f"{name} has no {dimension} that all its rows share{lack}. {ways}")


def _sizes(grid: Grid) -> list[tuple[float, float]]:
    """Return a key per slice that sorts the largest first.

    A rate or an average is as large as the rows behind it, another quotient as what is below the line, the rest as their value.
    """
    behind = grid.n if grid.judged is not None else grid.denominator
    sizes = [-np.nansum(np.abs(one), axis=0) for one in (grid.values if behind is None else behind, grid.values)]
    return list(zip(sizes[0].tolist(), sizes[1].tolist(), strict=True))


def _kin(looked_at: set[Rows]) -> set[Rows]:
    """Return the other events of the same tables: an owner of deals who has won none is a slice of what was won, with 0."""
    tables = {ROW_SETS[rows.name].entity for rows in looked_at}
    kin = (ROW_SETS[name] for table in tables for name in _KIN.get(table, ()))
    return {Rows(rows.name, rows.anchors[0]) for rows in kin}


def _row_sets(node: object, formulas: Mapping[str, Checked]) -> set[Rows]:
    """Return the row sets of a formula and of all it refers to, leaving out what ALL takes out of the slice."""
    match node:
        case KpiRef():
            return _row_sets(formulas[node.kpi].node, formulas)
        case Aggregate():
            return {node.rows}
        case Conversion():
            return {node.source}
        case All():
            return set()
        case Node():
            return _row_sets(tuple(getattr(node, name) for name in node.__dataclass_fields__), formulas)
        case tuple():
            return set[Rows]().union(*(_row_sets(part, formulas) for part in node))
    return set()
