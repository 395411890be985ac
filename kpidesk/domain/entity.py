"""Entities and their fields: the canonical tables that every import is mapped to (semantics 1.1)."""

from dataclasses import dataclass
from enum import StrEnum


class FieldType(StrEnum):
    """How a field's cells are read and kept."""

    ID = "id"  # text that is never read as a number
    TEXT = "text"  # free text, many distinct values
    LABEL = "label"  # text with few distinct values: a dimension, kept coded
    DATE = "date"  # a calendar day, with the instant when the file has a time of day
    MONEY = "money"  # an amount in major units of `currency`
    NUMBER = "number"
    FLAG = "flag"  # true, false or blank


@dataclass(frozen=True, slots=True)
class Field:
    """One column of an entity. `label` is what the screen calls it."""

    name: str
    label: str
    type: FieldType
    required: bool = False


@dataclass(frozen=True, slots=True)
class Entity:
    """One canonical table.

    `key` names the fields that identify a row in the source: the CRM's id where there is one. `fallback_key` is used when
    the file has no such column; rows that share it are told apart by their ordinal in the file.
    """

    name: str
    label: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    fallback_key: tuple[str, ...]

    def field(self, name: str) -> Field:
        """Return the field called `name`; KeyError when there is none."""
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(name)

    @property
    def field_names(self) -> tuple[str, ...]:
        """The names of all fields, in table order."""
        return tuple(field.name for field in self.fields)


_ID, _TEXT, _LABEL = FieldType.ID, FieldType.TEXT, FieldType.LABEL
_DATE, _MONEY, _NUMBER, _FLAG = FieldType.DATE, FieldType.MONEY, FieldType.NUMBER, FieldType.FLAG

DEALS = Entity(
    "deals",
    "Deals",
    (
        Field("deal_id", "Deal ID", _ID),
        Field("name", "Deal name", _TEXT),
        Field("status", "Status", _LABEL),
        Field("stage", "Stage", _LABEL),
        Field("pipeline", "Pipeline", _LABEL),
        Field("created", "Created", _DATE),
        Field("closed", "Closed", _DATE),
        Field("expected_close", "Expected close", _DATE),
        Field("amount", "Value", _MONEY),
        Field("currency", "Currency", _LABEL),
        Field("cost", "Cost", _MONEY),
        Field("owner", "Owner", _LABEL),
        Field("source", "Source", _LABEL),
        Field("segment", "Segment", _LABEL),
        Field("region", "Region", _LABEL),
        Field("industry", "Industry", _LABEL),
        Field("product", "Product", _LABEL),
        Field("type", "Type", _LABEL),
        Field("account", "Account", _TEXT),
        Field("customer_id", "Customer ID", _ID),
        Field("lead_id", "Lead ID", _ID),
        Field("lost_reason", "Lost reason", _LABEL),
        Field("first_contact", "First contact", _DATE),
        Field("last_activity", "Last activity", _DATE),
        Field("probability", "Probability", _NUMBER),
        Field("test", "Test record", _FLAG),
    ),
    key=("deal_id",),
    fallback_key=("name", "account", "created", "owner"),
)

LEADS = Entity(
    "leads",
    "Leads",
    (
        Field("lead_id", "Lead ID", _ID),
        Field("name", "Lead name", _TEXT),
        Field("created", "Created", _DATE, required=True),
        Field("first_response", "First response", _DATE),
        Field("source", "Source", _LABEL),
        Field("owner", "Owner", _LABEL),
        Field("segment", "Segment", _LABEL),
        Field("industry", "Industry", _LABEL),
        Field("status", "Lead status", _LABEL),
        Field("qualified", "Qualified", _FLAG),
        Field("test", "Test record", _FLAG),
    ),
    key=("lead_id",),
    fallback_key=("name", "created", "owner"),
)

ACTIVITIES = Entity(
    "activities",
    "Activities",
    (
        Field("activity_id", "Activity ID", _ID),
        Field("type", "Type", _LABEL, required=True),
        Field("date", "Date", _DATE, required=True),
        Field("status", "Status", _LABEL),
        Field("direction", "Direction", _LABEL),
        Field("qualified", "Qualified", _FLAG),
        Field("owner", "Owner", _LABEL),
        Field("lead_id", "Lead ID", _ID),
        Field("deal_id", "Deal ID", _ID),
        Field("deal_name", "Deal name", _TEXT),  # of CRMs that name the deal by its title
    ),
    key=("activity_id",),
    fallback_key=("type", "date", "owner", "lead_id", "deal_id"),
)

STAGE_HISTORY = Entity(
    "stage_history",
    "Stage history",
    (
        Field("deal_id", "Deal ID", _ID, required=True),
        Field("stage", "Stage", _LABEL, required=True),
        Field("entered", "Entered", _DATE, required=True),
        Field("exited", "Exited", _DATE),
    ),
    key=(),
    fallback_key=("deal_id", "stage", "entered"),
)

CUSTOMERS = Entity(
    "customers",
    "Customers",
    (
        Field("customer_id", "Customer ID", _ID),
        Field("name", "Customer name", _TEXT),
        Field("acquired", "Acquired", _DATE),
        Field("churned", "Churned", _DATE),
        Field("source", "Source", _LABEL),
        Field("segment", "Segment", _LABEL),
        Field("industry", "Industry", _LABEL),
    ),
    key=("customer_id",),
    fallback_key=("name",),
)

TRANSACTIONS = Entity(
    "transactions",
    "Transactions",
    (
        Field("transaction_id", "Transaction ID", _ID),
        Field("date", "Date", _DATE, required=True),
        Field("amount", "Amount", _MONEY),
        Field("currency", "Currency", _LABEL),
        Field("customer_id", "Customer ID", _ID),
        Field("kind", "Kind", _LABEL),
        Field("source", "Source", _LABEL),
        Field("segment", "Segment", _LABEL),
    ),
    key=("transaction_id",),
    fallback_key=("date", "customer_id", "kind", "amount"),
)

COSTS = Entity(
    "costs",
    "Costs",
    (
        Field("date", "Date", _DATE, required=True),
        Field("amount", "Amount", _MONEY, required=True),
        Field("currency", "Currency", _LABEL),
        Field("category", "Category", _LABEL),
        Field("source", "Channel", _LABEL),
    ),
    key=(),
    fallback_key=("date", "category", "source"),
)

TARGETS = Entity(
    "targets",
    "Targets",
    (
        Field("start", "Start", _DATE, required=True),
        Field("end", "End", _DATE, required=True),
        Field("amount", "Amount", _MONEY, required=True),
        Field("currency", "Currency", _LABEL),
        Field("owner", "Owner", _LABEL),
        Field("segment", "Segment", _LABEL),
    ),
    key=(),
    fallback_key=("start", "end", "owner", "segment"),
)

FX = Entity(
    "fx",
    "Exchange rates",
    (
        Field("currency", "Currency", _LABEL, required=True),
        Field("from", "From", _DATE, required=True),
        Field("rate", "Rate", _NUMBER, required=True),
    ),
    key=(),
    fallback_key=("currency", "from"),
)

ENTITIES: tuple[Entity, ...] = (DEALS, LEADS, ACTIVITIES, STAGE_HISTORY, CUSTOMERS, TRANSACTIONS, COSTS, TARGETS, FX)


def entity(name: str) -> Entity:
    """Return the entity called `name`; KeyError when there is none."""
    for known in ENTITIES:
        if known.name == name:
            return known
    raise KeyError(name)
