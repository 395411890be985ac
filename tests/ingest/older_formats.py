"""Workbooks in the formats that no library here writes: XLS of Excel 97, XLSB and ODS, record by record."""

import io
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from xml.sax.saxutils import escape

Row = Sequence[object]
_DAY_ZERO = date(1899, 12, 30)


@dataclass(frozen=True)
class Broken:
    """A cell that shows an error, by its code in binary files and its text."""

    code: int
    text: str


REF = Broken(0x17, "#REF!")
DIV = Broken(0x07, "#DIV/0!")


# --- XLS


def xls(rows: Sequence[Row], merged: Sequence[tuple[int, int, int, int]] = ()) -> bytes:
    """Return a workbook as Excel 97 wrote it; `merged` are ranges of (top, bottom, left, right), from 0, all within."""
    cells = b"".join(
        _xls_cell(line, column, value) for line, row in enumerate(rows) for column, value in enumerate(row)
    )
    ranges = struct.pack("<H", len(merged)) + b"".join(struct.pack("<4H", *one) for one in merged)
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 6)) + cells
    sheet += (_record(0xE5, ranges) if merged else b"") + _record(0x0A, b"")

    def globals_of(start: int) -> bytes:
        plain, dated = (struct.pack("<HHH", 0, form, 0) + bytes(14) for form in (0, 14))
        name = struct.pack("<IBBBB", start, 0, 0, 5, 0) + b"Deals"
        records = [(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 6)), (0x42, struct.pack("<H", 1200))]
        records += [(0x31, struct.pack("<HHHHHBBBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0, 1, 0) + b"A")] * 5
        records += [(0xE0, plain), (0xE0, dated), (0x85, name), (0x0A, b"")]
        return b"".join(_record(*one) for one in records)

    return _compound((globals_of(len(globals_of(0))) + sheet).ljust(4096, b"\0"))


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls_cell(line: int, column: int, value: object) -> bytes:
    where = struct.pack("<HHH", line, column, isinstance(value, date))
    if value is None:
        return b""
    if isinstance(value, Broken):
        return _record(0x205, where + bytes([value.code, 1]))
    if isinstance(value, (float, date)):
        return _record(0x203, where + struct.pack("<d", _number(value)))
    text = str(value).encode("utf-16-le")
    return _record(0x204, where + struct.pack("<HB", len(text) // 2, 1) + text)


def _number(value: float | date) -> float:
    return float((value - _DAY_ZERO).days) if isinstance(value, date) else value


def _compound(stream: bytes) -> bytes:
    """Put the stream of a workbook into a compound file: the table of sectors, one sector of the directory, then the stream."""
    sectors = -(-len(stream) // 512)
    tables = next(count for count in range(1, 110) if count * 128 >= sectors + 1 + count)
    first = tables + 1
    table = [0xFFFFFFFD] * tables + [0xFFFFFFFE, *range(first + 1, first + sectors), 0xFFFFFFFE]
    table += [0xFFFFFFFF] * (128 * tables - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    head += struct.pack("<8I", tables, tables, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack(f"<{tables}I", *range(tables)) + b"\xff" * 4 * (109 - tables)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        raw = name.encode("utf-16-le") + b"\0\0" if name else b""
        links = struct.pack("<BBiii", kind, 1, -1, -1, child)
        return raw.ljust(64, b"\0") + struct.pack("<H", len(raw)) + links + bytes(36) + struct.pack("<IQ", start, size)

    entries = [entry("Root Entry", 5, 1, 0xFFFFFFFE, 0), entry("Workbook", 2, -1, first, len(stream))]
    directory = b"".join(entries).ljust(512, b"\0")
    return head + struct.pack(f"<{len(table)}I", *table) + directory + stream.ljust(sectors * 512, b"\0")


# --- XLSB


def xlsb(rows: Sequence[Row]) -> bytes:
    """Return a binary workbook of Excel 2007."""
    parts = [_binary(0x91)]
    for line, row in enumerate(rows):
        parts.append(_binary(0, struct.pack("<II", line, 0) + bytes(9)))
        parts += [_xlsb_cell(column, value) for column, value in enumerate(row) if value is not None]
    dimension = struct.pack("<4I", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = _binary(0x81) + _binary(0x94, dimension) + b"".join(parts) + _binary(0x92) + _binary(0x82)
    bundle = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Deals")
    book = (
        _binary(0x83) + _binary(0x99, bytes(12)) + _binary(0x8F) + _binary(0x9C, bundle) + _binary(0x90) + _binary(0x84)
    )
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

    def links(kind: str, target: str) -> str:
        space = "http://schemas.openxmlformats.org/package/2006/relationships"
        return f'<Relationships xmlns="{space}"><Relationship Id="rId1" Type="{kinds}/{kind}" Target="{target}"/></Relationships>'

    return _zipped(
        {
            "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>',
            "_rels/.rels": links("officeDocument", "xl/workbook.bin"),
            "xl/_rels/workbook.bin.rels": links("worksheet", "worksheets/sheet1.bin"),
            "xl/workbook.bin": book,
            "xl/worksheets/sheet1.bin": sheet,
        }
    )


def _binary(kind: int, body: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, left = b"", len(body)
    while left > 0x7F:
        size, left = size + bytes([left & 0x7F | 0x80]), left >> 7
    return number + size + bytes([left]) + body


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_cell(column: int, value: object) -> bytes:
    where = struct.pack("<II", column, 0)
    if isinstance(value, Broken):
        return _binary(3, where + bytes([value.code]))
    if isinstance(value, float):
        return _binary(5, where + struct.pack("<d", value))
    return _binary(6, where + _wide(str(value)))


# --- ODS

_SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def ods(rows: Sequence[Row]) -> bytes:
    """Return a spreadsheet of LibreOffice."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_SPACES} xmlns:calcext="urn:org:calcext:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="Deals">{body}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    return _zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Broken):
        given = 'table:formula="of:=1" office:value-type="string" office:string-value="" calcext:value-type="error"'
        return f"<table:table-cell {given}><text:p>{value.text}</text:p></table:table-cell>"
    kind, name = ("float", "value") if isinstance(value, float) else ("date", "date-value")
    given = f'office:value-type="{kind}" office:{name}="{value}"' if isinstance(value, (float, date)) else ""
    given = given or 'office:value-type="string"'
    return f"<table:table-cell {given}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def _zipped(parts: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in parts.items():
            made.writestr(name, part, zipfile.ZIP_STORED if name == "mimetype" else None)
    return out.getvalue()
