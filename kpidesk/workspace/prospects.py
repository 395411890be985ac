"""What a file that was read would make possible: the KPIs that it feeds."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from kpidesk.domain.entity import ENTITIES
from kpidesk.ingest.cast import blank_rows
from kpidesk.ingest.interpret import Interpretation
from kpidesk.ingest.profiles import header_for, profile, profiles
from kpidesk.insight.needs import feeds
from kpidesk.present.feeds import FileFeeds, file_feeds
from kpidesk.store import Store

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace


def prospects(
    workspace: "Workspace", store: Store, read: Interpretation, parts: Sequence[Interpretation] = ()
) -> FileFeeds:
    """Return which KPIs the file feeds together with what is in the workspace, and which columns the others wait for.

    `parts` are the further tables that it feeds.
    """
    kind = read.preview.entity
    counts = workspace.counts()
    imported = frozenset(name for name, number in counts.items() if number)
    there = {f"{one.name}.{name}" for one in ENTITIES if one.name in imported for name in store.fields(one.name)}
    for part in parts:
        imported |= {part.preview.entity}
        there |= _filled(part)
    kpis = {kpi.id: kpi for kpi in (*workspace.catalog.active, *workspace.catalog)}
    formulas = {kpi: workspace.checked(kpi) for kpi in kpis}
    found = feeds(formulas, tuple(kpis), kind, _filled(read), there)
    crm = profile(read.preview.profile) or profiles()[-1]
    names = {kpi.id: kpi.name for kpi in kpis.values()}
    return file_feeds(found, names, kind, lambda field: header_for(crm, kind, field), imported)


def _filled(read: Interpretation) -> set[str]:
    """Return the fields that at least one row of the file fills."""
    kind = read.preview.entity
    if read.batch is None:
        return {f"{kind}.{one.field}" for one in read.preview.matches if one.field and one.filled}
    columns = read.batch.frame.columns.items()
    return {f"{kind}.{name}" for name, column in columns if not np.all(blank_rows(column))}
