"""A table on the clipboard, copied from Excel, Sheets or a browser: into the import wizard as a file of its own."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, QTemporaryDir
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget

from kpidesk.ui.files import Files
from kpidesk.ui.pages import Pages
from kpidesk.ui.views.import_steps.drop_zone import local_paths
from kpidesk.ui.views.imports import ImportsView

NAME = "Pasted table"
_NOTHING = "Copy a table in Excel or in a browser first"


class Pasting(QObject):
    """Takes a table from the clipboard: by the command anywhere, by Ctrl+V on the welcome and the imports page.

    The table stands in a folder for this sitting alone, which goes when the program ends.
    """

    def __init__(self, files: Files, pages: Pages, window: QWidget) -> None:
        super().__init__(window)
        self._files = files
        self._folder: QTemporaryDir | None = None
        self._number = 0
        for view in (pages.welcome, pages.view(ImportsView)):
            # Fields take the keys before this does.
            QShortcut(QKeySequence.StandardKey.Paste, view, self.paste)

    def unusable(self) -> str:
        """Why there is nothing to paste, "" when there is."""
        data = _clipboard()
        return "" if local_paths(data) or table_in(data) else _NOTHING

    def paste(self) -> None:
        """Show the copied table, or copied files, in the import wizard; nothing happens where nothing of the kind was copied."""
        data = _clipboard()
        if paths := local_paths(data):
            self._files.drop(paths)
        elif table := table_in(data):
            self._files.import_files([self._kept(table)])

    def _kept(self, table: str) -> Path:
        if self._folder is None:
            self._folder = QTemporaryDir()
        self._number += 1
        folder = Path(self._folder.path()) / str(self._number)
        folder.mkdir()
        path = folder / NAME
        path.write_text(table, encoding="utf-8", errors="replace", newline="")
        return path


def _clipboard() -> QMimeData:
    # There is none at all where nothing was copied yet on some systems, whatever the types say.
    found: QMimeData | None = QGuiApplication.clipboard().mimeData()
    return QMimeData() if found is None else found


def table_in(data: QMimeData) -> str:
    """Return the table that was copied: its cells with tabs between, or as HTML where only that has them; "" for none."""
    text = data.text()
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and any(mark in lines[0] for mark in "\t,;|"):
        return text
    return data.html() if "<table" in data.html().lower() else ""
