"""Targets as a spreadsheet copies them."""

from datetime import date

import pytest

from kpidesk.domain.kpi import Display
from kpidesk.present.target_block import Grid, cells_of, months_between, read_block

SEP, OCT, NOV = (date(2026, month, 1) for month in (9, 10, 11))
GRID = Grid(months_between(SEP, date(2027, 8, 1)), ("", "Ann", "Bob"), Display.MONEY, "GBP")
SHARES = Grid(GRID.months, GRID.owners, Display.PERCENT, "GBP")


def test_cells_go_down_and_across_from_the_chosen_one() -> None:
    read = read_block(cells_of("£1,200\t900\n1.3k\t\n"), GRID, 1, 1)
    assert read.values == {(OCT, "Ann"): 1200, (OCT, "Bob"): 900, (NOV, "Ann"): 1300, (NOV, "Bob"): None}
    assert (read.wrong, read.told) == ("", "")


def test_decimal_commas_are_told_from_thousands_by_the_whole_block() -> None:
    assert list(read_block(cells_of("1.200,50 £\n1.300 £"), GRID, 0, 0).values.values()) == [1200.5, 1300]
    assert list(read_block(cells_of("12,5%\n30 %"), SHARES, 0, 0).values.values()) == [0.125, 0.3]


def test_months_and_names_beside_the_cells_decide_where_they_go() -> None:
    text = "Month\tBob\tEveryone\nNov 2026\t1\t2\nSep-26\t3\t4\n"
    assert read_block(cells_of(text), GRID, 5, 2).values == {
        (NOV, "Bob"): 1, (NOV, ""): 2, (SEP, "Bob"): 3, (SEP, ""): 4,
    }  # fmt: skip


def test_months_alone_and_names_alone_are_enough() -> None:
    months = read_block(cells_of("Oct\t5\nNov\t6"), GRID, 0, 1)
    assert months.values == {(OCT, "Ann"): 5, (NOV, "Ann"): 6}
    names = read_block(cells_of("Bob\tAnn\n1\t2\n3\t4"), GRID, 1, 0)
    assert names.values == {(OCT, "Bob"): 1, (OCT, "Ann"): 2, (NOV, "Bob"): 3, (NOV, "Ann"): 4}


def test_a_new_name_above_months_is_a_new_owner_and_is_said() -> None:
    read = read_block(cells_of("\tZoe\nSep\t5"), GRID, 0, 0)
    assert read.values == {(SEP, "Zoe"): 5}
    assert read.told == "New here: Zoe."


def test_every_wrong_cell_is_named_and_nothing_is_taken() -> None:
    read = read_block(cells_of("1\tTBC\nn/a\t2\nsee the other sheet for these\t?\n?\t?"), GRID, 0, 0)
    assert read.values == {}
    assert read.wrong.startswith(
        "“TBC” for Ann in Sep 2026, “n/a” for Everybody in Oct 2026, “see the other sheet for …” for Everybody in Nov 2026"
        " and 3\u00a0more cells cannot be read. Enter a number, for example 9800"
    )
    assert read.wrong.endswith("Nothing was changed.")
    assert "counts in GBP, not in EUR" in read_block(cells_of("€12"), GRID, 0, 0).wrong


def test_what_lies_outside_of_the_grid_is_said() -> None:
    read = read_block(cells_of("1\t2\n3\t4"), GRID, 11, 2)
    assert read.values == {(GRID.months[11], "Bob"): 1}
    assert read.told == "3\u00a0cells outside the grid were left."


@pytest.mark.parametrize("text", ["\t", "\n", "", '"', "x", '"a\nb"\t1', "Sep\t1\nnot a month\t2", '"' + "x" * 200_000])
def test_any_text_is_read_or_refused(text: str) -> None:
    read = read_block(cells_of(text), GRID, 0, 0)
    assert bool(read.wrong) == any(map(str.isalpha, text))
