"""Every command of the window as a record: menus, shortcuts and the palette are made from one tuple."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """`menu` is the menu it stands in, `needs_workspace` whether it works without an open one, `aliases` other words for it."""

    id: str
    text: str
    menu: str
    function: Callable[[], None]
    shortcut: str = ""
    icon: str = ""
    needs_workspace: bool = False
    aliases: tuple[str, ...] = ()


def score(query: str, text: str) -> int:
    """Return how well a text fits what was typed: 0 not at all, more for a start of a word, most for the very beginning."""
    wanted, given = query.casefold().strip(), text.casefold()
    if not wanted:
        return 1
    if given.startswith(wanted):
        return 100
    if any(word.startswith(wanted) for word in given.split()):
        return 80
    if wanted in given:
        return 60
    place = -1
    for char in wanted:
        place = given.find(char, place + 1)
        if place < 0:
            return 0
    return 20
