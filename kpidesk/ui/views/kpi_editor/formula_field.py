"""The formula: highlighted, numbered, with completion at the caret, help with its function, and mistakes underlined with their mends."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QMimeData, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetricsF,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPlainTextEdit, QTextEdit, QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.formula.completion import Completion, Help, Signature
from kpidesk.present.editor import Mistake
from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Button
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, fix_height, font, scaled
from kpidesk.ui.views.kpi_editor.completer import CompletionList
from kpidesk.ui.views.kpi_editor.highlight import Highlighter
from kpidesk.ui.widgets import paint
from kpidesk.ui.widgets.fields import FieldLabel, Note

_HEIGHT, _GUTTER, _LETTERS, _FIXES = 84, 30, 2, 3
Asked = Callable[[str, int], None]


class FormulaEdit(QPlainTextEdit):
    """The text itself. `ask` is called with the text and the caret whenever help with them may be wanted."""

    fix_asked = Signal()
    helped = Signal(object)  # the Signature around the caret, or None

    def __init__(self, ask: Asked) -> None:
        super().__init__()
        self._ask = ask
        self._list: CompletionList | None = None
        self._wanted = False
        self._inserting = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().setDocumentMargin(6)
        self.highlighter = Highlighter(self.document())
        self.cursorPositionChanged.connect(self._on_moved)
        self._dress()

    def _dress(self) -> None:
        self.setFont(font("mono"))

    @property
    def completions(self) -> CompletionList:
        """The list at the caret, made when it is first needed: it floats over the window."""
        if self._list is None:
            self._list = CompletionList(self.window())
            self._list.chosen.connect(self.insert)
        return self._list

    @property
    def listing(self) -> bool:
        """Whether completions are shown."""
        return self._list is not None and self._list.isVisible()

    # --- help

    def ask_help(self) -> None:
        """Open the completions of the caret."""
        self._wanted = True
        self._ask(self.toPlainText(), self.textCursor().position())

    def answer(self, text: str, position: int, found: Help) -> None:
        """Show what was found for a text and caret, if they are still the same."""
        if (text, position) != (
            self.toPlainText(),
            self.textCursor().position(),
        ) or self.window().focusWidget() is not self:
            return
        self.helped.emit(found.signature)
        if not self._wanted:
            return
        start = min((one.span[0] for one in found.completions), default=position)
        typed = text[start:position]
        whole = len(found.completions) == 1 and found.completions[0].text == text[start : found.completions[0].span[1]]
        items = () if whole else found.completions
        caret = self.cursorRect()
        below = self.viewport().mapTo(self.window(), QPoint(caret.left() - paint_width(typed), caret.bottom() + 6))
        right = self.mapTo(self.window(), QPoint(self.width(), 0)).x() + 12
        self.completions.offer(items, typed.lstrip("[\"'"), below, caret.height() + 10, right)

    def insert(self, one: Completion) -> None:
        """Put a completion in the place that it is for; undo takes it back as one step."""
        start, end = one.span
        self.close_list()
        self.replace(start, end, one.text)
        if one.text.endswith(("(", ".", '"')) and one.text != '"':
            self.ask_help()

    def replace(self, start: int, end: int, text: str) -> None:
        """Replace a stretch of the formula in one step of undo, the caret after it."""
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)
        cursor.endEditBlock()
        self.setTextCursor(cursor)

    def close_list(self) -> None:
        """Close the completions until more is typed or asked."""
        self._wanted = False
        if self._list is not None:
            self._list.hide()

    def underline(self, mistake: Mistake | None) -> None:
        """Underline a mistake, or none."""
        marks = []
        if mistake is not None:
            made, wave = QTextEdit.ExtraSelection(), QTextCharFormat()
            wave.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            wave.setUnderlineColor(color("warn" if mistake.unfinished else "bad"))
            cursor = QTextCursor(self.document())
            last = max(self.document().characterCount() - 1, 0)
            start = min(mistake.start, max(last - 1, 0))
            cursor.setPosition(start)
            cursor.setPosition(min(max(mistake.end, start + 1), last), QTextCursor.MoveMode.KeepAnchor)
            made.cursor, made.format = cursor, wave
            marks.append(made)
        self.setExtraSelections(marks)

    # --- Qt

    def event(self, event: QEvent) -> bool:
        """Keep Alt and Enter for mending here, where elsewhere it shows the working of a number, and F1 for the list."""
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            helps = event.key() == Qt.Key.Key_F1 and self.listing
            if helps or (enter and event.modifiers() & Qt.KeyboardModifier.AltModifier):
                event.accept()
                return True
            if event.matches(QKeySequence.StandardKey.Undo) and not self.document().isUndoAvailable():
                event.ignore()  # the page may have something to undo
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Work the list with the keys of the design; Alt and Enter mends; letters open the list."""
        key, held = event.key(), event.modifiers()
        enter = key in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and held & Qt.KeyboardModifier.AltModifier:
            self.close_list()
            self.fix_asked.emit()
            return
        asked = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.MetaModifier
        if (key == Qt.Key.Key_Space and held & asked) or (
            key == Qt.Key.Key_Escape and held & Qt.KeyboardModifier.AltModifier
        ):
            self.ask_help()
            return
        if self.listing:
            steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 6, Qt.Key.Key_PageUp: -6}
            if key in steps:
                self.completions.move_by(steps[Qt.Key(key)])
                return
            if enter or key == Qt.Key.Key_Tab:
                self.completions.choose()
                return
            if key == Qt.Key.Key_F1:
                self.completions.toggle_help()
                return
            if key == Qt.Key.Key_Escape:
                self.close_list()
                return
        if key == Qt.Key.Key_Escape:
            event.ignore()
            return
        super().keyPressEvent(event)
        if event.text() and event.text().isprintable() and not held & Qt.KeyboardModifier.ControlModifier:
            self._wanted = self._wanted or self._word() >= _LETTERS or event.text() in '.["'
            if not (event.text().isalnum() or event.text() in '_.[" '):
                self.close_list()
        elif event.matches(QKeySequence.StandardKey.Undo) or event.matches(QKeySequence.StandardKey.Redo):
            self.close_list()
        self._ask(self.toPlainText(), self.textCursor().position())

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Leave Tab to the list while it is shown."""
        return False if self.listing else super().focusNextPrevChild(forward)

    def _word(self) -> int:
        """Return how many letters stand before the caret."""
        before = self.toPlainText()[: self.textCursor().position()]
        return len(before) - len(before.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"))

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste text without the formats that it was copied with."""
        self.insertPlainText(source.text())

    def _on_moved(self) -> None:
        if not self._wanted:
            return
        if self.listing and not self.completions.items:
            self.close_list()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Close the list."""
        super().focusOutEvent(event)
        self.close_list()
        self.helped.emit(None)

    def hideEvent(self, event: QHideEvent) -> None:
        """Close the list with the page."""
        super().hideEvent(event)
        self.close_list()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the text size."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._dress()
        elif event.type() is QEvent.Type.PaletteChange and hasattr(self, "highlighter"):
            self.highlighter.rehighlight()


def paint_width(text: str) -> int:
    """Return the width of a text in the font of formulas."""
    return round(paint.text_width(text, "mono"))


class _Box(QWidget):
    """The outline and the line numbers around the text."""

    def __init__(self, edit: FormulaEdit) -> None:
        super().__init__()
        self._edit = edit
        self.tone = ""
        fix_height(self, _HEIGHT)
        self._body = QHBoxLayout(self)
        self._body.setContentsMargins(scaled(_GUTTER), 2, 2, 2)
        self._body.addWidget(edit)
        edit.updateRequest.connect(lambda *_: self.update())
        edit.installEventFilter(self)

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Repaint with the focus."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return False

    def changeEvent(self, event: QEvent) -> None:
        """Make room for larger numbers."""
        super().changeEvent(event)
        if event.type() is QEvent.Type.StyleChange:
            self._body.setContentsMargins(scaled(_GUTTER), 2, 2, 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the field, its gutter and the numbers of the lines."""
        del event
        painter, focus = QPainter(self), self._edit.hasFocus()
        tone = "focus" if focus else self.tone or "control"
        look.rounded(painter, self.rect(), "surface", tone, width=2 if focus else 1)
        gutter = QRect(2, 2, scaled(_GUTTER) - 4, self.height() - 4)
        look.rounded(painter, gutter, "subtle", "", radius=4)
        block, number = self._edit.firstVisibleBlock(), 1
        number += block.blockNumber()
        while block.isValid():
            shown = self._edit.blockBoundingGeometry(block).translated(self._edit.contentOffset())
            if shown.top() > self._edit.viewport().height():
                break
            line = QRectF(2, shown.top() + 2, gutter.width() - 6, paint_height())
            paint.line(painter, line, str(number), "mono", "text3", right=True)
            block, number = block.next(), number + 1


def paint_height() -> float:
    """Return the height of a line of a formula."""
    return QFontMetricsF(font("mono")).lineSpacing()


class FormulaField(QWidget):
    """The formula with its label, the unit it comes to, and the line below: a mistake with its mends, or help with the function."""

    edited = Signal()

    def __init__(self, ask: Asked) -> None:
        super().__init__()
        self.edit = FormulaEdit(ask)
        self.box = _Box(self.edit)
        self.unit = Label("", "small", "text2")
        self.note = Note()
        self._mistake: Mistake | None = None
        self._signature: Signature | None = None
        self._cautions: tuple[str, ...] = ()
        self.fixes: list[Button] = []
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(FieldLabel("Form&ula", self.edit))
        head.addStretch(1)
        head.addWidget(self.unit)
        body.addLayout(head)
        body.addWidget(self.box)
        body.addWidget(self.note)
        self._mends = QHBoxLayout()
        self._mends.setContentsMargins(21, 0, 0, 0)
        self._mends.setSpacing(16)
        body.addLayout(self._mends)
        self._known = ""
        self.edit.textChanged.connect(self._on_text)
        self.edit.fix_asked.connect(self.apply_fix)
        self.edit.helped.connect(self._on_help)

    @property
    def text(self) -> str:
        """The formula."""
        return self.edit.toPlainText()

    def show_text(self, text: str) -> None:
        """Show a formula from elsewhere; its history of undo begins anew."""
        if text != self.text:
            blocked = self.edit.blockSignals(True)
            self.edit.setPlainText(text)
            self._known, self._signature = text, None
            self.edit.blockSignals(blocked)
            self.edit.close_list()

    def forget_undo(self) -> None:
        """Begin the history of undo anew, as after saving: what is undone then is the saving."""
        self.edit.document().clearUndoRedoStacks()

    def show_state(self, mistake: Mistake | None, unit: str, cautions: tuple[str, ...]) -> None:
        """Show what is wrong with the formula, or what kind of number it gives and what may not be meant."""
        self._mistake, self._cautions = mistake, cautions
        self.unit.setText("" if mistake is not None or not unit else f"Gives {_ARTICLES.get(unit, unit)}")
        empty = not self.text.strip()
        self.edit.underline(None if empty else mistake)
        self.box.tone = "" if mistake is None or empty else "warn" if mistake.unfinished else "bad"
        self.box.update()
        while (item := self._mends.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.fixes = []
        if mistake is not None:
            for place, (label, replacement, (start, end)) in enumerate(mistake.fixes[:_FIXES]):
                keys = " (Alt+Enter)" if place == 0 else ""
                words = f"Use {label}" if replacement.startswith(label) or label.startswith(replacement) else label
                button = Button(words[:1].upper() + words[1:], "link")
                button.setToolTip(f"Mend the formula{keys}".replace("<", "‹"))
                button.clicked.connect(lambda _=False, a=start, b=end, mend=replacement: self._mend(a, b, mend))
                self._mends.addWidget(button)
                self.fixes.append(button)
            if self.fixes:
                self._mends.addStretch(1)
        self._tell()

    def apply_fix(self) -> None:
        """Mend the formula as the first button offers."""
        if self.fixes:
            self.fixes[0].click()

    def _mend(self, start: int, end: int, words: str) -> None:
        self.edit.replace(start, end, words)
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_text(self) -> None:
        """Tell of another text; colours alone change nothing."""
        if self.text != self._known:
            self._known = self.text
            self.edited.emit()

    def _on_help(self, signature: object) -> None:
        self._signature = signature if isinstance(signature, Signature) else None
        self._tell()

    def _tell(self) -> None:
        """Say what matters most: a mistake that is no longer being typed, help with the function, a mistake, a caution."""
        mistake, empty = self._mistake, not self.text.strip()
        if mistake is not None and not mistake.unfinished and not empty:
            self.note.say(mistake.message, Status.BAD)
        elif self._signature is not None:
            self.note.say(signature_words(self._signature))
        elif mistake is not None:
            words = (
                "Say how the number is calculated. Ctrl+Space shows what can be typed."
                if empty
                else f"Not finished. {mistake.message}"
            )
            self.note.say(words, None if empty else Status.WARN)
        else:
            self.note.say(" ".join(self._cautions), Status.WARN if self._cautions else None)


_ARTICLES = {
    "percent": "a percentage",
    "ratio": "a ratio",
    "count": "a count",
    "money": "money",
    "duration": "a length of time",
    "number": "a plain number",
}


def signature_words(signature: Signature) -> str:
    """Write a function with the value that the caret is in between arrows: COUNT(‹rows›). And what it does."""
    parts = [f"‹{name}›" if place == signature.active else name for place, name in enumerate(signature.parameters)]
    return f"{signature.function}({', '.join(parts)})  {signature.summary}"
