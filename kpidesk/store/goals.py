"""Goals in the file: one row of the settings each, with all its saved states as JSON.

They are few and small, no row refers to them and no SQL asks about them, so they need no table of their own. A version of the
program that does not know them reads and keeps the other settings, and leaves these rows as they are.
"""

import json
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from kpidesk.domain.goal import Goal, GoalRevision, KeyResult
from kpidesk.store.connection import Database
from kpidesk.store.imports import utc_text
from kpidesk.store.values import dump

_PREFIX = "goal:"  # no name of a setting has a colon


def goals(db: Database) -> tuple[Goal, ...]:
    """Return the goals that were not removed, by quarter and then in the order in which they were made."""
    found = db.rows("SELECT value FROM settings WHERE substr(name, 1, ?) = ? ORDER BY rowid", (len(_PREFIX), _PREFIX))
    with db.parsing():
        standing = [_states(text)[-1].goal for (text,) in found]
    return tuple(sorted((goal for goal in standing if goal is not None), key=lambda goal: goal.quarter))


def revisions(db: Database, goal_id: str) -> tuple[GoalRevision, ...]:
    """Return every saved state of a goal, oldest first; () when there never was one."""
    row = db.row("SELECT value FROM settings WHERE name = ?", (_PREFIX + goal_id,))
    with db.parsing():
        return () if row is None else _states(row[0])


def put(db: Database, goal_id: str, goal: Goal | None, at: datetime) -> None:
    """Save the next state of a goal, None when it is removed; earlier ones are kept."""
    states = (*revisions(db, goal_id), GoalRevision(at, goal))
    text = dump(
        [{"since": utc_text(one.since), "goal": None if one.goal is None else asdict(one.goal)} for one in states]
    )
    statement = "INSERT INTO settings VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    db.run(statement, (_PREFIX + goal_id, text))


def _states(text: str) -> tuple[GoalRevision, ...]:
    states = tuple(
        GoalRevision(datetime.fromisoformat(one["since"]), None if one["goal"] is None else _goal(one["goal"]))
        for one in json.loads(text)
    )
    if not states:
        raise ValueError(text)
    return states


def _goal(body: dict[str, Any]) -> Goal:
    results = tuple(KeyResult(one["kpi"], one["target"], one["start"], one["weight"]) for one in body["results"])
    return Goal(body["id"], body["name"], date.fromisoformat(body["quarter"]), body["owner"], results)
