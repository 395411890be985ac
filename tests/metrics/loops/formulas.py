"""What formulas are made of: functions over rows, arithmetic over results, functions of time (1.3, 3.3 to 3.5)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from statistics import median as middle
from typing import Any

from tests.metrics.loops import windows
from tests.metrics.loops.values import Answer, Row, RowSet, blank, fold
from tests.metrics.loops.windows import Window
from tests.metrics.loops.world import World

Formula = Callable[[World, Window], Answer]
MONEY = ("amount", "profit", "cost")


class Test:
    """One condition on a column. Blank is never true."""

    __test__ = False

    def __init__(self, column: str, *words: str, holds: Callable[[Any], bool] | None = None) -> None:
        self.column, self.words = column, words
        self.holds = holds or (lambda cell: fold(cell) in {fold(word) for word in words})

    def problem(self, rows: RowSet) -> str | None:
        if self.column not in rows.columns:
            return "not_imported"
        known = rows.words.get(self.column, set())
        return "unknown_value" if self.words and not known & {fold(word) for word in self.words} else None


def is_blank(column: str) -> Test:
    return Test(column, holds=lambda cell: cell is None)


def is_known(column: str) -> Test:
    return Test(column, holds=lambda cell: cell is not None)


def is_true(column: str) -> Test:
    return Test(column, holds=bool)


def at_least(column: str, limit: float) -> Test:
    return Test(column, holds=lambda cell: cell is not None and cell >= limit - 1e-9)


def at_most(column: str, limit: float) -> Test:
    return Test(column, holds=lambda cell: cell is not None and cell <= limit + 1e-9)


def none_of(column: str, *words: str) -> Test:
    return Test(column, holds=lambda cell: cell is not None and fold(cell) not in words)


# --- functions over rows


def _selected(world: World, window: Window, name: str, tests: tuple[Test, ...]) -> tuple[RowSet, list[Row]] | str:
    """The rows of a window that pass all tests, or why nobody can know."""
    rows = world.rows(name)
    if rows is None:
        return "not_imported"
    tests = (*window.only, *tests)
    for test in tests:
        if problem := test.problem(rows):
            return problem
    found = []
    for row in rows.rows:
        wanted = all(fold(row.cells.get(name)) == fold(value) for name, value in window.where)
        if (
            wanted
            and all(test.holds(row.cells.get(test.column)) for test in tests)
            and _inside(world, window, rows, row)
        ):
            found.append(row)
    return rows, found


def _inside(world: World, window: Window, rows: RowSet, row: Row) -> bool:
    if not rows.stock:
        return row.day is not None and window.start <= row.day < window.end
    at = windows.instant(window, world.as_of)
    if row.day is None:
        return at == world.as_of
    return row.day <= at and (row.until is None or row.until > at)


def _covered(world: World, window: Window, rows: RowSet, answer: Answer) -> Answer:
    """Nothing is known before the first day of the data (G15)."""
    first = world.settings.data_from or rows.first
    if first is None:
        return answer
    if rows.stock:
        before = windows.instant(window, world.as_of) < first
        return replace(answer, value=None, reason="before_data") if before else answer
    if window.end <= first:
        return replace(answer, value=None, reason="before_data")
    return replace(answer, before=window.start < first)


def _today(world: World, window: Window, rows: RowSet, column: str | None, tests: tuple[Test, ...]) -> bool:
    """Whether today's amounts or stages stand for those of a past day (G18)."""
    named = {column, *(name for name, _ in window.where), *(test.column for test in (*window.only, *tests))}
    past = windows.instant(window, world.as_of) < world.as_of
    return rows.stock and past and bool(named & {*MONEY, "stage"})


def count(name: str, *tests: Test) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        found = _selected(world, window, name, tests)
        if isinstance(found, str):
            return blank(found)
        rows, inside = found
        pending = sum(row.pending for row in inside)
        current = _today(world, window, rows, None, tests)
        answer = Answer(float(len(inside)), n=len(inside), pending=pending, counted=True, current=current)
        return _covered(world, window, rows, answer)

    return formula


def distinct(name: str, column: str) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        found = _selected(world, window, name, ())
        if isinstance(found, str):
            return blank(found)
        rows, inside = found
        if column not in rows.columns:
            return blank("not_imported")
        many = len({row.cells[column] for row in inside if row.cells[column] is not None})
        return _covered(world, window, rows, Answer(float(many), n=many, counted=True))

    return formula


def _over(name: str, column: str, tests: tuple[Test, ...], judge: Callable[[list[float], int], Answer]) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        told = world.rows(name)
        if told is None or column not in told.columns:
            return blank("not_imported")
        found = _selected(world, window, name, tests)
        if isinstance(found, str):
            return blank(found)
        rows, inside = found
        known = [row.cells[column] for row in inside if row.cells[column] is not None]
        missing = frozenset(row.id for row in inside if row.cells[column] is None and column in MONEY)
        answer = judge(known, len(inside))
        current = _today(world, window, rows, column, tests)
        return _covered(world, window, rows, replace(answer, n=len(known), missing=missing, current=current))

    return formula


def total(name: str, column: str, *tests: Test) -> Formula:
    def judge(known: list[float], rows: int) -> Answer:
        return blank("blank") if rows and not known else Answer(round(sum(known), 6))

    return _over(name, column, tests, judge)


def _of_some(value: Callable[[list[float]], Answer]) -> Callable[[list[float], int], Answer]:
    def judge(known: list[float], rows: int) -> Answer:
        if not known:
            return blank("blank" if rows else "no_rows")
        return replace(value(known), judged=len(known))

    return judge


def average(name: str, column: str) -> Formula:
    def value(known: list[float]) -> Answer:
        return Answer(sum(known) / len(known), numerator=sum(known), denominator=len(known))

    return _over(name, column, (), _of_some(value))


def median(name: str, column: str) -> Formula:
    return _over(name, column, (), _of_some(lambda known: Answer(middle(known))))


def proportion(part: Formula, whole: Formula) -> Formula:
    """k of n, with those of n whose outcome is open (G14)."""

    def formula(world: World, window: Window) -> Answer:
        one, all_ = part(world, window), whole(world, window)
        answer = _calculated("/", one, all_)
        pending = all_.pending if all_.reason is None or all_.n is not None else None
        return replace(answer, pending=pending, judged=all_.n, n=all_.n, proportion=True)

    return formula


def share(name: str, test: Test) -> Formula:
    return proportion(count(name, test), count(name))


def targets(quotas: bool) -> Formula:
    """Targets spread over the window (G12). No target is blank, a target of 0 is 0."""

    def formula(world: World, window: Window) -> Answer:
        amounts = []
        for line in world.targets(quotas):
            part = windows.shared(line["start"], line["end"], window)
            if part is not None and all(fold(line[name]) == fold(value) for name, value in window.where):
                amounts.append(None if line["amount"] is None else line["amount"] * part)
        known = [amount for amount in amounts if amount is not None]
        if not known:
            return blank("blank" if amounts else "no_target")
        return Answer(sum(known))

    return formula


def conversion(source: str, target: str, within: int | None, follows: Callable[[Row, Row], bool]) -> Formula:
    """Which rows of a window were followed by a linked row on the same day or up to `within` days later."""

    def formula(world: World, window: Window) -> Answer:
        found, later = _selected(world, window, source, ()), world.rows(target)
        if isinstance(found, str) or later is None:
            return blank(found if isinstance(found, str) and world.rows(source) is not None else "not_imported")
        rows, inside = found
        hits = pending = 0
        for row in inside:
            limit = date.max if within is None else row.day + timedelta(days=within)
            if any(follows(row, other) and row.day <= other.day <= limit for other in later.rows):
                hits += 1
            elif limit > world.as_of and (within is not None or row.pending):
                pending += 1
        many = len(inside)
        answer = Answer(hits / many) if many else blank("zero_denominator")
        sides = {"numerator": hits, "denominator": many, "n": many, "judged": many}
        return _covered(world, window, rows, replace(answer, pending=pending, proportion=True, **sides))

    return formula


# --- arithmetic over results


def _smaller(one: float | None, other: float | None) -> float | None:
    return min((number for number in (one, other) if number is not None), default=None)


def _calculated(operator: str, one: Answer, other: Answer) -> Answer:
    """Blank with anything is blank, for the reason of the first blank side; a zero below the line is blank (G13)."""
    reason, value = one.reason or other.reason, None
    if reason is None and operator == "/" and other.value == 0:
        reason = "zero_denominator"
    if reason is None:
        left, right = one.value, other.value
        match operator:
            case "+":
                value = left + right
            case "-":
                value = left - right
            case "*":
                value = left * right
            case _:
                value = left / right
        if operator in "+-" and abs(value) < 1e-12 * max(abs(left), abs(right)):
            value = 0.0
    judged = _smaller(one.judged, other.judged)
    sides: dict[str, Any] = {}
    if operator == "/":
        sides = {"numerator": one.value, "denominator": other.value}
        if judged is None and other.counted:
            judged = other.n
    return Answer(
        value,
        reason,
        judged=judged,
        missing=one.missing | other.missing,
        before=one.before or other.before,
        current=one.current or other.current,
        **sides,
    )


def _operation(operator: str) -> Callable[..., Formula]:
    def operation(first: Formula, *others: Formula) -> Formula:
        def formula(world: World, window: Window) -> Answer:
            answer = first(world, window)
            for other in others:
                answer = _calculated(operator, answer, other(world, window))
            return answer

        return formula

    return operation


over, times, minus = _operation("/"), _operation("*"), _operation("-")


def growth(of: Formula) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        now, base = of(world, window), previous(of)(world, window)
        answer = _calculated("/", replace(_calculated("-", now, base), counted=False), base)
        if answer.reason is None and base.value < 0:
            return replace(answer, value=None, reason="negative_base")
        return answer

    return formula


def if_blank(one: Formula, other: Formula) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        answer = one(world, window)
        return other(world, window) if answer.reason else answer

    return formula


def constant(value: float) -> Formula:
    return lambda world, window: Answer(value)


def everything(of: Formula) -> Formula:
    """ALL: without the slice and the filters of the question. What ONLY asks for stays."""
    return lambda world, window: of(world, replace(window, where=()))


def only(of: Formula, test: Test) -> Formula:
    return lambda world, window: of(world, replace(window, only=(*window.only, test)))


# --- time


def period_length(world: World, window: Window) -> Answer:
    return Answer(windows.covered(window, world.settings, world.as_of))


def elapsed_share(world: World, window: Window) -> Answer:
    return Answer(windows.elapsed_share(window, world.as_of))


def previous(of: Formula) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        days = [windows.back(day, 1, window.grain) for day in (window.start, window.end)]
        return of(world, window.moved(*days))

    return formula


def last_year(of: Formula) -> Formula:
    """The same months of the year before; of a week the week 52 weeks earlier."""

    def formula(world: World, window: Window) -> Answer:
        count, unit = (52, "week") if window.grain == "week" else (1, "year")
        return of(world, window.moved(*(windows.back(day, count, unit) for day in (window.start, window.end))))

    return formula


def trailing(of: Formula, how_many: int, unit: str | None = None) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        start = windows.back(window.end, how_many, unit or window.grain)
        return of(world, window.moved(start, window.end))

    return formula


def _last(world: World, window: Window) -> date:
    """The day on which a window stands: its last, or the as-of day while it is in progress."""
    return max(min(window.end - windows.DAY, world.as_of), window.start)


def in_quarter(of: Formula) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        day = _last(world, window)
        start = windows.start_of(day, "quarter", world.settings)
        return of(world, window.moved(start, windows.end_of(day, "quarter", world.settings)))

    return formula


def year_to_date(of: Formula) -> Formula:
    def formula(world: World, window: Window) -> Answer:
        start = windows.start_of(_last(world, window), "year", world.settings)
        return of(world, window.moved(start, window.end))

    return formula


def at_start(of: Formula) -> Formula:
    return lambda world, window: of(world, replace(window, at_start=True))
