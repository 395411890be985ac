"""The breakdown of one period: a bar for each slice, all on one scale."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kpidesk.present.history import BreakdownRow
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import color, fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.figures import Figures

_ROW, _HEAD = 34, 26
_SAMPLE = 64


def _bar(width: float) -> tuple[float, float]:
    """Return where the bars start and end."""
    start = width * 0.3
    return start, max(width - scaled(_SAMPLE + 116), start + 20)


class SliceHead(QWidget):
    """Captions over the rows."""

    def __init__(self, dimension: str) -> None:
        super().__init__()
        self._dimension = dimension
        fix_height(self, _HEAD)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the captions above their line."""
        del event
        painter, width, height = QPainter(self), float(self.width()), float(self.height())
        paint.line(painter, QRectF(0, 0, width * 0.3, height), self._dimension, "capm", "text3")
        value = QRectF(0, 0, width - scaled(_SAMPLE + 16), height)
        paint.line(painter, value, "Value", "capm", "text3", right=True)
        paint.line(painter, QRectF(0, 0, width, height), "Sample", "capm", "text3", right=True)
        painter.fillRect(QRectF(0, height - 1, width, 1), color("border2"))


class SliceRow(QWidget):
    """One slice: name, bar on the scale of the whole list, value, sample; hollow when there are few."""

    def __init__(self, value: BreakdownRow, top: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._value, self._top = value, top
        fix_height(self, _ROW)
        self.figures = Figures(self, lambda: [(value.label, value.figure)], menu=True)
        shown = "no data" if value.value is None else value.text
        sample, few = f", sample {value.n}" if value.n else "", ", too few to judge" if value.few else ""
        asked = f", target {value.target_text}" if value.target_text else ""
        self.setAccessibleName(f"{value.label}: {shown}{asked}{sample}{few}")
        if value.interval_text:
            self.setAccessibleDescription(f"95% range {value.interval_text}")
        told = [f"95% range {value.interval_text}{few}" if value.interval_text else "", asked.removeprefix(", ")]
        self.setToolTip(", ".join(part for part in told if part))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        del event
        value, painter, width, height = self._value, QPainter(self), float(self.width()), float(self.height())
        start, end = _bar(width)
        paint.line(painter, QRectF(0, 0, start - 12, height), value.label)
        track = QRectF(start, height / 2 - scaled(5), end - start, scaled(10))
        look.rounded(painter, track, "band3", "", radius=2)
        if value.value is not None and value.value > 0:
            bar = QRectF(track.x(), track.y(), min(value.value / self._top, 1.0) * track.width(), track.height())
            look.rounded(
                painter, bar, "surface" if value.few else "data_fill", "data_prev" if value.few else "", radius=2
            )
        if value.target is not None:
            x = track.x() + min(max(value.target / self._top, 0.0), 1.0) * track.width()
            painter.fillRect(QRectF(x - 1, track.y() - 2, 2, track.height() + 4), color("target"))
        right = width - scaled(_SAMPLE + 16)
        tone = "text3" if value.few else "text"
        paint.line(painter, QRectF(end, 0, right - end, height), value.text, "bodym", tone, right=True)
        paint.line(painter, QRectF(0, 0, width, height), value.n, "small", "text3", right=True)
        if value.few:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(color("none"), 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QPointF(right + scaled(14), height / 2), scaled(4), scaled(4))
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())


def scale_of(rows: Sequence[BreakdownRow]) -> float:
    """Return the largest value or target of a breakdown, at which its bars are full."""
    return max((one for row in rows for one in (row.value, row.target) if one is not None), default=0.0) or 1.0
