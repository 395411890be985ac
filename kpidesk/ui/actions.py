"""Every command of the window as a record: menus, shortcuts, the palette and the list of shortcuts are made from one tuple."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtGui import QKeySequence


@dataclass(frozen=True, slots=True)
class Action:
    """`text` has an & before its mnemonic; `section` is its place between the separators of `menu`.

    `needs_workspace` is whether it works without an open workspace, `writes` whether it needs one that can be changed, `aliases`
    are other words for it. `shortcut` may hold several with blanks between them, of which the first is shown. `mac` is its shortcut
    on macOS where that is not the same with Command for Ctrl. `checked` says whether what it stands for is on.
    `unusable` gives the reason why it cannot be used now, "" when it can. `opens` fills a submenu with (text, function) pairs
    instead of running `function`.
    """

    id: str
    text: str
    menu: str
    function: Callable[[], None]
    shortcut: str = ""
    icon: str = ""
    needs_workspace: bool = False
    aliases: tuple[str, ...] = ()
    section: int = 0
    writes: bool = False
    mac: str = ""
    checked: Callable[[], bool] | None = None
    unusable: Callable[[], str] | None = None
    opens: Callable[[], tuple[tuple[str, Callable[[], None]], ...]] | None = None

    @property
    def label(self) -> str:
        """Its words without mnemonic and dots, after the name of its submenu."""
        return labelled(self.menu, self.text)

    @property
    def keys(self) -> str:
        """Its shortcuts on this system, "" for none."""
        return (self.mac if sys.platform == "darwin" else "") or self.shortcut

    @property
    def shown_keys(self) -> str:
        """Its shortcut as this system writes it."""
        return QKeySequence(self.keys.partition(" ")[0]).toString(QKeySequence.SequenceFormat.NativeText)


def labelled(menu: str, text: str) -> str:
    """Return the words of a menu entry as they stand outside of its menu: "&View/T&heme" and "&Dark" make "Theme: dark"."""
    words = _plain(text).removesuffix("…")
    above = _plain(menu.rpartition("/")[2]) if "/" in menu else ""
    return f"{above}: {words[:1].lower()}{words[1:]}" if above else words


def _plain(text: str) -> str:
    """Take the mnemonic out; a doubled & stands for itself."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))
