"""The Maven export written in other ways: the same figures come out, or a question, never another number."""

import csv
import gzip
import html
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_DAY, TextColumn
from kpidesk.ingest.interpret import interpret
from kpidesk.ingest.readers import read_table
from tests.ingest.older_formats import ods, xls

MAVEN = Path(__file__).parents[2] / "../shared/data/maven-crm/sales_pipeline.csv"
pytestmark = pytest.mark.skipif(not MAVEN.exists(), reason="the shared Maven export is not beside this checkout")
DATES = {
    "d/m/y": (lambda day: f"{day.day}/{day.month}/{day.year}", DateOrder.DMY),
    "m/d/y": (lambda day: f"{day.month}/{day.day}/{day.year}", DateOrder.MDY),
    "dd-mm-yy": (lambda day: f"{day:%d-%m-%y}", DateOrder.DMY),
    "iso with times": (lambda day: f"{day} 09:30:00", DateOrder.YMD),
    "month names": (lambda day: f"{day.day} {day:%b} {day.year}", DateOrder.DMY),
    "d.m.y": (lambda day: f"{day:%d.%m.%Y}", DateOrder.DMY),
    "m/d/yy": (lambda day: f"{day.month}/{day.day}/{day:%y}", DateOrder.MDY),
    "d/m/y with times": (lambda day: f"{day:%d/%m/%Y} 14:05", DateOrder.DMY),
    "m/d/y with times": (lambda day: f"{day.month}/{day.day}/{day.year}, 2:05 PM", DateOrder.MDY),
    "iso with zone": (lambda day: f"{day}T09:30:00.000Z", DateOrder.YMD),
}
# How a whole amount is written, the decimal separator, and what is added to it.
AMOUNTS: dict[str, tuple[Callable[[int], str], str, float]] = {
    "plain": (str, ".", 0.0),
    "1.234,00 €": (lambda value: f"{value:,}".replace(",", ".") + ",00 €", ",", 0.0),
    "1.234,50 €": (lambda value: f"{value:,}".replace(",", ".") + ",50 €", ",", 0.5),
    "EUR 1234,5": (lambda value: f"EUR {value},5", ",", 0.5),
    "$1,234.50": (lambda value: f"${value:,}.50", ".", 0.5),
    "1'234.50 CHF": (lambda value: f"{value:,}".replace(",", "'") + ".50 CHF", ".", 0.5),
    "1.234": (lambda value: f"{value:,}".replace(",", "."), ",", 0.0),
    "1 234,50": (lambda value: f"{value:,}".replace(",", "\u00a0") + ",50", ",", 0.5),
}
DELIMITERS = [",", ";", "\t", "|"]
ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "cp1252"]
Figures = tuple[object, ...]


@dataclass(frozen=True)
class Way:
    """One way of writing the same rows. `wrapped` records are one quoted cell each: none, every second, all, or one (-1)."""

    dates: str
    amounts: str
    delimiter: str
    encoding: str
    preamble: bool
    subtotals: bool
    wrapped: int
    container: str = "text"


@cache
def maven() -> tuple[tuple[str, ...], ...]:
    with MAVEN.open(encoding="utf-8", newline="") as file:
        return tuple(tuple(row) for row in csv.reader(file))


def expected(rows: list[tuple[str, ...]], more: float) -> Figures:
    """Return the figures of the rows as they stand, by plain loops; `more` is added to every amount."""
    won = [row for row in rows if row[4] == "Won"]
    days = [(date.fromisoformat(row[6]) - date.fromisoformat(row[5])).days for row in won]
    by_month: dict[str, float] = {}
    for row in won:
        by_month[row[6][:7]] = by_month.get(row[6][:7], 0.0) + float(row[7]) + more
    return (
        len(rows),
        len(won),
        sum(row[4] == "Lost" for row in rows),
        sum(bool(row[5]) for row in rows),
        sum(float(row[7]) + more for row in won),
        sum(days),
        tuple(sorted(by_month.items())),
        sum(row[1] == "Darcel Schlecht" for row in rows),
        sum(not row[3] for row in rows),
    )


def text_of(rows: list[tuple[str, ...]], way: Way) -> str:
    """Write the rows in a way."""
    written, amount = DATES[way.dates][0], AMOUNTS[way.amounts][0]

    def on(text: str) -> str:
        return written(date.fromisoformat(text)) if text else ""

    out = io.StringIO()
    writer = csv.writer(out, delimiter=way.delimiter, lineterminator="\n")
    if way.preamble:
        out.write(f"Pipeline report\nExported for Ann{way.delimiter} Sales\n\n")
    writer.writerow(maven()[0])
    for number, row in enumerate(rows):
        cells = [*row[:5], on(row[5]), on(row[6]), amount(int(row[7])) if row[7] else ""]
        if number == len(rows) // 2 if way.wrapped < 0 else way.wrapped and number % way.wrapped == way.wrapped - 1:
            inner = io.StringIO()
            csv.writer(inner, delimiter=way.delimiter, lineterminator="").writerow(cells)
            out.write('"' + inner.getvalue().replace('"', '""') + '"\n')
        else:
            writer.writerow(cells)
        if way.subtotals and number % 7 == 6:
            writer.writerow(["Subtotal", "", "", "", "", "", "", amount(123_456)])
    return out.getvalue()


def coded(column: TextColumn, value: str) -> npt.NDArray[np.bool_]:
    return np.isin(column.codes, [code for code, each in enumerate(column.values) if each == value])


def figures(path: Path, way: Way) -> tuple[Figures, bool]:
    """Return the figures of a file, and whether it had to be asked about. The answer is how the file was written."""
    found = interpret(read_table(path), Choices(), Settings())
    asked = found.batch is None
    if asked:
        assert {problem.code for problem in found.preview.blocking} <= {
            "date-order-ambiguous",
            "number-style-ambiguous",
        }
        choices = Choices(date_order=DATES[way.dates][1], decimal=AMOUNTS[way.amounts][1])
        found = interpret(read_table(path), choices, Settings())
    assert found.batch is not None
    assert not found.batch.held
    frame = found.batch.frame
    status = frame.text("status")
    won, lost = (coded(status, word) for word in ("won", "lost"))
    created, closed = frame.time("created").days.astype(int), frame.time("closed").days.astype(int)
    amount = frame.number("amount").values if "amount" in frame else np.full(frame.rows, np.nan)
    months = closed.astype("datetime64[D]").astype("datetime64[M]").astype(str)
    by_month = tuple((month, float(amount[won & (months == month)].sum())) for month in np.unique(months[won]))
    owner, account = frame.text("owner"), frame.text("account")
    return (
        frame.rows,
        int(won.sum()),
        int(lost.sum()),
        int((created != BLANK_DAY).sum()),
        float(np.nansum(amount[won])),
        int((closed - created)[won].sum()),
        by_month,
        int(coded(owner, "Darcel Schlecht").sum()),
        int((account.codes < 0).sum()),
    ), asked


def as_file(rows: list[tuple[str, ...]], way: Way) -> tuple[str, bytes]:
    """Return the name and the bytes of a file with the rows."""
    text = text_of(rows, way)
    if way.container in ("text", "gzip"):
        data = text.encode(way.encoding)
        return ("pipeline.csv", data) if way.container == "text" else ("pipeline.csv.gz", gzip.compress(data))
    cells = list(csv.reader(io.StringIO(text), delimiter=way.delimiter))
    if way.container == "web page":
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}" for cell in row) for row in cells)
        return "pipeline.xls", f"<html><table>{body}</table></html>".encode()
    if way.container == "xls":
        return "pipeline.xls", xls([[cell or None for cell in row] for row in cells])
    return "pipeline.ods", ods([[cell or None for cell in row] for row in cells])


def check(rows: list[tuple[str, ...]], way: Way, folder: Path) -> bool:
    name, data = as_file(rows, way)
    path = folder / name
    path.write_bytes(data)
    found, asked = figures(path, way)
    assert found == expected(rows, AMOUNTS[way.amounts][2])
    return asked


PAIRS = [
    Way("d/m/y", "1.234,50 €", ";", "cp1252", preamble=True, subtotals=True, wrapped=-1),
    Way("m/d/y", "$1,234.50", ",", "utf-16", preamble=True, subtotals=False, wrapped=-1),
    Way("dd-mm-yy", "plain", "|", "utf-8", preamble=False, subtotals=True, wrapped=-1),
    Way("iso with times", "1 234,50", "\t", "utf-16", preamble=True, subtotals=True, wrapped=0),
    Way("month names", "1.234,50 €", "|", "utf-8-sig", preamble=False, subtotals=False, wrapped=-1),
    Way("m/d/y with times", "$1,234.50", ",", "utf-8", preamble=True, subtotals=True, wrapped=2),
    Way("d/m/y with times", "EUR 1234,5", ";", "cp1252", preamble=True, subtotals=True, wrapped=1),
    Way("d.m.y", "1.234,50 €", ";", "utf-8", preamble=True, subtotals=True, wrapped=0, container="xls"),
    Way("m/d/yy", "$1,234.50", ",", "utf-8", preamble=True, subtotals=True, wrapped=0, container="web page"),
    Way("iso with zone", "1 234,50", ",", "utf-8", preamble=True, subtotals=True, wrapped=0, container="ods"),
]


@pytest.mark.parametrize("way", PAIRS, ids=lambda way: f"{way.dates}, {way.container}")
def test_the_whole_export_reads_alike_without_a_question(way: Way, tmp_path: Path) -> None:
    assert not check(list(maven()[1:]), way, tmp_path)


def test_points_before_three_digits_are_asked_about(tmp_path: Path) -> None:
    way = Way("d/m/y", "1.234", ",", "utf-8", preamble=False, subtotals=False, wrapped=0)
    rows = [row for row in maven()[1:] if row[4] == "Won" and int(row[7]) >= 1000][:50]
    assert check(rows, way, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.integers(0, 8700),
    count=st.integers(2, 90),
    step=st.integers(1, 40),
    way=st.builds(
        Way,
        st.sampled_from(sorted(DATES)),
        st.sampled_from(sorted(AMOUNTS)),
        st.sampled_from(DELIMITERS),
        st.sampled_from(ENCODINGS),
        st.booleans(),
        st.booleans(),
        st.sampled_from([-1, 0, 1, 2]),
        st.sampled_from(["text", "gzip"]),
    ),
)
def test_any_rows_in_any_way_give_the_same_figures_or_a_question(
    start: int, count: int, step: int, way: Way, tmp_path: Path
) -> None:
    check(list(maven()[1 + start :: step][:count]), way, tmp_path)


@pytest.mark.parametrize("shift", [0, 1])
def test_two_orders_in_one_column_are_never_read_silently(shift: int, tmp_path: Path) -> None:
    """One half of the closing dates is written the other way round: KPIDesk asks, whatever the separators."""
    rows = [row for row in maven()[1:] if row[6]][:400]
    forms: list[Callable[[date], str]] = [
        lambda day: f"{day.month}/{day.day}/{day.year}",
        lambda day: f"{day:%d-%m-%y}",
    ]
    lines = [",".join(maven()[0])]
    for number, row in enumerate(rows):
        day = date.fromisoformat(row[6])
        lines.append(",".join([*row[:5], row[5], forms[(number + shift) % 2](day), row[7]]))
    path = tmp_path / "pipeline.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    found = interpret(read_table(path), Choices(), Settings())
    asked = next(problem for problem in found.preview.blocking)
    assert (asked.code, asked.options[0]) == ("date-order-mixed", "by-mark")
    answered = interpret(read_table(path), Choices(date_order=DateOrder(asked.options[0])), Settings())
    assert answered.batch is not None
    days = answered.batch.frame.time("closed").days
    assert [date(1970, 1, 1) + timedelta(days=int(day)) for day in days] == [date.fromisoformat(row[6]) for row in rows]
    one = interpret(read_table(path), Choices(date_order=DateOrder.MDY), Settings())
    assert one.batch is not None
    assert one.batch.frame.rows + len(one.batch.held) == len(rows)
    kept = dict(zip(one.batch.lines.tolist(), one.batch.frame.time("closed").days, strict=True))
    assert all(
        date(1970, 1, 1) + timedelta(days=int(day)) == date.fromisoformat(rows[line - 2][6])
        for line, day in kept.items()
    )
