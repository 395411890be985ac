"""Formulas made to be accepted: conditions on deals, counts of them, and amounts of money."""

from hypothesis import strategies as st

_TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=6)
_QUOTED = _TEXTS.map(lambda text: '"' + text.replace('"', '""') + '"')
_NUMBERS = st.floats(0, 1e6).map(lambda number: f"{number:.6f}") | st.integers(0, 10**12).map(str)
_TESTS = st.recursive(
    st.one_of(
        st.tuples(st.sampled_from(["=", "<>", "<", ">="]), _QUOTED).map(lambda pair: f"source {pair[0]} {pair[1]}"),
        st.tuples(st.sampled_from(["=", "<", ">="]), _NUMBERS).map(lambda pair: f"amount {pair[0]} {pair[1]}"),
        _NUMBERS.map(lambda number: f"amount * 2 + cost BETWEEN {number} AND amount - cost"),
        st.lists(_QUOTED, min_size=1, max_size=3).map(lambda texts: f"owner NOT IN ({', '.join(texts)})"),
        st.dates().map(lambda day: f'closed >= "{day}"'),
        st.sampled_from(["owner_has_quota", "profit IS BLANK", "closed > created", "cycle_days <= 3 WEEKS", "TRUE"]),
        _QUOTED.map(lambda text: f"name CONTAINS {text}"),
        st.sampled_from(
            ["IF(amount > 5, cost, -cost) > ABS(profit)", "ROUND(amount, -2) = 100", "WEEKDAY(closed) ^ 2 > 4%"]
        ),
    ),
    lambda inner: st.one_of(
        inner.map(lambda test: f"NOT {test}"),
        st.tuples(inner, st.sampled_from(["AND", "OR"]), inner).map(
            lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"
        ),
        st.tuples(inner, inner).map(lambda parts: f"{parts[0]} AND {parts[1]}"),
    ),
    max_leaves=5,
)
_ROWS = st.sampled_from(["won_deals", "closed_deals", "open_deals", "created_deals"])
_COUNTS = st.one_of(
    st.tuples(_ROWS, _TESTS).map(lambda pair: f"COUNT({pair[0]} WHERE {pair[1]})"),
    _ROWS.map(lambda rows: f"COUNT_DISTINCT({rows}.owner)"),
    _TESTS.map(lambda test: f"COUNT(deals WHERE {test} ON created)"),
)
MONEY = st.recursive(
    st.one_of(
        st.tuples(st.sampled_from(["SUM", "AVERAGE", "MEDIAN", "MAX", "STDEV"]), _ROWS).map(
            lambda p: f"{p[0]}({p[1]}.amount)"
        ),
        st.tuples(_ROWS, _TESTS).map(lambda pair: f"PERCENTILE({pair[0]}.amount - cost * 2 WHERE {pair[1]}, 90%)"),
        _NUMBERS.map(lambda number: f"£{number}"),
        st.sampled_from(["[Total revenue]", "quota", "[Sales target]"]),
    ),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-"), inner).map(lambda parts: f"({parts[0]}) {parts[1]} ({parts[2]})"),
        st.tuples(inner, st.sampled_from("*/"), _COUNTS).map(lambda parts: f"({parts[0]}) {parts[1]} {parts[2]}"),
        st.tuples(
            inner, st.sampled_from(["PREVIOUS", "LAST_YEAR", "YEAR_TO_DATE", "AT_START", "IN_QUARTER", "ALL", "ABS"])
        ).map(lambda pair: f"{pair[1]}({pair[0]})"),
        st.tuples(inner, st.integers(1, 24), st.sampled_from(["", " MONTHS", " WEEK", " days"])).map(
            lambda parts: f"TRAILING({parts[0]}, {parts[1]}{parts[2]})"
        ),
        st.tuples(inner, inner, inner).map(
            lambda parts: f"IF({parts[0]} > {parts[1]} OR {parts[2]} IS BLANK, {parts[1]}, 0)"
        ),
        st.tuples(inner, inner).map(lambda parts: f"IFBLANK({parts[0]}, -({parts[1]}))"),
        st.tuples(inner, _TESTS).map(lambda pair: f"-({pair[0]}) * 5% ^ 2"),
    ),
    max_leaves=5,
)
