"""Slow work off the GUI thread: a plain function and two callbacks, on one lane because the workspace has one connection."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal, Slot
from shiboken6 import isValid

from kpidesk.domain.problem import CancelledError, KpideskError
from kpidesk.domain.progress import Progress
from kpidesk.ui.crash import details

Work = Callable[[Progress], Any]
_log = logging.getLogger("kpidesk")


@dataclass(slots=True)
class Job:
    """One piece of work. `topic` jobs replace each other: the newest wins. `writes` is whether it changes the workspace."""

    owner: QObject
    work: Work
    done: Callable[[Any], None]
    failed: Callable[[KpideskError], None] | None
    topic: str
    title: str
    writes: bool = False
    progress: Progress = field(default_factory=Progress)


class _Runner(QRunnable):
    def __init__(self, job: Job, tell: Callable[[Job, Any, BaseException | None], None]) -> None:
        super().__init__()
        self._job = job
        self._tell = tell

    def run(self) -> None:
        """Do the work in the lane's thread and tell how it ended."""
        try:
            self._tell(self._job, self._job.work(self._job.progress), None)
        except BaseException as error:  # noqa: BLE001 - whatever happens, the window hears of it
            self._tell(self._job, None, error)


class Jobs(QObject):
    """Runs jobs. `inline` runs them at once, for tests. Only this object owns signals; jobs are plain objects."""

    ended = Signal(object, object, object)
    progressed = Signal(object, str, int, int)
    failed = Signal(str)  # the sentence of a job that had nobody to tell
    crashed = Signal(str)  # the details of a bug, without any data
    busy = Signal(str)

    def __init__(self, *, inline: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inline = inline
        self._lane = QThreadPool(self)
        self._lane.setMaxThreadCount(1)
        self._newest: dict[str, Job] = {}
        self._running: list[Job] = []
        self.ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    def run(
        self,
        owner: QObject,
        work: Work,
        *,
        done: Callable[[Any], None],
        failed: Callable[[KpideskError], None] | None = None,
        topic: str = "",
        title: str = "",
        writes: bool = False,
    ) -> Job:
        """Run `work(progress)` off the GUI thread and give its result to `done` on it, unless `owner` is gone by then."""
        job = Job(owner, work, done, failed, topic, title, writes)
        if topic:
            if topic in self._newest:
                self._newest[topic].progress.cancel()
            self._newest[topic] = job
        self._running.append(job)
        if self._inline:
            try:
                result, error = work(job.progress), None
            except BaseException as caught:  # noqa: BLE001 - as in the lane
                result, error = None, caught
            self._on_ended(job, result, error)
            return job
        job.progress = Progress(lambda message, done_, total: self.progressed.emit(job, message, done_, total))
        if title:
            self.busy.emit(title)
        self._lane.start(_Runner(job, self.ended.emit))
        return job

    @property
    def writing(self) -> bool:
        """Whether a job that changes the workspace is running or waiting to run."""
        return any(job.writes for job in self._running)

    def wait(self) -> None:
        """Wait until the lane is empty, before the program ends."""
        for job in self._running:
            job.progress.cancel()
        self._lane.waitForDone()

    @Slot(object, object, object)
    def _on_ended(self, job: Job, result: Any, error: BaseException | None) -> None:  # noqa: ANN401 - a job gives anything
        if job in self._running:
            self._running.remove(job)
        if not self._running:
            self.busy.emit("")
        if not isValid(job.owner) or (job.topic and self._newest.get(job.topic) is not job):
            return
        if error is None:
            job.done(result)
        elif isinstance(error, CancelledError):
            return
        elif isinstance(error, KpideskError):
            if job.failed is not None:
                job.failed(error)
            else:
                self.failed.emit(str(error))
        else:
            text = details(type(error), error.__traceback__)
            _log.error(text)
            self.crashed.emit(text)
