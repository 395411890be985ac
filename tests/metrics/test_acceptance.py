"""The worked cases of the shared acceptance file, through the engine."""

import json
import math
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from kpidesk.domain.kpi import Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Query
from kpidesk.domain.result import Point
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import Scope, check
from kpidesk.formula.nodes import Checked
from kpidesk.metrics.engine import Engine
from tests.tables import frame

CASES = Path(__file__).parents[2] / "../shared/acceptance/cases.json"
KPIS: dict[str, Kpi] = {kpi.id: kpi for kpi in load_catalogue()}
PER = {"hours": 24.0, "months": 1 / 30.436875, "per year": 365.25}


def settings_of(given: dict[str, Any]) -> Settings:
    plain = {
        key: value for key, value in given.items() if key in ("timezone", "currency", "week_start", "fiscal_start")
    }
    settings = Settings(**plain, stages=tuple(given.get("stages", ())))
    if "data_from" in given:
        settings = replace(settings, data_from=date.fromisoformat(given["data_from"]))
    if "excluded_lost_reasons" in given:
        settings = replace(settings, excluded_lost_reasons=tuple(given["excluded_lost_reasons"]))
    return replace(settings, customer_lifespan_years=given.get("customer_lifespan_years"))


def closure(kpi: str, scope: Scope) -> dict[str, Checked]:
    found: dict[str, Checked] = {}
    waiting = [kpi]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found[one] = check(scope.formula(one), scope)
            waiting.extend(found[one].references)
    return found


def point_of(case: dict[str, Any], asked: dict[str, Any]) -> Point:
    settings = settings_of(case["settings"])
    zone = settings.timezone
    frames = {name: frame(name, rows, zone) for name, rows in case["tables"].items() if rows}
    years = settings.customer_lifespan_years
    scope = Scope(KPIS, settings.currency, {} if years is None else {"customer_lifespan": f"{years:g} YEARS"})
    engine = Engine(frames.get, settings, date.fromisoformat(case["settings"]["as_of"]))
    period = asked["period"]
    start = date.fromisoformat(period["start"])
    which = asked.get("slice")
    by = next(iter(which)) if which else None
    result = engine.run(
        Query((asked["kpi"],), Grain(period["grain"]), start, start, by=by), closure(asked["kpi"], scope), KPIS
    )
    assert result.periods[0].last_day == date.fromisoformat(period["end"])
    if by is None:
        return result.total(asked["kpi"]).points[0]
    return next(series for series in result.slices(asked["kpi"]) if series.slice == (by, which[by])).points[0]


def given_cases() -> list[Any]:
    if not CASES.exists():
        return [
            pytest.param(
                {}, {}, marks=pytest.mark.skip(reason="the shared acceptance cases are not beside this checkout")
            )
        ]
    return [
        pytest.param(case, asked, id=f"{case['id']}-{number}-{asked['kpi']}")
        for case in json.loads(CASES.read_text(encoding="utf-8"))["cases"]
        for number, asked in enumerate(case["checks"])
    ]


@pytest.mark.parametrize(("case", "asked"), given_cases())
def test_case(case: dict[str, Any], asked: dict[str, Any]) -> None:
    expect = asked["expect"]
    point = point_of(case, asked)
    if expect["value"] is None:
        assert point.value is None
        assert point.reason == expect["blank_reason"]
    else:
        assert point.value is not None, point.reason
        shown = point.value * PER.get(expect["unit"], 1.0)
        assert math.isclose(shown, expect["value"], rel_tol=expect.get("tolerance", 1e-9), abs_tol=1e-12)
    for side in ("numerator", "denominator", "n", "pending"):
        if side in expect:
            assert getattr(point, side) == expect[side]
    if "wilson" in expect:
        assert point.interval == pytest.approx(tuple(expect["wilson"]), abs=1e-6)
    assert set(expect.get("flags_include", ())) <= set(point.flags)
