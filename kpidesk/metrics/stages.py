"""Stage history: how far deals came, and how long they stayed (semantics section 2, Middle)."""

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics.deals import Deals
from kpidesk.metrics.table import (
    NEVER,
    DayValues,
    FlagValues,
    RowTable,
    TextValues,
    Values,
    columns_of,
    day_values,
    elapsed,
    take,
    text,
    up_to,
)

_INHERITED = (
    "deal_id",
    "owner",
    "source",
    "segment",
    "product",
    "region",
    "industry",
    "type",
    "pipeline",
    "amount",
    "name",
)
_Rows = npt.NDArray[np.int64]


def _order(values: tuple[str, ...], stages: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Return the place of each stage text in the order of open stages; -1 for one that is not in it (won, lost, unknown)."""
    places = {stage.strip().casefold(): place for place, stage in enumerate(stages)}
    return np.array([places.get(value.strip().casefold(), -1) for value in values] + [-1], dtype=np.int64)


def _inherited(deals: Deals, rows: _Rows) -> dict[str, Values]:
    return {name: take(deals.columns[name], rows) for name in _INHERITED if name in deals.columns}


def reached(frame: Frame, deals: Deals, rows: _Rows, stages: tuple[str, ...], as_of: int) -> RowTable | None:
    """Return one row per deal and stage that it was in or passed, dated by the first time (won passes all)."""
    if not stages:
        return None
    columns = columns_of(frame)
    stage = text(columns, "stage", frame.rows)
    entered = day_values(columns, "entered", frame.rows).days
    place = _order(stage.values, stages)[stage.codes]
    usable = (rows >= 0) & (place >= 0) & (entered != BLANK_DAY) & (entered <= as_of)
    usable &= deals.exists[np.maximum(rows, 0)]
    first = np.full((deals.rows, len(stages)), NEVER, dtype=np.int32)
    np.minimum.at(first, (rows[usable], place[usable]), entered[usable])
    been = first < NEVER
    tracked = been.any(axis=1)
    farthest = np.where(tracked, len(stages) - 1 - np.argmax(been[:, ::-1], axis=1), -1)
    closed = np.where(deals.won & tracked, deals.closed, NEVER).astype(np.int32)
    passed = np.minimum(np.minimum.accumulate(first[:, ::-1], axis=1)[:, ::-1], closed[:, None])
    deal, at = np.nonzero(passed < NEVER)
    won = deals.won[deal]
    advanced = won | (farthest[deal] > at)
    here = deals.open[deal] & ~advanced
    values = _inherited(deals, deal.astype(np.int64))
    values["stage"] = TextValues(at.astype(np.int32), stages)
    values["advanced"] = FlagValues(advanced.astype(np.int8))
    values["still_here"] = FlagValues(here.astype(np.int8))
    values["implied"] = FlagValues((~been[deal, at]).astype(np.int8))
    days = passed[deal, at]
    low = int(entered[usable].min()) if usable.any() else None
    return RowTable("stage_reached", len(deal), values, days, low, pending=here)


def exits(frame: Frame, deals: Deals, rows: _Rows, stages: tuple[str, ...], as_of: int) -> RowTable:
    """Return one row per stay that ended, dated by its end; one without an end goes on until the deal's next stay or its close."""
    del stages
    columns = columns_of(frame)
    stage = text(columns, "stage", frame.rows)
    entered = day_values(columns, "entered", frame.rows)
    exited = up_to(day_values(columns, "exited", frame.rows), as_of)
    exited = _implied_ends(entered, exited, rows, deals)
    usable = (rows >= 0) & (entered.days != BLANK_DAY) & (exited.days != BLANK_DAY) & (exited.days <= as_of)
    usable &= deals.exists[np.maximum(rows, 0)] & (stage.codes != BLANK_CODE)
    chosen = np.flatnonzero(usable)
    owner_rows = rows[chosen]
    values = _inherited(deals, owner_rows)
    values["stage"] = take(stage, chosen)
    fused = owner_rows * max(len(stage.values), 1) + stage.codes[chosen]
    labels, codes = np.unique(fused, return_inverse=True)
    values["deal_stage"] = TextValues(codes.astype(np.int32), tuple(map(str, labels)))
    ends = DayValues(exited.days[chosen], exited.instants[chosen])
    starts = DayValues(entered.days[chosen], entered.instants[chosen])
    values["days"], values["entered"], values["exited"] = elapsed(ends, starts), starts, ends
    known = entered.days[entered.days != BLANK_DAY]
    return RowTable("stage_exits", len(chosen), values, ends.days, int(known.min()) if known.size else None)


def _implied_ends(entered: DayValues, exited: DayValues, rows: _Rows, deals: Deals) -> DayValues:
    """Fill blank ends with the start of the same deal's next stay, else with the day the deal was decided."""
    order = np.lexsort((entered.instants, entered.days, rows))
    following = np.full(len(rows), -1, dtype=np.int64)
    same = rows[order][1:] == rows[order][:-1]
    following[order[:-1][same]] = order[1:][same]
    ends, instants = exited.days.copy(), exited.instants.copy()
    gap = (ends == BLANK_DAY) & (following >= 0)
    ends[gap], instants[gap] = entered.days[following[gap]], entered.instants[following[gap]]
    closed = np.where(rows >= 0, deals.closed[np.maximum(rows, 0)], BLANK_DAY)
    last = (ends == BLANK_DAY) & (closed != BLANK_DAY)
    ends[last] = closed[last]
    return DayValues(ends, instants)
