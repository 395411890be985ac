"""Sentences about periods, targets and states (design section 16)."""

from collections.abc import Sequence

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Display
from kpidesk.domain.period import Calendar, Grain, Period, period_name
from kpidesk.present.cards import Reading, pace_text
from kpidesk.present.numbers import NBSP, apart_text, percent, value_text

_SMALL = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")


def lower_first(name: str) -> str:
    """Lower the first letter of a name unless its first word is an abbreviation."""
    first = name.split(maxsplit=1)[0] if name else ""
    return name if len(first) > 1 and first.isupper() else name[:1].lower() + name[1:]


def compared_words(other: Period, current: Period, calendar: Calendar, elapsed_days: int | None) -> str:
    """Name the compared period inside a sentence: Q2, or Q2 at day 76 while the current one is in progress."""
    name = period_name(other, calendar)
    if (
        other.start.year == current.start.year
        and other.grain in (Grain.QUARTER, Grain.MONTH)
        and calendar.fiscal_start == 1
    ):
        name = name.rsplit(" ", 1)[0]
    elif other.grain is Grain.WEEK and (current.start - other.start).days == 7:
        name = "the week before"
    return name if elapsed_days is None else f"{name} at day{NBSP}{elapsed_days}"


def answer(period: Period, calendar: Calendar, elapsed_days: int, states: Sequence[Status]) -> str:
    """Return the dashboard's one-line answer: the period, how far it is, and how many KPIs are where."""
    head = f"{period_name(period, calendar)}, day {elapsed_days} of {period.days}."
    number = len(states)
    if not number:
        return f"{head} No KPIs chosen yet"
    counts = [(states.count(status), status.word.lower()) for status in Status]
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    noun = "KPI" if number == 1 else "KPIs"
    names = _SMALL[number] if number < len(_SMALL) else str(number)
    text = f"{head} {names} {noun}: {told}"
    if states.count(Status.BAD) * 2 > number:
        text += ". More than half are off track, so begin with the first line of Needs attention"
    return text


def off_target(reading: Reading, currency: str) -> tuple[str, str]:
    """Return title and reason for a KPI that misses its target. The reading has a value and a goal."""
    kpi, value = reading.kpi, reading.point.value
    assert value is not None  # noqa: S101 - only judged values get here
    assert reading.goal is not None  # noqa: S101
    full, now, _ = reading.goal
    gap = abs(value - now)
    side = "below" if kpi.direction is Direction.UP else "over"
    goal = "today's pace" if now != full else "target"
    if kpi.display is Display.PERCENT:
        size = f"{gap * 100:.1f}{NBSP}pp"
    elif now:
        size = percent(gap / abs(now), 0)
    else:
        size = value_text(gap, kpi.display, currency)
    reason = f"{apart_text(value, now, kpi.display, currency)} against {pace_text(kpi, now, currency)}"
    if kpi.owner:
        reason += f", owner {kpi.owner}"
    return f"{kpi.name} is {size} {side} {goal}", reason
