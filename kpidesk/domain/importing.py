"""An import as the user sees it: what was chosen, what was recognised, what it will do and what it did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from kpidesk.domain.problem import Problem, Severity
from kpidesk.domain.snapshot import Snapshot


class DateOrder(StrEnum):
    """In which order a date such as 03/07/2026 is read. BY_MARK is for a column where each separator has an order of its own."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"
    BY_MARK = "by-mark"


KEPT = "kept"
PERIOD = ("value_period", "*")
UNIT = ("value_unit", "*")


def kept_key(field: str, text: str) -> tuple[str, str]:
    """Return the key of `Choices.values` under which KEPT says that the user looked at a value and left it as it is."""
    return f"{field} {KEPT}", text


@dataclass(frozen=True, slots=True)
class Choices:
    """What the user decided. Everything left None or empty is recognised from the file.

    `mapping` is field name -> column header, and a field mapped to "" is left out. `values` is (field, cell text) -> the text
    to read instead, where "" means blank: it answers unknown stages (`("stage", "Contract out"): "Negotiation"`), outcomes
    (`("status", "Signed"): "won"`) and unreadable cells.
    Under PERIOD stands “year” or “month”: how much of an amount that is paid again and again counts; under UNIT “cents” or “whole”.
    `stage_status` is stage name -> open | won | lost. Lookups in `values` and `stage_status` ignore case and outer spaces.
    `snapshot` is the day the file was exported on; it belongs to this one file and is not remembered.
    """

    entity: str | None = None
    profile: str | None = None
    sheet: str | None = None
    header_line: int | None = None
    mapping: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)
    stage_status: Mapping[str, str] = field(default_factory=dict)
    date_order: DateOrder | None = None
    decimal: str | None = None  # "." or ","
    remember: bool = True
    snapshot: date | None = None


@dataclass(frozen=True, slots=True)
class ColumnMatch:
    """One column of the file: which field it feeds (None: kept as an extra column), how sure that is, and what is in it.

    `confidence` 0 to 1; `filled` share of rows with a value; `note` a few words for the Check column with its `severity`.
    `feeds` is another table that the column feeds, "" for none.
    """

    column: str
    field: str | None
    confidence: float
    filled: float
    first_value: str
    note: str = ""
    severity: Severity = Severity.INFO
    feeds: str = ""


@dataclass(frozen=True, slots=True)
class StageValue:
    """One stage met in the file: how many rows, and whether it means open, won or lost (None: the user has to say)."""

    stage: str
    rows: int
    status: str | None
    known: bool


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One row as it will be read: `cells` by field name as display text; `held` names the field that cannot be read, if any."""

    line: int
    cells: Mapping[str, str]
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Effect:
    """What the import will do, or did. `totals` are (label, before, after) amounts in the workspace's currency."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    held: int = 0
    totals: tuple[tuple[str, float | None, float | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Also:
    """A further table that the same file feeds: what the import will do, or did, to it."""

    entity: str
    effect: Effect


@dataclass(frozen=True, slots=True)
class Preview:
    """A file as KPIDesk will read it, before anything is saved.

    `profile` is the id of the recognised CRM profile, `profile_label` its name. `date_evidence` says why dates are read as
    they are. `rows` are the first rows; `PendingImport.preview_rows(first, count)` gives others.
    """

    file_name: str
    file_hash: str
    sheet: str | None
    sheets: tuple[str, ...]
    header_line: int
    entity: str
    profile: str
    profile_label: str
    row_count: int
    matches: tuple[ColumnMatch, ...]
    stages: tuple[StageValue, ...]
    problems: tuple[Problem, ...]
    rows: tuple[PreviewRow, ...]
    choices: Choices
    date_order: DateOrder | None = None
    date_evidence: str = ""
    effect: Effect = Effect()
    snapshot: Snapshot | None = None
    also: tuple[Also, ...] = ()

    @property
    def blocking(self) -> tuple[Problem, ...]:
        """Problems that must be answered before the import."""
        return tuple(problem for problem in self.problems if problem.severity is Severity.BLOCKING)

    @property
    def unmapped(self) -> tuple[str, ...]:
        """Columns kept without a field."""
        return tuple(match.column for match in self.matches if match.field is None and not match.feeds)


class HeldState(StrEnum):
    """What became of a row that could not be read."""

    WAITING = "waiting"
    DISMISSED = "dismissed"  # the user said that it does not matter; it can be brought back
    REPAIRED = "repaired"  # a later import brought it with mended cells


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that could not be read: nothing of it is lost. `cells` is column header -> text as in the file.

    `id` names it among the held rows of the workspace; 0 while it is not saved.
    """

    line: int
    code: str
    reason: str
    column: str | None
    cells: Mapping[str, str]
    id: int = 0
    state: HeldState = HeldState.WAITING


@dataclass(frozen=True, slots=True)
class BatchInfo:
    """One import in the list of imports. `imported_at` is UTC; `undone_at` None while it stands.

    `effect.held` counts the rows that could not be read; `waiting` of them are still to be mended, `dismissed` were set aside.
    `repairs` is the import whose held rows this one brings, None for the import of a file. `part_of` is the import of the same
    file that this one belongs to, where the file feeds several tables.
    """

    id: int
    entity: str
    file_name: str
    file_hash: str
    sheet: str | None
    profile: str
    imported_at: datetime
    rows: int
    effect: Effect
    extra_columns: tuple[str, ...] = ()
    first_day: date | None = None
    last_day: date | None = None
    undone_at: datetime | None = None
    waiting: int = 0
    dismissed: int = 0
    repairs: int | None = None
    snapshot: Snapshot | None = None
    part_of: int | None = None


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `batch` is None when the file was already in the workspace and nothing changed."""

    preview: Preview
    batch: int | None
    effect: Effect
    already_imported: bool = False
