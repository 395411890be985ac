"""The one plain-text label: data never becomes rich text."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kpidesk.ui.theme import color, font


class Label(QLabel):
    """Text in a type role and a colour token. `elide` shortens a long line instead of widening its parent."""

    def __init__(
        self,
        text: str = "",
        role: str = "body",
        tone: str = "text",
        *,
        wrap: bool = False,
        elide: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._role = role
        self.setFont(font(role))
        self.setWordWrap(wrap)
        self._tone = tone
        self._elide = elide
        if elide:
            self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setText(text)

    def set_tone(self, tone: str) -> None:
        """Change the colour token."""
        self._tone = tone
        self.update()

    def minimumSizeHint(self) -> QSize:
        """Let an elided label become narrow."""
        hint = super().minimumSizeHint()
        return QSize(20, hint.height()) if self._elide else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text in the token's colour of the moment."""
        del event
        painter = QPainter(self)
        painter.setPen(color(self._tone))
        painter.setFont(self.font())
        flags = self.alignment() | (Qt.TextFlag.TextWordWrap if self.wordWrap() else Qt.TextFlag.TextSingleLine)
        text = self.text()
        if self._elide:
            text = QFontMetrics(self.font()).elidedText(text, Qt.TextElideMode.ElideRight, self.width())
            self.setToolTip(self.text().replace("<", "‹") if text != self.text() else "")
        painter.drawText(self.rect(), int(flags), text)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the text size."""
        if event.type() is QEvent.Type.PaletteChange:
            self.update()
        elif event.type() is QEvent.Type.StyleChange:
            self.setFont(font(self._role))
        super().changeEvent(event)
