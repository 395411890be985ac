"""Who reads and writes files: columns out of a workspace, imports into one, spreadsheets, and the dashboard from both ends."""

import csv
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd

from kpidesk.domain.period import Grain
from kpidesk.domain.progress import Progress
from kpidesk.domain.query import Filter, Query
from kpidesk.ingest.readers import read_table
from kpidesk.store import Store
from kpidesk.workspace import Workspace
from tests.benchmarks.company import AS_OF
from tests.benchmarks.files import HEADER, NOW, write_newer
from tests.benchmarks.kpi_set import FILTERED
from tests.benchmarks.measuring import Subject

SEVEN = ("status", "stage", "created", "closed", "amount", "owner", "source")


def columns(path: Path) -> list[Subject]:
    """Seven columns of all deals into memory, from the same file. The scan in C adds them up and keeps nothing."""
    scanned = ", ".join(f"count({name})" for name in SEVEN if name != "amount")
    kept = ", ".join(SEVEN)

    def ours(store: Store) -> int:
        return len(list(store.frame("deals", SEVEN).columns.values()))  # read when asked for

    def scan(con: sqlite3.Connection) -> int:
        return int(con.execute(f"SELECT count(*), sum(amount), {scanned} FROM deals").fetchone()[0])

    def read(con: sqlite3.Connection) -> int:
        return len(pd.read_sql(f"SELECT {kept} FROM deals", con))

    return [
        Subject("KPIDesk", lambda: Store.open(path, read_only=True), ours),
        Subject("row scan in C", lambda: sqlite3.connect(path), scan),
        Subject("pandas.read_sql", lambda: sqlite3.connect(path), read),
    ]


def dashboards(path: Path) -> list[Subject]:
    """The dashboard of a workspace: from the file, again, and every KPI that has owners for one owner only."""

    def opened() -> Workspace:
        return Workspace.open(path, read_only=True, clock=lambda: NOW)

    def warm() -> Workspace:
        workspace = opened()
        workspace.dashboard(Grain.MONTH)
        return workspace

    def cold(_: None) -> int:
        with opened() as workspace:
            return len(workspace.dashboard(Grain.MONTH).cards)

    def again(workspace: Workspace) -> int:
        return len(workspace.dashboard(Grain.MONTH).cards)

    def filtered(workspace: Workspace) -> int:
        kpis = tuple(kpi.id for kpi in workspace.catalog.active if "owner" in workspace.checked(kpi.id).dimensions)
        query = Query(kpis, Grain.MONTH, date(2023, 8, 1), AS_OF, where=(Filter("owner", FILTERED),))
        return len(workspace.query(query).series)

    def by_owner(workspace: Workspace) -> int:
        kpis = tuple(kpi.id for kpi in workspace.catalog.active if "owner" in workspace.checked(kpi.id).dimensions)
        return len(workspace.query(Query(kpis, Grain.MONTH, date(2023, 8, 1), AS_OF, by="owner")).series)

    return [
        Subject("from the file", lambda: None, cold, again=True),
        Subject("again", warm, again),
        Subject("a changed filter", warm, filtered, again=True),
        Subject("split by 20 owners", warm, by_owner, again=True),
    ]


def imports(source: Path, folder: Path) -> list[Subject]:
    """An export of 15 columns into a new file: ours typed and committed, the others as text."""

    def fresh(name: str) -> Any:
        def clean() -> Path:
            path = folder / name
            path.unlink(missing_ok=True)
            return path

        return clean

    def ours(path: Path) -> int:
        with Workspace.create(path, clock=lambda: NOW) as workspace:
            return workspace.commit(workspace.read(source)).effect.added

    def shell(path: Path) -> int:
        commands = f".mode csv\n.import {source} deals\nSELECT count(*) FROM deals;\n"
        done = subprocess.run(["sqlite3", path], input=commands, capture_output=True, text=True, check=True)
        return int(done.stdout)

    def module(path: Path) -> int:
        with closing(sqlite3.connect(path)) as con, source.open(newline="", encoding="utf-8") as file, con:
            rows = csv.reader(file)
            names = ", ".join(f'"{name}"' for name in next(rows))
            con.execute(f"CREATE TABLE deals ({names})")
            return con.executemany(f"INSERT INTO deals VALUES ({', '.join('?' * len(HEADER))})", rows).rowcount

    def imported() -> Path:
        path = fresh("again.kpidesk")()
        ours(path)
        return path

    def changed(path: Path) -> int:
        with Workspace.open(path, clock=lambda: NOW) as workspace:
            return workspace.commit(workspace.read(newer)).effect.updated

    newer = write_newer(source, folder / f"newer-{source.name}")
    found = [
        Subject("KPIDesk", fresh("ours.kpidesk"), ours, again=True),
        Subject("KPIDesk, 1 % changed", imported, changed, again=True),
    ]
    if shutil.which("sqlite3"):
        found.append(Subject("sqlite3 .import", fresh("shell.db"), shell, again=True))
    return [*found, Subject("csv and executemany", fresh("module.db"), module, again=True)]


def spreadsheets(source: Path) -> list[Subject]:
    """A workbook into memory: ours as columns of a recognised header, the other as rows."""

    def plain(path: Path) -> int:
        from python_calamine import CalamineWorkbook

        return len(CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()) - 1

    def arrow(path: Path) -> int:
        import fastexcel

        return fastexcel.read_excel(path).load_sheet(0, header_row=0).height

    peers = [Subject("python-calamine", lambda: source, plain)]
    if find_spec("fastexcel") is not None:
        peers.append(Subject("fastexcel", lambda: source, arrow))
    return [Subject("KPIDesk", lambda: source, lambda path: read_table(path).rows), *peers]


def cancel_seconds(source: Path, folder: Path) -> float:
    """Return the longest time between two reports of an import: so long a cancel waits at worst."""

    def run(path: Path, progress: Progress) -> None:
        path.unlink(missing_ok=True)
        with Workspace.create(path, clock=lambda: NOW) as workspace:
            workspace.commit(workspace.read(source, progress=progress), progress)

    gaps: list[float] = []
    last = perf_counter()

    def listen(*_: object) -> None:
        nonlocal last
        now = perf_counter()
        gaps.append(now - last)
        last = now

    run(folder / "cancelled.kpidesk", Progress(listen))
    return max(gaps)
