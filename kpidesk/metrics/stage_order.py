"""The order of stages as deals move through them, where no stage history and no setting tells it."""

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_CODE
from kpidesk.metrics.observed import OPEN, Observed
from kpidesk.metrics.table import folded


def stage_order(seen: Observed, met: tuple[str, ...]) -> tuple[str, ...]:
    """Return the stages `met` in imports: those first from which more deals moved to the others, directly or not, than came back.

    Stages between which nothing is known keep their order.
    """
    places = {folded(stage): place for place, stage in enumerate(met)}
    place = np.array([*(places.get(folded(value), BLANK_CODE) for value in seen.stage.values), BLANK_CODE])
    at = place[seen.stage.codes]
    again = np.flatnonzero(~seen.first)
    known = (seen.status[again] == OPEN) & (seen.status[again - 1] == OPEN) & (at[again] >= 0) & (at[again - 1] >= 0)
    moves = again[known & (at[again] != at[again - 1])]
    many = len(met)
    counts = np.bincount(at[moves - 1] * many + at[moves], minlength=many * many).reshape(many, many)
    leads = _closed(counts > counts.T)
    rank = leads.sum(axis=0) - leads.sum(axis=1)
    return tuple(met[place] for place in np.argsort(rank, kind="stable"))


def _closed(before: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Return which stage comes before which by way of others: squaring doubles how far one looks."""
    reach = before
    for _ in range(len(before).bit_length()):
        reach = reach | (reach.astype(np.int64) @ reach.astype(np.int64) > 0)
    return reach
