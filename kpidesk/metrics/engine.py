"""The engine: a question and checked formulas in, a dense result out."""

from collections.abc import Callable, Mapping
from datetime import date

import numpy as np

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import tile
from kpidesk.domain.problem import QueryError
from kpidesk.domain.query import Query
from kpidesk.domain.result import Point, Result, Series
from kpidesk.domain.settings import Settings
from kpidesk.formula.nodes import (
    Aggregate,
    All,
    Checked,
    Conversion,
    KpiRef,
    Node,
    Window,
)
from kpidesk.frame import BLANK_CODE, Frame
from kpidesk.metrics.context import Context
from kpidesk.metrics.evaluate import Evaluator
from kpidesk.metrics.grid import REASONS, Grid
from kpidesk.metrics.intervals import wilson
from kpidesk.metrics.sources import Sources
from kpidesk.metrics.table import text

_EPOCH = date(1970, 1, 1)
TOO_FEW, SMALL = 5, 30
_MAX_PERIODS = 20_000
_MAX_REMEMBERED = 5_000


def _day(day: date) -> int:
    return (day - _EPOCH).days


class Engine:
    """Answers queries over the frames of one workspace revision. Prepared row sets and aggregates are kept as long as it lives."""

    def __init__(
        self, frames: Callable[[str], Frame | None], settings: Settings, default_as_of: date, revision: int = 0
    ) -> None:
        self._frames = frames
        self._settings = settings
        self._default_as_of = default_as_of
        self.revision = revision
        self._sources: dict[int, Sources] = {}
        self._cache: dict[object, Grid] = {}

    def run(self, query: Query, formulas: Mapping[str, Checked], kpis: Mapping[str, Kpi]) -> Result:
        """Answer a query. `formulas` has every KPI asked for and all they refer to.

        Raises QueryError for a dimension that a KPI does not have, or too many periods.
        """
        as_of = query.as_of or self._default_as_of
        periods = tuple(tile(query.first, query.last, query.grain, self._settings.calendar))
        if len(periods) > _MAX_PERIODS:
            raise QueryError(
                f"That are {len(periods):,} periods. Ask for at most {_MAX_PERIODS:,}: a later start or a longer grain."
            )
        for kpi in query.kpis:
            self._check_dimensions(kpi, query, formulas, kpis)
        if len(self._cache) > _MAX_REMEMBERED:
            self._cache.clear()
        sources = self._sources.setdefault(_day(as_of), Sources(self._frames, self._settings, _day(as_of)))
        evaluator = Evaluator(sources, formulas, self._cache)
        data_from = None if self._settings.data_from is None else _day(self._settings.data_from)
        total = Context(
            np.array([_day(period.start) for period in periods], dtype=np.int64),
            np.array([_day(period.end) for period in periods], dtype=np.int64),
            query.grain,
            self._settings.calendar,
            _day(as_of),
            data_from,
            filters=query.where,
        )
        series: list[Series] = []
        for kpi in query.kpis:
            grid = evaluator.value(KpiRef((0, 0), kpi), total)
            series.append(self._series(kpis[kpi], grid, 0, None, total))
            if query.by is not None:
                series.extend(self._sliced(kpi, query, evaluator, total, formulas, kpis))
        return Result(periods, tuple(series))

    def _check_dimensions(
        self, kpi: str, query: Query, formulas: Mapping[str, Checked], kpis: Mapping[str, Kpi]
    ) -> None:
        dimensions = formulas[kpi].dimensions
        wanted = [one.dimension for one in query.where] + ([query.by] if query.by is not None else [])
        for dimension in wanted:
            if dimension not in dimensions:
                name = kpis[kpi].name
                have = f"It can be split by {', '.join(sorted(dimensions))}." if dimensions else "It cannot be split."
                raise QueryError(f"{name} has no {dimension} that all its rows share. {have}")

    def _sliced(
        self,
        kpi: str,
        query: Query,
        evaluator: Evaluator,
        total: Context,
        formulas: Mapping[str, Checked],
        kpis: Mapping[str, Kpi],
    ) -> list[Series]:
        assert query.by is not None  # noqa: S101 - only asked for with a dimension
        values, has_none = self._values(kpi, query.by, evaluator, formulas)
        context = Context(
            total.starts,
            total.ends,
            total.grain,
            total.calendar,
            total.as_of,
            total.data_from,
            by=query.by,
            values=values,
            filters=total.filters,
        )
        grid = evaluator.value(KpiRef((0, 0), kpi), context)
        weight = np.nansum(np.abs(grid.n if grid.n is not None else grid.values), axis=0)
        order = sorted(range(len(values)), key=lambda place: (-weight[place], values[place].casefold()))
        if has_none:
            order.append(len(values))
        return [
            self._series(kpis[kpi], grid, place, (query.by, values[place] if place < len(values) else None), context)
            for place in order
        ]

    def _values(
        self, kpi: str, dimension: str, evaluator: Evaluator, formulas: Mapping[str, Checked]
    ) -> tuple[tuple[str, ...], bool]:
        """Return the values of a dimension that occur in any row set of a KPI, and whether rows without one occur."""
        found: dict[str, None] = {}
        has_none = False
        for rows, anchor in sorted(_row_sets(formulas[kpi].node, formulas)):
            table = evaluator.table(rows, anchor)
            if table is None or not table.rows:
                continue
            column = text(table.columns, dimension, table.rows)
            used = np.bincount(column.codes + 1, minlength=len(column.values) + 1)
            if rows not in ("refunds", "company_targets"):
                has_none |= bool(used[BLANK_CODE + 1])
            found.update(dict.fromkeys(column.values[code] for code in np.flatnonzero(used[1:])))
        return tuple(found), has_none

    def _series(
        self, kpi: Kpi, grid: Grid, place: int, which: tuple[str, str | None] | None, context: Context
    ) -> Series:
        points = [self._point(grid, period, place, bool(context.partial[period])) for period in range(context.periods)]
        if grid.proportion and grid.numerator is not None and grid.denominator is not None:
            low, high = wilson(grid.numerator[:, place], grid.denominator[:, place])
            points = [
                point
                if point.value is None
                else Point(
                    point.value,
                    None,
                    point.numerator,
                    point.denominator,
                    point.n,
                    point.pending,
                    (float(low[period]), float(high[period])),
                    point.flags,
                )
                for period, point in enumerate(points)
            ]
        return Series(kpi.id, kpi.name, kpi.display, which, tuple(points))

    def _point(self, grid: Grid, period: int, place: int, partial: bool) -> Point:
        def at(array: np.ndarray | None) -> float | None:
            if array is None or np.isnan(array[period, place]):
                return None
            return float(array[period, place])

        def whole(array: np.ndarray | None) -> int | None:
            value = at(array)
            return None if value is None else round(value)

        reason = int(grid.reasons[period, place])
        pending = whole(grid.pending) if grid.proportion else None
        flags = ["partial_period"] if partial else []
        if grid.partial is not None and grid.partial[period, place]:
            flags.append("partial_data")
        if pending:
            flags.append("immature")
        judged = whole(grid.judged)
        if judged is not None and not reason:
            if judged < TOO_FEW:
                flags.append("too_few")
            elif judged < SMALL:
                flags.append("small_sample")
        missing = whole(grid.missing)
        if missing:
            flags.append(f"missing_amount:{missing}")
        if grid.current:
            flags.append("current_amounts")
        return Point(
            None if reason else float(grid.values[period, place]),
            REASONS[reason - 1] if reason else None,
            at(grid.numerator),
            at(grid.denominator),
            whole(grid.n),
            pending,
            None,
            tuple(flags),
        )


def _row_sets(node: object, formulas: Mapping[str, Checked]) -> set[tuple[str, str]]:
    """Return the row sets of a formula and of all it refers to, leaving out what ALL takes out of the slice."""
    if isinstance(node, KpiRef):
        return _row_sets(formulas[node.kpi].node, formulas)
    if isinstance(node, Aggregate):
        return {(node.rows.name, node.rows.anchor)}
    if isinstance(node, Conversion):
        return {(node.source.name, node.source.anchor)}
    if isinstance(node, All):
        return set()
    if isinstance(node, Window):
        return _row_sets(node.operand, formulas)
    found: set[tuple[str, str]] = set()
    if isinstance(node, Node):
        for name in node.__dataclass_fields__:
            found |= _row_sets(getattr(node, name), formulas)
    elif isinstance(node, tuple):
        for part in node:
            found |= _row_sets(part, formulas)
    return found
