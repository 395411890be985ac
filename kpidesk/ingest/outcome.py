"""What became of a deal: open, won or lost, from a status column or from the words of its stage."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kpidesk.domain.importing import StageValue
from kpidesk.domain.problem import Problem, Severity
from kpidesk.frame import BLANK_CODE, TextColumn

OPEN, WON, LOST = "open", "won", "lost"
STATUSES = (OPEN, WON, LOST)
_WON = re.compile(
    r"(?:\b|closed)(?:won|gewonnen|gagnée?|ganad[oa]|vinto|vunnet|vundet)\b|^(?:closed )?success(?:ful)?$|^signed$"
)
_LOST = re.compile(
    r"(?:\b|closed)(?:lost|verloren|perdue?|perdid[oa]|perso|tapt)\b|\babandoned\b|\bdisqualified\b|\brejected\b"
    r"|^dead\b|\bclosed no\b|^cancell?ed$|^out sold$|^no decision$"
)
_NOT_WON = re.compile(r"\b(?:not|nearly|almost|to be)\b")
_OPEN = re.compile(r"^(?:open|active|in progress|ongoing|new|pending|on hold|working|qualified)$")
# Stages that CRMs ship with or founders write, all of deals that are still worked on.
_USUAL = re.compile(
    r"\b(?:prospect\w*|lead|qualif\w*|discovery|appointment|meeting|demo|present\w*|proposal|proposition|quot\w+|negotiat\w*|contract sent"
    r"|contact made|contacted|engag\w+|needs analysis|decision makers?|perception|trial|pilot|poc|legal|review|follow up|verbal|offer)\b"
)
# Words of an end that do not say which one.
_ENDED = re.compile(
    r"\b(?:closed|signed|done|complete[d]?|finished|accepted|declined|refused|paid|delivered|invoiced|archived|churned"
    r"|expired|inactive|unqualified|dropped|terminated|withdrawn|no sale|no response|onboard(?:ed|ing)|customer)\b"
)


def fold(text: str) -> str:
    """Fold a stage or status: case, punctuation and emoji do not matter."""
    return " ".join(re.sub(r"[^\w]+|_", " ", text.casefold()).split())


def decided(text: str) -> str | None:
    """Return won or lost when a text says so, else None."""
    folded = fold(text)
    if _LOST.search(folded):
        return LOST
    if _WON.search(folded) and not _NOT_WON.search(folded):
        return WON
    return None


def looks_like_status(column: TextColumn) -> bool:
    """Whether a column speaks of nothing but open, won and lost, so that it is the outcome rather than a stage."""
    words = [fold(value) for value in column.values]
    return (
        bool(words)
        and all(_OPEN.match(word) or decided(word) for word in words)
        and any(decided(word) for word in words)
    )


def _unclear(text: str) -> bool:
    """Whether a text sounds like an end without saying whether it was won or lost."""
    folded = fold(text)
    return decided(text) is None and _ENDED.search(folded) is not None and not _NOT_WON.search(folded)


def _named(names: list[str]) -> str:
    shown = [f"“{name}”" for name in names[:4]]
    if len(names) > len(shown):
        shown.append(f"{len(names) - len(shown):,} more")
    return f"{', '.join(shown[:-1])} and {shown[-1]}" if len(shown) > 1 else shown[0]


def _unclear_problem(code: str, what: str, names: list[str], count: int) -> Problem:
    one = len(names) == 1
    text = (
        f"The {what} {_named(names)} {'does' if one else 'do'} not say open, won or lost. "
        f"{count:,} {'deal is' if count == 1 else 'deals are'} read as open. Say what {'it means' if one else 'they mean'}."
    )
    return Problem(code, Severity.CHECK, text, count, values=tuple(names[:8]), options=STATUSES)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The status of every row, the stages met, and what could not be told."""

    status: TextColumn
    stages: tuple[StageValue, ...]
    problems: tuple[Problem, ...]


def outcome(
    status: TextColumn | None,
    stage: TextColumn | None,
    rows: int,
    chosen: Mapping[str, str],
    known: Mapping[str, str],
) -> Outcome:
    """Decide each row's status: the status column where it speaks, else what the user, earlier imports or the words say of its stage.

    `chosen` and `known` are stage -> status, matched without regard to case and outer spaces.
    """
    answers = {fold(name): value for name, value in (*known.items(), *chosen.items())}
    user = {fold(name) for name in chosen}
    problems: list[Problem] = []
    codes = np.full(rows, BLANK_CODE, dtype=np.int32)
    if status is not None:
        table = np.full(len(status.values) + 1, BLANK_CODE, dtype=np.int32)
        odd: list[int] = []
        for code, value in enumerate(status.values):
            word = answers.get(fold(value)) if fold(value) in user else None
            word = word or decided(value) or (OPEN if _OPEN.match(fold(value)) else answers.get(fold(value)))
            if word is None:
                odd.append(code)
            table[code] = STATUSES.index(word or OPEN)
        codes = table[status.codes]
        if count := int(np.count_nonzero(np.isin(status.codes, odd))):
            problems.append(_unclear_problem("unclear-status", "status", [status.values[code] for code in odd], count))
    stages: list[StageValue] = []
    if stage is not None:
        counts = np.bincount(stage.codes + 1, minlength=len(stage.values) + 1)[1:]
        table = np.full(len(stage.values) + 1, STATUSES.index(OPEN), dtype=np.int32)
        unclear: list[int] = []
        for code, value in enumerate(stage.values):
            told = answers.get(fold(value)) or decided(value)
            if told is None and _unclear(value):
                unclear.append(code)
            elif told is None and (_USUAL.search(fold(value)) or _OPEN.match(fold(value))):
                told = OPEN
            table[code] = STATUSES.index(told or OPEN)
            stages.append(StageValue(value, int(counts[code]), told or OPEN, told is not None))
        undecided = (codes == BLANK_CODE) & np.isin(stage.codes, unclear)
        if count := int(np.count_nonzero(undecided)):
            names = [stage.values[code] for code in unclear]
            problems.append(_unclear_problem("unclear-stage", "stage", names, count))
        by_stage = table[stage.codes]
        codes = np.where(codes == BLANK_CODE, by_stage, codes)
        if status is None and stage.values and not any(value.status in (WON, LOST) for value in stages):
            text = "No stage of this file says won or lost, so every deal is read as open. Say which stages are won and lost."
            first = tuple(value.stage for value in stages[:8])
            problems.append(Problem("no-outcome", Severity.CHECK, text, rows, values=first, options=STATUSES))
    codes = np.where(codes == BLANK_CODE, STATUSES.index(OPEN), codes).astype(np.int32)
    if status is None and stage is None:
        text = "This file has neither a stage nor a status, so deals with a close date are not known as won or lost. All are read as open."
        problems.append(Problem("no-status", Severity.CHECK, text, rows))
    lost = int(np.count_nonzero(codes == STATUSES.index(LOST)))
    won = int(np.count_nonzero(codes == STATUSES.index(WON)))
    if won and not lost:
        text = "This file has won deals but no lost ones, so the win rate will be 100%. Check that the export includes lost deals."
        problems.append(Problem("no-lost", Severity.CHECK, text, won))
    stages.sort(key=lambda value: -value.rows)
    return Outcome(TextColumn(codes, STATUSES), tuple(stages), tuple(problems))


def rows_with(column: TextColumn, status: str) -> npt.NDArray[np.bool_]:
    """Return which rows have a status."""
    return np.asarray(column.codes == STATUSES.index(status))
