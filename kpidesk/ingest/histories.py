"""Stage histories: reports of moves, of edits, and deals with a date for every stage as columns."""

import re
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.problem import Problem, Severity
from kpidesk.ingest.cells import tidy
from kpidesk.ingest.coded import Coded
from kpidesk.ingest.crosstab import filled_cells, texts
from kpidesk.ingest.headers import fold
from kpidesk.ingest.raw import Cells, RawTable

# “Date entered "Contract sent (Sales Pipeline)"” as a label; hs_v2_date_entered_contractsent and hs_date_entered_… as a name.
_ENTERED, _EXITED = (
    re.compile(rf"^(?:hs[ _](?:v2[ _])?)?{words}[ _]+[\"“”‘’']*(?P<stage>.+?)[\"“”‘’']*$", re.IGNORECASE)
    for words in ("date[ _]entered", "date[ _]exited")
)
_PIPELINE = re.compile(r"\s*\((?P<pipeline>[^()]*)\)$")


def stage_dates(raw: RawTable) -> dict[int, str]:
    """Return place -> stage of the columns with the dates on which deals entered a stage."""
    entered = {place: found["stage"] for place, header in enumerate(raw.header) if (found := _ENTERED.match(header))}
    return {place: stage for place, stage in entered.items() if fold(stage) != "current stage"}


def stage_columns(raw: RawTable) -> frozenset[int]:
    """Return the places of all columns that say when deals entered or left a stage."""
    kinds = (_ENTERED, _EXITED)
    return frozenset(
        place
        for place, header in enumerate(raw.header)
        if any((found := kind.match(header)) and fold(found["stage"]) != "current stage" for kind in kinds)
    )


def column_of(raw: RawTable, names: list[str], name: str) -> Cells:
    """Return the first column with a folded header; ValueError when there is none."""
    return np.asarray(raw.columns[names.index(name)])


def _renamed(raw: RawTable, names: list[str]) -> tuple[str, ...]:
    """Call the column of the stage that a deal is in today by another name than that of a move."""
    return tuple("Current stage" if name == "stage" else header for header, name in zip(raw.header, names, strict=True))


def _only(raw: RawTable, rows: npt.NDArray[np.bool_], problem: Problem | None) -> RawTable:
    return replace(
        raw,
        columns=tuple(column[rows] for column in raw.columns),
        lines=raw.lines[rows],
        problems=(*raw.problems, problem) if problem is not None else raw.problems,
    )


def _not_moves(rows: npt.NDArray[np.bool_]) -> Problem | None:
    count = int(np.count_nonzero(~rows))
    if not count:
        return None
    text = f"{count:,} {'row changes' if count == 1 else 'rows change'} something else than the stage and {'is' if count == 1 else 'are'} left out."
    return Problem("other-changes", Severity.INFO, text, count)


def moves(raw: RawTable, names: list[str]) -> RawTable:
    """Keep the moves of an Opportunity History report: rows of other changes have the same stage on both sides."""
    before, after = texts(column_of(raw, names, "from stage")), texts(column_of(raw, names, "to stage"))
    moved = np.asarray(before != after, dtype=np.bool_)
    return replace(_only(raw, moved, _not_moves(moved)), header=_renamed(raw, names))


def edits(raw: RawTable, names: list[str]) -> RawTable:
    """Keep creations and changes of the stage of an Opportunity Field History report.

    A creation does not say its stage: it is the old value of the deal's first change, else the stage the deal is still in.
    """
    event = np.array([fold(tidy(cell)) for cell in column_of(raw, names, "field event")], dtype=object)
    created, changed = event == "created", event == "stage"
    ids = next((name for name in ("opportunity id", "opportunity name") if name in names), None)
    stage = texts(column_of(raw, names, "new value"))
    if ids is not None and created.any():
        deal = texts(column_of(raw, names, ids))
        current = texts(column_of(raw, names, "stage")) if "stage" in names else np.full(raw.rows, "", dtype=object)
        # The report lists the changes of a deal in the order of time, or in the opposite one.
        moves = pd.DataFrame({"deal": deal, "old": texts(column_of(raw, names, "old value")), "new": stage})[changed]
        firsts = {
            one: next((old for old in part["old"] if old not in set(part["new"])), part["old"].iloc[0])
            for one, part in moves.groupby("deal", sort=False)
        }
        stage = np.where(created, pd.Series(deal).map(firsts).fillna(pd.Series(current)).to_numpy(dtype=object), stage)
    kept = np.asarray(created | changed, dtype=np.bool_)
    columns = list(raw.columns)
    columns[names.index("new value")] = stage
    return replace(_only(replace(raw, columns=tuple(columns)), kept, _not_moves(kept)), header=_renamed(raw, names))


def stays(raw: RawTable, names: list[str], entered: dict[int, str], key: Cells | Coded | None = None) -> RawTable:
    """Turn one row with a date for every stage into one row per stay. `key` are the ids of the deals, by default of a usual column."""
    exits = {
        found["stage"].casefold(): place for place, header in enumerate(raw.header) if (found := _EXITED.match(header))
    }
    stages = list(entered.values())
    pipelines = set(texts(column_of(raw, names, "pipeline"))) if "pipeline" in names else set()
    ends = [_PIPELINE.search(stage) for stage in stages]
    suffixed = all(ends) and (not pipelines or any(end and end["pipeline"] in pipelines for end in ends))
    spelled = _labels(raw, names)
    bare = [_PIPELINE.sub("", stage) if suffixed else stage for stage in stages]
    plain = np.array([spelled.get(_letters(stage), stage) for stage in bare], dtype=object)
    of = np.array([end["pipeline"] if end and suffixed else None for end in ends], dtype=object)
    blank = np.full(raw.rows, None, dtype=object)
    left = [raw.columns[exits[stage.casefold()]] if stage.casefold() in exits else blank for stage in stages]
    grid = np.stack([raw.columns[place] for place in entered], axis=1)
    ended = np.stack(left, axis=1)
    rows, places = np.nonzero(filled_cells(grid))
    ids = next((name for name in ("record id", "deal id", "id") if name in names), None)
    if key is None:
        key = raw.columns[names.index(ids)] if ids is not None else blank
    text = f"{len(rows):,} dates in {len(stages)} columns are read as one stay each. A stage that was entered again shows its last time only."
    return replace(
        raw,
        header=("Deal ID", "Stage", "Pipeline", "Entered", "Exited"),
        columns=(key[rows], plain[places], of[places], grid[rows, places], ended[rows, places]),
        lines=raw.lines[rows],
        problems=(*raw.problems, Problem("stage-columns", Severity.INFO, text, len(rows))),
    )


def _labels(raw: RawTable, names: list[str]) -> dict[str, str]:
    """Return the stages that deals are in by their letters: a column may call “Contract sent” contractsent."""
    place = next((names.index(name) for name in ("deal stage", "stage", "dealstage") if name in names), None)
    found = [] if place is None else [one for one in dict.fromkeys(texts(raw.columns[place])) if one]
    return {_letters(stage): stage for stage in reversed(found)}


def _letters(stage: str) -> str:
    return re.sub(r"[\W_]+", "", stage).casefold()
