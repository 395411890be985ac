"""One KPI's numbers as a card (design sections 7, 8, 11, 12 and 17)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil, floor
from statistics import quantiles

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Display, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Figure
from kpidesk.domain.result import Point
from kpidesk.present.dashboard import Bullet, Card, ChangeLine, Spark
from kpidesk.present.numbers import (
    MISSING,
    apart_text,
    change_text,
    count,
    exact_text,
    plural,
    range_text,
    value_text,
)
from kpidesk.present.reasons import reason_sentence

SPARK_PERIODS = 13
BAND_PERIODS = 26
MINIMUM_SAMPLE = 5
NORMAL = "normal variation"


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found out about one KPI in one period: the input of a card.

    `history` ends with the period shown, oldest first, with `labels`. `goal` is (full target, today's pace, at-risk limit) in
    base units.
    `change` is (signed size, better or None, normal variation) against the period called `compared`. `missing` are entities
    never imported. `band` is the name of the band that the value lies in, `changed` the places in the history at which the
    definition changed, and what is to be said there.
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
    band: str = ""
    changed: Mapping[int, str] = field(default_factory=dict)

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
    gone = len(values) - len(shown)
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
        changed={place - gone: words for place, words in reading.changed.items() if place >= gone},
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
    bands = () if reading.kpi.target is None else reading.kpi.target.bands
    # Bands of their own are those of a whole period; a cumulative KPI in progress is held against today's pace.
    borders = tuple(one.start for one in bands) if bands and now == reading.goal[0] else tuple(sorted((limit, now)))
    maximum = max(abs(value), abs(now), *map(abs, borders)) * 1.15 or 1.0
    return Bullet(value, now, borders, maximum, lower)


def change_line(reading: Reading, currency: str) -> ChangeLine | None:
    """Return the change against the compared period in words, and whether it is good; None when there is none to tell."""
    if reading.change is None:
        return None
    return told_change(*reading.change, reading.compared, reading.kpi.display, currency)


def told_change(
    size: float, better: bool | None, normal: bool, against: str, display: Display, currency: str
) -> ChangeLine:
    """Say a change of `size`: better or worse than `against`, or inside normal variation. `against` "" leaves that to the reader."""
    if size == 0:
        return ChangeLine(0, Status.NONE, "", f"Same as {against}" if against else "Same")
    arrow = 1 if size > 0 else -1
    amount = change_text(size, display, currency)
    if normal:
        return ChangeLine(arrow, Status.NONE, amount, f"on {against}, {NORMAL}" if against else NORMAL)
    tone = Status.GOOD if better else Status.BAD
    judged = "better" if better else "worse"
    return ChangeLine(arrow, tone, amount, f"{judged} than {against}" if against else judged)


def few_text(point: Point) -> str:
    """Return what stands in place of a value that too few rows are behind: "3 of 8" of a rate, else how many there are."""
    if point.interval is not None and point.numerator is not None and point.denominator is not None:
        return f"{count(point.numerator)} of {count(point.denominator)}"
    return f"Only {count(point.n or 0)}"


def point_text(kpi: Kpi, point: Point, currency: str) -> str:
    """Write a value; a rate of too few cases as "3 of 8"."""
    if "too_few" in point.flags and point.interval is not None:
        return few_text(point)
    return value_text(point.value, kpi.display, currency)


def chip_word(reading: Reading) -> str:
    """Return the word beside the status: the band's name where bands are named, and why a value is not judged."""
    if reading.status is not Status.NONE:
        return reading.band or reading.status.word
    if reading.point.value is None:
        return reading.status.word
    return "Too few" if "too_few" in reading.point.flags else "No target"


_RATE_NOUN = {Display.PERCENT: "case", Display.MONEY: "deal", Display.DAYS: "deal", Display.HOURS: "lead"}


def _too_few(reading: Reading) -> tuple[str, str]:
    """Return the sentence and the hint for a sample below the minimum."""
    n = reading.point.n or 0
    if n >= MINIMUM_SAMPLE:  # the rows are enough, but not those behind one part of the formula
        return (
            f"Fewer than {MINIMUM_SAMPLE} cases stand behind a part of {reading.kpi.name}.",
            "Its working shows which",
        )
    noun = _RATE_NOUN.get(reading.kpi.display, "case")
    if reading.kpi.id.startswith("win_rate"):
        noun = "closed deal"
    missing = MINIMUM_SAMPLE - n
    seen = "" if reading.point.interval is not None else f"{plural(n, noun)}. "
    return (
        f"{seen}{reading.kpi.name} needs at least {plural(MINIMUM_SAMPLE, noun)}.",
        f"Shown when there {'is' if missing == 1 else 'are'} {missing} more",
    )


def initials(name: str) -> str:
    """Return up to two initials of a person's name."""
    words = name.split()
    return "".join(word[0].upper() for word in (words[:1] + words[1:][-1:]))


def card(reading: Reading, currency: str) -> Card:
    """Return the card of one KPI. A value below the minimum sample is not shown as a confident number."""
    kpi, point = reading.kpi, reading.point
    few = point.value is not None and "too_few" in point.flags
    reason = hint = ""
    if point.value is None:
        assert point.reason is not None  # noqa: S101 - a blank always has its reason (domain/result.py)
        reason = reason_sentence(point.reason, reading.missing)
    elif few:
        reason, hint = _too_few(reading)
    shown = None if reason else point.value
    against = None if reading.goal is None else reading.goal[1]
    text = apart_text(shown, against, kpi.display, currency)
    if few and point.interval is not None:
        text = few_text(point)
    note = f"this {reading.grain.value}" if kpi.display is Display.COUNT and shown is not None else ""
    chip = chip_word(reading)
    target = target_text(kpi, reading.goal, currency)
    line = None if shown is None else change_line(reading, currency)
    span = "" if shown is None or point.interval is None else range_text(point.interval)
    spoken = [kpi.name, "no data" if text == MISSING else text, target.lower() if reading.goal else "", chip.lower()]
    spoken += [f"{kpi.kind.value} indicator", reason]
    if span:
        spoken.append(f"likely {span}, from {plural(point.n or 0, 'case')}")
    if line is not None:
        spoken.append(f"{line.amount} {line.words}".strip())
    return Card(
        kpi=kpi.id,
        name=kpi.name,
        status=reading.status,
        value=text,
        value_note=note,
        target=target,
        spark=None if few else spark(reading, currency),
        bullet=None if reason else bullet(reading),
        change=line,
        leading=kpi.kind is Kind.LEADING,
        owner=kpi.owner,
        initials=initials(kpi.owner),
        accessible=", ".join(part for part in spoken if part),
        tooltip=reason if shown is None else _tooltip(reading, span, currency),
        reason=reason,
        hint=hint,
        range_text=span,
        old_data=reading.old_data,
        chip=chip,
        figure=reading.figure,
    )


def _tooltip(reading: Reading, span: str, currency: str) -> str:
    exact = exact_text(reading.point.value, reading.kpi.display, currency)
    return f"{exact}, likely {span} from {plural(reading.point.n or 0, 'case')}" if span else exact
