"""Rows without an amount, counted once however often a formula looks at them (semantics G4)."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_Days = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Missing:
    """How many rows of one list of rows lack an amount: `counts` of shape (periods, slices) in the windows [starts, ends)."""

    rows: str
    starts: _Days
    ends: _Days
    counts: Floats

    def meets(self, other: "Missing") -> bool:
        """Whether both may count the same rows: of one list, in windows that overlap."""
        return self.rows == other.rows and bool(((self.starts < other.ends) & (other.starts < self.ends)).any())


Parts = tuple[Missing, ...]


def joined(one: Parts, other: Parts) -> Parts:
    """Return what two sides of a calculation lack: the same rows once, others added."""
    parts = list(one)
    for part in other:
        for place, known in enumerate(parts):
            if known.meets(part):
                starts, ends = np.minimum(known.starts, part.starts), np.maximum(known.ends, part.ends)
                parts[place] = Missing(part.rows, starts, ends, np.fmax(known.counts, part.counts))
                break
        else:
            parts.append(part)
    return tuple(parts)


def chosen(mask: npt.NDArray[np.bool_], one: Parts, other: Parts) -> Parts:
    """Return what `one` lacks where `mask`, else what `other` does."""
    kept = [replace(part, counts=np.where(mask, part.counts, 0.0)) for part in one]
    return joined(tuple(kept), tuple(replace(part, counts=np.where(mask, 0.0, part.counts)) for part in other))


def spread(parts: Parts, slices: int) -> Parts:
    """Return the parts with their one slice repeated."""
    return tuple(replace(part, counts=np.repeat(part.counts, slices, axis=1)) for part in parts)


def total(parts: Parts) -> Floats | None:
    """Return how many rows lack an amount in all."""
    return np.asarray(sum(part.counts for part in parts)) if parts else None
