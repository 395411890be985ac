"""One KPI's page as values: its history, how the latest number is made, and its breakdown."""

from dataclasses import dataclass

from kpidesk.domain.finding import Status
from kpidesk.domain.note import Note
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Figure


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
    """One slice in the latest period; `few` marks a sample too small to judge."""

    label: str
    value: float | None
    text: str
    n: str
    few: bool
    interval_text: str = ""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class KpiPage:
    """A KPI with its definition, history (oldest first) and breakdown by one dimension.

    `changes` are the places in the history at which the definition changed or a note stands, and what is told there;
    `variation` says how far it varies by itself; `today` is the day that a new note is of.
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
