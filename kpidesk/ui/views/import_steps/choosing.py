"""What the user decides in the wizard, as new `Choices`, and the words for what a file needs. No Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from enum import Enum

from kpidesk.domain.entity import ENTITIES, Entity, entity
from kpidesk.domain.importing import KEPT, PERIOD, UNIT, Choices, DateOrder, Preview, kept_key
from kpidesk.domain.problem import Problem, Severity

UNREADABLE = "unreadable-"
ALIKE = "near-equal-"
STATUS_WORDS = (("open", "Open"), ("won", "Won"), ("lost", "Lost"))
_SHOWN_LINES = 5


class Step(Enum):
    """The steps of the wizard, in order."""

    FILE = "File"
    COLUMNS = "Columns"
    VALUES = "Values"
    IMPORT = "Import"


def with_entity(choices: Choices, name: str) -> Choices:
    """Read the file as another kind of rows. What was said about its columns no longer holds."""
    return replace(choices, entity=name, mapping={}, values={}, stage_status={})


def with_sheet(choices: Choices, sheet: str) -> Choices:
    """Read another sheet: its kind, header and columns are recognised afresh."""
    return Choices(sheet=sheet, remember=choices.remember)


def with_header(choices: Choices, line: int) -> Choices:
    """Take another line of the file as the header."""
    return replace(choices, header_line=line, mapping={}, values={})


def with_field(preview: Preview, choices: Choices, column: str, field: str | None) -> Choices:
    """Let `column` feed `field`, or nothing when None. The field the column fed before is left out unless it is taken over."""
    before = next((match.field for match in preview.matches if match.column == column), None)
    mapping = dict(choices.mapping)
    if before is not None and before != field:
        mapping[before] = ""
    if field is not None:
        mapping[field] = column
    return replace(choices, mapping=mapping)


def with_values(choices: Choices, field: str, texts: Mapping[str, str]) -> Choices:
    """Read each cell text of `field` as another text; "" is blank."""
    return replace(choices, values={**choices.values, **{(field, cell): text for cell, text in texts.items()}})


def with_stage(choices: Choices, stage: str, answer: str) -> Choices:
    """Say what a stage is: open, won, lost, or the name of another stage that it stands for."""
    if answer in dict(STATUS_WORDS):
        return replace(choices, stage_status={**choices.stage_status, stage: answer})
    return with_values(choices, "stage", {stage: answer})


def kept(choices: Choices, field: str, *texts: str) -> Choices:
    """Leave values of a field as they are, so that they are not asked about again."""
    return replace(choices, values={**choices.values, **{kept_key(field, text): KEPT for text in texts}})


def with_period(choices: Choices, reading: str) -> Choices:
    """Count a year or a month of every amount that is paid again and again."""
    return replace(choices, values={**choices.values, PERIOD: reading})


def with_unit(choices: Choices, unit: str) -> Choices:
    """Read amounts as whole ones or as cents."""
    return replace(choices, values={**choices.values, UNIT: unit})


def unit_example(text: str, unit: str) -> str:
    """Say how an amount is read under a unit: 1,170,000 or 11,700.00."""
    value = float(text)
    return f"{value:,.0f}" if unit == "whole" else f"{value / 100:,.2f}"


def bad_field(problem: Problem) -> str | None:
    """Return the field whose cells cannot be read, when that is the problem."""
    return problem.code.removeprefix(UNREADABLE) if problem.code.startswith(UNREADABLE) else None


def fields_by_label(kind: Entity) -> dict[str, str]:
    """Return field label -> field name."""
    return {field.label: field.name for field in kind.fields}


def date_example(text: str, order: DateOrder) -> str:
    """Say how a date such as 03/07/2026 is read under an order: `3 July 2026`; "" when it cannot be."""
    if order is DateOrder.BY_MARK:
        return ""
    parts = [part for part in "".join(char if char.isdigit() else " " for char in text).split() if part]
    if len(parts) < 3:
        return ""
    first, second, year = (int(part) for part in parts[:3])
    day, month = (first, second) if order is DateOrder.DMY else (second, first)
    try:
        when = date(year + 2000 if year < 100 else year, month, day)
    except ValueError:
        return ""
    return f"{when.day} {when:%B} {when.year}"


def number_example(text: str, decimal: str) -> str:
    """Say how an amount such as 1.234 is read when `decimal` begins the decimals: `1,234` or `1.234`."""
    digits = "".join(char for char in text if char.isdigit() or char in ",.-")
    thousands = "," if decimal == "." else "."
    try:
        value = float(digits.replace(thousands, "").replace(decimal, "."))
    except ValueError:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.6f}".rstrip("0")


def noun(entity_name: str) -> str:
    """Return what the rows of an entity are called: deals, leads, exchange rates."""
    return entity(entity_name).label.lower() if any(one.name == entity_name for one in ENTITIES) else "rows"


def one_of(entity_name: str, number: int) -> str:
    """Return the noun for `number` rows: deal or deals."""
    word = noun(entity_name)
    if number != 1 or word == "stage history":
        return word
    return word.removesuffix("ies") + "y" if word.endswith("ies") else word.removesuffix("s")


def asked(problems: Sequence[Problem], *, unknown_stages: int = 0) -> list[Problem]:
    """Return the problems to list: stages that are asked for one by one are not asked for once more together."""
    return [problem for problem in problems if not (unknown_stages and problem.code == "unclear-stage")]


def tally(problems: Sequence[Problem], *, unknown_stages: int = 0) -> str:
    """Return `1 to fix, 2 to check`, or `Nothing to fix`."""
    problems = asked(problems, unknown_stages=unknown_stages)
    fix = sum(problem.severity >= Severity.HELD for problem in problems)
    check = sum(problem.severity is Severity.CHECK for problem in problems) + unknown_stages
    parts = ([f"{fix} to fix"] if fix else []) + ([f"{check} to check"] if check else [])
    return ", ".join(parts) or "Nothing to fix"


def places(problem: Problem) -> str:
    """Return where a problem stands: `Rows 44, 101 and 187 in column Amount`; "" for all of the file."""
    lines = [str(place.line) for place in problem.places if place.line is not None][:_SHOWN_LINES]
    column = next((place.column for place in problem.places if place.column), "")
    if not lines:
        return f"Column {column}" if column else ""
    more = problem.count - len(lines)
    last = f"{more:,} more" if more > 0 else lines.pop() if len(lines) > 1 else ""
    listed = " and ".join(filter(None, (", ".join(lines), last)))
    start = f"{'Rows' if last else 'Row'} {listed}"
    return f"{start} in column {column}" if column else start


def split_message(message: str) -> tuple[str, str]:
    """Part a sentence that states the problem from those that explain it."""
    head, mark, rest = message.partition(". ")
    return (head, rest) if mark else (message.removesuffix("."), "")


def size_text(size: int) -> str:
    """Write a file size: 18 KB, 2.4 MB."""
    return f"{max(1, round(size / 1000)):,} KB" if size < 1_000_000 else f"{size / 1_000_000:,.1f} MB"
