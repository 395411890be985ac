"""The rules that hold for every number (semantics 1.3), one by one."""

from datetime import date

import pytest

from kpidesk.domain.period import Grain
from kpidesk.domain.result import Reason
from kpidesk.domain.settings import Settings
from tests.metrics.asking import deal, engine, month, points, slices

WON = deal("A", "won", "2025-01-10", "2025-02-10", 1000.0)


class TestAsOf:
    def test_a_deal_won_next_week_is_open_today(self) -> None:
        of = engine({"deals": [WON]}, as_of=date(2025, 2, 3))
        assert month(of, "deals_closed", "2025-02").value == 0
        assert month(of, "open_pipeline", "2025-02").value == 1000
        assert month(of, 'COUNT(created_deals WHERE status = "open")', "2025-01").value == 1

    def test_a_deal_created_tomorrow_does_not_exist(self) -> None:
        of = engine({"deals": [WON, deal("B", "open", "2025-02-04", None, 5.0)]}, as_of=date(2025, 2, 3))
        assert month(of, "pipeline_created", "2025-02").value == 0
        assert month(of, "COUNT(open_deals)", "2025-02").value == 1

    def test_a_question_may_ask_for_an_earlier_day(self) -> None:
        of = engine({"deals": [WON]})
        assert month(of, "deals_closed", "2025-02").value == 1
        assert month(of, "deals_closed", "2025-02", as_of=date(2025, 2, 9)).value == 0
        assert month(of, "deals_closed", "2025-02", as_of=date(2025, 2, 10)).value == 1

    def test_a_future_month_is_flagged(self) -> None:
        of = engine({"deals": [WON]}, as_of=date(2025, 2, 15))
        assert month(of, "deals_closed", "2025-04").flags == ("partial_period",)

    def test_expected_closes_lie_ahead(self) -> None:
        ahead = deal("B", "open", "2025-01-10", None, 700.0, expected_close="2025-05-20")
        of = engine({"deals": [WON, ahead]}, as_of=date(2025, 2, 15))
        assert month(of, "SUM(deals.amount ON expected_close)", "2025-05").value == 700

    def test_a_late_answer_is_no_answer_yet(self) -> None:
        lead = {"lead_id": "L", "created": "2025-02-01T09:00:00", "first_response": "2025-02-03T09:00:00"}
        of = engine({"leads": [lead]}, as_of=date(2025, 2, 2))
        assert month(of, "leads_unanswered", "2025-02").value == 1
        assert month(of, "lead_response_time", "2025-02").reason is Reason.BLANK


class TestAmounts:
    def test_unknown_amounts_are_counted_not_guessed(self) -> None:
        of = engine({"deals": [WON, deal("B", "won", "2025-01-02", "2025-02-11")]})
        point = month(of, "total_revenue", "2025-02")
        assert (point.value, point.flags) == (1000, ("missing_amount:1",))

    def test_the_sum_of_nothing_known_is_not_zero(self) -> None:
        of = engine(
            {"deals": [deal("B", "won", "2025-01-02", "2025-02-11", None), deal("C", "open", "2025-01-01", None, 1.0)]}
        )
        assert month(of, "total_revenue", "2025-02").reason is Reason.BLANK
        assert month(of, "average_deal_size", "2025-02").reason is Reason.BLANK
        assert month(of, "deals_closed", "2025-02").value == 1

    def test_every_unknown_amount_counts_once(self) -> None:
        """Two won deals and a refund without an amount are 3 in revenue; two rates of the same deals still lack 2."""
        deals = [WON, *(deal(name, "won", "2025-01-02", "2025-02-11") for name in "BC")]
        deals += [deal("D", "won", "2025-01-02", "2025-03-11", 50.0), deal("E", "lost", "2025-01-02", "2025-03-12")]
        back = [
            {"date": "2025-02-20", "amount": None, "kind": "refund"},
            {"date": "2025-02-20", "amount": 1.0, "kind": "refund"},
        ]
        of = engine({"deals": deals, "transactions": back})
        assert month(of, "total_revenue", "2025-02").flags == ("missing_amount:3",)
        assert "missing_amount:2" in month(of, "win_rate_value", "2025-02").flags
        assert "missing_amount:2" in month(of, "[Average deal size] / [Win rate by value]", "2025-02").flags
        assert "missing_amount:1" in month(of, "win_rate_value", "2025-03").flags
        assert "missing_amount:3" in month(of, "monthly_sales_growth", "2025-03").flags
        assert "missing_amount:3" in month(of, "revenue_ytd", "2025-03").flags

    def test_a_negative_deal_lowers_revenue_and_is_no_deal(self) -> None:
        of = engine({"deals": [WON, deal("B", "won", "2025-01-02", "2025-03-11", -300.0)]})
        assert month(of, "total_revenue", "2025-02").value == 1000  # the month of the sale stays
        assert month(of, "total_revenue", "2025-03").value == -300
        assert month(of, "deals_closed", "2025-03").value == 0
        assert month(of, "average_deal_size", "2025-03").reason is Reason.NO_ROWS
        assert month(of, "pipeline_created", "2025-01").value == 1000
        assert month(of, "COUNT(open_deals)", "2025-01").value == 1

    def test_refunds_among_transactions_lower_revenue_once(self) -> None:
        refunds = [
            {"date": "2025-02-20", "amount": 100.0, "kind": "refund"},
            {"date": "2025-02-21", "amount": -50.0, "kind": "sale"},
            {"date": "2025-02-22", "amount": 999.0, "kind": "sale"},
        ]
        of = engine({"deals": [WON], "transactions": refunds})
        assert month(of, "total_revenue", "2025-02").value == 850
        assert month(of, "SUM(purchases.amount)", "2025-02").value == 999

    def test_invoiced_revenue_leaves_adjusted_deals_alone(self) -> None:
        tables = {
            "deals": [WON, deal("B", "won", "2025-01-02", "2025-02-11", -300.0)],
            "transactions": [
                {"date": "2025-02-20", "amount": 100.0, "kind": "refund"},
                {"date": "2025-02-22", "amount": 900.0, "kind": "sale"},
            ],
        }
        invoiced = "SUM(purchases.amount) - SUM(refunds.amount)"
        assert month(engine(tables, Settings(revenue_source="transactions")), invoiced, "2025-02").value == 800
        assert month(engine(tables), invoiced, "2025-02").value == 500

    def test_invoices_have_no_owner_and_so_no_quota(self) -> None:
        """With invoiced revenue nobody knows which of it is of people with a quota."""
        quota = {"start": "2025-02-01", "end": "2025-02-28", "amount": 100.0, "owner": "Ann"}
        sale = {"date": "2025-02-22", "amount": 90.0, "kind": "sale"}
        owned = deal("A", "won", "2025-01-10", "2025-02-10", 40.0, owner="Ann")
        invoiced = "ONLY(SUM(purchases.amount) WHERE owner_has_quota) / [Quota]"
        assert month(engine({"deals": [owned], "targets": [quota]}), invoiced, "2025-02").value == 0.4
        of = engine({"deals": [owned], "targets": [quota], "transactions": [sale]})
        assert month(of, invoiced, "2025-02").reason is Reason.NOT_IMPORTED

    def test_float_dust_is_swept(self) -> None:
        of = engine({"deals": [deal(str(n), "won", "2025-01-02", "2025-02-11", 0.1) for n in range(3)]})
        assert month(of, "total_revenue", "2025-02").value == 0.3

    def test_an_empty_pipeline_is_exactly_zero(self) -> None:
        deals = [deal(str(n), "won", "2025-01-02", f"2025-02-{n:02}", 0.1 + n / 7) for n in range(1, 20)]
        of = engine({"deals": deals})
        assert month(of, "open_pipeline", "2025-02").value == 0.0
        assert month(of, "open_pipeline", "2025-02").n == 0


class TestCurrencies:
    RATES = (
        {"currency": "USD", "from": "2025-01-01", "rate": 0.8},
        {"currency": "usd", "from": "2025-03-01", "rate": 0.5},
    )

    def test_closed_deals_at_their_close_open_ones_at_the_as_of_day(self) -> None:
        deals = [
            deal("A", "won", "2025-01-10", "2025-02-10", 1000.0, currency="USD"),
            deal("B", "won", "2025-01-10", "2025-03-10", 1000.0, currency="USD"),
            deal("C", "open", "2025-01-10", None, 1000.0, currency="USD"),
        ]
        of = engine({"deals": deals, "fx": list(self.RATES)})
        assert [point.value for point in points(of, "total_revenue", Grain.MONTH, "2025-02-01", "2025-03-01")] == [
            800,
            500,
        ]
        assert month(of, "open_pipeline", "2025-03").value == 500
        assert month(of, "open_pipeline", "2025-02", as_of=date(2025, 2, 20)).value == 1600

    def test_without_a_rate_an_amount_is_unknown_never_one_to_one(self) -> None:
        deals = [WON, deal("B", "won", "2025-01-10", "2025-02-10", 500.0, currency="JPY")]
        early = deal("C", "won", "2024-11-10", "2024-12-10", 500.0, currency="USD")
        of = engine({"deals": [*deals, early], "fx": list(self.RATES)})
        assert month(of, "total_revenue", "2025-02").flags == ("missing_amount:1",)
        assert month(of, "total_revenue", "2024-12").reason is Reason.BLANK

    def test_costs_at_their_own_date(self) -> None:
        costs = [
            {"date": day, "amount": 100.0, "currency": "USD", "category": "sales"}
            for day in ("2025-02-01", "2025-03-01")
        ]
        of = engine({"costs": costs, "fx": list(self.RATES)})
        values = points(of, "SUM(costs.amount)", Grain.MONTH, "2025-02-01", "2025-03-01")
        assert [point.value for point in values] == [80, 50]


class TestDates:
    def test_a_close_date_on_an_open_deal_is_an_expected_one(self) -> None:
        of = engine({"deals": [WON, deal("B", "open", "2025-01-10", "2025-01-31", 10.0)]})
        assert month(of, "COUNT(closed_deals)", "2025-01").value == 0
        assert month(of, "COUNT(open_deals)", "2025-03").value == 1
        assert month(of, "COUNT(open_deals WHERE closed IS BLANK)", "2025-03").value == 1
        assert month(of, "COUNT(deals ON expected_close)", "2025-01").value == 1

    def test_without_a_creation_date(self) -> None:
        """It counts where its close decides, never in a cycle, and while open in today's pipeline only."""
        deals = [WON, deal("B", "won", None, "2025-02-10", 10.0), deal("C", "open", None, None, 7.0)]
        of = engine({"deals": deals}, as_of=date(2025, 4, 15))
        assert month(of, "deals_closed", "2025-02").value == 2
        assert month(of, "sales_cycle_length", "2025-02").n == 1
        assert month(of, "COUNT(created_deals)", "2025-01").value == 1
        values = points(of, "open_pipeline", Grain.MONTH, "2025-03-01", "2025-04-01")
        assert [point.value for point in values] == [0, 7]

    def test_won_without_a_close_date_is_neither_won_nor_open(self) -> None:
        of = engine({"deals": [WON, deal("B", "won", "2025-02-01", None, 10.0)]})
        assert month(of, "deals_closed", "2025-02").value == 1
        assert month(of, "COUNT(open_deals)", "2025-02").value == 0
        assert month(of, "COUNT(created_deals)", "2025-02").value == 1

    def test_closed_before_it_was_created(self) -> None:
        of = engine({"deals": [WON, deal("B", "lost", "2025-02-20", "2025-02-12", 10.0)]})
        point = month(of, "sales_cycle_length", "2025-02")
        assert (point.value, point.n) == (31, 1)
        assert month(of, "COUNT(closed_deals)", "2025-02").value == 2
        assert month(of, "COUNT(open_deals)", "2025-02").value == 0

    def test_days_by_the_clock_when_both_have_a_time_else_by_the_calendar(self) -> None:
        timed = deal("A", "won", "2025-03-29T12:00:00", "2025-03-31T00:00:00", 1.0)  # the clocks go forward in between
        mixed = deal("B", "won", "2025-03-29T12:00:00", "2025-03-31", 1.0)
        assert month(engine({"deals": [timed]}), "sales_cycle_length", "2025-03").value == pytest.approx(35 / 24)
        assert month(engine({"deals": [mixed]}), "sales_cycle_length", "2025-03").value == 2

    def test_a_column_that_no_file_had_is_not_imported(self) -> None:
        bare = [{"deal_id": "A", "status": "won", "amount": 5.0}, {"deal_id": "B", "status": "open", "amount": 7.0}]
        of = engine({"deals": bare}, as_of=date(2025, 2, 3))
        for kpi in ("total_revenue", "win_rate", "pipeline_created"):
            assert month(of, kpi, "2025-02").reason is Reason.NOT_IMPORTED, kpi
        assert month(of, "open_pipeline", "2025-02").value == 7
        assert month(of, "COUNT(deals ON expected_close)", "2025-02").reason is Reason.NOT_IMPORTED


class TestWhatIsNoDeal:
    def test_tests_and_duplicates_are_nothing_at_all(self) -> None:
        deals = [
            WON,
            deal("B", "lost", "2025-01-10", "2025-02-11", 50.0, lost_reason=" Duplicate"),
            deal("C", "lost", "2025-01-10", "2025-02-11", 50.0, lost_reason="no decision"),
            deal("D", "won", "2025-01-10", "2025-02-11", 50.0, test=1),
        ]
        of = engine({"deals": deals})
        assert month(of, "win_rate", "2025-02").value == 0.5
        assert month(of, "COUNT(created_deals)", "2025-01").value == 2
        every = engine({"deals": deals}, Settings(excluded_lost_reasons=("no decision",)))
        assert month(every, "SUM(lost_deals.amount)", "2025-02").value == 50


class TestReasons:
    def test_before_the_data_and_partly_before_it(self) -> None:
        of = engine({"deals": [WON]})
        before, first, _ = points(of, "total_revenue", Grain.MONTH, "2024-12-01", "2025-02-01")
        assert before.reason is Reason.BEFORE_DATA
        assert (first.value, first.flags) == (0, ("partial_data",))
        assert month(of, "open_pipeline", "2024-12").reason is Reason.BEFORE_DATA
        told = engine({"deals": [WON]}, Settings(data_from=date(2024, 12, 1)))
        assert month(told, "total_revenue", "2024-12").value == 0

    def test_the_data_begins_where_it_begins_whatever_day_one_looks_from(self) -> None:
        """Nobody knows December, neither today nor as of Christmas."""
        customer = {"customer_id": "C", "acquired": "2025-01-10", "churned": None}
        lead = {"lead_id": "L", "created": "2025-01-10"}
        of = engine({"deals": [WON], "leads": [lead], "customers": [customer]})
        for formula in ("COUNT(created_deals)", "COUNT(won_deals)", "COUNT(created_leads)", "COUNT(new_customers)"):
            for as_of in (date(2024, 12, 25), date(2025, 6, 1)):
                assert month(of, formula, "2024-12", as_of=as_of).reason is Reason.BEFORE_DATA, formula

    def test_what_is_left_out_is_no_beginning(self) -> None:
        deals = [WON, deal("T", "open", "2024-06-01", None, 1.0, test=1)]
        leads = [{"lead_id": "L", "created": "2025-01-10"}, {"lead_id": "T", "created": "2024-06-01", "test": 1}]
        of = engine({"deals": deals, "leads": leads})
        for kpi in ("pipeline_created", "lead_volume"):
            assert month(of, kpi, "2024-11").reason is Reason.BEFORE_DATA, kpi

    def test_each_table_begins_on_its_own_day(self) -> None:
        lead = {"lead_id": "L", "created": "2025-02-01"}
        of = engine({"deals": [WON], "leads": [lead]})
        assert month(of, "lead_volume", "2025-01").reason is Reason.BEFORE_DATA
        assert month(of, "COUNT(created_deals)", "2025-01").value == 1

    def test_a_word_that_no_row_has(self) -> None:
        cost = {"date": "2025-02-01", "amount": 10.0, "category": "overhead"}
        of = engine({"deals": [WON], "costs": [cost]})
        assert month(of, "gross_margin", "2025-02").reason is Reason.UNKNOWN_VALUE
        assert month(of, 'SUM(costs.amount WHERE category IN ("cogs", "overhead"))', "2025-02").value == 10
        assert month(of, 'SUM(costs.amount WHERE category = "cogs" OR category = "OVERHEAD ")', "2025-02").value == 10
        assert (
            month(of, 'SUM(costs.amount WHERE category = "cogs" OR category = "tax")', "2025-02").reason
            is Reason.UNKNOWN_VALUE
        )
        assert month(of, 'SUM(costs.amount WHERE category <> "cogs")', "2025-02").value == 10
        assert month(of, 'COUNT(created_deals WHERE status = "lost")', "2025-01").value == 0  # a word of ours

    def test_the_first_blank_side_says_why(self) -> None:
        of = engine({"deals": [WON]})
        assert month(of, "[Sales target] / [Lead volume]", "2025-02").reason is Reason.NO_TARGET
        assert month(of, "[Lead volume] * [Sales target]", "2025-02").reason is Reason.NOT_IMPORTED
        assert month(of, "COUNT(won_deals) / 0", "2025-02").reason is Reason.ZERO_DENOMINATOR
        assert month(of, "IF([Lead volume] > 3, 1, 0)", "2025-02").reason is Reason.NOT_IMPORTED
        assert month(of, "IFBLANK([Lead volume], 7)", "2025-02").value == 7

    def test_growth_from_below_zero_means_nothing(self) -> None:
        deals = [
            deal("A", "won", "2025-01-01", "2025-01-02", -200.0),
            deal("B", "won", "2025-01-01", "2025-02-02", 500.0),
        ]
        of = engine({"deals": deals})
        assert month(of, "monthly_sales_growth", "2025-02").reason is Reason.NEGATIVE_BASE

    def test_a_number_too_large_is_blank(self) -> None:
        of = engine({"deals": [WON]})
        assert month(of, "(COUNT(won_deals) * 999999999) ^ 999", "2025-02").reason is Reason.BLANK


class TestSamples:
    def many(self, won: int, lost: int) -> list[dict[str, object]]:
        return [
            deal(f"{status}{n}", status, "2025-01-01", "2025-02-01", 10.0)
            for status, count in (("won", won), ("lost", lost))
            for n in range(count)
        ]

    @pytest.mark.parametrize(
        ("decided", "flags"), [(4, ("too_few",)), (5, ("small_sample",)), (29, ("small_sample",)), (30, ())]
    )
    def test_rates_and_averages_say_how_many_they_rest_on(self, decided: int, flags: tuple[str, ...]) -> None:
        of = engine({"deals": self.many(decided, 0)})
        for kpi in ("win_rate", "average_deal_size", "sales_cycle_length", "sales_velocity"):
            assert month(of, kpi, "2025-02").flags == flags, kpi
        assert month(of, "total_revenue", "2025-02").flags == ()

    def test_a_proportion_has_its_parts_and_its_range(self) -> None:
        point = month(engine({"deals": self.many(3, 9)}), "win_rate", "2025-02")
        assert (point.numerator, point.denominator, point.n) == (3, 12, 12)
        assert point.interval == pytest.approx((0.088942, 0.532305), abs=1e-6)
        assert month(engine({"deals": self.many(3, 9)}), "win_rate_value", "2025-02").interval is None

    def test_nothing_above_nothing_stays_visible(self) -> None:
        costs = [{"date": "2025-02-01", "amount": 900.0, "category": "sales"}]
        deals = [deal("A", "won", "2024-12-01", "2025-01-05", 5.0, customer_id="C")]
        point = month(engine({"costs": costs, "deals": deals}), "cac", "2025-02")
        assert (point.reason, point.numerator, point.denominator) == (Reason.ZERO_DENOMINATOR, 900, 0)

    def test_spend_over_few_customers_is_marked(self) -> None:
        costs = [{"date": "2025-01-01", "amount": 900.0, "category": "sales"}]
        deals = [deal("A", "won", "2024-12-01", "2025-01-05", 5.0, customer_id="C")]
        assert "too_few" in month(engine({"costs": costs, "deals": deals}), "cac", "2025-01").flags

    def test_today_is_not_the_past(self) -> None:
        of = engine({"deals": [WON]}, as_of=date(2025, 2, 3))
        january, february = points(of, "open_pipeline", Grain.MONTH, "2025-01-01", "2025-02-01")
        assert january.flags == ("current_amounts",)
        assert february.flags == ("partial_period",)


class TestSlices:
    DEALS = (
        deal("A", "won", "2025-01-01", "2025-02-01", 10.0, owner="ann", source="Inbound"),
        deal("B", "won", "2025-01-01", "2025-02-01", 30.0, owner="Ann", source="Outbound"),
        deal("C", "won", "2025-01-01", "2025-02-01", 20.0, owner="Ann ", source="Inbound"),
        deal("D", "won", "2025-01-01", "2025-02-01", 90.0, owner="Bob"),
        deal("E", "lost", "2025-01-01", "2025-02-01", 10.0),
    )

    def test_spellings_of_one_name_are_one_slice(self) -> None:
        found = slices(engine({"deals": list(self.DEALS)}), "total_revenue", "owner", "2025-02-01")
        assert [point.value for point in found.values()] == [90, 60]
        assert {name.strip().casefold() for name in found if name} == {"ann", "bob"}

    def test_largest_first_a_rate_by_its_rows_and_no_name_last(self) -> None:
        of = engine({"deals": list(self.DEALS)})
        assert next(iter(slices(of, "total_revenue", "owner", "2025-02-01"))) == "Bob"
        by_rows = slices(of, "win_rate", "owner", "2025-02-01")
        assert [name if name is None else name.strip().casefold() for name in by_rows] == ["ann", "bob", None]

    def test_a_slice_and_the_filter_of_its_name_agree(self) -> None:
        of = engine({"deals": list(self.DEALS)})
        for name, point in slices(of, "total_revenue", "owner", "2025-02-01").items():
            assert month(of, "total_revenue", "2025-02", where={"owner": name}).value == point.value

    def test_a_filter_leaves_only_what_is_left(self) -> None:
        found = slices(
            engine({"deals": list(self.DEALS)}), "total_revenue", "owner", "2025-02-01", where={"source": "inbound"}
        )
        assert len(found) == 1

    def test_whoever_has_won_nothing_is_a_slice_too(self) -> None:
        cy = deal("F", "open", "2025-01-01", None, 5.0, owner="Cy")
        of = engine({"deals": [*self.DEALS, cy]})
        assert slices(of, "total_revenue", "owner", "2025-02-01")["Cy"].value == 0
        assert slices(of, "average_deal_size", "owner", "2025-02-01")["Cy"].reason is Reason.NO_ROWS
        assert slices(of, "win_rate", "owner", "2025-02-01")["Cy"].reason is Reason.ZERO_DENOMINATOR

    def test_whoever_called_and_met_nobody_is_a_slice_too(self) -> None:
        acts = [
            {"type": kind, "date": "2025-02-04", "owner": name} for kind, name in (("meeting", "Ann"), ("call", "Bob"))
        ]
        found = slices(engine({"activities": acts}), "meetings_booked", "owner", "2025-02-01")
        assert {name: point.value for name, point in found.items()} == {"Ann": 1, "Bob": 0}

    def test_a_company_target_stands_under_no_name(self) -> None:
        target = {"start": "2025-01-01", "end": "2025-12-31", "amount": 1200.0, "owner": None}
        of = engine({"deals": list(self.DEALS), "targets": [target]})
        assert {name: point.value for name, point in slices(of, "sales_target", "owner", "2025-02-01").items()} == {
            None: 100
        }

    def test_everything_over_everything_ignores_the_slice(self) -> None:
        found = slices(engine({"deals": list(self.DEALS)}), "revenue_share", "owner", "2025-02-01")
        assert [point.value for point in found.values()] == [0.6, 0.4]
