"""A KPI's definition and the catalogue of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from kpidesk.domain.period import Grain


class Direction(StrEnum):
    """Which way is good."""

    UP = "up"
    DOWN = "down"


MOST_ACTIVE, LEAST_ACTIVE = 7, 5  # KPIs on the dashboard: enough to decide by, few enough to know by heart (article B)


class Kind(StrEnum):
    """Whether a KPI predicts (leading) or confirms (lagging)."""

    LEADING = "leading"
    LAGGING = "lagging"


class Funnel(StrEnum):
    """Where in the funnel a KPI looks."""

    TOP = "top"
    MIDDLE = "middle"
    BOTTOM = "bottom"
    MONEY = "money"


class Display(StrEnum):
    """How a value is written. The stored value never changes: percent is a fraction, durations are days."""

    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    RATIO = "ratio"  # 3.4x
    DAYS = "days"
    HOURS = "hours"
    MONEY_PER_DAY = "money per day"
    COUNT_PER_DAY = "count per day"
    NUMBER = "number"


class Basis(StrEnum):
    """Why a target is what it is (article A, step 3)."""

    PLAIN = "plain"
    BASELINE = "baseline"  # an improvement on the own past
    GOAL = "goal"  # worked back from the business goal
    BENCHMARK = "benchmark"  # what others reach; says where that is written


@dataclass(frozen=True, slots=True)
class Band:
    """One of several ranges with a name of its own, such as "Ideal" for CLV to CAC from 3: it begins at `start`."""

    name: str
    start: float


@dataclass(frozen=True, slots=True)
class MonthTarget:
    """The target of one calendar month, of everybody or of one `owner` ("" for everybody). `month` is its first day."""

    month: date
    value: float
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What good is for one KPI. In the KPI's own base unit (fractions, days, major units of money).

    `value` is for one period of `grain` when `cumulative` (revenue: spread over shorter periods, added up over longer ones),
    else the same at every grain (a win rate). `at_risk` is the limit between at risk and off track; None means
    10 % of the value away from it. `basis` says why it is this value and `origin` from where, in words. `bands` are ordered by
    where they begin. `monthly` are the months and owners with a target of their own, on the scale of one month.
    """

    value: float
    at_risk: float | None = None
    grain: Grain = Grain.QUARTER
    cumulative: bool = False
    basis: Basis = Basis.PLAIN
    origin: str = ""
    bands: tuple[Band, ...] = ()
    monthly: tuple[MonthTarget, ...] = ()

    def band(self, value: float | None) -> str:
        """Return the name of the band that a value lies in, "" for none."""
        return "" if value is None else next((one.name for one in reversed(self.bands) if value >= one.start), "")


@dataclass(frozen=True, slots=True)
class Response:
    """What follows when the number changes (article B's test), beside the words of `Kpi.action`.

    `trigger` says at what point, `owner` who acts within `days`, `moves` is the id of the KPI that should move, `check_back`
    the day to see whether it did.
    """

    trigger: str = ""
    owner: str = ""
    days: int | None = None
    moves: str | None = None
    check_back: date | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """One definition. `id` is stable; `formula` is text of the formula language; `source` says where the rows come from.

    `active` KPIs are the five to seven on the dashboard, in the order of `position`; one that was and no longer is has its day
    in `retired`. `pair` is the id of the KPI it goes with, the result of an early signal or the early signal of a result, and
    `lag_weeks` the delay between them, stated first. `target_from` is the id of a KPI whose value is the target of the same period
    where `target` is None (revenue against the imported sales target). `variants` are the ids of KPIs that answer the same
    question in another way, such as the three customer lifetime values. `goal` is the business goal or key result it serves.
    `revision` counts saved changes from 1. `vanity_asked` is the day on which it joined the dashboard and had to answer what
    will be done when it changes; the answer is `action`.
    """

    id: str
    name: str
    formula: str
    display: Display
    direction: Direction
    kind: Kind
    funnel: Funnel
    cadence: Grain
    question: str = ""
    action: str = ""
    article: str = ""
    owner: str = ""
    source: str = ""
    target: Target | None = None
    target_from: str | None = None
    pair: str | None = None
    lag_weeks: int | None = None
    variants: tuple[str, ...] = ()
    active: bool = False
    position: int = 0
    uuid: str = ""
    revision: int = 1
    goal: str = ""
    response: Response = Response()
    retired: date | None = None
    vanity_asked: date | None = None


@dataclass(frozen=True, slots=True)
class Revision:
    """One saved state of a definition and the moment from which it is in force; `kpi` None says that it was removed."""

    number: int
    since: datetime
    kpi: Kpi | None


@dataclass(frozen=True, slots=True)
class Catalog:
    """All definitions of a workspace by id, in catalogue order."""

    kpis: Mapping[str, Kpi]

    def __iter__(self) -> Iterator[Kpi]:
        return iter(self.kpis.values())

    def __getitem__(self, kpi_id: str) -> Kpi:
        return self.kpis[kpi_id]

    def __contains__(self, kpi_id: object) -> bool:
        return kpi_id in self.kpis

    @property
    def active(self) -> tuple[Kpi, ...]:
        """The KPIs on the dashboard, in their order."""
        return tuple(sorted((kpi for kpi in self if kpi.active), key=lambda kpi: kpi.position))

    def by_name(self, name: str) -> Kpi | None:
        """Find a KPI by id or by name, without regard to case."""
        folded = name.strip().casefold()
        for kpi in self:
            if folded in (kpi.id, kpi.name.casefold()):
                return kpi
        return None
