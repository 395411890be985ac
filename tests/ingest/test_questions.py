"""What KPIDesk asks rather than decides: look-alike names, placeholders, amounts of different periods, orders of dates."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from kpidesk.domain.importing import KEPT, PERIOD, UNIT, Choices, DateOrder, kept_key
from kpidesk.domain.problem import Problem, Severity
from kpidesk.domain.settings import Settings
from kpidesk.frame import BLANK_DAY
from kpidesk.ingest.interpret import Interpretation, interpret
from kpidesk.ingest.readers import read_table

HEAD = "Deal ID,Stage,Amount,Create Date,Close Date,Product,Owner"


def read(
    folder: Path,
    lines: list[str],
    choices: Choices | None = None,
    head: str = HEAD,
    earlier: Mapping[str, Sequence[str]] | None = None,
) -> Interpretation:
    path = folder / "deals.csv"
    path.write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    return interpret(read_table(path), choices or Choices(), Settings(), known_values=lambda _: earlier or {})


def problem(found: Interpretation, code: str) -> Problem | None:
    return next((one for one in found.preview.problems if one.code == code), None)


def values(found: Interpretation, field: str) -> list[str]:
    assert found.batch is not None, found.preview.blocking
    column = found.batch.frame.text(field)
    return [column.values[code] if code >= 0 else "" for code in column.codes]


def deal(number: int, product: str, owner: str = "Ann Marsh", amount: str = "5") -> str:
    return f"{number},Won,{amount},2026-01-02,2026-02-03,{product},{owner}"


PRODUCTS = [deal(1, "GTX Pro"), deal(2, "GTX Pro"), deal(3, "GTXPro"), deal(4, "GTX Basic")]


def test_names_are_trimmed_and_folded_without_a_question(tmp_path: Path) -> None:
    found = read(tmp_path, [deal(1, "A", "  Darcel   Schlecht"), deal(2, "A", "Darcel\u00a0Schlecht ")])
    assert values(found, "owner") == ["Darcel Schlecht"] * 2
    assert problem(found, "near-equal-owner") is None


def test_spellings_that_look_alike_are_offered_and_never_merged_alone(tmp_path: Path) -> None:
    found = read(tmp_path, PRODUCTS)
    asked = problem(found, "near-equal-product")
    assert asked is not None
    assert (asked.severity, asked.values, asked.options, asked.count) == (Severity.CHECK, ("GTXPro",), ("GTX Pro",), 1)
    assert values(found, "product") == ["GTX Pro", "GTX Pro", "GTXPro", "GTX Basic"]
    merged = read(tmp_path, PRODUCTS, Choices(values={("product", "GTXPro"): "GTX Pro"}))
    assert values(merged, "product") == ["GTX Pro", "GTX Pro", "GTX Pro", "GTX Basic"]
    assert problem(merged, "near-equal-product") is None
    kept = read(tmp_path, PRODUCTS, Choices(values={kept_key("product", "GTXPro"): KEPT}))
    assert values(kept, "product") == values(found, "product")
    assert problem(kept, "near-equal-product") is None


def test_the_spelling_of_earlier_imports_is_the_one_to_merge_into(tmp_path: Path) -> None:
    asked = problem(read(tmp_path, PRODUCTS[:2], earlier={"product": ("GTXPro", "Other")}), "near-equal-product")
    assert asked is not None
    assert (asked.values, asked.options) == (("GTX Pro",), ("GTXPro",))


@pytest.mark.parametrize(("one", "other"), [("Plan 1.0", "Plan 10"), ("Plan 1-0", "Plan 10"), ("A+", "B+"), ("-", "+")])
def test_values_that_differ_in_more_than_marks_are_not_alike(one: str, other: str, tmp_path: Path) -> None:
    assert problem(read(tmp_path, [deal(1, one), deal(2, other)]), "near-equal-product") is None


@pytest.mark.parametrize(("one", "other"), [("Café", "cafe"), ("North-West", "North West"), ("ann marsh", "Ann Marsh")])
def test_case_accents_and_marks_are_asked_about(one: str, other: str, tmp_path: Path) -> None:
    assert problem(read(tmp_path, [deal(1, one), deal(2, other), deal(3, other)]), "near-equal-product") is not None


def test_words_for_nothing_are_counted_by_column(tmp_path: Path) -> None:
    lines = [deal(1, "Select"), deal(2, "Select"), deal(3, "null", "None"), deal(4, "A", "—", "TBD")]
    found = read(tmp_path, lines)
    said = problem(found, "null-words")
    assert said is not None
    assert said.count == 5
    assert "“Select” 2 times in “Product”" in said.message
    assert set(said.values) == {"Select", "null", "—", "TBD"}
    assert values(found, "product") == ["", "", "", "A"]
    assert values(found, "owner") == ["Ann Marsh", "Ann Marsh", "None", ""]  # a category may be called None


def test_minus_one_for_nothing_is_asked_about(tmp_path: Path) -> None:
    lines = [deal(1, "A"), deal(2, "A", amount="-1"), deal(3, "A", amount="-1.0")]
    asked = problem(read(tmp_path, lines), "placeholder-amount")
    assert asked is not None
    assert asked.count == 2
    blank = read(tmp_path, lines, Choices(values={("amount", text): "" for text in asked.values}))
    assert blank.batch is not None
    assert np.nansum(blank.batch.frame.number("amount").values) == 5.0
    assert problem(read(tmp_path, [*lines, deal(4, "A", amount="-7")]), "placeholder-amount") is None


def test_zeros_where_nothing_is_blank_are_asked_about(tmp_path: Path) -> None:
    lines = [deal(1, "A"), deal(2, "A", amount="0"), deal(3, "A", amount="0.00"), deal(4, "A", amount="7")]
    asked = problem(read(tmp_path, lines), "placeholder-amount")
    assert asked is not None
    assert asked.message.startswith("2 of 4 amounts are 0 and no cell is blank")
    assert set(asked.values) == {"0", "0.00"}
    kept = read(tmp_path, lines, Choices(values={kept_key("amount", text): KEPT for text in asked.values}))
    assert problem(kept, "placeholder-amount") is None
    assert kept.batch is not None
    assert np.isfinite(kept.batch.frame.number("amount").values).all()
    blank = read(tmp_path, lines, Choices(values={("amount", text): "" for text in asked.values}))
    assert blank.batch is not None
    assert np.isnan(blank.batch.frame.number("amount").values).sum() == 2
    assert problem(blank, "placeholder-amount") is None
    # An export that leaves unknown amounts blank means 0 where it writes it.
    assert problem(read(tmp_path, [*lines, deal(5, "A", amount="")]), "placeholder-amount") is None


CLOSE = "id,lead_name,status_label,status_type,value,value_period,value_currency,user_name,date_created,date_won,date_lost,confidence"


def close(
    folder: Path, values: list[str], choices: Choices | None = None, period: str = "one_time", more: str = ""
) -> Interpretation:
    rows = [
        f"oppo_{n},Lead {n},Signed,won,{value},{period},GBP,Ann,2026-01-05,2026-02-20,,100{more}"
        for n, value in enumerate(values)
    ]
    path = folder / "opportunities.csv"
    path.write_text("\n".join([CLOSE + (",value_formatted" if more else ""), *rows]) + "\n", encoding="utf-8")
    return interpret(read_table(path), choices or Choices(), Settings())


def amounts(found: Interpretation) -> list[float]:
    assert found.batch is not None
    return found.batch.frame.number("amount").values.tolist()


def test_amounts_that_may_be_cents_wait_for_an_answer(tmp_path: Path) -> None:
    found = close(tmp_path, ["1170000", "4850"])
    assert found.batch is None
    asked = problem(found, "value-units")
    assert asked is not None
    assert "1 of 2 amounts end in 00" in asked.message
    assert amounts(close(tmp_path, ["1170000", "4850"], Choices(values={UNIT: "cents"}))) == [11700.0, 48.5]
    assert amounts(close(tmp_path, ["1170000", "4850"], Choices(values={UNIT: "whole"}))) == [1170000.0, 4850.0]
    # Decimals prove that the amounts are whole ones, and an amount written beside them is read instead.
    assert amounts(close(tmp_path, ["11700.50", "48"])) == [11700.5, 48.0]
    assert amounts(close(tmp_path, ["1170000"], more=',"£11,700"')) == [11700.0]


def test_amounts_paid_again_and_again_say_so_when_all_are(tmp_path: Path) -> None:
    found = close(tmp_path, ["100.50"], period="monthly")
    asked = problem(found, "value-periods")
    assert asked is not None
    assert asked.severity is Severity.CHECK
    assert amounts(found) == [100.5]
    assert amounts(close(tmp_path, ["100.50"], Choices(values={PERIOD: "year"}), period="monthly")) == [1206.0]
    assert amounts(close(tmp_path, ["10050"], period="monthly", more=",£100.50 monthly")) == [100.5]


PERIODS = "Deal ID,Stage,Value,Value Period,Create Date,Close Date"
PAID = [
    "1,Won,1200,one_time,2026-01-02,2026-02-03",
    "2,Won,100,monthly,2026-01-02,2026-02-03",
    "3,Won,600,annual,2026-01-02,2026-02-03",
]


@pytest.mark.parametrize(("reading", "amounts"), [("year", [1200.0, 1200.0, 600.0]), ("month", [1200.0, 100.0, 50.0])])
def test_amounts_of_different_periods_wait_for_an_answer(reading: str, amounts: list[float], tmp_path: Path) -> None:
    found = read(tmp_path, PAID, head=PERIODS)
    assert found.batch is None
    asked = problem(found, "value-periods")
    assert asked is not None
    assert "1 a month and 1 a year and 1 once" in asked.message
    answered = read(tmp_path, PAID, Choices(values={PERIOD: reading}), head=PERIODS)
    assert answered.batch is not None
    assert answered.batch.frame.number("amount").values.tolist() == amounts
    assert read(tmp_path, PAID[:1], head=PERIODS).batch is not None


def test_a_cell_that_links_several_records_links_the_first(tmp_path: Path) -> None:
    head = "Deal ID,Stage,Amount,Close Date,Associated Company IDs"
    found = read(
        tmp_path,
        ["1,Won,5,2026-02-03,11;12", '2,Won,5,2026-02-03,"[""13"",""14""]"', "3,Won,5,2026-02-03,15"],
        head=head,
    )
    assert values(found, "customer_id") == ["11", "13", "15"]
    said = problem(found, "several-linked")
    assert said is not None
    assert said.count == 2


def test_guids_are_one_whatever_their_braces_and_case(tmp_path: Path) -> None:
    guid = "6f1c0d52-0b1e-4b3a-9e52-0d5a7e5f1a01"
    many = [f"{{{guid[:-4].upper()}{number:04X}}},Won,5,2026-01-02,2026-02-03,A,Ann" for number in range(1200)]
    found = read(tmp_path, many)
    assert found.batch is not None
    assert found.batch.keys[26] == f"{guid[:-4]}001a"


def test_the_answer_about_one_column_leaves_proven_ones_alone(tmp_path: Path) -> None:
    head = "Deal ID,Stage,Amount,Create Date,Close Date,Last Activity Date"
    lines = ["1,Won,5,13/07/2026,07/20/2026,01/02/2026"]
    found = read(tmp_path, lines, Choices(date_order=DateOrder.MDY), head=head)
    assert found.batch is not None
    assert not found.batch.held
    days = {
        name: str(found.batch.frame.time(name).days.astype("datetime64[D]")[0])
        for name in ("created", "closed", "last_activity")
    }
    assert days == {"created": "2026-07-13", "closed": "2026-07-20", "last_activity": "2026-01-02"}


def test_mixed_separators_offer_their_own_orders_and_hold_the_other_under_one(tmp_path: Path) -> None:
    ends = ["1/25/2026", "25-1-26", "2/3/2026", "4-2-26"]
    lines = [f"{number},Won,5,2026-01-01,{end},A,Ann" for number, end in enumerate(ends)]
    asked = problem(read(tmp_path, lines), "date-order-mixed")
    assert asked is not None
    assert asked.options[0] == "by-mark"
    assert "“/” have the month first" in asked.message
    both = read(tmp_path, lines, Choices(date_order=DateOrder.BY_MARK))
    assert both.batch is not None
    days = both.batch.frame.time("closed").days
    assert days.astype("datetime64[D]").astype(str).tolist() == ["2026-01-25", "2026-01-25", "2026-02-03", "2026-02-04"]
    one = read(tmp_path, lines, Choices(date_order=DateOrder.MDY))
    assert one.batch is not None
    assert [held.line for held in one.batch.held] == [3, 5]  # 4-2-26 would be 2 April


def test_the_offered_order_of_mixed_dates_has_no_deal_closing_before_it_opens(tmp_path: Path) -> None:
    ends = ["13/07/2026", "07/14/2026", "03/08/2026", "01/09/2026"]
    lines = [f"{number},Won,5,2026-07-01,{end},A,Ann" for number, end in enumerate(ends)]
    asked = problem(read(tmp_path, lines), "date-order-mixed")
    assert asked is not None
    assert asked.options == ("dmy", "mdy")
    assert "Month first, 2 deals close before the day of creation; day first, none." in asked.message
    shown = read(tmp_path, lines).preview
    assert shown.rows[2].cells["closed"] == "3 Aug 2026"
    answered = read(tmp_path, lines, Choices(date_order=DateOrder.DMY))
    assert answered.batch is not None
    assert len(answered.batch.held) == 1
    assert (answered.batch.frame.time("closed").days != BLANK_DAY).all()


def test_other_words_for_what_kpis_ask_for_are_read_as_one_and_named(tmp_path: Path) -> None:
    """Without it, EBITDA would count `Amortization` among the costs that it leaves out."""
    head = "Deal ID,Stage,Amount,Create Date,Close Date,Deal type"
    types = ("New Business", "existing  business", "Renewal", "Pilot", "New business")
    lines = [f"{number},Won,5,2026-01-02,2026-02-03,{name}" for number, name in enumerate(types)]
    found = read(tmp_path, lines, head=head)
    assert values(found, "type") == ["new", "expansion", "Renewal", "Pilot", "new"]
    said = problem(found, "other-words")
    assert said is not None
    assert (said.severity, said.count) == (Severity.INFO, 3)
    assert "“New Business” is new, “existing business” is expansion" in said.message
    categories = ("Amortization", "Taxes", "COGS", "Cost of sales", "Overheads", "Rent")
    lines = [f"2026-01-31,{name},7" for name in categories]
    found = read(tmp_path, lines, Choices(entity="costs"), "Date,Category,Amount")
    assert values(found, "category") == ["amortisation", "tax", "cogs", "cogs", "overhead", "rent"]
    chosen = Choices(entity="costs", values={("category", "Taxes"): "opex"})
    assert values(read(tmp_path, lines, chosen, "Date,Category,Amount"), "category")[1] == "opex"
