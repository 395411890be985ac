"""The worked cases of the shared acceptance file and our own beside it, through the command line as a user types it.

Our own (`cases/*.json`) have the same shape; besides, a check may have a `formula` instead of a `kpi`, and name flags that must not be there.
"""

import csv
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kpidesk.cli import MENDABLE, run

CASES = Path(__file__).parents[2] / "../shared/acceptance/cases.json"
OURS = Path(__file__).parent / "cases"
MORE_LANGUAGE = OURS / "language.json"  # `mended` is after the first mend
PER = {"months": 1 / 30.436875, "per year": 365.25}


def given(part: str) -> list[Any]:
    if not CASES.exists():
        missing = pytest.mark.skip(reason="the shared acceptance cases are not beside this checkout")
        return [pytest.param({}, marks=missing)]
    return [pytest.param(one, id=one["id"]) for one in json.loads(CASES.read_text(encoding="utf-8"))[part]]


def workspace_of(case: Mapping[str, Any], folder: Path) -> str:
    path = str(folder / "case.kpidesk")
    settings = {name: value for name, value in case["settings"].items() if name != "as_of"}  # given to the command
    texts = [f"{name}={','.join(value) if isinstance(value, list) else value}" for name, value in settings.items()]
    assert run(["set", path, *texts]) == 0
    for entity, rows in case["tables"].items():
        if rows:
            file = folder / f"{entity}.csv"
            with file.open("w", encoding="utf-8", newline="") as out:
                writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)))
                writer.writeheader()
                writer.writerows(rows)
            assert run(["import", path, str(file), "--as", entity]) == 0
    return path


def more_cases() -> list[Any]:
    found = [json.loads(file.read_text(encoding="utf-8")).get("cases", ()) for file in sorted(OURS.glob("*.json"))]
    return [pytest.param(one, id=one["id"]) for cases in found for one in cases]


@pytest.mark.parametrize("case", [*given("cases"), *more_cases()])
def test_case(case: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = workspace_of(case, tmp_path)
    for asked in case["checks"]:
        period, which = asked["period"], asked.get("slice") or {}
        capsys.readouterr()
        span = ["--grain", period["grain"], "--from", period["start"], "--to", period["end"]]
        sliced = [part for name in which for part in ("--by", name)]
        as_of = ["--as-of", case["settings"]["as_of"]]
        what = ["--formula", asked["formula"]] if "formula" in asked else [asked["kpi"]]
        assert run(["values", path, *what, *span, *sliced, *as_of, "--json"]) == 0
        told = [row for row in json.loads(capsys.readouterr().out) if row["slice"] == which]
        assert len(told) == 1
        held_against(told[0], asked)
        for name, value in which.items():
            filtered = ["--where", f"{name}={value or ''}"]
            assert run(["values", path, *what, *span, *filtered, *as_of, "--json"]) == 0
            held_against(json.loads(capsys.readouterr().out)[0], asked)


def held_against(told: dict[str, Any], asked: dict[str, Any]) -> None:
    expect, name = asked["expect"], asked.get("kpi") or asked["formula"]
    assert told["period"] == asked["period"]
    if expect["value"] is None:
        assert (told["value"], told["reason"]) == (None, expect["blank_reason"]), name
    else:
        assert told["value"] is not None, (name, told["reason"])
        shown = told["value"] * PER.get(expect.get("unit"), 1.0)
        close = math.isclose(shown, expect["value"], rel_tol=expect.get("tolerance", 1e-9), abs_tol=1e-12)
        assert close, (name, shown, expect["value"])
    for side in ("numerator", "denominator", "n", "pending"):
        if side in expect:
            assert told[side] == expect[side], (name, side)
    if "wilson" in expect:
        assert told["interval"] == pytest.approx(expect["wilson"], abs=1e-6)
    assert set(expect.get("flags_include", ())) <= set(told["flags"]), name
    assert not set(expect.get("flags_exclude", ())) & set(told["flags"]), name


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("language") / "language.kpidesk")
    assert run(["set", path, "currency=GBP"]) == 0
    return path


def more_language() -> list[Any]:
    return [
        pytest.param(one, id=one["id"]) for one in json.loads(MORE_LANGUAGE.read_text(encoding="utf-8"))["language"]
    ]


@pytest.mark.parametrize("case", [*given("language"), *more_language()])
def test_language(case: dict[str, Any], empty: str, capsys: pytest.CaptureFixture[str]) -> None:
    path, expect = empty, case["expect"]
    capsys.readouterr()
    span = ["--grain", "month", "--from", "2025-01-01", "--to", "2025-01-31", "--as-of", "2025-12-31", "--json"]
    status = run(["values", path, "--formula", case["formula"], *span])
    out, err = capsys.readouterr()
    told = json.loads(out)
    if expect["ok"]:
        assert status == 0
        assert told[0]["unit"] == {"duration": "days"}.get(expect["unit"], expect["unit"])
    else:
        assert status == MENDABLE
        assert (told["error"]["code"], told["error"]["position"]) == (expect["code"], expect["position"])
        assert err.count("\n") == 1
        assert f"({expect['code']}, position {expect['position']})" in err
    if "mended" in expect:
        mend = told["error"]["mends"][0]
        assert (
            case["formula"][: mend["position"]] + mend["replacement"] + case["formula"][mend["end"] :]
            == expect["mended"]
        )
