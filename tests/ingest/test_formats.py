"""Every way of writing a table: told by content, whatever the file is called."""

import gzip
import io
import re
import struct
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from kpidesk.domain.problem import FileUnreadableError
from kpidesk.ingest.raw import RawTable
from kpidesk.ingest.readers import read_table
from tests.ingest.older_formats import DIV, REF, ods, xls, xlsb

HEAD = ["Deal ID", "Deal name", "Stage", "Amount", "Created"]
ROWS = [["1", "Kestrel", "Won", 1200.5, date(2026, 1, 5)], ["2", "Orwell", "Lost", 300.0, date(2026, 2, 6)]]
OFFICE = "urn:schemas-microsoft-com:office:spreadsheet"


def text(delimiter: str = ",") -> str:
    return "\n".join(delimiter.join(map(str, row)) for row in [HEAD, *ROWS]) + "\n"


def workbook(prepare: Callable[[Workbook], None] | None = None) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD)
    for row in ROWS:
        sheet.append(row)
    if prepare is not None:
        prepare(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def changed(data: bytes, change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """Return a zip with every part put through `change`, and `more` parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, part in more.items():
            new.writestr(name, part)
    return out.getvalue()


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, part in files.items():
            made.writestr(name.replace("__", "."), part)
    return out.getvalue()


def web_page() -> bytes:
    rows = "".join(
        f"<tr>{''.join(f'<t{kind}>{cell}</t{kind}>' for cell in row)}</tr>"
        for row, kind in [(HEAD, "h"), *[(row, "d") for row in ROWS]]
    )
    return f"<html><style>td {{x:y}}</style><body><table><tr><td>Report</td></tr></table><table>{rows}</table>".encode()


def xml_spreadsheet() -> bytes:
    def cell(value: object) -> str:
        kind = "Number" if isinstance(value, float) else "DateTime" if isinstance(value, date) else "String"
        shown = f"{value}T00:00:00.000" if isinstance(value, date) else value
        return f'<Cell><Data ss:Type="{kind}">{shown}</Data></Cell>'

    rows = "".join(f"<Row>{''.join(map(cell, row))}</Row>" for row in [HEAD, *ROWS])
    return (
        f'<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="{OFFICE}" xmlns:ss="{OFFICE}">'
        f'<Worksheet ss:Name="Deals"><Table>{rows}</Table></Worksheet></Workbook>'
    ).encode()


def biff(version: int) -> bytes:
    """Return a worksheet as Excel 2, 3 or 4 wrote it: records one after another, in no container."""
    place = {2: 3, 3: 2, 4: 2}[version]  # bytes of attributes: three in BIFF 2, an index into formats after it
    begin = {
        2: (0x0009, b"\x00\x00\x10\x00"),
        3: (0x0209, b"\x00\x00\x10\x00\x00\x00"),
        4: (0x0409, b"\x00\x00\x10\x00\x00\x00"),
    }
    records = [begin[version]]
    for line, row in enumerate([HEAD, *ROWS]):
        for column, value in enumerate(row):
            where = struct.pack("<HH", line, column) + b"\0" * place
            if isinstance(value, float):
                records.append((0x0003 if version == 2 else 0x0203, where + struct.pack("<d", value)))
            else:
                raw = str(value).encode("cp1252")
                size = struct.pack("<B" if version == 2 else "<H", len(raw))
                records.append((0x0004 if version == 2 else 0x0204, where + size + raw))
    records.append((0x000A, b""))
    return b"".join(struct.pack("<HH", code, len(body)) + body for code, body in records)


def strict(name: str, part: bytes) -> bytes:
    """Rewrite a part in the words of Strict Open XML."""
    del name
    return part.replace(
        b"http://schemas.openxmlformats.org/spreadsheetml/2006/main", b"http://purl.oclc.org/ooxml/spreadsheetml/main"
    ).replace(
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    )


def since_1904(book: Workbook) -> None:
    book.epoch = CALENDAR_MAC_1904


FORMATS = {
    "deals.csv": text().encode(),
    "deals.txt": text("|").encode("utf-16"),
    "deals.xlsx": workbook(),
    "a workbook.csv": workbook(),
    "strict.xlsx": changed(workbook(), strict),
    "since-1904.xlsx": workbook(since_1904),
    "salesforce.xls": web_page(),
    "excel-2003.xls": xml_spreadsheet(),
    "tabs.xls": text("\t").encode(),
    "excel-2.xls": biff(2),
    "excel-3.xls": biff(3),
    "excel-4.xls": biff(4),
    "excel-97.xls": xls([HEAD, *ROWS]),
    "binary.xlsb": xlsb([HEAD, *ROWS]),
    "libre-office.ods": ods([HEAD, *ROWS]),
    "close.csv.gz": gzip.compress(text().encode()),
    "hubspot.zip": archive(deals__csv=text().encode()),
    "book.zip": archive(deals__xlsx=workbook()),
}


def read(folder: Path, name: str, data: bytes, **how: str) -> RawTable:
    path = folder / name
    path.write_bytes(data)
    return read_table(path, **how)  # type: ignore[arg-type]


def rows_of(raw: RawTable) -> list[list[object]]:
    return [[column[place] for column in raw.columns] for place in range(raw.rows)]


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_table_in_every_format(tmp_path: Path, name: str) -> None:
    raw = read(tmp_path, name, FORMATS[name])
    assert raw.header == tuple(HEAD)

    def plain(cell: object) -> str:
        return (
            f"{cell:%Y-%m-%d}"
            if isinstance(cell, (date, datetime))
            else f"{float(cell):g}"
            if str(cell)[0] in "13" and "." in str(cell)
            else str(cell)
        )  # type: ignore[arg-type]

    told = [[plain(cell).removesuffix(".0") for cell in row] for row in rows_of(raw)]
    assert told == [["1", "Kestrel", "Won", "1200.5", "2026-01-05"], ["2", "Orwell", "Lost", "300", "2026-02-06"]]


BROKEN = [HEAD, ["1", "Kestrel", "Won", DIV, date(2026, 1, 5)], ["2", "Orwell", REF, 300.0, date(2026, 2, 6)]]


def broken_xlsx() -> bytes:
    def change(name: str, part: bytes) -> bytes:
        del name
        for place, error in ((b"D2", b"#DIV/0!"), (b"C3", b"#REF!")):
            part = re.sub(rb'<c r="%s".*?</c>' % place, rb'<c r="%s" t="e"><v>%s</v></c>' % (place, error), part)
        return part

    return changed(workbook(), change)


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.xlsx", broken_xlsx()), ("a.xls", xls(BROKEN)), ("a.xlsb", xlsb(BROKEN)), ("a.ods", ods(BROKEN))],
)
def test_an_error_cell_is_not_a_blank_one(tmp_path: Path, name: str, data: bytes) -> None:
    raw = read(tmp_path, name, data)
    assert [row[2:4] for row in rows_of(raw)] == [["Won", "#DIV/0!"], ["#REF!", 300.0]]


def test_the_book_of_an_archive_may_lie_anywhere(tmp_path: Path) -> None:
    """Some programs write xl/workbook2.xml: the archive says where it is, for error cells too."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(broken_xlsx())) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name).replace(b"workbook.xml", b"workbook2.xml")
            new.writestr(name.replace("workbook.xml", "workbook2.xml"), part)
    assert [row[3] for row in rows_of(read(tmp_path, "deals.xlsx", out.getvalue()))] == ["#DIV/0!", 300.0]


def test_days_of_an_old_workbook_are_days(tmp_path: Path) -> None:
    assert [row[4] for row in rows_of(read(tmp_path, "a.xls", xls([HEAD, *ROWS])))] == [
        date(2026, 1, 5),
        date(2026, 2, 6),
    ]


MERGED = [HEAD, ["1", "Kestrel", "Won", 1200.5, None], ["2", "Orwell", None, None, None], [None] * 5, ["3"]]


def merged_xlsx() -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in MERGED:
        sheet.append(row)
    for letter in "BCD":
        sheet.merge_cells(f"{letter}{3 if letter == 'B' else 2}:{letter}4")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def merged_page() -> bytes:
    cells = "<td>1<td>Kestrel<td rowspan=3>Won<td rowspan=3>1,200.50<td></tr><tr><td>2<td rowspan=2>Orwell<td></tr><tr></tr>"
    head = "".join(f"<th>{name}" for name in HEAD)
    return f"<table><tr>{head}</tr><tr>{cells}<tr><td>3</tr></table>".encode()


def merged_xml() -> bytes:
    def cell(value: object, given: str = "") -> str:
        kind = "Number" if isinstance(value, float) else "String"
        return f'<Cell{given}><Data ss:Type="{kind}">{value}</Data></Cell>'

    down = ' ss:MergeDown="2"'
    first = cell("1") + cell("Kestrel") + cell("Won", down) + cell(1200.5, down)
    rows = [
        f"<Row>{''.join(map(cell, HEAD))}</Row>",
        f"<Row>{first}</Row>",
        f"<Row>{cell('2')}{cell('Orwell')}</Row><Row/>",
        f"<Row>{cell('3')}</Row>",
    ]
    begin, _, rest = xml_spreadsheet().decode().partition("<Table>")
    return f"{begin}<Table>{''.join(rows)}{rest[rest.index('</Table>') :]}".encode()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.xml.xls", merged_xml()),
        ("a.xlsx", merged_xlsx()),
        ("a.xls", xls(MERGED, [(2, 3, 1, 1), (1, 3, 2, 2), (1, 3, 3, 3)])),
        ("page.xls", merged_page()),
    ],
)
def test_text_merged_downwards_counts_for_every_row_and_an_amount_once(tmp_path: Path, name: str, data: bytes) -> None:
    raw = read(tmp_path, name, data)
    assert [row[:3] for row in rows_of(raw)] == [["1", "Kestrel", "Won"], ["2", "Orwell", "Won"], ["3", None, None]]
    assert [str(row[3]).replace(",", "")[:6] for row in rows_of(raw)] == ["1200.5", "None", "None"]
    assert raw.lines.tolist() == [2, 3, 5]


def test_cells_beyond_the_header_are_kept(tmp_path: Path) -> None:
    raw = read(tmp_path, "a.xls", xls([HEAD, *ROWS, ["3", "Tide", "Won", 7.0, None, None, "see mail"]]))
    assert raw.header[-1] == "Column G"
    assert raw.columns[-1].tolist() == [None, None, "see mail"]


def test_a_table_far_down_keeps_its_lines(tmp_path: Path) -> None:
    raw = read(tmp_path, "a.xlsx", workbook(lambda book: book.worksheets[0].insert_rows(1, 900)))
    assert (raw.header_line, raw.lines.tolist()) == (901, [902, 903])


def test_other_sheets_with_the_same_columns_are_named(tmp_path: Path) -> None:
    def years(book: Workbook) -> None:
        book.worksheets[0].title = "2025"
        book.copy_worksheet(book.worksheets[0]).title = "2026"
        book.create_sheet("Notes").append(["Ask Ann", "about these"])

    raw = read(tmp_path, "deals.xlsx", workbook(years))
    told = [problem.message for problem in raw.problems if problem.code == "other-sheets"]
    assert raw.sheet == "2025"
    assert len(told) == 1
    assert "“2026”" in told[0]
    assert "Notes" not in told[0]


def test_a_table_may_begin_anywhere_and_lines_are_those_of_the_sheet(tmp_path: Path) -> None:
    def move(book: Workbook) -> None:
        sheet = book.worksheets[0]
        sheet.insert_rows(1, 4)
        sheet.insert_cols(1, 2)

    raw = read(tmp_path, "deals.xlsx", workbook(move))
    assert raw.header == tuple(HEAD)
    assert (raw.header_line, raw.lines.tolist()) == (5, [6, 7])


def test_a_web_page_with_spans_keeps_its_columns(tmp_path: Path) -> None:
    page = (
        "<table><tr><th>Deal ID<th>Stage<th>Amount</tr>"
        "<tr><td>1<td rowspan=2>Won<td>5</tr><tr><td>2<td>7</tr><tr><td colspan=2>x<td>9</tr></table>"
    )
    raw = read(tmp_path, "page.xls", page.encode())
    assert [row[1:] for row in rows_of(raw)] == [["Won", "5"], ["Won", "7"], [None, "9"]]


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.pdf", b"%PDF-1.7 x", "a PDF rather than a spreadsheet"),
        ("a.docx", archive(**{"word/document__xml": b"<x/>", "[Content_Types]__xml": b"<x/>"}), "a text document"),
        ("a.numbers", archive(**{"Index/Document__iwa": b"x"}), "Numbers document"),
        ("a.zip", archive(), "empty archive"),
        ("two.zip", archive(a__csv=b"x,y\n1,2\n", b__csv=b"x,y\n1,2\n"), "holds 2 files: a.csv, b.csv"),
        ("a.csv.gz", gzip.compress(text().encode())[:-9], "cut off"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00" + b"\xff" * 40, "damaged"),
        ("cut.xlsx", workbook()[:2000], "damaged"),
        ("locked.xlsx", b"\xd0\xcf\x11\xe0" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "with a password"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "cannot be read as a spreadsheet"),
        ("x.xls", b'<?xml version="1.0"?><Workbook xmlns="' + OFFICE.encode() + b'"><Row>', "cannot be read"),
    ],
)
def test_what_is_no_table_gets_a_sentence(tmp_path: Path, name: str, data: bytes, words: str) -> None:
    with pytest.raises(FileUnreadableError) as caught:
        read(tmp_path, name, data)
    assert words in str(caught.value)
    assert "Nothing was changed" in str(caught.value)


def test_one_of_several_files_in_an_archive_can_be_named(tmp_path: Path) -> None:
    data = archive(deals__csv=text().encode(), notes__csv=b"a,b\n1,2\n")
    assert read(tmp_path, "export.zip", data, sheet="deals.csv").rows == 2
