"""The Excel summary as values: what the export writes, nothing to compute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kpidesk.domain.kpi import Display
from kpidesk.present.goals import GoalRow


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One KPI in the period shown. Numbers are raw: fractions, days, major units; None is an empty cell.

    `sample` is the number of cases behind the value, `likely` the 95 % interval of a rate; `few` marks a value of too few
    cases to judge, which is written pale. `version` is the one of the definition, in force `since`.
    """

    name: str
    value: float | None
    target: float | None
    status: str
    change: float | None
    change_words: str
    owner: str
    display: Display
    note: str
    sample: int | None = None
    likely: tuple[float, float] | None = None
    few: bool = False
    version: int = 1
    since: date | None = None


@dataclass(frozen=True, slots=True)
class HistoryColumn:
    """One KPI by month, oldest first, as long as `Summary.months`; `few` holds the places of values of too few cases to judge."""

    name: str
    display: Display
    values: tuple[float | None, ...]
    few: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class DataColumn:
    """One column of the data sheet. `kind` is text, money, number or date; cells are str, float, date or None."""

    header: str
    kind: str
    cells: Sequence[object]


@dataclass(frozen=True, slots=True)
class Summary:
    """All sheets of the summary workbook; without goals there is no sheet of them.

    `marks` are what is noted at each of `months`, changes of definitions included; "" for nothing, empty for no month.
    """

    workspace: str
    currency: str
    period: str
    data_to: date | None
    rows: tuple[SummaryRow, ...]
    months: tuple[date, ...]
    history: tuple[HistoryColumn, ...]
    definition_headers: tuple[str, ...]
    definitions: tuple[tuple[str, ...], ...]
    data: tuple[DataColumn, ...]
    goals: tuple[GoalRow, ...] = ()
    marks: tuple[str, ...] = ()
