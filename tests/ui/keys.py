"""What a user does with the keys, and what is read from the page of definitions."""

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.ui.main_window import MainWindow
from kpidesk.ui.views.kpis import KpisView
from kpidesk.workspace import Workspace

CTRL, ALT, SHIFT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.AltModifier,
    Qt.KeyboardModifier.ShiftModifier,
)
NONE = Qt.KeyboardModifier.NoModifier


def focus() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def press(key: Qt.Key, held: Qt.KeyboardModifier = NONE, times: int = 1) -> None:
    window = next(one for one in QApplication.topLevelWidgets() if isinstance(one, MainWindow) and one.isVisible())
    for _ in range(times):
        QTest.keyClick(QApplication.focusWidget() or window, key, held)


def write(text: str) -> None:
    QTest.keyClicks(focus(), text)


def workspace_of(view: KpisView) -> Workspace:
    workspace = view.session.workspace
    assert workspace is not None
    return workspace


def settle(view: KpisView, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not view._unkept)


def sheet(view: KpisView, kind: type[QWidget]) -> QWidget:
    return next(one for one in view.findChildren(kind) if one.isVisible())


def in_dialog(kind: type[QWidget], act: Callable[[], None]) -> None:
    """Do something with the keys in a dialog that blocks until it is closed, as soon as it is open."""

    def look(tries: int = 100) -> None:
        dialog, focused = QApplication.activeModalWidget(), QApplication.focusWidget()
        if isinstance(dialog, kind) and focused is not None and dialog.isAncestorOf(focused):
            act()
        elif tries:
            QTimer.singleShot(50, lambda: look(tries - 1))
        elif dialog is not None:
            dialog.close()

    QTimer.singleShot(50, look)


def come_back(window: MainWindow, qtbot: QtBot) -> None:
    """Do what a desktop does when a dialog closes, and the one without a screen does not."""
    window.activateWindow()
    qtbot.waitUntil(lambda: window.isActiveWindow() and QApplication.focusWidget() is not None)


def joinable(view: KpisView, qtbot: QtBot, name: str) -> None:
    """Begin a definition that has all but an action."""
    press(Qt.Key.Key_K, CTRL | SHIFT)
    write(name)
    view.form.formula.edit.setFocus()
    write("COUNT(won_deals)")
    press(Qt.Key.Key_Escape)
    view.form.targets.target.setFocus()
    write("5")
    view.form.owner.setFocus()
    write("Ann")
    settle(view, qtbot)
