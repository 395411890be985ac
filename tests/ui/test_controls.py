"""Controls are worked by keyboard: a group is one tab stop, arrows move inside of it, Enter presses."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QMenu, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.controls import Button, Segmented
from kpidesk.ui.labels import Label
from kpidesk.ui.style import OUTLINE
from kpidesk.ui.widgets.roving import RovingFocus

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints|raise|keyboard")


@pytest.fixture(autouse=True)
def styled(qapp: QApplication) -> Iterator[None]:
    theme.install(qapp)
    theme.set_theme("light")
    yield
    theme.set_text_size(100)


@pytest.fixture
def page(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    QVBoxLayout(made)
    return made


def put(page: QWidget, *widgets: QWidget) -> None:
    layout = page.layout()
    assert layout is not None
    for widget in widgets:
        layout.addWidget(widget)
    page.show()
    page.activateWindow()
    QTest.qWaitForWindowActive(page)


def focus() -> QWidget | None:
    return QApplication.focusWidget()


def test_a_segmented_control_is_one_tab_stop_and_arrows_choose(page: QWidget, qtbot: QtBot) -> None:
    before, choice, after = Button("Before"), Segmented((("week", "Week"), ("month", "Month")), "week"), Button("After")
    put(page, before, choice, after)
    before.setFocus()
    told: list[str] = []
    choice.changed.connect(told.append)
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert focus() is choice.segments["week"]
    qtbot.keyClick(choice.segments["week"], Qt.Key.Key_Right)
    assert (told, choice.value, focus()) == (["month"], "month", choice.segments["month"])
    qtbot.keyClick(choice.segments["month"], Qt.Key.Key_Tab)
    assert focus() is after


def test_tab_goes_to_the_chosen_segment_wherever_it_stands(page: QWidget, qtbot: QtBot) -> None:
    before, choice = Button("Before"), Segmented((("week", "Week"), ("month", "Month"), ("year", "Year")), "year")
    put(page, before, choice)
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert focus() is choice.segments["year"]
    qtbot.keyClick(choice.segments["year"], Qt.Key.Key_Left)
    assert (choice.value, focus()) == ("month", choice.segments["month"])
    choice.choose("week")
    before.setFocus()
    qtbot.keyClick(before, Qt.Key.Key_Tab)
    assert focus() is choice.segments["week"]


def test_a_segment_is_chosen_with_the_pointer(page: QWidget, qtbot: QtBot) -> None:
    choice = Segmented((("week", "Week"), ("month", "Month")), "week")
    put(page, choice)
    with qtbot.waitSignal(choice.changed) as told:
        qtbot.mouseClick(choice.segments["month"], Qt.MouseButton.LeftButton)
    assert told.args == ["month"]


def test_enter_presses_a_button_and_its_ring_shows_only_to_the_keyboard(page: QWidget, qtbot: QtBot) -> None:
    first, button = Button("First"), Button("Import data")
    put(page, first, button)
    first.setFocus()
    pressed: list[bool] = []
    button.clicked.connect(lambda: pressed.append(True))
    edge = QPoint(button.width() // 2, 1)
    button.setFocus(Qt.FocusReason.MouseFocusReason)
    ring = theme.color("focus")
    assert button.grab().toImage().pixelColor(edge) != ring
    first.setFocus()
    qtbot.keyClick(first, Qt.Key.Key_Tab)
    assert button.grab().toImage().pixelColor(edge) == ring
    qtbot.keyClick(button, Qt.Key.Key_Return)
    assert pressed == [True]


def test_roving_focus_moves_by_arrow_home_and_end_and_comes_back_by_tab(page: QWidget, qtbot: QtBot) -> None:
    rows, after = [Button(name) for name in ("One", "Two", "Three")], Button("After")
    put(page, *rows, after)
    RovingFocus(page, rows)
    rows[0].setFocus()
    qtbot.keyClick(rows[0], Qt.Key.Key_Down)
    assert focus() is rows[1]
    qtbot.keyClick(rows[1], Qt.Key.Key_End)
    assert focus() is rows[2]
    qtbot.keyClick(rows[2], Qt.Key.Key_Home)
    qtbot.keyClick(rows[0], Qt.Key.Key_Down)
    qtbot.keyClick(rows[1], Qt.Key.Key_Tab)
    assert focus() is after
    qtbot.keyClick(after, Qt.Key.Key_Backtab)
    assert focus() is rows[1]


def test_check_boxes_spin_boxes_and_fields_take_the_tokens(page: QWidget, qtbot: QtBot) -> None:
    check, spin, field = QCheckBox("Remember"), QSpinBox(), QLineEdit("TBC")
    check.setChecked(True)
    field.setProperty(OUTLINE, "bad")
    put(page, check, spin, field)
    page.setFocus()
    box = check.grab().toImage()
    assert box.pixelColor(3, check.height() // 2 + 5) == theme.color("accent")
    assert field.grab().toImage().pixelColor(field.width() // 2, 0) == theme.color("bad")
    assert spin.grab().toImage().pixelColor(spin.width() // 2, 0) == theme.color("control")
    qtbot.mouseClick(spin, Qt.MouseButton.LeftButton, pos=QPoint(spin.width() - 14, 8))
    assert spin.value() == 1


def test_a_menu_has_lines_of_28_px_and_follows_the_text(qtbot: QtBot) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    action = menu.addAction("View as table")
    assert menu.actionGeometry(action).height() == 28
    theme.set_text_size(150)
    again = QMenu()
    qtbot.addWidget(again)
    assert again.actionGeometry(again.addAction("View as table")).height() == 42


def test_a_wrapped_label_has_lines_of_its_role(page: QWidget) -> None:
    label = Label("One\nTwo\nThree", "lead", wrap=True)
    put(page, label)
    assert label.heightForWidth(400) == 3 * theme.line_height("lead")
    narrow = Label("Nothing is saved until the last step", wrap=True)
    put(page, narrow)
    assert narrow.heightForWidth(100) >= 2 * narrow.heightForWidth(400) == 2 * theme.line_height("body")
