"""From checked nodes back to text, and renaming a KPI in the formulas that refer to it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from math import inf, nextafter

from kpidesk.domain.unit import DURATION, MONEY, PERCENT
from kpidesk.formula.literals import SIGNS, UNIT_DAYS, number_text
from kpidesk.formula.nodes import (
    Aggregate,
    All,
    Arithmetic,
    Between,
    Blank,
    Call,
    Column,
    Comparison,
    Constant,
    Contains,
    Conversion,
    Day,
    IsBlank,
    KpiRef,
    Logic,
    Membership,
    Negate,
    Node,
    Not,
    Number,
    Only,
    Proportion,
    Rows,
    Text,
    Truth,
    Window,
    WindowName,
    WindowUnit,
    walk,
)

_EPOCH = date(1970, 1, 1)
# How tightly an operator binds: what stands inside something tighter needs brackets.
_OR, _AND, _NOT, _TEST, _SUM, _TERM, _POWER, _SIGN, _ATOM = range(9)
_BINDING = {"+": _SUM, "-": _SUM, "*": _TERM, "/": _TERM, "^": _POWER}


def print_formula(node: Node, names: Mapping[str, str] | None = None, currency: str = "GBP") -> str:
    """Return text that reads as the same nodes again. `names` gives KPIs a name to be written with; without one it is the id."""
    sign = next((sign for sign, code in SIGNS.items() if code == currency), "")
    return _Printer(names or {}, sign).text(node)


def renamed(text: str, node: Node, kpi_id: str, name: str) -> str:
    """Return the text of a formula with every reference to one KPI written by its new name; the rest stays as typed.

    `node` is what `text` was checked to.
    """
    name = kpi_id if "[" in name or "]" in name else name
    spans = [part.span for part in walk(node) if isinstance(part, KpiRef) and part.kpi == kpi_id]
    for start, end in sorted(set(spans), reverse=True):
        text = f"{text[:start]}[{name}]{text[end:]}"
    return text


@dataclass(frozen=True, slots=True)
class _Printer:
    """`rows` is what columns are written with: the value of an aggregate says by it which rows it is about."""

    names: Mapping[str, str]
    sign: str
    rows: str | None = None

    def text(self, node: Node, binding: int = _OR) -> str:
        written, own = self._written(node)
        return f"({written})" if own < binding else written

    def _written(self, node: Node) -> tuple[str, int]:
        """Return a node as text and how tightly it binds."""
        match node:
            case Negate():
                return f"-{self.text(node.operand, _SIGN)}", _SIGN
            case Arithmetic():
                binding = _BINDING[node.operator]
                left, right = self.text(node.left, binding), self.text(node.right, binding + 1)
                return f"{left} {node.operator} {right}", binding
            case Comparison():
                return f"{self.text(node.left, _SUM)} {node.operator} {self.text(node.right, _SUM)}", _TEST
            case Logic():
                if len(node.operands) == 1:
                    return f"{node.operator}({self.text(node.operands[0])})", _ATOM
                binding = _AND if node.operator == "AND" else _OR
                return f" {node.operator} ".join(self.text(part, binding + 1) for part in node.operands), binding
            case Not():
                return f"NOT {self.text(node.operand, _NOT)}", _NOT
            case Membership():
                word = "NOT IN" if node.negated else "IN"
                return f"{self.text(node.operand, _SUM)} {word} ({self._list(node.choices)})", _TEST
            case Between():
                operand, low, high = (self.text(part, _SUM) for part in (node.operand, node.low, node.high))
                return f"{operand} BETWEEN {low} AND {high}", _TEST
            case IsBlank():
                word = "IS NOT BLANK" if node.negated else "IS BLANK"
                return f"{self.text(node.operand, _SUM)} {word}", _TEST
            case Contains():
                return f"{self.text(node.operand, _SUM)} CONTAINS {self.text(node.text, _SUM)}", _TEST
            case Proportion() if not _is_share(node):
                return f"{self.text(node.numerator)} / {self.text(node.denominator)}", _TERM
        return self._atom(node), _ATOM

    def _atom(self, node: Node) -> str:
        match node:
            case Number():
                return self._number(node)
            case Text():
                return '"' + node.value.replace('"', '""') + '"'
            case Day():
                day = _EPOCH + timedelta(days=node.value)
                return f"DATE({day.year}, {day.month}, {day.day})"
            case Truth():
                return "TRUE" if node.value else "FALSE"
            case Blank():
                return "BLANK"
            case Column():
                return node.name if self.rows is None else f"{self.rows}.{node.name}"
            case KpiRef():
                name = self.names.get(node.kpi, node.kpi)
                return f"[{node.kpi if '[' in name or ']' in name else name}]"
            case Constant():
                return str(node.name)
            case Call():
                return f"{node.function}({self._list(node.arguments)})"
            case All():
                return f"ALL({self.text(node.operand)})"
            case Only():
                return f"ONLY({self.text(node.operand)} WHERE {self.text(node.where)})"
            case Window():
                return self._window(node)
            case Aggregate():
                return self._aggregate(node)
            case Proportion():
                return (
                    f"SHARE({_rows(node.numerator.rows)}{self._where(node.numerator.where)}{_on(node.numerator.rows)})"
                )
            case Conversion():
                source = f"{_rows(node.source)}{self._where(node.source_where)}{_on(node.source)}"
                goal = f"{_rows(node.target)}{self._where(node.target_where)}"
                within = "" if node.within_days is None else f" WITHIN {_duration(node.within_days)}"
                return f"CONVERSION({source} TO {goal}{within})"
        raise TypeError(type(node).__name__)

    def _list(self, nodes: tuple[Node, ...]) -> str:
        return ", ".join(self.text(node) for node in nodes)

    def _where(self, where: Node | None) -> str:
        return "" if where is None else f" WHERE {self.text(where)}"

    def _aggregate(self, node: Aggregate) -> str:
        rows = _rows(node.rows)
        value = rows if node.value is None else replace(self, rows=rows).text(node.value)
        share = "" if node.parameter is None else f", {number_text(node.parameter)}"
        return f"{node.function}({value}{self._where(node.where)}{_on(node.rows)}{share})"

    def _window(self, node: Window) -> str:
        length = ""
        if node.name in (WindowName.PREVIOUS, WindowName.TRAILING):
            unit = "" if node.unit is WindowUnit.PERIOD else f" {node.unit.upper()}{'' if node.count == 1 else 'S'}"
            length = f", {node.count}{unit}"
            if (node.name, node.count, node.unit) == (WindowName.PREVIOUS, 1, WindowUnit.PERIOD):
                length = ""
        return f"{node.name}({self.text(node.operand)}{length})"

    def _number(self, node: Number) -> str:
        if node.unit == PERCENT:
            return _percent(node.value)
        if node.unit == DURATION:
            return _duration(node.value)
        if node.unit == MONEY:
            return self.sign + number_text(node.value)
        return number_text(node.value)


def _is_share(node: Proportion) -> bool:
    part, whole = node.numerator, node.denominator
    return part.rows == whole.rows and whole.where is None and part.where is not None


def _rows(rows: Rows) -> str:
    if rows.stage is None:
        return rows.name
    stage = rows.stage.replace('"', '""')
    return f'reached("{stage}")'


def _on(rows: Rows) -> str:
    return f" ON {rows.anchor}" if rows.name == "deals" else ""


def _percent(value: float) -> str:
    """Write the number that divided by 100 gives exactly this value: the nearest one may be off by the last bit."""
    near = float(Decimal(repr(value)) * 100)
    written = next((one for one in (near, nextafter(near, 0), nextafter(near, inf)) if one / 100 == value), near)
    return number_text(written) + "%"


def _duration(days: float) -> str:
    """Write a duration in the largest unit that gives a whole number back exactly, else in days."""
    for unit, length in sorted(UNIT_DAYS.items(), key=lambda item: -item[1]):
        count = round(days / length)
        if count and count * length == days:
            return f"{count} {unit}{'' if count == 1 else 'S'}"
    return f"{number_text(days)} DAYS"
