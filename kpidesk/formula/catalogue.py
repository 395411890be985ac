"""The shipped KPIs, read from `resources/catalog/kpis.toml`."""

import tomllib
from dataclasses import replace
from functools import cache
from typing import Any

from kpidesk.domain.kpi import Band, Basis, Direction, Display, Funnel, Kind, Kpi, Target
from kpidesk.domain.period import Grain
from kpidesk.formula.literals import SIGNS
from kpidesk.paths import resource


@cache
def load_catalogue() -> tuple[Kpi, ...]:
    """Return every shipped KPI in catalogue order; KeyError or ValueError when the file is not as it should be."""
    tables = tomllib.loads(resource("catalog", "kpis.toml").read_text(encoding="utf-8"))
    return tuple(_kpi(kpi_id, table) for kpi_id, table in tables.items())


def catalogue_in(currency: str) -> tuple[Kpi, ...]:
    """Return the shipped KPIs with the amounts in their formulas in another currency: the same numbers with its sign, if it has one."""
    own = next((sign for sign, code in SIGNS.items() if code == currency), "")
    return tuple(replace(kpi, formula=kpi.formula.replace("£", own)) for kpi in load_catalogue())


def _kpi(kpi_id: str, table: dict[str, Any]) -> Kpi:
    target = table.get("target")
    return Kpi(
        id=kpi_id,
        name=table["name"],
        formula=table["formula"],
        display=Display(table["display"]),
        direction=Direction(table["direction"]),
        kind=Kind(table["kind"]),
        funnel=Funnel(table["funnel"]),
        cadence=Grain(table["cadence"]),
        question=table["question"],
        action=table["action"],
        article=table["article"],
        source=table["source"],
        target=None if target is None else _target(target),
        target_from=table.get("target_from"),
        pair=table.get("pair"),
        lag_weeks=table.get("lag_weeks"),
        variants=tuple(table.get("variants", ())),
        active=table.get("active", False),
        position=table.get("position", 0),
    )


def _target(table: dict[str, Any]) -> Target:
    bands = tuple(Band(name, start) for name, start in table.get("bands", {}).items())
    basis = Basis(table.get("basis", Basis.PLAIN))
    return Target(table["value"], table.get("at_risk"), basis=basis, origin=table.get("origin", ""), bands=bands)
