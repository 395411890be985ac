"""Fields of a form: label above with its mnemonic, the control, and below it what is wrong or worth knowing."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Display
from kpidesk.domain.problem import KpideskError
from kpidesk.present.typed import typed_text, typed_value
from kpidesk.ui.labels import Label
from kpidesk.ui.style import OUTLINE
from kpidesk.ui.theme import color, font, scaled
from kpidesk.ui.widgets.panels import Mark
from kpidesk.ui.widgets.roving import scroll_to


class FieldLabel(Label):
    """The words above a field; Alt and the letter after & go to it."""

    def __init__(self, text: str, buddy: QWidget) -> None:
        super().__init__(text, "smallm")
        self.setBuddy(buddy)
        buddy.setAccessibleName(text.replace("&", ""))

    def sizeHint(self) -> QSize:
        """Return the room of the words without the &."""
        return QSize(QFontMetrics(font("smallm")).horizontalAdvance(self.text().replace("&", "")), scaled(20))

    def minimumSizeHint(self) -> QSize:
        """Give way in a narrow row."""
        return QSize(20, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the words, the letter underlined for those who work with the keyboard."""
        del event
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setPen(color("text"))
        keyboard = self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        letters = Qt.TextFlag.TextShowMnemonic if keyboard else Qt.TextFlag.TextHideMnemonic
        painter.drawText(
            QRectF(self.rect()), int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine | letters), self.text()
        )


class Note(QWidget):
    """A line under a field: a status shape and a sentence; hidden while there is nothing to say."""

    def __init__(self, *beside: QWidget) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 2, 0, 0)
        self._row.setSpacing(7)
        self._mark: Mark | None = None
        self.words = Label("", "small", wrap=True)
        self._row.addWidget(self.words, 1)
        for widget in beside:
            self._row.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        self.hide()

    @property
    def text(self) -> str:
        """What it says."""
        return "" if self.isHidden() else self.words.text()

    def say(self, words: str, status: Status | None = None) -> None:
        """Say something, with the shape and the ink of a status; "" says nothing."""
        if self._mark is not None:
            self._row.removeWidget(self._mark)
            self._mark.hide()
            self._mark.deleteLater()
            self._mark = None
        if words and status is not None:
            self._mark = Mark(status)
            self._row.insertWidget(0, self._mark, 0, Qt.AlignmentFlag.AlignTop)
        self.words.set_tone("text2" if status is None else f"{status.value}_fg")
        self.words.setText(words)
        self.setVisible(bool(words))


class Field(QWidget):
    """A control with its label and note."""

    def __init__(self, label: str, control: QWidget, *mends: QWidget) -> None:
        super().__init__()
        self.control = control
        self.label = FieldLabel(label, control)
        control.installEventFilter(self)
        self.note = Note(*mends)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.label)
        head.addStretch(1)
        body.addLayout(head)
        body.addWidget(control)
        body.addWidget(self.note)
        body.addStretch(1)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Bring the field into view when the focus comes to it, however it comes."""
        if event.type() is QEvent.Type.FocusIn and watched is self.control:
            scroll_to(self)
        return False

    def refuse(self, words: str) -> None:
        """Outline the control and say why its content is not taken; "" takes it."""
        self.control.setProperty(OUTLINE, "bad" if words else "")
        self.control.update()
        self.note.say(words, Status.BAD if words else None)


class TextEdit(QLineEdit):
    """A line of text. `edited` tells of every change that the user makes."""

    edited = Signal()

    def __init__(self, placeholder: str = "", length: int = 240) -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setMaxLength(length)
        self.setMinimumWidth(40)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.textEdited.connect(self._on_typed)

    def _on_typed(self, text: str) -> None:
        self._read(text)
        self.edited.emit()

    def _read(self, text: str) -> None:
        """Take what was typed before anybody is told of it."""

    def show_text(self, text: str) -> None:
        """Show a text, without moving the caret of someone who types the same."""
        if self.text() != text:
            self.setText(text)
            if not self.hasFocus():
                self.setCursorPosition(0)  # a long text shows its beginning

    def suggest(self, words: tuple[str, ...]) -> None:
        """Offer words while typing; Down shows those that fit."""
        made = QCompleter(list(words), self)
        made.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        made.setFilterMode(Qt.MatchFlag.MatchContains)
        made.activated.connect(lambda _: self.edited.emit())
        self.setCompleter(made)


class ValueEdit(TextEdit):
    """A value of a KPI, typed as people write it. `value` is the last one that could be read; `wrong` says why the text cannot."""

    def __init__(self) -> None:
        super().__init__(length=40)
        self.display, self.currency = Display.NUMBER, "GBP"
        self.value: float | None = None
        self.wrong = ""

    def show_value(self, value: float | None, display: Display, currency: str) -> None:
        """Show a value; a text that means the same is left as it was typed."""
        same = (value, display) == (self.value, self.display) and not self.wrong
        self.value, self.display, self.currency = value, display, currency
        if not (same and self.text().strip()):
            self.wrong = ""
            self.show_text(self._written())

    def _written(self) -> str:
        return typed_text(self.value, self.display, self.currency)

    def _read(self, text: str) -> None:
        try:
            self.value, self.wrong = typed_value(text, self.display, self.currency), ""
        except KpideskError as error:
            self.wrong = str(error)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Write the value as the program does."""
        super().focusOutEvent(event)
        if not self.wrong and self.value is not None:
            self.show_text(self._written())


def row(*fields: tuple[QWidget, int]) -> QHBoxLayout:
    """Return fields side by side, each with its share of the width."""
    made = QHBoxLayout()
    made.setSpacing(scaled(16))
    for widget, share in fields:
        made.addWidget(widget, share, Qt.AlignmentFlag.AlignTop)
    return made
