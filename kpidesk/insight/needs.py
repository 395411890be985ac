"""Which fields a KPI needs, and so which KPIs a file can feed and what the others still lack."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.feeds import Feeds, Lack, Need
from kpidesk.formula.nodes import Aggregate, Call, Checked, Column, Conversion, KpiRef, Node, Only, Rows, below, walk
from kpidesk.formula.rowsets import ROW_SETS

_OUTCOME: Need = ("deals.stage", "deals.status")
_CUSTOMER: tuple[Need, ...] = (
    ("customers.acquired", "deals.closed"),
    ("customers.acquired", "deals.customer_id", "deals.account"),
)
_STAY: tuple[Need, ...] = (
    *(("stage_history.deal_id",), ("stage_history.stage",), ("stage_history.entered",)),
    ("deals.deal_id",),
)
_EVENT: tuple[Need, ...] = (("activities.date",), ("activities.type",))
# What makes the rows of a row set, before any column of them is read (semantics 1.2).
_ROWS: Mapping[str, tuple[Need, ...]] = {
    "created_deals": (("deals.created",),),
    **dict.fromkeys(("won_deals", "lost_deals", "closed_deals"), (_OUTCOME, ("deals.closed",))),
    "open_deals": (_OUTCOME,),
    "refunds": (("deals.closed", "transactions.date"),),
    "created_leads": (("leads.created",),),
    **dict.fromkeys(("meetings", "calls", "proposals"), _EVENT),
    **dict.fromkeys(("stage_reached", "stage_exits"), _STAY),
    **dict.fromkeys(("new_customers", "active_customers"), _CUSTOMER),
    "churned_customers": (("customers.churned",),),
    "purchases": (("deals.closed", "transactions.date"),),
    "costs": (("costs.date",),),
    "sales_marketing_costs": (("costs.date",), ("costs.category",)),
    "company_targets": (("targets.start",),),
    "quotas": (("targets.start",), ("targets.owner",)),
}
# Columns that no import brings as such, and what they are made of.
_MADE: Mapping[str, tuple[Need, ...]] = {
    "cycle_days": (("deals.created",), ("deals.closed",)),
    "profit": (("deals.amount",), ("deals.cost",)),
    "owner_has_quota": (("targets.owner",), ("deals.owner",)),
    **dict.fromkeys(("response_time", "work_response"), (("leads.first_response",),)),
    **dict.fromkeys(("days", "deal_stage", "advanced", "still_here", "implied"), ()),
}
_OWN_OF_STAYS = frozenset({"deal_id", "stage", "entered", "exited"})
_FIELDS = {one.name: frozenset(one.field_names) for one in ENTITIES}


def feeds(
    formulas: Mapping[str, Checked], kpis: Collection[str], entity: str, here: Collection[str], there: Collection[str]
) -> Feeds:
    """Say which of `kpis` a file of `entity` feeds.

    `here` are the fields that it fills, `there` those that the workspace has, all written as `deals.closed`. `formulas` has
    every KPI and all they refer to. Lacks come in this order: those that a column of this file mends, then by how many KPIs wait.
    """
    known = {*here, *there}
    invoiced = any(field.startswith("transactions.") for field in known)
    fed: list[str] = []
    lacking: dict[tuple[Need, ...], list[str]] = {}
    for kpi in kpis:
        needed = needs(kpi, formulas, invoiced=invoiced)
        if not any(field in here or field.startswith(f"{entity}.") for need in needed for field in need):
            continue  # another file's business
        missing = tuple(need for need in needed if known.isdisjoint(need))
        if missing:
            lacking.setdefault(missing, []).append(kpi)
        elif any(not set(need).isdisjoint(here) for need in needed):
            fed.append(kpi)
    lacks = [Lack(missing, tuple(waiting)) for missing, waiting in lacking.items()]
    lacks.sort(key=lambda lack: (not lack.mended_by(entity), -len(lack.kpis)))
    return Feeds(tuple(fed), tuple(lacks))


def needs(kpi: str, formulas: Mapping[str, Checked], *, invoiced: bool = False) -> tuple[Need, ...]:
    """Return what a KPI needs, each need once, in the order of its formula; `formulas` has it and all it refers to.

    Purchases are transactions where there are any (`invoiced`), else deals won.
    """
    reader = _Reader(formulas, invoiced)
    return tuple(dict.fromkeys(reader.needs(formulas[kpi].node, ())))


@dataclass(frozen=True, slots=True)
class _Reader:
    formulas: Mapping[str, Checked]
    invoiced: bool

    def needs(self, node: Node, narrowed: tuple[Node, ...]) -> Iterator[Need]:
        match node:
            case KpiRef():
                yield from self.needs(self.formulas[node.kpi].node, narrowed)
            case Only():
                yield from self.needs(node.operand, (*narrowed, node.where))
            case Aggregate():
                yield from self.of_rows(node.rows, (node.value, node.where, *narrowed))
            case Conversion():
                yield from self.of_rows(node.source, (node.source_where, *narrowed))
                yield from self.of_rows(node.target, (node.target_where,))
                yield from _links(node)
            case Call() if node.function == "IFBLANK":
                first, second = (tuple(self.needs(part, narrowed)) for part in node.arguments)
                yield from (tuple(dict.fromkeys((*one, *other))) for one in first for other in second)
            case _:
                for part in below(node):
                    yield from self.needs(part, narrowed)

    def of_rows(self, rows: Rows, read: tuple[Node | None, ...]) -> Iterator[Need]:
        needed = [*_ROWS.get(rows.name, ((f"{ROW_SETS[rows.name].entity}.{rows.anchor}",),))]
        for part in read:
            for node in () if part is None else walk(part):
                if isinstance(node, Column):
                    needed += _of_column(rows.name, node.name)
        for need in needed:
            told = tuple(one for one in need if one.startswith("transactions."))
            yield told if told and self.invoiced and rows.name == "purchases" else need


def _of_column(rows: str, column: str) -> tuple[Need, ...]:
    entity = ROW_SETS[rows].entity
    if column in _MADE:
        return _MADE[column]
    if entity == "deals" and column == "status":
        return (_OUTCOME,)
    if entity == "stage_history":
        return ((f"{'stage_history' if column in _OWN_OF_STAYS else 'deals'}.{column}",),)
    if rows in ("purchases", "refunds"):
        return (_of_either(("deals", "transactions"), column, ("deals.account",)),)
    if entity == "customers":
        return () if column == "acquired" else (_of_either(("customers", "deals"), column, ("deals.account",)),)
    return ((f"{entity}.{column}",),)


def _of_either(entities: tuple[str, ...], column: str, names: Need) -> Need:
    """Return a column of any of several tables; a customer is told by a name as well."""
    found = tuple(f"{entity}.{column}" for entity in entities if column in _FIELDS[entity])
    return (*found, *names) if column == "customer_id" else found


def _links(node: Conversion) -> Iterator[Need]:
    """Yield the ids that lead from one row to the other."""
    first, second = (ROW_SETS[rows.name].entity for rows in (node.source, node.target))
    if first == "leads" and second != "leads":
        yield ("leads.lead_id",)
        yield (
            ("activities.lead_id", "activities.deal_id", "activities.deal_name")
            if second == "activities"
            else ("deals.lead_id",)
        )
    elif {first, second} == {"deals", "activities"}:
        yield ("deals.deal_id",)
        yield ("activities.deal_id", "activities.deal_name")
