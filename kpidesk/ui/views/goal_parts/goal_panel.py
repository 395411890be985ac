"""One goal: its name, whose it is, how far it has come, and its key results."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from kpidesk.present.goals import GoalCard
from kpidesk.ui.controls import Button, Card
from kpidesk.ui.labels import Label
from kpidesk.ui.views.goal_parts.result_rows import ResultHead, ResultRow
from kpidesk.ui.widgets.goal_bar import GoalBar
from kpidesk.ui.widgets.panels import Chip
from kpidesk.ui.widgets.roving import RovingFocus


class GoalPanel(Card):
    """Shows one goal. `edited` and `removed` carry its id, `opened` the id of a KPI."""

    edited = Signal(str)
    removed = Signal(str)
    opened = Signal(str)

    def __init__(self, value: GoalCard, locked: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.value = value
        goal = value.goal
        self.edit, self.remove = (
            Button("Edit", "ghost", "pencil", compact=True),
            Button("", "ghost", "trash-2", compact=True),
        )
        for button, words, told in ((self.edit, "Edit", self.edited), (self.remove, "Remove", self.removed)):
            button.setAccessibleName(f"{words} {goal.name}")
            button.setEnabled(not locked)
            button.setToolTip(locked.replace("<", "‹") or ("" if button.text() else "Remove this goal"))
            button.clicked.connect(lambda _=False, told=told: told.emit(goal.id))
        head = QHBoxLayout()
        head.setSpacing(12)
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(Label(goal.name, "h2", elide=True))
        texts.addWidget(Label(goal.owner or "Nobody owns this goal yet", "small", "text2", elide=True))
        head.addLayout(texts, 1)
        for widget in (Chip(value.status, value.status.word), self.edit, self.remove):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        body = QVBoxLayout(self)
        body.setContentsMargins(16, 12, 16, 12)
        body.setSpacing(0)
        body.addLayout(head)
        body.addSpacing(8)
        self.bar = GoalBar(value)
        body.addWidget(self.bar)
        self.rows = [ResultRow(line) for line in value.results]
        if self.rows:
            body.addSpacing(2)
            body.addWidget(ResultHead())
        for row in self.rows:
            row.opened.connect(self.opened)
            body.addWidget(row)
        RovingFocus(self, self.rows)
        self._add_foot(body)

    def _add_foot(self, body: QVBoxLayout) -> None:
        names = ", ".join(name for _, name in self.value.serving)
        told = ((f"Also served by {names}" if names else "", "text2"), (self.value.advice, "warn_fg"))
        for words, tone in told:
            if words:
                body.addSpacing(6)
                body.addWidget(Label(words, "small", tone, wrap=True))
