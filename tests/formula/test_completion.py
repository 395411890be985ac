"""What the editor offers while a formula is typed (semantics 3.7). The caret is written as |."""

import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import Scope
from kpidesk.formula.columns import COLUMNS
from kpidesk.formula.complete import complete
from kpidesk.formula.completion import Completion, Help, Kind
from kpidesk.formula.functions import FUNCTIONS, Group, stands
from kpidesk.formula.rowsets import ROW_SETS
from tests.formula.scopes import made, outcome, read, shipped
from tests.formula.test_hostile import HOSTILE, WORDS

SCOPE = shipped()
NAMES = [kpi.name for kpi in load_catalogue()]
STAGES = ("Demo", "Proposal")
SOURCES = ("Inbound", 'The "big" fair', "Outbound")


class Rows:
    """Facts of rows that were imported."""

    def source(self, rows: str, column: str) -> str:
        return "Close Date" if column == "closed" else ""

    def filled(self, rows: str, column: str) -> float | None:
        return 0.41 if column == "lost_reason" else None

    def values(self, rows: str, column: str) -> Sequence[str]:
        if (rows, column) == ("costs", "category"):
            return ("sales", "cogs")
        return {"source": SOURCES, "stage": STAGES}.get(column, ())


def at(marked: str, scope: Scope = SCOPE, own: str | None = None) -> Help:
    position = marked.index("|")
    return complete(marked.replace("|", "", 1), position, scope, Rows(), own)


def labels(marked: str, *kinds: Kind) -> list[str]:
    return [one.label for one in at(marked).completions if not kinds or one.kind in kinds]


def chosen(marked: str, label: str) -> str:
    """The text after one of the completions was taken."""
    one = next(one for one in at(marked).completions if one.label == label)
    text = marked.replace("|", "", 1)
    return text[: one.span[0]] + one.text + text[one.span[1] :]


# --- which names


@pytest.mark.parametrize(
    "marked", ["|", "= |", "1 + |", "-|", "(|", "IF(|", "TRAILING(|", "ALL([CAC] / |", "1 + (2 * |"]
)
def test_at_the_start_kpis_and_functions(marked: str) -> None:
    assert labels(marked, Kind.KPI) == NAMES
    functions = labels(marked, Kind.FUNCTION)
    assert set(functions) == {name for name, one in FUNCTIONS.items() if one.groups != (Group.IN_ROWS,)}
    assert labels(marked, Kind.CONSTANT) == ["PERIOD_LENGTH", "ELAPSED_SHARE"]
    assert not labels(marked, Kind.ROWS, Kind.COLUMN, Kind.VALUE)


OVER_ROWS = sorted(name for name in FUNCTIONS if stands(name, Group.OVER_ROWS))


@pytest.mark.parametrize("name", [name for name in OVER_ROWS if name != "CONVERSION"])
def test_first_in_a_function_over_rows_row_sets(name: str) -> None:
    for marked in (f"{name}(|", f"{name.lower()}( |", f"1 + {name}((|"):
        assert labels(marked)[:-1][: len(ROW_SETS)] == list(ROW_SETS)
        assert "reached" in labels(marked, Kind.ROWS)
        assert not labels(marked, Kind.COLUMN, Kind.VALUE)
        assert bool(labels(marked, Kind.KPI)) is (name in ("MIN", "MAX"))


def test_first_in_a_function_in_rows_too() -> None:
    assert labels("AVERAGE(DAYS(|", Kind.ROWS) == [*ROW_SETS, "reached"]
    assert "DAYS" in labels("AVERAGE(|", Kind.FUNCTION)
    assert not labels("COUNT(|", Kind.FUNCTION)


def test_a_conversion_leads_from_events_to_linked_events() -> None:
    assert "open_deals" not in labels("CONVERSION(|")
    target = labels("CONVERSION(created_leads TO |")
    assert {"meetings", "created_deals", "won_deals"} <= set(target)
    for rows in target:
        written = 'reached("Demo")' if rows == "reached" else rows
        assert read(f"CONVERSION(created_leads TO {written})").unit.name == "percent"
    for rows in set(ROW_SETS) - set(target):
        assert not isinstance(outcome(f"CONVERSION(created_leads TO {rows})"), type(read("1")))


@pytest.mark.parametrize(
    ("marked", "rows"),
    [
        ("COUNT(won_deals.|", "won_deals"),
        ("won_deals.|", "won_deals"),
        ("SUM(Costs.|", "costs"),
        ('SUM(reached("Demo").|', "stage_reached"),
        ("SUM(won_deals.amount - |", "won_deals"),
        ("COUNT(won_deals WHERE |", "won_deals"),
        ("COUNT(won_deals WHERE amount > 5 AND NOT |", "won_deals"),
        ("COUNT((won_deals) WHERE (|", "won_deals"),
        ("COUNT(won_deals WHERE IF(|", "won_deals"),
        ("COUNTIFS(created_leads, |", "created_leads"),
        ("SUMIFS(won_deals.amount, source = 'a', |", "won_deals"),
        ("CONVERSION(created_leads WHERE |", "created_leads"),
        ("CONVERSION(created_leads TO meetings WHERE |", "meetings"),
        ('COUNT(reached("Demo") WHERE |', "stage_reached"),
        ("MAX(SUM(won_deals.amount WHERE |", "won_deals"),
        ("AVERAGE(MIN(won_deals.amount, |", "won_deals"),
        ("SHARE(stage_reached WHERE |", "stage_reached"),
    ],
)
def test_columns_after_a_row_set_and_in_a_condition(marked: str, rows: str) -> None:
    assert set(labels(marked, Kind.COLUMN)) == set(ROW_SETS[rows].columns)
    assert not labels(marked, Kind.KPI)
    assert set(labels(marked, Kind.ROWS)) <= {rows}


def test_the_columns_a_function_can_use_come_first() -> None:
    assert labels("SUM(won_deals.|")[:5] == ["amount", "cost", "profit", "probability", "cycle_days"]
    assert labels("AVERAGE(DAYS(won_deals.|")[:2] == ["created", "closed"]
    assert labels("COUNT_DISTINCT(won_deals.|")[0] == "deal_id"


def test_in_only_the_columns_that_all_rows_share() -> None:
    assert labels("ONLY([CAC] WHERE |", Kind.COLUMN) == ["source"]
    assert "owner_has_quota" in labels("1 + ONLY([Total revenue] WHERE |", Kind.COLUMN)
    assert labels("ONLY([No such KPI] WHERE |", Kind.COLUMN) == []


def test_dates_after_on() -> None:
    assert labels("COUNT(deals ON |") == ["created", "closed", "expected_close"]
    assert labels("COUNT(won_deals ON |") == []


def test_nothing_where_a_number_is_meant_or_in_a_comment() -> None:
    for marked in (
        "TRAILING([CAC], |",
        "PERCENTILE(won_deals.amount, |",
        "CONVERSION(created_leads TO meetings WITHIN |",
    ):
        assert labels(marked) == [], marked
    assert at("1 // win|") == Help()
    assert at("1 // it's|") == Help()
    assert labels("1 // a\n + wi|")[0] == "Win rate"


# --- values


@pytest.mark.parametrize(
    "marked",
    [
        'COUNT(won_deals WHERE source = "|',
        'COUNT(won_deals WHERE source = "|")',
        "COUNT(won_deals WHERE won_deals.source <> '|",
        "COUNT(won_deals WHERE won_deals[Source] = '|",
        'COUNT(won_deals WHERE source IN ("Inbound", "|',
        'COUNT(won_deals WHERE source NOT IN ("|',
        'COUNTIFS(won_deals, source = "|',
        'CONVERSION(created_leads WHERE source = "|',
        'CONVERSION(meetings TO created_deals WHERE source = "|',
        'ONLY([Total revenue] WHERE source = "|',
        'ONLY([Win rate] WHERE source IN ("|")) * 2',
        "COUNT(won_deals WHERE source = “|”)",
    ],
)
def test_inside_quotes_the_values_of_the_column(marked: str) -> None:
    assert labels(marked) == list(SOURCES)
    assert {one.kind for one in at(marked).completions} == {Kind.VALUE}


def test_values_of_another_column_of_other_rows_and_of_none() -> None:
    assert labels('SUM(costs.amount WHERE category = "|') == ["sales", "cogs"]
    assert labels('COUNT(reached("|') == list(STAGES)
    assert labels('CONVERSION(reached("Demo") TO reached("P|') == ["Proposal"]
    assert labels('COUNT(won_deals WHERE owner = "|') == []
    assert labels('COUNT(won_deals WHERE closed >= "|') == []
    assert labels('"|') == []


@pytest.mark.parametrize(
    ("marked", "result"),
    [
        ('COUNT(won_deals WHERE source = "In|', 'COUNT(won_deals WHERE source = "Inbound"'),
        ('COUNT(won_deals WHERE source = "In|")', 'COUNT(won_deals WHERE source = "Inbound")'),
        ('COUNT(won_deals WHERE source = "|Ref")', 'COUNT(won_deals WHERE source = "Inbound")'),
        ("COUNT(won_deals WHERE source = 'in|')", 'COUNT(won_deals WHERE source = "Inbound")'),
        ("COUNT(won_deals WHERE source = “|”)", 'COUNT(won_deals WHERE source = "Inbound")'),
        (
            'COUNT(won_deals WHERE source = "| AND owner = "x")',
            'COUNT(won_deals WHERE source = "Inbound" AND owner = "x")',
        ),
        ("COUNT(won_deals WHERE source = |)", 'COUNT(won_deals WHERE source = "Inbound")'),
    ],
)
def test_a_value_takes_the_place_of_its_quotes(marked: str, result: str) -> None:
    assert chosen(marked, "Inbound") == result


def test_quotes_in_a_value_are_doubled() -> None:
    text = chosen('COUNT(won_deals WHERE source = "|")', SOURCES[1])
    assert text == 'COUNT(won_deals WHERE source = "The ""big"" fair")'
    assert read(text).unit.name == "count"


# --- keywords and operators


@pytest.mark.parametrize(
    ("marked", "has", "has_not"),
    [
        ("[Win rate] |", "+, -, *, /, ^, %", "WHERE, =, AND, IN"),
        ("IF([Win rate] |", "=, <>, <, <=, >, >=, BETWEEN, AND, OR, +, *", "WHERE, IN, CONTAINS"),
        ("IF([Win rate] > 1, 2 |", "+, DAYS", "=, AND"),
        ("COUNT(won_deals |", "WHERE", "ON, TO, WITHIN, =, +, *"),
        ("COUNT(deals |", "WHERE, ON", "TO"),
        ("COUNT(deals ON created |", "WHERE", "ON"),
        (
            "COUNT(won_deals WHERE source |",
            "=, <>, IN, NOT IN, IS BLANK, IS NOT BLANK, CONTAINS, AND, OR",
            "+, *, WHERE, TO",
        ),
        ("COUNT(won_deals WHERE amount |", "=, >, BETWEEN, +, *", "CONTAINS"),
        ("COUNT(won_deals WHERE NOT source = 'a' |", "AND, OR", "TO"),
        ("COUNT(won_deals WHERE amount BETWEEN 1 |", "AND", "WHERE"),
        ("COUNT(won_deals WHERE source IS |", "BLANK, NOT BLANK", "="),
        ("COUNT(won_deals WHERE source NOT |", "IN", "BLANK"),
        ("COUNT(won_deals WHERE |", "NOT, TRUE, FALSE, BLANK", "AND, ="),
        ("CONVERSION(created_leads |", "WHERE, TO", "WITHIN, ON"),
        ("CONVERSION(created_leads WHERE qualified |", "TO, AND", "WHERE, WITHIN"),
        ("CONVERSION(created_leads TO meetings |", "WHERE, WITHIN", "TO"),
        ("CONVERSION(created_leads TO meetings WITHIN 30 |", "DAYS, HOURS", "WHERE"),
        ("TRAILING([Win rate], 12 |", "DAYS, WEEKS, MONTHS, QUARTERS, YEARS", "HOURS, MINUTES"),
        ("ONLY([Win rate] |", "WHERE", "TO, ="),
        ("ROUND([Win rate] |", "+", "WHERE, ="),
    ],
)
def test_keywords_and_operators_where_they_make_sense(marked: str, has: str, has_not: str) -> None:
    found = set(labels(marked))
    assert set(has.split(", ")) <= found
    assert not found & set(has_not.split(", "))


# --- narrowing and replacing


def test_what_was_typed_narrows_best_first() -> None:
    assert labels("win|") == ["Win rate", "Win rate by value", "Win rate of deals created", "Win rate, last 3 periods"]
    assert labels("WIN_R|")[0] == "Win rate"
    assert labels("rate|")[:2] == ["Stage conversion rate", "Win rate"]
    assert "Demo to Proposal" not in labels("rate|")
    assert labels("SUM(won_deals.clo|", Kind.COLUMN) == ["closed", "expected_close"]


@pytest.mark.parametrize(
    ("marked", "label", "result"),
    [
        ("win|", "Win rate", "[Win rate]"),
        ("1 + [Wi| * 2", "Win rate", "1 + [Win rate] * 2"),
        ("[W|] * 2", "Win rate", "[Win rate] * 2"),
        ("[Wi| + COUNT(won_deals[amount])", "Win rate", "[Win rate] + COUNT(won_deals[amount])"),
        ("Win ra| * 2", "Win rate", "[Win rate] * 2"),
        ("1 + Win rate| * 2", "Win rate by value", "1 + [Win rate by value] * 2"),
        ("Lead|volume", "Lead volume", "[Lead volume]"),
        ("cou|", "COUNT", "COUNT("),
        ("cou|nt(won_deals)", "COUNT", "COUNT(won_deals)"),
        ("COUNT(won|_deal)", "won_deals", "COUNT(won_deals)"),
        ("SUM(won_deals.am|out)", "amount", "SUM(won_deals.amount)"),
        ("SUM(won_deals[am|)", "amount", "SUM(won_deals[amount])"),
        ("SUM(won_deals[Am|t])", "amount", "SUM(won_deals[amount])"),
        ("COUNT(rea|", "reached", 'COUNT(reached("'),
        ("TRAILING([CAC], 3 mo|)", "MONTHS", "TRAILING([CAC], 3 MONTHS)"),
        ("COUNT(won_deals wh| amount > 5)", "WHERE", "COUNT(won_deals WHERE amount > 5)"),
        ("COUNT(won_deals WHERE source is n|)", "NOT BLANK", "COUNT(won_deals WHERE source is NOT BLANK)"),
    ],
)
def test_what_is_replaced(marked: str, label: str, result: str) -> None:
    assert chosen(marked, label) == result


def test_mistakes_to_the_left_do_not_matter() -> None:
    for left in ("Wn rate * 2 + ", "COUNT(won_deals)) + ", "1 & 2; ", "((((", "1,000 + ", "£ + ", "* / ", "[a] [b] + "):
        assert labels(f"{left}SUM(won_deals.amo|") == ["amount"], left


def test_a_kpi_is_not_offered_in_its_own_formula_nor_where_it_is_used() -> None:
    scope = made(a="COUNT(won_deals)", b="[A] * 2", c="[B] + 1", d="1")
    assert [one.label for one in at("|", scope, "a").completions if one.kind is Kind.KPI] == ["D"]
    assert [one.label for one in at("[|", scope, "b").completions] == ["A", "D"]


# --- what is said of each


def test_a_kpi_says_its_unit_and_what_it_is_for() -> None:
    one = at("win|").completions[0]
    assert (one.kind, one.type, one.example) == (Kind.KPI, "percent", "COUNT(won_deals) / COUNT(closed_deals)")
    assert one.summary.endswith("?")
    assert at("|", made(broken="SUM(nothing.at)")).completions[0].type == ""


def test_a_column_says_what_it_holds_where_it_comes_from_and_how_full_it_is() -> None:
    closed = at("COUNT(won_deals WHERE clo|").completions[0]
    assert (closed.label, closed.type, closed.source, closed.filled) == ("closed", "date", "Close Date", None)
    assert closed.summary == COLUMNS["closed"]
    assert at("COUNT(lost_deals WHERE lost_r|").completions[0].filled == 0.41


def test_everything_offered_is_explained() -> None:
    assert set(COLUMNS) == {name for rows in ROW_SETS.values() for name in rows.columns}
    offered: list[Completion] = []
    for marked in ("|", "COUNT(|", "COUNT(won_deals WHERE |", "IF([CAC] |", "COUNT(won_deals WHERE source |", "3 |"):
        offered.extend(at(marked).completions)
    for rows in ROW_SETS:
        offered.extend(at(f"COUNT({rows}.|").completions)
    for one in offered:
        assert one.summary.endswith((".", "?")), one
        if one.kind not in (Kind.KEYWORD, Kind.OPERATOR):
            assert one.type, one
        if one.example and one.kind is not Kind.UNIT and "(deals WHERE" not in one.example:
            text = one.example.replace("COUNT(company_targets", "SUM(company_targets").replace(
                "COUNT(quotas", "SUM(quotas"
            )
            assert outcome(text) is not None


@pytest.mark.parametrize("rows", ROW_SETS)
def test_the_example_of_a_row_set_works(rows: str) -> None:
    one = next(one for one in at("COUNT(|").completions if one.label == rows)
    assert read(one.example).unit.name in ("count", "money")


# --- the function around the caret


@pytest.mark.parametrize(
    ("marked", "function", "parameter"),
    [
        ("COUNT(|", "COUNT", "rows"),
        ("IF([CAC] > 5, |", "IF", "value if true"),
        ("if(1 > 2, 3, 4 + (|", "IF", "value if not"),
        ("TRAILING(SUM(won_deals.amount), |", "TRAILING", "how long"),
        ("TRAILING(SUM(won_deals.|", "SUM", "column"),
        ('COUNTIFS(won_deals, source = "a", source = "|', "COUNTIFS", "test"),
        ("COUNT(won_deals WHERE source IN (|", "COUNT", "rows"),
        ("MAX(1, 2, 3, |", "MAX", "another value"),
        ("AVERAGE(DAYS(won_deals.closed, |", "DAYS", "start"),
        ("POWER(2,|3)", "POWER", "power"),
    ],
)
def test_the_function_around_the_caret(marked: str, function: str, parameter: str) -> None:
    signature = at(marked).signature
    assert signature is not None
    assert (signature.function, signature.parameters[signature.active]) == (function, parameter)
    assert (signature.summary, signature.example) == (FUNCTIONS[function].summary, FUNCTIONS[function].example)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_says_which_value_the_caret_is_in(name: str) -> None:
    parameters = FUNCTIONS[name].takes.split(", ")
    for number in range(FUNCTIONS[name].high):
        signature = at(f"1 + {name.lower()}({'1, ' * number}|").signature
        assert signature is not None
        assert signature.function == name
        assert signature.active == min(number, len(parameters) - 1)


@pytest.mark.parametrize("marked", ["|", "COUNT(won_deals) |", "AVERGE(|", "(|", "COUNT|(won_deals)"])
def test_no_function_around_the_caret(marked: str) -> None:
    assert at(marked).signature is None


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_names_its_values(name: str) -> None:
    names = FUNCTIONS[name].takes.split(", ")
    assert all(names)
    assert len(names) <= FUNCTIONS[name].high
    assert len(names) >= min(FUNCTIONS[name].low, 2) or name == "CONVERSION"


# --- whatever is typed


def anywhere(text: str) -> None:
    for position in range(len(text) + 1):
        found = complete(text, position, SCOPE, Rows())
        for one in found.completions:
            assert 0 <= one.span[0] <= position <= one.span[1] <= len(text)


@given(st.text(max_size=25))
@settings(max_examples=60, deadline=None)
def test_any_text(text: str) -> None:
    anywhere(text)


@given(st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join))
@settings(max_examples=60, deadline=None)
def test_soup_of_words(text: str) -> None:
    position = len(text) // 2
    complete(text, position, SCOPE, Rows())
    complete(text, len(text), SCOPE, Rows())


@pytest.mark.parametrize("formula", [kpi.formula for kpi in load_catalogue()][::3])
def test_at_every_place_of_a_formula(formula: str) -> None:
    anywhere(formula)


@pytest.mark.parametrize("formula", [kpi.formula for kpi in load_catalogue()])
def test_the_name_a_shipped_formula_uses_is_offered_where_it_stands(formula: str) -> None:
    """Deleting a row set, column or KPI and asking for completion brings it back."""
    for match in re.finditer(rf"\[[^\]]+\]|\b(?:{'|'.join(ROW_SETS)})\b", formula):
        name = match.group().strip("[]")
        assert name in labels(f"{formula[: match.start()]}|{formula[match.end() :]}"), name


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_costs_no_time(text: str) -> None:
    complete("1", 1, SCOPE)
    start = time.thread_time()
    for position in (0, len(text) // 2, len(text)):
        complete(text, position, SCOPE, Rows())
    assert time.thread_time() - start < 3
