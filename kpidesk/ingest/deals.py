"""What only deals have: an outcome, and a close date that means another thing while they are open."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from kpidesk.domain.importing import Choices, StageValue
from kpidesk.domain.problem import Problem, Severity
from kpidesk.frame import BLANK_CODE, BLANK_DAY, BLANK_INSTANT, Column, FlagColumn, TextColumn, TimeColumn
from kpidesk.ingest.cast import Cast
from kpidesk.ingest.detect import Match
from kpidesk.ingest.distinct import distinct, flag_column
from kpidesk.ingest.headers import fold
from kpidesk.ingest.outcome import LOST, OPEN, STATUSES, WON, looks_like_status, outcome, rows_with
from kpidesk.ingest.raw import RawTable

_WON_FLAGS = frozenset({"won", "is won", "is closed won"})
_CLOSED_FLAGS = frozenset({"closed", "is closed", "is deal closed"})
_LOST_FLAGS = frozenset({"lost", "is lost", "is closed lost"})


def deals(
    done: Cast, raw: RawTable, match: Match, choices: Choices, known: Mapping[str, str]
) -> tuple[StageValue, ...]:
    """Give deals their status, and put the close date of an open deal where it belongs: expected (semantics G6).

    `known` is stage -> status of earlier imports. Returns the stages met.
    """
    status, stage = done.columns.get("status"), done.columns.get("stage")
    if isinstance(status, TextColumn) and stage is None and status.values and not looks_like_status(status):
        stage, status = status, None
        done.columns["stage"] = stage
        done.distincts["stage"] = done.distincts["status"]
    if status is None:
        status = _flagged(raw)
    if status is None and match.profile.namespace == "odoo":
        status = _archived(raw)
    chosen = {
        **choices.stage_status,
        **{
            cell: text
            for (name, cell), text in choices.values.items()
            if name == "status" and text in (OPEN, WON, LOST)
        },
    }
    told = outcome(
        status if isinstance(status, TextColumn) else None,
        stage if isinstance(stage, TextColumn) else None,
        raw.rows,
        chosen,
        known,
    )
    done.columns["status"] = told.status
    done.problems.extend(told.problems)
    closed = done.columns.get("closed")
    if isinstance(closed, TimeColumn):
        is_open = rows_with(told.status, OPEN)
        moved = is_open & (closed.days != BLANK_DAY)
        if moved.any():
            done.columns["expected_close"] = _chosen_times(moved, closed, done.columns.get("expected_close"))
            done.columns["closed"] = TimeColumn(
                np.where(is_open, BLANK_DAY, closed.days).astype(np.int32),
                np.where(is_open, BLANK_INSTANT, closed.instants),
                closed.local & ~is_open,
            )
    elif "expected_close" in done.columns:
        # The only close date of some CRMs is the "expected" one; for a decided deal it is the day it was decided.
        expected = done.columns["expected_close"]
        if isinstance(expected, TimeColumn) and (~rows_with(told.status, OPEN)).any():
            decided = ~rows_with(told.status, OPEN)
            done.columns["closed"] = _chosen_times(decided, expected, None)
            done.columns["expected_close"] = _chosen_times(~decided, expected, None)
            text = "This file has one close date, the expected one. For won and lost deals it is read as the day they closed."
            done.problems.append(Problem("only-expected-close", Severity.CHECK, text, int(decided.sum())))
    return told.stages


def _chosen_times(rows: npt.NDArray[np.bool_], one: TimeColumn, other: Column | None) -> TimeColumn:
    """Return `other` with the given rows taken from `one` where `other` is blank."""
    if not isinstance(other, TimeColumn):
        return TimeColumn(
            np.where(rows, one.days, BLANK_DAY).astype(np.int32),
            np.where(rows, one.instants, BLANK_INSTANT),
            one.local & rows,
        )
    rows = rows & (other.days == BLANK_DAY)
    return TimeColumn(
        np.where(rows, one.days, other.days).astype(np.int32),
        np.where(rows, one.instants, other.instants),
        np.where(rows, one.local, other.local),
    )


def _flag(raw: RawTable, names: frozenset[str]) -> npt.NDArray[np.int8] | None:
    """Return the first column of one of these names that says yes or no in every row; None when there is none."""
    for index, header in enumerate(raw.header):
        if fold(header) in names:
            read = flag_column(distinct(raw.columns[index]))
            values = read.column.values if isinstance(read.column, FlagColumn) else None
            if values is not None and not read.bad.any() and (values >= 0).all():
                return values
    return None


def _flagged(raw: RawTable) -> TextColumn | None:
    """Read the outcome from flags such as “Closed” and “Won”: they know what a stage of any name means. None without them."""
    won = _flag(raw, _WON_FLAGS)
    closed, lost = _flag(raw, _CLOSED_FLAGS), _flag(raw, _LOST_FLAGS)
    if won is None or (closed is None and lost is None):
        return None
    gone = (lost == 1) if lost is not None else (closed == 1)
    codes = np.where(won == 1, STATUSES.index(WON), np.where(gone, STATUSES.index(LOST), STATUSES.index(OPEN)))
    return TextColumn(codes.astype(np.int32), STATUSES)


def _archived(raw: RawTable) -> TextColumn | None:
    """Read the outcome from the flag “Active”: a lost deal is archived and keeps its stage. Nothing is said of the others."""
    active = _flag(raw, frozenset({"active"}))
    if active is None or active.all():
        return None
    return TextColumn(np.where(active == 0, STATUSES.index(LOST), BLANK_CODE).astype(np.int32), STATUSES)
