"""Rows that name their deal by its title, as the activities of some CRMs do: linked where one deal alone has the title."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from kpidesk.frame import BLANK_CODE, Frame, TextColumn
from kpidesk.metrics.table import folded


@dataclass(frozen=True, slots=True)
class Titled:
    """How many rows that name a deal by its title were `linked`, and how many not: `shared` by several deals, or `unknown`."""

    linked: int = 0
    shared: int = 0
    unknown: int = 0


def by_title(rows: Frame, deals: Frame) -> tuple[Frame, Titled]:
    """Return rows with the ids of the deals that they name by `deal_name`, where they have none, and how that went.

    A title that several deals have, whatever its case and spaces, links nothing: which of them is meant would be a guess.
    """
    names = rows.columns.get("deal_name")
    if not isinstance(names, TextColumn):
        return rows, Titled()
    own = rows.columns.get("deal_id")
    if not isinstance(own, TextColumn):
        own = TextColumn(np.full(rows.rows, BLANK_CODE, dtype=np.int32), ())
    named = (names.codes != BLANK_CODE) & (own.codes == BLANK_CODE)
    ids, deal_of = _titles(deals)
    code_of = np.array([*(deal_of.get(folded(name), _UNKNOWN) for name in names.values), _UNKNOWN], dtype=np.int64)
    found = np.where(named, code_of[names.codes], _UNKNOWN)
    linked = named & (found >= 0)
    told = Titled(
        int(np.count_nonzero(linked)),
        int(np.count_nonzero(named & (found == _SHARED))),
        int(np.count_nonzero(named & (found == _UNKNOWN))),
    )
    values = pd.Index([*own.values, *ids], dtype=object)
    places, unique = pd.factorize(values)
    codes = np.where(linked, found + len(own.values), own.codes.astype(np.int64))
    codes = np.append(places, BLANK_CODE)[codes].astype(np.int32)
    column = TextColumn(codes, tuple(unique))
    return Frame(rows.entity, rows.rows, {**rows.columns, "deal_id": column}), told


_UNKNOWN, _SHARED = -1, -2


def _titles(deals: Frame) -> tuple[tuple[str, ...], dict[str, int]]:
    """Return the ids of deals, and folded title -> the code of the id of the one deal that has it, _SHARED for several."""
    names, ids = deals.columns.get("name"), deals.columns.get("deal_id")
    if not isinstance(names, TextColumn) or not isinstance(ids, TextColumn):
        return (), {}
    spelled = [folded(name) for name in names.values]
    places, titles = pd.factorize(np.array([*spelled, None], dtype=object)[:-1])
    of = np.append(places, BLANK_CODE)[names.codes]
    with_both = (of != BLANK_CODE) & (ids.codes != BLANK_CODE)
    counts = np.bincount(of[of != BLANK_CODE], minlength=len(titles))
    code = np.full(len(titles), _UNKNOWN, dtype=np.int64)
    code[of[with_both]] = ids.codes[with_both]
    code[counts > 1] = _SHARED
    return ids.values, dict(zip(titles.tolist(), code.tolist(), strict=True))
