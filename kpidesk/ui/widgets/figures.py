"""The numbers that a widget shows, each of which leads to its working (from its menu, or with the keys of "Show the working")."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QWidget

from kpidesk.domain.query import Figure
from kpidesk.ui.icons import icon

Listed = Sequence[tuple[str, Figure | None]]
"""Numbers by name, as a menu tells several apart; None where there is nothing to show."""


class Figures(QObject):
    """Belongs to a widget and knows its numbers of the moment, the one that matters most first. `asked` carries a Figure.

    With `menu` a right click or the Menu key offers them; otherwise the menu that the widget has adds them to itself.
    """

    asked = Signal(object)

    def __init__(self, widget: QWidget, listed: Callable[[], Listed], *, menu: bool = False) -> None:
        super().__init__(widget)
        self._widget, self._listed = widget, listed
        if menu:
            widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            widget.customContextMenuRequested.connect(self._show)

    def figures(self) -> list[tuple[str, Figure]]:
        """Return the numbers that can be asked for now."""
        return [(name, figure) for name, figure in self._listed() if figure is not None]

    def ask(self) -> bool:
        """Ask for the working of the first number; False when there is none."""
        figures = self.figures()
        if figures:
            self.asked.emit(figures[0][1])
        return bool(figures)

    def add_to(self, menu: QMenu) -> None:
        """Put an entry for each number into a menu."""
        figures = self.figures()
        for name, figure in figures:
            words = f"Show the working of {name}" if len(figures) > 1 else "Show the working"
            menu.addAction(icon("list-checks"), words.replace("&", "&&"), lambda figure=figure: self.asked.emit(figure))

    def menu(self) -> QMenu:
        """Return a menu of the numbers, made for this once."""
        made = QMenu(self._widget)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.add_to(made)
        return made

    def _show(self, place: QPoint) -> None:
        if self.figures():
            self.menu().popup(self._widget.mapToGlobal(place))


def figures_around(widget: QWidget | None) -> Figures | None:
    """Return the numbers of a widget, or else of the nearest one around it that has some."""
    while widget is not None:
        found: Figures | None = widget.findChild(Figures, "", Qt.FindChildOption.FindDirectChildrenOnly)
        if found is not None and found.figures():
            return found
        widget = widget.parentWidget()
    return None
