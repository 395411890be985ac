"""The KPI set in Polars: lazy, on enums and integer months, all plans collected at once."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tests.benchmarks.company import DIMENSIONS, EARLIER, STAGES, Company, Numbers, Table, month_of
from tests.benchmarks.kpi_set import ALL_MONTHS, Grids, dense


@dataclass(frozen=True)
class Frames:
    deals: pl.DataFrame
    stays: pl.DataFrame


def _text(table: Table, name: str) -> pl.Series:
    codes, values = table.texts[name]
    texts = pl.Series(values, dtype=pl.Enum(values))
    return texts.gather(pl.Series(codes).replace({-1: None}).cast(pl.UInt32))


def prepared(company: Company) -> Frames:
    deals, stays = company.deals, company.stage_history
    columns: dict[str, Any] = {name: _text(deals, name) for name in ("status", *DIMENSIONS)}
    columns |= {f"{name}_month": month_of(days) for name, days in deals.days.items()}
    days = (stays.days["exited"].astype(np.int64) - stays.days["entered"]).astype(np.float64)
    stay = {"deal": stays.texts["deal_id"][0], "stage": stays.texts["stage"][0].astype(np.int8), "days": days}
    amount = pl.Series(deals.numbers["amount"], nan_to_null=True)
    return Frames(
        pl.DataFrame({"deal": deals.texts["deal_id"][0], "amount": amount, **columns}),
        pl.DataFrame({**stay, "exit_month": month_of(stays.days["exited"])}),
    )


def ask(frames: Frames, owner: str | None = None) -> dict[str, pl.DataFrame]:
    deals, stays = frames.deals.lazy(), frames.stays.lazy()
    if owner is not None:
        deals = deals.filter(pl.col("owner") == owner)
        stays = stays.join(deals.select("deal"), on="deal", how="semi")
    amount, is_won = pl.col("amount").sum(), pl.col("status") == "won"
    won = deals.filter(is_won)
    plans: dict[str, pl.LazyFrame] = {}
    for name in DIMENSIONS:
        plans[f"created {name}"] = deals.group_by("created_month", name).agg(pl.len())
        plans[f"won {name}"] = won.group_by("closed_month", name).agg(pl.len(), amount)
    plans["stages"] = stays.filter(pl.col("exit_month") >= 0).group_by("exit_month", "stage").agg(pl.col("days").mean())
    plans["opened"] = deals.group_by("created_month").agg(pl.len(), amount)
    plans["left"] = deals.filter(pl.col("closed_month") >= 0).group_by("closed_month").agg(pl.len(), amount)
    far = stays.group_by("deal").agg(pl.col("stage").max())
    steps = {f"{step}": (is_won | (pl.col("stage") >= step)).sum() for step in range(1, len(STAGES))}
    joined = deals.join(far, on="deal", how="left")
    plans["funnel"] = joined.group_by("created_month").agg(pl.len(), **steps, won=is_won.sum())
    return dict(zip(plans, pl.collect_all(plans.values()), strict=True))


def grids(found: dict[str, pl.DataFrame]) -> Grids:
    done: Grids = {}
    for name, size in DIMENSIONS.items():
        made, won = found[f"created {name}"], found[f"won {name}"]
        done[f"created by {name}"] = dense(made[:, 0], _places(made[:, 1], size), made[:, 2], size + 1)
        for kpi, column in (("won", 2), ("revenue", 3)):
            done[f"{kpi} by {name}"] = dense(won[:, 0], _places(won[:, 1], size), won[:, column], size + 1)
    stages = found["stages"]
    done["days in stage"] = dense(stages[:, 0], stages[:, 1], stages[:, 2], len(STAGES))
    opened, left = (_wide(found[name]) for name in ("opened", "left"))
    done["snapshots"] = np.cumsum(opened - left, axis=0)
    done["funnel"] = _wide(found["funnel"])[EARLIER:]
    return done


def _wide(groups: pl.DataFrame) -> Numbers:
    """Return the columns behind the month as a grid of all months."""
    grid = np.zeros((ALL_MONTHS, groups.width - 1))
    grid[groups[:, 0].to_numpy()] = groups[:, 1:].to_numpy()
    return grid


def _places(values: pl.Series, size: int) -> Numbers:
    return np.array([size if one is None else int(one.rsplit(" ", 1)[1]) - 1 for one in values.to_list()])
