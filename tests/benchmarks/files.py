"""Workspaces and export files of a made-up company, written once for all subjects."""

import csv
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from kpidesk.domain.importing import Choices
from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_DAY, Batch
from kpidesk.workspace import Workspace
from tests.benchmarks.company import STAGES, Company, Numbers, Table

NOW = datetime(2025, 9, 30, 18, tzinfo=UTC)
HEADER = (
    "Record ID",
    "Deal Name",
    "Deal Stage",
    "Pipeline",
    "Create Date",
    "Close Date",
    "Amount",
    "Currency",
    "Deal owner",
    "Original Source",
    "Segment",
    "Region",
    "Industry",
    "Product",
    "Deal Type",
)


def write_workspace(company: Company, path: Path) -> Path:
    """Write a workspace with all four tables, each as one import."""
    with Workspace.create(path, Settings(stages=STAGES), clock=lambda: NOW) as workspace:
        for entity in ("deals", "stage_history", "leads", "activities"):
            workspace._store.write(_batch(entity, getattr(company, entity)), imported_at=NOW, choices=Choices())
    return path


def _batch(entity: str, table: Table) -> Batch:
    keys = tuple(f"{entity}{number}" for number in range(table.rows))
    lines = np.arange(2, table.rows + 2, dtype=np.int32)
    frame = table.frame(entity)
    return Batch("hubspot", f"{entity}.csv", entity, None, "hubspot", frame, keys, lines, {}, (), ())


def _days(days: Numbers) -> list[str]:
    texts = np.datetime_as_string(np.where(days == BLANK_DAY, 0, days).astype("datetime64[D]"))
    return np.where(days == BLANK_DAY, "", texts).tolist()


def cells(company: Company) -> list[list[str]]:
    """Return the columns of an export of 15 columns, in the order of HEADER."""
    deals = company.deals
    status, stage = deals.texts["status"][0], deals.texts["stage"][0]
    stages = np.array([*STAGES, "Closed Won", "Closed Lost"], dtype=object)
    shown = np.where(status == 0, stage, len(STAGES) - 1 + status)
    amount = ["" if value != value else f"{value:.2f}" for value in deals.numbers["amount"].tolist()]

    def text(name: str) -> list[str]:
        codes, values = deals.texts[name]
        return np.array([*values, ""], dtype=object)[codes].tolist()

    names = ("owner", "source", "segment", "region", "industry", "product", "type")
    rows = deals.rows
    created = [f"{day} {9 + row % 9:02}:{row % 60:02}" for row, day in enumerate(_days(deals.days["created"]))]
    head = [text("deal_id"), text("name"), stages[shown].tolist(), ["Sales"] * rows]
    return [*head, created, _days(deals.days["closed"]), amount, text("currency"), *map(text, names)]


def write_csv(company: Company, path: Path) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(zip(*cells(company), strict=True))
    return path


def write_xlsx(company: Company, path: Path) -> Path:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("Deals")
    sheet.append(HEADER)
    for row in zip(*cells(company), strict=True):
        sheet.append(
            [float(cell) if place == HEADER.index("Amount") and cell else cell for place, cell in enumerate(row)]
        )
    book.save(path)
    return path


def write_newer(source: Path, path: Path) -> Path:
    """Write an export once more with another amount in one row of a hundred."""
    place = HEADER.index("Amount")
    with source.open(newline="", encoding="utf-8") as old, path.open("w", newline="", encoding="utf-8") as new:
        writer = csv.writer(new)
        for number, row in enumerate(csv.reader(old)):
            if number and number % 100 == 0:
                row[place] = f"{number}.25"
            writer.writerow(row)
    return path
