"""Why a value is what it is: the rows counted, and the rows not counted with one reason each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from kpidesk.domain.kpi import Display
from kpidesk.domain.period import Period
from kpidesk.domain.query import Filter
from kpidesk.domain.result import Point


class LeftOut(StrEnum):
    """Why a row is not counted.

    A row has the first reason that applies: first what is wrong with the record, then what it is (its status, kind or date), then
    whether it lies in the period, then the slice of the question, then the conditions of the formula, last whether it has a value.
    """

    DUPLICATE = "duplicate"
    HELD = "held"
    TEST = "test"
    LOST_REASON = "lost_reason"
    NO_DEAL = "no_deal"
    NO_COLUMN = "no_column"
    NOT_YET = "not_yet"
    ADJUSTMENT = "adjustment"
    REFUND = "refund"
    NOT_REFUND = "not_refund"
    OPEN = "open"
    WON = "won"
    LOST = "lost"
    GONE = "gone"
    EXACT_STAGES = "exact_stages"
    OTHER_KIND = "other_kind"
    CANCELLED = "cancelled"
    INBOUND = "inbound"
    OTHER_CATEGORY = "other_category"
    HAS_OWNER = "has_owner"
    NO_OWNER = "no_owner"
    NO_STAGE = "no_stage"
    STILL_THERE = "still_there"
    NO_CUSTOMER = "no_customer"
    NOT_CHURNED = "not_churned"
    NO_DATE = "no_date"
    ENDS_FIRST = "ends_first"
    REPEAT = "repeat"
    OUTSIDE_PERIOD = "outside_period"
    LATER = "later"
    CHURNED = "churned"
    OUTSIDE_SLICE = "outside_slice"
    FILTERED = "filtered"
    OTHER_STAGE = "other_stage"
    NOT_FOLLOWED = "not_followed"
    WAITING = "waiting"
    NO_AMOUNT = "no_amount"
    NO_RATE = "no_rate"
    CLOSED_FIRST = "closed_first"
    NO_RESPONSE = "no_response"
    NO_TIME = "no_time"
    ANSWERED_FIRST = "answered_first"
    SAME_VALUE = "same_value"
    NO_VALUE = "no_value"

    @property
    def words(self) -> str:
        """The reason for a reader."""
        return _WORDS[self]


_WORDS: Mapping[LeftOut, str] = {
    LeftOut.DUPLICATE: "Duplicate: a later row has the same id",
    LeftOut.HELD: "Held: a cell could not be read",
    LeftOut.TEST: "Test record",
    LeftOut.LOST_REASON: "Lost for a reason that means it never was a deal",
    LeftOut.NO_DEAL: "Its deal was not imported",
    LeftOut.NO_COLUMN: "The column this needs was not imported",
    LeftOut.NOT_YET: "Not yet: dated after the last day known",
    LeftOut.ADJUSTMENT: "Adjustment: won with a negative amount, which counts as a refund",
    LeftOut.REFUND: "Refund",
    LeftOut.NOT_REFUND: "Not a refund",
    LeftOut.OPEN: "Open",
    LeftOut.WON: "Won",
    LeftOut.LOST: "Lost",
    LeftOut.GONE: "Deleted or merged in the CRM",
    LeftOut.EXACT_STAGES: "Its stages are told by the stage history",
    LeftOut.OTHER_KIND: "Of another kind",
    LeftOut.CANCELLED: "Cancelled, or not done yet",
    LeftOut.INBOUND: "Inbound",
    LeftOut.OTHER_CATEGORY: "Of another category",
    LeftOut.HAS_OWNER: "A quota of one owner",
    LeftOut.NO_OWNER: "A target of the whole company",
    LeftOut.NO_STAGE: "No stage, or one outside the order of stages",
    LeftOut.STILL_THERE: "Still in this stage",
    LeftOut.NO_CUSTOMER: "No customer",
    LeftOut.NOT_CHURNED: "Not churned",
    LeftOut.NO_DATE: "No date",
    LeftOut.ENDS_FIRST: "Ends before it begins",
    LeftOut.REPEAT: "Repeat: an earlier row counts",
    LeftOut.OUTSIDE_PERIOD: "Outside the period",
    LeftOut.LATER: "Began after this day",
    LeftOut.CHURNED: "Churned by this day",
    LeftOut.OUTSIDE_SLICE: "Outside the slice",
    LeftOut.FILTERED: "Left out by the formula's condition",
    LeftOut.OTHER_STAGE: "In another stage",
    LeftOut.NOT_FOLLOWED: "Not followed in time",
    LeftOut.WAITING: "Not followed yet, there is still time",
    LeftOut.NO_AMOUNT: "No amount",
    LeftOut.NO_RATE: "No exchange rate for its currency on its day",
    LeftOut.CLOSED_FIRST: "Closed before it was created",
    LeftOut.NO_RESPONSE: "No response",
    LeftOut.NO_TIME: "No time of day",
    LeftOut.ANSWERED_FIRST: "Answered before it was created",
    LeftOut.SAME_VALUE: "The same value as a row counted already",
    LeftOut.NO_VALUE: "No value",
}


@dataclass(frozen=True, slots=True)
class Span:
    """The days from `first` to `last` that a part looks at; for what stands on one day both are that day."""

    first: date
    last: date


@dataclass(frozen=True, slots=True)
class Group:
    """The rows left out for one reason, by their numbers in ascending order."""

    reason: LeftOut
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one entity, counted or not.

    A row has a number: the current rows are numbered as in the entity's frame, from 0; behind them come those that a later row
    with the same id replaced, and behind these the held ones. `counted` are the rows that make up the value, with the
    amount that each brings in `amounts` (None where each counts as one). One stay in a stage tells of every stage passed before it
    too: `times` says how often each row counts, None for once. `size` is the number of all rows: those counted and those of every
    group, each once.
    """

    entity: str
    size: int
    counted: Sequence[int]
    amounts: Sequence[float] | None
    times: Sequence[int] | None
    left_out: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """One aggregate behind a value, as the formula of `kpi` has it.

    `value` is in base units, None with a `reason` where it is blank. `span` are the days that it really looks at, time functions
    such as PREVIOUS considered; `stock` says that it counts what stands on one day. `tables` has the entity whose rows it counts;
    two where refunds come from deals and from transactions, none where nothing was imported.
    """

    kpi: str
    text: str
    value: Point
    span: Span
    stock: bool
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """A formula on the way to the value: that of the KPI asked for, or of one it refers to, with its numbers filled in."""

    kpi: str
    label: str
    formula: str
    filled: str
    value: Point
    span: Span


@dataclass(frozen=True, slots=True)
class Explanation:
    """A value with all that it is made of. The last of `steps` is the KPI asked for."""

    kpi: str
    label: str
    display: Display
    period: Period
    as_of: date
    where: tuple[Filter, ...]
    value: Point
    steps: tuple[Step, ...]
    parts: tuple[Part, ...]

    @property
    def formula(self) -> str:
        """The formula."""
        return self.steps[-1].formula

    @property
    def filled(self) -> str:
        """The formula with its numbers filled in."""
        return self.steps[-1].filled


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row with where it came from. `line` counts from 1 as a spreadsheet shows it.

    `cells` are those a reader tells it by, field -> number, ISO date or text; of a held row all cells as they are in the file.
    `replaced_by` is the number of the row that counts instead of a duplicate.
    """

    row: int
    file: str
    sheet: str | None
    line: int
    cells: Mapping[str, str | float | None] = field(default_factory=dict)
    note: str = ""
    replaced_by: int | None = None


def rows_in(table: Table) -> Iterator[Sequence[int]]:
    """Yield the rows of a table by list: those counted, then each group."""
    yield table.counted
    for group in table.left_out:
        yield group.rows
