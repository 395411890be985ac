"""A breakdown as small multiples: one small chart for each slice, all on one scale (design section 6: no category palette)."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.present.chart_tables import breakdown_table
from kpidesk.present.history import Breakdown, Slice
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Button, keyboard_focus
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import SIDE_BY_SIDE, color, fix_height, scaled, text_size
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu
from kpidesk.ui.widgets.figures import Figures, Listed
from kpidesk.ui.widgets.roving import RovingFocus

SHOWN = 12
_HEIGHT, _PAD = 124, 10
_COLUMNS = 4
_BELOW = "Hollow marks: too few to judge."


def scale_of(breakdown: Breakdown) -> tuple[float, float]:
    """Return the two ends of the common scale: from zero to the largest value that can be judged, or the target.

    Values of too few cases do not stretch it (1 of 1 is 100%); they stand at the edge.
    """
    judged = [
        value
        for one in breakdown.slices
        for place, value in enumerate(one.values)
        if value is not None and place not in one.few
    ]
    whole = judged or [value for one in breakdown.slices for value in one.values if value is not None]
    targets = [one for one in (breakdown.target, *(slice_.target for slice_ in breakdown.slices)) if one is not None]
    low, high = min([0.0, *whole]), max([0.0, *whole, *targets])
    return low, high if high > low else low + 1.0


class SliceChart(QWidget):
    """One slice: its name and latest value with sample and range, and its course. Pointing at a period tells it instead."""

    def __init__(self, value: Slice, breakdown: Breakdown, scale: tuple[float, float], dimension: str) -> None:
        super().__init__()
        self.value, self._breakdown, self._scale = value, breakdown, scale
        self._place: int | None = None
        fix_height(self, _HEIGHT)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMouseTracking(True)
        self.figures = Figures(self, self._pointed)
        self.menu = ChartMenu(
            self, lambda: breakdown_table(breakdown, f"By {dimension.lower()}", dimension), figures=self.figures
        )
        told = [value.text if value.values[-1] is not None else "no data"]
        told += [f"target {value.target_text}"] if value.target_text else []
        told += [f"sample {value.n}"] if value.n else []
        told += [f"likely {value.interval_text}"] if value.interval_text else []
        told += ["too few to judge"] if self._few else []
        told += [f"place {value.place}"] if value.place is not None else []
        self.setAccessibleName(f"{value.label}: {', '.join(told)}")
        pairs = zip(breakdown.labels, value.texts, strict=True)
        self.setAccessibleDescription("; ".join(f"{label} {text}" for label, text in pairs))
        target = f"Target {value.target_text}" if value.target_text else ""
        self.setToolTip(", ".join(filter(None, (f"{value.label}: {told[0]}", *told[1:]))) if target or told else "")

    @property
    def _few(self) -> bool:
        return len(self.value.values) - 1 in self.value.few

    def _pointed(self) -> Listed:
        place = len(self.value.figures) - 1 if self._place is None else self._place
        return [(f"{self.value.label}, {self._breakdown.labels[place]}", self.value.figures[place])]

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Point at a period of the course."""
        box = self._box()
        self._place = None
        if box.contains(event.position()):
            last = len(self.value.values) - 1
            self._place = round((event.position().x() - box.x()) / box.width() * last)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Point at nothing any more."""
        del event
        self._place = None
        self.update()

    def _box(self) -> QRectF:
        return QRectF(_PAD + 4, scaled(58), self.width() - 2 * _PAD - 8, scaled(_HEIGHT - 58 - 12))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, then the course."""
        del event
        painter = QPainter(self)
        self._paint_words(painter)
        self._paint_course(painter)
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())

    def _paint_words(self, painter: QPainter) -> None:
        value, right = self.value, float(self.width() - _PAD)
        if value.place is not None:
            words = f"Place {value.place}"
            width = paint.text_width(words, "cap")
            paint.text(painter, right - width, scaled(9), words, "cap", "text2")
            right -= width + 8
        paint.text(painter, _PAD, scaled(6), value.label, "bodym", width=right - _PAD)
        place = self._place
        text = value.text if place is None else value.texts[place]
        few = self._few if place is None else place in value.few
        x = _PAD + paint.text(painter, _PAD, scaled(26), text, "stat", "text3" if few else "text") + 8
        if place is None:
            sample = f"of {value.n}" if value.n and not few else ""
            parts = [value.interval_text, sample] if value.interval_text and not few else [sample]
            words = " ".join(filter(None, parts)) or ("too few" if few else "")
            words = "no data" if value.values[-1] is None else words
        else:
            words = self._breakdown.labels[place]
        paint.text(painter, x, scaled(32), words, "small", "text2", max(self.width() - _PAD - x, 1))

    def _paint_course(self, painter: QPainter) -> None:
        value, box, (low, high) = self.value, self._box(), self._scale
        step = box.width() / max(len(value.values) - 1, 1)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

        def at(place: int, height: float) -> QPointF:
            share = min(max((height - low) / (high - low), 0.0), 1.0)
            return QPointF(box.x() + place * step, box.bottom() - share * box.height())

        painter.fillRect(QRectF(box.x(), at(0, 0.0).y(), box.width(), 1), color("border2"))
        if self._breakdown.target is not None:
            pen = QPen(color("text2"), 1)
            pen.setDashPattern([1.5, 2.5])
            painter.setPen(pen)
            y = at(0, self._breakdown.target).y()
            painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))
        points = [None if one is None else at(place, one) for place, one in enumerate(value.values)]
        paint.series(painter, points, "data_prev", 1)
        judged = [None if place in value.few else point for place, point in enumerate(points)]
        paint.series(painter, judged, "data", 1.75)
        for place, point in enumerate(points):
            if point is not None and (place in value.few or place == len(points) - 1):
                tone = "data_prev" if place in value.few else "data"
                painter.setPen(QPen(color(tone), 1.25))
                painter.setBrush(color("surface" if place in value.few else "data"))
                painter.drawEllipse(point, 2.75, 2.75)
        if value.target is not None:
            y = at(0, value.target).y()
            painter.fillRect(QRectF(box.right() - 6, y - 1, 12, 2), color("target"))
        if self._place is not None:
            x = round(box.x() + self._place * step) + 0.5
            painter.setPen(QPen(color("text3"), 1))
            painter.drawLine(QPointF(x, box.y()), QPointF(x, box.bottom()))


class Multiples(QWidget):
    """The slices of a breakdown, the largest twelve first. What is left out is counted and named, and one press shows it."""

    asked = Signal(object)  # a Figure

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.charts: tuple[SliceChart, ...] = ()
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 6, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self.rest = Label("", "small", "text2", wrap=True)
        self.more = Button("", "link")
        self.more.clicked.connect(self._show_all)
        self.note = Label("", "small", "text3", wrap=True)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        body.addLayout(self._grid)
        for widget in (self.rest, self.more, self.note):
            body.addWidget(widget)
        self._all = False
        self._shown: tuple[Breakdown | None, str, str] = (None, "", "")

    def fold(self) -> None:
        """Show the largest slices only, from the next breakdown on."""
        self._all = False

    def show_breakdown(self, breakdown: Breakdown | None, dimension: str, nothing: str) -> None:
        """Show a breakdown by what `dimension` is called; without one say `nothing`."""
        self._shown = (breakdown, dimension, nothing)
        for old in self.charts:
            self._grid.removeWidget(old)
            old.hide()
            old.deleteLater()
        slices: Sequence[Slice] = () if breakdown is None else breakdown.slices
        shown = slices if self._all else slices[:SHOWN]
        if breakdown is not None:
            scale = scale_of(breakdown)
            self.charts = tuple(SliceChart(one, breakdown, scale, dimension) for one in shown)
        else:
            self.charts = ()
        columns = _COLUMNS if text_size() <= SIDE_BY_SIDE else 2
        for place, chart in enumerate(self.charts):
            chart.figures.asked.connect(self.asked)
            self._grid.addWidget(chart, place // columns, place % columns)
        for column in range(_COLUMNS):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)
        if self.charts:
            RovingFocus(self.charts[0], self.charts)
        rest = slices[len(shown) :]
        self.rest.setText(_rest_words(rest) if rest else "" if slices else nothing)
        self.rest.setVisible(bool(self.rest.text()))
        self.more.setText(f"Show all {len(slices)}")
        self.more.setVisible(bool(rest))
        few = any(one.few for one in shown)
        note = "" if breakdown is None else breakdown.note
        self.note.setText(" ".join(filter(None, (note, _BELOW if few else ""))))
        self.note.setVisible(bool(self.note.text()))

    def _show_all(self) -> None:
        self._all = True
        self.show_breakdown(*self._shown)


def _rest_words(rest: Sequence[Slice]) -> str:
    """Name the slices that are not drawn, with their samples."""
    named = [f"{one.label} {one.text}{f' of {one.n}' if one.n else ''}" for one in rest]
    told = ", ".join(named[:6])
    if len(named) > 6:
        told += f" and {len(named) - 6} more"
    return f"{len(rest)} smaller {'slice is' if len(rest) == 1 else 'slices are'} not drawn: {told}."
