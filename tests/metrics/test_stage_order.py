"""The order of stages as deals move through them."""

from collections.abc import Sequence

import numpy as np
import pytest

from kpidesk.frame import Sighting
from kpidesk.metrics.observed import observe
from kpidesk.metrics.stage_order import stage_order
from tests.tables import frame


def order(paths: Sequence[str], met: str) -> str:
    """Stages are letters; a path is the stages that one deal is seen in, one a day."""
    sightings = []
    for day in range(max(map(len, paths))):
        seen = [row for row, path in enumerate(paths) if day < len(path)]
        rows = [{"deal_id": str(row), "status": "open", "stage": paths[row][day]} for row in seen]
        sightings.append(Sighting(day + 1, "hubspot", 100 + day, np.array(seen), frame("deals", rows)))
    found = observe(sightings)
    assert found is not None
    return "".join(stage_order(found, tuple(met)))


@pytest.mark.parametrize(
    ("paths", "met", "expected"),
    [
        (["AB", "BC", "CD"], "CBDA", "ABCD"),
        (["AC", "CD", "AB", "BD"], "DCBA", "ACBD"),  # nothing between B and C: as met
        (["AB", "AB", "BA"], "BA", "AB"),  # one went back
        (["AAB"], "BA", "AB"),
        (["A", "B"], "BA", "BA"),  # no deal moved
        (["ABX"], "BA", "AB"),  # a stage that no import of deals called open
    ],
)
def test_stages_come_in_the_order_of_moves(paths: list[str], met: str, expected: str) -> None:
    assert order(paths, met) == expected
