"""Status marks, in-cell bars and value chips of the import screens."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.problem import Severity
from kpidesk.ui.theme import color, font, line_height, scaled
from kpidesk.ui.widgets.panels import Mark as StatusMark

MARKS = {Severity.BLOCKING: "bad", Severity.HELD: "bad", Severity.CHECK: "warn", Severity.INFO: "none"}
WORDS = {"good": "Fine", "warn": "Check", "bad": "To fix", "none": "For information"}


class Mark(StatusMark):
    """A status mark in the words of the import."""

    def __init__(self, mark: str = "none", size: int = 14, parent: QWidget | None = None) -> None:
        super().__init__(Status(mark), size, parent)
        self.set_mark(mark)

    def set_mark(self, mark: str) -> None:
        """Show another status."""
        self.status = Status(mark)
        self.setAccessibleName(WORDS[mark])
        self.update()


class FilledBar(QWidget):
    """A bar and a percentage: the share of rows with a value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share, self._used = 0.0, True
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of bar and percentage."""
        return QSize(scaled(84), line_height("body"))

    def set_share(self, share: float, *, used: bool) -> None:
        """Show a share between 0 and 1; `used` is False for a column that feeds no field."""
        self._share, self._used = share, used
        self.setAccessibleName(f"{self.text} filled")
        self.update()

    @property
    def text(self) -> str:
        """The share in words: never 100% while a row is blank, never 0% while one is filled."""
        whole = round(self._share * 100)
        return f"{99 if whole == 100 and self._share < 1 else 1 if not whole and self._share else whole}%"

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, bar and percentage."""
        painter = QPainter(self)
        middle = self.height() / 2
        wide, tone = scaled(44), "data_fill" if self._used else "data_prev"
        painter.fillRect(QRectF(0, middle - 3, wide, 6), color("band3"))
        painter.fillRect(QRectF(0, middle - 3, wide * self._share, 6), color(tone))
        painter.setFont(font("small"))
        painter.setPen(color("text2"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self.text)


class ValueChip(QWidget):
    """A cell's text as it stands in the file, on a tint."""

    def __init__(self, text: str, tone: str = "bad", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text, self._tone = text.replace("\n", " "), tone
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Return the room of the text, up to 160 px."""
        width = QFontMetrics(font("mono")).horizontalAdvance(self._text) + 16
        return QSize(min(width, scaled(160)), line_height("mono") + 5)

    def minimumSizeHint(self) -> QSize:
        """Return the room of the text."""
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tint and the text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color(f"{self._tone}_bd"), 1))
        painter.setBrush(color(f"{self._tone}_bg"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
        painter.setFont(font("mono"))
        painter.setPen(color(f"{self._tone}_fg"))
        inner = self.rect().adjusted(7, 0, -7, 0)
        text = QFontMetrics(font("mono")).elidedText(self._text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text)


class SplitBar(QWidget):
    """One bar parted into updated, added, unchanged and held rows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[tuple[str, int], ...] = ()
        self.setFixedHeight(8)

    def set_parts(self, parts: tuple[tuple[str, int], ...]) -> None:
        """Show (colour token, rows) from left to right."""
        self._parts = parts
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts with 1 px between them; a part with rows is never thinner than 3 px."""
        painter = QPainter(self)
        total = sum(number for _, number in self._parts)
        if not total:
            painter.fillRect(self.rect(), color("band3"))
            return
        shown = [(token, number) for token, number in self._parts if number]
        room = self.width() - 3 * len(shown) - (len(shown) - 1)
        left = 0.0
        for token, number in shown:
            width = 3 + room * number / total
            painter.fillRect(QRectF(left, 0, width, self.height()), color(token))
            left += width + 1
