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
