"""All keyboard shortcuts, from the actions themselves, with a field that narrows them."""

import sys
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QSizePolicy, QWidget

from kpidesk.ui.actions import Action
from kpidesk.ui.dialogs.sheet import Sheet
from kpidesk.ui.fuzzy import match
from kpidesk.ui.labels import Label
from kpidesk.ui.theme import color, scaled
from kpidesk.ui.widgets import paint

# Keys that belong to no menu entry.
_MOUSE = "side buttons" if sys.platform != "darwin" else "buttons 4 and 5"
ELSEWHERE = (
    ("Moving around", "Go up one level, close what is on top", "Esc"),
    ("Moving around", "Back and forward with the mouse", _MOUSE),
    ("Moving around", "Next and previous part of the page", "Tab, Shift+Tab"),
    ("Moving around", "Move in a list, a table or a chart", "Arrows, Home, End"),
    ("Moving around", "Open what is focused", "Enter"),
)


class _Keys(QWidget):
    """A key cap."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.words = words
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words)

    def sizeHint(self) -> QSize:
        """Return the words' width and the margins."""
        return QSize(round(paint.text_width(self.words, "small")) + 14, scaled(22))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cap."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(color("border2"))
        painter.setBrush(color("subtle"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        paint.line(painter, QRectF(self.rect()).adjusted(7, 0, 0, 0), self.words, "small", "text2")


class ShortcutSheet(Sheet):
    """Lists shortcuts by menu; typing keeps those whose words or keys match."""

    def __init__(self, parent: QWidget, actions: Sequence[Action]) -> None:
        super().__init__("Keyboard shortcuts", parent)
        rows = [(one.menu.partition("/")[0].replace("&", ""), one.label, one.shown_keys) for one in actions if one.keys]
        self._heads: dict[str, Label] = {}
        self._rows: list[tuple[QWidget, str, str, str]] = []
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a command or a key")
        self.field.setAccessibleName("Find a command or a key")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self.narrow)
        self.head.addWidget(self.field)
        for group, words, keys in (*rows, *ELSEWHERE):
            if group not in self._heads:
                self._heads[group] = Label(group, "caps", "text3")
                self._heads[group].setContentsMargins(0, 12 if self._rows else 0, 0, 2)
                self.body.addWidget(self._heads[group])
            self._rows.append((self._row(words, keys), group, words, keys))
            self.body.addWidget(self._rows[-1][0])
        self.nothing = Label("No shortcut matches. Search or run finds every command.", "body", "text2", wrap=True)
        self.nothing.hide()
        self.body.addWidget(self.nothing)
        self.body.addStretch(1)
        self.field.setFocus()

    def shown(self) -> list[tuple[str, str]]:
        """Return (words, keys) of what is listed now."""
        return [(words, keys) for row, _, words, keys in self._rows if not row.isHidden()]

    def narrow(self, query: str) -> None:
        """Keep what matches, by words or by keys."""
        groups = set()
        for row, group, words, keys in self._rows:
            fits = match(query, words) is not None or query.strip().casefold() in keys.casefold()
            row.setVisible(fits)
            if fits:
                groups.add(group)
        for group, head in self._heads.items():
            head.setVisible(group in groups)
        self.nothing.setVisible(not groups)

    @staticmethod
    def _row(words: str, keys: str) -> QWidget:
        made = QWidget()
        line = QHBoxLayout(made)
        line.setContentsMargins(0, 2, 0, 2)
        line.addWidget(Label(words), 1)
        line.addWidget(_Keys(keys))
        return made
