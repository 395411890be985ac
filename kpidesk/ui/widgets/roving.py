"""Roving focus: a group is one tab stop, and the arrows, Home and End move inside of it (design section 14)."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QWidget

_WAYS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}


class RovingFocus(QObject):
    """Watches the members of a group, given in reading order, and belongs to `parent`."""

    def __init__(self, parent: QWidget, members: Sequence[QWidget]) -> None:
        super().__init__(parent)
        self._members = tuple(members)
        for member in self._members:
            member.installEventFilter(self)
        if self._members:
            self._stop_at(self._members[0])

    def _stop_at(self, chosen: QWidget) -> None:
        for member in self._members:
            member.setFocusPolicy(Qt.FocusPolicy.StrongFocus if member is chosen else Qt.FocusPolicy.ClickFocus)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move the focus on arrows, Home and End; the member that has it is where Tab comes back to."""
        if not isinstance(watched, QWidget) or watched not in self._members:
            return False
        if event.type() is QEvent.Type.FocusIn:
            self._stop_at(watched)
        elif isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress:
            key = Qt.Key(event.key())
            ends = {Qt.Key.Key_Home: self._members[0], Qt.Key.Key_End: self._members[-1]}
            found = ends.get(key) or (self._next(watched, _WAYS[key]) if key in _WAYS else None)
            if found is not None:
                found.setFocus(Qt.FocusReason.TabFocusReason)
                scroll_to(found)
                return True
        return False

    def _next(self, start: QWidget, way: QPoint) -> QWidget | None:
        """Return the nearest shown member on that side: along the row for left and right, else in the nearest row."""
        here = _middle(start)

        def distance(member: QWidget) -> tuple[int, int]:
            off = _middle(member) - here
            along, aside = (off.x() * way.x(), off.y()) if way.x() else (off.y() * way.y(), off.x())
            return (along, abs(aside)) if not way.x() else (abs(aside), along)

        ahead = [
            member
            for member in self._members
            if member is not start
            and member.isVisible()
            and QPoint.dotProduct(_middle(member) - here, way) > 0
            and (not way.x() or abs((_middle(member) - here).y()) < start.height())
        ]
        return min(ahead, key=distance, default=None)


def scroll_to(widget: QWidget) -> None:
    """Scroll the page so that a widget is seen; only Tab does so by itself."""
    area = widget.parentWidget()
    while area is not None and not isinstance(area, QScrollArea):
        area = area.parentWidget()
    if area is not None:
        area.ensureWidgetVisible(widget, 24, 24)


def _middle(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(widget.rect().center())
