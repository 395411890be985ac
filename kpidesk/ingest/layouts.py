"""Sheets whose rows are not all records: boards with groups and subitems, grouped lists, records of several lines."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.ingest import headers
from kpidesk.ingest.cells import tidy

_Row = list[Any]
GROUP = "Group"
_ITEM_ID = "item id auto generated"
_DIGITS = re.compile(r"\d{6,}")
_COUNTED = re.compile(r"^(?P<indent>(?: {4})*)(?P<label>\S.*) \((?P<count>\d+)\)$")
_SUBFIELD = re.compile(r"\S/\S")


@dataclass(frozen=True, slots=True)
class Layout:
    """The header and the rows that may be records, with their line numbers, and what was left out of between them."""

    header: _Row
    body: list[_Row]
    numbers: list[int]
    problems: tuple[Problem, ...] = ()


def laid_out(above: Sequence[_Row], header: _Row, body: list[_Row], numbers: list[int]) -> Layout:
    """Take groups, subitems and continued lines out of a sheet. The name of its group is added to each row as a column.

    `above` are the rows over the header, where a board names its first group.
    """
    folded = [headers.fold(cell) if isinstance(cell, str) else "" for cell in header]
    if _ITEM_ID in folded:
        return _board(above, header, body, numbers, folded.index(_ITEM_ID))
    grouped = _grouped(header, body, numbers)
    if grouped is not None:
        return grouped
    return _joined(header, body, numbers)


def stand_alone(header: _Row, body: list[_Row]) -> bool:
    """Whether `laid_out` leaves all rows under a header as they are, whatever comes after the first rows of `body`."""
    first = next((row for row in body if headers.filled(row)), None)
    names = [cell for cell in header if isinstance(cell, str)]
    linked = any(_SUBFIELD.search(name) for name in names) or any(headers.fold(name) == _ITEM_ID for name in names)
    return first is not None and _heading(first) is None and not linked


def _said(code: str, words: str, lines: list[int]) -> tuple[Problem, ...]:
    if not lines:
        return ()
    text = f"{len(lines):,} {words if len(lines) > 1 else words.replace('lines', 'line').replace(' are ', ' is ')}"
    return (Problem(code, Severity.INFO, text, len(lines), tuple(Place(line) for line in lines[:5])),)


def _with_group(row: _Row, width: int, group: str) -> _Row:
    return [*row[:width], *[None] * (width - len(row)), group]


def _width(header: _Row) -> int:
    return max(index + 1 for index, cell in enumerate(header) if not headers.is_empty(cell))


# --- boards


def _is_id(row: _Row, place: int) -> bool:
    return place < len(row) and _DIGITS.fullmatch(tidy(row[place])) is not None


def _board(above: Sequence[_Row], header: _Row, body: list[_Row], numbers: list[int], ids: int) -> Layout:
    """Keep the items of a board: rows with a name and a number in the column of item ids.

    Under an item its subitems follow with a header of their own in other places; under a group stand sums.
    """
    width = _width(header)
    titles = [row for row in above if headers.filled(row) == 1 and not headers.is_empty(row[0])]
    group = tidy(titles[-1][0]) if titles else ""
    kept: list[_Row] = []
    lines: list[int] = []
    subitems: list[int] = []
    others: list[int] = []
    sub_ids = ids
    for row, number in zip(body, numbers, strict=True):
        count = headers.filled(row)
        named = bool(row) and not headers.is_empty(row[0])
        names = [headers.fold(cell) if isinstance(cell, str) else "" for cell in row]
        if named and _is_id(row, ids):
            kept.append(_with_group(row, width, group))
            lines.append(number)
        elif _ITEM_ID in names:
            if names[0] == "subitems":
                sub_ids = names.index(_ITEM_ID)
            others.append(number)
        elif count == 1 and named:
            group = tidy(row[0])
            others.append(number)
        elif count and not named and _is_id(row, sub_ids):
            subitems.append(number)
        elif count:
            others.append(number)
    problems = (
        *_said("subitems", "lines are subitems and are left out: their amounts belong to their item.", subitems),
        *_said("group-lines", "lines are titles, headers or sums of groups and are left out.", others),
    )
    return Layout([*header[:width], GROUP], kept, lines, problems)


# --- grouped lists


def _grouped(header: _Row, body: list[_Row], numbers: list[int]) -> Layout | None:
    """Keep the records of a list whose groups stand as rows (“Won (3)”) with sums in the columns of the records.

    Only where every group has exactly as many records as it says: a company may be called “Orwell (2)”.
    """
    first = next((row for row in body if headers.filled(row)), None)
    if first is None or _heading(first) is None:
        return None
    for count_unnamed in (True, False):
        found = _in_groups(body, count_unnamed=count_unnamed)
        if found is not None:
            width = _width(header)
            kept = [_with_group(body[place], width, group) for place, group in found]
            records = {place for place, _ in found}
            others = [numbers[place] for place, row in enumerate(body) if place not in records and headers.filled(row)]
            words = "lines are groups with sums of the lines under them and are left out."
            lines = [numbers[place] for place, _ in found]
            return Layout([*header[:width], GROUP], kept, lines, _said("group-lines", words, others))
    return None


def _heading(row: _Row) -> tuple[int, str, int] | None:
    """Return depth, label and number of records of a group's row: beside its label it has nothing but sums."""
    found = _COUNTED.match(row[0]) if isinstance(row[0], str) else None
    if found is None or any(any(char.isalpha() or char == ":" for char in tidy(cell)) for cell in row[1:]):
        return None
    return len(found["indent"]) // 4, found["label"], int(found["count"])


@dataclass(slots=True)
class _Open:
    """A group whose records are still coming. `holds` is "" before the first line under it, then groups or records."""

    label: str
    left: int
    holds: str = ""


def _in_groups(body: list[_Row], *, count_unnamed: bool) -> list[tuple[int, str]] | None:
    """Return the records with the path of their group; None when the counts of the groups do not hold."""
    stack: list[_Open] = []
    found: list[tuple[int, str]] = []
    for place, row in enumerate(body):
        if not headers.filled(row) or (headers.is_empty(row[0]) and not count_unnamed):
            continue
        head = _heading(row)
        if head is not None and head[0] == len(stack) and (not stack or stack[-1].holds != "records"):
            if stack:
                stack[-1].holds = "groups"
            stack.append(_Open(head[1], head[2]))
        elif stack and stack[-1].holds != "groups":
            stack[-1].holds = "records"
            found.append((place, " / ".join(one.label for one in stack)))
            for one in stack:
                one.left -= 1
            while stack and stack[-1].left == 0:
                stack.pop()
        else:
            return None
    return None if stack else found


# --- records of several lines


def _joined(header: _Row, body: list[_Row], numbers: list[int]) -> Layout:
    """Leave out lines that continue a record: they fill nothing but columns of linked records, such as “Activities/Summary”."""
    linked = {place for place, cell in enumerate(header) if isinstance(cell, str) and _SUBFIELD.search(cell)}
    if not linked or 0 in linked:
        return Layout(header, body, numbers)
    going_on: set[int] = set()
    for place, row in enumerate(body[1:], start=1):
        used = {index for index, cell in enumerate(row) if not headers.is_empty(cell)}
        if used and used <= linked:
            going_on.add(place)
    if not going_on:
        return Layout(header, body, numbers)
    words = "lines with further linked records of the record above are left out."
    lines = [numbers[place] for place in sorted(going_on)]
    kept = [place for place in range(len(body)) if place not in going_on]
    return Layout(
        header,
        [body[place] for place in kept],
        [numbers[place] for place in kept],
        _said("continued-lines", words, lines),
    )
