"""Numbers as people read them."""

import pytest

from kpidesk.domain.kpi import Display
from kpidesk.present.numbers import NBSP, apart_text


@pytest.mark.parametrize(
    ("value", "against", "display", "words"),
    [
        (3.4, 3.0, Display.RATIO, "3.4x"),
        (2.98, 3.0, Display.RATIO, "2.98x"),
        (2.9996, 3.0, Display.RATIO, "2.9996x"),
        (3.0, 3.0, Display.RATIO, "3.0x"),
        (2.98, None, Display.RATIO, "3.0x"),
        (0.24996, 0.25, Display.PERCENT, "24.996%"),
        (41.6, 42.0, Display.DAYS, f"41.6{NBSP}days"),
        (9_499.0, 9_500.0, Display.MONEY, "£9,499.00"),
        (-0.004, 0.0, Display.RATIO, "\N{MINUS SIGN}0.004x"),
    ],
)
def test_a_value_is_told_apart_from_what_it_is_held_against(
    value: float, against: float | None, display: Display, words: str
) -> None:
    assert apart_text(value, against, display, "GBP") == words
