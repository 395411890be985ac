"""One KPI's numbers as a card (design sections 7, 8, 11, 12 and 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor
from statistics import quantiles

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Display, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Figure
from kpidesk.domain.result import Point
from kpidesk.present.dashboard import Bullet, Card, ChangeLine, Spark
from kpidesk.present.numbers import MISSING, apart_text, change_text, count, exact_text, percent, plural, value_text
from kpidesk.present.reasons import reason_sentence

SPARK_PERIODS = 13
BAND_PERIODS = 26
MINIMUM_SAMPLE = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found out about one KPI in one period: the input of a card.

    `history` ends with the period shown, oldest first, with `labels`. `goal` is (full target, today's pace, at-risk limit) in
    base units.
    `change` is (signed size, better or None, could be chance) against the period called `compared`. `missing` are entities
    never imported.
    """

    kpi: Kpi
    history: Sequence[Point]
    labels: Sequence[str]
    grain: Grain
    status: Status
    goal: tuple[float, float, float] | None
    change: tuple[float, bool | None, bool] | None
    compared: str
    missing: tuple[str, ...] = ()
    old_data: str = ""
    figure: Figure | None = None

    @property
    def point(self) -> Point:
        """The value of the period shown."""
        return self.history[-1]


def target_text(kpi: Kpi, goal: tuple[float, float, float] | None, currency: str) -> str:
    """Write the target under the value; a cumulative one names today's pace."""
    if goal is None:
        return "No target set"
    full, now, _ = goal
    if now != full:
        return f"Target {pace_text(kpi, now, currency)} by today"
    return f"Target {value_text(full, kpi.display, currency, trim=True)}"


def pace_text(kpi: Kpi, now: float, currency: str) -> str:
    """Write what a target asks for by now. A count is whole: the least that meets it, or the most where lower is better."""
    if kpi.display is Display.COUNT:
        now = whole_pace(kpi, now)
    return value_text(now, kpi.display, currency, trim=True)


def whole_pace(kpi: Kpi, now: float) -> float:
    """Return the least whole count that meets what is asked for by now, or the most where lower is better."""
    return float(ceil(now) if kpi.direction is Direction.UP else floor(now))


def spark(reading: Reading, currency: str) -> Spark | None:
    """Return the sparkline of the last 13 periods; None when fewer than two have a value."""
    values = [point.value for point in reading.history]
    shown = values[-SPARK_PERIODS:]
    if sum(value is not None for value in shown) < 2:
        return None
    known = [value for value in values[-BAND_PERIODS:] if value is not None]
    band = None
    if len(known) >= 4:
        low, _, high = quantiles(known, n=4, method="inclusive")
        band = (low, high)
    return Spark(
        tuple(shown),
        tuple(reading.labels[-SPARK_PERIODS:]),
        tuple(value_text(value, reading.kpi.display, currency) for value in shown),
        reading.goal[0] if reading.goal else None,
        band,
    )


def bullet(reading: Reading) -> Bullet | None:
    """Return the bullet bar: from zero to a little beyond the largest of value, target and limit; None without a value."""
    value = reading.point.value
    if value is None:
        return None
    lower = reading.kpi.direction is Direction.DOWN
    if reading.goal is None:
        known = [abs(point.value) for point in reading.history if point.value is not None]
        top = max(known, default=0.0)
        return Bullet(value, None, None, top * 1.1 or 1.0, lower) if top else None
    _, now, limit = reading.goal
    maximum = max(abs(value), abs(now), abs(limit)) * 1.15 or 1.0
    borders = (now, limit) if lower else (limit, now)
    return Bullet(value, now, borders, maximum, lower)


def change_line(reading: Reading, currency: str) -> ChangeLine | None:
    """Return the change against the compared period in words, and whether it is good; None when there is none to tell."""
    if reading.change is None:
        return None
    size, better, chance = reading.change
    against = reading.compared
    if size == 0:
        return ChangeLine(0, Status.NONE, "", f"Same as {against}")
    arrow = 1 if size > 0 else -1
    amount = change_text(size, reading.kpi.display, currency)
    if chance:
        return ChangeLine(arrow, Status.NONE, amount, f"on {against}, could be chance")
    tone = Status.GOOD if better else Status.BAD
    return ChangeLine(arrow, tone, amount, f"{'better' if better else 'worse'} than {against}")


_RATE_NOUN = {Display.PERCENT: "case", Display.MONEY: "deal", Display.DAYS: "deal", Display.HOURS: "lead"}


def _too_few(reading: Reading) -> tuple[str, str]:
    """Return the sentence and the hint for a sample below the minimum."""
    n = reading.point.n or 0
    noun = _RATE_NOUN.get(reading.kpi.display, "case")
    if reading.kpi.id.startswith("win_rate"):
        noun = "closed deal"
    missing = MINIMUM_SAMPLE - n
    point = reading.point
    hits = "" if point.interval is None or point.numerator is None else f"{count(point.numerator)} of "
    return (
        f"{hits}{plural(n, noun)}. {reading.kpi.name} needs at least {MINIMUM_SAMPLE}.",
        f"Shown when there {'is' if missing == 1 else 'are'} {missing} more",
    )


def initials(name: str) -> str:
    """Return up to two initials of a person's name."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def card(reading: Reading, currency: str) -> Card:
    """Return the card of one KPI. A value below the minimum sample is not shown as a confident number."""
    kpi, point = reading.kpi, reading.point
    few = "too_few" in point.flags
    reason = hint = ""
    if point.value is None:
        assert point.reason is not None  # noqa: S101 - a blank always has its reason (domain/result.py)
        reason = reason_sentence(point.reason, reading.missing)
    elif few:
        reason, hint = _too_few(reading)
    shown = None if reason else point.value
    against = None if reading.goal is None else reading.goal[1]
    text = MISSING if shown is None else apart_text(shown, against, kpi.display, currency)
    note = f"this {reading.grain.value}" if kpi.display is Display.COUNT and shown is not None else ""
    chip = reading.status.word
    if reading.status is Status.NONE and shown is not None:
        chip = "No target"
    target = target_text(kpi, reading.goal, currency)
    line = None if shown is None else change_line(reading, currency)
    span = ""
    if shown is not None and point.interval is not None and "small_sample" in point.flags:
        span = f"Likely {percent(point.interval[0], 0)} to {percent(point.interval[1], 0)}, from {plural(point.n or 0, 'deal')}"
    spoken = [kpi.name, "no data" if shown is None else text, target.lower() if reading.goal else "", chip.lower()]
    spoken += [f"{kpi.kind.value} indicator", reason, span]
    if line is not None:
        spoken.append(f"{line.amount} {line.words}".strip())
    return Card(
        kpi=kpi.id,
        name=kpi.name,
        status=reading.status,
        value=text if shown is not None else MISSING,
        value_note=note,
        target=target,
        spark=None if few else spark(reading, currency),
        bullet=None if reason else bullet(reading),
        change=line,
        leading=kpi.kind is Kind.LEADING,
        owner=kpi.owner,
        initials=initials(kpi.owner),
        accessible=", ".join(part for part in spoken if part),
        tooltip=exact_text(point.value, kpi.display, currency) if shown is not None else reason,
        reason=reason,
        hint=hint,
        range_text=span,
        old_data=reading.old_data,
        chip=chip,
        figure=reading.figure,
    )
