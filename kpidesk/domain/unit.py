"""Units of results: a money exponent, a day exponent, and a tag for plain numbers (semantics 3.4)."""

from dataclasses import dataclass
from enum import StrEnum


class Tag(StrEnum):
    """What a plain number means."""

    NUMBER = "number"
    COUNT = "count"
    RATIO = "ratio"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Unit:
    """Dimension of a value: money^`money` x days^`days`. `tag` tells counts, ratios and percents apart."""

    money: int = 0
    days: int = 0
    tag: Tag = Tag.NUMBER

    @property
    def name(self) -> str:
        """The field's word for it: money, count, percent, ratio, number, duration, money per day, count per day."""
        match self.money, self.days:
            case 0, 0:
                return str(self.tag)
            case 1, 0:
                return "money"
            case 0, 1:
                return "duration"
            case 1, -1:
                return "money per day"
            case 0, -1:
                return "count per day"
            case _:
                return f"money^{self.money} days^{self.days}"


NUMBER = Unit()
COUNT = Unit(tag=Tag.COUNT)
RATIO = Unit(tag=Tag.RATIO)
PERCENT = Unit(tag=Tag.PERCENT)
MONEY = Unit(money=1)
DURATION = Unit(days=1)
MONEY_PER_DAY = Unit(money=1, days=-1)
COUNT_PER_DAY = Unit(tag=Tag.COUNT, days=-1)
