"""What the language refuses: each error says what is wrong, where, and how to mend it (semantics 3.6)."""

import re
from pathlib import Path
from typing import Any

import pytest

from kpidesk.domain.problem import KpideskError
from kpidesk.formula.check import check
from kpidesk.formula.errors import FormulaError
from tests.formula.scopes import made, outcome, refused, shipped

SEMANTICS = Path(__file__).parents[2] / "../shared/semantics.md"


def worked_examples() -> list[Any]:
    if not SEMANTICS.exists():
        return [
            pytest.param(
                "", 0, "", "", "", marks=pytest.mark.skip(reason="the shared semantics are not beside this checkout")
            )
        ]
    table = SEMANTICS.read_text(encoding="utf-8").split("### 3.6")[1].split("### 3.7")[0]
    rows = re.findall(r"^\| (E\d+):(\d+) \| `(.*)` \| (.*) \| (.*) \|$", table, re.MULTILINE)
    assert len(rows) == 24
    return [pytest.param(code, int(column), text, message, fix, id=text) for code, column, text, message, fix in rows]


@pytest.mark.parametrize(("code", "column", "text", "message", "fix"), worked_examples())
def test_worked_example(code: str, column: int, text: str, message: str, fix: str) -> None:
    scope, own = shipped(), None
    if code == "E19":
        scope, own = made(a_share="1 - [B share]", b_share="1"), "b_share"
    error = refused(text, scope, own)
    assert (error.code, error.start + 1, error.message) == (code, column, message)
    assert (" / ".join(mend.label for mend in error.suggestions) or error.hint) == fix


# The code, and what the message or the hint says, for mistakes that the worked examples do not cover.
MISTAKES = [
    ("", "E07", "no formula"),
    (" = ", "E07", "no formula"),
    ("// nothing but a comment", "E07", "no formula"),
    ("[Win rate] +", "E07", "missing at the end"),
    ("* 2", "E07", "a number, a KPI or a function is missing"),
    ("COUNT(won_deals WHERE)", "E07", "“)” does not fit"),
    ("[Win rate] [CAC]", "E07", "An operator or a comma may be missing"),
    ('COUNT(won_deals source = "x")', "E07", "A condition follows WHERE"),
    ("COUNT(won_deals WHERE amount > 1 WHERE amount > 2)", "E07", "“WHERE” does not fit"),
    ("5 & 3", "E07", "“&”"),
    ("1 ÷÷ 2", "E07", "does not fit"),
    ("[Win rate", "E04", "This [ is never closed"),
    ("COUNT(won_deals))", "E05", "closes nothing"),
    ("IF([Total revenue] > 1,000, 1)", "E08", "thousands comma"),
    ("£1,234,567.50 + £1", "E08", "thousands comma"),
    ("COUNTIFS(won_deals, amount > 1,000)", "E08", "thousands comma"),
    ("1,5 * [Win rate]", "E08", "point"),
    ("[Wn rate] * 2", "E01", "no KPI called “Wn rate”"),
    ("Winrate * 2", "E01", "I don't know “Winrate”"),
    ("COUNT(5)", "E01", "list of rows"),
    ("won_deal.amount", "E01", "rows called “won_deal”"),
    ("won_deals.amout", "E02", "won_deals has no column “amout”"),
    ('reached("Demo").amout', "E02", "stage_reached has no column “amout”"),
    ("total_revenue.amount", "E28", "total_revenue is a finished KPI"),
    (
        "COUNT(won_deals WHERE win_rate > 5)",
        "E28",
        "win_rate is a finished KPI: one number per period, so there are no rows",
    ),
    ("SUM(total_revenue * 2)", "E28", "so SUM has no rows"),
    ("SUMIFS(won_deals.amount, cac > 5)", "E28", "cac is a finished KPI"),
    ('COUNTIF(won_deals, "Inbound")', "E11", "one test"),
    ("COUNT(won_deals)\x00", "E07", "cannot be seen here (U+0000)"),
    ("\u202e1 + 2", "E07", "cannot be seen here (U+202E)"),
    ('COUNT(won_deals WHERE source LIKE "x")', "E07", "“LIKE” does not fit here"),
    ('COUNT(won_deals WHERE LIKE "x")', "E07", "does not fit here"),
    ("CONVERSION(created_leads.source TO meetings)", "E01", "list of rows"),
    ("DAYS([CAC], 2)", "E13", "row by row"),
    ("won_deals", "E13", "list of rows"),
    ('reached("Demo")', "E13", "list of rows"),
    ('reached("Demo").amount', "E13", "one value per row"),
    ("SUM(won_deals)", "E13", "needs a column"),
    ("COUNT(won_deals WHERE COUNT(won_deals) > 5)", "E13", "COUNT does not work row by row"),
    ("AVERAGE(quotas.amount)", "E13", "only their sum"),
    ("COUNT(company_targets)", "E13", "only their sum"),
    ("SUM(quotas.amount * 2)", "E13", "only their sum"),
    ("SHARE(quotas WHERE amount > 5)", "E13", "only their sum"),
    ("IF([Win rate] IN (1, 2), 1, 0)", "E13", "row by row"),
    ("[Win rate] > 20%", "E14", "yes or no"),
    ("AND([Win rate] > 20%)", "E14", "yes or no"),
    ("TRUE", "E14", "yes or no"),
    ("IF([Win rate], 1, 0)", "E11", "Here belongs a test"),
    ("IF([Win rate] WHERE 1 = 1, 1, 0)", "E11", "inside a function over rows"),
    ("COUNT(won_deals WHERE source)", "E11", "one test"),
    ('COUNT(won_deals WHERE source = "A" OR "B")', "E11", "one test"),
    ("COUNT(won_deals.amount > 5)", "E11", "follows WHERE"),
    ("ONLY([Win rate])", "E11", "WHERE and a test"),
    ("COUNT(won_deals ON created)", "E12", "only by closed"),
    ("COUNT(open_deals ON created)", "E12", "cannot be placed by “created”."),
    ("CONVERSION(won_deals TO open_deals)", "E12", "no day of their own"),
    ("COUNT(won_deals WHERE costs = 5)", "E15", "list of rows, not a column"),
    ('SUM(reached("A").amount - reached("B").amount)', "E15", "one list of rows"),
    ('SUM(stage_reached.amount - reached("B").amount)', "E15", "one list of rows"),
    ('"text"', "E16", "with a text"),
    ("SUM(won_deals.source)", "E16", "needs numbers"),
    ("SUM(won_deals.amount + source)", "E16", "with a text"),
    ("SUM(won_deals.amount + closed)", "E16", "with a date"),
    ("SUM(won_deals.amount + cycle_days)", "E16", "add money and duration"),
    ("COUNT_DISTINCT(won_deals.closed)", "E16", "texts or numbers"),
    ('COUNT(won_deals WHERE IFBLANK(source, "x") = "x")', "E16", "with a text"),
    ("AVERAGE(MIN(won_deals.amount, won_deals.cycle_days))", "E16", "money in one case and duration in another"),
    ("MAX(0, [CAC], [Win rate])", "E16", "money in one case and percent in another"),
    ("[CAC] ^ 2", "E17", "plain numbers"),
    ("POWER([CAC], 2)", "E17", "plain numbers"),
    ("1 / [CAC]", "E17", "has no meaning"),
    ("IF([Sales cycle length] < 30, 1, 0)", "E18", "duration with number"),
    ("COUNT(won_deals WHERE 5 > cycle_days)", "E18", "number with duration"),
    ("COUNT(won_deals WHERE closed > 5)", "E18", "a date with number"),
    ("COUNT(won_deals WHERE source = 5)", "E18", "a text with number"),
    ('COUNT(won_deals WHERE "a" = "b")', "E18", "two texts"),
    ('COUNT(won_deals WHERE "a" IN ("a", "b"))', "E18", "has to be a column"),
    ("COUNT(won_deals WHERE source IN (owner))", "E18", "texts in quotes"),
    ("COUNT(won_deals WHERE source CONTAINS owner)", "E18", "looks for a text"),
    ("COUNT(won_deals WHERE owner_has_quota > FALSE)", "E18", "= and <>"),
    ("COUNT(won_deals WHERE amount = BLANK)", "E18", "IS BLANK"),
    ("IF([CAC] <> BLANK, 1, 0)", "E18", "IS BLANK"),
    ("COUNT(won_deals WHERE created >= DATE(2025, 13, 1))", "E18", "year, a month and a day"),
    ("AVERAGE(DAYS(won_deals.closed, won_deals.amount))", "E18", "needs dates"),
    ("COUNT()", "E21", "needs rows"),
    ("COUNT(won_deals, 5)", "E21", "one list of rows"),
    ("IF([Win rate] > 1)", "E21", "2 to 3 values, not 1"),
    ("LAST_YEAR([Win rate], 3)", "E21", "1 value, not 2"),
    ("TRAILING([Win rate])", "E21", "2 values, not 1"),
    ("TRAILING([Win rate], 0)", "E21", "how many periods"),
    ("TRAILING([Win rate], 1.5)", "E21", "how many periods"),
    ("PREVIOUS([Win rate], 10000 YEARS)", "E21", "how many periods"),
    ("PREVIOUS([Win rate], 3 HOURS)", "E21", "in days or longer"),
    ("ROUND([Win rate], ELAPSED_SHARE)", "E21", "whole number of digits"),
    ("AVERAGE(ROUND(won_deals.amount, won_deals.probability))", "E21", "whole number of digits"),
    ("PERCENTILE(won_deals.amount, 90)", "E21", "from 0% to 100%"),
    ("SHARE(won_deals)", "E21", "WHERE and a test"),
    ("CONVERSION(created_leads)", "E21", "needs TO"),
    ("COUNT(won_deals TO meetings)", "E21", "belong to CONVERSION"),
    ("CONVERSION(created_leads TO meetings WITHIN 30)", "E21", "length of time"),
    ("COUNT(reached(Demo))", "E21", "one stage in quotes"),
    ("COUNT(won_deals WHERE [Win rate] > 5)", "E28", "no rows to work on"),
    ("SUM([CAC] * 2)", "E28", "SUM has no rows"),
    ("SUM(total_revenue)", "E28", "total_revenue is a finished KPI"),
    ("9" * 400, "E20", "too large"),
]


@pytest.mark.parametrize(("text", "code", "says"), MISTAKES)
def test_mistake(text: str, code: str, says: str) -> None:
    error = refused(text)
    assert error.code == code, str(error)
    assert says in str(error)
    assert 0 <= error.start <= error.end <= len(text)


@pytest.mark.parametrize(
    ("text", "label", "mended"),
    [
        ("SUM(won_deals.amount", "add ) at the end", "SUM(won_deals.amount)"),
        ("IF((1 + 2 > 2, 3, 4", "add ) at the end", "IF((1 + 2 > 2, 3, 4))"),
        ("[Win rate", "add ] at the end", "[Win rate]"),
        ("COUNT(won_deals))", "remove this )", "COUNT(won_deals)"),
        ("Win rate * 2", "[Win rate] if this is one KPI name", "[Win rate] * 2"),
        ("Wn_rate * 2", "Win rate", "[Win rate] * 2"),
        ("[Wn rate] * 2", "Win rate", "[Win rate] * 2"),
        ("SUM(won_deals.amout)", "amount", "SUM(won_deals.amount)"),
        ("SUM(won_deals[Amout])", "amount", "SUM(won_deals[amount])"),
        ("IF(1 > 2; 3; 4)", "replace ; with ,", "IF(1 > 2, 3; 4)"),
        ("IF([CAC] > £1,000, 1, 0)", "1000", "IF([CAC] > £1000, 1, 0)"),
        ("MAX(1,200)", "1, 200 if these are separate numbers", "MAX(1, 200)"),
        ("1,5 * [Win rate]", "1.5", "1.5 * [Win rate]"),
        ("won_deals.amount / 2", "AVERAGE(won_deals.amount)", "AVERAGE(won_deals.amount) / 2"),
        ("COUNT(won_deals source = 'x')", "WHERE source", "COUNT(won_deals WHERE source = 'x')"),
        ('COUNT(won_deals WHERE source = "x', 'add " after the text', 'COUNT(won_deals WHERE source = "x"'),
        ("COUNT(won_deals WHERE (amount) = BLANK)", "IS BLANK", "COUNT(won_deals WHERE (amount) IS BLANK)"),
        ("COUNT(won_deals WHERE amount <> BLANK)", "IS NOT BLANK", "COUNT(won_deals WHERE amount IS NOT BLANK)"),
        ('COUNT(won_deals WHERE amount > "500")', "500", "COUNT(won_deals WHERE amount > 500)"),
        ("COUNT(won_deals WHERE source = 5)", '"5"', 'COUNT(won_deals WHERE source = "5")'),
        ("IF([Sales cycle length] < 30, 1, 0)", "30 DAYS", "IF([Sales cycle length] < 30 DAYS, 1, 0)"),
        (
            "CONVERSION(created_leads TO meetings WITHIN 30)",
            "30 DAYS",
            "CONVERSION(created_leads TO meetings WITHIN 30 DAYS)",
        ),
        ('SUMIFS(won_deals.amount, amount, ">=100")', "amount >= 100", "SUMIFS(won_deals.amount, amount >= 100)"),
        ('SUMIF(won_deals.amount, ">100")', "amount > 100", "SUMIF(won_deals.amount, amount > 100)"),
        ('COUNTIF(won_deals.source, "In*")', 'won_deals, source = "In*"', 'COUNTIF(won_deals, source = "In*")'),
        (
            'COUNTIF(won_deals.name, "*new*")',
            'won_deals, name CONTAINS "new"',
            'COUNTIF(won_deals, name CONTAINS "new")',
        ),
        ('COUNTIFS(won_deals, source, "<>Web")', 'source <> "Web"', 'COUNTIFS(won_deals, source <> "Web")'),
        (
            'COUNTIFS(won_deals, closed, "<2025-03-31")',
            'closed < "2025-03-31"',
            'COUNTIFS(won_deals, closed < "2025-03-31")',
        ),
        ('COUNT(won_deals WHERE source != "x")', "<>", 'COUNT(won_deals WHERE source <> "x")'),
        ("IF([CAC] == £5, 1, 0)", "=", "IF([CAC] = £5, 1, 0)"),
        ("2 ** 3", "^", "2 ^ 3"),
        ("IF(1 > 0 && 2 > 1, 1, 0)", "AND", "IF(1 > 0 AND 2 > 1, 1, 0)"),
        ("1 +\u200b 2", "remove it", "1 + 2"),
        ("won_deals.source", "COUNT_DISTINCT(won_deals.source)", "COUNT_DISTINCT(won_deals.source)"),
        ("won_deals.closed", "COUNT(won_deals.closed)", "COUNT(won_deals.closed)"),
        ("meetings.qualified", "COUNT(meetings.qualified)", "COUNT(meetings.qualified)"),
        ("[Sales cycle length] + 5", "5 DAYS", "[Sales cycle length] + 5 DAYS"),
        ('SUMIFS(won_deals.amount, owner, "Bob")', 'owner = "Bob"', 'SUMIFS(won_deals.amount, owner = "Bob")'),
        ("[CAC] - $500", "£500", "[CAC] - £500"),
        ("quotas", "SUM(quotas.amount)", "SUM(quotas.amount)"),
        ("SUM(won_deals)", "won_deals.amount", "SUM(won_deals.amount)"),
    ],
)
def test_one_click_mends_the_formula(text: str, label: str, mended: str) -> None:
    mend = next(mend for mend in refused(text).suggestions if mend.label == label)
    result = text[: mend.span[0]] + mend.replacement + text[mend.span[1] :]
    assert result == mended
    # Some texts have a second mistake, which the next click mends; the first is gone.
    after, before = outcome(result), refused(text)
    assert not isinstance(after, FormulaError) or (after.code, after.start) != (before.code, before.start)


@pytest.mark.parametrize(("code", "column", "text", "message", "fix"), worked_examples())
def test_clicking_through_a_worked_example_ends_well(code: str, column: int, text: str, message: str, fix: str) -> None:
    """Every mend of the table leads, by its own first mends if need be, to a formula with a meaning."""
    if not text or code == "E19":
        return
    for mend in refused(text).suggestions:
        changed = text[: mend.span[0]] + mend.replacement + text[mend.span[1] :]
        for _ in range(3):
            after = outcome(changed)
            if not isinstance(after, FormulaError) or not after.suggestions:
                break
            first = after.suggestions[0]
            changed = changed[: first.span[0]] + first.replacement + changed[first.span[1] :]
        # What is left is another matter: a comparison is no number, and SUM takes one value.
        assert not isinstance(after, FormulaError) or (code, after.code) in {("E08", "E14"), ("E09", "E21")}, changed


def test_an_error_is_a_sentence_for_the_user() -> None:
    error = refused("[Total revenue] * [CAC]")
    assert isinstance(error, KpideskError)
    assert str(error) == "Money times money has no meaning. One side should be a count, a rate or a percent."


def test_a_mistake_in_a_referred_kpi_is_shown_at_the_reference() -> None:
    error = refused("1 + [Bad one]", made(bad_one="SUM(won_deals.amout)"))
    assert (error.code, error.start, error.end) == ("E02", 4, 13)
    assert error.message == "[Bad one] has a mistake: won_deals has no column “amout”."
    assert error.suggestions == ()


def test_circles_are_reported_with_their_path() -> None:
    circle = made(a="[B]", b="[C] + 1", c="1 - [A]")
    error = refused("2 * [A]", circle)
    assert (error.code, error.start, error.end) == ("E19", 4, 7)
    assert "a → b → c → a" in error.message
    error = refused("[B]", circle, own="a")
    assert (error.start, error.end) == (0, 3)
    assert "a → b → c → a" in error.message
    assert "a → a" in refused("[A] + 1", made(a="1"), own="a").message
    # Saved over a circle, a formula without one is fine.
    assert check("5", circle, "a").references == ()
    # A refused check leaves nothing behind.
    assert check("[C]", made(c="1")).unit.name == "number"


def test_a_scope_can_be_used_again_after_an_error() -> None:
    scope = made(a="[B]", b="[A]", c="COUNT(won_deals)")
    for _ in range(2):
        assert refused("[A]", scope).code == "E19"
        assert check("[C] * 2", scope).unit.name == "count"


def test_two_kpis_may_share_a_third() -> None:
    scope = made(top="[Left] + [Right]", left="[Base] * 2", right="[Base]", base="COUNT(won_deals)")
    assert check("[Top]", scope).unit.name == "count"
