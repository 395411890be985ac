"""The facts about Fernhill Software: who works there, where leads come from, what things cost and how deals go.

Money is in pounds, lengths of time in hours or days as named, rates are fractions. Numbers "a quarter" are those of today;
`trend` scales the two years before.
"""

from dataclasses import dataclass
from datetime import date

NAME = "Fernhill Software"
CURRENCY = "GBP"
MONTHS = 24
LATE_DAYS = 84  # the last twelve weeks: paid search was turned up, and Proposal became a bottleneck
QUARTER_DAYS = 91.31
OPEN_STAGES = ("Qualified", "Demo", "Proposal", "Negotiation")
WON, LOST = "Won", "Lost"
PIPELINE = "Sales Pipeline"
QUARTER_TARGET = 240_000  # the newest quarter; earlier ones follow growth
# What the quarter so far usually shows: won against pace, win rate, days from creation to decision, pounds a won deal.
USUAL_PACE, USUAL_WIN_RATE, USUAL_CYCLE_DAYS, USUAL_DEAL = 0.93, 0.243, 41.0, 9_600


@dataclass(frozen=True, slots=True)
class Person:
    """Someone who owns deals. `quota` a quarter (0: has none), shares of new leads and deals, `skill` multiplies the win rate."""

    name: str
    quota: int
    lead_share: float
    deal_share: float
    skill: float


PEOPLE = (
    Person("Priya Shah", 90_000, 0.15, 0.34, 1.18),
    Person("Tom Okafor", 80_000, 0.20, 0.33, 0.80),
    Person("Dan Hughes", 50_000, 0.55, 0.23, 1.00),
    Person("Mia Lindqvist", 0, 0.10, 0.10, 1.15),
)


@dataclass(frozen=True, slots=True)
class Channel:
    """One source of business.

    `leads` and `direct_deals` (deals without a lead record) a quarter, `meeting_rate` of leads, `win_rate` of deals, `response`
    and `late_response` the usual hours to the first answer before and in the last twelve weeks, `size` the mean deal,
    `sales` and `marketing` spend a month, `churn` the share of customers lost a month, `late` the factor on leads and
    marketing in the last twelve weeks.
    """

    name: str
    leads: float
    direct_deals: float
    meeting_rate: float
    win_rate: float
    response: float
    late_response: float
    size: float
    sales: int
    marketing: int
    churn: float
    late: float = 1.0


CHANNELS = (
    Channel("Inbound", 126, 0, 0.44, 0.30, 2.0, 2.9, 9_300, 3_400, 7_000, 0.017),
    Channel("Outbound", 8, 35, 0.30, 0.13, 2.3, 2.6, 10_800, 15_000, 2_100, 0.024),
    Channel("Referral", 19, 5, 0.62, 0.37, 1.1, 1.2, 9_900, 1_700, 1_900, 0.010),
    Channel("Paid search", 33, 0, 0.32, 0.12, 2.8, 5.4, 7_400, 2_200, 6_800, 0.038, 1.8),
    Channel("Events", 32, 0, 0.34, 0.23, 2.4, 2.8, 10_200, 1_800, 3_700, 0.024),
)

# The rest of the ledger: category, pounds a month today, whether it follows growth.
OTHER_COSTS = (
    ("cogs", 14_600, True),
    ("overhead", 9_900, True),
    ("opex", 15_500, True),
    ("depreciation", 650, False),
    ("interest", 140, False),
)

STAY_DAYS = {"Qualified": 8.0, "Demo": 8.0, "Proposal": 12.5, "Negotiation": 10.5}
LATE_PROPOSAL = 1.75  # how much longer proposals wait in the last twelve weeks
LOST_EXTRA_DAYS = 18.0  # a lost deal lingers in its last stage
LOST_AT = {"Qualified": 0.32, "Demo": 0.26, "Proposal": 0.27, "Negotiation": 0.15}
QUIET_DAYS, QUIET_SHARE = 170, 0.12  # deals of the last months that nobody moves any more
EXPANSION_DEALS, EXPANSION_WIN_RATE, EXPANSION_SIZE = 4.0, 0.5, 5_000

SEGMENTS = {
    "Small business": (0.62, 0.82),
    "Mid-market": (0.30, 1.15),
    "Enterprise": (0.08, 1.80),
}  # share, size factor
INDUSTRIES = {
    "Professional services": 0.26,
    "Retail": 0.20,
    "Healthcare": 0.18,
    "Manufacturing": 0.16,
    "Logistics": 0.12,
    "Hospitality": 0.08,
}
REGIONS = {"London": 0.30, "South": 0.22, "Midlands": 0.18, "North": 0.20, "Scotland": 0.10}
PRODUCTS = {"Fernhill Starter": 0.40, "Fernhill Team": 0.42, "Fernhill Business": 0.18}
LOST_REASONS = {"No decision": 0.36, "Price": 0.24, "Competitor": 0.20, "Missing feature": 0.12, "Timing": 0.08}

_SEASON = {8: 0.86, 12: 0.80}


def trend(day: date, first: date, end: date) -> float:
    """Return the size of the business on `day` against today, without seasons: from 0.6 at the start to 1.0 at the end."""
    return 0.6 + 0.4 * (day - first).days / max((end - first).days, 1)


def growth(day: date, first: date, end: date) -> float:
    """Return how much comes in on `day` against today: the trend, less in August and December."""
    return trend(day, first, end) * _SEASON.get(day.month, 1.0)
