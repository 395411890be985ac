"""What a card says, in words and in full precision."""

from dataclasses import replace

import pytest

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi
from kpidesk.domain.period import Grain
from kpidesk.domain.result import Point
from kpidesk.present.cards import Reading, card, target_text
from kpidesk.present.chart_tables import card_table
from kpidesk.present.texts import off_target

MEETINGS = Kpi(
    "meetings", "Qualified meetings", "1", Display.COUNT, Direction.UP, Kind.LEADING, next(iter(Funnel)), Grain.QUARTER
)


@pytest.mark.parametrize(
    ("direction", "now", "words"),
    [
        (Direction.UP, 77.7, "Target 78 by today"),
        (Direction.UP, 78.0, "Target 78 by today"),
        (Direction.DOWN, 77.7, "Target 77 by today"),
    ],
)
def test_a_count_is_aimed_at_in_whole_numbers(direction: Direction, now: float, words: str) -> None:
    assert target_text(replace(MEETINGS, direction=direction), (100.0, now, now * 0.9), "GBP") == words


def test_a_missed_count_is_set_against_the_same_whole_number() -> None:
    _, reason = off_target(reading(77.0), "GBP")
    assert reason.startswith("77 against 78")


def reading(last: float) -> Reading:
    return Reading(
        kpi=MEETINGS,
        history=(Point(70.25), Point(None, reason=None), Point(last)),
        labels=("Q1 2026", "Q2 2026", "Q3 2026"),
        grain=Grain.QUARTER,
        status=Status.WARN,
        goal=(100.0, 77.7, 70.0),
        change=None,
        compared="Q2",
    )


def test_the_table_of_a_card_shows_what_the_sparkline_shows_and_copies_it_exactly() -> None:
    shown = card_table(card(reading(77.0), "GBP"))
    assert shown.columns == ("Period", "Qualified meetings")
    assert [row[0] for row in shown.rows] == ["Q1 2026", "Q2 2026", "Q3 2026"]
    assert shown.rows[1][1] == "—"
    assert shown.copied().splitlines()[1:] == ["Q1 2026\t70.25", "Q2 2026\t", "Q3 2026\t77.0"]
