"""Scopes for the tests of the language: the shipped KPIs, or a few made by hand."""

from dataclasses import dataclass

from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import Scope, check
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.nodes import Checked


@dataclass(frozen=True, slots=True)
class Plain:
    """What a scope needs of a KPI, and no more."""

    id: str
    name: str
    formula: str
    question: str = ""


def shipped(currency: str = "GBP") -> Scope:
    return Scope({kpi.id: kpi for kpi in load_catalogue()}, currency)


def made(**formulas: str) -> Scope:
    """KPIs by id, named by it with spaces and a capital."""
    return Scope({key: Plain(key, key.replace("_", " ").capitalize(), text) for key, text in formulas.items()})


def read(text: str) -> Checked:
    return check(text, shipped())


def outcome(text: str, scope: Scope | None = None, own: str | None = None) -> Checked | FormulaError:
    """The one law: a formula is read, or there is an error. Anything else is a bug and comes through."""
    try:
        return check(text, scope or shipped(), own)
    except FormulaError as error:
        return error


def refused(text: str, scope: Scope | None = None, own: str | None = None) -> FormulaError:
    error = outcome(text, scope, own)
    assert isinstance(error, FormulaError), f"accepted as {error.unit.name}: {text}"
    return error
