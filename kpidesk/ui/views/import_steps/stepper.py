"""The four steps above the wizard's page."""

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from kpidesk.ui import style_paint as look
from kpidesk.ui.controls import Card, Pressable, keyboard_focus
from kpidesk.ui.theme import color, font, line_height, scaled
from kpidesk.ui.views.import_steps.choosing import Step

_DISC = 24
_LEAST_LINE = 44


class StepButton(Pressable):
    """One step: a numbered disc, its name and a line on where it stands."""

    def __init__(self, number: int, step: Step, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number, self.step = number, step
        self._note, self._state = "", "later"
        self.setText(step.value)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def show_state(self, state: str, note: str, *, enabled: bool) -> None:
        """Show the step as done, now or later, with a note under its name."""
        self._state, self._note = state, note
        self.setEnabled(enabled)
        words = {"done": "done", "now": "current step", "later": "to come"}[state]
        self.setAccessibleName(f"Step {self._number}, {self.text()}, {words}{', ' if note else ''}{note}")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the room of the disc and the longer of both lines."""
        wide = max(
            QFontMetrics(font("strong")).horizontalAdvance(self.text()),
            QFontMetrics(font("small")).horizontalAdvance(self._note),
        )
        return QSize(scaled(_DISC) + 18 + min(wide, scaled(230)), line_height("strong") + line_height("small") + 4)

    def minimumSizeHint(self) -> QSize:
        """Return the room of the disc and the name."""
        wide = QFontMetrics(font("strong")).horizontalAdvance(self.text())
        return QSize(scaled(_DISC) + 18 + wide, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint disc, name, note and the focus ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = scaled(_DISC)
        disc = QRectF(0.75, (self.height() - side) / 2 + 0.75, side - 1.5, side - 1.5)
        if self._state == "later":
            painter.setPen(QPen(color("control"), 1.25))
            painter.setBrush(Qt.BrushStyle.NoBrush)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color("data_fill" if self._state == "done" else "accent"))
        painter.drawEllipse(disc)
        if self._state == "done":
            look.tick(painter, disc.adjusted(2, 2, -2, -2), "surface")
        else:
            painter.setFont(font("smalls"))
            painter.setPen(color("on_accent" if self._state == "now" else "text2"))
            painter.drawText(disc, Qt.AlignmentFlag.AlignCenter, str(self._number))
        left = side + 12
        room = self.width() - left - 2
        painter.setFont(font("strong"))
        painter.setPen(color("text2" if self._state == "later" else "text"))
        name = QRectF(left, 2, room, line_height("strong")) if self._note else QRectF(left, 0, room, self.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter, self.text())
        painter.setFont(font("small"))
        painter.setPen(color("text2"))
        note = QFontMetrics(font("small")).elidedText(self._note, Qt.TextElideMode.ElideMiddle, room)
        painter.drawText(
            QRectF(left, 2 + line_height("strong"), room, line_height("small")), Qt.AlignmentFlag.AlignVCenter, note
        )
        if keyboard_focus(self):
            look.focus_ring(painter, self.rect())


class _Line(QWidget):
    """The line between two steps."""

    def __init__(self) -> None:
        super().__init__()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it at half height."""
        del event
        if self.width() > _LEAST_LINE:
            QPainter(self).fillRect(12, self.height() // 2 - 1, self.width() - 26, 2, color("border"))


class Stepper(Card):
    """All four steps in a row. `chosen` carries the step that was pressed."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(0)
        self.buttons: dict[Step, StepButton] = {}
        for number, step in enumerate(Step, start=1):
            button = StepButton(number, step)
            button.clicked.connect(lambda _=False, step=step: self.chosen.emit(step))
            self.buttons[step] = button
            share = QHBoxLayout()
            share.addWidget(button)
            share.addWidget(_Line() if number < len(Step) else QWidget(), 1)
            row.addLayout(share, 1)

    def show_steps(self, current: Step, notes: dict[Step, str], reachable: set[Step]) -> None:
        """Show where the wizard stands, a note under each step, and which can be opened."""
        order = list(Step)
        for step, button in self.buttons.items():
            place = order.index(step) - order.index(current)
            state = "now" if not place else "done" if place < 0 else "later"
            button.show_state(state, notes.get(step, ""), enabled=step in reachable)
