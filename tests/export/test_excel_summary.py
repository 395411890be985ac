"""The Excel summary: real values, safe text, native charts, and a file that is whole or not there."""

import os
import re
import signal
import tempfile
import zipfile
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from kpidesk.domain.kpi import Band, Display, Target
from kpidesk.domain.problem import CancelledError
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.export.cells import change_format, clean, number_format
from kpidesk.export.excel import write_summary
from kpidesk.export.whole import ExportError
from kpidesk.present.goals import Figures, GoalRow
from kpidesk.present.summary import DataColumn, HistoryColumn, Summary, SummaryRow
from kpidesk.workspace import Workspace

HOSTILE = [
    "=1+1",
    "+44 20 7946",
    "-5%",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "#REF!",
    "'=1",
    "http://x.example",
    "  padded  ",
]
MONTHS = tuple(date(2025 + (8 + n) // 12, (8 + n) % 12 + 1, 1) for n in range(24))


def row(name, display, value, target, change=None):
    return SummaryRow(name, value, target, "At risk", change, "worse than Q2 at day 73", "Priya Shah", display, "")


def summary(**changes):
    revenue = tuple(None if n == 3 else 50_000.25 + n for n in range(24))
    base = Summary(
        workspace="Fernhill Software",
        currency="GBP",
        period="Q3 2026",
        data_to=date(2026, 9, 11),
        rows=(
            row("Win rate", Display.PERCENT, 0.241, 0.25, -0.016),
            row("Lead response time", Display.HOURS, 3.2 / 24, 2 / 24, 0.03),
            row("Sales cycle length", Display.DAYS, 41.4, 42.0, -2.0),
            row("CLV to CAC", Display.RATIO, None, 3.0),
            row("Total revenue", Display.MONEY, 182_412.5, 198_260.87, 14_100.0),
            row("Deals closed", Display.COUNT, 19.0, None),
        ),
        months=MONTHS,
        history=(
            HistoryColumn("Total revenue", Display.MONEY, revenue),
            HistoryColumn("Win rate", Display.PERCENT, (None, *[0.2 + n / 100 for n in range(23)])),
            HistoryColumn("Never known", Display.DAYS, (None,) * 24),
        ),
        definition_headers=("KPI", "Formula", "Revision"),
        definitions=(("Win rate", "COUNT(won_deals) / COUNT(closed_deals)", "1"), ("Odd", '=HYPERLINK("x")', "2")),
        data=(
            DataColumn("Deal name", "text", ["Kestrel Foods", *HOSTILE]),
            DataColumn("Created", "date", [date(2026, 7, 3), *[None] * len(HOSTILE)]),
            DataColumn("Value", "money", [11_200.5, -470.0, *[None] * (len(HOSTILE) - 1)]),
            DataColumn("File", "text", ["deals.csv"] * (len(HOSTILE) + 1)),
            DataColumn("Line", "number", list(range(2, len(HOSTILE) + 3))),
        ),
    )
    return replace(base, **changes)


def names_in(folder):
    return sorted(found.name for found in folder.iterdir())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "summary.xlsx"


@pytest.fixture
def book(path):
    write_summary(path, summary())
    return load_workbook(path)


def column(sheet, head, heads_in=1):
    place = next(cell.column for cell in sheet[heads_in] if cell.value == head)
    return [sheet.cell(number, place) for number in range(heads_in + 1, sheet.max_row + 1)]


def test_sheets_and_frozen_heads(book):
    assert book.sheetnames == ["Summary", "History", "Definitions", "Data"]
    assert [book[name].freeze_panes for name in book.sheetnames] == ["B8", "B2", "B2", "A2"]
    assert book["Data"].auto_filter.ref == f"A1:E{len(HOSTILE) + 2}"
    assert all(book[name].page_setup.orientation == "landscape" for name in book.sheetnames)


def test_goals_have_a_sheet_with_real_values_where_there_are_any(path):
    known = Figures(0.231, 0.22, 0.241, 0.25, 0.375, 0.019, 0.01, 2.0)
    blank = Figures(None, None, 3.0, 3.0, None, None, None, 1.0)
    rows = (
        GoalRow("=Win more", "Priya Shah", "Win rate", Display.PERCENT, known, "At risk", ""),
        GoalRow(
            "=Win more", "Priya Shah", "Pipeline coverage", Display.RATIO, blank, "No data", "No deals imported yet."
        ),
        GoalRow("Retain", "", "", Display.NUMBER, None, "No data", "Add a key result."),
    )
    write_summary(path, summary(goals=rows))
    book = load_workbook(path)
    assert book.sheetnames == ["Summary", "Goals", "History", "Definitions", "Data"]
    sheet = book["Goals"]
    found = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert found == [
        ["=Win more", "Priya Shah", "Win rate", 0.22, 0.231, 0.241, 0.25, 0.375, 0.019, 2, "At risk", None],
        [
            "=Win more",
            "Priya Shah",
            "Pipeline coverage",
            *[None] * 2,
            3,
            3,
            None,
            None,
            1,
            "No data",
            "No deals imported yet.",
        ],
        ["Retain", None, None, *[None] * 7, "No data", "Add a key result."],
    ]
    assert sheet["A2"].data_type == "s"
    assert [sheet.cell(2, place).number_format for place in (5, 8)] == ["0.0%", "0%"]
    assert column(book["Data"], "Deal name")[0].value == "Kestrel Foods"


def test_the_summary_says_what_it_is_of(book):
    sheet = book["Summary"]
    facts = {sheet.cell(line, 1).value: sheet.cell(line, 2).value for line in range(2, 6)}
    assert facts == {
        "Workspace": "Fernhill Software",
        "Period": "Q3 2026",
        "Data to": datetime.fromisoformat("2026-09-11"),
        "Currency": "GBP",
    }


def test_values_are_numbers_with_their_format(book):
    sheet = book["Summary"]
    values = {name.value: value for name, value in zip(column(sheet, "KPI", 7), column(sheet, "Value", 7), strict=True)}
    shown = {name: (cell.value, cell.number_format) for name, cell in values.items()}
    assert shown == {
        "Win rate": (0.241, "0.0%"),
        "Lead response time": (timedelta(hours=3.2), '[h]" h "mm" min"'),
        "Sales cycle length": (41.4, '0.0" days"'),
        "CLV to CAC": (None, '0.00"x"'),
        "Total revenue": (182_412.5, '"£"#,##0.00;-"£"#,##0.00'),
        "Deals closed": (19, "#,##0"),
    }
    shares = [cell.value for cell in column(sheet, "Of target", 7)]
    assert shares == [
        pytest.approx(0.964),
        pytest.approx(1.6),
        pytest.approx(41.4 / 42),
        None,
        pytest.approx(182_412.5 / 198_260.87),
        None,
    ]
    assert [cell.value for cell in column(sheet, "Owner", 7)] == ["Priya Shah"] * 6
    assert column(sheet, "Change", 7)[0].value == -0.016


def test_blank_months_are_empty_and_months_are_dates(book):
    sheet = book["History"]
    months, revenue, rate = column(sheet, "Month"), column(sheet, "Total revenue"), column(sheet, "Win rate")
    assert [cell.value.date() for cell in months] == list(MONTHS)
    assert {cell.number_format for cell in months} == {"mmm yyyy"}
    assert revenue[3].value is None
    assert rate[0].value is None
    assert rate[1].value == 0.2
    assert revenue[0].value == 50_000.25


def test_data_has_real_dates_and_numbers(book):
    sheet = book["Data"]
    assert column(sheet, "Created")[0].value == datetime.fromisoformat("2026-07-03")
    assert column(sheet, "Created")[0].number_format == "yyyy-mm-dd"
    assert [cell.value for cell in column(sheet, "Value")[:3]] == [11_200.5, -470, None]
    assert column(sheet, "Value")[0].number_format == "#,##0.00"
    assert [cell.value for cell in column(sheet, "Line")] == list(range(2, len(HOSTILE) + 3))


def test_text_that_could_be_read_as_a_formula_is_text(book):
    for sheet, head in (("Data", "Deal name"), ("Definitions", "Formula")):
        for cell in column(book[sheet], head):
            assert cell.data_type == "s", cell.value
            assert cell.quotePrefix == (cell.value[:1] in tuple("=+-@\t\r\n#"))
    written = [cell.value for cell in column(book["Data"], "Deal name")]
    assert [text.replace("\r", "\n") for text in written[1:]] == [text.replace("\r", "\n") for text in HOSTILE]


def test_no_sheet_holds_a_formula(path, book):
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert not re.search(rb"<f[ >]|t=\"e\"", archive.read(name)), name


def test_charts_are_native_and_point_at_the_cells(path, book):
    with zipfile.ZipFile(path) as archive:
        charts = [
            archive.read(name).decode() for name in sorted(archive.namelist()) if name.startswith("xl/charts/chart")
        ]
    assert len(charts) == 3  # shares of target, revenue, win rate; a KPI never known has none
    bars, lines = [text for text in charts if "barChart" in text], [text for text in charts if "lineChart" in text]
    assert "'Summary'!$G$8:$G$13" in bars[0]
    assert "'Summary'!$A$8:$A$13" in bars[0]
    assert sorted(re.findall(r"'History'!\$[BCD]\$\d+:\$[BCD]\$\d+", "".join(lines))) == [
        "'History'!$B$2:$B$25",
        "'History'!$C$2:$C$25",
    ]
    assert all("'History'!$A$2:$A$25" in text for text in lines)


def test_widths_fit_the_content(book):
    sheet = book["Data"]
    assert sheet.column_dimensions["A"].width >= len("http://x.example") + 2
    assert all(sheet.column_dimensions[letter].width <= 60 for letter in "ABCDE")


def test_a_workspace_without_data_gives_a_workbook(path):
    write_summary(path, summary(rows=(), months=(), history=(), definitions=(), data=(), data_to=None))
    book = load_workbook(path)
    assert book.sheetnames == ["Summary", "History", "Definitions", "Data"]
    assert book["Summary"]["B4"].value is None


def test_more_rows_than_a_sheet_holds_go_on_to_the_next(path):
    write_summary(path, summary(), max_rows=6)
    book = load_workbook(path)
    assert book.sheetnames[3:] == ["Data 1", "Data 2", "Data 3"]
    lines = [cell.value for name in book.sheetnames[3:] for cell in column(book[name], "Line")]
    assert lines == list(range(2, len(HOSTILE) + 3))
    assert all(book[name]["A1"].value == "Deal name" for name in book.sheetnames[3:])


def test_another_reader_finds_the_same_rows(path):
    write_summary(path, summary(), max_rows=8)
    book = CalamineWorkbook.from_path(str(path))
    rows = [row for name in ("Data 1", "Data 2") for row in book.get_sheet_by_name(name).to_python()[1:]]
    assert len(rows) == len(HOSTILE) + 1
    assert rows[0] == ["Kestrel Foods", date(2026, 7, 3), 11_200.5, "deals.csv", 2.0]
    assert [row[4] for row in rows] == list(range(2, len(HOSTILE) + 3))


def test_the_size_of_a_data_sheet_is_told_right(path):
    write_summary(path, summary())
    book = load_workbook(path, read_only=True)
    assert book["Data"].calculate_dimension() == f"A1:E{len(HOSTILE) + 2}"
    assert len(list(book["Data"].iter_rows())) == len(HOSTILE) + 2
    book.close()


def test_text_that_excel_takes_for_a_coded_character_is_kept(path):
    write_summary(path, summary(data=(DataColumn("Name", "text", ["Deal_x0041_ & <Sons>", "a_xyz_"]),)))
    with zipfile.ZipFile(path) as archive:
        text = archive.read("xl/worksheets/sheet4.xml").decode()
    assert "Deal_x005F_x0041_ &amp; &lt;Sons&gt;" in text
    assert "a_xyz_" in text


def test_what_no_cell_can_hold_is_empty(path):
    values = [None, float("nan"), float("inf"), "", "\x00", 0, 0.0, True]
    write_summary(
        path, summary(data=(DataColumn("Value", "number", values), DataColumn("N", "number", list(range(8)))))
    )
    assert [cell.value for cell in column(load_workbook(path)["Data"], "Value")] == [
        None,
        None,
        None,
        None,
        None,
        0,
        0,
        True,
    ]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(min_size=1, max_size=40), min_size=1, max_size=30))
def test_any_text_is_written_and_read_as_that_text(tmp_path, texts):
    path = tmp_path / "any.xlsx"
    texts.append("the last row")
    write_summary(path, summary(data=(DataColumn("Name", "text", texts),)))
    book = load_workbook(path)
    found = [cell.value or "" for cell in column(book["Data"], "Name")]
    wanted = [clean(text).replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    assert [text.replace("\r\n", "\n").replace("\r", "\n") for text in found] == wanted
    assert all(cell.data_type in ("s", "n") for cell in column(book["Data"], "Name"))


def test_overlong_text_is_cut_to_what_a_cell_holds(path):
    write_summary(path, summary(data=(DataColumn("Name", "text", ["x" * 40_000]),)))
    assert len(load_workbook(path)["Data"]["A2"].value) == 32_767


@pytest.mark.parametrize(
    ("currency", "wanted"),
    [("EUR", '"€"#,##0.00'), ("CHF", '"CHF\u00a0"#,##0.00'), ("JPY", '"¥"#,##0'), ("USD", '"$"#,##0.00')],
)
def test_money_has_the_sign_of_its_currency(currency, wanted):
    assert number_format(Display.MONEY, currency) == f"{wanted};-{wanted}"
    assert change_format(Display.MONEY, currency).startswith(f"+{wanted};-{wanted};")


def test_every_display_has_a_format_and_changes_keep_their_sign():
    for display in Display:
        assert number_format(display, "GBP")
        plus, minus, zero = change_format(display, "GBP").split(";")
        assert (plus, minus) == (f"+{zero}", f"-{zero}")
        assert "[h]" not in zero  # a negative clock time shows as #####


def test_a_file_there_is_replaced(path):
    path.write_text("old")
    write_summary(path, summary())
    assert load_workbook(path).sheetnames[0] == "Summary"
    assert names_in(path.parent) == ["summary.xlsx"]


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(
        ExportError, match=r"The folder .*nowhere does not exist\. Choose another one\. Nothing was changed\."
    ):
        write_summary(tmp_path / "nowhere" / "summary.xlsx", summary())


def test_a_folder_in_the_place_of_the_file_stays(tmp_path):
    (tmp_path / "summary.xlsx").mkdir()
    with pytest.raises(ExportError, match="is a folder"):
        write_summary(tmp_path / "summary.xlsx", summary())
    assert names_in(tmp_path) == ["summary.xlsx"]


@pytest.mark.skipif(os.name != "posix", reason="folder modes are those of POSIX")
def test_a_folder_that_one_may_not_write_to_says_so(tmp_path):
    if os.geteuid() == 0:
        folder = "/proc/self"  # where not even root can make a file
        with pytest.raises(ExportError, match=r"cannot be written|does not exist"):
            write_summary(type(tmp_path)(folder) / "summary.xlsx", summary())
        return
    tmp_path.chmod(0o500)
    with pytest.raises(ExportError, match="cannot be written"):
        write_summary(tmp_path / "summary.xlsx", summary())


@pytest.mark.skipif(os.name != "posix", reason="only POSIX can limit the size of a file for one process")
def test_a_full_disk_leaves_the_old_file_and_nothing_else(path):
    import resource

    path.write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    rows = [
        f"Deal number {number}, with a name that does not compress: {hash((number, 'x'))}" for number in range(3_000)
    ]
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, before[1]))
        with pytest.raises(ExportError, match="no room left"):
            write_summary(path, summary(data=(DataColumn("Name", "text", rows),)))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)
    assert path.read_text() == "old"
    assert names_in(path.parent) == ["summary.xlsx"]


def test_cancelling_leaves_the_old_file_and_nothing_else(path, tmp_path_factory, monkeypatch):
    elsewhere = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(elsewhere))
    path.write_text("old")
    progress = Progress(lambda _message, done, _total: progress.cancel() if done else None)
    many = DataColumn("Name", "text", ["x"] * 5_000)
    with pytest.raises(CancelledError):
        write_summary(path, summary(data=(many,)), progress)
    assert names_in(elsewhere) == []
    assert path.read_text() == "old"
    assert names_in(path.parent) == ["summary.xlsx"]


def test_progress_counts_the_rows(path):
    heard = []
    many = DataColumn("Name", "text", ["x"] * 5_000)
    write_summary(path, summary(data=(many,)), Progress(lambda *told: heard.append(told)))
    assert [told for told in heard if told[0] == "Writing rows"] == [
        ("Writing rows", n, 5_000) for n in (0, 2_000, 4_000)
    ]
    assert SILENT.cancelled is False


def test_every_kpi_names_its_version_and_the_day_it_is_in_force_since(path):
    rows = (replace(row("Win rate", Display.PERCENT, 0.2, 0.25), version=3, since=date(2026, 8, 25)),)
    write_summary(path, summary(rows=rows))
    sheet = load_workbook(path)["Summary"]
    assert column(sheet, "Version", 7)[0].value == 3
    assert column(sheet, "In force since", 7)[0].value.date() == date(2026, 8, 25)


def test_the_history_says_what_is_marked_in_a_month_and_has_no_column_for_nothing(path):
    whole = summary()
    marks = ("",) * (len(whole.months) - 1) + ("Win rate: Version 2, formula changed 25 Aug",)
    write_summary(path, replace(whole, marks=marks))
    sheet = load_workbook(path)["History"]
    assert [cell.value for cell in column(sheet, "Notes and changes")][-1] == marks[-1]
    write_summary(path, whole)
    assert "Notes and changes" not in [cell.value for cell in load_workbook(path)["History"][1]]


def test_bands_notes_and_changes_of_a_workspace_reach_the_file(tmp_path):
    with Workspace.create(tmp_path / "w.kpidesk") as workspace:
        lines = [f"{n},{'won' if n % 4 else 'lost'},2026-08-02,2026-08-{n % 20 + 1:02},900" for n in range(1, 41)]
        (tmp_path / "deals.csv").write_text("deal_id,status,created,closed,amount\n" + "\n".join(lines))
        workspace.commit(workspace.read(tmp_path / "deals.csv"))
        workspace.set("as_of", "2026-09-11")
        workspace.set("fiscal_start", "4")
        bands = (Band("Weak", 0.0), Band("Strong", 0.5))
        workspace.define(replace(workspace.catalog["win_rate"], target=Target(0.5, bands=bands)))
        workspace.editor.save(
            replace(workspace.catalog["win_rate"], formula='SHARE(closed_deals WHERE status = "won")')
        )
        workspace.notes.add("win_rate", date(2026, 8, 14), "New price list")
        book = load_workbook(workspace.export_summary(tmp_path / "out.xlsx"))
    sheet = book["Summary"]
    assert sheet["B3"].value == "Q2 FY2027"
    names = [cell.value for cell in column(sheet, "KPI", 7)]
    place = names.index("Win rate")
    assert column(sheet, "Status", 7)[place].value == "Strong, on track"
    assert column(sheet, "Version", 7)[place].value == 3
    told = " ".join(cell.value or "" for cell in column(book["History"], "Notes and changes"))
    assert "Win rate: Note of 14 Aug: New price list" in told
    assert "Win rate: Version 3, formula changed" in told
