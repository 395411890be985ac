"""How a file writes dates and numbers: proven from whole columns, or asked (never guessed)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kpidesk.domain.importing import DateOrder
from kpidesk.domain.problem import Problem, Severity
from kpidesk.ingest.cells import (
    Unreadable,
    all_plain,
    all_year_first,
    date_parts,
    decimal_evidence,
    is_null,
    split_number,
    tidy,
)
from kpidesk.ingest.distinct import MANY, Distinct, by_shape

ORDER_WORDS = {
    DateOrder.DMY: "day first",
    DateOrder.MDY: "month first",
    DateOrder.YMD: "year first",
    DateOrder.BY_MARK: "each separator in its own order",
}
_BOTH = (DateOrder.DMY, DateOrder.MDY)


@dataclass(frozen=True, slots=True)
class DateStyle:
    """The order of a column's dates. `evidence` says why; `problem` is set when it had to be asked or is mixed.

    `by_mark` is separator -> order where the separators of a column prove an order each.
    """

    order: DateOrder | None
    evidence: str = ""
    problem: Problem | None = None
    by_mark: Mapping[str, DateOrder] = field(default_factory=dict)

    def reading(self, order: DateOrder | None) -> DateOrder | Mapping[str, DateOrder] | None:
        """Return how cells are read under an order. Separators that prove another one are not read under it."""
        if not self.by_mark or order is None:
            return order
        return {mark: own for mark, own in self.by_mark.items() if order in (DateOrder.BY_MARK, own)}


@dataclass(slots=True)
class _Tally:
    """Rows written as two small numbers and a year: how many only one order can read, and how many either can."""

    dmy: int = 0
    mdy: int = 0
    open: int = 0

    @property
    def order(self) -> DateOrder | None:
        """The order that all of them prove; None without a proof, or with two."""
        return None if bool(self.dmy) == bool(self.mdy) else DateOrder.DMY if self.dmy else DateOrder.MDY


@dataclass(slots=True)
class _Orders(_Tally):
    """The dates of one column, all together and by their separator."""

    written: int = 0
    example: str = ""
    marks: dict[str, _Tally] = field(default_factory=dict)


def _orders(column: Distinct) -> _Orders:
    found = _Orders()
    if len(column.cells) >= MANY and all_year_first(column.cells):
        return found
    for cell, count in zip(column.cells, column.counts, strict=True):
        iso = isinstance(cell, str) and cell[4:5] == "-" and cell[:4].isdigit()  # most dates: not worth a closer look
        parts = date_parts(tidy(cell)) if count and isinstance(cell, str) and not iso else None
        if parts is None:
            continue
        first, second, mark = parts
        found.written += count
        for tally in (found, found.marks.setdefault(mark, _Tally())):
            if first > 12 >= second:
                tally.dmy += count
            elif second > 12 >= first:
                tally.mdy += count
            elif first != second:
                tally.open += count
                found.example = found.example or tidy(cell)
    return found


def date_styles(columns: Mapping[str, Distinct], chosen: DateOrder | None, rows: int) -> dict[str, DateStyle]:
    """Decide the order of every date column (by header): its own proof first, then that of the file's other columns.

    What nothing decides is BLOCKING with both readings as options. The user's choice answers the columns that do not prove their
    order; where all do, it stands above the proof.
    """
    found = {name: _orders(column) for name, column in columns.items()}
    proofs = {name: one.order for name, one in found.items() if one.order is not None}
    if chosen is not None:
        asked = {name for name, one in found.items() if name not in proofs and (one.open or one.dmy)}
        return {
            name: _proven(proofs[name], one, rows) if asked and name in proofs else _as_chosen(chosen, one)
            for name, one in found.items()
        }
    decided = set(proofs.values())
    shared = next(iter(decided)) if len(decided) == 1 else None
    return {name: _style(name, one, shared, rows) for name, one in found.items()}


def _style(name: str, one: _Orders, shared: DateOrder | None, rows: int) -> DateStyle:
    if one.order is not None:
        return _proven(one.order, one, rows)
    if one.dmy:
        return DateStyle(None, "", _mixed(name, one), _by_mark(one))
    if not one.open:
        return DateStyle(shared or (DateOrder.DMY if one.written else None))
    if shared is not None:
        return DateStyle(shared, f"Read as {ORDER_WORDS[shared]}, as the other dates of this file prove")
    return DateStyle(None, "", _ambiguous(name, one))


def _proven(order: DateOrder, one: _Orders, rows: int) -> DateStyle:
    count, place = (one.dmy, "first") if order is DateOrder.DMY else (one.mdy, "second")
    return DateStyle(order, f"{count:,} of {rows:,} rows have a day above 12 in {place} place")


def _as_chosen(chosen: DateOrder, one: _Orders) -> DateStyle:
    marks = _by_mark(one) if one.dmy and one.mdy else {}
    if chosen is DateOrder.BY_MARK and not marks:
        chosen = one.order or DateOrder.DMY
    return DateStyle(chosen, f"Read as {ORDER_WORDS[chosen]}, as you chose", None, marks)


def _by_mark(one: _Orders) -> dict[str, DateOrder]:
    """Return the order that each separator proves; nothing when one of them proves none or two."""
    proofs = {mark: tally.order for mark, tally in one.marks.items() if tally.dmy or tally.mdy or tally.open}
    decided = {mark: order for mark, order in proofs.items() if order is not None}
    return decided if len(decided) == len(proofs) else {}


def _ambiguous(name: str, one: _Orders) -> Problem:
    return Problem(
        "date-order-ambiguous",
        Severity.BLOCKING,
        f"The dates in “{name}” can be read in two ways: {one.example} may have the day or the month first. "
        "No date in this file decides it. Choose the order.",
        one.open,
        values=(one.example,),
        options=tuple(order.value for order in _BOTH),
    )


def _mixed(name: str, one: _Orders) -> Problem:
    marks = _by_mark(one)
    text = f"“{name}” mixes two orders: {one.dmy:,} dates have the day first, {one.mdy:,} the month first. "
    if marks:
        by = (
            f"those with “{mark}” have the {ORDER_WORDS[order].replace(' first', '')} first"
            for mark, order in marks.items()
        )
        text += f"Their separators tell them apart: {', '.join(by)}. "
    text += "Choose one order; rows that do not fit it are held."
    options = (DateOrder.BY_MARK, *_BOTH) if marks else _BOTH
    count = one.dmy + one.mdy
    return Problem("date-order-mixed", Severity.BLOCKING, text, count, options=tuple(order.value for order in options))


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
    for cell, count in by_shape(column) if plain else zip(column.cells, column.counts, strict=True):
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
