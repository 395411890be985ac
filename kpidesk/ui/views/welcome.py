"""The first screen: open the sample, import an export, or start empty."""

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk import __version__
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import CARD_RADIUS, Button, Divider, Icon, Pressable, keyboard_focus
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.view import View
from kpidesk.ui.views.import_steps.drop_zone import DropZone
from kpidesk.ui.widgets import paint

_LEFT, _RIGHT = 520, 440
_RECENT_SHOWN = 4
_EXPORTS = (
    ("Deals", "Created, stage, value, owner, close date, outcome", True),
    ("Leads", "Created, source, first response", True),
    ("Costs", "Sales and marketing spend by month and channel", False),
)


class Choice(Pressable):
    """A large action: icon, title, one line, its key."""

    def __init__(self, icon: str, title: str, words: str, key: str, *, primary: bool = False) -> None:
        super().__init__()
        self.setText(title)
        self.setAccessibleName(f"{title}. {words}")
        self._icon, self._words, self._key, self._primary = icon, words, key, primary
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
        painter, over, primary = QPainter(self), self.underMouse(), self._primary
        fill, line = (
            ("accent_hover" if over else "accent", "") if primary else ("hover" if over else "surface", "border2")
        )
        look.rounded(painter, self.rect(), fill, line, radius=CARD_RADIUS)
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect(), CARD_RADIUS)
            if primary:  # the ring has the colour of the card
                look.rounded(painter, self.rect().adjusted(3, 3, -3, -3), "", "on_accent", width=2, radius=7)
        side, key = scaled(20), paint.text_width(self._key, "cap") + 12
        left, room = 36 + side, self.width() - side - key - 72
        icon = QRectF(20, (self.height() - side) / 2, side, side)
        paint_icon(painter, icon, self._icon, "on_accent" if primary else "accent_text")
        paint.text(painter, left, scaled(17), self.text(), "head", "on_accent" if primary else "text", room)
        paint.text(painter, left, scaled(39), self._words, "small", "on_accent" if primary else "text2", room)
        cap = QRectF(self.width() - 16 - key, (self.height() - scaled(19)) / 2, key, scaled(19))
        look.rounded(painter, cap, "" if primary else "subtle", "on_accent" if primary else "border2", radius=4)
        paint.line(painter, cap.adjusted(6, 0, 0, 0), self._key, "capm", "on_accent" if primary else "text2")


class _Promise(QWidget):
    """The foot: what this program does not do, and its version."""

    def __init__(self) -> None:
        super().__init__()
        fix_height(self, 41)
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 1, 24, 0)
        row.setSpacing(7)
        row.addWidget(Icon("lock", side=14))
        row.addWidget(Label("No account, no network connection, no tracking", "small", "text2"))
        row.addStretch(1)
        row.addWidget(Label(f"Version {__version__}", "small", "text3"))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the line above."""
        del event
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("window"))
        painter.fillRect(0, 0, self.width(), 1, color("border"))


class _AppMark(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(40, 40)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the mark: three rising bars on indigo."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        painter.drawRoundedRect(QRectF(self.rect()), 9, 9)
        paint_icon(painter, QRectF(self.rect()), "app", "on_accent")


class WelcomeView(View):
    """Fills the window while no workspace is open."""

    title: ClassVar[str] = "Welcome"

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.sample = Choice(
            "play", "Open the sample workspace", "24 months of data for a small software company", "Enter", primary=True
        )
        self.file = Choice(
            "upload", "Import a CRM export", "HubSpot, Salesforce, Pipedrive or any CSV or Excel file", "Ctrl I"
        )
        self.empty = Choice(
            "file-plus", "Start an empty workspace", "Choose where it is kept, add data later", "Ctrl N"
        )
        for button, action in ((self.sample, "sample"), (self.file, "import"), (self.empty, "new")):
            button.clicked.connect(lambda _=False, name=action: self.acted.emit(name, ""))
        self.sample.setFocus()
        session.recent_changed.connect(self.make_stale)
        self._middle = QWidget()
        columns = QHBoxLayout(self._middle)
        columns.setContentsMargins(0, 0, 0, 0)
        columns.setSpacing(72)
        columns.addLayout(self._left(), _LEFT)
        columns.addLayout(self._right(), _RIGHT)
        across = QHBoxLayout()
        across.addStretch(1)
        across.addWidget(self._middle, 100)
        across.addStretch(1)
        self.body.addStretch(3)
        self.body.addLayout(across)
        self.body.addStretch(4)
        outer = self.layout()
        if outer is not None:
            outer.addWidget(_Promise())

    def _left(self) -> QVBoxLayout:
        left = QVBoxLayout()
        left.setSpacing(12)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(_AppMark())
        head.addWidget(Label("KPIDesk", "h2"), 1)
        left.addLayout(head)
        left.addSpacing(46)
        left.addWidget(Label("Track the few sales numbers\nthat change what you do", "hero", wrap=True))
        words = "Import a CRM export and see five to seven KPIs against their targets. It works offline and your data stays on this computer."
        lead = QHBoxLayout()
        lead.addWidget(Label(words, "lead", "text2", wrap=True), 7)
        lead.addStretch(1)
        left.addLayout(lead)
        left.addSpacing(16)
        for button in (self.sample, self.file, self.empty):
            left.addWidget(button)
        left.addStretch(1)
        return left

    def _right(self) -> QVBoxLayout:
        right = QVBoxLayout()
        right.setSpacing(8)
        right.addSpacing(82)
        zone = DropZone("Drop a CSV or Excel file here", "You check every column before anything is saved")
        zone.setAcceptDrops(False)  # the whole window takes them
        zone.choose.connect(lambda: self.acted.emit("import", ""))
        zone.choose_folder.connect(lambda: self.acted.emit("import_folder", ""))
        right.addWidget(zone)
        right.addSpacing(26)
        head = QHBoxLayout()
        head.addWidget(Label("What to export from your CRM", "strong"), 1)
        templates = Button("Get template files", "link")
        templates.setToolTip("Files to fill in where your data stands in no CRM")
        templates.clicked.connect(lambda: self.acted.emit("templates", ""))
        head.addWidget(templates)
        right.addLayout(head)
        table = QGridLayout()
        table.setContentsMargins(0, 2, 0, 6)
        table.setHorizontalSpacing(9)
        table.setVerticalSpacing(9)
        table.setColumnStretch(2, 1)
        for place, (name, words, needed) in enumerate(_EXPORTS):
            table.addWidget(Icon("check" if needed else "plus", "good_fg" if needed else "text2", 14), place, 0)
            table.addWidget(Label(name, "smalls"), place, 1)
            table.addWidget(Label(words, "small", "text2", elide=True), place, 2)
            if not needed:
                table.addWidget(Label("Optional", "cap", "text2"), place, 3)
        right.addLayout(table)
        right.addSpacing(8)
        right.addWidget(Divider())
        right.addSpacing(8)
        right.addWidget(Label("Recent workspaces", "strong"))
        self._recent = QGridLayout()
        self._recent.setHorizontalSpacing(8)
        self._recent.setVerticalSpacing(2)
        self._recent.setColumnStretch(1, 1)
        right.addLayout(self._recent)
        right.addStretch(1)
        return right

    def refresh(self) -> None:
        """List the workspaces opened lately."""
        self._middle.setMaximumWidth(scaled(_LEFT + 72 + _RIGHT))
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
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
