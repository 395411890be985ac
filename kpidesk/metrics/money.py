"""Amounts in the workspace's currency at the rates of their dates (semantics G9)."""

from collections.abc import Mapping

import numpy as np

from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics.table import Days, Floats, TextValues, Values, columns_of, day_values, numbers, text


class Rates:
    """Exchange rates to the reporting currency, each valid from its day on until the next."""

    def __init__(self, currency: str, fx: Frame | None) -> None:
        self._currency = currency.upper()
        self._rates: dict[str, tuple[Days, Floats]] = {}
        if fx is None or not fx.rows:
            return
        columns: Mapping[str, Values] = columns_of(fx)
        codes = text(columns, "currency", fx.rows)
        starts, rates = day_values(columns, "from", fx.rows).days, numbers(columns, "rate", fx.rows)
        for code, name in enumerate(codes.values):
            rows = (codes.codes == code) & (starts != BLANK_DAY) & np.isfinite(rates)
            order = np.argsort(starts[rows], kind="stable")
            self._rates[name.strip().upper()] = (starts[rows][order], rates[rows][order])

    def convert(self, amounts: Floats, currencies: TextValues, days: Days) -> Floats:
        """Return `amounts` in the reporting currency at the rate of `days`; NaN where no rate is known, never 1:1."""
        result = amounts
        for code, name in enumerate(currencies.values):
            if name.strip().upper() in (self._currency, ""):
                continue
            rows = np.flatnonzero(currencies.codes == code)
            if not rows.size:
                continue
            if result is amounts:
                result = amounts.copy()
            starts, rates = self._rates.get(name.strip().upper(), (np.zeros(0, dtype=np.int32), np.zeros(0)))
            place = np.searchsorted(starts, days[rows], side="right") - 1
            known = np.concatenate((rates, [np.nan]))  # place -1 is before the first rate
            result[rows] = amounts[rows] * known[place]
        return result


def no_currency(rows: int) -> TextValues:
    """Return a currency column without a value: the reporting currency."""
    return TextValues(np.full(rows, BLANK_CODE, dtype=np.int32), ())
