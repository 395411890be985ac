"""A made-up company of any size: deals, their stage history, leads and activities, as plain arrays. The same for the same seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, Column, Frame, NumberColumn, TextColumn, TimeColumn

FIRST, MONTHS, EARLIER = date(2022, 10, 1), 36, 3  # asked for: 36 months; three more of data lie before them
AS_OF = date(2025, 9, 30)
DIMENSIONS: Mapping[str, int] = {
    "owner": 20,
    "source": 8,
    "segment": 4,
    "region": 10,
    "industry": 12,
    "product": 15,
    "type": 3,
}
STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")
STATUSES = ("open", "won", "lost")
_DEPTHS = (0.1, 0.15, 0.3, 0.45)  # share of deals that come to each stage and no farther: 3.1 stays a deal
_WON, _NO_AMOUNT = 0.25, 0.03
_LEAD_OF_DEAL, _MET, _ANSWERED = 0.6, 0.25, 0.8
Numbers = npt.NDArray[Any]


def day_number(day: date) -> int:
    return (day - date(1970, 1, 1)).days


START, END = day_number(date(2022, 7, 1)), day_number(AS_OF)


def month_of(days: Numbers) -> Numbers:
    """Return months since the first month of the data; -1 for blank."""
    month = np.where(days == BLANK_DAY, START, days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    first = np.datetime64("2022-07").astype(np.int64)
    return np.where(days == BLANK_DAY, -1, month - first).astype(np.int16)


@dataclass(frozen=True)
class Table:
    """Columns by name: texts as (codes, values), days and amounts as arrays."""

    rows: int
    texts: Mapping[str, tuple[Numbers, tuple[str, ...]]]
    days: Mapping[str, Numbers]
    numbers: Mapping[str, Numbers]

    def frame(self, entity: str) -> Frame:
        columns: dict[str, Column] = {name: TextColumn(*text) for name, text in self.texts.items()}
        for name, days in self.days.items():
            nothing = np.full(self.rows, BLANK_INSTANT, dtype=np.int64)
            columns[name] = TimeColumn(days, nothing, np.zeros(self.rows, dtype=np.bool_))
        columns.update({name: NumberColumn(values) for name, values in self.numbers.items()})
        return Frame(entity, self.rows, columns)


@dataclass(frozen=True)
class Company:
    deals: Table
    stage_history: Table
    leads: Table
    activities: Table

    def frames(self) -> dict[str, Frame]:
        return {name: getattr(self, name).frame(name) for name in ("deals", "stage_history", "leads", "activities")}


def made(deals: int, seed: int = 11) -> Company:
    """Make a company of so many deals, 3 times as many stays in stages, as many leads and twice as many activities."""
    dice = np.random.default_rng(seed)
    created = np.sort(END - (dice.beta(1.0, 1.3, deals) * (END - START + 1)).astype(np.int64)).astype(np.int32)
    length = np.clip(dice.lognormal(3.6, 0.8, deals), 1, 700)
    over = created + length.astype(np.int32)
    decided = over <= END
    won = decided & (dice.random(deals) < _WON)
    status = np.where(won, 1, np.where(decided, 2, 0)).astype(np.int32)
    closed = np.where(decided, over, np.int32(BLANK_DAY)).astype(np.int32)
    amount = np.round(dice.lognormal(9.0, 1.0, deals))
    amount[dice.random(deals) < _NO_AMOUNT] = np.nan
    texts = {
        "deal_id": _ids("D", deals),
        "name": _ids("Deal no. ", deals),
        "status": (status, STATUSES),
        **{name: _texts(dice, name, size, deals) for name, size in DIMENSIONS.items()},
        "currency": (np.zeros(deals, dtype=np.int32), ("GBP",)),
    }
    history, stage = _history(dice, created, length, closed)
    texts["stage"] = (stage, STAGES)
    lead = np.where(dice.random(deals) < _LEAD_OF_DEAL, dice.permutation(deals), BLANK_CODE).astype(np.int32)
    texts["lead_id"] = (lead, _ids("L", deals)[1])
    table = Table(deals, texts, {"created": created, "closed": closed}, {"amount": amount})
    return Company(table, history, _leads(dice, created, lead), _activities(dice, created))


def _ids(prefix: str, rows: int) -> tuple[Numbers, tuple[str, ...]]:
    return np.arange(rows, dtype=np.int32), tuple(f"{prefix}{number}" for number in range(1, rows + 1))


def _texts(dice: np.random.Generator, name: str, size: int, rows: int) -> tuple[Numbers, tuple[str, ...]]:
    """Return a dimension of so many values, some much more frequent than others, and now and then none."""
    codes = (dice.beta(1.0, 1.6, rows) * size).astype(np.int32)
    codes[dice.random(rows) < 0.01] = BLANK_CODE
    return codes, tuple(f"{name.capitalize()} {number}" for number in range(1, size + 1))


def _history(dice: np.random.Generator, created: Numbers, length: Numbers, closed: Numbers) -> tuple[Table, Numbers]:
    """Return the stays of deals in stages, and the stage in which each deal is: the first on creation, then one by one."""
    deals = len(created)
    depth = dice.choice(len(STAGES), deals, p=_DEPTHS) + 1
    shares = np.sort(dice.random((deals, len(STAGES))), axis=1)
    shares[:, 0] = 0.0
    entered = created[:, None] + (shares * length[:, None]).astype(np.int32)
    there = (np.arange(len(STAGES)) < depth[:, None]) & (entered <= END)
    last = there.sum(axis=1) - 1
    exited = np.full((deals, len(STAGES)), BLANK_DAY, dtype=np.int32)
    exited[:, :-1] = np.where(there[:, 1:], entered[:, 1:], BLANK_DAY)
    exited[np.arange(deals), last] = closed
    deal, stage = np.nonzero(there)
    ids = _ids("D", deals)[1]
    texts = {"deal_id": (deal.astype(np.int32), ids), "stage": (stage.astype(np.int32), STAGES)}
    days = {"entered": entered[there].astype(np.int32), "exited": exited[there]}
    return Table(len(deal), texts, days, {}), last.astype(np.int32)


def _leads(dice: np.random.Generator, deal_created: Numbers, lead: Numbers) -> Table:
    rows = len(deal_created)
    created = np.clip(END - (dice.beta(1.0, 1.3, rows) * (END - START + 1)).astype(np.int64), START, END).astype(
        np.int32
    )
    linked = lead >= 0
    created[lead[linked]] = np.maximum(deal_created[linked] - dice.integers(0, 120, linked.sum()), START)
    answered = (created + dice.integers(0, 4, rows)).astype(np.int32)
    answered[(answered > END) | (dice.random(rows) > _ANSWERED)] = BLANK_DAY
    texts = {
        "lead_id": _ids("L", rows),
        **{name: _texts(dice, name, DIMENSIONS[name], rows) for name in ("owner", "source", "segment")},
    }
    return Table(rows, texts, {"created": created, "first_response": answered}, {})


def _activities(dice: np.random.Generator, deal_created: Numbers) -> Table:
    deals, rows = len(deal_created), 2 * len(deal_created)
    lead = np.where(dice.random(rows) < _MET, dice.integers(0, deals, rows), BLANK_CODE).astype(np.int32)
    days = (END - (dice.beta(1.0, 1.3, rows) * (END - START + 1)).astype(np.int64)).astype(np.int32)
    texts = {
        "activity_id": _ids("A", rows),
        "type": (dice.integers(0, 3, rows).astype(np.int32), ("call", "meeting", "proposal")),
        "status": (dice.integers(0, 2, rows).astype(np.int32), ("done", "cancelled")),
        "direction": (dice.integers(0, 2, rows).astype(np.int32), ("outbound", "inbound")),
        "owner": _texts(dice, "owner", DIMENSIONS["owner"], rows),
        "lead_id": (lead, _ids("L", deals)[1]),
        "deal_id": (dice.integers(0, deals, rows).astype(np.int32), _ids("D", deals)[1]),
    }
    return Table(rows, texts, {"date": days}, {})
