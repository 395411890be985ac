"""What feeds a formula, read from the imports: which file last brought the rows, and which of its columns are used."""

from collections.abc import Iterator
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpidesk.domain.entity import entity
from kpidesk.domain.importing import BatchInfo
from kpidesk.formula.nodes import Aggregate, Checked, Column, Conversion, KpiRef, Node, Rows, Text, walk
from kpidesk.formula.rowsets import ROW_SETS
from kpidesk.ingest.profiles import GENERIC, profile
from kpidesk.present.editor import Feed
from kpidesk.present.numbers import day

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


def nodes(workspace: "Workspace", checked: Checked) -> Iterator[Node]:
    """Yield the nodes of a formula and of every KPI that it refers to, each KPI once."""
    waiting, seen = [checked], set[str]()
    while waiting:
        for node in walk(waiting.pop().node):
            yield node
            if isinstance(node, KpiRef) and node.kpi not in seen:
                seen.add(node.kpi)
                waiting.append(workspace.checked(node.kpi))


def inputs(workspace: "Workspace", checked: Checked) -> dict[str, set[str]]:
    """Return the columns that a formula reads, through the KPIs it refers to: table -> names of its columns."""
    found: dict[str, set[str]] = {name: set() for name in checked.entities}
    for node in nodes(workspace, checked):
        match node:
            case Column() if node.rows in ROW_SETS:
                found.setdefault(ROW_SETS[node.rows].entity, set()).add(node.name)
            case Aggregate() | Conversion():
                for rows in _row_sets(node):
                    found.setdefault(ROW_SETS[rows.name].entity, set()).update(_anchors(rows))
    return found


def ingredients(workspace: "Workspace", checked: Checked) -> frozenset[tuple[str, ...]]:
    """Return what a formula is made of, whatever it does with that: each aggregate's function, rows, columns and conditions."""
    found: set[tuple[str, ...]] = set()
    for node in nodes(workspace, checked):
        match node:
            case Aggregate():
                found.add((node.function, node.rows.name, *_columns(node.value), "where", *_columns(node.where)))
            case Conversion():
                found.add(("CONVERSION", node.source.name, node.target.name, *_columns(node.source_where)))
    return frozenset(found)


def _columns(node: Node | None) -> list[str]:
    if node is None:
        return []
    return sorted(
        part.name if isinstance(part, Column) else repr(part.value)
        for part in walk(node)
        if isinstance(part, Column | Text)
    )


def feeds(workspace: "Workspace", checked: Checked) -> tuple[Feed, ...]:
    """Return what feeds a formula from every table that was imported."""
    zone = ZoneInfo(workspace.settings.timezone)
    newest = {batch.entity: batch for batch in reversed(workspace.imports()) if batch.undone_at is None}
    read = inputs(workspace, checked)
    found = []
    for name in sorted(read):
        batch = newest.get(name)
        if batch is not None:
            headers = workspace.source_columns(name)
            columns = tuple(dict.fromkeys(headers[column] for column in sorted(read[name]) if column in headers))
            imported = day(batch.imported_at.astimezone(zone).date(), year=False)
            found.append(Feed(_title(batch), name, batch.file_name, imported, columns))
    return tuple(found)


def missing(workspace: "Workspace", checked: Checked) -> tuple[str, ...]:
    """Return the labels of the tables that a formula needs and no import has filled."""
    counts = workspace.counts()
    return tuple(entity(name).label.lower() for name in sorted(checked.entities) if not counts.get(name))


def _title(batch: BatchInfo) -> str:
    known = profile(batch.profile)
    label = entity(batch.entity).label
    return label if known is None or known.id == GENERIC else f"{known.label} {label.lower()}"


def _row_sets(node: Aggregate | Conversion) -> Iterator[Rows]:
    if isinstance(node, Aggregate):
        yield node.rows
    else:
        yield node.source
        yield node.target


def _anchors(rows: Rows) -> set[str]:
    """Return the columns that decide which rows count: the date, and the outcome of a decided or open deal."""
    entity_name = ROW_SETS[rows.name].entity
    anchors = {rows.anchor} & set(ROW_SETS[rows.name].columns)
    if ROW_SETS[rows.name].stock and entity_name == "deals":
        anchors = {"created", "closed"}
    return anchors | ({"status", "stage"} if entity_name == "deals" and rows.name != "created_deals" else set())
