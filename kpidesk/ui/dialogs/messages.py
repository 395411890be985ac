"""Errors as a dialog: what happened in the first sentence, the rest beneath it. Data in it is never read as markup."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from kpidesk.ui import crash


def tell_bug(parent: QWidget, details: str) -> None:
    """Say that something went wrong, once at a time: the same bug may come with every refresh."""
    if not any(box.isVisible() for box in parent.findChildren(QMessageBox)):
        crash.show(details, parent)


def tell(parent: QWidget, words: str) -> QMessageBox:
    """Show sentences without blocking; the same ones are not shown twice at a time. Returns the open dialog."""
    title, _, rest = words.partition(". ")
    title = f"{title}." if rest else title
    for open_box in parent.findChildren(QMessageBox):
        if open_box.isVisible() and (open_box.text(), open_box.informativeText()) == (title, rest):
            return open_box
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setIcon(QMessageBox.Icon.Warning)
    box.setWindowTitle("KPIDesk")
    box.setText(title)
    # The informative text has no format of its own and would guess.
    box.setInformativeText(rest.replace("<", "‹"))
    box.open()
    return box
