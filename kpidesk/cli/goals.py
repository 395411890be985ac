"""The goals of a quarter: how far each is, how far it should be, and which KPIs serve none."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

from kpidesk.cli.arguments import Commands
from kpidesk.cli.values import scaled
from kpidesk.domain.period import read_period
from kpidesk.present.goals import GoalCard, GoalsPage, ResultLine
from kpidesk.workspace import Workspace


def add(commands: Commands) -> None:
    """Add the command."""
    goals = commands.add_parser("goals", help="list the goals of a quarter, their key results and their pace")
    goals.add_argument("workspace", type=Path, metavar="WORKSPACE")
    goals.add_argument("--quarter", metavar="2026-Q3", help="by default the quarter in which the data ends")
    goals.add_argument("--json", action="store_true")
    goals.set_defaults(function=_goals)


def _goals(given: argparse.Namespace) -> int:
    with Workspace.open(given.workspace, read_only=True) as workspace:
        calendar = workspace.settings.calendar
        first = None if given.quarter is None else read_period(given.quarter, calendar).start
        page = workspace.goals.page(first)
    if given.json:
        print(json.dumps(_told(page), ensure_ascii=False, indent=2))
        return 0
    print(page.answer)
    for card in page.cards:
        _print_card(card)
    for kpi in page.loose:
        print(f"{kpi.name} ({kpi.value}): {kpi.note[:1].lower()}{kpi.note[1:]}")
    return 0


def _print_card(card: GoalCard) -> None:
    owner = f", {card.goal.owner}" if card.goal.owner else ""
    pace = f", {card.pace_text}" if card.pace_text else ""
    print(f"\n{card.goal.name}{owner}: {card.status.word.lower()}, {card.share_text}{pace}")
    for line in card.results:
        notes = "; ".join(
            part for part in (line.against, line.gap if line.figures.to_go is not None else "", line.note) if part
        )
        print(f"  {line.name}: {line.value}, target {line.target}" + (f"  ({notes})" if notes else ""))
    if card.serving:
        print(f"  Also served by {', '.join(name for _, name in card.serving)}")
    if card.advice:
        print(f"  {card.advice}")


def _told(page: GoalsPage) -> dict[str, object]:
    return {
        "quarter": page.label,
        "start": page.quarter.isoformat(),
        "goals": [
            {
                "id": card.goal.id,
                "name": card.goal.name,
                "owner": card.goal.owner,
                "status": card.status.value,
                "share": card.share,
                "expected_share": card.pace,
                "key_results": [_line(line) for line in card.results],
                "also_served_by": [kpi for kpi, _ in card.serving],
            }
            for card in page.cards
        ],
        "serve_no_goal": [kpi.kpi for kpi in page.loose],
    }


def _line(line: ResultLine) -> dict[str, object]:
    figures = asdict(line.figures)
    for name in ("value", "start", "expected", "target", "to_go", "behind"):
        figures[name] = scaled(figures[name], line.display)
    return {
        "kpi": line.kpi,
        "label": line.name,
        "unit": line.display.value,
        "status": line.status.value,
        **figures,
        "note": line.note,
    }
