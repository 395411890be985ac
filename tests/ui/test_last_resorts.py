"""After a bug: one dialog and a log, neither with the user's data; and the collector that stays on the GUI thread."""

import gc
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from kpidesk.ui.crash import CrashGuard, details, show, start_log
from kpidesk.ui.garbage import Collector

SECRET = "Kestrel Foods 9800"


def _fail() -> None:
    raise ValueError(SECRET)


def test_details_name_places_and_never_the_message() -> None:
    with pytest.raises(ValueError, match="Kestrel") as caught:
        _fail()
    text = details(caught.type, caught.tb)
    assert "ValueError" in text
    assert "_fail in " in text
    assert SECRET not in text


def test_an_uncaught_error_is_logged_and_told(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPIDESK_HOME", str(tmp_path))
    handler = start_log()
    guard = CrashGuard()
    told: list[str] = []
    guard.crashed.disconnect()
    guard.crashed.connect(told.append)
    try:
        _fail()
    except ValueError:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]
    guard.stop()
    handler.close()
    import logging

    logging.getLogger("kpidesk").removeHandler(handler)
    assert len(told) == 1
    log = (tmp_path / "kpidesk.log").read_text(encoding="utf-8")
    assert "ValueError" in log
    assert SECRET not in log


@pytest.mark.qt_log_ignore("propagateSizeHints")
def test_the_dialog_says_that_the_data_is_safe(qtbot: QtBot) -> None:
    box = show("ValueError")
    qtbot.addWidget(box)
    assert box.text() == "Something went wrong. Your data is safe."
    box.close()


def test_the_collector_takes_over_and_gives_back(qtbot: QtBot) -> None:
    collector = Collector()
    assert not gc.isenabled()
    collector.collect()
    collector.stop()
    assert gc.isenabled()
