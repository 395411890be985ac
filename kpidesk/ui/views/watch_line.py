"""The watched folder on the page of imports: which it is, what is new in it, and the way to choose or leave it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label

if TYPE_CHECKING:
    from kpidesk.ui.watching import FolderWatch


class WatchLine(QWidget):
    """One line under the list of imports."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._watch: FolderWatch | None = None
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(14)
        self.words = Label("", role="small", tone="text2", elide=True)
        self.look = Button("Look", "link")
        self.choose = Button("Watch a folder", "link")
        self.stop = Button("Stop watching", "link")
        line.addWidget(self.words, 1)
        for button in (self.look, self.choose, self.stop):
            line.addWidget(button)
        self.choose.clicked.connect(self._choose)

    def follow(self, watch: "FolderWatch") -> None:
        """Show what a watch knows from now on."""
        self._watch = watch
        watch.changed.connect(self._show)
        self.look.clicked.connect(watch.open_found)
        self.stop.clicked.connect(watch.stop)
        self._show()

    def _choose(self) -> None:
        where = str(Path.home())
        folder = QFileDialog.getExistingDirectory(self, "Watch a folder for new exports", where)
        if folder and self._watch is not None:
            self._watch.watch(Path(folder))

    def _show(self) -> None:
        watch = self._watch
        folder = None if watch is None else watch.folder
        found = 0 if watch is None else len(watch.found)
        words = "KPIDesk can tell you of new exports in a folder such as Downloads."
        if folder is not None:
            new = f"{plural(found, 'new export')}" if found else "nothing new"
            words = f"Watching {folder.name}: {new}"
        self.words.setText(words)
        self.words.setToolTip("" if folder is None else str(folder).replace("<", "‹"))
        self.look.setVisible(found > 0)
        self.stop.setVisible(folder is not None)
        self.choose.setText("Watch another folder" if folder is not None else "Watch a folder")
        self.choose.updateGeometry()
