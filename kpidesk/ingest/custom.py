"""Columns that feed no field: kept as text, and read as numbers or dates where the column proves to be of these."""

import numpy as np

from kpidesk.frame import BLANK_CODE, Column, TextColumn
from kpidesk.ingest import cells
from kpidesk.ingest.distinct import Distinct, Read, number_column, text_column, time_column
from kpidesk.ingest.headers import fold
from kpidesk.ingest.styles import date_styles, number_styles

_PROVEN = 0.95  # share of filled rows; a stray “TBC” must not take the numbers away from a formula
_PROMISING = 0.5  # share of the texts that are looked at first
_TRIED = 200  # texts that are looked at first: they prove how the column is written
_MANY = 2_000
_OF_TEXTS = frozenset({"id", "ids", "phone", "mobile", "zip", "postcode", "code", "number", "name"})


def typed(header: str, text: TextColumn, zone: str) -> Column:
    """Return a column as numbers or dates where at least 95 % of its cells are, else as text; what does not fit is then blank."""
    counts = np.bincount(text.codes + 1, minlength=len(text.values) + 1)[1:]
    column = Distinct(list(text.values), text.codes.astype(np.int64), counts.tolist())
    if column.filled and not _OF_TEXTS & set(fold(header).split()) and not any(_is_key(one) for one in text.values):
        first = column.cells[:_TRIED]
        tried = Distinct(first, np.arange(len(first)), [1] * len(first))
        for read in (_numbers, _dates):
            if (found := read(tried, column, zone)) is not None:
                return found.column
    # Of many texts, none is worth looking through all for a word such as “N/A”.
    return text_column(column, cells.label) if len(column.cells) <= _MANY else text


def _is_key(text: str) -> bool:
    """Whether a text of digits stands for more than its number, as 007 does."""
    return text[:1] == "0" and text[1:].isdigit()


def _numbers(tried: Distinct, column: Distinct, _zone: str) -> Read | None:
    style = number_styles({"": tried}, None, "")[""]
    if style.problem is not None or not _proven(tried, number_column(tried, style.decimal), _PROMISING):
        return None
    read = number_column(column, style.decimal)
    return read if _proven(column, read, _PROVEN) else None


def _dates(tried: Distinct, column: Distinct, zone: str) -> Read | None:
    style = date_styles({"": tried}, None, len(tried.codes))[""]
    order = style.reading(style.order)
    if style.problem is not None or not _proven(tried, time_column(tried, order, zone), _PROMISING):
        return None
    read = time_column(column, order, zone)
    return read if _proven(column, read, _PROVEN) else None


def _proven(column: Distinct, read: Read, share: float) -> bool:
    told = column.filled - read.nulls
    return bool(told) and told - int(np.count_nonzero(read.bad)) >= share * told


def few_texts(column: Column, most: int) -> bool:
    """Whether a column is text of so few kinds that rows can be told apart by it."""
    if not isinstance(column, TextColumn):
        return False
    return 0 < len(np.unique(column.codes[column.codes != BLANK_CODE])) <= most
