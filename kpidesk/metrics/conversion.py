"""Conversions: of the rows of a period, how many were followed by a linked row in time. One sort and one search, no loop."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import Aggregate, Conversion
from kpidesk.frame import BLANK_CODE
from kpidesk.metrics import rowwise
from kpidesk.metrics.aggregate import Selection, before_data
from kpidesk.metrics.context import Context
from kpidesk.metrics.grid import Grid, blank, code
from kpidesk.metrics.sources import Sources
from kpidesk.metrics.table import RowTable, TextValues, text

_Keys = npt.NDArray[np.int64]
_SPAN = 4_000_000  # more than any day number, so that key * span + day sorts by key, then day


def convert(node: Conversion, sources: Sources, context: Context) -> Grid:
    """Evaluate a conversion; `pending` counts rows whose window was still open on the as-of day."""
    shape = (context.periods, context.slices)
    source = sources.table(node.source.name, node.source.anchor)
    target = sources.table(node.target.name, node.target.anchor)
    if source is None or target is None:
        return blank(shape, Reason.NOT_IMPORTED)
    try:
        chosen = _selection(source, node, context)
        followers = _followers(target, node)
    except rowwise.MissingColumnError:
        return blank(shape, Reason.NOT_IMPORTED)
    except rowwise.UnknownValueError:
        return blank(shape, Reason.UNKNOWN_VALUE)
    left, right = _linked(source, target, sources)
    left, right = left[chosen.rows], right[followers]
    days = chosen.days
    within = np.inf if node.within_days is None else node.within_days
    done = _followed(left, days, right, target.days[followers].astype(np.int64), within)
    last_chance = days + within
    # Without a window nothing is ever too late; a deal that is decided cannot move on any more.
    waiting = ~done & (last_chance > context.as_of)
    if source.pending is not None and node.within_days is None:
        waiting &= source.pending[chosen.rows]
    counts, hits, pending = (
        np.rint(chosen.sums(weights)) for weights in (None, done.astype(float), waiting.astype(float))
    )
    values = np.divide(hits, counts, out=np.full(shape, np.nan), where=counts > 0)
    reasons = np.where(counts > 0, 0, code(Reason.ZERO_DENOMINATOR)).astype(np.int8)
    wholly, partly = before_data(source, context)
    values[wholly], reasons[wholly] = np.nan, code(Reason.BEFORE_DATA)
    partial = np.repeat(partly[:, None], context.slices, axis=1)
    return Grid(values, reasons, hits, counts, counts, pending, None, counts, partial, proportion=True)


def _selection(source: RowTable, node: Conversion, context: Context) -> Selection:
    return Selection(source, Aggregate(node.span, "COUNT", node.source, None, node.source_where), context)


def _followers(target: RowTable, node: Conversion) -> npt.NDArray[np.intp]:
    mask = np.ones(target.rows, dtype=np.bool_)
    if node.target_where is not None:
        mask &= rowwise.test(node.target_where, target)
    if node.target.stage is not None:
        wanted = node.target.stage.casefold()
        stage = text(target.columns, "stage", target.rows)
        mask &= np.array([value.casefold() == wanted for value in stage.values] + [False])[stage.codes]
    return np.flatnonzero(mask)


def _linked(source: RowTable, target: RowTable, sources: Sources) -> tuple[_Keys, _Keys]:
    """Return for the rows of both tables a common key, -1 where there is none: the deal when both have one, else the lead."""
    for name in ("deal_id", "lead_id", "customer_id"):
        if name not in source.columns:
            continue
        left = text(source.columns, name, source.rows)
        right = _ids(target, name, sources)
        if right is None:
            continue
        return left.codes.astype(np.int64), _recode(left, right)
    return np.full(source.rows, -1, dtype=np.int64), np.full(target.rows, -1, dtype=np.int64)


def _ids(target: RowTable, name: str, sources: Sources) -> TextValues | None:
    """Return the ids of the target rows; a missing lead is looked up through the row's deal."""
    own = target.columns.get(name)
    found = own if isinstance(own, TextValues) else None
    deals = sources.deals
    if name != "lead_id" or "deal_id" not in target.columns or deals is None or "lead_id" not in deals.columns:
        return found
    deal = text(deals.columns, "deal_id", deals.rows)
    lead = text(deals.columns, "lead_id", deals.rows)
    lead_of = np.full(len(deal.values) + 1, BLANK_CODE, dtype=np.int32)
    lead_of[deal.codes] = lead.codes
    lead_of[-1] = BLANK_CODE
    through = lead_of[_recode(deal, text(target.columns, "deal_id", target.rows))]
    if found is None:
        return TextValues(through.astype(np.int32), lead.values)
    values = (*found.values, *lead.values)
    moved = np.where(through == BLANK_CODE, BLANK_CODE, through + len(found.values))
    codes = np.where(found.codes == BLANK_CODE, moved, found.codes)
    return TextValues(codes.astype(np.int32), values)


def _recode(known: TextValues, other: TextValues) -> _Keys:
    """Return the codes of `other` in the numbering of `known`, -1 for texts that it has not."""
    if not known.values or not other.values:
        return np.full(len(other.codes), -1, dtype=np.int64)
    place = pd.Index(known.values).get_indexer(pd.Index(other.values))
    return np.concatenate((place, [-1]))[other.codes].astype(np.int64)


def _followed(left: _Keys, days: _Keys, right: _Keys, when: _Keys, within: float) -> npt.NDArray[np.bool_]:
    """Return which rows (key `left`, day `days`) have a follower with the same key on that day or up to `within` days later."""
    linked = right >= 0
    events = np.sort(right[linked] * _SPAN + when[linked])
    place = np.searchsorted(events, left * _SPAN + days)
    found = place < len(events)
    event = np.where(found, np.concatenate((events, [0]))[np.minimum(place, len(events))], -1)
    return (left >= 0) & found & (event // _SPAN == left) & (event % _SPAN - days <= within)
