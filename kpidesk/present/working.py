"""How a number came about, as values: its definition, its formula with the numbers, the rows behind it, and its slices."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kpidesk.domain.entity import FieldType, entity
from kpidesk.domain.explanation import SourceRow
from kpidesk.domain.finding import Status
from kpidesk.domain.query import Figure
from kpidesk.present.chart_tables import ChartTable
from kpidesk.present.history import BreakdownRow
from kpidesk.present.numbers import MISSING, count, plural


@dataclass(frozen=True, slots=True)
class StepLine:
    """One formula on the way: its own text, the same with its numbers, and what it comes to."""

    label: str
    formula: str
    filled: str
    value: str


@dataclass(frozen=True, slots=True)
class RowList:
    """The rows counted, or those not counted for one reason. `amounts` and `times` are as in an explanation's table."""

    title: str
    entity: str
    rows: Sequence[int]
    amounts: Sequence[float] | None = None
    times: Sequence[int] | None = None
    counted: bool = False


@dataclass(frozen=True, slots=True)
class PartLine:
    """One aggregate: what it counts in words, its value, the date that decides, its rows, and how they add up."""

    title: str
    formula: str
    value: str
    span: str
    anchor: str
    lists: tuple[RowList, ...]
    sum_text: str


@dataclass(frozen=True, slots=True)
class SliceLine:
    """One slice of a dimension: as in a breakdown, with the figure it stands for and its place, None where chance decides."""

    row: BreakdownRow
    figure: Figure
    place: int | None


@dataclass(frozen=True, slots=True)
class Dimension:
    """The value by one dimension; `note` says why the slices are not ranked."""

    label: str
    slices: tuple[SliceLine, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Working:
    """Everything behind one number. `title` names the KPI, `about` its period and slice, `sentence` says all of it in one line.

    `version` says which definition it is by, `annotations` what people noted in its period and where the definition changed in it.
    """

    figure: Figure
    title: str
    about: str
    status: Status
    chip: str
    value: str
    exact: str
    range_text: str
    definition: str
    steps: tuple[StepLine, ...]
    parts: tuple[PartLine, ...]
    dimensions: tuple[Dimension, ...]
    notes: tuple[str, ...]
    version: str
    annotations: tuple[str, ...]
    sentence: str


def sum_text(table: str, counted: int, all_rows: int, times: Sequence[int] | None = None) -> str:
    """Say that counted and not counted rows are all: "19 counted + 201 not counted = 220 rows of deals"."""
    text = f"{count(counted)} counted + {count(all_rows - counted)} not counted = {plural(all_rows, 'row')} of "
    text += entity(table).label.lower()
    return text if times is None else f"{text}. Together they count {plural(sum(times), 'time')}."


# --- rows


@dataclass(frozen=True, slots=True)
class RowLine:
    """One row as a line of a table, and all of its cells. `amount` is what it brings in, else the amount it has."""

    name: str
    date: str
    amount: str
    owner: str
    place: str
    line: int
    cells: ChartTable


def row_lines(part: PartLine, rows: RowList, first: int, found: Sequence[SourceRow]) -> tuple[RowLine, ...]:
    """Return lines for a page of a list, whose rows from `first` on were `found`."""
    return tuple(_line(part, rows, first + place, one) for place, one in enumerate(found))


def _line(part: PartLine, rows: RowList, place: int, one: SourceRow) -> RowLine:
    about = entity(rows.entity)
    amount = one.cells.get("amount") if rows.amounts is None else rows.amounts[place]
    ids = [field.name for field in about.fields if field.type is FieldType.ID]
    name = next((text for key in ("name", *ids, "type", "category", "stage") if (text := one.cells.get(key))), None)
    told = [(_label(rows.entity, key), _cell(cell)) for key, cell in one.cells.items() if cell is not None]
    if rows.amounts is not None:
        told.append(("Counts as", _cell(rows.amounts[place])))
    if rows.times is not None:
        told.append(("Counts", plural(rows.times[place], "time")))
    place_text = one.file if one.sheet is None else f"{one.file}, {one.sheet}"
    told += [("File", one.file), ("Sheet", one.sheet or ""), ("Line", str(one.line)), ("Note", one.note)]
    shown = _cell(name) if name is not None else next((_cell(cell) for cell in one.cells.values() if cell), MISSING)
    return RowLine(
        name=shown,
        date=_cell(one.cells.get(part.anchor)).split("T")[0],
        amount=_cell(amount) if amount is not None else MISSING,
        owner=_cell(one.cells.get("owner")),
        place=place_text,
        line=one.line,
        cells=ChartTable(shown, ("Field", "Value"), tuple((key, text) for key, text in told if text)),
    )


def _label(table: str, key: str) -> str:
    fields = entity(table).field_names
    return entity(table).field(key).label if key in fields else key


def _cell(cell: str | float | None) -> str:
    if cell is None:
        return MISSING
    return f"{cell:,.10g}" if isinstance(cell, (int, float)) else cell


# --- as a table


def working_table(working: Working) -> ChartTable:
    """Return everything as one table, for those who do not see the drawer and for the clipboard."""
    return ChartTable(
        f"{working.title}, {working.about}",
        ("Section", "What", "Value", "Sample or rows", "Likely range"),
        tuple(_lines(working)),
        tuple(_lines(working, exact=True)),
    )


def _lines(working: Working, *, exact: bool = False) -> Iterator[tuple[str, str, str, str, str]]:
    yield "Value", working.title, working.exact if exact else working.value, "", working.range_text
    yield "Definition", working.definition, working.version, "", ""
    for words in working.annotations:
        yield "Note", words, "", "", ""
    for step in working.steps:
        yield "Formula", f"{step.label}: {step.formula}", step.value, "", ""
        yield "With its numbers", step.filled, step.value, "", ""
    for part in working.parts:
        for rows in part.lists:
            yield part.title, rows.title, part.value if rows.counted else "", str(len(rows.rows)), ""
    for dimension in working.dimensions:
        for line in dimension.slices:
            row = line.row
            value = ("" if row.value is None else repr(row.value)) if exact else row.text
            yield f"By {dimension.label.lower()}", row.label, value, row.n, row.interval_text
