"""The period to date beside earlier ones with as many days: a bar for each, all on one scale from zero."""

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.present.chart_tables import to_date_table
from kpidesk.present.history import Comparison
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import keyboard_focus
from kpidesk.ui.theme import fix_height, scaled
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.chart_menu import ChartMenu
from kpidesk.ui.widgets.figures import Figures
from kpidesk.ui.widgets.roving import RovingFocus

_ROW = 66
_TONES = {Status.GOOD: "good_fg", Status.BAD: "bad_fg"}


class ToDateRow(QWidget):
    """One period: its name, its value, its bar, and the change from it to now."""

    def __init__(self, value: Comparison, all_lines: Sequence[Comparison], top: float, *, now: bool) -> None:
        super().__init__()
        self.value, self._top, self._now = value, top, now
        fix_height(self, _ROW)
        self.figures = Figures(self, lambda: [(value.label, value.figure)])
        self.menu = ChartMenu(self, lambda: to_date_table(all_lines), figures=self.figures)
        change = value.change
        told = [value.text if value.value is not None or value.few else "no data", value.reason]
        told += [f"likely {value.interval_text}"] if value.interval_text else []
        told += [f"now {change.amount} {change.words}"] if change is not None else []
        told += [value.whole, "too few to judge" if value.few else ""]
        self.setAccessibleName(f"{value.label}: {', '.join(part for part in told if part)}")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        del event
        value, painter, width = self.value, QPainter(self), float(self.width())
        right = width
        text = paint.text_width(value.text, "strong")
        paint.text(painter, right - text, scaled(8), value.text, "strong", "text3" if value.few else "text")
        paint.text(painter, 0, scaled(8), value.label, "body", "text" if self._now else "text2", right - text - 12)
        track = QRectF(0, scaled(32), width, scaled(8))
        look.rounded(painter, track, "band3", "", radius=2)
        if value.value is not None and value.value > 0:
            bar = QRectF(track.x(), track.y(), min(value.value / self._top, 1.0) * track.width(), track.height())
            look.rounded(painter, bar, "data_fill" if self._now else "data_prev", "", radius=2)
        y, x = scaled(45), 0.0
        if value.change is not None:
            tone = _TONES.get(value.change.tone, "text2")
            if value.change.arrow:
                x += paint.arrow(painter, x, y + scaled(7.5), value.change.arrow, tone) + 4
                x += paint.text(painter, x, y, value.change.amount, "smallm", tone) + 4
            x += paint.text(painter, x, y, value.change.words, "small", "text2") + 16
        elif self._now or value.reason or value.few:
            words = value.reason or ("Too few to judge" if value.few else "")
            words = words or (f"Likely {value.interval_text}, from {value.n}" if value.interval_text else "")
            x += paint.text(painter, x, y, words, "small", "text2", max(width - x, 1)) + 16
        whole = paint.text_width(value.whole, "small")
        if value.whole and x + whole <= width:
            paint.text(painter, width - whole, y, value.whole, "small", "text3")
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())


class ToDate(QWidget):
    """All lines of a comparison, the period shown first."""

    asked = Signal(object)  # a Figure

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[ToDateRow, ...] = ()
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 4, 0, 0)
        self._body.setSpacing(0)

    def show_lines(self, lines: Sequence[Comparison]) -> None:
        """Show the lines of a comparison."""
        for old in self.rows:
            self._body.removeWidget(old)
            old.hide()
            old.deleteLater()
        top = max((one.value for one in lines if one.value is not None), default=0.0) or 1.0
        self.rows = tuple(ToDateRow(one, lines, top, now=place == 0) for place, one in enumerate(lines))
        for row in self.rows:
            row.figures.asked.connect(self.asked)
            self._body.addWidget(row)
        if self.rows:
            RovingFocus(self.rows[0], self.rows)
