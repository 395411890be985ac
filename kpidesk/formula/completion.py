"""What completion hands to the editor, and what it asks of the imported rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kpidesk.formula.nodes import Span


class Kind(StrEnum):
    """What a completion is."""

    KPI = "KPI"
    FUNCTION = "function"
    CONSTANT = "constant"
    ROWS = "rows"
    COLUMN = "column"
    VALUE = "value"
    KEYWORD = "keyword"
    OPERATOR = "operator"
    UNIT = "unit of time"


@dataclass(frozen=True, slots=True)
class Completion:
    """One thing that can be typed: `text` takes the place of `span`, `label` is what the list says.

    `type` is the unit of a KPI, what a column holds, or where a function stands; `summary` one sentence, `example` a formula.
    `source` is the column of the imported file that feeds a column and `filled` the share of rows with a value, where known.
    """

    text: str
    span: Span
    label: str
    kind: Kind
    type: str = ""
    summary: str = ""
    example: str = ""
    source: str = ""
    filled: float | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The function around the caret. `active` is the place of the caret's value in `parameters`; the last may be repeated."""

    function: str
    parameters: tuple[str, ...]
    active: int
    summary: str
    example: str


@dataclass(frozen=True, slots=True)
class Help:
    """What the editor shows at the caret: completions, the best first, and the function around it."""

    completions: tuple[Completion, ...] = ()
    signature: Signature | None = None


class Data(Protocol):
    """What is known of the imported rows."""

    def source(self, rows: str, column: str) -> str:
        """Return the header of the file's column that feeds a column of a row set; "" when none is known."""

    def filled(self, rows: str, column: str) -> float | None:
        """Return the share of rows that have a value, 0 to 1; None without rows."""

    def values(self, rows: str, column: str) -> Sequence[str]:
        """Return the values of a text column, the most frequent first."""


class NoData:
    """Nothing was imported."""

    def source(self, rows: str, column: str) -> str:  # noqa: ARG002 - the protocol's names
        """Return no header."""
        return ""

    def filled(self, rows: str, column: str) -> float | None:  # noqa: ARG002 - the protocol's names
        """Return no share."""
        return None

    def values(self, rows: str, column: str) -> Sequence[str]:  # noqa: ARG002 - the protocol's names
        """Return no value."""
        return ()
