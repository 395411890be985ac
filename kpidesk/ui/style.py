"""One proxy over Fusion that paints controls from tokens (design sections 5, 10 and 13).

Python pays for every call into a style, so only what differs from Fusion is drawn here and every method is short.
"""

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QIcon, QPainter, QPalette
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QApplication,
    QLabel,
    QProxyStyle,
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStyleOptionComplex,
    QStyleOptionFrame,
    QStyleOptionHeader,
    QStyleOptionMenuItem,
    QStyleOptionProgressBar,
    QStyleOptionSlider,
    QStyleOptionSpinBox,
    QWidget,
)

from kpidesk.domain.finding import Status
from kpidesk.ui import style_paint as look
from kpidesk.ui.icons import paint_icon, painted_icon
from kpidesk.ui.theme import color, font, scaled
from kpidesk.ui.widgets.paint import status_mark

SCROLL_BAR = 12
OUTLINE = "outline"  # property of a field: the token of its outline, "bad" for one to fix and "warn" for one to check
_LEAST_HANDLE = 28
_CONTROL, _MENU_ITEM, _MENU_BAR, _SEPARATOR = 32, 28, 30, 9
_TIP_MARGIN = 6
_State = QStyle.StateFlag
_Primitive, _Control, _Complex = QStyle.PrimitiveElement, QStyle.ControlElement, QStyle.ComplexControl
_Metric, _Part, _Contents = QStyle.PixelMetric, QStyle.SubControl, QStyle.ContentsType
_METRICS = {
    _Metric.PM_ScrollBarExtent: SCROLL_BAR,
    _Metric.PM_ScrollBarSliderMin: _LEAST_HANDLE,
    _Metric.PM_MenuBarVMargin: 0,
    _Metric.PM_MenuBarHMargin: 6,
    _Metric.PM_MenuBarItemSpacing: 0,
    _Metric.PM_MenuBarPanelWidth: 0,
    _Metric.PM_MenuVMargin: 5,
    _Metric.PM_ToolTipLabelFrameWidth: _TIP_MARGIN,
    _Metric.PM_CheckBoxLabelSpacing: 8,
    _Metric.PM_RadioButtonLabelSpacing: 8,
}
_SCALED = {
    _Metric.PM_MessageBoxIconSize: 24,
    _Metric.PM_IndicatorWidth: 16,
    _Metric.PM_IndicatorHeight: 16,
    _Metric.PM_ExclusiveIndicatorWidth: 16,
    _Metric.PM_ExclusiveIndicatorHeight: 16,
    _Metric.PM_SliderThickness: 22,
    _Metric.PM_SliderControlThickness: 16,
    _Metric.PM_SliderLength: 16,
}

_QUESTION, _QUESTION_WIDTH = "qt_msgbox_label", 340  # Qt's name of the label
_STATUSES = {
    QStyle.StandardPixmap.SP_MessageBoxWarning: Status.WARN,
    QStyle.StandardPixmap.SP_MessageBoxCritical: Status.BAD,
    QStyle.StandardPixmap.SP_MessageBoxInformation: Status.NONE,
    QStyle.StandardPixmap.SP_MessageBoxQuestion: Status.NONE,
}


def _outline(widget: QWidget | None, token: str) -> str:
    chosen = None if widget is None else widget.property(OUTLINE)
    return str(chosen) if chosen else token


class KpiStyle(QProxyStyle):
    """Set once on the application, which keeps it."""

    def __init__(self) -> None:
        super().__init__("Fusion")

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Return the measures of the design where Fusion has others."""
        if metric in _METRICS:
            return _METRICS[metric]
        if metric in _SCALED:
            return scaled(_SCALED[metric])
        return super().pixelMetric(metric, option, widget)

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        """Return the heights of the design: fields and buttons 32 px, lines of a menu 28, the menu bar 30."""
        made = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]  # Qt allows no widget; the stubs do not
        match kind:
            case _Contents.CT_MenuBarItem:
                return QSize(size.width() + 16, scaled(_MENU_BAR))
            case _Contents.CT_MenuItem if isinstance(option, QStyleOptionMenuItem):
                line = option.menuItemType is QStyleOptionMenuItem.MenuItemType.Separator
                width = size.width() + look.MENU_LEFT + look.MENU_RIGHT
                return QSize(width, _SEPARATOR if line else scaled(_MENU_ITEM))
            case _Contents.CT_LineEdit | _Contents.CT_SpinBox if not _frameless(option, widget):
                return QSize(made.width() + 12, scaled(_CONTROL))
            case _Contents.CT_ComboBox:
                return QSize(size.width() + 34 + scaled(14), scaled(_CONTROL))
            case _Contents.CT_PushButton if isinstance(option, QStyleOptionButton):
                width = QFontMetrics(font("bodym")).horizontalAdvance(option.text) + 28
                return QSize(max(width, 72), scaled(_CONTROL))
        return made

    def subElementRect(self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None) -> QRect:
        """Return the room for the text of a field: 10 px from its edge, of which the field itself adds 2."""
        if element is QStyle.SubElement.SE_LineEditContents and not _frameless(option, widget):
            return option.rect.adjusted(8, 1, -8, -1)
        return super().subElementRect(element, option, widget)  # type: ignore[arg-type]

    def polish(self, target: QWidget | QApplication | QPalette) -> QPalette | None:  # type: ignore[override]
        """Give the question of a message box its weight, and room to stand in few lines."""
        if isinstance(target, QLabel) and target.objectName() == _QUESTION:
            target.setFont(font("strong"))
            target.setMinimumWidth(scaled(_QUESTION_WIDTH))
        return super().polish(target)

    def standardIcon(
        self, which: QStyle.StandardPixmap, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> QIcon:
        """Return the status shapes for message boxes."""
        if which in _STATUSES:
            status = _STATUSES[which]
            return painted_icon(lambda painter, box, _: status_mark(painter, box.adjusted(2, 2, -2, -2), status))
        return super().standardIcon(which, option, widget)

    def drawPrimitive(
        self, element: QStyle.PrimitiveElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Draw fields, indicators, focus rings, menus and tool tips; everything else is Fusion's."""
        match element:
            case _Primitive.PE_PanelLineEdit if not _frameless(option, widget):
                look.field(painter, option, _outline(widget, "control"))
            case _Primitive.PE_IndicatorCheckBox:
                look.check(painter, option)
            case _Primitive.PE_IndicatorRadioButton:
                look.radio(painter, option)
            case _Primitive.PE_FrameFocusRect:
                look.focus_ring(painter, option.rect, 4)
            case _Primitive.PE_PanelTipLabel:
                painter.fillRect(option.rect, color("tip_bg"))
            case _Primitive.PE_PanelMenu:
                painter.fillRect(option.rect, color("surface"))
                painter.setPen(color("border2"))
                painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
            case _Primitive.PE_FrameMenu | _Primitive.PE_PanelScrollAreaCorner:
                return
            case _:
                super().drawPrimitive(element, option, painter, widget)

    def drawControl(
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Draw menus, the text of combo boxes, buttons of dialogs, progress bars and heads."""
        if element is _Control.CE_MenuBarEmptyArea:
            self._bar_ground(painter, option.rect, "window")
        elif element is _Control.CE_MenuBarItem and isinstance(option, QStyleOptionMenuItem):
            lit = bool(option.state & (_State.State_Selected | _State.State_Sunken))
            self._bar_ground(painter, option.rect, "hover" if lit else "window")
            painter.setPen(color(look.ink(option, "text2")))
            painter.setFont(font("body"))
            # The letters are underlined once the bar is worked with the keyboard.
            worked = widget is not None and widget.hasFocus()
            letters = Qt.TextFlag.TextShowMnemonic if worked else Qt.TextFlag.TextHideMnemonic
            painter.drawText(option.rect, int(Qt.AlignmentFlag.AlignCenter | letters), option.text)
        elif element is _Control.CE_MenuItem and isinstance(option, QStyleOptionMenuItem):
            look.menu_item(painter, option)
        elif element is _Control.CE_ComboBoxLabel and isinstance(option, QStyleOptionComboBox):
            room = option.rect.adjusted(11, 0, -16 - scaled(14), 0)
            face = font("body")
            words = QFontMetrics(face).elidedText(option.currentText, Qt.TextElideMode.ElideRight, room.width())
            painter.setFont(face)
            painter.setPen(color(look.ink(option)))
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine), words)
        elif element is _Control.CE_PushButton and isinstance(option, QStyleOptionButton):
            look.push_button(painter, option)
        elif element is _Control.CE_ProgressBar and isinstance(option, QStyleOptionProgressBar):
            look.progress(painter, option)
        elif element is _Control.CE_Header and isinstance(option, QStyleOptionHeader):
            look.header(painter, option)
        else:
            super().drawControl(element, option, painter, widget)

    def _bar_ground(self, painter: QPainter, rect: QRect, token: str) -> None:
        painter.fillRect(rect, color(token))
        if rect.height() >= scaled(_MENU_BAR):
            painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, color("border"))

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Draw combo boxes, spin boxes, sliders and scroll bars."""
        if control is _Complex.CC_ComboBox and isinstance(option, QStyleOptionComboBox):
            look.field(painter, option, _outline(widget, "border2"))
            side = scaled(14)
            place = QRectF(option.rect.right() - 11 - side, QRectF(option.rect).center().y() - side / 2, side, side)
            paint_icon(painter, place, "chevron-down", look.ink(option, "text2"))
        elif control is _Complex.CC_SpinBox and isinstance(option, QStyleOptionSpinBox):
            look.field(painter, option, _outline(widget, "control"))
            able = option.stepEnabled
            look.chevrons(
                painter,
                self.subControlRect(control, option, _Part.SC_SpinBoxUp, widget),
                self.subControlRect(control, option, _Part.SC_SpinBoxDown, widget),
                can_rise=bool(able & QAbstractSpinBox.StepEnabledFlag.StepUpEnabled),
                can_fall=bool(able & QAbstractSpinBox.StepEnabledFlag.StepDownEnabled),
            )
        elif control is _Complex.CC_Slider and isinstance(option, QStyleOptionSlider):
            look.slider(painter, option, self.subControlRect(control, option, _Part.SC_SliderHandle, widget))
        elif control is _Complex.CC_ScrollBar and isinstance(option, QStyleOptionSlider):
            self._draw_bar(option, painter, widget)
        else:
            super().drawComplexControl(control, option, painter, widget)

    def _draw_bar(self, option: QStyleOptionSlider, painter: QPainter, widget: QWidget | None) -> None:
        if option.maximum <= option.minimum:
            return
        handle = self.subControlRect(_Complex.CC_ScrollBar, option, _Part.SC_ScrollBarSlider, widget)
        tone = "control" if option.state & (_State.State_Sunken | _State.State_MouseOver) else "border2"
        look.rounded(painter, handle.adjusted(3, 3, -3, -3), tone, "", radius=3)

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        part: QStyle.SubControl,
        widget: QWidget | None = None,
    ) -> QRect:
        """Return the parts of a spin box, and of a scroll bar without arrows: the groove is the whole bar."""
        box = option.rect
        if control is _Complex.CC_SpinBox:
            left, half = box.right() - 27, box.height() // 2
            match part:
                case _Part.SC_SpinBoxUp:
                    return QRect(left, box.y() + 4, 24, half - 4)
                case _Part.SC_SpinBoxDown:
                    return QRect(left, box.y() + half, 24, half - 4)
                case _Part.SC_SpinBoxEditField:
                    return box.adjusted(9, 2, -28, -2)
        if control is not _Complex.CC_ScrollBar or not isinstance(option, QStyleOptionSlider):
            return super().subControlRect(control, option, part, widget)  # type: ignore[arg-type]
        across = option.orientation is Qt.Orientation.Horizontal
        length = box.width() if across else box.height()
        span = option.maximum - option.minimum
        size = length
        if span > 0:
            size = max(_LEAST_HANDLE, length * option.pageStep // max(span + option.pageStep, 1))
        start = QStyle.sliderPositionFromValue(
            option.minimum, option.maximum, option.sliderPosition, length - size, option.upsideDown
        )
        first, last = {
            _Part.SC_ScrollBarSlider: (start, start + size),
            _Part.SC_ScrollBarGroove: (0, length),
            _Part.SC_ScrollBarSubPage: (0, start),
            _Part.SC_ScrollBarAddPage: (start + size, length),
        }.get(part, (0, 0))
        if across:
            return QRect(first, 0, last - first, box.height())
        return QRect(0, first, box.width(), last - first)


def _frameless(option: QStyleOption, widget: QWidget | None) -> bool:
    """Tell a field without a frame of its own, such as the one inside a spin box."""
    return isinstance(option, QStyleOptionFrame) and option.lineWidth <= 0 and not isinstance(widget, QAbstractSpinBox)
