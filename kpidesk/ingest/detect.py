"""Which CRM and which entity a file is, and which column feeds which field."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kpidesk.domain.entity import ENTITIES, Entity, FieldType
from kpidesk.domain.importing import Choices
from kpidesk.domain.problem import ImportRefusedError
from kpidesk.ingest.cells import flag, tidy
from kpidesk.ingest.file_names import FILE_WORDS
from kpidesk.ingest.headers import fold
from kpidesk.ingest.profiles import GENERIC, Profile, profile, profiles
from kpidesk.ingest.raw import RawTable

# A converted twin of an amount says the same once more; adding both would count it twice.
_TWIN = re.compile(r"\b(?:weighted|converted|company currency|base currency|forecast amount|expected revenue)\b")
_CERTAIN = 3.0
# Columns that only a report of moves between stages has.
_HISTORY = frozenset({"to stage", "new value", "opportunity history key"})
# Dates, amounts and ids are in every table: what has no more than them is only taken for one of these when a word says so,
# in the name of the file or sheet, or in a header that is not the id of something linked.
_SAID = {
    "deals": r"deals?|opportunit\w*|pipeline|potential|stage|won|lost|clos(?:ed?|ing)(?: (?:date|value|on|at|time))?$",
    "leads": r"leads?|contacts?|prospects?|[ei]nquir\w*|mql|person(?= -)|first (?:response|responded|engagement)",
    "customers": r"customers?|accounts?|clients?|compan(?:y|ies)|subscri\w*|churn\w*",
    "transactions": r"transactions?|invoices?|payments?|orders?|sales?|revenue|charge|refund|purchase|receipt",
    "targets": r"targets?|quotas?|goals?|budgets?",
}
_SAYING = {name: re.compile(rf"^(?:.*\b)?(?<!days to )(?:{words})\b(?!.*\bids?$)") for name, words in _SAID.items()}
# Fields that tell an entity from the others; without them a match of common columns says nothing.
TELLING = {
    "deals": ("deal_id", "stage", "amount", "closed", "expected_close", "status"),
    "leads": ("lead_id", "first_response", "created", "status"),
    "activities": ("activity_id", "type", "date", "direction"),
    "stage_history": ("deal_id", "stage", "entered", "exited"),
    "customers": ("customer_id", "acquired", "churned"),
    "transactions": ("transaction_id", "date", "amount", "customer_id", "kind"),
    "costs": ("date", "amount", "category", "source"),
    "targets": ("start", "end", "amount"),
    "fx": ("currency", "from", "rate"),
}
_NEEDED = {
    "deals": (("stage", "status", "closed", "expected_close"), ("amount", "created", "closed")),
    "leads": (("created",), ("lead_id", "first_response", "status")),
    "activities": (("type",), ("date",), ("activity_id", "status", "direction", "deal_id", "lead_id", "owner")),
    "stage_history": (("deal_id",), ("stage",), ("entered",)),
    "customers": (("customer_id", "name"), ("acquired", "churned")),
    "transactions": (("date",), ("amount",), ("transaction_id", "customer_id", "kind")),
    "costs": (("date",), ("amount",), ("category", "source")),
    "targets": (("start",), ("amount",)),
    "fx": (("currency",), ("from",), ("rate",)),
}


@dataclass(frozen=True, slots=True)
class Match:
    """What a file was recognised as. `fields` is field -> column index; `also` field -> further columns for its blanks."""

    entity: Entity
    profile: Profile
    fields: Mapping[str, int]
    also: Mapping[str, tuple[int, ...]]
    confidence: Mapping[int, float]
    recognised: bool = True


def _folded(raw: RawTable, one: Profile) -> list[str]:
    names = []
    for header in raw.header:
        text = header
        for prefix in one.header_prefixes:
            if text.lower().startswith(prefix):
                text = text[len(prefix) :]
        names.append(fold(text))
    return names


_SAMPLE = 2000


def _says_yes_or_no(raw: RawTable, index: int) -> bool:
    """Whether a column holds nothing but yes and no, as the flag “Closed” beside a close date does."""
    texts = {tidy(cell) for cell in raw.columns[index][:_SAMPLE]} - {""}
    return bool(texts) and all(isinstance(flag(text), bool) for text in texts)


def _assign(entity: Entity, one: Profile, names: list[str], raw: RawTable) -> dict[str, int]:
    """Give every field the best column that is still free: canonical names first, then synonyms in their order."""
    fields: dict[str, int] = {}
    taken: set[int] = set()
    wanted = sorted(
        (
            (rank, field, synonym)
            for field, synonyms in one.synonyms[entity.name].items()
            for rank, synonym in enumerate(synonyms)
        ),
        key=lambda item: item[0],
    )
    places: dict[str, list[int]] = {}
    for index, name in enumerate(names):
        if name not in one.left_out[entity.name] and (not _TWIN.search(name) or name == "expected revenue"):
            places.setdefault(name, []).append(index)
    for _, field, synonym in wanted:
        if field in fields:
            continue
        is_date = entity.field(field).type is FieldType.DATE
        for index in places.get(synonym, ()):
            if index not in taken and not (is_date and _says_yes_or_no(raw, index)):
                fields[field] = index
                taken.add(index)
                break
    return fields


def _profile_score(one: Profile, raw: RawTable, names: list[str]) -> float:
    score = float(len(one.recognised_by & set(names)))
    if one.signed_by & set(names):
        score += _CERTAIN
    if not one.recognised_by and any(word in raw.file_name.lower() for word in one.file_names):
        return _CERTAIN
    if one.header_prefixes:
        prefixed = sum(header.lower().startswith(one.header_prefixes) for header in raw.header)
        score += 10.0 * prefixed / max(len(raw.header), 1)
    if score and any(word in raw.file_name.lower() for word in one.file_names):
        score += 1.5
    return score


def _find_profile(raw: RawTable) -> Profile:
    scored = [(_profile_score(one, raw, _folded(raw, one)), -place, one) for place, one in enumerate(profiles())]
    score, _, best = max(scored, key=lambda item: item[:2])
    found = best if score >= _CERTAIN else None
    return found or profile(GENERIC) or profiles()[-1]


def _entity_score(
    entity: Entity, raw: RawTable, fields: Mapping[str, int], names: list[str], *, certain: bool
) -> float:
    """Say how well a table fits an entity; 0 when it does not. The table may be `certain` to come from a CRM."""
    if not all(any(field in fields for field in group) for group in _NEEDED[entity.name]):
        return 0.0
    named = raw.file_name.lower() + " " + (raw.sheet or "").lower()
    saying = _SAYING.get(entity.name)
    if (
        saying is not None
        and (entity.name == "leads" or not certain)  # lists of accounts and companies look alike in every CRM
        and not any(word in named for word in FILE_WORDS[entity.name])
        and not any(map(saying.search, (*names, *map(str.lower, raw.header), fold(raw.sheet or ""))))
    ):
        return 0.0
    score = len(fields) + 2.0 * sum(field in fields for field in TELLING[entity.name])
    if any(word in named for word in FILE_WORDS[entity.name]):
        score += 4.0
    prefix = {"deals": "deal - ", "leads": "lead - ", "activities": "activity - "}.get(entity.name)
    if prefix and any(
        header.lower().startswith((prefix, "person - ") if entity.name == "leads" else prefix) for header in raw.header
    ):
        score += 30.0
    if entity.name == "stage_history" and _HISTORY & set(names):
        score += 30.0
    canonical = sum(field.replace("_", " ") in names for field in entity.field_names if field in fields)
    return score + canonical / 2 - 0.02 * len(entity.fields)


def detect(raw: RawTable, choices: Choices, written: RawTable | None = None) -> Match:
    """Recognise a file, as far as the choices leave open; ImportRefusedError for a choice that the file does not have.

    `written` is the table as its program wrote it, where `raw` was brought into another shape.
    """
    if choices.profile:
        chosen = profile(choices.profile)
        if chosen is None:
            known = ", ".join(one.id for one in profiles())
            raise ImportRefusedError(
                f"There is no profile called “{choices.profile}”. There are {known}. Nothing was changed."
            )
    else:
        chosen = _find_profile(raw if written is None else written)
    names = _folded(raw, chosen)
    recognised = True
    if choices.entity:
        kind = next(one for one in ENTITIES if one.name == choices.entity)
    else:
        certain = chosen.id != GENERIC
        scored = [
            (_entity_score(one, raw, _assign(one, chosen, names, raw), names, certain=certain), one) for one in ENTITIES
        ]
        score, kind = max(scored, key=lambda item: item[0])
        if not score:
            kind, recognised = ENTITIES[0], False
    fields = _assign(kind, chosen, names, raw)
    recognised_as = dict(fields)
    _apply(choices.mapping, kind, raw, fields)
    fields = dict(fields)
    taken = set(fields.values())
    also = {
        field: tuple(
            index for name in synonyms for index, found in enumerate(names) if found == name and index not in taken
        )
        for field, synonyms in chosen.also[kind.name].items()
        if field in fields and (field not in choices.mapping or fields[field] == recognised_as.get(field))
    }
    for field, synonyms in chosen.also[kind.name].items():
        if field not in fields and field not in choices.mapping:
            places = [
                index for name in synonyms for index, found in enumerate(names) if found == name and index not in taken
            ]
            if places:
                fields[field], also[field] = places[0], tuple(places[1:])
    confidence = dict.fromkeys(range(len(raw.header)), 0.0)
    for field, index in fields.items():
        confidence[index] = (
            1.0 if names[index] in chosen.synonyms[kind.name][field][:3] or field in choices.mapping else 0.8
        )
    return Match(
        kind, chosen, fields, {field: places for field, places in also.items() if places}, confidence, recognised
    )


def _apply(mapping: Mapping[str, str], kind: Entity, raw: RawTable, fields: dict[str, int]) -> None:
    """Put the user's mapping in place of what was recognised."""
    for field, column in mapping.items():
        if field not in kind.field_names:
            names = ", ".join(kind.field_names)
            raise ImportRefusedError(
                f"{kind.label} have no field called “{field}”. They have {names}. Nothing was changed."
            )
        if not column:
            fields.pop(field, None)
            continue
        index = header_place(raw, column)
        for other in [
            name for name, place in fields.items() if place == index and name != field and name not in mapping
        ]:
            del fields[other]
        fields[field] = index


def header_place(raw: RawTable, column: str) -> int:
    """Return where a column stands, by its header; ImportRefusedError when the file does not have it."""
    headers = {header.casefold(): index for index, header in enumerate(raw.header)}
    folded = {fold(header): index for index, header in enumerate(raw.header)}
    index = headers.get(column.strip().casefold(), folded.get(fold(column)))
    if index is None:
        raise ImportRefusedError(
            f"{raw.file_name} has no column “{column}”. It has {', '.join(raw.header)}. Nothing was changed."
        )
    return index


def signature(raw: RawTable, entity: str, profile_id: str) -> str:
    """Name a layout, whatever the order of its columns and the name of its file: for remembering choices.

    The name is readable, a JSON list of entity, profile and headers, so that a layout with a column more can be told to be near.
    """
    return json.dumps([entity, profile_id, *sorted({fold(header) for header in raw.header})], ensure_ascii=False)
