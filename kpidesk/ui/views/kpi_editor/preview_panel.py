"""What the definition comes to: its card, twelve months with the target, and how the number is made."""

from itertools import pairwise
from math import floor

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Display
from kpidesk.present.chart_tables import ChartTable
from kpidesk.present.editor import Parts, Preview, YearPoint
from kpidesk.present.numbers import value_text
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Card, Divider, keyboard_focus
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.ui.widgets.chart_menu import ChartMenu

_CHART, _LINE = 116, 20


class YearChart(QWidget):
    """Twelve months as a line with the target; arrows and pointer choose a month, told by `pointed`."""

    pointed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._months: tuple[YearPoint, ...] = ()
        self._status, self._display, self._currency = Status.NONE, Display.NUMBER, "GBP"
        self._place: int | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        fix_height(self, _CHART)
        self.menu = ChartMenu(self, self.table)

    def sizeHint(self) -> QSize:
        """Return the room of a panel."""
        return QSize(scaled(300), scaled(_CHART))

    def show_months(self, name: str, found: Preview, currency: str) -> None:
        """Show the months of a preview."""
        self._months = found.months
        self._status = found.card.status if found.card is not None else Status.NONE
        self._display, self._currency, self._place = found.kpi.display, currency, None
        self.setAccessibleName(f"{name} over 12 months")
        self.setAccessibleDescription("; ".join(self.words(place) for place in range(len(self._months))))
        self.update()

    def table(self) -> ChartTable:
        """Return the months as a table."""
        rows = tuple((one.label, one.text, one.mark) for one in self._months)
        return ChartTable("12 months", ("Month", "Value", "Note"), rows)

    def words(self, place: int) -> str:
        """Say one month."""
        one = self._months[place]
        return f"{one.label} {one.text}" + (f". {one.mark}" if one.mark else "")

    def _point(self, place: int | None) -> None:
        self._place = place
        self.pointed.emit("" if place is None else self.words(place))
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move along the months."""
        last = len(self._months) - 1
        here = last if self._place is None else self._place
        places = {Qt.Key.Key_Left: here - 1, Qt.Key.Key_Right: here + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}
        if event.key() in places and last >= 0:
            self._point(min(max(places[Qt.Key(event.key())], 0), last))
        else:
            super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Choose the month under the pointer."""
        box = self._box()
        if self._months and box.width() > 0:
            share = (event.position().x() - box.x()) / box.width()
            self._point(min(max(round(share * (len(self._months) - 1)), 0), len(self._months) - 1))

    def leaveEvent(self, event: object) -> None:
        """Choose none any more."""
        self._point(None)

    def _box(self) -> QRectF:
        left = scaled(8) + max((paint.text_width(words, "cap") for _, words in self._lines()), default=0.0)
        return QRectF(left + 4, scaled(8), self.width() - left - scaled(16), self.height() - scaled(30))

    def _range(self) -> tuple[float, float]:
        known = [one for month in self._months for one in (month.value, month.target) if one is not None]
        low, high = min(known, default=0.0), max(known, default=1.0)
        if self._display not in (Display.PERCENT, Display.RATIO):
            low = min(low, 0.0)
        span = (high - low) or abs(high) or 1.0
        step = _nice(span / 2)
        low = floor(low / step + 1e-9) * step
        while low + 2 * step < high - 1e-9:
            step = _nice(step * 1.01)
            low = floor(min(known, default=0.0) / step + 1e-9) * step if low else low
        return low, step

    def _lines(self) -> list[tuple[float, str]]:
        low, step = self._range()
        return [
            (low + step * place, value_text(low + step * place, self._display, self._currency, trim=True))
            for place in range(3)
        ]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint grid, target, marks of changed definitions, line and months."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._months:
            return
        box, lines = self._box(), self._lines()
        low, high = lines[0][0], lines[-1][0]
        step = box.width() / max(len(self._months) - 1, 1)

        def at(place: int, value: float) -> QPointF:
            return QPointF(box.x() + place * step, box.bottom() - (value - low) / (high - low) * box.height())

        for height, words in lines:
            y = at(0, height).y()
            painter.fillRect(QRectF(box.x() - 4, y, box.width() + 12, 1), color("border"))
            paint.line(painter, QRectF(0, y - 8, box.x() - 9, 16), words, "cap", "text3", right=True)
        for place, one in enumerate(self._months):
            if one.mark:
                stem = at(place, low).x()
                painter.fillRect(QRectF(stem - 0.5, box.y() - 4, 1, box.height() + 4), color("accent_text"))
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(color("accent_text"))
                painter.drawEllipse(QPointF(stem, box.y() - 4), 3, 3)
        targets = [None if one.target is None else at(place, one.target) for place, one in enumerate(self._months)]
        dashed = QPen(color("target"), 1.25, Qt.PenStyle.DashLine)
        painter.setPen(dashed)
        for one_end, other_end in pairwise(targets):
            if one_end is not None and other_end is not None:
                painter.drawLine(one_end, other_end)
        paint.series(
            painter,
            [None if one.value is None else at(place, one.value) for place, one in enumerate(self._months)],
            "data",
            2,
        )
        known = [place for place, one in enumerate(self._months) if one.value is not None]
        if known:
            end = at(known[-1], self._months[known[-1]].value or 0.0)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("surface"))
            painter.drawEllipse(end, 7, 7)
            paint.status_mark(painter, QRectF(end.x() - 5, end.y() - 5, 10, 10), self._status)
        for place in {0, 3, 6, 9, len(self._months) - 1}:
            if place < len(self._months) and (place in (0, len(self._months) - 1) or place < len(self._months) - 2):
                words = self._months[place].label
                width = paint.text_width(words, "cap")
                x = min(max(at(place, low).x() - width / 2, 0), self.width() - width)
                paint.line(painter, QRectF(x, box.bottom() + 5, width + 2, 16), words, "cap", "text3")
        if self._place is not None:
            x = at(self._place, low).x()
            painter.fillRect(QRectF(x, box.y(), 1, box.height()), color("text3"))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())


def _nice(size: float) -> float:
    """Return the round step at or above a size: 1, 2, 2.5 or 5 times a power of ten."""
    if size <= 0:
        return 1.0
    power = 1.0
    while power > size:
        power /= 10
    while power * 10 <= size:
        power *= 10
    return next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= size - 1e-12)


class PartsTable(QWidget):
    """How the number is made, quarter by quarter."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = Parts((), ())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_parts(self, parts: Parts) -> None:
        """Show heads and rows."""
        self.parts = parts
        self.setAccessibleName("How the number is made")
        told = [", ".join(f"{head} {cell}" for head, cell in zip(parts.heads, row, strict=True)) for row in parts.rows]
        self.setAccessibleDescription("; ".join(told))
        self.setVisible(bool(parts.rows))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of the rows."""
        return QSize(scaled(280), scaled(_LINE) * (len(self.parts.rows) + 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells, the first one left and the others right."""
        del event
        painter, heads = QPainter(self), self.parts.heads
        if not heads:
            return
        first = self.width() * 0.34
        wide = (self.width() - first) / max(len(heads) - 1, 1)
        for number, row in enumerate((heads, *self.parts.rows)):
            role, tone = ("cap", "text2") if number == 0 else ("smalls", "text") if number == 1 else ("small", "text2")
            top = number * scaled(_LINE)
            for place, words in enumerate(row):
                left = 0.0 if place == 0 else first + (place - 1) * wide + 4
                box = QRectF(left, top, first if place == 0 else wide - 4, scaled(_LINE))
                paint.line(painter, box, words, role, tone, right=place > 0)


class PreviewPanel(QWidget):
    """Card, chart and parts. `opened` asks for the page of the KPI."""

    opened = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        self._slot = QVBoxLayout()
        body.addLayout(self._slot)
        self.card: QWidget | None = None
        self._target = ""
        box = Card()
        inner = QVBoxLayout(box)
        inner.setContentsMargins(16, 11, 16, 12)
        inner.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        self.title = Label("", "strong", elide=True)
        self.target = Label("", "small", "text2")
        head.addWidget(self.title, 1)
        head.addWidget(self.target)
        inner.addLayout(head)
        self.chart = YearChart()
        self.parts = PartsTable()
        self.chart.pointed.connect(self._on_pointed)
        inner.addWidget(self.chart)
        self._rule = Divider()
        inner.addWidget(self._rule)
        inner.addWidget(self.parts)
        self.empty = Label("", "small", "text2", wrap=True)
        inner.addWidget(self.empty)
        body.addWidget(box)

    def show_preview(self, found: Preview, currency: str) -> None:
        """Show what a definition comes to."""
        name = found.kpi.name.strip() or "New KPI"
        if self.card is not None:
            self._slot.removeWidget(self.card)
            self.card.hide()
            self.card.deleteLater()
            self.card = None
        if found.card is not None:
            made = KpiCard(found.card)
            made.opened.connect(self.opened)
            self._slot.addWidget(made)
            self.card = made
        self.title.setText(f"{name} over 12 months")
        self._target = found.card.target if found.card is not None and found.kpi.target is not None else ""
        self.target.setText(self._target)
        for part in (self.chart, self.title, self.target, self._rule):
            part.setVisible(bool(found.months))
        self.chart.show_months(name, found, currency)
        self.parts.show_parts(found.parts)
        words = ""
        if found.mistake is not None and found.months:
            words = "Shown from the last formula that had a meaning."
        elif not found.months:
            words = "The numbers appear here as soon as the formula has a meaning."
            if found.mistake is None:
                words = "The numbers appear here when data is imported."
        self.empty.setText(words)
        self.empty.setVisible(bool(words))

    def _on_pointed(self, words: str) -> None:
        self.target.setText(words or self._target)
