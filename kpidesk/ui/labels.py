"""The one plain-text label: data never becomes rich text."""

from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QFontMetricsF, QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from kpidesk.ui.theme import color, font, line_height


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

    def sizeHint(self) -> QSize:
        """Return Qt's width, and the height that the text has over it in lines of its role."""
        hint = super().sizeHint()
        return QSize(hint.width(), self.heightForWidth(hint.width())) if self.wordWrap() else hint

    def heightForWidth(self, width: int) -> int:
        """Return the height of a wrapped text: its lines have the height of the role."""
        if not self.wordWrap():
            return super().heightForWidth(width)
        return max(self._wrapped(width).lineCount(), 1) * line_height(self._role)

    def _wrapped(self, width: int) -> QTextLayout:
        step = line_height(self._role)
        layout = QTextLayout(self.text().replace("\n", "\u2028"), self.font())
        layout.beginLayout()
        line, top = layout.createLine(), (step - QFontMetricsF(self.font()).height()) / 2
        while line.isValid():
            line.setLineWidth(width)
            line.setPosition(QPointF(0, top))
            line, top = layout.createLine(), top + step
        layout.endLayout()
        return layout

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the text in the token's colour of the moment."""
        del event
        painter = QPainter(self)
        painter.setPen(color(self._tone))
        if self.wordWrap():
            self._wrapped(self.width()).draw(painter, QPointF(0, 0))
            return
        painter.setFont(self.font())
        text = self.text()
        if self._elide:
            text = QFontMetrics(self.font()).elidedText(text, Qt.TextElideMode.ElideRight, self.width())
            self.setToolTip(self.text().replace("<", "‹") if text != self.text() else "")
        painter.drawText(self.rect(), int(self.alignment() | Qt.TextFlag.TextSingleLine), text)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the theme and the text size."""
        if event.type() is QEvent.Type.PaletteChange:
            self.update()
        elif event.type() is QEvent.Type.StyleChange:
            self.setFont(font(self._role))
        super().changeEvent(event)
