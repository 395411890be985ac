"""The goals of a quarter as values: what the page, the command line and Excel show of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpidesk.domain.finding import Status
from kpidesk.domain.goal import Goal
from kpidesk.domain.kpi import Direction, Display, Kpi
from kpidesk.domain.query import Figure
from kpidesk.present.cards import pace_text, whole_pace
from kpidesk.present.numbers import MISSING, NBSP, apart_text, change_text, percent, plural, value_text

_HUNDRED = 0.9995  # a share that is written as 100% must have reached the goal


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers of a key result in the KPI's base unit; None where they are not known. `share` is of the way to the target."""

    value: float | None
    start: float | None
    expected: float
    target: float
    share: float | None
    to_go: float | None
    behind: float | None
    weight: float


@dataclass(frozen=True, slots=True)
class ResultLine:
    """One key result. `pace` is what today asks for, `gap` what is missing to the target, `against` on which side of the pace it is.

    `note` says why there is no judgement, `shown` which number leads to its working.
    """

    kpi: str
    name: str
    kind: str
    display: Display
    status: Status
    figures: Figures
    value: str
    target: str
    pace: str
    gap: str
    against: str
    share: str
    note: str = ""
    shown: Figure | None = None

    @property
    def accessible(self) -> str:
        """The line as it is read out."""
        parts = (self.name, self.value, f"target {self.target}", self.status.word.lower(), self.against, self.note)
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class GoalCard:
    """One goal. `share` and `pace` are from 0 to 1, `share` None where nothing is known; `serving` are KPIs mapped to it besides."""

    goal: Goal
    status: Status
    share: float | None
    pace: float
    share_text: str
    pace_text: str
    results: tuple[ResultLine, ...]
    serving: tuple[tuple[str, str], ...]
    advice: str = ""

    @property
    def accessible(self) -> str:
        """The goal as it is read out."""
        return f"{self.goal.name}, {self.status.word.lower()}, {self.share_text}, {self.pace_text}"


@dataclass(frozen=True, slots=True)
class LooseKpi:
    """A KPI of the dashboard that maps to no goal of the quarter; `note` says what is known of its goal."""

    kpi: str
    name: str
    value: str
    status: Status
    note: str


@dataclass(frozen=True, slots=True)
class GoalRow:
    """One key result, or a goal without any, as a line of the Excel summary. Numbers are raw; None is an empty cell."""

    goal: str
    owner: str
    name: str
    display: Display
    figures: Figures | None
    status: str
    note: str


@dataclass(frozen=True, slots=True)
class GoalsPage:
    """The goals of one quarter. `quarters` are (first day, name) of those that can be chosen, `quarter` the one shown.

    `before` names the newest earlier quarter with goals while this one has none.
    """

    answer: str
    quarter: date
    label: str
    quarters: tuple[tuple[date, str], ...]
    cards: tuple[GoalCard, ...]
    loose: tuple[LooseKpi, ...]
    before: str = ""


def result_line(
    kpi: Kpi, figures: Figures, status: Status, currency: str, note: str, shown: Figure | None
) -> ResultLine:
    """Write the figures of a key result."""

    def text(value: float) -> str:
        return value_text(value, kpi.display, currency, trim=True)

    held = figures.start is None
    target = f"Hold {text(figures.target)}" if held else text(figures.target)
    if figures.start:
        target = _way(text(figures.start), text(figures.target))
    return ResultLine(
        kpi=kpi.id,
        name=kpi.name,
        kind=kpi.kind.value,
        display=kpi.display,
        status=status,
        figures=figures,
        value=apart_text(figures.value, figures.expected, kpi.display, currency),
        target=target,
        pace=pace_text(kpi, figures.expected, currency),
        gap=_gap(kpi, figures, currency),
        against=_against(kpi, figures, currency),
        share=MISSING if figures.share is None else share_text(figures.share),
        note=note,
        shown=shown,
    )


def _way(start: str, target: str) -> str:
    """Write from where to where, a unit that both have only once: 48 to 42 days."""
    number, gap, unit = start.partition(NBSP)
    same = gap and NBSP not in unit and target.partition(NBSP)[2] == unit
    return f"{number if same else start} to {target}"


def _gap(kpi: Kpi, figures: Figures, currency: str) -> str:
    if figures.to_go is None:
        return MISSING
    if figures.to_go <= 0:
        return "Reached" if figures.start is not None else "Held"
    return f"{change_text(figures.to_go, kpi.display, currency)} to go"


def _against(kpi: Kpi, figures: Figures, currency: str) -> str:
    if figures.behind is None or figures.value is None:
        return ""
    sign = 1 if kpi.direction is Direction.UP else -1
    # Counts are whole, and so is the pace that is shown for them.
    counts = kpi.display is Display.COUNT
    behind = sign * (whole_pace(kpi, figures.expected) - figures.value) if counts else figures.behind
    words = change_text(behind, kpi.display, currency)
    if not behind:
        return "On target" if figures.start is None else "On pace"
    # A target that is held has no pace: one is on one side of it or the other.
    late, early = ("behind", "ahead")
    if figures.start is None:
        late, early = ("below", "above") if sign > 0 else ("above", "below")
    return f"{words} {late if behind > 0 else early}"


def share_text(share: float) -> str:
    """Write how much of the way is made: whole, never 100% before the target is reached."""
    return "99%" if _HUNDRED - 0.005 < share < 1 else percent(share, 0)


def goal_rows(cards: Sequence[GoalCard]) -> tuple[GoalRow, ...]:
    """Return the goals line by line for the Excel summary."""
    rows = []
    for card in cards:
        name, owner = card.goal.name, card.goal.owner
        if not card.results:
            rows.append(GoalRow(name, owner, "", Display.NUMBER, None, card.status.word, card.advice))
        rows += [
            GoalRow(name, owner, line.name, line.display, line.figures, line.status.word, line.note)
            for line in card.results
        ]
    return tuple(rows)


def card_texts(share: float | None, expected: float, known: int, of: int) -> tuple[str, str]:
    """Return what stands under the bar of a goal: how far it is, and how far it should be."""
    if not of:
        return "No key result yet", ""
    if share is None:
        return "Nothing known yet", ""
    left_out = of - known
    told = f"{share_text(share)} of the way" + (f", {plural(left_out, 'key result')} not known" if left_out else "")
    return told, f"{percent(expected, 0)} expected by today"
