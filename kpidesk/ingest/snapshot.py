"""The day that a file was exported on, from the signs of age it bears."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from kpidesk.domain.entity import entity
from kpidesk.domain.importing import Choices
from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.frame import BLANK_DAY, Frame, TimeColumn
from kpidesk.ingest.distinct import distinct, time_column
from kpidesk.ingest.headers import fold
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.styles import date_styles

# What happened, and so was known when the file was written. Plans (targets, costs booked ahead, rates) say nothing of that.
_EVENTS = {
    "deals": ("created", "closed", "first_contact", "last_activity"),
    "leads": ("created", "first_response"),
    "activities": ("date",),
    "stage_history": ("entered", "exited"),
    "customers": ("acquired", "churned"),
    "transactions": ("date",),
}
_MODIFIED = frozenset(
    {"last modified date", "last modified", "modified time", "modified on", "update time", "updated at", "last updated"}
)
_DAY = re.compile(r"(?<!\d)(20\d\d)[-_. ]?([01]\d)[-_. ]?([0-3]\d)(?!\d{3})")
_MILLISECONDS = re.compile(r"(?<!\d)(1\d{12})(?!\d)")  # Salesforce: report1754726400000.csv
_EPOCH = date(1970, 1, 1)


def snapshot_of(
    raw: RawTable, frame: Frame, choices: Choices, zone: str, today: date, may_be_of: Callable[[date], bool]
) -> Snapshot:
    """Date a typed file. No sign of an age beyond `today` is believed, nor a name that is older than the rows.

    `may_be_of` says whether a file has what is known to have been there on a day, and nothing that came later. One that has not
    may be a correction made later, so the newest event in it says nothing.
    """
    if choices.snapshot is not None:
        return Snapshot(choices.snapshot, DatedBy.CHOSEN, "The day was given with the import.")
    if frame.entity not in _EVENTS:
        return Snapshot(today, DatedBy.IMPORT, "Plans and rates count from the day they are imported.")
    newest = _newest(raw, frame, choices, zone, today)
    named = _named(raw.file_name, zone)
    if named is not None and named <= today and (newest is None or newest[0] <= named):
        return Snapshot(named, DatedBy.NAME, f"The name of the file says {_told(named)}.")
    if newest is not None and may_be_of(newest[0]):
        return Snapshot(newest[0], DatedBy.ROWS, f"The newest date in “{newest[1]}” is {_told(newest[0])}.")
    few = "" if newest is None else f"Its rows are not those known by {_told(newest[0])}, so it may correct some. "
    written = _written(raw.path, zone)
    if written is not None and written <= today and (newest is None or newest[0] <= written):
        return Snapshot(written, DatedBy.FILE, f"{few}The file was last written on {_told(written)}.")
    text = f"{few}The file gives no sign of its age, so it counts from the day it is imported."
    return Snapshot(today, DatedBy.IMPORT, text)


def _told(day: date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def _newest(raw: RawTable, frame: Frame, choices: Choices, zone: str, today: date) -> tuple[date, str] | None:
    """Return the newest day up to `today` on which something happened, and the column that has it."""
    columns = {name: frame.columns.get(name) for name in _EVENTS[frame.entity]}
    modified = {
        header: distinct(column)
        for header, column in zip(raw.header, raw.columns, strict=True)
        if fold(header) in _MODIFIED
    }
    styles = date_styles(modified, choices.date_order, raw.rows)
    for header, column in modified.items():
        if styles[header].problem is None:
            columns[header] = time_column(column, styles[header].order, zone).column
    limit = (today - _EPOCH).days
    found: tuple[int, str] | None = None
    for name, typed in columns.items():
        if not isinstance(typed, TimeColumn):
            continue
        known = typed.days[(typed.days != BLANK_DAY) & (typed.days <= limit)]
        if known.size and (found is None or int(known.max()) > found[0]):
            found = int(known.max()), _label(frame.entity, name)
    return None if found is None else (_day(found[0]), found[1])


def _label(kind: str, name: str) -> str:
    """Return what the screen calls a field; a column that feeds none goes by its header."""
    one = entity(kind)
    return one.field(name).label if name in one.field_names else name


def _day(number: int) -> date:
    return np.datetime64(number, "D").astype(date)


def _named(name: str, zone: str) -> date | None:
    """Return the last date written in a file's name, year first, or as milliseconds."""
    stem = Path(name).stem
    found = None
    for year, month, day in _DAY.findall(stem):
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            continue
    if found is None and (moment := _MILLISECONDS.search(stem)):
        found = datetime.fromtimestamp(int(moment[1]) / 1000, UTC).astimezone(ZoneInfo(zone)).date()
    return found


def _written(path: Path, zone: str) -> date | None:
    try:
        return datetime.fromtimestamp(path.stat().st_mtime, UTC).astimezone(ZoneInfo(zone)).date()
    except (OSError, OverflowError, ValueError):
        return None
