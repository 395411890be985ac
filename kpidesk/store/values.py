"""Definitions, settings and choices as JSON and back."""

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from enum import Enum
from typing import Any

from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.kpi import Band, Basis, Direction, Display, Funnel, Kind, Kpi, MonthTarget, Response, Target
from kpidesk.domain.period import Grain
from kpidesk.domain.settings import Settings


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def dump(value: object) -> str:
    """Return a value as JSON; dates as ISO text, enums as their value."""
    return json.dumps(value, ensure_ascii=False, default=_plain)


def kpi_text(kpi: Kpi) -> str:
    """Return a definition as JSON."""
    return dump(asdict(kpi))


def kpi_from(text: str) -> Kpi:
    """Return a definition from JSON; fields that a later version added take their defaults."""
    body: dict[str, Any] = json.loads(text)
    known = {field.name for field in fields(Kpi)}
    body = {name: value for name, value in body.items() if name in known}
    if body.get("target") is not None:
        body["target"] = _target(body["target"])
    if body.get("response") is not None:
        body["response"] = Response(**{**body["response"], "check_back": _day(body["response"]["check_back"])})
    for name in ("retired", "vanity_asked"):
        body[name] = _day(body.get(name))
    for name, kind in (
        ("display", Display),
        ("direction", Direction),
        ("kind", Kind),
        ("funnel", Funnel),
        ("cadence", Grain),
    ):
        body[name] = kind(body[name])
    body["variants"] = tuple(body.get("variants", ()))
    return Kpi(**body)


def _target(body: Mapping[str, Any]) -> Target:
    return Target(
        body["value"],
        body["at_risk"],
        Grain(body["grain"]),
        body["cumulative"],
        Basis(body.get("basis", Basis.PLAIN)),
        body.get("origin", ""),
        tuple(Band(one["name"], one["start"]) for one in body.get("bands", ())),
        tuple(
            MonthTarget(date.fromisoformat(one["month"]), one["value"], one["owner"]) for one in body.get("monthly", ())
        ),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def settings_rows(settings: Settings) -> list[tuple[str, str]]:
    """Return settings as (name, JSON)."""
    return [(field.name, dump(getattr(settings, field.name))) for field in fields(Settings)]


def settings_from(rows: Mapping[str, str]) -> Settings:
    """Return settings from (name, JSON)."""
    values: dict[str, Any] = {
        field.name: json.loads(rows[field.name]) for field in fields(Settings) if field.name in rows
    }
    for name in ("as_of", "data_from"):
        if values.get(name):
            values[name] = date.fromisoformat(values[name])
    for name in ("stages", "excluded_lost_reasons"):
        if name in values:
            values[name] = tuple(values[name])
    if "holidays" in values:
        values["holidays"] = tuple(date.fromisoformat(day) for day in values["holidays"])
    return Settings(**values)


def choices_text(choices: Choices) -> str:
    """Return choices as JSON."""
    return dump(
        {
            "entity": choices.entity,
            "profile": choices.profile,
            "sheet": choices.sheet,
            "header_line": choices.header_line,
            "mapping": dict(choices.mapping),
            "values": [[*key, text] for key, text in choices.values.items()],
            "stage_status": dict(choices.stage_status),
            "date_order": choices.date_order,
            "decimal": choices.decimal,
            "snapshot": choices.snapshot,
        }
    )


def choices_from(text: str) -> Choices:
    """Return choices from JSON."""
    body = json.loads(text)
    order = body.pop("date_order")
    values = {(name, cell): to for name, cell, to in body.pop("values")}
    day = body.pop("snapshot", None)  # files of the first version have none
    return Choices(
        **body,
        values=values,
        date_order=DateOrder(order) if order else None,
        snapshot=date.fromisoformat(day) if day else None,
    )
