"""Tables in other shapes than one record a row, brought into that one: which shape a table has, and what an activity is."""

import re
from dataclasses import replace

import numpy as np

from kpidesk.domain.period import Calendar
from kpidesk.domain.problem import Problem, Severity
from kpidesk.ingest.cells import tidy
from kpidesk.ingest.crosstab import crosstab, spelled_out
from kpidesk.ingest.distinct import distinct
from kpidesk.ingest.headers import fold
from kpidesk.ingest.histories import column_of, edits, moves, stage_dates, stays
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.spans import run_of_spans

# A deal may carry a plan of its amount by month: it stays one deal.
_RECORDS = frozenset({"deals", "leads", "activities", "stage_history"})
_OF_RECORDS = frozenset({"stage", "deal stage", "deal id", "deal name", "opportunity", "opportunity id", "close date"})
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
_PAID = re.compile(
    r"(?<=\d)\s*(?:/\s*(?:mo|month|yr|year)|monthly|per month|annual(?:ly)?|yearly|per year|one[- _]time)\s*$",
    re.IGNORECASE,
)


def shaped(raw: RawTable, entity: str | None, calendar: Calendar) -> RawTable:
    """Return the table with one record a row, as the kind of rows the user chose (None: not yet) needs it."""
    names = [fold(header) for header in raw.header]
    spans = run_of_spans(raw.header, calendar)
    if entity not in _RECORDS and (entity is not None or _OF_RECORDS.isdisjoint(names)):
        if spans:
            return crosstab(raw, spans, calendar)
        raw, before = spelled_out(raw, names, calendar), raw
        if raw is not before:
            return raw
    if "to stage" in names and "from stage" in names:
        return moves(raw, names)
    if {"field event", "new value", "old value", "edit date"} <= set(names):
        return edits(raw, names)
    entered = stage_dates(raw)
    if entered and entity == "stage_history":
        return stays(raw, names, entered)
    if {"value period", "value formatted"} <= set(names):
        raw = _bare_amounts(raw, names.index("value formatted"))
    if entity in (None, "activities") and {"parent type", "parent id"} <= set(names):
        raw = _parents(raw, names)
        names = [fold(header) for header in raw.header]
    kind = _activity(raw, names) if entity in (None, "activities") else None
    if kind is not None:
        return _of_one_type(raw, *kind)
    return raw


def _bare_amounts(raw: RawTable, place: int) -> RawTable:
    """Take the period off amounts such as “£400 monthly”: a column of its own says it."""
    column = distinct(raw.columns[place])
    bare = [_PAID.sub("", cell) if isinstance(cell, str) else cell for cell in column.cells]
    cells = np.array([*bare, None], dtype=object)[column.codes]
    return replace(raw, columns=(*raw.columns[:place], cells, *raw.columns[place + 1 :]))


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
    kinds = np.array([fold(tidy(cell)) for cell in column_of(raw, names, "parent type")], dtype=object)
    ids = column_of(raw, names, "parent id")
    blank = np.full(raw.rows, None, dtype=object)
    linked = [
        np.where(np.isin(kinds, words), ids, blank) for words in (("opportunity", "opportunities"), ("lead", "leads"))
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
