"""Columns that feed no field: kept as text, and read as numbers or dates where the column proves to be of these."""

import numpy as np

from kpidesk.frame import BLANK_CODE, Column, TextColumn
from kpidesk.ingest import cells
from kpidesk.ingest.distinct import Distinct, Read, number_column, text_column, time_column
from kpidesk.ingest.headers import fold
from kpidesk.ingest.styles import date_styles, number_styles

_PROVEN = 0.95  # share of filled rows; a stray “TBC” must not take the numbers away from a formula
_PROMISING = 0.5  # share of the texts that are looked at first
_TRIED = 200  # texts that are looked at before a whole column of names is tried as numbers
_OF_TEXTS = frozenset({"id", "ids", "phone", "mobile", "zip", "postcode", "code", "number", "name"})


def typed(header: str, text: TextColumn, zone: str) -> Column:
    """Return a column as numbers or dates where at least 95 % of its cells are, else as text; what does not fit is then blank."""
    counts = np.bincount(text.codes + 1, minlength=len(text.values) + 1)[1:]
    column = Distinct(list(text.values), text.codes.astype(np.int64), counts.tolist())
    if column.filled and not _OF_TEXTS & set(fold(header).split()) and not any(_is_key(one) for one in text.values):
        first = column.cells[:_TRIED]
        tried = Distinct(first, np.arange(len(first)), [1] * len(first))
        for read in (_numbers, _dates):
            if read(tried, zone, _PROMISING) is not None and (found := read(column, zone, _PROVEN)) is not None:
                return found.column
    return text_column(column, cells.label)


def _is_key(text: str) -> bool:
    """Whether a text of digits stands for more than its number, as 007 does."""
    return text[:1] == "0" and text[1:].isdigit()


def _numbers(column: Distinct, _zone: str, share: float) -> Read | None:
    style = number_styles({"": column}, None, "")[""]
    return _proven(column, number_column(column, style.decimal), share) if style.problem is None else None


def _dates(column: Distinct, zone: str, share: float) -> Read | None:
    style = date_styles({"": column}, None, len(column.codes))[""]
    return (
        _proven(column, time_column(column, style.reading(style.order), zone), share) if style.problem is None else None
    )


def _proven(column: Distinct, read: Read, share: float) -> Read | None:
    told = column.filled - read.nulls
    good = told - int(np.count_nonzero(read.bad))
    return read if told and good >= share * told else None


def few_texts(column: Column, most: int) -> bool:
    """Whether a column is text of so few kinds that rows can be told apart by it."""
    if not isinstance(column, TextColumn):
        return False
    return 0 < len(np.unique(column.codes[column.codes != BLANK_CODE])) <= most
