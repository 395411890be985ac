"""The KPI card and the goal strip: one painted widget each, with its words for assistive technology."""

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QBrush, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QToolTip, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.dashboard import Card as CardValue
from kpidesk.present.dashboard import GoalStrip as GoalValue
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color
from kpidesk.ui.widgets import paint


def card_ground(painter: QPainter, widget: QWidget, *, hover: bool = False, focus: bool = False) -> None:
    """Paint a card's surface, border and focus ring."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(color("border2" if hover else "border"))
    painter.setBrush(color("surface"))
    painter.drawRoundedRect(QRectF(widget.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 10, 10)
    if focus:
        painter.setPen(QPen(color("focus"), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(QRectF(widget.rect()).adjusted(1, 1, -1, -1), 10, 10)


class KpiCard(QAbstractButton):
    """One KPI; a click or Enter opens its page."""

    opened = Signal(str)

    def __init__(self, value: CardValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.setAccessibleName(value.accessible)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(152)
        self._hover: int | None = None
        self.clicked.connect(lambda: self.opened.emit(self.value.kpi))

    def sizeHint(self) -> QSize:
        """Return the size of a third of the page."""
        return QSize(280, 152)

    def _spark_box(self) -> QRectF:
        width = max(80.0, self.width() * 0.44)
        return QRectF(self.width() - 16 - width, 48, width - 4, 40)

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
            elif event.pos().y() > 120 and event.pos().x() > self.width() - 60 and self.value.owner:
                words = self.value.owner
            else:
                words = self.value.tooltip
            QToolTip.showText(event.globalPos(), words.replace("<", "‹"), self)
            return True
        return super().event(event)

    def keyPressEvent(self, event: object) -> None:
        """Open on Enter as on Space."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):  # type: ignore[attr-defined]  # a QKeyEvent
            self.click()
            return
        super().keyPressEvent(event)  # type: ignore[arg-type]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint name, status, value, target, history, bullet, change, kind and owner."""
        value, painter = self.value, QPainter(self)
        card_ground(painter, self, hover=self.underMouse(), focus=self.hasFocus())
        left = paint.chip(painter, self.width() - 15, 12, value.status, value.chip)
        paint.text(painter, 16, 13, value.name, "strong", width=left - 28)
        if value.reason:
            painter.fillRect(QRectF(16, 60, 26, 3), color("text3"))
            paint.text(painter, 16, 74, value.reason, "small", "text2", self.width() - 32)
            paint.bullet(painter, QRectF(16, 100, self.width() - 32, 10), None)
            paint.text(painter, 16, 122, value.hint, "small", "text3", self.width() - 140)
        else:
            width = paint.text(painter, 15, 37, value.value, "value")
            if value.value_note:
                paint.text(painter, 15 + width + 8, 50, value.value_note, "small", "text2")
            elif value.old_data and 15 + width + 60 < self._spark_box().x():
                paint.text(painter, 15 + width + 8, 50, value.old_data, "smallm", "warn_fg")
            left = self._spark_box().x() - 24
            target = paint.fitting("small", left, value.target, value.target.removesuffix(" by today"))
            paint.text(painter, 16, 74, target, "small", "text2", left)
            paint.bullet(painter, QRectF(16, 101, self.width() - 32, 10), value.bullet)
            self._paint_change(painter)
        if value.spark is not None and not value.reason:
            paint.sparkline(painter, self._spark_box(), value.spark, value.status, self._hover)
        self._paint_kind(painter)

    def _paint_change(self, painter: QPainter) -> None:
        change, y = self.value.change, 122
        room = self.width() - 150
        if change is None:
            paint.text(painter, 16, y, self.value.range_text, "small", "text3", room)
            return
        tone = {Status.GOOD: "good_fg", Status.BAD: "bad_fg"}.get(change.tone, "text2")
        x = 16.0
        if change.arrow:
            paint.arrow(painter, x, y + 5, change.arrow, tone)
            x += 13
        if change.amount:
            x += paint.text(painter, x, y, change.amount, "smallm", tone) + 5
        left = max(room - x + 16, 20)
        # On a narrow card the period goes first, then all but the judgement: "worse than Q3 at day 55", "worse than Q3", "worse".
        # That a change could be chance is never left out.
        chance = change.words.rsplit(", ", 1)[-1] if ", " in change.words else ""
        shorter = (chance,) if chance else (change.words.split(" at ")[0], change.words.split(" ")[0])
        words = paint.fitting("small", left, change.words, *shorter)
        paint.text(painter, x, y, words, "small", "text2", left)

    def _paint_kind(self, painter: QPainter) -> None:
        words = "Leading" if self.value.leading else "Lagging"
        right = self.width() - 16.0
        if self.value.initials:
            width = paint.text_width(self.value.initials, "small")
            paint.text(painter, right - width, 122, self.value.initials, "small", "text2")
            right -= width + 10
        width = paint.text_width(words, "small") + 34
        box = QRectF(right - width, 119.5, width, 22)
        painter.setPen(color("border2"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, 11, 11)
        paint_icon(
            painter,
            QRectF(box.x() + 8, box.y() + 5, 12, 12),
            "arrow-right-from-line" if self.value.leading else "history",
        )
        paint.text(painter, box.x() + 24, box.y() + 2.5, words, "small", "text")


class GoalStrip(QWidget):
    """The goal of the quarter: won, pipeline, pace and target on one bar."""

    def __init__(self, value: GoalValue, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.setFixedHeight(92)
        self.setAccessibleName(value.accessible)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint words, bar and figures."""
        value, painter = self.value, QPainter(self)
        card_ground(painter, self)
        paint.text(painter, 16, 15, value.caption, "small", "text2")
        width = paint.text(painter, 16, 33, value.headline, "h2")
        paint.chip(
            painter,
            16 + width + 14 + paint.text_width(value.status.word, "smallm") + 36,
            34,
            value.status,
            value.status.word,
        )
        paint.text(painter, 16, 59, value.deadline, "small", "text2")
        right = self.width() - 16.0
        for figure, words in reversed(value.stats):
            span = max(paint.text_width(figure, "stat"), paint.text_width(words, "small")) + 18
            paint.text(painter, right - span + 18, 24, figure, "stat")
            paint.text(painter, right - span + 18, 54, words, "small", "text2")
            right -= span + 16
            painter.fillRect(QRectF(right + 16, 22, 1, 48), color("border"))
        start = max(262.0, 16 + width + 130)
        self._paint_bar(painter, QRectF(start, 40, max(right - 70 - start, 60), 15))

    def _paint_bar(self, painter: QPainter, box: QRectF) -> None:
        value = self.value
        top = max(value.target, value.won + (value.weighted or 0.0)) or 1.0

        def at(amount: float) -> float:
            return box.x() + max(0.0, min(amount / top, 1.0)) * box.width()

        painter.fillRect(box, color("band3"))
        if value.weighted:
            hatch = QRectF(
                at(value.won), box.y() + 0.5, at(value.won + value.weighted) - at(value.won), box.height() - 1
            )
            painter.setPen(color("data_fill"))
            painter.setBrush(QBrush(color("data_fill"), Qt.BrushStyle.BDiagPattern))
            painter.drawRect(hatch)
        painter.fillRect(QRectF(box.x(), box.y(), at(value.won) - box.x(), box.height()), color("data_fill"))
        painter.fillRect(QRectF(at(value.target) - 1, box.y() - 6, 2, box.height() + 12), color("target"))
        paint.text(painter, box.right() + 8, box.y() - 1, value.target_text, "smallm")
        width = paint.text(painter, box.x(), box.y() - 24, value.won_text, "smallm")
        if value.pace is not None:
            x = at(value.pace)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("target"))
            painter.drawPolygon(
                QPolygonF([QPointF(x - 4, box.y() - 8), QPointF(x + 4, box.y() - 8), QPointF(x, box.y() - 2)])
            )
            span = paint.text_width(value.pace_text, "small")
            left = min(max(x - span - 8, box.x() + width + 16), box.right() - span)
            if left >= box.x() + width + 12:
                paint.text(painter, left, box.y() - 24, value.pace_text, "small", "text2")
        width = paint.text(painter, box.x(), box.bottom() + 6, value.share_text, "small", "text2")
        room = box.right() + 60 - box.x() - width - 20
        if paint.text_width(value.weighted_text, "small") <= room:
            paint.text(painter, box.x() + width + 20, box.bottom() + 6, value.weighted_text, "small", "text2")
