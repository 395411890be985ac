"""Purchases, refunds and customers: who bought what, gave it back, came and left (semantics 1.2, G4, G5)."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np

from kpidesk.domain.explanation import LeftOut
from kpidesk.frame import BLANK_CODE, BLANK_DAY, Frame
from kpidesk.metrics.links import Links
from kpidesk.metrics.money import Rates
from kpidesk.metrics.sieve import Origin, Sieve, narrowed, origin_of
from kpidesk.metrics.table import (
    NEVER,
    TOLD,
    Columns,
    Days,
    DayValues,
    FlagValues,
    Floats,
    Mask,
    Part,
    RowNumbers,
    RowTable,
    TextValues,
    Values,
    chosen,
    columns_of,
    day_values,
    filled_from,
    first_known,
    flags,
    is_one_of,
    numbers,
    take,
    take_days,
    take_texts,
    text,
    up_to,
    with_date,
)

_REFUNDS = ("refund", "refunds", "refunded", "credit note")
_OF_DEALS = ("source", "segment", "industry")


def transaction_table(
    frame: Frame, name: str, rates: Rates, as_of: int, customers: "Customers | None", links: Links
) -> RowTable:
    """Return the sales (`purchases`) or the refunds among the transactions.

    An invoice seldom says where its customer came from: source, segment and industry are the customer's where it does not.
    """
    columns, rows = columns_of(frame), frame.rows
    date = day_values(columns, "date", rows).days
    told = numbers(columns, "amount", rows)
    refund = is_one_of(text(columns, "kind", rows), *_REFUNDS) | (told < 0)
    if "amount" in columns:
        currency = text(columns, "currency", rows)
        columns = columns.with_({"amount": partial(rates.convert, told, currency, date), TOLD + "amount": told})
    if customers is not None and "customer_id" in columns:
        columns = columns.with_(_of_customers(columns, rows, customers, links))
    sieve = Sieve(frame.entity, rows)
    sieve = sieve.also(LeftOut.NOT_REFUND, refund) if name == "refunds" else sieve.also(LeftOut.REFUND, ~refund)
    return chosen(name, columns, with_date(sieve, date, as_of), date, first_known(date))


def _of_customers(columns: Columns, rows: int, customers: "Customers", links: Links) -> dict[str, Part]:
    @cache
    def place() -> RowNumbers:
        known = text(customers.columns, "customer_id", customers.rows)
        return links.rows_of(known, text(columns, "customer_id", rows))

    names = [name for name in _OF_DEALS if name in customers.columns]
    return {name: partial(_of_customer, columns, customers, name, place) for name in names}


def _of_customer(columns: Columns, customers: "Customers", name: str, place: Callable[[], RowNumbers]) -> TextValues:
    return _borrowed(columns, customers, name, place())


def has_sales(frame: Frame) -> bool:
    """Whether a frame of transactions has any that is not a refund."""
    columns = columns_of(frame)
    refund = is_one_of(text(columns, "kind", frame.rows), *_REFUNDS) | (numbers(columns, "amount", frame.rows) < 0)
    return not bool(refund.all())


def deal_purchases(won: RowTable) -> RowTable:
    """Return won deals as purchases, where no sales were imported."""
    columns = won.columns.with_({"customer_id": buyer(won)}) if names_buyers(won) else won.columns
    return RowTable(won.name, won.rows, columns, won.days, won.first_day, origins=won.origins)


def refund_table(parts: list[RowTable]) -> RowTable:
    """Put refunds from several tables under each other, as positive amounts."""
    joined = parts[0] if len(parts) == 1 else stack(*parts)
    columns = joined.columns
    if "amount" in columns:
        columns = columns.with_({"amount": lambda: np.abs(numbers(joined.columns, "amount", joined.rows))})
    return RowTable("refunds", joined.rows, columns, joined.days, joined.first_day, origins=joined.origins)


def names_buyers(won: RowTable) -> bool:
    """Whether an import of deals has told who bought."""
    return "customer_id" in won.columns or "account" in won.columns


def buyer(won: RowTable) -> TextValues:
    """Return who bought: the customer id, else the account's name."""
    for name in ("customer_id", "account"):
        found = text(won.columns, name, won.rows)
        if (found.codes != BLANK_CODE).any():
            return found
    return text(won.columns, "customer_id", won.rows)


@dataclass(frozen=True, slots=True)
class Customers:
    """All customers, whatever the day, and where their rows come from."""

    columns: Columns
    rows: int
    origin: Origin


def derived_customers(won: RowTable) -> Customers:
    """Return the customers behind won deals: each is acquired with its first one, and has that deal's source and segment."""
    who = buyer(won)
    rows = _first_deals(won, who)
    first = np.zeros(won.rows, dtype=np.bool_)
    first[rows] = True
    sieve = Sieve(won.name, won.rows).also(LeftOut.NO_CUSTOMER, who.codes != BLANK_CODE).also(LeftOut.REPEAT, first)
    parts: dict[str, Part] = {
        "customer_id": take(who, rows),
        "acquired": take(day_values(won.columns, "closed", won.rows), rows),
    }
    parts.update({name: partial(_taken, won.columns, name, rows) for name in _OF_DEALS if name in won.columns})
    return Customers(Columns(parts), len(rows), narrowed(won.origins[0], sieve, rows))


def imported_customers(frame: Frame, won: RowTable | None, links: Links) -> Customers:
    """Return the imported customers. What was not imported of them comes from each one's first won deal, its date foremost."""
    columns, rows = columns_of(frame), frame.rows
    origin = origin_of(Sieve(frame.entity, rows), np.arange(rows))
    if won is None:
        return Customers(columns, rows, origin)
    who = text(won.columns, "customer_id", won.rows)
    first = _first_deals(won, who)
    place = links.rows_of(TextValues(who.codes[first], who.values), text(columns, "customer_id", rows))
    deal = np.append(first, -1)[place]
    parts: dict[str, Part] = {"acquired": partial(_acquired, columns, won, deal)}
    known = [name for name in _OF_DEALS if name in won.columns]
    parts.update({name: partial(_borrowed, columns, won, name, deal) for name in known})
    return Customers(columns.with_(parts), rows, origin)


def _borrowed(columns: Columns, lender: "RowTable | Customers", name: str, place: RowNumbers) -> TextValues:
    """Return a text column, its gaps filled from the row of the `lender` that `place` names for each of its rows, -1 for none."""
    own, other = text(columns, name, len(place)), take_texts(text(lender.columns, name, lender.rows), place)
    if not own.values:
        return other
    mine = _texts(own, other)
    return TextValues(np.where(own.codes == BLANK_CODE, mine.codes[len(place) :], own.codes), mine.values)


def _acquired(columns: Columns, won: RowTable, deal: RowNumbers) -> DayValues:
    bought = take_days(day_values(won.columns, "closed", won.rows), deal)
    return filled_from(day_values(columns, "acquired", len(deal)), bought)


def customer_table(name: str, customers: Customers, as_of: int) -> RowTable | None:
    """Return the customers gained, lost or held. None where no import has told when they came or left."""
    columns, rows = customers.columns, customers.rows
    field = "churned" if name == "churned_customers" else "acquired"
    if field not in columns:
        return None
    acquired, churned = (day_values(columns, one, rows) for one in ("acquired", "churned"))
    sieve = Sieve(name, rows)
    if field == "churned":
        sieve = sieve.also(LeftOut.NOT_CHURNED, churned.days != BLANK_DAY)
    days = (churned if field == "churned" else acquired).days
    table = chosen(name, columns, with_date(sieve, days, as_of), days, first_known(acquired.days, churned.days))
    held = table.origins[0].places()
    table = replace(table, origins=(narrowed(customers.origin, with_date(sieve, days, as_of), held),))
    if name != "active_customers":
        return table
    left = up_to(churned, as_of).days[held]
    gone: Days = np.where(left == BLANK_DAY, NEVER, left)
    return replace(table, stock=True, opened=table.days, closed=gone)


def _first_deals(won: RowTable, who: TextValues) -> RowNumbers:
    """Return the row of each buyer's first won deal."""
    order = np.argsort(won.days, kind="stable")
    order = order[who.codes[order] != BLANK_CODE]
    _, first = np.unique(who.codes[order], return_index=True)
    return order[first]


def _taken(columns: Columns, name: str, rows: RowNumbers) -> Values:
    return take(columns[name], rows)


def stack(one: RowTable, other: RowTable) -> RowTable:
    """Put the rows of two tables under each other; a column that one of them lacks is blank there."""
    names = dict.fromkeys((*one.columns, *other.columns))
    columns = Columns({name: partial(_stacked, one, other, name) for name in names})
    firsts = [table.first_day for table in (one, other) if table.first_day is not None]
    days = np.concatenate((one.days, other.days))
    origins = one.origins + other.origins
    rows = one.rows + other.rows
    pending, inferred = (_marks(one, other, name) for name in ("pending", "inferred"))
    first = min(firsts, default=None)
    return RowTable(one.name, rows, columns, days, first, pending=pending, inferred=inferred, origins=origins)


def _marks(one: RowTable, other: RowTable, name: str) -> Mask | None:
    """Put two masks under each other; a table without one has no row marked."""
    masks = [getattr(table, name) for table in (one, other)]
    if masks[0] is None and masks[1] is None:
        return None
    blank = [np.zeros(table.rows, dtype=np.bool_) for table in (one, other)]
    return np.concatenate([gap if mask is None else mask for mask, gap in zip(masks, blank, strict=True)])


def _stacked(one: RowTable, other: RowTable, name: str) -> Values:
    kind = one.columns[name] if name in one.columns else other.columns[name]
    tables = (one, other)
    match kind:
        case TextValues():
            return _texts(*(text(table.columns, name, table.rows) for table in tables))
        case DayValues():
            dates = [day_values(table.columns, name, table.rows) for table in tables]
            return DayValues(
                np.concatenate([one.days for one in dates]), np.concatenate([one.instants for one in dates])
            )
        case FlagValues():
            return FlagValues(np.concatenate([flags(table.columns, name, table.rows) for table in tables]))
    joined: Floats = np.concatenate([numbers(table.columns, name, table.rows) for table in tables])
    return joined


def _texts(first: TextValues, second: TextValues) -> TextValues:
    """Put two text columns under each other."""
    values = tuple(dict.fromkeys((*first.values, *second.values)))
    place = {value: code for code, value in enumerate(values)}
    recode = np.array([place[value] for value in second.values] + [BLANK_CODE], dtype=np.int32)
    return TextValues(np.concatenate((first.codes, recode[second.codes])), values)
