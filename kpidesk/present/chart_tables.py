"""Every painted chart as a table: what it shows in words, for those who do not see it, and for the clipboard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from kpidesk.present.dashboard import Card, GoalStrip, Pair
from kpidesk.present.goals import GoalCard
from kpidesk.present.history import Breakdown, Comparison, KpiPage, Slice
from kpidesk.present.numbers import MINUS, MISSING, percent


@dataclass(frozen=True, slots=True)
class ChartTable:
    """Rows of text under `columns`; `exact` has the same rows in full precision, by default those shown."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    exact: tuple[tuple[str, ...], ...] = ()

    def copied(self) -> str:
        """Return the table as tab-separated text in full precision."""
        return "\n".join("\t".join(row) for row in (self.columns, *(self.exact or self.rows)))


def _plain(value: float | None) -> str:
    return "" if value is None else repr(value)


def card_table(card: Card) -> ChartTable:
    """Return a card's history by period, its target and its value of the latest one."""
    spark = card.spark
    if spark is None:
        words = card.reason or card.target
        return ChartTable(card.name, ("KPI", "Value", "Note"), ((card.name, card.value, words),))
    shown = tuple(zip(spark.labels, spark.texts, strict=True))
    exact = tuple((label, _plain(value)) for label, value in zip(spark.labels, spark.values, strict=True))
    return ChartTable(f"{card.name}, {card.target.lower()}", ("Period", card.name), shown, exact)


def goal_table(goal: GoalStrip) -> ChartTable:
    """Return the parts of the goal bar."""
    parts: Sequence[tuple[str, str, float | None]] = (
        ("Won", goal.won_text.removesuffix(" won"), goal.won),
        ("Pipeline at the win rate", goal.weighted_text, goal.weighted),
        ("Today's pace", goal.pace_text.removeprefix("Pace today "), goal.pace),
        ("Goal", goal.target_text, goal.target),
    )
    told = [(name, text, number) for name, text, number in parts if number is not None]
    shown = [(name, text) for name, text, _ in told] + [(words, figure) for figure, words in goal.stats]
    exact = [(name, _plain(number)) for name, _, number in told] + [(words, figure) for figure, words in goal.stats]
    return ChartTable(
        f"{goal.caption}: {goal.headline} {goal.deadline}", ("Part", "Amount"), tuple(shown), tuple(exact)
    )


def goal_card_table(card: GoalCard) -> ChartTable:
    """Return one row for each key result of a goal."""
    columns = ("Key result", "Status", "Now", "Pace today", "Target", "Way", "Notes")
    shown = tuple(
        (line.name, line.status.word, line.value, line.pace, line.target, line.share, line.note or line.against)
        for line in card.results
    )
    exact = tuple(
        (
            line.name,
            line.status.word,
            *map(_plain, (line.figures.value, line.figures.expected, line.figures.target, line.figures.share)),
            line.note or line.against,
        )
        for line in card.results
    )
    return ChartTable(f"{card.goal.name}, {card.share_text}", columns, shown, exact)


def pairs_table(pairs: Sequence[Pair]) -> ChartTable:
    """Return one row for each pair."""
    columns = ("Leading", "Value", "Status", "Lag", "Lagging", "Value", "Status", "Link", "r", "Reading")
    rows = tuple(
        (
            pair.leading.name,
            pair.leading.value,
            pair.leading.status.word,
            pair.lag,
            pair.lagging.name,
            pair.lagging.value,
            pair.lagging.status.word,
            pair.strength_word,
            pair.r_text.removeprefix("r").strip() or MISSING,
            pair.sentence,
        )
        for pair in pairs
    )
    return ChartTable("Leading and lagging pairs", columns, rows)


def history_table(page: KpiPage) -> ChartTable:
    """Return a KPI's whole history, oldest period first; a blank is an empty cell."""
    columns = (
        "Period",
        "Value",
        "Target",
        "A year earlier",
        "Numerator",
        "Denominator",
        "Sample",
        "Low",
        "High",
        "Notes",
    )
    marked: dict[int, list[str]] = {}
    for mark in page.marks:
        marked.setdefault(mark.place, []).append(mark.words)

    def rows(*, exact: bool) -> Iterator[tuple[str, ...]]:
        for place, row in enumerate(page.history):
            low, high = (
                "" if one is None else repr(one) if exact else percent(one) for one in row.interval or (None, None)
            )
            notes = "; ".join(part for part in (row.reason, *row.flags, row.variation, *marked.get(place, ())) if part)
            values = [(row.value, row.text), (row.target, row.target_text), (row.earlier, row.earlier_text)]
            cells = [_plain(value) if exact else text for value, text in values]
            yield row.label, *cells, row.numerator, row.denominator, row.n, low, high, notes

    return ChartTable(f"History of {page.name}", columns, tuple(rows(exact=False)), tuple(rows(exact=True)))


def to_date_table(lines: Sequence[Comparison]) -> ChartTable:
    """Return a period beside earlier ones with as many days."""
    columns = ("Period", "Value", "Change from it", "Likely range", "Sample", "Whole period")

    def rows(*, exact: bool) -> Iterator[tuple[str, ...]]:
        for one in lines:
            told = (
                "" if one.change is None else f"{_WAYS[one.change.arrow]}{one.change.amount} {one.change.words}".strip()
            )
            value = _plain(one.value) if exact else one.text
            yield one.label, value, told, one.interval_text, one.n, one.whole or one.reason

    return ChartTable("To date, like for like", columns, tuple(rows(exact=False)), tuple(rows(exact=True)))


_WAYS = {1: "+", -1: MINUS, 0: ""}


def breakdown_table(breakdown: Breakdown, title: str, dimension: str) -> ChartTable:
    """Return every slice with its sample, range and place in the latest period, and its values by period."""
    columns = (dimension, "Sample", "Likely range", "Place", *breakdown.labels)

    def row(one: Slice, values: Iterable[str]) -> tuple[str, ...]:
        return one.label, one.n, one.interval_text, "" if one.place is None else str(one.place), *values

    shown = tuple(row(one, one.texts) for one in breakdown.slices)
    exact = tuple(row(one, map(_plain, one.values)) for one in breakdown.slices)
    return ChartTable(title, columns, shown, exact)
