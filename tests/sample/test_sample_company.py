"""The sample company: repeatable, coherent, and with the figures it is meant to show."""

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO, StringIO
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory

from hypothesis import example, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from kpidesk.domain.entity import ENTITIES
from kpidesk.domain.period import Grain, add_months, period_of
from kpidesk.sample import generate
from kpidesk.sample.dice import Dice
from kpidesk.sample.generate import typical_story
from kpidesk.sample.story import Teller
from kpidesk.sample.tables import tables

END = date(2026, 9, 11)
OPEN = ("Qualified", "Demo", "Proposal", "Negotiation")
Row = dict[str, object]


@cache
def written() -> dict[str, tuple[str, bytes]]:
    """The name and bytes of every file by entity."""
    with TemporaryDirectory() as folder:
        return {file.entity: (file.path.name, file.path.read_bytes()) for file in generate(Path(folder), end=END)}


def read(name: str, raw: bytes) -> list[Row]:
    if name.endswith(".csv"):
        return list(csv.DictReader(StringIO(raw.decode(), newline="")))
    book = load_workbook(BytesIO(raw), read_only=True)
    head, *rows = book.worksheets[0].iter_rows(values_only=True)
    book.close()
    return [dict(zip(head, row, strict=True)) for row in rows]


@cache
def company() -> dict[str, list[Row]]:
    return {entity: read(name, raw) for entity, (name, raw) in written().items()}


@cache
def deals() -> dict[str, Row]:
    """The deals by id, without the test record; of a double the last row."""
    return {str(row["Record ID"]): row for row in company()["deals"] if row["test"] == "No"}


def moment(cell: object) -> datetime:
    return datetime.fromisoformat(str(cell))


def decided(days: int = 10_000) -> list[Row]:
    first = END - timedelta(days=days)
    return [
        row for row in deals().values() if row["Deal Stage"] not in OPEN and moment(row["Close Date"]).date() > first
    ]


def win_rate(rows: list[Row]) -> float:
    return mean(row["Deal Stage"] == "Won" for row in rows)


def test_same_seed_and_end_give_the_same_files(tmp_path):
    for file in generate(tmp_path, end=END):
        name, raw = written()[file.entity]
        assert file.path.name == name
        if name.endswith(".csv"):
            assert file.path.read_bytes() == raw
        else:
            assert read(name, file.path.read_bytes()) == company()[file.entity]


def test_another_seed_gives_another_company():
    one, two = (tables(Teller(date(2024, 9, 1), END, Dice(seed)).tell(), Dice(seed)) for seed in (2026, 7))
    assert one[0].rows != two[0].rows


def test_every_entity_that_needs_a_file_has_one():
    assert set(written()) == {entity.name for entity in ENTITIES} - {"fx"}
    assert all(END.isoformat() in name for name, _ in written().values())


def test_deals_look_like_a_hubspot_export():
    name, raw = written()["deals"]
    assert name == "hubspot-crm-exports-all-deals-2026-09-11.csv"
    assert b"\r" not in raw
    assert not raw.startswith(b"\xef\xbb\xbf")
    for line in raw.decode().splitlines():
        assert line.startswith('"')
        assert line.endswith('"')
        assert line.count('"') == 2 * (line.count('","') + 1)  # empty cells are quoted too


def test_nothing_happens_after_the_last_day():
    for entity, columns in {
        "deals": ("Create Date", "first_contact", "Last Activity Date"),
        "leads": ("Create Date", "first_response"),
        "stage_history": ("entered", "exited"),
    }.items():
        for row in company()[entity]:
            for column in columns:
                assert not row[column] or moment(row[column]).date() <= END, (entity, row)
    assert all(moment(row["Close Date"]).date() <= END for row in decided())
    for column in ("acquired", "churned"):
        assert all(not row[column] or date.fromisoformat(str(row[column])) <= END for row in company()["customers"])
    assert all(date.fromisoformat(str(row["date"])) <= END for row in company()["transactions"])
    assert all(row["date"].date() <= END for entity in ("activities", "costs") for row in company()[entity])


def test_the_story_is_two_years_long():
    created = [moment(row["Create Date"]).date() for row in deals().values()]
    assert date(2024, 9, 1) <= min(created) <= date(2024, 9, 10)
    assert max(created) >= END - timedelta(days=4)


def test_stage_history_agrees_with_the_deals():
    stays = defaultdict(list)
    for row in company()["stage_history"]:
        stays[row["deal_id"]].append(row)
    assert set(stays) == set(deals())
    backwards = 0
    for deal_id, walked in stays.items():
        deal = deals()[deal_id]
        stages = [row["stage"] for row in walked]
        assert stages[-1] == deal["Deal Stage"]
        assert stages[:-1] == list(OPEN[: len(stages) - 1])
        assert [row["exited"] for row in walked[:-1]] == [row["entered"] for row in walked[1:]]
        assert walked[-1]["exited"] == ""
        assert all(moment(row["entered"]) < moment(row["exited"]) for row in walked[:-1])
        if deal["Deal Stage"] in ("Won", "Lost"):
            assert walked[-1]["entered"] == deal["Close Date"]
        backwards += walked[0]["entered"] != deal["Create Date"]
    assert backwards == 3  # typed in late, on purpose


def test_won_deals_have_customers_who_pay_from_then_on():
    customers = {row["customer_id"]: row for row in company()["customers"]}
    won = [row for row in deals().values() if row["Deal Stage"] == "Won"]
    assert {row["Associated Company IDs"] for row in won} == set(customers)
    first = {}
    for row in company()["transactions"]:
        first.setdefault(row["customer_id"], row["date"])
        customer = customers[row["customer_id"]]
        assert row["kind"] == "refund" or not customer["churned"] or row["date"] < customer["churned"]
    for customer_id, customer in customers.items():
        assert first[customer_id] == customer["acquired"]
        bought = [row for row in won if row["Associated Company IDs"] == customer_id]
        assert str(min(moment(row["Close Date"]) for row in bought).date()) == customer["acquired"]
    assert 0 < sum(bool(row["churned"]) for row in customers.values()) < len(customers) / 2


def test_leads_and_activities_are_linked():
    leads = {row["Record ID"]: row for row in company()["leads"]}
    linked = [row for row in deals().values() if row["Lead ID"]]
    assert len(linked) > 300
    assert all(leads[row["Lead ID"]]["Create Date"] < row["Create Date"] for row in linked)
    for row in company()["activities"]:
        assert not row["lead_id"] or row["lead_id"] in leads
        assert not row["deal_id"] or row["deal_id"] in deals()
    for row in leads.values():
        assert not row["first_response"] or row["first_response"] > row["Create Date"]


def test_it_is_untidy_on_purpose():
    rows = company()["deals"]
    ids = Counter(row["Record ID"] for row in rows)
    assert [times for times in ids.values() if times > 1] == [2]
    assert sum(row["test"] == "Yes" for row in rows) == 1
    assert sum(not row["Amount"] for row in deals().values()) == 6
    assert any(row["Deal owner"] != str(row["Deal owner"]).strip() for row in rows)
    still_open = [row for row in deals().values() if row["Deal Stage"] in OPEN]
    assert 0.05 < mean(not row["Close Date"] for row in still_open) < 0.35
    assert any(row["Close Date"] and moment(row["Close Date"]).date() <= END for row in still_open)


def test_figures_are_those_of_the_design():
    recent = decided(182)
    won = [float(str(row["Amount"])) for row in recent if row["Deal Stage"] == "Won" and row["Amount"]]
    created = [moment(row["Create Date"]) for row in deals().values()]
    leads = [moment(row["Create Date"]) for row in company()["leads"]]
    assert 80 <= sum(when.date() > END - timedelta(days=91) for when in created) <= 120
    assert 180 <= sum(when.date() > END - timedelta(days=91) for when in leads) <= 240
    assert 0.21 <= win_rate(decided()) <= 0.27
    assert 8_500 <= mean(won) <= 10_700
    every = [float(str(row["Amount"])) for row in decided() if row["Deal Stage"] == "Won" and row["Amount"]]
    assert 9_100 <= mean(every) <= 10_100
    lengths = [(moment(row["Close Date"]) - moment(row["Create Date"])).days for row in recent]
    assert 36 <= mean(lengths) <= 47


def test_outbound_wins_less_often_than_inbound():
    by_source = {
        name: win_rate([row for row in decided() if row["Original Traffic Source"] == name])
        for name in ("Outbound", "Inbound")
    }
    assert 0.10 <= by_source["Outbound"] <= 0.18
    assert 0.27 <= by_source["Inbound"] <= 0.35


def waits(first: date, last: date, source: str | None = None) -> float:
    return median(
        (moment(row["first_response"]) - moment(row["Create Date"])).total_seconds() / 3600
        for row in company()["leads"]
        if row["first_response"]
        and first < moment(row["Create Date"]).date() <= last
        and source in (None, row["Original Traffic Source"])
    )


def test_leads_wait_longer_lately_and_longest_from_paid_search():
    before, turn = END - timedelta(days=200), END - timedelta(days=84)
    assert 1.4 <= waits(before, turn) <= 2.4
    assert waits(turn, END) > 1.25 * waits(before, turn)
    assert waits(turn, END, "Paid search") > 1.7 * waits(turn, END, "Inbound")


def test_proposals_wait_longer_lately():
    turn = datetime.combine(END - timedelta(days=84), datetime.min.time())
    days: dict[bool, list[float]] = {True: [], False: []}
    for row in company()["stage_history"]:
        if row["stage"] == "Proposal" and row["exited"]:
            entered = moment(row["entered"])
            days[entered >= turn].append((moment(row["exited"]) - entered).days)
    assert median(days[True]) > median(days[False])


def test_targets_cover_the_quarter_with_quotas():
    now = [row for row in company()["targets"] if row["start"].date() <= END <= row["end"].date()]
    assert sum(row["amount"] for row in now if row["owner"] is None) == 240_000
    assert {row["owner"] for row in now} - {None} == {"Priya Shah", "Tom Okafor", "Dan Hughes"}


def test_costs_have_all_categories_every_month():
    months = defaultdict(set)
    for row in company()["costs"]:
        months[row["date"].strftime("%Y-%m")].add(row["category"])
        assert row["amount"] > 0
        assert (row["source"] is not None) == (row["category"] in ("sales", "marketing"))
    assert len(months) == 24  # September 2026 has nothing booked before the 15th
    assert all({"sales", "marketing", "cogs", "overhead"} <= found for found in months.values())


@settings(max_examples=8, deadline=None)
@given(st.dates(date(2024, 1, 1), date(2030, 12, 31)), st.integers(0, 10_000))
@example(date(2028, 2, 29), 2026)
@example(date(2025, 12, 31), 2026)
@example(date(2026, 1, 1), 2026)
def test_any_last_day_gives_a_coherent_company(end, seed):
    story = Teller(add_months(end, -24), end, Dice(seed)).tell()
    closed = [deal for deal in story.deals if deal.closed]
    assert 550 < len(story.deals) < 950
    assert len(story.leads) > 1_000
    assert 0.20 <= mean(deal.stage == "Won" for deal in closed) <= 0.28
    assert all(deal.created.date() <= end and deal.last_activity.date() <= end for deal in story.deals)
    assert all(deal.expected is None for deal in closed)
    assert all(done.when.date() <= end for done in story.activities)
    booked = [row[0] for table in tables(story, Dice(seed)) if table.entity == "costs" for row in table.rows]
    assert max(booked) <= end


def test_the_quarter_so_far_is_the_usual_one_whenever_the_sample_is_opened():
    for end in (date(2026, 11, 24), date(2027, 5, 20), date(2027, 8, 14)):
        quarter = period_of(end, Grain.QUARTER)
        closed = [
            deal for deal in typical_story(end, 2026).deals if deal.closed and deal.closed.date() >= quarter.start
        ]
        won = sum(deal.amount for deal in closed if deal.stage == "Won")
        pace = 240_000 * ((end - quarter.start).days + 1) / quarter.days
        assert 0.75 <= won / pace <= 1.1
        assert 0.19 <= mean(deal.stage == "Won" for deal in closed) <= 0.30
