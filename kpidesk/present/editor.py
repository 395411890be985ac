"""The KPI editor as values: the list of definitions, the preview of the one being written, and what a change does to the past."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Display, Kind, Kpi
from kpidesk.domain.query import Figure
from kpidesk.present.dashboard import Card


@dataclass(frozen=True, slots=True)
class ListedKpi:
    """One line of the list. `note` stands at the right: the value, or the day of retirement.

    `vain` is why it fails the vanity test and `loose` that it serves no goal, "" where it does not.
    """

    id: str
    name: str
    status: Status | None
    note: str
    kind: Kind
    drafted: bool = False
    vain: str = ""
    loose: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done at once about an advice. `act` is "retire", "open", or the part of the form that `kpi` is opened at."""

    label: str
    act: str
    kpi: str


@dataclass(frozen=True, slots=True)
class Advice:
    """A sentence worth a thought, and what can be done about it."""

    words: str
    offers: tuple[Offer, ...] = ()


@dataclass(frozen=True, slots=True)
class KpiList:
    """All definitions in groups: on the dashboard, begun and not yet there, retired, and the rest of the catalogue.

    `slots` is how many are on the dashboard, `headline` and `advice` what the counter says, `concerns` which of them fail the
    test "if this number changes, what will we do?" or serve no goal.
    """

    leading: tuple[ListedKpi, ...]
    lagging: tuple[ListedKpi, ...]
    drafts: tuple[ListedKpi, ...]
    retired: tuple[ListedKpi, ...]
    library: tuple[ListedKpi, ...]
    slots: int
    headline: str
    advice: str
    concerns: tuple[Advice, ...] = ()


@dataclass(frozen=True, slots=True)
class Feed:
    """What feeds a KPI from one table: the name of the source, the last file with its day, and the columns of it that are read."""

    title: str
    entity: str
    file: str
    imported: str
    columns: tuple[str, ...]

    @property
    def words(self) -> str:
        """Which file, from when, and which of its columns."""
        return f"{self.file}, imported {self.imported}" + (f": {', '.join(self.columns)}" if self.columns else "")


@dataclass(frozen=True, slots=True)
class YearPoint:
    """One month of the small chart, with its target and the limit between at risk and off track.

    `mark` says what changed in the definition in it, "" for nothing.
    """

    label: str
    value: float | None
    text: str
    target: float | None
    limit: float | None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """How the number is made: heads, and for each quarter, newest first, its parts and the value as text.

    `figures` are the quarters by name whose working can be shown: none while the formula is not saved.
    """

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    figures: tuple[tuple[str, Figure], ...] = ()


@dataclass(frozen=True, slots=True)
class Point7:
    """One of the seven points of definition quality."""

    part: str
    status: Status
    title: str
    detail: str


@dataclass(frozen=True, slots=True)
class Worked:
    """The arithmetic of a target: in words, the `value` that follows in base units, and what the link that takes it says.

    `doubt` says that the target is not what its basis says.
    """

    words: str
    value: float | None = None
    label: str = ""
    doubt: bool = False


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with the formula: the sentence, the place in its text, and mends as (label, replacement, (start, end))."""

    message: str
    start: int
    end: int
    unfinished: bool
    fixes: tuple[tuple[str, str, tuple[int, int]], ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a definition comes to. `formula` is the one shown: the last that had a meaning when `mistake` says that this has none.

    `unit` is the kind of number inferred and `display` how it is written by default; `fits` whether the chosen one suits it.
    `maximum` and `value` are for the scale of the thresholds, in base units. `lacking` are the points that keep it from the
    dashboard; `advice` is what else is worth a thought, such as a near-duplicate; `suggestion` a better action when it is vague.
    `worked` is the arithmetic of the target by its basis. `look_back` says, once the day for it has come, what became of the action.
    """

    kpi: Kpi
    formula: str
    mistake: Mistake | None
    cautions: tuple[str, ...]
    unit: str
    display: Display | None
    card: Card | None
    value: float | None
    maximum: float
    months: tuple[YearPoint, ...]
    parts: Parts
    feeds: tuple[Feed, ...]
    points: tuple[Point7, ...]
    lacking: tuple[str, ...]
    advice: tuple[Advice, ...] = ()
    suggestion: str = ""
    look_back: str = ""
    worked: Mapping[str, Worked] = field(default_factory=dict)
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Restated:
    """One past period before and after a change of the definition; `change` is "" where nothing changed."""

    label: str
    before: str
    after: str
    change: str


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a change does to every past period, newest first; `headline` counts, `formulas` are the old and the new one.

    `others` says which other KPIs change with it, "" for none.
    """

    headline: str
    formulas: tuple[str, str]
    rows: tuple[Restated, ...]
    others: str = ""


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """One saved version: its number, from when it is in force, what changed against the one before, and its formula.

    `formula` is "" where the definition was removed.
    """

    number: int
    since: str
    changes: str
    formula: str
