"""The sample company, made fresh and brought in through the real import."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from kpidesk.domain.goal import KeyResult
from kpidesk.domain.importing import Choices
from kpidesk.domain.kpi import Basis, Target
from kpidesk.domain.period import Grain, period_of
from kpidesk.domain.progress import SILENT, Progress
from kpidesk.domain.settings import Settings
from kpidesk.sample import generate
from kpidesk.workspace.workspace import Workspace

FILE_NAME = "Fernhill Software.kpidesk"
# What Fernhill's founder would have set: owner, target and the limit to off track, for seven KPIs.
_GOVERNED = {
    "lead_response_time": ("Dan Hughes", Target(2 / 24, 4 / 24)),
    "qualified_meetings_booked": ("Dan Hughes", Target(130.0, 110.0, cumulative=True)),
    "pipeline_coverage": (
        "Mia Lindqvist",
        Target(3.0, 2.5, basis=Basis.BENCHMARK, origin="A common rule of three times"),
    ),
    "win_rate": ("Priya Shah", Target(0.25, 0.2, basis=Basis.GOAL)),
    "sales_cycle_length": ("Priya Shah", Target(42.0, 50.0, basis=Basis.BASELINE, origin="Last year")),
    "average_deal_size": ("Tom Okafor", Target(9_500.0, 8_500.0)),
    "total_revenue": ("Mia Lindqvist", None),
}
_PAIRS = {
    "pipeline_coverage": ("total_revenue", 6),
    "lead_response_time": ("win_rate", 6),
    "qualified_meetings_booked": ("total_revenue", 5),
}
# What they add up to: goal, owner, and its key results as (KPI, from, to, weight); from None holds the target all quarter.
_GOALS: tuple[tuple[str, str, tuple[tuple[str, float | None, float, float], ...]], ...] = (
    (
        "Grow revenue to plan",
        "Mia Lindqvist",
        (
            ("total_revenue", 0.0, 240_000.0, 2.0),
            ("qualified_meetings_booked", 0.0, 130.0, 1.0),
            ("pipeline_coverage", None, 3.0, 1.0),
        ),
    ),
    (
        "Win more of our deals, and sooner",
        "Priya Shah",
        (("win_rate", 0.22, 0.25, 1.0), ("sales_cycle_length", 48.0, 42.0, 1.0)),
    ),
)
# Average deal size serves none, and is marked.
_SERVES = {kpi: name for name, _, results in _GOALS for kpi, *_ in results} | {"lead_response_time": _GOALS[1][0]}


def open_sample(folder: Path, today: date | None = None, progress: Progress = SILENT) -> Workspace:
    """Make the sample workspace in `folder`, replacing an earlier one, with 24 months that end on `today`."""
    end = today or datetime.now(UTC).date()
    path = folder / FILE_NAME
    partial = folder / f".{FILE_NAME}.part"
    folder.mkdir(parents=True, exist_ok=True)
    partial.unlink(missing_ok=True)
    settings = Settings(name="Fernhill Software", currency="GBP", as_of=end, customer_lifespan_years=3.0, sample=True)
    with Workspace.create(partial, settings) as workspace, TemporaryDirectory() as exports:
        files = generate(Path(exports), end=end)
        for number, file in enumerate(files):
            progress.report(f"Importing {file.path.name}", number, len(files))
            workspace.commit(workspace.read(file.path, Choices(entity=file.entity)))
        _govern(workspace)
    partial.replace(path)
    return Workspace.open(path)


def sample_export(folder: Path, today: date | None = None) -> Path:
    """Write the deals of the sample company into `folder` as a CRM would export them; return the file."""
    files = generate(folder, end=today or datetime.now(UTC).date())
    return next(file.path for file in files if file.entity == "deals")


def _govern(workspace: Workspace) -> None:
    """Put owners, targets and pairs on the KPIs of the sample's dashboard, take the others off, and set the goals they serve."""
    for kpi in workspace.catalog:
        if kpi.id in _GOVERNED:
            owner, target = _GOVERNED[kpi.id]
            pair, lag = _PAIRS.get(kpi.id, (None, None))
            place = list(_GOVERNED).index(kpi.id) + 1
            workspace.define(
                replace(
                    kpi,
                    owner=owner,
                    target=target,
                    pair=pair,
                    lag_weeks=lag,
                    active=True,
                    position=place,
                    goal=_SERVES.get(kpi.id, ""),
                )
            )
        elif kpi.active:
            workspace.define(replace(kpi, active=False))
    quarter = period_of(workspace.as_of, Grain.QUARTER, workspace.settings.calendar)
    for name, owner, results in _GOALS:
        aims = tuple(KeyResult(kpi, to, start, weight) for kpi, start, to, weight in results)
        workspace.goals.define(replace(workspace.goals.blank(quarter.start), name=name, owner=owner, results=aims))
