"""The KPI card: one painted, focusable button with its words for assistive technology."""

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.chart_tables import card_table
from kpidesk.present.dashboard import Card as CardValue
from kpidesk.present.numbers import MISSING
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import CARD_RADIUS, Pressable, keyboard_focus
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu
from kpidesk.ui.widgets.figures import Figures

_PAD = 16
_LEAST_SPARK = 40


class KpiCard(Pressable):
    """One KPI; a click or Enter opens its page."""

    opened = Signal(str)

    def __init__(self, value: CardValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.setAccessibleName(value.accessible)
        self.setAccessibleDescription("Opens the page of this KPI")
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        fix_height(self, 152)
        self._hover: int | None = None
        self.clicked.connect(lambda: self.opened.emit(self.value.kpi))
        self.figures = Figures(self, lambda: [(value.name, value.figure)])
        self.menu = ChartMenu(
            self, lambda: card_table(self.value), (f"Open {value.name}", self.click), figures=self.figures
        )

    def sizeHint(self) -> QSize:
        """Return the size of a quarter of the page."""
        return QSize(scaled(240), scaled(152))

    def _value_role(self) -> str:
        room = self.width() - 2 * _PAD
        return "value" if paint.text_width(self.value.value, "value") <= room else "stat"

    def _spark_box(self) -> QRectF:
        """Place the sparkline right of the value, as wide as the card allows, down to what can still be read."""
        taken = _PAD + paint.text_width(self.value.value, self._value_role()) + scaled(12)
        if self.value.old_data:
            taken += paint.tag_width(self.value.old_data) + scaled(8)
        wide = min(max(96 + (self.width() - 281) * 0.79, 80), 174)
        left = max(self.width() - _PAD - wide, taken)
        return QRectF(left, scaled(47), max(self.width() - _PAD - left, 0), scaled(40))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a period of the sparkline."""
        box = self._spark_box()
        self._hover = None
        if self.value.spark is not None and box.contains(event.position()):
            count = len(self.value.spark.values)
            self._hover = round((event.position().x() - box.x()) / box.width() * (count - 1))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        self._hover = None
        self.update()

    def event(self, event: QEvent) -> bool:
        """Show period and value of the pointed place, the owner's name, or the exact value."""
        if isinstance(event, QHelpEvent):
            spark = self.value.spark
            if self._hover is not None and spark is not None:
                words = f"{spark.labels[self._hover]}: {spark.texts[self._hover]}"
                if changed := spark.changed.get(self._hover):
                    words = f"{words}. {changed}"
            elif event.pos().y() > scaled(118) and event.pos().x() > self.width() - scaled(52) and self.value.owner:
                words = self.value.owner
            else:
                words = self.value.tooltip
            QToolTip.showText(event.globalPos(), words.replace("<", "‹"), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name, status, value, target, history, bullet, change, kind and owner."""
        del event
        value, painter, right = self.value, QPainter(self), self.width() - _PAD
        over = self.underMouse() or self.isDown()
        look.rounded(painter, self.rect(), "surface", "border2" if over else "border", radius=CARD_RADIUS)
        left = paint.chip(painter, right, scaled(12), value.status, value.chip)
        paint.text(painter, _PAD, scaled(14), value.name, "strong", width=left - _PAD - 8)
        bar = QRectF(_PAD, scaled(101), right - _PAD, scaled(10))
        if value.reason:
            self._paint_reason(painter, bar)
        else:
            self._paint_value(painter)
            paint.bullet(painter, bar, value.bullet)
        room = self._paint_kind(painter) - _PAD - 4
        if value.reason:
            paint.text(painter, _PAD, scaled(125), value.hint, "small", "text3", room)
        else:
            self._paint_change(painter, room)
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect(), CARD_RADIUS)

    def _paint_reason(self, painter: QPainter, bar: QRectF) -> None:
        value, room = self.value, self.width() - 2 * _PAD
        top: float = scaled(74)
        if value.value != MISSING:  # a rate of too few cases: "3 of 8"
            paint.text(painter, _PAD - 1, scaled(37), value.value, self._value_role(), "text2", room)
        else:
            long = paint.text_width(value.reason, "small") > room
            painter.fillRect(QRectF(_PAD, scaled(47 if long else 57), scaled(28), 3), color("text3"))
            top = scaled(59 if long else 74)
        paint.paragraph(painter, QRectF(_PAD, top, room, bar.y() - top), value.reason, "small", "text2")
        paint.bullet(painter, bar, None)

    def _paint_value(self, painter: QPainter) -> None:
        value, box = self.value, self._spark_box()
        spark = value.spark if box.width() >= _LEAST_SPARK else None
        role = self._value_role()
        x = _PAD - 1 + paint.text(painter, _PAD - 1, scaled(37), value.value, role)
        end = box.x() if spark is not None else self.width() - _PAD
        if value.old_data:
            width = paint.tag_width(value.old_data)
            paint.tag(painter, x + scaled(12) + width, scaled(56), "clock", value.old_data, "warn")
        elif value.range_text or value.value_note:
            span = value.range_text
            likely = (f"likely {span}", span, span.replace("% to ", " to ")) if span else (value.value_note,)
            note = paint.fitting("small", end - x - 16, *likely)
            if x + 16 + paint.text_width(note, "small") <= end:
                paint.text(painter, x + 8, scaled(51), note, "small", "text2")
        room = end - _PAD - 8
        target = paint.fitting("small", room, value.target, value.target.removesuffix(" by today"))
        paint.text(painter, _PAD, scaled(74), target, "small", "text2", room)
        if spark is not None:
            paint.sparkline(painter, box, spark, value.status, self._hover)

    def _paint_change(self, painter: QPainter, room: float) -> None:
        change, y = self.value.change, scaled(125)
        if change is None:
            return
        tone = {Status.GOOD: "good_fg", Status.BAD: "bad_fg"}.get(change.tone, "text2")
        x = float(_PAD)
        if change.arrow:
            x += paint.arrow(painter, x, scaled(132.5), change.arrow, tone) + 4
        # On a narrow card the period goes first, then all but the judgement: "worse than Q3 at day 55", "worse than Q3", "worse".
        # That a change is normal variation is never left out; rather its size is.
        normal = change.words.rsplit(", ", 1)[-1] if ", " in change.words else ""
        needs = paint.text_width(change.amount, "smallm") + 4 + paint.text_width(normal, "small")
        if change.amount and not (normal and x + needs > _PAD + room):
            x += paint.text(painter, x, y, change.amount, "smallm", tone) + 4
        left = max(_PAD + room - x, 20)
        shorter = (normal,) if normal else (change.words.split(" at ")[0], change.words.split(" ")[0])
        words = paint.fitting("small", left, change.words, *shorter)
        paint.text(painter, x, y, words, "small", "text2", left)

    def _paint_kind(self, painter: QPainter) -> float:
        """Paint kind and owner at the right; return where they begin."""
        right, middle = self.width() - float(_PAD), scaled(132.5)
        if self.value.initials:
            width = paint.text_width(self.value.initials, "cap")
            paint.line(painter, QRectF(right - width, middle - 10, width, 20), self.value.initials, "cap", "text2")
            right -= width + 8
        if self.value.leading:
            return paint.tag(painter, right, middle, "arrow-right-from-line", "Leading")
        return paint.tag(painter, right, middle, "history", "Lagging")
