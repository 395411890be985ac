"""Conversions: of the rows of a period, how many were followed by a linked row in time. One sort and one search, no loop."""

from collections.abc import Callable
from typing import Any

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
from kpidesk.metrics.deals import Recorded
from kpidesk.metrics.grid import Grid, blank, code
from kpidesk.metrics.links import Keys
from kpidesk.metrics.selection import Selection, Tests, key_of
from kpidesk.metrics.sources import Sources
from kpidesk.metrics.table import NEVER, Days, Mask, RowTable, TextValues, text

_SPAN = np.int64(4_000_000)  # more than any day number, so that key * span + day sorts by key, then day
Events = npt.NDArray[np.signedinteger[Any]]
_IDS = ("deal_id", "lead_id", "customer_id")


def convert(node: Conversion, sources: Sources, context: Context, bench: Bench) -> Grid:
    """Evaluate a conversion; `pending` counts rows whose window was still open on the as-of day."""
    nothing = (context.periods, context.slices)
    source = sources.table(node.source.name, node.source.anchor)
    target = sources.table(node.target.name, node.target.anchor)
    if source is None or target is None:
        return blank(nothing, Reason.NOT_IMPORTED)
    sums = Sums(source, node.source, _tests(node, context), context, bench)
    try:
        counts = sums.count()
        pairs, key, places = _Pairs(node, sources, (source, target)), shape(node), sums.selection.places
        hits = np.rint(sums.of(("followed", key), lambda: places(("followed", key), pairs.followed())))
        pending = np.rint(sums.of(("waiting", key), lambda: places(("waiting", key), pairs.waiting())))
    except rowwise.MissingColumnError:
        return blank(nothing, Reason.NOT_IMPORTED)
    except rowwise.UnknownValueError:
        return blank(nothing, Reason.UNKNOWN_VALUE)
    values = np.divide(hits, counts, out=np.full(nothing, np.nan), where=counts > 0)
    reasons = np.where(counts > 0, 0, code(Reason.ZERO_DENOMINATOR)).astype(np.int8)
    guessed = marked("inferred", source.inferred, sums)
    grid = Grid(values, reasons, hits, counts, counts, pending, judged=counts, inferred=guessed, proportion=True)
    return covered(grid, source, context)


def outcomes(node: Conversion, sources: Sources, context: Context, bench: Bench) -> tuple[Mask, Mask] | None:
    """Return which source rows were followed and which may still be, shape (source rows,), of those that pass the source's tests.

    None where that is not known.
    """
    source = sources.table(node.source.name, node.source.anchor)
    target = sources.table(node.target.name, node.target.anchor)
    if source is None or target is None:
        return None
    sums = Sums(source, node.source, _tests(node, context), context, bench)
    followed, waiting = np.zeros(source.rows, dtype=np.bool_), np.zeros(source.rows, dtype=np.bool_)
    try:
        pairs = _Pairs(node, sources, (source, target))
        rows = sums.selection.take(np.arange(source.rows))
        followed[rows], waiting[rows] = pairs.followed().take(rows), pairs.waiting().take(rows)
    except (rowwise.MissingColumnError, rowwise.UnknownValueError):
        return None
    return followed, waiting


def _tests(node: Conversion, context: Context) -> Tests:
    return context.filters if node.source_where is None else (*context.filters, node.source_where)


class _Pairs:
    """The source rows beside the target rows with the same id: of all rows, whatever the question asks of them."""

    def __init__(self, node: Conversion, sources: Sources, tables: tuple[RowTable, RowTable]) -> None:
        self._node, self._sources = node, sources
        self._source, self._target = tables

    def followed(self) -> Mask:
        """Return which source rows were followed on the same day or up to `within_days` later."""
        tests = () if self._node.target_where is None else (self._node.target_where,)

        def make() -> Mask:
            left, right = self._linked
            followers = Selection(self._target, self._node.target, tests)
            known = events(followers.take(right), followers.take(self._target.days), len(left.values))
            event = next_day(known, left.codes, self._source.days)
            return (event < NEVER) & (event - self._source.days <= self._within)

        return self._remembered("followed", tests, make)

    def waiting(self) -> Mask:
        """Return which others may still be followed; a deal that is decided cannot move on any more."""
        tests = () if self._node.target_where is None else (self._node.target_where,)

        def make() -> Mask:
            if self._node.within_days is not None:
                return ~self.followed() & (self._source.days + self._within > self._sources.as_of)
            return ~self.followed() if self._source.pending is None else ~self.followed() & self._source.pending

        return self._remembered("waiting", tests, make)

    def _remembered(self, what: str, tests: Tests, make: Callable[[], Mask]) -> Mask:
        key = (what, key_of(self._node.target, tests), self._node.within_days)
        made: Mask = self._source.made.recall(key, make)
        return made

    @property
    def _within(self) -> float:
        return np.inf if self._node.within_days is None else self._node.within_days

    @property
    def _linked(self) -> tuple[TextValues, Keys]:
        """Return the ids of the source rows, and those of the target rows in their numbering: the deal's where both have one, else the lead's.

        Raises MissingColumnError where no import has told any id of both: nobody knows then what followed what.
        """
        shared = [name for name in _IDS if name in self._source.columns and self._tells(name)]
        if not shared:
            raise rowwise.MissingColumnError
        for name in shared:
            left = text(self._source.columns, name, self._source.rows)
            right = self._keys(name, left) if (left.codes != BLANK_CODE).any() else None
            if right is not None:
                return left, right
        nobody = np.full(self._source.rows, BLANK_CODE, dtype=np.int32)
        return TextValues(nobody, ()), np.full(self._target.rows, BLANK_CODE, dtype=np.int32)

    @property
    def _leads_of_deals(self) -> Recorded | None:
        """The deals, if a lead can be looked up through them."""
        deals = self._sources.imported.deals
        known = deals is not None and "lead_id" in deals.columns and "deal_id" in self._target.columns
        return deals if known else None

    def _tells(self, name: str) -> bool:
        """Whether an import has told this id of the target rows, be it through their deals."""
        return name in self._target.columns or (name == "lead_id" and self._leads_of_deals is not None)

    def _keys(self, name: str, left: TextValues) -> Keys | None:
        """Return the ids of the target rows in the numbering of `left`; a missing lead is looked up through the row's deal."""
        target, links, deals = self._target, self._sources.imported.links, self._leads_of_deals
        found = text(target.columns, name, target.rows)
        keys = links.recoded(left, found) if (found.codes != BLANK_CODE).any() else None
        if name != "lead_id" or deals is None:
            return keys
        lead = text(deals.columns, "lead_id", deals.rows)
        if found.values is lead.values:
            return keys  # the rows are deals themselves
        known = text(deals.columns, "deal_id", deals.rows)
        row = links.rows_of(known, text(target.columns, "deal_id", target.rows))
        through = np.append(links.recoded(left, lead), -1)[row]
        return through if keys is None else np.where(found.codes == BLANK_CODE, through, keys)


def events(keys: Keys, when: Days, many: int) -> Events:
    """Return the days of keys 0 to `many` - 1 ready to be looked up; keys below 0 have none.

    Where each key has one day, such as that of a deal's first arrival in a stage, these are the days by key, and NEVER; else
    64-bit numbers that sort by key, then day.
    """
    if (keys < 0).any():
        when, keys = when[keys >= 0], keys[keys >= 0]
    only = np.full(many + 1, NEVER, dtype=np.int32)  # the last is nobody's: that of key -1
    only[keys] = when
    return only if (only[keys] == when).all() else np.sort(keys * _SPAN + when)


def next_day(known: Events, own: Keys, days: Days) -> Days:
    """Return for each of `own`, from its day on, the day of its next event; NEVER without one."""
    if known.dtype == np.int32:
        event: Days = known[own]
        return np.where(event >= days, event, NEVER)
    event = np.append(known, -1)[np.searchsorted(known, own * _SPAN + days)]
    return np.where((own >= 0) & (event // _SPAN == own), event % _SPAN, NEVER).astype(np.int32)
