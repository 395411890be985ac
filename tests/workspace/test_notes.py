"""Notes on a KPI and a day: kept, shown where they belong, forgotten and brought back."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kpidesk.domain.period import Grain
from kpidesk.domain.problem import KpideskError
from kpidesk.workspace import Workspace

NOW = datetime(2026, 8, 25, 12, tzinfo=UTC)
DEALS = "Deal ID,Name,Status,Created,Closed,Amount\n" + "".join(
    f"{n},Deal {n},{'won' if n % 3 else 'lost'},2026-0{n % 8 + 1}-02,2026-0{n % 8 + 1}-20,{n * 100}\n"
    for n in range(1, 61)
)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    path = tmp_path / "deals.csv"
    path.write_text(DEALS, encoding="utf-8")
    with Workspace.create(tmp_path / "w.kpidesk", clock=lambda: NOW) as one:
        one.commit(one.read(path))
        yield one


def test_notes_are_kept_by_kpi_and_day(workspace: Workspace) -> None:
    late = workspace.notes.add("win_rate", date(2026, 8, 3), "  New\tprice   list ")
    early = workspace.notes.add("win_rate", date(2026, 5, 1), "Two people left")
    workspace.notes.add("total_revenue", date(2026, 6, 1), "Elsewhere")
    workspace.set("currency", "EUR")
    with Workspace.open(workspace.path, read_only=True) as again:
        assert again.notes.of("win_rate") == (early, late)
    assert late.text == "New price list"
    workspace.notes.remove(early)
    assert workspace.notes.of("win_rate") == (late,)
    workspace.notes.put_back(early)
    assert workspace.notes.of("win_rate") == (early, late)


@pytest.mark.parametrize(("kpi", "text"), [("win_rate", "  "), ("win_rate", "x" * 241), ("nothing", "x")])
def test_a_note_without_a_meaning_is_refused(workspace: Workspace, kpi: str, text: str) -> None:
    with pytest.raises(KpideskError):
        workspace.notes.add(kpi, date(2026, 8, 3), text)
    assert workspace.notes.of("win_rate") == ()


def test_notes_are_told_at_their_period(workspace: Workspace) -> None:
    workspace.notes.add("win_rate", date(2026, 7, 31), "Price list")
    workspace.notes.add("win_rate", date(2026, 7, 1), "New team")
    page = workspace.kpi_page("win_rate", Grain.MONTH)
    place = next(place for place, row in enumerate(page.history) if row.label == "Jul 2026")
    told = [(one.place, one.words, one.definition) for one in page.marks]
    assert told == [(place, "Note of 1 Jul: New team", False), (place, "Note of 31 Jul: Price list", False)]
    assert [note.text for note in page.notes] == ["New team", "Price list"]
