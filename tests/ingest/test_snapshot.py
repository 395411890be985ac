"""The day of an export, from the signs of age in its file."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpidesk.domain.importing import Choices
from kpidesk.domain.settings import Settings
from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.ingest.interpret import interpret
from kpidesk.ingest.readers import read_table
from kpidesk.ingest.snapshot import snapshot_of

TODAY = date(2026, 11, 20)
DEALS = "deal_id,status,created,closed,amount\n1,won,2026-06-01,2026-08-07,5\n2,open,2026-08-01,2026-12-31,5\n"
WRITTEN = datetime(2026, 10, 5, 12, tzinfo=UTC).timestamp()


def dated(folder: Path, name: str, text: str, entity: str = "deals", *, whole: bool = True, **chosen: date) -> Snapshot:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    os.utime(file, (WRITTEN, WRITTEN))
    choices = Choices(entity=entity, **chosen)
    raw = read_table(file)
    done = interpret(raw, choices, Settings())
    assert done.batch is not None
    return snapshot_of(raw, done.batch.frame, choices, "Europe/London", TODAY, lambda _: whole)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("hubspot-crm-exports-all-deals-2026-08-09.csv", date(2026, 8, 9)),
        ("Deals_2026_08_09.csv", date(2026, 8, 9)),
        ("deals 20260809.csv", date(2026, 8, 9)),
        ("from 2026-08-01 to 2026-08-09.csv", date(2026, 8, 9)),
        ("report1786273200000.csv", date(2026, 8, 9)),
    ],
)
def test_the_name_of_the_file_says_it(tmp_path: Path, name: str, day: date) -> None:
    found = dated(tmp_path, name, DEALS)
    assert (found.day, found.by, found.evidence) == (day, DatedBy.NAME, "The name of the file says 9 Aug 2026.")


@pytest.mark.parametrize(
    "name",
    [
        "deals.csv",
        "deals-2026-08-06.csv",  # older than a deal that it knows as won
        "forecast-2026-12-31.csv",  # not yet
        "deals-2026-13-45.csv",  # no day
        "deals-12345678901234.csv",  # an account's number
    ],
)
def test_else_the_newest_event_in_the_rows_does_and_no_plan(tmp_path: Path, name: str) -> None:
    found = dated(tmp_path, name, DEALS)
    assert (found.day, found.by) == (date(2026, 8, 7), DatedBy.ROWS)
    assert found.evidence == "The newest date in “Closed” is 7 Aug 2026."


def test_a_column_of_changes_is_newer_than_what_is_mapped(tmp_path: Path) -> None:
    text = "deal_id,status,created,Last Modified Date\n1,open,2026-06-01,2026-09-03\n2,open,2026-06-02,2026-09-01\n"
    found = dated(tmp_path, "deals.csv", text)
    assert (found.day, found.by) == (date(2026, 9, 3), DatedBy.ROWS)


def test_events_after_today_say_nothing(tmp_path: Path) -> None:
    text = "deal_id,status,created,last_activity\n1,open,2026-06-01,2027-01-01\n"
    assert dated(tmp_path, "deals.csv", text).day == date(2026, 6, 1)


def test_without_events_the_time_of_the_file_counts(tmp_path: Path) -> None:
    found = dated(tmp_path, "deals.csv", "deal_id,status,amount\n1,open,5\n")
    assert (found.day, found.by) == (date(2026, 10, 5), DatedBy.FILE)


def test_the_rows_of_a_small_file_say_nothing(tmp_path: Path) -> None:
    found = dated(tmp_path, "deals.csv", DEALS, whole=False)
    assert (found.day, found.by) == (date(2026, 10, 5), DatedBy.FILE)
    assert found.evidence.startswith("Its rows are not those known by 7 Aug 2026, so it may correct some.")


def test_plans_count_from_the_day_they_are_imported(tmp_path: Path) -> None:
    text = "start,end,amount\n2026-01-01,2026-01-31,5\n"
    found = dated(tmp_path, "targets 2026-01-01.csv", text, "targets")
    assert (found.day, found.by) == (TODAY, DatedBy.IMPORT)


def test_the_user_knows_best(tmp_path: Path) -> None:
    found = dated(tmp_path, "deals-2026-08-09.csv", DEALS, snapshot=date(2026, 9, 9))
    assert (found.day, found.by) == (date(2026, 9, 9), DatedBy.CHOSEN)
