"""Random workspaces from hypothesis: all tables, with what real exports have: gaps, repeats, times, odd amounts, late edits."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from kpidesk.domain.settings import Settings
from tests.metrics.loops.values import Cells

FIRST, LAST = date(2024, 9, 1), date(2025, 8, 31)
ZONES = ("Europe/London", "America/New_York", "Asia/Kolkata")
STAGES = ("Discovery", "Demo", "Proposal")
LIVE = st.dates(date(2024, 11, 1), date(2025, 5, 31))  # when things happen

_iso = LIVE.map(date.isoformat)
_clock = st.sampled_from(
    ["T00:15:00", "T08:30:00", "T09:00:00Z", "T16:45:00", "T18:20:00", "T23:30:00Z", "T23:59:59+05:30"]
)
_timed = st.builds(lambda day, clock: day + clock, _iso, _clock)
_when = st.one_of(_iso, _iso, _timed)
_maybe = st.one_of(_when, _when, _when, st.none())
_money = st.integers(0, 1_500_000).map(lambda pence: pence / 100)
_amount = st.one_of(_money, _money, _money, _money, st.none(), _money.map(lambda value: -value), st.just(0.0))
_currency = st.sampled_from([None, "GBP", "gbp ", "USD", "JPY"])


def _some(*words: str | None) -> st.SearchStrategy[str | None]:
    return st.sampled_from(words)


_OWNER = _some(None, "Ann", "ann ", "Bob")
_SOURCE = _some(None, "Inbound", "INBOUND", "Event")
_SEGMENT = _some(None, "SMB", "Enterprise", "SMB")
_INDUSTRY = _some(None, "Retail", "Healthcare")

DEAL: dict[str, st.SearchStrategy[Any]] = {
    "deal_id": _some(*(f"D{n}" for n in range(14))),
    "status": _some("won", "won", "Won", "lost", "open"),
    "stage": _some(None, "Demo", "demo", "Proposal"),
    "created": _maybe,
    "closed": _maybe,
    "amount": _amount,
    "cost": st.one_of(_money, st.none()),
    "currency": _currency,
    "owner": _OWNER,
    "source": _SOURCE,
    "segment": _SEGMENT,
    "industry": _INDUSTRY,
    "type": _some(None, "new", "renewal"),
    "customer_id": _some(None, "C1", "C2", "C3", "c1"),
    "lead_id": _some(None, "L1", "L2", "L3", "L9"),
    "lost_reason": _some(None, None, "price", "Duplicate", "no decision"),
    "first_contact": _maybe,
    "test": _some(None, 0, 0, 0, 0, 1),
}
LEAD = {
    "lead_id": _some(*(f"L{n}" for n in range(8))),
    "created": st.one_of(_when, _timed, _timed),
    "first_response": st.one_of(_when, _timed, st.none()),
    "owner": _OWNER,
    "source": _SOURCE,
    "segment": _SEGMENT,
    "industry": _INDUSTRY,
    "test": _some(None, 0, 0, 0, 1),
}
ACTIVITY = {
    "activity_id": _some(*(f"A{n}" for n in range(20))),
    "type": _some("meeting", "Meeting", "call", "proposal"),
    "date": _when,
    "status": _some(None, "held", "no_show", "Cancelled", "planned", "draft", "sent"),
    "direction": _some(None, "outbound", "Inbound"),
    "qualified": _some(None, 0, 1),
    "owner": _OWNER,
    "lead_id": _some(None, None, "L1", "L2", "L3", "L4"),
    "deal_id": _some(None, "D1", "D2", "D3"),
}
STAY = {
    "deal_id": _some(*(f"D{n}" for n in range(8)), "elsewhere"),
    "stage": _some("Discovery", "Demo", "demo", "Proposal", "Legal", None),
    "entered": _when,
    "exited": st.one_of(st.none(), st.none(), _when),
}
CUSTOMER = {
    "customer_id": _some("C1", "C2", "C3", "C4", "C5"),
    "acquired": _maybe,
    "churned": st.one_of(_when, st.none(), st.none()),
    "source": _SOURCE,
    "segment": _SEGMENT,
}
TRANSACTION = {
    "date": _when,
    "amount": _amount,
    "currency": _currency,
    "customer_id": _some(None, "C1", "C2", "C7"),
    "kind": _some(None, "sale", "sale", "refund"),
    "source": _SOURCE,
    "segment": _SEGMENT,
}
COST = {
    "date": _when,
    "amount": _amount,
    "currency": _currency,
    "category": _some(None, "sales", "marketing", "cogs", "overhead", "tax", "Interest"),
    "source": _SOURCE,
}
RATES = (
    {"currency": "USD", "from": "2025-03-01", "rate": 0.75},
    {"currency": "usd", "from": "2024-12-15", "rate": 0.8},
)


@st.composite
def _target(draw: st.DrawFn) -> Cells:
    start = draw(LIVE)
    end = start + timedelta(days=draw(st.integers(0, 150)))
    if draw(st.booleans()):  # whole months
        start, end = start.replace(day=1), (end.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    amount = draw(st.one_of(_money, _money, st.just(0.0), st.none()))
    row = {"start": start.isoformat(), "end": end.isoformat(), "amount": amount, "currency": draw(_currency)}
    return {**row, "owner": draw(_some(None, None, "Ann", "Bob ")), "segment": draw(_SEGMENT)}


@st.composite
def _rows(draw: st.DrawFn, fields: dict[str, st.SearchStrategy[Any]], most: int, *droppable: str) -> list[Cells]:
    """Rows of a table; now and then none at all, or without a column that a file need not have."""
    found = draw(st.lists(st.fixed_dictionaries(fields), max_size=most))
    gone = draw(st.sets(st.sampled_from(droppable), max_size=2)) if droppable and draw(st.integers(0, 3)) == 0 else ()
    return [{name: cell for name, cell in row.items() if name not in gone} for row in found]


TABLES: st.SearchStrategy[dict[str, list[Cells]]] = st.fixed_dictionaries(
    {
        "deals": _rows(
            DEAL, 16, "owner", "created", "closed", "amount", "cost", "customer_id", "first_contact", "stage"
        ),
        "leads": _rows(LEAD, 8, "first_response", "owner", "source"),
        "activities": _rows(ACTIVITY, 12, "qualified", "status", "lead_id", "deal_id"),
        "stage_history": _rows(STAY, 12),
        "customers": _rows(CUSTOMER, 4, "acquired", "churned", "source"),
        "transactions": _rows(TRANSACTION, 8, "customer_id", "kind", "source"),
        "costs": _rows(COST, 10, "category", "source"),
        "targets": st.lists(_target(), max_size=4),
        "fx": st.sampled_from([RATES, ()]).map(list),
    }
)
SETTINGS = st.builds(
    Settings,
    timezone=st.sampled_from(ZONES),
    week_start=st.integers(0, 6),
    fiscal_start=st.integers(1, 12),
    data_from=st.one_of(st.none(), st.none(), LIVE),
    stages=st.sampled_from([STAGES, STAGES, STAGES[::2], ()]),
    excluded_lost_reasons=st.sampled_from([("duplicate", "test", "invalid"), ("no decision",)]),
    customer_lifespan_years=st.sampled_from([None, 3.0]),
    holidays=st.sampled_from([(), (date(2024, 12, 25), date(2025, 1, 1))]),
    revenue_source=st.sampled_from(["deals", "deals", "transactions"]),
)
