"""What the Help menu opens: one window of each kind at a time."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from kpidesk.ui.actions import Action
from kpidesk.ui.dialogs.about import AboutSheet
from kpidesk.ui.dialogs.help import HelpSheet
from kpidesk.ui.dialogs.sheet import Sheet
from kpidesk.ui.dialogs.shortcuts import ShortcutSheet
from kpidesk.ui.pages import Pages

SomeSheet = TypeVar("SomeSheet", bound=Sheet)


class HelpMenu(QObject):
    """Opens help, shortcuts and about over the window, or brings them to the front."""

    def __init__(self, pages: Pages, actions: Callable[[], Sequence[Action]], window: QWidget) -> None:
        super().__init__(window)
        self._pages = pages
        self._actions = actions
        self._window = window

    def help(self) -> None:
        """Show help for the page that is shown."""
        self._open(HelpSheet, lambda: HelpSheet(self._window, self.shortcuts)).show_page(self._pages.help_page)

    def shortcuts(self) -> None:
        """List the keyboard shortcuts."""
        self._open(ShortcutSheet, lambda: ShortcutSheet(self._window, self._actions()))

    def about(self) -> None:
        """Show versions and licences."""
        self._open(AboutSheet, lambda: AboutSheet(self._window))

    def _open(self, kind: type[SomeSheet], make: Callable[[], SomeSheet]) -> SomeSheet:
        sheet = next((one for one in self._window.findChildren(kind) if one.isVisible()), None) or make()
        sheet.show()
        sheet.raise_()
        sheet.activateWindow()
        return sheet
