"""Open deals that a newer snapshot of the same source lacks. None of them is taken for lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from kpidesk.domain.absence import Answer
from kpidesk.frame import BLANK_CODE, Sighting, TextColumn
from kpidesk.metrics.table import Days, Mask, RowNumbers, folded

MOST = 0.5
"""A file with more than this share of the open deals known before looks like a full export, so what it lacks is asked about."""
Answers = Mapping[int, Mapping[int | None, Answer]]
"""By import, the answer for the deal of a row, and under None the one for all others that the import lacks."""

_CODES = {answer: code for code, answer in enumerate(Answer)}
_ENDING = [code for answer, code in _CODES.items() if answer.ends]


@dataclass(frozen=True, slots=True)
class Lacking:
    """The deals that import `batch` lacks and nobody has spoken of: `rows` of the current frame. It shows `shown` of `known`.

    `seen` are the days of the snapshots that last showed them, of the shape of `rows`.
    """

    batch: int
    known: int
    shown: int
    rows: RowNumbers
    seen: Days


def lacking(
    sightings: Sequence[Sighting], deals: int, answers: Answers, held: Mapping[int, RowNumbers]
) -> tuple[Lacking, ...]:
    """Return what to ask about `deals` current rows, by import, oldest snapshot first. Each deal is asked about once.

    `held` are by import the deals that stand in its file, in rows that could not be read: it does not lack them.
    """
    is_open, settled = np.zeros(deals, dtype=np.bool_), np.zeros(deals, dtype=np.bool_)
    source, last = np.full(deals, -1), np.full(deals, -1)
    days = np.array([one.day for one in sightings], dtype=np.int32)
    names = {name: place for place, name in enumerate(dict.fromkeys(one.source for one in sightings))}
    asked: list[tuple[int, Lacking]] = []
    for place, seen in enumerate(sightings):
        shown = np.zeros(deals, dtype=np.bool_)
        shown[seen.rows] = True
        shown[held.get(seen.batch, [])] = True
        known = is_open & (source == names[seen.source])
        here, of = int(np.count_nonzero(known & shown)), int(np.count_nonzero(known))
        missing = known & ~shown & ~settled
        answered = _answered(answers.get(seen.batch, {}), missing)
        missing &= answered < 0
        settled |= answered == _CODES[Answer.OPEN]
        is_open &= ~np.isin(answered, _ENDING)
        if here > of * MOST and missing.any():
            rows = np.flatnonzero(missing)
            asked.append((place, Lacking(seen.batch, of, here, rows, days[last[rows]])))
            settled |= missing
        is_open[seen.rows] = _open(seen)
        settled[seen.rows] = False
        source[seen.rows], last[seen.rows] = names[seen.source], place
    # Those that a later file shows again were left out, not gone.
    found = [(one, last[one.rows] < place) for place, one in asked]
    return tuple(replace(one, rows=one.rows[gone], seen=one.seen[gone]) for one, gone in found if gone.any())


def _answered(told: Mapping[int | None, Answer], missing: Mask) -> npt.NDArray[np.int8]:
    """Return the code of the answer for each deal that is missing, -1 for none. An answer for one deal goes before that for all."""
    codes = np.full(len(missing), -1, dtype=np.int8)
    if None in told:
        codes[:] = _CODES[told[None]]
    for row, answer in told.items():
        if row is not None:
            codes[row] = _CODES[answer]
    return np.where(missing, codes, np.int8(-1))


def _open(seen: Sighting) -> Mask:
    status = seen.frame.columns.get("status")
    if not isinstance(status, TextColumn):
        return np.ones(seen.frame.rows, dtype=np.bool_)
    decided = [code for code, value in enumerate(status.values) if folded(value) in ("won", "lost")]
    return ~np.isin(status.codes, decided) | (status.codes == BLANK_CODE)
