"""The key results of a goal as rows of a table: status, KPI, where it is, where it should be, where it is to end."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kpidesk.present.goals import ResultLine
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Pressable, keyboard_focus
from kpidesk.ui.theme import SIDE_BY_SIDE, color, fix_height, scaled, text_size
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.figures import Figures

_HEAD, _ROW, _GAP = 26, 36, 14
# Head and share of the width; the first is left-aligned, the others are numbers. Large text leaves the plain pace out.
_COLUMNS = (
    ("Key result", 27),
    ("Now", 11),
    ("Pace today", 12),
    ("Target", 17),
    ("Against pace", 17),
    ("To target", 15),
)
_PACE, _WAY = 2, 6  # the column that gives way, and the share of the last one: how much of the way is made


def _boxes(width: float, height: float) -> list[QRectF]:
    """Return the room of every column; that of the pace has none where the text is large."""
    shares = [
        0 if place == _PACE and text_size() > SIDE_BY_SIDE else share for place, (_, share) in enumerate(_COLUMNS)
    ]
    shares.append(_WAY)
    left, room, found = float(scaled(26)), width - scaled(26), []
    for place, share in enumerate(shares):
        span = room * share / sum(shares)
        found.append(QRectF(left, 0, max(span - (_GAP if place and share else 0), 0.0), height))
        if place:
            found[-1].translate(_GAP if share else 0, 0)
        left += span
    return found


class ResultHead(QWidget):
    """Captions over the rows."""

    def __init__(self) -> None:
        super().__init__()
        fix_height(self, _HEAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the captions above their line."""
        del event
        painter, width, height = QPainter(self), float(self.width()), float(self.height())
        names = (*(name for name, _ in _COLUMNS), "Way")
        for place, (box, name) in enumerate(zip(_boxes(width, height), names, strict=True)):
            if box.width():
                paint.line(painter, box, name, "capm", "text3", right=place > 0)
        painter.fillRect(QRectF(0, height - 1, width, 1), color("border2"))


class ResultRow(Pressable):
    """One key result; pressed, it opens the KPI."""

    opened = Signal(str)

    def __init__(self, value: ResultLine, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        fix_height(self, _ROW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setAccessibleName(value.accessible)
        self.setToolTip(value.note)
        self.figures = Figures(self, lambda: [(value.name, value.shown)], menu=True)
        self.clicked.connect(lambda: self.opened.emit(value.kpi))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row; without a judgement its reason takes the place of the last numbers."""
        del event
        value, painter, width, height = self.value, QPainter(self), float(self.width()), float(self.height())
        if self.underMouse():
            look.rounded(painter, self.rect(), "hover", "", radius=4)
        side = scaled(14)
        paint.status_mark(painter, QRectF(4, (height - side) / 2, side, side), value.status)
        boxes = _boxes(width, height)
        paint.line(painter, boxes[0], value.name, "bodym")
        shown = [
            (1, value.value, "bodym", "text"),
            (_PACE, value.pace, "body", "text2"),
            (3, value.target, "body", "text"),
        ]
        if value.note:
            rest = boxes[4].united(boxes[6])
            paint.line(painter, rest, value.note, "small", "text2", right=True)
        else:
            tone = "text2" if value.figures.behind is None or value.figures.behind <= 0 else f"{value.status.value}_fg"
            shown += [
                (4, value.against, "body", tone),
                (5, value.gap, "body", "text2"),
                (6, value.share, "bodym", "text"),
            ]
        for place, words, role, tone in shown:
            if boxes[place].width():
                paint.line(painter, boxes[place], words, role, tone, right=True)
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())
