"""One KPI's page as values: its history, how the latest number is made, and its breakdown."""

from dataclasses import dataclass

from kpidesk.domain.finding import Status
from kpidesk.domain.note import Note
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Figure
from kpidesk.present.dashboard import ChangeLine

NO_RANK = "These cannot be told apart at their sample sizes, so they are not ranked."
SOME_RANKS = "Some of these cannot be told apart at their sample sizes, so they have no place."


@dataclass(frozen=True, slots=True)
class Mark:
    """What is marked at a place of a history: a change of the definition, or a note. `label` stands at the mark, `words` say all."""

    place: int
    label: str
    words: str
    definition: bool


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One period: label, value and the parts behind it, as text; `value` also as a number for the chart (None: blank).

    `tick` is a short label for an axis. `earlier` is the value a year earlier. `variation` says whether the value lies inside
    normal variation, "" where that cannot be said, and `signal` is 1 or -1 where it stands out above or below, 2 or -2 where it
    is one of a run on one side. `few` marks a sample too small to judge, `open` a period in progress.
    """

    label: str
    tick: str
    value: float | None
    text: str
    target: float | None
    target_text: str
    numerator: str
    denominator: str
    n: str
    interval: tuple[float, float] | None
    interval_text: str
    reason: str
    flags: tuple[str, ...]
    earlier: float | None = None
    earlier_text: str = ""
    variation: str = ""
    signal: int = 0
    few: bool = False
    open: bool = False
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """One period as far as it has come, beside others with as many days. `change` leads from it to the period shown.

    `whole` is what an earlier period came to in the end, or what is asked of the one shown by now. `value` is None where there is
    none to compare.
    """

    label: str
    value: float | None
    text: str
    n: str
    interval_text: str
    reason: str
    few: bool
    figure: Figure
    change: ChangeLine | None = None
    whole: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """One slice by period, oldest first, as long as `Breakdown.labels`; a place in `few` has too small a sample to judge.

    `text`, `n` and `interval_text` are those of the latest period, `place` its rank there, None where chance decides.
    `target` is what is asked of this slice alone.
    """

    label: str
    values: tuple[float | None, ...]
    texts: tuple[str, ...]
    few: frozenset[int]
    text: str
    n: str
    interval_text: str
    place: int | None
    figures: tuple[Figure, ...]
    target: float | None = None
    target_text: str = ""


@dataclass(frozen=True, slots=True)
class Breakdown:
    """A KPI by one dimension over its latest periods: largest slice first, rows without a value last.

    `note` says why slices are not ranked; `target` is the one that holds for each slice alone, None where it is for all together.
    """

    labels: tuple[str, ...]
    slices: tuple[Slice, ...]
    target: float | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class BreakdownRow:
    """One slice in one period; `few` marks a sample too small to judge, `target` is what is asked of it alone."""

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
    """A KPI with its definition, history (oldest first), comparison to date, and breakdown by one dimension.

    `chip` is the word beside the status, `target` what is asked of the whole period. `limits` are (low, middle, high) of normal
    variation and `variation` the words for them. `bands` are (start, name). `today` is the day that a new note is of.
    """

    kpi: str
    name: str
    status: Status
    chip: str
    answer: str
    value: str
    target: str
    owner: str
    definition: tuple[tuple[str, str], ...]
    grain: Grain
    history: tuple[HistoryRow, ...]
    to_date: tuple[Comparison, ...]
    dimensions: tuple[tuple[str, str], ...]
    dimension: str | None
    breakdown: Breakdown | None
    percent: bool = False
    marks: tuple[Mark, ...] = ()
    limits: tuple[float, float, float] | None = None
    variation: str = ""
    bands: tuple[tuple[float, str], ...] = ()
    notes: tuple[Note, ...] = ()
    today: str = ""
