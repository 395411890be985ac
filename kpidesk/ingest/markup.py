"""Tables that call themselves .xls and are markup: web pages, as Salesforce writes them, and the XML of Excel 2003."""

from html.parser import HTMLParser
from xml.parsers import expat

from kpidesk.ingest.merged import Merged, Range, names_rows

Row = list[object]
Tables = dict[str, list[Row]]
_OFFICE = "urn:schemas-microsoft-com:office:spreadsheet"
_MOST_SPAN, _MOST_COLUMNS = 1_000, 16_384


class _Page(HTMLParser):
    """Collects the tables of a page, inner ones too. A cell that spans columns stands in its first place only."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tables: list[list[Row]] = []
        self._open: list[tuple[list[Row], dict[tuple[int, int], str | None]]] = []
        self._cell: list[str] | None = None
        self._spans = (1, 1)
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        if tag == "table":
            self._end_cell()
            self._open.append(([], {}))
            self.tables.append(self._open[-1][0])
        elif tag in ("style", "script"):
            self._hidden += 1
        elif not self._open:
            return
        elif tag == "tr":
            self._end_cell()
            self._open[-1][0].append([])
        elif tag in ("td", "th"):
            self._end_cell()
            if not self._open[-1][0]:
                self._open[-1][0].append([])
            named = dict(attrs)
            self._cell, self._spans = [], (_span(named.get("rowspan")), _span(named.get("colspan")))
        elif tag in ("br", "p", "div", "li") and self._cell:
            self._cell.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End what was begun."""
        if tag in ("td", "th", "tr"):
            self._end_cell()
        elif tag == "table" and self._open:
            self._end_cell()
            self._open.pop()
        elif tag in ("style", "script"):
            self._hidden = max(0, self._hidden - 1)

    def handle_data(self, data: str) -> None:
        """Take up the text of a cell."""
        if self._cell is not None and not self._hidden:
            self._cell.append(data)

    def close(self) -> None:
        """End what the page left open."""
        super().close()
        self._end_cell()

    def _end_cell(self) -> None:
        if self._cell is None or not self._open:
            return
        rows, taken = self._open[-1]
        row, place = rows[-1], len(rows) - 1
        while (place, len(row)) in taken:
            row.append(taken[place, len(row)])
        down, right = self._spans
        text = "\n".join(" ".join(line.split()) for line in "".join(self._cell).split("\n")).strip()
        for below in range(1, down):
            taken.update({(place + below, len(row) + beside): None for beside in range(right)})
            if names_rows(text):
                taken[place + below, len(row)] = text
        row.extend([text or None, *[None] * (right - 1)])
        self._cell = None


def _span(text: str | None) -> int:
    return min(max(int(text), 1), _MOST_SPAN) if text and text.strip().isdigit() else 1


def web_page(text: str) -> Tables:
    """Return the tables of a web page, named by their place in it."""
    page = _Page()
    page.feed(text)
    page.close()
    return {f"Table {place}": rows for place, rows in enumerate(page.tables, start=1) if rows}


class _Sheets:
    """Builds the sheets of an XML spreadsheet from its tags."""

    def __init__(self) -> None:
        self.tables: Tables = {}
        self._merged: dict[str, list[Range]] = {}
        self._ranges: list[Range] = []
        self._rows: list[Row] = []
        self._row: Row = []
        self._kind = ""
        self._text: list[str] | None = None
        self._across = 0

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        """Take up a tag."""
        name = _local(tag)
        given = {_local(key): value for key, value in attributes.items()}
        if name == "Worksheet":
            sheet = given.get("Name", f"Sheet{len(self.tables) + 1}")
            self._rows, self._ranges = self.tables.setdefault(sheet, []), self._merged.setdefault(sheet, [])
        elif name == "Row":
            self._pad(self._rows, _place(given.get("Index")), [])
            self._row = []
            self._rows.append(self._row)
        elif name == "Cell":
            self._pad(self._row, min(_place(given.get("Index")), _MOST_COLUMNS), None)
            self._row.append(None)
            self._across = min(_place(given.get("MergeAcross")), _MOST_COLUMNS)
            if down := _place(given.get("MergeDown")):
                first = len(self._rows) - 1, len(self._row) - 1
                self._ranges.append((first, (first[0] + down, first[1])))
        elif name == "Data":
            self._kind, self._text = given.get("Type", "String"), []

    def end(self, tag: str) -> None:
        """Put down what a tag held."""
        name = _local(tag)
        if name == "Data" and self._text is not None and self._row:
            self._row[-1] = _typed("".join(self._text), self._kind)
            self._text = None
        elif name == "Cell":
            self._row.extend([None] * self._across)
            self._across = 0

    def filled(self) -> Tables:
        """Return the sheets, once all tags have ended."""
        for sheet, rows in self.tables.items():
            merged = Merged(self._merged[sheet])
            for line, row in enumerate(rows):
                merged.fill(line, row)
        return self.tables

    def data(self, text: str) -> None:
        """Take up text."""
        if self._text is not None:
            self._text.append(text)

    @staticmethod
    def _pad(cells: list[Row] | Row, index: int, blank: Row | None) -> None:
        while len(cells) < index - 1:
            cells.append(list(blank) if blank is not None else None)  # type: ignore[arg-type]  # rows or cells


def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2]


def _place(text: str | None) -> int:
    return min(int(text), 1_048_576) if text and text.isdigit() else 0


def _typed(text: str, kind: str) -> object:
    if not text.strip():
        return None
    if kind == "Number":
        try:
            return float(text)
        except ValueError:
            return text
    if kind == "Boolean":
        return "true" if text.strip() in ("1", "true") else "false"
    if kind == "DateTime":
        return text.strip().removesuffix(".000").removesuffix("T00:00:00")
    return text


def xml_spreadsheet(data: bytes) -> Tables:
    """Return the sheets of an Excel 2003 XML file; ValueError when it is not well-formed. Entities of its own are refused."""
    sheets = _Sheets()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.StartElementHandler, parser.EndElementHandler = sheets.begin, sheets.end
    parser.CharacterDataHandler = sheets.data
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    try:
        parser.Parse(data, True)
    except expat.ExpatError:
        raise ValueError("not well-formed") from None
    return sheets.filled()


def _refuse(*_: object) -> None:
    raise ValueError("entities")
