"""How goals are written."""

import pytest

from kpidesk.present.goals import _way as way
from kpidesk.present.goals import card_texts, share_text
from kpidesk.present.numbers import NBSP


@pytest.mark.parametrize(
    ("start", "target", "written"),
    [
        (f"48{NBSP}days", f"42{NBSP}days", f"48 to 42{NBSP}days"),
        (f"1{NBSP}day", f"2{NBSP}days", f"1{NBSP}day to 2{NBSP}days"),
        (f"3{NBSP}h 12{NBSP}min", f"2{NBSP}h 12{NBSP}min", f"3{NBSP}h 12{NBSP}min to 2{NBSP}h 12{NBSP}min"),
        ("22%", "25%", "22% to 25%"),
    ],
)
def test_a_unit_that_both_ends_have_is_written_once(start: str, target: str, written: str) -> None:
    assert way(start, target) == written


@pytest.mark.parametrize(
    ("share", "written"), [(0.994, "99%"), (0.9999, "99%"), (1.0, "100%"), (1.02, "102%"), (-0.2, "−20%"), (0.5, "50%")]
)
def test_the_way_is_not_written_as_whole_before_it_is(share: float, written: str) -> None:
    assert share_text(share) == written


def test_what_is_left_out_is_said() -> None:
    assert card_texts(0.5, 0.4, 1, 3) == (f"50% of the way, 2{NBSP}key results not known", "40% expected by today")
    assert card_texts(None, 0.4, 0, 3) == ("Nothing known yet", "")
    assert card_texts(None, 0.0, 0, 0) == ("No key result yet", "")
