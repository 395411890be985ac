"""A file read and typed but not saved: what the import wizard and a dry run look at."""

from collections.abc import Iterable
from dataclasses import dataclass

from kpidesk.domain.importing import BatchInfo, Preview, PreviewRow
from kpidesk.domain.problem import Problem, Severity
from kpidesk.frame import Batch
from kpidesk.ingest.interpret import Interpretation
from kpidesk.present.numbers import day


@dataclass(frozen=True, slots=True)
class PendingImport:
    """The file as it will be read. `batch` is None while a blocking problem waits for an answer.

    `revision` is that of the workspace when `preview.effect` was worked out; `signature` names the layout for remembering.
    """

    preview: Preview
    batch: Batch | None
    signature: str
    revision: int
    interpretation: Interpretation

    def preview_rows(self, first: int, count: int) -> tuple[PreviewRow, ...]:
        """Return up to `count` rows from the 0-based row `first` on, held ones included, as they will be read."""
        return self.interpretation.preview_rows(first, count)


def older(batch: Batch, known: Iterable[BatchInfo]) -> tuple[Problem, ...]:
    """Say that a file is older than what is imported already, whose cells then stay."""
    seen = batch.snapshot
    newer = [
        (one.snapshot.day, one.file_name)
        for one in known
        if one.undone_at is None and one.entity == batch.frame.entity and one.snapshot is not None and seen is not None
        if one.snapshot.day > seen.day
    ]
    if seen is None or not newer:
        return ()
    last, name = max(newer)
    text = (
        f"This file is of {day(seen.day)}, older than {name} of {day(last)}. {seen.evidence} "
        "What newer files say stays; this one adds what they lack, and the past."
    )
    return (Problem("older-file", Severity.INFO, text, len(batch.keys)),)
