"""A table as it stands in a file, before anything is believed of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from kpidesk.domain.problem import Problem
from kpidesk.ingest.coded import Coded

Cells = npt.NDArray[np.object_]
"""Cells of one column: text as in the file, or float, datetime and date where a spreadsheet stores them typed; None is empty."""


@dataclass(frozen=True, slots=True)
class RawTable:
    """The data rows of one sheet. `columns` has one array of shape (rows,) per header; `lines` their line numbers in the file.

    `ragged` are rows that do not fit the header: (line, cells). `delimiter` and `encoding` are empty for spreadsheets.
    """

    path: Path
    file_name: str
    file_hash: str
    sheet: str | None
    sheets: tuple[str, ...]
    header: tuple[str, ...]
    header_line: int
    columns: tuple[Cells | Coded, ...]
    lines: npt.NDArray[np.int32]
    ragged: tuple[tuple[int, tuple[str, ...]], ...]
    problems: tuple[Problem, ...]
    delimiter: str = ""
    encoding: str = ""

    @property
    def rows(self) -> int:
        """The number of data rows that fit the header."""
        return len(self.lines)
