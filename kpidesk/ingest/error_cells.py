"""Cells such as #REF! in workbooks: calamine gives them as empty, and a broken amount is not a blank one."""

import io
import posixpath
import re
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from xml.etree import ElementTree as ET

Place = tuple[int, int, str]
"""Row and column, from 0, and what the cell shows."""
ErrorCells = dict[int, list[tuple[int, str]]]
"""Row -> (column, what the cell shows)."""

_UNKNOWN = "#ERROR!"
_CODES = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_SHOWN = re.compile(r"#(?:NULL!|DIV/0!|VALUE!|REF!|NAME\?|NUM!|N/A)|Err:\d+")


def error_cells(data: bytes, names: tuple[str, ...]) -> Callable[[str], ErrorCells]:
    """Return what finds the error cells of a sheet by its name; `names` are those of all sheets in their order."""
    find = _of_archive(zipfile.ZipFile(io.BytesIO(data)), names) if data.startswith(b"PK") else {}

    def cells(name: str) -> ErrorCells:
        found: ErrorCells = {}
        for line, column, text in find[name]() if name in find else ():
            found.setdefault(line, []).append((column, text))
        return found

    return cells


def _of_archive(archive: zipfile.ZipFile, names: tuple[str, ...]) -> dict[str, Callable[[], Iterable[Place]]]:
    if "content.xml" in archive.namelist():
        tables = _tables(archive)
        return {name: (lambda name=name: tables.get(name, ())) for name in names}  # type: ignore[misc]
    find: dict[str, Callable[[], Iterable[Place]]] = {}
    for name, part in _parts(archive).items():
        if part.endswith(".bin"):
            find[name] = lambda part=part: _in_binary(archive.read(part))  # type: ignore[misc]
        else:
            find[name] = lambda part=part: _in_xml(archive, part)  # type: ignore[misc]
    return find


# --- XLSX and XLSB: which part of the archive holds a sheet


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    book = next(iter(_links(archive, "", "officeDocument").values()), "xl/workbook.xml")
    folder, name = posixpath.split(book)
    links = _links(archive, f"{folder}/", name=name)
    there = set(archive.namelist())
    if book not in there:
        return {}
    data = archive.read(book)
    sheets = _sheets_of_binary(data) if book.endswith(".bin") else _sheets_of_xml(data)
    return {name: links[link] for name, link in sheets if links.get(link) in there}


def _links(archive: zipfile.ZipFile, folder: str, kind: str = "", name: str = "") -> dict[str, str]:
    """Return the parts that another part refers to by their ids; those of one kind when it is given."""
    try:
        data = archive.read(f"{folder}_rels/{name}.rels")
    except KeyError:
        return {}
    return {
        one.get("Id", ""): posixpath.normpath(posixpath.join("/" + folder, one.get("Target", ""))).lstrip("/")
        for one in ET.fromstring(data)  # noqa: S314 - apart, under limits
        if one.get("Type", "").endswith(kind)
    }


def _sheets_of_xml(data: bytes) -> Iterator[tuple[str, str]]:
    for one in ET.fromstring(data).iter():  # noqa: S314 - apart, under limits
        if one.tag.rpartition("}")[2] == "sheet":
            yield one.get("name", ""), next((value for key, value in one.items() if key.rpartition("}")[2] == "id"), "")


# --- XLSX

_CELL = re.compile(rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})(\d{1,7})"[^>]*>(.*?)</(?:\w+:)?c>', re.DOTALL)
_MARK, _PIECE = b't="e"', 1 << 20
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")


def _in_xml(archive: zipfile.ZipFile, part: str) -> Iterator[Place]:
    with archive.open(part) as stream:
        rest = b""
        while piece := stream.read(_PIECE):
            rest += piece
            if _MARK not in rest:
                rest = rest[-len(_MARK) :]
                continue
            end = 0
            for cell in _CELL.finditer(rest):
                end = cell.end()
                value = _VALUE.search(cell[3])
                yield int(cell[2]) - 1, _column(cell[1]), _UNKNOWN if value is None else value[1].decode()
            # A cell may go on in the next piece; what is behind it is not looked at twice.
            rest = rest[max(end, rest.rfind(b"<c ", end), 0) :][-_PIECE:]


def _column(letters: bytes) -> int:
    place = 0
    for letter in letters:
        place = place * 26 + letter - 64
    return place - 1


# --- XLSB: records of a number and a size, both in bytes of seven bits

_ROW, _ERROR_VALUE, _ERROR_FORMULA, _SHEET = 0, 3, 11, 156
_WORD = struct.Struct("<I")


def _in_binary(data: bytes) -> Iterator[Place]:
    line = 0
    for kind, start in _records(data):
        if kind == _ROW:
            (line,) = _WORD.unpack_from(data, start)
        elif kind in (_ERROR_VALUE, _ERROR_FORMULA):
            yield line, _WORD.unpack_from(data, start)[0], _CODES.get(data[start + 8], _UNKNOWN)


def _records(data: bytes) -> Iterator[tuple[int, int]]:
    place, end = 0, len(data)
    while place < end:
        kind = data[place]
        place += 1
        if kind & 0x80:
            kind = kind & 0x7F | (data[place] & 0x7F) << 7
            place += 1
        size = shift = 0
        while True:
            byte = data[place]
            place += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield kind, place
        place += size


def _sheets_of_binary(data: bytes) -> Iterator[tuple[str, str]]:
    for kind, start in _records(data):
        if kind == _SHEET:
            link, after = _text(data, start + 8)
            yield _text(data, after)[0], link


def _text(data: bytes, start: int) -> tuple[str, int]:
    end = start + 4 + 2 * _WORD.unpack_from(data, start)[0]
    return data[start + 4 : end].decode("utf-16-le", errors="replace"), end


# --- ODS


def _tables(archive: zipfile.ZipFile) -> dict[str, list[Place]]:
    """Read the whole content once, when anything in it looks like an error."""
    with archive.open("content.xml") as stream:
        before, marks = b"", re.compile(rb">(?:#[A-Z]|Err:)")
        for piece in chain(iter(lambda: stream.read(_PIECE), b"")):
            if marks.search(before[-8:] + piece):
                break
            before = piece
        else:
            return {}
    tables: dict[str, list[Place]] = {}
    found: list[Place] = []
    line = column = 0
    with archive.open("content.xml") as stream:
        for event, one in ET.iterparse(stream, ("start", "end")):  # noqa: S314 - apart, under limits
            tag = one.tag.rpartition("}")[2]
            if event == "start":
                if tag == "table":
                    found, line = tables.setdefault(_given(one, "name", ""), []), 0
                elif tag == "table-row":
                    column = 0
            elif tag in ("table-cell", "covered-table-cell"):
                text = "".join(one.itertext()).strip()
                if _SHOWN.fullmatch(text):
                    found.append((line, column, text))
                column += int(_given(one, "number-columns-repeated", "1"))
            elif tag == "table-row":
                line += int(_given(one, "number-rows-repeated", "1"))
                one.clear()
    return tables


def _given(one: ET.Element, name: str, other: str) -> str:
    return next((value for key, value in one.items() if key.rpartition("}")[2] == name), other)
