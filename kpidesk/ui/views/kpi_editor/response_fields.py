"""What follows when the number changes: the action in words, then when, who, how soon, what should move, and when to look again."""

from dataclasses import replace
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from kpidesk.domain.finding import Status
from kpidesk.domain.kpi import Kpi, Response
from kpidesk.present.editor import Preview
from kpidesk.present.numbers import day
from kpidesk.present.typed_days import read_day
from kpidesk.ui.controls import Button
from kpidesk.ui.widgets.choice import Choice
from kpidesk.ui.widgets.fields import Field, Note, TextEdit, row


class ResponseFields(QWidget):
    """The action and its record. `edited` tells of every change."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._today = date.today()  # noqa: DTZ011 - only to complete a day without a year
        self.action = TextEdit("Compare inbound and outbound, then fix the weaker step", 400)
        self.trigger = TextEdit("Below target two weeks running")
        self.owner = TextEdit("Name")
        self.days = TextEdit("5", 4)
        self.moves = Choice("KPI expected to move")
        self.check = TextEdit("30 Sep", 20)
        self.use = Button("Use this", "link")
        self.action_field = Field("If this number &changes, we will", self.action, self.use)
        self.use.clicked.connect(self._use)
        self.look_back = Note()
        self._suggestion = ""
        self._kpis: tuple[tuple[str, str], ...] = ()
        self.fields = (
            Field("&When", self.trigger),
            Field("Who acts", self.owner),
            Field("Within days", self.days),
            Field("Should move", self.moves),
            Field("Check back on", self.check),
        )
        self._days_field, self._check_field = self.fields[2], self.fields[4]
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(12)
        body.addWidget(self.look_back)
        body.addWidget(self.action_field)
        when, who, days, moves, check = self.fields
        body.addLayout(row((when, 3), (who, 2), (days, 1)))
        body.addLayout(row((moves, 3), (check, 2)))
        for edit in (self.action, self.trigger, self.owner, self.days, self.check):
            edit.edited.connect(self.edited)
        self.moves.activated.connect(self.edited)

    def offer(self, people: tuple[str, ...], kpis: tuple[tuple[str, str], ...], today: date) -> None:
        """Offer people and KPIs to choose from."""
        self._today = today
        self.owner.suggest(people)
        self._kpis = (("", "Choose a KPI"), *kpis)

    def show_kpi(self, kpi: Kpi) -> None:
        """Show what a definition says."""
        response = kpi.response
        self.action.show_text(kpi.action)
        self.trigger.show_text(response.trigger)
        self.owner.show_text(response.owner)
        if not self._days_field.note.text:
            self.days.show_text("" if response.days is None else str(response.days))
        self.moves.offer(tuple(one for one in self._kpis if one[0] != kpi.id), response.moves or "")
        if read_day(self.check.text(), self._today) != response.check_back and not self._check_field.note.text:
            self.check.show_text("" if response.check_back is None else day(response.check_back))

    def applied(self, kpi: Kpi) -> Kpi:
        """Return a definition with what stands in the fields; what cannot be read is said under its field and left as it was."""
        days, check = self.days.text().strip(), self.check.text().strip()
        known_days = not days or (days.isdigit() and int(days) < 1000)
        self._days_field.refuse("" if known_days else "A number")
        back = read_day(check, self._today)
        self._check_field.refuse("" if back is not None or not check else "Enter a day, for example 30 Sep")
        response = Response(
            trigger=self.trigger.text(),
            owner=self.owner.text(),
            days=(int(days) if days else None) if known_days else kpi.response.days,
            moves=self.moves.key or None,
            check_back=back if back is not None or not check else kpi.response.check_back,
        )
        return replace(kpi, action=self.action.text(), response=response)

    def show_preview(self, found: Preview) -> None:
        """Say whether the action is clear, and offer a better one."""
        point = next((one for one in found.points if one.part == "action"), None)
        vague = point is not None and point.status is not Status.GOOD
        self._suggestion = found.suggestion if vague else ""
        lead = "Too vague" if found.kpi.action.strip() else "No action yet, so this is a vanity number"
        words = (
            f"{lead}. Try: {self._suggestion}"
            if self._suggestion
            else f"{lead}. Say what you will do first."
            if vague
            else ""
        )
        self.action_field.note.say(words, Status.WARN if vague else None)
        self.use.setVisible(bool(self._suggestion))
        self.look_back.say(found.look_back, Status.WARN if found.look_back else None)

    def _use(self) -> None:
        self.action.setText(self._suggestion)
        self.action.setFocus()
        self.edited.emit()
