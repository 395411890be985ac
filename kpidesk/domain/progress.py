"""How slow work reports and stops, without knowing who listens."""

from collections.abc import Callable
from threading import Event

from kpidesk.domain.problem import CancelledError


class Progress:
    """Handed down to slow work. Thread-safe: the worker reports, another thread cancels.

    `listen` is called in the worker's thread with (message, done, total); total 0 means unknown.
    """

    def __init__(self, listen: Callable[[str, int, int], None] | None = None) -> None:
        self._listen = listen
        self._cancelled = Event()

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self._cancelled.set()

    @property
    def cancelled(self) -> bool:
        """Whether someone asked to stop."""
        return self._cancelled.is_set()

    def report(self, message: str, done: int = 0, total: int = 0) -> None:
        """Say how far the work is; raises CancelledError when it should stop."""
        if self._cancelled.is_set():
            raise CancelledError("Cancelled. Nothing was changed.")
        if self._listen is not None:
            self._listen(message, done, total)


SILENT = Progress()
