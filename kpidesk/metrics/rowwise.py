"""Expressions with one value per row, evaluated over whole columns. Text is compared once per distinct value."""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from kpidesk.formula.nodes import (
    Arithmetic,
    Between,
    Blank,
    Call,
    Column,
    Comparison,
    Contains,
    Day,
    IsBlank,
    Logic,
    Membership,
    Negate,
    Node,
    Not,
    Number,
    Text,
    Truth,
)
from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT
from kpidesk.metrics.table import DayValues, FlagValues, Floats, Mask, RowTable, TextValues, Values, elapsed, folded

Truths = npt.NDArray[np.int8]


class MissingColumnError(Exception):
    """The formula names a column that no import has filled."""


class UnknownValueError(Exception):
    """The formula names a text that no row has."""


@dataclass(frozen=True, slots=True)
class _Word:
    """A literal text."""

    value: str


_Any = Values | _Word | None
# Words that the product itself defines: that no row has one yet says nothing about a typing mistake.
_OWN_WORDS = frozenset({"status", "kind"})


def test(node: Node, table: RowTable) -> Mask:
    """Return which rows pass a condition: unknown is not true."""
    return truth(node, table) == 1


def truth(node: Node, table: RowTable) -> Truths:
    """Return the three-valued truth of a condition per row."""
    rows = table.rows
    match node:
        case Truth():
            return np.full(rows, int(node.value), dtype=np.int8)
        case Logic():
            return combined(node.operator, _operands(node, table))
        case Not():
            return negated(truth(node.operand, table))
        case IsBlank():
            blank = _is_blank(value(node.operand, table), rows)
            return (blank != node.negated).astype(np.int8)
        case Comparison():
            return _compare(node.operator, value(node.left, table), value(node.right, table), rows, _own(node.left))
        case Membership():
            return _membership(node, table)
        case Between():
            operand = value(node.operand, table)
            low = _compare(">=", operand, value(node.low, table), rows)
            high = _compare("<=", operand, value(node.high, table), rows)
            return combined("AND", [low, high])
        case Contains():
            operand, wanted = value(node.operand, table), value(node.text, table)
            if not isinstance(operand, TextValues) or not isinstance(wanted, _Word):
                return np.full(rows, -1, dtype=np.int8)
            needle = folded(wanted.value)
            return _by_word(operand, lambda word: needle in word)
    found = value(node, table)
    if isinstance(found, FlagValues):
        return found.values
    return np.full(rows, -1, dtype=np.int8)


def combined(operator: str, parts: list[Truths]) -> Truths:
    """Return three-valued AND or OR: on the scale 0 false, 1 unknown, 2 true these are the minimum and the maximum."""
    scaled = [np.where(part == -1, 1, part * 2) for part in parts]
    joined = np.minimum.reduce(scaled) if operator == "AND" else np.maximum.reduce(scaled)
    return np.where(joined == 1, -1, joined // 2).astype(np.int8)


def negated(part: Truths) -> Truths:
    """Return three-valued NOT."""
    return np.where(part == -1, -1, 1 - part).astype(np.int8)


def _operands(node: Logic, table: RowTable) -> list[Truths]:
    """Return the truths of AND or OR. Of alternatives, as of a list, only one has to name a text that some row has."""
    parts: list[Truths] = []
    unknown = 0
    for operand in node.operands:
        try:
            parts.append(truth(operand, table))
        except UnknownValueError:
            if node.operator == "AND":
                raise
            unknown += 1
            parts.append(np.zeros(table.rows, dtype=np.int8))
    if unknown == len(node.operands):
        raise UnknownValueError
    return parts


def _own(node: Node) -> bool:
    return isinstance(node, Column) and node.name in _OWN_WORDS


@lru_cache(maxsize=4)
def _folds(values: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts as they are compared; a formula with many tests of a quarter of a million names folds them once."""
    return tuple(map(folded, values))


def _by_word(text: TextValues, hit: Callable[[str], bool], *, known: bool = False) -> Truths:
    """Test each distinct text as it is compared; UnknownValueError when one must be `known` and none passes."""
    verdict = np.array([*map(hit, _folds(text.values)), -1], dtype=np.int8)
    if known and not verdict[:-1].any():
        raise UnknownValueError
    return verdict[text.codes]


def _membership(node: Membership, table: RowTable) -> Truths:
    operand = value(node.operand, table)
    choices = [value(choice, table) for choice in node.choices]
    if isinstance(operand, TextValues):
        words = {folded(choice.value) for choice in choices if isinstance(choice, _Word)}
        result = _by_word(operand, words.__contains__, known=not node.negated and not _own(node.operand))
    else:
        parts = [_compare("=", operand, choice, table.rows) for choice in choices]
        result = np.maximum.reduce(parts)
    return negated(result) if node.negated else result


def _is_blank(found: _Any, rows: int) -> Mask:
    match found:
        case TextValues():
            return np.asarray(found.codes == BLANK_CODE)
        case DayValues():
            return np.asarray(found.days == BLANK_DAY)
        case FlagValues():
            return np.asarray(found.values == -1)
        case np.ndarray():
            return np.asarray(np.isnan(found))
    return np.full(rows, found is None, dtype=np.bool_)


_NUMERIC: dict[str, Callable[[Floats, Floats], Mask]] = {
    "=": np.equal,
    "<>": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
_TEXTUAL: dict[str, Callable[[str, str], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _compare(sign: str, left: _Any, right: _Any, rows: int, own: bool = False) -> Truths:
    if isinstance(left, TextValues) and isinstance(right, _Word):
        wanted = folded(right.value)
        passes = _TEXTUAL[sign]
        return _by_word(left, lambda word: passes(word, wanted), known=sign == "=" and not own)
    if isinstance(left, TextValues) and isinstance(right, TextValues):
        places = {
            word: place for place, word in enumerate(sorted({folded(word) for word in (*left.values, *right.values)}))
        }
        return compare_numbers(sign, _placed(left, places), _placed(right, places))
    if isinstance(left, FlagValues) or isinstance(right, FlagValues):
        return compare_numbers(sign, _flag_numbers(left, rows), _flag_numbers(right, rows))
    return compare_numbers(sign, _as_numbers(left, rows), _as_numbers(right, rows))


def _placed(text: TextValues, places: dict[str, int]) -> Floats:
    return np.array([places[folded(word)] for word in text.values] + [np.nan])[text.codes]


def _flag_numbers(found: _Any, rows: int) -> Floats:
    if isinstance(found, FlagValues):
        return np.where(found.values == -1, np.nan, found.values)
    return _as_numbers(found, rows)


def _as_numbers(found: _Any, rows: int) -> Floats:
    if isinstance(found, np.ndarray):
        return found
    if isinstance(found, DayValues):
        return np.where(found.days == BLANK_DAY, np.nan, found.days.astype(np.float64))
    return np.full(rows, np.nan)


def compare_numbers(operator: str, left: Floats, right: Floats) -> Truths:
    """Compare number by number; three-valued: -1 where a side is NaN."""
    blank = np.isnan(left) | np.isnan(right)
    # Amounts and durations that are equal on paper may differ in the last bit; 1e-9 of a unit is far below a penny or a second.
    if operator in ("=", "<>", "<=", ">="):
        with np.errstate(invalid="ignore"):
            right = np.where(np.abs(left - right) <= 1e-9, left, right)
    return np.where(blank, -1, _NUMERIC[operator](left, right)).astype(np.int8)


def value(node: Node, table: RowTable) -> _Any:
    """Return the values of an expression per row; None is BLANK. Raises MissingColumnError for a column never imported."""
    rows = table.rows
    match node:
        case Column():
            if node.name not in table.columns:
                raise MissingColumnError
            return table.columns[node.name]
        case Number():
            return np.full(rows, node.value)
        case Text():
            return _Word(node.value)
        case Day():
            return DayValues(np.full(rows, node.value, dtype=np.int32), np.full(rows, BLANK_INSTANT, dtype=np.int64))
        case Blank():
            return None
        case Truth():
            return FlagValues(np.full(rows, int(node.value), dtype=np.int8))
        case Negate():
            return -_as_numbers(value(node.operand, table), rows)
        case Arithmetic():
            return arithmetic(
                node.operator, _as_numbers(value(node.left, table), rows), _as_numbers(value(node.right, table), rows)
            )
        case Call():
            return _call(node, table)
    return FlagValues(truth(node, table))


def arithmetic(operator: str, left: Floats, right: Floats) -> Floats:
    """Calculate with NaN as blank; a division by zero is blank."""
    with np.errstate(all="ignore"):
        match operator:
            case "+":
                result = left + right
            case "-":
                result = left - right
            case "*":
                result = left * right
            case "/":
                result = np.divide(left, right, out=np.full(np.broadcast(left, right).shape, np.nan), where=right != 0)
            case _:
                result = np.power(left, right)
    return np.where(np.isfinite(result), result, np.nan)


def rounded(values: Floats, digits: int) -> Floats:
    """Round half away from zero, as Excel does."""
    scale = 10.0**digits
    scaled = np.abs(values) * scale
    small = scaled < 1e15  # beyond it a number has no digits left to round
    # A half that is a little less in binary (2.675) is a half to a reader.
    whole = np.floor(np.where(small, scaled, 0.0) + 0.5 + 1e-9) / scale
    return np.where(small, np.sign(values) * whole, values)


def _call(node: Call, table: RowTable) -> _Any:
    rows = table.rows
    if node.function == "IF":
        verdict = truth(node.arguments[0], table)
        yes = _as_numbers(value(node.arguments[1], table), rows)
        no = _as_numbers(value(node.arguments[2], table), rows) if len(node.arguments) > 2 else np.full(rows, np.nan)
        return np.where(verdict == 1, yes, np.where(verdict == 0, no, np.nan))
    parts = [value(argument, table) for argument in node.arguments]
    match node.function:
        case "DAYS":
            if isinstance(parts[0], DayValues) and isinstance(parts[1], DayValues):
                return elapsed(parts[0], parts[1])
            return np.full(rows, np.nan)
        case "NETWORKDAYS":
            return _network_days(parts[0], parts[1], rows)
        case "YEAR" | "MONTH" | "WEEKDAY":
            return _date_part(node.function, parts[0], rows)
    numbers = [_as_numbers(part, rows) for part in parts]
    match node.function:
        case "IFBLANK":
            return np.where(np.isnan(numbers[0]), numbers[1], numbers[0])
        case "ABS":
            return np.abs(numbers[0])
        case "ROUND":
            digits = int(numbers[1][0]) if len(numbers) > 1 and rows else 0
            return rounded(numbers[0], digits)
        case "MIN":
            return np.fmin.reduce(numbers)
    return np.fmax.reduce(numbers)


def _date_part(function: str, found: _Any, rows: int) -> Floats:
    if not isinstance(found, DayValues):
        return np.full(rows, np.nan)
    blank = found.days == BLANK_DAY
    days = np.where(blank, 0, found.days).astype(np.int64)
    months = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    match function:
        case "YEAR":
            part = months // 12 + 1970
        case "MONTH":
            part = months % 12 + 1
        case _:
            part = (days + 4) % 7 + 1  # as Excel: Sunday is 1
    return np.where(blank, np.nan, part.astype(np.float64))


def _network_days(start: _Any, end: _Any, rows: int) -> Floats:
    """Count Monday to Friday from start to end, both inclusive."""
    if not isinstance(start, DayValues) or not isinstance(end, DayValues):
        return np.full(rows, np.nan)
    blank = (start.days == BLANK_DAY) | (end.days == BLANK_DAY)
    first = np.where(blank, 0, start.days).astype("datetime64[D]")
    last = np.where(blank, 0, end.days).astype("datetime64[D]")
    forward = np.busday_count(first, last + 1)
    backward = -np.busday_count(last, first + 1)
    return np.where(blank, np.nan, np.where(last >= first, forward, backward).astype(np.float64))
