"""The goal strip: won, weighted pipeline, today's pace and the target on one bar, with what is left to do."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from kpidesk.present.chart_tables import goal_table
from kpidesk.present.dashboard import GoalStrip as GoalValue
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import CARD_RADIUS, Pressable, keyboard_focus
from kpidesk.ui.theme import SIDE_BY_SIDE, color, fix_height, scaled, text_size
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu
from kpidesk.ui.widgets.figures import Figures

_PAD = 16
_LOW, _HIGH = 92, 160


class GoalStrip(Pressable):
    """The goal of the quarter; pressed, it opens the goals."""

    def __init__(self, value: GoalValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self._stacked = text_size() > SIDE_BY_SIDE  # large text has the bar below
        fix_height(self, _HIGH if self._stacked else _LOW)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(value.accessible)
        stats = ", ".join(f"{figure} {words}" for figure, words in value.stats)
        self.setAccessibleDescription(", ".join(filter(None, (value.pace_text, value.weighted_text, stats))))
        self.figures = Figures(self, lambda: value.figures)
        self.menu = ChartMenu(self, lambda: goal_table(self.value), figures=self.figures)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint words, bar and figures."""
        del event
        value, painter = self.value, QPainter(self)
        line = "control" if self.underMouse() else "border"
        look.rounded(painter, self.rect(), "surface", line, radius=CARD_RADIUS)
        paint.text(painter, _PAD, scaled(16), value.caption, "cap", "text2")
        width = paint.text(painter, _PAD, scaled(33), value.headline, "h2")
        chip = _PAD + width + 14 + paint.chip_width(value.status.word)
        paint.chip(painter, chip, scaled(33), value.status, value.status.word)
        paint.text(painter, _PAD, scaled(57), value.deadline, "small", "text2")
        right = self._paint_stats(painter)
        if self._stacked:
            self._paint_bar(painter, _PAD, self.width() - _PAD, scaled(_HIGH - _LOW + 36))
        else:
            self._paint_bar(painter, max(scaled(262), chip + 24), right - 20, scaled(39))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect(), CARD_RADIUS)

    def _paint_stats(self, painter: QPainter) -> float:
        """Paint the figures from the right; return where they begin."""
        right = self.width() - float(_PAD)
        for figure, words in reversed(self.value.stats):
            span = max(paint.text_width(figure, "stat"), paint.text_width(words, "small")) + 18
            paint.text(painter, right - span + 18, scaled(26), figure, "stat")
            paint.text(painter, right - span + 18, scaled(54), words, "small", "text2")
            right -= span + 14
            painter.fillRect(QRectF(right + 14, scaled(24), 1, scaled(44)), color("border"))
        return right + 14

    def _paint_bar(self, painter: QPainter, left: float, right: float, top_y: float) -> None:
        value = self.value
        reach = value.won + (value.weighted or 0.0)
        beyond = reach > value.target  # then the bar ends behind the target, whose name moves above its tick
        label = paint.text_width(value.target_text, "smallm")
        box = QRectF(left, top_y, max(right - left - (0 if beyond else label + 10), 60), scaled(16))
        top = max(value.target, reach) or 1.0

        def at(amount: float) -> float:
            return box.x() + max(0.0, min(amount / top, 1.0)) * box.width()

        look.rounded(painter, box, "band3", "", radius=2)
        if value.weighted:
            paint.hatch(painter, QRectF(at(value.won), box.y(), at(reach) - at(value.won), box.height()))
        look.rounded(
            painter, QRectF(box.x(), box.y(), at(value.won) - box.x(), box.height()), "data_fill", "", radius=2
        )
        painter.fillRect(QRectF(at(value.target) - 1, box.y() - 7, 2, box.height() + 14), color("target"))
        above, below = box.y() - scaled(21), box.bottom() + scaled(8)
        won = paint.text(painter, box.x(), above, value.won_text, "smallm")
        last = box.right()
        if not beyond:
            paint.text(painter, box.right() + 8, box.y() + scaled(1), value.target_text, "smallm")
        else:
            last = at(value.target)
            paint.text(painter, min(last + 6, box.right() - label), above, value.target_text, "smallm")
        if value.pace is not None:
            self._paint_pace(painter, at(value.pace), box, above, box.x() + won + 16, last)
        width = paint.text(painter, box.x(), below, value.share_text, "small", "text2")
        room = box.right() + (0 if beyond else label + 8) - box.x() - width - 26
        if paint.text_width(value.weighted_text, "small") <= room:
            paint.text(painter, box.x() + width + 26, below, value.weighted_text, "small", "text2")

    def _paint_pace(self, painter: QPainter, x: float, box: QRectF, above: float, start: float, end: float) -> None:
        """Mark where today should be; its words stand left of the mark if there is room between the other labels."""
        wide = paint.pace_mark(painter, x, box.y() - 3)
        span = paint.text_width(self.value.pace_text, "small")
        left = min(x - span - wide - 4, end - span - 4)
        if left >= start:
            paint.text(painter, left, above, self.value.pace_text, "small", "text2")
