"""Columns into typed columns: every mapped cell becomes a value, a blank, or holds its row with a reason."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from kpidesk.domain.entity import DEALS, Entity, FieldType
from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.frame import BLANK_CODE, BLANK_DAY, Column, NumberColumn, TextColumn, TimeColumn
from kpidesk.ingest import cells
from kpidesk.ingest.detect import TELLING, Match
from kpidesk.ingest.distinct import (
    Distinct,
    Read,
    cells_of_nothing,
    distinct,
    flag_column,
    number_column,
    replaced,
    spread,
    text_column,
    time_column,
)
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.styles import ORDER_WORDS, DateStyle, NumberStyle, date_styles, number_styles

_WHAT = {
    FieldType.MONEY: "an amount",
    FieldType.NUMBER: "a number",
    FieldType.DATE: "a date",
    FieldType.FLAG: "yes or no",
}
_NOT = {
    FieldType.MONEY: "not numbers",
    FieldType.NUMBER: "not numbers",
    FieldType.DATE: "not dates",
    FieldType.FLAG: "not yes or no",
}


_WORDS_NAMED = 3


@dataclass(slots=True)
class Cast:
    """Typed columns of shape (rows,) by field. `held` of shape (rows,) indexes `reasons`, the codes and fields that rows are held by.

    -1 is a row that is not held.
    """

    rows: int
    columns: dict[str, Column] = field(default_factory=dict)
    distincts: dict[str, Distinct] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    held: npt.NDArray[np.int16] = field(default_factory=lambda: np.empty(0, dtype=np.int16))
    reasons: list[tuple[str, str]] = field(default_factory=list)
    dates: dict[str, DateStyle] = field(default_factory=dict)
    numbers: dict[str, NumberStyle] = field(default_factory=dict)
    bad: dict[str, int] = field(default_factory=dict)
    currencies: TextColumn | None = None

    def hold(self, rows: npt.NDArray[np.bool_], code: str, by: str) -> None:
        """Hold rows that are not held already."""
        self.held[rows & (self.held < 0)] = len(self.reasons)
        self.reasons.append((code, by))


def cast(raw: RawTable, match: Match, choices: Choices, zone: str) -> Cast:
    """Type every mapped column of a table."""
    entity = match.entity
    done = Cast(raw.rows, held=np.full(raw.rows, -1, dtype=np.int16))
    kinds = {name: entity.field(name).type for name in match.fields}
    for name, index in match.fields.items():
        done.distincts[name] = _in_our_words(done, match, name, _column(raw, match, name, index, choices))
    dates = {
        raw.header[match.fields[name]]: done.distincts[name] for name, kind in kinds.items() if kind is FieldType.DATE
    }
    numbers = {
        raw.header[match.fields[name]]: done.distincts[name]
        for name, kind in kinds.items()
        if kind in (FieldType.MONEY, FieldType.NUMBER)
    }
    done.dates = date_styles(dates, choices.date_order, raw.rows)
    _suggest_order(done, raw, match, zone)
    done.numbers = number_styles(numbers, choices.decimal, raw.delimiter)
    seen: set[str] = set()
    asked = [*(style.problem for style in done.dates.values()), *(style.problem for style in done.numbers.values())]
    for problem in asked:
        if problem is not None and problem.message not in seen:
            seen.add(problem.message)
            done.problems.append(problem)
    gaps = [name for name in kinds if _cast_field(done, raw, match, name, zone)]
    words = {
        (word, raw.header[match.fields[name]]): count
        for name, kind in ((name, kinds[name]) for name in gaps)
        for word, count in cells_of_nothing(done.distincts[name], kind).items()
    }
    if words:
        done.problems.append(_nothing(words))
    return done


def _nothing(words: Mapping[tuple[str, str], int]) -> Problem:
    """Say which words were read as blank, how often and where."""
    ranked = sorted(words.items(), key=lambda item: -item[1])
    listed = [
        f"“{word}” {count:,} {'time' if count == 1 else 'times'} in “{header}”" for (word, header), count in ranked
    ]
    more = f" and {len(listed) - _WORDS_NAMED:,} more" if len(listed) > _WORDS_NAMED else ""
    total = sum(words.values())
    cells_stand = "cell stands for nothing and is" if total == 1 else "cells stand for nothing and are"
    text = f"{total:,} {cells_stand} read as blank: {', '.join(listed[:_WORDS_NAMED])}{more}."
    values = tuple(dict.fromkeys(word for (word, _), _ in ranked))
    return Problem("null-words", Severity.INFO, text, total, values=values[:8])


def _suggest_order(done: Cast, raw: RawTable, match: Match, zone: str) -> None:
    """Say under which order fewer deals close before they were created, and offer it first. The user still chooses."""
    pair = [(name, raw.header[match.fields[name]]) for name in ("created", "closed") if name in match.fields]
    asked = {header: style for _, header in pair if (style := done.dates[header]).problem is not None}
    if match.entity is not DEALS or len(pair) < len(("created", "closed")) or not asked:
        return
    orders = [DateOrder(value) for style in asked.values() if style.problem for value in style.problem.options]
    backwards: dict[DateOrder, int] = {}
    for order in dict.fromkeys(orders):
        created, closed = (
            _days(time_column(done.distincts[name], style.reading(style.order or order), zone).column)
            for name, style in ((name, done.dates[header]) for name, header in pair)
        )
        backwards[order] = int(np.count_nonzero((closed < created) & (closed != BLANK_DAY) & (created != BLANK_DAY)))
    ranked = sorted(backwards, key=backwards.__getitem__)  # the offered order stays among equals
    better, *others = ranked
    if backwards[better] == backwards[others[-1]]:
        return
    words = [f"{ORDER_WORDS[order]}, {backwards[order]:,}" for order in reversed(others)]
    worst = backwards[others[-1]]
    words[0] += f" {'deal closes' if worst == 1 else 'deals close'} before the day of creation"
    hint = "; ".join([*words, f"{ORDER_WORDS[better]}, {backwards[better] or 'none'}"])
    for header, style in asked.items():
        if style.problem is not None:
            own = tuple(order.value for order in ranked if order.value in style.problem.options)
            message = f"{style.problem.message} {hint[0].upper()}{hint[1:]}."
            done.dates[header] = replace(style, problem=replace(style.problem, message=message, options=own))


def _days(column: Column) -> npt.NDArray[np.int32]:
    return column.days if isinstance(column, TimeColumn) else np.empty(0, dtype=np.int32)


def _column(raw: RawTable, match: Match, name: str, index: int, choices: Choices) -> Distinct:
    """Return a field's column with the blanks filled from its further columns and the user's replacements in place."""
    column = raw.columns[index]
    for other in match.also.get(name, ()):
        empty = np.array(
            [cell is None or (isinstance(cell, str) and not cell.strip()) for cell in column], dtype=np.bool_
        )
        if not empty.any():
            break
        column = np.where(empty, raw.columns[other], column)
    swaps = {
        cells.tidy(cell).casefold(): text for (field_name, cell), text in choices.values.items() if field_name == name
    }
    return replaced(distinct(column), swaps)


def _in_our_words(done: Cast, match: Match, name: str, column: Distinct) -> Distinct:
    """Put the words that KPIs ask for in place of what others write for them, and say so: `Overheads` is overhead."""
    words = match.profile.words[match.entity.name].get(name)
    if not words:
        return column
    met = [(cells.tidy(cell), count) for cell, count in zip(column.cells, column.counts, strict=True) if count]
    read = {text: words[text.casefold()] for text, _ in met if text.casefold() in words}
    if not read:
        return column
    label = match.entity.field(name).label.lower()
    listed = ", ".join(f"“{text}” is {word}" for text, word in list(read.items())[:_WORDS_NAMED])
    text = f"Other words for the same {label} are read as one: {listed}."
    count = sum(count for text, count in met if text in read)
    done.problems.append(Problem("other-words", Severity.INFO, text, count, values=tuple(read)[:8]))
    return replaced(column, {text.casefold(): word for text, word in read.items()})


def _cast_field(done: Cast, raw: RawTable, match: Match, name: str, zone: str) -> bool:
    """Type one field; returns whether some of its cells may be words for nothing."""
    entity, header = match.entity, raw.header[match.fields[name]]
    kind = entity.field(name).type
    column = done.distincts[name]
    read: Read
    match kind:
        case FieldType.ID:
            texts = _ids(done, column, header, linked=name not in entity.key)
            done.columns[name] = texts
            return len(texts.values) < len(column.cells)
        case FieldType.TEXT | FieldType.LABEL:
            read_text = cells.label if kind is FieldType.LABEL else cells.free_text
            texts = text_column(column, read_text)
            done.columns[name] = texts
            return len(texts.values) < len(column.cells)
        case FieldType.FLAG:
            read = flag_column(column)
        case FieldType.DATE:
            style = done.dates[header]
            order = style.order
            if order is None and style.problem is not None:
                order = DateOrder(
                    style.problem.options[0]
                )  # for the preview: nothing is imported before the user chooses
            read = time_column(column, style.reading(order), zone, month_end=name == "end")
        case _:
            read = number_column(column, done.numbers[header].decimal)
            if kind is FieldType.MONEY and read.currencies is not None and done.currencies is None:
                done.currencies = read.currencies
    done.columns[name] = read.column
    bad = int(np.count_nonzero(read.bad))
    if bad:
        done.bad[name] = bad
        done.hold(read.bad, f"unreadable-{name}", name)
        done.problems.append(_unreadable(done, raw, entity, name, kind, header, read.bad, bad))
    return read.nulls > 0 or kind is FieldType.FLAG


def _ids(done: Cast, column: Distinct, header: str, *, linked: bool) -> TextColumn:
    """Read ids, which stay text. A cell that links several records links its first one, and that is said."""
    rounded = cells.rounded_ids(column.cells)
    if rounded:
        text = (
            f"“{header}” holds {'an id' if len(rounded) == 1 else f'{len(rounded):,} ids'} that a spreadsheet took for a number and cut"
            f" after fifteen digits, such as {cells.tidy(rounded[0])}. Different records may have the same one. Import the export of"
            " the CRM itself, without opening and saving it first."
        )
        done.problems.append(Problem("rounded-ids", Severity.CHECK, text, len(rounded)))
    if cells.ids_are_plain(column.cells):
        return text_column(column, cells.free_text)
    several = {index for index, cell in enumerate(column.cells) if linked and len(cells.ids(cell)) > 1}
    if several:
        count = sum(column.counts[index] for index in several)
        cells_link = "cell links" if count == 1 else "cells link"
        text = f"{count:,} {cells_link} several records in “{header}”. The first of them counts."
        done.problems.append(Problem("several-linked", Severity.INFO, text, count))
    plain = [next(iter(cells.ids(cell)), "") if linked else cells.plain_id(cell) for cell in column.cells]
    places = {text: place for place, text in enumerate(dict.fromkeys(text for text in plain if text))}
    codes = np.array([places.get(text, BLANK_CODE) for text in plain], dtype=np.int32)
    return TextColumn(spread(column, codes, BLANK_CODE), tuple(places))


def _unreadable(
    done: Cast,
    raw: RawTable,
    entity: Entity,
    name: str,
    kind: FieldType,
    header: str,
    rows: npt.NDArray[np.bool_],
    count: int,
) -> Problem:
    places = np.flatnonzero(rows)
    column = done.distincts[name]
    values = tuple(dict.fromkeys(cells.tidy(column.cells[column.codes[row]]) for row in places[:200]))[:6]
    noun = entity.field(name).label.lower()
    things = (
        f"1 cell in “{header}” is not {_WHAT[kind]}"
        if count == 1
        else f"{count:,} cells in “{header}” are {_NOT[kind]}"
    )
    text = f"{things}. {'Its row is' if count == 1 else 'Their rows are'} held until you repair the {noun} or treat it as blank."
    spots = tuple(Place(int(raw.lines[row]), header) for row in places[:5])
    return Problem(f"unreadable-{name}", Severity.HELD, text, count, spots, values)


def blank_rows(column: Column) -> npt.NDArray[np.bool_]:
    """Return which rows of a typed column have no value."""
    match column:
        case TextColumn():
            return np.asarray(column.codes == BLANK_CODE)
        case TimeColumn():
            return np.asarray(column.days == BLANK_DAY)
        case NumberColumn():
            return np.asarray(np.isnan(column.values))
    return np.asarray(column.values == -1)


def require(done: Cast, raw: RawTable, match: Match, *, part: bool = False) -> None:
    """Hold rows without a required value, and rows without an id where the file has ids, as it may in its other `part`s."""
    entity = match.entity
    needed: Mapping[str, str] = {
        **{one.name: "missing" for one in entity.fields if one.required and one.name in done.columns},
        **{name: "missing-id" for name in entity.key if name in done.columns},
    }
    for name, code in needed.items():
        rows = blank_rows(done.columns[name]) & (done.held < 0)
        count = int(np.count_nonzero(rows))
        if count == raw.rows and code == "missing-id" and not part:
            del done.columns[name]
            continue
        if count:
            done.hold(rows, f"{code}-{name}" if code == "missing" else code, name)
            header = raw.header[match.fields[name]]
            spots = tuple(Place(int(raw.lines[row]), header) for row in np.flatnonzero(rows)[:5])
            text = f"{count:,} {'row has' if count == 1 else 'rows have'} nothing in “{header}” and {'is' if count == 1 else 'are'} held."
            done.problems.append(Problem(f"{code}-{name}", Severity.HELD, text, count, spots))
    _hold_empty(done, raw, match)
    absent = [one.label for one in entity.fields if one.required and one.name not in done.columns]
    if absent:
        names = " and ".join(f"“{name}”" for name in absent)
        text = f"{entity.label} need {'a column' if len(absent) == 1 else 'columns'} for {names}. Match {'it' if len(absent) == 1 else 'them'} to a column of this file."
        done.problems.append(Problem("missing-field", Severity.BLOCKING, text, values=tuple(absent)))


def _hold_empty(done: Cast, raw: RawTable, match: Match) -> None:
    """Hold rows with nothing in any column that makes a record of them, such as notes beside or under a table."""
    telling = [name for name in (*TELLING[match.entity.name], "name") if name in match.fields and name in done.columns]
    rows = done.held < 0
    for name in telling:
        rows = rows & blank_rows(done.columns[name])
    count = int(np.count_nonzero(rows))
    if not telling or not count:
        return
    done.hold(rows, "nothing-told", telling[0])
    names = ", ".join(f"“{raw.header[match.fields[name]]}”" for name in telling)
    text = f"{count:,} {'row has' if count == 1 else 'rows have'} nothing in {names} and {'is' if count == 1 else 'are'} held."
    spots = tuple(Place(int(raw.lines[row])) for row in np.flatnonzero(rows)[:5])
    done.problems.append(Problem("nothing-told", Severity.HELD, text, count, spots))
