"""What happens while files are dragged over the window, and what a drop of them means."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QWidget

from kpidesk.domain.progress import Progress
from kpidesk.ui.icons import paint_icon
from kpidesk.ui.theme import color, scaled
from kpidesk.ui.views.import_steps.drop_zone import SUFFIXES
from kpidesk.ui.widgets import paint

WORKSPACE = ".kpidesk"
_FORMATS = "CSV, TSV, XLSX, XLS or ODS"
_MOST_FILES, _MOST_ENTRIES = 50, 20_000


@dataclass(frozen=True, slots=True)
class Dropped:
    """A workspace to open, or files to import, or else `trouble`: why nothing can be done with what was dropped, and what to do."""

    workspace: Path | None = None
    files: tuple[Path, ...] = ()
    trouble: str = ""


def sort_dropped(paths: Sequence[Path], progress: Progress) -> Dropped:
    """Say what was dropped, with all spreadsheets inside of folders. Slow for large folders; stops when `progress` is cancelled."""
    workspaces = [path for path in paths if path.suffix.lower() == WORKSPACE]
    if workspaces:
        if len(paths) > 1:
            return Dropped(trouble="A workspace is opened by itself. Drop either one workspace or the files to import.")
        return Dropped(workspace=workspaces[0])
    files: list[Path] = []
    strange: list[Path] = []
    for path in paths:
        if path.is_dir():
            found = _inside(path, progress)
            if found is None or len(files) + len(found) > _MOST_FILES:
                words = (
                    f"{path.name} holds too many files. Drop only the ones to import, at most {_MOST_FILES} at a time."
                )
                return Dropped(trouble=words)
            if not found:
                return Dropped(trouble=f"There is no spreadsheet in {path.name}. Drop a folder with {_FORMATS} files.")
            files += found
        else:
            (files if path.suffix.lower() in SUFFIXES else strange).append(path)
    if strange:
        others = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        words = (
            f"{strange[0].name}{others} cannot be imported. Drop {_FORMATS} files, a folder of them, or a workspace."
        )
        return Dropped(trouble=words)
    return Dropped(files=tuple(files))


def _inside(folder: Path, progress: Progress) -> list[Path] | None:
    """Return the spreadsheets below a folder by name, None when there are too many entries to look through."""
    found: list[Path] = []
    seen = 0
    for where, folders, names in os.walk(folder):
        progress.report(f"Looking into {folder.name}")
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        seen += len(names) + len(folders)
        if seen > _MOST_ENTRIES:
            return None
        # Text files in a folder are mostly notes; "~$" and "." begin the names of files that a program keeps open or hides.
        found += [
            Path(where, name)
            for name in sorted(names)
            if Path(name).suffix.lower() in SUFFIXES and not name.lower().endswith(".txt") and name[0] not in "~."
        ]
    return found


def words_for(paths: Sequence[Path]) -> tuple[str, str]:
    """Return what the overlay says of files that are still being dragged, from their names alone: a title and a line."""
    first = paths[0].name
    others = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    if paths[0].suffix.lower() == WORKSPACE:
        return "Drop to open", first
    if all(path.suffix and path.suffix.lower() not in SUFFIXES for path in paths) and not any(map(Path.is_dir, paths)):
        return "This cannot be imported", f"{first}{others}"
    return "Drop to import", f"{first}{others}"


class DropOverlay(QWidget):
    """An accent dashed outline over the whole window. Drags pass through it, so the widgets beneath still get them."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.title, self.line = "", ""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_for(self, paths: Sequence[Path]) -> None:
        """Cover the window and say what a drop will do."""
        self.title, self.line = words_for(paths)
        self.setGeometry(self._window.rect())
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint a veil, the outline and the words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        veil = color("canvas")
        veil.setAlphaF(0.9)
        painter.fillRect(self.rect(), veil)
        painter.setPen(QPen(color("accent"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(color("accent_soft"))
        box = QRectF(self.rect()).adjusted(24, 24, -24, -24)
        painter.drawRoundedRect(box, 12, 12)
        middle = box.center()
        paint_icon(painter, QRectF(middle.x() - 14, middle.y() - 60, 28, 28), "file-spreadsheet", "accent_text")
        below = scaled(20)
        for words, role, tone, top in ((self.title, "title", "accent_text", -18), (self.line, "body", "text2", below)):
            left = middle.x() - min(paint.text_width(words, role), box.width() - 48) / 2
            paint.text(painter, left, middle.y() + top, words, role, tone, box.width() - 48)
