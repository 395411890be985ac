"""The KPI set in DuckDB: on prepared tables, and on tables as a CRM exports them."""

from collections.abc import Iterator
from typing import Any

import duckdb
import numpy as np
import pandas as pd

from kpidesk.frame import BLANK_DAY
from tests.benchmarks.company import DIMENSIONS, EARLIER, STAGES, Company, Numbers, Table, month_of
from tests.benchmarks.kpi_set import ALL_MONTHS, MATRICES, Grids, dense

_MONTH = "(date_diff('month', DATE '2022-07-01', {}))"


def _texts(table: Table, name: str) -> pd.Categorical:
    codes, values = table.texts[name]
    return pd.Categorical.from_codes(codes, pd.Index(values, dtype=object))


def _connected() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("SET enable_progress_bar = false")
    return con


def prepared(company: Company) -> duckdb.DuckDBPyConnection:
    """Make tables of enums and integers, months included."""
    con = _connected()
    deals, stays = company.deals, company.stage_history
    columns: dict[str, Any] = {name: _texts(deals, name) for name in ("status", *DIMENSIONS)}
    columns |= {f"{name}_month": month_of(days) for name, days in deals.days.items()}
    frame = pd.DataFrame({"deal": deals.texts["deal_id"][0], "amount": deals.numbers["amount"], **columns})  # noqa: F841 - by name
    con.execute(
        "CREATE TABLE deals AS SELECT * REPLACE (CASE WHEN isnan(amount) THEN NULL ELSE amount END AS amount) FROM frame"
    )
    stay = pd.DataFrame(  # noqa: F841 - by name
        {
            "deal": stays.texts["deal_id"][0],
            "stage": stays.texts["stage"][0].astype(np.int8),
            "entered": stays.days["entered"],
            "exited": stays.days["exited"],
            "exit_month": month_of(stays.days["exited"]),
        }
    )
    con.execute("CREATE TABLE stays AS SELECT * FROM stay")
    return con


def raw(company: Company) -> duckdb.DuckDBPyConnection:
    """Make tables of texts and dates."""
    con = _connected()
    for table, name in ((company.deals, "deals"), (company.stage_history, "stays")):
        columns: dict[str, Any] = {column: _texts(table, column).astype(object) for column in table.texts}
        for column, days in table.days.items():
            columns[column] = pd.Series(np.where(days == BLANK_DAY, np.datetime64("NaT"), days.astype("datetime64[D]")))
        frame = pd.DataFrame({**columns, **table.numbers})  # noqa: F841 - by name
        kept = ", ".join(
            [f'"{one}"::VARCHAR AS "{one}"' for one in table.texts] + [f"{one}::DATE AS {one}" for one in table.days]
        )
        kept += ", CASE WHEN isnan(amount) THEN NULL ELSE amount END AS amount" if table.numbers else ""
        con.execute(f"CREATE TABLE {name} AS SELECT {kept} FROM frame")
    return con


def _statements(owner: str | None, *, is_raw: bool) -> Iterator[tuple[str, str]]:
    """Yield a name and a statement for each part of the set."""
    only = "" if owner is None else f" AND owner = '{owner}'"
    created = _MONTH.format("created") if is_raw else "created_month"
    closed = _MONTH.format("closed") if is_raw else "closed_month"
    left = _MONTH.format("exited") if is_raw else "exit_month"
    deal = "deal_id" if is_raw else "deal"
    over = "exited IS NOT NULL" if is_raw else "exit_month >= 0"
    decided = "closed IS NOT NULL" if is_raw else "closed_month >= 0"
    for name in DIMENSIONS:
        yield f"created {name}", f"SELECT {created} m, {name} d, count(*) FROM deals WHERE true{only} GROUP BY 1, 2"
        yield (
            f"won {name}",
            f"SELECT {closed} m, {name} d, count(*), sum(amount) FROM deals WHERE status = 'won'{only} GROUP BY 1, 2",
        )
    join = f" SEMI JOIN (SELECT {deal} FROM deals WHERE true{only}) USING ({deal})" if only else ""
    yield "stages", f"SELECT {left} m, stage, avg(exited - entered) FROM stays{join} WHERE {over} GROUP BY 1, 2"
    yield (
        "snapshots",
        f"""SELECT m, sum(sum(n)) OVER (ORDER BY m), sum(sum(a)) OVER (ORDER BY m) FROM (
            SELECT {created} m, count(*) n, sum(amount) a FROM deals WHERE true{only} GROUP BY 1 UNION ALL
            SELECT {closed} m, -count(*), -sum(amount) FROM deals WHERE {decided}{only} GROUP BY 1) GROUP BY m ORDER BY m""",
    )
    place = "array_position(['" + "', '".join(STAGES) + "'], stage) - 1" if is_raw else "stage"
    steps = ", ".join(f"count(*) FILTER (status = 'won' OR far >= {step})" for step in range(1, len(STAGES)))
    yield (
        "funnel",
        f"""SELECT {created} m, count(*), {steps}, count(*) FILTER (status = 'won') FROM deals
            JOIN (SELECT {deal}, max({place}) far FROM stays GROUP BY 1) USING ({deal}) WHERE true{only} GROUP BY 1""",
    )


def ask(con: duckdb.DuckDBPyConnection, owner: str | None = None, *, is_raw: bool = False) -> dict[str, Any]:
    return {name: con.execute(text).fetchnumpy() for name, text in _statements(owner, is_raw=is_raw)}


def grids(answers: dict[str, Any]) -> Grids:
    found: Grids = {}
    for name, size in DIMENSIONS.items():
        made, won = (list(answers[f"{kpi} {name}"].values()) for kpi in MATRICES[:2])
        found[f"created by {name}"] = dense(made[0], _places(made[1], size), made[2], size + 1)
        for kpi, values in (("won", won[2]), ("revenue", won[3])):
            found[f"{kpi} by {name}"] = dense(won[0], _places(won[1], size), np.ma.filled(values, 0), size + 1)
    month, stage, days = answers["stages"].values()
    stages = [STAGES.index(one) for one in stage] if stage.dtype == object else stage
    found["days in stage"] = dense(month, stages, days, len(STAGES))
    snapshots = list(answers["snapshots"].values())
    standing = np.zeros((ALL_MONTHS, 2))
    standing[np.asarray(snapshots[0], dtype=np.int64)] = np.column_stack(snapshots[1:])
    found["snapshots"] = standing
    month, *steps = answers["funnel"].values()
    found["funnel"] = np.zeros((ALL_MONTHS, len(steps)))
    found["funnel"][np.asarray(month, dtype=np.int64)] = np.column_stack(steps)
    found["funnel"] = found["funnel"][EARLIER:]
    return found


def _places(values: Any, size: int) -> Numbers:
    """Return the place of each value of a dimension: its number less one, the last for none."""
    texts = values.tolist() if not isinstance(values, pd.Categorical) else list(values)
    return np.array([int(one.rsplit(" ", 1)[1]) - 1 if isinstance(one, str) else size for one in texts])
