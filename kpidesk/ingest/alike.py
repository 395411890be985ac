"""Values that may be one: two spellings of a name, and numbers that may stand for nothing. Asked, never decided."""

import re
import unicodedata
from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt

from kpidesk.domain.entity import Entity, FieldType
from kpidesk.domain.importing import Choices, kept_key
from kpidesk.domain.problem import Problem, Severity
from kpidesk.frame import NumberColumn, TextColumn
from kpidesk.ingest.cast import Cast
from kpidesk.ingest.cells import tidy

_BETWEEN_DIGITS = re.compile(r"(?<=\d)[^\w\0]+(?=\d)")
_MARKS = re.compile(r"[^\w\0]+|_")
_NOT_NAMES = frozenset({"status", "currency", "direction"})
_NAMES = frozenset({"account"})
_MOST = 8
_FEWEST_PLACEHOLDERS = 2


def _core(text: str) -> str:
    """Fold a name to its letters and digits; a mark between two digits stays, since 1.0 is not 10."""
    plain = text.casefold()
    if not plain.isascii():
        plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    if _BETWEEN_DIGITS.search(plain):
        plain = _BETWEEN_DIGITS.sub("\0", plain)
    return _MARKS.sub("", plain)


def near_equal(done: Cast, entity: Entity, choices: Choices, earlier: Mapping[str, Collection[str]]) -> list[Problem]:
    """Return one question a field for names that differ in case, spaces, accents or punctuation only.

    `earlier` is field -> values of earlier imports. `values` of the problem are the spellings, `options` beside each the one to
    merge it into: that of earlier imports, else the one with most rows.
    """
    problems = []
    for field in entity.fields:
        column = done.columns.get(field.name)
        is_name = field.type is FieldType.LABEL and field.name not in _NOT_NAMES
        if not isinstance(column, TextColumn) or not (is_name or field.name in _NAMES):
            continue
        counts = np.bincount(column.codes + 1, minlength=len(column.values) + 1)[1:]
        rows = {value: int(count) for value, count in zip(column.values, counts, strict=True) if count}
        groups: dict[str, list[str]] = {}
        for value in {**dict.fromkeys(earlier.get(field.name, ())), **dict.fromkeys(rows)}:
            groups.setdefault(_core(value), []).append(value)
        pairs = [pair for core, group in groups.items() if core and len(group) > 1 for pair in _pairs(group, rows)]
        pairs = [pair for pair in pairs if not choices.values.get(kept_key(field.name, pair[0]))]
        if not pairs:
            continue
        pairs.sort(key=lambda pair: -rows[pair[0]])
        first, into = pairs[0]
        others = len(pairs) - 1
        more = "" if not others else " So does one other pair." if others == 1 else f" So do {others:,} other pairs."
        text = (
            f"“{first}” and “{into}” in “{field.label}” look like one value. {rows[first]:,} {'row has' if rows[first] == 1 else 'rows have'} "
            f"the first spelling, {rows.get(into, 0):,} the second.{more} They count apart until you merge them."
        )
        count = sum(rows[spelling] for spelling, _ in pairs)
        spellings, targets = zip(*pairs[:_MOST], strict=True)
        problems.append(Problem(f"near-equal-{field.name}", Severity.CHECK, text, count, (), spellings, targets))
    return problems


def _pairs(group: list[str], rows: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return (spelling of this file, spelling to merge it into); one of earlier imports comes first."""
    told = [value for value in group if value not in rows]
    into = told[0] if told else max(group, key=lambda value: rows[value])
    return [(value, into) for value in group if value != into and value in rows]


def placeholders(done: Cast, choices: Choices) -> list[Problem]:
    """Return a question where amounts of -1 or 0 may stand for nothing, as some exports write them.

    -1 does where it is the only negative amount and comes more than once, 0 where it comes more than once and no cell is blank.
    """
    column = done.columns.get("amount")
    if not isinstance(column, NumberColumn):
        return []
    values = column.values
    below, zero = values < 0, values == 0
    found = []
    if int(np.count_nonzero(below)) >= _FEWEST_PLACEHOLDERS and (values[below] == -1).all():
        text = f"{int(np.count_nonzero(below)):,} amounts are -1 and none is another negative number. They count as -1 until you treat them as blank."
        found.append((below, text))
    if int(np.count_nonzero(zero)) >= _FEWEST_PLACEHOLDERS and not np.isnan(values).any() and (values > 0).any():
        text = f"{int(np.count_nonzero(zero)):,} of {len(values):,} amounts are 0 and no cell is blank{_whose(done, zero)}, so 0 may stand for nothing. "
        found.append((zero, text + "They count as 0 until you treat them as blank."))
    cells = done.distincts["amount"]
    problems = []
    for rows, text in found:
        written = {tidy(cells.cells[code]) for code in np.unique(cells.codes[rows])}
        if not any(choices.values.get(kept_key("amount", one)) for one in written):
            count = int(np.count_nonzero(rows))
            problems.append(Problem("placeholder-amount", Severity.CHECK, text, count, values=tuple(sorted(written))))
    return problems


def _whose(done: Cast, rows: npt.NDArray[np.bool_]) -> str:
    """Say that none of some deals is won, where that is so: what is won has a price."""
    status = done.columns.get("status")
    if not isinstance(status, TextColumn) or "won" not in status.values:
        return ""
    won = status.codes == status.values.index("won")
    return ", and no won deal has it" if won.any() and not (won & rows).any() else ""
