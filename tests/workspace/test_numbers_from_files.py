"""From files to numbers: what a user imports is what the loops over the same rows say."""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kpidesk.domain.importing import Choices
from kpidesk.domain.period import Grain
from kpidesk.domain.query import Query
from kpidesk.domain.settings import Settings
from kpidesk.workspace import Workspace
from tests.metrics.loops.catalogue import kpi
from tests.metrics.loops.draws import FIRST, SETTINGS, TABLES
from tests.metrics.loops.windows import Window
from tests.metrics.loops.world import World
from tests.metrics.test_against_loops import assert_same

AS_OF = date(2025, 5, 20)
NAMED = ("deals", "leads", "activities", "customers", "fx")  # tables whose rows have an id, and the rates they need


def put(workspace: Workspace, entity: str, rows: Sequence[Mapping[str, Any]], folder: Path) -> None:
    file = folder / f"{entity} {len(workspace.imports())}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    report = workspace.commit(workspace.read(file, Choices(entity=entity)))
    assert report.effect.held == 0, workspace.held_rows(report.batch_id or 0)


def made(folder: Path, setup: Settings) -> Workspace:
    return Workspace.create(folder / "w.kpidesk", setup, lambda: datetime(2025, 5, 20, 12, tzinfo=UTC))


@given(TABLES, SETTINGS, st.sampled_from(list(Grain)))
@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_imported_files_give_the_numbers_of_their_rows(tables: Any, setup: Settings, grain: Grain) -> None:
    chosen = {name: tables[name] for name in NAMED}
    with tempfile.TemporaryDirectory() as folder, made(Path(folder), setup) as workspace:
        for name, rows in chosen.items():
            if rows:
                put(workspace, name, rows, Path(folder))
        world = World(chosen, setup, AS_OF)
        names = tuple(one.id for one in workspace.catalog)
        result = workspace.query(Query(names, grain, FIRST, FIRST + timedelta(days=250), AS_OF))
        for series in result:
            for period, point in zip(result.periods, series.points, strict=True):
                window = Window(period.start, period.end, grain.value)
                assert_same(point, kpi(series.kpi)(world, window), window, AS_OF, (series.kpi, None))


def month_of(workspace: Workspace, what: str, first: date) -> Any:
    query = Query((what,), Grain.MONTH, first, first, AS_OF)
    return workspace.query(query).total(what).points[0]


def test_a_reopened_deal_leaves_its_month_and_the_month_says_so(tmp_path: Path) -> None:
    """D1 was won in February for £100; the next file has it open again, and one of £40 moved from March to April."""
    won = {"deal_id": "D1", "status": "won", "created": "2025-01-05", "closed": "2025-02-10", "amount": 100}
    moved = {"deal_id": "D2", "status": "won", "created": "2025-01-05", "closed": "2025-03-31", "amount": 40}
    kept = {"deal_id": "D3", "status": "won", "created": "2025-01-05", "closed": "2025-02-11", "amount": 7}
    with made(tmp_path, Settings()) as workspace:
        put(workspace, "deals", [won, moved, kept], tmp_path)
        february, march, april = (date(2025, number, 1) for number in (2, 3, 4))
        assert month_of(workspace, "total_revenue", february).value == 107
        assert month_of(workspace, "total_revenue", february).flags == ()
        later = [{**won, "status": "open"}, {**moved, "closed": "2025-04-02"}]
        put(workspace, "deals", later, tmp_path)
        after = {day: month_of(workspace, "total_revenue", day) for day in (february, march, april)}
        assert [point.value for point in after.values()] == [7, 0, 40]
        assert ["restated" in point.flags for point in after.values()] == [True, True, False]
        assert "restated" in month_of(workspace, "win_rate", february).flags
        assert "restated" in month_of(workspace, "monthly_sales_growth", april).flags  # against a March that changed
        assert "restated" not in month_of(workspace, "pipeline_created", february).flags
        workspace.undo(workspace.imports()[0].id)
        point = month_of(workspace, "total_revenue", february)
        assert (point.value, point.flags) == (107, ())
        put(workspace, "deals", later, tmp_path)
        put(workspace, "deals", [{**kept, "amount": 8}], tmp_path)
        assert month_of(workspace, "total_revenue", february).flags == ()  # since the last import nothing left
