"""How values are written for people: money, shares, ratios, durations, dates (design section 17).

Every function takes the unrounded value in base units (major units of money, fractions, days, per day) and returns text with a
true minus and non-breaking spaces. Missing is an em dash, never 0.
"""

from datetime import date

from kpidesk.domain.kpi import Display

MISSING = "—"
MINUS = "−"
NBSP = "\u00a0"
SIGNS = {
    "GBP": "£",
    "USD": "$",
    "EUR": "€",
    "JPY": "¥",
    "INR": "₹",
    "CNY": "CN¥",
    "BRL": "R$",
    "AUD": "A$",
    "CAD": "CA$",
}
_DAYS_PER_MONTH = 30.436875


def symbol(currency: str) -> str:
    """Return the sign written before an amount: `£`, or the ISO code and a space where there is no sign."""
    return SIGNS.get(currency, f"{currency}{NBSP}")


def _signed(value: float, text: str) -> str:
    return MINUS + text if value < 0 else text


def _grouped(value: float, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def money(value: float, currency: str, *, trim: bool = False) -> str:
    """Write an amount short, as on cards: £950, £9.6k, £182.4k, £1.24m. `trim` drops a trailing .0 (targets and goals)."""
    size, sign = abs(value), symbol(currency)
    if size < 9.995:
        text = _grouped(size, 0 if size == round(size) else 2)
    elif size < 999.5:
        text = _grouped(size, 0)
    elif size < 999_950:
        text = f"{size / 1_000:.1f}k"
    else:
        text = f"{size / 1_000_000:.2f}m"
    if trim:
        text = text.replace(".0k", "k").replace(".00m", "m")
    return _signed(value, sign + text) if float(text.strip("km").replace(",", "")) else sign + text


def money_exact(value: float, currency: str) -> str:
    """Write an amount in full, to the penny: £182,412.50."""
    return _signed(round(value, 2), symbol(currency) + _grouped(abs(value), 2))


def percent(value: float, decimals: int = 1) -> str:
    """Write a fraction as a percentage: 24.1%. Above zero but below what shows is <0.1%."""
    floor = 10**-decimals
    shown = abs(value) * 100
    if 0 < shown < floor / 2:
        return _signed(value, f"<{floor:.{decimals}f}%")
    text = f"{shown:,.{decimals}f}%"
    return _signed(value, text) if shown >= floor / 2 else text


def range_text(ends: tuple[float, float]) -> str:
    """Write the range of a rate: 17% to 37%."""
    return f"{percent(ends[0], 0)} to {percent(ends[1], 0)}"


def ratio(value: float) -> str:
    """Write a multiple: 3.4x."""
    return _signed(round(value, 1), f"{abs(value):,.1f}x")


def count(value: float) -> str:
    """Write a number of things: 1,204; a fraction of one keeps a decimal."""
    decimals = 0 if value == round(value) else 1
    return _signed(round(value, decimals), _grouped(abs(value), decimals))


def plural(number: float, one: str, many: str | None = None) -> str:
    """Write a count with its noun: 1 deal, 2 deals."""
    return f"{count(number)}{NBSP}{one if number == 1 else many or one + 's'}"


def days(value: float) -> str:
    """Write a length of time given in days: 41 days, 1.2 days, and from two years on 2.5 years."""
    size = abs(value)
    if size >= 730.5:
        return _signed(value, f"{size / 365.25:.1f}{NBSP}years")
    whole = size >= 10 or size == round(size)
    text = _grouped(size, 0 if whole else 1)
    return (
        _signed(value, f"{text}{NBSP}{'day' if text == '1' else 'days'}")
        if float(text.replace(",", ""))
        else f"0{NBSP}days"
    )


def hours(value: float) -> str:
    """Write a length of time given in days by the clock: 45 min, 3 h 12 min, 2.4 days."""
    minutes = round(abs(value) * 1440)
    if minutes >= 2 * 1440:
        return days(value)
    whole, rest = divmod(minutes, 60)
    if not whole:
        text = f"{rest}{NBSP}min"
    elif not rest:
        text = f"{whole}{NBSP}h"
    else:
        text = f"{whole}{NBSP}h {rest}{NBSP}min"
    return _signed(value, text) if minutes else text


def value_text(value: float | None, display: Display, currency: str, *, trim: bool = False) -> str:
    """Write a value the way its KPI is displayed, short as on cards. None is an em dash."""
    if value is None:
        return MISSING
    match display:
        case Display.MONEY:
            return money(value, currency, trim=trim)
        case Display.PERCENT:
            text = percent(value)
            return text.replace(".0%", "%") if trim else text
        case Display.RATIO:
            return ratio(value)
        case Display.COUNT:
            return count(value)
        case Display.DAYS:
            return days(value)
        case Display.HOURS:
            return hours(value)
        case Display.MONEY_PER_DAY:
            return f"{money(value, currency, trim=trim)}{NBSP}a day"
        case Display.COUNT_PER_DAY:
            return f"{count(round(value * _DAYS_PER_MONTH, 1))}{NBSP}a month"
        case Display.NUMBER:
            return count(round(value, 2))


def apart_text(value: float | None, against: float | None, display: Display, currency: str) -> str:
    """Write a value as `value_text` does, with the decimals that tell it from what it is held against: 2.98x misses 3.0x."""
    text = value_text(value, display, currency)
    if value is None or against is None or value == against or text != value_text(against, display, currency):
        return text
    for decimals in range(2, 6):
        finer = _finer(value, display, currency, decimals)
        if finer != _finer(against, display, currency, decimals):
            return finer
    return text


def _finer(value: float, display: Display, currency: str, decimals: int) -> str:
    match display:
        case Display.PERCENT:
            return percent(value, decimals)
        case Display.RATIO:
            return _signed(round(value, decimals), f"{abs(value):,.{decimals}f}x")
        case Display.DAYS:
            return _signed(round(value, decimals - 1), f"{abs(value):,.{decimals - 1}f}{NBSP}days")
        case Display.MONEY:
            return money_exact(value, currency)
    return value_text(value, display, currency)


def exact_text(value: float | None, display: Display, currency: str) -> str:
    """Write a value in full precision, for tooltips and copying."""
    if value is None:
        return MISSING
    match display:
        case Display.MONEY:
            return money_exact(value, currency)
        case Display.MONEY_PER_DAY:
            return f"{money_exact(value, currency)}{NBSP}a day"
        case Display.PERCENT:
            return percent(value, 4)
        case Display.DAYS:
            return f"{value:,.4f}{NBSP}days".replace("-", MINUS)
        case Display.HOURS:
            return f"{value * 24:,.4f}{NBSP}hours".replace("-", MINUS)
        case _:
            return f"{value:,.6g}".replace("-", MINUS)


def change_text(change: float, display: Display, currency: str) -> str:
    """Write the size of a change without its sign, in its own unit; between percentages in percentage points."""
    size = abs(change)
    if display is Display.PERCENT:
        return f"{size * 100:.1f}{NBSP}pp"
    if display is Display.RATIO and size < 0.05:
        return f"{size:.2f}x"
    return value_text(size, display, currency)


def day(value: date, *, year: bool = True, weekday: bool = False) -> str:
    """Write a date: 11 Sep 2026; Fri 11 Sep."""
    text = f"{value.day} {value:%b}"
    if weekday:
        text = f"{value:%a} {text}"
    return f"{text} {value.year}" if year else text
