"""What happens after a bug: a log without the user's data, and one dialog."""

import logging
import sys
import traceback
from logging.handlers import RotatingFileHandler
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, Qt, QtMsgType, QUrl, Signal, Slot, qInstallMessageHandler
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox, QWidget

from kpidesk import paths

_log = logging.getLogger("kpidesk")
_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_SIZE = 500_000


def start_log() -> logging.Handler:
    """Log to the file of `paths.log_file()`, which rotates at 500 kB with two older ones kept; returns the handler."""
    handler = RotatingFileHandler(paths.log_file(), maxBytes=_SIZE, backupCount=2, encoding="utf-8", delay=True)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    return handler


def details(kind: type[BaseException], trace: TracebackType | None) -> str:
    """Return an error's type and the places it came through. Its message is left out: messages quote cells of the user's files."""
    lines = [f"{place.name} in {place.filename}, line {place.lineno}" for place in traceback.extract_tb(trace)]
    return "\n".join([kind.__name__, *lines])


def show(text: str, parent: QWidget | None = None) -> QMessageBox:
    """Tell the user without blocking; the details can be copied and the log folder opened. Returns the open dialog."""
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle("KPIDesk")
    box.setText("Something went wrong. Your data is safe.")
    box.setInformativeText(
        "What you were doing may not have finished. The details below contain nothing from your files."
    )
    copy = box.addButton("Copy details", QMessageBox.ButtonRole.ActionRole)
    copy.clicked.disconnect()
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text))
    folder = box.addButton("Open log folder", QMessageBox.ButtonRole.ActionRole)
    folder.clicked.disconnect()
    folder.clicked.connect(open_log_folder)
    box.setDefaultButton(box.addButton(QMessageBox.StandardButton.Close))
    box.open()
    return box


def open_log_folder() -> None:
    """Open the folder of the log in the system's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(paths.log_file().parent)))


class CrashGuard(QObject):
    """Takes over Python's and Qt's last resort handlers; `crashed` carries the details and shows the dialog."""

    crashed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._telling = False
        self.crashed.connect(self._on_crash, Qt.ConnectionType.QueuedConnection)
        self._before = sys.excepthook
        sys.excepthook = self.handle
        qInstallMessageHandler(self._on_message)

    def handle(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Log an exception that nobody caught, and tell it later; Ctrl+C in a terminal keeps its meaning."""
        if issubclass(kind, KeyboardInterrupt):
            self._before(kind, error, trace)
            return
        text = details(kind, trace)
        _log.error(text)
        self.crashed.emit(text)

    @Slot(str)
    def _on_crash(self, text: str) -> None:
        # A bug in a paint event comes back with every repaint: one dialog at a time is enough.
        if self._telling:
            return
        self._telling = True
        show(text).finished.connect(self._on_closed)

    @Slot()
    def _on_closed(self) -> None:
        self._telling = False

    def stop(self) -> None:
        """Give the handlers back."""
        sys.excepthook = self._before
        qInstallMessageHandler(None)

    @staticmethod
    def _on_message(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        del context
        _log.log(_LEVELS[kind], "Qt: %s", message)
