"""Nodes of a checked formula. Every node carries the span of text it came from: [start, end) in characters.

The same node types serve inside an aggregate (one value per row) and outside (one value per period and slice); the checker
guarantees that `Column` and `Text` occur only inside, `KpiRef`, `Aggregate`, `Conversion` and the window nodes only outside.
Durations are in days, money literals in major units of the workspace currency, percent literals are fractions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from enum import StrEnum

from kpidesk.domain.unit import COUNT, Unit

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes."""

    span: Span


@dataclass(frozen=True, slots=True)
class Number(Node):
    """A literal such as `5`, `12%`, `£500` or `4 HOURS`."""

    value: float
    unit: Unit


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A quoted text. Comparisons with text columns ignore case and outer spaces."""

    value: str


@dataclass(frozen=True, slots=True)
class Day(Node):
    """A date literal as days since 1970-01-01: `"2025-03-31"` beside a date column, or DATE(2025, 3, 31)."""

    value: int


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """TRUE or FALSE."""

    value: bool


@dataclass(frozen=True, slots=True)
class Blank(Node):
    """The literal BLANK."""


@dataclass(frozen=True, slots=True)
class Column(Node):
    """A column of the row set of the surrounding aggregate, one value per row."""

    rows: str
    name: str


@dataclass(frozen=True, slots=True)
class KpiRef(Node):
    """Another KPI, by id."""

    kpi: str


class ConstantName(StrEnum):
    """Constants of the period: its covered length in days, the share of it that has passed."""

    PERIOD_LENGTH = "PERIOD_LENGTH"
    ELAPSED_SHARE = "ELAPSED_SHARE"


@dataclass(frozen=True, slots=True)
class Constant(Node):
    """PERIOD_LENGTH (days; whole months count as 1/12 of 365.25 days) or ELAPSED_SHARE (0 to 1)."""

    name: ConstantName


@dataclass(frozen=True, slots=True)
class Negate(Node):
    """Unary minus."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`operator` is one of + - * / ^. Blank with anything is blank; x / 0 is blank."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """`operator` is one of = <> < <= > >=. With a blank side it is unknown, which is not true."""

    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Membership(Node):
    """`operand [NOT] IN (choices)`."""

    operand: Node
    choices: tuple[Node, ...]
    negated: bool


@dataclass(frozen=True, slots=True)
class Between(Node):
    """`operand BETWEEN low AND high`, both ends inside."""

    operand: Node
    low: Node
    high: Node


@dataclass(frozen=True, slots=True)
class IsBlank(Node):
    """`operand IS [NOT] BLANK`; never unknown."""

    operand: Node
    negated: bool


@dataclass(frozen=True, slots=True)
class Contains(Node):
    """`operand CONTAINS text`, without regard to case."""

    operand: Node
    text: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """Three-valued AND or OR of `operands`; `operator` is "AND" or "OR"."""

    operator: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """Three-valued NOT."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A function of values.

    In rows DAYS NETWORKDAYS HOURS YEAR MONTH WEEKDAY; anywhere IF IFBLANK ABS ROUND MIN MAX POWER; over results GROWTH.
    """

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows an aggregate looks at: a row set by name, its anchor date, and the stage for `reached("Demo")`.

    `name` is a key of `rowsets.ROW_SETS`; `anchor` the date column that decides the period.
    """

    name: str
    anchor: str
    stage: str | None = None


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """`function` over `value` of the rows of `rows` that pass `where`.

    Functions: COUNT (value None), SUM AVERAGE MEDIAN MIN MAX STDEV PERCENTILE (`parameter` 0 to 1) COUNT_DISTINCT. `unit` is that
    of the result.
    """

    function: str
    rows: Rows
    value: Node | None
    where: Node | None
    parameter: float | None = None
    unit: Unit = COUNT


@dataclass(frozen=True, slots=True)
class Proportion(Node):
    """A true proportion: `numerator` counts a subset of the rows that `denominator` counts. Carries k, n and a Wilson interval.

    Comes from SHARE(rows WHERE test) and from COUNT(A) / COUNT(B) with A inside B and the same anchor.
    """

    numerator: Aggregate
    denominator: Aggregate


@dataclass(frozen=True, slots=True)
class Conversion(Node):
    """Share of the `source` rows of the period for which a linked `target` row followed within `within_days` (None: ever)."""

    source: Rows
    source_where: Node | None
    target: Rows
    target_where: Node | None
    within_days: float | None


@dataclass(frozen=True, slots=True)
class Only(Node):
    """A whole KPI or expression restricted to the rows that pass `where`; its columns are looked up in each row set inside."""

    operand: Node
    where: Node


@dataclass(frozen=True, slots=True)
class All(Node):
    """The operand without the slice and the filters of the question; the tests of an ONLY around it stay."""

    operand: Node


class WindowName(StrEnum):
    """Functions that move the window of the expression inside; they compose and never skip an empty period."""

    PREVIOUS = "PREVIOUS"  # `count` periods, or `count` of `unit`, earlier
    LAST_YEAR = "LAST_YEAR"  # the same period a year earlier
    TRAILING = "TRAILING"  # the last `count` periods, or `count` of `unit`, ending where the period ends
    YEAR_TO_DATE = "YEAR_TO_DATE"
    QUARTER_TO_DATE = "QUARTER_TO_DATE"
    MONTH_TO_DATE = "MONTH_TO_DATE"
    IN_MONTH = "IN_MONTH"  # the whole month that contains the period's instant
    IN_QUARTER = "IN_QUARTER"
    IN_YEAR = "IN_YEAR"
    AT_START = "AT_START"  # stocks measured at the start of the window
    AT_END = "AT_END"


class WindowUnit(StrEnum):
    """What `Window.count` counts."""

    PERIOD = "period"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Window(Node):
    """A time function around `operand`. `count` and `unit` matter for PREVIOUS and TRAILING only."""

    name: WindowName
    operand: Node
    count: int = 1
    unit: WindowUnit = WindowUnit.PERIOD


@dataclass(frozen=True, slots=True)
class Caution:
    """What may not be meant, though it has a meaning: W1 a zero in place of a missing number, W2 a result of no known kind."""

    code: str
    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class Checked:
    """A formula that has a meaning.

    `dimensions` are the text columns common to all its row sets, through references too; `references` the ids of the KPIs it names
    directly; `entities` the tables it needs; `warnings` are for the editor. `lacking` says of every other column that some of
    its row sets can be sliced by why it cannot: (column, "costs have no owner").
    """

    text: str
    node: Node
    unit: Unit
    dimensions: frozenset[str]
    references: tuple[str, ...]
    entities: frozenset[str]
    warnings: tuple[Caution, ...] = ()
    lacking: tuple[tuple[str, str], ...] = ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes below it, left to right. KPI references are not followed."""
    waiting = [node]
    while waiting:
        one = waiting.pop()
        yield one
        waiting.extend(reversed(below(one)))


def below(node: Node) -> list[Node]:
    """Return the nodes directly below a node, left to right."""
    found: list[Node] = []
    for field in fields(node):
        value = getattr(node, field.name)
        found.extend(part for part in (value if isinstance(value, tuple) else (value,)) if isinstance(part, Node))
    return found
