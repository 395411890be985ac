"""What the command palette finds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpidesk.ui.fuzzy import match


@given(st.text(max_size=6), st.text(max_size=20))
@settings(max_examples=200, deadline=None)
def test_places_are_in_order_and_inside_the_text(query: str, text: str) -> None:
    found = match(query, text)
    if found is not None:
        assert list(found.places) == sorted(set(found.places))
        assert all(0 <= place < len(text) for place in found.places)


@given(st.text(alphabet="abcdefgh ", min_size=1, max_size=12), st.data())
@settings(max_examples=100, deadline=None)
def test_any_letters_of_a_text_in_order_find_it(text: str, data: st.DataObject) -> None:
    kept = data.draw(st.lists(st.booleans(), min_size=len(text), max_size=len(text)))
    assert match("".join(letter for letter, keep in zip(text, kept, strict=True) if keep), text) is not None


@pytest.mark.parametrize(
    ("query", "better", "worse"),
    [
        ("win", "Win rate", "New window"),
        ("wr", "Win rate", "Worker"),
        ("imp", "Import", "Improbable long name"),
        ("set", "Settings", "Reset"),
    ],
)
def test_word_starts_and_neighbours_come_first(query: str, better: str, worse: str) -> None:
    first, second = match(query, better), match(query, worse)
    assert first is not None
    assert second is not None
    assert first.score > second.score


def test_a_missing_letter_is_no_match() -> None:
    assert match("winx", "Win rate") is None


def test_initials_are_marked() -> None:
    found = match("wr", "Win rate")
    assert found is not None
    assert found.places == (0, 4)
