"""The notes on a KPI, newest first, and the line that adds one."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from kpidesk.domain.note import Note
from kpidesk.present.numbers import day
from kpidesk.ui.controls import Button, Card, Divider
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import scaled
from kpidesk.ui.widgets.panels import PanelHead, panel_body

_DAY = 116


class NotesPanel(Card):
    """Shows notes. `added` carries the day as typed and the text, `removed` a Note."""

    added = Signal(str, str)
    removed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.when, self.text, self.add = QLineEdit(), QLineEdit(), Button("Add note", "secondary", "plus")
        self.when.setAccessibleName("Day of the note")
        self.text.setAccessibleName("Note")
        self.text.setPlaceholderText("What happened that the data does not say, for example a new price list")
        self.text.setMaxLength(240)
        self.trouble = Label("", "small", "bad_fg")
        self.trouble.hide()
        line = QHBoxLayout()
        line.setSpacing(8)
        for widget, stretch in ((self.when, 0), (self.text, 1), (self.add, 0)):
            line.addWidget(widget, stretch)
        body = panel_body(self)
        body.addWidget(PanelHead("Notes"))
        body.addLayout(line)
        body.addWidget(self.trouble)
        body.addSpacing(8)
        self._rows = QVBoxLayout()
        self._rows.setSpacing(0)
        body.addLayout(self._rows)
        body.addStretch(1)
        self.buttons: list[Button] = []
        self.add.clicked.connect(self._tell)
        for edit in (self.when, self.text):
            edit.returnPressed.connect(self._tell)

    def show_notes(self, notes: Sequence[Note], today: str, locked: str = "") -> None:
        """Show notes; `today` is the day that a new one is of unless another is typed."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        for note in reversed(notes):
            self._rows.addWidget(Divider())
            self._rows.addWidget(self._row(note, locked))
        if not self.when.text().strip():
            self.when.setText(today)
        self.when.setFixedWidth(scaled(_DAY))
        for control in (self.when, self.text, self.add):
            control.setEnabled(not locked)
            control.setToolTip(locked.replace("<", "‹"))

    def _row(self, note: Note, locked: str) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(12)
        when = Label(day(note.day), "small", "text2")
        when.setFixedWidth(scaled(_DAY - 12))
        remove = Button("", "ghost", "x", compact=True)
        remove.setAccessibleName(f"Remove the note of {day(note.day)}")
        remove.setToolTip(locked.replace("<", "‹") or "Remove this note")
        remove.setEnabled(not locked)
        remove.clicked.connect(lambda: self.removed.emit(note))
        self.buttons.append(remove)
        row.addWidget(when, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Label(note.text, "body", wrap=True), 1)
        row.addWidget(remove, 0, Qt.AlignmentFlag.AlignTop)
        return box

    def refuse(self, words: str) -> None:
        """Say why a note is not kept; "" takes it back."""
        self.trouble.setText(words)
        self.trouble.setVisible(bool(words))

    def clear(self) -> None:
        """Make room for the next note."""
        self.text.clear()
        self.refuse("")

    def _tell(self) -> None:
        self.added.emit(self.when.text(), self.text.text())
