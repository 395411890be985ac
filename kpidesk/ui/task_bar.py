"""The line at the bottom of the window for tasks that take longer than a moment: what, how far, and Cancel."""

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QProgressBar, QStatusBar, QWidget

from kpidesk.ui.controls import Button
from kpidesk.ui.jobs import Job, Jobs
from kpidesk.ui.labels import Label

LONG_TASK_MS = 400


class TaskBar(QStatusBar):
    """Shown while a task with a title runs, from 400 ms on."""

    def __init__(self, jobs: Jobs, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._job: Job | None = None
        self._title = ""
        self._words = Label("", "small", "text2")
        self._bar = QProgressBar()
        self._bar.setFixedWidth(220)
        self._bar.setTextVisible(False)
        self.cancel = Button("Cancel", "ghost")
        self.cancel.clicked.connect(self._cancel)
        for widget in (self._words, self._bar, self.cancel):
            self.addWidget(widget)
        self._slow = QTimer(self, singleShot=True, interval=LONG_TASK_MS)
        self._slow.timeout.connect(self.show)
        jobs.progressed.connect(self._on_progress)
        jobs.busy.connect(self._on_busy)
        self.hide()

    @Slot(str)
    def _on_busy(self, title: str) -> None:
        self._title = title
        self._words.setText(title)
        self._bar.setRange(0, 0)
        if title:
            self._slow.start()
        else:
            self._slow.stop()
            self._job = None
            self.hide()

    @Slot(object, str, int, int)
    def _on_progress(self, job: object, message: str, done: int, total: int) -> None:
        if isinstance(job, Job) and job.title and self._title:
            self._job = job
            self._words.setText(f"{message}, {done:,} of {total:,}" if total else message or job.title)
            self._bar.setRange(0, total)
            self._bar.setValue(done)

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.progress.cancel()
