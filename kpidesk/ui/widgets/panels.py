"""The pairs panel and the attention list of the dashboard."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Finding, Status
from kpidesk.present.dashboard import Pair
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color
from kpidesk.ui.widgets import paint


class Mark(QWidget):
    """A status shape, 14 px."""

    def __init__(self, status: Status, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._status = status
        self.setFixedSize(16, 18)
        self.setAccessibleName(status.word)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shape."""
        paint.status_mark(QPainter(self), QRectF(1, 3, 14, 14), self._status)


class PairRow(QWidget):
    """A leading KPI, its lag, the lagging one, both series, and how strong the link is."""

    def __init__(self, value: Pair, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        self.setFixedHeight(88)
        self.setAccessibleName(value.accessible)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        value, painter, width = self.value, QPainter(self), self.width()
        columns = (0.0, width * 0.24, width * 0.39, width * 0.62, width * 0.83)
        for side, x, room in (
            (value.leading, columns[0], columns[1]),
            (value.lagging, columns[2], columns[3] - columns[2]),
        ):
            paint.status_mark(painter, QRectF(x, 13, 14, 14), side.status)
            paint.text(painter, x + 20, 10, side.name, "strong", width=room - 26)
            paint.text(painter, x + 20, 30, side.value, "body", "text2", room - 26)
        painter.setPen(QPen(color("text3"), 1))
        painter.drawLine(QPointF(columns[1], 20), QPointF(columns[2] - 14, 20))
        painter.drawLine(QPointF(columns[2] - 18, 17), QPointF(columns[2] - 14, 20))
        painter.drawLine(QPointF(columns[2] - 18, 23), QPointF(columns[2] - 14, 20))
        lag = paint.text_width(value.lag, "small")
        paint.text(painter, (columns[1] + columns[2] - 14 - lag) / 2, 24, value.lag, "small", "text2")
        self._paint_overlay(painter, QRectF(columns[3], 8, columns[4] - columns[3] - 20, 40))
        for place in range(5):
            tone = "data" if place < value.strength else "band1"
            painter.fillRect(QRectF(columns[4] + place * 10, 15, 8, 10), color(tone))
        paint.text(
            painter,
            columns[4],
            30,
            f"{value.strength_word} {value.r_text}".strip(),
            "small",
            "text2",
            width - columns[4],
        )
        paint.text(painter, 20, 57, value.sentence, "small", "text2", width - 24)

    def _paint_overlay(self, painter: QPainter, box: QRectF) -> None:
        both = self.value.overlay
        known = [number for series in both for number in series if number is not None]
        if not known:
            return
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
            paint.line(painter, points, tone, 1.5)


class PairsPanel(Card):
    """All pairs, or how to make one."""

    def __init__(self, pairs: Sequence[Pair], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        body = QVBoxLayout(self)
        body.setContentsMargins(16, 12, 16, 12)
        body.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(Label("Leading and lagging pairs", "head"))
        head.addStretch(1)
        head.addWidget(Label("Dark: leading, moved by the lag. Grey: lagging.", "small", "text2"))
        body.addLayout(head)
        body.addSpacing(8)
        for pair in pairs:
            body.addWidget(Divider())
            body.addWidget(PairRow(pair))
        if not pairs:
            body.addWidget(Divider())
            body.addSpacing(8)
            body.addWidget(
                Label("No leading KPI on the dashboard is paired with a lagging one.", "small", "text2", wrap=True)
            )
        body.addStretch(1)


class AttentionPanel(Card):
    """What deserves attention, each with the one action that starts the fix."""

    acted = Signal(str, str)

    def __init__(self, findings: Sequence[Finding], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        body = QVBoxLayout(self)
        body.setContentsMargins(16, 12, 16, 12)
        body.setSpacing(0)
        head = QHBoxLayout()
        head.addWidget(Label("Needs attention", "head"))
        head.addStretch(1)
        head.addWidget(Label(f"{len(findings)} {'item' if len(findings) == 1 else 'items'}", "small", "text2"))
        body.addLayout(head)
        body.addSpacing(8)
        for finding in findings:
            body.addWidget(Divider())
            body.addLayout(self._row(finding))
        if not findings:
            body.addWidget(Divider())
            body.addSpacing(8)
            body.addWidget(Label("Nothing needs attention.", "small", "text2"))
        body.addStretch(1)

    def _row(self, finding: Finding) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(0, 9, 0, 9)
        row.setSpacing(10)
        row.addWidget(Mark(finding.status))
        texts = QVBoxLayout()
        texts.setSpacing(0)
        texts.addWidget(Label(finding.title, "bodym", elide=True))
        texts.addWidget(Label(finding.reason, "small", "text2", elide=True))
        row.addLayout(texts, 1)
        link = Button(finding.action_label, "link")
        link.setAccessibleName(f"{finding.action_label}: {finding.title}")
        link.clicked.connect(lambda: self.acted.emit(finding.action, finding.argument))
        row.addWidget(link)
        return row
