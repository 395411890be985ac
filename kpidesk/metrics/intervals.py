"""The 95 % Wilson interval of a proportion."""

import numpy as np
import numpy.typing as npt

_Z = 1.959963984540054
Floats = npt.NDArray[np.float64]


def wilson(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """Return lower and upper bounds between 0 and 1; NaN where there are no trials.

    Wilson, E. B. (1927), Journal of the American Statistical Association 22, 209-212.
    """
    n = np.where(trials > 0, trials, np.nan)
    share = successes / n
    square = _Z * _Z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = _Z / (1 + square / n) * np.sqrt(share * (1 - share) / n + square / (4 * n * n))
    low = np.where(successes <= 0, 0.0, centre - half)
    high = np.where(successes >= trials, 1.0, centre + half)
    return np.where(np.isnan(n), np.nan, low), np.where(np.isnan(n), np.nan, high)
