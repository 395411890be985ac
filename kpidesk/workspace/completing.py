"""What the imported rows say to someone who types a formula: which column feeds a field, how full it is, what is in it."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.frame import BLANK_CODE, BLANK_DAY
from kpidesk.metrics.engine import Engine
from kpidesk.metrics.table import DayValues, FlagValues, TextValues, Values, folded

_MOST_VALUES = 2_000  # the most frequent texts of a column; names and ids may have a hundred thousand


class ImportedData:
    """Answers from the rows of one engine. `headers` says of an entity which column fed each field, `stages` are in order."""

    def __init__(
        self, engine: Engine, headers: Callable[[str], Mapping[str, str]], stages: tuple[str, ...] = ()
    ) -> None:
        self._engine = engine
        self._headers = headers
        self._stages = stages
        self._known: dict[str, Mapping[str, str]] = {}

    def source(self, rows: str, column: str) -> str:
        """Return the header of the file's column that feeds a column; rows made of deals take it from these."""
        entity = ROW_SETS[rows].entity if rows in ROW_SETS else "deals"
        for name in (entity, "deals"):
            if name not in self._known:
                self._known[name] = self._headers(name)
            if column in self._known[name]:
                return self._known[name][column]
        return ""

    def filled(self, rows: str, column: str) -> float | None:
        """Return the share of rows that have a value, 0 to 1; None without rows."""
        table = self._engine.rows(rows, ROW_SETS[rows].anchors[0]) if rows in ROW_SETS else None
        if table is None or not table.rows:
            return None
        return _filled(table.columns[column]) if column in table.columns else 0.0

    def values(self, rows: str, column: str) -> Sequence[str]:
        """Return the texts of a column as most rows spell them, the most frequent first."""
        table = self._engine.rows(rows, ROW_SETS[rows].anchors[0])
        found = table.columns.get(column) if table is not None else None
        if not isinstance(found, TextValues):
            return self._stages if (rows, column) == ("stage_reached", "stage") else ()
        counts = np.bincount(found.codes + 1, minlength=len(found.values) + 1)[1:]
        order = np.argsort(-counts, kind="stable")[:_MOST_VALUES]
        spelled: dict[str, str] = {}
        for code in order[counts[order] > 0].tolist():
            spelled.setdefault(folded(found.values[code]), found.values[code])
        return tuple(spelled.values())


def _filled(values: Values) -> float:
    match values:
        case TextValues():
            known = values.codes != BLANK_CODE
        case DayValues():
            known = values.days != BLANK_DAY
        case FlagValues():
            known = values.values >= 0
        case _:
            known = np.isfinite(values)
    return float(np.mean(known))
