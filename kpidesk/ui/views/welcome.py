"""The first screen: open the sample, import an export, or start empty."""

from pathlib import Path
from typing import ClassVar

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk import __version__
from kpidesk.ui.controls import Button, Divider
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.theme import color
from kpidesk.ui.view import View
from kpidesk.ui.widgets import paint


class Choice(QAbstractButton):
    """A large action: icon, title, one line, its key."""

    def __init__(self, icon: str, title: str, words: str, key: str, *, primary: bool = False) -> None:
        super().__init__()
        self.setText(title)
        self.setAccessibleName(f"{title}. {words}")
        self._icon, self._words, self._key, self._primary = icon, words, key, primary
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(72)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Return the size of the card."""
        return QSize(520, 72)

    def keyPressEvent(self, event: object) -> None:
        """Act on Enter as on Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]  # a QKeyEvent
            self.click()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(Qt.PenStyle.NoPen if self._primary else color("border2"))
        painter.setBrush(color(("accent_hover" if self.underMouse() else "accent") if self._primary else "surface"))
        painter.drawRoundedRect(box, 8, 8)
        if self.hasFocus():
            painter.setPen(QPen(color("focus"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 8, 8)
        tone = "on_accent" if self._primary else "text"
        paint_icon(painter, QRectF(20, 26, 20, 20), self._icon, "on_accent" if self._primary else "accent_text")
        paint.text(painter, 56, 16, self.text(), "head", tone)
        paint.text(painter, 56, 39, self._words, "small", "on_accent" if self._primary else "text2")
        width = paint.text_width(self._key, "small") + 10
        key = QRectF(self.width() - 16 - width, 26, width, 19)
        painter.setPen(color(tone if self._primary else "border2"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(key, 4, 4)
        paint.text(painter, key.x() + 5, key.y() + 1, self._key, "small", tone)


class DropZone(QWidget):
    """Where a file may be dropped, with a button for those who would rather choose one."""

    chosen = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(230)
        button = Button("Choose a file", "secondary", "folder-open")
        button.clicked.connect(self.chosen)
        body = QVBoxLayout(self)
        body.addSpacing(112)
        for label in (
            Label("Drop a CSV or Excel file here", "h2"),
            Label("You check every column before anything is saved", "small", "text2"),
        ):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            body.addWidget(label)
        body.addWidget(button, 0, Qt.AlignmentFlag.AlignHCenter)
        body.addStretch(1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the dashed outline and the icon tile."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(color("control"), 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(color("surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)
        tile = QRectF(self.width() / 2 - 23, 38, 46, 54)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent_soft"))
        painter.drawRoundedRect(tile, 6, 6)
        paint_icon(
            painter, QRectF(tile.center().x() - 11, tile.center().y() - 11, 22, 22), "file-spreadsheet", "accent_text"
        )


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
        columns = QHBoxLayout()
        columns.setSpacing(72)
        columns.addStretch(1)
        columns.addLayout(self._left(), 10)
        columns.addLayout(self._right(), 9)
        columns.addStretch(1)
        self.body.addStretch(1)
        self.body.addLayout(columns)
        self.body.addStretch(1)
        foot = QHBoxLayout()
        foot.addWidget(Label("No account, no network connection, no tracking", "small", "text2"))
        foot.addStretch(1)
        foot.addWidget(Label(f"Version {__version__}", "small", "text3"))
        self.body.addLayout(foot)

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
        for name, words in (
            ("Deals", "Created, stage, value, owner, close date, outcome"),
            ("Leads", "Created, source, first response"),
            ("Costs", "Sales and marketing spend by month and channel, optional"),
        ):
            row = QHBoxLayout()
            label = Label(name, "strong")
            label.setFixedWidth(56)
            row.addWidget(label)
            row.addWidget(Label(words, "small", "text2", elide=True), 1)
            right.addLayout(row)
        templates = Button("Get template files", "link")
        templates.setToolTip("Files to fill in where your data stands in no CRM")
        templates.clicked.connect(lambda: self.acted.emit("templates", ""))
        right.addWidget(templates, 0, Qt.AlignmentFlag.AlignLeft)
        right.addSpacing(8)
        right.addWidget(Divider())
        right.addSpacing(8)
        right.addWidget(Label("Recent workspaces", "strong"))
        self._recent = QVBoxLayout()
        self._recent.setSpacing(2)
        right.addLayout(self._recent)
        right.addStretch(1)
        return right

    def refresh(self) -> None:
        """List the workspaces opened lately."""
        while (item := self._recent.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        paths = self.session.recent()[:4]
        for path in paths:
            link = Button(Path(path).stem, "link")
            link.setToolTip(path.replace("<", "‹"))
            link.clicked.connect(lambda _=False, where=path: self.acted.emit("open", where))
            self._recent.addWidget(link)
        if not paths:
            self._recent.addWidget(
                Label(
                    "None yet. Workspaces are ordinary files you can move, copy and back up.",
                    "small",
                    "text2",
                    wrap=True,
                )
            )
