"""Single cells: what each way of writing means, and what is never guessed."""

from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.domain.importing import DateOrder
from kpidesk.ingest import cells
from kpidesk.ingest.distinct import MANY, distinct, number_column, replaced, text_column, time_column

DMY, MDY, YMD = DateOrder.DMY, DateOrder.MDY, DateOrder.YMD


def day(cell: object, order: DateOrder | None = None) -> str | None:
    read = cells.moment(cell, order)
    return str(date(1970, 1, 1) + timedelta(days=read.day)) if isinstance(read, cells.Moment) else None


def amount(text: str, decimal: str = ".") -> float | None:
    parts = cells.split_number(cells.tidy(text))
    read = cells.number(parts, decimal) if isinstance(parts, cells.NumberText) else parts
    return read if isinstance(read, float) else None


def column_of(texts: list[object]) -> np.ndarray:
    column = np.empty(len(texts), dtype=object)
    column[:] = texts
    return column


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-03", "2026-07-03"),
        ("2026/7/3", "2026-07-03"),
        ("2026-07-03T23:30:00Z", "2026-07-03"),
        ("2026-07-03 23:30:00.000+02:00", "2026-07-03"),
        ("2021-04-15 23:03:00", "2021-04-15"),
        ("15 Apr, 2021 00:03:00", "2021-04-15"),
        ("Apr 15, 2021", "2021-04-15"),
        ("15. März 2021", "2021-03-15"),
        ("15-Apr-21", "2021-04-15"),
        ("May 2, 2024 3:04 PM", "2024-05-02"),
        ("Mon 1st June 2026", "2026-06-01"),
        ("20260703", "2026-07-03"),
        ("45631", "2024-12-05"),
        ("2025-03", "2025-03-01"),
        ("Mar 2025", "2025-03-01"),
        ("2026-02-29", None),
        ("2026-13-01", None),
        ("1815-06-18", None),
        ("2024", None),
        ("12:30", None),
        ("1754000000000", None),
        ("yesterday", None),
    ],
)
def test_dates_that_need_no_order(text: str, expected: str | None) -> None:
    assert day(text) == expected


@pytest.mark.parametrize(
    ("text", "order", "expected"),
    [
        ("1/9/2024, 2:00 PM", MDY, "2024-01-09"),
        ("1/9/2024, 2:00 PM", DMY, "2024-09-01"),
        ("09.01.2024", DMY, "2024-01-09"),
        ("3-7-26", DMY, "2026-07-03"),
        ("26/07/03", YMD, "2026-07-03"),
        ("03/07/2026", YMD, None),
        ("25/03/2026", MDY, None),
        ("03/25/2026", DMY, None),
        ("03/07/2026", None, None),
        ("07/07/2026", None, "2026-07-07"),
    ],
)
def test_dates_whose_order_has_to_be_known(text: str, order: DateOrder | None, expected: str | None) -> None:
    assert day(text, order) == expected


@pytest.mark.parametrize("value", [1.0, 2024.0, 2026.5, 9_999.0, 109_940.0, 1e15, -3.0])
def test_a_number_that_is_a_year_or_a_count_is_no_date(value: float) -> None:
    assert day(value) is None


def test_typed_dates_of_a_spreadsheet() -> None:
    assert day(45_658.75) == "2025-01-01"
    assert day(datetime(2026, 7, 3, 14, 0)) == "2026-07-03"
    assert day(date(2026, 7, 3)) == "2026-07-03"
    read = cells.moment(datetime(2026, 7, 3, 14, 0, tzinfo=timezone(timedelta(hours=2))), None)
    assert isinstance(read, cells.Moment)
    assert (read.seconds, read.offset) == (14 * 3600, 7200)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-07-03 12:00 AM", 0),
        ("2026-07-03 12:00 PM", 43_200),
        ("2026-07-03 2:05 pm", 50_700),
        ("2026-07-03 02:30:15", 9_015),
        ("2026-07-03 14:00 PM", 50_400),
    ],
)
def test_twelve_hour_clocks(text: str, seconds: int) -> None:
    read = cells.moment(text, None)
    assert isinstance(read, cells.Moment)
    assert read.seconds == seconds


@pytest.mark.parametrize("text", ["2026-07-03 25:00", "2026-07-03 12:61", "2026-07-03 24:30 PM"])
def test_times_that_no_clock_shows_are_unreadable(text: str) -> None:
    assert day(text) is None


@pytest.mark.parametrize(
    ("text", "decimal", "expected"),
    [
        ("1,234.50", ".", 1234.5),
        ("1.234,50 €", ",", 1234.5),
        ("1\u00a0234,50", ",", 1234.5),
        ("1\u202f234\u202f567", ".", 1_234_567.0),
        ("1'234.50", ".", 1234.5),
        ("12,34,567", ".", 1_234_567.0),
        ("£4.8k", ".", 4800.0),
        ("1.2m", ".", 1_200_000.0),
        ("€4,8k", ",", 4800.0),
        ("(500)", ".", -500.0),
        ("(£1,200.00)", ".", -1200.0),
        ("-£500", ".", -500.0),
        ("£-500", ".", -500.0),
        ("\u2212500", ".", -500.0),
        ("500-", ".", -500.0),
        ("$ 1,234", ".", 1234.0),
        ("EUR 500", ".", 500.0),
        ("500 GBP", ".", 500.0),
        (".5", ".", 0.5),
        ("'-500", ".", -500.0),
        ("12.5%", ".", 0.125),
        ("0", ".", 0.0),
        ("1,23,4", ".", None),
        ("1.234.5", ".", None),
        ("12 34", ".", None),
        ("020 7946 0018", ".", None),
        ("(500", ".", None),
        ("--500", ".", None),
        ("£500 $", ".", None),
        ("500 XYZ", ".", None),
        ("9" * 400, ".", None),
        ("five", ".", None),
        ("1/2", ".", None),
    ],
)
def test_ways_to_write_a_number(text: str, decimal: str, expected: float | None) -> None:
    assert amount(text, decimal) == (None if expected is None else pytest.approx(expected))


@pytest.mark.parametrize(
    ("text", "code"),
    [("£5", "GBP"), ("5 €", "EUR"), ("$5", "USD"), ("CHF 5", "CHF"), ("A$5", "AUD"), ("5", "")],
)
def test_the_currency_written_beside_a_number(text: str, code: str) -> None:
    parts = cells.split_number(text)
    assert isinstance(parts, cells.NumberText)
    assert parts.currency == code


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("  a \u00a0 b ", "a b"),
        ("'=SUM(A1)", "=SUM(A1)"),
        ("'+49 30", "+49 30"),
        ("'quoted'", "'quoted'"),
        (10_676_775_052.0, "10676775052"),
        (0.5, "0.5"),
        (float("nan"), ""),
        (float("inf"), ""),
        (None, ""),
        (datetime(2026, 7, 3, tzinfo=UTC), "2026-07-03 00:00:00+00:00"),
        (date(2026, 7, 3), "2026-07-03"),
    ],
)
def test_a_cell_as_text(cell: object, text: str) -> None:
    assert cells.tidy(cell) == text


def test_words_for_nothing_depend_on_what_is_asked_for() -> None:
    assert cells.label("(No value)") == ""
    assert cells.label("Select") == ""
    assert cells.label("None") == "None"  # a real category of some files
    assert cells.is_null("None", value=True)
    assert not cells.is_null("0", value=True)
    assert cells.flag("checked") is True
    assert cells.flag("v") is True
    assert cells.flag("No") is False
    assert cells.flag("") is None
    assert isinstance(cells.flag("perhaps"), cells.Unreadable)


# --- columns read as a whole give what their cells give one by one

_NUMBERS = st.one_of(
    st.integers(0, 10**12).map(str),
    st.integers(0, 10**9).map("{:,}".format),
    st.decimals(0, 10**7, places=2).map("{:,}".format),
    st.sampled_from(["1,23", "1.2.3", "12,345678", "1,234.", "1234,567", "007", "1.234", ""]),
)


@settings(max_examples=60)
@given(st.lists(_NUMBERS, min_size=1, max_size=20), st.sampled_from([".", ","]))
def test_numbers_of_a_long_column_are_those_of_its_cells(texts: list[str], decimal: str) -> None:
    column = column_of([*texts, *(str(number) for number in range(MANY))])
    long = number_column(distinct(column), decimal)
    short = number_column(distinct(column[: len(texts)]), decimal)
    assert long.bad[: len(texts)].tolist() == short.bad.tolist()
    assert np.array_equal(long.column.values[: len(texts)], short.column.values, equal_nan=True)


@settings(max_examples=60)
@given(st.lists(st.text(st.sampled_from("ab \u00a0\n\t'=-N/A"), max_size=6), min_size=1, max_size=20))
def test_texts_of_a_long_column_are_those_of_its_cells(texts: list[str]) -> None:
    column = column_of([*texts, *(f"deal {number}" for number in range(MANY))])
    long = text_column(distinct(column), cells.label)
    assert [long.values[code] if code >= 0 else "" for code in long.codes[: len(texts)]] == [
        cells.label(text) for text in texts
    ]


@pytest.mark.parametrize("odd", ["2026-02-30", "2026-1-31", "03/04/2026", "soon", "N/A", "2026-07-01 10:00"])
def test_a_long_column_of_iso_dates_with_one_odd_cell(odd: str) -> None:
    days = [str(date(2020, 1, 1) + timedelta(days=number)) for number in range(MANY)]
    read = time_column(distinct(column_of([odd, *days])), DMY, "Europe/London")
    alone = time_column(distinct(column_of([odd])), DMY, "Europe/London")
    assert read.bad.tolist() == [*alone.bad.tolist(), *[False] * MANY]
    assert read.column.days[0] == alone.column.days[0]
    assert read.column.days[-1] == (date.fromisoformat(days[-1]) - date(1970, 1, 1)).days


# --- time zones


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026-06-30T23:30:00Z", "Europe/London", "2026-07-01"),
        ("2026-06-30T23:30:00Z", "America/New_York", "2026-06-30"),
        ("2026-01-09 23:30:00-05:00", "Europe/London", "2026-01-10"),
        ("2026-06-30 23:30:00", "America/New_York", "2026-06-30"),
        ("2026-06-30", "Pacific/Auckland", "2026-06-30"),
    ],
)
def test_instants_fall_on_a_local_day_and_plain_dates_never_move(text: str, zone: str, expected: str) -> None:
    read = time_column(distinct(column_of([text])), None, zone).column
    assert str(read.days.astype("datetime64[D]")[0]) == expected
    assert bool(read.local[0]) == (text == "2026-06-30 23:30:00")


def test_wall_clocks_that_summer_time_skips_or_repeats() -> None:
    texts = column_of(["2026-03-29 01:30:00", "2026-10-25 01:30:00"])
    read = time_column(distinct(texts), None, "Europe/London").column
    seen = [datetime.fromtimestamp(int(second), UTC).isoformat() for second in read.instants]
    assert seen == ["2026-03-29T01:00:00+00:00", "2026-10-25T00:30:00+00:00"]


def test_midnight_in_every_cell_is_no_time_of_day() -> None:
    read = time_column(distinct(column_of(["2026-06-30 00:00:00", "2026-07-01 00:00:00"])), None, "Europe/London")
    assert not read.column.local.any()
    assert (read.column.instants == np.iinfo(np.int64).min).all()


def test_a_replaced_cell_counts_as_what_replaced_it() -> None:
    column = distinct(column_of(["TBC", "10", "tbc ", None]))
    emptied = replaced(column, {"tbc": ""})
    assert emptied.filled == 1
    assert sum(emptied.counts) == 1
    assert number_column(replaced(column, {"tbc": "7"}), ".").column.values[:3].tolist() == [7.0, 10.0, 7.0]


@pytest.mark.parametrize(
    ("cell", "text"),
    [('="00123"', "00123"), ('="a b"', "a b"), ('=""', ""), ("=A1", "=A1"), (25842000000262376.0, "25842000000262376")],
)
def test_a_text_that_was_kept_from_excel_is_that_text(cell: object, text: str) -> None:
    assert cells.tidy(cell) == text
    assert not cells.all_tidy([cell]) or cell == text
