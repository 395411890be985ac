"""What deserves attention first: worst status, then money at stake, then age (design section 11.2)."""

from collections.abc import Iterable

from kpidesk.domain.finding import Finding, Status

LIMIT = 5
_ORDER = {Status.BAD: 0, Status.WARN: 1, Status.NONE: 2, Status.GOOD: 3}


def rank(findings: Iterable[Finding], limit: int = LIMIT) -> tuple[Finding, ...]:
    """Return the first `limit` findings, most pressing first; equal ones keep their order."""
    ordered = sorted(findings, key=lambda finding: (_ORDER[finding.status], -finding.stake, -finding.age_days))
    return tuple(ordered[:limit])


def pair_reading(leading: Status, lagging: Status) -> str:
    """Return the sentence for a leading and a lagging KPI by their states: article A's four readings."""
    if Status.NONE in (leading, lagging):
        return ""
    leads, lags = leading is Status.GOOD, lagging is Status.GOOD
    if leads and lags:
        return "Both are on track. Keep doing what you do."
    if leads:
        return "The early signal is fine but the result is short: check win rate and deal size."
    if lags:
        return "The result still holds but the early signal is short: act now, before it reaches the result."
    return "Both are short. Fix the leading number first."
