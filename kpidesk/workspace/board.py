"""The dashboard, put together: queries, judgements, and what is shown of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

from kpidesk.domain.finding import Finding, Status
from kpidesk.domain.kpi import Direction, Display, Funnel, Kind, Kpi, Target
from kpidesk.domain.period import Calendar, Grain, Period, period_name, period_of, shift
from kpidesk.domain.query import Figure, Query
from kpidesk.domain.result import Point, Result
from kpidesk.domain.settings import Settings
from kpidesk.domain.unit import Unit
from kpidesk.formula.adding import adds_up
from kpidesk.formula.nodes import Checked, Node
from kpidesk.insight.attention import rank
from kpidesk.insight.bands import goal, judge
from kpidesk.insight.data_issues import deal_issues
from kpidesk.insight.variation import Delta, Limits, change, limits
from kpidesk.present import texts
from kpidesk.present.cards import BAND_PERIODS, Reading, card
from kpidesk.present.dashboard import Banner, Dashboard, Freshness
from kpidesk.present.numbers import day, money, plural
from kpidesk.workspace import goals, looking_back, marking, pairs
from kpidesk.workspace.span import day_number

if TYPE_CHECKING:
    from kpidesk.workspace.workspace import Workspace

OLD_AFTER_DAYS = 14
YEAR_STEPS = {Grain.WEEK: 52, Grain.MONTH: 12, Grain.QUARTER: 4, Grain.YEAR: 1}


class Answers(Protocol):
    """What a reading asks of a workspace, or of one with a definition that is not saved yet."""

    @property
    def settings(self) -> Settings: ...  # noqa: D102 - as the workspace's
    def query(self, query: Query) -> Result: ...  # noqa: D102 - as the workspace's
    def counts(self) -> dict[str, int]: ...  # noqa: D102 - as the workspace's
    def checked(self, kpi_id: str) -> Checked: ...  # noqa: D102 - as the workspace's


@dataclass(frozen=True, slots=True)
class Moment:
    """The period a dashboard shows and how far it has come: `anchor` is the last day with data in it."""

    period: Period
    anchor: date
    calendar: Calendar

    @property
    def elapsed_days(self) -> int:
        """Days of the period up to the anchor, at least 1."""
        return (min(self.anchor, self.period.last_day) - self.period.start).days + 1

    @property
    def elapsed_share(self) -> float:
        """Share of the period that has passed, up to 1."""
        return self.elapsed_days / self.period.days

    @property
    def in_progress(self) -> bool:
        """Whether days of the period are still to come."""
        return self.anchor < self.period.last_day

    def earlier(self, compare: str) -> Period:
        """Return the period to compare with: the one before ("previous"), or the same one a year earlier ("year")."""
        return shift(self.period, -YEAR_STEPS[self.period.grain] if compare == "year" else -1, self.calendar)

    def known_by(self, other: Period) -> date:
        """Return the day to look back from at an earlier period, so that it has as many days as this one has had (G11)."""
        if not self.in_progress:
            return self.anchor
        return min(other.start + timedelta(days=self.elapsed_days - 1), other.last_day)


def described(kpi_id: str, formula: str, unit: Unit) -> Kpi:
    """Return a definition for a formula that has none: its text is its name, its unit says how it is displayed."""
    displays = {
        "duration": Display.DAYS,
        "money per day": Display.MONEY_PER_DAY,
        "count per day": Display.COUNT_PER_DAY,
    }
    names = {display.value for display in Display}
    display = displays.get(unit.name) or (Display(unit.name) if unit.name in names else Display.NUMBER)
    return Kpi(kpi_id, formula, formula, display, Direction.UP, Kind.LAGGING, Funnel.BOTTOM, Grain.MONTH)


def anchor_day(workspace: "Workspace") -> date | None:
    """Return the day the numbers are shown for: as-of, or the last day with data when that lies far behind."""
    span = workspace.data_range()
    if span is None:
        return None
    as_of = workspace.as_of
    return span[1] if (as_of - span[1]).days > OLD_AFTER_DAYS else as_of


def freshness(workspace: "Workspace", today: date) -> Freshness:
    """Return the sidebar's word on how old the data is."""
    span = workspace.data_range()
    if span is None:
        return Freshness(Status.NONE, "No data yet", "Import a CRM export to begin")
    counts = workspace.counts()
    parts = [plural(counts[name], one) for name, one in (("leads", "lead"), ("deals", "deal")) if counts.get(name)]
    old = (today - span[1]).days > OLD_AFTER_DAYS
    title = f"Data to {day(span[1], weekday=not old, year=old)}"
    return Freshness(Status.WARN if old else Status.GOOD, title, ", ".join(parts))


def target_of(kpi: Kpi, result: Result, moment: Moment) -> Target | None:
    """Return a KPI's own target, or the one that another KPI measures for the same period."""
    if kpi.target is not None or kpi.target_from is None:
        return kpi.target
    value = result.total(kpi.target_from).points[-1].value
    return None if value is None else Target(value, None, moment.period.grain, cumulative=True)


def readings(
    workspace: Answers,
    kpis: tuple[Kpi, ...],
    moment: Moment,
    compare: str,
    old_data: str = "",
    changed: Callable[[str, Sequence[Period]], Mapping[int, str]] | None = None,
) -> list[Reading]:
    """Read `kpis` in the moment's period with 26 periods of history, against the compared period at the same day.

    `changed` tells the places of the history at which the definition of a KPI, by id, changed.
    """
    period, calendar = moment.period, moment.calendar
    ids = tuple(dict.fromkeys([kpi.id for kpi in kpis] + [kpi.target_from for kpi in kpis if kpi.target_from]))
    first = shift(period, 1 - BAND_PERIODS, calendar)
    result = workspace.query(Query(ids, period.grain, first.start, period.last_day, moment.anchor))
    other = moment.earlier(compare)
    before = workspace.query(Query(ids, period.grain, other.start, other.start, moment.known_by(other)))
    labels = [period_name(one, calendar) for one in result.periods]
    against_words = texts.compared_words(other, period, calendar, moment.elapsed_days if moment.in_progress else None)
    found = []
    for kpi in kpis:
        history = result.total(kpi.id).points
        against = goal(target_of(kpi, result, moment), kpi.direction, period, moment.elapsed_share)
        delta = compared(workspace, kpi, moment, history[-1], before.total(kpi.id).points[-1], limits(history))
        found.append(
            Reading(
                kpi=kpi,
                history=history,
                labels=labels,
                grain=period.grain,
                status=judge(history[-1], against, kpi.direction),
                goal=None if against is None else (against.full, against.now, against.limit),
                change=None if delta is None else (delta.size, delta.better, delta.normal),
                compared=against_words,
                missing=missing_entities(workspace, kpi.id),
                old_data=old_data,
                figure=Figure(kpi.id, period, moment.anchor),
                band="" if kpi.target is None else kpi.target.band(history[-1].value),
                changed={} if changed is None else changed(kpi.id, result.periods),
            )
        )
    return found


def missing_entities(workspace: Answers, kpi_id: str) -> tuple[str, ...]:
    """Return the tables that a KPI needs and no import has filled."""
    counts = workspace.counts()
    return tuple(sorted(name for name in workspace.checked(kpi_id).entities if not counts.get(name)))


def compared(
    workspace: Answers, kpi: Kpi, moment: Moment, now: Point, before: Point, bounds: Limits | None
) -> Delta | None:
    """Return the change to a period from an earlier one with as many days; `bounds` are the limits of whole periods."""

    def node(one: str) -> Node:
        return workspace.checked(one).node

    share = moment.elapsed_share if moment.in_progress else 1.0
    return change(now, before, kpi.direction, bounds, share, adds_up=adds_up(node(kpi.id), node))


def _key_findings(workspace: "Workspace", found: list[Reading], money_text: str) -> list[Finding]:
    findings = []
    for reading in found:
        if reading.status in (Status.BAD, Status.WARN) and reading.goal is not None:
            title, reason = texts.off_target(reading, money_text)
            label = f"See {texts.lower_first(reading.kpi.name)}"
            findings.append(Finding("off-target", reading.status, title, reason, label, "kpi", reading.kpi.id))
    held = [batch for batch in workspace.imports() if batch.undone_at is None and batch.waiting]
    if held:
        number = sum(batch.waiting for batch in held)
        title = f"{plural(number, 'row')} could not be read and {'is' if number == 1 else 'are'} held"
        findings.append(
            Finding(
                "held",
                Status.WARN,
                title,
                f"From {held[0].file_name}",
                "See held rows",
                "imports",
                f"held/{held[0].id}",
            )
        )
    return findings


def _with_figures(moment: Moment, findings: list[Finding]) -> tuple[Finding, ...]:
    """Rank findings; those about a KPI get the figure that their link leads to."""
    return rank(
        [
            replace(one, figure=Figure(one.argument, moment.period, moment.anchor)) if one.action == "kpi" else one
            for one in findings
        ]
    )


def dashboard(workspace: "Workspace", grain: Grain, compare: str, today: date) -> Dashboard:
    """Return the whole dashboard of `grain` as values."""
    settings = workspace.settings
    anchor = anchor_day(workspace)
    if anchor is None:
        period = period_of(today, grain, settings.calendar)
        label = period_name(period, settings.calendar)
        return Dashboard(
            "No data yet",
            grain,
            label,
            today,
            None,
            (),
            (),
            (),
            (),
            "",
            empty="Import a CRM export to see your numbers.",
            has_rows=False,
        )
    moment = Moment(period_of(anchor, grain, settings.calendar), anchor, settings.calendar)
    age = (today - anchor).days
    old = age > OLD_AFTER_DAYS
    changed = partial(marking.of_definition, workspace)
    found = readings(
        workspace, workspace.catalog.active, moment, compare, day(anchor, year=False) if old else "", changed
    )
    past, ends = workspace.history, day_number(anchor)

    def worth(amount: float) -> str:
        return money(amount, settings.currency)

    issues = deal_issues(workspace.frame("deals"), ends, worth, past.gone(ends))
    key = [*_key_findings(workspace, found, settings.currency), *looking_back.findings(workspace)]
    attention = _with_figures(moment, [*key, *issues, *past.findings(worth)])
    banner = None
    if settings.sample:
        banner = Banner(
            Status.NONE,
            "Sample data",
            "Fernhill Software is made up. Look around, then import your own CRM export.",
            "Import your data",
            "import",
            dismissible=True,
        )
    elif old:
        banner = Banner(
            Status.WARN,
            f"Your data is {age:,} days old",
            f"The last event is of {day(anchor)}. Cards show that date.",
            "Import data",
            "import",
            dismissible=False,
        )
    choices = tuple((key, f"vs {period_name(moment.earlier(key), settings.calendar)}") for key in ("previous", "year"))
    return Dashboard(
        answer=texts.answer(moment.period, settings.calendar, moment.elapsed_days, [one.status for one in found]),
        grain=grain,
        period_label=period_name(moment.period, settings.calendar),
        as_of=anchor,
        goal=goals.goal_strip(workspace, moment),
        cards=tuple(card(one, settings.currency) for one in found),
        pairs=pairs.pairs(workspace, found, anchor),
        attention=attention,
        compare=choices,
        compared_with=compare,
        banner=banner,
    )
