"""The KPI set in pandas, on categories and integer months."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tests.benchmarks.company import DIMENSIONS, EARLIER, STAGES, Company, Numbers, month_of
from tests.benchmarks.kpi_set import ALL_MONTHS, Grids, dense


@dataclass(frozen=True)
class Frames:
    deals: pd.DataFrame
    stays: pd.DataFrame


def prepared(company: Company) -> Frames:
    deals, stays = company.deals, company.stage_history
    columns: dict[str, Any] = {name: pd.Categorical.from_codes(*deals.texts[name]) for name in ("status", *DIMENSIONS)}
    columns |= {f"{name}_month": month_of(days) for name, days in deals.days.items()}
    days = (stays.days["exited"].astype(np.int64) - stays.days["entered"]).astype(np.float64)
    stay = {"deal": stays.texts["deal_id"][0], "stage": stays.texts["stage"][0], "days": days}
    return Frames(
        pd.DataFrame({"amount": deals.numbers["amount"], **columns}),
        pd.DataFrame({**stay, "exit_month": month_of(stays.days["exited"])}),
    )


def ask(frames: Frames, owner: str | None = None) -> dict[str, Any]:
    deals, stays = frames.deals, frames.stays
    if owner is not None:
        deals = deals[deals["owner"] == owner]
        stays = stays[stays["deal"].isin(deals.index)]
    how: dict[str, Any] = {"observed": True, "dropna": False, "sort": False}
    won = deals[deals["status"] == "won"]
    found: dict[str, Any] = {}
    for name in DIMENSIONS:
        found[f"created {name}"] = deals.groupby(["created_month", name], **how)["amount"].size()
        found[f"won {name}"] = won.groupby(["closed_month", name], **how)["amount"].agg(["size", "sum"])
    over = stays[stays["exit_month"] >= 0]
    found["stages"] = over.groupby(["exit_month", "stage"], sort=False)["days"].mean()
    opened = deals.groupby("created_month")["amount"].agg(["size", "sum"])
    left = deals[deals["closed_month"] >= 0].groupby("closed_month")["amount"].agg(["size", "sum"])
    found["snapshots"] = opened.sub(left, fill_value=0).reindex(range(ALL_MONTHS), fill_value=0).cumsum()
    far = stays.groupby("deal", sort=False)["stage"].max().reindex(deals.index)
    is_won = deals["status"] == "won"
    steps = {f"{step}": is_won | (far >= step) for step in range(1, len(STAGES))}
    whole = pd.DataFrame({"all": True, **steps, "won": is_won, "month": deals["created_month"]})
    found["funnel"] = whole.groupby("month").sum()
    return found


def grids(found: dict[str, Any]) -> Grids:
    done: Grids = {}
    for name, size in DIMENSIONS.items():
        made, won = found[f"created {name}"], found[f"won {name}"]
        done[f"created by {name}"] = dense(*_groups(made, size), made, size + 1)
        for kpi, column in (("won", "size"), ("revenue", "sum")):
            done[f"{kpi} by {name}"] = dense(*_groups(won, size), won[column], size + 1)
    stages = found["stages"].reset_index()
    done["days in stage"] = dense(stages["exit_month"], stages["stage"], stages["days"], len(STAGES))
    done["snapshots"] = found["snapshots"].to_numpy()
    done["funnel"] = found["funnel"].reindex(range(ALL_MONTHS), fill_value=0).to_numpy()[EARLIER:].astype(float)
    return done


def _groups(groups: Any, size: int) -> tuple[Numbers, Numbers]:
    months, values = groups.index.get_level_values(0), groups.index.get_level_values(1)
    return np.asarray(months), np.array(
        [int(one.rsplit(" ", 1)[1]) - 1 if isinstance(one, str) else size for one in values]
    )
