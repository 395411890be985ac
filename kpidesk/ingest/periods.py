"""Amounts that may be in cents, or are paid once, a month or a year: they cannot be added before they mean the same."""

import numpy as np

from kpidesk.domain.importing import PERIOD, UNIT, Choices
from kpidesk.domain.problem import Problem, Severity
from kpidesk.frame import NumberColumn
from kpidesk.ingest.cast import Cast
from kpidesk.ingest.cells import tidy
from kpidesk.ingest.detect import Match
from kpidesk.ingest.distinct import distinct, spread
from kpidesk.ingest.headers import fold
from kpidesk.ingest.raw import RawTable

READINGS = ("year", "month")
_HEADERS = frozenset({"value period", "amount period", "billing period"})
_PER_YEAR = {
    "monthly": 12.0,
    "per month": 12.0,
    "month": 12.0,
    "annual": 1.0,
    "annually": 1.0,
    "yearly": 1.0,
    "year": 1.0,
}


UNITS = ("whole", "cents")


def units(done: Cast, raw: RawTable, match: Match, choices: Choices) -> None:
    """Read amounts of a CRM that may write cents as the user said; BLOCKING while nothing in the file tells them apart.

    A written amount beside them (“£400”) is read instead, and one with decimals is of whole pounds.
    """
    amount, place = done.columns.get("amount"), match.fields.get("amount")
    if place is None or not isinstance(amount, NumberColumn) or fold(raw.header[place]) not in match.profile.cents:
        return
    known = amount.values[~np.isnan(amount.values)]
    answer = choices.values.get(UNIT)
    if answer == "cents":
        done.columns["amount"] = NumberColumn(amount.values / 100)
    if answer in UNITS or not known.size or (known != np.round(known)).any():
        return
    hundreds = int(np.count_nonzero(known % 100 == 0))
    text = f"{match.profile.label} may write “{raw.header[place]}” in cents. {hundreds:,} of {known.size:,} amounts end in 00. "
    text += "Choose whether the last two digits are cents, or add “value_formatted” to the export."
    example = f"{known.max():.0f}"
    done.problems.append(
        Problem("value-units", Severity.BLOCKING, text, int(known.size), values=(example,), options=UNITS)
    )


def periods(done: Cast, raw: RawTable, choices: Choices) -> None:
    """Read amounts a month and a year as a year or a month of each; BLOCKING while a file mixes them and nobody has said which."""
    place = next((index for index, header in enumerate(raw.header) if fold(header) in _HEADERS), None)
    amount = done.columns.get("amount")
    if place is None or not isinstance(amount, NumberColumn):
        return
    column = distinct(raw.columns[place])
    yearly = np.array([_PER_YEAR.get(fold(tidy(cell)), np.nan) for cell in column.cells], dtype=np.float64)
    times = spread(column, yearly, np.nan)
    known = ~np.isnan(amount.values)
    once, recurring = int(np.count_nonzero(known & np.isnan(times))), np.unique(times[known & ~np.isnan(times)])
    if not len(recurring):
        return
    answer = choices.values.get(PERIOD)
    if answer in READINGS:
        factor = np.where(np.isnan(times), 1.0, times if answer == "year" else times / 12.0)
        done.columns["amount"] = NumberColumn(amount.values * factor)
        return
    counts = [
        f"{int(np.count_nonzero(known & (times == each))):,} {'a month' if each > 1 else 'a year'}"
        for each in recurring[::-1]
    ]
    if len(recurring) + (once > 0) == 1:
        each = "month" if recurring[0] > 1 else "year"
        text = f"The amounts are paid again every {each}, as “{raw.header[place]}” says. A {each} of each counts."
        done.problems.append(Problem("value-periods", Severity.CHECK, text, int(known.sum()), options=READINGS))
        return
    listed = " and ".join([*counts, *([f"{once:,} once"] if once else [])])
    text = f"“{raw.header[place]}” mixes amounts that are paid {listed}, which must not be added. Choose how much of a repeated amount counts."
    done.problems.append(Problem("value-periods", Severity.BLOCKING, text, int(known.sum()), options=READINGS))
