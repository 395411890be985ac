"""One proxy over Fusion: menus, fields, combo boxes and scroll bars from tokens (design sections 5 and 10).

Python pays for every call into a style, so only what differs from Fusion is drawn here and every method is short.
"""

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionMenuItem,
    QStyleOptionSlider,
    QWidget,
)

from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font

_RADIUS = 6.0
_BAR = 12
_LEAST_HANDLE = 28
_State = QStyle.StateFlag


def _rounded(painter: QPainter, rect: QRect, fill: str, line: str, *, focus: bool = False) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color("focus"), 2) if focus else color(line))
    painter.setBrush(color(fill))
    edge = 1.0 if focus else 0.5
    painter.drawRoundedRect(QRectF(rect).adjusted(edge, edge, -edge, -edge), _RADIUS, _RADIUS)
    painter.restore()


class KpiStyle(QProxyStyle):
    """Set once on the application, which keeps it."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Return slim scroll bars and the menu bar's margins."""
        match metric:
            case QStyle.PixelMetric.PM_ScrollBarExtent:
                return _BAR
            case QStyle.PixelMetric.PM_ScrollBarSliderMin:
                return _LEAST_HANDLE
            case QStyle.PixelMetric.PM_MenuBarVMargin:
                return 2
            case QStyle.PixelMetric.PM_MenuBarPanelWidth:
                return 0
        return super().pixelMetric(metric, option, widget)

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Draw fields and menus; everything else is Fusion's."""
        if element is QStyle.PrimitiveElement.PE_PanelLineEdit and not (
            widget is not None and widget.property("frameless")
        ):
            focus = bool(option.state & _State.State_HasFocus)
            _rounded(
                painter,
                option.rect,
                "surface" if option.state & _State.State_Enabled else "subtle",
                "control",
                focus=focus,
            )
        elif element is QStyle.PrimitiveElement.PE_PanelMenu:
            painter.fillRect(option.rect, color("surface"))
            painter.setPen(color("border2"))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        elif element in (QStyle.PrimitiveElement.PE_FrameMenu, QStyle.PrimitiveElement.PE_PanelScrollAreaCorner):
            return
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawControl(
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Draw the menu bar and the ground of its items; texts and icons stay Fusion's."""
        if element is QStyle.ControlElement.CE_MenuBarEmptyArea:
            painter.fillRect(option.rect, color("window"))
        elif element is QStyle.ControlElement.CE_MenuBarItem and isinstance(option, QStyleOptionMenuItem):
            lit = bool(option.state & (_State.State_Selected | _State.State_Sunken))
            painter.fillRect(option.rect, color("hover" if lit else "window"))
            painter.setPen(color("text2" if option.state & _State.State_Enabled else "disabled"))
            painter.setFont(font("body"))
            painter.drawText(option.rect, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic), option.text)
        else:
            super().drawControl(element, option, painter, widget)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw combo boxes and scroll bars."""
        if control is QStyle.ComplexControl.CC_ComboBox and isinstance(option, QStyleOptionComboBox):
            enabled = bool(option.state & _State.State_Enabled)
            _rounded(
                painter,
                option.rect,
                "surface" if enabled else "subtle",
                "border2",
                focus=bool(option.state & _State.State_HasFocus),
            )
            place = QRectF(option.rect.right() - 24, option.rect.center().y() - 7, 16, 16)
            paint_icon(painter, place, "chevron-down", "text2" if enabled else "disabled")
        elif control is QStyle.ComplexControl.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            self._draw_bar(option, painter, widget)
        else:
            super().drawComplexControl(control, option, painter, widget)

    def _draw_bar(self, option: QStyleOptionSlider, painter: QPainter, widget: QWidget | None) -> None:
        if option.maximum <= option.minimum:
            return
        handle = self.subControlRect(
            QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, widget
        )
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color("control" if option.state & _State.State_Sunken else "border2"))
        painter.drawRoundedRect(QRectF(handle).adjusted(3, 3, -3, -3), 3, 3)
        painter.restore()

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """Return the parts of a scroll bar without arrows: the groove is the whole bar."""
        if control is not QStyle.ComplexControl.CC_ScrollBar or not isinstance(option, QStyleOptionSlider):
            return super().subControlRect(control, option, part, widget)  # type: ignore[arg-type]  # Qt allows no widget; the stubs do not
        across = option.orientation is Qt.Orientation.Horizontal
        length = option.rect.width() if across else option.rect.height()
        span = option.maximum - option.minimum
        size = length
        if span > 0:
            size = max(_LEAST_HANDLE, length * option.pageStep // max(span + option.pageStep, 1))
        start = QStyle.sliderPositionFromValue(
            option.minimum, option.maximum, option.sliderPosition, length - size, option.upsideDown
        )
        first, last = {
            QStyle.SubControl.SC_ScrollBarSlider: (start, start + size),
            QStyle.SubControl.SC_ScrollBarGroove: (0, length),
            QStyle.SubControl.SC_ScrollBarSubPage: (0, start),
            QStyle.SubControl.SC_ScrollBarAddPage: (start + size, length),
        }.get(part, (0, 0))
        if across:
            return QRect(first, 0, last - first, option.rect.height())
        return QRect(0, first, option.rect.width(), last - first)
