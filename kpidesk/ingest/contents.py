"""What a file really is, whatever it is called: told from its bytes, and taken out of the archive it came in."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from enum import StrEnum

from kpidesk.domain.problem import FileUnreadableError

MOST_BYTES = 1_000_000_000
"""The largest file that is read, packed or not."""
_ZIP, _EMPTY_ZIP, _OLE, _GZIP = b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0", b"\x1f\x8b"
_EARLY_XLS = (b"\x09\x00\x04\x00", b"\x09\x02\x06\x00", b"\x09\x04\x06\x00")  # BIFF 2, 3 and 4 stand in no container
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# Deflate packs up to a thousandfold, spreadsheets seldom fiftyfold; empty styled rows up to Excel's last one pack better.
_BOMB_RATIO, _BOMB_BYTES = 150, 100_000_000
_PIECE = 1 << 20
_FOREIGN = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"{\\rtf": "a text document",
    b"SQLite format 3": "a database",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
}


class Kind(StrEnum):
    """How the bytes of a table are to be read."""

    TEXT = "text"
    WORKBOOK = "workbook"  # XLSX, XLSM, XLSB, ODS
    XLS = "xls"  # in a compound file, as Excel wrote it from 5.0 to 2003
    EARLY_XLS = "early-xls"
    WEB_PAGE = "web-page"
    XML_SPREADSHEET = "xml-spreadsheet"


@dataclass(frozen=True, slots=True)
class Content:
    """The bytes of one file with its name; `data` is what it holds, unpacked."""

    name: str
    kind: Kind
    data: bytes


def contents(name: str, data: bytes) -> tuple[Content, ...]:
    """Return what a file holds: itself, or the tables of the archive that it is. FileUnreadableError when there is none."""
    if data.startswith(_GZIP):
        inner = _gunzip(name, data)
        return contents(name.removesuffix(".gz"), inner)
    if data.startswith((_ZIP, _EMPTY_ZIP)):
        return _of_zip(name, data)
    return (Content(name, _kind(name, data), data),)


def is_text(name: str, head: bytes) -> bool:
    """Whether a file is a text by itself, by its first bytes; FileUnreadableError for one that is no table."""
    return not head.startswith((_GZIP, _ZIP, _EMPTY_ZIP)) and _kind(name, head) is Kind.TEXT


def _kind(name: str, data: bytes) -> Kind:
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise _refused(f"{name} is protected with a password", "Save it without one and try again")
        return Kind.XLS
    if data.startswith(_EARLY_XLS):
        return Kind.EARLY_XLS
    for mark, words in _FOREIGN.items():
        if data.startswith(mark):
            raise _refused(f"{name} is {words} rather than a spreadsheet", "Export it as CSV or XLSX")
    head = data[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    if b"urn:schemas-microsoft-com:office:spreadsheet" in head and head.startswith(b"<?xml"):
        return Kind.XML_SPREADSHEET
    if head.startswith(
        (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<body", b"<style", b"<div", b"<?xml")
    ):
        return Kind.WEB_PAGE
    return Kind.TEXT


def _of_zip(name: str, data: bytes) -> tuple[Content, ...]:
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = [info for info in archive.infolist() if not info.is_dir()]
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise _refused(f"{name} is damaged", "Save it again in your spreadsheet program") from None
    names = {info.filename.lower() for info in members}
    unpacked = sum(info.file_size for info in members)
    if unpacked > 2 * MOST_BYTES or (unpacked > _BOMB_BYTES and unpacked > _BOMB_RATIO * len(data)):
        raise _refused(
            f"{name} unpacks to {unpacked // 1_000_000:,} MB, which is too large", "Export fewer rows or columns"
        )
    if any(one.startswith("word/") for one in names):
        raise _refused(f"{name} is a text document rather than a spreadsheet", "Export it as CSV or XLSX")
    if any(one.startswith("index/") and one.endswith(".iwa") for one in names):
        raise _refused(f"{name} is a Numbers document", "Export it from Numbers as CSV or Excel")
    if names & {"[content_types].xml", "mimetype"} or any(one.startswith("xl/") for one in names):
        return (Content(name, Kind.WORKBOOK, data),)
    tables = [
        info
        for info in members
        if not info.filename.startswith("__MACOSX/") and not info.filename.rpartition("/")[2].startswith(".")
    ]
    if not tables:
        raise _refused(f"{name} is an empty archive", "Export it again")
    with archive:
        return tuple(_member(name, archive, info) for info in tables)


def _member(name: str, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Content:
    if info.flag_bits & 1:
        raise _refused(f"{name} is protected with a password", "Unpack it and import the file inside")
    try:
        data = archive.read(info)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, OSError, EOFError):
        raise _refused(f"{info.filename} in {name} is damaged", "Export it again") from None
    inner = info.filename.rpartition("/")[2]
    found = contents(inner, data) if not data.startswith(_ZIP) or _is_book(data) else ()
    if len(found) != 1:
        raise _refused(f"{name} holds an archive in an archive", "Unpack it and import the files inside")
    return found[0]


def _is_book(data: bytes) -> bool:
    return b"[Content_Types].xml" in data or data[30:38] == b"mimetype"


def _gunzip(name: str, data: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    pieces, size = [], 0
    try:
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            while piece:
                pieces.append(unpacking.decompress(piece, _PIECE * 16))
                size += len(pieces[-1])
                piece = unpacking.unconsumed_tail
                if size > MOST_BYTES or (size > _BOMB_BYTES and size > _BOMB_RATIO * len(data)):
                    raise _refused(
                        f"{name} unpacks to more than {size // 1_000_000:,} MB", "Export fewer rows or columns"
                    )
    except zlib.error:
        raise _refused(f"{name} is damaged", "Export it again") from None
    if not unpacking.eof:
        raise _refused(f"{name} is cut off", "Download or export it again")
    return b"".join(pieces)


def _refused(what: str, mend: str) -> FileUnreadableError:
    return FileUnreadableError(f"{what}. Nothing was changed. {mend}.")
