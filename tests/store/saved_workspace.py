"""Saves a workspace of this version into `tests/data/workspaces`, once for every version of the schema.

Run as `python -m tests.store.saved_workspace`; a file that is there already is never replaced.
"""

from pathlib import Path

from kpidesk.domain.importing import Choices
from kpidesk.domain.settings import Settings
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.frame import Batch
from kpidesk.store import Store
from kpidesk.store.schema import VERSION
from tests.store.batches import NOW, batch, deal, held, put

FOLDER = Path(__file__).parents[1] / "data" / "workspaces"


def first_file() -> Batch:
    return batch(
        [deal(1, 10.0, stage="Signed"), deal(2, 20.0, stage="Demo")],
        "deals.csv",
        extras={"Hobby": ["chess", None]},
        held=(held(4, Close="soon"),),
        stage_order=("Proposal", "Demo"),
    )


def save(path: Path) -> None:
    store = Store.create(path, Settings(name="Saved", currency="EUR"), load_catalogue())
    put(store, first_file(), Choices(stage_status={"Signed": "won"}))
    put(store, batch([deal(2, 25.5), deal(3, None)], "newer.csv"))
    wrong = put(store, batch([deal(1, 0.0), deal(9, 9.0)], "wrong.csv"))
    store.undo(wrong, undone_at=NOW)
    stays = [
        {"key": "1", "deal_id": "1", "stage": "Demo", "entered": "2026-01-02"},
        {"key": "2", "deal_id": "1", "stage": "Proposal", "entered": "2026-01-05"},
        {"key": "3", "deal_id": "1", "stage": "Signed", "entered": "2026-02-03"},
    ]
    put(store, batch(stays, "history.csv", entity="stage_history", key="key"))
    store.close()


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    target = FOLDER / f"v{VERSION}.kpidesk"
    if not target.exists():
        save(target)
