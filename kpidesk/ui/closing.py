"""Closing the window while the workspace is being changed: wait, or cancel and close."""

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QMessageBox, QWidget

from kpidesk.ui.jobs import Jobs


class ClosingGuard(QObject):
    """Asks before an import is cut off. When it ends while the question stands, the question goes and the window stays."""

    def __init__(self, jobs: Jobs, window: QWidget) -> None:
        super().__init__(window)
        self._jobs = jobs
        self._window = window
        self._question: QMessageBox | None = None
        self._forced = False
        jobs.ended.connect(self._on_ended)

    def may_close(self) -> bool:
        """Whether the window can close now; else the question is open."""
        if self._forced or not self._jobs.writing:
            return True
        if self._question is None:
            self._ask()
        return False

    def _ask(self) -> None:
        box = QMessageBox(self._window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setIcon(QMessageBox.Icon.Question)
        box.setWindowTitle("KPIDesk")
        box.setText("The workspace is still being changed")
        words = "An import or the undoing of one has not finished. Once cancelled, it leaves the workspace as it was before."
        box.setInformativeText(words)
        wait = box.addButton("Wait", QMessageBox.ButtonRole.RejectRole)
        cancel = box.addButton("Cancel it and close", QMessageBox.ButtonRole.DestructiveRole)
        box.setDefaultButton(wait)
        box.setEscapeButton(wait)
        cancel.clicked.connect(self._force)
        box.finished.connect(self._on_answered)
        self._question = box
        box.open()

    @Slot()
    def _on_answered(self) -> None:
        self._question = None

    @Slot()
    def _force(self) -> None:
        self._forced = True
        self._window.close()

    @Slot()
    def _on_ended(self) -> None:
        if self._question is not None and not self._jobs.writing:
            self._question.reject()
