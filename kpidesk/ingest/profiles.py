"""Profiles: how one CRM names its columns. Each is a TOML file in `resources/profiles/`."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from kpidesk.domain.entity import ENTITIES, FieldType
from kpidesk.domain.entity import entity as entity_of
from kpidesk.paths import resource

GENERIC = "generic"


@dataclass(frozen=True, slots=True)
class Profile:
    """One CRM. `synonyms` is entity -> field -> folded headers, best first; `also` the columns that fill a field's blanks.

    `namespace` keeps the ids of different CRMs apart; a file is recognised by folded headers, header prefixes and file names.
    Amounts in a column of `cents` may be in hundredths. One header of `signed_by` is enough: no other program writes it.
    `words` is entity -> field -> cell in lower case -> the word that KPIs ask for.
    `left_out` is entity -> folded headers that feed no field although another CRM's column of that name would.
    """

    id: str
    label: str
    namespace: str
    synonyms: Mapping[str, Mapping[str, tuple[str, ...]]]
    also: Mapping[str, Mapping[str, tuple[str, ...]]]
    left_out: Mapping[str, frozenset[str]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)
    recognised_by: frozenset[str] = frozenset()
    signed_by: frozenset[str] = frozenset()
    header_prefixes: tuple[str, ...] = ()
    file_names: tuple[str, ...] = ()
    cents: frozenset[str] = frozenset()


@cache
def profiles() -> tuple[Profile, ...]:
    """Return all profiles, the generic one last. Each CRM's synonyms come before the generic ones."""
    tables = {
        path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
        for path in sorted(resource("profiles").glob("*.toml"))
    }
    base = tables.pop(GENERIC)
    found = [_profile(name, table, base) for name, table in tables.items()]
    return (*found, _profile(GENERIC, base, {}))


def profile(profile_id: str) -> Profile | None:
    """Return the profile with an id or label, without regard to case."""
    folded = profile_id.casefold()
    return next((one for one in profiles() if folded in (one.id, one.label.casefold())), None)


def _profile(profile_id: str, table: Mapping[str, Any], base: Mapping[str, Any]) -> Profile:
    synonyms: dict[str, dict[str, tuple[str, ...]]] = {}
    also: dict[str, dict[str, tuple[str, ...]]] = {}
    for entity in ENTITIES:
        own, common = table.get(entity.name, {}), base.get(entity.name, {})
        synonyms[entity.name] = {
            name: tuple(dict.fromkeys((name.replace("_", " "), *own.get(name, ()), *common.get(name, ()))))
            for name in entity.field_names
        }
        also[entity.name] = {
            key.removeprefix("also_"): tuple(dict.fromkeys((*own.get(key, ()), *common.get(key, ()))))
            for key in {**own, **common}
            if key.startswith("also_")
        }
    return Profile(
        profile_id,
        table["label"],
        table["namespace"],
        synonyms,
        also,
        {entity.name: frozenset(table.get(entity.name, {}).get("left_out", ())) for entity in ENTITIES},
        {entity.name: _words(base.get(entity.name, {}), table.get(entity.name, {})) for entity in ENTITIES},
        frozenset(table.get("recognised_by", ())),
        frozenset(table.get("signed_by", ())),
        tuple(table.get("header_prefixes", ())),
        tuple(table.get("file_names", ())),
        frozenset(table.get("cents", ())),
    )


def _words(*tables: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Return field -> cell -> our word; what a later table says of a cell goes."""
    found: dict[str, dict[str, str]] = {}
    for name, ours in ((name, ours) for table in tables for name, ours in table.get("words", {}).items()):
        found.setdefault(name, {}).update((cell, word) for word, cells in ours.items() for cell in cells)
    return found


@cache
def known_headers() -> frozenset[str]:
    """Return every folded header that any profile knows: what a header row is found by."""
    return frozenset(
        header
        for one in profiles()
        for fields in one.synonyms.values()
        for names in fields.values()
        for header in names
    )


def header_for(one: Profile, kind: str, name: str) -> str:
    """Return what a CRM calls the column that feeds a field, as far as its profile knows: `Close date`, `Deal - Won time`."""
    known, common = one.synonyms[kind][name], (profile(GENERIC) or one).synonyms[kind][name]
    is_date = entity_of(kind).field(name).type is FieldType.DATE
    own = known[1:2] != common[1:2]
    # What no CRM names in its own way goes by the field's name; a day has a word for it in all of them.
    header = known[1] if len(known) > 1 and (own or is_date) else known[0]
    words = " ".join({"id": "ID", "ids": "IDs"}.get(word, word) for word in header.split())
    prefix = next((text for text in one.header_prefixes if text.startswith(kind.rstrip("s"))), "")
    return _begun(prefix) + _begun(words)


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]
