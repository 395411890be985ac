"""From text to a checked formula: names resolved, units inferred, references followed (semantics 3.3 to 3.5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from unicodedata import normalize

from kpidesk.domain.unit import Unit
from kpidesk.formula import units
from kpidesk.formula.depth import MAX_TOTAL, measure
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.nodes import Aggregate, Call, Caution, Checked, Conversion, KpiRef, Node, Number, Rows, Span, walk
from kpidesk.formula.results import Results
from kpidesk.formula.rowsets import ROW_SETS, ColumnType, Ground, RowSet, RowSets
from kpidesk.formula.syntax import parse
from kpidesk.formula.views import MAX_VIEWS, Views, views

_MAX_REFERENCES = 40
_FROM_DEALS = ("refunds", "purchases", "active_customers", "new_customers")


class Named(Protocol):
    """What a scope needs of a KPI."""

    @property
    def id(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def name(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def formula(self) -> str: ...  # noqa: D102 - the class says it
    @property
    def question(self) -> str: ...  # noqa: D102 - the class says it


@dataclass(frozen=True, slots=True)
class _Known:
    """A referred KPI: its formula checked, how deep it is, the row sets it looks at and in which views, through references too."""

    checked: Checked
    depth: int
    rowsets: frozenset[str]
    views: Views


@dataclass(slots=True)
class Scope:
    """What names mean: the KPIs by id, the workspace's currency, formulas that settings put in place of shipped ones, and its row sets."""

    kpis: Mapping[str, Named]
    currency: str = "GBP"
    overrides: Mapping[str, str] = field(default_factory=dict)
    row_sets: RowSets = field(default_factory=lambda: ROW_SETS)
    _known: dict[str, _Known] = field(default_factory=dict)
    _path: list[str] = field(default_factory=list)

    @property
    def ground(self) -> Ground:
        """What formulas over rows need to know of the workspace."""
        return Ground(self.currency, self.row_sets)

    def formula(self, kpi_id: str) -> str:
        """Return the text of a KPI's formula as this workspace uses it."""
        return self.overrides.get(kpi_id) or self.kpis[kpi_id].formula

    def find(self, name: str) -> str | None:
        """Return the id of the KPI called `name`, by id or by name without regard to case; _ may stand for a space."""
        wanted = {_folded(name), _folded(name.replace("_", " "))}
        return next((kpi.id for kpi in self.kpis.values() if not wanted.isdisjoint((kpi.id, _folded(kpi.name)))), None)

    def names(self) -> Iterable[str]:
        """Return the names of all KPIs."""
        return (kpi.name for kpi in self.kpis.values())

    def unit(self, kpi_id: str) -> Unit:
        """Return the unit of a KPI that the formula under check refers to."""
        return self._known[kpi_id].checked.unit

    def known(self, kpi_id: str) -> Checked | None:
        """Return a KPI's checked formula, None when it has a mistake."""
        try:
            return self._follow(kpi_id, (0, 0)).checked
        except FormulaError:
            return None

    def reached_from(self, kpi_id: str) -> frozenset[str]:
        """Return a KPI and all it is calculated from, as far as their formulas have a meaning."""
        found, waiting = {kpi_id}, [kpi_id]
        while waiting:
            checked = self.known(waiting.pop())
            new = set(checked.references if checked is not None else ()) - found
            found |= new
            waiting.extend(new)
        return frozenset(found)

    def columns(self, node: Node) -> Mapping[str, ColumnType]:
        """Return the columns common to all row sets below a node, through references too."""
        sets = [self.row_sets[name].columns for name in sorted(self.rowsets(node))]
        if not sets:
            return {}
        return {name: kind for name, kind in sets[0].items() if all(one.get(name) == kind for one in sets)}

    def check(self, text: str, own: str | None = None) -> Checked:
        """Check a formula; see `check`."""
        if own is None:
            return self._check(text).checked
        self._path.append(own)
        try:
            return self._check(text).checked
        except FormulaError as error:
            if error.code == "E19":
                raise FormulaError("E19", error.message, (0, len(text)), hint=error.hint) from None
            raise
        finally:
            self._path.pop()

    def _check(self, text: str) -> _Known:
        tree = parse(text)
        depth, named = measure(tree)
        # References are checked before anything goes down the formula: so the stack holds one formula at a time.
        for reference in named:
            kpi_id = self.find(reference.name)
            if kpi_id is not None:
                depth = max(depth, reference.depth + self._follow(kpi_id, reference.span).depth)
        if depth > MAX_TOTAL:
            message = f"With the KPIs it refers to, this formula chains more than {MAX_TOTAL} operations."
            raise FormulaError("E20", message, (0, len(text)))
        node, unit = Results(self).number(tree)
        seen = views(node, lambda kpi_id: self._known[kpi_id].views)
        if len(seen) > MAX_VIEWS:
            message = f"With the KPIs it refers to, this formula looks at more than {MAX_VIEWS} windows and conditions."
            raise FormulaError("E20", message, (0, len(text)), hint="Let fewer KPIs move the window of other KPIs.")
        rowsets = self.rowsets(node)
        sets = [self.row_sets[name] for name in rowsets]
        references = dict.fromkeys(part.kpi for part in walk(node) if isinstance(part, KpiRef))
        entities = {_entity(ROW_SETS[name]) for name in rowsets | _targets(node)}
        for kpi_id in references:
            entities |= self._known[kpi_id].checked.entities
        checked = Checked(
            text,
            node,
            unit,
            frozenset.intersection(*(one.dimensions for one in sets)) if sets else frozenset(),
            tuple(references),
            frozenset(entities),
            tuple(_warnings(node, unit)),
            tuple(_lacking(sets)),
        )
        return _Known(checked, depth, rowsets, seen)

    def _follow(self, kpi_id: str, span: Span) -> _Known:
        """Return a referred KPI checked; E19 when the path of references closes a circle."""
        if kpi_id in self._path:
            path = " → ".join([*self._path[self._path.index(kpi_id) :], kpi_id])
            hint = "A KPI can't be calculated from itself. Remove one of the links."
            raise FormulaError("E19", f"These KPIs refer to each other in a circle: {path}.", span, hint=hint)
        if kpi_id not in self._known:
            if len(self._path) >= _MAX_REFERENCES:
                message = f"KPIs refer to each other more than {_MAX_REFERENCES} levels deep."
                raise FormulaError("E20", message, span)
            self._path.append(kpi_id)
            try:
                self._known[kpi_id] = self._check(self.formula(kpi_id))
            except FormulaError as error:
                # The place is one in another KPI's text; what the reader sees is the reference.
                if error.code in ("E19", "E20"):
                    raise FormulaError(error.code, error.message, span, hint=error.hint) from None
                name = self.kpis[kpi_id].name
                raise FormulaError(error.code, f"[{name}] has a mistake: {error.message}", span) from None
            finally:
                self._path.pop()
        return self._known[kpi_id]

    def rowsets(self, node: Node) -> frozenset[str]:
        """Return the names of the row sets whose rows a node counts, through references too."""
        found: set[str] = set()
        for part in walk(node):
            if isinstance(part, KpiRef):
                found |= self._known[part.kpi].rowsets
            elif isinstance(part, (Aggregate, Conversion)):
                found.add(_rows(part).name)
        return frozenset(found)


def check(text: str, scope: Scope, own: str | None = None) -> Checked:
    """Check a formula; FormulaError with code, place and mends when it has no meaning.

    `own` is the id of the KPI that the text is to define, so that a reference back to it is seen as a circle.
    """
    return scope.check(text, own)


def same_name(one: Named, other: Named) -> bool:
    """Whether a reference to one KPI could be read as one to the other."""
    names = {_folded(one.name), _folded(one.name.replace("_", " ")), one.id, _folded(one.id.replace("_", " "))}
    return not names.isdisjoint((other.id, _folded(other.name), _folded(other.name.replace("_", " "))))


def _folded(name: str) -> str:
    return " ".join(normalize("NFC", name).replace("’", "'").split()).casefold()


def _rows(node: Aggregate | Conversion) -> Rows:
    return node.rows if isinstance(node, Aggregate) else node.source


def _targets(node: Node) -> set[str]:
    """Return the row sets that conversions lead to: needed, though their rows are not counted."""
    return {part.target.name for part in walk(node) if isinstance(part, Conversion)}


def _entity(rows: RowSet) -> str:
    """Return the table that a row set cannot do without."""
    return "deals" if rows.name in _FROM_DEALS else rows.entity


def _lacking(sets: list[RowSet]) -> Iterable[tuple[str, str]]:
    """Say of each column that only some row sets can be sliced by which ones cannot."""
    for dimension in sorted(frozenset[str]().union(*(one.dimensions for one in sets))):
        without = sorted(one.name for one in sets if dimension not in one.dimensions)
        if without:
            yield dimension, f"{' and '.join(without)} have no {dimension.replace('_', ' ')}"


def _is_zero(node: Node) -> bool:
    return isinstance(node, Number) and node.value == 0


def _warnings(node: Node, unit: Unit) -> Iterable[Caution]:
    for part in walk(node):
        if isinstance(part, Call) and part.function == "IFBLANK" and _is_zero(part.arguments[1]):
            message = "IFBLANK puts 0 where there is no number, so a missing number looks like a real zero."
            yield Caution("W1", message, part.span)
    if not units.can_be_shown(unit):
        message = f"The result is {unit.name}, which is neither money nor a count, a share or a time."
        yield Caution("W2", message, node.span)
