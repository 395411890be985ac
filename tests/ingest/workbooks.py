"""Exports that exist as workbooks only, written cell by cell in the shape that the CRM gives them."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

Row = list[object]


def _rows(sheet: Worksheet, rows: list[Row]) -> None:
    for row in rows:
        sheet.append(row)


def _salesforce_formatted(book: Workbook, sheet: Worksheet) -> None:
    """Column A is empty, ten rows of banner, groups named once, a subtotal under each, notices at the end."""
    sheet.title = "Opportunities by stage"
    head = [
        "Stage  ↑",
        "Opportunity Owner  ↓",
        "Opportunity ID",
        "Opportunity Name",
        "Account Name",
        "Amount Currency",
        "Amount",
    ]
    head += ["Close Date", "Created Date", "Lead Source"]
    rows: list[Row] = [
        [],
        [None, "Opportunities by stage"],
        [None, "As of 2026-08-13 14:00:09 Pacific Standard Time/PST • Sorted by Stage (Ascending)"],
        [],
        [],
        [None, "Filtered By"],
        [None, "Show: All opportunities"],
        [None, "Units: Days"],
        [None, "Status not equal to Canceled,Completed"],
        [],
        [None, *head],
        [
            None,
            "Closed Lost",
            "Ben Okoro",
            "0065g00000AbCdF",
            "Orwell first order",
            "Orwell & Sons",
            "GBP",
            4800.0,
            datetime(2026, 3, 2),
            datetime(2026, 1, 9),
            "Partner",
        ],
        [None, None, "Subtotal", None, None, None, None, 4800.0],
        [None, None, "Count", None, None, None, None, 1],
        [
            None,
            "Closed Won",
            "Ann Marsh",
            "0065g00000AbCdE",
            "Kestrel rollout",
            "Kestrel Labs",
            "GBP",
            11700.0,
            datetime(2026, 2, 20),
            datetime(2026, 1, 5),
            "Web",
        ],
        [
            None,
            None,
            None,
            "0065g00000AbCdK",
            "Subtotal Systems pilot",
            "Subtotal Systems",
            "GBP",
            950.0,
            datetime(2026, 4, 1),
            datetime(2026, 2, 2),
            "Web",
        ],
        [None, None, "Subtotal", None, None, None, None, 12650.0],
        [None, None, "Count", None, None, None, None, 2],
        [
            None,
            "Negotiation/Review",
            "Ann Marsh",
            "0065g00000AbCdG",
            "Bramble renewal",
            "Bramble Foods",
            "EUR",
            None,
            datetime(2026, 9, 30),
            datetime(2026, 6, 18),
            None,
        ],
        [None, "Subtotal", None, None, None, None, None, 0.0],
        [None, "Total", None, None, None, None, None, 17450.0],
        [None, None, None, None, None, None, None, 4],
        [],
        [None, "Confidential Information - Do Not Distribute"],
        [None, "Copyright © 2000-2026 salesforce.com, inc. All rights reserved."],
    ]
    _rows(sheet, rows)


def _monday(book: Workbook, sheet: Worksheet) -> None:
    """A board: title, groups with the header repeated, subitems under headers of their own, sums, and a sheet of updates."""
    sheet.title = "deals"
    identity = "Item ID (auto generated)"
    head: Row = ["Name", "Subitems", "Owner", "Stage", "Deal Value", "Created At", "Close Date", "Timeline - Start"]
    head += ["Timeline - End", "Paid", identity]
    sub: Row = ["Subitems", "Name", "Status", "Owner", identity]
    rows: list[Row] = [
        ["Deals"],
        ["All deals of the sales team"],
        [],
        ["Active deals"],
        head,
        [
            "Bramble renewal",
            "Quote",
            "Ann Marsh",
            "Negotiation",
            None,
            "Jun 18, 2026 3:31 PM",
            date(2026, 9, 30),
            None,
            None,
            None,
            "8396967148",
        ],
        sub,
        [None, "Quote", "Done", "Ann Marsh", "8396967201"],
        [None, "Security review", "Working on it", "Ben Okoro", "8396967202"],
        [None, None, None, None, 0.0],
        ["Closed deals"],
        head,
        [
            "Kestrel rollout",
            None,
            "Ann Marsh",
            "Won",
            11700.0,
            "Jan 5, 2026 9:12 AM",
            date(2026, 2, 20),
            date(2026, 1, 5),
            date(2026, 2, 28),
            "v",
            "8396967149",
        ],
        [
            "Orwell first order",
            None,
            "Ben Okoro",
            "Lost",
            4800.0,
            "Jan 9, 2026 11:00 AM",
            date(2026, 3, 2),
            None,
            None,
            None,
            "8396967150",
        ],
        [None, None, None, None, 16500.0],
    ]
    _rows(sheet, rows)
    updates = book.create_sheet("updates")
    _rows(
        updates,
        [
            ["Updates"],
            ["Item ID", "Item Name", "Content Type", "User", "Created At", "Update Content", "Post ID"],
            ["8396967148", "Bramble renewal", "Update", "Ann Marsh", "18/June/2026 03:31:00 PM", "Sent", "900"],
        ],
    )


def _dynamics(book: Workbook, sheet: Worksheet) -> None:
    """The first three columns are hidden, and so is a sheet for validations; dates are real ones."""
    sheet.title = "All Opportunities"
    guard = "(Do Not Modify) "
    head: Row = [guard + "Opportunity", guard + "Row Checksum", guard + "Modified On", "Topic", "Potential Customer"]
    head += ["Est. close date", "Est. revenue", "Actual Close Date", "Actual Revenue", "Probability", "Pipeline Phase"]
    head += ["Status", "Status Reason", "Owner", "Created On"]
    rows: list[Row] = [
        head,
        [
            "6f1c0d52-0b1e-4b3a-9e52-0d5a7e5f1a01",
            "aGk=",
            datetime(2026, 2, 20, 16, 40),
            "Kestrel rollout",
            "Kestrel Labs",
            date(2026, 2, 28),
            11700.0,
            date(2026, 2, 20),
            11700.0,
            100,
            "Close",
            "Won",
            "Won",
            "Ann Marsh",
            datetime(2026, 1, 5, 9, 12),
        ],
        [
            "{6F1C0D52-0B1E-4B3A-9E52-0D5A7E5F1A02}",
            "aGl=",
            datetime(2026, 3, 2, 10, 5),
            "Orwell first order",
            "Orwell & Sons",
            date(2026, 3, 15),
            4800.0,
            date(2026, 3, 2),
            0.0,
            0,
            "Propose",
            "Lost",
            "Out-Sold",
            "Ben Okoro",
            datetime(2026, 1, 9, 11, 0),
        ],
        [
            "6f1c0d52-0b1e-4b3a-9e52-0d5a7e5f1a03",
            "aGm=",
            datetime(2026, 8, 1, 8, 0),
            "Bramble renewal",
            "Bramble Foods",
            date(2026, 9, 30),
            None,
            None,
            None,
            50,
            "Develop",
            "Open",
            "In Progress",
            "Ann Marsh",
            datetime(2026, 6, 18, 15, 31),
        ],
    ]
    _rows(sheet, rows)
    for letter in "ABC":
        sheet.column_dimensions[letter].hidden = True
    hidden = book.create_sheet("hiddenSheet")
    hidden.sheet_state = "veryHidden"
    _rows(hidden, [["Open", "Won", "Lost"], ["In Progress", "On Hold"]])


def _dynamics_calls(book: Workbook, sheet: Worksheet) -> None:
    sheet.title = "My Phone Calls"
    guard = "(Do Not Modify) "
    head: Row = [guard + "Phone Call", guard + "Row Checksum", guard + "Modified On", "Subject", "Regarding", "Due"]
    head += ["Recipient", "Assigned To", "Activity Status"]
    rows: list[Row] = [
        head,
        [
            "8f1c0d52-0b1e-4b3a-9e52-0d5a7e5f1a01",
            "aGk=",
            datetime(2026, 1, 15, 9, 20),
            "First call",
            "Kestrel rollout",
            datetime(2026, 1, 15, 9, 0),
            "Joe Fell",
            "Ann Marsh",
            "Completed",
        ],
    ]
    _rows(sheet, rows)


def _odoo_grouped(book: Workbook, sheet: Worksheet) -> None:
    """Two levels of groups, each a row in column A with sums and averages in the columns of the records."""
    sheet.title = "Sheet1"
    head: Row = ["Opportunity", "Salesperson", "Stage", "Expected Revenue", "Probability", "Created on", "Closed Date"]
    head += ["Expected Closing", "Customer", "Lost Reason", "Active"]
    rows: list[Row] = [
        head,
        ["Europe (3)", None, None, 16500.0, 50.0],
        ["    Ann Marsh (2)", None, None, 11700.0, 85.0],
        [
            "Kestrel rollout",
            "Ann Marsh",
            "Won",
            11700.0,
            100.0,
            datetime(2026, 1, 5, 9, 12),
            datetime(2026, 2, 20, 16, 40),
            date(2026, 2, 28),
            "Kestrel Labs",
            None,
            "TRUE",
        ],
        [
            "Bramble renewal (2)",
            "Ann Marsh",
            "Proposition",
            None,
            70.0,
            datetime(2026, 6, 18, 15, 31),
            None,
            date(2026, 9, 30),
            "Bramble Foods",
            None,
            "TRUE",
        ],
        ["    Ben Okoro (1)", None, None, 4800.0, 0.0],
        [
            "Orwell first order",
            "Ben Okoro",
            "Qualified",
            4800.0,
            0.0,
            datetime(2026, 1, 9, 11, 0),
            datetime(2026, 3, 2, 10, 5),
            date(2026, 3, 15),
            "Orwell & Sons",
            "Too expensive",
            "FALSE",
        ],
        ["Undefined (1)", None, None, 300.0, 10.0],
        ["    Undefined (1)", None, None, 300.0, 10.0],
        [
            "Tidewater pilot",
            None,
            "New",
            300.0,
            10.0,
            datetime(2026, 7, 1, 8, 0),
            None,
            None,
            "Tidewater",
            None,
            "TRUE",
        ],
    ]
    _rows(sheet, rows)


def _espo_titled(book: Workbook, sheet: Worksheet) -> None:
    """With its option “title”: the plural name, the time of the export, then the header with labels."""
    sheet.title = "Opportunities"
    head: Row = [
        "Name",
        "Account",
        "Stage",
        "Last Stage",
        "Amount",
        "Amount (converted)",
        "Probability, %",
        "Lead Source",
    ]
    head += ["Close Date", "Assigned User", "Created At", "Account . Website"]
    rows: list[Row] = [
        ["Opportunities"],
        [datetime(2026, 8, 9, 14, 0)],
        head,
        [
            "Kestrel rollout",
            "Kestrel Labs",
            "Closed Won",
            "Negotiation",
            11700.0,
            10100.0,
            100,
            "Web Site",
            date(2026, 2, 20),
            "Ann Marsh",
            datetime(2026, 1, 5, 9, 12),
            "kestrel.example",
        ],
        [
            "Orwell first order",
            "Orwell & Sons",
            "Closed Lost",
            "Proposal",
            4800.0,
            4150.0,
            0,
            "Partner",
            date(2026, 3, 2),
            "Ben Okoro",
            datetime(2026, 1, 9, 11, 0),
            None,
        ],
    ]
    _rows(sheet, rows)


def _crosstab_costs(book: Workbook, sheet: Worksheet) -> None:
    sheet.title = "Costs"
    rows: list[Row] = [
        ["Sales and marketing costs"],
        [],
        ["Category", "Channel", datetime(2026, 1, 1), datetime(2026, 2, 1), datetime(2026, 3, 1), "Total"],
        ["Marketing", "Google Ads", 1200.0, 1100.0, None, 2300.0],
        ["Marketing", "Events", None, 4000.0, 0.0, 4000.0],
        ["Total marketing", None, 1200.0, 5100.0, 0.0, 6300.0],
        ["Sales", None, 8000.0, 8000.0, 8200.0, 24200.0],
        ["Total", None, 9200.0, 13100.0, 8200.0, 30500.0],
    ]
    _rows(sheet, rows)


WORKBOOKS: dict[str, Callable[[Workbook, Worksheet], None]] = {
    "Opportunities by stage-2026-08-13-14-00-09.xlsx": _salesforce_formatted,
    "Deals_1754000000.xlsx": _monday,
    "All Opportunities 8-9-2026 2-00-00 PM.xlsx": _dynamics,
    "My Phone Calls 8-9-2026 2-00-00 PM.xlsx": _dynamics_calls,
    "Lead_Opportunity (crm.lead).xlsx": _odoo_grouped,
    "Opportunities_export.xlsx": _espo_titled,
    "budget.xlsx": _crosstab_costs,
}


def write(name: str, folder: Path) -> Path:
    """Write one of the workbooks into a folder and return its path."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    WORKBOOKS[name](book, sheet)
    book.save(folder / name)
    return folder / name
