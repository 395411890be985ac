"""Whether a leading KPI moves before a lagging one (semantics section 4).

KPI series trend and are autocorrelated, so a plain correlation finds a link between any two growing series. Both series are
detrended and prewhitened first, the rank correlation is taken at the lag the user stated, and its chance is counted by
shuffling against the best of all lags. The answer is never more than what the number of periods allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

MINIMUM_PERIODS = 12
VERDICT_PERIODS = 24
_SHUFFLES = 1_999
_MAX_LAG = 6
_LEVEL = 0.05

_Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Association:
    """`rho` is the rank correlation after prewhitening at the stated lag, None below 12 aligned periods.

    `p` is the share of shuffles whose best lag does as well as this one; None below 24 periods, where no verdict is given.
    """

    periods: int
    lag: int
    rho: float | None
    p: float | None

    @property
    def proven(self) -> bool:
        """Whether chance alone would do this less than once in twenty times."""
        return self.p is not None and self.p < _LEVEL


def _longest_run(ok: npt.NDArray[np.bool_]) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], ok.astype(np.int8), [0]))))
    starts, ends = edges[::2], edges[1::2]
    if not len(starts):
        return slice(0, 0)
    best = int(np.argmax(ends - starts))
    return slice(int(starts[best]), int(ends[best]))


def _ranks(values: _Floats) -> _Floats:
    """Average ranks, 0-based, ties sharing their mean."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    means = ends - (counts + 1) / 2
    return np.asarray(means[inverse], dtype=np.float64)


def prewhiten(values: _Floats) -> _Floats:
    """Remove the linear trend, then first-order autocorrelation with the small-sample correction r + (1 + 3 r) / n.

    Shape (n,) in, (n - 1,) out.
    """
    n = len(values)
    steps = np.arange(n, dtype=np.float64)
    centred = steps - steps.mean()
    spread = float(centred @ centred)
    rest = values - values.mean() - (float(centred @ values) / spread) * centred
    power = float(rest @ rest)
    r = float(rest[1:] @ rest[:-1]) / power if power > 0 else 0.0
    r = min(0.99, max(-0.99, r + (1 + 3 * r) / n))
    return np.asarray(rest[1:] - r * rest[:-1], dtype=np.float64)


def _rho(x: _Floats, y: _Floats) -> float:
    a, b = _ranks(x), _ranks(y)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def _shuffled_rhos(rows: _Floats, y: _Floats) -> _Floats:
    """Absolute rank correlation of each row of `rows`, shape (shuffles, n), with `y`, shape (n,). Ties keep their order."""
    places = np.arange(rows.shape[1], dtype=np.float64) - (rows.shape[1] - 1) / 2
    ranks = np.empty(rows.shape)
    np.put_along_axis(ranks, rows.argsort(axis=1), places[None, :], axis=1)
    b = _ranks(y)
    b = b - b.mean()
    scale = np.sqrt((ranks[0] @ ranks[0]) * (b @ b))
    return np.asarray(np.abs(ranks @ b) / scale if scale > 0 else np.zeros(len(rows)), dtype=np.float64)


def associate(leading: Sequence[float | None], lagging: Sequence[float | None], lag: int, seed: int = 0) -> Association:
    """Relate `leading` to `lagging` `lag` periods later. Both have one value a period, oldest first, None for blank.

    Only the longest stretch without a gap in either series is used. The result is repeatable: `seed` fixes the shuffles.
    """
    return _associated(tuple(leading), tuple(lagging), lag, seed)


@lru_cache(
    maxsize=64
)  # thousands of shuffles for each pair, and a dashboard is drawn again more often than its series change
def _associated(
    leading: tuple[float | None, ...], lagging: tuple[float | None, ...], lag: int, seed: int
) -> Association:
    x = np.array([np.nan if value is None else value for value in leading], dtype=np.float64)
    y = np.array([np.nan if value is None else value for value in lagging], dtype=np.float64)
    run = _longest_run(np.isfinite(x) & np.isfinite(y))
    x, y = x[run], y[run]
    aligned = len(x) - lag
    if aligned < MINIMUM_PERIODS or np.ptp(x) == 0 or np.ptp(y) == 0:
        return Association(max(aligned, 0), lag, None, None)
    white_x, white_y = prewhiten(x), prewhiten(y)
    n = len(white_x)
    rho = _rho(white_x[: n - lag], white_y[lag:])
    if aligned < VERDICT_PERIODS:
        return Association(aligned, lag, rho, None)
    # The user may have picked the lag after looking, so the rival of a shuffle is the best of all lags one would try.
    lags = sorted({lag, *range(1, min(_MAX_LAG, n // 6) + 1)})
    shuffled = np.random.default_rng(seed).permuted(np.tile(white_x, (_SHUFFLES, 1)), axis=1)
    best = np.max([_shuffled_rhos(shuffled[:, : n - k], white_y[k:]) for k in lags], axis=0)
    wins = int(np.count_nonzero(best >= abs(rho) - 1e-12))
    return Association(aligned, lag, rho, (wins + 1) / (_SHUFFLES + 1))
