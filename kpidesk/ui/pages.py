"""The pages of the window: which there are, which is shown, and the way back."""

from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from kpidesk.ui.session import Session
from kpidesk.ui.trail import Place, Trail
from kpidesk.ui.view import View
from kpidesk.ui.views.dashboard import DashboardView
from kpidesk.ui.views.goals import GoalsView
from kpidesk.ui.views.imports import ImportsView
from kpidesk.ui.views.kpi import KpiView
from kpidesk.ui.views.kpis import KpisView
from kpidesk.ui.views.welcome import WelcomeView

SomeView = TypeVar("SomeView", bound=View)


@dataclass(frozen=True, slots=True)
class Page:
    """A view and its place in the window.

    `group` is its heading in the sidebar, None for a page that is only opened from another one. `text` is its menu entry with
    its mnemonic, `above` the page that Esc leads to.
    """

    name: str
    make: type[View]
    group: str | None = None
    text: str = ""
    shortcut: str = ""
    aliases: tuple[str, ...] = ()
    above: str = ""


VIEWS = (
    Page("dashboard", DashboardView, "", "&Dashboard", "Ctrl+1", ("home", "overview")),
    Page("kpis", KpisView, "Measure", "&KPIs", "Ctrl+3", ("define", "formula", "target", "edit a KPI")),
    Page("goals", GoalsView, "Act", "&Goals", "Ctrl+7", ("objectives", "key results", "OKR", "quarter plan")),
    Page("imports", ImportsView, "Data", "&Imports", "Ctrl+8", ("undo an import", "held rows")),
    Page("kpi", KpiView, above="dashboard"),
)
WELCOME = "welcome"


class Pages(QStackedWidget):
    """Shows one page at a time; without a workspace always the welcome. `moved` carries the name of the page that is shown now."""

    moved = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.trail = Trail()
        self.welcome = WelcomeView(session)
        self.views = {page.name: page.make(session) for page in VIEWS}
        self._above = {page.name: page.above for page in VIEWS}
        for view in (self.welcome, *self.views.values()):
            self.addWidget(view)

    def view(self, kind: type[SomeView]) -> SomeView:
        """Return the view of a kind."""
        return next(view for view in self.views.values() if isinstance(view, kind))

    @property
    def shown(self) -> str:
        """The name of the page that is shown."""
        return next((name for name, view in self.views.items() if view is self.currentWidget()), WELCOME)

    @property
    def help_page(self) -> str:
        """The name of the help that belongs to what is shown."""
        view = self.views.get(self.shown)
        return self.shown if view is None else view.help_topic or self.shown

    @property
    def undoable(self) -> str:
        """What Ctrl+Z takes back on the page that is shown, "" when nothing."""
        view = self.views.get(self.shown)
        return "" if view is None else view.undoable

    def undo(self) -> None:
        """Take back the last edit of the page that is shown."""
        self.views[self.shown].undo_edit()

    def open(self, page: str, argument: str = "") -> None:
        """Go to a page and open in it what `argument` names."""
        if self._session.workspace is None:
            self.start_over()
            return
        self.trail.go(Place(page, argument))
        self._show(Place(page, argument))

    def start_over(self) -> None:
        """Forget the way, as when another workspace is opened; without one show the welcome."""
        self.trail.clear()
        if self._session.workspace is None:
            self.setCurrentWidget(self.welcome)
            self.moved.emit(WELCOME)

    def step(self, by: int) -> None:
        """Go back (-1) or forward (1), as far as there is a way."""
        if (place := self.trail.step(by)) is not None:
            self._show(place)

    def up(self) -> None:
        """Go up one level: out of what is open inside the page, else to the page above it."""
        view = self.views.get(self.shown)
        if view is None or view.go_up():
            return
        if above := self._above[self.shown]:
            self.open(above)

    def _show(self, place: Place) -> None:
        if place.argument:
            self.views[place.page].open(place.argument)
        self.setCurrentWidget(self.views[place.page])
        self.moved.emit(place.page)
