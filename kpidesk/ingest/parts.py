"""Files that feed two tables: deals with a column for the date on which each stage was entered have a stage history in them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kpidesk.domain.entity import DEALS, STAGE_HISTORY
from kpidesk.domain.importing import Choices, ColumnMatch
from kpidesk.domain.problem import Problem, Severity
from kpidesk.domain.settings import Settings
from kpidesk.ingest.cells import tidy
from kpidesk.ingest.detect import header_place
from kpidesk.ingest.headers import fold
from kpidesk.ingest.histories import stage_columns, stage_dates, stays
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.raw import RawTable


def with_history(
    raw: RawTable, deals: Interpretation, settings: Settings, known_stages: Mapping[str, str]
) -> tuple[Interpretation, Interpretation | None]:
    """Return the deals of a file, and the stage history that stands in the same rows; None where there is none.

    `deals` is the file as it was read for deals. What has to be answered before the history can be read blocks both.
    """
    entered = stage_dates(raw) if deals.preview.entity == DEALS.name else {}
    if not entered:
        return deals, None
    key = deals.read_as.mapping.get("deal_id")
    if key is None:
        return _with_problem(deals, _without_id(len(entered))), None
    table = stays(raw, [fold(header) for header in raw.header], entered, raw.columns[header_place(raw, key)])
    table = _entered(table, deals.preview.choices)
    if not table.rows:
        return deals, None
    table = replace(table, ragged=(), problems=())  # said and held with the deals
    choices = replace(
        deals.preview.choices,
        entity=STAGE_HISTORY.name,
        profile=deals.preview.profile,
        mapping={},
    )
    read = _read(table, choices, settings, known_stages)
    if read.preview.blocking and choices.date_order is None and deals.preview.date_order is not None:
        # The other dates of the file prove how those of the stages are written.
        choices = replace(choices, date_order=deals.preview.date_order)
        read = _read(table, choices, settings, known_stages)
    return _fed(deals, read, stage_columns(raw), len(entered)), read


def _entered(table: RawTable, choices: Choices) -> RawTable:
    """Leave out the stays whose day of entry the user treats as blank: without one there is no stay."""
    blank = {tidy(cell).casefold() for (name, cell), text in choices.values.items() if name == "entered" and not text}
    place = table.header.index("Entered")
    if not blank:
        return table
    kept = np.array([tidy(cell).casefold() not in blank for cell in table.columns[place]], dtype=np.bool_)
    return replace(table, columns=tuple(column[kept] for column in table.columns), lines=table.lines[kept])


def _read(table: RawTable, choices: Choices, settings: Settings, known: Mapping[str, str]) -> Interpretation:
    return interpret(table, choices, settings, known_stages=known, part=True)


def _without_id(count: int) -> Problem:
    stages = "a stage" if count == 1 else f"{count:,} stages"
    text = f"This file also has the dates on which deals entered {stages}. Add the id of the deals to the export to use them."
    return Problem("stage-dates", Severity.CHECK, text, count)


def _fed(deals: Interpretation, history: Interpretation, columns: frozenset[int], count: int) -> Interpretation:
    """Say in the reading of the deals what their stage columns feed; these are no columns of their own then."""
    rows = history.preview.row_count
    stages = "a stage" if count == 1 else f"{count:,} stages"
    text = f"The dates on which deals entered {stages} come in as stage history too: {rows:,} {'entry' if rows == 1 else 'entries'}. "
    text += "A stage that was entered again shows its last time only."
    said = [Problem("stage-dates", Severity.INFO, text, rows)]
    said += [_told(one) for one in history.preview.problems if one.severity >= Severity.HELD]
    headers = {deals.preview.matches[place].column for place in columns if deals.preview.matches[place].field is None}
    preview = replace(deals.preview, matches=tuple(_noted(one, headers) for one in deals.preview.matches))
    batch = None
    if deals.batch is not None and not history.preview.blocking:
        extras = {name: column for name, column in deals.batch.extras.items() if name not in headers}
        batch = replace(deals.batch, extras=extras)
    return _with_problem(replace(deals, preview=preview, batch=batch), *said)


def _told(problem: Problem) -> Problem:
    """Say a problem of the history in the words of the file, which has no columns called Entered and Exited."""
    if problem.code not in ("unreadable-entered", "unreadable-exited"):
        return problem
    one = problem.count == 1
    text = f"{problem.count:,} {'cell' if one else 'cells'} in the columns of the stages {'is not a date' if one else 'are not dates'}. "
    text += f"{'Its stay in the stage is' if one else 'Their stays in the stages are'} held until you repair the date or treat it as blank."
    return replace(problem, message=text)


def _noted(match: ColumnMatch, headers: set[str]) -> ColumnMatch:
    return replace(match, note="Stage history", feeds="stage_history") if match.column in headers else match


def _with_problem(deals: Interpretation, *said: Problem) -> Interpretation:
    """Add what is not said already: a date order is asked for once."""
    known = {problem.message for problem in deals.preview.problems}
    problems = (*deals.preview.problems, *(one for one in said if one.message not in known))
    ordered = tuple(sorted(problems, key=lambda one: -one.severity))
    return replace(deals, preview=replace(deals.preview, problems=ordered))
