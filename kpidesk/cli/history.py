"""The commands of a workspace's history: how the pipeline moved, what changed, and what became of deals that a file lacks."""

import argparse
import json
from datetime import date
from pathlib import Path

from kpidesk.cli.arguments import Commands, date_of
from kpidesk.domain.absence import Answer
from kpidesk.domain.ledger import Entry
from kpidesk.domain.movement import Amount, Movement, Step
from kpidesk.domain.problem import QueryError
from kpidesk.present.numbers import money_exact
from kpidesk.workspace import Workspace

_BETWEEN_STAGES = (Step.MOVED_IN, Step.MOVED_OUT)


def add(commands: Commands) -> None:
    """Add the commands."""
    movement = commands.add_parser("movement", help="how the open pipeline came from one evening to another")
    movement.add_argument("workspace", type=Path, metavar="WORKSPACE")
    movement.add_argument("--from", dest="first", type=date_of, required=True, metavar="DATE")
    movement.add_argument("--to", dest="last", type=date_of, required=True, metavar="DATE")
    movement.add_argument(
        "--by", metavar="DIMENSION", help="split by owner, source, stage, segment, product and others"
    )
    movement.add_argument("--json", action="store_true")
    movement.set_defaults(function=_movement)

    ledger = commands.add_parser("ledger", help="what changed between imports, deal by deal")
    ledger.add_argument("workspace", type=Path, metavar="WORKSPACE")
    ledger.add_argument("--deal", metavar="ID", help="only this deal")
    ledger.add_argument("--json", action="store_true")
    ledger.set_defaults(function=_ledger)

    missing = commands.add_parser("missing", help="open deals that a newer file lacks, and what became of them")
    missing.add_argument("workspace", type=Path, metavar="WORKSPACE")
    missing.add_argument("--import", dest="batch", type=int, metavar="NUMBER", help="the import that lacks them")
    missing.add_argument("--deal", action="append", default=[], metavar="ID", help="answer for this deal, not for all")
    missing.add_argument(
        "--answer",
        choices=[one.value for one in Answer],
        help="open: still open; lost; deleted or merged in the CRM; filtered: the export left them out, ask again",
    )
    missing.add_argument("--undo", type=int, metavar="ANSWER", help="take an answer back")
    missing.add_argument("--json", action="store_true")
    missing.set_defaults(function=_missing)


# --- movement


def _movement(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        found = workspace.movement(given.first, given.last, given.by)
        currency = workspace.settings.currency
    if given.json:
        print(json.dumps([_told(one, currency) for one in found], ensure_ascii=False, indent=2))
        return 0
    if not found:
        print("No deals imported yet.")
    for one in found:
        _print_movement(one, currency)
    return 0


def _told(one: Movement, currency: str) -> dict[str, object]:
    return {
        "from": one.first.isoformat(),
        "to": one.last.isoformat(),
        "slice": {} if one.slice is None else {one.slice[0]: one.slice[1]},
        "currency": currency,
        "start": _amount(one.start),
        "steps": {
            step.value.replace(" ", "_"): {**_amount(amount), "changes": one.changed[step]}
            for step, amount in one.steps.items()
        },
        "end": _amount(one.end),
        "without_amount": one.unpriced,
        "flags": ["current_amounts"] if one.late else [],
    }


def _amount(amount: Amount) -> dict[str, object]:
    return {"deals": amount.deals, "amount": amount.value, "hundredths": amount.hundredths}


def _print_movement(one: Movement, currency: str) -> None:
    if not (one.start.deals or one.end.deals or any(one.changed.values())):
        return
    print("All deals" if one.slice is None else f"{one.slice[0].capitalize()} {one.slice[1] or '(none)'}")
    _print_line(f"Open on {one.first}", one.start, currency)
    for step, amount in one.steps.items():
        by_stage = one.slice is not None and one.slice[0] == "stage"
        if one.changed[step] and (by_stage or step not in _BETWEEN_STAGES):
            _print_line(step.value.capitalize(), amount, currency, one.changed[step])
    _print_line(f"Open on {one.last}", one.end, currency)
    if one.unpriced:
        print(f"  {one.unpriced:,} of them without an amount")
    if one.late:
        print(f"  Some amounts on {one.first} were first seen later")


def _print_line(label: str, amount: Amount, currency: str, changes: int = 0) -> None:
    deals = amount.deals or changes
    print(
        f"  {label:20} {deals:>8,} {'deal ' if abs(deals) == 1 else 'deals'} {money_exact(amount.value, currency):>20}"
    )


# --- ledger


def _ledger(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        entries = workspace.ledger(given.deal)
        pushes = workspace.history.pushes()
        snapshots = [
            one
            for one in reversed(workspace.imports())
            if one.entity == "deals" and one.undone_at is None and one.snapshot is not None
        ]
    snapshots.sort(key=lambda one: one.snapshot.day if one.snapshot else date.min)
    if given.deal is not None:
        pushes = tuple(one for one in pushes if one[0].casefold() == given.deal.casefold())
    if given.json:
        told = {
            "snapshots": [
                {
                    "batch": one.id,
                    "file": one.file_name,
                    "day": one.snapshot.day.isoformat(),
                    "by": one.snapshot.by.value,
                    "evidence": one.snapshot.evidence,
                }
                for one in snapshots
                if one.snapshot
            ],
            "changes": [_entry(one) for one in entries],
            "pushes": [{"deal_id": deal, "name": name, "pushes": count} for deal, name, count in pushes],
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    for info in snapshots:
        if info.snapshot is not None:
            print(f"Snapshot of {info.snapshot.day}: {info.file_name}. {info.snapshot.evidence}")
    for one in entries:
        print(f"  {_days(one):24} {one.deal_id:>12}  {one.name[:32]:32}  {one.kind.value}{_cells(one)}")
    for deal, name, count in pushes:
        print(f"  Close date pushed {count:,} {'time' if count == 1 else 'times'}: {deal} {name}")
    if not entries:
        print("Nothing changed yet: the ledger fills with each import of deals.")
    return 0


def _days(one: Entry) -> str:
    if one.exact:
        return str(one.latest)
    return f"by {one.latest}" if one.earliest is None else f"{one.earliest} to {one.latest}"


def _cells(one: Entry) -> str:
    if one.before is None and one.after is None:
        return ""
    return f": {_cell(one.after)}" if one.before is None else f": {_cell(one.before)} → {_cell(one.after)}"


def _cell(cell: str | float | None) -> str:
    if cell is None:
        return "(none)"
    return cell if isinstance(cell, str) else f"{cell:,.2f}"


def _entry(one: Entry) -> dict[str, object]:
    return {
        "kind": one.kind.value.replace(" ", "_"),
        "deal_id": one.deal_id,
        "name": one.name,
        "before": one.before,
        "after": one.after,
        "earliest": None if one.earliest is None else one.earliest.isoformat(),
        "latest": one.latest.isoformat(),
        "exact": one.exact,
        "batch": one.batch,
    }


# --- missing deals


def _missing(given: argparse.Namespace) -> int:
    changes = given.answer is not None or given.undo is not None
    with Workspace.open(given.workspace, read_only=not changes) as workspace:
        history = workspace.history
        if given.undo is not None:
            history.take_back(given.undo)
        if given.answer is not None:
            if given.batch is None:
                raise QueryError("Say with --import which import the answer is for. Nothing was changed.")
            history.answer(given.batch, Answer(given.answer), given.deal)
        found, answers = history.missing(), history.answers()
        currency = workspace.settings.currency
    if given.batch is not None:
        found = tuple(one for one in found if one.batch == given.batch)
    if given.json:
        told = {
            "missing": [
                {
                    "batch": one.batch,
                    "file": one.file_name,
                    "day": one.day.isoformat(),
                    "reason": one.reason,
                    "deals": [
                        {
                            "deal_id": deal.deal_id,
                            "name": deal.name,
                            "stage": deal.stage,
                            "owner": deal.owner,
                            "amount": deal.value,
                            "expected_close": None if deal.expected is None else deal.expected.isoformat(),
                            "last_seen": deal.seen.isoformat(),
                        }
                        for deal in one.deals
                    ],
                }
                for one in found
            ],
            "answers": [{"id": one.id, "batch": one.batch, "answer": one.answer.value} for one in answers],
        }
        print(json.dumps(told, ensure_ascii=False, indent=2))
        return 0
    for one in found:
        print(f"Import {one.batch}: {one.reason}. It lacks:")
        for deal in one.deals:
            worth = "no amount" if deal.value is None else money_exact(deal.value, currency)
            print(f"  {deal.deal_id:>12}  {deal.name[:40]:40}  {deal.stage}, {worth}, {deal.owner or 'no owner'}")
    for said in answers:
        print(
            f"Answer {said.id}: import {said.batch}, {'all deals' if said.key is None else 'one deal'}, {said.answer}"
        )
    if not found:
        print("No open deal is missing without an answer.")
    return 0
