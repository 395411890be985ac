"""Trouble in the deals that distorts numbers: found by masks over coded columns, told with its money at stake."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from kpidesk.domain.finding import Finding, Status
from kpidesk.frame import BLANK_DAY, Frame, NumberColumn, TextColumn, TimeColumn

_Mask = npt.NDArray[np.bool_]
Money = Callable[[float], str]
"""Writes an amount in the workspace's currency."""


def _status(frame: Frame, wanted: str) -> _Mask:
    column = frame.columns.get("status")
    if not isinstance(column, TextColumn):
        return np.zeros(frame.rows, dtype=np.bool_)
    codes = [code for code, value in enumerate(column.values) if value.casefold() == wanted]
    return np.isin(column.codes, codes)


def _days(frame: Frame, field: str) -> npt.NDArray[np.int32]:
    column = frame.columns.get(field)
    return column.days if isinstance(column, TimeColumn) else np.full(frame.rows, BLANK_DAY, dtype=np.int32)


def _amounts(frame: Frame) -> npt.NDArray[np.float64]:
    column = frame.columns.get("amount")
    return column.values if isinstance(column, NumberColumn) else np.full(frame.rows, np.nan)


def _deals(number: int, state: str = "") -> str:
    noun = f"{state} deal".strip()
    return f"1 {noun}" if number == 1 else f"{number:,} {noun}s"


def title_issues(linked: int, shared: int, unknown: int) -> tuple[Finding, ...]:
    """Return which activities are not linked to the deals that they name by title: `shared` by several deals, or `unknown`."""
    apart = shared + unknown
    if not apart:
        return ()
    title = f"{apart:,} {'activity is' if apart == 1 else 'activities are'} linked to no deal"
    parts = [f"{shared:,} name a title that several deals share"] if shared else []
    parts += [f"{unknown:,} name one that no imported deal has"] if unknown else []
    reason = f"{', '.join(parts)}; {linked:,} are linked by title"
    return (Finding("deal-titles", Status.NONE, title, reason, "See imports", "imports"),)


def deal_issues(deals: Frame, as_of_day: int, money: Money, gone: _Mask | None = None) -> tuple[Finding, ...]:
    """Return what is wrong with `deals` (days since 1970-01-01 up to `as_of_day`), in no particular order.

    `gone` deals are deleted in the CRM: whatever they lack, nobody can mend it.
    """
    is_open, won, lost = (_status(deals, status) for status in ("open", "won", "lost"))
    if gone is not None:
        is_open &= ~gone
    created, closed, expected = (_days(deals, field) for field in ("created", "closed", "expected_close"))
    amounts = _amounts(deals)

    def stake(mask: _Mask) -> float:
        return float(np.nansum(amounts[mask])) if mask.any() else 0.0

    findings: list[Finding] = []
    overdue = is_open & (expected != BLANK_DAY) & (expected < as_of_day)
    if number := int(overdue.sum()):
        oldest = int(as_of_day - expected[overdue].min())
        verb = "is" if number == 1 else "are"
        worth = stake(overdue)
        title = f"{_deals(number, 'open')} {verb} overdue" + (f", {money(worth)}" if worth else "")
        reason = f"Up to {oldest} days past the expected close date"
        findings.append(
            Finding("overdue", Status.WARN, title, reason, "See open pipeline", "kpi", "open_pipeline", worth, oldest)
        )
    undated = is_open & (expected == BLANK_DAY)
    if (number := int(undated.sum())) and (expected != BLANK_DAY).any():
        verb = "has" if number == 1 else "have"
        worth = stake(undated)
        title = f"{_deals(number, 'open')} {verb} no close date"
        reason = f"{money(worth)} that no forecast can place" if worth else "No forecast can place them"
        findings.append(
            Finding("undated", Status.WARN, title, reason, "See open pipeline", "kpi", "open_pipeline", worth)
        )
    unpriced = won & np.isnan(amounts)
    if number := int(unpriced.sum()):
        verb = "has" if number == 1 else "have"
        title = f"{_deals(number)} won {verb} no value"
        findings.append(
            Finding(
                "unpriced", Status.WARN, title, "Revenue leaves them out", "See total revenue", "kpi", "total_revenue"
            )
        )
    unclosed = (won | lost) & (closed == BLANK_DAY)
    if number := int(unclosed.sum()):
        verb = "has" if number == 1 else "have"
        title = f"{_deals(number)} won or lost {verb} no close date"
        reason = "Left out of every period. Add the close date to the export"
        findings.append(
            Finding("unclosed", Status.WARN, title, reason, "See imports", "imports", "", stake(unclosed & won))
        )
    backwards = (won | lost) & (closed != BLANK_DAY) & (created != BLANK_DAY) & (closed < created)
    if number := int(backwards.sum()):
        verb = "closes" if number == 1 else "close"
        title = f"{_deals(number)} {verb} before the day of creation"
        reason = "Left out of the sales cycle until corrected"
        findings.append(
            Finding("backwards", Status.NONE, title, reason, "See sales cycle", "kpi", "sales_cycle_length")
        )
    return tuple(findings)
