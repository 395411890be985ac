"""What KPIDesk is, and the versions and licences of all that ships with it."""

import platform
import tomllib
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from kpidesk import __version__
from kpidesk.paths import resource
from kpidesk.ui.controls import Button
from kpidesk.ui.dialogs.sheet import Sheet
from kpidesk.ui.labels import Label


def parts() -> tuple[tuple[str, str, str], ...]:
    """Return name, version ("" when it has none that can be read) and licence of what ships."""
    listed = tomllib.loads(resource("help", "licences.toml").read_text(encoding="utf-8"))["parts"]
    return tuple((name, _version(distribution), licence) for name, distribution, licence in listed)


def _version(distribution: str) -> str:
    if distribution == "python":
        return platform.python_version()
    try:
        return version(distribution) if distribution else ""
    except PackageNotFoundError:  # it is not there on this system, or the installed program left its label out
        return ""


def versions_text() -> str:
    """Return what to send with a question: versions and the system, nothing of the user's."""
    lines = [f"KPIDesk {__version__}", f"{platform.system()} {platform.release()}, {platform.machine()}"]
    return "\n".join([*lines, *(f"{name} {number}" for name, number, _ in parts() if number)])


class AboutSheet(Sheet):
    """Version, privacy and licences."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("About KPIDesk", parent)
        self.head.addWidget(Label(f"KPIDesk {__version__}, MIT licence", "strong"))
        words = (
            "The truth about sales, on your own computer. KPIDesk never uses a network: "
            "no account, no tracking, no update check."
        )
        self.head.addWidget(Label(words, "body", "text2", wrap=True))
        self.body.addWidget(Label("What ships with it", "head"))
        table = QWidget()
        grid = QGridLayout(table)
        grid.setContentsMargins(0, 4, 0, 0)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(2, 1)
        for row, cells in enumerate(parts()):
            for column, text in enumerate(cells):
                grid.addWidget(Label(text, "small", "text" if column == 0 else "text2"), row, column)
        self.body.addWidget(table)
        self.body.addStretch(1)
        copy = Button("Copy versions", icon="copy")
        copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(versions_text()))
        self.buttons.insertWidget(0, copy)
