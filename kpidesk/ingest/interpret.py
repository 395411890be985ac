"""A raw table and the user's choices in, a preview and typed rows out."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.entity import COSTS, DEALS, TARGETS, Entity, FieldType
from kpidesk.domain.importing import Choices, ColumnMatch, DateOrder, HeldRow, Preview, PreviewRow, StageValue
from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.domain.settings import Settings
from kpidesk.frame import (
    BLANK_DAY,
    BLANK_INSTANT,
    Batch,
    Column,
    FlagColumn,
    Frame,
    NumberColumn,
    Replaced,
    TextColumn,
    TimeColumn,
)
from kpidesk.ingest import cells
from kpidesk.ingest.alike import near_equal, placeholders
from kpidesk.ingest.cast import Cast, blank_rows, cast, require
from kpidesk.ingest.crosstab import PERIOD_END
from kpidesk.ingest.deals import deals
from kpidesk.ingest.detect import Match, detect
from kpidesk.ingest.display import display
from kpidesk.ingest.distinct import distinct, text_column
from kpidesk.ingest.headers import fold
from kpidesk.ingest.outcome import OPEN
from kpidesk.ingest.periods import periods, units
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.shape import shaped
from kpidesk.ingest.styles import ORDER_WORDS

PREVIEW_ROWS = 50
_MANY_UNLIKE = 5
KnownValues = Callable[[str], Mapping[str, Collection[str]]]
"""Entity -> field -> the texts of earlier imports."""


@dataclass(frozen=True, slots=True)
class Interpretation:
    """A file as it will be read. `batch` is None while a blocking problem waits for an answer."""

    preview: Preview
    batch: Batch | None
    _raw: RawTable
    _done: Cast
    _match: Match

    def preview_rows(self, first: int, count: int) -> tuple[PreviewRow, ...]:
        """Return up to `count` rows from the 0-based row `first` on, held ones included, as they will be read."""
        return _preview_rows(self._raw, self._done, self._match, first, count)

    @property
    def held(self) -> tuple[tuple[int, HeldRow], ...]:
        """The rows that cannot be read with their places in the table, known also while a blocking problem waits."""
        return tuple(_held_rows(self._raw, self._done, self._match))

    @property
    def read_as(self) -> Choices:
        """The choices under which some rows of this file are read as they are in the whole of it."""
        header, fields = self._raw.header, self._match.fields
        decimals = {style.decimal for style in self._done.numbers.values() if style.evidence or style.problem}
        return replace(
            self.preview.choices,
            entity=self._match.entity.name,
            profile=self._match.profile.id,
            mapping={name: header[place] for name, place in fields.items() if name in self._done.columns},
            date_order=self.preview.date_order,
            decimal=decimals.pop() if len(decimals) == 1 else self.preview.choices.decimal,
        )


def interpret(
    raw: RawTable,
    choices: Choices,
    settings: Settings,
    *,
    known_stages: Mapping[str, str] | None = None,
    known_values: KnownValues = lambda _: {},
    remembered: Choices | None = None,
    part: bool = False,
    progress: Progress = SILENT,
) -> Interpretation:
    """Type a table. `known_stages` and `known_values` are what earlier imports said of stages and wrote in text columns.

    `remembered` are the choices of an earlier import of this layout: they fill what `choices` leaves open. The table may be `part`
    of a file that was read before: it has its shape already, and a column that is blank in it need not be blank in the whole.
    """
    if remembered is not None:
        choices = merged(choices, _fitting(remembered, raw))
    written, raw = raw, raw if part else shaped(raw, choices.entity, settings.calendar)
    match = detect(raw, choices, written)
    progress.report(f"Reading {raw.file_name}", raw.rows // 2, raw.rows)
    done = cast(raw, match, choices, settings.timezone)
    problems: list[Problem] = [*raw.problems]
    if not match.recognised:
        text = "KPIDesk cannot tell what these rows are. Choose deals, leads or another kind, and match the columns."
        problems.append(Problem("not-recognised", Severity.BLOCKING, text))
    stages: tuple[StageValue, ...] = ()
    if match.entity is DEALS:
        stages = deals(done, raw, match, choices, known_stages or {})
        units(done, raw, match, choices)
        periods(done, raw, choices)
        done.problems.extend(placeholders(done, choices))
    done.problems.extend(near_equal(done, match.entity, choices, known_values(match.entity.name)))
    _complete(done, match.entity)
    if PERIOD_END in raw.header and match.entity is not TARGETS:
        text = "Amounts of a quarter, of several months or of a week count on its first day."
        problems.append(Problem("long-periods", Severity.CHECK, text, raw.rows))
    require(done, raw, match, part=part)
    _currency(done, match)
    kept = _keys(done, raw, match.entity)
    keys, rows, replaced = kept.keys, kept.rows, kept.replaced
    if len(replaced.lines):
        problems.append(_duplicates(kept, raw, match, choices))
    problems += done.problems
    held = _held(raw, done, match)
    if raw.ragged:
        places = tuple(Place(line) for line, _ in raw.ragged[:5])
        count = len(raw.ragged)
        text = f"{count:,} {'line has' if count == 1 else 'lines have'} more cells than the header and {'is' if count == 1 else 'are'} held."
        problems.append(Problem("ragged-lines", Severity.HELD, text, count, places))
    if not raw.rows:
        problems.append(Problem("no-rows", Severity.BLOCKING, f"{raw.file_name} has a header but no rows under it."))
    problems.sort(key=lambda problem: -problem.severity)
    matches = _matches(raw, done, match)
    order, evidence = _date_reading(done)
    preview = Preview(
        file_name=raw.file_name,
        file_hash=raw.file_hash,
        sheet=raw.sheet,
        sheets=raw.sheets,
        header_line=raw.header_line,
        entity=match.entity.name,
        profile=match.profile.id,
        profile_label=match.profile.label,
        row_count=raw.rows + len(raw.ragged),
        matches=matches,
        stages=stages,
        problems=tuple(problems),
        rows=_preview_rows(raw, done, match, 0, PREVIEW_ROWS),
        choices=choices,
        date_order=order,
        date_evidence=evidence,
    )
    batch = None
    if not preview.blocking:
        batch = _batch(raw, done, match, keys, rows, replaced, held, tuple(problems), stages)
    return Interpretation(preview, batch, raw, done, match)


def _fitting(remembered: Choices, raw: RawTable) -> Choices:
    """Leave out of remembered choices what they say of columns that this file does not have."""
    here = {fold(header) for header in raw.header}
    mapping = {name: column for name, column in remembered.mapping.items() if not column or fold(column) in here}
    return replace(remembered, mapping=mapping)


def merged(choices: Choices, remembered: Choices) -> Choices:
    """Fill what `choices` leaves open from remembered ones. The place of sheet and header belongs to the file, so it is not taken."""
    return replace(
        choices,
        entity=choices.entity or remembered.entity,
        profile=choices.profile or remembered.profile,
        mapping={**remembered.mapping, **choices.mapping},
        values={**remembered.values, **choices.values},
        stage_status={**remembered.stage_status, **choices.stage_status},
        date_order=choices.date_order,
        decimal=choices.decimal or remembered.decimal,
    )


# --- all entities


def _complete(done: Cast, entity: Entity) -> None:
    """Fill what follows from the rest: a target for one month or quarter ends with it, a cost without category has none."""
    if entity is TARGETS and "end" not in done.columns and isinstance(start := done.columns.get("start"), TimeColumn):
        months = start.days.astype("datetime64[D]").astype("datetime64[M]")
        ends = ((months + 1).astype("datetime64[D]").astype(np.int64) - 1).astype(np.int32)
        blank = start.days == BLANK_DAY
        nothing = np.full(done.rows, BLANK_INSTANT, dtype=np.int64)
        done.columns["end"] = TimeColumn(
            np.where(blank, BLANK_DAY, ends).astype(np.int32), nothing, np.zeros(done.rows, dtype=np.bool_)
        )
        text = "The targets have no end, so each is read as that of one month."
        done.problems.append(Problem("monthly-targets", Severity.CHECK, text, done.rows))
    if entity is COSTS and isinstance(category := done.columns.get("category"), TextColumn):
        done.columns["category"] = _lowered(category)


def _lowered(column: TextColumn) -> TextColumn:
    places: dict[str, int] = {}
    recode = np.array(
        [places.setdefault(value.casefold(), len(places)) for value in column.values] + [-1], dtype=np.int32
    )
    return TextColumn(recode[column.codes], tuple(places))


def _currency(done: Cast, match: Match) -> None:
    """Take the currency written beside the amounts where no column names it."""
    if done.currencies is None or "currency" not in match.entity.field_names:
        return
    own = done.columns.get("currency")
    if not isinstance(own, TextColumn):
        done.columns["currency"] = done.currencies
        return
    gap = own.codes < 0
    if gap.any():
        values = (*own.values, *done.currencies.values)
        moved = np.where(done.currencies.codes < 0, -1, done.currencies.codes + len(own.values))
        done.columns["currency"] = _folded(TextColumn(np.where(gap, moved, own.codes).astype(np.int32), values))


def _folded(column: TextColumn) -> TextColumn:
    """Merge equal values of a column into one code."""
    places: dict[str, int] = {}
    recode = np.array([places.setdefault(value, len(places)) for value in column.values] + [-1], dtype=np.int32)
    return TextColumn(recode[column.codes], tuple(places))


@dataclass(frozen=True, slots=True)
class _Kept:
    """The natural keys and rows that are kept (not held, and the last of each id), and which rows these replaced.

    `unlike` of the replaced rows tell of something else than the row that replaced them.
    """

    keys: npt.NDArray[np.object_]
    rows: npt.NDArray[np.intp]
    replaced: Replaced
    unlike: int = 0


def _keys(done: Cast, raw: RawTable, entity: Entity) -> _Kept:
    rows = np.flatnonzero(done.held < 0)
    by_id = bool(entity.key) and all(name in done.columns for name in entity.key)
    texts = [
        key_texts(done.columns[name])[rows]
        for name in (entity.key if by_id else entity.fallback_key)
        if name in done.columns
    ]
    keys = texts[0] if texts else np.full(len(rows), "", dtype=object)
    for part in texts[1:]:
        keys = keys + "\x1f" + part
    if not len(rows):
        return _Kept(keys, rows, Replaced(raw.lines[:0], raw.lines[:0]))
    own = done.columns[entity.key[0]] if by_id and len(entity.key) == 1 else None
    codes = own.codes[rows] if isinstance(own, TextColumn) else pd.factorize(keys)[0]
    if by_id:
        order = np.arange(len(rows))
        last = np.zeros(codes.max() + 1, dtype=np.int64)
        last[codes] = order  # later rows overwrite earlier ones
        kept = last[codes] == order
        place = (np.cumsum(kept) - 1).astype(np.int32)
        replaced = Replaced(raw.lines[rows[~kept]], place[last[codes[~kept]]])
        return _Kept(keys[kept], rows[kept], replaced, _unlike(done, rows[~kept], rows[last[codes[~kept]]]))
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.concatenate(([True], np.diff(codes[order]) != 0)))
    ordinal = np.empty(len(rows), dtype=np.int64)
    ordinal[order] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.concatenate((starts, [len(rows)]))))
    suffix = np.array(["~", *(f"~{number}" for number in range(1, int(ordinal.max()) + 1))], dtype=object)
    return _Kept(keys + suffix[ordinal], rows, Replaced(raw.lines[:0], raw.lines[:0]))


def _unlike(done: Cast, gone: npt.NDArray[np.intp], stay: npt.NDArray[np.intp]) -> int:
    """Count the rows that differ from the one of the same id in what a record never changes: its name, account or first day."""
    unlike = np.zeros(len(gone), dtype=np.bool_)
    for name in ("name", "account", "created", "date", "acquired"):
        column = done.columns.get(name)
        if isinstance(column, (TextColumn, TimeColumn)):
            values = column.codes if isinstance(column, TextColumn) else column.days
            unlike |= values[gone] != values[stay]
    return int(np.count_nonzero(unlike))


def _duplicates(found: _Kept, raw: RawTable, match: Match, choices: Choices) -> Problem:
    """Say that ids come again. Where many rows would go, the column may be no id at all, so KPIDesk asks unless it was chosen."""
    again, kept, key = len(found.replaced.lines), len(found.rows), match.entity.key[0]
    places = tuple(Place(int(line)) for line in found.replaced.lines[:5])
    named = key in match.fields and raw.header[match.fields[key]] == key  # in KPIDesk's own words: it is the id
    many = again > kept or (found.unlike >= _MANY_UNLIKE and found.unlike * 10 > again + kept)
    if many and not named and len(match.entity.key) == 1 and key not in choices.mapping:
        header = raw.header[match.fields[key]]
        text = (
            f"The column “{header}” has the same id in many rows, so {again:,} of {again + kept:,} rows would be left out."
            f" If it is not the {match.entity.field(key).label}, match another column or none, and every row is kept."
        )
        return Problem("duplicate-id", Severity.BLOCKING, text, again, places, (header,))
    text = f"{again:,} {'row has' if again == 1 else 'rows have'} an id that comes again further down. The last row of each id counts."
    return Problem("duplicate-id", Severity.CHECK if again > kept / 20 else Severity.INFO, text, again, places)


def key_texts(column: Column) -> npt.NDArray[np.object_]:
    """Return a column as texts that identify its values."""
    match column:
        case TextColumn():
            return np.array([*column.values, ""], dtype=object)[column.codes]
        case TimeColumn():
            values, codes = np.unique(column.days, return_inverse=True)
            return np.array([str(value) for value in values], dtype=object)[codes]
        case NumberColumn():
            values, codes = np.unique(column.values, return_inverse=True)
            return np.array([repr(float(value)) for value in values], dtype=object)[codes]
    return column.values.astype(str).astype(object)


def _held_rows(raw: RawTable, done: Cast, match: Match) -> Iterator[tuple[int, HeldRow]]:
    sentences = {problem.code: problem.message for problem in done.problems}
    for row in np.flatnonzero(done.held >= 0):
        code, name = done.reasons[done.held[row]]
        header = raw.header[match.fields[name]] if name in match.fields else None
        texts = {title: cells.tidy(column[row]) for title, column in zip(raw.header, raw.columns, strict=True)}
        if code.startswith("unreadable") and header is not None:
            kind = match.entity.field(name).type
            what = {FieldType.DATE: "a date", FieldType.FLAG: "yes or no"}.get(kind, "a number")
            reason = f"“{texts[header]}” in “{header}” is not {what}."
        else:
            reason = f"There is nothing in “{header}”." if header else sentences.get(code, "This row cannot be read.")
        yield int(row), HeldRow(int(raw.lines[row]), code, reason, header, texts)


def _held(raw: RawTable, done: Cast, match: Match) -> tuple[HeldRow, ...]:
    found = [row for _, row in _held_rows(raw, done, match)]
    for line, ragged in raw.ragged:
        texts = dict(
            zip(
                (*raw.header, *(f"Cell {n}" for n in range(len(raw.header) + 1, len(ragged) + 1))), ragged, strict=False
            )
        )
        reason = f"The line has {len(ragged)} cells, the header {len(raw.header)}."
        found.append(HeldRow(line, "ragged-lines", reason, None, texts))
    return tuple(sorted(found, key=lambda one: one.line))


def take(column: Column, rows: npt.NDArray[np.intp]) -> Column:
    """Return some rows of a column, the column itself for all of them; texts that none of them has are dropped."""
    match column:
        case TextColumn():
            codes = column.codes if len(rows) == len(column.codes) else column.codes[rows]
            used = np.zeros(len(column.values) + 1, dtype=np.bool_)
            used[codes] = True
            used[-1] = False  # blank
            if used[:-1].all():
                return TextColumn(codes, column.values)
            recode = np.where(used, np.cumsum(used) - 1, -1).astype(np.int32)
            values = [value for value, here in zip(column.values, used.tolist(), strict=False) if here]
            return TextColumn(recode[codes], tuple(values))
        case _ if len(rows) == len(blank_rows(column)):
            return column
        case TimeColumn():
            return TimeColumn(column.days[rows], column.instants[rows], column.local[rows])
        case NumberColumn():
            return NumberColumn(column.values[rows])
    return FlagColumn(column.values[rows])


def _batch(
    raw: RawTable,
    done: Cast,
    match: Match,
    keys: npt.NDArray[np.object_],
    rows: npt.NDArray[np.intp],
    replaced: Replaced,
    held: tuple[HeldRow, ...],
    problems: tuple[Problem, ...],
    stages: tuple[StageValue, ...],
) -> Batch:
    used = set(match.fields.values())
    extras = {}
    for index, (header, column) in enumerate(zip(raw.header, raw.columns, strict=True)):
        if index not in used and header != PERIOD_END:  # what was made from other columns is no column of the file
            text = text_column(distinct(column), cells.tidy)
            extras[header] = take(text, rows)
    columns = {name: take(column, rows) for name, column in done.columns.items()}
    return Batch(
        source=match.profile.namespace,
        file_name=raw.file_name,
        file_hash=raw.file_hash,
        sheet=raw.sheet,
        profile=match.profile.id,
        frame=Frame(match.entity.name, len(rows), columns),
        keys=tuple(keys.tolist()),
        lines=raw.lines[rows],
        extras={
            header: column for header, column in extras.items() if isinstance(column, TextColumn) and column.values
        },
        held=held,
        problems=problems,
        stage_order=tuple(stage.stage for stage in stages if stage.status == OPEN),
        replaced=replaced,
    )


# --- what is shown


def _date_reading(done: Cast) -> tuple[DateOrder | None, str]:
    for style in sorted(done.dates.values(), key=lambda style: style.evidence.startswith("Read as")):  # own proof first
        if style.evidence:
            return style.order, style.evidence
    return next(((style.order, style.evidence) for style in done.dates.values() if style.order), (None, ""))


def _matches(raw: RawTable, done: Cast, match: Match) -> tuple[ColumnMatch, ...]:
    by_column = {index: name for name, index in match.fields.items()}
    also = {index: name for name, places in match.also.items() for index in places}
    found = []
    for index, header in enumerate(raw.header):
        name = by_column.get(index) or also.get(index)
        if name is None and header == PERIOD_END:
            continue
        column = done.distincts[name] if index in by_column and name in done.distincts else distinct(raw.columns[index])
        first = next((cells.tidy(cell) for cell in raw.columns[index][:1000] if cells.tidy(cell)), "")
        note, severity = (
            _note(done, match, name, header, raw.rows)
            if index in by_column
            else ("Fills blanks" if name else "Kept", Severity.INFO)
        )
        filled = column.filled / raw.rows if raw.rows else 0.0
        found.append(
            ColumnMatch(header, name, match.confidence.get(index, 0.8) if name else 0.0, filled, first, note, severity)
        )
    return tuple(found)


def _note(done: Cast, match: Match, name: str | None, header: str, rows: int) -> tuple[str, Severity]:
    """Return a few words on how a column was read."""
    if name is None:
        return "Kept", Severity.INFO
    kind = match.entity.field(name).type
    if name in done.bad:
        noun = {FieldType.DATE: "not dates", FieldType.FLAG: "not yes or no"}.get(kind, "not numbers")
        return f"{done.bad[name]:,} {noun}", Severity.HELD
    if name in match.entity.key:
        return "Used as the key", Severity.INFO
    style = done.dates.get(header) if kind is FieldType.DATE else None
    if style is not None and style.problem is not None:
        return "Order unknown", Severity.BLOCKING
    number = done.numbers.get(header)
    if number is not None and number.problem is not None:
        return "Check the decimals", number.problem.severity
    if name == "closed" and (moved := rows - int(np.count_nonzero(~blank_rows(done.columns[name])))):
        return f"{moved:,} open or blank", Severity.INFO
    if style is not None and style.evidence:
        order = style.order
        return (ORDER_WORDS[order].capitalize() if order is not None else "Matched"), Severity.INFO
    return "Matched", Severity.INFO


def _preview_rows(raw: RawTable, done: Cast, match: Match, first: int, count: int) -> tuple[PreviewRow, ...]:
    rows = range(max(first, 0), min(first + count, raw.rows))
    found = []
    for row in rows:
        shown = {name: display(column, row) for name, column in done.columns.items()}
        by = done.reasons[done.held[row]][1] if done.held[row] >= 0 else None
        if by is not None and by in match.fields:
            shown[by] = cells.tidy(raw.columns[match.fields[by]][row])
        found.append(PreviewRow(int(raw.lines[row]), shown, by))
    return tuple(found)
