"""A definition against its own past versions, and against other KPIs that may say the same."""

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from kpidesk.domain.kpi import Kpi, Revision
from kpidesk.domain.period import Grain, period_name, period_of
from kpidesk.domain.query import Query
from kpidesk.domain.result import Series
from kpidesk.formula.nodes import Checked, KpiRef
from kpidesk.insight.alike import moving_together
from kpidesk.present.editor import Advice, Offer, Restated, Restatement, RevisionLine
from kpidesk.present.numbers import MINUS, NBSP, change_text, day, plural, value_text
from kpidesk.workspace import board, feeding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpidesk.workspace.workspace import Workspace

_WEEKS = 104
_NAMED = 4  # more than so many are counted
_FIELDS = (
    ("formula", "formula"),
    ("target", "target"),
    ("name", "name"),
    ("owner", "owner"),
    ("direction", "direction"),
    ("display", "format"),
    ("kind", "leading or lagging"),
    ("cadence", "review"),
    ("pair", "pair"),
    ("lag_weeks", "lag"),
    ("goal", "goal"),
    ("action", "action"),
    ("response", "response"),
    ("question", "question"),
    ("funnel", "place in the funnel"),
)


def restatement(workspace: "Workspace", kpi: Kpi, grain: Grain) -> Restatement:
    """Return what saving `kpi` does to every past period of `grain`; FormulaError when its formula has no meaning."""
    saved = workspace.catalog[kpi.id]
    span = workspace.data_range()
    anchor = board.anchor_day(workspace)
    if span is None or anchor is None:
        return Restatement("There is no data yet, so nothing changes.", (saved.formula, kpi.formula), ())
    query = Query((kpi.id,), grain, span[0], anchor, anchor)
    before, after = workspace.query(query), workspace.evaluate(kpi.formula, query, kpi)
    rows = [
        _restated(period_name(period, workspace.settings.calendar), kpi, saved, old, new, workspace.settings.currency)
        for period, old, new in zip(
            before.periods, _values(before.total(kpi.id)), _values(after.total(kpi.id)), strict=True
        )
    ]
    changed = sum(bool(row.change) for row in rows)
    headline = f"{changed} of {plural(len(rows), grain.value)} changes"
    if changed != 1:
        headline = headline.removesuffix("s") if changed else f"No {grain.value} changes"
    return Restatement(
        headline, (saved.formula, kpi.formula), tuple(reversed(rows)), _users(workspace, kpi.id) if changed else ""
    )


def _users(workspace: "Workspace", kpi_id: str) -> str:
    """Say which KPIs are calculated from one, those of the dashboard first."""
    users = []
    for one in sorted(workspace.catalog, key=lambda kpi: not kpi.active):
        made_of = feeding.nodes(workspace, workspace.checked(one.id)) if one.id != kpi_id else ()
        if any(isinstance(node, KpiRef) and node.kpi == kpi_id for node in made_of):
            users.append(one.name)
    more = f" and {len(users) - _NAMED} more" if len(users) > _NAMED else ""
    return f"Calculated from it, and so changed too: {', '.join(users[:_NAMED])}{more}." if users else ""


def _values(series: Series) -> list[float | None]:
    return [point.value for point in series.points]


def _restated(label: str, kpi: Kpi, saved: Kpi, before: float | None, after: float | None, currency: str) -> Restated:
    texts = value_text(before, saved.display, currency), value_text(after, kpi.display, currency)
    if before == after or (before is not None and after is not None and abs(before - after) <= 1e-9 * abs(before)):
        return Restated(label, *texts, "")
    if before is None or after is None or kpi.display is not saved.display:
        return Restated(label, *texts, "no value before" if before is None else "no value now" if after is None else "")
    size = change_text(after - before, kpi.display, currency)
    return Restated(label, *texts, f"{'+' if after > before else MINUS}{size}")


def _steps(revisions: "Sequence[Revision]") -> "list[tuple[Revision, Revision]]":
    return list(pairwise(revisions))


def history(workspace: "Workspace", kpi_id: str) -> tuple[RevisionLine, ...]:
    """Return the versions of a definition, newest first, each with what it changed."""
    zone = ZoneInfo(workspace.settings.timezone)
    revisions = workspace.revisions(kpi_id)

    def line(one: Revision, changes: str) -> RevisionLine:
        formula = "" if one.kpi is None else one.kpi.formula
        return RevisionLine(one.number, day(one.since.astimezone(zone).date()), changes, formula)

    lines = [line(one, "First version") for one in revisions[:1]]
    lines += [line(after, _changes(before.kpi, after.kpi)) for before, after in _steps(revisions)]
    return tuple(reversed(lines))


def _changes(before: Kpi | None, after: Kpi | None) -> str:
    if after is None:
        return "Removed"
    if before is None:
        return "Put back"
    told = [words for name, words in _FIELDS if getattr(before, name) != getattr(after, name)]
    if before.active != after.active:
        told.insert(0, "put on the dashboard" if after.active else "retired")
    text = ", ".join(told)
    return f"Changed {text}" if text else "Saved again"


def advice(workspace: "Workspace", kpi: Kpi, checked: Checked) -> tuple[Advice, ...]:
    """Return which KPIs of the dashboard say the same as `kpi`: made of the same inputs, or moving together week by week."""
    others = tuple(one for one in workspace.catalog.active if one.id != kpi.id)
    anchor = board.anchor_day(workspace)
    if not others or anchor is None:
        return ()
    found = []
    own = feeding.ingredients(workspace, checked)
    same = {one.id for one in others if feeding.ingredients(workspace, workspace.checked(one.id)) == own}
    last = period_of(anchor, Grain.WEEK, workspace.settings.calendar).start
    query = Query(tuple(one.id for one in others), Grain.WEEK, last - timedelta(weeks=_WEEKS), last, anchor)
    result, mine = workspace.query(query), _values(workspace.evaluate(kpi.formula, query, kpi).series[0])
    for one in others:
        if one.id in same:
            words = f"{one.name} is made of the same inputs."
        elif (together := moving_together(mine, _values(result.total(one.id)))) is not None:
            words = (
                f"{one.name} moves together with it: r{NBSP}{_signed(together.r)} between the changes of"
                f" {plural(together.n, 'week')}."
            )
        else:
            continue
        found.append(Advice(f"{words} One of the two may be enough.", (Offer(f"Open {one.name}", "open", one.id),)))
    return tuple(found)


def _signed(r: float) -> str:
    return f"{MINUS if r < 0 else ''}{abs(r):.2f}"
