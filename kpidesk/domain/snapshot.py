"""What one import saw: a snapshot has a day, and says how it is known."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class DatedBy(StrEnum):
    """What the day of a snapshot was read from, surest first."""

    CHOSEN = "chosen"  # the user said so
    NAME = "name"  # the CRM wrote the day of the export into the file's name
    ROWS = "rows"  # the newest thing that happened in the rows; the export may be a little younger
    FILE = "file"  # when the file was last written, where the rows say nothing
    IMPORT = "import"  # the file gives no sign of its age


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The last day that an import knows of. `evidence` is a sentence."""

    day: date
    by: DatedBy
    evidence: str
