"""Where a file is dropped or chosen."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color
from kpidesk.ui.widgets.empty_state import IconTile

SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
FILTER = f"CRM exports ({' '.join(f'*{suffix}' for suffix in SUFFIXES)});;All files (*)"


class DropZone(QWidget):
    """A dashed outline that takes spreadsheets; `dropped` carries their paths. All else that is dragged is left to the window."""

    choose = Signal()
    choose_folder = Signal()
    dropped = Signal(list)

    def __init__(self, title: str, words: str, kind: str = "secondary", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._over = False
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 39, 24, 24)
        column.setSpacing(5)
        centre = Qt.AlignmentFlag.AlignHCenter
        column.addWidget(IconTile("file-spreadsheet", 46, 56, 24), 0, centre)
        column.addSpacing(13)
        column.addWidget(Label(title, role="h2"), 0, centre)
        column.addWidget(Label(words, role="small", tone="text2"), 0, centre)
        column.addSpacing(16)
        self.button = Button("Choose a file", kind, "folder-open")
        self.button.clicked.connect(self.choose)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.folder_button = Button("Choose a folder")
        self.folder_button.clicked.connect(self.choose_folder)
        buttons.addWidget(self.button)
        buttons.addWidget(self.folder_button)
        column.addLayout(buttons)
        column.setAlignment(buttons, centre)

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
        pen = QPen(color("accent" if self._over else "control"), 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.setBrush(color("accent_soft" if self._over else "surface"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 10, 10)


def local_files(event: QDropEvent) -> list[Path]:
    """Return the local files that are being dragged."""
    return local_paths(event.mimeData())


def local_paths(data: QMimeData) -> list[Path]:
    """Return the local files that are dragged or were copied."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
