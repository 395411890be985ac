"""Questions to an engine over small tables written by hand."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Filter, Query
from kpidesk.domain.result import Point, Result
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import Scope, check
from kpidesk.formula.nodes import Checked
from kpidesk.metrics.engine import Engine
from tests.tables import frame

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
KPIS: dict[str, Kpi] = {kpi.id: kpi for kpi in load_catalogue()}
SCOPE = Scope(KPIS)
FORMULAS: dict[str, Checked] = {kpi.id: check(kpi.formula, SCOPE, kpi.id) for kpi in KPIS.values()}
ASKED = Kpi("asked", "Asked", "", Display.NUMBER, Direction.UP, Kind.LAGGING, Funnel.MONEY, Grain.MONTH)
LATE = date(2025, 12, 31)


def engine(tables: Tables, settings: Settings | None = None, as_of: date = LATE) -> Engine:
    chosen = settings or Settings()
    frames = {name: frame(name, rows, chosen.timezone) for name, rows in tables.items() if rows}
    return Engine(frames.get, chosen, as_of)


def run(of: Engine, what: str, grain: Grain, first: date, last: date | None = None, **more: Any) -> Result:
    """Ask for a KPI by id, or for a formula."""
    formulas, kpis = FORMULAS, KPIS
    if what not in KPIS:
        formulas, kpis = {**FORMULAS, "asked": check(what, SCOPE)}, {**KPIS, "asked": ASKED}
    where = tuple(Filter(*pair) for pair in more.pop("where", {}).items())
    kpi = what if what in KPIS else "asked"
    return of.run(Query((kpi,), grain, first, last or first, where=where, **more), formulas, kpis)


def points(of: Engine, what: str, grain: Grain, first: str, last: str | None = None, **more: Any) -> tuple[Point, ...]:
    days = date.fromisoformat(first), date.fromisoformat(last or first)
    return next(iter(run(of, what, grain, *days, **more))).points


def month(of: Engine, what: str, name: str, **more: Any) -> Point:
    """One month, such as 2025-03."""
    return points(of, what, Grain.MONTH, f"{name}-01", **more)[0]


def slices(of: Engine, what: str, by: str, first: str, last: str | None = None, **more: Any) -> dict[str | None, Point]:
    """The first month of every slice, in the order of the answer."""
    days = date.fromisoformat(first), date.fromisoformat(last or first)
    result = run(of, what, Grain.MONTH, *days, by=by, **more)
    return {series.slice[1]: series.points[0] for series in result if series.slice is not None}


def deal(
    deal_id: str, status: str, created: str | None, closed: str | None = None, amount: float | None = None, **more: Any
) -> dict[str, Any]:
    return {"deal_id": deal_id, "status": status, "created": created, "closed": closed, "amount": amount, **more}


def days_after(day: str, count: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=count)).isoformat()
