"""How far a goal has come, on one bar: the way made, where today should be, and the goal at the end."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from kpidesk.present.chart_tables import goal_card_table
from kpidesk.present.goals import GoalCard
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu

_HEIGHT = 50


class GoalBar(QWidget):
    """The bar of one goal, from nothing to all of it; without anything known only its track."""

    def __init__(self, value: GoalCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        fix_height(self, _HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(value.accessible)
        self.setAccessibleDescription("; ".join(line.accessible for line in value.results))
        self.menu = ChartMenu(self, lambda: goal_card_table(self.value))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint words above the bar, the bar, and the mark of today."""
        del event
        value, painter, width = self.value, QPainter(self), float(self.width())
        words = QRectF(1, 0, width - 2, scaled(20))
        paint.line(painter, words, value.share_text, "smallm")
        paint.line(painter, words, value.pace_text, "small", "text2", right=True)
        bar = QRectF(1, scaled(31), width - 3, scaled(12))
        look.rounded(painter, bar, "band3", "", radius=2)
        if value.share is not None:
            made = QRectF(bar.x(), bar.y(), max(0.0, min(value.share, 1.0)) * bar.width(), bar.height())
            look.rounded(painter, made, "data_fill", "", radius=2)
            paint.pace_mark(painter, bar.x() + value.pace * bar.width(), bar.y() - 2)
        painter.fillRect(QRectF(bar.right() - 1, bar.y() - 4, 2, bar.height() + 8), color("target"))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())
