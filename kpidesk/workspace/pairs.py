"""Leading KPIs beside the lagging ones they should move, with what the weekly history says about the link."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import TYPE_CHECKING

import numpy as np

from kpidesk.domain.kpi import Kind
from kpidesk.domain.period import Grain, period_of, shift
from kpidesk.domain.query import Query
from kpidesk.insight.association import MINIMUM_PERIODS, VERDICT_PERIODS, Association, associate
from kpidesk.insight.attention import pair_reading
from kpidesk.present.cards import Reading
from kpidesk.present.dashboard import Pair, PairSide
from kpidesk.present.numbers import MINUS, NBSP, plural, value_text

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

_WEEKS = 104
_SHOWN_WEEKS = 26
_WEAK, _STRONG = 0.3, 0.6


def pairs(workspace: "Workspace", found: list[Reading], anchor: date) -> tuple[Pair, ...]:
    """Return the pairs whose both ends are on the dashboard, in its order."""
    by_id = {reading.kpi.id: reading for reading in found}
    wanted = list(_ends(found, by_id))
    if not wanted:
        return ()
    calendar = workspace.settings.calendar
    week = period_of(anchor + timedelta(days=1), Grain.WEEK, calendar)
    last = shift(week, -1, calendar)  # the last whole week
    first = shift(last, 1 - _WEEKS, calendar)
    ids = tuple(dict.fromkeys(reading.kpi.id for one, other, _ in wanted for reading in (one, other)))
    result = workspace.query(Query(ids, Grain.WEEK, first.start, last.start, anchor))
    series = {kpi: [point.value for point in result.total(kpi).points] for kpi in ids}
    currency = workspace.settings.currency
    return tuple(
        _pair(one, other, lag, series[one.kpi.id], series[other.kpi.id], currency) for one, other, lag in wanted
    )


def _ends(found: list[Reading], by_id: dict[str, Reading]) -> Iterator[tuple[Reading, Reading, int]]:
    """Yield leading, lagging and lag of every pair, whichever of the two names the other, each pair once."""
    seen = set[frozenset[str]]()
    for one in found:
        other = None if one.kpi.pair is None else by_id.get(one.kpi.pair)
        both = frozenset((one.kpi.id, one.kpi.pair or ""))
        if other is not None and both not in seen:
            seen.add(both)
            turned = one.kpi.kind is Kind.LAGGING and other.kpi.kind is Kind.LEADING
            yield (other, one, one.kpi.lag_weeks or 1) if turned else (one, other, one.kpi.lag_weeks or 1)


def _pair(one: Reading, other: Reading, lag: int, x: list[float | None], y: list[float | None], currency: str) -> Pair:
    link = associate(x, y, lag)
    sides = [
        PairSide(
            reading.kpi.id,
            reading.kpi.name,
            reading.status,
            value_text(_shown(reading), reading.kpi.display, currency),
            reading.figure,
        )
        for reading in (one, other)
    ]
    word, strength = _strength(link)
    reading_text = pair_reading(one.status, other.status)
    sentence = _sentence(link, reading_text)
    r_text = (
        ""
        if link.rho is None
        else f"r{NBSP}{abs(link.rho):.2f}"
        if link.rho >= 0
        else f"r{NBSP}{MINUS}{abs(link.rho):.2f}"
    )
    lag_text = plural(lag, "week")
    shifted = [None] * lag + x[: len(x) - lag]
    return Pair(
        leading=sides[0],
        lagging=sides[1],
        lag=lag_text,
        overlay=(_standardised(shifted), _standardised(y)),
        strength=strength,
        strength_word=word,
        r_text=r_text,
        sentence=sentence,
        accessible=f"{sides[0].name}, {sides[0].value}, leads {sides[1].name}, {sides[1].value}, by {lag_text}. {word}. {sentence}",
    )


def _shown(reading: Reading) -> float | None:
    return None if "too_few" in reading.point.flags else reading.point.value


def _standardised(values: list[float | None]) -> tuple[float | None, ...]:
    """Put the last 26 weeks on a common scale: mean 0, standard deviation 1."""
    shown = np.array([np.nan if value is None else value for value in values[-_SHOWN_WEEKS:]], dtype=np.float64)
    known = shown[np.isfinite(shown)]
    spread = float(known.std()) if known.size else 0.0
    if spread == 0:
        return tuple(None if np.isnan(value) else 0.0 for value in shown)
    mean = float(known.mean())
    return tuple(None if np.isnan(value) else float((value - mean) / spread) for value in shown)


def _strength(link: Association) -> tuple[str, int]:
    if link.rho is None:
        return "Too few weeks", 0
    size = abs(link.rho)
    filled = round(size * 5)
    if link.p is None:
        return "No verdict yet", filled
    if not link.proven:
        return ("Weak", filled) if size < _WEAK else ("Not proven", filled)
    return ("Strong" if size >= _STRONG else "Moderate" if size >= _WEAK else "Weak"), filled


def _sentence(link: Association, reading: str) -> str:
    """Say what the states of both sides mean, or that the link is not there to rely on."""
    if link.rho is None:
        return f"{plural(link.periods, 'week')} of history. A link needs at least {MINIMUM_PERIODS}. {reading}".strip()
    if link.p is None:
        return f"{plural(link.periods, 'week')} of history. A verdict needs {VERDICT_PERIODS}. {reading}".strip()
    if not link.proven:
        return f"Too weak to rely on after {plural(link.periods, 'week')}. Review the definition or the pair."
    return reading or f"The link holds over {plural(link.periods, 'week')}."
