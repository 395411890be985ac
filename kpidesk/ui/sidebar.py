"""The sidebar: workspace, pages, and how old the data is. Below 1340 px it is a rail of icons."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.dashboard import Freshness
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Pressable, keyboard_focus
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, fix_height, font, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.roving import RovingFocus

WIDE, NARROW = 220, 56


def _margin(widget: QWidget) -> int:
    """Return the room at the sides of what stands in the sidebar."""
    return 12 if widget.width() > NARROW else 10


class _Item(Pressable):
    """A page: 32 px high in a pitch of 34."""

    def __init__(self, name: str, icon: str, *, checkable: bool = True) -> None:
        super().__init__()
        self.setText(name)
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setCheckable(checkable)
        self._icon = icon
        self.count = ""
        fix_height(self, 34)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def _box(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_margin(self), 1, -_margin(self), -1)

    def _paint_icon(self, painter: QPainter, tone: str) -> None:
        box, side = self._box(), scaled(16)
        left = box.x() + 12 if self.width() > NARROW else box.center().x() - side / 2
        paint_icon(painter, QRectF(left, box.center().y() - side / 2, side, side), self._icon, tone)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the item; the chosen one is a pill with an accent bar."""
        del event
        painter, box, chosen = QPainter(self), self._box(), self.isChecked()
        if chosen or self.underMouse():
            fill, line = ("surface", "border2") if chosen else ("hover", "")
            look.rounded(painter, box, fill, line, radius=look.BUTTON_RADIUS)
        if keyboard_focus(self):
            look.focus_ring(painter, box, look.BUTTON_RADIUS)
        if chosen:
            left = box.x() if self.width() > NARROW else 4.0
            look.rounded(painter, QRectF(left, box.center().y() - 8, 3, 16), "accent", "", radius=1.5)
        self._paint_icon(painter, "accent_text" if chosen else "text2")
        if self.width() > NARROW:
            taken = paint.text_width(self.count, "cap") + 16 if self.count else 8
            words = box.adjusted(scaled(16) + 21, 0, -taken, 0)
            paint.line(painter, words, self.text(), "strong" if chosen else "bodym", "text" if chosen else "text2")
            paint.line(painter, box.adjusted(0, 0, -10, 0), self.count, "cap", "text3", right=True)


class _Search(_Item):
    """Looks like a field and opens the palette."""

    def __init__(self, keys: str) -> None:
        super().__init__("Search or run", "search", checkable=False)
        self._key = keys

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint field, words and shortcut; in the rail only the icon."""
        if self.width() <= NARROW:
            super().paintEvent(event)
            return
        painter, box = QPainter(self), self._box().adjusted(0, 1, 0, -1)
        look.rounded(painter, box, "surface", "control" if self.underMouse() else "border2")
        if keyboard_focus(self):
            look.focus_ring(painter, box)
        side = scaled(14)
        paint_icon(painter, QRectF(box.x() + 10, box.center().y() - side / 2, side, side), "search")
        key = paint.text_width(self._key, "cap")
        paint.line(painter, box.adjusted(side + 17, 0, -key - 16, 0), self.text(), "small", "text3")
        paint.line(painter, box.adjusted(0, 0, -10, 0), self._key, "cap", "text2", right=True)


class _Head(Pressable):
    """Which workspace is open; opens the list of others."""

    def __init__(self) -> None:
        super().__init__()
        fix_height(self, 44)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.words = ""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the initial, the workspace's name and its file."""
        del event
        painter, wide = QPainter(self), self.width() > NARROW
        box = QRectF(self.rect()).adjusted(_margin(self) - 4, 3, 4 - _margin(self), -3)
        if self.underMouse():
            look.rounded(painter, box, "hover", "", radius=look.BUTTON_RADIUS)
        if keyboard_focus(self):
            look.focus_ring(painter, box, look.BUTTON_RADIUS)
        tile = QRectF(12 if wide else (self.width() - 28) / 2, self.height() / 2 - 14, 28, 28)
        look.rounded(painter, tile, "accent", "", radius=7)
        painter.setFont(font("strong"))
        painter.setPen(color("on_accent"))
        painter.drawText(tile, Qt.AlignmentFlag.AlignCenter, self.text()[:1].upper())
        if wide:
            room = self.width() - 50 - 36
            paint.text(painter, 50, scaled(7), self.text(), "strong", width=room)
            paint.text(painter, 50, scaled(24), self.words, "cap", "text2", room)
            paint_icon(painter, QRectF(self.width() - 31, tile.center().y() - 8, 16, 16), "chevrons-up-down", "text2")


class _Group(QWidget):
    """The head of a group of pages; a line in the rail."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name
        fix_height(self, 32)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the name, or a line."""
        del event
        painter = QPainter(self)
        if self.width() > NARROW:
            paint.line(painter, QRectF(22, scaled(12), self.width() - 34, scaled(20)), self._name, "capm", "text3")
        else:
            painter.fillRect(16, self.height() // 2, self.width() - 32, 1, color("border2"))


class _Foot(QWidget):
    """How old the data is, and that it stays here."""

    def __init__(self) -> None:
        super().__init__()
        fix_height(self, 88)
        self.value = Freshness(Status.NONE, "", "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both lines; in the rail their marks."""
        del event
        painter, side = QPainter(self), scaled(13)
        if self.width() <= NARROW:
            x = (self.width() - side) / 2
            paint.status_mark(painter, QRectF(x, scaled(24) - side / 2, side, side), self.value.status)
            paint_icon(painter, QRectF(x, scaled(60) - side / 2, side, side), "lock")
            return
        painter.fillRect(12, 0, self.width() - 24, 1, color("border"))
        left, room = 26 + side, self.width() - side - 38
        paint.status_mark(painter, QRectF(18, scaled(24) - side / 2, side, side), self.value.status)
        paint.text(painter, left, scaled(17), self.value.title, "smallm", width=room)
        paint.text(painter, left, scaled(34), self.value.detail, "cap", "text2", room)
        paint_icon(painter, QRectF(18, scaled(69) - side / 2, side, side), "lock")
        paint.text(painter, left, scaled(62), "Stays on this computer", "cap", "text2", room)


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
        self._find = _Search(keys)
        self._find.clicked.connect(self.search)
        self._help = _Item("Help", "circle-question-mark", checkable=False)
        self._help.clicked.connect(self.help)
        self._foot = _Foot()
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 5, 1, 0)
        body.setSpacing(0)
        body.addWidget(self._head)
        body.addSpacing(4)
        body.addWidget(self._find)
        body.addSpacing(9)
        self._items: dict[str, _Item] = {}
        last = ""
        for name, title, icon, group in pages:
            if group and group != last:
                body.addWidget(_Group(group))
                last = group
            item = _Item(title, icon)
            item.clicked.connect(lambda _=False, page=name: self.chosen.emit(page))
            self._items[name] = item
            body.addWidget(item)
        RovingFocus(self, list(self._items.values()))
        body.addStretch(1)
        body.addWidget(self._foot)
        body.addWidget(self._help)
        body.addSpacing(8)
        self.wide = True
        self.set_wide(wide=True)

    def set_wide(self, *, wide: bool) -> None:
        """Show names beside the icons, or icons only with the names as tooltips."""
        self.wide = wide
        # Half of the growth of the text is enough for the names, and leaves more to the page.
        self.setFixedWidth((WIDE + scaled(WIDE)) // 2 if wide else NARROW)
        for item in (self._find, self._help, *self._items.values()):
            item.setToolTip("" if wide else item.text())
        self._head.setToolTip("" if wide else self._head.text().replace("<", "‹"))

    def changeEvent(self, event: QEvent) -> None:
        """Make room for another text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self.set_wide(wide=self.wide)

    def mark(self, page: str) -> None:
        """Show which page is open."""
        for name, item in self._items.items():
            item.setChecked(name == page)

    def show_count(self, page: str, words: str) -> None:
        """Write a few words at the right of a page's name, such as "6 of 7"."""
        item = self._items[page]
        item.count = words
        item.setAccessibleDescription(words)
        item.update()

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
