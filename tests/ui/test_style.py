"""The one style: controls keep working and take their colours from the tokens."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QScrollBar, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.style import KpiStyle

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(autouse=True)
def styled(qapp: QApplication) -> None:
    theme.install(qapp)
    assert isinstance(qapp.style(), KpiStyle)


def test_no_style_sheet_is_used_anywhere(qapp: QApplication) -> None:
    assert qapp.styleSheet() == ""


def test_a_scroll_bar_is_dragged_by_its_handle(qtbot: QtBot) -> None:
    bar = QScrollBar(Qt.Orientation.Vertical)
    qtbot.addWidget(bar)
    bar.setRange(0, 100)
    bar.setPageStep(50)
    bar.resize(bar.sizeHint().width(), 300)
    bar.show()
    option = QStyleOptionSlider()
    bar.initStyleOption(option)
    handle = bar.style().subControlRect(
        QStyle.ComplexControl.CC_ScrollBar, option, QStyle.SubControl.SC_ScrollBarSlider, bar
    )
    assert (handle.top(), handle.height()) == (0, 100)
    qtbot.mousePress(bar, Qt.MouseButton.LeftButton, pos=handle.center())
    qtbot.mouseMove(bar, handle.center() + QPoint(0, 100))
    qtbot.mouseRelease(bar, Qt.MouseButton.LeftButton, pos=handle.center() + QPoint(0, 100))
    assert bar.value() == 50


@pytest.mark.parametrize("name", ["light", "dark"])
def test_fields_and_boxes_are_filled_with_the_surface(qtbot: QtBot, name: str) -> None:
    theme.set_theme(name)
    for widget in (QComboBox(), QLineEdit()):
        qtbot.addWidget(widget)
        widget.resize(200, 32)
        widget.show()
        shown = widget.grab().toImage()
        assert shown.pixelColor(int(100 * shown.devicePixelRatio()), 8) == theme.color("surface")
    theme.set_theme("light")
