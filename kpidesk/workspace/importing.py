"""A file read and typed but not saved: what the import wizard and a dry run look at."""

from dataclasses import dataclass

from kpidesk.domain.importing import Preview, PreviewRow
from kpidesk.frame import Batch
from kpidesk.ingest.interpret import Interpretation
from kpidesk.present.feeds import FileFeeds


@dataclass(frozen=True, slots=True)
class PendingImport:
    """The file as it will be read. `batch` is None while a blocking problem waits for an answer.

    `feeds` says which KPIs the file makes possible. `revision` is that of the workspace when `preview.effect` was worked out;
    `signature` names the layout for remembering; `remembered` says that choices made for it, or for one like it, were taken over.
    """

    preview: Preview
    batch: Batch | None
    signature: str
    revision: int
    interpretation: Interpretation
    feeds: FileFeeds
    remembered: bool

    def preview_rows(self, first: int, count: int) -> tuple[PreviewRow, ...]:
        """Return up to `count` rows from the 0-based row `first` on, held ones included, as they will be read."""
        return self.interpretation.preview_rows(first, count)
