"""Shared drawing: functions of a painter and a rectangle, the same for screen and pictures (design sections 7 and 8)."""

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPainterPath, QPen, QPolygonF

from kpidesk.domain.finding import Status
from kpidesk.present.dashboard import Bullet, Spark
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font, scaled

_RANGES = ("band1", "band2", "band3")


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
    inner = box.width() >= 11
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
            edge = w * 0.16  # corners are as round as the pen is wide
            painter.setPen(QPen(tone, edge, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
            inset = edge / 2
            left, right, foot = x - w * 0.06 + inset, x + w * 1.06 - inset, y + w - inset
            painter.drawPolygon(QPolygonF([QPointF(x + w / 2, y + inset), QPointF(right, foot), QPointF(left, foot)]))
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


def chip_width(words: str) -> float:
    """Return the width of a status chip."""
    return text_width(words, "smallm") + scaled(36)


def chip(painter: QPainter, right: float, y: float, status: Status, words: str) -> float:
    """Draw a status chip that ends at `right`; returns its left edge."""
    width, height, side = chip_width(words), scaled(22), scaled(12)
    box = QRectF(right - width, y, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(f"{status.value}_bg"))
    painter.drawRoundedRect(box, height / 2, height / 2)
    status_mark(painter, QRectF(box.x() + scaled(9), y + (height - side) / 2, side, side), status)
    line(painter, box.adjusted(scaled(26), 0, 0, 0), words, "smallm", f"{status.value}_fg")
    return box.x()


def tag(painter: QPainter, right: float, middle: float, icon: str, words: str, tone: str = "") -> float:
    """Draw an outlined tag that ends at `right`, or one in the tint of the status `tone`; returns its left edge."""
    side, height = scaled(12), scaled(20)
    width = text_width(words, "cap") + side + scaled(20)
    box = QRectF(right - width, middle - height / 2, width, height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(color(f"{tone}_bd" if tone else "border2"))
    painter.setBrush(color(f"{tone}_bg") if tone else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), height / 2, height / 2)
    ink = f"{tone}_fg" if tone else "text2"
    paint_icon(painter, QRectF(box.x() + scaled(7), middle - side / 2, side, side), icon, ink)
    line(painter, box.adjusted(side + scaled(11), 0, 0, 0), words, "cap", ink if tone else "text")
    return box.x()


def tag_width(words: str) -> float:
    """Return the width of a tag."""
    return text_width(words, "cap") + scaled(32)


def line(
    painter: QPainter, box: QRectF, words: str, role: str = "body", tone: str = "text", *, right: bool = False
) -> None:
    """Draw a line of text in the middle of a box's height, cut to its width."""
    painter.setFont(font(role))
    painter.setPen(color(tone))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    words = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, box.width() + 1)
    painter.drawText(box, int(side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), words)


def paragraph(painter: QPainter, box: QRectF, words: str, role: str, tone: str) -> None:
    """Draw text over as many lines as it needs, from the top of a box."""
    painter.setFont(font(role))
    painter.setPen(color(tone))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap), words)


def hatch(painter: QPainter, box: QRectF) -> None:
    """Draw a forecast: outlined and hatched."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setClipRect(box)
    painter.fillRect(box, color("surface"))
    painter.setPen(QPen(color("data_fill"), 1))
    step, height = 4.0, box.height()
    for place in range(int((box.width() + height) / step) + 2):
        x = box.x() - height + place * step
        painter.drawLine(QPointF(x, box.bottom()), QPointF(x + height, box.y()))
    painter.setPen(color("data_fill"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(box.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.restore()


def strength(painter: QPainter, x: float, middle: float, filled: int) -> float:
    """Draw how strong a link is in five steps; returns the right edge."""
    width, height, step = scaled(8), scaled(10), scaled(11)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for place in range(5):
        painter.setBrush(color("data_fill" if place < filled else "band2"))
        painter.drawRoundedRect(QRectF(x + place * step, middle - height / 2, width, height), 2, 2)
    return x + 4 * step + width


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
    series(
        painter,
        [None if value is None else place(index, value) for index, value in enumerate(spark.values)],
        "data",
        1.75,
    )
    for index in spark.changed:
        painter.fillRect(QRectF(box.x() + index * step - 0.5, box.y(), 1, box.height()), color("accent_text"))
    last = max(index for index, value in enumerate(spark.values) if value is not None)
    end = place(last, spark.values[last] or 0.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("surface"))
    painter.drawEllipse(end, 6.5, 6.5)
    status_mark(painter, QRectF(end.x() - 4.5, end.y() - 4.5, 9, 9), status)
    if hover is not None:
        painter.setPen(QPen(color("text3"), 1))
        painter.drawLine(QPointF(box.x() + hover * step, box.y()), QPointF(box.x() + hover * step, box.bottom()))


def series(painter: QPainter, points: Sequence[QPointF | None], tone: str, width: float) -> None:
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

    painter.save()
    outline = QPainterPath()
    outline.addRoundedRect(box, 2, 2)
    painter.setClipPath(outline)
    if shown.borders is not None:
        edges = [box.x(), *(at(border) for border in shown.borders), box.right()]
        ranges = list(pairwise(edges))
        tones = _RANGES[:: -1 if shown.lower_is_better else 1]
        for place, (start, end) in enumerate(ranges):
            # The middle ranges share the tones between the worst and the best.
            tone = tones[round(place * (len(tones) - 1) / max(len(ranges) - 1, 1))]
            painter.fillRect(QRectF(start, box.y(), end - start, box.height()), color(tone))
    painter.restore()
    height = box.height() * 0.4
    bar = QRectF(box.x(), box.center().y() - height / 2, at(shown.value) - box.x(), height)
    painter.setBrush(color("data_fill"))
    painter.drawRoundedRect(bar, 1, 1)
    if shown.target is not None:
        painter.fillRect(QRectF(at(shown.target) - 1, box.y() - 2, 2, box.height() + 4), color("target"))


def pace_mark(painter: QPainter, x: float, tip: float) -> float:
    """Draw the small triangle that points down to where today should be; returns half its width."""
    wide, high = scaled(4.5), scaled(6)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("target"))
    painter.drawPolygon(QPolygonF([QPointF(x - wide, tip - high), QPointF(x + wide, tip - high), QPointF(x, tip)]))
    return wide


def arrow(painter: QPainter, x: float, middle: float, direction: int, tone: str) -> float:
    """Draw the small triangle of a change and return its width; nothing for no change."""
    if not direction:
        return 0.0
    half, height = scaled(3.5), scaled(5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color(tone))
    top, bottom = middle - direction * height / 2, middle + direction * height / 2
    painter.drawPolygon(QPolygonF([QPointF(x + half, top), QPointF(x + 2 * half, bottom), QPointF(x, bottom)]))
    return 2.0 * half
