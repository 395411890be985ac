"""Changing the catalogue of KPIs without breaking it: what a change takes with it, and what it must not do.

Formulas are kept as typed and refer to KPIs by name, so a new name is written into every formula that refers to it.
"""

import re
from collections.abc import Iterable
from dataclasses import replace

from kpidesk.domain.kpi import Catalog, Kpi
from kpidesk.domain.problem import DefinitionError
from kpidesk.formula.catalogue import catalogue_in
from kpidesk.formula.check import Scope, same_name
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.printer import renamed

_ID = re.compile(r"[^\W\d]\w*\Z")
_LONGEST_NAME = 80
# What the program itself asks for.
_OWN = ("total_revenue", "sales_target", "open_pipeline", "win_rate", "average_deal_size")
_NAMED = 3  # more than so many are counted


def to_save(kpi: Kpi, catalog: Catalog, scope: Scope) -> tuple[Kpi, ...]:
    """Return the definitions that saving one takes: its own and, when it is renamed, those whose formula names it.

    FormulaError when its formula has no meaning, DefinitionError for a name that is no name or taken, or when another KPI could no
    longer be calculated.
    """
    _check_name(kpi, catalog)
    before = catalog.kpis.get(kpi.id)
    if before is not None and (before.formula, before.name) == (kpi.formula, kpi.name):
        return (kpi,)
    scope.check(kpi.formula, kpi.id)
    others = _rewritten(before, kpi, catalog, scope)
    after = Scope(
        {**catalog.kpis, **{one.id: one for one in (kpi, *others)}}, scope.currency, scope.overrides, scope.row_sets
    )
    _refuse_breaking(kpi, catalog, scope, after)
    return (kpi, *others)


def in_currency(catalog: Catalog, before: str, after: str) -> tuple[Kpi, ...]:
    """Return the shipped KPIs that a change of the workspace's currency rewrites: those with an amount, as long as nobody edited it."""
    shipped = zip(catalogue_in(before), catalogue_in(after), strict=True)
    changed = {old.id: (old.formula, new.formula) for old, new in shipped if old.formula != new.formula}
    return tuple(
        replace(kpi, formula=changed[kpi.id][1])
        for kpi in catalog
        if kpi.id in changed and kpi.formula == changed[kpi.id][0]
    )


def refuse_removal(kpi_id: str, catalog: Catalog, scope: Scope) -> None:
    """Raise DefinitionError for a KPI that is not there, that the program needs, or that others are calculated from or tied to."""
    if kpi_id not in catalog:
        raise DefinitionError(f"There is no KPI called “{kpi_id}”. Nothing was changed.")
    name = catalog[kpi_id].name
    if kpi_id in _OWN:
        raise DefinitionError(
            f"{name} stays: the goal on the dashboard and what imports change are worked out with it. Nothing was changed."
            " Take it off the dashboard instead."
        )
    for users, sentence in (
        ([one for one in catalog if kpi_id in _references(one.id, scope)], "is used in the formula of"),
        ([one for one in catalog if one.target_from == kpi_id], "is the target of"),
        ([one for one in catalog if one.pair == kpi_id], "is paired with"),
    ):
        others = [one.name for one in users if one.id != kpi_id]
        if others:
            raise DefinitionError(f"{name} {sentence} {_listed(others)}. Nothing was changed. Change that first.")


def _check_name(kpi: Kpi, catalog: Catalog) -> None:
    if not _ID.match(kpi.id) or kpi.id != kpi.id.casefold():
        raise DefinitionError(f"“{kpi.id}” cannot be the id of a KPI. Use small letters, digits and _, a letter first.")
    if not kpi.name.strip():
        raise DefinitionError("A KPI needs a name. Nothing was changed.")
    if len(kpi.name) > _LONGEST_NAME or not kpi.name.isprintable():
        raise DefinitionError(
            f"A name has at most {_LONGEST_NAME} characters, all on one line. Nothing was changed. Shorten it."
        )
    taken = next((one for one in catalog if one.id != kpi.id and same_name(kpi, one)), None)
    if taken is not None:
        means = f"There is a KPI called {taken.name} already"
        if kpi.name.strip().casefold() != taken.name.strip().casefold():
            means = f"In formulas “{kpi.name}” or “{kpi.id}” means {taken.name} already"
        raise DefinitionError(f"{means}. Nothing was changed. Choose another name.")


def _references(kpi_id: str, scope: Scope) -> tuple[str, ...]:
    checked = scope.known(kpi_id)
    return () if checked is None else checked.references


def _rewritten(before: Kpi | None, kpi: Kpi, catalog: Catalog, scope: Scope) -> tuple[Kpi, ...]:
    """Return the KPIs whose formula names a renamed one, with its new name."""
    if before is None or before.name == kpi.name:
        return ()
    saved = Scope(
        scope.kpis, scope.currency, row_sets=scope.row_sets
    )  # a setting may put another formula in place of the saved one
    found = []
    for one in catalog:
        checked = saved.known(one.id)
        if one.id != kpi.id and checked is not None and kpi.id in checked.references:
            found.append(replace(one, formula=renamed(one.formula, checked.node, kpi.id, kpi.name)))
    return tuple(found)


def _refuse_breaking(kpi: Kpi, catalog: Catalog, before: Scope, after: Scope) -> None:
    """Refuse a change that takes the meaning from formulas that had one."""
    broken: list[str] = []
    why = ""
    for one in catalog:
        if one.id == kpi.id or kpi.id not in before.reached_from(one.id):
            continue
        try:
            after.check(after.formula(one.id), one.id)
        except FormulaError as error:
            why = why or str(error)
            broken.append(one.name)
    if broken:
        raise DefinitionError(
            f"With this formula of {kpi.name}, {_listed(broken)} could not be calculated. {why} Nothing was changed."
        )


def _listed(names: Iterable[str]) -> str:
    known = list(names)
    if len(known) <= _NAMED:
        return " and ".join([", ".join(known[:-1]), known[-1]] if len(known) > 1 else known)
    return f"{', '.join(known[:_NAMED])} and {len(known) - _NAMED} more"


def nearest(wanted: str, known: Iterable[str]) -> str:
    """Return what a mistyped id may have meant, as a sentence."""
    from difflib import get_close_matches  # noqa: PLC0415 - only when something was mistyped

    close = get_close_matches(wanted.casefold().replace(" ", "_"), list(known), n=3)
    return f"Did you mean {' or '.join(close)}?" if close else "`kpidesk kpis` lists them all."
