"""Settings, definitions and what imports taught come back as they were saved."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from kpidesk.domain.change import Change
from kpidesk.domain.importing import Choices, DateOrder
from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi, Target
from kpidesk.domain.period import Grain
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.store import Store, values
from tests.store.batches import NOW, batch, deal, new, put

_TEXT = st.text(max_size=6)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
_TARGETS = st.builds(Target, _NUMBER, st.none() | _NUMBER, st.sampled_from(Grain), st.booleans())
_KPIS = st.builds(
    Kpi,
    id=_TEXT,
    name=_TEXT,
    formula=_TEXT,
    display=st.sampled_from(Display),
    direction=st.sampled_from(Direction),
    kind=st.sampled_from(Kind),
    funnel=st.sampled_from(Funnel),
    cadence=st.sampled_from(Grain),
    question=_TEXT,
    owner=_TEXT,
    target=st.none() | _TARGETS,
    target_from=st.none() | _TEXT,
    pair=st.none() | _TEXT,
    lag_weeks=st.none() | st.integers(0, 99),
    active=st.booleans(),
    position=st.integers(0, 99),
)
_SETTINGS = st.builds(
    Settings,
    name=_TEXT,
    as_of=st.none() | st.dates(),
    data_from=st.none() | st.dates(),
    stages=st.lists(_TEXT).map(tuple),
    excluded_lost_reasons=st.lists(_TEXT).map(tuple),
    customer_lifespan_years=st.none() | _NUMBER,
    holidays=st.lists(st.dates()).map(tuple),
    fiscal_start=st.integers(1, 12),
    sample=st.booleans(),
)
_CHOICES = st.builds(
    Choices,
    entity=st.none() | _TEXT,
    profile=st.none() | _TEXT,
    sheet=st.none() | _TEXT,
    header_line=st.none() | st.integers(1, 99),
    mapping=st.dictionaries(_TEXT, _TEXT, max_size=3),
    values=st.dictionaries(st.tuples(_TEXT, _TEXT), _TEXT, max_size=3),
    stage_status=st.dictionaries(_TEXT, st.sampled_from(["open", "won", "lost"]), max_size=3),
    date_order=st.none() | st.sampled_from(DateOrder),
    decimal=st.sampled_from([None, ".", ","]),
)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = new(tmp_path / "w.kpidesk")
    yield made
    made.close()


@profile(max_examples=50)
@given(kpi=_KPIS, settings=_SETTINGS, choices=_CHOICES)
def test_text_and_back_is_the_same(kpi: Kpi, settings: Settings, choices: Choices) -> None:
    assert values.kpi_from(values.kpi_text(kpi)) == kpi
    assert values.settings_from(dict(values.settings_rows(settings))) == settings
    assert values.choices_from(values.choices_text(choices)) == replace(choices, remember=True)


def test_settings_are_kept(store: Store) -> None:
    path, settings = (
        store.path,
        Settings(name="Größe", as_of=date(2026, 6, 30), stages=("Demo",), revenue_source="transactions"),
    )
    assert store.save_settings(settings) == Change.SETTINGS
    store.close()
    again = Store.open(path)
    assert again.settings() == settings
    again.close()


def test_a_setting_that_the_file_has_not_yet_has_its_default(store: Store) -> None:
    store._db.run("DELETE FROM settings WHERE name = 'currency'")
    assert store.settings() == Settings()


def test_every_field_of_a_definition_is_kept(tmp_path: Path) -> None:
    catalogue = load_catalogue()
    store = Store.create(tmp_path / "w.kpidesk", Settings(), catalogue)
    found = store.definitions()
    assert [replace(kpi, uuid="") for kpi in found] == [replace(kpi, uuid="") for kpi in catalogue]
    assert len({kpi.uuid for kpi in found}) == len(catalogue)
    store.close()


def test_a_changed_definition_keeps_its_place_and_its_past(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "w.kpidesk", Settings(), load_catalogue())
    first, *rest = store.definitions()
    started = datetime.now(UTC) - timedelta(seconds=1)
    changed = replace(
        first, name="Other", target=Target(0.5, None, Grain.MONTH, cumulative=True), revision=77, uuid="another"
    )
    assert store.save_definition(changed) == Change.DEFINITIONS
    assert store.definitions() == (replace(changed, revision=2, uuid=first.uuid), *rest)
    assert store.save_definition(first) == Change.DEFINITIONS
    assert store.definitions()[0] == replace(first, revision=3)
    kept = store._db.rows(
        "SELECT revision, uuid, changed_at, body FROM definitions WHERE kpi = ? ORDER BY revision", (first.id,)
    )
    assert [(revision, uuid) for revision, uuid, _, _ in kept] == [(number, first.uuid) for number in (1, 2, 3)]
    assert values.kpi_from(kept[0][3]) == first
    assert started <= datetime.fromisoformat(kept[2][2]) <= datetime.now(UTC)
    store.close()


def test_a_new_definition_comes_last(store: Store) -> None:
    made = load_catalogue()
    for kpi in (made[3], made[1]):
        store.save_definition(kpi)
    assert [kpi.id for kpi in store.definitions()] == [made[3].id, made[1].id]


def test_a_definition_with_fields_of_another_version_can_be_read() -> None:
    kpi = load_catalogue()[0]
    text = values.kpi_text(kpi).replace('"lag_weeks": null, ', "").replace('"id":', '"unheard": 1, "id":')
    assert "unheard" in text
    assert "lag_weeks" not in text
    assert values.kpi_from(text) == kpi


def test_choices_are_remembered_by_layout(store: Store) -> None:
    choices = Choices(
        mapping={"amount": "Wert"}, values={("stage", "Out"): "Negotiation"}, stage_status={"Signed": "won"}
    )
    store.remember("layout", Choices())
    store.remember("layout", choices)
    assert store.recall("layout") == choices
    assert store.recall("other") is None


def test_the_meaning_of_stages_is_learnt_from_standing_imports(store: Store) -> None:
    put(store, batch([deal(1)]), Choices(stage_status={"Signed": "won", "Parked": "open"}))
    number = put(store, batch([deal(2)], "b.csv"), Choices(stage_status={"Parked": "lost"}))
    assert store.stage_status() == {"Signed": "won", "Parked": "lost"}
    store.undo(number, undone_at=NOW)
    assert store.stage_status() == {"Signed": "won", "Parked": "open"}


def _history(*deals: list[str]) -> list[dict[str, Any]]:
    return [
        {"key": f"{number}-{day}", "deal_id": str(number), "stage": stage, "entered": f"2026-01-{day + 1:02d}"}
        for number, stages in enumerate(deals)
        for day, stage in enumerate(stages)
    ]


def test_without_a_history_stages_come_in_the_order_of_the_deals(store: Store) -> None:
    assert store.stage_order() == ()
    put(store, batch([deal(1)], stage_order=("Demo", "Proposal")))
    put(store, batch([deal(2)], "b.csv", stage_order=("New", "Demo")))
    assert store.stage_order() == ("Demo", "Proposal", "New")


def test_a_history_tells_the_order_of_the_open_stages(store: Store) -> None:
    rows = _history(
        ["New", "Demo", "Proposal", "Closed Won"], ["New", "Proposal", "Signed"], ["New", "Demo", "Closed lost"]
    )
    put(store, batch(rows[::-1], entity="stage_history", key="key"))
    assert store.stage_order() == ("New", "Demo", "Proposal", "Signed")
    put(store, batch([deal(1)], stage_order=("Demo",)), Choices(stage_status={"signed ": "won"}))
    assert store.stage_order() == ("New", "Demo", "Proposal")


def test_a_stage_that_deals_show_as_open_is_open_whatever_its_name(store: Store) -> None:
    put(store, batch(_history(["Lost and found", "Demo"]), entity="stage_history", key="key"))
    assert store.stage_order() == ("Demo",)
    put(store, batch([deal(1)], stage_order=("Lost and found",)))
    assert store.stage_order() == ("Lost and found", "Demo")


def test_every_choice_but_remembering_is_kept() -> None:
    # A new choice has to be added to the text that keeps it.
    kept = values.choices_text(Choices())
    assert all(f'"{field.name}"' in kept for field in fields(Choices) if field.name != "remember")
