"""The sidebar: workspace, pages, and how old the data is. Below 1340 px it is a rail of icons."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.dashboard import Freshness
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color
from kpidesk.ui.widgets import paint

WIDE, NARROW = 220, 56


class _Item(QAbstractButton):
    def __init__(self, name: str, icon: str, keys: str = "") -> None:
        super().__init__()
        self._keys = keys
        self.setText(name)
        self.setAccessibleName(name)
        self.setCheckable(True)
        self._icon = icon
        self.setFixedHeight(34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        """Return the height of an item."""
        return QSize(40, 34)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the item; the chosen one is a pill with an accent bar."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 1.5, -0.5, -1.5)
        if self.isChecked() or self.underMouse() or self.hasFocus():
            painter.setPen(
                color("focus" if self.hasFocus() else "border2")
                if self.isChecked() or self.hasFocus()
                else Qt.PenStyle.NoPen
            )
            painter.setBrush(color("surface" if self.isChecked() else "hover"))
            painter.drawRoundedRect(box, 6.5, 6.5)
        if self.isChecked():
            painter.fillRect(QRectF(0, 10, 3, 14), color("accent"))
        left = 10.0 if self.width() > NARROW else (self.width() - 16) / 2
        paint_icon(painter, QRectF(left, 9, 16, 16), self._icon, "accent_text" if self.isChecked() else "text2")
        if self.width() > NARROW:
            paint.text(painter, 36, 7, self.text(), "strong" if self.isChecked() else "bodym", width=self.width() - 44)
            keys = paint.text_width(self._keys, "cap")
            paint.text(painter, self.width() - keys - 10, 9, self._keys, "cap", "text3")


class _Head(QAbstractButton):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.words = ""

    def sizeHint(self) -> QSize:
        """Return the height of the switcher."""
        return QSize(40, 44)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the initial, the workspace's name and its file."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("accent"))
        left = 0.0 if self.width() > NARROW else (self.width() - 28) / 2
        painter.drawRoundedRect(QRectF(left, 8, 28, 28), 7, 7)
        initial = self.text()[:1].upper()
        paint.text(painter, left + 14 - paint.text_width(initial, "head") / 2, 12, initial, "head", "on_accent")
        if self.width() > NARROW:
            paint.text(painter, 38, 5, self.text(), "strong", width=self.width() - 60)
            paint.text(painter, 38, 23, self.words, "cap", "text2", self.width() - 60)
            paint_icon(painter, QRectF(self.width() - 20, 14, 16, 16), "chevrons-up-down", "text2")


class _Foot(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(74)
        self.value = Freshness(Status.NONE, "", "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the freshness of the data, and that it stays here."""
        painter = QPainter(self)
        if self.width() <= NARROW:
            paint.status_mark(painter, QRectF((self.width() - 14) / 2, 14, 14, 14), self.value.status)
            paint_icon(painter, QRectF((self.width() - 16) / 2, 48, 16, 16), "lock")
            return
        painter.fillRect(0, 0, self.width(), 1, color("border"))
        paint.status_mark(painter, QRectF(4, 14, 14, 14), self.value.status)
        paint.text(painter, 26, 11, self.value.title, "smallm", width=self.width() - 30)
        paint.text(painter, 26, 28, self.value.detail, "cap", "text2", self.width() - 30)
        paint_icon(painter, QRectF(4, 54, 13, 13), "lock")
        paint.text(painter, 26, 53, "Stays on this computer", "cap", "text2")


class Sidebar(QWidget):
    """Pages by (id, name, icon, group); a group is a heading over its pages, "" for none. `keys` are the palette's."""

    chosen = Signal(str)
    switch = Signal()
    search = Signal()
    help = Signal()

    def __init__(
        self, pages: Sequence[tuple[str, str, str, str]], keys: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._head = _Head()
        self._head.setAccessibleName("Switch workspace")
        self._head.clicked.connect(self.switch)
        self._find = _Item("Search or run", "search", keys)
        self._find.setCheckable(False)
        self._find.clicked.connect(self.search)
        self._help = _Item("Help", "circle-question-mark")
        self._help.setCheckable(False)
        self._help.clicked.connect(self.help)
        self._foot = _Foot()
        self._groups: dict[str, Label] = {}
        body = QVBoxLayout(self)
        body.setContentsMargins(8, 8, 8, 12)
        body.setSpacing(2)
        body.addWidget(self._head)
        body.addWidget(self._find)
        body.addSpacing(8)
        self._items: dict[str, _Item] = {}
        for name, title, icon, group in pages:
            if group and group not in self._groups:
                self._groups[group] = Label(group, "capm", "text3")
                self._groups[group].setContentsMargins(10, 12, 0, 2)
                body.addWidget(self._groups[group])
            item = _Item(title, icon)
            item.clicked.connect(lambda _=False, page=name: self.chosen.emit(page))
            self._items[name] = item
            body.addWidget(item)
        body.addStretch(1)
        body.addWidget(self._foot)
        body.addWidget(self._help)
        self.wide = True
        self.set_wide(wide=True)

    def set_wide(self, *, wide: bool) -> None:
        """Show names beside the icons, or icons only with the names as tooltips."""
        self.wide = wide
        self.setFixedWidth(WIDE if wide else NARROW)
        for label in self._groups.values():
            label.setVisible(wide)
        for item in (self._find, self._help, *self._items.values()):
            item.setToolTip("" if wide else item.text())
        self._head.setToolTip("" if wide else self._head.text().replace("<", "‹"))

    def mark(self, page: str) -> None:
        """Show which page is open."""
        for name, item in self._items.items():
            item.setChecked(name == page)

    def show_workspace(self, name: str, words: str) -> None:
        """Name the workspace."""
        self._head.setText(name)
        self._head.words = words
        self._head.setAccessibleDescription(f"{name}, {words}")
        self.set_wide(wide=self.wide)
        self._head.update()

    def switch_place(self) -> QPoint:
        """Return where a menu under the switcher begins, on the screen."""
        return self._head.mapToGlobal(self._head.rect().bottomLeft())

    def show_freshness(self, value: Freshness) -> None:
        """Say how old the data is."""
        self._foot.value = value
        words = ". ".join(part for part in (value.title, value.detail, "Stays on this computer") if part)
        self._foot.setToolTip(words)
        self._foot.setAccessibleName(words)
        self._foot.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and the border to the page."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("window"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), color("border"))
