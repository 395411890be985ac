"""Files made to hang, to fill the memory or to end the program get a sentence within seconds."""

import io
import os
import pickle
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpidesk.domain.problem import CancelledError, FileUnreadableError
from kpidesk.domain.progress import Progress
from kpidesk.ingest import apart
from kpidesk.ingest.readers import read_table
from tests.ingest.test_formats import OFFICE, changed, workbook

SHEET = "xl/worksheets/sheet1.xml"
WHOLE = workbook()
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def sheet_of(body: bytes) -> bytes:
    return changed(workbook(), lambda name, part: body if name == SHEET else part)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made, made.open("deals.csv", "w", force_zip64=True) as file:
        for _ in range(300):
            file.write(b"0" * 1_000_000)
    return out.getvalue()


def entities() -> bytes:
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    return (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{levels}]><Workbook xmlns="{OFFICE}" xmlns:ss="{OFFICE}">'
        f'<Worksheet ss:Name="S"><Table><Row><Cell><Data ss:Type="String">&e11;</Data></Cell></Row></Table></Worksheet></Workbook>'
    ).encode()


HOSTILE = {
    "bomb.zip": bomb,
    "far-corner.xlsx": lambda: sheet_of(
        b"<worksheet " + MAIN + b'><sheetData><row r="1"><c r="A1" t="str"><v>Deal ID</v></c></row>'
        b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    ),
    "claims.xlsx": lambda: sheet_of(
        b"<worksheet "
        + MAIN
        + b'><dimension ref="A1:ZZZZZZ99999999"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        b"</sheetData></worksheet>"
    ),
    "entities.xls": entities,
    "deep.xls": lambda: b"<table><tr><td>" * 100_000,
    "wide-row.xls": lambda: b"<table><tr>" + b"<td colspan=1000>x" * 200_000,
    "broken-ole.xls": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 40,
    "broken-biff.xls": lambda: b"\x09\x04\x06\x00\x00\x00\x10\x00\x00\x00" + b"\xff" * 4000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_sentence_within_seconds(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name]())
    begun = time.monotonic()
    try:
        raw = read_table(path)
    except FileUnreadableError as error:
        assert "Nothing was changed" in str(error)  # noqa: PT017 - either outcome is right, each has its own promise
    else:
        assert raw.rows < 10
    assert time.monotonic() - begun < 30


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of a process from /proc")
def test_a_hostile_file_takes_less_than_a_gibibyte(tmp_path: Path) -> None:
    """The most of KPIDesk and its child together, told by the system for a process that did nothing else."""
    path = tmp_path / "far-corner.xlsx"
    path.write_bytes(HOSTILE["far-corner.xlsx"]())
    program = (
        "import resource, sys; from pathlib import Path; from kpidesk.ingest.readers import read_table\n"
        "try: read_table(Path(sys.argv[1]))\n"
        "except Exception: pass\n"
        "print(sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", program, str(path)], cwd=root, capture_output=True, text=True, check=True
    )
    assert int(done.stdout) * 1024 < 1 << 30


def test_a_file_that_is_too_large_is_not_even_opened(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        os.truncate(file.fileno(), 2_000_000_000)
    with pytest.raises(FileUnreadableError, match=r"has 2.0 GB. .* up to 1 GB"):
        read_table(path)


def silence(child: "subprocess.Popen[bytes]") -> Iterator[tuple[tuple[str, ...], str]]:
    """Wait for an answer that does not come."""
    assert child.stdout is not None
    child.stdout.read()
    raise EOFError
    yield (), ""


def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deals.xlsx"
    path.write_bytes(workbook())
    monkeypatch.setattr(apart, "_BASE_SECONDS", 0.0)
    monkeypatch.setattr(apart, "_SECONDS_PER_BYTE", 0.0)
    monkeypatch.setattr(apart, "_ask", lambda child, *_: silence(child))
    with pytest.raises(FileUnreadableError, match="takes too long"):
        read_table(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not count the work of a process for us")
def test_a_child_that_works_for_too_long_is_ended_by_the_system(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Work is counted, not time by the clock: a busy machine makes no file unreadable."""
    path = tmp_path / "page.xls"
    path.write_bytes(b"<html><table>" + b"<" * 5_000_000)
    monkeypatch.setattr(apart, "_BASE_SECONDS", 1.0)
    monkeypatch.setattr(apart, "_SECONDS_PER_BYTE", 0.0)
    monkeypatch.setattr(apart, "_PATIENCE", 1_000)
    with pytest.raises(FileUnreadableError, match="takes too long"):
        read_table(path)


def test_cancel_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "deals.xlsx"
    path.write_bytes(workbook())
    progress = Progress()
    monkeypatch.setattr(apart, "_ask", lambda child, *_: silence(child))
    threading.Timer(0.3, progress.cancel).start()
    begun = time.monotonic()
    with pytest.raises(CancelledError):
        read_table(path, progress=progress)
    assert time.monotonic() - begun < 5


def test_what_the_child_says_is_plain_data() -> None:
    class Attack:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.system, ("true",)

    with pytest.raises(pickle.UnpicklingError):
        apart._Plain(io.BytesIO(pickle.dumps(Attack()))).load()


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_damage_to_a_workbook_gives_rows_or_a_sentence(tmp_path: Path, data: st.DataObject) -> None:
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(4, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(bytes(whole))
    try:
        assert read_table(path).rows >= 0
    except FileUnreadableError as error:
        assert "Nothing was changed" in str(error)  # noqa: PT017


@pytest.mark.parametrize("header", ["x,", "col %d,"])
def test_more_columns_than_any_export_has_are_refused_at_once(tmp_path: Path, header: str) -> None:
    """Naming the same header again and again took minutes, and so did looking for months among so many cells."""
    path = tmp_path / "wide.csv"
    names = "".join(header % number if "%" in header else header for number in range(200_000))
    path.write_text(f"{names}\n{'1,' * 200_000}\n", encoding="utf-8")
    begun = time.monotonic()
    with pytest.raises(FileUnreadableError, match=r"has 200,000 columns. .* up to 5,000"):
        read_table(path)
    assert time.monotonic() - begun < 10


def test_many_columns_of_one_name_are_named_apart_at_once(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(f"Deal ID{',x' * 4_000}\n1{',y' * 4_000}\n", encoding="utf-8")
    begun = time.monotonic()
    assert read_table(path).header[-1] == "x (4000)"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    ("piece", "words"),
    [
        (b"a" * 1_000_000, "a line of more than 20 MB"),
        (b'"' * 1_000_000, "a line of more than 20 MB"),
        (b"," * 1_000_000, "a line of more than 20 MB"),
        (b"a,b,c\n1\n,,,,,,\n" * 60_000, "lines, too many to be read"),
        (b"Deal ID,Stage\n" + b",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n" * 30_000, "cells, too many to be read"),
        (b"a" * 999 + b"\n", "cannot be read from line 2 on"),
    ],
    ids=["one cell", "quotes", "commas", "lines", "cells", "an open quote"],
)
def test_a_large_text_that_is_no_table_gets_a_sentence_within_seconds(tmp_path: Path, piece: bytes, words: str) -> None:
    path = tmp_path / "large.csv"
    path.write_bytes(b'x,y\n"' + piece * (60_000_000 // len(piece)))
    begun = time.monotonic()
    with pytest.raises(FileUnreadableError, match=words):
        read_table(path)
    assert time.monotonic() - begun < 10
