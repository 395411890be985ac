"""The text size multiplies every type role and control height, also in windows that are open."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from kpidesk.ui import theme
from kpidesk.ui.labels import Label

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture(autouse=True)
def styled(qapp: QApplication) -> Iterator[None]:
    theme.install(qapp)
    yield
    theme.set_text_size(100)


def test_roles_lines_and_heights_grow_together(qapp: QApplication) -> None:
    theme.set_text_size(150)
    assert theme.text_size() == 150
    assert (theme.font("title").pixelSize(), theme.line_height("body"), theme.scaled(32)) == (32, 30, 48)
    assert qapp.font().pixelSize() == 20


def test_an_open_label_and_a_fixed_height_follow(qtbot: QtBot) -> None:
    label, bar = Label("Win rate", "value"), QWidget()
    qtbot.addWidget(label)
    qtbot.addWidget(bar)
    theme.fix_height(bar, 34)
    before = label.sizeHint().width()
    theme.set_text_size(150)
    assert label.sizeHint().width() > 1.4 * before
    assert bar.height() == 51
    theme.set_text_size(100)
    assert (label.sizeHint().width(), bar.height()) == (before, 34)


def test_a_size_that_is_not_offered_is_refused() -> None:
    with pytest.raises(ValueError, match="101"):
        theme.set_text_size(101)
