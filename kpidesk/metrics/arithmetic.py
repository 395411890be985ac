"""Calculating with grids: what a blank side, a zero below the line or a test that is unknown makes of a result."""

import numpy as np

from kpidesk.domain.result import Reason
from kpidesk.metrics import rowwise
from kpidesk.metrics.grid import Codes, Floats, Grid, chosen, code, finite, joined


def calculated(operator: str, left: Grid, right: Grid) -> Grid:
    """Return left `operator` right. Blank with anything is blank, for the reason of the first blank side."""
    both = joined(left, right)
    reasons = np.where(left.reasons != 0, left.reasons, right.reasons)
    if operator == "/":
        reasons = np.where((reasons == 0) & (right.values == 0), code(Reason.ZERO_DENOMINATOR), reasons)
    with np.errstate(all="ignore"):
        values = rowwise.arithmetic(operator, left.values, right.values)
        if operator in ("+", "-"):
            dust = 1e-12 * np.maximum(np.abs(left.values), np.abs(right.values))
            values = np.where(np.abs(values) < dust, 0.0, values)
    values, settled = finite(values, reasons)
    if operator != "/":
        return both.with_(values=values, reasons=settled)
    # An average in disguise, such as spend per customer, is judged by how many it is an average of.
    judged = both.judged if both.judged is not None or not right.counted else right.n
    n = right.n if right.n is not None else left.n
    return both.with_(
        values=values, reasons=settled, numerator=left.values, denominator=right.values, n=n, judged=judged
    )


def proportion(part: Grid, whole: Grid, pending: Floats | None) -> Grid:
    """Return k of n: `part` counts some of the rows that `whole` counts, of which some are still `pending`."""
    quotient = calculated("/", part, whole)
    return quotient.with_(pending=pending, judged=whole.n, n=whole.n, proportion=True)


def growth(now: Grid, before: Grid) -> Grid:
    """Return the change on `before` as a share of it; a base below zero has no meaning."""
    base = before.values
    reasons = np.where(now.reasons != 0, now.reasons, before.reasons)
    reasons = np.where((reasons == 0) & (base == 0), code(Reason.ZERO_DENOMINATOR), reasons)
    reasons = np.where((reasons == 0) & (base < 0), code(Reason.NEGATIVE_BASE), reasons)
    with np.errstate(all="ignore"):
        change = now.values - base
        values, settled = finite(np.divide(change, base, out=np.full(base.shape, np.nan), where=reasons == 0), reasons)
    return joined(now, before).with_(values=values, reasons=settled, numerator=change, denominator=base, n=now.n)


def extreme(function: str, parts: list[Grid]) -> Grid:
    """Return the smallest (MIN) or largest (MAX) of several; blanks are skipped, as Excel does, and all blank is blank."""
    join = np.fmin if function == "MIN" else np.fmax
    result = parts[0].alone(parts[0].values)
    for part in parts[1:]:
        values = join(result.values, part.values)
        reasons = np.where(np.isnan(values), result.reasons, 0).astype(np.int8)
        result = joined(result, part).with_(values=values, reasons=reasons)
    return result


def filled(first: Grid, second: Grid) -> Grid:
    """Return `first` with its blanks taken from `second`, the parts behind each value included."""
    return chosen(first.reasons != 0, second, first)


def decided(verdict: Codes, why: Codes, yes: Grid, no: Grid) -> Grid:
    """Return `yes` where the verdict is 1, `no` where it is 0, and a blank with the reason `why` where it is unknown."""
    result = chosen(verdict == 1, yes, no)
    unknown = verdict == -1
    return result.with_(
        values=np.where(unknown, np.nan, result.values),
        reasons=np.where(unknown, why, result.reasons).astype(np.int8),
    )
