"""Whether a workspace file is sound, and what in its data or definitions wants mending."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from kpidesk.domain.finding import Finding
from kpidesk.domain.importing import BatchInfo, HeldRow, HeldState
from kpidesk.domain.problem import KpideskError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.insight.data_issues import deal_issues, title_issues
from kpidesk.present.numbers import money
from kpidesk.workspace.span import day_number

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Health:
    """What a check found. `faults` are sentences about the file itself; the rest is for the user to mend."""

    faults: tuple[str, ...]
    definitions: tuple[str, ...]
    findings: tuple[Finding, ...]
    held: tuple[tuple[BatchInfo, tuple[HeldRow, ...]], ...]

    @property
    def held_rows(self) -> int:
        """The number of rows of standing imports that could not be read and still wait to be mended."""
        return sum(len(rows) for _, rows in self.held)


def health(workspace: "Workspace", faults: tuple[str, ...], progress: Progress = SILENT) -> Health:
    """Gather what is wrong; `faults` is what the file said of itself."""
    progress.report("Checking definitions")
    definitions = []
    for kpi in workspace.catalog:
        try:
            workspace.checked(kpi.id)
        except KpideskError as error:
            definitions.append(f"{kpi.name}: {error}")
    progress.report("Checking deals")
    currency, day = workspace.settings.currency, day_number(workspace.as_of)
    past = workspace.history
    findings = deal_issues(workspace.frame("deals"), day, lambda amount: money(amount, currency), past.gone(day))
    told = workspace.titled()
    findings += title_issues(told.linked, told.shared, told.unknown)
    findings += past.findings(lambda amount: money(amount, currency))
    standing = (info for info in workspace.imports() if info.undone_at is None and info.waiting)
    held = tuple((info, _waiting(workspace.held_rows(info.id))) for info in standing)
    return Health(faults, tuple(definitions), findings, held)


def _waiting(rows: tuple[HeldRow, ...]) -> tuple[HeldRow, ...]:
    return tuple(row for row in rows if row.state is HeldState.WAITING)
