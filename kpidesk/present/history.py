"""One KPI's page as values: its history, how the latest number is made, and its breakdown."""

from dataclasses import dataclass

from kpidesk.domain.finding import Status
from kpidesk.domain.note import Note
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Figure

NO_RANK = "These cannot be told apart at their sample sizes, so they are not ranked."
SOME_RANKS = "Some of these cannot be told apart at their sample sizes, so they have no place."


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One period: label, value and the parts behind it, as text; `value` also as a number for the chart (None: blank).

    `variation` says whether it lies inside normal variation, "" where that cannot be said.
    """

    label: str
    value: float | None
    text: str
    target: float | None
    numerator: str
    denominator: str
    n: str
    interval: tuple[float, float] | None
    interval_text: str
    reason: str
    flags: tuple[str, ...]
    variation: str = ""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One slice in the latest period; `few` marks a sample too small to judge, `target` is what is asked of it alone."""

    label: str
    value: float | None
    text: str
    n: str
    few: bool
    interval_text: str = ""
    figure: Figure | None = None
    target: float | None = None
    target_text: str = ""


@dataclass(frozen=True, slots=True)
class KpiPage:
    """A KPI with its definition, history (oldest first) and breakdown by one dimension.

    `changes` are the places in the history at which the definition changed or a note stands, and what is told there;
    `variation` says how far it varies by itself, `breakdown_note` why slices are not ranked; `today` is the day that a new note
    is of.
    """

    kpi: str
    name: str
    status: Status
    answer: str
    value: str
    formula: str
    definition: tuple[tuple[str, str], ...]
    grain: Grain
    history: tuple[HistoryRow, ...]
    dimensions: tuple[tuple[str, str], ...]
    dimension: str | None
    breakdown: tuple[BreakdownRow, ...]
    percent: bool = False
    changes: tuple[tuple[int, str], ...] = ()
    variation: str = ""
    notes: tuple[Note, ...] = ()
    today: str = ""
    breakdown_note: str = ""
