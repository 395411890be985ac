"""What can be typed at the caret, in a list under it; the focus stays in the formula."""

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from kpidesk.formula.completion import Completion, Kind
from kpidesk.ui import style_paint as look
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font, scaled
from kpidesk.ui.widgets import paint

_ROW, _FOOT, _SHOWN, _WIDTH, _SHADOW = 34, 30, 7, 352, 8
_WRAPPED = int(Qt.TextFlag.TextWordWrap)
_ICONS = {
    Kind.KPI: "target",
    Kind.FUNCTION: "hash",
    Kind.CONSTANT: "hash",
    Kind.ROWS: "layers",
    Kind.VALUE: "text",
    Kind.KEYWORD: "type",
    Kind.OPERATOR: "type",
    Kind.UNIT: "clock",
}
_TYPES = {"date": "calendar", "text": "type", "money": "coins", "number": "hash", "duration": "clock", "flag": "check"}


def told(one: Completion) -> str:
    """Say where a completion comes from: the column that feeds it and how full it is, or what it means."""
    parts = [f"From “{one.source}”"] if one.source else []
    if one.filled is not None and (one.filled < 0.995 or not parts):
        parts.append(f"{one.filled:.0%} filled")
    return ", ".join(parts) or one.summary


def explained(one: Completion) -> tuple[tuple[str, str], ...]:
    """Return the help with a completion as (words, role): what it means, where it comes from, and an example of its use."""
    source = f"From the column “{one.source}”." if one.source else ""
    filled = "" if one.filled is None else f"{one.filled:.0%} of rows have a value."
    meant = " ".join(part for part in (one.summary, source, filled) if part)
    return tuple((words, role) for words, role in ((meant, "small"), (one.example, "mono")) if words)


class CompletionList(QWidget):
    """A floating list, with help for the chosen line when it is `helping`. `chosen` carries the completion to insert."""

    chosen = Signal(object)

    def __init__(self, over: QWidget) -> None:
        super().__init__(over)
        self._over = over
        self.items: tuple[Completion, ...] = ()
        self.typed = ""
        self.current = 0
        self._first = 0
        self.helping = False
        self._place = (QPoint(), 0, 0)
        self.setAccessibleName("Completions")
        self.hide()

    def offer(self, items: Sequence[Completion], typed: str, at: QPoint, above: int, right: int) -> None:
        """Show completions under `at`, a place in the window, or over it by `above` px where there is no room below.

        They end at `right` where they would reach beyond it.
        """
        self.items, self.typed, self.current, self._first = tuple(items), typed, 0, 0
        self._place = (at, above, right)
        if not items:
            self.hide()
            return
        self._fit()
        self.show()
        self.raise_()
        self._announce()
        self.update()

    def toggle_help(self) -> None:
        """Show help for the chosen line, or hide it."""
        self.helping = not self.helping
        self._fit()
        self._announce()
        self.update()

    def _fit(self) -> None:
        at, above, right = self._place
        high = scaled(_ROW) * min(len(self.items), _SHOWN) + self._help_height() + scaled(_FOOT) + 8 + _SHADOW
        size = QSize(scaled(_WIDTH) + _SHADOW, high)
        window = self._over.size()
        left = max(8, min(at.x(), right - size.width(), window.width() - size.width() - 8))
        top = at.y() if at.y() + high <= window.height() - 4 else max(4, at.y() - above - high)
        self.setGeometry(left, top, size.width(), size.height())

    def _help_height(self) -> int:
        """Return the room that the help with the chosen line takes."""
        if not self.helping:
            return 0
        lines = (self._help_box(words, role, 0.0).height() for words, role in explained(self.items[self.current]))
        return round(sum(lines)) + scaled(18)

    def _help_box(self, words: str, role: str, top: float) -> QRectF:
        box = QRectF(14, top, scaled(_WIDTH) - 28, 10_000)
        return QFontMetricsF(font(role)).boundingRect(box, _WRAPPED, words)

    def move_by(self, steps: int) -> None:
        """Choose another line, from the last on to the first."""
        self.current = (self.current + steps) % len(self.items)
        self._first = min(max(self._first, self.current - _SHOWN + 1), self.current)
        self._fit()
        self._announce()
        self.update()

    def choose(self) -> None:
        """Insert the chosen line."""
        self.chosen.emit(self.items[self.current])

    def _announce(self) -> None:
        one = self.items[self.current]
        about = " ".join(words for words, _ in explained(one)) if self.helping else told(one)
        words = ", ".join(part for part in (one.label, about, one.type) if part)
        self.setAccessibleDescription(words)
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, words))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose the line under the pointer."""
        self._point(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Insert the line under the pointer."""
        if self._point(event):
            self.choose()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Move along the list."""
        self.move_by(-1 if event.angleDelta().y() > 0 else 1)
        event.accept()

    def _point(self, event: QMouseEvent) -> bool:
        place = self._first + int((event.position().y() - 4) // scaled(_ROW))
        if not self._first <= place < min(self._first + _SHOWN, len(self.items)):
            return False
        self.current = place
        self._fit()
        self.update()
        return True

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lines and what the keys do."""
        del event
        painter = QPainter(self)
        box = QRectF(self.rect()).adjusted(0, 0, -_SHADOW / 2, -_SHADOW / 2)
        shade = color("text")
        for step in range(_SHADOW // 2):
            shade.setAlphaF(0.03)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(shade)
            painter.drawRoundedRect(box.translated(step * 0.6, step), 8, 8)
        look.rounded(painter, box, "surface", "border2", radius=8)
        high, top = scaled(_ROW), 4.0
        for place in range(self._first, min(self._first + _SHOWN, len(self.items))):
            self._paint_row(painter, QRectF(4, top, box.width() - 8, high), place)
            top += high
        if self.helping:
            painter.fillRect(QRectF(1, top + 1, box.width() - 2, 1), color("border"))
            below = top + scaled(8)
            for words, role in explained(self.items[self.current]):
                lines = self._help_box(words, role, below)
                painter.setFont(font(role))
                painter.setPen(color("text" if role == "small" else "text2"))
                painter.drawText(lines, _WRAPPED, words)
                below = lines.bottom()
            top += self._help_height()
        painter.fillRect(QRectF(1, top + 1, box.width() - 2, 1), color("border"))
        foot = QRectF(10, top + 2, box.width() - 20, scaled(_FOOT))
        x = foot.x()
        for key, word in (("Tab", "insert"), ("F1", "hide help" if self.helping else "field help"), ("Esc", "close")):
            width = paint.text_width(key, "cap") + 10
            cap = QRectF(x, foot.center().y() - scaled(9), width, scaled(18))
            look.rounded(painter, cap, "subtle", "border2", radius=4)
            paint.line(painter, cap.adjusted(5, 0, 0, 0), key, "cap", "text2")
            paint.line(painter, QRectF(cap.right() + 6, foot.y(), 80, foot.height()), word, "small", "text2")
            x = cap.right() + 6 + paint.text_width(word, "small") + 14
        paint.line(painter, foot, f"{self.current + 1} of {len(self.items)}", "small", "text2", right=True)

    def _paint_row(self, painter: QPainter, box: QRectF, place: int) -> None:
        one = self.items[place]
        if place == self.current:
            look.rounded(painter, box, "selected", "", radius=5)
        side = scaled(14)
        name = _TYPES.get(one.type, "type") if one.kind is Kind.COLUMN else _ICONS[one.kind]
        paint_icon(
            painter,
            QRectF(box.x() + 9, box.center().y() - side / 2, side, side),
            name,
            "accent_text" if place == self.current else "text2",
        )
        x = box.x() + side + 20
        kind = paint.text_width(one.type, "small")
        room = box.right() - 10 - kind - x
        label = min(paint.text_width(one.label, "mono"), room * 0.62)
        begins = len(self.typed) if self.typed and one.label.casefold().startswith(self.typed.casefold()) else 0
        paint.line(painter, QRectF(x, box.y(), label + 2, box.height()), one.label, "mono")
        if begins:
            paint.line(painter, QRectF(x, box.y(), label + 2, box.height()), one.label[:begins], "mono", "accent_text")
        start = max(x + label + 14, x + scaled(102))
        paint.line(
            painter,
            QRectF(start, box.y(), max(box.right() - 16 - kind - start, 0), box.height()),
            told(one),
            "small",
            "text2",
        )
        paint.line(painter, box.adjusted(0, 0, -10, 0), one.type, "small", "text3", right=True)
