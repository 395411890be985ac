"""The pairs panel: each leading KPI beside the lagging one it should move, and how strong the link is (design section 8)."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from kpidesk.present.chart_tables import pairs_table
from kpidesk.present.dashboard import Pair
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Card, Divider, keyboard_focus
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu
from kpidesk.ui.widgets.figures import Figures
from kpidesk.ui.widgets.panels import PanelHead, panel_body
from kpidesk.ui.widgets.roving import RovingFocus

_LEGEND = (("data", "Leading, moved by the lag"), ("data_prev", "Lagging"))
_GAP = 16


class PairRow(QWidget):
    """One pair. `all_pairs` are those it stands among, so that their columns line up."""

    def __init__(self, value: Pair, all_pairs: Sequence[Pair], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self._all = all_pairs
        fix_height(self, 95)
        self.setAccessibleName(value.accessible)
        self.setAccessibleDescription(f"{value.leading.status.word} and {value.lagging.status.word}. {value.r_text}")
        self.figures = Figures(self, lambda: [(side.name, side.figure) for side in (value.leading, value.lagging)])
        self.menu = ChartMenu(self, lambda: pairs_table(self._all), figures=self.figures)

    def _columns(self) -> tuple[float, float, float, float]:
        """Return where arrow, lagging side, overlay and strength begin; names take the room they need while it lasts."""
        lead = scaled(20) + max(paint.text_width(pair.leading.name, "strong") for pair in self._all)
        lag = scaled(20) + max(paint.text_width(pair.lagging.name, "strong") for pair in self._all)
        word = max(paint.text_width(pair.strength_word, "smallm") for pair in self._all)
        link = self.width() - max(scaled(100), scaled(60) + word)
        free = link - lead - lag - 4 * _GAP
        least = scaled(56) + scaled(60)
        if free < least:
            lead, lag = lead - (least - free) / 2, lag - (least - free) / 2
            free = least
        arrow = min(max(free * 0.4, scaled(56)), scaled(84))
        start = lead + _GAP + arrow + _GAP
        return lead + _GAP, start, start + lag + _GAP, link

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint both sides, the lag between them, their series, and the link."""
        del event
        value, painter, width = self.value, QPainter(self), float(self.width())
        arrow, second, overlay, link = self._columns()
        for side, x, end in ((value.leading, 0.0, arrow), (value.lagging, second, overlay)):
            mark = scaled(13)
            paint.status_mark(painter, QRectF(x, scaled(23) - mark / 2, mark, mark), side.status)
            room = end - x - scaled(20) - _GAP
            paint.text(painter, x + scaled(20), scaled(15), side.name, "strong", width=room + 1)
            paint.text(painter, x + scaled(20), scaled(34), side.value, "small", "text2", room)
        self._paint_arrow(painter, arrow, second - _GAP)
        self._paint_overlay(painter, QRectF(overlay, scaled(10), link - overlay - _GAP, scaled(39)))
        right = paint.strength(painter, link, scaled(23), value.strength)
        paint.text(painter, right + 8, scaled(16), value.strength_word, "smallm")
        paint.text(painter, link, scaled(34), value.r_text, "small", "text2")
        paint.text(painter, scaled(20), scaled(60), value.sentence, "small", "text2", width - scaled(24))
        if keyboard_focus(self):
            look.focus_ring(painter, QRectF(self.rect()).adjusted(-8, 3, 8, -3).intersected(QRectF(self.rect())))

    def _paint_arrow(self, painter: QPainter, start: float, end: float) -> None:
        y, head = scaled(23) + 0.5, scaled(3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("control"), 1))
        painter.drawLine(QPointF(start, y), QPointF(end - head, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("control"))
        tip = [QPointF(end - 2 * head, y - head), QPointF(end, y), QPointF(end - 2 * head, y + head)]
        painter.drawPolygon(QPolygonF(tip))
        middle = (start + end - paint.text_width(self.value.lag, "cap")) / 2
        paint.text(painter, middle, scaled(29), self.value.lag, "cap", "text2")

    def _paint_overlay(self, painter: QPainter, box: QRectF) -> None:
        both = self.value.overlay
        known = [number for series in both for number in series if number is not None]
        if min(sum(number is not None for number in series) for series in both) < 2:
            return  # there is no course to compare yet
        low, span = min(known), (max(known) - min(known)) or 1.0
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for series, tone in ((both[1], "data_prev"), (both[0], "data")):
            step = box.width() / max(len(series) - 1, 1)
            points = [
                None
                if number is None
                else QPointF(box.x() + index * step, box.bottom() - (number - low) / span * box.height())
                for index, number in enumerate(series)
            ]
            paint.series(painter, points, tone, 1.5)


class _Legend(QWidget):
    """Two lines share a chart, so they are named."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Dark line: leading, moved by the lag. Grey line: lagging.")

    def sizeHint(self) -> QSize:
        """Return the room of both names."""
        return QSize(round(sum(paint.text_width(words, "small") + 22 for _, words in _LEGEND)) + 16, scaled(18))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a stroke of each line and its name."""
        del event
        painter, x = QPainter(self), 0.0
        for tone, words in _LEGEND:
            painter.fillRect(QRectF(x, self.height() / 2 - 0.5, 16, 2), color(tone))
            x += 22 + paint.text(painter, x + 22, scaled(2), words, "small", "text2") + 16


class PairsPanel(Card):
    """All pairs, or how to make one."""

    def __init__(self, pairs: Sequence[Pair], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        body = panel_body(self)
        body.addWidget(PanelHead("Leading and lagging pairs", *([_Legend()] if pairs else [])))
        rows = [PairRow(pair, pairs) for pair in pairs]
        for row in rows:
            body.addWidget(Divider())
            body.addWidget(row)
        if not pairs:
            body.addWidget(Divider())
            body.addSpacing(12)
            words = "No leading KPI on the dashboard is paired with a lagging one."
            body.addWidget(Label(words, "small", "text2", wrap=True))
        body.addStretch(1)
        RovingFocus(self, rows)
