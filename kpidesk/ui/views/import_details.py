"""What more there is to say of one import: of which day it is, and which open deals it lacks."""

from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.snapshot import Snapshot
from kpidesk.present.numbers import plural
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.widgets.day_line import DayLine
from kpidesk.ui.widgets.panels import Mark


class ImportDetails(QWidget):
    """`day_chosen` carries the day that the user says the file is of, `answer` asks for the page of the missing deals."""

    day_chosen = Signal(object)
    answer = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        self.day = DayLine()
        self.day.chosen.connect(self.day_chosen)
        column.addWidget(self.day)
        self.missing = QWidget()
        line = QHBoxLayout(self.missing)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        self.words = Label("", wrap=True)
        self.ask = Button("Say what became of them", "link")
        self.ask.clicked.connect(self.answer)
        line.addWidget(Mark(Status.WARN))
        line.addWidget(self.words, 1)
        line.addWidget(self.ask)
        column.addWidget(self.missing)
        self._show_missing(0)

    def show_known(self, seen: Snapshot | None, missing: int, today: date, locked: str = "") -> None:
        """Show of which day the import is, None hides that, and how many open deals it lacks, 0 hides that."""
        self.setVisible(seen is not None or missing > 0)
        self.day.show_snapshot(seen, today, locked)
        self._show_missing(missing)

    def _show_missing(self, number: int) -> None:
        one = number == 1
        self.words.setText(
            f"{plural(number, 'open deal')} known before {'is' if one else 'are'} not in this file, "
            f"and {'counts' if one else 'count'} as open until you say what became of {'it' if one else 'them'}."
        )
        self.ask.setText(f"Say what became of {'it' if one else 'them'}")
        self.ask.updateGeometry()
        self.missing.setVisible(number > 0)
