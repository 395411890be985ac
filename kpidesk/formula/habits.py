"""Functions that other programs have: what they are called here, or why there is none."""

from collections.abc import Iterable, Mapping
from typing import cast

from lark import Token

from kpidesk.formula.errors import FormulaError, Suggestion, nearest
from kpidesk.formula.syntax import SyntaxTree, branches, span_of

_LOOKUPS = ("VLOOKUP", "XLOOKUP", "HLOOKUP", "LOOKUP", "INDEX", "MATCH")
_BLANK_TESTS = ("ISBLANK", "ISERROR", "ISNA", "ISNULL", "ISEMPTY")
_CALLED_HERE: Mapping[str, str] = {
    **dict.fromkeys(("AVG", "MEAN"), "AVERAGE"),
    **dict.fromkeys(("COUNTA", "ROWS"), "COUNT"),
    **dict.fromkeys(("COUNTD", "COUNTUNIQUE", "DISTINCTCOUNT", "NUNIQUE", "UNIQUE"), "COUNT_DISTINCT"),
    **dict.fromkeys(("IFNA", "IFNULL", "NVL", "COALESCE"), "IFBLANK"),
    **dict.fromkeys(("DATEDIF", "DATEDIFF"), "DAYS"),
    **dict.fromkeys(("YTD", "TOTALYTD"), "YEAR_TO_DATE"),
    **dict.fromkeys(("QTD", "TOTALQTD"), "QUARTER_TO_DATE"),
    **dict.fromkeys(("MTD", "TOTALMTD"), "MONTH_TO_DATE"),
    "STDDEV": "STDEV",
}


def unknown_function(call: SyntaxTree, known: Iterable[str]) -> FormulaError:
    """Return the error for a call of a function that does not exist; `known` are those that may stand in its place."""
    token = cast("Token", call.children[0])
    name, place, possible = str(token).upper(), span_of(token), list(known)
    if name in _LOOKUPS:
        hint = "Tables are linked already: write the column, for example won_deals.source."
        return FormulaError("E03", f"{token} doesn't exist here.", place, hint=hint)
    message = f"I don't know a function called “{token}”."
    if name in _BLANK_TESTS:
        operand = _written(call)
        test = f"{operand} IS BLANK"
        mends = () if operand is None else (Suggestion(test, test, span_of(call)),)
        return FormulaError("E03", message, place, mends, "Ask with IS BLANK, such as source IS BLANK.")
    if _CALLED_HERE.get(name) in possible:
        return FormulaError("E03", message, place, (Suggestion(_CALLED_HERE[name], _CALLED_HERE[name], place),))
    return FormulaError("E03", message, place, nearest(name, possible, place))


def _written(call: SyntaxTree) -> str | None:
    """Return the one argument of a call as text when it is a name, a column or a KPI."""
    arguments = list(branches(call))
    inner = arguments[0].children[0] if len(arguments) == 1 and len(arguments[0].children) == 1 else None
    if isinstance(inner, Token) or inner is None or inner.data not in ("name", "kpi", "column"):
        return None
    return ("" if str(inner.children[-1]).startswith("[") else ".").join(str(part) for part in inner.children)
