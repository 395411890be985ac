"""Days and months as people write them."""

from datetime import date

import pytest

from kpidesk.present.typed_days import read_day, read_month

TODAY = date(2026, 9, 11)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("30 Sep", date(2026, 9, 30)),
        ("1 Sep", date(2027, 9, 1)),
        ("30 September 2026", date(2026, 9, 30)),
        ("2026-09-30", date(2026, 9, 30)),
        ("30/09/26", date(2026, 9, 30)),
        ("30.9.2026", date(2026, 9, 30)),
        ("31 Sep", None),
        ("soon", None),
        ("", None),
    ],
)
def test_days(text: str, day: date | None) -> None:
    assert read_day(text, TODAY) == day


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("Sep", date(2026, 9, 1)),
        ("Mar", date(2027, 3, 1)),
        ("Sep-26", date(2026, 9, 1)),
        ("September 2026", date(2026, 9, 1)),
        ("2026-09", date(2026, 9, 1)),
        ("09/2026", date(2026, 9, 1)),
        ("01/09/2026", date(2026, 9, 1)),
        ("02/09/2026", None),
        ("13/2026", None),
        ("Q3", None),
        ("12", None),
        ("", None),
    ],
)
def test_months(text: str, month: date | None) -> None:
    assert read_month(text, TODAY) == month
