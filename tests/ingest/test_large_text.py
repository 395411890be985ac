"""Large texts are read from their bytes, and what comes out is what reading them row by row gives."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidesk.domain.problem import CancelledError
from kpidesk.domain.progress import Progress
from kpidesk.ingest import coding, large_text, readers
from kpidesk.ingest.coded import Coded
from kpidesk.ingest.coding import CollisionError, code_texts, joined
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.readers import read_table

HEADER = ["Deal ID", "Deal Name", "Stage", "Amount", "Create Date", "Close Date", "Owner"]
Read = Callable[[Path], RawTable]


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads any text in the way of large ones, in pieces of 2,000 bytes."""

    def read(path: Path) -> RawTable:
        with monkeypatch.context() as patch:
            patch.setattr(readers, "LARGE", 1)
            patch.setattr(large_text, "_PIECE", 2_000)
            patch.setattr(large_text, "_HEAD", 60)
            patch.setattr(large_text, "_TAIL", 6)
            return read_table(path)

    return read


def told(raw: RawTable) -> dict[str, object]:
    """Return all that a table says, its cells as texts with None for the empty ones."""

    def cell(value: object) -> object:
        return None if value is None or not str(value).strip() else value

    return {
        "header": raw.header,
        "header_line": raw.header_line,
        "columns": [[cell(one) for one in column] for column in raw.columns],
        "lines": raw.lines.tolist(),
        "ragged": raw.ragged,
        "problems": raw.problems,
        "digest": raw.file_hash,
        "written": (raw.delimiter, raw.encoding),
    }


def written(rows: list[list[str]], delimiter: str = ",", end: str = "\n", quoting: int = csv.QUOTE_MINIMAL) -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue()


def records(count: int) -> list[list[str]]:
    return [
        [f"{n}", f"Deal “{n % 7}”, the {'long ' * (n % 5)}one", "Won", f"{n}.50", "2026-01-02", "", f"Owner {n % 3}"]
        for n in range(count)
    ]


CELLS = st.one_of(
    st.sampled_from(
        ["", " ", "A", "Won", "Total", "Total Energy", "Grand total", "10", "Größe", "a\nb", 'say "x"', "a,b"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20),
)
LINES = st.one_of(
    st.lists(CELLS, min_size=7, max_size=7),
    st.lists(CELLS, max_size=9),
    st.just(HEADER),
    st.just(["Total", "", "", "30", "", "", ""]),
    st.just(["1,A,Won,10,2026-01-02,2026-02-03,Ann"]),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    odd=st.lists(st.tuples(st.integers(0, 150), LINES), max_size=5),
    end=st.sampled_from(["\n", "\r\n"]),
    delimiter=st.sampled_from([",", ";", "\t"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le"]),
    tail=st.sampled_from(["", "Confidential\n", "\n\n", "\x1a"]),
)
def test_as_row_by_row(
    tmp_path: Path,
    streamed: Read,
    odd: list[tuple[int, list[str]]],
    end: str,
    delimiter: str,
    quoting: int,
    encoding: str,
    tail: str,
) -> None:
    rows = records(150)
    for place, row in odd:
        rows.insert(place, row)
    path = tmp_path / "deals.csv"
    path.write_bytes((written([HEADER, *rows], delimiter, end, quoting) + tail).encode(encoding))
    assert told(streamed(path)) == told(read_table(path))


def test_even_records_are_never_rows(tmp_path: Path, streamed: Read) -> None:
    path = tmp_path / "deals.csv"
    path.write_text(written([HEADER, *records(150)]))
    found = streamed(path)
    assert all(isinstance(column, Coded) for column in found.columns)
    assert len(found.columns[2].values) == 1  # type: ignore[union-attr]
    assert not any(isinstance(column, Coded) for column in read_table(path).columns)


@pytest.mark.parametrize(
    "line",
    [
        '61,5" pipe,Won,10,2026-01-02,2026-02-03,Ann',
        '61,"A" B,Won,10,2026-01-02,2026-02-03,Ann',
        '61, "A",Won,10,2026-01-02,2026-02-03,Ann',
        '61,"never closed,Won,10,2026-01-02,2026-02-03,Ann',
        "61,A\rB,Won,10,2026-01-02,2026-02-03,Ann",
        "61,A\0B,Won,10,2026-01-02,2026-02-03,Ann",
        "61,A,Won,10,2026-01-02,2026-02-03,Ann\r",
    ],
)
def test_what_programs_read_in_different_ways_is_read_whole(tmp_path: Path, streamed: Read, line: str) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes((written([HEADER, *records(150)]) + line + "\n" + written(records(150))).encode())
    assert told(streamed(path)) == told(read_table(path))


def test_windows_latin(tmp_path: Path, streamed: Read) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(written([HEADER, *records(150)]).encode("cp1252"))
    found = streamed(path)
    assert found.encoding == "cp1252"
    assert told(found) == told(read_table(path))


def test_a_told_delimiter(tmp_path: Path, streamed: Read) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("sep=;\n" + written([HEADER, *records(150)], ";"), encoding="utf-8")
    found = streamed(path)
    assert found.header_line == 2
    assert told(found) == told(read_table(path))


def test_cancel_between_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "LARGE", 1)
    monkeypatch.setattr(large_text, "_PIECE", 300)
    path = tmp_path / "deals.csv"
    path.write_text(written([HEADER, *records(600)]), encoding="utf-8")
    seen: list[int] = []

    def listen(_: str, done: int, __: int) -> None:
        seen.append(done)
        if done > 5_000:
            progress.cancel()

    progress = Progress(listen)
    with pytest.raises(CancelledError):
        read_table(path, progress=progress)
    assert seen[-1] < 6_500 < path.stat().st_size
    assert seen == sorted(seen)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)), max_size=4
    )
)
def test_coding(chunks: list[list[str]]) -> None:
    """Cells coded in chunks are the cells, each text once, in the order in which they are met."""
    whole = [text if text.strip() else None for chunk in chunks for text in chunk]
    found = joined([code_texts(chunk) for chunk in chunks])
    assert list(found) == whole
    assert list(found.values) == list(dict.fromkeys(text for text in whole if text is not None))


def test_cells_made_to_collide_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coding, "_FACTOR", np.uint64(0))  # every number comes to 0
    with pytest.raises(CollisionError):
        code_texts(["a long text of words", "b long text of words"])
    with pytest.raises(CollisionError):
        joined([code_texts(["a long text of words"]), code_texts(["b long text of words"])])
