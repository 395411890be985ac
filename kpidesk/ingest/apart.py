"""Reads untrusted workbooks in a process apart, with limits on memory and time: a broken file may end it, never KPIDesk.

A native reader can be made to abort, to claim gigabytes for a file of two kilobytes, or to work for ever. The child gets the
bytes, sends back plain rows, and is ended when it takes too much.
"""

import builtins
import io
import math
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from kpidesk.domain.problem import CancelledError, FileUnreadableError, Problem, Severity
from kpidesk.domain.progress import Progress
from kpidesk.ingest.contents import Content, Kind

Rows = list[list[Any]]
CHILD = "--read-workbook"
"""The argument with which a bundle of the program starts itself as the child."""
_READERS = {
    Kind.WORKBOOK: ("calamine", "openpyxl"),
    Kind.XLS: ("xlrd", "calamine"),
    Kind.EARLY_XLS: ("xlrd",),
    Kind.WEB_PAGE: ("web-page",),
    Kind.XML_SPREADSHEET: ("xml-spreadsheet",),
}
_SIZE = struct.Struct("<Q")
_BASE_MEMORY, _MEMORY_PER_BYTE, _MOST_MEMORY = 500_000_000, 12, 3_000_000_000
_BASE_SECONDS, _SECONDS_PER_BYTE = 10.0, 2e-6
_PATIENCE = 3  # times as long by the clock: other programs may be at work, and the child waits for its turn
_LOOK_SECONDS = 0.05
_END_SECONDS = 1.0
_SYSTEM = str(sys.platform)  # as a variable, so that the type checker looks at all branches
_COUNTS_WORK = _SYSTEM != "win32"
"""Whether the system ends a process after so many seconds of work, rather than of waiting."""
_ROOT = Path(__file__).resolve().parents[2]
_SPOILT = Problem(
    "damaged",
    Severity.CHECK,
    "The file is damaged, so cells with an error are read as blank and some rows may be missing. Compare it with what you see"
    " in your spreadsheet program, or save it there as XLSX.",
    1,
)


class _Ended(Exception):  # noqa: N818 - not an error of ours: the child came to an end
    """The child ended before its answer was whole; `why` is memory, time or crash."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet as it was read: the names of all, its own, its rows, and what is to be said of it."""

    names: tuple[str, ...]
    name: str
    rows: Rows
    problems: tuple[Problem, ...]


def read_apart(content: Content, sheet: str | None, progress: Progress) -> Sheet:
    """Return the chosen sheet of a file, the best when `sheet` is None; FileUnreadableError with a sentence when it cannot be read."""
    why = "crash"
    for reader in _READERS[content.kind]:
        try:
            found = _read(reader, content, sheet, progress)
            spoilt = content.kind is Kind.XLS and reader != _READERS[Kind.XLS][0]
            return replace(found, problems=(*found.problems, _SPOILT)) if spoilt else found
        except _Ended as end:
            why = end.why
            if why == "time":
                break
    told = {
        "memory": (
            f"{content.name} needs more memory to be read than a file of its size should",
            "Save it again as CSV",
        ),
        "time": (f"{content.name} takes too long to be read", "Save it again as CSV"),
        "crash": (
            f"{content.name} cannot be read as a spreadsheet",
            "Open it in your spreadsheet program and save it as XLSX or CSV",
        ),
    }
    raise FileUnreadableError(f"{told[why][0]}. Nothing was changed. {told[why][1]}.")


def _read(reader: str, content: Content, sheet: str | None, progress: Progress) -> Sheet:
    size = len(content.data)
    memory = min(_BASE_MEMORY + _MEMORY_PER_BYTE * size, _MOST_MEMORY)
    seconds = _BASE_SECONDS + _SECONDS_PER_BYTE * size
    with _start() as child:
        watch = _Watch(child, memory, seconds * (_PATIENCE if _COUNTS_WORK else 1), progress)
        try:
            answers = _ask(child, content.data, (reader, sheet, memory, math.ceil(seconds)))
            names, chosen, alike = next(answers)
            rows: Rows = []
            merged = 0
            for answer in answers:
                if isinstance(answer, int):
                    merged = answer
                    break
                rows += answer
                progress.report(f"Reading {content.name}, {len(rows):,} rows")
        except (StopIteration, EOFError, OSError, pickle.UnpicklingError, struct.error):
            if progress.cancelled:
                raise CancelledError("Cancelled. Nothing was changed.") from None
            watch.end()  # the status of the child may say why
            raise _Ended(watch.why) from None
        finally:
            watch.end()
    return Sheet(names, chosen, rows, tuple(_said(alike, merged)))


def _said(alike: tuple[str, ...], merged: int) -> Iterator[Problem]:
    if alike:
        others = ", ".join(f"“{name}”" for name in alike)
        text = f"The file has more sheets with the same columns, which are not read now: {others}. Import each of them too."
        yield Problem("other-sheets", Severity.CHECK, text, len(alike))
    if merged:
        cells = "1 blank cell is" if merged == 1 else f"{merged:,} blank cells are"
        text = f"{cells} merged with the one above and read as what it says."
        yield Problem("merged-cells", Severity.INFO, text, merged)


def _start() -> "subprocess.Popen[bytes]":
    frozen = getattr(sys, "frozen", False)
    command = [sys.executable, CHILD] if frozen else [sys.executable, "-m", "kpidesk.ingest.apart"]
    paths = os.pathsep.join(path for path in (str(_ROOT), os.environ.get("PYTHONPATH", "")) if path)
    flags = getattr(subprocess, "CREATE_NO_WINDOW", 0)
    return subprocess.Popen(  # noqa: S603 - ourselves
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"},
        creationflags=flags,
    )


def _ask(child: "subprocess.Popen[bytes]", data: bytes, how: tuple[str, str | None, int, int]) -> Iterator[Any]:
    """Have the child read with a reader, one sheet or the best, within bytes of memory and seconds of work; give its answers."""
    assert child.stdin is not None  # noqa: S101 - both are pipes
    assert child.stdout is not None  # noqa: S101
    for part in (pickle.dumps(how), data):
        child.stdin.write(_SIZE.pack(len(part)))
        child.stdin.write(part)
    child.stdin.close()
    while True:
        kind, answer = _Plain(io.BytesIO(_part(child.stdout))).load()
        if kind == "refused":
            raise FileUnreadableError(str(answer))
        if kind == "end":
            return
        if kind != "rows":
            raise EOFError
        yield answer


class _Plain(pickle.Unpickler):
    """Takes plain values and dates from the child, and nothing that a hostile file may have made it send."""

    def find_class(self, module: str, name: str) -> Any:  # noqa: ANN401
        """Return the few classes that rows are made of."""
        allowed = {("datetime", "date"): date, ("datetime", "datetime"): datetime}
        if (module, name) in allowed:
            return allowed[module, name]
        raise pickle.UnpicklingError(name)


def _part(stream: IO[bytes]) -> bytes:
    (size,) = _SIZE.unpack(_exactly(stream, _SIZE.size))
    return _exactly(stream, size)


def _exactly(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


class _Watch:
    """Ends the child when it takes too much memory or time, or when the user cancels."""

    def __init__(self, child: "subprocess.Popen[bytes]", memory: int, seconds: float, progress: Progress) -> None:
        self.why = "crash"
        self._child, self._memory, self._progress = child, memory, progress
        self._until = time.monotonic() + seconds
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_SECONDS):
            if self._progress.cancelled:
                self.why = "cancelled"
            elif time.monotonic() > self._until:
                self.why = "time"
            elif resident(self._child.pid) > self._memory:
                self.why = "memory"
            else:
                continue
            self._child.kill()
            return

    def end(self) -> None:
        """Stop looking, and make sure that nothing of the child is left."""
        self._over.set()
        self._thread.join()
        try:
            self._child.wait(_END_SECONDS)  # one that ends by itself says why
        except subprocess.TimeoutExpired:
            self._child.kill()
        if self.why == "crash":
            self.why = _WHYS.get(self._child.wait(), "crash")


def resident(process: int) -> int:
    """Return the bytes of memory that a process holds; 0 where that cannot be told or it has ended."""
    if _SYSTEM == "linux":
        try:
            return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf(
                "SC_PAGE_SIZE"
            )
        except (OSError, IndexError, ValueError):
            return 0
    if _SYSTEM == "win32":
        return _resident_on_windows(process)
    told = subprocess.run(["/bin/ps", "-o", "rss=", "-p", str(process)], capture_output=True, check=False)  # noqa: S603
    return int(told.stdout) * 1024 if told.stdout.strip().isdigit() else 0


def _resident_on_windows(process: int) -> int:
    import ctypes  # noqa: PLC0415 - Windows only
    from ctypes import wintypes  # noqa: PLC0415

    class Counters(ctypes.Structure):
        _fields_ = (
            ("size", wintypes.DWORD),
            ("faults", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in ("peak", "now", "a", "b", "c", "d", "pages", "peak_pages")),
        )

    kernel = ctypes.WinDLL("kernel32")  # type: ignore[attr-defined]  # there on Windows
    kernel.OpenProcess.restype = wintypes.HANDLE
    handle = kernel.OpenProcess(0x0400 | 0x0010, False, process)
    if not handle:
        return 0
    counters = Counters(size=ctypes.sizeof(Counters))
    kernel.K32GetProcessMemoryInfo(wintypes.HANDLE(handle), ctypes.byref(counters), counters.size)
    kernel.CloseHandle(wintypes.HANDLE(handle))
    return int(counters.now)


# --- in the child

_OUT_OF_MEMORY = 86
_WHYS = {_OUT_OF_MEMORY: "memory"}
if _COUNTS_WORK:
    _WHYS[-signal.SIGXCPU] = "time"


def main() -> int:
    """Read the question from standard input and answer on standard output; the exit status says when memory ran out."""
    inward, outward = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints must not end up among the rows
    reader, sheet, memory, seconds = pickle.loads(_part(inward))  # noqa: S301 - from KPIDesk itself
    _limit(memory, seconds)

    def tell(kind: str, answer: object) -> None:
        part = pickle.dumps((kind, answer), protocol=pickle.HIGHEST_PROTOCOL)
        outward.write(_SIZE.pack(len(part)) + part)
        outward.flush()

    from kpidesk.ingest.books import read_book  # noqa: PLC0415 - only the child needs it

    try:
        data = _part(inward)
        for answer in read_book(reader, data, sheet):
            tell("rows", answer)
        tell("end", None)
    except FileUnreadableError as error:
        tell("refused", str(error))
    except MemoryError:
        return _OUT_OF_MEMORY
    except builtins.BaseException:  # noqa: BLE001 - a panic of the native reader is a BaseException
        return 1
    return 0


def _limit(memory: int, seconds: int) -> None:
    """Have the system refuse memory and work beyond the limits, where it can; the parent watches in any case."""
    if not _COUNTS_WORK:
        return
    import resource  # noqa: PLC0415 - not on Windows

    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    if _SYSTEM == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory + 300_000_000, memory + 300_000_000))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    raise SystemExit(main())
