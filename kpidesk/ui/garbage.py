"""Python's cycle collector on the GUI thread only: run in a worker it may destroy widgets there and end the process."""

import gc

from PySide6.QtCore import QObject, QTimer, Slot

_INTERVAL_MS = 1_000


class Collector(QObject):
    """Turns automatic collection off while it lives and collects on a timer of the thread that made it.

    A generation is collected when its count passes the interpreter's own threshold, so that an idle window does next to nothing.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        gc.disable()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.collect)
        self._timer.start(_INTERVAL_MS)

    @Slot()
    def collect(self) -> None:
        """Collect the oldest generation that is due, and with it the younger ones."""
        for generation in (2, 1, 0):
            if gc.get_count()[generation] > gc.get_threshold()[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Give collection back to the interpreter."""
        self._timer.stop()
        gc.enable()
