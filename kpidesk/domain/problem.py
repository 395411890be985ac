"""What is wrong with data (a value, returned) and what could not be done (an error, raised)."""

from dataclasses import dataclass
from enum import IntEnum


class Severity(IntEnum):
    """How much a problem matters, and so how it is grouped on the screen."""

    INFO = 0  # for information
    CHECK = 1  # read in one way, another is possible
    HELD = 2  # these rows are held until repaired; the rest goes on
    BLOCKING = 3  # nothing can be imported before this is answered


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a file. `line` counts from 1 as a spreadsheet shows it; None is all of the column or file."""

    line: int | None = None
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """Trouble in data, as a value in a list.

    `code` is a stable kebab-case name; `message` a sentence for the user; `count` how many rows it concerns; `places` the
    first few; `values` the first few distinct offending cells; `options` the readings the user can choose from.
    """

    code: str
    severity: Severity
    message: str
    count: int = 1
    places: tuple[Place, ...] = ()
    values: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


class KpideskError(Exception):
    """Something could not be done. `str(error)` is the sentence for the user: what happened, that nothing changed, what to do."""


class FileUnreadableError(KpideskError):
    """The file cannot be read as a table."""


class WorkspaceError(KpideskError):
    """The workspace file cannot be opened or written."""


class WorkspaceGoneError(WorkspaceError):
    """The file of the open workspace is no longer where it was: its disk was taken out, or it was moved."""


class ImportRefusedError(KpideskError):
    """The import needs an answer first. `problems` says which."""

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class QueryError(KpideskError):
    """A question that has no meaning: an unknown KPI, a dimension the KPI has not, a period that ends before it starts."""


class DefinitionError(KpideskError):
    """A KPI that cannot be defined, renamed or removed in this way."""


class CancelledError(KpideskError):
    """The user cancelled. Nothing changed."""
