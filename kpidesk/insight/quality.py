"""Whether a definition is more than a label: the seven points, and the four that a KPI needs for the dashboard (articles A and B)."""

import re
from dataclasses import dataclass
from enum import StrEnum

from kpidesk.domain.kpi import Basis, Kpi

_FEWEST_WORDS = 4
_LONG = 8  # words: who says so much has said what
# Beginnings that name an attitude instead of something that will be done.
_VAGUE = re.compile(
    r"(?:we(?:'ll| will)? )?(?:look (?:into|at)|look\b|(?:review|check) (?:it|this|that|what|why|the number)|monitor|watch|keep an eye|discuss|investigate|think about|"
    r"consider|improve\b|do better|work harder|try (?:to|harder)|be careful|react|take action|follow up\b|analyse|analyze)",
    re.IGNORECASE,
)
# What turns a vague beginning into a plan: a second step, or a comparison by something.
_STEP = re.compile(r"\b(?:then|and (?!what|why|how)\w+|by|until|within|instead|first)\b", re.IGNORECASE)


class Part(StrEnum):
    """The parts of a definition that are checked, in the order of the list."""

    FORMULA = "formula"
    TARGET = "target"
    OWNER = "owner"
    SOURCE = "source"
    PAIR = "pair"
    CADENCE = "cadence"
    ACTION = "action"


GATES = (Part.FORMULA, Part.OWNER, Part.SOURCE, Part.TARGET)
"""Without these a KPI is a label."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a definition alone does not say: the mistake in its formula, what feeds it and what does not, its pair, its next review."""

    mistake: str = ""
    sources: str = ""
    missing: str = ""
    pair: str = ""
    review: str = ""
    target: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One point: whether it is met, and what there is or what is lacking."""

    part: Part
    met: bool
    title: str
    detail: str


def vague(action: str) -> bool:
    """Whether an action says nothing that somebody could do tomorrow."""
    words = action.split()
    if not words:
        return False
    attitude = _VAGUE.match(action.strip()) is not None and len(words) < _LONG
    return len(words) < _FEWEST_WORDS or (attitude and _STEP.search(action) is None)


def quality(kpi: Kpi, facts: Facts) -> tuple[Check, ...]:
    """Return the seven points of a definition."""
    return (
        _formula(kpi, facts),
        _target(kpi, facts),
        _owner(kpi),
        _source(facts),
        _pair(facts),
        Check(
            Part.CADENCE, bool(facts.review), "Review cadence is set", facts.review or "Say how often you look at it"
        ),
        _action(kpi),
    )


def lacking(kpi: Kpi, facts: Facts) -> tuple[Check, ...]:
    """Return which of the four are lacking that let a KPI onto the dashboard. A target may do without a basis here."""
    checks = {check.part: check for check in quality(kpi, facts)}
    has_target = kpi.target is not None or kpi.target_from is not None
    return tuple(checks[part] for part in GATES if not (checks[part].met or (part is Part.TARGET and has_target)))


def vanity(kpi: Kpi) -> str:
    """Return why a KPI fails the test "if this number changes, what will we do?", "" when it passes."""
    if kpi.action.strip() and not vague(kpi.action):
        return ""
    asked = "" if kpi.vanity_asked is None else f" Asked on {kpi.vanity_asked.day} {kpi.vanity_asked:%b %Y}."
    if not kpi.action.strip():
        return f"No action follows when it changes. Name one, or retire it.{asked}"
    return f"Its action is too vague to start tomorrow.{asked}"


def _formula(kpi: Kpi, facts: Facts) -> Check:
    if not kpi.formula.strip():
        return Check(Part.FORMULA, met=False, title="Formula is missing", detail="Say how the number is calculated")
    if facts.mistake:
        return Check(Part.FORMULA, met=False, title="Formula is not finished", detail=facts.mistake)
    return Check(Part.FORMULA, met=True, title="Formula is complete", detail="Every name in it is known")


def _target(kpi: Kpi, facts: Facts) -> Check:
    target = kpi.target
    if kpi.target_from is not None and target is None:
        return Check(Part.TARGET, met=True, title="Target has a basis", detail=facts.target)
    if target is None:
        return Check(Part.TARGET, met=False, title="Target is missing", detail="Say what good is")
    if target.basis is Basis.PLAIN:
        return Check(Part.TARGET, met=False, title="Target has no basis", detail="Say why it is this value")
    if target.basis is Basis.BENCHMARK and not target.origin.strip():
        return Check(Part.TARGET, met=False, title="Benchmark has no origin", detail="Say where the benchmark is from")
    if target.basis is Basis.GOAL and not kpi.goal.strip():
        return Check(Part.TARGET, met=False, title="Target has no goal", detail="Say which goal it is worked back from")
    return Check(Part.TARGET, met=True, title="Target has a basis", detail=facts.target)


def _owner(kpi: Kpi) -> Check:
    name = kpi.owner.strip()
    return Check(Part.OWNER, bool(name), "Owner is set" if name else "Owner is missing", name or "Name one person")


def _source(facts: Facts) -> Check:
    if facts.sources and not facts.missing:
        return Check(Part.SOURCE, met=True, title="Source is mapped", detail=facts.sources)
    detail = facts.missing or ("Known when the formula is finished" if facts.mistake else "The formula reads no rows")
    return Check(Part.SOURCE, met=False, title="Source is missing", detail=detail)


def _pair(facts: Facts) -> Check:
    title = "Paired with another KPI" if facts.pair else "No pair yet"
    return Check(Part.PAIR, bool(facts.pair), title, facts.pair or "Early signals and results belong together")


def _action(kpi: Kpi) -> Check:
    if not kpi.action.strip():
        return Check(Part.ACTION, met=False, title="Action is missing", detail="Without one it is a vanity number")
    if vague(kpi.action):
        return Check(Part.ACTION, met=False, title="Action is vague", detail="Say what you will do first, and then")
    return Check(Part.ACTION, met=True, title="Action is clear", detail=kpi.action.strip())
