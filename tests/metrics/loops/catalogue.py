"""The table of the semantics (3.10), by hand."""

from tests.metrics.loops.formulas import (
    Formula,
    Test,
    at_least,
    at_most,
    at_start,
    average,
    constant,
    conversion,
    count,
    distinct,
    elapsed_share,
    everything,
    growth,
    if_blank,
    in_quarter,
    is_blank,
    is_known,
    is_true,
    last_year,
    median,
    minus,
    none_of,
    only,
    over,
    period_length,
    previous,
    proportion,
    share,
    targets,
    times,
    total,
    trailing,
    year_to_date,
)
from tests.metrics.loops.values import Answer, Row
from tests.metrics.loops.windows import Window
from tests.metrics.loops.world import World


def kpi(name: str) -> Formula:
    """Another KPI, or what the settings put in its place."""

    def formula(world: World, window: Window) -> Answer:
        key = (name, window)
        if key not in world.answers:
            world.answers[key] = _formula(name, world)(world, window)
        return world.answers[key]

    return formula


def _formula(name: str, world: World) -> Formula:
    years = world.settings.customer_lifespan_years
    if name == "customer_lifespan" and years is not None:
        return constant(years * 365.25)
    if name == "total_revenue" and world.settings.revenue_source == "transactions":
        return minus(total("purchases", "amount"), total("refunds", "amount"))
    return CATALOGUE[name]


def _same_lead(lead: Row, other: Row) -> bool:
    return lead.cells["lead_id"] is not None and lead.cells["lead_id"] == other.cells["lead_id"]


def _of_stages(first: str, second: str) -> Formula:
    """Deals that reached a stage and then another."""

    def formula(world: World, window: Window) -> Answer:
        def follows(row: Row, other: Row) -> bool:
            return row.cells["deal_id"] == other.cells["deal_id"] and other.cells["stage"].casefold() == second

        wanted = Test("stage", first)
        rows = world.rows("stage_reached")
        problem = None if rows is None else wanted.problem(rows) or Test("stage", second).problem(rows)
        if problem:
            return Answer(None, problem)
        return only(conversion("stage_reached", "stage_reached", None, follows), wanted)(world, window)

    return formula


COST = ("costs", "amount")
NEEDED = if_blank(in_quarter(kpi("quota")), in_quarter(kpi("sales_target")))

CATALOGUE: dict[str, Formula] = {
    "lead_volume": count("created_leads"),
    "lead_response_time": median("created_leads", "response_time"),
    "lead_response_time_mean": average("created_leads", "response_time"),
    "work_response": median("created_leads", "work_response"),
    "leads_unanswered": count("created_leads", is_blank("first_response")),
    "answered_within_1h": share("created_leads", at_most("response_time", 1 / 24)),
    "lead_to_meeting_rate": conversion("created_leads", "meetings", 30, _same_lead),
    "lead_to_opportunity_rate": conversion("created_leads", "created_deals", 90, _same_lead),
    "calls_made": count("calls"),
    "meetings_booked": count("meetings"),
    "qualified_meetings_booked": count("meetings", is_true("qualified")),
    "proposals_sent": count("proposals"),
    "stage_conversion_rate": share("stage_reached", is_true("advanced")),
    "demo_to_proposal": _of_stages("demo", "proposal"),
    "average_time_in_stage": over(total("stage_exits", "days"), distinct("stage_exits", "deal_stage")),
    "open_pipeline": total("open_deals", "amount"),
    "pipeline_coverage": over(kpi("open_pipeline"), NEEDED),
    "coverage_at_start": over(in_quarter(at_start(kpi("open_pipeline"))), NEEDED),
    "pipeline_created": total("created_deals", "amount"),
    "pipeline_created_new_segment": only(kpi("pipeline_created"), Test("segment", "Enterprise")),
    "new_bookings_vertical": total("won_deals", "amount", Test("industry", "Healthcare"), Test("type", "new")),
    "deals_closed": count("won_deals"),
    "win_rate": proportion(count("won_deals"), count("closed_deals")),
    "win_rate_value": over(total("won_deals", "amount"), total("closed_deals", "amount")),
    "win_rate_cohort": share("created_deals", Test("status", "won")),
    "average_deal_size": average("won_deals", "amount"),
    "sales_cycle_length": average("closed_deals", "cycle_days"),
    "sales_cycle_won": average("won_deals", "cycle_days"),
    "sales_cycle_first_contact": average("won_deals", "contact_days"),
    "sales_velocity": over(
        times(count("open_deals"), kpi("win_rate"), kpi("average_deal_size")), kpi("sales_cycle_length")
    ),
    "total_revenue": minus(total("won_deals", "amount"), total("refunds", "amount")),
    "monthly_sales_growth": growth(kpi("total_revenue")),
    "sales_target": targets(quotas=False),
    "quota": targets(quotas=True),
    "sales_target_attainment": over(kpi("total_revenue"), kpi("sales_target")),
    "quota_attainment": over(only(kpi("total_revenue"), is_true("owner_has_quota")), kpi("quota")),
    "closed_revenue_vs_quota": over(kpi("total_revenue"), kpi("quota")),
    "quota_gap": minus(kpi("total_revenue"), kpi("quota")),
    "average_profit_margin": over(total("won_deals", "profit"), total("won_deals", "amount", is_known("profit"))),
    "gross_margin": over(minus(kpi("total_revenue"), total(*COST, Test("category", "cogs"))), kpi("total_revenue")),
    "cac": over(total("sales_marketing_costs", "amount"), count("new_customers")),
    "cac_lagged": over(previous(total("sales_marketing_costs", "amount")), count("new_customers")),
    "average_purchase_value": over(total("purchases", "amount"), count("purchases")),
    "purchase_frequency": over(count("purchases"), distinct("purchases", "customer_id"), period_length),
    "customer_lifespan": constant(5 * 365.25),
    "clv": times(
        trailing(times(kpi("average_purchase_value"), kpi("purchase_frequency")), 12, "month"),
        kpi("customer_lifespan"),
    ),
    "clv_period": times(kpi("average_purchase_value"), kpi("purchase_frequency"), kpi("customer_lifespan")),
    "clv_margin": times(kpi("clv"), kpi("gross_margin")),
    "churn_rate": over(count("churned_customers"), at_start(count("active_customers"))),
    "arpa": over(total("purchases", "amount"), count("active_customers")),
    "clv_churn": over(times(kpi("arpa"), kpi("gross_margin")), kpi("churn_rate")),
    "clv_to_cac": over(kpi("clv"), kpi("cac")),
    "cac_payback": times(over(kpi("cac"), times(kpi("arpa"), kpi("gross_margin"))), period_length),
    "ebitda": minus(
        kpi("total_revenue"), total(*COST, none_of("category", "depreciation", "amortisation", "interest", "tax"))
    ),
    "overheads_to_sales": over(total(*COST, Test("category", "overhead")), kpi("total_revenue")),
    "revenue_ytd": year_to_date(kpi("total_revenue")),
    "revenue_share": over(kpi("total_revenue"), everything(kpi("total_revenue"))),
    "win_rate_3": trailing(kpi("win_rate"), 3),
    "required_coverage": over(constant(1), kpi("win_rate_value")),
    "pace": over(kpi("sales_target_attainment"), elapsed_share),
    "large_deal_share": share("won_deals", at_least("amount", 10_000)),
    "growth_on_last_year": over(
        minus(kpi("total_revenue"), last_year(kpi("total_revenue"))), last_year(kpi("total_revenue"))
    ),
}
