"""Tables in other shapes than one record a row: crosstabs with months as columns, stage dates as columns, history reports."""

import re
from dataclasses import replace
from pathlib import PurePath

import numpy as np
import numpy.typing as npt
import pandas as pd

from kpidesk.domain.problem import Place, Problem, Severity
from kpidesk.ingest import headers
from kpidesk.ingest.cells import Unreadable, number, split_number, tidy
from kpidesk.ingest.headers import fold
from kpidesk.ingest.months import run_of_months
from kpidesk.ingest.raw import Cells, RawTable

MONTH, AMOUNT = "Month", "Amount"
_SUMS = re.compile(
    r"^(?:(?:grand |sub ?)?totals?|sum|ytd|year to date|average|avg|mean|fy ?\d*|\d{4})\b", re.IGNORECASE
)
_TOTAL = re.compile(r"^(?:(?:grand |sub-?)?totals?|sum)\b", re.IGNORECASE)
_ALONE = re.compile(r"(?:(?:grand |sub-?)?totals?|sum)\s*:?", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(20\d{2})(?!\d)")
_CUSTOMER = frozenset({"customer", "customer name", "customer id", "client", "client name"})
_TYPE = frozenset({"activity type", "type", "kind", "activity"})
_OF_CALLS = frozenset(
    {"call title", "call outcome", "call status", "call duration", "call direction", "call notes", "call type"}
    | {"call purpose", "call start time", "call owner", "call result", "phone call"}
)
_OF_MEETINGS = frozenset(
    {"meeting name", "meeting title", "meeting outcome", "meeting start time", "meeting notes", "appointment"}
)
_OF_ANY = frozenset({"subject", "date start", "start time", "activity date", "due date", "direction"})
_TELLING = 2
_ENTERED = re.compile(r"^date entered\s+[\"“']?(?P<stage>.+?)[\"”']?$", re.IGNORECASE)
_EXITED = re.compile(r"^date exited\s+[\"“']?(?P<stage>.+?)[\"”']?$", re.IGNORECASE)
_PIPELINE = re.compile(r"\s*\((?P<pipeline>[^()]*)\)$")


def shaped(raw: RawTable, entity: str | None) -> RawTable:
    """Return the table with one record a row, as the kind of rows the user chose (None: not yet) needs it."""
    months = run_of_months(raw.header)
    if months:
        return _crosstab(raw, months)
    names = [fold(header) for header in raw.header]
    if "to stage" in names and "from stage" in names:
        return _moves(raw, names)
    if {"field event", "new value", "old value", "edit date"} <= set(names):
        return _edits(raw, names)
    entered = {place: found["stage"] for place, header in enumerate(raw.header) if (found := _ENTERED.match(header))}
    entered = {place: stage for place, stage in entered.items() if fold(stage) != "current stage"}
    if entered and entity == "stage_history":
        return _stays(raw, names, entered)
    if entity in (None, "activities") and {"parent type", "parent id"} <= set(names):
        raw = _parents(raw, names)
        names = [fold(header) for header in raw.header]
    kind = _activity(raw, names) if entity in (None, "activities") else None
    if kind is not None:
        return _of_one_type(raw, *kind)
    if entered and entity in (None, "deals"):
        stages = "a stage" if len(entered) == 1 else f"{len(entered):,} stages"
        text = f"This file also has the dates on which deals entered {stages}. To use them, import it once more as stage history."
        return replace(raw, problems=(*raw.problems, Problem("stage-dates", Severity.INFO, text, len(entered))))
    return raw


# --- months as columns


def _crosstab(raw: RawTable, months: dict[int, tuple[int | None, int]]) -> RawTable:
    """Turn one row with an amount for every month into one row per amount. Its line stays; the month names its column.

    Columns and rows that only add up others are left out. An empty cell is no row.
    """
    sums = [place for place, name in enumerate(raw.header) if place not in months and _SUMS.match(fold(name))]
    labels = [place for place in range(len(raw.header)) if place not in months and place not in sums]
    problems = list(raw.problems)
    if sums:
        listed = ", ".join(f"“{raw.header[place]}”" for place in sums)
        add = (
            "The column {} adds up months and is left out."
            if len(sums) == 1
            else "The columns {} add up months and are left out."
        )
        text = add.format(listed)
        problems.append(Problem("total-columns", Severity.INFO, text, len(sums)))
    order = sorted(months)
    grid = np.stack([raw.columns[place] for place in order], axis=1)
    totals, unlike = (
        _totals(_texts(raw.columns[labels[0]]), grid) if labels else (np.zeros(raw.rows, dtype=np.bool_),) * 2
    )
    if unlike.any():
        named = _texts(raw.columns[labels[0]])[unlike][0]
        text = f"“{named}” sounds like a total but is not the sum of rows above it, so it is kept. Delete it in the file if it is one."
        problems.append(Problem("total-kept", Severity.CHECK, text, int(np.count_nonzero(unlike))))
    if totals.any():
        lines = raw.lines[totals]
        count = len(lines)
        text = f"{count:,} {'row adds' if count == 1 else 'rows add'} up others and {'is' if count == 1 else 'are'} left out."
        problems.append(
            Problem("total-rows", Severity.INFO, text, count, tuple(Place(int(line)) for line in lines[:5]))
        )
    year, said = _year(raw, months)
    problems += said
    rows, places = np.nonzero(_filled(grid) & ~totals[:, None])
    spelled = [f"{raw.header[place].strip()} {year}" if year else raw.header[place] for place in order]
    written = np.array([name.removesuffix(" 00:00:00") for name in spelled], dtype=object)
    customers = any(fold(raw.header[place]) in _CUSTOMER for place in labels)
    text = f"Months stand side by side: {len(rows):,} amounts in {len(order)} columns are read as one row each."
    problems.append(Problem("crosstab", Severity.INFO, text, len(rows)))
    return replace(
        raw,
        header=(*(raw.header[place] for place in labels), "Date" if customers else MONTH, AMOUNT),
        columns=(*(raw.columns[place][rows] for place in labels), written[places], grid[rows, places]),
        lines=raw.lines[rows],
        problems=tuple(problems),
    )


def _filled(grid: Cells) -> npt.NDArray[np.bool_]:
    return np.frompyfunc(lambda cell: not headers.is_empty(cell), 1, 1)(grid).astype(np.bool_)


def _totals(names: npt.NDArray[np.object_], grid: Cells) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """Return which rows are totals, and which only sound like one: a customer may be called Total Energy.

    “Total” alone is one; “Total marketing” is one where it is the sum of the rows since the last total, or of all above.
    """
    alone = np.array([_ALONE.fullmatch(name) is not None for name in names], dtype=np.bool_)
    named = np.array([_TOTAL.match(name) is not None for name in names], dtype=np.bool_)
    totals = alone.copy()
    for decimal in (".", ","):
        amounts = np.frompyfunc(lambda cell, mark=decimal: _amount(cell, mark), 1, 1)(grid).astype(np.float64)
        for row in np.flatnonzero(named & ~alone):
            since = int(np.flatnonzero(totals[:row])[-1]) + 1 if totals[:row].any() else 0
            for above in (np.arange(since, row), np.flatnonzero(~totals[:row])):
                totals[row] |= len(above) > 0 and bool(
                    np.allclose(amounts[above].sum(axis=0), amounts[row], atol=0.011)
                )
    return totals, named & ~totals


def _amount(cell: object, decimal: str) -> float:
    """Read an amount for adding up; 0 for what is none."""
    if isinstance(cell, float):
        return cell
    parts = split_number(tidy(cell))
    read = parts if isinstance(parts, Unreadable) else number(parts, decimal)
    return 0.0 if isinstance(read, Unreadable) else read


def _year(raw: RawTable, months: dict[int, tuple[int | None, int]]) -> tuple[str, list[Problem]]:
    """Return the year of months without one, if the name of sheet or file tells a single one and the months do not pass into another."""
    if any(year is not None for year, _ in months.values()):
        return "", []
    for where, name in (("sheet", raw.sheet or ""), ("file", PurePath(raw.file_name).stem)):
        years = set(_YEAR.findall(name))
        numbers = [number for _, (_, number) in sorted(months.items())]
        if len(years) == 1 and numbers == sorted(numbers):
            year = years.pop()
            text = f"The months are read as those of {year}, the year in the name of the {where}."
            return year, [Problem("year-from-name", Severity.CHECK, text, len(months))]
    text = "The months have no year. Put it into the headers or into the name of the file, such as “Costs 2026”, and read the file again."
    return "", [Problem("months-without-year", Severity.CHECK, text, len(months))]


# --- activities of one type


def _activity(raw: RawTable, names: list[str]) -> tuple[str, str] | None:
    """Return the type of a file of calls or meetings only, which has no column that says so, and what tells it."""
    if not _TYPE.isdisjoint(names):
        return None
    for kind, own in (("Call", _OF_CALLS), ("Meeting", _OF_MEETINGS)):
        told = [header for header, name in zip(raw.header, names, strict=True) if name in own]
        if len(told) >= _TELLING or own & {"phone call", "appointment"} & set(names):
            return kind, f"the column “{told[0]}”"
    if "stage" in names or not _OF_ANY & set(names):
        return None
    words = set(re.findall(r"[a-z]+", raw.file_name.lower()))
    for kind, word in (("Call", "calls"), ("Meeting", "meetings"), ("Meeting", "events")):
        if word in words:
            return kind, "the name of the file"
    return None


def _parents(raw: RawTable, names: list[str]) -> RawTable:
    """Part the record that an activity belongs to by its kind: its id is that of a deal or of a lead."""
    kinds = np.array([fold(tidy(cell)) for cell in _column(raw, names, "parent type")], dtype=object)
    ids = _column(raw, names, "parent id")
    linked = [
        np.where(np.isin(kinds, words), ids, None) for words in (("opportunity", "opportunities"), ("lead", "leads"))
    ]
    return replace(raw, header=(*raw.header, "Deal ID", "Lead ID"), columns=(*raw.columns, *linked))


def _of_one_type(raw: RawTable, kind: str, told_by: str) -> RawTable:
    text = f"Every row is read as a {kind.lower()}, as {told_by} says."
    return replace(
        raw,
        header=(*raw.header, "Activity type"),
        columns=(*raw.columns, np.full(raw.rows, kind, dtype=object)),
        problems=(*raw.problems, Problem("activity-type", Severity.INFO, text, raw.rows)),
    )


# --- stages


def _column(raw: RawTable, names: list[str], name: str) -> Cells:
    return raw.columns[names.index(name)]


def _texts(column: Cells) -> npt.NDArray[np.object_]:
    return np.array([tidy(cell) for cell in column], dtype=object)


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


def _moves(raw: RawTable, names: list[str]) -> RawTable:
    """Keep the moves of an Opportunity History report: rows of other changes have the same stage on both sides."""
    before, after = _texts(_column(raw, names, "from stage")), _texts(_column(raw, names, "to stage"))
    moved = np.asarray(before != after, dtype=np.bool_)
    return replace(_only(raw, moved, _not_moves(moved)), header=_renamed(raw, names))


def _edits(raw: RawTable, names: list[str]) -> RawTable:
    """Keep creations and changes of the stage of an Opportunity Field History report.

    A creation does not say its stage: it is the old value of the deal's first change, else the stage the deal is still in.
    """
    event = np.array([fold(tidy(cell)) for cell in _column(raw, names, "field event")], dtype=object)
    created, changed = event == "created", event == "stage"
    ids = next((name for name in ("opportunity id", "opportunity name") if name in names), None)
    stage = _texts(_column(raw, names, "new value"))
    if ids is not None and created.any():
        deal = _texts(_column(raw, names, ids))
        current = _texts(_column(raw, names, "stage")) if "stage" in names else np.full(raw.rows, "", dtype=object)
        # The report lists the changes of a deal in the order of time, or in the opposite one.
        moves = pd.DataFrame({"deal": deal, "old": _texts(_column(raw, names, "old value")), "new": stage})[changed]
        firsts = {
            one: next((old for old in part["old"] if old not in set(part["new"])), part["old"].iloc[0])
            for one, part in moves.groupby("deal", sort=False)
        }
        stage = np.where(created, pd.Series(deal).map(firsts).fillna(pd.Series(current)).to_numpy(dtype=object), stage)
    kept = np.asarray(created | changed, dtype=np.bool_)
    columns = list(raw.columns)
    columns[names.index("new value")] = stage
    return replace(_only(replace(raw, columns=tuple(columns)), kept, _not_moves(kept)), header=_renamed(raw, names))


def _stays(raw: RawTable, names: list[str], entered: dict[int, str]) -> RawTable:
    """Turn one row with a date for every stage into one row per stay."""
    exits = {
        found["stage"].casefold(): place for place, header in enumerate(raw.header) if (found := _EXITED.match(header))
    }
    stages = list(entered.values())
    pipelines = set(_texts(_column(raw, names, "pipeline"))) if "pipeline" in names else set()
    ends = [_PIPELINE.search(stage) for stage in stages]
    suffixed = all(ends) and (not pipelines or any(end and end["pipeline"] in pipelines for end in ends))
    plain = np.array([_PIPELINE.sub("", stage) if suffixed else stage for stage in stages], dtype=object)
    of = np.array([end["pipeline"] if end and suffixed else None for end in ends], dtype=object)
    blank = np.full(raw.rows, None, dtype=object)
    left = [raw.columns[exits[stage.casefold()]] if stage.casefold() in exits else blank for stage in stages]
    grid = np.stack([raw.columns[place] for place in entered], axis=1)
    ended = np.stack(left, axis=1)
    rows, places = np.nonzero(_filled(grid))
    ids = next((name for name in ("record id", "deal id", "id") if name in names), None)
    key = raw.columns[names.index(ids)] if ids is not None else blank
    text = f"{len(rows):,} dates in {len(stages)} columns are read as one stay each. A stage that was entered again shows its last time only."
    return replace(
        raw,
        header=("Deal ID", "Stage", "Pipeline", "Entered", "Exited"),
        columns=(key[rows], plain[places], of[places], grid[rows, places], ended[rows, places]),
        lines=raw.lines[rows],
        problems=(*raw.problems, Problem("stage-columns", Severity.INFO, text, len(rows))),
    )
