"""What happened at the company, day by day: leads, deals, what was done, and the customers that came of it."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from kpidesk.sample import company, names
from kpidesk.sample.company import CHANNELS, LOST, OPEN_STAGES, PEOPLE, WON, Channel
from kpidesk.sample.dice import Dice

_OFFICE_OPENS, _OFFICE_SHUTS = 8, 19


@dataclass(frozen=True, slots=True)
class Firm:
    """Who might buy. `id` is the CRM's company id."""

    id: str
    name: str
    segment: str
    industry: str
    region: str
    contact: str


@dataclass(slots=True)
class Lead:
    """Someone who asked. `answered` None: nobody replied yet."""

    id: str
    firm: Firm
    channel: Channel
    owner: str
    created: datetime
    answered: datetime | None
    qualified: bool | None = None
    status: str = "New"


@dataclass(frozen=True, slots=True)
class Stay:
    """A deal's stay in one stage; `exited` None while it is there."""

    stage: str
    entered: datetime
    exited: datetime | None


@dataclass(slots=True)
class Deal:
    """One deal as it stands on the last day."""

    id: str
    firm: Firm
    channel: Channel
    owner: str
    kind: str
    product: str
    amount: float
    cost: float
    created: datetime
    first_contact: datetime
    stays: list[Stay]
    lead: Lead | None = None
    lost_reason: str = ""
    expected: datetime | None = None
    last_activity: datetime | None = None

    @property
    def stage(self) -> str:
        """The stage on the last day."""
        return self.stays[-1].stage

    @property
    def closed(self) -> datetime | None:
        """When it was won or lost; None while open."""
        return self.stays[-1].entered if self.stage in (WON, LOST) else None


@dataclass(frozen=True, slots=True)
class Activity:
    """A call, a meeting or a proposal."""

    id: str
    kind: str
    when: datetime
    status: str
    direction: str
    qualified: bool | None
    owner: str
    lead: str
    deal: str


@dataclass(slots=True)
class Customer:
    """A firm that bought; `monthly` is what it pays."""

    firm: Firm
    channel: Channel
    acquired: date
    monthly: float
    churned: date | None = None


@dataclass(slots=True)
class Story:
    """Everything that happened from `first` to `end`, both inclusive."""

    first: date
    end: date
    leads: list[Lead] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)
    activities: list[Activity] = field(default_factory=list)
    customers: list[Customer] = field(default_factory=list)


class Teller:
    """Tells the story forward, one day after another; what would lie after the last day is left out."""

    def __init__(self, first: date, end: date, dice: Dice) -> None:
        self.story = Story(first, end)
        self._dice = dice
        self._firms = names.firms(dice.random)
        self._counters = {
            "lead": 45_120_334_105,
            "deal": 8_812_044_913,
            "firm": 7_204_311_870,
            "activity": 61_330_045_218,
        }
        self._customers: dict[str, Customer] = {}

    def tell(self) -> Story:
        """Return the whole story."""
        story = self.story
        for number in range((story.end - story.first).days + 1):
            day = story.first + timedelta(days=number)
            for channel in CHANNELS:
                for _ in range(self._arrivals(f"leads {channel.name}", channel.leads, day, channel, weekends=True)):
                    self._lead(channel, day)
                for _ in range(self._arrivals(f"deals {channel.name}", channel.direct_deals, day, channel)):
                    self._direct_deal(channel, day)
            if self._customers:
                for _ in range(self._arrivals("expansion", company.EXPANSION_DEALS, day)):
                    self._expansion(day)
        story.leads.sort(key=lambda lead: (lead.created, lead.id))
        story.deals.sort(key=lambda deal: (deal.created, deal.id))
        story.activities.sort(key=lambda activity: (activity.when, activity.id))
        story.customers = sorted(self._customers.values(), key=lambda customer: (customer.acquired, customer.firm.id))
        return story

    # --- chance

    def _id(self, what: str) -> str:
        self._counters[what] += self._dice.random.randint(3, 97)
        return str(self._counters[what])

    def _late(self, when: datetime) -> bool:
        return (self.story.end - when.date()).days < company.LATE_DAYS

    def _known(self, when: datetime) -> bool:
        return when.date() <= self.story.end

    def _arrivals(
        self, name: str, quarter: float, day: date, channel: Channel | None = None, *, weekends: bool = False
    ) -> int:
        rate = quarter / company.QUARTER_DAYS * company.growth(day, self.story.first, self.story.end)
        weekend = day.weekday() > 4
        if weekends:
            rate *= 0.35 if weekend else 1.26
        else:
            rate *= 0 if weekend else 1.4
        if channel is not None and (self.story.end - day).days < company.LATE_DAYS:
            rate *= channel.late
        return self._dice.arrivals(name, rate)

    def _firm(self) -> Firm:
        dice = self._dice
        segment = dice.pick({name: share for name, (share, _) in company.SEGMENTS.items()})
        name = self._firms.pop()
        return Firm(
            self._id("firm"),
            name,
            segment,
            dice.pick(company.INDUSTRIES),
            dice.pick(company.REGIONS),
            names.person(dice.random),
        )

    # --- leads

    def _lead(self, channel: Channel, day: date) -> None:
        dice = self._dice
        created = dice.any_time(day)
        owner = dice.pick({person.name: person.lead_share for person in PEOPLE})
        answered = self._answer(channel, created) if dice.hit(f"answer {channel.name}", 0.94) else None
        if answered is not None and not self._known(answered):
            answered = None
        lead = Lead(self._id("lead"), self._firm(), channel, owner, created, answered)
        self.story.leads.append(lead)
        if answered is None:
            return
        lead.status = "Attempted to Contact"
        self._calls(owner, answered, dice.random.randint(0, 2), lead=lead)
        rate = channel.meeting_rate * (0.85 if self._late(created) and channel.late > 1 else 1.0)
        booked = dice.at_work((answered + timedelta(days=dice.days(5.0))).date())
        if booked <= answered:
            booked = answered + timedelta(minutes=35)
        if not dice.hit(f"meeting {channel.name}", rate):
            decided = answered + timedelta(days=dice.days(9.0))
            if self._known(decided):
                lead.status, lead.qualified = ("Unqualified", False) if dice.hit("unfit", 0.6) else ("Connected", None)
            return
        if not self._known(booked):
            return
        lead.status = "Connected"
        fit = dice.hit(f"fit {channel.name}", 0.86)
        status = "Completed" if fit or dice.hit("show", 0.5) else dice.pick({"No show": 0.6, "Cancelled": 0.4})
        self._activity("Meeting", booked, status, owner, qualified=fit, lead=lead)
        if not fit:
            lead.status, lead.qualified = "Unqualified", False
            return
        lead.qualified = True
        opened = dice.at_work((booked + timedelta(days=dice.random.randint(0, 2))).date())
        opened = max(opened, booked + timedelta(minutes=50))
        if self._known(opened):
            lead.status = "Open Deal"
            self._deal(channel, lead.firm, opened, created, lead=lead)

    def _answer(self, channel: Channel, created: datetime) -> datetime:
        usual = channel.late_response if self._late(created) else channel.response
        answered = created + timedelta(hours=usual * self._dice.random.lognormvariate(-0.1, 0.75))
        if answered.hour >= _OFFICE_SHUTS or answered.hour < _OFFICE_OPENS:
            morning = answered.date() + timedelta(days=1 if answered.hour >= _OFFICE_SHUTS else 0)
            answered = datetime.combine(morning, time(_OFFICE_OPENS, self._dice.random.randint(20, 59)))
        return answered.replace(second=0, microsecond=0)

    # --- deals

    def _direct_deal(self, channel: Channel, day: date) -> None:
        opened = self._dice.at_work(day)
        met = max(day - timedelta(days=self._dice.random.randint(7, 30)), self.story.first)
        contact = min(self._dice.at_work(met), opened)
        self._deal(channel, self._firm(), opened, contact)

    def _expansion(self, day: date) -> None:
        customer = self._dice.random.choice(list(self._customers.values()))
        opened = self._dice.at_work(day)
        if customer.churned is None and customer.acquired < day - timedelta(days=60):
            self._deal(customer.channel, customer.firm, opened, opened, kind="expansion")

    def _deal(
        self,
        channel: Channel,
        firm: Firm,
        opened: datetime,
        contact: datetime,
        *,
        lead: Lead | None = None,
        kind: str = "new",
    ) -> None:
        if not self._known(opened):
            return
        dice = self._dice
        person = dice.pick({person: person.deal_share for person in PEOPLE})
        size = company.EXPANSION_SIZE if kind == "expansion" else channel.size * company.SEGMENTS[firm.segment][1]
        amount = max(600.0, round(dice.spread(size, 0.36) / 50) * 50.0)
        deal = Deal(
            self._id("deal"), firm, channel, person.name, kind, dice.pick(company.PRODUCTS), amount,
            round(amount * dice.random.uniform(0.17, 0.27), 2), opened, contact, [], lead,
        )  # fmt: skip
        rate = company.EXPANSION_WIN_RATE if kind == "expansion" else channel.win_rate
        won = dice.hit(f"win {channel.name}", min(0.9, rate * person.skill))
        deal.stays = self._stays(deal, won=won)
        if deal.stage == LOST:
            deal.lost_reason = dice.pick(company.LOST_REASONS)
        self.story.deals.append(deal)
        self._work(deal)
        if deal.stage == WON:
            self._bought(deal)

    def _stays(self, deal: Deal, *, won: bool) -> list[Stay]:
        """Walk the deal through its stages up to the last day. A quiet deal stops on the way and stays open."""
        dice = self._dice
        last = OPEN_STAGES[-1] if won else dice.pick(company.LOST_AT)
        quiet = (self.story.end - deal.created.date()).days < company.QUIET_DAYS and dice.hit(
            "quiet", company.QUIET_SHARE
        )
        if quiet:
            last = dice.pick({"Demo": 0.3, "Proposal": 0.6, "Negotiation": 0.1})
        stays: list[Stay] = []
        entered = deal.created
        for stage in OPEN_STAGES:
            mean = company.STAY_DAYS[stage]
            if stage == "Proposal" and self._late(entered):
                mean *= company.LATE_PROPOSAL
            if stage == last and not won:
                mean += company.LOST_EXTRA_DAYS
            left = dice.at_work((entered + timedelta(days=dice.days(mean))).date())
            if left <= entered:
                left = entered + timedelta(hours=3)
            if not self._known(left) or (quiet and stage == last):
                return [*stays, Stay(stage, entered, None)]
            stays.append(Stay(stage, entered, left))
            entered = left
            if stage == last:
                break
        return [*stays, Stay(WON if won else LOST, entered, None)]

    def _bought(self, deal: Deal) -> None:
        closed = deal.closed
        monthly = round(deal.amount / 12, 2)
        known = self._customers.get(deal.firm.id)
        if known is not None:
            known.monthly = round(known.monthly + monthly, 2)
        elif closed is not None:
            customer = Customer(deal.firm, deal.channel, closed.date(), monthly)
            self._customers[deal.firm.id] = customer
            customer.churned = self._leaves(customer)

    def _leaves(self, customer: Customer) -> date | None:
        """Return the day on which a customer leaves; None when it is still there on the last day."""
        day = customer.acquired + timedelta(days=30)
        while day <= self.story.end:
            if self._dice.hit(f"churn {customer.channel.name}", customer.channel.churn):
                return day
            day += timedelta(days=30)
        return None

    # --- work

    def _activity(
        self, kind: str, when: datetime, status: str, owner: str, *, qualified: bool | None = None, direction: str = "",
        lead: Lead | None = None, deal: Deal | None = None,
    ) -> None:  # fmt: skip
        if not self._known(when):
            return
        number = self._id("activity")
        self.story.activities.append(
            Activity(
                number,
                kind,
                when,
                status,
                direction,
                qualified,
                owner,
                lead.id if lead else "",
                deal.id if deal else "",
            )
        )

    def _calls(
        self, owner: str, after: datetime, number: int, *, lead: Lead | None = None, deal: Deal | None = None
    ) -> None:
        for step in range(number):
            when = self._dice.at_work((after + timedelta(days=1 + 3 * step)).date())
            status = self._dice.pick({"Completed": 0.93, "Cancelled": 0.07})
            direction = "Outbound" if self._dice.hit("outbound", 0.88) else "Inbound"
            self._activity("Call", when, status, owner, direction=direction, lead=lead, deal=deal)

    def _work(self, deal: Deal) -> None:
        """Record what was done for a deal: calls, the demo, the proposal, and when it was last touched."""
        dice, until = self._dice, self.story.end
        first = len(self.story.activities)
        for stay in deal.stays:
            if stay.stage == "Demo":
                status = "Completed" if dice.hit("demo", 0.9) else dice.pick({"No show": 0.6, "Cancelled": 0.4})
                self._activity("Meeting", stay.entered, status, deal.owner, qualified=True, deal=deal)
            elif stay.stage == "Proposal":
                self._activity("Proposal", stay.entered, "Sent", deal.owner, deal=deal)
            if stay.stage in OPEN_STAGES:
                self._calls(deal.owner, stay.entered, dice.random.randint(0, 2), deal=deal)
        done = [activity.when for activity in self.story.activities[first:]]
        deal.last_activity = max([deal.stays[-1].entered, *done])
        if deal.closed is None:
            deal.expected = self._expected(deal, until)

    def _expected(self, deal: Deal, until: date) -> datetime | None:
        """Return when an open deal is hoped to close. Some have no date, some have one that has passed."""
        dice = self._dice
        if dice.hit("no close date", 0.16):
            return None
        hoped = deal.created.date() + timedelta(days=dice.random.randint(30, 75))
        if hoped <= until and not dice.hit("overdue", 0.3):
            hoped = until + timedelta(days=dice.random.randint(4, 50))
        return dice.at_work(hoped)
