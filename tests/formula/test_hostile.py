"""Whatever is typed gives nodes or a positioned error, soon; and what is printed reads as the same nodes again."""

import logging
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark

from kpidesk.formula import syntax
from kpidesk.formula.catalogue import load_catalogue
from kpidesk.formula.check import check
from kpidesk.formula.errors import FormulaError
from kpidesk.formula.functions import FUNCTIONS, Group
from kpidesk.formula.nodes import Checked, Node, WindowName, walk
from kpidesk.formula.printer import print_formula, renamed
from kpidesk.formula.proportion import shape
from kpidesk.formula.scan import scan
from tests.formula.scopes import made, outcome, read, refused, shipped
from tests.formula.strategies import MONEY

SCOPE = shipped()
FORMULAS = [kpi.formula for kpi in load_catalogue()] + [function.example for function in FUNCTIONS.values()][:15]
WORDS = [
    *("won_deals", "created_leads", "open_deals", "costs", "amount", "source", "closed", "owner_has_quota", "win_rate"),
    *(
        "won_deals.amount",
        "[Win rate]",
        "[CAC]",
        "[",
        "]",
        '"a"',
        "'",
        "“x”",
        "£5",
        "$",
        "5",
        "1,000",
        "12%",
        "4 HOURS",
        "2.5",
    ),
    *("+", "-", "×", "÷", "^", "%", "=", "<>", "<=", "(", ")", ",", ";", ".", "//", "\n", " ", "=", "\u00a0"),
    *("WHERE", "AND", "OR", "NOT", "IN", "BETWEEN", "IS", "BLANK", "CONTAINS", "ON", "TO", "WITHIN", "TRUE", "DAYS"),
    *(
        "COUNT(",
        "SUM(",
        "IF(",
        "SHARE(",
        "CONVERSION(",
        'reached("A")',
        "PREVIOUS(",
        "ONLY(",
        "GROWTH(",
        "MAX(",
        "DATE(",
    ),
]


def read_or_refuse(text: str) -> Checked | None:
    result = outcome(text, SCOPE)
    if isinstance(result, Checked):
        return result
    assert 0 <= result.start <= result.end <= len(text)
    assert result.message.endswith(".")
    for mend in result.suggestions:
        assert 0 <= mend.span[0] <= mend.span[1] <= len(text)
    return None


def assert_mends_mend(text: str) -> None:
    """What one click puts in place of a mistake has a meaning, or another mistake than the one that was clicked on."""
    before = outcome(text, SCOPE)
    if not isinstance(before, FormulaError):
        return
    for mend in before.suggestions:
        changed = text[: mend.span[0]] + mend.replacement + text[mend.span[1] :]
        after = outcome(changed, SCOPE)
        if isinstance(after, FormulaError) and len(changed) >= len(text):
            told = (after.code, after.start, after.message)
            assert told != (before.code, before.start, before.message), (text, mend.label, changed)


def same(one: Node, other: Node) -> bool:
    return shape(one) == shape(other) and [getattr(node, "rows", None) for node in walk(one)] == [
        getattr(node, "rows", None) for node in walk(other)
    ]


@given(st.text(max_size=60))
@settings(max_examples=200, deadline=None)
def test_any_text(text: str) -> None:
    read_or_refuse(text)


@given(
    st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join)
    | st.lists(st.sampled_from(WORDS), max_size=14).map("".join)
)
@settings(max_examples=400, deadline=None)
def test_soup_of_words(text: str) -> None:
    read_or_refuse(text)


@given(st.sampled_from(FORMULAS), st.data())
@settings(max_examples=400, deadline=None)
def test_mutated_formulas(formula: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(formula)))
    end = data.draw(st.integers(start, min(len(formula), start + 12)))
    put = data.draw(st.sampled_from([*WORDS, ""]))
    changed = formula[:start] + put + formula[end:]
    checked = read_or_refuse(changed)
    if checked is not None:
        assert same(check(print_formula(checked.node), SCOPE).node, checked.node)


TOKENS = re.compile(r"\w+|\s+|.", re.DOTALL)
ODD = [
    *("\x00", "\ud800", "\udfff", "\u202e", "\u200b", "\ufeff", "\u2028", "\u0301", "\U0001f4b0", "С", "ＳＵＭ", "１"),
    *(
        "9" * 400,
        "1e999",
        "9^9^9^9",
        "10^-400",
        "(" * 61,
        "[" * 5,
        "'" * 3,
        '"',
        "//",
        "\\",
        "{}",
        "%s",
        "{0}",
        "$(id)",
    ),
]


@given(st.lists(st.sampled_from(FORMULAS), min_size=2, max_size=3), st.data())
@settings(max_examples=400, deadline=None)
def test_formulas_deleted_from_doubled_swapped_and_spliced(formulas: list[str], data: st.DataObject) -> None:
    parts = [token for formula in formulas for token in TOKENS.findall(formula)]
    for _ in range(data.draw(st.integers(1, 4))):
        one, other = (data.draw(st.integers(0, len(parts) - 1)) for _ in range(2))
        match data.draw(st.sampled_from(["delete", "double", "swap", "move", "odd"])):
            case "delete" if len(parts) > 1:
                del parts[one]
            case "double":
                parts.insert(other, parts[one])
            case "swap":
                parts[one], parts[other] = parts[other], parts[one]
            case "odd":
                parts.insert(one, data.draw(st.sampled_from(ODD)))
            case _:
                first, last = sorted((one, other))
                parts = [*parts[last:], *parts[first:last], *parts[:first]]
    read_or_refuse("".join(parts))
    assert_mends_mend("".join(parts))


HABITS = [
    *(
        "; ",
        '"',
        "'",
        "[",
        "]",
        "(",
        ")",
        "amout",
        "Inbound",
        "1,000",
        "1 000",
        "1.000,50",
        "0,5",
        "Win rate",
        "won deal",
    ),
    *("B4", "$B$4", "A1:B10", "ISBLANK(", "VLOOKUP(", "AVG(", "LIKE", "NULL", "“", "»", "½", "—", "≥", "=>", "O'Brien"),
    *("source", "deals", "[Amount]", "[nope]", "costs.amount", "2025-03-31", '"31/03/2025"', '"5"', "5k", "// note"),
]


@given(
    st.sampled_from(FORMULAS),
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from(HABITS), st.booleans()), max_size=2),
)
@settings(max_examples=400, deadline=None)
def test_every_mend_of_a_habit_removes_what_it_is_for(formula: str, changes: list[tuple[int, str, bool]]) -> None:
    parts = TOKENS.findall(formula)
    for place, habit, instead in changes:
        at = place % (len(parts) + 1)
        parts[at : at + instead] = [habit]
    assert_mends_mend("".join(parts))


@pytest.mark.parametrize("odd", ODD)
def test_odd_characters_and_numbers_anywhere(odd: str) -> None:
    for text in (odd, f"{odd} + 1", f"1 {odd}", f"COUNT({odd})", f"COUNT(won_deals WHERE source = {odd})", f"[{odd}]"):
        read_or_refuse(text)
        read_or_refuse(f'COUNT(won_deals WHERE source = "{text}")')


@given(st.text(max_size=80))
@settings(max_examples=200, deadline=None)
def test_the_first_look_keeps_every_position(text: str) -> None:
    try:
        folded = scan(text)
    except FormulaError:
        return
    assert len(folded) == len(text)
    assert scan(folded.replace("//", "  ").replace("=", " ")) is not None


@given(MONEY)
@settings(max_examples=250, deadline=None)
def test_typed_formulas_are_accepted_and_printing_is_the_inverse_of_reading(text: str) -> None:
    checked = outcome(text, SCOPE)
    assert isinstance(checked, Checked), f"{checked}: {text}"
    assert (checked.unit.money, checked.unit.days) == (1, 0)
    printed = print_formula(checked.node)
    assert same(check(printed, SCOPE).node, checked.node)
    assert print_formula(check(printed, SCOPE).node) == printed


@given(st.floats(0, 1e4, allow_nan=False))
@settings(max_examples=200, deadline=None)
def test_literals_survive_printing(value: float) -> None:
    for suffix in ("", "%", " DAYS", " HOURS", " MONTHS", " YEARS", " MINUTES"):
        node = read(f"{value:.12f}{suffix}").node
        assert same(read(print_formula(node)).node, node)


@pytest.mark.parametrize("function", FUNCTIONS.values(), ids=lambda function: function.name)
def test_every_function_has_an_example_that_works(function: object) -> None:
    assert isinstance(function, type(FUNCTIONS["COUNT"]))
    assert function.summary.endswith(".")
    assert function.name in function.example
    checked = read(function.example)
    assert same(read(print_formula(checked.node)).node, checked.node)


def test_every_window_is_a_function_of_time() -> None:
    assert {name for name, one in FUNCTIONS.items() if Group.TIME in one.groups} == {str(name) for name in WindowName}


@pytest.mark.parametrize("formula", [kpi.formula for kpi in load_catalogue()])
def test_shipped_formulas_print_as_themselves(formula: str) -> None:
    names = {kpi.id: kpi.name for kpi in load_catalogue()}
    assert print_formula(read(formula).node, names) == formula


def test_renaming_rewrites_references_and_nothing_else() -> None:
    text = '=1 + [Win  rate] × win_rate // [Win rate] \n + COUNT(won_deals WHERE source = "[Win rate]")'
    changed = renamed(text, read(text).node, "win_rate", "Hit rate")
    assert changed == '=1 + [Hit rate] × [Hit rate] // [Win rate] \n + COUNT(won_deals WHERE source = "[Win rate]")'
    assert renamed(text, read(text).node, "cac", "Cost") == text


def test_a_name_that_brackets_cannot_hold_is_printed_as_its_id() -> None:
    assert print_formula(read("[Win rate]").node, {"win_rate": "Wins [all]"}) == "[win_rate]"


# --- cost

HOSTILE = {
    "a long sum": "+".join(["1"] * 1990),
    "a long power": "^".join(["1"] * 1990),
    "percents": "1" + "%" * 3900,
    "signs": "-" * 3900 + "1",
    "nots": "NOT " * 990 + "TRUE",
    "brackets": "(" * 1900 + "1" + ")" * 1900,
    "names": "[" * 3999,
    "quotes": '"' * 3999,
    "words": "a " * 1990,
    "one word": "a" * 3990,
    "one wrong row set": f"COUNT({'won_deals' * 400})",
    "a long sum in rows": f"SUM({'+'.join(['won_deals.amount'] * 200)})",
    "deep sums in rows": f"SUM({'(won_deals.amount+' * 50}1{')' * 50})",
    "ifs": "IF(1>0," * 55 + "1" + ",0)" * 55,
    "growth": "GROWTH(" * 55 + "[Win rate]" + ")" * 55,
    "betweens": "IF(" * 50 + "1" + " BETWEEN 0 AND 2,1,0)" * 50,
    "betweens in rows": f"COUNT(won_deals WHERE {' AND '.join(['amount BETWEEN 1 AND 2'] * 150)})",
    "choices": f"COUNT(won_deals WHERE source IN ({','.join(['1'] * 1900)}))",
    "commas": "," * 3999,
    "comments": "//" * 1999,
    "too long": "1" * 4001,
    "a megabyte": "9" * 1_000_000,
    "references": "+".join(["[Win rate]"] * 330),
    "wrong references": "+".join([f"[Win rate {n}]" for n in range(240)]),
    "long windows": "TRAILING(" * 20 + "[Win rate]" + ", 9999 YEARS)" * 20,
    "longer windows": "TRAILING([Win rate], 1000000000 MONTHS)",
    "all and trailing": "ALL(TRAILING(ONLY(" * 18 + "[Win rate]" + " WHERE source = 'a'), 3))" * 18,
    "semicolons": ";" * 3999,
    "wrong letters": "é" * 3999,
    "odd characters": "\u202e\x00" * 1999,
    "halves of characters": "\ud800" * 3999,
    "numbers": "1,000 " * 600,
    "a run of words": "won rate " * 440,
    "open calls": "COUNT(" * 660,
    "tests": f"COUNT(won_deals WHERE {'NOT (' * 50}amount > 5{')' * 50})",
    "excel criteria": "SUMIFS(won_deals.amount" + ', source, "x"' * 200 + ")",
    "currencies": "$1+" * 1300 + "$1",
    "digits of another script": "٣" * 3000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_formula_gets_a_sentence_within_a_second(text: str) -> None:
    read("1")  # the parser is built once
    start = time.thread_time()
    read_or_refuse(text)
    assert time.thread_time() - start < 1


@pytest.mark.parametrize("name", ["a long sum", "a long power", "signs", "brackets", "growth", "too long", "nots"])
def test_what_is_too_deep_or_too_long_is_refused_as_such(name: str) -> None:
    error = refused(HOSTILE[name])
    assert error.code in ("E20", "E14")


def test_what_is_allowed() -> None:
    assert read("(" * 60 + "1" + ")" * 60).unit.name == "number"
    assert refused("(" * 61 + "1" + ")" * 61).code == "E20"
    assert read("+".join(["[Total revenue]"] * 140)).unit.name == "money"
    assert read("+".join(["1"] * 150)).unit.name == "number"
    error = refused("+".join(["1"] * 151))
    assert (error.code, error.start, error.end) == ("E20", 2, 3)  # the deepest one
    assert read("1 + " * 140 + " " * 3000 + "1").unit.name == "number"


def test_a_long_chain_of_references_is_refused_and_a_ladder_is_quick() -> None:
    chain = made(**{f"k{n}": f"[K{n + 1}]" for n in range(100)}, k100="1")
    assert refused("[K0]", chain).code == "E20"
    assert check("[K70]", chain).unit.name == "number"
    deep = made(**{f"k{n}": f"[K{n + 1}]" + "+1" * 100 for n in range(20)}, k20="1")
    assert refused("[K0]", deep).code == "E20"
    # Each step refers to the next twice: followed naively this would be a million steps.
    ladder = made(**{f"k{n}": f"[K{n + 1}] + [K{n + 1}]" for n in range(20)}, k20="COUNT(won_deals)")
    start = time.thread_time()
    assert check("[K0]", ladder).unit.name == "count"
    assert time.thread_time() - start < 1


def test_ways_through_other_kpis_are_limited() -> None:
    """Each KPI looks at the next through two windows: 40 of them would look at the last through 2^40."""
    steps = (
        "PREVIOUS([{next}], {power}) + [{next}]",
        'ONLY([{next}] WHERE source = "{n}") + ONLY([{next}] WHERE owner = "{n}")',
        "ALL([{next}]) + TRAILING([{next}], {n} MONTHS)",
        "GROWTH([{next}]) + LAST_YEAR(GROWTH([{next}]))",
    )
    for step in steps:
        kpis = {f"k{n}": step.format(next=f"K{n + 1}", n=n + 1, power=min(2**n, 9999)) for n in range(38)}
        scope = made(**kpis, k38="COUNT(won_deals)")
        start = time.thread_time()
        error = refused("[K0]", scope)
        assert time.thread_time() - start < 1
        assert (error.code, error.message) == (
            "E20",
            "With the KPIs it refers to, this formula looks at more than 400 windows and conditions.",
        )
        assert check("[K34]", scope)
    # The same window again and again is one way, however many KPIs lead through it.
    for step in ("[{next}] + [{next}] * 2", "TRAILING([{next}], 3) + TRAILING([{next}], 3)", "GROWTH([{next}])"):
        kpis = {f"k{n}": step.format(next=f"K{n + 1}") for n in range(38)}
        assert check("[K0]", made(**kpis, k38="COUNT(won_deals)"))


def test_nothing_of_python_can_be_reached() -> None:
    for text in ('__import__("os")', "won_deals.__class__", "SUM(won_deals.__class__)", "{1}", "lambda: 1", "`x`"):
        assert refused(text).code in ("E01", "E02", "E03", "E07", "E13")


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    """Lark settles shift and reduce conflicts in silence; with debug it says so."""
    grammar = Path(syntax.__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    logger = logging.getLogger("lark")
    logger.propagate = True
    with caplog.at_level(logging.DEBUG, logger="lark"):
        logger.setLevel(logging.DEBUG)
        Lark(grammar, parser="lalr", lexer="contextual", debug=True)
    assert "Shift/Reduce" not in caplog.text
