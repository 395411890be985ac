"""python -m tests.benchmarks [--quick] [--only kpis,columns,dashboard,import,xlsx] [--no-memory]

Prints, for companies of 10,000, 100,000 and 1,000,000 deals, what the work costs us and others in the same run. The ratio says how
many times as much CPU a subject took as ours did. `--quick` does the smallest company only, once. A wrong answer ends the run.
"""

import argparse
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks import file_subjects, files, kpi_set, kpi_subjects
from tests.benchmarks.company import made
from tests.benchmarks.measuring import Cost, Subject, costs, peak_mb

SIZES = (10_000, 100_000, 1_000_000)
PARTS = ("kpis", "columns", "dashboard", "import", "xlsx")
_XLSX_TO = 100_000  # writing a workbook of a million rows takes longer than all the rest
_Make = Callable[..., Sequence[Subject]]


@dataclass(frozen=True)
class Part:
    """One kind of work. `make` with `arguments` gives the same subjects in a process of their own, for their memory."""

    title: str
    subjects: Sequence[Subject]
    rounds: int
    make: _Make | None = None
    arguments: tuple[Any, ...] = ()
    oracle: bool = False
    outside: tuple[str, ...] = ("sqlite3 .import",)  # works in a process whose memory is not ours to read


def parts(deals: int, folder: Path, wanted: Sequence[str]) -> Iterator[Part]:
    """Yield the work for a company of so many deals."""
    company = made(deals)
    many, once = (3, 1) if deals >= SIZES[-1] else (7, 2)
    if "kpis" in wanted:
        every, one = kpi_subjects.subjects(company), kpi_subjects.subjects(company, kpi_set.FILTERED, raw=False)
        yield Part("KPI set", every, many, kpi_subjects.subjects, (deals,), oracle=True)
        yield Part("KPI set, a changed filter", one, many, oracle=True)
    if "columns" in wanted or "dashboard" in wanted:
        path = files.write_workspace(company, folder / f"{deals}.kpidesk")
        if "columns" in wanted:
            yield Part("7 columns loaded", file_subjects.columns(path), many, file_subjects.columns, (path,))
        if "dashboard" in wanted:
            yield Part("Dashboard", file_subjects.dashboards(path), once, file_subjects.dashboards, (path,))
    if "import" in wanted:
        source = files.write_csv(company, folder / f"{deals}.csv")
        yield Part(
            "CSV to workspace", file_subjects.imports(source, folder), 1, file_subjects.imports, (source, folder)
        )
        print(f"{deals:9,}  A cancel waits {file_subjects.cancel_seconds(source, folder):.2f} s at worst")
    if "xlsx" in wanted and deals <= _XLSX_TO:
        source = files.write_xlsx(company, folder / f"{deals}.xlsx")
        yield Part("XLSX read", file_subjects.spreadsheets(source), 1, file_subjects.spreadsheets, (source,))


def run(sizes: Sequence[int], wanted: Sequence[str], *, memory: bool, once: bool = False) -> None:
    """Measure and print."""
    print(
        f"{'deals':>9}  {'work':26} {'subject':24} {'CPU s':>8} {'wall s':>8} {'ratio':>7} {'µs/deal':>8} {'peak MB':>8}"
    )
    with tempfile.TemporaryDirectory() as folder:
        for deals in sizes:
            for part in parts(deals, Path(folder), wanted):
                _report(part, deals, memory=memory, rounds=1 if once else part.rounds)


def _report(part: Part, deals: int, *, memory: bool, rounds: int) -> None:
    found, answers = costs(part.subjects, rounds)
    if part.oracle:
        said = kpi_subjects.as_grids(answers)
        for name, grids in said.items():
            wrong = kpi_set.differing(said["KPIDesk"], grids)
            if wrong:
                raise SystemExit(f"KPIDesk and {name} differ in {', '.join(wrong)}.")
    ours = next(iter(found.values()))
    for name, cost in found.items():
        peak = None
        if memory and part.make is not None and name not in part.outside:
            peak = peak_mb(part.make, part.arguments, name)
        print(_line(deals, part.title, name, cost, ours, peak), flush=True)


def _line(deals: int, title: str, name: str, cost: Cost, ours: Cost, peak: float | None) -> str:
    ratio = f"{cost.cpu / ours.cpu:7.2f}" if ours.cpu else f"{'':7}"
    numbers = f"{cost.cpu:8.3f} {cost.wall:8.3f} {ratio} {cost.cpu / deals * 1e6:8.2f}"
    return f"{deals:9,}  {title:26} {name:24} {numbers} {'' if peak is None else f'{peak:8.0f}'}".rstrip()


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the smallest company only, once")
    parser.add_argument("--only", default=",".join(PARTS), help="which kinds of work, separated by commas")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="how many deals, separated by commas")
    parser.add_argument("--no-memory", action="store_true", help="leave out peak memory, which takes a process each")
    chosen = parser.parse_args(arguments)
    sizes = SIZES[:1] if chosen.quick else tuple(map(int, chosen.sizes.split(",")))
    run(sizes, chosen.only.split(","), memory=not chosen.no_memory and not chosen.quick, once=chosen.quick)


if __name__ == "__main__":
    main()
