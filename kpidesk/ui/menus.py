"""The menu bar, made from the actions, and kept true: what is on, what cannot be used now, and why."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from kpidesk.ui.actions import Action, labelled
from kpidesk.ui.session import Session

_ROLES = {"about": QAction.MenuRole.AboutRole, "quit": QAction.MenuRole.QuitRole}


class Menus(QObject):
    """Owns the Qt actions of a window. A `menu` such as "&View/&Theme" makes a submenu, of whose checked entries one is on."""

    def __init__(self, window: QMainWindow, session: Session, actions: Sequence[Action]) -> None:
        super().__init__(window)
        self._window = window
        self._session = session
        self._actions = tuple(actions)
        self._made: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        self._sections: dict[str, int] = {}
        self._groups: dict[str, QActionGroup] = {}
        for action in self._actions:
            self._add(action)
        self.refresh()

    def reason(self, action: Action) -> str:
        """Why an action cannot be used now, "" when it can."""
        if action.needs_workspace and self._session.workspace is None:
            return "Open a workspace first"
        if action.writes and (words := self._session.read_only):
            return words
        return "" if action.unusable is None else action.unusable()

    def refresh(self) -> None:
        """Look again what can be used and what is on."""
        for action in self._actions:
            made, why = self._made[action.id], self.reason(action)
            made.setEnabled(not why)
            # A text with markup characters could be read as markup.
            made.setToolTip((why or action.label).replace("<", "‹"))
            made.setStatusTip("")
            if action.checked is not None:
                made.setChecked(action.checked())

    def rename(self, action_id: str, text: str) -> None:
        """Give an entry other words, with & before its mnemonic."""
        self._made[action_id].setText(text)

    def label(self, action: Action) -> str:
        """Return the words of an action as they are now, for outside of its menu."""
        return labelled(action.menu, self._made[action.id].text())

    def qt_action(self, action_id: str) -> QAction:
        """Return the Qt action of an action."""
        return self._made[action_id]

    def _menu(self, path: str) -> QMenu:
        if path not in self._menus:
            above, _, title = path.rpartition("/")
            made = self._menu(above).addMenu(title) if above else self._window.menuBar().addMenu(title)
            made.setToolTipsVisible(True)
            made.aboutToShow.connect(self.refresh)
            self._menus[path] = made
        return self._menus[path]

    def _add(self, action: Action) -> None:
        menu = self._menu(action.menu)
        if self._sections.setdefault(action.menu, action.section) != action.section:
            menu.addSeparator()
            self._sections[action.menu] = action.section
        if action.opens is not None:
            made = self._submenu(menu, action, action.opens).menuAction()
        else:
            made = QAction(action.text, self._window)
            made.triggered.connect(lambda _=False, run=action.function: self._run(run))
            menu.addAction(made)
        made.setMenuRole(_ROLES.get(action.id, QAction.MenuRole.NoRole))
        if action.keys:
            made.setShortcuts([QKeySequence(keys) for keys in action.keys.split(" ")])
        made.setCheckable(action.checked is not None)
        if action.checked is not None and "/" in action.menu:
            made.setActionGroup(self._groups.setdefault(action.menu, QActionGroup(self._window)))
        self._made[action.id] = made

    def _submenu(
        self, menu: QMenu, action: Action, entries: Callable[[], tuple[tuple[str, Callable[[], None]], ...]]
    ) -> QMenu:
        made = menu.addMenu(action.text)

        def fill() -> None:
            made.clear()
            for text, run in entries():
                if text:
                    made.addAction(text.replace("&", "&&"), run)
                else:
                    made.addSeparator()

        made.aboutToShow.connect(fill)
        return made

    def _run(self, run: Callable[[], None]) -> None:
        run()
        self.refresh()
