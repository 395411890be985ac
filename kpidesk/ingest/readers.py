"""Files into raw tables, told apart by content."""

import gc
import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from kpidesk.domain.problem import FileUnreadableError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.ingest.apart import read_apart
from kpidesk.ingest.contents import MOST_BYTES, Content, Kind, contents, is_text
from kpidesk.ingest.headers import is_record
from kpidesk.ingest.large_text import LARGE, Header, Look, large_text, look
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.records import UnevenError
from kpidesk.ingest.tables import plain_header, table
from kpidesk.ingest.text import decode, delimited
from kpidesk.ingest.text_limits import refuse_hostile

_HEAD = 4096  # bytes that tell a text from other files


def read_table(
    path: Path, *, sheet: str | None = None, header_line: int | None = None, progress: Progress = SILENT
) -> RawTable:
    """Read one sheet of a file, or one file of an archive; FileUnreadableError with a sentence when there is no table in it.

    `header_line` counts from 1 as a spreadsheet shows it; None finds the header.
    """
    # Rows are lists by the million without a cycle among them: the collector would take as long as the reading.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _read(path, sheet, header_line, progress)
    finally:
        if collecting:
            gc.enable()


def _read(path: Path, sheet: str | None, header_line: int | None, progress: Progress) -> RawTable:
    streamed = _streamed(path, header_line, progress)
    if streamed is not None:
        return streamed
    data = _bytes(path)
    digest = hashlib.sha256(data).hexdigest()
    progress.report(f"Reading {path.name}")
    found = contents(path.name, data)
    if len(found) > 1:
        return _of_archive(path, found, sheet, header_line, digest, progress)
    return _of_content(path, found[0], sheet, header_line, digest, progress)


def _streamed(path: Path, header_line: int | None, progress: Progress) -> RawTable | None:
    """Read a large text from the disk piece by piece; None for any other file, and for a text that is read whole."""
    try:
        size = path.stat().st_size
        if not LARGE <= size <= MOST_BYTES or not path.is_file():
            return None
        with path.open("rb") as file:
            if not is_text(path.name, file.read(_HEAD)):
                return None
            file.seek(0)
            seen = look(file, progress, path.name)
            return _large(path, file, size, path.name, seen, header_line, progress)
    except OSError:
        return None  # _bytes says why


def _large(
    path: Path, stream: BinaryIO, size: int, name: str, seen: Look, header_line: int | None, progress: Progress
) -> RawTable | None:
    """Read a large text; None when it has to be read whole."""

    def header(rows: list[list[str]], numbers: list[int], delimiter: str) -> Header | None:
        return plain_header(rows, numbers, header_line, delimiter)

    stream.seek(0)
    try:
        found = large_text(stream, size, seen.encoding, name, header, is_record, progress)
        return table(
            path,
            seen.digest,
            (),
            None,
            found.rows,
            found.lines,
            header_line,
            found.delimiter,
            seen.encoding,
            progress,
            found.body,
        )
    except UnevenError:
        return None


def _bytes(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES and path.is_file():
            raise FileUnreadableError(
                f"{path.name} has {size / 1e9:.1f} GB. Nothing was changed. KPIDesk reads files up to"
                f" {MOST_BYTES / 1e9:.0f} GB: export fewer columns, or a shorter time."
            )
        data = path.read_bytes()
    except FileNotFoundError:
        raise FileUnreadableError(
            f"{path.name} was not found in {path.parent}. Nothing was changed. Check the name and the folder."
        ) from None
    except (OSError, ValueError):
        raise FileUnreadableError(
            f"{path.name} cannot be opened. Nothing was changed. Close it in other programs and try again."
        ) from None
    if not data.strip(b"\0 \t\r\n\xff\xfe\xef\xbb\xbf"):
        raise FileUnreadableError(f"{path.name} is empty. Nothing was changed. Export it again with at least one row.")
    return data


def _of_archive(
    path: Path, found: Sequence[Content], sheet: str | None, header_line: int | None, digest: str, progress: Progress
) -> RawTable:
    """Read one of several files in an archive: they are chosen from as the sheets of a workbook are."""
    names = tuple(one.name for one in found)
    if sheet is None:
        raise FileUnreadableError(
            f"{path.name} holds {len(names)} files: {', '.join(names)}. Nothing was changed. Unpack it and import them together."
        )
    chosen = next((one for one in found if one.name == sheet), None)
    if chosen is None:
        raise FileUnreadableError(
            f"There is no file called “{sheet}” in {path.name}. It has {', '.join(names)}. Nothing was changed."
        )
    return _of_content(path, chosen, None, header_line, digest, progress)


def _of_content(
    path: Path, content: Content, sheet: str | None, header_line: int | None, digest: str, progress: Progress
) -> RawTable:
    if content.kind is Kind.TEXT:
        refuse_hostile(content.name, content.data)
        text, encoding = decode(content.data)
        delimiter, rows, lines = delimited(text, content.name)
        return table(path, digest, (), None, rows, lines, header_line, delimiter, encoding, progress)
    found = read_apart(content, sheet, progress)
    read = table(path, digest, found.names, found.name, found.rows, None, header_line, "", "", progress)
    return replace(read, problems=(*found.problems, *read.problems))
