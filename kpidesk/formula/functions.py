"""The functions of the language: how many values each takes, what it does, and an example that works."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from kpidesk.formula.errors import FormulaError
from kpidesk.formula.nodes import Span, WindowName

_Given = TypeVar("_Given")


class Group(StrEnum):
    """Where a function may stand."""

    OVER_ROWS = "over rows"  # turns the rows of a period into one number
    IN_ROWS = "in rows"  # one value per row, inside a function over rows
    OVER_RESULTS = "over results"  # works on finished numbers
    TIME = "time"  # moves the window of what is inside


@dataclass(frozen=True, slots=True)
class Function:
    """One function. `low` and `high` say how many values it takes, `takes` what each is; `summary` is one sentence for the editor."""

    name: str
    groups: tuple[Group, ...]
    low: int
    high: int
    takes: str
    summary: str
    example: str

    def arity(self, arguments: list[_Given], place: Span) -> list[_Given]:
        """Return the arguments when there are as many as the function takes, else raise E21."""
        if self.low <= len(arguments) <= self.high:
            return arguments
        wanted = str(self.low) if self.low == self.high else f"{self.low} to {self.high}"
        noun = "value" if wanted == "1" else "values"
        hint = f"For example {self.example}."
        raise FormulaError("E21", f"{self.name} takes {wanted} {noun}, not {len(arguments)}.", place, hint=hint)


_ROWS, _IN, _RESULTS, _TIME = (Group.OVER_ROWS,), (Group.IN_ROWS,), (Group.OVER_RESULTS,), (Group.TIME,)
_BOTH = (Group.IN_ROWS, Group.OVER_RESULTS)
_CHOICE = (Group.OVER_ROWS, Group.IN_ROWS, Group.OVER_RESULTS)
_MANY = 30

_ALL: tuple[Function, ...] = (
    Function("COUNT", _ROWS, 1, 1, "rows", "Counts rows.", "COUNT(won_deals)"),
    Function("SUM", _ROWS, 1, 1, "column", "Adds up a column.", "SUM(won_deals.amount)"),
    Function("AVERAGE", _ROWS, 1, 1, "column", "The mean of a column, blanks left out.", "AVERAGE(won_deals.amount)"),
    Function("MEDIAN", _ROWS, 1, 1, "column", "The value in the middle.", "MEDIAN(created_leads.response_time)"),
    Function(
        "MIN", _CHOICE, 1, _MANY, "column or value, another value", "The smallest value.", "MIN(won_deals.amount)"
    ),
    Function("MAX", _CHOICE, 1, _MANY, "column or value, another value", "The largest value.", "MAX([Win rate], 10%)"),
    Function("STDEV", _ROWS, 1, 1, "column", "How far values spread around their mean.", "STDEV(won_deals.amount)"),
    Function(
        "PERCENTILE",
        _ROWS,
        2,
        2,
        "column, share",
        "The value below which a share of rows lies.",
        "PERCENTILE(won_deals.amount, 90%)",
    ),
    Function(
        "COUNT_DISTINCT", _ROWS, 1, 1, "column", "Counts different values.", "COUNT_DISTINCT(purchases.customer_id)"
    ),
    Function(
        "COUNTIFS",
        _ROWS,
        1,
        _MANY,
        "rows, test",
        "Counts rows that pass every test.",
        'COUNTIFS(won_deals, source = "Inbound")',
    ),
    Function(
        "SUMIFS",
        _ROWS,
        1,
        _MANY,
        "column, test",
        "Adds up rows that pass every test.",
        "SUMIFS(won_deals.amount, amount >= 500)",
    ),
    Function(
        "AVERAGEIFS",
        _ROWS,
        1,
        _MANY,
        "column, test",
        "The mean of rows that pass.",
        'AVERAGEIFS(won_deals.amount, type = "new")',
    ),
    Function(
        "COUNTIF", _ROWS, 1, 2, "rows, test", "Counts rows that pass a test.", 'COUNTIF(won_deals, source = "Inbound")'
    ),
    Function(
        "SUMIF", _ROWS, 1, 2, "column, test", "Adds up rows that pass a test.", "SUMIF(won_deals.amount, amount >= 500)"
    ),
    Function(
        "AVERAGEIF",
        _ROWS,
        1,
        2,
        "column, test",
        "The mean of rows that pass a test.",
        'AVERAGEIF(won_deals.amount, type = "new")',
    ),
    Function(
        "SHARE",
        _ROWS,
        1,
        1,
        "rows WHERE test",
        "Which share of the rows passes a test.",
        "SHARE(won_deals WHERE amount >= 10000)",
    ),
    Function(
        "CONVERSION",
        _ROWS,
        1,
        1,
        "rows TO rows WITHIN time",
        "Which share of the rows was followed by another in time.",
        "CONVERSION(created_leads TO meetings WITHIN 30 DAYS)",
    ),
    Function(
        "DAYS",
        _IN,
        2,
        2,
        "end, start",
        "Days from the second date to the first.",
        "AVERAGE(DAYS(won_deals.closed, won_deals.created))",
    ),
    Function(
        "NETWORKDAYS",
        _IN,
        2,
        2,
        "start, end",
        "Mondays to Fridays from the first date to the second, both counted.",
        "AVERAGE(NETWORKDAYS(won_deals.created, won_deals.closed))",
    ),
    Function(
        "HOURS",
        _IN,
        2,
        2,
        "end, start",
        "Time from the second instant to the first.",
        "MEDIAN(HOURS(created_leads.first_response, created_leads.created))",
    ),
    Function("YEAR", _IN, 1, 1, "date", "The year of a date.", "COUNT(won_deals WHERE YEAR(created) = 2025)"),
    Function("MONTH", _IN, 1, 1, "date", "The month of a date, 1 to 12.", "COUNT(won_deals WHERE MONTH(created) = 3)"),
    Function(
        "WEEKDAY",
        _IN,
        1,
        1,
        "date",
        "The day of the week, 1 is Sunday.",
        "COUNT(created_leads WHERE WEEKDAY(created) = 2)",
    ),
    Function("DATE", _IN, 3, 3, "year, month, day", "A day.", "COUNT(won_deals WHERE created >= DATE(2025, 3, 31))"),
    Function(
        "IF",
        _BOTH,
        2,
        3,
        "test, value if true, value if not",
        "One value when a test is true, another when not.",
        "IF([Win rate] > 20%, 1, 0)",
    ),
    Function(
        "IFBLANK",
        _BOTH,
        2,
        2,
        "value, value if blank",
        "Another value where there is none.",
        "IFBLANK([Quota], [Sales target])",
    ),
    Function(
        "IFERROR", _BOTH, 2, 2, "value, value if blank", "The same as IFBLANK.", "IFERROR([Quota], [Sales target])"
    ),
    Function("ABS", _BOTH, 1, 1, "value", "A number without its sign.", "ABS([Gap to quota])"),
    Function("ROUND", _BOTH, 1, 2, "value, digits", "Rounds, halves away from zero.", "ROUND([Win rate], 2)"),
    Function(
        "POWER", _RESULTS, 2, 2, "value, power", "A plain number to the power of another.", "POWER(1 + [Win rate], 2)"
    ),
    Function(
        "GROWTH",
        _RESULTS,
        1,
        1,
        "value",
        "The change on the period before, as a share of it.",
        "GROWTH([Total revenue])",
    ),
    Function(
        "ALL", _RESULTS, 1, 1, "value", "The number of all slices together.", "[Total revenue] / ALL([Total revenue])"
    ),
    Function(
        "ONLY",
        _RESULTS,
        1,
        1,
        "value WHERE test",
        "A whole KPI for some of the rows.",
        'ONLY([Win rate] WHERE source = "Inbound")',
    ),
    Function(
        "PREVIOUS",
        _TIME,
        1,
        2,
        "value, how far back",
        "The value so many periods, or so long, before.",
        "PREVIOUS([Total revenue], 3 MONTHS)",
    ),
    Function(
        "LAST_YEAR", _TIME, 1, 1, "value", "The value of the same period a year before.", "LAST_YEAR([Total revenue])"
    ),
    Function(
        "TRAILING",
        _TIME,
        2,
        2,
        "value, how long",
        "The value over the last so many periods, or so long.",
        "TRAILING([Win rate], 12 MONTHS)",
    ),
    Function("YEAR_TO_DATE", _TIME, 1, 1, "value", "From the start of the year.", "YEAR_TO_DATE([Total revenue])"),
    Function(
        "QUARTER_TO_DATE", _TIME, 1, 1, "value", "From the start of the quarter.", "QUARTER_TO_DATE([Total revenue])"
    ),
    Function("MONTH_TO_DATE", _TIME, 1, 1, "value", "From the start of the month.", "MONTH_TO_DATE([Total revenue])"),
    Function(
        "IN_MONTH", _TIME, 1, 1, "value", "The whole month that contains the period's last day.", "IN_MONTH([Quota])"
    ),
    Function(
        "IN_QUARTER",
        _TIME,
        1,
        1,
        "value",
        "The whole quarter that contains the period's last day.",
        "IN_QUARTER([Quota])",
    ),
    Function(
        "IN_YEAR", _TIME, 1, 1, "value", "The whole year that contains the period's last day.", "IN_YEAR([Quota])"
    ),
    Function(
        "AT_START", _TIME, 1, 1, "value", "Open deals and customers as the period began.", "AT_START([Open pipeline])"
    ),
    Function(
        "AT_END", _TIME, 1, 1, "value", "Open deals and customers as the period ended.", "AT_END([Open pipeline])"
    ),
)

FUNCTIONS: Mapping[str, Function] = {function.name: function for function in _ALL}
WINDOWS: Mapping[str, WindowName] = {name.value: name for name in WindowName}
# The Excel spellings, and the function over rows that each stands for.
CONDITIONAL: Mapping[str, str] = {
    "COUNTIFS": "COUNT",
    "SUMIFS": "SUM",
    "AVERAGEIFS": "AVERAGE",
    "COUNTIF": "COUNT",
    "SUMIF": "SUM",
    "AVERAGEIF": "AVERAGE",
}


def stands(name: str, group: Group) -> bool:
    """Whether a function of this name may stand in this place."""
    return name in FUNCTIONS and group in FUNCTIONS[name].groups
