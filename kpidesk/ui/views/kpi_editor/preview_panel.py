"""What the definition comes to: its card, twelve months with the target, and how the number is made."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.present.editor import Parts, Preview
from kpidesk.present.texts import lower_first
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Card, Divider, keyboard_focus
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled
from kpidesk.ui.views.kpi_editor.year_chart import YearChart
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.cards import KpiCard
from kpidesk.ui.widgets.figures import Figures

_LINE = 20


class PartsTable(QWidget):
    """How the number is made, quarter by quarter."""

    def __init__(self) -> None:
        super().__init__()
        self.parts = Parts((), ())
        self.figures = Figures(self, lambda: self.parts.figures, menu=True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
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
                if number == 0 and place == len(row) - 1:
                    words = paint.fitting(role, wide - 4, words, "Value")  # noqa: PLW2901 - a long name is on the card already
                left = 0.0 if place == 0 else first + (place - 1) * wide + 4
                box = QRectF(left, top, first if place == 0 else wide - 4, scaled(_LINE))
                paint.line(painter, box, words, role, tone, right=place > 0)
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())


class PreviewPanel(QWidget):
    """Card, chart and parts. `opened` asks for the page of the KPI, `asked` for the working of a Figure."""

    opened = Signal(str)
    asked = Signal(object)

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
        self.parts.figures.asked.connect(self.asked)
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
            made.figures.asked.connect(self.asked)
            self._slot.addWidget(made)
            self.card = made
        self.title.setText(f"{name} over 12 months")
        target = found.kpi.target
        self._target = found.card.target if found.card is not None and target is not None else ""
        if target is not None and (band := target.band(found.value)):
            self._target = f"{band}, {lower_first(self._target)}"
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
