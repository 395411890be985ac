"""Which KPIs a file feeds, in words."""

from kpidesk.domain.feeds import Feeds, Lack
from kpidesk.ingest.profiles import header_for, profile
from kpidesk.present.feeds import Missing, file_feeds

NAMES = {"win_rate": "Win rate", "cac": "CAC", "cycle": "Cycle", "margin": "Margin"}


def test_each_lack_is_an_action_with_the_kpis_that_wait() -> None:
    found = Feeds(
        ("win_rate",),
        (
            Lack((("costs.date",), ("deals.closed",)), ("cac",)),
            Lack((("deals.created",),), ("cycle",)),
            Lack((("costs.category",),), ("margin",)),
        ),
    )
    shown = file_feeds(found, NAMES, "deals", lambda field: f"CRM {field}", frozenset({"deals"}))
    assert shown.fed == ("Win rate",)
    assert shown.waiting == 3
    assert shown.missing == (
        Missing("Add “CRM created” to the export", ("Cycle",), here=True),
        Missing("Add “CRM closed” to the export and import costs", ("CAC",), here=False),
        Missing("Import costs", ("Margin",), here=False),
    )
    there = file_feeds(found, NAMES, "deals", lambda field: field, frozenset({"costs", "deals"}))
    assert there.missing[2].words == "Add “Category” to costs"


def test_columns_go_by_the_name_that_the_crm_gives_them() -> None:
    names = {
        one: header_for(crm, "deals", "closed")
        for one in ("hubspot", "salesforce", "pipedrive", "zoho", "generic")
        if (crm := profile(one)) is not None
    }
    assert names == {
        "hubspot": "Close date",
        "salesforce": "Close date",
        "pipedrive": "Deal - Won time",
        "zoho": "Closing date",
        "generic": "Close date",
    }
    hubspot = profile("hubspot")
    assert hubspot is not None
    assert header_for(hubspot, "deals", "customer_id") == "Associated company IDs"
    assert header_for(hubspot, "deals", "cost") == "Cost"
