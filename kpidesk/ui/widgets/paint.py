"""Shared drawing: functions of a painter and a rectangle, the same for screen and pictures (design sections 7 and 8)."""

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from kpidesk.domain.finding import Status
from kpidesk.present.dashboard import Bullet, Spark
from kpidesk.ui.theme import color, font


def text(
    painter: QPainter, x: float, y: float, words: str, role: str = "body", tone: str = "text", width: float = 0
) -> float:
    """Draw a line of text with its top at y, cut to `width` if given; returns its width."""
    painter.setFont(font(role))
    painter.setPen(color(tone))
    metrics = QFontMetricsF(painter.font())
    if width:
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, width)
    painter.drawText(QPointF(x, y + metrics.ascent()), words)
    return metrics.horizontalAdvance(words)


def text_width(words: str, role: str) -> float:
    """Return the width of a line of text."""
    return QFontMetricsF(font(role)).horizontalAdvance(words)


def fitting(role: str, room: float, *choices: str) -> str:
    """Return the first of several ways to say something that fits into `room`, else the last."""
    return next((words for words in choices if text_width(words, role) <= room), choices[-1])


def status_mark(painter: QPainter, box: QRectF, status: Status) -> None:
    """Draw a status: disc with tick, triangle with bar, square with cross, dashed ring. Below 12 px only the silhouette."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    tone = color(status.value)
    inner = box.width() >= 12
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tone)
    pen = QPen(
        color("surface"),
        max(1.4, box.width() / 9),
        Qt.PenStyle.SolidLine,
        Qt.PenCapStyle.RoundCap,
        Qt.PenJoinStyle.RoundJoin,
    )
    x, y, w = box.x(), box.y(), box.width()
    match status:
        case Status.GOOD:
            painter.drawEllipse(box)
            if inner:
                painter.setPen(pen)
                painter.drawPolyline(
                    QPolygonF(
                        [
                            QPointF(x + w * 0.28, y + w * 0.52),
                            QPointF(x + w * 0.44, y + w * 0.68),
                            QPointF(x + w * 0.72, y + w * 0.36),
                        ]
                    )
                )
        case Status.WARN:
            painter.drawPolygon(QPolygonF([QPointF(x + w / 2, y), QPointF(x + w, y + w), QPointF(x, y + w)]))
            if inner:
                painter.setPen(pen)
                painter.drawLine(QPointF(x + w / 2, y + w * 0.42), QPointF(x + w / 2, y + w * 0.66))
                painter.drawPoint(QPointF(x + w / 2, y + w * 0.84))
        case Status.BAD:
            painter.drawRoundedRect(box, 2, 2)
            if inner:
                painter.setPen(pen)
                painter.drawLine(QPointF(x + w * 0.32, y + w * 0.32), QPointF(x + w * 0.68, y + w * 0.68))
                painter.drawLine(QPointF(x + w * 0.68, y + w * 0.32), QPointF(x + w * 0.32, y + w * 0.68))
        case Status.NONE:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QPen(tone, max(1.2, w / 10))
            ring.setDashPattern([2.2, 1.6])
            painter.setPen(ring)
            painter.drawEllipse(box.adjusted(1, 1, -1, -1))
    painter.restore()


def chip(painter: QPainter, right: float, y: float, status: Status, words: str) -> float:
    """Draw a status chip that ends at `right`; returns its left edge."""
    width = text_width(words, "smallm") + 36
    box = QRectF(right - width, y, width, 22)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(f"{status.value}_bg"))
    painter.drawRoundedRect(box, 11, 11)
    status_mark(painter, QRectF(box.x() + 9, y + 5, 12, 12), status)
    text(painter, box.x() + 26, y + 3, words, "smallm", f"{status.value}_fg")
    return box.x()


def sparkline(painter: QPainter, box: QRectF, spark: Spark, status: Status, hover: int | None = None) -> None:
    """Draw 13 periods: band of the middle half, dotted target, line, end mark as the status's silhouette."""
    known = [value for value in spark.values if value is not None]
    extra = [*(spark.band or ()), *((spark.target,) if spark.target is not None else ())]
    low, high = min([*known, *extra]), max([*known, *extra])
    span = (high - low) or 1.0
    step = box.width() / max(len(spark.values) - 1, 1)

    def place(index: int, value: float) -> QPointF:
        return QPointF(box.x() + index * step, box.bottom() - (value - low) / span * box.height())

    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if spark.band is not None:
        top, bottom = place(0, spark.band[1]).y(), place(0, spark.band[0]).y()
        painter.fillRect(QRectF(box.x(), top, box.width(), max(bottom - top, 1)), color("band3"))
    if spark.target is not None:
        pen = QPen(color("text2"), 1)
        pen.setDashPattern([1.5, 2.5])
        painter.setPen(pen)
        y = place(0, spark.target).y()
        painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))
    line(
        painter,
        [None if value is None else place(index, value) for index, value in enumerate(spark.values)],
        "data",
        1.75,
    )
    last = max(index for index, value in enumerate(spark.values) if value is not None)
    end = place(last, spark.values[last] or 0.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("surface"))
    painter.drawEllipse(end, 6, 6)
    status_mark(painter, QRectF(end.x() - 4.5, end.y() - 4.5, 9, 9), status)
    if hover is not None:
        painter.setPen(QPen(color("text3"), 1))
        painter.drawLine(QPointF(box.x() + hover * step, box.y()), QPointF(box.x() + hover * step, box.bottom()))


def line(painter: QPainter, points: Sequence[QPointF | None], tone: str, width: float) -> None:
    """Draw a line that breaks at blanks; a point alone is a dot."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(color(tone), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    path = QPainterPath()
    pen_down = False
    for index, point in enumerate(points):
        if point is None:
            pen_down = False
        elif pen_down:
            path.lineTo(point)
        else:
            path.moveTo(point)
            pen_down = True
            alone = index + 1 >= len(points) or points[index + 1] is None
            if alone:
                painter.drawPoint(point)
    painter.drawPath(path)


def bullet(painter: QPainter, box: QRectF, shown: Bullet | None) -> None:
    """Draw a bullet bar: three ranges, darkest the worst, the value bar, the target tick."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("band3"))
    painter.drawRoundedRect(box, 2, 2)
    if shown is None or shown.value is None:
        return

    def at(value: float) -> float:
        return box.x() + max(0.0, min(value / shown.maximum, 1.0)) * box.width()

    if shown.borders is not None:
        first, second = at(shown.borders[0]), at(shown.borders[1])
        if shown.lower_is_better:
            painter.fillRect(QRectF(first, box.y(), second - first, box.height()), color("band2"))
            painter.fillRect(QRectF(second, box.y(), box.right() - second, box.height()), color("band1"))
        else:
            painter.fillRect(QRectF(box.x(), box.y(), first - box.x(), box.height()), color("band1"))
            painter.fillRect(QRectF(first, box.y(), second - first, box.height()), color("band2"))
    height = box.height() * 0.4
    painter.fillRect(
        QRectF(box.x(), box.center().y() - height / 2, at(shown.value) - box.x(), height), color("data_fill")
    )
    if shown.target is not None:
        painter.fillRect(QRectF(at(shown.target) - 1, box.y() - 2, 2, box.height() + 4), color("target"))


def arrow(painter: QPainter, x: float, y: float, direction: int, tone: str) -> None:
    """Draw the small triangle of a change, 8 px wide."""
    if not direction:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(tone))
    top, bottom = (y, y + 7) if direction > 0 else (y + 7, y)
    painter.drawPolygon(QPolygonF([QPointF(x + 4, top), QPointF(x + 8, bottom), QPointF(x, bottom)]))
