"""A long task of the wizard: what it does, how far it is, and Cancel. It shows itself only when it takes its time."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.problem import KpideskError
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.jobs import Job
from kpidesk.ui.labels import Label
from kpidesk.ui.session import Session
from kpidesk.ui.theme import color

if TYPE_CHECKING:
    from kpidesk.domain.progress import Progress
    from kpidesk.workspace import Workspace

LONG_TASK_MS = 400


class Bar(QWidget):
    """A determinate progress bar; without a known total it stays empty and the words tell."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = 0.0
        self.setFixedHeight(6)

    def set_share(self, share: float) -> None:
        """Show a share between 0 and 1."""
        self._share = min(max(share, 0.0), 1.0)
        self.setAccessibleName(f"{self._share:.0%} done")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track and bar."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        box = QRectF(self.rect())
        painter.setBrush(color("band3"))
        painter.drawRoundedRect(box, 3, 3)
        if self._share:
            painter.setBrush(color("accent"))
            painter.drawRoundedRect(QRectF(0, 0, max(6.0, box.width() * self._share), box.height()), 3, 3)


class TaskCard(Card):
    """Runs one task at a time for its `owner`; hidden before 400 ms have passed. `cancelled` asks the owner to stop it."""

    cancelled = Signal()

    def __init__(self, session: Session, owner: QObject, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._owner = session, owner
        self._job: Job | None = None
        self._slow = QTimer(self, singleShot=True, interval=LONG_TASK_MS)
        self._slow.timeout.connect(self._appear)
        session.jobs.progressed.connect(self._on_progress)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 14)
        column.setSpacing(8)
        head = QHBoxLayout()
        self.title = Label("", role="strong")
        self.counts = Label("", role="small", tone="text2")
        head.addWidget(self.title)
        head.addStretch(1)
        head.addWidget(self.counts)
        column.addLayout(head)
        self.bar = Bar()
        column.addWidget(self.bar)
        line = QHBoxLayout()
        line.addWidget(Label("You can keep working.", role="small", tone="text2"))
        line.addStretch(1)
        self.cancel = Button("Cancel")
        self.cancel.clicked.connect(self.cancelled)
        line.addWidget(self.cancel)
        column.addLayout(line)
        self.hide()

    def run(
        self,
        work: "Callable[[Workspace, Progress], Any]",
        done: Callable[[Any], None],
        failed: Callable[[KpideskError], None],
        topic: str = "",
        *,
        write: bool = False,
    ) -> None:
        """Start a task, which reads or writes the workspace."""
        self._slow.start()
        start = self._session.write if write else self._session.ask
        job = start(self._owner, work, done, failed, topic)
        # An inline job has ended by now, and its end stopped the timer.
        self._job = job if self._slow.isActive() else None

    def end(self) -> None:
        """Forget the task, which is over."""
        self._slow.stop()
        self._job = None
        self.hide()
        self.report("", 0, 0)

    def stop(self) -> None:
        """Cancel the task, if one runs."""
        if self._job is not None:
            self._job.progress.cancel()
        self.end()

    @Slot(object, str, int, int)
    def _on_progress(self, job: object, message: str, done: int, total: int) -> None:
        if job is self._job:
            self.report(message, done, total)

    def _appear(self) -> None:
        if self._job is not None:
            if not self.title.text():
                self.report("Working", 0, 0)
            self.show()

    def report(self, message: str, done: int, total: int) -> None:
        """Show how far the task is."""
        self.title.setText(message)
        self.counts.setText(f"{done:,} of {total:,}" if total else "")
        self.bar.set_share(done / total if total else 0.0)
