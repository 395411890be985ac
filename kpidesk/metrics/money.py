"""Amounts in the workspace's currency at the rates of their dates (semantics G9)."""

import numpy as np

from kpidesk.frame import BLANK_DAY, Frame
from kpidesk.metrics.table import Days, Floats, TextValues, columns_of, day_values, numbers, text

_NOTHING = (np.zeros(0, dtype=np.int32), np.zeros(0))


class Rates:
    """Exchange rates to the reporting currency, each valid from its day on until the next."""

    def __init__(self, currency: str, fx: Frame | None) -> None:
        self._currency = _code(currency)
        self._rates: dict[str, tuple[Days, Floats]] = {}
        if fx is None:
            return
        columns = columns_of(fx)
        codes = text(columns, "currency", fx.rows)
        starts, rates = day_values(columns, "from", fx.rows).days, numbers(columns, "rate", fx.rows)
        for name in {_code(value) for value in codes.values}:
            same = np.array([_code(value) == name for value in codes.values] + [False], dtype=np.bool_)[codes.codes]
            rows = np.flatnonzero(same & (starts != BLANK_DAY) & (rates > 0))
            order = rows[np.argsort(starts[rows], kind="stable")]
            self._rates[name] = (starts[order], rates[order])

    def convert(self, amounts: Floats, currencies: TextValues, days: Days) -> Floats:
        """Return `amounts` in the reporting currency at the rate of `days`; NaN where no rate is known, never 1:1."""
        result = amounts
        for code, name in enumerate(currencies.values):
            if _code(name) in (self._currency, ""):
                continue
            rows = np.flatnonzero(currencies.codes == code)
            if not rows.size:
                continue
            if result is amounts:
                result = amounts.copy()
            starts, rates = self._rates.get(_code(name), _NOTHING)
            place = np.searchsorted(starts, days[rows], side="right") - 1
            known = np.append(rates, np.nan)  # place -1 is before the first rate
            result[rows] = amounts[rows] * known[place]
        return result


def _code(currency: str) -> str:
    return currency.strip().upper()
