"""The dashboard as values: everything a widget needs to paint it, nothing to compute."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from kpidesk.domain.finding import Finding, Status
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Figure


@dataclass(frozen=True, slots=True)
class Spark:
    """A sparkline: `values` oldest first (None: blank period), dotted `target`, grey `band` (middle half of the history).

    `labels` and `texts` name each period and value for the hover; `changed` says at which places the definition changed.
    """

    values: tuple[float | None, ...]
    labels: tuple[str, ...]
    texts: tuple[str, ...]
    target: float | None = None
    band: tuple[float, float] | None = None
    changed: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bullet:
    """A bullet bar from 0 to `maximum`: `value` bar, `target` tick, and the rising borders of its ranges, three or more.

    The worst range is the darkest: the first, or the last when `lower_is_better`.
    """

    value: float | None
    target: float | None
    borders: tuple[float, ...] | None
    maximum: float
    lower_is_better: bool = False


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """`arrow` is 1, -1 or 0 (direction of the number); `tone` the judgement (GOOD, BAD or NONE); `amount` and `words` the text."""

    arrow: int
    tone: Status
    amount: str
    words: str


@dataclass(frozen=True, slots=True)
class Card:
    """One KPI card. `value` is an em dash when there is no data, and then `reason` says why in a sentence and `hint` what helps.

    A rate of too few cases is told as "3 of 8" instead. `chip` is the word beside the status shape: the status's own, the name of
    a band, or why a value is not judged. `range_text` is the 95 % range of a rate.
    """

    kpi: str
    name: str
    status: Status
    value: str
    value_note: str
    target: str
    spark: Spark | None
    bullet: Bullet | None
    change: ChangeLine | None
    leading: bool
    owner: str
    initials: str
    accessible: str
    tooltip: str
    reason: str = ""
    hint: str = ""
    range_text: str = ""
    old_data: str = ""
    chip: str = ""
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class GoalStrip:
    """The goal of the period: bar from 0 to `target` with won, weighted pipeline and today's pace, texts, and three stats."""

    caption: str
    headline: str
    deadline: str
    status: Status
    won: float
    weighted: float | None
    pace: float | None
    target: float
    won_text: str
    pace_text: str
    target_text: str
    share_text: str
    weighted_text: str
    stats: tuple[tuple[str, str], ...]
    accessible: str
    figures: tuple[tuple[str, Figure], ...] = ()


@dataclass(frozen=True, slots=True)
class PairSide:
    """One end of a pair."""

    kpi: str
    name: str
    status: Status
    value: str
    figure: Figure | None = None


@dataclass(frozen=True, slots=True)
class Pair:
    """A leading KPI beside the lagging one it should move. `strength` 0 to 5 filled marks; `overlay` both series standardised.

    The leading series is already moved right by its lag; gaps are None.
    """

    leading: PairSide
    lagging: PairSide
    lag: str
    overlay: tuple[tuple[float | None, ...], tuple[float | None, ...]]
    strength: int
    strength_word: str
    r_text: str
    sentence: str
    accessible: str


@dataclass(frozen=True, slots=True)
class Banner:
    """One line across the top of the content with one action."""

    status: Status
    title: str
    text: str
    action_label: str
    action: str
    dismissible: bool = False


@dataclass(frozen=True, slots=True)
class Freshness:
    """The foot of the sidebar: how old the data is."""

    status: Status
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Dashboard:
    """All of the dashboard for one grain and period. `compare` are (key, label) of the periods one can compare with."""

    answer: str
    grain: Grain
    period_label: str
    as_of: date
    goal: GoalStrip | None
    cards: tuple[Card, ...]
    pairs: tuple[Pair, ...]
    attention: tuple[Finding, ...]
    compare: tuple[tuple[str, str], ...]
    compared_with: str
    banner: Banner | None = None
    empty: str = ""
    has_rows: bool = True
    notes: tuple[str, ...] = field(default_factory=tuple)
