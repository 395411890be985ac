"""Of which day a file is, why, and the way to say another."""

from datetime import date, timedelta

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.snapshot import DatedBy, Snapshot
from kpidesk.present.numbers import day
from kpidesk.present.typed_days import read_day
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled

_WIDE = 124


class DayLine(QWidget):
    """Shows a Snapshot with its evidence. `chosen` carries the day that the user typed instead."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.seen: Snapshot | None = None
        self._today = date.max
        self.words = Label("", wrap=True)
        self.words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.change = Button("Change the day", "link")
        self.change.clicked.connect(self._begin)
        self.edit = QLineEdit()
        self.edit.setAccessibleName("Day on which the file was exported")
        self.edit.setPlaceholderText("9 Aug 2026")
        self.set_day, self.keep = Button("Set the day", compact=True), Button("Keep it", "ghost", compact=True)
        self.set_day.clicked.connect(self._tell)
        self.edit.returnPressed.connect(self._tell)
        self.keep.clicked.connect(self._end)
        self.trouble = Label("", "small", "bad_fg", wrap=True)
        told = QHBoxLayout()
        told.setSpacing(12)
        told.addWidget(self.words, 1)
        told.addWidget(self.change, 0, Qt.AlignmentFlag.AlignTop)
        self._form = QWidget()
        asked = QHBoxLayout(self._form)
        asked.setContentsMargins(0, 0, 0, 0)
        asked.setSpacing(8)
        for part in (self.edit, self.set_day, self.keep):
            asked.addWidget(part)
            part.installEventFilter(self)
        asked.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(told)
        column.addWidget(self._form)
        column.addWidget(self.trouble)
        self._end()

    def show_snapshot(self, seen: Snapshot | None, today: date, locked: str = "") -> None:
        """Show of which day a file is; `today` is the last day that can be chosen."""
        self._today = today
        if seen != self.seen:
            self._end()
        self.seen = seen
        self.setVisible(seen is not None)
        if seen is not None:
            chosen = seen.by is DatedBy.CHOSEN
            self.words.setText(
                f"As of {day(seen.day)}. {seen.evidence}" if not chosen else f"As of {day(seen.day)}, as you chose."
            )
        self.change.setEnabled(not locked)
        self.change.setToolTip(locked.replace("<", "‹"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Esc keeps the day."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self._end()
            self.change.setFocus(Qt.FocusReason.OtherFocusReason)
            return True
        return super().eventFilter(watched, event)

    def _begin(self) -> None:
        self.edit.setFixedWidth(scaled(_WIDE))
        self.edit.setText("" if self.seen is None else day(self.seen.day))
        self._form.show()
        self.change.hide()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit.selectAll()

    def _end(self) -> None:
        self._form.hide()
        self.change.show()
        self._refuse("")

    def _refuse(self, words: str) -> None:
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def _tell(self) -> None:
        found = read_day(self.edit.text(), self._today - timedelta(days=364))
        if found is None:
            self._refuse("Write a day such as 9 Aug 2026.")
        elif found > self._today:
            self._refuse(f"{day(found)} is still to come, so no file can be of it.")
        else:
            self._end()
            self.chosen.emit(found)
