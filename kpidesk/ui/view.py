"""What all views share: a title, an icon, a page that scrolls as a whole, and being redrawn only when seen."""

from typing import ClassVar

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from kpidesk.domain.change import Change
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.style import SCROLL_BAR
from kpidesk.ui.theme import SIDE_BY_SIDE, color, text_size


class PageHeader(QWidget):
    """Title and one-line answer on the left, at most four controls on the right; 72 px with the gap below.

    Large text takes the whole width for the answer.
    """

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = Label(title, "title")
        self.answer = Label("", "small", "text2", elide=True)
        self._controls = QHBoxLayout()
        self._controls.setSpacing(8)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 14, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(1)
        self._grid.setColumnStretch(0, 1)
        self._arrange()

    def add(self, widget: QWidget) -> None:
        """Put a control on the right."""
        self._controls.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)

    def changeEvent(self, event: QEvent) -> None:
        """Arrange for another text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._arrange()

    def _arrange(self) -> None:
        large = text_size() > SIDE_BY_SIDE
        for part in (self.title, self.answer, self._controls):
            self._grid.removeItem(part) if isinstance(part, QHBoxLayout) else self._grid.removeWidget(part)
        self._grid.addWidget(self.title, 0, 0)
        self._grid.addWidget(self.answer, 1, 0, 1, 2 if large else 1)
        self._grid.addLayout(self._controls, 0, 1, 1 if large else 2, 1)


class _Page(QWidget):
    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the canvas."""
        QPainter(self).fillRect(event.rect(), color("canvas"))


class View(QWidget):
    """One screen. `refresh` asks the session and shows what comes back; hidden views wait until they are shown.

    `acted` asks the window for something outside the view: an action or a page by name, and its argument.
    """

    acted = Signal(str, str)

    title: ClassVar[str] = ""
    icon: ClassVar[str] = "file-spreadsheet"
    redraw_on: ClassVar[Change] = Change.ROWS | Change.DEFINITIONS | Change.SETTINGS | Change.IMPORTS

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._stale = True
        self.page = _Page()
        self.body = QVBoxLayout(self.page)
        # The bar keeps its room when there is nothing to scroll, so that the content never changes its width.
        self.body.setContentsMargins(24, 0, 24 - SCROLL_BAR, 20)
        self.body.setSpacing(16)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        scroll.setWidget(self.page)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scroll)
        session.changed.connect(self._on_changed)
        session.workspace_changed.connect(self.make_stale)

    def open(self, argument: object) -> None:
        """Show what the view was navigated to with."""
        del argument
        self.make_stale()

    @property
    def help_topic(self) -> str:
        """The help to show instead of the page's own, "" for that."""
        return ""

    def go_up(self) -> bool:
        """Leave what is open inside the view without losing it; False when there is nothing to leave."""
        return False

    @property
    def undoable(self) -> str:
        """What Ctrl+Z would take back on this page, such as "change of owner"; "" when there is nothing."""
        return ""

    def undo_edit(self) -> None:
        """Take back what `undoable` names."""

    def refresh(self) -> None:
        """Ask for what is shown."""

    def make_stale(self) -> None:
        """Refresh now when seen, else when shown next."""
        self._stale = True
        if self.isVisible():
            self._freshen()

    def _on_changed(self, change: object) -> None:
        if isinstance(change, Change) and change & self.redraw_on:
            self.make_stale()

    def _freshen(self) -> None:
        self._stale = False
        self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Lay out again for another text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.make_stale()

    def showEvent(self, event: QShowEvent) -> None:
        """Refresh a stale view when it is shown."""
        super().showEvent(event)
        if self._stale:
            self._freshen()
