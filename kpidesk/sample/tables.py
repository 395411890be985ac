"""The story as tables: the columns and cells that each export has, with the untidiness of real ones."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kpidesk.domain.period import Grain, Period, add_months, tile
from kpidesk.sample import company
from kpidesk.sample.company import CHANNELS, CURRENCY, LOST, PEOPLE, WON
from kpidesk.sample.dice import Dice
from kpidesk.sample.story import Deal, Story

Cell = str | float | date | datetime | bool | None


@dataclass(frozen=True, slots=True)
class Table:
    """One export. `entity` is the canonical table it feeds; each row of `rows` has one cell for each of `columns`."""

    entity: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def tables(story: Story, dice: Dice) -> tuple[Table, ...]:
    """Return all exports. `dice` decides only where they are untidy."""
    return (
        deals(story, dice),
        stage_history(story),
        leads(story),
        activities(story),
        customers(story),
        transactions(story, dice),
        costs(story, dice),
        targets(story),
    )


_DEAL_COLUMNS: tuple[tuple[str, Callable[[Deal], Cell]], ...] = (
    ("Record ID", lambda deal: deal.id),
    ("Deal Name", lambda deal: deal.firm.name if deal.kind == "new" else f"{deal.firm.name} expansion"),
    ("Deal Stage", lambda deal: deal.stage),
    ("Pipeline", lambda _: company.PIPELINE),
    ("Amount", lambda deal: deal.amount),
    ("Currency", lambda _: CURRENCY),
    ("Create Date", lambda deal: deal.created),
    ("Close Date", lambda deal: deal.closed or deal.expected),
    ("Deal owner", lambda deal: deal.owner),
    ("Deal Type", lambda deal: deal.kind),
    ("Original Traffic Source", lambda deal: deal.channel.name),
    ("Segment", lambda deal: deal.firm.segment),
    ("Region", lambda deal: deal.firm.region),
    ("Industry", lambda deal: deal.firm.industry),
    ("Product", lambda deal: deal.product),
    ("Closed Lost Reason", lambda deal: deal.lost_reason),
    ("Last Activity Date", lambda deal: deal.last_activity),
    ("Associated Contact", lambda deal: deal.firm.contact),
    ("Associated Company", lambda deal: deal.firm.name),
    ("Associated Company IDs", lambda deal: deal.firm.id),
    ("cost", lambda deal: deal.cost if deal.stage == WON else None),
    ("first_contact", lambda deal: deal.first_contact),
    ("Lead ID", lambda deal: deal.lead.id if deal.lead else None),
    ("test", lambda _: False),
)


def deals(story: Story, dice: Dice) -> Table:
    """Return the deals as HubSpot exports them: an open deal has its expected close in Close Date."""
    names = [name for name, _ in _DEAL_COLUMNS]
    rows = [[cell(deal) for _, cell in _DEAL_COLUMNS] for deal in story.deals]
    _make_untidy(rows, names, dice)
    return Table("deals", tuple(names), tuple(map(tuple, rows)))


def _make_untidy(rows: list[list[Cell]], names: list[str], dice: Dice) -> None:
    """Spoil a few deals the way people do: no amount, stray spaces, dates typed the wrong way round, a double, a test."""
    stage, amount, owner, name = (names.index(column) for column in ("Deal Stage", "Amount", "Deal owner", "Deal Name"))
    created, closed, reason = (names.index(column) for column in ("Create Date", "Close Date", "Closed Lost Reason"))
    early = [row for row in rows if row[stage] in ("Qualified", "Demo")]
    won = [row for row in rows if row[stage] == WON]
    lost = [row for row in rows if row[stage] == LOST]
    chance = dice.random
    for row in chance.sample(early, min(4, len(early))):
        row[amount] = None
    for row in chance.sample(won, min(2, len(won))):
        row[amount] = None
    for row in chance.sample(lost, min(3, len(lost))):
        row[reason] = "Duplicate"
    for row in chance.sample(lost, min(3, len(lost))):
        when = row[closed]
        if isinstance(when, datetime):
            row[created] = when + timedelta(days=2) if when.date() < _latest_start(rows, created) else when
    for row in chance.sample(rows, min(12, len(rows))):
        row[owner] = f"{row[owner]} "
    for row in chance.sample(rows, min(8, len(rows))):
        row[name] = f" {row[name]}".replace(" ", "  ", 1)
    if rows:
        rows.append(list(chance.choice(rows)))
        test = list(rows[0])
        test[0], test[name], test[-1] = f"{int(str(test[0])) - 1}", "Test deal, ignore", True
        rows.insert(0, test)


def _latest_start(rows: list[list[Cell]], column: int) -> date:
    """Return the last day in a column, less a few days: what is moved beyond it would lie in the future."""
    return max(cell.date() for row in rows if isinstance(cell := row[column], datetime)) - timedelta(days=3)


def stage_history(story: Story) -> Table:
    """Return every stay of every deal; the last one has no end."""
    rows = tuple((deal.id, stay.stage, stay.entered, stay.exited) for deal in story.deals for stay in deal.stays)
    return Table("stage_history", ("deal_id", "stage", "entered", "exited"), rows)


def leads(story: Story) -> Table:
    """Return the leads with the moment of the first answer."""
    columns = (
        "Record ID", "Lead Name", "Create Date", "first_response", "Original Traffic Source", "Contact owner",
        "Segment", "Industry", "Lead Status", "qualified", "Associated Company",
    )  # fmt: skip
    return Table(
        "leads",
        columns,
        tuple(
            (
                lead.id, lead.firm.contact, lead.created, lead.answered, lead.channel.name, lead.owner,
                lead.firm.segment, lead.firm.industry, lead.status, lead.qualified, lead.firm.name,
            )
            for lead in story.leads
        ),
    )  # fmt: skip


def activities(story: Story) -> Table:
    """Return calls, meetings and proposals."""
    columns = ("activity_id", "type", "date", "status", "direction", "qualified", "owner", "lead_id", "deal_id")
    rows = tuple(
        (
            done.id,
            done.kind,
            done.when,
            done.status,
            done.direction or None,
            done.qualified,
            done.owner,
            done.lead or None,
            done.deal or None,
        )
        for done in story.activities
    )
    return Table("activities", columns, rows)


def customers(story: Story) -> Table:
    """Return who bought, since when, and who left."""
    columns = ("customer_id", "name", "acquired", "churned", "source", "segment", "industry")
    rows = tuple(
        (
            customer.firm.id,
            customer.firm.name,
            customer.acquired,
            customer.churned,
            customer.channel.name,
            customer.firm.segment,
            customer.firm.industry,
        )
        for customer in story.customers
    )
    return Table("customers", columns, rows)


def transactions(story: Story, dice: Dice) -> Table:
    """Return one invoice a customer and month from the day it bought until it left, and a few refunds."""
    found: list[tuple[date, str, float, str, str, str]] = []
    for customer in story.customers:
        until = customer.churned or story.end + timedelta(days=1)
        months = 0
        while (day := _same_day(customer.acquired, months)) < until:
            who = (customer.firm.id, customer.channel.name, customer.firm.segment)
            found.append((day, who[0], customer.monthly, "sale", who[1], who[2]))
            refunded = day + timedelta(days=9)
            if refunded <= story.end and dice.hit("refund", 0.004):
                found.append((refunded, who[0], customer.monthly, "refund", who[1], who[2]))
            months += 1
    found.sort(key=lambda row: (row[0], row[1], row[3]))
    columns = ("transaction_id", "date", "amount", "currency", "customer_id", "kind", "source", "segment")
    rows = tuple(
        (f"INV-{10_001 + number}", day, amount, CURRENCY, who, kind, source, segment)
        for number, (day, who, amount, kind, source, segment) in enumerate(found)
    )
    return Table("transactions", columns, rows)


def _same_day(first: date, months: int) -> date:
    """Return the same day of the month `months` later, at most the 28th, so that every month has it."""
    start = add_months(first, months)
    return start.replace(day=min(first.day, 28)) if months else first


def costs(story: Story, dice: Dice) -> Table:
    """Return what was spent, booked on the 15th and the last day of each month, as far as they have passed."""
    rows: list[tuple[Cell, ...]] = []
    for month in tile(story.first, story.end, Grain.MONTH):
        for day in (month.start.replace(day=15), month.last_day):
            if day <= story.end:
                rows += [(day, amount, CURRENCY, *line) for amount, line in _booked(day, story, dice)]
    return Table("costs", ("date", "amount", "currency", "category", "source"), tuple(rows))


def _booked(day: date, story: Story, dice: Dice) -> list[tuple[float, tuple[str, str | None]]]:
    size = company.trend(day, story.first, story.end)
    late = (story.end - day).days < company.LATE_DAYS
    lines: list[tuple[float, tuple[str, str | None]]] = []
    for channel in CHANNELS:
        marketing = channel.marketing * (channel.late if late else 1.0)
        lines.append((channel.sales * size, ("sales", channel.name)))
        lines.append((marketing * size, ("marketing", channel.name)))
    lines += [(amount * (size if grows else 1.0), (category, None)) for category, amount, grows in company.OTHER_COSTS]
    return [(round(amount / 2 * dice.random.uniform(0.95, 1.05), 2), line) for amount, line in lines]


def targets(story: Story) -> Table:
    """Return the company's target and each person's quota for every quarter up to the one after the last day."""
    quarters = list(tile(story.first, add_months(story.end, 3), Grain.QUARTER))
    rows: list[tuple[Cell, ...]] = []
    for number, quarter in enumerate(quarters):
        before = max(len(quarters) - 2 - number, 0)
        rows.append(_target(quarter, company.QUARTER_TARGET - 12_000 * before, None))
        rows += [
            _target(quarter, round(person.quota * (1 - 0.05 * before), -3), person.name)
            for person in PEOPLE
            if person.quota
        ]
    return Table("targets", ("start", "end", "amount", "currency", "owner"), tuple(rows))


def _target(quarter: Period, amount: float, owner: str | None) -> tuple[Cell, ...]:
    return quarter.start, quarter.last_day, float(amount), CURRENCY, owner
