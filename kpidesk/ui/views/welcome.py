"""The first screen: open the sample, import an export, or start empty."""

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk import __version__
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Button, Divider, Pressable, keyboard_focus
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.view import View
from kpidesk.ui.widgets import paint

_RADIUS = 8.0
_RECENT_SHOWN = 4
# What to export: a sign, the rows, their columns, and a word at the end.
_EXPORTS = (
    ("check", "good", "Deals", "Created, stage, value, owner, close date, outcome", ""),
    ("check", "good", "Leads", "Created, source, first response", ""),
    ("plus", "text2", "Costs", "Sales and marketing spend by month and channel", "Optional"),
)


class Choice(Pressable):
    """A large action: icon, title, one line, its key."""

    def __init__(self, icon: str, title: str, words: str, key: str, *, primary: bool = False) -> None:
        super().__init__()
        self.setText(title)
        self.setAccessibleName(f"{title}. {words}")
        self._icon, self._words, self._primary = icon, words, primary
        self._key = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fix_height(self, 72)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def sizeHint(self) -> QSize:
        """Return the size of the card."""
        return QSize(scaled(520), scaled(72))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        del event
        painter, box, over = QPainter(self), QRectF(self.rect()), self.underMouse()
        fill = ("accent_hover" if over else "accent") if self._primary else "hover" if over else "surface"
        look.rounded(painter, box, fill, "" if self._primary else "border2", radius=_RADIUS)
        if keyboard_focus(self):
            # A ring in the colour of the focus would not be seen on the accent.
            ring = "on_accent" if self._primary else "focus"
            look.rounded(painter, box.adjusted(2, 2, -2, -2), "", ring, width=2, radius=_RADIUS - 2)
        tone, soft = ("on_accent", "on_accent") if self._primary else ("text", "text2")
        side, middle = scaled(20), box.center().y()
        icon = QRectF(20, middle - side / 2, side, side)
        paint_icon(painter, icon, self._icon, "on_accent" if self._primary else "accent_text")
        width = paint.text_width(self._key, "small") + 10
        cap = QRectF(box.right() - 16 - width, middle - scaled(10), width, scaled(20))
        look.rounded(painter, cap, "" if self._primary else "subtle", tone if self._primary else "border2", radius=4)
        paint.line(painter, cap.adjusted(5, 0, 0, 0), self._key, "small", tone)
        words = QRectF(icon.right() + 16, 0, cap.left() - icon.right() - 32, middle)
        paint.line(painter, words.adjusted(0, scaled(14), 0, 0), self.text(), "head", tone)
        paint.line(painter, words.translated(0, middle).adjusted(0, 0, 0, -scaled(12)), self._words, "small", soft)


class _Icon(QWidget):
    """An icon, on a tile of its own where `tile` is its size."""

    def __init__(self, name: str, role: str, tile: tuple[int, int] | None = None) -> None:
        super().__init__()
        self._name, self._role, self._tile = name, role, tile
        fix_height(self, tile[1] if tile else 18)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of icon or tile."""
        return QSize(scaled(self._tile[0] if self._tile else 18), self.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint tile and icon."""
        del event
        painter, side = QPainter(self), scaled(22 if self._tile else 14)
        if self._tile:
            look.rounded(painter, self.rect(), "accent_soft", "")
        middle = QRectF(self.rect()).center()
        paint_icon(painter, QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side), self._name, self._role)


class DropZone(QWidget):
    """Where a file may be dropped, with a button for those who would rather choose one. The window takes the drop."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        fix_height(self, 230)
        self.button = Button("Choose a file", "secondary", "folder-open")
        self.button.clicked.connect(self.chosen)
        body, centre = QVBoxLayout(self), Qt.AlignmentFlag.AlignHCenter
        body.addStretch(1)
        body.addWidget(_Icon("file-spreadsheet", "accent_text", (46, 54)), 0, centre)
        body.addSpacing(12)
        body.addWidget(Label("Drop a CSV or Excel file here", "h2"), 0, centre)
        body.addWidget(Label("You check every column before anything is saved", "small", "text2"), 0, centre)
        body.addSpacing(12)
        body.addWidget(self.button, 0, centre)
        body.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed outline."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color("control"), 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)


class _AppMark(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(40, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark: three rising bars on indigo."""
        del event
        painter = QPainter(self)
        look.rounded(painter, self.rect(), "accent", "", radius=9)
        paint_icon(painter, QRectF(self.rect()), "app", "on_accent")


class _Foot(QWidget):
    """The line at the bottom of the window."""

    def __init__(self) -> None:
        super().__init__()
        fix_height(self, 40)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 0, 24, 0)
        row.addWidget(_Icon("lock", "text2"))
        row.addWidget(Label("No account, no network connection, no tracking", "small", "text2"))
        row.addStretch(1)
        row.addWidget(Label(f"Version {__version__}", "small", "text2"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the border to the page."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("window"))
        painter.fillRect(0, 0, self.width(), 1, color("border"))


class WelcomeView(View):
    """Fills the window while no workspace is open."""

    title: ClassVar[str] = "Welcome"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.sample = Choice(
            "play", "Open the sample workspace", "24 months of data for a small software company", "Enter", primary=True
        )
        self.file = Choice(
            "upload", "Import a CRM export", "HubSpot, Salesforce, Pipedrive or any CSV or Excel file", "Ctrl+I"
        )
        self.empty = Choice(
            "file-plus", "Start an empty workspace", "Choose where it is kept, add data later", "Ctrl+N"
        )
        for button, action in ((self.sample, "sample"), (self.file, "import"), (self.empty, "new")):
            button.clicked.connect(lambda _=False, name=action: self.acted.emit(name, ""))
        self.sample.setFocus()
        session.recent_changed.connect(self.make_stale)
        columns = QHBoxLayout()
        columns.setSpacing(72)
        columns.addStretch(1)
        columns.addLayout(self._left(), 10)
        columns.addLayout(self._right(), 9)
        columns.addStretch(1)
        self.body.addStretch(1)
        self.body.addLayout(columns)
        self.body.addStretch(1)
        if (outer := self.layout()) is not None:
            outer.addWidget(_Foot())

    def _left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(_AppMark())
        head.addWidget(Label("KPIDesk", "h2"), 1)
        left.addLayout(head)
        left.addSpacing(48)
        left.addWidget(Label("Track the few sales numbers\nthat change what you do", "hero", wrap=True))
        words = "Import a CRM export and see five to seven KPIs against their targets. It works offline and your data stays on this computer."
        left.addWidget(Label(words, "lead", "text2", wrap=True))
        left.addSpacing(20)
        for button in (self.sample, self.file, self.empty):
            left.addWidget(button)
        left.addStretch(1)
        return left

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addSpacing(88)
        zone = DropZone()
        zone.chosen.connect(lambda: self.acted.emit("import", ""))
        right.addWidget(zone)
        right.addSpacing(20)
        right.addWidget(Label("What to export from your CRM", "strong"))
        right.addLayout(_exports())
        right.addSpacing(8)
        right.addWidget(Divider())
        right.addSpacing(8)
        right.addWidget(Label("Recent workspaces", "strong"))
        self._recent = QGridLayout()
        self._recent.setHorizontalSpacing(12)
        self._recent.setVerticalSpacing(2)
        self._recent.setColumnStretch(1, 1)
        right.addLayout(self._recent)
        right.addStretch(1)
        return right

    def refresh(self) -> None:
        """List the workspaces opened lately."""
        _clear(self._recent)
        paths = [Path(path) for path in self.session.recent()[:_RECENT_SHOWN]]
        for row, path in enumerate(paths):
            link = Button(path.stem, "link")
            link.setAccessibleDescription(str(path.parent))
            link.clicked.connect(lambda _=False, where=path: self.acted.emit("open", str(where)))
            self._recent.addWidget(link, row, 0)
            self._recent.addWidget(Label(str(path.parent), "small", "text3", elide=True), row, 1)
        if not paths:
            words = "None yet. Workspaces are ordinary files you can move, copy and back up."
            self._recent.addWidget(Label(words, "small", "text2", wrap=True), 0, 0, 1, 2)


def _exports() -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(2, 1)
    for row, (icon, role, name, words, last) in enumerate(_EXPORTS):
        grid.addWidget(_Icon(icon, role), row, 0)
        grid.addWidget(Label(name, "strong"), row, 1)
        grid.addWidget(Label(words, "small", "text2", elide=True), row, 2)
        grid.addWidget(Label(last, "cap", "text2"), row, 3)
    return grid


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()
