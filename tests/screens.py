"""Pictures of every screen, for human eyes: `python -m tests.screens [FOLDER]`. Pixels are not compared.

Fernhill Software is shown as the design shows it, on 11 September 2026, and beside each mock that is at hand stands our own.
"""

import csv
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from PySide6.QtGui import QImage, QPainter

from kpidesk.ui.pictures import save_pictures
from kpidesk.workspace import open_sample, sample_export

TODAY = date(2026, 9, 11)
MOCKS = Path(__file__).parents[1] / "../shared/design"
# Our picture -> the mock that it is to be like.
PAIRS = {
    "welcome-light-1440x900": "01-welcome-light",
    "welcome-dark-1440x900": "01-welcome-dark",
    "dashboard-light-1440x900": "02-dashboard-light",
    "dashboard-dark-1440x900": "02-dashboard-dark",
    "dashboard-light-1280x800": "02-dashboard-1280x800-light",
    "kpis-typing-light-1440x900": "03-kpi-editor-light",
    "kpis-typing-dark-1440x900": "03-kpi-editor-dark",
    "import-columns-light-1440x900": "07-import-light",
    "import-columns-dark-1440x900": "07-import-dark",
    "palette-light-1440x900": "09-command-palette-light",
    "palette-dark-1440x900": "09-command-palette-dark",
}
_GAP = 24
_COLUMNS = {
    "Deal Name": "Deal Name",
    "Record ID": "Record ID",
    "Deal Stage": "Deal Stage",
    "Amount": "Amount",
    "Create Date": "Create Date",
    "Close Date": "Close Date",
    "Deal owner": "Deal owner",
    "Original Source": "Original Traffic Source",
    "Last Activity Date": "Last Activity Date",
    "Pipeline": "Pipeline",
}
_DEALS, _NEW = 220, 14


def main(folder: Path) -> None:
    """Write the pictures into `folder`, and those beside a mock into its folder "beside"."""
    with TemporaryDirectory() as work:
        with open_sample(Path(work), TODAY) as workspace:
            path = workspace.path
        export = messy_export(Path(work))
        for picture in save_pictures(
            path, folder, export=export, clock=lambda: datetime(2026, 9, 11, 16, 0, tzinfo=UTC)
        ):
            mock = MOCKS / f"{PAIRS.get(picture.stem, '')}.png"
            written = beside(picture, mock, folder / "beside") if mock.is_file() else picture
            sys.stdout.write(f"{written}\n")


def messy_export(folder: Path) -> Path:
    """Write the newest deals of the sample as a hurried founder exports them, with the three kinds of trouble of the mock."""
    with sample_export(folder, TODAY).open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["test"] == "No"]
    rows = sorted(rows, key=lambda row: row["Create Date"])[-(_DEALS - _NEW) :]
    path = folder / f"hubspot-deals-{TODAY}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        told = [
            [row[column] for column in _COLUMNS.values()] for row in [*rows, *map(_again, rows[:_NEW], range(_NEW))]
        ]
        for line, cells in enumerate(told, start=2):
            deal = dict(zip(_COLUMNS, cells, strict=True))
            deal["Amount"] = {44: "TBC", 101: "9.8k?", 187: "see notes"}.get(
                line, f"£{float(deal['Amount'] or 0):,.2f}"
            )
            if line % 37 == 0:
                deal["Deal Stage"] = "Contract out"
            for name in ("Create Date", "Close Date", "Last Activity Date"):
                deal[name] = _written(deal[name], timed=name != "Close Date")
            writer.writerow(deal.values())
    return path


def _again(row: dict[str, str], number: int) -> dict[str, str]:
    """Return a deal as a new one, opened in the last days."""
    day = TODAY - timedelta(days=number % 7)
    return {
        **row,
        "Record ID": str(8_812_990_000 + number),
        "Deal Stage": "Qualified",
        "Create Date": f"{day} 09:{number:02}",
        "Close Date": "",
        "Last Activity Date": f"{day} 16:{number:02}",
    }


def _written(text: str, *, timed: bool) -> str:
    if not text:
        return ""
    moment = datetime.fromisoformat(text)
    return f"{moment:%d/%m/%Y %H:%M}" if timed else f"{moment:%d/%m/%Y}"


def beside(picture: Path, mock: Path, folder: Path) -> Path:
    """Write our picture with the mock on its right, and return where."""
    folder.mkdir(parents=True, exist_ok=True)
    ours, theirs = QImage(str(picture)), QImage(str(mock))
    both = QImage(ours.width() + _GAP + theirs.width(), max(ours.height(), theirs.height()), ours.format())
    both.fill(0xFF808080)
    painter = QPainter(both)
    painter.drawImage(0, 0, ours)
    painter.drawImage(ours.width() + _GAP, 0, theirs)
    painter.end()
    path = folder / picture.name
    if not both.save(str(path)):
        raise OSError(path)
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screens"))
