"""The row sets that a formula can aggregate: named events and stocks, each with exactly one date (semantics 1.2)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from unicodedata import normalize


class ColumnType(StrEnum):
    """What a column holds, for checking units."""

    TEXT = "text"
    DATE = "date"
    MONEY = "money"
    NUMBER = "number"
    DURATION = "duration"  # days
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class RowSet:
    """One list of rows.

    `anchors` are the dates that may decide the period; the first is the default unless `must_choose`. A `stock` is measured
    at an instant. `dimensions` are the columns a KPI over it can be sliced by. `entity` is the table its rows come from;
    `summary` says in one sentence which rows these are and which day they count on.
    """

    name: str
    summary: str
    entity: str
    anchors: tuple[str, ...]
    columns: Mapping[str, ColumnType] = field(default_factory=dict)
    dimensions: frozenset[str] = frozenset()
    stock: bool = False
    must_choose: bool = False
    subset_of: str | None = None


_T, _D, _M, _N, _S, _F = (
    ColumnType.TEXT,
    ColumnType.DATE,
    ColumnType.MONEY,
    ColumnType.NUMBER,
    ColumnType.DURATION,
    ColumnType.FLAG,
)

_DEAL_DIMENSIONS = frozenset(
    {"owner", "source", "segment", "region", "industry", "product", "type", "pipeline", "stage"}
)
_DEAL_COLUMNS: Mapping[str, ColumnType] = {
    **dict.fromkeys(
        ("deal_id", "name", "status", "stage", "pipeline", "currency", "owner", "source", "segment", "region"), _T
    ),
    **dict.fromkeys(("industry", "product", "type", "account", "customer_id", "lead_id", "lost_reason"), _T),
    **dict.fromkeys(("created", "closed", "expected_close", "first_contact", "last_activity"), _D),
    **dict.fromkeys(("amount", "cost", "profit"), _M),
    "probability": _N,
    "cycle_days": _S,
    "owner_has_quota": _F,
}
_LEAD_DIMENSIONS = frozenset({"owner", "source", "segment", "industry"})
_STAGE_DIMENSIONS = frozenset(
    {"owner", "source", "segment", "stage", "product", "region", "industry", "type", "pipeline"}
)
_CUSTOMER_COLUMNS: Mapping[str, ColumnType] = {
    **dict.fromkeys(("customer_id", "name", "source", "segment", "industry"), _T),
    "acquired": _D,
    "churned": _D,
}
_ACTIVITY_COLUMNS: Mapping[str, ColumnType] = {
    **dict.fromkeys(("activity_id", "type", "status", "direction", "owner", "lead_id", "deal_id"), _T),
    "date": _D,
    "qualified": _F,
}
_COST_COLUMNS: Mapping[str, ColumnType] = {"date": _D, "amount": _M, "category": _T, "source": _T}
_TARGET_COLUMNS: Mapping[str, ColumnType] = {"amount": _M, "owner": _T, "segment": _T, "start": _D, "end": _D}


def _deals(name: str, summary: str, anchor: str, *, stock: bool = False, subset_of: str | None = None) -> RowSet:
    return RowSet(name, summary, "deals", (anchor,), _DEAL_COLUMNS, _DEAL_DIMENSIONS, stock=stock, subset_of=subset_of)


def _activities(name: str, summary: str) -> RowSet:
    return RowSet(name, summary, "activities", ("date",), _ACTIVITY_COLUMNS, frozenset({"owner"}))


def _customers(name: str, summary: str, anchor: str, *, stock: bool = False) -> RowSet:
    return RowSet(
        name, summary, "customers", (anchor,), _CUSTOMER_COLUMNS, frozenset({"source", "segment"}), stock=stock
    )


_ALL: tuple[RowSet, ...] = (
    _deals("created_deals", "Deals on the day they were created, whatever became of them.", "created"),
    _deals("closed_deals", "Deals won or lost, on the day they closed.", "closed"),
    _deals("won_deals", "Deals won, on the day they closed.", "closed", subset_of="closed_deals"),
    _deals("lost_deals", "Deals lost, on the day they closed.", "closed", subset_of="closed_deals"),
    _deals("open_deals", "Deals open at the end of the period.", "instant", stock=True),
    RowSet(
        "deals",
        "All deals; say after ON which of their dates decides the period.",
        "deals",
        ("created", "closed", "expected_close"),
        _DEAL_COLUMNS,
        _DEAL_DIMENSIONS,
        must_choose=True,
    ),
    RowSet(
        "refunds",
        "Money given back, on its own day.",
        "transactions",
        ("date",),
        {
            "date": _D,
            "amount": _M,
            "customer_id": _T,
            **dict.fromkeys(sorted(_DEAL_DIMENSIONS), _T),
            "owner_has_quota": _F,
        },
        _DEAL_DIMENSIONS,
    ),
    RowSet(
        "created_leads",
        "Leads on the day they were created.",
        "leads",
        ("created",),
        {
            **dict.fromkeys(("lead_id", "name", "source", "owner", "segment", "industry", "status"), _T),
            "created": _D,
            "first_response": _D,
            "response_time": _S,
            "work_response": _S,
            "qualified": _F,
        },
        _LEAD_DIMENSIONS,
    ),
    _activities("meetings", "Meetings on the day they were booked, cancelled ones left out."),
    _activities("calls", "Outbound calls on the day they were made."),
    _activities("proposals", "Proposals on the day they were sent, drafts left out."),
    RowSet(
        "stage_reached",
        "Every deal and stage once, on the day the deal first reached or passed that stage.",
        "stage_history",
        ("entered",),
        {
            **dict.fromkeys(("deal_id", "stage", "owner", "source", "segment", "product", "region", "industry"), _T),
            **dict.fromkeys(("type", "pipeline"), _T),
            "entered": _D,
            "amount": _M,
            "advanced": _F,
            "still_here": _F,
            "implied": _F,
        },
        _STAGE_DIMENSIONS,
    ),
    RowSet(
        "stage_exits",
        "Stays in a stage, on the day they ended.",
        "stage_history",
        ("exited",),
        {
            **dict.fromkeys(("deal_id", "stage", "deal_stage", "owner", "source", "segment", "product", "region"), _T),
            **dict.fromkeys(("industry", "type", "pipeline"), _T),
            "entered": _D,
            "exited": _D,
            "amount": _M,
            "days": _S,
        },
        _STAGE_DIMENSIONS,
    ),
    _customers("new_customers", "Customers on the day they were acquired.", "acquired"),
    _customers("churned_customers", "Customers on the day they left.", "churned"),
    _customers("active_customers", "Customers at the end of the period.", "instant", stock=True),
    RowSet(
        "purchases",
        "Sales to customers on their day; deals won where no transactions were imported.",
        "transactions",
        ("date",),
        # Only won deals that stand for purchases have an owner, and so perhaps one with a quota.
        {"date": _D, "amount": _M, "customer_id": _T, "source": _T, "segment": _T, "owner_has_quota": _F},
        frozenset({"source", "segment"}),
    ),
    RowSet("costs", "Costs on their day.", "costs", ("date",), _COST_COLUMNS, frozenset({"source"})),
    RowSet(
        "sales_marketing_costs",
        "Costs of sales and marketing, on their day.",
        "costs",
        ("date",),
        _COST_COLUMNS,
        frozenset({"source"}),
        subset_of="costs",
    ),
    RowSet(
        "company_targets",
        "Targets of the whole company, spread over their time.",
        "targets",
        ("overlap",),
        _TARGET_COLUMNS,
        frozenset({"owner", "segment"}),
    ),
    RowSet(
        "quotas",
        "Targets of owners, spread over their time.",
        "targets",
        ("overlap",),
        _TARGET_COLUMNS,
        frozenset({"owner", "segment"}),
    ),
)

ROW_SETS: Mapping[str, RowSet] = {rows.name: rows for rows in _ALL}

RowSets = Mapping[str, RowSet]
"""Row sets by name: the known ones, with the columns of one workspace's files."""


@dataclass(frozen=True, slots=True)
class CustomColumn:
    """A column that files brought beyond the known fields, under its `header`; with few texts it is a dimension."""

    header: str
    type: ColumnType
    dimension: bool = False


Custom = Mapping[str, Mapping[str, CustomColumn]]
"""Table -> name in formulas -> column."""
# Stays, targets and purchases are made of several rows or tables. What is refunded of deals has the deal's columns.
_TABLES = {
    **{
        rows.name: rows.entity for rows in _ALL if rows.entity in ("deals", "leads", "activities", "costs", "customers")
    },
    "refunds": "deals",
}


def identifier(header: str) -> str:
    """Return a header as a formula names it: `Partner tier` is partner_tier."""
    name = re.sub(r"\W+", "_", normalize("NFC", header).casefold()).strip("_")
    return f"column_{name}" if not name or name[0].isdigit() else name


def with_custom(custom: Custom) -> RowSets:
    """Return all row sets with the custom columns of their tables."""
    return {name: _widened(rows, custom.get(_TABLES.get(name, ""), {})) for name, rows in ROW_SETS.items()}


def _widened(rows: RowSet, custom: Mapping[str, CustomColumn]) -> RowSet:
    columns = {**{name: one.type for name, one in custom.items()}, **rows.columns}
    return replace(
        rows, columns=columns, dimensions=rows.dimensions | {name for name, one in custom.items() if one.dimension}
    )


@dataclass(frozen=True, slots=True)
class Ground:
    """What a formula stands on in one workspace: its currency and its row sets."""

    currency: str
    row_sets: RowSets
