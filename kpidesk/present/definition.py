"""A formula in words: "Deals won in Q3 2026, divided by deals decided in it"."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

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
    ConstantName,
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
)
from kpidesk.formula.printer import print_formula
from kpidesk.present.numbers import count, day, plural
from kpidesk.present.texts import lower_first

_EPOCH = date(1970, 1, 1)
# One row and several of each row set; "deal that reached" takes its stage.
NOUNS: Mapping[str, tuple[str, str]] = {
    "created_deals": ("deal created", "deals created"),
    "closed_deals": ("deal decided", "deals decided"),
    "won_deals": ("deal won", "deals won"),
    "lost_deals": ("deal lost", "deals lost"),
    "open_deals": ("open deal", "open deals"),
    "deals": ("deal", "deals"),
    "refunds": ("refund", "refunds"),
    "created_leads": ("lead created", "leads created"),
    "meetings": ("meeting booked", "meetings booked"),
    "calls": ("call made", "calls made"),
    "proposals": ("proposal sent", "proposals sent"),
    "stage_reached": ("stage reached", "stages reached"),
    "stage_exits": ("stay in a stage that ended", "stays in a stage that ended"),
    "new_customers": ("customer acquired", "customers acquired"),
    "churned_customers": ("customer lost", "customers lost"),
    "active_customers": ("customer", "customers"),
    "purchases": ("purchase", "purchases"),
    "costs": ("cost", "costs"),
    "sales_marketing_costs": ("cost of sales and marketing", "costs of sales and marketing"),
    "company_targets": ("target of the company", "targets of the company"),
    "quotas": ("quota of an owner", "quotas of owners"),
}
_STOCKS = {"open_deals", "active_customers"}
_DATES = {"created": "created", "closed": "closed", "expected_close": "expected to close"}
_OF = {
    "SUM": "sum of",
    "AVERAGE": "average",
    "MEDIAN": "median",
    "MIN": "smallest",
    "MAX": "largest",
    "STDEV": "standard deviation of",
}
# What a column is called in a sentence, where that is not its name with blanks.
_COLUMNS = {
    "amount": "value",
    "cycle_days": "length from creation to close",
    "work_response": "response time in working hours",
    "deal_stage": "deal and stage",
    "customer_id": "customer",
    "deal_id": "deal",
    "lead_id": "lead",
    "days": "length",
    "owner_has_quota": "the owner has a quota",
    "qualified": "they are qualified",
    "advanced": "the deal went further",
    "still_here": "the deal is still there",
    "implied": "the stage was passed over",
}
_OPERATORS = {"+": "plus", "-": "less", "*": "times", "/": "divided by", "^": "to the power of"}
# What may stand left of an operator without brackets.
_CHAINS = {"+": "+-", "-": "+-", "*": "*"}
_TESTS = {"=": "is", "<>": "is not", "<": "is below", "<=": "is at most", ">": "is above", ">=": "is at least"}
_WINDOWS = {
    WindowName.LAST_YEAR: "in the same period a year earlier",
    WindowName.YEAR_TO_DATE: "from the start of the year",
    WindowName.QUARTER_TO_DATE: "from the start of the quarter",
    WindowName.MONTH_TO_DATE: "from the start of the month",
    WindowName.IN_MONTH: "in the whole month",
    WindowName.IN_QUARTER: "in the whole quarter",
    WindowName.IN_YEAR: "in the whole year",
    WindowName.AT_START: "at its start",
    WindowName.AT_END: "at its end",
}
_FUNCTIONS = {
    "IFBLANK": "{0} (or {1} where there is none)",
    "GROWTH": "growth of {0} on the period before",
    "ABS": "size of {0}",
    "DAYS": "days between {1} and {0}",
    "NETWORKDAYS": "working days between {1} and {0}",
    "HOURS": "hours between {1} and {0}",
    "YEAR": "year of {0}",
    "MONTH": "month of {0}",
    "WEEKDAY": "day of the week of {0}",
    "ROUND": "{0} rounded",
    "POWER": "{0} to the power of {1}",
    "IF": "{1} where {0}, else {2}",
}


def rows_words(rows: Rows, number: float = 2) -> str:
    """Return the noun for rows: deals won, deal that reached “Demo”."""
    if rows.stage is not None:
        return f"{'deal' if number == 1 else 'deals'} that reached “{rows.stage}”"
    noun = NOUNS[rows.name][number != 1]
    return f"{noun} {_DATES[rows.anchor]}" if rows.name == "deals" else noun


def in_words(node: Node, names: Mapping[str, str], currency: str, period: str) -> str:
    """Say what a checked formula counts in `period`, such as "in Q3 2026", as one sentence. `names` are those of KPIs by id."""
    words = _Words(names, currency, period)
    text = words.of(node)
    if words.unsaid:
        text += f", {period}"
    return f"{_capital(text)}."


def phrase(node: Node, names: Mapping[str, str], currency: str) -> str:
    """Say what a checked formula counts, without its period and full stop."""
    text = _Words(names, currency, "").of(node)
    return _capital(text)


def _capital(text: str) -> str:
    first = 1 if text.startswith("(") else 0
    return f"{text[:first]}{text[first : first + 1].upper()}{text[first + 1 :]}"


@dataclass
class _Words:
    """Puts nodes into words. The first rows name the period, those after it refer to it; `moved` names another one instead."""

    names: Mapping[str, str]
    currency: str
    period: str
    moved: str = ""
    said: list[str] = field(default_factory=list)

    @property
    def unsaid(self) -> bool:
        return not self.said

    def of(self, node: Node) -> str:
        match node:
            case KpiRef():
                return f"{lower_first(self.names.get(node.kpi, node.kpi))}{self._moved()}"
            case Aggregate():
                return f"{self._aggregate(node)}{self._when(node.rows)}{self._where(node.where)}"
            case Proportion():
                return self._proportion(node)
            case Conversion():
                return self._conversion(node)
            case Window():
                return replace(self, moved=self._window(node)).of(node.operand)
            case All():
                return f"{self.of(node.operand)} of everybody"
            case Only():
                return f"{self.of(node.operand)}, only where {self.test(node.where)}"
            case Arithmetic():
                chain = isinstance(node.left, Arithmetic) and node.left.operator in _CHAINS.get(node.operator, "")
                left = self.of(node.left) if chain else self._operand(node.left)
                right = self._operand(node.right)
                return f"{left}{', ' if node.operator == '/' else ' '}{_OPERATORS[node.operator]} {right}"
            case Negate():
                return f"minus {self.of(node.operand)}"
            case Constant():
                long = node.name is ConstantName.PERIOD_LENGTH
                return "the length of the period" if long else "the share of the period that has passed"
            case Call():
                return self._call(node)
            case Column():
                return _COLUMNS.get(node.name, node.name.replace("_", " "))
            case Blank():
                return "no value"
            case Text():
                return f"“{node.value}”"
            case Day():
                return day(_EPOCH + timedelta(days=node.value))
            case Truth():
                return "yes" if node.value else "no"
            case Number() if node.unit.days == 1:
                return print_formula(node, {}, self.currency).lower()
            case Number():
                return print_formula(node, {}, self.currency)
        return self.test(node)

    def test(self, node: Node) -> str:
        """Put a condition into words."""
        match node:
            case Comparison():
                return f"{self.of(node.left)} {_TESTS[node.operator]} {self.of(node.right)}"
            case Membership():
                listed = _either([self.of(one) for one in node.choices], "nor" if node.negated else "or")
                return f"{self.of(node.operand)} is {'neither' if node.negated else 'one of'} {listed}"
            case Between():
                return f"{self.of(node.operand)} is between {self.of(node.low)} and {self.of(node.high)}"
            case IsBlank():
                return f"there is {'a' if node.negated else 'no'} {self.of(node.operand)}"
            case Contains():
                return f"{self.of(node.operand)} contains {self.of(node.text)}"
            case Logic():
                return f" {node.operator.lower()} ".join(self.test(one) for one in node.operands)
            case Not():
                return f"not: {self.test(node.operand)}"
        return self.of(node)

    def _operand(self, node: Node) -> str:
        words = self.of(node)
        return f"({words})" if isinstance(node, Arithmetic) else words

    def _aggregate(self, node: Aggregate) -> str:
        rows = rows_words(node.rows)
        if node.value is None:
            return rows
        column = self.of(node.value)
        if node.function == "COUNT_DISTINCT":
            return f"different {'customers' if column == 'customer' else f'values of {column}'} among {rows}"
        if node.function == "PERCENTILE":
            return f"{count((node.parameter or 0.0) * 100)}th percentile of the {column} of {rows}"
        if node.function == "SUM" and isinstance(node.value, Column):
            return f"{column} of {rows}"
        return f"{_OF[node.function]} {column} of {rows}"

    def _proportion(self, node: Proportion) -> str:
        part, whole = node.numerator, node.denominator
        if part.rows == whole.rows:
            return f"share of {rows_words(whole.rows)}{self._where(whole.where)}{self._when(whole.rows)}{self._where(part.where)}"
        return f"{self.of(part)}, divided by {self.of(whole)}"

    def _conversion(self, node: Conversion) -> str:
        within = "" if node.within_days is None else f" within {plural(node.within_days, 'day')}"
        goal = f"{rows_words(node.target)}{self._where(node.target_where)}"
        source = f"{rows_words(node.source)}{self._where(node.source_where)}{self._when(node.source)}"
        return f"share of {source} that led to {goal}{within}"

    def _where(self, where: Node | None) -> str:
        return "" if where is None else f" where {self.test(where)}"

    def _when(self, rows: Rows) -> str:
        if self.moved or not self.period:
            return self._moved()
        first = self.unsaid
        self.said.append(rows.name)
        if rows.name in _STOCKS:
            return f" at the end of {self.period.removeprefix('in ')}" if first else " at its end"
        return f" {self.period}" if first else " in it"

    def _moved(self) -> str:
        return f" {self.moved}" if self.moved else ""

    def _window(self, node: Window) -> str:
        unit = "period" if node.unit is WindowUnit.PERIOD else str(node.unit)
        if node.name is WindowName.PREVIOUS:
            return (
                "in the period before" if (node.count, unit) == (1, "period") else f"{plural(node.count, unit)} earlier"
            )
        if node.name is WindowName.TRAILING:
            return f"over the last {plural(node.count, unit)}"
        return _WINDOWS[node.name]

    def _call(self, node: Call) -> str:
        told = [self.test(one) for one in node.arguments]
        if node.function in ("MIN", "MAX"):
            return f"the {'smaller' if node.function == 'MIN' else 'larger'} of {_either(told, 'and')}"
        return _FUNCTIONS[node.function].format(*told, *[""] * 3)


def _either(words: list[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
