"""The words of the language that are no names: keywords, operators, units of time and constants, and where each makes sense."""

from collections.abc import Iterator

from kpidesk.formula.completion import Completion, Kind
from kpidesk.formula.cursor import Bracket, Clause, Cursor
from kpidesk.formula.functions import Group, stands
from kpidesk.formula.nodes import ConstantName
from kpidesk.formula.rowsets import ROW_SETS, ColumnType

# Time functions whose second value is a number, with a unit of time or without.
COUNTED = ("PREVIOUS", "TRAILING")
_LIST = "rows"
_UNITS = ("MINUTES", "HOURS", "DAYS", "WEEKS", "MONTHS", "QUARTERS", "YEARS")
_CONSTANTS = {
    ConstantName.PERIOD_LENGTH: ("duration", "How long the part of the period is that the data covers."),
    ConstantName.ELAPSED_SHARE: ("number", "Which share of the period has passed, 0 to 1."),
}
_OPERATORS = (
    ("SIGN", "+", "Adds."),
    ("SIGN", "-", "Subtracts."),
    ("TIMES", "*", "Multiplies."),
    ("TIMES", "/", "Divides; by zero gives no number."),
    ("POWER", "^", "Raises a plain number to a power."),
    ("PERCENT", "%", "A hundredth."),
)
_COMPARISONS = (
    ("=", "Equal."),
    ("<>", "Not equal."),
    ("<", "Less than."),
    ("<=", "At most."),
    (">", "More than."),
    (">=", "At least."),
)


def constants(place: Cursor) -> Iterator[Completion]:
    """Offer the constants of the period."""
    for name, (unit, summary) in _CONSTANTS.items():
        example = "[Total revenue] / PERIOD_LENGTH" if unit == "duration" else "[Total revenue] / ELAPSED_SHARE"
        yield Completion(name.value, place.span, name.value, Kind.CONSTANT, unit, summary, example)


def before(place: Cursor) -> Iterator[Completion]:
    """Offer the keywords that a value or a test begins with."""
    if place.tested:
        yield _keyword(place, "NOT", "True where the test after it is false.")
        yield _keyword(place, "TRUE", "Yes.")
        yield _keyword(place, "FALSE", "No.")
    yield _keyword(place, "BLANK", "No number, which is not 0.")


def after(place: Cursor) -> Iterator[Completion]:
    """Offer the keywords, operators and units that can follow what stands before the caret."""
    last = place.tokens[-1].type if place.tokens else ""
    if "UNIT" in place.accepts:
        yield from _units(place)
    if last == "IS":
        yield _keyword(place, "BLANK", "Where there is no value.")
        yield _keyword(place, "NOT BLANK", "Where there is a value.")
        return
    if last == "NOT":
        yield _keyword(place, "IN", "None of a list of values.", "IN (")
        return
    yield from _clauses(place)
    if place.tested:
        yield from _tests(place)
    if last == "NAME" and _named(place) in (_LIST, ColumnType.TEXT, ColumnType.FLAG):
        return  # not to be calculated with
    for token, sign, summary in _OPERATORS:
        if token in place.accepts:
            yield Completion(sign, place.span, sign, Kind.OPERATOR, "", summary)


def _keyword(place: Cursor, label: str, summary: str, text: str = "") -> Completion:
    return Completion(text or label, place.span, label, Kind.KEYWORD, "", summary)


def _units(place: Cursor) -> Iterator[Completion]:
    inner = place.inner
    window = inner is not None and inner.function in COUNTED and inner.argument > 0
    for unit in _UNITS[2:] if window else _UNITS:
        yield Completion(unit, place.span, unit, Kind.UNIT, "duration", "A length of time.", f"3 {unit}")


def _clauses(place: Cursor) -> Iterator[Completion]:
    """Offer WHERE, ON, TO and WITHIN where the function around the caret takes them."""
    bracket = place.brackets[-1] if place.brackets else None
    if bracket is None or bracket.argument > 0:
        return
    if "WHERE" in place.accepts and _takes_where(bracket):
        yield _keyword(place, "WHERE", "Only the rows that pass a test.")
    rows = ROW_SETS.get(bracket.rows)
    if (
        "ON" in place.accepts
        and rows is not None
        and rows.must_choose
        and bracket.clause in (Clause.VALUE, Clause.WHERE)
    ):
        yield _keyword(place, "ON", "Which date decides the period.")
    if bracket.function != "CONVERSION":
        return
    if "TO" in place.accepts and bracket.clause in (Clause.VALUE, Clause.WHERE, Clause.ON):
        yield _keyword(place, "TO", "The rows that should follow.")
    if "WITHIN" in place.accepts and bracket.clause in (Clause.TO, Clause.TO_WHERE):
        yield _keyword(place, "WITHIN", "How soon they have to follow.")


def _takes_where(bracket: Bracket) -> bool:
    if bracket.function == "ONLY":
        return bracket.clause is Clause.VALUE
    over = stands(bracket.function, Group.OVER_ROWS) and bool(bracket.rows)
    return over and bracket.clause in (Clause.VALUE, Clause.ON, Clause.TO)


def _tests(place: Cursor) -> Iterator[Completion]:
    """Offer comparisons and what joins tests."""
    if "COMPARE" in place.accepts:
        for sign, summary in _COMPARISONS:
            yield Completion(sign, place.span, sign, Kind.OPERATOR, "", summary)
    inside = place.rows_bracket is not None or place.only is not None
    if "IN" in place.accepts and inside:
        yield _keyword(place, "IN", "One of a list of values.", "IN (")
        yield _keyword(place, "NOT IN", "None of a list of values.", "NOT IN (")
    if "BETWEEN" in place.accepts:
        yield _keyword(place, "BETWEEN", "From one value to another, both included.")
    if "IS" in place.accepts:
        yield _keyword(place, "IS BLANK", "Where there is no value.")
        yield _keyword(place, "IS NOT BLANK", "Where there is a value.")
    if "CONTAINS" in place.accepts and inside and _named(place) in (None, ColumnType.TEXT):
        yield _keyword(place, "CONTAINS", "A text that has another in it.")
    for word, summary in (("AND", "Both tests are true."), ("OR", "At least one test is true.")):
        if word in place.accepts:
            yield _keyword(place, word, summary)


def _named(place: Cursor) -> str | None:
    """Return what the column before the caret holds, or that it is a list of rows; None when it is neither."""
    column, over = place.column_before(), place.rows_bracket
    if column is None:
        return None
    if not column.rows and over is not None and over.clause in (Clause.VALUE, Clause.TO) and column.name in ROW_SETS:
        return _LIST
    here = "" if over is None else over.target if over.clause is Clause.TO_WHERE else over.rows
    rows = ROW_SETS.get(column.rows or here)
    return None if rows is None else rows.columns.get(column.name)
