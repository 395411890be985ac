"""Leads, activities, customers, stages and conversions."""

from datetime import date
from typing import Any

import pytest

from kpidesk.domain.result import Reason
from kpidesk.domain.settings import Settings
from tests.metrics.asking import deal, engine, month, slices

STAGES = Settings(stages=("Discovery", "Demo", "Proposal"))


def lead(lead_id: str, created: str, answered: str | None = None, **more: Any) -> dict[str, Any]:
    return {"lead_id": lead_id, "created": created, "first_response": answered, **more}


class TestResponse:
    def test_silence_a_bare_date_and_an_answer_before_the_question_have_no_length(self) -> None:
        leads = [
            lead("A", "2025-02-03T09:00:00", "2025-02-03T11:00:00"),
            lead("B", "2025-02-03T09:00:00"),
            lead("C", "2025-02-03T09:00:00", "2025-02-04"),
            lead("D", "2025-02-03T09:00:00", "2025-02-03T08:00:00"),
        ]
        point = month(engine({"leads": leads}), "lead_response_time", "2025-02")
        assert (point.value, point.n) == (2 / 24, 1)
        share = month(engine({"leads": leads}), "answered_within_1h", "2025-02")
        assert (share.numerator, share.denominator) == (0, 4)

    def test_across_the_change_of_the_clocks(self) -> None:
        leads = [lead("A", "2025-03-30T00:30:00", "2025-03-30T02:30:00")]
        assert month(engine({"leads": leads}), "lead_response_time", "2025-03").value == 1 / 24

    @pytest.mark.parametrize(
        ("asked", "answered", "hours"),
        [
            ("2025-02-07T17:00:00", "2025-02-10T09:30:00", 1.0),  # Friday evening to Monday morning
            ("2025-02-08T12:00:00", "2025-02-09T12:00:00", 0.0),  # a weekend
            ("2025-02-11T07:00:00", "2025-02-11T10:00:00", 1.0),  # before the doors open
            ("2025-02-11T10:00:00", "2025-02-13T10:00:00", 8.5),  # with a holiday in between
            ("2025-02-11T10:00:00", "2025-02-11T09:00:00", None),
            ("2025-02-11T10:00:00", "2025-02-11", None),
        ],
    )
    def test_in_working_hours(self, asked: str, answered: str, hours: float | None) -> None:
        setup = Settings(holidays=(date(2025, 2, 12),))
        of = engine({"leads": [lead("A", asked, answered)]}, setup)
        point = month(of, "MEDIAN(created_leads.work_response)", "2025-02")
        assert point.value == (None if hours is None else pytest.approx(hours / 24))

    def test_other_hours_and_days(self) -> None:
        leads = [lead("A", "2025-02-09T07:00:00", "2025-02-10T09:00:00")]  # Sunday, Monday
        setup = Settings(work_hours="Sun-Thu 08:00-10:00")
        assert month(engine({"leads": leads}, setup), "AVERAGE(created_leads.work_response)", "2025-02").value == 3 / 24
        nobody = Settings(work_hours="never")
        assert (
            month(engine({"leads": leads}, nobody), "AVERAGE(created_leads.work_response)", "2025-02").reason
            is Reason.BLANK
        )

    def test_without_the_column(self) -> None:
        of = engine({"leads": [{"lead_id": "A", "created": "2025-02-03"}]})
        for kpi in ("lead_response_time", "leads_unanswered", "MEDIAN(created_leads.work_response)"):
            assert month(of, kpi, "2025-02").reason is Reason.NOT_IMPORTED


class TestActivities:
    def test_what_counts(self) -> None:
        rows = [
            ("meeting", "done", None),
            ("meeting", "no-show", None),
            ("meeting", "Cancelled", None),
            ("call", "done", "outbound"),
            ("call", None, None),
            ("call", "done", "Inbound"),
            ("call", "planned", "outbound"),
            ("proposal", "sent", None),
            ("proposal", "draft", None),
        ]
        activities = [
            {"type": kind, "date": "2025-02-03", "status": status, "direction": way} for kind, status, way in rows
        ]
        of = engine({"activities": activities})
        found = [month(of, kpi, "2025-02").value for kpi in ("meetings_booked", "calls_made", "proposals_sent")]
        assert found == [2, 2, 1]
        assert month(of, "qualified_meetings_booked", "2025-02").reason is Reason.NOT_IMPORTED


class TestConversions:
    def test_in_time_once_and_not_before(self) -> None:
        leads = [lead(name, "2025-02-03") for name in "ABCDE"]
        meetings = [
            ("A", "2025-03-05"),
            ("B", "2025-03-06"),
            ("C", "2025-02-01"),
            ("D", "2025-02-04"),
            ("D", "2025-02-05"),
        ]
        activities = [{"type": "meeting", "date": day, "lead_id": name} for name, day in meetings]
        point = month(engine({"leads": leads, "activities": activities}), "lead_to_meeting_rate", "2025-02")
        assert (point.numerator, point.denominator, point.pending) == (2, 5, 0)

    def test_a_young_cohort_is_not_ripe(self) -> None:
        leads = [lead("A", "2025-02-03"), lead("B", "2025-02-20")]
        activities = [{"type": "meeting", "date": "2025-02-04", "lead_id": "A"}]
        of = engine({"leads": leads, "activities": activities}, as_of=date(2025, 3, 1))
        point = month(of, "lead_to_meeting_rate", "2025-02")
        assert (point.value, point.pending) == (0.5, 1)
        assert "immature" in point.flags
        assert "immature" not in month(of, "lead_to_meeting_rate", "2025-02", as_of=date(2025, 4, 1)).flags

    def test_a_meeting_belongs_to_the_lead_of_its_deal(self) -> None:
        deals = [deal("D1", "open", "2025-02-04", None, 1.0, lead_id="A")]
        activities = [
            {"type": "meeting", "date": "2025-02-05", "deal_id": "D1", "lead_id": None},
            {"type": "meeting", "date": "2025-02-05", "deal_id": None, "lead_id": "B"},
        ]
        leads = [lead("A", "2025-02-03"), lead("B", "2025-02-03"), lead("C", "2025-02-03")]
        of = engine({"leads": leads, "activities": activities, "deals": deals})
        assert month(of, "lead_to_meeting_rate", "2025-02").numerator == 2
        assert month(of, "lead_to_opportunity_rate", "2025-02").numerator == 1

    def test_a_duplicate_is_no_opportunity(self) -> None:
        deals = [deal("D1", "lost", "2025-02-04", "2025-02-05", 1.0, lead_id="A", lost_reason="duplicate")]
        of = engine({"leads": [lead("A", "2025-02-03")], "deals": deals})
        assert month(of, "lead_to_opportunity_rate", "2025-02").value == 0

    def test_a_filter_and_a_slice_choose_the_leads(self) -> None:
        leads = [lead("A", "2025-02-03", owner="Ann"), lead("B", "2025-02-03", owner="Bob")]
        activities = [{"type": "meeting", "date": "2025-02-04", "lead_id": "A", "owner": "Bob"}]
        of = engine({"leads": leads, "activities": activities})
        assert month(of, "lead_to_meeting_rate", "2025-02", where={"owner": "Ann"}).value == 1
        found = slices(of, "lead_to_meeting_rate", "owner", "2025-02-01")
        assert {name: point.value for name, point in found.items()} == {"Ann": 1, "Bob": 0}

    def test_nothing_to_convert(self) -> None:
        called = [{"type": "call", "date": "2025-02-04", "lead_id": "A"}]
        of = engine({"leads": [lead("A", "2025-02-03")], "activities": called})
        assert month(of, "lead_to_meeting_rate", "2025-03").reason is Reason.ZERO_DENOMINATOR
        assert month(of, "lead_to_meeting_rate", "2025-02").value == 0

    def test_what_nothing_links_is_unknown_rather_than_nothing(self) -> None:
        """Meetings that name neither lead nor deal, or a deal that names no lead, do not tell whether a lead was met."""
        leads = [lead("A", "2025-02-03")]
        met = {"type": "meeting", "date": "2025-02-04"}
        deals = [deal("D", "open", "2025-02-04", None, 1.0)]
        of = engine({"leads": leads, "activities": [met], "deals": deals})
        assert month(of, "lead_to_meeting_rate", "2025-02").reason is Reason.NOT_IMPORTED
        assert month(of, "lead_to_opportunity_rate", "2025-02").reason is Reason.NOT_IMPORTED
        of = engine({"leads": leads, "activities": [{**met, "deal_id": "D"}], "deals": deals})
        assert month(of, "lead_to_meeting_rate", "2025-02").reason is Reason.NOT_IMPORTED
        of = engine({"leads": leads, "activities": [{**met, "deal_id": "D"}], "deals": [{**deals[0], "lead_id": "A"}]})
        assert month(of, "lead_to_meeting_rate", "2025-02").value == 1


class TestStages:
    DEALS = (
        deal("A", "won", "2025-01-01", "2025-01-20", 1.0),
        deal("B", "open", "2025-01-01", None, 1.0),
        deal("C", "lost", "2025-01-01", "2025-01-30", 1.0),
    )

    def stay(self, deal_id: str, stage: str, entered: str, exited: str | None = None) -> dict[str, Any]:
        return {"deal_id": deal_id, "stage": stage, "entered": entered, "exited": exited}

    def test_going_back_undoes_nothing_and_winning_passes_all(self) -> None:
        stays = [
            self.stay("A", "Discovery", "2025-01-01"),
            self.stay("B", "Discovery", "2025-01-01"),
            self.stay("B", "Proposal", "2025-01-05"),
            self.stay("B", "demo", "2025-01-09"),
            self.stay("C", "Discovery", "2025-01-01"),
            self.stay("Z", "Discovery", "2025-01-01"),  # a deal that was never imported
        ]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        found = slices(of, "stage_conversion_rate", "stage", "2025-01-01")
        parts = {name: (point.numerator, point.denominator, point.pending) for name, point in found.items()}
        assert parts == {"Discovery": (2, 3, 0), "Demo": (2, 2, 0), "Proposal": (1, 2, 1)}
        assert month(of, "COUNT(stage_reached WHERE implied)", "2025-01").value == 2

    def test_a_funnel_can_only_narrow(self) -> None:
        stays = [self.stay("A", "Proposal", "2025-01-03"), self.stay("B", "Demo", "2025-01-02")]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        counts = [
            month(of, f'COUNT(reached("{stage}"))', "2025-01").value for stage in ("Discovery", "Demo", "Proposal")
        ]
        assert counts == [2, 2, 1]

    def test_what_was_known_on_the_day(self) -> None:
        stays = [self.stay("A", "Discovery", "2025-01-01"), self.stay("A", "Demo", "2025-01-10")]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        early = slices(of, "stage_conversion_rate", "stage", "2025-01-01", as_of=date(2025, 1, 5))
        assert {name: (point.value, point.pending) for name, point in early.items()} == {"Discovery": (0, 1)}

    def test_stays_end_with_the_next_or_with_the_deal(self) -> None:
        stays = [
            self.stay("A", "Discovery", "2025-01-01"),
            self.stay("A", "Demo", "2025-01-05"),  # until it was won on the 20th
            self.stay("B", "Demo", "2025-01-01", "2025-01-03"),
            self.stay("B", "Demo", "2025-01-08", "2025-01-09"),
            self.stay("B", "Proposal", "2025-01-09"),  # still there
            self.stay("C", "Demo", "2025-01-09", "2025-01-02"),  # ended before it began
        ]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        found = slices(of, "average_time_in_stage", "stage", "2025-01-01")
        assert {name: point.value for name, point in found.items()} == {"Discovery": 4, "Demo": 9}

    def test_a_stay_ends_with_what_is_known_on_the_day(self) -> None:
        """On 6 January neither the exit on the 9th nor the next stay on the 8th has happened; on the 25th the deal was won."""
        stays = [
            self.stay("A", "Demo", "2025-01-02", "2025-01-09"),
            self.stay("B", "Demo", "2025-01-02"),
            self.stay("B", "Proposal", "2025-01-08"),
        ]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        found = [month(of, "COUNT(stage_exits)", "2025-01", as_of=date(2025, 1, day)).value for day in (6, 8, 9)]
        assert found == [0, 1, 2]

    def test_a_decision_before_the_next_stay_is_known_ends_the_stay(self) -> None:
        stays = [self.stay("A", "Demo", "2025-01-05"), self.stay("A", "Proposal", "2025-02-01")]  # won on 20 January
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        assert month(of, "average_time_in_stage", "2025-01", as_of=date(2025, 1, 25)).value == 15

    def test_stays_are_measured_by_the_clock_to_the_end(self) -> None:
        deals = [deal("A", "won", "2025-01-01", "2025-01-06T18:00:00", 1.0)]
        stays = [
            self.stay("A", "Discovery", "2025-01-05T06:00:00"),
            self.stay("A", "Demo", "2025-01-05T12:00:00"),
            self.stay("A", "demo ", "2025-01-05T18:00:00"),
        ]
        of = engine({"deals": deals, "stage_history": stays}, STAGES)
        assert month(of, 'SUM(stage_exits.days WHERE stage = "demo")', "2025-01").value == 0.25 + 1
        # Two spellings of one stage are one stage of the deal: (0.25 + 1.25) days over 2 stages.
        assert month(of, "average_time_in_stage", "2025-01").value == 0.75

    def test_a_bare_date_comes_before_the_times_of_its_day(self) -> None:
        settings = Settings(stages=STAGES.stages, timezone="Asia/Kolkata")
        stays = [
            self.stay("B", "Demo", "2025-01-08T02:00:00"),  # in UTC it is still the day before
            self.stay("B", "Discovery", "2025-01-08"),
            self.stay("B", "Proposal", "2025-01-10"),
        ]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, settings)
        found = slices(of, "average_time_in_stage", "stage", "2025-01-01")
        assert {name: point.value for name, point in found.items()} == {"Discovery": 0, "Demo": 2}

    def test_a_stay_that_ended_before_it_began_that_day_is_none(self) -> None:
        stays = [self.stay("B", "Demo", "2025-01-08T12:00:00", "2025-01-08T09:00:00")]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        assert month(of, "COUNT(stage_exits)", "2025-01").value == 0

    def test_a_stage_that_the_workspace_has_not(self) -> None:
        stays = [self.stay("A", "Discovery", "2025-01-01")]
        other = engine({"deals": list(self.DEALS), "stage_history": stays}, Settings(stages=("Discovery", "Offer")))
        assert month(other, "demo_to_proposal", "2025-01").reason is Reason.UNKNOWN_VALUE
        assert month(other, 'COUNT(reached("Demo"))', "2025-01").reason is Reason.UNKNOWN_VALUE
        # A stage of the workspace that nobody reached is a funnel of nothing.
        of = engine(
            {"deals": list(self.DEALS[1:]), "stage_history": [self.stay("B", "Discovery", "2025-01-01")]}, STAGES
        )
        assert month(of, "demo_to_proposal", "2025-01").reason is Reason.ZERO_DENOMINATOR

    def test_the_decision_is_no_stay(self) -> None:
        """CRMs write a move to Closed won into the history; Parked is no stage of the order, but deals do stand there."""
        stays = [
            self.stay("A", "Discovery", "2025-01-01"),
            self.stay("A", "Parked", "2025-01-11"),
            self.stay("A", "Closed won", "2025-01-20"),
        ]
        of = engine({"deals": list(self.DEALS), "stage_history": stays}, STAGES)
        assert month(of, "average_time_in_stage", "2025-01").value == (10 + 9) / 2
        assert month(of, "COUNT(stage_exits)", "2025-01").value == 2

    def test_without_history_or_an_order_of_stages(self) -> None:
        of = engine({"deals": list(self.DEALS)}, STAGES)
        assert month(of, "stage_conversion_rate", "2025-01").reason is Reason.NOT_IMPORTED
        stays = [self.stay("A", "Discovery", "2025-01-01")]
        of = engine({"deals": list(self.DEALS), "stage_history": stays})
        assert month(of, "stage_conversion_rate", "2025-01").reason is Reason.NOT_IMPORTED


class TestCustomers:
    DEALS = (
        deal("A", "won", "2024-12-01", "2025-01-10", 1.0, customer_id="C1", source="Event"),
        deal("B", "won", "2024-12-01", "2025-02-10", 1.0, customer_id="C1", source="Inbound"),
        deal("C", "won", "2024-12-01", "2025-02-11", 1.0, customer_id="C2", source="Inbound"),
        deal("D", "won", "2024-12-01", "2025-02-11", 1.0, customer_id=None, source="Inbound"),
    )

    def test_the_first_win_makes_a_customer(self) -> None:
        of = engine({"deals": list(self.DEALS)})
        assert [month(of, "COUNT(new_customers)", name).value for name in ("2025-01", "2025-02")] == [1, 1]
        assert month(of, "COUNT(active_customers)", "2025-02").value == 2
        assert {n: p.value for n, p in slices(of, "COUNT(new_customers)", "source", "2025-01-01").items()} == {
            "Event": 1,
            "Inbound": 0,
        }
        assert month(of, "churn_rate", "2025-02").reason is Reason.NOT_IMPORTED

    def test_imported_customers_borrow_what_they_lack(self) -> None:
        customers = [
            {"customer_id": "C1", "acquired": None, "churned": "2025-03-05"},
            {"customer_id": "C2", "acquired": "2025-01-20", "churned": None},
            {"customer_id": "C9", "acquired": None, "churned": None},
        ]
        of = engine({"deals": list(self.DEALS), "customers": customers})
        assert [month(of, "COUNT(new_customers)", name).value for name in ("2025-01", "2025-02")] == [2, 0]
        assert {n: p.value for n, p in slices(of, "COUNT(new_customers)", "source", "2025-01-01").items()} == {
            "Event": 1,
            "Inbound": 1,
        }
        assert month(of, "churn_rate", "2025-03").value == 0.5
        assert month(of, "COUNT(active_customers)", "2025-03").value == 1

    def test_gaps_of_a_customer_come_from_its_first_deal(self) -> None:
        customers = [
            {"customer_id": "C1", "acquired": "2025-01-10", "source": None},
            {"customer_id": "C2", "acquired": "2025-01-20", "source": "Partner"},
        ]
        found = slices(
            engine({"deals": list(self.DEALS), "customers": customers}), "COUNT(new_customers)", "source", "2025-01-01"
        )
        assert {name: point.value for name, point in found.items()} == {"Event": 1, "Partner": 1}

    def test_an_invoice_has_the_source_of_its_customer(self) -> None:
        def sale(customer: str, amount: float, **more: str) -> dict[str, object]:
            return {"date": "2025-03-01", "customer_id": customer, "amount": amount, **more}

        sales = [sale("C1", 60.0), sale("C2", 40.0, source="Partner"), sale("C9", 5.0), sale("C2", 7.0, kind="refund")]
        of = engine({"deals": list(self.DEALS), "transactions": sales})
        found = slices(of, "average_purchase_value", "source", "2025-03-01")
        assert {name: point.value for name, point in found.items()} == {"Event": 60, "Partner": 40, None: 5}
        assert month(of, "arpa", "2025-03", where={"source": "Event"}).value == 60
        assert slices(of, "total_revenue", "source", "2025-03-01")["Inbound"].value == -7
        customers = [{"customer_id": "C1", "acquired": "2025-01-10", "source": "Referral", "segment": "SMB"}]
        of = engine({"deals": list(self.DEALS), "transactions": sales, "customers": customers})
        assert month(of, "SUM(purchases.amount)", "2025-03", where={"source": "referral"}).value == 60
        assert month(of, "SUM(purchases.amount)", "2025-03", where={"segment": "SMB"}).value == 60

    def test_customers_before_the_first_deal_is_won(self) -> None:
        customers = [{"customer_id": "C1", "acquired": "2025-01-10"}, {"customer_id": "C2", "acquired": None}]
        of = engine({"deals": [deal("A", "open", "2025-01-01", None, 5.0)], "customers": customers})
        assert month(of, "COUNT(new_customers)", "2025-01").value == 1

    def test_who_bought_was_never_imported(self) -> None:
        """Without a customer or an account on any deal nobody knows how many bought: not 0 customers."""
        deals = [deal("A", "won", "2024-12-01", "2025-01-10", 5.0)]
        of = engine({"deals": deals, "costs": [{"date": "2025-01-05", "amount": 900.0, "category": "sales"}]})
        for kpi in ("cac", "purchase_frequency", "arpa"):
            assert month(of, kpi, "2025-01").reason is Reason.NOT_IMPORTED, kpi
        assert month(of, "average_purchase_value", "2025-01").value == 5
        undated = [{"customer_id": "C1", "source": "Event"}]
        assert month(engine({"customers": undated}), "COUNT(new_customers)", "2025-01").reason is Reason.NOT_IMPORTED

    def test_spend_that_was_never_imported_is_not_nothing(self) -> None:
        """Costs without a category, or of other categories only, do not say that customers cost £0."""
        for cost in ({"date": "2025-01-05", "amount": 9.0}, {"date": "2025-01-05", "amount": 9.0, "category": "cogs"}):
            of = engine({"deals": list(self.DEALS), "costs": [cost]})
            assert month(of, "cac", "2025-01").reason is Reason.NOT_IMPORTED
        spent = {"date": "2025-03-05", "amount": 9.0, "category": "Marketing "}
        of = engine(
            {"deals": list(self.DEALS), "costs": [spent, {"date": "2025-01-05", "amount": 9.0, "category": "cogs"}]}
        )
        assert month(of, "cac", "2025-01").value == 0

    def test_customers_at_the_start_of_a_coming_month(self) -> None:
        """Nothing is known beyond the as-of day: what stands then stands at the start of every coming month."""
        of = engine({"deals": list(self.DEALS)}, as_of=date(2025, 2, 20))
        assert month(of, "AT_START(COUNT(active_customers))", "2025-05").value == 2
        today = [deal("A", "open", None, None, 7.0)]
        assert (
            month(engine({"deals": today}, as_of=date(2025, 2, 20)), "AT_START([Open pipeline])", "2025-05").value == 7
        )

    def test_won_deals_are_purchases_until_sales_are_imported(self) -> None:
        assert month(engine({"deals": list(self.DEALS)}), "COUNT_DISTINCT(purchases.customer_id)", "2025-02").value == 2
        sales = [{"date": "2025-02-01", "amount": 5.0, "kind": "sale", "customer_id": "C7"}]
        of = engine({"deals": list(self.DEALS), "transactions": sales})
        assert month(of, "SUM(purchases.amount)", "2025-02").value == 5
        assert month(of, "SUM(purchases.amount)", "2025-01").reason is Reason.BEFORE_DATA
