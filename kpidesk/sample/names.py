"""Invented names of firms and people. No firm or person is meant."""

from random import Random

_FIRST = (
    "Kestrel", "Hallam", "Orwell", "Tideway", "Marlow", "Birch Lane", "Penhale", "Ashdown", "Beacon", "Calder", "Dovedale",
    "Eskdale", "Fairmile", "Greystone", "Hawthorn", "Ivybridge", "Juniper", "Kingsley", "Larkfield", "Millbrook", "Northgate",
    "Oakhurst", "Pendle", "Quayside", "Redwood", "Saltmarsh", "Thornbury", "Underhill", "Valeside", "Westcott", "Yarrow",
    "Alder", "Bramble", "Copperfield", "Downland", "Elmstead", "Foxglove", "Glenmore", "Harbour", "Linden",
)  # fmt: skip
_SECOND = (
    "Foods", "& Reid", "Care Group", "Print", "Logistics", "Dental", "Joinery", "Partners", "Interiors", "Clinics", "Freight",
    "Hotels", "Engineering", "Legal", "Outdoors", "Studios", "Packaging", "Kitchens", "Systems", "Recruitment", "Pharmacy",
    "Textiles", "Brewing", "Advisory", "Motors",
)  # fmt: skip
_GIVEN = (
    "Amelia", "Ben", "Chloe", "Declan", "Esme", "Farah", "George", "Hana", "Imran", "Jess", "Kofi", "Lena", "Marcus", "Nadia",
    "Owen", "Pippa", "Rohan", "Sofia", "Theo", "Una", "Victor", "Wren", "Yusuf", "Zara",
)  # fmt: skip
_FAMILY = (
    "Abbott", "Begum", "Carver", "Doyle", "Ellis", "Fraser", "Gill", "Hobbs", "Iqbal", "Jarvis", "Kaur", "Lowe", "Mistry",
    "Nolan", "Osei", "Pryce", "Quinn", "Rowe", "Stone", "Tait", "Usher", "Vale", "Webb", "Young",
)  # fmt: skip


def firms(dice: Random) -> list[str]:
    """Return all names of firms in random order, to be taken from the end; each occurs once."""
    every = [f"{first} {second}" for first in _FIRST for second in _SECOND]
    dice.shuffle(every)
    pairs = [(one, other) for one in _FAMILY for other in _FAMILY if one != other]
    families = [name for one, other in pairs for name in (f"{one} & {other}", f"{one} {other} Group")]
    Random(len(families)).shuffle(families)  # noqa: S311 - an order of its own, so that more names change no other chance
    return families + every


def person(dice: Random) -> str:
    """Return the name of a person; names may repeat, as in life."""
    return f"{dice.choice(_GIVEN)} {dice.choice(_FAMILY)}"
