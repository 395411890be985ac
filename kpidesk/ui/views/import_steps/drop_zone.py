"""Where a file is dropped or chosen."""

from pathlib import Path

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
FILTER = f"CRM exports ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"


class DropZone(QWidget):
    """A dashed outline that takes spreadsheets; `dropped` carries their paths. All else that is dragged is left to the window."""

    choose = Signal()
    dropped = Signal(list)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._over = False
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 56, 24, 56)
        column.setSpacing(6)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(Label("Drop a CRM export here", role="h2"), 0, centre)
        column.addWidget(
            Label("CSV, XLSX, XLS or ODS. Nothing is saved until the last step.", role="body", tone="text2"), 0, centre
        )
        column.addSpacing(8)
        self.button = Button("Choose a file", "primary", "folder-open")
        self.button.clicked.connect(self.choose)
        column.addWidget(self.button, 0, centre)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take spreadsheets."""
        paths = local_files(event)
        if paths and all(path.suffix.lower() in SUFFIXES for path in paths):
            self._over = True
            self.update()
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Forget them."""
        del event
        self._over = False
        self.update()

    def dropEvent(self, event: QDropEvent) -> None:
        """Tell their paths."""
        self._over = False
        self.update()
        if paths := local_files(event):
            event.acceptProposedAction()
            self.dropped.emit(paths)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the ground and its dashed outline."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("accent" if self._over else "control"), 1.5, Qt.PenStyle.DashLine))
        painter.setBrush(color("accent_soft" if self._over else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)


def local_files(event: QDropEvent) -> list[Path]:
    """Return the local files that are being dragged."""
    return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
