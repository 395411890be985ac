"""What people type into the fields of a KPI."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpidesk.domain.kpi import Display
from kpidesk.present.numbers import exact_text
from kpidesk.present.typed import NotANumberError, typed_value


@pytest.mark.parametrize(
    ("text", "display", "value"),
    [
        ("25%", Display.PERCENT, 0.25),
        ("25", Display.PERCENT, 0.25),
        ("£1.2k", Display.MONEY, 1200),
        ("9,800", Display.MONEY, 9800),
        ("−£470", Display.MONEY, -470),
        ("1.24m", Display.MONEY, 1_240_000),
        ("3 h 12 min", Display.HOURS, 3.2 / 24),
        ("2", Display.HOURS, 2 / 24),
        ("41 days", Display.DAYS, 41),
        ("2 weeks", Display.DAYS, 14),
        ("3.4x", Display.RATIO, 3.4),
        ("120%", Display.RATIO, 1.2),
        ("12", Display.COUNT, 12),
        ("", Display.COUNT, None),
        ("  ", Display.DAYS, None),
    ],
)
def test_what_is_understood(text: str, display: Display, value: float | None) -> None:
    assert typed_value(text, display, "GBP") == pytest.approx(value)


@pytest.mark.parametrize("display", Display)
@pytest.mark.parametrize("text", ["TBC", "1.2.3", "nan", "inf", "5 apples", "--3", "%"])
def test_what_is_not(text: str, display: Display) -> None:
    with pytest.raises(NotANumberError, match="Enter a number, for example"):
        typed_value(text, display, "GBP")


@given(st.floats(0.01, 1e6), st.sampled_from([Display.MONEY, Display.PERCENT, Display.DAYS, Display.HOURS]))
def test_what_is_written_in_full_is_read_back(value: float, display: Display) -> None:
    assert typed_value(exact_text(value, display, "GBP"), display, "GBP") == pytest.approx(value, abs=0.01)
