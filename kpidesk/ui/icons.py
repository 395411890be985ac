"""Icons tinted at paint time, so that they follow the theme and the screen's pixel ratio."""

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from kpidesk.paths import resource
from kpidesk.ui.theme import color

_GRID = 24  # Lucide draws on 24 units
_STROKE, _SMALL_STROKE = 1.5, 1.4  # px at any size; thinner in tags


@cache
def _renderer(name: str, tint: str, stroke: float) -> QSvgRenderer:
    svg = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
    svg = svg.replace("currentColor", tint).replace('stroke-width="2"', f'stroke-width="{stroke}"')
    return QSvgRenderer(QByteArray(svg.encode()))


def paint_icon(painter: QPainter, rect: QRectF | QRect, name: str, role: str = "text2") -> None:
    """Paint an icon into a rectangle in the colour of a token."""
    side = max(rect.width(), 1)
    stroke = round((_STROKE if side >= 14 else _SMALL_STROKE) * _GRID / side, 2)
    _renderer(name, color(role).name(), stroke).render(painter, QRectF(rect))


class _Engine(QIconEngine):
    """Asks `draw` (painter, place, whether enabled) for every picture, so that none goes stale."""

    def __init__(self, draw: Callable[[QPainter, QRectF, bool], None]) -> None:
        super().__init__()
        self._draw = draw

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint as enabled or as disabled."""
        del state
        self._draw(painter, QRectF(rect), mode is not QIcon.Mode.Disabled)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return a picture of the icon."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return made

    def clone(self) -> "_Engine":
        """Return a copy, as Qt asks for one per icon."""
        return _Engine(self._draw)


def painted_icon(draw: Callable[[QPainter, QRectF, bool], None]) -> QIcon:
    """Return an icon that is drawn anew whenever it is asked for."""
    return QIcon(_Engine(draw))


def icon(name: str, role: str = "text2") -> QIcon:
    """Return a tinted icon."""

    def draw(painter: QPainter, rect: QRectF, enabled: bool) -> None:
        paint_icon(painter, rect, name, role if enabled else "disabled")

    return painted_icon(draw)
