"""Conversions: of the rows of a period, how many were followed by a linked row in time. One sort and one search, no loop."""

from functools import cached_property

import numpy as np
import numpy.typing as npt

from kpidesk.domain.result import Reason
from kpidesk.formula.nodes import Conversion
from kpidesk.formula.proportion import shape
from kpidesk.frame import BLANK_CODE
from kpidesk.metrics import rowwise
from kpidesk.metrics.aggregate import covered, marked
from kpidesk.metrics.context import Context
from kpidesk.metrics.cube import Bench, Sums
from kpidesk.metrics.grid import Grid, blank, code
from kpidesk.metrics.links import Keys
from kpidesk.metrics.selection import Selection
from kpidesk.metrics.sources import Sources
from kpidesk.metrics.table import RowTable, TextValues, text

_SPAN = np.int64(4_000_000)  # more than any day number, so that key * span + day sorts by key, then day
_IDS = ("deal_id", "lead_id", "customer_id")


def convert(node: Conversion, sources: Sources, context: Context, bench: Bench) -> Grid:
    """Evaluate a conversion; `pending` counts rows whose window was still open on the as-of day."""
    nothing = (context.periods, context.slices)
    source = sources.table(node.source.name, node.source.anchor)
    target = sources.table(node.target.name, node.target.anchor)
    if source is None or target is None:
        return blank(nothing, Reason.NOT_IMPORTED)
    tests = context.filters if node.source_where is None else (*context.filters, node.source_where)
    sums = Sums(source, node.source, tests, context, bench)
    try:
        counts = sums.count()
        pairs = _Pairs(node, sources, (source, target), sums)
        key = shape(node)
        hits = np.rint(sums.of(("followed", key), lambda: pairs.followed.astype(np.float64)))
        pending = np.rint(sums.of(("waiting", key), lambda: pairs.waiting.astype(np.float64)))
    except rowwise.MissingColumnError:
        return blank(nothing, Reason.NOT_IMPORTED)
    except rowwise.UnknownValueError:
        return blank(nothing, Reason.UNKNOWN_VALUE)
    values = np.divide(hits, counts, out=np.full(nothing, np.nan), where=counts > 0)
    reasons = np.where(counts > 0, 0, code(Reason.ZERO_DENOMINATOR)).astype(np.int8)
    guessed = marked("inferred", source.inferred, sums)
    grid = Grid(values, reasons, hits, counts, counts, pending, judged=counts, inferred=guessed, proportion=True)
    return covered(grid, source, context)


class _Pairs:
    """The selected source rows beside the target rows with the same id."""

    def __init__(self, node: Conversion, sources: Sources, tables: tuple[RowTable, RowTable], sums: Sums) -> None:
        self._node, self._sources, self._sums = node, sources, sums
        self._source, self._target = tables

    @cached_property
    def followed(self) -> npt.NDArray[np.bool_]:
        """Which source rows were followed on the same day or up to `within_days` later."""
        tests = () if self._node.target_where is None else (self._node.target_where,)
        followers = Selection(self._target, self._node.target, tests)
        left, right = self._linked
        keys, when = followers.take(right), followers.take(self._target.days)
        events = np.sort(keys[keys >= 0] * _SPAN + when[keys >= 0])
        own, days = self._sums.selection.take(left), self._days
        place = np.searchsorted(events, own * _SPAN + days)
        event = np.append(events, -1)[place]
        return (own >= 0) & (event // _SPAN == own) & (event % _SPAN - days <= self._within)

    @cached_property
    def waiting(self) -> npt.NDArray[np.bool_]:
        """Which others may still be followed; a deal that is decided cannot move on any more."""
        waiting = ~self.followed & (self._days + self._within > self._sums.context.as_of)
        if self._source.pending is not None and self._node.within_days is None:
            waiting &= self._sums.selection.take(self._source.pending)
        return waiting

    @property
    def _within(self) -> float:
        return np.inf if self._node.within_days is None else self._node.within_days

    @property
    def _days(self) -> Keys:
        return self._sums.selection.take(self._source.days).astype(np.int64)

    @property
    def _linked(self) -> tuple[Keys, Keys]:
        """Return a common key for the rows of both tables, -1 where there is none: the deal when both have one, else the lead."""
        for name in _IDS:
            left = text(self._source.columns, name, self._source.rows)
            right = self._keys(name, left) if (left.codes != BLANK_CODE).any() else None
            if right is not None:
                return left.codes.astype(np.int64), right
        return np.full(self._source.rows, -1, dtype=np.int64), np.full(self._target.rows, -1, dtype=np.int64)

    def _keys(self, name: str, left: TextValues) -> Keys | None:
        """Return the ids of the target rows in the numbering of `left`; a missing lead is looked up through the row's deal."""
        target, links, deals = self._target, self._sources.imported.links, self._sources.imported.deals
        found = text(target.columns, name, target.rows)
        keys = links.recoded(left, found) if (found.codes != BLANK_CODE).any() else None
        if name != "lead_id" or "deal_id" not in target.columns or deals is None or "lead_id" not in deals.columns:
            return keys
        lead = text(deals.columns, "lead_id", deals.rows)
        if found.values is lead.values:
            return keys  # the rows are deals themselves
        known = text(deals.columns, "deal_id", deals.rows)
        row = links.rows_of(known, text(target.columns, "deal_id", target.rows))
        through = np.append(links.recoded(left, lead), -1)[row]
        return through if keys is None else np.where(found.codes == BLANK_CODE, through, keys)
