"""How a file writes dates and numbers: proven from whole columns, or asked (never guessed)."""

from collections.abc import Mapping
from dataclasses import dataclass

from kpidesk.domain.importing import DateOrder
from kpidesk.domain.problem import Problem, Severity
from kpidesk.ingest.cells import Unreadable, all_plain, date_parts, decimal_evidence, is_null, split_number, tidy
from kpidesk.ingest.distinct import MANY, Distinct

ORDER_WORDS = {DateOrder.DMY: "day first", DateOrder.MDY: "month first", DateOrder.YMD: "year first"}


@dataclass(frozen=True, slots=True)
class DateStyle:
    """The order of a column's dates. `evidence` says why; `problem` is set when it had to be asked or is mixed."""

    order: DateOrder | None
    evidence: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Orders:
    """Rows of one column that are written as two small numbers and a year: how many only one order can read."""

    written: int
    dmy: int
    mdy: int
    open: int
    example: str


def _orders(column: Distinct) -> _Orders:
    dmy = mdy = undecided = written = 0
    example = ""
    for cell, count in zip(column.cells, column.counts, strict=True):
        parts = date_parts(tidy(cell)) if count and isinstance(cell, str) and cell[4:5] != "-" else None
        if parts is None:
            continue
        first, second = parts
        written += count
        if first > 12 >= second:
            dmy += count
        elif second > 12 >= first:
            mdy += count
        elif first != second:
            undecided += count
            example = example or tidy(cell)
    return _Orders(written, dmy, mdy, undecided, example)


def date_styles(columns: Mapping[str, Distinct], chosen: DateOrder | None, rows: int) -> dict[str, DateStyle]:
    """Decide the order of every date column (by header): its own proof first, then that of the file's other columns.

    A choice of the user stands above everything. What nothing decides is BLOCKING with both readings as options.
    """
    found = {name: _orders(column) for name, column in columns.items()}
    if chosen is not None:
        return {name: DateStyle(chosen, f"Read as {ORDER_WORDS[chosen]}, as you chose") for name in found}
    proofs = {name: _proof(one, rows) for name, one in found.items()}
    decided = {style.order for style in proofs.values() if style is not None and style.order is not None}
    styles: dict[str, DateStyle] = {}
    for name, one in found.items():
        style = proofs[name]
        if style is not None:
            mixed = style.problem
            styles[name] = style if mixed is None else DateStyle(None, style.evidence, _mixed(name, one))
        elif not one.open:
            styles[name] = DateStyle(
                next(iter(decided), None) if len(decided) == 1 else DateOrder.DMY if one.written else None
            )
        elif len(decided) == 1:
            order = next(iter(decided))
            styles[name] = DateStyle(order, f"Read as {ORDER_WORDS[order]}, as the other dates of this file prove")
        else:
            styles[name] = DateStyle(None, "", _ambiguous(name, one))
    return styles


def _proof(one: _Orders, rows: int) -> DateStyle | None:
    if one.dmy and one.mdy:
        return DateStyle(None, "", Problem("date-order-mixed", Severity.BLOCKING, ""))
    if one.dmy:
        return DateStyle(DateOrder.DMY, f"{one.dmy:,} of {rows:,} rows have a day above 12 in first place")
    if one.mdy:
        return DateStyle(DateOrder.MDY, f"{one.mdy:,} of {rows:,} rows have a day above 12 in second place")
    return None


def _ambiguous(name: str, one: _Orders) -> Problem:
    return Problem(
        "date-order-ambiguous",
        Severity.BLOCKING,
        f"The dates in “{name}” can be read in two ways: {one.example} may have the day or the month first. "
        "No date in this file decides it. Choose the order.",
        one.open,
        values=(one.example,),
        options=(DateOrder.DMY.value, DateOrder.MDY.value),
    )


def _mixed(name: str, one: _Orders) -> Problem:
    return Problem(
        "date-order-mixed",
        Severity.BLOCKING,
        f"“{name}” mixes two orders: {one.dmy:,} dates have the day first, {one.mdy:,} the month first. "
        "Choose one order; rows that do not fit it are held.",
        one.dmy + one.mdy,
        options=(DateOrder.DMY.value, DateOrder.MDY.value),
    )


# --- numbers


@dataclass(frozen=True, slots=True)
class NumberStyle:
    """The decimal separator of a column, why, and a problem when it was not certain."""

    decimal: str
    evidence: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class _Marks:
    """Rows by what their separators prove."""

    dot: int
    comma: int
    open_dot: int
    open_comma: int
    plain_large: int
    signs: frozenset[str]
    example: str


def _marks(column: Distinct) -> _Marks:
    tally = dict.fromkeys((".", ",", "?.", "?,", "", "x"), 0)
    signs: set[str] = set()
    large = 0
    example = ""
    plain = len(column.cells) >= MANY and all_plain(column.cells)
    for cell, count in zip(column.cells, column.counts, strict=True):
        if not count or not isinstance(cell, str):
            continue
        text = cell if plain else tidy(cell)
        if not plain and is_null(text, value=True):
            continue
        parts = split_number(text)
        if isinstance(parts, Unreadable):
            continue
        mark = decimal_evidence(parts.digits)
        tally[mark] += count
        if mark.startswith("?"):
            example = example or text
        if parts.currency:
            signs.add(parts.currency)
        if not mark and len(parts.digits) > 3:
            large += count
    return _Marks(tally["."], tally[","], tally["?."], tally["?,"], large, frozenset(signs), example)


def number_styles(columns: Mapping[str, Distinct], chosen: str | None, delimiter: str) -> dict[str, NumberStyle]:
    """Decide the decimal separator of every number column (by header), as for dates."""
    found = {name: _marks(column) for name, column in columns.items()}
    if chosen is not None:
        return {name: NumberStyle(chosen, "As you chose") for name in found}
    decided = {mark for one in found.values() for mark, count in ((".", one.dot), (",", one.comma)) if count}
    return {name: _number_style(name, one, decided, delimiter) for name, one in found.items()}


def _number_style(name: str, one: _Marks, decided: set[str], delimiter: str) -> NumberStyle:
    if one.dot and one.comma:
        text = f"“{name}” mixes decimal points and decimal commas. Choose one; rows that do not fit it are held."
        return NumberStyle(
            ".", "", Problem("number-style-mixed", Severity.BLOCKING, text, one.dot + one.comma, options=(".", ","))
        )
    if one.dot:
        return NumberStyle(".", f"{one.dot:,} amounts show a decimal point")
    if one.comma:
        return NumberStyle(",", f"{one.comma:,} amounts show a decimal comma")
    if not one.open_dot and not one.open_comma:
        return NumberStyle(".")
    if len(decided) == 1:
        return NumberStyle(next(iter(decided)), "As the other numbers of this file are written")
    if one.open_dot and one.open_comma:
        text = f"“{name}” uses both point and comma before three digits. Choose which one begins the decimals."
        return NumberStyle(
            ".", "", Problem("number-style-ambiguous", Severity.BLOCKING, text, one.open_dot, options=(".", ","))
        )
    if one.open_comma and (delimiter != ";" or one.signs & {"GBP", "USD", "INR", "JPY"}) and not one.plain_large:
        text = f"Commas in “{name}” are read as thousands: {one.example}."
        return NumberStyle(
            ".",
            "",
            Problem("thousands", Severity.CHECK, text, one.open_comma, values=(one.example,), options=(".", ",")),
        )
    if one.open_dot and delimiter == ";" and not one.plain_large:
        text = f"Points in “{name}” are read as thousands: {one.example}."
        return NumberStyle(
            ",", "", Problem("thousands", Severity.CHECK, text, one.open_dot, values=(one.example,), options=(".", ","))
        )
    mark = "comma" if one.open_comma else "point"
    text = f"The {mark} in “{name}” may group thousands or begin decimals: {one.example}. Nothing in this file decides it. Choose."
    problem = Problem(
        "number-style-ambiguous",
        Severity.BLOCKING,
        text,
        one.open_dot + one.open_comma,
        values=(one.example,),
        options=(".", ","),
    )
    return NumberStyle(".", "", problem)
