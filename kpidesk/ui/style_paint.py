"""How the style's controls look, each a function of a painter and an option (component sheet of the design)."""

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import (
    QStyle,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionHeader,
    QStyleOptionMenuItem,
    QStyleOptionProgressBar,
    QStyleOptionSlider,
)

from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, font, scaled

FIELD_RADIUS, BUTTON_RADIUS = 6.0, 6.5
MENU_LEFT, MENU_RIGHT = 34, 24
_State = QStyle.StateFlag
_LINE = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


def ink(option: QStyleOption, tone: str = "text") -> str:
    """Return the token, or that of disabled text."""
    return tone if option.state & _State.State_Enabled else "disabled"


def rounded(
    painter: QPainter, rect: QRect | QRectF, fill: str, line: str, *, width: float = 1.0, radius: float = FIELD_RADIUS
) -> None:
    """Draw a box whose outline lies inside of `rect`, so that it is never clipped."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(color(line), width) if line else Qt.PenStyle.NoPen)
    painter.setBrush(color(fill) if fill else Qt.BrushStyle.NoBrush)
    edge = width / 2
    painter.drawRoundedRect(QRectF(rect).adjusted(edge, edge, -edge, -edge), radius, radius)
    painter.restore()


def field(painter: QPainter, option: QStyleOption, line: str) -> None:
    """Draw a field: the focus takes the place of its outline."""
    enabled = option.state & _State.State_Enabled
    focus = bool(option.state & _State.State_HasFocus)
    tone = "focus" if focus else line if enabled else "border2"
    rounded(painter, option.rect, "surface" if enabled else "subtle", tone, width=2 if focus else 1)


def focus_ring(painter: QPainter, rect: QRect | QRectF, radius: float = FIELD_RADIUS) -> None:
    """Draw the ring of the keyboard focus."""
    rounded(painter, rect, "", "focus", width=2, radius=radius)


def check(painter: QPainter, option: QStyleOption) -> None:
    """Draw the box of a check box with its tick, or a bar when it is neither on nor off."""
    on = option.state & (_State.State_On | _State.State_NoChange)
    enabled = option.state & _State.State_Enabled
    box = QRectF(option.rect)
    fill = ("accent" if enabled else "disabled") if on else "surface" if enabled else "subtle"
    rounded(painter, box, fill, fill if on else "control" if enabled else "border2", radius=4)
    if option.state & _State.State_NoChange:
        _stroke(painter, box, "on_accent", (0.28, 0.5), (0.72, 0.5))
    elif on:
        tick(painter, box, "on_accent")


def tick(painter: QPainter, box: QRectF, tone: str) -> None:
    """Draw a tick inside of a box or disc."""
    _stroke(painter, box, tone, (0.27, 0.52), (0.43, 0.68), (0.74, 0.34))


def _stroke(painter: QPainter, box: QRectF, tone: str, *places: tuple[float, float]) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    cap, join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(color(tone), max(box.width() / 9, 1.75), Qt.PenStyle.SolidLine, cap, join))
    corner, side = box.topLeft(), box.width()
    painter.drawPolyline(QPolygonF([corner + QPointF(across * side, down * side) for across, down in places]))
    painter.restore()


def radio(painter: QPainter, option: QStyleOption) -> None:
    """Draw the disc of a radio button."""
    on, enabled = option.state & _State.State_On, option.state & _State.State_Enabled
    box = QRectF(option.rect)
    fill = ("accent" if enabled else "disabled") if on else "surface" if enabled else "subtle"
    rounded(painter, box, fill, fill if on else "control" if enabled else "border2", radius=box.width() / 2)
    if on:
        inset = box.width() * 0.34
        rounded(painter, box.adjusted(inset, inset, -inset, -inset), "on_accent", "", radius=box.width() / 2)


def slider(painter: QPainter, option: QStyleOptionSlider, handle: QRect) -> None:
    """Draw track, the part up to the handle, and the handle."""
    across = option.orientation is Qt.Orientation.Horizontal
    box, middle = QRectF(option.rect), QRectF(handle).center()
    enabled = bool(option.state & _State.State_Enabled)
    if across:
        track = QRectF(box.x(), middle.y() - 2, box.width(), 4)
        part = QRectF(track.x(), track.y(), middle.x() - track.x(), 4)
    else:
        track = QRectF(middle.x() - 2, box.y(), 4, box.height())
        part = QRectF(track.x(), middle.y(), 4, track.bottom() - middle.y())
    rounded(painter, track, "band2", "", radius=2)
    rounded(painter, part, "accent" if enabled else "disabled", "", radius=2)
    side = min(handle.width(), handle.height())
    knob = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
    rounded(painter, knob, "surface", "accent" if enabled else "disabled", width=2, radius=side / 2)
    if option.state & _State.State_HasFocus:
        rounded(painter, knob.adjusted(-3, -3, 3, 3).intersected(box), "", "focus", width=2, radius=side / 2 + 3)


def progress(painter: QPainter, option: QStyleOptionProgressBar) -> None:
    """Draw track and bar; without a known total the track stays empty and the words beside it tell."""
    box = QRectF(option.rect)
    track = QRectF(box.x(), box.center().y() - 3, box.width(), 6)
    rounded(painter, track, "band3", "", radius=3)
    span = option.maximum - option.minimum
    if span > 0 and option.progress > option.minimum:
        share = (option.progress - option.minimum) / span
        rounded(painter, QRectF(track.x(), track.y(), max(6.0, track.width() * share), 6), "accent", "", radius=3)


def push_button(painter: QPainter, option: QStyleOptionButton) -> None:
    """Draw a button of a dialog; the default one is the primary one."""
    enabled = option.state & _State.State_Enabled
    primary = bool(option.features & QStyleOptionButton.ButtonFeature.DefaultButton) and enabled
    over, down = option.state & _State.State_MouseOver, option.state & _State.State_Sunken
    if primary:
        rounded(
            painter,
            option.rect,
            "accent_press" if down else "accent_hover" if over else "accent",
            "",
            radius=BUTTON_RADIUS,
        )
    else:
        fill = "subtle" if not enabled else "hover" if over or down else "surface"
        rounded(painter, option.rect, fill, "border2" if enabled else "border", radius=BUTTON_RADIUS)
    if option.state & _State.State_HasFocus and option.state & _State.State_KeyboardFocusChange:
        focus_ring(painter, option.rect, BUTTON_RADIUS)
    painter.setFont(font("bodym"))
    painter.setPen(color("on_accent" if primary else ink(option)))
    painter.drawText(option.rect, int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic), option.text)


def header(painter: QPainter, option: QStyleOptionHeader) -> None:
    """Draw a section of a table's head above its line."""
    painter.fillRect(option.rect, color("surface"))
    painter.fillRect(QRect(option.rect.left(), option.rect.bottom(), option.rect.width(), 1), color("border2"))
    painter.setFont(font("capm"))
    painter.setPen(color("text3"))
    inner = option.rect.adjusted(8, 0, -8, -1)
    words = QFontMetrics(font("capm")).elidedText(option.text, Qt.TextElideMode.ElideRight, inner.width())
    side = (
        Qt.AlignmentFlag.AlignRight
        if option.textAlignment & Qt.AlignmentFlag.AlignRight
        else Qt.AlignmentFlag.AlignLeft
    )
    painter.drawText(inner, int(side) | _LINE, words)


def menu_item(painter: QPainter, option: QStyleOptionMenuItem) -> None:
    """Draw a line of a menu or of an open combo box: mark or icon, words, shortcut, arrow of a submenu."""
    box = option.rect
    painter.fillRect(box, color("surface"))
    if option.menuItemType is QStyleOptionMenuItem.MenuItemType.Separator:
        painter.fillRect(QRect(box.x() + 1, box.center().y(), box.width() - 2, 1), color("border"))
        return
    if option.state & _State.State_Selected and option.state & _State.State_Enabled:
        rounded(painter, box.adjusted(4, 0, -4, 0), "hover", "", radius=5)
    mark = QRectF(box.x() + 11, box.center().y() - 7, 16, 16)
    if option.checked:
        paint_icon(painter, mark, "check", ink(option, "accent_text"))
    elif not option.icon.isNull():
        option.icon.paint(painter, mark.toRect())
    words, _, shortcut = option.text.partition("\t")
    inner = box.adjusted(MENU_LEFT, 0, -MENU_RIGHT, 0)
    painter.setFont(font("body"))
    painter.setPen(color(ink(option)))
    painter.drawText(inner, _LINE | int(Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextShowMnemonic), words)
    if shortcut:
        painter.setFont(font("small"))
        painter.setPen(color(ink(option, "text3")))
        painter.drawText(box.adjusted(0, 0, -14, 0), _LINE | int(Qt.AlignmentFlag.AlignRight), shortcut)
    if option.menuItemType is QStyleOptionMenuItem.MenuItemType.SubMenu:
        place = QRectF(box.right() - 20, box.center().y() - 6, 14, 14)
        paint_icon(painter, place, "chevron-right", ink(option, "text2"))


def chevrons(painter: QPainter, up: QRect, down: QRect, *, can_rise: bool, can_fall: bool) -> None:
    """Draw the arrows of a spin box."""
    side = scaled(12)
    for rect, name, able in ((up, "chevron-up", can_rise), (down, "chevron-down", can_fall)):
        middle = QRectF(rect).center()
        place = QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side)
        paint_icon(painter, place, name, "text2" if able else "disabled")
